"""What each member did today, queue by queue: callers taken, offers not taken.

Asterisk's own counts begin with its last reload, and are lost when a member logs out. These are
made from what changes in them, and begin at midnight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.core import effects as fx
from monitor.core.records import Member

MemberKey = tuple[str, str, str]
"""(PBX, queue, interface)."""
NameKey = tuple[str, str, str]
"""(PBX, queue, the member's name): what the record knows of who did not take an offer."""


@dataclass(slots=True)
class MemberDay:
    """Counts of one member in one queue since midnight."""

    answered: int = 0
    missed: int = 0


class MemberDays:
    """A subscriber of the monitor's effects that counts."""

    def __init__(self) -> None:
        self._days: dict[MemberKey, MemberDay] = {}
        self._last: dict[MemberKey, tuple[int, int]] = {}
        self._missed_before: dict[NameKey, int] = {}

    def of(self, member: Member) -> MemberDay:
        """What a member did today."""
        day = self._days.get((member.pbx, member.queue, member.interface), MemberDay())
        before = self._missed_before.get((member.pbx, member.queue, member.name), 0)
        return MemberDay(day.answered, day.missed + before)

    def take(self, effects: Sequence[fx.Effect]) -> None:
        """Count what members did."""
        for effect in effects:
            if type(effect) is fx.MemberUpdated:
                self._changed(effect.member)
            elif type(effect) is fx.MemberGone:
                self._last.pop((effect.pbx, effect.queue, effect.interface), None)

    def _changed(self, member: Member) -> None:
        key = (member.pbx, member.queue, member.interface)
        now = (member.calls_taken, member.missed)
        before = self._last.get(key)
        if before == now:
            return
        self._last[key] = now
        if before is None:
            return
        day = self._days.setdefault(key, MemberDay())
        # A reload sets Asterisk's counts back to zero.
        day.answered += max(0, now[0] - before[0])
        day.missed += max(0, now[1] - before[1])

    def recall(self, answered: Mapping[MemberKey, int], missed: Mapping[NameKey, int]) -> None:
        """Add what the record knows of today, of before the start."""
        for key, count in answered.items():
            self._days.setdefault(key, MemberDay()).answered += count
        self._missed_before = dict(missed)

    def new_day(self) -> None:
        """Begin anew: it is midnight."""
        self._days.clear()
        self._missed_before.clear()
