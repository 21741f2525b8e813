"""Past days of the simulated centre as raw AMI bytes, without any socket.

The demo feeds them through framing, translation, engine and history writer, so that its reports
have something to show.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, tzinfo
from typing import Final

from monitor.core.clock import MINUTE, Ms

from .centre import Centre
from .site import DEMO_SITE
from .traffic import ORDINARY, Traffic, days_before

CHUNK: Final = 64 * 1024
"""Bytes are handed over in pieces of about this size."""
_SLICE: Final[Ms] = 5 * MINUTE


class Tape:
    """Collects frames as bytes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def __call__(self, name: str, kind: str, frame: bytes) -> None:
        """Take one frame (the centre's ``emit``)."""
        del name, kind
        self._parts.append(frame)
        self._size += len(frame)

    @property
    def size(self) -> int:
        """How many bytes are collected."""
        return self._size

    def take(self) -> bytes:
        """Hand over what is collected."""
        data = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        return data


def run(centre: Centre, tape: Tape, until: Callable[[], Ms]) -> Iterator[bytes]:
    """Run a centre that emits into ``tape`` up to ``until()``, which may move meanwhile."""
    while centre.now < (limit := until()):
        centre.run_until(min(centre.now + _SLICE, limit))
        if tape.size >= CHUNK:
            yield tape.take()
    if tape.size:
        yield tape.take()


def history_bytes(
    seed: int, days: int, until_ms: Ms, *, zone: tzinfo = UTC, noise: bool = False
) -> Iterator[bytes]:
    """Yield the AMI bytes of ``days`` whole days and of the present one up to ``until_ms``.

    Calls that are under way at the end have no end in the bytes: a live centre that goes on with
    them is ``SimulatedPbx(history_days=…)``. ``noise``: also the events that nobody needs.
    """
    tape = Tape()
    begin = days_before(until_ms, days, zone)
    centre = Centre(DEMO_SITE, seed=seed, begin=begin, emit=tape)
    centre.frames.noise = noise
    Traffic(centre, ORDINARY, zone).begin()
    yield from run(centre, tape, lambda: until_ms)
