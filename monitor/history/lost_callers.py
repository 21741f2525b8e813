"""Lost callers: who gave up or was turned away, has not got through since, and is to be called.

A call is lost when it is over, nobody took care of the caller (no agent, no voice server under
its rule), and its verdict is abandoned, breached or refused. A caller is their number; calls
without one are counted, for nobody can be called back. A later call that was taken care of takes
its caller off the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    exists,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError

from monitor.core.clock import Ms
from monitor.core.records import Verdict
from monitor.history.audit import AuditEntry, Who, append
from monitor.history.database import History
from monitor.history.lost_tables import lost_caller
from monitor.history.queries import Plain, Queues, in_queues, plain_columns
from monitor.history.tables import call, visit

LOST: Final = (Verdict.ABANDONED.value, Verdict.BREACHED.value, Verdict.REFUSED.value)


class Status(StrEnum):
    """How far calling back has come."""

    TO_CALL = "to_call"
    IN_PROGRESS = "in_progress"
    NO_ANSWER = "no_answer"
    REACHED = "reached"
    DISMISSED = "dismissed"

    @property
    def done(self) -> bool:
        """Whether nothing is left to do, until the caller is lost again."""
        return self in (Status.REACHED, Status.DISMISSED)


@dataclass(frozen=True, slots=True)
class CallBack:
    """What was done about a lost caller; version 0: nothing yet.

    ``tries``: how often nobody answered. ``pbx`` and ``queue``: where the caller was lost when the
    note was written, or else when it was changed last; who does not see that queue is not told
    the ``note``. ``by`` changed it last, and is told to all: it is whom to ask.
    """

    version: int = 0
    status: Status = Status.TO_CALL
    tries: int = 0
    note: str = ""
    by: str = ""
    at: Ms | None = None
    pbx: str = ""
    queue: str = ""


@dataclass(frozen=True, slots=True)
class LostCaller:
    """A caller and their lost calls of a range; moments and spans in ms.

    ``call_id``, ``name``, ``pbx`` and ``queue`` (the last one visited; empty: none) are of the
    last lost call. ``got_through_at``: arrival of the first call since that was taken care of.
    """

    caller: str
    call_id: str
    name: str
    pbx: str
    queue: str
    verdict: Verdict
    first_at: Ms
    last_at: Ms
    attempts: int
    longest_wait: Ms
    got_through_at: Ms | None
    call_back: CallBack

    @property
    def open(self) -> bool:
        """Whether somebody should still call."""
        return self.got_through_at is None and not self.call_back.status.done


@dataclass(frozen=True, slots=True)
class LostFilter:
    """Lost calls of ``since`` ≤ arrival < ``until`` (ms); what is None does not matter.

    ``queue``: the call visited it. ``queues``: who asks sees these only.
    """

    since: Ms
    until: Ms
    pbx: str | None = None
    queue: str | None = None
    queues: Queues | None = None


@dataclass(slots=True)
class LostCallers:
    """Lost callers, the last to be lost first; and the lost calls that had no number."""

    callers: list[LostCaller] = field(default_factory=list)
    anonymous: int = 0


class CallBackConflictError(Exception):
    """Somebody else changed it meanwhile; ``current`` is its version now."""

    def __init__(self, current: int) -> None:
        super().__init__(f"It is at version {current}: read it again.")
        self.current = current


class LostCallerRecord:
    """Lost callers in the database. Methods block; an event loop runs them in a thread.

    All raise ``SQLAlchemyError`` when the database cannot be used.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._plain = plain_columns(history.engine.dialect.name)

    def all(self, wanted: LostFilter) -> LostCallers:
        """All lost callers of a range, also those who got through since or were called."""
        found = LostCallers()
        with self._history.reading() as connection:
            rows: dict[str, RowMapping] = {}
            for row in connection.execute(_lost(wanted, self._plain)).mappings():
                if not has_number(row["caller"]):
                    found.anonymous += row["attempts"]
                elif row["caller"] not in rows or row["id"] > rows[row["caller"]]["id"]:
                    # Two calls of one number in the same millisecond: either is the last.
                    rows[row["caller"]] = row
            ids = [row["id"] for row in rows.values()]
            queues = _last_queues(connection, ids, wanted.queues)
        found.callers = [_caller_of(row, queues.get(row["id"], "")) for row in rows.values()]
        found.callers.sort(key=lambda caller: (caller.last_at, caller.call_id), reverse=True)
        return found

    def change(
        self,
        call_id: str,
        who: Who,
        at: Ms,
        *,
        expected: int,
        status: Status | None = None,
        note: str | None = None,
        queues: Queues | None = None,
    ) -> CallBack | None:
        """Note what was done about the caller of a lost call.

        Args:
            call_id: one of the caller's lost calls.
            who: who did it.
            at: when (ms).
            expected: the version that was read.
            status: how far it has come; None leaves it. Each ``no_answer`` is one more try.
            note: None leaves it.
            queues: who asks sees these only.

        Returns:
            What is stored now; None when there is no such lost call.

        Raises:
            CallBackConflictError: it is at another version.
        """
        try:
            with self._history.writing() as connection:
                lost = connection.execute(_lost_call(call_id, queues, self._plain)).one_or_none()
                if lost is None or not has_number(lost.caller):
                    return None
                before = _stored(connection, lost.caller)
                if before.version != expected:
                    raise CallBackConflictError(before.version)
                queue = _last_queues(connection, [call_id], queues).get(call_id, "")
                after = _changed(before, lost.arrived_at, status, note)
                after = replace(after, by=who.by, at=at, pbx=lost.pbx, queue=queue)
                if note is None and before.note:
                    # A note stays where it was written.
                    after = replace(after, pbx=before.pbx, queue=before.queue)
                _store(connection, lost.caller, after)
                append(connection, _entry(call_id, who, at, before, after))
        except IntegrityError as error:
            # Two at once for the first time: PostgreSQL lets both look, and one of them store.
            raise CallBackConflictError(expected + 1) from error
        return after


