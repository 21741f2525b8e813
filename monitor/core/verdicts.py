"""The commitment as a small state machine: a verdict is a pure function of the call's record.

Whatever order facts arrive in, judging again gives the verdict that the facts known so far prove;
a changed verdict is a correction (rule 6 of the clock). Sources: the map's section 3.
"""

from typing import NamedTuple

from monitor.core.clock import SECOND, Ms
from monitor.core.policy import Exclusion
from monitor.core.records import Call, Exit, FactKind, HandledBy, Reason, Verdict

REFUSED_EXITS = frozenset({Exit.JOIN_EMPTY, Exit.LEAVE_EMPTY, Exit.FULL})
"""Ways out of a queue by which the PBX turns the caller away."""


class Judgement(NamedTuple):
    """A verdict, why, and the moment it is stamped with."""

    verdict: Verdict
    reason: Reason
    at: Ms | None


PENDING = Judgement(Verdict.PENDING, Reason.NONE, None)


def undecided(call: Call) -> Judgement:
    """Judge a call of which nobody can tell which queue's calendar judges it."""
    if not call.closed:
        return Judgement(Verdict.PENDING, Reason.CALENDAR_UNKNOWN, None)
    unseen = Reason.MAY_HAVE_BEEN_HANDLED
    why = Reason.END_NOT_OBSERVED if call.ended_at is None else unseen
    return Judgement(Verdict.UNKNOWN, why, call.ended_at)


def judge(call: Call, exclusion: Exclusion | None = None, *, overdue: bool = False) -> Judgement:
    """Judge a call by what is known of it.

    Args:
        call: the record; its own ``verdict`` only tells whether a breach was raised already.
        exclusion: why the call does not count, if so.
        overdue: the deadline has passed while the caller was seen to be unhandled.
    """
    if exclusion is not None:
        return Judgement(Verdict.EXCLUDED, Reason(exclusion.value), call.arrived_at)
    if call.handled_by is not None:
        found = _judge_handled(call)
    elif call.closed:
        found = _judge_ended(call, overdue=overdue)
    else:
        found = _judge_waiting(call, overdue=overdue)
    # A breach that was raised while the caller was observed stays certain.
    raised = call.verdict is Verdict.BREACHED and found.verdict is Verdict.BREACHED
    if found.verdict in _OF_THE_UNHANDLED and not raised and _may_have_been_handled(call):
        return Judgement(Verdict.UNKNOWN, Reason.MAY_HAVE_BEEN_HANDLED, found.at)
    if found.verdict is Verdict.MET and _may_have_arrived_too_early(call):
        return Judgement(Verdict.UNKNOWN, Reason.ARRIVAL_NOT_OBSERVED, found.at)
    return found


def _may_have_arrived_too_early(call: Call) -> bool:
    """Whether a call met in a snapshot, which tells ages in whole seconds, was perhaps too late."""
    surely = call.within - SECOND - call.handled_blur
    if not call.in_doubt or call.wait is None or call.wait < surely:
        return False
    return all(fact.kind is not FactKind.ARRIVED for fact in call.facts)


_OF_THE_UNHANDLED = frozenset({Verdict.BREACHED, Verdict.ABANDONED, Verdict.REFUSED})


def _may_have_been_handled(call: Call) -> bool:
    """Whether something that would have counted may have happened while nobody looked."""
    return call.in_doubt or any(visit.exit is Exit.UNKNOWN for visit in call.visits)


def _judge_waiting(call: Call, *, overdue: bool) -> Judgement:
    """Judge a caller who is still on the line, and not taken care of as far as is known."""
    deadline = call.deadline_at
    raised = call.verdict is Verdict.BREACHED or call.reason is Reason.MAY_HAVE_BEEN_HANDLED
    if deadline is not None and (overdue or raised):
        return Judgement(Verdict.BREACHED, Reason.WAITING_PAST_DEADLINE, deadline)
    return PENDING


def _judge_handled(call: Call) -> Judgement:
    """Judge a call that was taken care of: less than the threshold is met, the rest is not."""
    deadline = call.deadline_at
    if call.handled_at is None:
        # It happened in a blind interval that reached over the deadline: nobody can tell.
        return Judgement(Verdict.UNKNOWN, Reason.END_NOT_OBSERVED, call.ended_at)
    late = is_late(call, call.handled_at, call.handled_blur)
    if late is None:
        return Judgement(Verdict.UNKNOWN, Reason.NOT_PRECISE_ENOUGH, call.handled_at)
    if late:
        return Judgement(Verdict.BREACHED, Reason.HANDLED_LATE, deadline)
    by_agent = call.handled_by is HandledBy.AGENT
    reason = Reason.HANDLED_BY_AGENT if by_agent else Reason.HANDLED_BY_VOICE_SERVER
    return Judgement(Verdict.MET, reason, call.handled_at)


def _judge_ended(call: Call, *, overdue: bool) -> Judgement:
    """Judge a call that ended and was never taken care of."""
    deadline, end = call.deadline_at, call.ended_at
    if end is None:
        if deadline is not None and (overdue or call.verdict is Verdict.BREACHED):
            return Judgement(Verdict.BREACHED, Reason.WAITING_PAST_DEADLINE, deadline)
        return Judgement(Verdict.UNKNOWN, Reason.END_NOT_OBSERVED, None)
    if deadline is None:
        return Judgement(Verdict.EXCLUDED, Reason.LEFT_BEFORE_THE_CLOCK, end)
    refused = _was_refused(call)
    late = is_late(call, end, call.end_blur)
    if late is None:
        return Judgement(Verdict.UNKNOWN, Reason.NOT_PRECISE_ENOUGH, end)
    if late:
        why = Reason.REFUSED_LATE if refused else Reason.ABANDONED_LATE
        return Judgement(Verdict.BREACHED, why, deadline)
    if not refused:
        return Judgement(Verdict.ABANDONED, Reason.CALLER_HUNG_UP, end)
    turned_away = bool(call.visits) and call.visits[-1].exit in REFUSED_EXITS
    reason = Reason.TURNED_AWAY if turned_away else Reason.PBX_HUNG_UP
    return Judgement(Verdict.REFUSED, reason, end)


def is_late(call: Call, at: Ms, blur: Ms) -> bool | None:
    """Whether ``at``, which may be off by ``blur``, is at the deadline or later.

    The queue log has whole seconds: between the longest and the shortest possible wait nobody can
    tell (None), unless the caller was seen to wait beyond the deadline.
    """
    deadline = call.deadline_at
    if deadline is None:
        return False
    blur += call.start_blur
    if at - blur >= deadline:
        return True
    if at + blur < deadline:
        return False
    return True if call.verdict is Verdict.BREACHED else None


def _was_refused(call: Call) -> bool:
    """Whether the PBX turned an unhandled caller away, rather than the caller giving up.

    A caller who hangs up while hearing "all our agents are gone, goodbye" was turned away too.
    """
    last = call.visits[-1].exit if call.visits else None
    if last is Exit.ABANDONED:
        return False
    return last in REFUSED_EXITS or not call.caller_hung_up
