"""How far a PBX's clock is from ours, from pings."""

from collections import deque
from typing import Final

from monitor.core.clock import Ms

SAMPLES: Final = 8
"""How many of the last pings count: the quickest of them is believed."""

SLACK: Final[Ms] = 50
"""What two measures may differ beyond their round trips before a clock must have been set."""


class PbxClock:
    """Estimates the offset between the monitor's clock and a PBX's.

    The PBX stamps its answer somewhere between our sending and our receiving; half-way is the best
    guess, and the shorter the round trip the less it can be wrong.

    Attributes:
        offset: monitor's clock minus the PBX's (ms); 0 before the first measure.
    """

    def __init__(self) -> None:
        self.offset: Ms = 0
        self._samples: deque[tuple[Ms, Ms]] = deque(maxlen=SAMPLES)

    def measured(self, sent: Ms, received: Ms, stamp: Ms) -> bool:
        """Take one ping: both ends on our clock, the stamp on the PBX's; True if it changed.

        When two measures contradict each other, a clock was set, and only the new one counts.
        """
        trip, offset = max(0, received - sent), (sent + received) // 2 - stamp
        if self._samples and abs(offset - self.offset) > trip + min(self._samples)[0] + SLACK:
            self._samples.clear()
        first = not self._samples
        self._samples.append((trip, offset))
        before, self.offset = self.offset, min(self._samples)[1]
        return first or self.offset != before
