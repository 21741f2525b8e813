"""Rolling: making the rows of marked hours anew from the calls. Methods block.

An hour is rolled in one short transaction, and whoever writes calls goes first in between; with
the last marked hour of a day, the day's sums are made (:mod:`monitor.history.rollup_days`). What is
rolled and what is counted from calls is the same at every moment, so nobody has to wait for it.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, delete, func, insert, select

from monitor.core.clock import HOUR, Ms
from monitor.core.tallies import Histogram
from monitor.history.database import History
from monitor.history.rollup_days import add_up_days, stored
from monitor.history.rollup_marks import mark_hours
from monitor.history.rollup_queries import (
    answered_seconds,
    call_counts,
    calls_in,
    commitment_seconds,
    visit_counts,
    voice_counts,
)
from monitor.history.rollup_tables import (
    BY_DAY,
    rollup_call,
    rollup_due,
    rollup_kept,
    rollup_visit,
    rollup_voice,
    rollup_waits,
)
from monitor.history.tables import call, visit

AT_ONCE: Final = 24
"""Hours that a rebuild rolls in one transaction, where nobody else is at work."""
FEW: Final = 4
"""Hours that are rolled in one transaction while a monitor may be writing: some 20 ms each."""
MARKED_AT_ONCE: Final = 500
"""Hours that a rebuild marks in one transaction: who writes calls comes in between."""
TABLES: Final = tuple(BY_DAY)
_LOCK: Final = 6_034_578
"""Key of PostgreSQL's advisory lock: one program rolls at a time."""
log = logging.getLogger("minuteur.rollups")


@dataclass(frozen=True, slots=True)
class RollupStatus:
    """How far rolling is: how many hours have rows, and how many are marked; moments in ms.

    The rows of hours before ``kept_until`` stand as they are.
    """

    rolled: int
    due: int
    oldest_due: Ms | None
    newest_due: Ms | None
    kept_until: Ms


