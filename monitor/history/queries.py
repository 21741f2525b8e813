"""Which calls a filter means, and where a page begins: queries only, nothing is run here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias, cast

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    Table,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from monitor.core.clock import Ms
from monitor.core.records import Call, Exit, HandledBy, Observed, Reason, Verdict
from monitor.history.call_cursor import Cursor
from monitor.history.call_search import Search, begins_with, by_search, search_condition
from monitor.history.tables import call, visit

COMMON_PREFIX: Final = 2_000
"""From so many calls on, the beginning of a number is no narrow search."""

COMMON_CALLER: Final = 10_000
"""From so many calls on, a caller is no narrow filter: "anonymous", a company's switchboard."""

MOST_QUEUES: Final = 100
"""So many queues are looked up one by one; SQLite joins at most 500 queries to one."""

Plain: TypeAlias = Callable[[ColumnElement[Any]], ColumnElement[Any]]
Queues: TypeAlias = frozenset[tuple[str, str]]
"""Queues by (PBX, queue); an empty PBX: the queue of that name on every PBX."""


def plain_columns(dialect: str) -> Plain:
    """How to name a column that filters or groups rows but must not choose the index.

    SQLite knows nothing of how often a value occurs unless someone ran ANALYZE, and then only the
    average; it obeys a unary plus. PostgreSQL finds out by itself.
    """
    if dialect == "sqlite":
        return lambda column: UnaryExpression(column, operator=custom_op("+"), type_=column.type)
    return lambda column: column


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls are asked for; what is None does not matter.

    ``since`` ≤ arrival < ``until`` (ms). ``queue``: the call visited it. ``agent``: took the call,
    or answered one of its visits; together with ``queue``: answered it in that queue.
    ``queues``: who asks sees these only, so the call visited one of them; ``queue`` is one too.

    ``verdicts``: one of several, instead of ``verdict``. ``exit``: a visit ended so; with ``queue``
    and ``agent`` that visit was in the queue, and answered by the agent. ``handled_by``: "nobody"
    too. ``min_wait`` ≤ the call's wait < ``max_wait`` (ms); who has no wait yet is not meant.
    ``search``: what somebody typed.
    """

    since: Ms | None = None
    until: Ms | None = None
    pbx: str | None = None
    queue: str | None = None
    verdict: Verdict | None = None
    caller: str | None = None
    agent: str | None = None
    queues: Queues | None = None
    verdicts: frozenset[Verdict] = frozenset()
    exit: Exit | None = None
    reason: Reason | None = None
    handled_by: HandledBy | Literal["nobody"] | None = None
    observed: Observed | None = None
    short: bool | None = None
    min_wait: Ms | None = None
    max_wait: Ms | None = None
    search: Search | None = None

    @property
    def is_indexed(self) -> bool:
        """Whether an index gives the calls in order, nearly alone.

        Else rows are looked at one by one, which may take long where few are meant; such a page is
        looked for within a time limit.
        """
        asked = (self.reason, self.handled_by, self.short, self.min_wait, self.max_wait)
        return (
            all(value is None for value in asked)
            and self.observed is not Observed.FULL
            and self.exit is not Exit.ANSWERED
            and self.search is None
            and not self.looks_through_all
        )

    @property
    def looks_through_all(self) -> bool:
        """Whether too many queues are seen to look each of them up: calls are looked through."""
        if self.queues is None or self.queue is not None:
            return False
        return len(self.queues) * max(1, len(self.verdicts)) > MOST_QUEUES


def in_queues(queues: Queues, table: FromClause, plain: Plain) -> ColumnElement[bool]:
    """Whether a row (a visit, a decision, a command) is of one of these queues.

    It checks the rows that other conditions find, and never chooses an index itself.
    """
    pbx, queue = plain(table.c.pbx), plain(table.c.queue)
    everywhere = sorted(name for at, name in queues if not at)
    on_one = [and_(pbx == at, queue == name) for at, name in sorted(queues) if at]
    return or_(false(), *([queue.in_(everywhere)] if everywhere else []), *on_one)


class PageQueries:
    """Builds the queries that find the keys of a page of calls."""

    def __init__(self, plain: Plain, dialect: str = "") -> None:
        self._plain = plain
        self._dialect = dialect

    def keys(
        self,
        wanted: CallFilter,
        after: Cursor | None,
        limit: int,
        *,
        by_queue: bool = False,
        by_search: bool = False,
    ) -> Subquery:
        """The (arrived_at, id) of the first ``limit`` calls that a filter means, newest first.

        The narrowest filter chooses the index, the others are checked on the way: a caller's
        calls are fewer than an agent's, an agent's fewer than a queue's, and so on; except that a
        queue's are fewer (``by_queue``) than those of a caller such as "anonymous". ``by_search``:
        what is searched is narrow enough to lead.
        """
        if by_search:
            keys = self._by_search(wanted)
        elif wanted.caller is not None and not by_queue:
            keys = [self._by_call(wanted, call.c.caller == wanted.caller)]
        else:
            keys = self._by_the_rest(wanted)
        pages = [_page(part, wanted, after, limit) for part in keys]
        if len(pages) == 1:
            return pages[0].subquery("page")
        return _newest([page.subquery() for page in pages], limit)

    def callers_calls(self, wanted: CallFilter) -> Select[int]:
        """Counts the calls of the filter's caller, up to ``COMMON_CALLER``."""
        return self._count(call.c.caller == wanted.caller, wanted, COMMON_CALLER)

    def calls_with_prefix(self, prefix: str) -> Select[int]:
        """Counts the calls from numbers that begin so, up to ``COMMON_PREFIX``."""
        return self._count(begins_with(prefix), CallFilter(), COMMON_PREFIX)

    def _count(self, condition: ColumnElement[bool], wanted: CallFilter, most: int) -> Select[int]:
        calls = _within(select(call.c.arrived_at).where(condition), wanted)
        return select(func.count()).select_from(calls.limit(most).subquery())

    def neighbours(self, of: Call, queues: Queues | None) -> tuple[Select[str], Select[str]]:
        """The ids of the same caller's calls just before one, and just after it."""
        place = tuple_(call.c.arrived_at, call.c.id)
        here = tuple_(literal(of.arrived_at), literal(of.id))
        same = select(call.c.id).where(call.c.caller == of.caller)
        if queues is not None:
            same = same.where(self._visited(call.c.id, queues))
        before = same.where(place < here).order_by(call.c.arrived_at.desc(), call.c.id.desc())
        after = same.where(place > here).order_by(call.c.arrived_at, call.c.id)
        return before.limit(1), after.limit(1)

    # --- what leads -----------------------------------------------------------------------------

    def _by_search(self, wanted: CallFilter) -> list[Select[Any]]:
        search = wanted.search
        if search is None:
            raise ValueError("nothing is searched")
        rest = replace(wanted, search=None)
        if wanted.caller is not None:
            rest_keys = self._by_call(rest, call.c.caller == wanted.caller)
            return [rest_keys.where(search_condition(search, self._plain))]
        conditions = by_search(search, self._dialect)
        if search.number:
            conditions.append(begins_with(search.prefix))
        return [self._by_call(rest, condition) for condition in conditions]

    def _by_the_rest(self, wanted: CallFilter) -> list[Select[Any]]:
        if wanted.exit is not None and wanted.exit is not Exit.ANSWERED:
            return [self._by_exit(wanted, wanted.exit)]
        if wanted.verdicts and wanted.verdict is None:
            # Each verdict's index is read in order, and only as far as the page needs.
            return [
                part
                for verdict in sorted(wanted.verdicts)
                for part in self._by_the_rest(replace(wanted, verdict=verdict))
            ]
        if wanted.queue is not None:
            return [self._by_queue(wanted)]
        if wanted.agent is not None:
            return self._by_agent(wanted)
        if wanted.queues is not None:
            return self._by_queues(wanted.queues, wanted)
        if wanted.observed is Observed.PARTIAL:
            partial = call.c.observed == literal_column("'partial'")
            return [self._by_call(wanted, partial)]
        return [self._with_visit(_call_keys.where(*self._shared(call, wanted)), wanted)]

    def _by_call(self, wanted: CallFilter, leading: ColumnElement[bool]) -> Select[Any]:
        return self._with_visit(_call_keys.where(leading, *self._also(call, wanted)), wanted)

    def _by_queue(self, wanted: CallFilter) -> Select[Any]:
        keys = _visit_keys
        if wanted.agent is not None:
            keys = keys.where(
                visit.c.agent == wanted.agent,
                self._plain(visit.c.queue) == wanted.queue,
                *self._also(visit, wanted),
            )
        else:
            keys = keys.where(visit.c.queue == wanted.queue, *self._shared(visit, wanted))
        if wanted.exit is not None:
            keys = keys.where(self._plain(visit.c.exit) == wanted.exit.value)
        if wanted.queues is not None:
            keys = keys.where(in_queues(wanted.queues, visit, self._plain))
        return self._with_call(keys, wanted)

    def _by_exit(self, wanted: CallFilter, exit_: Exit) -> Select[Any]:
        answered: ColumnElement[str] = literal_column("'answered'")
        keys = _visit_keys.where(visit.c.exit == exit_.value, visit.c.exit != answered)
        keys = keys.where(*self._also(visit, wanted))
        if wanted.queue is not None:
            keys = keys.where(self._plain(visit.c.queue) == wanted.queue)
        if wanted.agent is not None:
            keys = keys.where(self._plain(visit.c.agent) == wanted.agent)
        if wanted.queues is not None and wanted.queue is None:
            keys = keys.where(self._visited(visit.c.call_id, wanted.queues))
        elif wanted.queues is not None:
            keys = keys.where(in_queues(wanted.queues, visit, self._plain))
        return self._with_call(keys, wanted)

    def _by_queues(self, queues: Queues, wanted: CallFilter) -> list[Select[Any]]:
        """The calls that visited one of some queues: each queue's index is read in order."""
        if not queues:
            return [_call_keys.where(false())]
        if wanted.looks_through_all or wanted.exit is not None:
            return [self._with_visit(_call_keys.where(*self._shared(call, wanted)), wanted)]
        parts = []
        for pbx, queue in sorted(queues):
            keys = self._by_queue(replace(wanted, queue=queue, queues=None))
            parts.append(keys.where(self._plain(visit.c.pbx) == pbx) if pbx else keys)
        return parts

    def _by_agent(self, wanted: CallFilter) -> list[Select[Any]]:
        # Two indexes, each read in order and only as far as the page needs.
        answered: Select[Any] = _visit_keys.where(
            visit.c.agent == wanted.agent, *self._also(visit, wanted)
        )
        if wanted.queues is not None:
            answered = answered.where(self._visited(visit.c.call_id, wanted.queues))
        if wanted.exit is not None:
            answered = answered.where(self._plain(visit.c.exit) == wanted.exit.value)
            return [self._with_call(answered, wanted)]
        taken = self._by_call(replace(wanted, agent=None), call.c.agent == wanted.agent)
        return [taken, self._with_call(answered, wanted)]

    # --- what is checked on the way --------------------------------------------------------------

    def _visited(self, call_id: ColumnElement[str], queues: Queues) -> ColumnElement[bool]:
        """Whether a call visited one of these queues."""
        other = visit.alias()
        return exists().where(other.c.call_id == call_id, in_queues(queues, other, self._plain))

    def _with_visit(self, keys: Select[Any], wanted: CallFilter) -> Select[Any]:
        """Calls, of which some visit and the rest of the call are as they are wanted."""
        keys = keys.where(*self._conditions(wanted))
        if wanted.queues is not None and wanted.queue is None:
            keys = keys.where(self._visited(call.c.id, wanted.queues))
        if wanted.queue is None and wanted.agent is None and wanted.exit is None:
            return keys
        visited = exists().where(visit.c.call_id == call.c.id)
        if wanted.queue is not None:
            visited = visited.where(self._plain(visit.c.queue) == wanted.queue)
            if wanted.queues is not None:
                visited = visited.where(in_queues(wanted.queues, visit, self._plain))
        if wanted.agent is not None:
            visited = visited.where(self._plain(visit.c.agent) == wanted.agent)
        if wanted.exit is not None:
            visited = visited.where(self._plain(visit.c.exit) == wanted.exit.value)
        if wanted.queue is None and wanted.exit is None:
            return keys.where(or_(self._plain(call.c.agent) == wanted.agent, visited))
        return keys.where(visited)

    def _with_call(self, keys: Select[Any], wanted: CallFilter) -> Select[Any]:
        """Visits, of which the call is as it is wanted."""
        conditions = self._conditions(wanted)
        if wanted.caller is not None:
            conditions.append(self._plain(call.c.caller) == wanted.caller)
        if not conditions:
            return keys
        return keys.where(exists().where(call.c.id == visit.c.call_id, *conditions))

    def _conditions(self, wanted: CallFilter) -> list[ColumnElement[bool]]:
        """What no index tells of a call."""
        found: list[ColumnElement[bool]] = []
        if wanted.reason is not None:
            found.append(call.c.reason == wanted.reason.value)
        if wanted.handled_by == "nobody":
            found.append(call.c.handled_by.is_(None))
        elif wanted.handled_by is not None:
            found.append(call.c.handled_by == str(wanted.handled_by))
        if wanted.observed is not None:
            found.append(self._plain(call.c.observed) == wanted.observed.value)
        if wanted.short is not None:
            found.append(call.c.short_abandon == (true() if wanted.short else false()))
        if wanted.min_wait is not None:
            found.append(wait_of_call() >= wanted.min_wait)
        if wanted.max_wait is not None:
            found.append(wait_of_call() < wanted.max_wait)
        if wanted.search is not None:
            found.append(search_condition(wanted.search, self._plain))
        return found

    def _shared(self, table: Table, wanted: CallFilter) -> list[ColumnElement[bool]]:
        """The filters that a call and its visits share, where they choose the index."""
        shared: list[ColumnElement[bool]] = []
        if wanted.verdict is not None:
            shared.append(table.c.verdict == wanted.verdict.value)
        if wanted.pbx is not None:
            both = table is visit and wanted.verdict is not None
            shared.append((self._plain(table.c.pbx) if both else table.c.pbx) == wanted.pbx)
        return shared

    def _also(self, table: Table, wanted: CallFilter) -> list[ColumnElement[bool]]:
        """The filters that a call and its visits share, where another chose the index."""
        also: list[ColumnElement[bool]] = []
        if wanted.pbx is not None:
            also.append(self._plain(table.c.pbx) == wanted.pbx)
        if wanted.verdict is not None:
            also.append(self._plain(table.c.verdict) == wanted.verdict.value)
        elif wanted.verdicts:
            verdicts = sorted(verdict.value for verdict in wanted.verdicts)
            also.append(self._plain(table.c.verdict).in_(verdicts))
        return also


