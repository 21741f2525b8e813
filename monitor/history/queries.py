"""Which calls a filter means, and where a page begins: queries only, nothing is run here."""

import base64
import binascii
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Select, Subquery, Table, exists, or_, select, union
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from monitor.core.clock import Ms
from monitor.core.records import Verdict
from monitor.history.tables import call, visit

MAX_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls are asked for; what is None does not matter.

    ``since`` ≤ arrival < ``until`` (ms). ``queue``: the call visited it. ``agent``: took the call,
    or answered one of its visits; together with ``queue``: answered it in that queue.
    """

    since: Ms | None = None
    until: Ms | None = None
    pbx: str | None = None
    queue: str | None = None
    verdict: Verdict | None = None
    caller: str | None = None
    agent: str | None = None


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

    def __init__(self, dialect: str) -> None:
        self._sqlite = dialect == "sqlite"

    def keys(self, wanted: CallFilter, after: Cursor | None, limit: int) -> Subquery:
        """The (arrived_at, id) of the first ``limit`` calls that a filter means, newest first.

        The narrowest filter chooses the index, the others are checked on the way: a caller's
        calls are fewer than an agent's, an agent's fewer than a queue's, and so on.
        """
        if wanted.caller is not None:
            keys = self._by_caller(wanted)
        elif wanted.queue is not None:
            keys = self._by_queue(wanted)
        elif wanted.agent is not None:
            return self._by_agent(wanted, after, limit)
        else:
            keys = self._by_call(wanted)
        return _page(keys, wanted, after, limit).subquery("page")

    def _by_caller(self, wanted: CallFilter) -> Select[Any]:
        keys = _call_keys.where(call.c.caller == wanted.caller)
        keys = keys.where(*self._also(call, wanted))
        visits = []
        if wanted.queue is not None:
            visits.append(self._plain(visit.c.queue) == wanted.queue)
        if wanted.agent is not None:
            visits.append(self._plain(visit.c.agent) == wanted.agent)
        if not visits:
            return keys
        visited = exists().where(visit.c.call_id == call.c.id, *visits)
        if wanted.queue is None:
            return keys.where(or_(self._plain(call.c.agent) == wanted.agent, visited))
        return keys.where(visited)

    def _by_queue(self, wanted: CallFilter) -> Select[Any]:
        keys = _visit_keys.where(visit.c.queue == wanted.queue)
        if wanted.agent is not None:
            keys = _visit_keys.where(
                visit.c.agent == wanted.agent, self._plain(visit.c.queue) == wanted.queue
            )
        elif wanted.verdict is not None:
            keys = keys.where(visit.c.verdict == wanted.verdict.value)
            return keys.where(*self._also(visit, replace(wanted, verdict=None)))
        return keys.where(*self._also(visit, wanted))

    def _by_agent(self, wanted: CallFilter, after: Cursor | None, limit: int) -> Subquery:
        # Two indexes, each read in order and only as far as the page needs.
        taken = _call_keys.where(call.c.agent == wanted.agent, *self._also(call, wanted))
        answered = _visit_keys.where(visit.c.agent == wanted.agent, *self._also(visit, wanted))
        both = union(
            *(select(_page(keys, wanted, after, limit).subquery()) for keys in (taken, answered))
        ).subquery()
        newest = select(both).order_by(both.c.arrived_at.desc(), both.c.id.desc())
        return newest.limit(limit).subquery("page")

    def _by_call(self, wanted: CallFilter) -> Select[Any]:
        if wanted.verdict is not None:
            keys = _call_keys.where(call.c.verdict == wanted.verdict.value)
            return keys.where(*self._also(call, replace(wanted, verdict=None)))
        if wanted.pbx is not None:
            return _call_keys.where(call.c.pbx == wanted.pbx)
        return _call_keys

    def _also(self, table: Table, wanted: CallFilter) -> list[ColumnElement[bool]]:
        """The filters that a call and its visits share, checked without an index."""
        also: list[ColumnElement[bool]] = []
        if wanted.pbx is not None:
            also.append(self._plain(table.c.pbx) == wanted.pbx)
        if wanted.verdict is not None:
            also.append(self._plain(table.c.verdict) == wanted.verdict.value)
        return also

    def _plain(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """A column that filters rows but must not choose the index.

        SQLite knows nothing of how often a value occurs unless someone ran ANALYZE, and then only
        the average; it obeys a unary plus. PostgreSQL finds out by itself.
        """
        return UnaryExpression(column, operator=custom_op("+")) if self._sqlite else column


_call_keys: Final = select(call.c.arrived_at, call.c.id)
_visit_keys: Final = select(visit.c.arrived_at, visit.c.call_id.label("id")).distinct()


def _page(keys: Select[Any], wanted: CallFilter, after: Cursor | None, limit: int) -> Select[Any]:
    arrived_at, id_ = keys.selected_columns
    if wanted.since is not None:
        keys = keys.where(arrived_at >= wanted.since)
    if wanted.until is not None:
        keys = keys.where(arrived_at < wanted.until)
    if after is not None:
        keys = keys.where(
            arrived_at <= after.arrived_at, or_(arrived_at < after.arrived_at, id_ < after.id)
        )
    return keys.order_by(arrived_at.desc(), id_.desc()).limit(limit)
