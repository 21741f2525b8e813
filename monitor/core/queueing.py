"""Visits: joining a queue, leaving it, and finding out how.

Asterisk says Leave (and Abandon) first and the reason afterwards, so a visit leaves undecided; the
deciding event is QUEUESTATUS, the connection to an agent, the dialplan going on, or the end of the
channel. The exit is dated at the Leave. Source: the map's section 4, checked on Asterisk 22.
"""

from typing import Final

from monitor.core import voice
from monitor.core.clock import SECOND, Ms
from monitor.core.desk import Desk
from monitor.core.events import (
    DialplanStep,
    QueueGivenUp,
    QueueJoined,
    QueueLeft,
    QueueStatusSet,
)
from monitor.core.policy import ClockStart
from monitor.core.records import (
    TURNED_AWAY,
    Call,
    Exit,
    FactKind,
    HandledBy,
    Observed,
    Verdict,
    Visit,
)

SNAPSHOT_PRECISION: Final[Ms] = 2 * SECOND
"""A snapshot tells a wait in whole seconds; a replayed event of the same joining is this near."""

ABANDON_BEFORE_LEAVE: Final[Ms] = 2 * SECOND
"""How long before its Leave an Abandon may come (0.4 s was seen, on a slow disk)."""

STAYED_ON: Final[Ms] = SECOND
"""Who hangs up in a queue is gone some ms after the Leave; who was redirected, after a while."""

_TAKEN_OR_NOT: Final = frozenset({FactKind.AGENT_PICKED_UP, FactKind.AGENT_DUMPED})

EXIT_OF_STATUS: Final = {
    "TIMEOUT": Exit.TIMEOUT,
    "FULL": Exit.FULL,
    "JOINEMPTY": Exit.JOIN_EMPTY,
    "JOINUNAVAIL": Exit.JOIN_EMPTY,
    "LEAVEEMPTY": Exit.LEAVE_EMPTY,
    "LEAVEUNAVAIL": Exit.LEAVE_EMPTY,
    "CONTINUE": Exit.CONTINUED,
    "WITHDRAW": Exit.WITHDRAWN,
}


def on_queue_joined(desk: Desk, event: QueueJoined, call: Call) -> None:
    """The caller joined a queue; the first one's thresholds judge the call from now on."""
    visit = _same_joining(call, event)
    if visit is not None:
        visit.joined_at, visit.position = event.at, event.position
        desk.queue(event.queue).reorder()
        desk.touch(call)
        return
    if any(v.queue == event.queue and v.joined_at == event.at for v in call.visits):
        return
    if _completes_answer(desk, call, event):
        return
    thresholds = desk.rules_of(call).queue(desk.pbx.name, event.queue)
    visit = Visit(event.queue, event.at, thresholds.within, position=event.position)
    leg = {"logged_as": event.logged_as} if event.logged_as else {}
    desk.note(
        call, event.at, FactKind.QUEUE_JOINED, queue=event.queue, position=event.position, **leg
    )
    if call.visits and call.visits[-1].joined_at > event.at:
        _insert_earlier(desk, call, visit)
        return
    voice.leave(desk, call, event.at)
    decide_before_next(desk, call, event.at)
    call.visits.append(visit)
    desk.queue(event.queue).join(call)
    desk.touch_queue(event.queue)
    desk.judge_hours(call)
    if call.verdict is Verdict.PENDING and all(v.exit in TURNED_AWAY for v in call.visits[:-1]):
        call.within, call.at_risk_after = thresholds.within, thresholds.at_risk_after
        call.policy_version = desk.rules_of(call).policy.version  # where its own is not known
        desk.arm(call)
    if desk.rules_of(call).policy.commitment.starts_on is not ClockStart.ARRIVAL:
        # Also where the welcome or the voice server, on which it should start, was passed by.
        desk.start_clock(call, event.at)


def _completes_answer(desk: Desk, call: Call, event: QueueJoined) -> bool:
    """Whether a visit known only by its answer is the one that begins here."""
    last = call.visits[-1] if call.visits else None
    if last is None or last.queue != event.queue or last.joined_at != last.answered_at:
        return False
    if event.at > last.joined_at:
        return False
    desk.count_visit(last, -1)
    last.joined_at, last.position = event.at, event.position
    desk.count_visit(last, 1)
    desk.touch(call)
    return True


def _insert_earlier(desk: Desk, call: Call, visit: Visit) -> None:
    """Record a visit that lies before one which a snapshot showed already."""
    insert_in_order(call, visit)
    desk.exit_visit(call, visit, Exit.UNKNOWN, visit.joined_at)
    desk.judge_hours(call)


def insert_in_order(call: Call, visit: Visit) -> None:
    """Put a visit where it belongs by its joining, also among those that a snapshot showed."""
    place = sum(known.joined_at <= visit.joined_at for known in call.visits)
    call.visits.insert(place, visit)


