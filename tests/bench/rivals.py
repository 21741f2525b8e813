"""The others, on the same bytes: panoramisk's bare dispatch, and cacofonisk on top of it."""

# mypy: disable-error-code="no-untyped-call"

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final

from cacofonisk.handlers import EventHandler
from cacofonisk.reporters import BaseReporter
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager
from panoramisk.message import Message

from tests.bench.rounds import Stopwatch, Timing

_QUIET: Final = logging.getLogger("tests.bench.quiet")
_QUIET.disabled = True


class _NoTransport(asyncio.Transport):
    """Where nothing is sent."""


def _connected(manager: Manager) -> Any:  # noqa: ANN401 - panoramisk has no types
    """A protocol in the state in which a login leaves it."""
    protocol: Any = AMIProtocol()
    protocol.connection_made(_NoTransport())
    protocol.factory = manager
    protocol.encoding = "utf8"
    return protocol


def panoramisk(chunks: Sequence[bytes]) -> Timing:
    """Its own framing and dispatch to one empty callback for every event."""
    manager = Manager()
    manager.register_event("*", lambda _manager, _event: None)
    protocol = _connected(manager)
    with Stopwatch() as watch:
        for chunk in chunks:
            protocol.data_received(chunk)
    return watch.timing


def cacofonisk(chunks: Sequence[bytes]) -> Timing:
    """Its handlers behind panoramisk, wired as its own ``AmiRunner`` does it; a null reporter."""
    manager = Manager()
    handler = EventHandler(reporter=BaseReporter(), logger=_QUIET)

    def on_event(_manager: Manager, event: Message) -> None:
        _take(handler, event)

    for name in handler.event_handlers():
        manager.register_event(name, on_event)
    # The stream has no login; panoramisk's own coroutine for it would want a running loop.
    manager.callbacks["FullyBooted"].clear()
    protocol = _connected(manager)
    with Stopwatch() as watch:
        for chunk in chunks:
            protocol.data_received(chunk)
    return watch.timing


def cacofonisk_handlers(messages: Sequence[Message]) -> Timing:
    """Its handlers alone: the messages that they want, framed and decoded beforehand."""
    handler = EventHandler(reporter=BaseReporter(), logger=_QUIET)
    with Stopwatch() as watch:
        for message in messages:
            _take(handler, message)
    return watch.timing


def messages_for_cacofonisk(data: bytes) -> list[Message]:
    """The messages that its runner would let through, as panoramisk makes them."""
    wanted = EventHandler.event_handlers()
    parsed: list[Any] = [
        Message.from_line(text.strip()) for text in data.decode().split("\r\n\r\n")
    ]
    return [message for message in parsed if message is not None and message.event in wanted]


def _take(handler: EventHandler, event: Message) -> None:
    try:
        handler.on_event(event)
    except (AssertionError, KeyError):
        # It gives up on what it does not expect; that must not end the comparison.
        failures[event.event] = failures.get(event.event, 0) + 1


failures: dict[str, int] = {}
"""Events on which cacofonisk raised, by name."""
