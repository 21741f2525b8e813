"""The desk: the working state of one PBX, which the small state machines share.

A state machine changes a record through the desk, so that timers, today's counts and effects
follow without being asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from monitor.core import holds
from monitor.core.clock import MINUTE, Ms
from monitor.core.effects import (
    AtRiskRaised,
    CallChanged,
    Effect,
    MemberUpdated,
    QueueUpdated,
    VerdictGiven,
)
from monitor.core.events import ChannelArrived, Event
from monitor.core.exclusions import Exclusions
from monitor.core.indicators import CommitmentTally, QueueTally
from monitor.core.legs import Locals
from monitor.core.live import PbxState, QueueState
from monitor.core.policy import Exclusion, Rules
from monitor.core.policy_book import PolicyBook
from monitor.core.records import (
    Call,
    Exit,
    Fact,
    FactKind,
    HandledBy,
    Member,
    Verdict,
    Visit,
)
from monitor.core.stays import Marks
from monitor.core.timers import Timer, Timers
from monitor.core.verdicts import PENDING, Judgement, judge, undecided

REMEMBERED: Ms = 2 * MINUTE
"""How long a closed call is kept, for facts that arrive late or twice."""

MEMORY: Final = 24
"""How many facts back a repeated one is recognised; a resync repeats the newest only."""

Detail = str | int | None


@dataclass(slots=True)
class Today:
    """Counts since midnight in the centre's zone; shared by all PBXs."""

    since: Ms = 0
    commitment: CommitmentTally = field(default_factory=CommitmentTally)


@dataclass(slots=True)
class Stepped:
    """The PBX's clock was set in the blind interval that lasts: by ``by`` (ms) in all.

    ``since`` is the interval's begin in the new time.
    """

    since: Ms
    by: Ms = 0


