"""From what the queue log tells of a call to a record of it, judged; pure.

The log knows queues only: nothing of voice servers, nothing of an agent who was called directly,
nothing of where a caller went who left a queue unanswered. What it does not say stays unknown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from monitor.core.clock import Ms
from monitor.core.logged import LOG_BLUR, LoggedCall, LoggedVisit, epoch_of
from monitor.core.policy import ClockStart, Exclusion, Rules
from monitor.core.records import (
    Call,
    Exit,
    Fact,
    FactKind,
    HandledBy,
    Observed,
    Reason,
    Verdict,
    Visit,
)
from monitor.core.verdicts import is_late, judge

Detail = str | int | None
Span = tuple[Ms, Ms]
"""From a moment to a later one."""

EXCLUSIONS: Final = frozenset(Reason(item.value) for item in Exclusion)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a log is read with: the policy's rules, and what the admin says beside the log.

    ``no_voice_server``: callers reached no voice server before, or between, queues.
    """

    rules: Rules
    no_voice_server: bool = False

    @property
    def elsewhere_counts(self) -> bool:
        """Whether a caller who was in no queue may have been in a voice server that counts."""
        return bool(self.rules.policy.voice_servers) and not self.no_voice_server


def recover(pbx: str, logged: LoggedCall, given: Assumptions, *, strict: bool = False) -> Call:
    """The record of a call that was never observed.

    Args:
        pbx: whose log it is.
        logged: a call with at least one visit, told to its end.
        given: the rules of the time of the call.
        strict: a voice server may also have been passed in less than the log's precision.
    """
    first = logged.visits[0]
    thresholds = given.rules.queue(pbx, first.queue)
    call = Call(
        pbx=pbx,
        uniqueid=logged.uniqueid,
        arrived_at=logged.arrived_at,
        caller=first.number,
        policy_version=given.rules.policy.version,
        within=thresholds.within,
        at_risk_after=thresholds.at_risk_after,
        observed=Observed.PARTIAL,
        closed=True,
    )
    by_id = epoch_of(call.uniqueid) == call.arrived_at
    note(call, call.arrived_at, FactKind.FOUND, by="uniqueid" if by_id else "joining")
    _start_clock(call, first.joined_at, given)
    for visit in logged.visits:
        call.visits.append(visit_of(pbx, visit, given.rules))
        tell_visit(call, visit)
    handle(call)
    call.ended_at = logged.ended_at
    call.end_blur = 0 if call.ended_at is None else LOG_BLUR
    call.caller_hung_up = call.ended_at is not None
    note(call, _last(call), FactKind.ENDED, observed=int(call.ended_at is not None))
    unseen = (call.arrived_at, matters_until(call))
    waits = [(v.joined_at, v.left_at or v.joined_at) for v in logged.visits]
    call.in_doubt = given.elsewhere_counts and (strict or bool(without([unseen], waits)))
    excluded = given.rules.exclusion(call.caller, call.arrived_at, pbx, call.judging_queue)
    rejudge(call, given.rules, excluded)
    return call


def _start_clock(call: Call, joined_at: Ms, given: Assumptions) -> None:
    """Start the clock; what may start it before the queue, and is not logged, blurs it."""
    starts_on = given.rules.policy.commitment.starts_on
    call.clock_started_at, call.start_blur = call.arrived_at, LOG_BLUR
    no_voice_server = starts_on is ClockStart.VOICE_SERVER_LEFT and not given.elsewhere_counts
    if starts_on is ClockStart.QUEUE_JOINED or no_voice_server:
        call.clock_started_at = joined_at
    elif starts_on is not ClockStart.ARRIVAL:
        # At a moment between arriving and joining that the log does not know.
        before = max(0, joined_at - call.arrived_at) // 2
        call.clock_started_at, call.start_blur = call.arrived_at + before, LOG_BLUR + before
    note(call, call.clock_started_at, FactKind.CLOCK_STARTED, within_ms=call.within)


def visit_of(pbx: str, logged: LoggedVisit, rules: Rules) -> Visit:
    """The record of a logged visit; one whose end was not told ended somehow."""
    visit = Visit(
        queue=logged.queue,
        joined_at=logged.joined_at,
        within=rules.queue(pbx, logged.queue).within,
        position=logged.position,
        left_at=logged.left_at,
        exit=logged.exit or Exit.UNKNOWN,
        agent=logged.agent,
        answered_at=logged.answered_at,
        ended_at=logged.ended_at,
        offers=logged.offers,
        missed=len(logged.missed),
        given_up=logged.exit is Exit.ABANDONED,
        blur=LOG_BLUR,
    )
    judge_short(visit, rules)
    return visit


def judge_short(visit: Visit, rules: Rules) -> None:
    """Mark an abandoned visit as short or not (rule 8)."""
    limit = rules.policy.commitment.short_abandon
    visit.short = visit.exit is Exit.ABANDONED and (visit.wait or 0) < limit


