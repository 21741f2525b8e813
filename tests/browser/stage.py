"""Serves the built page and prepared data to a browser, with no server: all within Playwright."""

import json
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Route,
    WebSocketRoute,
    sync_playwright,
)

from api.security import PAGE_POLICY
from tests.browser.pictures import call_detail
from tests.browser.scenes import Centre, Json, moment
from web import DIST

ORIGIN: Final = "http://minuteur.test"
NONCE: Final = "stage"
DEVICE_TOKEN: Final = "mnd_the-right-one"
CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


class Stage:
    """Plays the server's part for one browser context."""

    def __init__(self, centre: Centre, *, signed_in: bool = True, role: str = "lead") -> None:
        self.centre = centre
        self.signed_in = signed_in
        self.role = role
        self.devices: list[str] = []
        self.sockets: list[WebSocketRoute] = []
        self.resyncs = 0
        self.refuses = False
        self.seq = 1

    def install(self, context: BrowserContext) -> None:
        """Take over everything the page asks for."""
        context.route("**/*", self._answer)
        context.route_web_socket("**/api/v1/live/stream", self._stream)

    def _stream(self, socket: WebSocketRoute) -> None:
        if self.refuses:
            socket.close()
            return
        self.sockets.append(socket)
        socket.on_message(self._asked)
        socket.send(json.dumps(self.centre.snapshot(self.seq)))

    def _asked(self, message: str | bytes) -> None:
        if json.loads(message)["type"] == "resync":
            self.resyncs += 1
            self.sockets[-1].send(json.dumps(self.centre.snapshot(self.seq)))

    def heartbeat(self) -> None:
        """Say that all is well."""
        message = {"type": "heartbeat", "seq": self.seq, "server_time": moment(datetime.now(UTC))}
        self.sockets[-1].send(json.dumps(message))

    def delta(self, *changes: Json, skip: int = 0) -> None:
        """Send changes; ``skip`` leaves a gap before them."""
        self.seq += 1 + skip
        stamp = moment(datetime.now(UTC))
        message = {"type": "delta", "seq": self.seq, "server_time": stamp, "changes": changes}
        self.sockets[-1].send(json.dumps(message))

    def drop(self) -> None:
        """Cut the stream and let nobody back in."""
        self.refuses = True
        self.sockets[-1].close()

    def _answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).partition("?")[0]
        if not path.startswith("/api/"):
            _file(route, path)
        elif path == "/api/v1/session":
            self._session(route)
        elif path == "/api/v1/session/device":
            self._device(route)
        elif path == "/api/v1/alerts/acknowledge":
            self._acknowledge(route)
        elif path == "/api/v1/overflow/switch":
            self._switch(route)
        elif path == "/api/v1/overflow/rules":
            route.fulfill(json={"items": []})
        elif path == "/api/v1/calls":
            calls = sorted([*self.centre.ended, *self.centre.calls], key=_arrival, reverse=True)
            route.fulfill(json={"items": calls, "next_cursor": None, "searched_to": None})
        elif path == "/api/v1/calls/count":
            route.fulfill(json={"count": len(self.centre.calls), "more": False})
        elif path == "/api/v1/overflow/decisions":
            route.fulfill(json={"items": [], "next_cursor": None})
        else:
            route.fulfill(json=call_detail(self.centre))

    def _session(self, route: Route) -> None:
        method = route.request.method
        if method == "DELETE":
            self.signed_in = False
            route.fulfill(status=204)
        elif self.signed_in:
            route.fulfill(json=session_of(self.role))
        elif method == "POST":
            self._sign_in(route)
        else:
            _problem(route, "unauthorized", "Sign in, or send a Bearer token.")

    def _sign_in(self, route: Route) -> None:
        if json.loads(route.request.post_data or "{}").get("password") != "right":
            _problem(route, "bad_credentials", "The name or the password is not right.")
            return
        self.signed_in = True
        route.fulfill(json=session_of(self.role))

    def _device(self, route: Route) -> None:
        """A wallboard's link: one key is right, any other is not."""
        self.devices.append(json.loads(route.request.post_data or "{}").get("token", ""))
        if self.devices[-1] != DEVICE_TOKEN:
            _problem(route, "bad_credentials", "This device is not known, or was revoked.")
            return
        self.signed_in, self.role = True, "viewer"
        route.fulfill(json=session_of("viewer") | {"kind": "device"})

    def _acknowledge(self, route: Route) -> None:
        """As the server does: the answer, and the change to all who look."""
        wanted = json.loads(route.request.post_data or "{}")["ids"]
        seen = {"acknowledged_by": "camille", "acknowledged_at": moment(datetime.now(UTC))}
        for alert in self.centre.alerts:
            if alert["id"] in wanted:
                alert.update(seen)
                self.delta({"kind": "alert", "alert": alert})
        route.fulfill(json={"items": self.centre.alerts})

    def _switch(self, route: Route) -> None:
        asked = json.loads(route.request.post_data or "{}")
        turned = asked | {"by": "camille", "at": moment(datetime.now(UTC))}
        self.centre.overflow = self.centre.overflow | {"switch": turned}
        self.delta({"kind": "overflow", "overflow": self.centre.overflow})
        route.fulfill(json=turned)


def session_of(role: str) -> Json:
    """Who is signed in, as the server says it."""
    return {
        "name": "camille", "role": role, "queues": None, "sees_numbers": True, "kind": "person",
        "zone": "Europe/Paris", "service_level": "abandoned_within_count_for",
    }  # fmt: skip


def _arrival(call: Json) -> str:
    return str(call["arrived_at"])


def _problem(route: Route, code: str, message: str) -> None:
    route.fulfill(status=401, json={"error": {"code": code, "message": message, "fields": {}}})


def _file(route: Route, path: str) -> None:
    file = DIST / path.lstrip("/")
    if not file.is_file():
        file = DIST / "index.html"
    body = file.read_bytes().replace(b"__CSP_NONCE__", NONCE.encode())
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    headers = {"Content-Security-Policy": PAGE_POLICY.format(style=f"'nonce-{NONCE}'")}
    route.fulfill(body=body, content_type=kind, headers=headers)


def open_page(
    chromium: Browser,
    stage: Stage,
    *,
    size: tuple[int, int] = (1440, 900),
    scheme: str = "light",
    language: str = "en",
    path: str = "/",
    reduced_motion: bool = False,
) -> Page:
    """A page in a context of its own; faults of the page are faults of the caller."""
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="fr-FR" if language == "fr" else "en-GB",
        timezone_id="Europe/Paris",
        reduced_motion="reduce" if reduced_motion else "no-preference",
        device_scale_factor=2 if size[0] < 600 else 1,
    )
    stage.install(context)
    page = context.new_page()
    page.on("pageerror", _raise)
    page.on("console", lambda message: _console(message.type, message.text))
    page.goto(ORIGIN + path)
    return page


def _raise(error: Exception) -> None:
    raise error


def _console(kind: str, text: str) -> None:
    expected = "401" in text or "WebSocket connection" in text
    if kind == "error" and not expected:
        raise AssertionError(text)
