"""Whether what is stored is what was sealed: monitor/evidence/checking.py."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete, select, update

from monitor.core.clock import DAY, HOUR
from monitor.core.records import BlindInterval, Verdict
from monitor.evidence.chain import CALLS, FACTS, PARTS, end_of
from monitor.evidence.checking import Checked, Checker
from monitor.evidence.documents import purged_digits, purged_name
from monitor.evidence.pack import PackError
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history import History
from monitor.history.evidence_record import note_removal
from monitor.history.evidence_tables import evidence_amendment, seal
from monitor.history.rows import Rows
from monitor.history.store import Store
from monitor.history.tables import blind_interval, call, fact, stay, visit
from tests.evidence.packs import members, pack_of, said
from tests.evidence.samples import (
    BEGIN,
    FIRST,
    after_days,
    answered,
    day_of_calls,
    fill,
    seal_all,
    store,
)


@pytest.fixture
def record(sqlite: History) -> History:
    """Three sealed days; a call of the first was corrected, another added."""
    fill(sqlite, days=3)
    seal_all(sqlite, after_days(1))
    corrected = next(day_of_calls(0))
    corrected.corrections = 1
    store(sqlite, corrected, answered(BEGIN))
    seal_all(sqlite, after_days(4))
    return sqlite


def store_blind(history: History, gap: BlindInterval) -> None:
    """Store a blind interval as it stands now."""
    rows = Rows(blind=[(gap.pbx, gap.started_at, gap.ended_at, gap.cause)])
    assert Store(history).write(rows) == []


def check(history: History) -> Checked:
    assert history.pseudonyms is not None
    return Checker(history, history.pseudonyms).check()


def found(history: History) -> list[str]:
    return [str(finding) for finding in check(history).findings]


def test_a_record_that_nobody_touched_is_what_was_sealed(record: History) -> None:
    checked = check(record)
    assert checked.findings == []
    assert (checked.seals, checked.calls, checked.removed) == (5, 9, 0)


def test_so_is_one_with_corrections_that_no_seal_tells_yet(record: History) -> None:
    again = next(day_of_calls(0))
    again.corrections = 2
    other = next(day_of_calls(1))
    other.corrections = 1
    store(record, again, other)
    assert found(record) == []


def test_a_pbx_that_is_down_for_days_and_starts_anew_leaves_sealed_days_as_they_were(
    record: History,
) -> None:
    lost = BEGIN + 4 * DAY + 20 * HOUR
    store_blind(record, BlindInterval("lab", lost, None, "link lost"))
    seal_all(record, after_days(8))
    before = pack_of(record, FIRST, FIRST + timedelta(days=6))
    again = BlindInterval("lab", lost, lost + 5 * DAY, "link lost The PBX started anew.")
    store_blind(record, again)
    seal_all(record, after_days(12))
    assert found(record) == []
    assert said(before) == []
    pack = pack_of(record, FIRST, FIRST + timedelta(days=10))
    assert said(pack) == []
    told = json.loads(members(pack)["figures.json"])["blind"][-1]
    assert (told["started_at"], told["ended_at"]) == (again.started_at, again.ended_at)
    assert told["cause"] == again.cause


SECOND = "lab:1775121000.000"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            update(call).where(call.c.id == SECOND).values(verdict=Verdict.MET.value, within=1),
            "2026-04-02, calls: line 2 (call lab:1775121000.000): this is not the document",
        ),
        (
            delete(call).where(call.c.id == SECOND),
            "2026-04-02, calls: line 2: the document that was sealed here is missing",
        ),
        (
            update(visit).where(visit.c.call_id == SECOND).values(answered_at=0),
            "2026-04-02, calls: line 2 (call lab:1775121000.000): this is not the document",
        ),
        (
            delete(fact).where(fact.c.call_id == SECOND, fact.c.ordinal == 2),
            "2026-04-02, facts: line 2: this is not the document",
        ),
        (
            update(blind_interval).values(ended_at=BEGIN + 86_400_000 + 1),
            "2026-04-02, blind: line 1: this is not the document",
        ),
        (
            update(call).where(call.c.arrived_at == BEGIN).values(verdict="unknown"),
            "2026-04-02, amendments: call lab:1775001600.000 is not what was sealed",
        ),
        (
            update(seal).where(seal.c.number == 3).values(line="{}"),
            "seal 3: it cannot be read",
        ),
        (
            delete(seal).where(seal.c.number == 3),
            "seal 3, 2026-04-03: it has number 4 after number 2",
        ),
        (
            update(seal).where(seal.c.number == 3).values(head="0" * 64),
            "seal 3, 2026-04-02: its head is not the one that is stored",
        ),
        (
            delete(evidence_amendment),
            "2026-04-02, amendments: they are not what was sealed",
        ),
    ],
)
def test_what_was_changed_behind_the_monitors_back_is_named(
    record: History, change: object, expected: str
) -> None:
    with record.writing() as connection:
        connection.execute(change)  # type: ignore[call-overload]
    assert any(place.startswith(expected) for place in found(record)), found(record)


def test_another_key_is_told_once(record: History) -> None:
    checked = Checker(record, Pseudonyms(bytes(32))).check()
    keys = [finding for finding in checked.findings if "another key" in finding.said]
    assert len(keys) == 1


# --- retention ------------------------------------------------------------------------------------


def purge_numbers(connection: Connection, pseudonyms: Pseudonyms) -> None:
    """Take out who called, who answered, and what was entered, as retention does."""
    alice = purged_name(pseudonyms.agent("Alice"))
    phone = purged_name(pseudonyms.agent("PJSIP/101"))
    connection.execute(update(call).values(caller="", caller_name="", channel=""))
    connection.execute(update(call).where(call.c.agent == "Alice").values(agent=alice))
    named = update(visit).where(visit.c.agent == "Alice")
    connection.execute(named.values(agent=alice, interface=phone))
    connection.execute(update(stay).values(inputs=purged_digits("42")))
    told = update(fact).where(fact.c.kind == "voice_server_input")
    connection.execute(told.values(detail='{"name":"welcome","value":""}'))
    told = update(fact).where(fact.c.kind == "agent_connected")
    connection.execute(told.values(detail=f'{{"queue":"support","agent":"{alice}"}}'))


def test_numbers_names_and_digits_go_and_all_is_what_was_sealed(
    record: History, pseudonyms: Pseudonyms
) -> None:
    last = FIRST + timedelta(days=2)
    before = pack_of(record, FIRST, last)
    with record.writing() as connection:
        purge_numbers(connection, pseudonyms)
    assert found(record) == []
    assert pack_of(record, FIRST, last) == before


def remove(parts: tuple[str, ...]) -> Callable[[Connection], None]:
    def run(connection: Connection) -> None:
        note_removal(connection, FIRST, parts, BEGIN)
        old = select(call.c.id).where(call.c.arrived_at < end_of(FIRST))
        connection.execute(delete(fact).where(fact.c.call_id.in_(old)))
        if CALLS in parts:
            connection.execute(delete(call).where(call.c.arrived_at < end_of(FIRST)))

    return run


def test_a_day_that_retention_removed_is_no_change_and_the_chain_says_so(record: History) -> None:
    last = FIRST + timedelta(days=2)
    before = pack_of(record, FIRST, last)
    with record.writing() as connection:
        remove(PARTS)(connection)
    checked = check(record)
    assert checked.findings == []
    assert checked.removed == 1
    assert said(before) == []
    seals = seal_all(record, after_days(5))
    assert {part for _, part in seals[0].removed} == set(PARTS)
    assert found(record) == []
    with pytest.raises(PackError, match="removed, as their time of keeping was over"):
        pack_of(record, FIRST, last)
    assert said(pack_of(record, FIRST + timedelta(days=1), last)) == []


def test_timelines_may_go_before_the_calls(record: History) -> None:
    last = FIRST + timedelta(days=2)
    with record.writing() as connection:
        remove((FACTS,))(connection)
    assert found(record) == []
    with pytest.raises(PackError, match="make the pack once 2026-04-05"):
        pack_of(record, FIRST, last)
    seal_all(record, after_days(5))
    assert said(pack_of(record, FIRST, last)) == []


def test_nor_do_those_of_the_days_before_a_period_that_were_amended(record: History) -> None:
    with record.writing() as connection:
        remove((FACTS,))(connection)
    seal_all(record, after_days(5))
    pack = pack_of(record, FIRST + timedelta(days=1), FIRST + timedelta(days=2))
    assert b'"left_out":[]' in members(pack)["manifest.json"]
    assert said(pack) == []


def test_of_a_record_that_is_not_what_was_sealed_no_pack_is_made(record: History) -> None:
    with record.writing() as connection:
        connection.execute(update(call).where(call.c.id == SECOND).values(verdict="met", within=1))
    with pytest.raises(PackError, match=r"2026-04-02, calls, line 2"):
        pack_of(record, FIRST, FIRST + timedelta(days=2))


def test_nor_under_another_key_than_the_one_of_the_seals(record: History) -> None:
    record.pseudonyms = Pseudonyms(bytes(32))
    with pytest.raises(PackError, match="another key"):
        pack_of(record, FIRST, FIRST + timedelta(days=2))
