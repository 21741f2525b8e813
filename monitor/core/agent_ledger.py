"""The ledger of agents' time: what each agent was seen to do, by the hour.

An agent is an interface on one PBX, in however many queues: at each moment they do one thing,
whichever of their queues tells of it. A conversation goes before all else; then come ringing, the
telephone, wrap-up, waiting for a caller, and pause. Paused in some queues only, they wait in the
others.

Wrap-up is what Asterisk makes of it: from the end of a conversation until the queue may ring the
agent again, ``LastCall`` + ``wrapuptime``.

What nobody saw is not made up: in a blind interval, and while the monitor does not run, the time
of whoever was logged in when that began is unobserved.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from monitor.core import effects as fx
from monitor.core.agent_time import COUNTS, Agent, AgentTimes, PauseKey, TimeKey
from monitor.core.clock import HOUR, SECOND, Ms
from monitor.core.records import BlindInterval, Member, MemberState

LAG: Final[Ms] = SECOND
"""What is told later than this of a moment would come too late for it."""

_TALK, _HOLD, _WRAP_UP, _CONVERSATIONS, _RINGING, _AVAILABLE, _BUSY, _PAUSED, _UNOBSERVED = map(
    COUNTS.index,
    ("talk", "hold", "wrap_up", "conversations", "ringing", "available", "busy", "paused",
     "unobserved"),
)  # fmt: skip
_IDLE: Final = _AVAILABLE
"""Wrap-up or waiting; which of the two follows from the end of the last conversation."""
_OUT: Final = -1
"""Not logged in: in no queue, or with a telephone that cannot be reached in any."""


@dataclass(frozen=True, slots=True)
class Roster:
    """What settings say of agents.

    ``team_of`` says an agent's team by PBX, interface and name. ``each``: keep the time of each
    agent, too. ``slot`` is the length of an hour: a quarter, where midnight is within an hour, UTC.
    """

    team_of: Callable[[str, str, str], str] = lambda _pbx, _interface, _name: ""
    each: bool = False
    slot: Ms = HOUR


@dataclass(slots=True)
class _Place:
    """An agent's place in one queue, as it was told last."""

    queue: str
    state: MemberState
    talks: bool
    holds: bool
    reason: str
    last_call: Ms
    handled: int
    leaves: bool = False
    """Taken out of the queue while they talk: they are logged in until the conversation ends."""


@dataclass(slots=True)
class _Person:
    """One agent: what they do since when."""

    pbx: str
    interface: str
    name: str = ""
    team: str = ""
    places: dict[str, _Place] = field(default_factory=dict)
    doing: int = _OUT
    what: str = ""
    """The queue of a conversation, or the reason of a pause."""
    since: Ms = 0
    talked_in: str = ""
    """The queue of the last conversation."""
    wrap_up_until: Ms = 0
    lost_at: Ms | None = None
    """When they were seen last; None: they are observed, or were not there."""


