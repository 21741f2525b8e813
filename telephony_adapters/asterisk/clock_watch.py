"""Notices that a PBX's clock was set, and keeps its events in the right time.

Pings decide; events only raise doubt. An event that is stamped in the future, or further in the
past than events usually come, may mean that the clock was set, or only that the stream was held
up. Until a ping that was sent after it is answered (some milliseconds), it is held back, and all
that follow it. So either the step is told first and then the events of after it, or there was none
and nothing happened.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from monitor.core.clock import DAY, SECOND, Ms
from monitor.core.events import ClockMeasured, ClockStepped, Event
from telephony_adapters.asterisk.ami_translator import Translator
from telephony_adapters.asterisk.pbx_clock import PbxClock

AHEAD: Final[Ms] = 300
"""No event comes before it happened; the offset may be wrong by a few milliseconds."""
BEHIND: Final[Ms] = 500
"""Events come sooner than that, unless something holds the stream up."""
STRAGGLING: Final[Ms] = 10 * SECOND
"""How long after a step events with stamps of before it may still come: answers overtake events."""
CREDIBLE: Final[Ms] = DAY
"""Further behind the PBX's clock, as pings show it, no held up event is; it is not believed."""


class Sent(NamedTuple):
    """When a ping was sent, on which of our clock's times."""

    at: Ms
    moves: int


class ClockWatch:
    """One PBX's clock, as the link with it sees it.

    Attributes:
        doubted: set while events are held back: have a ping answered, then :meth:`settle`.
        steps: how often the clock was seen to be set.
    """

    def __init__(self, pbx: str, now: Callable[[], Ms], emit: Callable[[Event], None]) -> None:
        self.doubted = asyncio.Event()
        self.steps = 0
        self._pbx = pbx
        self._now = now
        self._emit = emit
        self._clock = PbxClock()
        self._moves = 0
        self._pong_at: Ms = 0
        self._held: list[tuple[Event, Ms]] = []
        self._stepped_by: Ms = 0
        self._straggling_until: Ms = 0

    def begin(self, translator: Translator) -> None:
        """Watch the stamps of a new connection's events."""
        self._translator = translator
        self._held.clear()
        self.doubted.clear()
        self._tune(-BEHIND)

    def _tune(self, earliest: Ms) -> None:
        self._translator.earliest = earliest
        self._translator.latest = AHEAD + self._clock.trip

    def pbx_now(self) -> Ms:
        """The time on the PBX's clock, as far as we know it."""
        return self._now() - self._clock.offset

    @property
    def trip(self) -> Ms:
        """The round trip of the ping that is believed (ms): twice what the time may be wrong."""
        return self._clock.trip

    @property
    def heard_until(self) -> Ms:
        """The PBX's clock when it was last heard of; what is held back is not heard yet."""
        last_at = self._translator.last_at
        return last_at if self._held else max(self._pong_at, last_at)

    def monitor_moved(self, by: Ms) -> None:
        """Take note that the monitor's clock shows ``by`` ms more from now on."""
        self._moves += 1
        self._clock.monitor_moved(by)

    # -- pings -----------------------------------------------------------------------------------

    def sending(self) -> Sent:
        """A ping goes out now."""
        return Sent(self._now(), self._moves)

    def answered(self, sent: Sent, stamp: Ms) -> bool:
        """Take a ping's answer, with the PBX's clock; False when another one must be asked."""
        if sent.moves != self._moves:
            return False
        received = self._now()
        reading = self._clock.measured(sent.at, received, stamp)
        if not reading.sure:
            self._doubt()
            return False
        self._pong_at = stamp
        if reading.stepped:
            self._step(stamp, reading.stepped)
        elif reading.changed:
            self._emit(ClockMeasured(self._pbx, stamp, self._clock.offset))
        if not self._translator.odd:
            # Where answers come late, so do events.
            self._tune(-BEHIND - 2 * max(0, received - sent.at))
        return True

    def _step(self, at: Ms, by: Ms) -> None:
        self.steps += 1
        self._held = [(event, received + by) for event, received in self._held]
        self._stepped_by, self._straggling_until = by, at + STRAGGLING
        self._translator.last_at += by
        self._emit(ClockStepped(self._pbx, at, by))

    # -- events ----------------------------------------------------------------------------------

    def hold(self, event: Event, received: Ms) -> None:
        """Hold an event back; ``received`` is the PBX's clock as we knew it."""
        self._held.append((event, received))
        self._doubt()

    def _doubt(self) -> None:
        self._translator.odd = True
        self.doubted.set()

    def settle(self) -> list[Event]:
        """The doubt is over: return what was held back, in the time that the pings show."""
        translator = self._translator
        events = [self.dated(event, received) for event, received in self._held]
        late = [event.at - held[1] for event, held in zip(events, self._held, strict=True)]
        self._held.clear()
        self.doubted.clear()
        translator.odd = False
        translator.last_at = max([translator.last_at, *(event.at for event in events)])
        # A stream that is held up stays so for a while, and each of its events is as late.
        self._tune(min(-BEHIND, 2 * min(late, default=0)))
        return events

    def dated(self, event: Event, received: Ms) -> Event:
        """Put an odd event into the time that the pings show.

        It may be one of before a step. And where no clock can have stood when it was stamped, it is
        dated by its arrival.
        """
        at = event.at
        if received <= self._straggling_until:
            at = min(at, at + self._stepped_by, key=lambda moment: abs(moment - received))
        if not -CREDIBLE <= at - received <= self._translator.latest:
            self._translator.strayed = at - received
            at = received
        return event if at == event.at else replace(event, at=at)
