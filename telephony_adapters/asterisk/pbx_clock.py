"""How far a PBX's clock is from ours, and by how much it was set, from pings."""

from collections import deque
from typing import Final, NamedTuple

from monitor.core.clock import Ms

SAMPLES: Final = 8
"""How many of the last pings count: the quickest of them is believed."""

SLACK: Final[Ms] = 50
"""What two measures may differ beyond their errors before a clock must have been set. Clocks that
drift, or are slewed by NTP (up to 0.5 ms a second), stay far below it from ping to ping."""

QUICK: Final[Ms] = 100
"""A ping that took longer than this, and twice the usual, cannot say by how much a clock was set
while there is hope for a quicker one."""

TRIES: Final = 5
"""So many slow pings in a row are believed all the same: the quickest of them."""


class Reading(NamedTuple):
    """What a ping told.

    Attributes:
        sure: False when it contradicts what was known and is too slow to be believed: ask again.
        changed: the offset is another one now, without a step.
        stepped: by how much the PBX's clock was set (ms); 0 when it was not.
    """

    sure: bool = True
    changed: bool = False
    stepped: Ms = 0


class PbxClock:
    """Estimates the offset between the monitor's clock and a PBX's.

    The PBX stamps its answer somewhere between our sending and our receiving; half-way is the best
    guess, and it is wrong by half of the round trip at most. Two measures that differ by more than
    they can be wrong mean that the PBX's clock was set in between: ours is steady.

    Attributes:
        offset: monitor's clock minus the PBX's (ms); 0 before the first measure.
    """

    def __init__(self) -> None:
        self.offset: Ms = 0
        self._samples: deque[tuple[Ms, Ms]] = deque(maxlen=SAMPLES)
        self._against: list[tuple[Ms, Ms]] = []

    @property
    def trip(self) -> Ms:
        """The round trip of the ping that is believed (ms): twice what the offset may be wrong."""
        return min(self._samples)[0] if self._samples else 0

    def measured(self, sent: Ms, received: Ms, stamp: Ms) -> Reading:
        """Take one ping: both ends on our clock, the stamp on the PBX's."""
        sample = (max(0, received - sent), (sent + received) // 2 - stamp)
        if not self._contradicts(*sample):
            self._against.clear()
            first = not self._samples
            self._samples.append(sample)
            before, self.offset = self.offset, min(self._samples)[1]
            return Reading(changed=first or self.offset != before)
        self._against.append(sample)
        if sample[0] > max(QUICK, 2 * self.trip) and len(self._against) < TRIES:
            return Reading(sure=False)
        sample = min(self._against)
        self._against.clear()
        self._samples.clear()
        self._samples.append(sample)
        before, self.offset = self.offset, sample[1]
        return Reading(stepped=before - self.offset)

    def _contradicts(self, trip: Ms, offset: Ms) -> bool:
        if not self._samples:
            return False
        return abs(offset - self.offset) > (trip + self.trip) // 2 + SLACK

    def monitor_moved(self, by: Ms) -> None:
        """Take note that the monitor's clock shows ``by`` ms more from now on."""
        self.offset += by
        for samples in (self._samples, self._against):
            moved = [(trip, offset + by) for trip, offset in samples]
            samples.clear()
            samples.extend(moved)
