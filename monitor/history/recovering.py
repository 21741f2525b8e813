"""Making a record agree with a queue log; blocks.

This and an import work in batches of one transaction each, so what was stored stays when they are
interrupted, and the same log again finds it and changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from monitor.core.clock import HOUR, Ms
from monitor.core.comparing import (
    NEAR,
    UNLOGGED,
    Difference,
    Explanation,
    Sight,
    legs_of,
    only_answer_seen,
    same_answer,
    unlogged,
)
from monitor.core.logged import LoggedCall, with_legs
from monitor.core.policy import Policy, Rules
from monitor.core.reconciling import reconcile
from monitor.core.records import Call, Visit
from monitor.core.recovery import Assumptions, Span, is_recovered
from monitor.history.database import History
from monitor.history.errors import HistoryError, explain
from monitor.history.orphans import Orphans
from monitor.history.policies import in_force
from monitor.history.policies import policy as policy_of
from monitor.history.queries import CallFilter
from monitor.history.reader import MAX_LIMIT, HistoryReader
from monitor.history.tables import blind_interval
from monitor.history.writer import BatchWriter

BATCH: Final = 1_000
"""Calls in one transaction."""
SHOWN: Final = 1_000
"""So many differences of one explanation are kept, to be shown."""
LONG: Final[Ms] = 4 * HOUR
"""Hardly any caller is on the line for longer."""
_EVER: Final[Ms] = 2**62
UNSEEN: Final = Sight(0, ((0, _EVER),))
"""How a PBX was observed of which a log is all that is known."""


class Rulebook:
    """The rules of each time."""

    def __init__(self, history: History, current: Policy, *, no_voice_server: bool) -> None:
        self._history = history
        self._policy_at = in_force(history, current)
        self._no_voice_server = no_voice_server
        self._known: dict[int, Assumptions] = {}

    def at(self, moment: Ms) -> Assumptions:
        """What a call of that moment is judged by of which there is no record."""
        return self._assumptions(self._policy_at(moment))

    def of(self, record: Call) -> Assumptions:
        """What a recorded call is judged by: the policy that judged it, not that of its moment.

        The two clocks may differ, and the engine goes by a policy a moment after it was set.
        """
        known = self._known.get(record.policy_version)
        if known is not None:
            return known
        own = policy_of(self._history, record.policy_version)
        return self.at(record.arrived_at) if own is None else self._assumptions(own)

    def _assumptions(self, policy: Policy) -> Assumptions:
        known = self._known.get(policy.version)
        if known is None:
            known = self._known[policy.version] = Assumptions(
                Rules(policy), no_voice_server=self._no_voice_server
            )
        return known


@dataclass(slots=True)
class Comparison:
    """What a reconciliation found and did, in calls and in differences.

    ``open`` calls are still live in the record, or not told to their end in the log yet.
    """

    agreed: int = 0
    recovered: int = 0
    corrected: int = 0
    open: int = 0
    counts: Counter[Explanation] = field(default_factory=Counter)
    shown: dict[Explanation, list[Difference]] = field(default_factory=dict)

    def add(self, differences: Iterable[Difference]) -> None:
        """Count differences, and keep the first of each kind."""
        for difference in differences:
            self.counts[difference.explanation] += 1
            kept = self.shown.setdefault(difference.explanation, [])
            if len(kept) < SHOWN:
                kept.append(difference)

    @property
    def unexplained(self) -> int:
        """How many differences nothing explains."""
        return self.counts[Explanation.UNEXPLAINED]


class Reconciler:
    """Makes the record of one PBX agree with its log.

    Args:
        history: the record.
        pbx: the PBX.
        policy: the policy in force now.
        no_voice_server: callers reached no voice server before a queue.
        since: calls that arrived before (ms) are left out.
        until: calls that arrived then (ms) or later are left out.
    """

    def __init__(
        self,
        history: History,
        pbx: str,
        policy: Policy,
        *,
        no_voice_server: bool = False,
        since: Ms = 0,
        until: Ms = _EVER,
    ) -> None:
        self._history = history
        self._pbx = pbx
        self._reader = HistoryReader(history)
        self._rules = Rulebook(history, policy, no_voice_server=no_voice_server)
        self._since, self._until = since, until
        self._sight = Sight(first_observed(history, pbx), tuple(self._blind()))
        self._gap_open_since = self._open_gap()
        self._logged: set[str] = set()
        self._orphans = Orphans()
        self._with_legs: dict[str, LoggedCall] = {}
        self.found = Comparison()

    @property
    def observed(self) -> bool:
        """Whether a monitor ever observed this PBX."""
        return self._sight.first is not None

    def run(self, calls: Iterable[LoggedCall], covered: Callable[[], Span | None]) -> Comparison:
        """Compare all calls, and store what was filled.

        Args:
            calls: what the log tells, call by call.
            covered: asked after the last call, the span of the whole log.

        Raises:
            HistoryError: the database cannot be used; what was stored before stays.
        """
        with said(self._history), BatchWriter(self._history, batch_calls=BATCH) as writer:
            for batch in batches(c for c in calls if self._since <= c.arrived_at < self._until):
                writer.add(self._take(batch))
                writer.flush()
            span = covered()
            if span is not None:
                writer.add(after for _, after in self._find_unlogged(span))
            writer.add(after for _, after in self.rest())
        return self.found

    def leave(self, calls: Iterable[LoggedCall]) -> None:
        """Note calls that the log does not tell to their end: they are compared another time."""
        for call in calls:
            self._logged.add(call.uniqueid)
            self.found.open += bool(call.visits) and self._since <= call.arrived_at < self._until

    def _take(self, batch: Sequence[LoggedCall]) -> Iterator[Call]:
        return (after for _, after in self.compare(batch))

    def compare(self, batch: Sequence[LoggedCall]) -> Iterator[tuple[Call | None, Call]]:
        """Compare some calls; gives the records that were filled, as they were and as they are.

        What is logged under the id of a channel that has no record waits for :meth:`rest`: it may
        have stood for a caller.
        """
        known = self._reader.calls_of([self._id(c.uniqueid) for c in batch])
        for logged in batch:
            self._logged.add(logged.uniqueid)
            record = known.get(self._id(logged.uniqueid))
            if record is None and self._sight.may_know(logged):
                self._orphans.add(logged)
            elif record is not None and (
                legs_of(record) or any(map(only_answer_seen, record.visits))
            ):
                self._with_legs[logged.uniqueid] = logged
            else:
                yield from self._compare(record, logged)

    def rest(self) -> Iterator[tuple[Call | None, Call]]:
        """Compare what waited for its other half."""
        for batch in batches(self._with_legs.values()):
            known = self._reader.calls_of([self._id(logged.uniqueid) for logged in batch])
            for logged in batch:
                yield from self._compare_with_legs(known[self._id(logged.uniqueid)], [logged])
        self._with_legs.clear()
        for logged in self._orphans.calls.values():
            record = self._stood_for(logged)
            if record is None:
                yield from self._compare(None, logged)
            else:
                yield from self._compare(record, with_legs(record.uniqueid, [logged]))
        self._orphans.clear()

    def _stood_for(self, logged: LoggedCall) -> Call | None:
        """The recorded call for which a Local channel waited while nobody looked.

        Of the same number, on the line at the time, and in no queue of its own then.
        """
        first = logged.visits[0]
        if not first.number or not self._sight.is_blind(first.joined_at, first.joined_at):
            return None
        wanted = CallFilter(
            pbx=self._pbx,
            caller=first.number,
            since=first.joined_at - LONG,
            until=first.joined_at + NEAR,
        )
        alive = [
            call.id
            for call in self._reader.calls(wanted).calls
            if call.closed
            and not any(_waits(visit, first.joined_at) for visit in call.visits)
            and (call.ended_at is None or call.ended_at >= first.joined_at - NEAR)
        ]
        found = self._reader.calls_of(alive[:1])
        return found[alive[0]] if found else None

    def _compare_with_legs(
        self, record: Call, parts: list[LoggedCall]
    ) -> Iterator[tuple[Call | None, Call]]:
        found = [leg for leg in legs_of(record) if leg in self._orphans.calls]
        told = [visit for part in parts for visit in part.visits]
        for visit in filter(only_answer_seen, record.visits):
            if not any(same_answer(visit, own) for own in told):
                fitting = (id_ for id_ in self._orphans.with_answer(visit) if id_ not in found)
                found += islice(fitting, 1)
        parts.extend([self._orphans.calls.pop(leg) for leg in found])
        if parts:
            yield from self._compare(record, with_legs(record.uniqueid, parts))

    def _compare(
        self, record: Call | None, logged: LoggedCall
    ) -> Iterator[tuple[Call | None, Call]]:
        if self._is_live(record, logged):
            self.found.open += 1
            return
        sight = self._sight if record is None or not is_recovered(record) else UNSEEN
        rules = self._rules.at(logged.arrived_at) if record is None else self._rules.of(record)
        result = reconcile(self._pbx, record, logged, sight, rules)
        self.found.add(result.differences)
        if result.after is None:
            self.found.agreed += record is not None
            return
        if record is None:
            self.found.recovered += 1
        else:
            self.found.corrected += 1
        yield record, result.after

    def _id(self, uniqueid: str) -> str:
        return f"{self._pbx}:{uniqueid}"

    def _is_live(self, record: Call | None, logged: LoggedCall) -> bool:
        """Whether the call may go on: a monitor will have more to say of it."""
        if record is not None:
            return not record.closed
        gap = self._gap_open_since
        return gap is not None and logged.last_at >= gap and logged.ended_at is None

    def _find_unlogged(self, span: Span) -> Iterator[tuple[Call | None, Call]]:
        """The recorded calls of which the log says nothing, under their own ids."""
        since, until = max(span[0], self._since), min(span[1] + 1, self._until)
        sight = Sight(self._sight.first, self._sight.blind, span)
        wanted = CallFilter(pbx=self._pbx, since=since, until=until)
        cursor: str | None = None
        while since < until:
            page = self._reader.calls(wanted, limit=MAX_LIMIT, cursor=cursor)
            left = [c.id for c in page.calls if c.closed and c.uniqueid not in self._logged]
            for record in self._reader.calls_of(left).values():
                if any(leg in self._orphans.calls for leg in legs_of(record)):
                    yield from self._compare_with_legs(record, [])
                elif not is_recovered(record):
                    self.found.add(_unlogged(record, sight))
            cursor = page.next_cursor
            if cursor is None:
                return

    def _blind(self) -> Iterator[Span]:
        for gap in self._reader.blind_intervals(0, _EVER, pbx=self._pbx):
            yield gap.started_at, _EVER if gap.ended_at is None else gap.ended_at

    def _open_gap(self) -> Ms | None:
        gaps = self._reader.open_blind_intervals()
        return next((gap.started_at for gap in gaps if gap.pbx == self._pbx), None)


def first_observed(history: History, pbx: str) -> Ms | None:
    """Since when a PBX has been observed: the first login ends its first blind interval."""
    query = select(func.min(blind_interval.c.started_at)).where(blind_interval.c.pbx == pbx)
    with history.reading() as connection:
        return connection.execute(query).scalar()


def _waits(visit: Visit, at: Ms) -> bool:
    """Whether a caller certainly waited, or talked, in this visit at ``at``."""
    until = visit.ended_at or visit.left_at or visit.joined_at
    return visit.joined_at + NEAR < at < until - NEAR


def _unlogged(record: Call, sight: Sight) -> Iterator[Difference]:
    for visit in record.visits:
        exit_ = visit.exit.value if visit.exit else "no exit"
        what = f"in {visit.queue}: {exit_}, not logged"
        if visit.exit in UNLOGGED:
            what = f"turned away from {visit.queue}, not logged"
        yield Difference(record.id, visit.joined_at, what, unlogged(visit, sight))


@contextmanager
def said(history: History) -> Iterator[None]:
    """Say in words what is wrong with the database."""
    try:
        yield
    except SQLAlchemyError as error:
        raise HistoryError(explain(error, history.url)) from error


def batches(calls: Iterable[LoggedCall], size: int = BATCH) -> Iterator[list[LoggedCall]]:
    """Calls in lists of at most ``size``."""
    waiting = iter(calls)
    while batch := list(islice(waiting, size)):
        yield batch
