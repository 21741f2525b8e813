"""What a client sees while a real caller waits, and what survives the death of the monitor."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.asterisk_lab import queue_log
from tests.asterisk_lab.callers import Agent, Caller, call, give_up, originate, ring
from tests.asterisk_lab.server import AsteriskLab
from tests.scenarios.agreement import disagreements
from tests.scenarios.product import PATIENCE, Product

pytestmark = pytest.mark.asterisk


@pytest.fixture
def own_product(lab: AsteriskLab, tmp_path: Path) -> Iterator[Product]:
    with Product(tmp_path, lab) as running:
        yield running


def stream_of(product: Product) -> ClientConnection:
    return connect(
        f"ws://127.0.0.1:{product.port}/api/v1/live/stream",
        additional_headers={"Authorization": f"Bearer {product.token}"},
    )


def changes_of(stream: ClientConnection) -> Iterator[dict[str, Any]]:
    """The changes of calls, as they come."""
    while True:
        message = json.loads(stream.recv(timeout=PATIENCE))
        for change in message.get("changes", ()):
            if change["kind"] == "call":
                yield change["call"]


def test_a_breach_reaches_a_stream_client_while_no_event_arrives_at_all(
    lab: AsteriskLab, own_product: Product
) -> None:
    number = "0699900001"
    with stream_of(own_product) as stream:
        ringing = call(lab, Caller("ringing", stay=4500, cancels=True), [number])
        told = next(
            told
            for told in changes_of(stream)
            if told["caller"] == number and told["verdict"] == "breached"
        )
        # The caller is still on the line: nothing but the clock can have raised it.
        assert told["ended_at"] is None
        assert told["reason"] == "waiting_past_deadline"
        assert told["verdict_at"] == told["deadline_at"]
        ended = next(told for told in changes_of(stream) if told["ended_at"] is not None)
        assert (ended["caller"], ended["verdict"]) == (number, "breached")
        ringing.wait(PATIENCE)


def test_the_monitor_is_killed_while_callers_wait_and_goes_on_with_the_same_calls(
    lab: AsteriskLab, own_product: Product
) -> None:
    numbers = [f"06998000{n:02d}" for n in range(8)]
    log_from = len(queue_log.read_database(lab.queue_log_database()))
    with lab.ami() as ami:
        callers = call(lab, Caller("sales"), numbers)
        originate(ami, "sales", "0699800090", 600_000)
        before: dict[str, Any] = {}

        def all_wait() -> bool:
            before.update({c["id"]: c for c in own_product.calls() if c["visits"]})
            return len(before) == len(numbers) + 1

        own_product.wait_for(all_wait, "nine callers to wait")
        own_product.wait_for(
            lambda: set(before) <= {c.id for c in _open_calls(own_product)},
            "the waiting callers to be in the database",
        )
        own_product.kill9()
        own_product.start()
        after = {c["id"]: c for c in own_product.calls()}
        assert after.keys() == before.keys()
        for id_, told in after.items():
            assert told["deadline_at"] == before[id_]["deadline_at"]
            assert told["arrived_at"] == before[id_]["arrived_at"]
            assert [v["joined_at"] for v in told["visits"]] == [
                v["joined_at"] for v in before[id_]["visits"]
            ]
        # by no clock of his own, as nobody knows how long a start takes
        give_up(ami, "sales")
        phone = ring(lab, Agent("agent1", ring=50, talk=200))
        ami.action("QueueAdd", Queue="sales", Interface="PJSIP/agent1", MemberName="Agent one")
        try:
            callers.wait(PATIENCE)
        finally:
            ami.request("QueueRemove", Queue="sales", Interface="PJSIP/agent1")
            phone.stop()
    stored = own_product.stored({told["uniqueid"] for told in after.values()})
    lines = queue_log.read_database(lab.queue_log_database())[log_from:]
    assert disagreements(stored, queue_log.visits(lines)) == []
    assert {record.observed.value for record in stored.values()} == {"partial"}
    assert len(own_product.calls()) == len(numbers) + 1


def _open_calls(product: Product) -> list[Any]:
    with product.records() as reader:
        return list(reader.open_calls())
