"""What must hold at any moment, and at the end; each told by plain code of its own.

The figures are counted here from the records alone, by other code than the product's.
"""

from collections.abc import Iterable, Mapping

from monitor.core.clock import DAY, Ms
from monitor.core.desk import Desk
from monitor.core.engine import Engine
from monitor.core.events import DeviceState
from monitor.core.indicators import CommitmentTally, QueueTally
from monitor.core.live import QueueState
from monitor.core.policy import Exclusion, Policy, Rules
from monitor.core.records import Call, Exit, FactKind, Member, MemberState, Reason, Verdict, Visit
from monitor.core.verdicts import judge

# --- at any moment ------------------------------------------------------------------------------


def desks_of(engine: Engine) -> Iterable[Desk]:
    return engine._desks.values()


def check_live(engine: Engine) -> None:
    """The working state of each PBX agrees with itself."""
    for desk in desks_of(engine):
        waiting: dict[str, dict[str, Call]] = {}
        for uniqueid, call in desk.calls.items():
            assert call.uniqueid == uniqueid
            assert not call.closed
            assert uniqueid not in desk.closed
            assert uniqueid not in desk.channels
            check_visits(call)
            visit = call.visit
            if visit is not None and visit.left_at is None:
                waiting.setdefault(visit.queue, {})[uniqueid] = call
        for name, state in desk.queues.items():
            assert state.waiting == waiting.get(name, {}), "waiting: who has an open visit"
            _check_longest(state)
        for key, member in desk.members.items():
            assert key == (member.queue, member.interface)
            _check_member(desk, member)
        _check_bridges(desk)


def check_visits(call: Call) -> None:
    """A visit is left after it is joined, and only the last one may be open."""
    joined = 0
    for visit in call.visits:
        assert visit.joined_at >= joined, "visits in order"
        joined = visit.joined_at
        assert visit.exit is not None or visit is call.visits[-1]
        for end in (visit.left_at, visit.answered_at):
            assert end is None or end >= visit.joined_at, "no negative wait"
        if visit.ended_at is not None and visit.answered_at is not None:
            assert visit.ended_at >= visit.answered_at, "no negative talk"
    entered = 0
    for stay in call.stays:
        assert stay.entered_at >= entered, "stays in order"
        entered = stay.entered_at
        assert stay.left_at is not None or stay is call.stays[-1]
        assert stay.left_at is None or stay.left_at >= stay.entered_at, "no negative stay"


def _check_longest(state: QueueState) -> None:
    joined = [call.visits[-1].joined_at for call in state.waiting.values()]
    assert state.longest_wait_since == min(joined, default=None)


def _check_member(desk: Desk, member: Member) -> None:
    busy = bool(member.call_id) or member.in_call
    assert not member.holding or member.call_id, "who holds a caller talks to one"
    if member.device is DeviceState.ON_HOLD or member.holding:
        assert member.state is MemberState.ON_HOLD
    else:
        assert (member.state is MemberState.TALKING) == busy, "talking: has a call"
    if not member.call_id:
        return
    call = desk.find(member.call_id.partition(":")[2])
    assert call is not None, "a member talks to a call that is known"
    mine = [v for v in call.visits if (v.queue, v.interface) == (member.queue, member.interface)]
    assert any(visit.exit is Exit.ANSWERED for visit in mine), "a member talks who has answered"


def _check_bridges(desk: Desk) -> None:
    inside = {uid: bridge for bridge, uids in desk.bridges.items() for uid in uids}
    assert inside == desk.bridge_of
    assert all(desk.bridges.values()), "no empty bridge"


def check_clock(engine: Engine, now: Ms) -> None:
    """After ``advance(now)`` nothing is overdue, and what comes next has a timer."""
    following = engine.next_deadline()
    assert following is not None
    assert following > now
    for desk in desks_of(engine):
        pbx_now = now - desk.pbx.clock_offset
        if desk.pbx.blind_since is not None:
            continue
        for call in desk.calls.values():
            deadline, risk = call.deadline_at, call.at_risk_at
            if call.verdict is not Verdict.PENDING or deadline is None or risk is None:
                continue
            if is_undecided(call, engine.policy):
                continue
            assert deadline > pbx_now, "a breach is raised at its deadline"
            assert following <= deadline + desk.pbx.clock_offset
            assert call.at_risk or risk > pbx_now, "at risk in time"
            assert call.at_risk or following <= risk + desk.pbx.clock_offset
        for member in desk.members.values():
            if member.state is MemberState.WRAP_UP:
                assert pbx_now < member.last_call + member.wrap_up
                assert following <= member.last_call + member.wrap_up + desk.pbx.clock_offset


def check_figures(engine: Engine, calls: Mapping[str, Call], now: Ms) -> None:
    """Today's figures are those of the records of today."""
    since = now // DAY * DAY
    assert engine.today == commitment_of(calls.values(), since)
    for (pbx, name), state in engine.snapshot().queues.items():
        visits = [
            visit
            for call in calls.values()
            if call.pbx == pbx
            for visit in call.visits
            if visit.queue == name and visit.exit is not None and visit.joined_at >= since
        ]
        assert state.today == queue_of(visits), (pbx, name)


