"""panoramisk's manager protocol, hardened.

panoramisk gives us the connection, the actions and their ids; the bytes are framed by
:mod:`telephony_adapters.asterisk.ami_framing`. What is different from its own protocol:

- messages are decoded whole, unwanted events are dropped undecoded, events go to one synchronous
  function, in order; an exception in it is logged and costs one event, never the connection;
- an action that was not answered when the connection ended fails with ``ConnectionError``. It is
  never sent again: it may have been carried out, and a caller may be elsewhere by now;
- a value that would end its line, and so smuggle in an action, is refused;
- a list reaches the one who asked for it, also an empty or a refused one.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager
from panoramisk.message import Message

from telephony_adapters.asterisk.ami_framing import (
    EVENT,
    WANTED,
    FrameParser,
    FrameSplitter,
    parse_frame,
)
from telephony_adapters.asterisk.ami_translate import HEADERS

log = logging.getLogger(__name__)

Answer: TypeAlias = dict[str, str]
"""The headers of an action's response, or of one item of its list."""

KEEP_ALIVE: Final = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
"""Seconds of quiet before a probe, seconds between probes, probes that may stay unanswered."""

FORBIDDEN: Final = frozenset("\r\n\0")


def check_action(headers: Mapping[str, Any]) -> None:
    """Refuse an action that would not be the one action that it looks like.

    Raises:
        ValueError: if a name or a value holds a line break or NUL, or a name holds a colon. A
            bare line feed ends an AMI line too.
    """
    for name, value in headers.items():
        if not name or ":" in name or not FORBIDDEN.isdisjoint(name):
            raise ValueError(f"an AMI header cannot be named {name!r}")
        for text in value if isinstance(value, list | tuple) else (value,):
            if not FORBIDDEN.isdisjoint(str(text)):
                # The value itself stays out of the message: it may be a secret.
                raise ValueError(f"the AMI header {name} holds a line break or a NUL character")


class Request(Action):
    """An action that waits for its answer: ``future`` gives the response, then the list's items.

    The result is a list of headers whose first element is the response.
    """

    def __init__(self, headers: Mapping[str, Any]) -> None:
        super().__init__(dict(headers))  # type: ignore[no-untyped-call]
        self.answers: list[Answer] = []

    def take(self, answer: Answer) -> bool:
        """Take one message that answers this action; say whether it was the last one."""
        self.answers.append(answer)
        first = self.answers[0]
        listing = first.get("EventList", "").lower() == "start"
        if first.get("Response") == "Error" or not listing:
            return True
        # Complete, or Cancelled when the PBX gave up in the middle
        return "Event" in answer and answer.get("EventList", "").lower() in (
            "complete",
            "cancelled",
        )


