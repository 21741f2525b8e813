"""Real Asterisks, 22 and 16, real SIP calls, the monitor as a process, its database, its API."""

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from monitor.core.records import Call
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.rows import ROWS
from tests.asterisk_lab.scenarios import REQUIRED, Row
from tests.scenarios.agreement import as_expected, disagreements, stamped, strayed
from tests.scenarios.lanes import Lanes, OnePlayed
from tests.scenarios.product import Product

pytestmark = pytest.mark.asterisk

FURTHER = [row for row in ROWS if row not in REQUIRED]
WRITTEN_WITHIN = 3.0
"""Seconds after which all that was observed stands in the database."""
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
    check(lanes.of(version, row), lanes.product)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", FURTHER, ids=lambda row: row.name)
def test_the_further_ways_of_a_real_call_are_told_as_they_were(
    row: Row, version: Version, lanes: Lanes
) -> None:
    check(lanes.of(version, row), lanes.product)


def check(outcome: OnePlayed, product: Product) -> None:
    """The record agrees with the table, with the queue log, and with what the interface tells."""
    played, pbx = outcome.played, outcome.pbx
    uniqueids = {call.uniqueid for call in played.calls}
    stored = settled(product, outcome)
    assert disagreements(stored, played.visits(), played.row.unrecorded) == []
    assert strayed(stored, stamped(played.frames())) == []
    for call in played.calls:
        if call.call.expected is not None:
            assert as_expected(stored[call.uniqueid]) == call.call.expected, call.number
    told = {item["uniqueid"]: item for item in product.calls(pbx=pbx)}
    made_in_this_row = {
        uniqueid
        for uniqueid, item in told.items()
        if played.started <= since_1970(item) <= played.ended
    }
    assert made_in_this_row == uniqueids
    for uniqueid, record in stored.items():
        item = told[uniqueid]
        assert (item["verdict"], item["reason"]) == (record.verdict.value, record.reason.value)
        assert item["wait_s"] == (None if record.wait is None else record.wait / 1000)
        assert [v["exit"] for v in item["visits"]] == [v.exit for v in record.visits]


def settled(product: Product, outcome: OnePlayed) -> dict[str, Call]:
    """The stored records; what came last (AgentComplete) is written a moment after the rest."""
    wanted = {one.uniqueid: one.call.expected for one in outcome.played.calls}
    deadline = time.monotonic() + WRITTEN_WITHIN
    while True:
        stored = product.stored(set(wanted), outcome.pbx)
        complete = all(what in (None, as_expected(stored[uid])) for uid, what in wanted.items())
        if complete or time.monotonic() > deadline:
            return stored
        time.sleep(0.05)


def since_1970(item: dict[str, object]) -> float:
    return datetime.fromisoformat(str(item["arrived_at"])).timestamp()
