"""Which calls a filter means, and where a page begins: queries only, nothing is run here."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import orjson
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    Table,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from monitor.core.clock import Ms
from monitor.core.records import Verdict
from monitor.history.tables import call, visit

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
    """

    since: Ms | None = None
    until: Ms | None = None
    pbx: str | None = None
    queue: str | None = None
    verdict: Verdict | None = None
    caller: str | None = None
    agent: str | None = None
    queues: Queues | None = None


def in_queues(queues: Queues, table: FromClause, plain: Plain) -> ColumnElement[bool]:
    """Whether a row (a visit, a decision, a command) is of one of these queues.

    It checks the rows that other conditions find, and never chooses an index itself.
    """
    pbx, queue = plain(table.c.pbx), plain(table.c.queue)
    everywhere = sorted(name for at, name in queues if not at)
    on_one = [and_(pbx == at, queue == name) for at, name in sorted(queues) if at]
    return or_(false(), *([queue.in_(everywhere)] if everywhere else []), *on_one)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after one call in the list of calls, newest first.

    It names the call itself, not a row number: calls that arrive meanwhile come before it, so no
    later page shifts.
    """

    arrived_at: Ms
    id: str

    def encode(self) -> str:
        """As text that may stand in an address."""
        text = orjson.dumps([self.arrived_at, self.id])
        return base64.urlsafe_b64encode(text).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Read what :meth:`encode` made.

        Raises:
            ValueError: it is not a cursor.
        """
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            match orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True)):
                case [int(arrived_at), str(id_)] if abs(arrived_at) < 2**63:
                    return cls(arrived_at, id_)
        except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
            pass
        raise ValueError(
            "cursor is not one that this list gave: pass next_cursor as it was, or leave it out "
            "to begin at the newest call"
        )


class PageQueries:
    """Builds the queries that find the keys of a page of calls."""

    def __init__(self, plain: Plain) -> None:
        self._plain = plain

    def keys(
        self, wanted: CallFilter, after: Cursor | None, limit: int, *, by_queue: bool = False
    ) -> Subquery:
        """The (arrived_at, id) of the first ``limit`` calls that a filter means, newest first.

        The narrowest filter chooses the index, the others are checked on the way: a caller's
        calls are fewer than an agent's, an agent's fewer than a queue's, and so on; except that a
        queue's are fewer (``by_queue``) than those of a caller such as "anonymous".
        """
        if wanted.caller is not None and not by_queue:
            keys = self._by_caller(wanted)
        elif wanted.queue is not None:
            keys = self._by_queue(wanted)
        elif wanted.agent is not None:
            return self._by_agent(wanted, after, limit)
        elif wanted.queues is not None:
            return self._by_queues(wanted.queues, wanted, after, limit)
        else:
            keys = _call_keys.where(*self._shared(call, wanted))
        return _page(keys, wanted, after, limit).subquery("page")

    def callers_calls(self, wanted: CallFilter) -> Select[int]:
        """Counts the calls of the filter's caller, up to ``COMMON_CALLER``."""
        calls = _within(select(call.c.arrived_at).where(call.c.caller == wanted.caller), wanted)
        return select(func.count()).select_from(calls.limit(COMMON_CALLER).subquery())

    def _by_caller(self, wanted: CallFilter) -> Select[Any]:
        keys = _call_keys.where(call.c.caller == wanted.caller, *self._also(call, wanted))
        if wanted.queues is not None and wanted.queue is None:
            keys = keys.where(self._visited(call.c.id, wanted.queues))
        if wanted.queue is None and wanted.agent is None:
            return keys
        visited = exists().where(visit.c.call_id == call.c.id)
        if wanted.queue is not None:
            visited = visited.where(self._plain(visit.c.queue) == wanted.queue)
            if wanted.queues is not None:
                visited = visited.where(in_queues(wanted.queues, visit, self._plain))
        if wanted.agent is not None:
            visited = visited.where(self._plain(visit.c.agent) == wanted.agent)
        if wanted.queue is None:
            return keys.where(or_(self._plain(call.c.agent) == wanted.agent, visited))
        return keys.where(visited)

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
        if wanted.caller is not None:
            calls = exists().where(call.c.id == visit.c.call_id)
            keys = keys.where(calls.where(self._plain(call.c.caller) == wanted.caller))
        if wanted.queues is not None:
            keys = keys.where(in_queues(wanted.queues, visit, self._plain))
        return keys

    def _by_queues(
        self, queues: Queues, wanted: CallFilter, after: Cursor | None, limit: int
    ) -> Subquery:
        """The calls that visited one of some queues: each queue's index is read in order."""
        if not queues or len(queues) > MOST_QUEUES:
            keys = _call_keys.where(*self._shared(call, wanted))
            keys = keys.where(self._visited(call.c.id, queues))
            return _page(keys, wanted, after, limit).subquery("page")
        pages = []
        for pbx, queue in sorted(queues):
            keys = self._by_queue(replace(wanted, queue=queue, queues=None))
            if pbx:
                keys = keys.where(self._plain(visit.c.pbx) == pbx)
            pages.append(_page(keys, wanted, after, limit).subquery())
        return _newest(pages, limit)

    def _visited(self, call_id: ColumnElement[str], queues: Queues) -> ColumnElement[bool]:
        """Whether a call visited one of these queues."""
        other = visit.alias()
        return exists().where(other.c.call_id == call_id, in_queues(queues, other, self._plain))

    def _by_agent(self, wanted: CallFilter, after: Cursor | None, limit: int) -> Subquery:
        # Two indexes, each read in order and only as far as the page needs.
        taken = _call_keys.where(call.c.agent == wanted.agent, *self._also(call, wanted))
        answered = _visit_keys.where(visit.c.agent == wanted.agent, *self._also(visit, wanted))
        if wanted.queues is not None:
            taken = taken.where(self._visited(call.c.id, wanted.queues))
            answered = answered.where(self._visited(visit.c.call_id, wanted.queues))
        pages = [_page(keys, wanted, after, limit).subquery() for keys in (taken, answered)]
        return _newest(pages, limit)

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
        return also


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
