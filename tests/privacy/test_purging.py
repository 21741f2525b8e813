"""Retention: what is due goes, everywhere; figures and evidence stay what they were."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, select

from monitor.core.clock import DAY, HOUR, Ms
from monitor.evidence.checking import Checker
from monitor.history import History
from monitor.history.audit import AuditFilter, AuditRecord, Via, Who
from monitor.history.period import PeriodReader
from monitor.history.rollup_marks import mark_hours
from monitor.history.rollup_tables import rollup_due
from monitor.history.rollups import Rollups
from monitor.history.tables import call, stay, visit
from monitor.privacy.purging import PURGED, NoKeyError, Purged, Purger
from monitor.privacy.retention import default_days
from monitor.privacy.rewriting import due
from tests.evidence.packs import pack_of, said
from tests.evidence.samples import BEGIN, FIRST, abandoned, after_days, seal_all, store
from tests.privacy.places import (
    LATER,
    NUMBERS,
    SECRETS,
    fill_everywhere,
    found_in,
    rows_with,
)

BY = Who("retention", Via.MONITOR)
LAST = FIRST.replace(day=FIRST.day + 2)


def filled(history: History) -> History:
    """Numbers in all places, in three sealed days."""
    fill_everywhere(history)
    seal_all(history, after_days(5))
    Rollups(history).rebuild()
    return history


@pytest.fixture
def record(sqlite: History) -> History:
    return filled(sqlite)


@pytest.fixture
def either(history: History) -> History:
    """The same, on each kind of database in turn."""
    return filled(history)


def purge(history: History, now: Ms = LATER, **days: int | None) -> Purged:
    kept = {kind: days.get(kind.value, one) for kind, one in default_days().items()}
    return Purger(history, lambda: now, lambda _s: None).run(kept, BY, rewriting=True)


def findings(history: History) -> list[str]:
    assert history.pseudonyms is not None
    return [str(one) for one in Checker(history, history.pseudonyms).check().findings]


def figures(history: History) -> Any:  # noqa: ANN401 - compared as a whole
    reader = PeriodReader(history)
    return reader.read(BEGIN - DAY, BEGIN + 40 * DAY, ZoneInfo("Europe/Paris"))


def test_nothing_of_anybody_is_left_and_figures_and_evidence_are_what_they_were(
    either: History,
) -> None:
    before, pack = figures(either), pack_of(either, FIRST, LAST)
    assert said(pack) == []
    assert rows_with(either, SECRETS)

    done = purge(either)

    assert rows_with(either, SECRETS) == []
    assert findings(either) == []
    assert figures(either) == before
    assert pack_of(either, FIRST, LAST) == pack
    assert done.removed["numbers"] > 0
    assert done.removed["digits"] > 0
    assert done.removed["agents"] > 0
    assert done.removed["persons"] == 1
    assert done.rewritten


def test_no_byte_of_it_is_in_any_file(sqlite: History, tmp_path: Path) -> None:
    fill_everywhere(sqlite)
    seal_all(sqlite, after_days(5))
    assert found_in(tmp_path, list(SECRETS))

    purge(sqlite)

    assert found_in(tmp_path, list(SECRETS)) == []


def test_calls_that_go_as_a_whole_leave_their_figures(either: History) -> None:
    before, pack = figures(either), pack_of(either, FIRST, LAST)

    done = purge(either, calls=200, timelines=200)

    with either.reading() as connection:
        for table in (call, visit, stay):
            assert connection.execute(select(table)).first() is None
    assert done.removed["calls"] > 0
    assert figures(either) == before
    assert findings(either) == []
    assert said(pack) == []
    Rollups(either).rebuild()
    assert figures(either) == before
    seal_all(either, after_days(6))
    assert findings(either) == []


def test_counts_are_caught_up_before_the_transactions_that_remove_calls(
    record: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_all_hours(record)
    waiting: list[int] = []
    keep = Rollups.keep

    def seen(self: Rollups, until: Ms, connection: Connection) -> None:
        marked = select(rollup_due.c.hour).where(rollup_due.c.hour < until // HOUR)
        waiting.append(len(connection.execute(marked).all()))
        keep(self, until, connection)

    monkeypatch.setattr(Rollups, "keep", seen)
    assert Rollups(record).due(1)

    assert purge(record, calls=200, timelines=200).removed["calls"] > 0
    assert set(waiting) == {0}


def mark_all_hours(history: History) -> None:
    with history.writing() as connection:
        hours = connection.execute(select(call.c.arrived_at // HOUR).distinct()).scalars()
        mark_hours(connection, list(hours))


def test_timelines_and_decisions_may_go_before_the_calls(record: History) -> None:
    before = figures(record)

    done = purge(record, timelines=200, decisions=200, contacts=200)

    assert done.removed["timelines"] > 0
    assert done.removed["decisions"] == 2
    assert done.removed["contacts"] == 1
    assert replace(figures(record), overflow=before.overflow) == before
    assert findings(record) == []


def test_what_is_not_due_stays(record: History) -> None:
    done = purge(record, BEGIN + 20 * DAY, digits=1825)

    assert done.removed == {}
    assert any(NUMBERS[0] in one for one in rows_with(record, SECRETS))


def test_days_that_are_not_sealed_wait(sqlite: History) -> None:
    fill_everywhere(sqlite)

    done = purge(sqlite)

    assert done.waiting > 0
    assert "numbers" not in done.removed
    with sqlite.reading() as connection:
        assert NUMBERS[0] in set(connection.execute(select(call.c.caller)).scalars())


def test_a_purge_that_is_interrupted_goes_on_where_it_was(record: History) -> None:
    steps = iter(range(3))

    def stop(_seconds: float) -> None:
        if next(steps, None) is None:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        Purger(record, lambda: LATER, stop).run(default_days(), BY)
    purge(record)

    assert rows_with(record, SECRETS) == []
    assert findings(record) == []


def test_numbers_that_an_import_brings_later_go_with_the_next_purge(record: History) -> None:
    purge(record)
    fill_everywhere_again(record)
    assert any(NUMBERS[0] in one for one in rows_with(record, SECRETS))

    purge(record, LATER + DAY)

    assert rows_with(record, SECRETS) == []


def test_the_trail_says_how_much_went_and_of_whom_nothing(record: History) -> None:
    done = purge(record)

    (entry,) = AuditRecord(record).entries(AuditFilter(what=PURGED)).entries
    assert (entry.by, entry.via) == ("retention", Via.MONITOR)
    assert entry.after is not None
    assert entry.after["removed"] == dict(done.removed)
    assert due(record)[0] == 0


def test_without_a_key_nothing_is_purged(record: History) -> None:
    record.pseudonyms = None
    with pytest.raises(NoKeyError):
        purge(record)


def fill_everywhere_again(history: History) -> None:
    """An old call, as an import of a queue log brings it: a number, and nothing else personal."""
    store(history, abandoned(BEGIN + 20 * 3_600_000, NUMBERS[0]))
