"""Contacts as evidence: every version is sealed, nobody is named, the figures are made anew."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest
from sqlalchemy import Connection, delete, select, update

from monitor.core.clock import DAY, HOUR
from monitor.core.contacts import Channel, ContactVerdict
from monitor.core.promises import Promise
from monitor.evidence import contact_documents
from monitor.evidence.chain import CONTACTS, begin_of, end_of
from monitor.evidence.checking import Checker
from monitor.evidence.contact_documents import contact_document, contact_of_document
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history import History
from monitor.history.contact_tables import contact, contact_change
from monitor.history.evidence_contacts import note_contacts_removal
from monitor.reporting.model import plain
from monitor.reporting.reading import ReportReader, Wanted
from tests.evidence.contact_samples import change, fill_contacts, register
from tests.evidence.packs import PARIS, changed, members, pack_of, said, verified
from tests.evidence.samples import BEGIN, FIRST, after_days, answered, fill, seal_all, store

LAST = FIRST + timedelta(days=2)
NAME = "days/2026-04-01/contacts.jsonl"
LATER = "days/2026-04-06/contacts.jsonl"


@pytest.fixture
def record(sqlite: History) -> History:
    """Eight sealed days, with contacts on the first ones and what became of them."""
    fill(sqlite, days=3)
    asked = answered(BEGIN + 14 * HOUR, "+33600000009")
    asked.satisfaction, asked.satisfaction_best = 4, 5
    silent = answered(BEGIN + 15 * HOUR, "+33600000008")
    silent.satisfaction, silent.satisfaction_best = 0, 5
    store(sqlite, asked, silent)
    fill_contacts(sqlite)
    seal_all(sqlite, after_days(8))
    return sqlite


def found(history: History) -> list[str]:
    assert history.pseudonyms is not None
    return [str(one) for one in Checker(history, history.pseudonyms).check().findings]


# --- documents ------------------------------------------------------------------------------------


def test_the_document_of_a_contact_never_changes(sqlite: History, pseudonyms: Pseudonyms) -> None:
    # Days were sealed with it: neither this text nor its digest may ever change.
    one = register(sqlite, "A-1", Channel.EMAIL, BEGIN, Promise.within(DAY))
    assert contact_document(one, BEGIN + 7, pseudonyms).decode() == EXAMPLE


EXAMPLE = (
    '{"answered_at":null,"at":1775001600007,"at_risk":false,"at_risk_at":1775066400000,"call_id"'
    ':"","channel":"email","contact":"fc58051c6eeda0ffa1b7a4055c2d0c0d","corrections":0,"deadlin'
    'e_at":1775088000000,"excluded":"","kind":"contact","pbx":"lab","policy_version":1,"promise"'
    ':{"at":null,"calendar":"","kind":"span","span":86400000},"queue":"support","reason":"","rec'
    'eived_at":1775001600000,"team":"","v":1,"verdict":"pending","verdict_at":null,"version":1,"'
    'withdrawn_at":null}'
)


def test_every_field_of_a_contact_is_accounted_for() -> None:
    assert contact_documents.unaccounted() == []


def test_a_contact_comes_back_from_its_document_but_for_whose_it_is(
    sqlite: History, pseudonyms: Pseudonyms
) -> None:
    one = register(sqlite, "A-1", Channel.COMPLAINT, BEGIN, Promise.within_opening(DAY))
    one = change(sqlite, one, BEGIN + HOUR, answered_at=BEGIN + HOUR, answered_by="Alice")
    back = contact_of_document(orjson.loads(contact_document(one, BEGIN, pseudonyms)))
    differing = {name for name in one.__slots__ if getattr(one, name) != getattr(back, name)}
    assert differing == {"id", "source", "reference", "answered_by"}


@pytest.mark.parametrize("told", [{}, {"kind": "call", "v": 1}, {"kind": "contact", "v": 2}])
def test_what_is_no_contact_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no document of a contact"):
        contact_of_document(told)


# --- seals ----------------------------------------------------------------------------------------


def test_each_version_is_a_document_of_the_day_on_which_it_was_made(record: History) -> None:
    files = members(pack_of(record, FIRST, LAST))
    told = {
        name.split("/")[1]: [orjson.loads(line) for line in data.splitlines()]
        for name, data in files.items()
        if name.endswith("/contacts.jsonl")
    }
    assert {day: len(lines) for day, lines in told.items()} == {
        "2026-04-01": 8, "2026-04-02": 2, "2026-04-03": 2, "2026-04-04": 1, "2026-04-05": 2,
        "2026-04-06": 1, "2026-04-07": 1,
    }  # fmt: skip
    first = told["2026-04-01"][0]
    assert (first["version"], first["verdict"], first["at"]) == (1, "pending", BEGIN + 32_460_000)


def test_a_day_without_contacts_is_sealed_as_ever(sqlite: History) -> None:
    fill(sqlite, days=1)
    assert all(CONTACTS not in seal.parts for seal in seal_all(sqlite, after_days(2)))


def test_the_first_day_that_tells_of_contacts_tells_of_all_before(
    sqlite: History, pseudonyms: Pseudonyms
) -> None:
    # As after an upgrade: days were sealed before contacts were.
    fill(sqlite, days=1)
    seal_all(sqlite, after_days(2))
    one = register(sqlite, "A-1", Channel.EMAIL, BEGIN, Promise.within(DAY))
    change(sqlite, one, BEGIN + 3 * DAY, answered_at=BEGIN + HOUR)
    register(sqlite, "A-2", Channel.EMAIL, BEGIN + 4 * DAY, Promise.within(DAY))
    seals = seal_all(sqlite, after_days(6))
    counts = {seal.day: seal.parts[CONTACTS].count for seal in seals if CONTACTS in seal.parts}
    assert counts == {FIRST + timedelta(days=n): 1 for n in (2, 3, 4)}
    assert found(sqlite) == []
    assert said(pack_of(sqlite, FIRST, FIRST)) == []


def test_nobody_is_named_in_a_pack(record: History) -> None:
    told = b"".join(members(pack_of(record, FIRST, LAST)).values())
    with record.reading() as connection:
        ids = list(connection.execute(select(contact.c.id)).scalars())
    secrets = ["99001234", "Petit", "example.org", "invoice", "noon", "crm", "A-1", "Alice", "zoé"]
    assert [secret for secret in [*secrets, *ids] if secret.encode() in told] == []


# --- figures --------------------------------------------------------------------------------------


def test_a_pack_comes_to_the_contacts_figures_of_the_record(record: History) -> None:
    pack = pack_of(record, FIRST, LAST)
    assert verified(pack).findings == []
    packed = orjson.loads(members(pack)["report.json"])
    wanted = Wanted(begin_of(FIRST), end_of(LAST), PARIS)
    report = plain(ReportReader(record).report(wanted))
    for name in ("contacts", "satisfaction"):
        assert packed[name] == report[name]
    total = packed["contacts"]["total"]
    names = ("registered", "met", "breached", "withdrawn", "pending", "excluded", "overdue")
    assert [total[name] for name in names] == [8, 2, 3, 1, 1, 1, 2]
    assert packed["contacts"]["callbacks"]["done"] == {
        "numerator": 1, "denominator": 2, "value": 0.5,
    }  # fmt: skip
    assert packed["satisfaction"]["response"]["value"] == 0.5
    assert packed["satisfaction"]["scales"][0]["distribution"]["4"] == 1


def test_figures_are_those_of_the_record_in_either_database(history: History) -> None:
    fill(history, days=1)
    fill_contacts(history)
    seal_all(history, after_days(8))
    packed = orjson.loads(members(pack_of(history, FIRST, LAST))["report.json"])
    wanted = Wanted(begin_of(FIRST), end_of(LAST), PARIS)
    assert packed["contacts"] == plain(ReportReader(history).report(wanted))["contacts"]
    assert found(history) == []


def test_who_sees_a_queue_gets_its_contacts_also_those_of_no_pbx(record: History) -> None:
    wanted = Wanted(
        BEGIN, BEGIN + 3 * DAY, ZoneInfo("UTC"), sees=lambda *queue: queue == ("lab", "support")
    )
    report = ReportReader(record).report(wanted)
    assert report.contacts is not None
    assert report.satisfaction is not None
    # Neither that of the other queue nor that of none.
    assert report.contacts.total.registered == 6
    assert report.satisfaction.response.denominator == 2


def test_a_figure_of_contacts_that_is_another_is_told(record: History) -> None:
    pack = changed(
        pack_of(record, FIRST, LAST), "report.json",
        lambda lines: [line.replace(b'"overdue": 2', b'"overdue": 1') for line in lines],
    )  # fmt: skip
    assert any("contacts.total.overdue is 1; the documents say 2" in one for one in said(pack))


# --- checking -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (
            update(contact).where(contact.c.reference == "A-2").values(verdict="met"),
            "2026-04-06, contacts: contact ",
        ),
        (
            update(contact_change).where(contact_change.c.at > BEGIN + 5 * DAY).values(after="{}"),
            "2026-04-07, contacts: line 1",
        ),
        (
            delete(contact_change).where(contact_change.c.at > BEGIN + 5 * DAY),
            "2026-04-07, contacts: line 1: the document that was sealed here is missing",
        ),
        (
            delete(contact).where(contact.c.reference == "B-1"),
            "2026-04-01, contacts: line 2: the document that was sealed here is missing",
        ),
    ],
)
def test_what_was_changed_behind_the_monitors_back_is_named(
    record: History, act: object, expected: str
) -> None:
    with record.writing() as connection:
        connection.execute(act)  # type: ignore[call-overload]
    assert any(one.startswith(expected) for one in found(record)), found(record)


def purge(connection: Connection) -> None:
    """Take out what is somebody's, as retention does."""
    connection.execute(update(contact).values(reference="~" + contact.c.id, answered_by=""))


def remove(connection: Connection) -> None:
    """Take out whole contacts."""
    over = contact.c.verdict != ContactVerdict.PENDING.value
    ids = list(connection.execute(select(contact.c.id).where(over)).scalars())
    note_contacts_removal(connection, ids, BEGIN + 9 * DAY)
    connection.execute(delete(contact).where(contact.c.id.in_(ids)))


@pytest.mark.parametrize("act", [purge, remove])
def test_what_retention_takes_leaves_the_record_what_was_sealed(
    record: History, act: Callable[[Connection], None]
) -> None:
    before = pack_of(record, FIRST, LAST)
    with record.writing() as connection:
        act(connection)
    assert found(record) == []
    if act is remove:  # the seal that tells of it
        seal_all(record, after_days(12))
    after = pack_of(record, FIRST, LAST)
    assert said(before) == said(after) == []
    if act is remove:
        assert b'"left_out":["contacts"]' in members(after)["manifest.json"]
        assert orjson.loads(members(after)["report.json"])["contacts"] is None
    else:
        assert after == before