def _same_joining(call: Call, event: QueueJoined) -> Visit | None:
    """The open visit that a snapshot found, if ``event`` is the joining it stands for."""
    visit = call.visit
    if visit is None or visit.queue != event.queue or visit.left_at is not None:
        return None
    near = abs(visit.joined_at - event.at) <= SNAPSHOT_PRECISION
    if visit.joined_at == event.at or (call.observed is Observed.PARTIAL and near):
        return visit
    return None


def decide_before_next(desk: Desk, call: Call, at: Ms) -> None:
    """Decide a visit that nothing decided before the caller joined the next queue."""
    visit = call.visit
    if visit is None:
        return
    if visit.left_at is None:
        desk.exit_visit(call, visit, Exit.UNKNOWN, at)
    else:
        _decide_by_going_on(desk, call, visit)


def on_queue_left(desk: Desk, event: QueueLeft) -> None:
    """The caller is off the queue; how comes later."""
    call = desk.find(event.uniqueid)
    if call is None:
        return
    visit = _visit_in(call, event.queue, event.at)
    if visit is None or visit.left_at is not None:
        return
    if visit.exit is None:
        visit.left_at = event.at
    else:
        # A snapshot missed the caller in the queue; now this says when they left.
        desk.count_visit(visit, -1)
        visit.left_at = event.at
        desk.count_visit(visit, 1)
    desk.unqueue(call, visit)
    desk.note(call, event.at, FactKind.QUEUE_LEFT, queue=event.queue)
    if visit.moved:
        _decide_by_going_on(desk, call, visit)


def on_queue_given_up(desk: Desk, event: QueueGivenUp) -> None:
    """The caller leaves the queue unanswered, for whatever reason."""
    call = desk.find(event.uniqueid)
    visit = None if call is None else _visit_in(call, event.queue, event.at)
    if call is not None and visit is not None:
        visit.given_up = True
        desk.touch(call)


def on_queue_status_set(desk: Desk, event: QueueStatusSet) -> None:
    """``QUEUESTATUS``: why the queue ended."""
    call = desk.find(event.uniqueid)
    exit_ = EXIT_OF_STATUS.get(event.status)
    if call is None or exit_ is None:
        return
    visit = _undecided(call, event.at) or _inferred(call, event.at, exit_)
    if visit is not None and exit_ is Exit.CONTINUED:
        # Said when the agent has hung up and the caller goes on: there was an answer we missed.
        answered_unseen(desk, call, visit, "", "", event.at)
    elif visit is not None:
        if visit.left_at is None:
            visit.left_at = event.at
            desk.unqueue(call, visit)
        desk.exit_visit(call, visit, exit_, visit.left_at)
        if call.closed:
            desk.judge(call)
    elif exit_ in TURNED_AWAY:
        _record_refused_entry(desk, call, exit_, event.at)


def _record_refused_entry(desk: Desk, call: Call, exit_: Exit, at: Ms) -> None:
    """Record a visit to a queue that did not let the caller in: no queue event tells of it."""
    queue, tried_at = desk.queue_app.pop(call.uniqueid, ("", at))
    if not queue or any(v.queue == queue and v.joined_at == tried_at for v in call.visits):
        return
    thresholds = desk.rules_of(call).queue(desk.pbx.name, queue)
    visit = Visit(queue, tried_at, thresholds.within, left_at=at)
    call.visits.append(visit)
    desk.exit_visit(call, visit, exit_, at)
    desk.judge_hours(call)


def decide_by_dialplan(desk: Desk, call: Call, step: DialplanStep) -> None:
    """The dialplan goes on: an undecided visit ended by key, or by a redirect.

    Asterisk shows the new place before the Leave, under the old application's name, and on a
    redirect nothing follows.
    """
    visit = _undecided(call, step.at)
    if visit is None:
        return
    if visit.left_at is not None:
        if visit.exit is None or visit.given_up:
            _decide_by_going_on(desk, call, visit)
    elif (step.context, step.exten) != (call.context, call.exten) and step.at > visit.joined_at:
        visit.moved = True
        desk.touch(call)


def _decide_by_going_on(desk: Desk, call: Call, visit: Visit) -> None:
    left_at = visit.joined_at if visit.left_at is None else visit.left_at
    exit_ = Exit.REDIRECTED if visit.given_up else Exit.KEY
    heard = visit.joined_at, left_at - ABANDON_BEFORE_LEAVE
    if exit_ is Exit.KEY and (max(heard) <= desk.heard_since or _is_picked_up(call, visit)):
        exit_ = Exit.UNKNOWN  # that no Abandon was heard says nothing
    desk.exit_visit(call, visit, exit_, left_at)


def _is_picked_up(call: Call, visit: Visit) -> bool:
    """Whether a member took the caller, as far as the dialling tells, and did not hang up."""
    told = [f for f in call.facts if f.kind in _TAKEN_OR_NOT and f.at >= visit.joined_at]
    return bool(told) and told[-1].kind is FactKind.AGENT_PICKED_UP