def wait_of_call() -> ColumnElement[int]:
    """A call's wait, as :attr:`monitor.core.records.Call.wait` has it; NULL where it has none."""
    end = case((call.c.handled_by.is_not(None), call.c.handled_at), else_=call.c.ended_at)
    return cast("ColumnElement[int]", end - call.c.clock_started_at)


_call_keys: Final = select(call.c.arrived_at, call.c.id)
_visit_keys: Final = select(visit.c.arrived_at, visit.c.call_id.label("id")).distinct()


def _newest(pages: Sequence[Subquery], limit: int) -> Subquery:
    """The newest keys of several pages, each once."""
    both = union(*map(select, pages)).subquery()
    newest = select(both).order_by(both.c.arrived_at.desc(), both.c.id.desc())
    return newest.limit(limit).subquery("page")


def _within(query: Select[Any], wanted: CallFilter) -> Select[Any]:
    arrived_at = query.selected_columns.arrived_at
    if wanted.since is not None:
        query = query.where(arrived_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(arrived_at < wanted.until)
    return query


def _page(keys: Select[Any], wanted: CallFilter, after: Cursor | None, limit: int) -> Select[Any]:
    arrived_at, id_ = keys.selected_columns
    keys = _within(keys, wanted)
    if after is not None:
        keys = keys.where(
            arrived_at <= after.arrived_at, or_(arrived_at < after.arrived_at, id_ < after.id)
        )
    return keys.order_by(arrived_at.desc(), id_.desc()).limit(limit)