class AgentLedger:
    """A subscriber of the monitor's effects that keeps agents' time. Not thread-safe."""

    def __init__(self, roster: Roster | None = None) -> None:
        self._roster = roster or Roster()
        self._persons: dict[Agent, _Person] = {}
        self._blind: dict[str, Ms] = {}
        """Since when (the PBX's clock) a PBX is not observed."""
        self._until: dict[str, Ms] = {}
        self._new = AgentTimes()

    def take(self, effects: Sequence[fx.Effect]) -> None:
        """Note what agents do."""
        moved: set[str] = set()
        for effect in effects:
            # Most are of calls and queues: this is done some thousand times a second.
            if type(effect) in _TAKEN:
                if type(effect) is fx.MemberUpdated:
                    self._on_member(effect.member)
                else:
                    self._take_other(effect, moved)

    def _take_other(self, effect: fx.Effect, moved: set[str]) -> None:
        match effect:
            case fx.MemberGone(pbx, queue, interface, at):
                self._on_gone((pbx, interface), queue, at)
            case fx.TalkEnded(pbx, queue, interface, at):
                self._on_talk_ended((pbx, interface), queue, at)
            case fx.ClockMoved(pbx, at, by):
                moved.add(pbx)
                self._on_clock_moved(pbx, at, by)
            case fx.BlindIntervalChanged(interval) if interval.pbx not in moved:
                self._on_blind(interval)
            case fx.PbxGone(pbx):
                for key in [key for key in self._persons if key[0] == pbx]:
                    del self._persons[key]
                self._blind.pop(pbx, None)
                self._until.pop(pbx, None)

    # --- from outside ---------------------------------------------------------------------------

    def advance(self, until: Mapping[str, Ms]) -> None:
        """Count up to these moments, by PBX on its clock, what still goes on.

        Args:
            until: up to when nothing can have been missed.
        """
        moments = {pbx: at - LAG for pbx, at in until.items() if pbx not in self._blind}
        for person in self._persons.values():
            at = moments.get(person.pbx)
            if at is not None:
                self._close(person, at)
        self._until |= moments

    def batch(self) -> AgentTimes:
        """All that was counted since the last batch."""
        new, self._new = self._new, AgentTimes()
        new.until = dict(self._until)
        new.present = {
            key: person.name
            for key, person in self._persons.items()
            if person.doing != _OUT or person.lost_at is not None
        }
        return new

    def change(self, roster: Roster) -> None:
        """Go by other settings from now on; count up to now first (:meth:`advance`)."""
        self._roster = roster
        for person in self._persons.values():
            person.team = roster.team_of(person.pbx, person.interface, person.name)

    def recall(self, present: Mapping[Agent, str], until: Mapping[str, Ms]) -> None:
        """Go on where the record ends: whoever was logged in then is unobserved since.

        Args:
            present: who was logged in, with their names.
            until: up to when the record holds all, by PBX.
        """
        for (pbx, interface), name in present.items():
            if pbx in until:
                person = self._person(pbx, interface, name)
                person.lost_at = until[pbx]
        self._blind |= until
        self._until |= until

    # --- what is told ---------------------------------------------------------------------------

    def _person(self, pbx: str, interface: str, name: str) -> _Person:
        person = self._persons.get((pbx, interface))
        if person is None:
            person = self._persons[pbx, interface] = _Person(pbx, interface)
        if person.name != name:
            person.name = name
            person.team = self._roster.team_of(pbx, interface, name)
        return person

    def _on_member(self, member: Member) -> None:
        person = self._persons.get((member.pbx, member.interface))
        place = None if person is None else person.places.get(member.queue)
        if (
            person is not None
            and place is not None
            and place.state is member.state
            and place.talks is bool(member.call_id or member.in_call)
            and place.holds is member.holding
            and place.reason == member.pause_reason
            and place.last_call == member.last_call
            and place.handled == member.handled
            and not place.leaves
        ):
            return
        person = self._person(member.pbx, member.interface, member.name)
        at = member.told_at
        if place is not None and member.handled > place.handled and member.pbx not in self._blind:
            self._add(person, member.queue, _CONVERSATIONS, at, member.handled - place.handled)
        if member.last_call > (0 if place is None else place.last_call):
            self._rest(person, member, known=place is not None)
        person.places[member.queue] = _Place(
            member.queue, member.state, bool(member.call_id or member.in_call), member.holding,
            member.pause_reason, member.last_call, member.handled,
        )  # fmt: skip
        self._settle(person, at)

    def _rest(self, person: _Person, member: Member, *, known: bool) -> None:
        """A conversation ended: its queue leaves the agent alone for a while."""
        until = member.last_call + member.wrap_up
        # With `shared_lastcall` other queues tell it too; theirs is not what counts.
        own = person.talked_in in ("", member.queue)
        newer = until > person.wrap_up_until
        if (known and own) or (newer and not known):
            person.talked_in, person.wrap_up_until = member.queue, until

    def _on_gone(self, key: Agent, queue: str, at: Ms) -> None:
        person = self._persons.get(key)
        place = None if person is None else person.places.get(queue)
        if person is None or place is None:
            return
        if place.talks and key[0] not in self._blind:
            place.leaves = True
            return
        self._leave(person, queue, at)

    def _on_talk_ended(self, key: Agent, queue: str, at: Ms) -> None:
        person = self._persons.get(key)
        place = None if person is None else person.places.get(queue)
        if person is None or place is None or not place.leaves:
            return
        if key[0] not in self._blind:
            self._add(person, queue, _CONVERSATIONS, at, 1)
        self._leave(person, queue, at)

    def _leave(self, person: _Person, queue: str, at: Ms) -> None:
        del person.places[queue]
        self._settle(person, at)
        if not person.places and person.lost_at is None:
            del self._persons[person.pbx, person.interface]

    def _settle(self, person: _Person, at: Ms) -> None:
        """What the agent does from ``at`` on, by what all their queues tell."""
        doing, what = _activity(person.places.values())
        if (doing, what) == (person.doing, person.what):
            return
        if person.pbx not in self._blind:
            if person.doing == _OUT:
                person.since = max(at, person.since)
            self._close(person, at)
        person.doing, person.what = doing, what
        if doing in (_TALK, _HOLD):
            person.talked_in = what

    def _on_blind(self, interval: BlindInterval) -> None:
        pbx = interval.pbx
        if interval.ended_at is not None:
            if pbx in self._blind:
                self._see_again(pbx, interval.ended_at)
            return
        if pbx in self._blind:
            return
        self._blind[pbx] = interval.started_at
        self._until[pbx] = interval.started_at
        for person in self._of(pbx):
            if person.doing != _OUT:
                self._close(person, interval.started_at)
                person.lost_at = max(person.since, interval.started_at)

    def _see_again(self, pbx: str, at: Ms) -> None:
        for person in self._of(pbx):
            for queue in [name for name, place in person.places.items() if place.leaves]:
                self._leave(person, queue, at)
        del self._blind[pbx]
        self._until[pbx] = at
        for person in self._of(pbx):
            if person.lost_at is not None:
                self._spend(person, "", _UNOBSERVED, person.lost_at, at)
                person.lost_at = None
            person.since = at
            if not person.places:
                del self._persons[pbx, person.interface]

    def _on_clock_moved(self, pbx: str, at: Ms, by: Ms) -> None:
        """What lasts is counted up to the step in the old time, and goes on in the new one."""
        for person in self._of(pbx):
            if person.lost_at is not None:
                self._spend(person, "", _UNOBSERVED, person.lost_at, at - by)
                person.lost_at = at
            elif pbx not in self._blind:
                self._close(person, at - by)
            person.since = at
        if pbx in self._blind:
            self._blind[pbx] = at
        self._until[pbx] = at

    def _of(self, pbx: str) -> Collection[_Person]:
        return [person for person in self._persons.values() if person.pbx == pbx]

    # --- counting -------------------------------------------------------------------------------

    def _close(self, person: _Person, at: Ms) -> None:
        """Count what an agent did up to ``at``."""
        since, doing = person.since, person.doing
        if at <= since:
            return
        person.since = at
        if doing == _OUT:
            return
        if doing == _IDLE:
            rested = min(at, person.wrap_up_until)
            if since < rested:
                self._spend(person, person.talked_in, _WRAP_UP, since, rested)
                since = rested
        queue = person.what if doing in (_TALK, _HOLD) else ""
        self._spend(person, queue, doing, since, at)

    def _spend(self, person: _Person, queue: str, doing: int, since: Ms, until: Ms) -> None:
        """Count a span, each hour what is of it."""
        slot = self._roster.slot
        while since < until:
            end = min(until, since - since % slot + slot)
            self._add(person, queue, doing, since, end - since)
            since = end

    def _add(self, person: _Person, queue: str, index: int, at: Ms, many: int) -> None:
        slot = at - at % self._roster.slot
        for agent in ("", person.interface) if self._roster.each else ("",):
            key = TimeKey(slot, person.pbx, person.team, agent, queue)
            counts = self._new.times.get(key)
            if counts is None:
                counts = self._new.times[key] = [0] * len(COUNTS)
            counts[index] += many
            if index == _PAUSED:
                pause = PauseKey(slot, person.pbx, person.team, agent, person.what)
                self._new.pauses[pause] = self._new.pauses.get(pause, 0) + many


