"""One AMI connection to the simulated PBX: login, actions, events."""

import asyncio
from dataclasses import dataclass
from hashlib import md5
from typing import Final, Protocol, cast

from . import actions
from .centre import Centre
from .requests import BadFilterError, EventFilter, Reader, Request, classes, event_filter
from .requests import passes as filters_pass
from .session import Action

BANNER: Final = f"Asterisk Call Manager/{actions.AMI_VERSION}\r\n".encode()
BUFFERED: Final = 64 * 1024
"""Bytes waiting in the process from which a connection counts as not being read."""


@dataclass(frozen=True, slots=True)
class Account:
    """A manager account. ``read`` and ``write`` are its classes, as in ``manager.conf``."""

    secret: str
    read: str = "all"
    write: str = "all"


class Switchboard(Protocol):
    """What a connection needs of its server."""

    accounts: dict[str, Account]
    refusal_delay: float
    write_timeout: float
    frozen: bool

    @property
    def centre(self) -> Centre:
        """The centre behind the server."""

    def opened(self, connection: "Connection") -> None:
        """Remember a connection."""

    def closed(self, connection: "Connection") -> None:
        """Forget a connection."""

    def catch_up(self) -> None:
        """Bring the centre to the present moment."""

    def acted(self) -> None:
        """An action may have changed what comes next."""

    def challenge(self) -> str:
        """A new challenge for MD5."""


