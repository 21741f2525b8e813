"""Agents' time in the database: added up by the hour as it passes, and read for a period.

It is a record of its own: no calls are left from which it could be made anew.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, delete, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.core.agent_time import (
    COUNTS,
    HANDLING,
    Agent,
    AgentDimension,
    AgentTime,
    AgentTimeFigures,
    AgentTimes,
    HandlingTime,
)
from monitor.core.buckets import Bucket, Step, bucket_of, buckets, spans
from monitor.core.clock import DAY, Ms
from monitor.history.agent_tables import (
    agent_name,
    agent_pause,
    agent_present,
    agent_time,
    agent_time_mark,
)
from monitor.history.database import History
from monitor.history.figure_queries import LocalTime

Sees = Callable[[str, str], bool]
_STEPS: Final = {
    AgentDimension.MONTH: Step.MONTH,
    AgentDimension.WEEK: Step.WEEK,
    AgentDimension.DAY: Step.DAY,
    AgentDimension.TEAM_MONTH: Step.MONTH,
}
_NUMBER: Final = ""
"""The mark that holds the number of the newest batch."""
_EVER: Final[Ms] = 10**15
"""Longer than any period: all in one group."""


class AgentTimeRecord:
    """Adds to agents' time. Methods block; an event loop runs them in a thread."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._dialect = postgresql if history.engine.dialect.name == "postgresql" else sqlite

    def add(self, new: AgentTimes) -> None:
        """Add what agents did, in one transaction; the same batch once more changes nothing.

        Raises:
            SQLAlchemyError: the database cannot be used.
        """
        with self._history.writing() as connection:
            if new.number and _marks(connection).get(_NUMBER) == new.number:
                return  # the answer to the first try was lost
            times = [
                dict(zip(("at", "pbx", "team", "agent", "queue"), key, strict=True))
                | dict(zip(COUNTS, counts, strict=True))
                for key, counts in new.times.items()
            ]
            self._add_up(connection, agent_time, times, COUNTS)
            pauses = [
                dict(zip(("at", "pbx", "team", "agent", "reason"), pause, strict=True))
                | {"paused": spent}
                for pause, spent in new.pauses.items()
            ]
            self._add_up(connection, agent_pause, pauses, ("paused",))
            self._name(connection, new)
            marks = {**new.until, _NUMBER: new.number}
            _replace(connection, agent_time_mark, _rows(("pbx", "until"), marks.items()))
            present = ((*agent, name) for agent, name in new.present.items())
            _replace(connection, agent_present, _rows(("pbx", "agent", "name"), present))

    def recall(self) -> tuple[dict[Agent, str], dict[str, Ms]]:
        """Who was logged in when the record ended, with their names; and when that was, by PBX.

        Raises:
            SQLAlchemyError: the database cannot be used.
        """
        with self._history.reading() as connection:
            rows = connection.execute(select(agent_present))
            present = {(row.pbx, row.agent): row.name for row in rows}
            marks = _marks(connection)
            return present, {pbx: at for pbx, at in marks.items() if pbx != _NUMBER}

    def _add_up(
        self,
        connection: Connection,
        table: Table,
        rows: list[dict[str, Any]],
        counts: Iterable[str],
    ) -> None:
        if not rows:
            return
        statement = self._dialect.insert(table)
        statement = statement.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_={name: table.c[name] + statement.excluded[name] for name in counts},
        )
        connection.execute(statement, rows)

    def _name(self, connection: Connection, new: AgentTimes) -> None:
        """Keep the names of those whose own time is kept."""
        kept = {(key.pbx, key.agent) for key in new.times if key.agent}
        named = [(*agent, new.present[agent]) for agent in kept if agent in new.present]
        if named:
            statement = self._dialect.insert(agent_name)
            statement = statement.on_conflict_do_update(
                index_elements=["pbx", "agent"], set_={"name": statement.excluded.name}
            )
            connection.execute(statement, _rows(("pbx", "agent", "name"), named))


def _marks(connection: Connection) -> dict[str, Ms]:
    return {row.pbx: row.until for row in connection.execute(select(agent_time_mark))}


def _rows(names: tuple[str, ...], values: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in values]