def has_number(caller: str) -> bool:
    """Whether a caller can be called: "anonymous" and the like hold no digit."""
    return any(sign.isdigit() for sign in caller)


def _is_lost() -> ColumnElement[bool]:
    return and_(call.c.verdict.in_(LOST), call.c.handled_by.is_(None), call.c.closed.is_(true()))


def _lost(wanted: LostFilter, plain: Plain) -> Select[Any]:
    """Callers with their lost calls added up, the last of these, and what was done."""
    wait = func.coalesce(call.c.ended_at - call.c.clock_started_at, 0)
    lost = select(
        call.c.caller,
        func.count().label("attempts"),
        func.min(call.c.arrived_at).label("first_at"),
        func.max(call.c.arrived_at).label("last_at"),
        func.max(wait).label("longest_wait"),
    ).where(_is_lost(), call.c.arrived_at >= wanted.since, call.c.arrived_at < wanted.until)
    if wanted.pbx is not None:
        lost = lost.where(plain(call.c.pbx) == wanted.pbx)
    if wanted.queue is not None:
        lost = lost.where(_visited(plain(visit.c.queue) == wanted.queue))
    if wanted.queues is not None:
        lost = lost.where(_visited(in_queues(wanted.queues, visit, plain)))
    callers = lost.group_by(plain(call.c.caller)).cte("lost")
    last = call.alias("last")
    state = [column for column in lost_caller.c if column.name != "caller"]
    return (
        select(
            callers,
            last.c.id,
            last.c.pbx.label("last_pbx"),
            last.c.caller_name,
            last.c.verdict,
            _got_through(callers, wanted.queues, plain).label("got_through_at"),
            *state,
        )
        .join(
            last,
            and_(
                last.c.caller == callers.c.caller,
                last.c.arrived_at == callers.c.last_at,
                last.c.verdict.in_(LOST),
            ),
        )
        .outerjoin(lost_caller, lost_caller.c.caller == callers.c.caller)
    )


def _got_through(callers: Any, queues: Queues | None, plain: Plain) -> Any:  # noqa: ANN401
    """When the first call since arrived that was taken care of, as far as who asks may see."""
    later = call.alias("later")
    arrived = select(func.min(later.c.arrived_at)).where(
        later.c.caller == callers.c.caller,
        later.c.arrived_at > callers.c.last_at,
        later.c.handled_by.is_not(None),
    )
    if queues is not None:
        arrived = arrived.where(
            exists().where(visit.c.call_id == later.c.id, in_queues(queues, visit, plain))
        )
    return arrived.scalar_subquery()