class Desk:
    """All that is known of one PBX, and the only hand that changes it."""

    def __init__(self, name: str, book: PolicyBook, today: Today) -> None:
        self.pbx = PbxState(name)
        self.book = book
        self.today = today
        self.timers = Timers()
        self.calls: dict[str, Call] = {}
        self.closed: dict[str, Call] = {}
        self.kept_until: dict[str, Ms] = {}
        """Until when each of ``closed`` is kept for late facts."""
        self.exclusions = Exclusions()
        self.channels: dict[str, ChannelArrived] = {}
        """Channels not (yet) known to be a caller's."""
        self.met: set[str] = set()
        """Those of ``channels`` whose way so far was not seen whole."""
        self.missing: set[str] = set()
        """Calls that the last snapshot did not show: over, unless what was buffered says when."""
        self.ways: set[str] = set()
        """The interfaces by which callers come: the trunks."""
        self.bridges: dict[str, dict[str, str]] = {}
        """For each bridge, the channels in it: uniqueid → channel name."""
        self.bridge_of: dict[str, str] = {}
        self.locals = Locals()
        self.again: list[tuple[Call, Ms, list[Event]]] = []
        """What was said of a leg before it was known whose it is; to be handled again, now."""
        self.marks: dict[str, Marks] = {}
        """What the sources said of each call's voice server stays."""
        self.early: dict[str, list[Event]] = {}
        """What ARI said of channels that AMI has not told of yet."""
        self.stepped: Stepped | None = None
        self.heard_since: Ms = 0
        """The newest snapshot's moment: no event can have been missed since."""
        self.queue_app: dict[str, tuple[str, Ms]] = {}
        """The queue that a caller was last sent to by the dialplan, and when."""
        self.queues: dict[str, QueueState] = {}
        self.announced: set[str] = set()
        """The queues that the last snapshot named."""
        self.members: dict[tuple[str, str], Member] = {}
        self.rests: Mapping[tuple[str, str], Ms] = {}
        """How long queues leave agents alone after a conversation; see ``Engine.know_rests``."""
        self._effects: list[Effect] = []
        self._changed: dict[str, Call] = {}
        self._rewritten: set[str] = set()
        self._queues_changed: set[str] = set()
        self._longest_in_doubt: set[str] = set()

    # --- looking up -----------------------------------------------------------------------------

    @property
    def rules(self) -> Rules:
        """The rules in force, for what is no call yet."""
        return self.book.rules

    def rules_of(self, call: Call) -> Rules:
        """The rules by which a call is judged: those that were in force when it arrived."""
        return self.book.of(call.policy_version)

    def find(self, uniqueid: str) -> Call | None:
        """The call of a caller's channel, live or closed a short while ago."""
        return self.calls.get(uniqueid) or self.closed.get(uniqueid)

    def queue(self, name: str) -> QueueState:
        """The queue of that name; unknown ones are watched from now on."""
        state = self.queues.get(name)
        if state is None:
            state = self.queues[name] = QueueState(self.pbx.name, name)
            self._queues_changed.add(name)
        return state

    def rest_after(self, queue: str) -> Ms:
        """How long a queue leaves an agent alone after a conversation, as the settings say."""
        return self.rests.get((self.pbx.name, queue), self.rests.get(("", queue), 0))

    def drop_queue(self, name: str) -> bool:
        """Forget a queue of which nothing was ever told; False where something was."""
        state = self.queues.get(name)
        told = name in self.announced or any(queue == name for queue, _ in self.members)
        if state is None or told or state.waiting or state.today != QueueTally():
            return False
        del self.queues[name]
        self._queues_changed.discard(name)
        return True

    # --- effects --------------------------------------------------------------------------------

    def take_effects(self) -> list[Effect]:
        """All effects since the last time, each changed record named once."""
        if self._longest_in_doubt:
            self._find_longest()
        effects, self._effects = self._effects, []
        if self._changed:
            rewritten = self._rewritten
            effects += [
                CallChanged(call, call.closed, rewritten=call.uniqueid in rewritten)
                for call in self._changed.values()
            ]
            self._changed.clear()
            rewritten.clear()
        if self._queues_changed:
            effects += [QueueUpdated(self.pbx.name, name) for name in self._queues_changed]
            self._queues_changed.clear()
        return effects

    def emit(self, effect: Effect) -> None:
        """Say something that is not just "this record changed"."""
        self._effects.append(effect)

    def touch(self, call: Call) -> None:
        """Say that a call changed."""
        self._changed[call.uniqueid] = call

    def rewrite(self, call: Call) -> None:
        """Say that a call changed, and that what was stored of it does not stand any more."""
        self._changed[call.uniqueid] = call
        self._rewritten.add(call.uniqueid)

    def touch_queue(self, name: str) -> None:
        """Say that a queue changed."""
        self._queues_changed.add(name)

    def touch_member(self, member: Member) -> None:
        """Say that a member changed."""
        self._effects.append(MemberUpdated(member))

    def note(self, call: Call, at: Ms, kind: FactKind, **detail: Detail) -> bool:
        """Append a fact to a call's timeline; False when it stands there already.

        The call counts as changed either way: what the fact is about may be new.
        """
        self._changed[call.uniqueid] = call
        for fact in call.facts[-MEMORY:]:
            if fact.at == at and fact.kind is kind and fact.detail == detail:
                return False
        call.facts.append(Fact(at, kind, detail))
        return True

    # --- calls ----------------------------------------------------------------------------------

    def open_call(self, call: Call) -> None:
        """Begin to follow a new call; counts it, and judges an excluded one at once."""
        self.calls[call.uniqueid] = call
        self._count(call, call.verdict, 1)
        self.exclude(call)
        self.judge(call)

    def readopt(self, call: Call) -> None:
        """Take back a call that was live when the monitor stopped."""
        self.calls[call.uniqueid] = call
        self._count(call, call.verdict, 1)
        for visit in call.visits:
            if visit.exit is not None:
                self.count_visit(visit, 1)
        current = call.visit
        if current is not None and current.left_at is None:
            self.queue(current.queue).join(call)
        if call.verdict is Verdict.EXCLUDED:
            self.exclusions.restore(call, Exclusion(call.reason.value))
        elif not call.visits:
            self.exclude(call)
        self.arm(call)

    def exclude(self, call: Call) -> bool:
        """Exclude a call if there is a reason to, or no more (rule 9); True: that is new."""
        return self.exclusions.consider(call, self.rules_of(call))

    def judge_hours(self, call: Call) -> None:
        """Judge a call again whose queue, or moment of arrival, is known only now."""
        if self.rules_of(call).has_calendars and self.exclude(call):
            self.judge(call)
            self.arm(call)

    def reopen(self, call: Call) -> None:
        """Take back a call that was taken for ended, and is not."""
        call.closed = False
        self.closed.pop(call.uniqueid, None)
        self.kept_until.pop(call.uniqueid, None)
        self.calls[call.uniqueid] = call
        self.exclude(call)
        self.judge(call)
        self.arm(call)

    def unjudge(self, call: Call) -> None:
        """Take back a verdict that rested on what was not seen; it is judged later again."""
        if call.verdict is not Verdict.PENDING:
            self._give(call, PENDING, call.arrived_at)
        self.touch(call)

    def start_clock(self, call: Call, at: Ms) -> None:
        """Start the commitment's clock, once; a late fact may show that it started earlier."""
        if call.clock_started_at is None or at < call.clock_started_at:
            if call.clock_started_at is not None:
                call.facts = [f for f in call.facts if f.kind is not FactKind.CLOCK_STARTED]
                self.rewrite(call)
            call.clock_started_at = at
            self.note(call, at, FactKind.CLOCK_STARTED, within_ms=call.within)
            self.arm(call)
            if call.verdict is not Verdict.PENDING:
                self.judge(call)

    def arm(self, call: Call) -> None:
        """Set the timers of a call that is still to be judged."""
        risk, deadline = call.at_risk_at, call.deadline_at
        if call.verdict is not Verdict.PENDING or deadline is None or risk is None:
            return
        if not call.at_risk:
            self.timers.set(risk, Timer.AT_RISK, call.uniqueid)
        self.timers.set(deadline, Timer.DEADLINE, call.uniqueid)

    def handled(self, call: Call, at: Ms, by: HandledBy, agent: str = "") -> None:
        """The caller was taken care of at ``at``; the earliest moment known counts."""
        if call.handled_at is None or at < call.handled_at:
            call.handled_at, call.handled_by = at, by
        if by is HandledBy.AGENT and agent and not call.agent:
            call.agent = agent
        self.touch(call)
        self.judge(call)

    def handled_by_then(self, call: Call, at: Ms, by: HandledBy, agent: str = "") -> None:
        """The caller was taken care of at an unknown moment before ``at``.

        Before the deadline that is certainly in time, and ``at`` is the latest it can have been.
        After it nobody can tell, and the verdict says so.
        """
        deadline = call.deadline_at
        if deadline is None or at < deadline or call.handled_at is not None:
            self.handled(call, at, by, agent)
            return
        call.handled_by, call.agent = by, call.agent or agent
        self.judge(call)

    def close_call(self, call: Call, at: Ms | None) -> None:
        """End a call; ``at`` is None where its end was not observed."""
        call.ended_at = at
        if not call.closed:
            call.closed = True
            self.calls.pop(call.uniqueid, None)
            self.closed[call.uniqueid] = call
            self.queue_app.pop(call.uniqueid, None)
        if self.exclusions.is_undecided(call):
            self.exclude(call)
        self.touch(call)
        self.judge(call)

    def remember_until(self, call: Call, until: Ms) -> None:
        """Keep a closed call until ``until`` for late facts; the last word on it counts."""
        self.kept_until[call.uniqueid] = until
        self.timers.set(until, Timer.FORGET, call.uniqueid)

    def judge(self, call: Call, *, overdue: bool = False) -> None:
        """Judge a call again; a changed verdict is counted, noted and said."""
        if self.exclusions.is_undecided(call):
            verdict, reason, at = undecided(call)
        else:
            verdict, reason, at = judge(call, self.exclusions.why(call), overdue=overdue)
        if call.verdict is verdict and call.reason is reason and call.verdict_at == at:
            return
        self._give(call, Judgement(verdict, reason, at), call.arrived_at if at is None else at)

    def _give(self, call: Call, judgement: Judgement, stamped: Ms) -> None:
        verdict, reason, at = judgement
        previous = call.verdict
        call.verdict, call.reason, call.verdict_at = verdict, reason, at
        self._judge_short(call)
        self.touch(call)
        if previous is verdict:
            return
        if verdict is Verdict.PENDING:
            self.arm(call)  # its timers may have passed it by while it was judged
        self._count(call, previous, -1)
        self._count(call, verdict, 1)
        kind = FactKind.VERDICT
        if previous is not Verdict.PENDING:
            call.corrections += 1
            kind = FactKind.CORRECTED
        # Not by `note`: the same verdict may be given, taken back, and given again.
        detail: dict[str, Detail] = {
            "verdict": verdict.value, "reason": reason.value, "previous": previous.value
        }  # fmt: skip
        call.facts.append(Fact(stamped, kind, detail))
        self.emit(VerdictGiven(call, verdict, reason, stamped, previous))

    def raise_at_risk(self, call: Call, at: Ms) -> None:
        """Say that a call came within reach of its deadline, once."""
        call.at_risk = True
        self.note(call, at, FactKind.AT_RISK)
        self.emit(AtRiskRaised(call, at))

    def _judge_short(self, call: Call) -> None:
        """Mark an abandon as short or not, and count it (rule 8)."""
        limit = self.rules_of(call).policy.commitment.short_abandon
        wait = call.wait
        short = call.verdict is Verdict.ABANDONED and wait is not None and wait < limit
        if short != call.short_abandon:
            call.short_abandon = short
            if call.arrived_at >= self.today.since:
                self.today.commitment.short_abandons += 1 if short else -1

    def _count(self, call: Call, verdict: Verdict, by: int) -> None:
        if call.arrived_at >= self.today.since:
            self.today.commitment.count(verdict, by)

    # --- visits ---------------------------------------------------------------------------------

    def exit_visit(self, call: Call, visit: Visit, exit_: Exit, at: Ms) -> None:
        """Decide how a visit ended; counts it, and takes an earlier decision back first."""
        if visit.exit is exit_:
            return
        if visit.exit is not None:
            self.count_visit(visit, -1)
        visit.exit = exit_
        limit = self.rules_of(call).policy.commitment.short_abandon
        visit.short = exit_ is Exit.ABANDONED and (visit.wait or 0) < limit
        self.count_visit(visit, 1)
        self.unqueue(call, visit)
        self.note(call, at, FactKind.QUEUE_EXIT, queue=visit.queue, exit=exit_.value)

    def unqueue(self, call: Call, visit: Visit) -> None:
        """Take a call off the list of those who wait in a queue, unless they wait there again."""
        state, last = self.queue(visit.queue), call.visits[-1]
        again = last is not visit and last.queue == visit.queue and last.left_at is None
        if state.waiting.get(call.uniqueid) is call and not again:
            del state.waiting[call.uniqueid]
        self._queues_changed.add(visit.queue)

    def count_visit(self, visit: Visit, by: int) -> None:
        """Count a decided visit in its queue's figures of today."""
        if visit.joined_at < self.today.since:
            return
        today = self.queue(visit.queue).today
        if by < 0 and today.longest_wait == visit.wait:
            self._longest_in_doubt.add(visit.queue)
        today.count(visit, by)
        if visit.ended_at is not None:
            today.count_talk(visit, by)
        self._queues_changed.add(visit.queue)

    def _find_longest(self) -> None:
        """Find today's longest wait where the longest was taken back: seldom, so by looking."""
        for name in self._longest_in_doubt:
            self.queues[name].today.longest_wait = self.queues[name].longest_forgotten
        for call in [*self.calls.values(), *self.closed.values()]:
            for visit in call.visits:
                if visit.queue in self._longest_in_doubt and self._counts(visit):
                    today = self.queues[visit.queue].today
                    today.longest_wait = max(today.longest_wait, visit.wait or 0)
        self._longest_in_doubt.clear()

    def _counts(self, visit: Visit) -> bool:
        return visit.exit is not None and visit.joined_at >= self.today.since

    def forget(self, uniqueid: str) -> None:
        """Let a closed call go: no fact can correct it any more."""
        self.kept_until.pop(uniqueid, None)
        call = self.closed.pop(uniqueid, None)
        if call is None:
            return  # taken back meanwhile, as it was not over
        self.exclusions.forget(uniqueid)
        self.marks.pop(uniqueid, None)
        self.queue_app.pop(uniqueid, None)
        for visit in call.visits:
            self.forget_wait(visit)

    def forget_wait(self, visit: Visit) -> None:
        """Keep what a visit of today waited, of a call that is not remembered (any more)."""
        if self._counts(visit):
            state = self.queue(visit.queue)
            state.longest_forgotten = max(state.longest_forgotten, visit.wait or 0)

    def end_talk(self, call: Call, visit: Visit, at: Ms) -> None:
        """End the conversation of an answered visit, once; not by an end that lies before it."""
        if visit.ended_at is None and visit.answered_at is not None and at >= visit.answered_at:
            visit.ended_at = at
            holds.measure(call, visit)
            if visit.joined_at >= self.today.since:
                self.queue(visit.queue).today.count_talk(visit)
                self._queues_changed.add(visit.queue)
            self.touch(call)

    # --- a new day ------------------------------------------------------------------------------

    def new_day(self) -> None:
        """Start today's figures anew, with the calls and visits that are of today already.

        Calls that arrived before midnight belong to yesterday. The clocks of the PBX and the
        monitor differ a little, so some of today may have come before this is called.
        """
        for name, state in self.queues.items():
            state.today, state.longest_forgotten = QueueTally(), 0
            self._queues_changed.add(name)
        for call in [*self.calls.values(), *self.closed.values()]:
            self.count_call(call, 1)

    def count_call(self, call: Call, by: int) -> None:
        """Add a call and its decided visits to today's figures, or (-1) take them out."""
        self._count(call, call.verdict, by)
        if call.short_abandon and call.arrived_at >= self.today.since:
            self.today.commitment.short_abandons += by
        for visit in call.visits:
            if visit.exit is not None:
                self.count_visit(visit, by)