def _replace(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    connection.execute(delete(table))
    if rows:
        connection.execute(insert(table), rows)


class AgentTimeReader:
    """Reads agents' time. Methods block; an event loop runs them in a thread."""

    def __init__(self, history: History) -> None:
        self._history = history

    def read(
        self,
        since: Ms,
        until: Ms,
        zone: tzinfo,
        *,
        by: Collection[AgentDimension] = (),
        pbx: str | None = None,
        sees: Sees | None = None,
    ) -> AgentTimeFigures:
        """Agents' time of the hours that began in ``since`` ≤ t < ``until`` (ms).

        Args:
            since: first moment.
            until: first moment after the period.
            zone: whose months, weeks and days they are.
            by: which parts are wanted.
            pbx: only this PBX.
            sees: says by (PBX, queue) what is counted, where not all is: then only what
                conversations took, as nothing else is of a queue.

        Raises:
            TooManyBucketsError: the period has too many days for one answer.
            SQLAlchemyError: the database cannot be used.
        """
        with self._history.reading() as connection:
            return self.read_in(connection, since, until, zone, by=by, pbx=pbx, sees=sees)

    def read_in(
        self,
        connection: Connection,
        since: Ms,
        until: Ms,
        zone: tzinfo,
        *,
        by: Collection[AgentDimension] = (),
        pbx: str | None = None,
        sees: Sees | None = None,
    ) -> AgentTimeFigures:
        """The same in a transaction that reads other things too."""
        parts = _Parts(AgentTimeFigures(since, until, zone), by)
        if since < until:
            reading = _Reading(connection, parts, pbx)
            reading.read_times(sees)
            if sees is None:
                reading.read_pauses()
        parts.sort()
        if AgentDimension.AGENT in by:
            rows = connection.execute(select(agent_name))
            names = {(row.pbx, row.agent): row.name for row in rows}
            found = parts.figures.by_agent
            parts.figures.names = {agent: names.get(agent, agent[1]) for agent in found}
        return parts.figures


class _Parts:
    """The parts of the figures that an hour of an agent's time belongs to."""

    def __init__(self, figures: AgentTimeFigures, by: Collection[AgentDimension]) -> None:
        self.figures = figures
        self.by = frozenset(by)
        self._spans: dict[Step, list[Bucket]] = {}
        for dimension, step in _STEPS.items():
            if dimension in self.by:
                made = buckets(figures.since, figures.until, step, figures.zone)
                self._spans[step] = made
        for step, list_ in self._lists.items():
            list_ += [(bucket, AgentTime()) for bucket in self._spans[step]]

    @property
    def _lists(self) -> Mapping[Step, list[tuple[Bucket, AgentTime]]]:
        figures = self.figures
        all_ = {
            AgentDimension.MONTH: figures.by_month,
            AgentDimension.WEEK: figures.by_week,
            AgentDimension.DAY: figures.by_day,
        }
        return {_STEPS[one]: list_ for one, list_ in all_.items() if one in self.by}

    def of(self, at: Ms, pbx: str, team: str, agent: str) -> list[AgentTime]:
        """The parts of time that is of a moment, a PBX and a team; or of an agent alone."""
        if agent:
            return [self.figures.by_agent.setdefault((pbx, agent), AgentTime())]
        figures, found = self.figures, [self.figures.total]
        if AgentDimension.PBX in self.by:
            found.append(figures.by_pbx.setdefault(pbx, AgentTime()))
        if AgentDimension.TEAM in self.by:
            found.append(figures.by_team.setdefault(team, AgentTime()))
        found += [list_[self._number(step, at)][1] for step, list_ in self._lists.items()]
        if AgentDimension.TEAM_MONTH in self.by:
            months = figures.by_team_month.get(team)
            if months is None:
                months = [(bucket, AgentTime()) for bucket in self._spans[Step.MONTH]]
                figures.by_team_month[team] = months
            found.append(months[self._number(Step.MONTH, at)][1])
        return found

    def queue(self, pbx: str, queue: str) -> HandlingTime | None:
        """The part of a queue, where they are wanted."""
        if AgentDimension.QUEUE not in self.by or not queue:
            return None
        return self.figures.by_queue.setdefault((pbx, queue), HandlingTime())

    def _number(self, step: Step, at: Ms) -> int:
        return bucket_of([bucket.begin for bucket in self._spans[step]], at)

    def sort(self) -> None:
        """Put names into their order."""
        figures = self.figures
        for name in ("by_pbx", "by_team", "by_queue", "by_team_month", "by_agent"):
            setattr(figures, name, dict(sorted(getattr(figures, name).items())))


class _Reading:
    """Adds up the rows of a period."""

    def __init__(self, connection: Connection, parts: _Parts, pbx: str | None) -> None:
        self._connection = connection
        self._parts = parts
        self._pbx = pbx
        figures = parts.figures
        length = DAY if set(_STEPS) & parts.by else _EVER
        self._local = LocalTime(spans(figures.since, figures.until, figures.zone), length)

    def read_times(self, sees: Sees | None) -> None:
        """Add all counts."""
        for at, pbx, team, agent, queue, *counts in self._rows(
            agent_time, COUNTS, last=AgentDimension.QUEUE in self._parts.by or sees is not None
        ):
            if sees is not None and not (queue and sees(pbx, queue)):
                continue
            new = AgentTime.of(counts)
            for part in self._parts.of(at, pbx, team, agent):
                part.add(new)
            of_queue = None if agent else self._parts.queue(pbx, queue)
            if of_queue is not None:
                for name in HANDLING:
                    setattr(of_queue, name, getattr(of_queue, name) + getattr(new, name))

    def read_pauses(self) -> None:
        """Add the reasons of pauses."""
        for at, pbx, team, agent, reason, spent in self._rows(agent_pause, ("paused",), last=True):
            for part in self._parts.of(at, pbx, team, agent):
                part.pauses[reason] += int(spent)

    def _rows(self, table: Table, counts: Iterable[str], *, last: bool) -> Iterator[Any]:
        """Counts by the moment of their part, PBX, team, agent and the table's last key.

        First those of all agents together; then, where they are wanted, those of each.
        """
        yield from self._grouped(table, counts, last=last, own=False)
        if AgentDimension.AGENT in self._parts.by:
            yield from self._grouped(table, counts, last=last, own=True)

    def _grouped(
        self, table: Table, counts: Iterable[str], *, last: bool, own: bool
    ) -> Iterator[Any]:
        since, until = self._parts.figures.since, self._parts.figures.until
        cell = self._local.key(table.c.at)
        assert cell is not None  # noqa: S101 - days are always groups
        final: Column[str] = list(table.primary_key)[-1]
        keys = [cell.label("cell"), table.c.pbx, table.c.team, table.c.agent]
        none = [] if last else [literal("").label(final.name)]
        keys += [final] if last else []
        query = select(*keys, *none, *(func.sum(table.c[name]) for name in counts)).where(
            table.c.at >= since,
            table.c.at < until,
            table.c.agent > "" if own else table.c.agent == "",
        )
        if self._pbx is not None:
            query = query.where(table.c.pbx == self._pbx)
        for at, *rest in self._connection.execute(query.group_by(*keys)):
            yield self._local.begin(at), *rest
