"""Emptying the personal parts of old calls and of what was decided about them.

A few calls in each transaction, straight in the tables: a :class:`~monitor.history.store.Store`
would keep what they were as evidence. Documents stay what they were sealed as.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select, true, update

from monitor.core.clock import Ms
from monitor.evidence.documents import purged_digits
from monitor.history.database import History
from monitor.history.overflow_tables import command, decision
from monitor.history.rollup_marks import mark_callers
from monitor.history.tables import call, fact, stay, visit
from monitor.privacy.answerers import is_name, name_nobody
from monitor.privacy.marks import mark, note_removed, set_mark
from monitor.privacy.retention import Kind
from monitor.privacy.scrubbing import (
    Eraser,
    order_without_agent,
    order_without_channel,
    purged_agent,
    without_agent,
    without_digits,
    without_texts,
)

AT_ONCE: Final = 100
"""Calls in one transaction: some 50 ms."""
Told = Callable[[int], None]
"""Is told after each transaction how many calls changed in it; may pause, or raise to stop."""
Change = Callable[[str, dict[str, Any]], dict[str, Any]]
"""A fact's detail as it is to be, from its kind and its detail."""


class Emptier:
    """Empties what is personal in old calls.

    Args:
        history: the record; without a key of pseudonyms only numbers can be emptied.
        now: the present moment (ms).
    """

    def __init__(self, history: History, now: Ms) -> None:
        self._history = history
        self._now = now
        self._caller = history.caller_key or _nobody
        self._agent = _nobody if history.pseudonyms is None else history.pseudonyms.agent

    def empty(self, kind: Kind, before: Ms, told: Told) -> int:
        """Empty one kind in all closed calls that arrived before a moment; returns how many had it.

        Raises:
            SQLAlchemyError: the database cannot be used; what was done stays.
        """
        done = sum(self._late(kind, before, told))
        if kind is Kind.AGENTS:
            done += sum(name_nobody(self._history, before, self._agent, self._now, told))
        name = f"purge:{kind.value}"
        while True:
            with self._history.writing() as connection:
                since = mark(connection, name)
                if since >= before:
                    return done
                ids, until = _next(connection, since, before)
                changed = self._calls(connection, kind, ids)
                changed += self._decided(connection, kind, since, until)
                set_mark(connection, name, until)
                if changed:
                    note_removed(connection, self._now)
            done += changed
            told(changed)

    def empty_calls(self, connection: Connection, ids: Sequence[str]) -> Counter[str]:
        """Empty number, name, channel, digits and free texts of some calls, whenever they were.

        Returns:
            How many rows of each table were changed.
        """
        done = Counter({str(call.name): len(self._numbers(connection, ids))})
        done[str(stay.name)] = len(_digits(connection, ids))
        done[str(fact.name)] = len(
            _facts(connection, ids, lambda kind, one: without_digits(without_texts(kind, one)))
        )
        done[str(command.name)] = self._commands(
            connection, command.c.call_id.in_(ids), Kind.NUMBERS
        )
        done[str(decision.name)] = _decisions(connection, decision.c.call_id.in_(ids))
        return +done

    def _late(self, kind: Kind, before: Ms, told: Told) -> Iterator[int]:
        """Calls that came into the record after their time was looked at, as an import brings."""
        found = {Kind.NUMBERS: call.c.caller > "", Kind.AGENTS: is_name(call.c.agent)}.get(kind)
        if found is None:
            return
        while True:
            with self._history.reading() as connection:
                until = min(before, mark(connection, f"purge:{kind.value}"))
                # Not by the index of arrivals: that would read all calls of years, one by one.
                late = select(call.c.id).where(found, call.c.arrived_at + 0 < until).limit(AT_ONCE)
                ids = list(connection.execute(late).scalars())
            if not ids:
                return
            with self._history.writing() as connection:
                changed = self._calls(connection, kind, ids)
                note_removed(connection, self._now)
            if not changed:
                return
            yield changed
            told(changed)

    def _calls(self, connection: Connection, kind: Kind, ids: Sequence[str]) -> int:
        """Empty one kind in some calls; returns in how many there was something of it."""
        if not ids:
            return 0
        match kind:
            case Kind.NUMBERS:
                touched = self._numbers(connection, ids)
                touched |= _facts(connection, ids, without_texts)
            case Kind.DIGITS:
                touched = _digits(connection, ids)
                touched |= _facts(connection, ids, lambda _kind, detail: without_digits(detail))
            case _:
                agent = self._agent
                touched = self._agents(connection, ids)
                touched |= _facts(
                    connection, ids, lambda _kind, detail: without_agent(detail, agent)
                )
        return len(touched)

    def _numbers(self, connection: Connection, ids: Sequence[str]) -> set[str]:
        columns = call.c
        said = or_(columns.caller != "", columns.caller_name != "", columns.channel != "")
        query = select(columns["id", "arrived_at", "caller", "caller_key"])
        rows = connection.execute(query.where(columns.id.in_(ids), said)).all()
        keys = {row.id: row.caller_key or self._caller(row.caller) for row in rows}
        new = [row for row in rows if keys[row.id] != row.caller_key]
        if rows:
            connection.execute(
                update(call)
                .where(columns.id == bindparam("of"))
                .values(caller="", caller_name="", channel="", caller_key=bindparam("key")),
                [{"of": row.id, "key": keys[row.id]} for row in rows],
            )
        if new:
            mark_callers(connection, [(row.arrived_at, row.caller, keys[row.id]) for row in new])
        return {row.id for row in rows}

    def _agents(self, connection: Connection, ids: Sequence[str]) -> set[str]:
        agent = self._agent
        query = select(call.c["id", "agent"]).where(call.c.id.in_(ids), is_name(call.c.agent))
        calls = [
            {"of": row.id, "put": purged_agent(row.agent, agent)}
            for row in connection.execute(query)
        ]
        if calls:
            change = update(call).where(call.c.id == bindparam("of"))
            connection.execute(change.values(agent=bindparam("put")), calls)
        named = or_(is_name(visit.c.agent), is_name(visit.c.interface))
        query = select(visit.c["call_id", "ordinal", "agent", "interface"])
        visits = [
            {"of": row.call_id, "nth": row.ordinal, "put": purged_agent(row.agent, agent),
             "at": purged_agent(row.interface, agent)}
            for row in connection.execute(query.where(visit.c.call_id.in_(ids), named))
        ]  # fmt: skip
        if visits:
            change = update(visit).where(
                visit.c.call_id == bindparam("of"), visit.c.ordinal == bindparam("nth")
            )
            connection.execute(
                change.values(agent=bindparam("put"), interface=bindparam("at")), visits
            )
        return {row["of"] for row in calls + visits}

    # --- what was decided -----------------------------------------------------------------------

    def _decided(self, connection: Connection, kind: Kind, since: Ms, until: Ms) -> int:
        """The same for the decisions and commands of a span."""
        changed = 0
        if kind is Kind.NUMBERS:
            span = and_(decision.c.at >= since, decision.c.at < until)
            changed += _decisions(connection, span)
        if kind in (Kind.NUMBERS, Kind.AGENTS):
            span = and_(command.c.issued_at >= since, command.c.issued_at < until)
            changed += self._commands(connection, span, kind)
        return changed

    def _commands(self, connection: Connection, where: Any, kind: Kind) -> int:  # noqa: ANN401
        query = select(command.c["id", "kind", "body", "answer"]).where(where)
        changes = []
        for row in connection.execute(query):
            body = orjson.loads(row.body)
            if kind is Kind.NUMBERS:
                # The PBX's own words may name the channel.
                new, answer = order_without_channel(body), ""
            else:
                new = order_without_agent(row.kind, body, self._agent)
                answer = row.answer
            if new != body or answer != row.answer:
                changes.append({"of": row.id, "put": orjson.dumps(new).decode(), "said": answer})
        if changes:
            change = update(command).where(command.c.id == bindparam("of"))
            connection.execute(
                change.values(body=bindparam("put"), answer=bindparam("said")), changes
            )
        return len(changes)


