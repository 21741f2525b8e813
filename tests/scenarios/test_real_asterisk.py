"""A real Asterisk, real SIP calls, the monitor as a process, its database and its interface."""

import pytest

from tests.asterisk_lab.play import Played, play
from tests.asterisk_lab.rows import ROWS
from tests.asterisk_lab.scenarios import REQUIRED, Row
from tests.asterisk_lab.server import AsteriskLab
from tests.scenarios.agreement import as_expected, disagreements, stamped, strayed
from tests.scenarios.product import Product

pytestmark = pytest.mark.asterisk

FURTHER = [row for row in ROWS if row not in REQUIRED]


@pytest.mark.parametrize("row", REQUIRED, ids=lambda row: row.name)
def test_a_real_call_is_judged_recorded_and_told_as_it_was(
    row: Row, lab: AsteriskLab, product: Product
) -> None:
    check(play(lab, row), product)


@pytest.mark.parametrize("row", FURTHER, ids=lambda row: row.name)
def test_the_further_ways_of_a_real_call_are_told_as_they_were(
    row: Row, lab: AsteriskLab, product: Product
) -> None:
    check(play(lab, row), product)


def check(played: Played, product: Product) -> None:
    """The record agrees with the table, with the queue log, and with what the interface tells."""
    uniqueids = {call.uniqueid for call in played.calls}
    stored = product.stored(uniqueids)
    assert disagreements(stored, played.visits()) == []
    assert strayed(stored, stamped(played.frames())) == []
    for call in played.calls:
        if call.call.expected is not None:
            assert as_expected(stored[call.uniqueid]) == call.call.expected, call.number
    told = {item["uniqueid"]: item for item in product.calls()}
    made_in_this_row = {
        uniqueid for uniqueid, item in told.items() if played.started <= since_1970(item)
    }
    assert made_in_this_row == uniqueids
    for uniqueid, record in stored.items():
        item = told[uniqueid]
        assert (item["verdict"], item["reason"]) == (record.verdict.value, record.reason.value)
        assert item["wait_s"] == (None if record.wait is None else record.wait / 1000)
        assert [v["exit"] for v in item["visits"]] == [v.exit for v in record.visits]


def since_1970(item: dict[str, object]) -> float:
    from datetime import datetime

    return datetime.fromisoformat(str(item["arrived_at"])).timestamp()