def tell_visit(call: Call, logged: LoggedVisit) -> None:
    """Put a logged visit into the timeline."""
    queue = logged.queue
    note(call, logged.joined_at, FactKind.QUEUE_JOINED, queue=queue, position=logged.position)
    for at, agent in logged.dumps:
        note(call, at, FactKind.AGENT_DUMPED, queue=queue, agent=agent)
    for missed in logged.missed:
        note(
            call, missed.at, FactKind.AGENT_MISSED,
            queue=queue, agent=missed.agent, rang_ms=missed.rang,
        )  # fmt: skip
    tell_exit(call, logged)


def tell_exit(call: Call, logged: LoggedVisit) -> None:
    """Put how a logged visit ended, and the conversation after it, into the timeline."""
    queue, left_at = logged.queue, logged.left_at
    if logged.exit is None or left_at is None:
        return
    note(call, left_at, FactKind.QUEUE_EXIT, queue=queue, exit=logged.exit.value)
    if logged.answered_at is not None:
        note(call, logged.answered_at, FactKind.AGENT_CONNECTED, queue=queue, agent=logged.agent)
    tell_end_of_talk(call, logged)


def tell_end_of_talk(call: Call, logged: LoggedVisit) -> None:
    """Put the end of a logged conversation into the timeline."""
    if logged.ended_at is not None:
        note(
            call, logged.ended_at, FactKind.AGENT_COMPLETED,
            queue=logged.queue, agent=logged.agent, ended_by=logged.ended_by,
        )  # fmt: skip


def handle(call: Call) -> None:
    """Take the first answer of the visits for the moment at which the caller was handled."""
    # An agent outside the queues may have had the caller first: then only what was not seen counts.
    answered = [
        visit
        for visit in call.visits
        if visit.answered_at is not None and (visit.blur or call.handled_by is None)
    ]
    if not answered:
        return
    first = min(answered, key=lambda visit: visit.answered_at or 0)
    at = first.answered_at
    assert at is not None  # noqa: S101 - chosen so
    if call.handled_at is None or at < call.handled_at - first.blur:
        call.handled_at, call.handled_blur = at, first.blur
        call.handled_by = HandledBy.AGENT
    if not call.agent:
        call.agent = first.agent


def matters_until(call: Call) -> Ms:
    """Until when a voice server, or another agent, could have changed the verdict."""
    moments = [_last(call)]
    moments += [m for m in (call.handled_at, call.deadline_at) if m is not None]
    return min(moments)


def without(spans: Iterable[Span], parts: Iterable[Span]) -> list[Span]:
    """What is left of ``spans`` without ``parts``."""
    left = list(spans)
    for start, end in parts:
        left = [rest for span in left for rest in _without(span, start, end)]
    return left


def _without(span: Span, start: Ms, end: Ms) -> list[Span]:
    """A span without the part from ``start`` to ``end``."""
    if end <= span[0] or start >= span[1]:
        return [span]
    return [(a, b) for a, b in ((span[0], start), (end, span[1])) if a < b]


def rejudge(call: Call, rules: Rules, exclusion: Exclusion | None) -> bool:
    """Judge a record again by what it says now; a change is a correction, and noted.

    Returns:
        Whether the verdict, its reason or its moment changed.
    """
    verdict, reason, at = judge(call, exclusion, overdue=_seen_overdue(call))
    if (verdict, reason, at) == (call.verdict, call.reason, call.verdict_at):
        return False
    previous, call.verdict = call.verdict, verdict
    call.reason, call.verdict_at = reason, at
    wait, limit = call.wait, rules.policy.commitment.short_abandon
    call.short_abandon = verdict is Verdict.ABANDONED and wait is not None and wait < limit
    if previous is verdict:
        return True
    kind = FactKind.VERDICT
    if previous is not Verdict.PENDING:
        call.corrections += 1
        kind = FactKind.CORRECTED
    stamped = at if at is not None else call.arrived_at
    note(
        call, stamped, kind,
        verdict=verdict.value, reason=reason.value, previous=previous.value,
    )  # fmt: skip
    return True


def _seen_overdue(call: Call) -> bool:
    """Whether the caller left a queue, unhandled, certainly after the deadline."""
    left = [visit.left_at for visit in call.visits if visit.left_at is not None]
    if call.handled_by is not None or not left:
        return False
    return bool(is_late(call, max(left), LOG_BLUR))


def note(call: Call, at: Ms, kind: FactKind, **detail: Detail) -> None:
    """Append a fact that is known from the log."""
    detail["recovered"] = 1
    call.facts.append(Fact(at, kind, detail))


def is_recovered(call: Call) -> bool:
    """Whether a record comes from a log alone: its very first fact was recovered."""
    return bool(call.facts) and call.facts[0].detail.get("recovered") == 1


def _last(call: Call) -> Ms:
    """The last moment that a log tells of a call."""
    moments = [call.arrived_at]
    for visit in call.visits:
        moments += [m for m in (visit.joined_at, visit.left_at, visit.ended_at) if m is not None]
    return max(moments)