_TAKEN: Final = frozenset(
    {
        fx.MemberUpdated, fx.MemberGone, fx.TalkEnded, fx.ClockMoved, fx.BlindIntervalChanged,
        fx.PbxGone,
    }
)  # fmt: skip
_DOES: Final = {
    MemberState.UNAVAILABLE: (0, _OUT),
    MemberState.PAUSED: (1, _PAUSED),
    MemberState.AVAILABLE: (2, _IDLE),
    MemberState.WRAP_UP: (2, _IDLE),
    MemberState.BUSY: (3, _BUSY),
    MemberState.ON_HOLD: (3, _BUSY),
    MemberState.TALKING: (3, _BUSY),
    MemberState.RINGING: (4, _RINGING),
}
"""What a place tells where nobody talks, and before which others it goes."""


def _activity(places: Iterable[_Place]) -> tuple[int, str]:
    """What an agent does by what their queues tell, and the queue of it or the reason."""
    doing, what, first = _OUT, "", 0
    for place in places:
        if place.talks:
            if not place.holds:
                return _TALK, place.queue
            doing, what, first = _HOLD, place.queue, len(_DOES)
        else:
            rank, does = _DOES[place.state]
            if rank > first:
                doing, what, first = does, place.reason if does == _PAUSED else "", rank
    return doing, what
