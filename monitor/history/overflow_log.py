"""The log of decisions and commands: pages, newest first, and counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, Connection, Select, func, select

from monitor.core.clock import Ms
from monitor.core.overflow.decisions import Command, Decision, Outcome, Verb
from monitor.history.database import History
from monitor.history.keyset import Keyset, check_limit
from monitor.history.overflow_rows import command_of, decision_of
from monitor.history.overflow_tables import command, decision
from monitor.history.queries import Queues, in_queues, plain_columns

COMMON: Final = 5_000
"""From so many rows on, a value is no narrow filter."""

Filter: TypeAlias = tuple[Column[Any], str | bool | None]


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions are asked for; what is None does not matter. ``since`` ≤ at < ``until``.

    ``queues``: who asks sees these only, as for calls.
    """

    since: Ms | None = None
    until: Ms | None = None
    pbx: str | None = None
    queue: str | None = None
    rule: str | None = None
    call: str | None = None
    verb: Verb | None = None
    held_back: bool | None = None
    queues: Queues | None = None


@dataclass(frozen=True, slots=True)
class CommandFilter:
    """Which commands are asked for; ``since`` ≤ issued < ``until``; ``queues`` as for decisions."""

    since: Ms | None = None
    until: Ms | None = None
    pbx: str | None = None
    queue: str | None = None
    rule: str | None = None
    call: str | None = None
    decision: str | None = None
    outcome: Outcome | None = None
    queues: Queues | None = None


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """Decisions, newest first; ``next_cursor`` is None at the end."""

    decisions: list[Decision]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CommandPage:
    """Commands, newest first; ``next_cursor`` is None at the end."""

    commands: list[Command]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class OverflowCounts:
    """How many decisions, by (rule, verb, held back), and commands, by (kind, outcome)."""

    decisions: dict[tuple[str, Verb, bool], int]
    commands: dict[tuple[str, Outcome], int]


class OverflowLog:
    """Reads decisions and commands. Methods block; an event loop runs them in a thread.

    What they give lags behind the overflow engine as :mod:`monitor.history.reader` does.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._plain = plain_columns(history.engine.dialect.name)

    def decisions(
        self, wanted: DecisionFilter | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> DecisionPage:
        """A page of decisions, newest first.

        Args:
            wanted: which ones; all when None.
            limit: how many, 1 to 500.
            cursor: ``next_cursor`` of the page before, under the same filter.

        Raises:
            ValueError: the cursor or the limit is not valid.
        """
        check_limit(limit)
        w = wanted or DecisionFilter()
        c = decision.c
        where = (
            (c.call_id, w.call),
            (c.rule_id, w.rule),
            (c.verb, w.verb and w.verb.value),
            (c.queue, w.queue),
            (c.held_back, w.held_back),
            (c.pbx, w.pbx),
        )
        keyset = Keyset(c.at, c.id)
        with self._history.reading() as connection:
            given = self._by_rarity(connection, keyset, where)
            query = self._page(keyset, w, given, cursor, limit)
            rows = connection.execute(query).mappings().all()
        shown, next_cursor = keyset.cut(rows, limit)
        return DecisionPage([decision_of(row) for row in shown], next_cursor)

    def commands(
        self, wanted: CommandFilter | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> CommandPage:
        """A page of commands, newest first; see :meth:`decisions`.

        Raises:
            ValueError: the cursor or the limit is not valid.
        """
        check_limit(limit)
        w = wanted or CommandFilter()
        c = command.c
        where = (
            (c.decision_id, w.decision),
            (c.call_id, w.call),
            (c.rule_id, w.rule),
            (c.outcome, w.outcome and w.outcome.value),
            (c.queue, w.queue),
            (c.pbx, w.pbx),
        )
        keyset = Keyset(c.issued_at, c.id)
        with self._history.reading() as connection:
            given = self._by_rarity(connection, keyset, where)
            query = self._page(keyset, w, given, cursor, limit)
            rows = connection.execute(query).mappings().all()
        shown, next_cursor = keyset.cut(rows, limit)
        return CommandPage([command_of(row) for row in shown], next_cursor)

    def decision(self, id_: str) -> Decision | None:
        """One decision; None when there is none of this id."""
        with self._history.reading() as connection:
            query = select(decision).where(decision.c.id == id_)
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else decision_of(row)

    def command(self, id_: str) -> Command | None:
        """One command; None when there is none of this id."""
        with self._history.reading() as connection:
            query = select(command).where(command.c.id == id_)
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else command_of(row)

    def counts(self, since: Ms, until: Ms) -> OverflowCounts:
        """How many decisions and commands there were, ``since`` ≤ t < ``until`` (ms)."""
        d, c = decision.c, command.c
        decisions = (
            select(d.rule_id, d.verb, d.held_back, func.count())
            .where(d.at >= since, d.at < until)
            .group_by(*map(self._plain, (d.rule_id, d.verb, d.held_back)))
        )
        commands = (
            select(c.kind, c.outcome, func.count())
            .where(c.issued_at >= since, c.issued_at < until)
            .group_by(*map(self._plain, (c.kind, c.outcome)))
        )
        with self._history.reading() as connection:
            made = {
                (rule_id, Verb(verb), bool(held_back)): count
                for rule_id, verb, held_back, count in connection.execute(decisions)
            }
            issued = {
                (kind, Outcome(outcome)): count
                for kind, outcome, count in connection.execute(commands)
            }
        return OverflowCounts(made, issued)

    def _by_rarity(
        self, connection: Connection, keyset: Keyset, where: Iterable[Filter]
    ) -> list[Filter]:
        """The filters that are given, those first that leave the fewest rows.

        SQLite has no idea of how often a value occurs; PostgreSQL finds out by itself.
        """
        given: list[Filter] = [one for one in where if one[1] is not None]
        if len(given) < 2 or connection.dialect.name != "sqlite":  # noqa: PLR2004
            return given

        def rows(one: Filter) -> int:
            found = select(keyset.moment).where(one[0] == one[1]).limit(COMMON).subquery()
            return connection.execute(select(func.count()).select_from(found)).scalar_one()

        return sorted(given, key=rows)

    def _page(
        self,
        keyset: Keyset,
        wanted: DecisionFilter | CommandFilter,
        given: Iterable[Filter],
        cursor: str | None,
        limit: int,
    ) -> Select[Any]:
        """The rows of a page: their keys are found in an index alone, then the rows themselves.

        The first filter chooses the index; the others are checked on the way, in the same index.
        """
        moment, key = keyset.moment, keyset.key
        keys = keyset.page(select(moment, key), cursor, limit)
        if wanted.since is not None:
            keys = keys.where(moment >= wanted.since)
        if wanted.until is not None:
            keys = keys.where(moment < wanted.until)
        if wanted.queues is not None:
            keys = keys.where(in_queues(wanted.queues, key.table, self._plain))
        for n, (column, value) in enumerate(given):
            keys = keys.where((column if n == 0 else self._plain(column)) == value)
        found = keys.subquery("page")
        query = select(key.table).join(found, key == found.c[key.key])
        return query.order_by(moment.desc(), key.desc())