class AmiProtocol(AMIProtocol):
    """One AMI connection. Give a ``functools.partial`` of it to panoramisk's ``Manager``."""

    def __init__(
        self,
        on_event: Callable[[Answer], None] | None = None,
        wanted: Mapping[bytes, bytes] | None = WANTED,
        headers: frozenset[str] = HEADERS,
        tap: Callable[[bytes], None] | None = None,
        on_bytes: Callable[[], None] | None = None,
    ) -> None:
        """Prepare a connection.

        Args:
            on_event: called synchronously with the headers of each wanted event, in order.
            wanted: the events to keep, see ``ami_framing.WANTED``; None keeps all.
            headers: the headers of events that are decoded.
            tap: called with all bytes as they come, before anything else (a recorder).
            on_bytes: called after each chunk, when its events have been delivered.
        """
        self.splitter = FrameSplitter(wanted)
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self._parse = FrameParser(headers).parse
        self._on_event = on_event
        self._tap = tap
        self._on_bytes = on_bytes
        self._failed: set[str] = set()
        self.responses: dict[str, Any] = {}
        self.factory: Any = None
        self.closed = False
        self.transport: asyncio.Transport | None = None

    # -- what asyncio calls ----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; the manager does the rest."""
        super().connection_made(transport)  # type: ignore[no-untyped-call]
        self.encoding = "utf-8"

    def data_received(self, data: bytes) -> None:
        """Frame the bytes; hand events to the sink and answers to those who wait for them."""
        if self._tap is not None:
            self._guarded(self._tap, data)
        self.splitter.keep_answers = bool(self.responses)
        for frame in self.splitter.feed(data):
            if not self.responses or not self._answered(frame):
                self._deliver(frame)
        if self._on_bytes is not None:
            self._guarded(self._on_bytes)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail whatever waits for an answer, and say so to the manager."""
        self.close()
        if not self.lost.done():
            self.lost.set_result(exc)
            if self.factory is not None:
                self.factory.connection_lost(exc)

    # -- sending ---------------------------------------------------------------------------------

    def send(self, data: Any, as_list: bool | None = None) -> Any:  # noqa: ANN401
        """Send an action; return its future (for panoramisk's manager).

        On a closed connection nothing is written and the future has failed already.

        Raises:
            ValueError: if a header is not one line of text; nothing was written then.
        """
        check_action(data)
        action = data if isinstance(data, Action) else Action(data)  # type: ignore[no-untyped-call]
        action.as_list = as_list
        payload = str(action).encode("utf-8")
        if self.closed or self.transport is None or self.transport.is_closing():
            _fail(action)
        else:
            self.responses[action["ActionID"]] = action
            self.transport.write(payload)
        return _future(action)

    async def request(self, name: str, headers: Mapping[str, Any]) -> list[Answer]:
        """Send an action and wait for its response, and for its whole list if it has one.

        Raises:
            ValueError: if a header is not one line of text.
            ConnectionError: if the connection is closed, or ends before the answer is complete.
        """
        request = Request({"Action": name, **headers})
        result = self.send(request)
        try:
            answers: list[Answer] = await result
        finally:
            self._forget(request)
        return answers

    def close(self) -> None:
        """Close the connection; all that waits for an answer fails and is never sent again."""
        for action in list(self.responses.values()):
            _fail(action)
        self.responses.clear()
        if not self.closed:
            self.closed = True
            if self.transport is not None:
                self.transport.close()

    def abort(self) -> None:
        """Close at once, without waiting for a peer that may be gone."""
        self.close()
        if self.transport is not None:
            self.transport.abort()

    # -- inside ----------------------------------------------------------------------------------

    def _answered(self, frame: bytes) -> bool:
        """Give the message to the action that it answers; False if it answers none."""
        if b"ActionID: " not in frame:
            return False
        answer = parse_frame(frame)
        action = self.responses.get(answer.get("ActionID", ""))
        if action is None:
            return False
        if isinstance(action, Request):
            if action.take(answer):
                self._forget(action)
                future = _future(action)
                if not future.done():
                    future.set_result(action.answers)
        elif action.add_message(Message(answer)):  # type: ignore[no-untyped-call]
            self._forget(action)
        return True

    def _deliver(self, frame: bytes) -> None:
        if not frame.startswith(EVENT):
            return
        if self._on_event is not None:
            self._guarded(self._on_event, self._parse(frame))
        elif self.factory is not None:
            message = Message(parse_frame(frame))  # type: ignore[no-untyped-call]
            self._guarded(self.factory.dispatch, message)

    def _guarded(self, function: Callable[..., None], *args: Any) -> None:  # noqa: ANN401
        """Call what others gave us; its mistakes must not cost the connection."""
        try:
            function(*args)
        except Exception as error:
            kind = f"{getattr(function, '__qualname__', function)} {type(error).__name__}"
            if kind not in self._failed:
                self._failed.add(kind)
                log.exception("AMI: a message could not be taken; the same is not logged again")

    def _forget(self, action: Action) -> None:
        self.responses.pop(action["ActionID"], None)


def keep_alive(connection: socket.socket) -> None:
    """Have TCP notice within about a minute that nobody is there, and firewalls that somebody is.

    The connection with the events is pinged; the one for actions may be idle for days.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEP_ALIVE.items():
        if option := getattr(socket, name, None):
            connection.setsockopt(socket.IPPROTO_TCP, option, value)


def _fail(action: Any) -> None:  # noqa: ANN401
    future = _future(action)
    if not future.done():
        future.set_exception(ConnectionError("the AMI connection ended before the answer"))
        future.exception()  # nobody may be waiting any more, and that is no error


def _future(action: Any) -> "asyncio.Future[Any]":  # noqa: ANN401
    """The future of a panoramisk action (after 1.4 the action itself is one)."""
    return action if isinstance(action, asyncio.Future) else action.future


class AmiManager(Manager):
    """panoramisk's manager without its own ideas about login, pings and reconnecting."""

    def __init__(self, **config: Any) -> None:  # noqa: ANN401
        super().__init__(**config)  # type: ignore[no-untyped-call]
        self.callbacks.clear()
        self.patterns.clear()

    async def open(self) -> AmiProtocol:
        """Connect; raise ``OSError`` (also for TLS) when that fails."""
        self.loop = asyncio.get_running_loop()
        ssl = self.config["ssl"] or None
        _, protocol = await self.loop.create_connection(
            self.config["protocol_factory"],
            self.config["host"],
            self.config["port"],
            ssl=ssl,
            server_hostname=self.config.get("server_hostname") if ssl else None,
        )
        keep_alive(protocol.transport.get_extra_info("socket"))
        protocol.factory = self
        self.protocol = protocol
        return protocol  # type: ignore[no-any-return]

    def connection_lost(self, exc: Exception | None) -> None:
        """Do nothing: who opened the connection watches ``protocol.lost`` and decides."""

    def ping(self) -> None:
        """Do nothing: the link has its own watchdog."""
