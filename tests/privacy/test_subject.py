"""One person's data by their number: all of it is found, and all of it goes."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from monitor.core.clock import DAY, HOUR, MINUTE, Ms
from monitor.core.contacts import ContactVerdict
from monitor.core.records import Call
from monitor.evidence.checking import Checker
from monitor.history import History
from monitor.history.audit import AuditFilter, AuditRecord, Via, Who
from monitor.history.contact_tables import contact
from monitor.history.evidence_keeping import whole_calls
from monitor.history.overflow_tables import audit_entry, outbox
from monitor.history.setting_tables import setting
from monitor.history.tables import call, fact
from monitor.privacy.rewriting import rewrite
from monitor.privacy.subject import ERASED, EXPORTED, NoNumberError, Subject, SubjectError
from tests.evidence.packs import pack_of, said
from tests.evidence.samples import BEGIN, FIRST, abandoned, after_days, seal_all, store
from tests.privacy.places import NAMES, NUMBERS, fill_everywhere, found_in, rows_with, spellings
from tests.privacy.test_purging import LAST, figures, filled

NUMBER, OTHER = NUMBERS[0], NUMBERS[1]
NOW: Ms = BEGIN + 6 * DAY
ADA = Who("ada", Via.SESSION)
OF_ONE = (*spellings(NUMBER), NAMES[1].encode(), b"01 99 11 12 22", b"01.99.11.12.22")


@pytest.fixture
def record(sqlite: History) -> History:
    return filled(sqlite)


@pytest.fixture
def either(history: History) -> History:
    """The same, on each kind of database in turn."""
    return filled(history)


def of(history: History, number: str = NUMBER, now: Ms = NOW) -> Subject:
    return Subject(history, number, now)


def findings(history: History) -> list[str]:
    assert history.pseudonyms is not None
    return [str(one) for one in Checker(history, history.pseudonyms).check().findings]


def test_all_that_is_held_of_a_number_is_found(record: History) -> None:
    held = of(record).export(ADA)

    assert len(held.records["call"]) == 4
    assert {row["caller"] for row in held.records["call"]} == {NUMBER}
    assert {"visit", "voice_server_stay", "fact", "lost_caller", "overflow_decision"} <= set(
        held.records
    )
    assert {"overflow_command", "contact", "contact_person", "outbox", "dead_letter", "alert"} <= (
        set(held.records)
    )
    assert held.purged_calls == 0
    assert OTHER not in str(held.records)
    (entry,) = AuditRecord(record).entries(AuditFilter(what=EXPORTED)).entries
    assert entry.subject == held.pseudonym
    assert NUMBER not in str(entry)


def test_a_number_is_erased_and_nobody_elses(either: History) -> None:
    before, pack = figures(either), pack_of(either, FIRST, LAST)

    done = of(either).erase(f"asked by {NUMBER}", ADA)

    assert rows_with(either, OF_ONE) == []
    assert any(OTHER in one for one in rows_with(either, tuple(spellings(OTHER))))
    assert done.removed["call"] == 4
    assert done.removed["lost_caller"] == done.removed["contact_person"] == 1
    assert done.left == []
    assert figures(either) == before
    assert findings(either) == []
    assert pack_of(either, FIRST, LAST) == pack
    assert said(pack) == []
    (entry,) = AuditRecord(either).entries(AuditFilter(what=ERASED)).entries
    assert entry.after is not None
    assert entry.after["reason"] == "asked by •"


def test_no_byte_of_it_is_in_any_file(sqlite: History, tmp_path: Path) -> None:
    fill_everywhere(sqlite)
    seal_all(sqlite, after_days(5))
    assert found_in(tmp_path, list(OF_ONE))

    of(sqlite).erase("", ADA)
    assert rewrite(sqlite, NOW)

    assert found_in(tmp_path, list(OF_ONE)) == []
    assert found_in(tmp_path, [OTHER.encode()])


def test_days_that_are_not_sealed_are_erased_and_sealed_as_they_would_have_been(
    sqlite: History,
) -> None:
    fill_everywhere(sqlite)

    of(sqlite).erase("", ADA)
    seals = seal_all(sqlite, after_days(5))

    assert seals
    assert rows_with(sqlite, OF_ONE) == []
    assert findings(sqlite) == []
    assert of(sqlite).export(ADA).purged_calls == 4


def test_a_dry_run_counts_and_changes_nothing(record: History) -> None:
    with record.reading() as connection:
        before = connection.execute(select(call)).all(), connection.execute(select(fact)).all()

    counted = of(record).erase("", ADA, dry_run=True)

    with record.reading() as connection:
        assert before == (
            connection.execute(select(call)).all(),
            connection.execute(select(fact)).all(),
        )
        assert not connection.execute(
            select(audit_entry).where(audit_entry.c.what == ERASED)
        ).first()
    assert counted.removed == of(record).erase("", ADA).removed


def test_a_call_that_has_just_ended_is_waited_for(record: History) -> None:
    at = NOW - 2 * MINUTE
    store(record, abandoned(at, NUMBER))

    with pytest.raises(SubjectError, match="ten minutes") as refused:
        of(record).erase("", ADA)

    assert NUMBER not in str(refused.value)
    assert of(record, now=NOW + HOUR).erase("", ADA).removed["call"] == 5


def test_a_live_call_is_waited_for(record: History) -> None:
    live = abandoned(NOW - 2 * HOUR, NUMBER)
    live.closed = False
    store(record, live)

    with pytest.raises(SubjectError, match="goes on"):
        of(record).erase("", ADA)


def test_an_open_contact_is_answered_first(record: History) -> None:
    with record.writing() as connection:
        connection.execute(update(contact).values(verdict=ContactVerdict.PENDING.value))

    with pytest.raises(SubjectError, match="waits for an answer"):
        of(record).erase("", ADA)


def test_what_stays_is_told_and_why(record: History) -> None:
    row = {"kind": "centre", "id": "centre", "version": 1, "body": f'{{"t":["{NUMBER}"]}}',
           "from_file": False, "created_at": 0, "created_by": "ada", "updated_at": 0,
           "updated_by": "ada", "deleted": False}  # fmt: skip
    with record.writing() as connection:
        connection.execute(setting.insert().values(row))

    (left,) = of(record).erase("", ADA).left

    assert (left.where, left.rows) == ("setting.body", 1)
    assert "settings" in left.why


def test_messages_that_wait_go_out_without_who_called(record: History) -> None:
    of(record).erase("", ADA)

    with record.reading() as connection:
        (payload,) = connection.execute(select(outbox.c.payload)).scalars()
    assert '"caller":""' in payload
    assert '"event":"ended"' in payload


def test_a_number_in_somebody_elses_timeline_goes_too(record: History) -> None:
    other = abandoned(BEGIN + 20 * HOUR, OTHER)
    other.facts = [*whole_calls_of(record, NUMBER)[0].facts]
    store(record, other)

    of(record).erase("", ADA)

    assert rows_with(record, OF_ONE) == []


def whole_calls_of(history: History, number: str) -> list[Call]:
    with history.reading() as connection:
        query = select(call.c.id).where(call.c.caller == number)
        ids = list(connection.execute(query.where(call.c.agent != "")).scalars())
        return list(whole_calls(connection, ids))


def test_what_holds_no_digit_is_no_number(record: History) -> None:
    with pytest.raises(NoNumberError):
        of(record, "anonymous")
