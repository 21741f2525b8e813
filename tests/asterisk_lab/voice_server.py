"""A voice server written as a Stasis application, and a recorder of what ARI tells a monitor.

The program answers, plays a second of silence, and does what its first argument says:

    key     lets the caller go on when they press a key
    played  lets the caller go on when the playback has ended
    stay    keeps the caller until they hang up
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from .server import AsteriskLab

OPEN_WITHIN = 60.0
"""Seconds for the websocket to open, and for an answer."""


class _Listener:
    """Reads ARI's events of some applications in a thread of its own, inside a ``with`` block."""

    def __init__(self, lab: AsteriskLab, apps: Sequence[str], *, all_channels: bool) -> None:
        self._lab = lab
        self.http = httpx.Client(
            base_url=lab.ari_url, auth=(lab.username, lab.secret), timeout=OPEN_WITHIN
        )
        query = {"app": ",".join(apps)} | ({"subscribeAll": "true"} if all_channels else {})
        self._url = f"ws{lab.ari_url.removeprefix('http')}/events?{urlencode(query)}"
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        auth = httpx.BasicAuth(self._lab.username, self._lab.secret)
        request = next(auth.auth_flow(httpx.Request("GET", self._lab.ari_url)))
        websocket = self._stack.enter_context(
            connect(
                self._url,
                additional_headers={"Authorization": request.headers["Authorization"]},
                open_timeout=OPEN_WITHIN,
                proxy=None,
            )
        )
        thread = threading.Thread(target=self._run, args=(websocket,), name="ari", daemon=True)
        thread.start()
        self._stack.callback(thread.join, OPEN_WITHIN)
        self._stack.callback(websocket.close)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
        self.http.close()

    def _run(self, websocket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            for raw in websocket:
                assert isinstance(raw, str)
                self.take(raw)

    def take(self, raw: str) -> None:
        """Take one event."""
        raise NotImplementedError


class StasisVoiceServer(_Listener):
    """The program behind the Stasis applications ``apps``."""

    def __init__(self, lab: AsteriskLab, *apps: str) -> None:
        super().__init__(lab, apps, all_channels=False)
        self._how: dict[str, str] = {}
        self._does: dict[str, Callable[[dict[str, Any]], None]] = {
            "StasisStart": self._entered,
            "ChannelDtmfReceived": self._key,
            "PlaybackFinished": self._played,
        }

    def take(self, raw: str) -> None:
        """Do what the event asks for."""
        event = json.loads(raw)
        does = self._does.get(event["type"])
        if does is not None:
            does(event)

    def _entered(self, event: dict[str, Any]) -> None:
        channel = event["channel"]["id"]
        self._how[channel] = event["args"][0]
        self.http.post(f"/channels/{channel}/answer")
        self.http.post(f"/channels/{channel}/play", params={"media": "sound:silence/1"})

    def _key(self, event: dict[str, Any]) -> None:
        self._go_on(event["channel"]["id"], "key")

    def _played(self, event: dict[str, Any]) -> None:
        self._go_on(event["playback"]["target_uri"].removeprefix("channel:"), "played")

    def _go_on(self, channel: str, why: str) -> None:
        if self._how.get(channel) == why:
            del self._how[channel]
            # The caller may have hung up meanwhile: then there is nothing to continue.
            self.http.post(f"/channels/{channel}/continue")


class AriTap(_Listener):
    """Records what a monitor is told, one event in a line."""

    def __init__(self, lab: AsteriskLab, path: Path, types: Sequence[str]) -> None:
        super().__init__(lab, ["minuteur"], all_channels=True)
        self._path = path
        self._types = types
        self._lines: list[str] = []

    def __enter__(self) -> Self:
        super().__enter__()
        allowed = {"allowed": [{"type": name} for name in self._types]}
        self.http.put("/applications/minuteur/eventFilter", json=allowed).raise_for_status()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        self._path.write_text("".join(f"{line}\n" for line in self._lines))

    def take(self, raw: str) -> None:
        """Keep the event as it came, on one line."""
        self._lines.append(" ".join(raw.split("\n")))
