"""Taking in what the queue log told of a closed call: figures of today and clients follow."""

from monitor.core.desk import Desk
from monitor.core.effects import VerdictGiven
from monitor.core.events import Event
from monitor.core.records import Call, Verdict
from monitor.core.values import value


@value
class CallRecovered(Event):
    """A closed call was completed from the queue log; see :mod:`monitor.core.reconciling`.

    ``before`` is the record as it was stored, None where there was none; ``after`` as it is now.
    The engine must have forgotten the call: of one that it still remembers it knows better.
    """

    before: Call | None
    after: Call


def on_call_recovered(desk: Desk, event: CallRecovered) -> None:
    """Count the call as it is now instead of as it was; say what changed."""
    before, after = event.before, event.after
    if desk.find(after.uniqueid) is not None:
        return
    if before is not None:
        _count(desk, before, -1)
    _count(desk, after, 1)
    desk.touch(after)
    previous = Verdict.PENDING if before is None else before.verdict
    if previous is not after.verdict:
        at = after.arrived_at if after.verdict_at is None else after.verdict_at
        desk.emit(VerdictGiven(after, after.verdict, after.reason, at, previous))


def _count(desk: Desk, call: Call, by: int) -> None:
    """Add a call to today's figures, or take it out."""
    if call.arrived_at >= desk.today.since:
        desk.today.commitment.count(call.verdict, by)
        desk.today.commitment.short_abandons += by * call.short_abandon
    for visit in call.visits:
        if visit.exit is not None:
            desk.count_visit(visit, by)
            if by > 0:
                desk.forget_wait(visit)