class Connection(asyncio.Protocol):
    """Speaks AMI with one client. Implements :class:`~.session.Session`."""

    def __init__(self, server: Switchboard) -> None:
        self._server = server
        self._reader = Reader()
        self._transport: asyncio.Transport | None = None
        self._account: Account | None = None
        self._sees: frozenset[str] = frozenset()
        """The classes of events that go to this client: those it may and wants to see."""
        self._filters: list[EventFilter] = []
        self._challenge = ""
        self._stalled: asyncio.TimerHandle | None = None
        self._held_in = bytearray()
        self._held_out = bytearray()
        self._after: list[bytes] | None = None
        """Events made while an action is carried out: they go out after its answer."""
        self.cut_off = False
        """The client did not read in time and was disconnected."""

    @property
    def centre(self) -> Centre:
        """The centre behind it."""
        return self._server.centre

    # --- transport ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet the client."""
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=BUFFERED)
        self._server.opened(self)
        self._write(BANNER)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        del exc
        self.resume_writing()
        self._transport = None
        self._server.closed(self)

    def data_received(self, data: bytes) -> None:
        """Carry out what arrives; keep it while the link is frozen."""
        if self._server.frozen:
            self._held_in += data
            return
        self._server.catch_up()
        for request in self._reader.feed(data):
            if self._transport is None or self._transport.is_closing():
                return
            self._after = []
            if request is None:
                text = "Failed to parse message: line too long"
                self._write(f"Response: Error\r\nMessage: {text}\r\n\r\n".encode())
            else:
                self._carry_out(request)
            after, self._after = self._after or [], None
            self._write(b"".join(after))
        self._server.acted()

    def pause_writing(self) -> None:
        """The client does not keep up: it has ``writetimeout`` to read on."""
        if self._stalled is None:
            loop = asyncio.get_running_loop()
            self._stalled = loop.call_later(self._server.write_timeout, self._give_up)

    def resume_writing(self) -> None:
        """The client reads on."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _give_up(self) -> None:
        self.cut_off = True
        self.abort()

    def abort(self) -> None:
        """Cut the link at once, unsent bytes are lost."""
        if self._transport is not None:
            self._transport.abort()

    def thaw(self) -> None:
        """Send and carry out what was kept while the link was frozen."""
        out, came = bytes(self._held_out), bytes(self._held_in)
        self._held_out.clear()
        self._held_in.clear()
        self._write(out)
        self.data_received(came)

    def _write(self, data: bytes) -> None:
        if self._server.frozen:
            self._held_out += data
        elif data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    # --- events and answers ---------------------------------------------------------------------

    def event(self, name: str, kind: str, frame: bytes) -> None:
        """Send an event, if this client is to see it."""
        if kind not in self._sees or not filters_pass(self._filters, name, frame):
            return
        if self._after is not None:
            self._after.append(frame)
        else:
            self._write(frame)

    def success(self, request: Request, message: str = "", more: str = "") -> None:
        """Answer ``Success``."""
        self._answer("Success", request, message, more)

    def error(self, request: Request, message: str) -> None:
        """Answer ``Error``."""
        self._answer("Error", request, message)

    def listing(
        self, request: Request, message: str, items: list[str], end: str, more: str = ""
    ) -> None:
        """Answer with a list."""
        self._answer("Success", request, message, before="EventList: start\r\n")
        last = f"Event: {end}\r\n{_id_line(request)}EventList: Complete\r\n"
        text = f"{''.join(items)}{last}ListItems: {len(items)}\r\n{more}\r\n"
        self._write(text.encode())

    def _answer(
        self, response: str, request: Request, message: str, more: str = "", before: str = ""
    ) -> None:
        text = f"Response: {response}\r\n{_id_line(request)}{before}"
        if message:
            text += f"Message: {message}\r\n"
        self._write(f"{text}{more}\r\n".encode())

    # --- actions --------------------------------------------------------------------------------

    def _carry_out(self, request: Request) -> None:
        name = request.action.lower()
        if not name:
            self.error(request, "Missing action in request")
        elif name == "logoff":
            self._answer("Goodbye", request, "Thanks for all the fish.")
            self.hang_up()
        elif name == "challenge":
            self._challenge_md5(request)
        elif name == "login" and self._account is None:
            self._login(request)
        elif self._account is None:
            self.error(request, "Permission denied")
        elif name == "login":
            self.success(request, "Already authenticated")
        elif name in _OWN:
            _OWN[name](self, request)
        elif name in actions.ACTIONS:
            self._act(request, *actions.ACTIONS[name][2:])
        else:
            hint = "Use Action: ListCommands to show available commands."
            self.error(request, f"Invalid/unknown command: {request.action}. {hint}")

    def _act(self, request: Request, needed: str, action: Action) -> None:
        if self._may(needed):
            action(self, request)
        else:
            self.error(request, "Permission denied")

    def _may(self, needed: str) -> bool:
        if self._account is None:
            return False
        return not needed or bool(classes(self._account.write) & set(needed.split(",")))

    def hang_up(self) -> None:
        """Close the link, once all is sent."""
        if self._transport is not None:
            self._transport.close()

    def _challenge_md5(self, request: Request) -> None:
        if request.get("authtype").lower() != "md5":
            self.error(request, "Must specify AuthType")
            return
        self._challenge = self._server.challenge()
        self.success(request, more=f"Challenge: {self._challenge}\r\n")

    def _login(self, request: Request) -> None:
        account = self._server.accounts.get(request.get("username"))
        if account is None or not self._is_right(account, request):
            # a real Asterisk makes a guesser wait, too
            loop = asyncio.get_running_loop()
            loop.call_later(self._server.refusal_delay, self._refuse, request)
            return
        self._account = account
        self._sees = classes(request.get("events") or "on") & classes(account.read)
        self.success(request, "Authentication accepted")
        if "system" in self._sees:
            uptime = (self.centre.now - self.centre.begin) // 1000
            self._write(
                "Event: FullyBooted\r\nPrivilege: system,all\r\n"
                f"Uptime: {uptime}\r\nLastReload: {uptime}\r\nStatus: Fully Booted\r\n\r\n".encode()
            )

    def _is_right(self, account: Account, request: Request) -> bool:
        if request.get("authtype").lower() == "md5":
            text = f"{self._challenge}{account.secret}".encode()
            # AMI's own scheme, not a choice of ours
            return bool(self._challenge) and request.get("key") == md5(text).hexdigest()  # noqa: S324
        return request.get("secret") == account.secret

    def _refuse(self, request: Request) -> None:
        self.error(request, "Authentication failed")
        self.hang_up()

    def _events(self, request: Request) -> None:
        mask = request.get("eventmask")
        if not mask:
            self.error(request, "Invalid event mask")
            return
        wanted = classes(mask)
        if self._account is not None:
            self._sees = wanted & classes(self._account.read)
        self.success(request, more=f"Events: {'On' if wanted else 'Off'}\r\n")

    def _filter(self, request: Request) -> None:
        if not self._may("system"):
            self.error(request, "Permission denied")
        elif request.get("operation").lower() != "add":
            self.error(request, "Unknown operation")
        else:
            try:
                found = event_filter(request.get("matchcriteria"), request.get("filter"))
            except BadFilterError as error:
                self.error(request, str(error))
                return
            self._filters.append(found)
            self.success(request, "Success")

    def _list_commands(self, request: Request) -> None:
        lines = {name: (text, needed) for name, text, needed, _ in actions.ACTIONS.values()}
        lines |= _OWN_LINES
        more = "".join(
            f"{name}: {text}  (Priv: {f'{needed},all' if needed else '<none>'})\r\n"
            for name, (text, needed) in sorted(lines.items())
            if self._may(needed)
        )
        self.success(request, more=more)


_OWN: Final = {
    "events": Connection._events,
    "filter": Connection._filter,
    "listcommands": Connection._list_commands,
}
_OWN_LINES: Final = {
    "Challenge": ("Generate Challenge for MD5 Auth.", ""),
    "Events": ("Control Event Flow.", ""),
    "Filter": ("Dynamically add filters for the current manager session.", "system"),
    "ListCommands": ("List available manager commands.", ""),
    "Login": ("Login Manager.", ""),
    "Logoff": ("Logoff Manager.", ""),
}


def _id_line(request: Request) -> str:
    return f"ActionID: {request.action_id}\r\n" if request.action_id else ""
