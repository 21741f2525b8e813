"""Real Asterisks, 22 and 16, real SIP calls, the monitor as a process, its database, its API."""

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from monitor.core.records import Call
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.rows import ROWS
from tests.asterisk_lab.scenarios import REQUIRED, Row
from tests.scenarios.agreement import (
    FROM_THE_LOG,
    as_expected,
    disagreements,
    stamped,
    strayed,
)
from tests.scenarios.lanes import Lanes, OnePlayed
from tests.scenarios.product import Product
from tests.scenarios.test_captures import follow

pytestmark = pytest.mark.asterisk

FURTHER = [row for row in ROWS if row not in REQUIRED]
WRITTEN_WITHIN = 30.0
"""Seconds after which all that was observed stands in the database, on the busiest machine."""
PLAYS = 6
"""How often a row is played until it goes as it was meant."""
VERSIONS: tuple[Version, ...] = ("22", "16")


@pytest.fixture(scope="module")
def lanes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lanes]:
    """All rows that this run of the tests asks for, played side by side."""
    places = [
        item.callspec.params
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == request.path
    ]
    wanted = [
        (version, row)
        for version in VERSIONS
        for row in ROWS
        if {"version": version, "row": row} in places
    ]
    failed_before = request.session.testsfailed
    with Lanes(tmp_path_factory.mktemp("lanes"), wanted) as running:
        yield running
        running.keep = request.session.testsfailed > failed_before


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", REQUIRED, ids=lambda row: row.name)
def test_a_real_call_is_judged_recorded_and_told_as_it_was(
    row: Row, version: Version, lanes: Lanes
) -> None:
    check(row, version, lanes)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", FURTHER, ids=lambda row: row.name)
def test_the_further_ways_of_a_real_call_are_told_as_they_were(
    row: Row, version: Version, lanes: Lanes
) -> None:
    check(row, version, lanes)


def check(row: Row, version: Version, lanes: Lanes) -> None:
    """The record is the expected one, and never says anything but what happened.

    On a busy machine a phone may answer after the caller's patience, and another story happens.
    It has to be told as truly; then the row is played again. So it is where Asterisk wrote its log
    so late that the log's moments are not those of its own events.
    """
    for play in range(1, 1 + PLAYS):
        outcome = lanes.of(version, row)
        stored = settled(lanes.product, outcome)
        late = told_truly(outcome, stored, lanes.product)
        made = {one.uniqueid: one.call.expected for one in outcome.played.calls}
        wanted = {uniqueid: what for uniqueid, what in made.items() if what is not None}
        found = {uniqueid: as_expected(stored[uniqueid]) for uniqueid in wanted}
        if (found == wanted and not late) or play == PLAYS:
            assert list(found.values()) == list(wanted.values())
            assert late == []
            return
        lanes.again(version, row)


def told_truly(outcome: OnePlayed, stored: dict[str, Call], product: Product) -> list[str]:
    """The record agrees with queue log, PBX's stamps, interface, and a replay of what was said.

    Returns where the queue log's moments are not those of the PBX's own events.
    """
    played, pbx = outcome.played, outcome.pbx
    replayed = follow(played.ami)
    assert {uid: as_expected(replayed[uid]) for uid in stored} == {
        uid: as_expected(record) for uid, record in stored.items()
    }
    assert strayed(stored, stamped(played.frames())) == []
    differences = disagreements(stored, played.visits(), played.row.unrecorded)
    late = [one for one in differences if one.endswith(FROM_THE_LOG)]
    assert [one for one in differences if one not in late] == []
    told = {item["uniqueid"]: item for item in product.calls(pbx=pbx)}
    made_in_this_row = {
        uniqueid
        for uniqueid, item in told.items()
        if played.started <= since_1970(item) <= played.ended
    }
    assert made_in_this_row == stored.keys()
    for uniqueid, record in stored.items():
        item = told[uniqueid]
        assert (item["verdict"], item["reason"]) == (record.verdict.value, record.reason.value)
        assert item["wait_s"] == (None if record.wait is None else record.wait / 1000)
        assert [v["exit"] for v in item["visits"]] == [v.exit for v in record.visits]
    return late


def settled(product: Product, outcome: OnePlayed) -> dict[str, Call]:
    """The stored records; what came last (AgentComplete) is written a moment after the rest.

    Complete is what says all that was heard, whatever the row was meant to be.
    """
    replayed = follow(outcome.played.ami)
    made = {one.uniqueid for one in outcome.played.calls}
    wanted = {uniqueid: as_expected(replayed[uniqueid]) for uniqueid in made}
    deadline = time.monotonic() + WRITTEN_WITHIN
    while True:
        stored = product.stored(made, outcome.pbx)
        complete = {uid: as_expected(call) for uid, call in stored.items()} == wanted
        if complete or time.monotonic() > deadline:
            return stored
        time.sleep(0.05)


def since_1970(item: dict[str, object]) -> float:
    return datetime.fromisoformat(str(item["arrived_at"])).timestamp()
