"""Units of time.

Every moment is an integer number of milliseconds since the Unix epoch, every span an integer
number of milliseconds. Moments are floored to the millisecond once, where they enter (the PBX
sends microseconds); from there all arithmetic is exact, so an auditor who subtracts two shown
timestamps gets the very wait that the verdict was judged by.
"""

from decimal import Decimal
from typing import Final, TypeAlias

Ms: TypeAlias = int
"""A moment (milliseconds since the Unix epoch, UTC) or a span (milliseconds)."""

SECOND: Final[Ms] = 1_000
MINUTE: Final[Ms] = 60_000
HOUR: Final[Ms] = 3_600_000
DAY: Final[Ms] = 86_400_000


def from_seconds(seconds: float | Decimal) -> Ms:
    """Turn a span in seconds, as settings give it, into whole milliseconds (rounded)."""
    return round(seconds * SECOND)
