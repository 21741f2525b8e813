import re
from datetime import date, datetime, time, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from monitor.core.clock import DAY, SECOND
from monitor.evidence.chain import BLIND, FACTS
from monitor.evidence.pack import Packer, PackError, Plan
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history import History
from monitor.history.evidence_record import note_removal
from monitor.history.tables import blind_interval, fact
from tests.evidence.packs import PARIS, members, pack_of, packed, said, verified
from tests.evidence.samples import BEGIN, FIRST, after_days, fill, next_correction, seal_all

LAST = FIRST + timedelta(days=2)


def test_a_pack_of_either_database_is_verified(history: History) -> None:
    fill(history, days=2)
    seal_all(history, after_days(1))
    next_correction(history)
    seal_all(history, after_days(3))
    assert said(pack_of(history, FIRST, FIRST + timedelta(days=1))) == []


@pytest.fixture
def record(sqlite: History) -> History:
    """Three sealed days."""
    fill(sqlite, days=3)
    seal_all(sqlite, after_days(4))
    return sqlite


def test_days_that_are_not_sealed_are_not_packed(record: History) -> None:
    with pytest.raises(PackError, match=r"The days after 2026-04-04 .* are not sealed yet"):
        pack_of(record, FIRST, FIRST + timedelta(days=5))


def test_a_period_before_the_record_is_not_packed(record: History) -> None:
    with pytest.raises(PackError, match="The record begins on 2026-03-31"):
        pack_of(record, FIRST - timedelta(days=3), LAST)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "Asia/Kolkata", "America/New_York"])
def test_a_refusal_names_days_of_the_zone_that_are_not_refused(
    record: History, pseudonyms: Pseudonyms, zone: str
) -> None:
    here, packer = ZoneInfo(zone), Packer(record, pseudonyms)

    def of(first: date, last: date) -> Plan:
        begin, end = (
            round(datetime.combine(day, time(), here).timestamp() * SECOND)
            for day in (first, last + timedelta(days=1))
        )
        return packer.plan(begin, end, here)

    with pytest.raises(PackError, match=f"in {zone} begin the period on") as early:
        of(FIRST - timedelta(days=9), FIRST)
    with pytest.raises(PackError, match=f"in {zone} all is sealed to the end of") as late:
        of(FIRST, FIRST + timedelta(days=30))
    first, last = (
        date.fromisoformat(re.findall(r"\d{4}-\d\d-\d\d", str(refusal.value))[-1])
        for refusal in (early, late)
    )
    assert of(first, last).manifest.full <= last
    day = timedelta(days=1)
    with pytest.raises(PackError, match="The record begins"):
        of(first - day, last)
    with pytest.raises(PackError, match="not sealed yet"):
        of(first, last + day)


def test_nothing_is_packed_of_an_empty_record(sqlite: History) -> None:
    with pytest.raises(PackError, match="No day is sealed yet"):
        pack_of(sqlite, FIRST, LAST)


def test_what_retention_removed_but_for_calls_is_left_out(record: History) -> None:
    with record.writing() as connection:
        connection.execute(delete(blind_interval))
        connection.execute(delete(fact))
        note_removal(connection, FIRST, [BLIND, FACTS], BEGIN)
    seal_all(record, after_days(9))
    pack = pack_of(record, FIRST, LAST)
    assert said(pack) == []
    assert b'"left_out":["blind","facts"]' in members(pack)["manifest.json"]
    assert {name.rpartition("/")[2] for name in members(pack) if name.startswith("days/")} == {
        "calls.jsonl", "calls.sha256", "policies.jsonl", "policies.sha256",
    }  # fmt: skip


def test_a_period_without_length_is_refused(record: History, pseudonyms: Pseudonyms) -> None:
    with pytest.raises(PackError, match="does not lie before its end"):
        Packer(record, pseudonyms).plan(BEGIN, BEGIN, PARIS)


def test_further_files_go_along(record: History, pseudonyms: Pseudonyms) -> None:
    packer, written = Packer(record, pseudonyms), BytesIO()
    plan = packer.plan(BEGIN, BEGIN + DAY, PARIS)
    packer.write(plan, written.write, [("report.pdf", b"%PDF")])
    verdict = verified(written.getvalue())
    assert verdict.findings == []
    assert verdict.notes == ["report.pdf is as it was put in; its content is not checked."]


def test_the_report_is_in_a_pack_as_pdf_and_is_what_is_made_of_it(record: History) -> None:
    pack = pack_of(record, FIRST, LAST, pdf=True)
    verdict = verified(pack)
    assert (verdict.findings, verdict.notes) == ([], [])
    files = members(pack)
    french = files["report.fr.pdf"]
    assert french.startswith(b"%PDF-")
    assert files["report.en.pdf"] != french
    # Dated by the period's end, not by the clock: the same period gives the same bytes.
    assert b"/CreationDate(D:20260404000000Z)" in french

    # Somebody puts another one in its place, and makes the sums anew.
    other = packed({**files, "report.fr.pdf": files["report.en.pdf"]})
    assert said(other) == ["report.fr.pdf: it is not what is made of the documents"]
    # One that another version has set cannot be made anew: that is said, and nothing is wrong.
    older = french.replace(b"/Creator(Typst ", b"/Creator(Typst 0.")
    verdict = verified(packed({**files, "report.fr.pdf": older}))
    assert verdict.findings == []
    assert verdict.notes[0].startswith("report.fr.pdf was set by another version, minuteur ")
