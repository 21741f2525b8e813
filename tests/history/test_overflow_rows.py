"""Decisions, commands and standing actions: what is stored is what comes back."""

from dataclasses import fields, replace

import pytest
from sqlalchemy import Connection, MetaData, Table, inspect

from monitor.core.effects import CommandIssued, DecisionMade, StandingChanged
from monitor.core.overflow.decisions import Command, Decision, Standing
from monitor.core.records import Call
from monitor.history import BatchWriter, History, open_history, overflow_rows, tables
from monitor.history import overflow_tables as overflow
from monitor.history.overflow import OverflowRecord
from monitor.history.reader import HistoryReader
from monitor.history.rows import (
    CALL_COLUMNS,
    FACT_COLUMNS,
    STAY_COLUMNS,
    VISIT_COLUMNS,
    Rows,
    as_json,
)
from monitor.history.schema import newest_revision, upgrade
from tests.history.overflow_samples import (
    ORDERS,
    full_command,
    full_decision,
    full_standing,
)
from tests.history.samples import full_call


@pytest.mark.parametrize(
    ("columns", "table"),
    [
        (overflow_rows.DECISION_COLUMNS, overflow.decision),
        (overflow_rows.COMMAND_COLUMNS, overflow.command),
        (overflow_rows.STANDING_COLUMNS, overflow.standing),
    ],
)
def test_every_column_is_written(columns: tuple[str, ...], table: Table) -> None:
    assert sorted(columns) == sorted(table.c.keys())


@pytest.mark.parametrize("sample", [full_decision(), full_command(), full_standing()])
def test_the_samples_leave_no_default(sample: Decision | Command | Standing) -> None:
    assert [f.name for f in fields(sample) if getattr(sample, f.name) == f.default] == []


def test_a_decision_is_rebuilt_as_it_was(history: History) -> None:
    bare = replace(full_decision("lab-2"), to=None, expected_wait=None, miss_probability=None)
    with BatchWriter(history) as writer:
        writer.on_effects([DecisionMade(full_decision()), DecisionMade(bare)])
    log = OverflowRecord(history).log
    assert log.decision("lab-1") == full_decision()
    assert log.decision("lab-2") == bare
    assert log.decision("lab-3") is None


def test_a_command_is_rebuilt_with_its_order(history: History) -> None:
    commands = [full_command(f"c{n}", order) for n, order in enumerate(ORDERS)]
    commands.append(replace(full_command("unanswered"), answered_at=None, accepted=None))
    with BatchWriter(history) as writer:
        writer.on_effects([CommandIssued(command) for command in commands])
    log = OverflowRecord(history).log
    assert [log.command(command.id) for command in commands] == commands
    assert log.command("c99") is None


def test_a_standing_action_comes_back_until_it_is_undone(history: History) -> None:
    record, writer = OverflowRecord(history), BatchWriter(history)
    support, sales = full_standing(), full_standing(queue="sales")
    writer.on_effects([CommandIssued(full_command(), support), StandingChanged(sales, on=True)])
    writer.flush()
    assert record.standing() == [sales, support]
    writer.on_effects([StandingChanged(support, on=False)])
    writer.flush()
    assert record.standing() == [sales]
    writer.on_effects([StandingChanged(support, on=True)])
    writer.on_effects([StandingChanged(support, on=False)])
    writer.flush()
    assert record.standing() == [sales]


def test_a_database_of_the_first_version_keeps_its_rows(url: str) -> None:
    with open_history(url, migrate=False) as first:
        upgrade(first.engine, "0001")
        assert not inspect(first.engine).has_table("outbox")
        with first.writing() as connection:
            _insert_as_then(connection, full_call())
            zoe = {"name": "zoe", "role": "admin", "password_hash": "x", "created_at": 1}
            connection.execute(tables.user.insert().values(zoe))
    with open_history(url) as upgraded:
        assert HistoryReader(upgraded).call(full_call().id) == _as_then(full_call())
        with upgraded.reading() as connection:
            users = connection.execute(tables.user.select()).mappings()
            (row,) = [dict(row) for row in users]
            assert zoe.items() <= row.items()
            version = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
            assert version.scalar() == newest_revision()
        assert OverflowRecord(upgraded).rules.all() == []


def _insert_as_then(connection: Connection, record: Call) -> None:
    """Store a call in the columns that the tables of the first version have."""
    rows = Rows()
    rows.add(record)
    facts = [(*fact[:-1], as_json(fact[-1])) for fact in rows.facts]
    for name, names, values in (
        ("call", CALL_COLUMNS, rows.calls),
        ("visit", VISIT_COLUMNS, rows.visits),
        ("voice_server_stay", STAY_COLUMNS, rows.stays),
        ("fact", FACT_COLUMNS, facts),
    ):
        table = Table(name, MetaData(), autoload_with=connection)
        for row in values:
            whole = dict(zip(names, row, strict=True))
            connection.execute(table.insert().values({c.name: whole[c.name] for c in table.c}))


def _as_then(record: Call) -> Call:
    """A call as the first version knew it: what was not looked at is not known."""
    visits = [replace(visit, hold=None, transfers=None) for visit in record.visits]
    known = replace(record, visits=visits, transfers=None, caller_key="")
    return replace(known, satisfaction=None, satisfaction_best=None)