def decide_by_end(desk: Desk, call: Call, at: Ms) -> None:
    """The caller's channel ended: still waiting means abandoned."""
    visit = call.visits[-1] if call.visits else None
    if visit is None or visit.exit not in {None, Exit.UNKNOWN}:
        return
    waited_to_the_end = visit.exit is None and visit.left_at is None
    if visit.left_at is None and (waited_to_the_end or visit.given_up):
        visit.left_at = at
    if waited_to_the_end or (visit.given_up and not _perhaps_redirected(call, visit, at)):
        desk.exit_visit(call, visit, Exit.ABANDONED, visit.left_at or at)
    elif visit.exit is None:
        # Left, neither given up nor answered, and gone: the event that says how was lost.
        desk.exit_visit(call, visit, Exit.UNKNOWN, visit.left_at or at)


def _perhaps_redirected(call: Call, visit: Visit, at: Ms) -> bool:
    """Whether the caller, off the queue, was still there: the step that says where was not heard.

    Who hangs up is gone at once; a redirected caller stays, and no step need follow.
    """
    hung_up = [fact.at for fact in call.facts if fact.kind is FactKind.HANGUP_REQUESTED]
    gone_at = min([*hung_up, at])
    left_at = at if visit.left_at is None else visit.left_at
    return call.observed is Observed.PARTIAL and gone_at > left_at + STAYED_ON


def answer_by_bridge(desk: Desk, call: Call, agent: str, at: Ms) -> None:
    """The caller is bridged while a visit is open: its AgentConnect was lost or is late."""
    visit = call.visit
    if visit is None or at < visit.joined_at:
        return  # of the way here, which a snapshot has overtaken
    if visit.left_at is None:
        # Taken out of the queue and joined with somebody (AMI Bridge): the queue does not say so.
        visit.left_at = at
        desk.exit_visit(call, visit, Exit.REDIRECTED, at)
        return
    answer(desk, call, visit, agent, agent, at)


def answer(desk: Desk, call: Call, visit: Visit, agent: str, interface: str, at: Ms) -> None:
    """A member and the caller are connected: the visit is answered."""
    if visit.exit is not None:
        desk.count_visit(visit, -1)
        visit.exit = None
    visit.answered_at = at
    if visit.left_at is None:
        visit.left_at = at
    visit.agent, visit.interface = agent, interface
    desk.exit_visit(call, visit, Exit.ANSWERED, visit.left_at)


def answered_unseen(
    desk: Desk, call: Call, visit: Visit, agent: str, interface: str, at: Ms
) -> None:
    """A member had the caller at ``at``, connected at a moment that nobody saw."""
    visit.agent, visit.interface = visit.agent or agent, visit.interface or interface
    if visit.exit is Exit.UNKNOWN:
        call.in_doubt = True  # since when, and whether somebody had the caller before, nobody saw
    desk.exit_visit(call, visit, Exit.ANSWERED, at)
    desk.handled_by_then(call, at, HandledBy.AGENT, agent)


def _undecided(call: Call, at: Ms) -> Visit | None:
    """The visit that was open at ``at``, if how it ended is not known (yet).

    An event that was buffered during a resync may be about an earlier visit than the one that
    the snapshot showed.
    """
    visit = _newest(call, at)
    return visit if visit is not None and visit.exit in {None, Exit.UNKNOWN} else None


def _inferred(call: Call, at: Ms, exit_: Exit) -> Visit | None:
    """The visit that seemed to end by a redirect or a key, where the queue itself knows better.

    A redirect may come in the moment in which the queue sends the caller away.
    """
    if exit_ in TURNED_AWAY or exit_ is Exit.CONTINUED:
        return None
    newest = _newest(call, at)
    seemed = newest is not None and newest.exit in {Exit.REDIRECTED, Exit.KEY}
    return newest if seemed else None


def _newest(call: Call, at: Ms) -> Visit | None:
    """The newest visit that had begun by ``at``, in whatever queue."""
    return next((visit for visit in reversed(call.visits) if visit.joined_at <= at), None)


def _visit_in(call: Call, queue: str, at: Ms) -> Visit | None:
    """The visit to ``queue`` that an event about leaving it can still be about."""
    visit = newest_visit(call, queue, at)
    open_ended = visit is not None and visit.exit in {None, Exit.UNKNOWN, Exit.ANSWERED}
    return visit if open_ended else None


def is_same_wait(call: Call, visit: Visit, told: Ms) -> bool:
    """Whether a wait that began at ``told`` by Asterisk's count is the one of this visit.

    Asterisk counts by its own clock: if that was set during the visit, it is off by as much.
    """
    stepped = sum(
        int(fact.detail["by_ms"] or 0)
        for fact in call.facts
        if fact.kind is FactKind.CLOCK_STEPPED and fact.at >= visit.joined_at
    )
    begun = told - visit.joined_at
    return begun <= SNAPSHOT_PRECISION or abs(begun + stepped) <= SNAPSHOT_PRECISION


def newest_visit(call: Call, queue: str, at: Ms) -> Visit | None:
    """The visit to ``queue`` that an event of ``at`` is about: the newest begun by then."""
    for visit in reversed(call.visits):
        if visit.queue == queue and visit.joined_at <= at:
            return visit
    return None