def _visited(queue: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(visit.c.call_id == call.c.id, queue)


def _lost_call(call_id: str, queues: Queues | None, plain: Plain) -> Select[Any]:
    query = select(call.c.caller, call.c.arrived_at, call.c.pbx).where(
        call.c.id == call_id, _is_lost()
    )
    if queues is not None:
        query = query.where(_visited(in_queues(queues, visit, plain)))
    return query


_CHUNK: Final = 500


def _last_queues(connection: Connection, ids: Sequence[str], seen: Queues | None) -> dict[str, str]:
    """The queue that each call visited last, of those that are seen."""
    queues: dict[str, str] = {}
    for start in range(0, len(ids), _CHUNK):
        query = select(visit.c.call_id, visit.c.queue).where(
            visit.c.call_id.in_(ids[start : start + _CHUNK])
        )
        if seen is not None:
            query = query.where(in_queues(seen, visit, lambda column: column))
        for row in connection.execute(query.order_by(visit.c.call_id, visit.c.ordinal)):
            queues[row.call_id] = row.queue
    return queues


def _caller_of(row: RowMapping, queue: str) -> LostCaller:
    return LostCaller(
        caller=row["caller"],
        call_id=row["id"],
        name=row["caller_name"],
        pbx=row["last_pbx"],
        queue=queue,
        verdict=Verdict(row["verdict"]),
        first_at=row["first_at"],
        last_at=row["last_at"],
        attempts=row["attempts"],
        longest_wait=max(0, row["longest_wait"]),
        got_through_at=row["got_through_at"],
        call_back=_since(_call_back_of(row), row["last_at"]),
    )


def _call_back_of(row: RowMapping) -> CallBack:
    if row["version"] is None:
        return CallBack()
    return CallBack(
        version=row["version"],
        status=Status(row["status"]),
        tries=row["tries"],
        note=row["note"],
        by=row["updated_by"],
        at=row["updated_at"],
        pbx=row["pbx"],
        queue=row["queue"],
    )


def _since(done: CallBack, last_at: Ms) -> CallBack:
    """What was done, seen after a lost call: who is lost again is to be called again."""
    if done.status.done and done.at is not None and last_at > done.at:
        return replace(done, status=Status.TO_CALL, tries=0)
    return done


def _stored(connection: Connection, caller: str) -> CallBack:
    query = select(lost_caller).where(lost_caller.c.caller == caller).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    return CallBack() if row is None else _call_back_of(row)


def _changed(before: CallBack, last_at: Ms, status: Status | None, note: str | None) -> CallBack:
    after = _since(before, last_at)
    if status is not None:
        tries = after.tries + 1 if status is Status.NO_ANSWER else after.tries
        after = replace(after, status=status, tries=tries)
    if note is not None:
        after = replace(after, note=note)
    return replace(after, version=before.version + 1)


def _store(connection: Connection, caller: str, done: CallBack) -> None:
    values = {
        "version": done.version,
        "status": done.status.value,
        "tries": done.tries,
        "note": done.note,
        "pbx": done.pbx,
        "queue": done.queue,
        "updated_at": done.at,
        "updated_by": done.by,
    }
    if done.version == 1:
        connection.execute(insert(lost_caller).values(caller=caller, **values))
    else:
        connection.execute(update(lost_caller).where(lost_caller.c.caller == caller).values(values))


def _entry(call_id: str, who: Who, at: Ms, before: CallBack, after: CallBack) -> AuditEntry:
    """The trail is never rewritten: it names the call, and holds neither the number nor a note."""

    def told(done: CallBack) -> dict[str, Any] | None:
        return {"status": done.status.value, "tries": done.tries} if done.version else None

    seen = told(after) or {}
    if before.note != after.note:
        seen["note"] = "changed"
    return AuditEntry(at, who.by, who.via, "lost_caller_changed", call_id, told(before), seen)