class Rollups:
    """Makes the rows of rollups; see :mod:`monitor.history.rollup_tables`.

    All methods raise ``SQLAlchemyError`` when the database cannot be used.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._dialect = history.engine.dialect.name

    def status(self) -> RollupStatus:
        """How far rolling is."""
        hours = (select(table.c.hour) for table in TABLES)
        rolled = next(hours).union(*hours).subquery()
        due = rollup_due.c.hour
        with self._history.reading() as connection:
            marks = select(func.count(due.distinct()), func.min(due), func.max(due))
            many, oldest, newest = connection.execute(marks).one()
            return RollupStatus(
                connection.execute(select(func.count()).select_from(rolled)).scalar_one(),
                many,
                None if oldest is None else oldest * HOUR,
                None if newest is None else newest * HOUR,
                kept_hour(connection) * HOUR,
            )

    def due(self, most: int, before: Ms | None = None) -> list[int]:
        """Marked hours, the newest first: those that people look at.

        Args:
            most: so many at most.
            before: only hours that end by this moment (ms).
        """
        query = select(rollup_due.c.hour).distinct().order_by(rollup_due.c.hour.desc())
        if before is not None:
            query = query.where(rollup_due.c.hour < before // HOUR)
        with self._history.reading() as connection:
            return list(connection.execute(query.limit(most)).scalars())

    def catch_up(self, before: Ms) -> None:
        """Roll what is marked before a moment (ms), in transactions for which a writer can wait."""
        while hours := self.due(FEW, before):
            self.roll(hours)

    def roll(self, hours: Sequence[int]) -> int:
        """Make the rows of these hours anew, in one transaction; returns how many there were."""
        with self._history.writing() as connection:
            return self._roll(connection, hours)

    def _roll(self, connection: Connection, hours: Sequence[int]) -> int:
        if self._dialect == "postgresql":
            # Two programs that roll one hour would add its rows twice.
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        # The marks are read before the calls: what is written in between keeps its own mark.
        marks = select(rollup_due.c.mark).where(rollup_due.c.hour.in_(hours))
        seen = list(connection.execute(marks).scalars())
        kept = kept_hour(connection)
        ranges = [(hour * HOUR, (hour + 1) * HOUR) for hour in hours if hour >= kept]
        if ranges:
            for table in TABLES:
                wanted = [since // HOUR for since, _ in ranges]
                connection.execute(delete(table).where(table.c.hour.in_(wanted)))
            self._count(connection, ranges)
        for start in range(0, len(seen), 500):
            part = seen[start : start + 500]
            connection.execute(delete(rollup_due).where(rollup_due.c.mark.in_(part)))
        add_up_days(connection, [since // HOUR for since, _ in ranges], kept)
        return len(ranges)

    def _count(self, connection: Connection, ranges: list[tuple[Ms, Ms]]) -> None:
        rows = calls_in(ranges, self._dialect)
        arrived = (rows.c.arrived_at // HOUR).label("hour")
        joined = (visit.c.joined_at // HOUR).label("hour")
        _fill(connection, rollup_call, call_counts(rows, arrived))
        _fill(connection, rollup_visit, visit_counts(ranges, joined))
        stays = voice_counts(ranges, (call.c.arrived_at // HOUR).label("hour"))
        _fill(connection, rollup_voice, stays)
        waits = [
            *_waits(connection, commitment_seconds(rows, arrived)),
            *_waits(connection, answered_seconds(ranges, joined)),
        ]
        if waits:
            connection.execute(insert(rollup_waits), waits)

    def rebuild(self, said: Callable[[int, int], None] | None = None) -> int:
        """Make all rows anew, but for those that are kept.

        Reading goes on meanwhile, as exact as ever.

        Args:
            said: told how many hours are done, of how many.

        Returns:
            How many hours were rolled.
        """
        with self._history.reading() as connection:
            kept = kept_hour(connection)
            hours = [hour for hour in _all_hours(connection) if hour >= kept]
        for start in range(0, len(hours), MARKED_AT_ONCE):
            with self._history.writing() as connection:
                mark_hours(connection, hours[start : start + MARKED_AT_ONCE])
        done, total = 0, len(self.due(10**9))
        while hours := self.due(AT_ONCE):
            done += self.roll(sorted(hours))
            if said is not None:
                said(done, total)
        return done

    def keep(self, until: Ms, connection: Connection) -> None:
        """Before calls of old hours are removed: let the rows of these stand from now on.

        What is marked there is rolled first, in the same transaction; :meth:`catch_up` before it
        leaves next to nothing of that.

        Args:
            until: the first moment whose hour is not kept (ms).
            connection: the transaction that removes the calls.
        """
        hour = until // HOUR
        if hour <= kept_hour(connection):
            return
        due = select(rollup_due.c.hour).where(rollup_due.c.hour < hour).distinct()
        while hours := list(connection.execute(due.limit(AT_ONCE)).scalars()):
            self._roll(connection, hours)
        connection.execute(delete(rollup_kept))
        connection.execute(insert(rollup_kept).values(hour=hour))


def kept_hour(connection: Connection) -> int:
    """The first hour whose rows may be made anew from calls; 0: all."""
    return connection.execute(select(func.max(rollup_kept.c.hour))).scalar() or 0


def _all_hours(connection: Connection) -> list[int]:
    """Every hour with calls, visits or rows."""
    queries = [select(call.c.arrived_at // HOUR), select(visit.c.joined_at // HOUR)]
    queries += [select(table.c.hour) for table in TABLES]
    return sorted(
        {hour for query in queries for hour in connection.execute(query.distinct()).scalars()}
    )


def _fill(connection: Connection, table: Table, query: Select[Any]) -> None:
    connection.execute(insert(table).from_select([c.name for c in query.selected_columns], query))


def _waits(connection: Connection, query: Select[Any]) -> Iterator[Mapping[str, Any]]:
    """Rows of waits, each a histogram."""
    found: defaultdict[tuple[int, str, str, str], Histogram] = defaultdict(Histogram)
    for hour, pbx, queue, kind, second, many in connection.execute(query):
        found[hour, pbx, queue, kind].add_seconds(second, many)
    for (hour, pbx, queue, kind), histogram in sorted(found.items()):
        yield {
            "hour": hour,
            "pbx": pbx,
            "queue": queue,
            "kind": kind,
            **stored(histogram),
        }


class Roller:
    """Rolls what is marked, beside the work: an hour at a time, at most a fifth of the time.

    The hour that lasts is left alone: it changes with every call.

    Args:
        rollups: what to roll.
        now: the monitor's clock (ms since the epoch).
        share: which part of the time it may work.
        pause: waits so many seconds; True says that the roller is to stop.
    """

    def __init__(
        self,
        rollups: Rollups,
        now: Callable[[], Ms],
        *,
        share: float = 0.2,
        pause: Callable[[float], bool] | None = None,
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._rollups = rollups
        self._now = now
        self._share = share
        self._ended = threading.Event()
        self._pause = pause or self._ended.wait
        self._stopwatch = stopwatch

    def stop(self) -> None:
        """Let :meth:`run` return at its next pause."""
        self._ended.set()

    def run(self) -> int:
        """Roll all that is marked now, until it is done or to stop; returns how many hours.

        Raises:
            SQLAlchemyError: the database cannot be used; what was rolled before stays.
        """
        done = 0
        for hour in self._rollups.due(10**6, self._now()):
            began = self._stopwatch()
            done += self._rollups.roll([hour])
            took = self._stopwatch() - began
            if self._pause(took / self._share - took):
                break
        return done