def _nobody(_name: str) -> str:
    return ""


def _next(connection: Connection, since: Ms, before: Ms) -> tuple[list[str], Ms]:
    """The next closed calls, and up to which moment these are all."""
    arrived = call.c.arrived_at
    closed = select(call.c.id, arrived).where(call.c.closed == true(), arrived >= since)
    some = closed.where(arrived < before).order_by(arrived, call.c.id).limit(AT_ONCE)
    rows = connection.execute(some).all()
    if len(rows) < AT_ONCE:
        return [row.id for row in rows], before
    # Of the last millisecond, all.
    last = rows[-1].arrived_at
    same = connection.execute(closed.where(arrived == last)).all()
    return list({row.id: None for row in (*rows, *same)}), last + 1


def _decisions(connection: Connection, where: ColumnElement[bool]) -> int:
    """Take callers out of decisions, also out of the reasons that quote them."""
    query = select(decision.c["id", "caller", "reasons"]).where(where, decision.c.caller != "")
    changes = []
    for row in connection.execute(query):
        reasons = Eraser(row.caller).within(orjson.loads(row.reasons))
        changes.append({"of": row.id, "put": orjson.dumps(reasons).decode()})
    if changes:
        change = update(decision).where(decision.c.id == bindparam("of"))
        connection.execute(change.values(caller="", reasons=bindparam("put")), changes)
    return len(changes)


def _digits(connection: Connection, ids: Sequence[str]) -> set[str]:
    query = select(stay.c["call_id", "ordinal", "inputs"])
    changes = [
        {"of": row.call_id, "nth": row.ordinal, "put": purged_digits(row.inputs)}
        for row in connection.execute(query.where(stay.c.call_id.in_(ids), stay.c.inputs != ""))
        if row.inputs != purged_digits(row.inputs)
    ]
    if changes:
        change = update(stay).where(
            stay.c.call_id == bindparam("of"), stay.c.ordinal == bindparam("nth")
        )
        connection.execute(change.values(inputs=bindparam("put")), changes)
    return {change["of"] for change in changes}


def _facts(connection: Connection, ids: Sequence[str], change: Change) -> set[str]:
    """Change the details of facts; returns of which calls."""
    query = select(fact.c["call_id", "ordinal", "kind", "detail"]).where(fact.c.call_id.in_(ids))
    changes = []
    for row in connection.execute(query):
        before = orjson.loads(row.detail)
        after = change(row.kind, before)
        if after != before:
            text = orjson.dumps(after).decode()
            changes.append({"of": row.call_id, "nth": row.ordinal, "put": text})
    if changes:
        query_ = update(fact).where(
            fact.c.call_id == bindparam("of"), fact.c.ordinal == bindparam("nth")
        )
        connection.execute(query_.values(detail=bindparam("put")), changes)
    return {row["of"] for row in changes}