def commitment_of(calls: Iterable[Call], since: Ms) -> CommitmentTally:
    """Count calls by verdict."""
    tally = CommitmentTally()
    for call in calls:
        if call.arrived_at >= since:
            name = call.verdict.value
            setattr(tally, name, getattr(tally, name) + 1)
            tally.short_abandons += call.short_abandon
    return tally


def queue_of(visits: Iterable[Visit]) -> QueueTally:
    """Count visits by their ends."""
    found = list(visits)
    tally = QueueTally(offered=len(found))
    for visit in found:
        end = visit.left_at if visit.answered_at is None else visit.answered_at
        wait = 0 if end is None else end - visit.joined_at
        tally.longest_wait = max(tally.longest_wait, wait)
        if visit.exit is Exit.UNKNOWN or (visit.exit is Exit.ANSWERED and end is None):
            tally.unknown += 1
        elif visit.exit is Exit.ANSWERED:
            tally.answered += 1
            tally.answered_within += wait <= visit.within
            tally.answered_wait += wait
        elif visit.exit is Exit.ABANDONED:
            tally.abandoned += 1
            tally.abandoned_within += wait <= visit.within
            tally.abandoned_short += visit.short
        else:
            tally.left_otherwise += 1
        if visit.ended_at is not None and visit.answered_at is not None:
            tally.talked += 1
            tally.talk += visit.ended_at - visit.answered_at
    return tally


# --- of one call --------------------------------------------------------------------------------

_EXCLUSIONS = {exclusion.value for exclusion in Exclusion}


def is_undecided(call: Call, policy: Policy) -> bool:
    """Whether the centre is closed, and which queue's calendar judges the call nobody knows yet."""
    rules = Rules(policy)
    seen_to_end = call.closed and not call.in_doubt and call.ended_at is not None
    if call.visits or seen_to_end or not rules.has_calendars:
        return False
    closed = rules.exclusion(call.caller, call.arrived_at, call.pbx)
    return closed is not None and rules.is_open_somewhere(call.pbx, call.arrived_at)


def check_verdict(call: Call, policy: Policy) -> None:
    """The verdict is a function of the record, and the timeline tells how it came about."""
    if is_undecided(call, policy):
        expected = Verdict.UNKNOWN if call.closed else Verdict.PENDING
        assert call.verdict is expected, "nothing is judged before it is known whether"
    else:
        _check_judged(call)
    _check_told(call)


def _check_judged(call: Call) -> None:
    excluded = call.verdict is Verdict.EXCLUDED and call.reason.value in _EXCLUSIONS
    exclusion = Exclusion(call.reason.value) if excluded else None
    assert judge(call, exclusion) == (call.verdict, call.reason, call.verdict_at)


def _check_told(call: Call) -> None:
    standing, corrections = Verdict.PENDING.value, 0
    for fact in call.facts:
        if fact.kind not in {FactKind.VERDICT, FactKind.CORRECTED}:
            continue
        assert fact.detail["previous"] == standing, "each verdict follows the one before"
        first = standing == Verdict.PENDING.value
        assert fact.kind is (FactKind.VERDICT if first else FactKind.CORRECTED)
        corrections += fact.kind is FactKind.CORRECTED
        standing = str(fact.detail["verdict"])
    assert standing == call.verdict.value, "the last verdict told is the one that stands"
    assert corrections == call.corrections
    if call.at_risk:
        assert any(fact.kind is FactKind.AT_RISK for fact in call.facts)


def check_over(call: Call, policy: Policy) -> None:
    """A call that is over has one final verdict, and nothing in it is open."""
    assert call.closed
    assert call.verdict is not Verdict.PENDING
    assert (call.verdict is Verdict.UNKNOWN) or call.reason is not Reason.END_NOT_OBSERVED
    assert all(visit.exit is not None for visit in call.visits)
    assert call.ended_at is None or call.ended_at >= call.arrived_at
    check_visits(call)
    check_verdict(call, policy)
    if call.ended_at is not None and call.visits and call.visits[-1].answered_at is not None:
        assert call.visits[-1].ended_at is not None, "no conversation outlives its call"


LASTING = {
    "pbx", "book", "today", "timers", "queues", "members", "locals", "ways", "heard_since",
}  # fmt: skip
"""What a desk knows besides its calls, or what is looked at by itself."""


def check_nothing_kept(engine: Engine) -> None:
    """After all calls are over and forgotten, nothing of them is in memory."""
    for desk in desks_of(engine):
        for name, value in vars(desk).items():
            if name not in LASTING:
                assert not value, f"{name} keeps {value}"
        for name in ("other", "names", "halves", "legs"):
            assert not getattr(desk.locals, name), f"locals.{name}"
        assert all(not state.waiting for state in desk.queues.values())
        assert all(not member.call_id for member in desk.members.values())
        assert desk.timers.next_at is None
