"""Losing sight of a real Asterisk with real callers on it: nobody is lost, no ghost stays."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.core.records import BlindInterval, Call, Observed, Reason, Verdict
from tests.asterisk_lab import queue_log
from tests.asterisk_lab.ami import LabAmi
from tests.asterisk_lab.callers import Agent, Caller, Sipp, call, ring
from tests.asterisk_lab.ports import PortBlock
from tests.asterisk_lab.server import AsteriskLab
from tests.scenarios.agreement import PBX, disagreements
from tests.scenarios.product import PATIENCE, Product
from tests.soak.faults import FaultyLink

pytestmark = pytest.mark.asterisk

Told = dict[str, dict[str, Any]]
"""Live calls by the caller's number."""


@pytest.fixture
def own_lab() -> Iterator[AsteriskLab]:
    """An Asterisk that the test may end as it likes."""
    with AsteriskLab() as running:
        yield running


@pytest.fixture
def callers() -> Iterator[ExitStack]:
    """Ends the sipp processes of a test."""
    with ExitStack() as stack:
        yield stack


@contextmanager
def behind_a_proxy(directory: Path, lab: AsteriskLab) -> Iterator[tuple[FaultyLink, Product]]:
    ports = PortBlock()
    try:
        with (
            FaultyLink(ports.take(), lab.ami_port) as link,
            Product(directory, lab, ami_port=link.port) as product,
        ):
            yield link, product
    finally:
        ports.release()


@contextmanager
def answering(lab: AsteriskLab, ami: LabAmi, queue: str) -> Iterator[None]:
    """An agent who picks up at once and talks a little."""
    phone = ring(lab, Agent("agent1", ring=50, talk=300))
    ami.action("QueueAdd", Queue=queue, Interface="PJSIP/agent1", MemberName="Agent one")
    try:
        yield
    finally:
        ami.request("QueueRemove", Queue=queue, Interface="PJSIP/agent1")
        phone.stop()


def waiting(product: Product, *numbers: str) -> Told:
    """The live calls of these callers, once they all wait in a queue."""
    told: Told = {}

    def all_wait() -> bool:
        live = product.get("/live")["calls"]
        told.update({c["caller"]: c for c in live if c["visits"]})
        return told.keys() >= set(numbers)

    product.wait_for(all_wait, f"{len(numbers)} callers to wait")
    return {number: told[number] for number in numbers}


def calling(callers: ExitStack, lab: AsteriskLab, caller: Caller, *numbers: str) -> Sipp:
    process = call(lab, caller, numbers)
    callers.callback(process.stop)
    return process


def state(product: Product) -> str:
    return str(product.get("/live")["pbxs"][0]["state"])


def blind(product: Product) -> list[BlindInterval]:
    """The blind intervals after the monitor's first look."""
    with product.records() as reader:
        return reader.blind_intervals(0, 1 << 52, pbx=PBX)[1:]


def lies_in(at: int | None, gaps: list[BlindInterval]) -> bool:
    return at is not None and any(g.started_at <= at <= (g.ended_at or at) for g in gaps)


def milliseconds(iso: str) -> int:
    return round(datetime.fromisoformat(iso).timestamp() * 1000)


def the_records(product: Product, told: Told) -> dict[str, Call]:
    """The stored records of these callers, by number, once all of them are over."""
    stored = product.stored({call["uniqueid"] for call in told.values()})
    return {record.caller: record for record in stored.values()}


def test_a_link_that_dies_in_silence_is_found_dead_and_nothing_is_made_up(
    own_lab: AsteriskLab, callers: ExitStack, tmp_path: Path
) -> None:
    """Half-open TCP: one caller leaves, one is answered, one comes; nobody tells the monitor."""
    leaves, stays, comes = "0697000001", "0697000002", "0697000003"
    with behind_a_proxy(tmp_path, own_lab) as (link, product), own_lab.ami() as ami:
        calling(callers, own_lab, Caller("support", stay=2000), leaves)
        one = calling(callers, own_lab, Caller("sales"), stays)
        told = waiting(product, leaves, stays)
        link.swallow()
        last = calling(callers, own_lab, Caller("sales", stay=60_000), comes)
        product.wait_for(lambda: state(product) != "connected", "the silence to be noticed")
        product.wait_for(lambda: state(product) == "connected", "the link to be whole again")
        told |= waiting(product, comes)
        assert {c["caller"] for c in product.get("/live")["calls"]} == {stays, comes}
        with answering(own_lab, ami, "sales"):
            one.wait(PATIENCE)
            last.wait(PATIENCE)
        records = the_records(product, told)
        gaps = blind(product)
        logged = queue_log.visits(queue_log.read_database(own_lab.queue_log_database()))
    assert len(gaps) == 1
    gone = records[leaves]
    assert (gone.verdict, gone.reason, gone.ended_at) == (
        Verdict.UNKNOWN, Reason.END_NOT_OBSERVED, None,
    )  # fmt: skip
    assert lies_in(round((logged[gone.uniqueid][0].left or 0) * 1000), gaps)
    # in the same queue before and after: surely nobody took care of the caller in between
    assert records[stays].verdict is Verdict.BREACHED
    assert records[stays].verdict_at == milliseconds(told[stays]["deadline_at"])
    # met on the way: somebody may have
    assert records[comes].verdict is Verdict.UNKNOWN
    seen = {records[number].uniqueid: records[number] for number in (stays, comes)}
    assert disagreements(seen, {uniqueid: logged[uniqueid] for uniqueid in seen}) == []


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_an_asterisk_that_ends_takes_its_callers_with_it(
    how: str, own_lab: AsteriskLab, callers: ExitStack, tmp_path: Path
) -> None:
    """No ghost stays on the board; what nobody saw end is unknown; the next caller is met."""
    late, early, after = "0697000011", "0697000012", "0697000013"
    with Product(tmp_path, own_lab) as product:
        calling(callers, own_lab, Caller("sales"), late)
        told = waiting(product, late)
        product.wait_for(
            lambda: waiting(product, late)[late]["verdict"] == "breached", "the deadline to pass"
        )
        calling(callers, own_lab, Caller("support"), early)
        told |= waiting(product, early)
        if how == "restarted":
            own_lab.restart()
        else:
            own_lab.kill9()
            own_lab.start()
        product.wait_for(lambda: not product.get("/live")["calls"], "the board to be empty")
        product.wait_for(lambda: state(product) == "connected", "the link to be whole again")
        records = the_records(product, told)
        with own_lab.ami() as ami, answering(own_lab, ami, "sales"):
            call(own_lab, Caller("sales"), [after]).wait(PATIENCE)
        product.wait_for(lambda: len(product.calls()) == 3, "the caller after the restart")
        (newest,) = product.stored(
            {c["uniqueid"] for c in product.calls() if c["caller"] == after}
        ).values()
        gaps = blind(product)  # stored before the call that came after them
        live = product.get("/live")
    assert (newest.verdict, newest.observed) == (Verdict.MET, Observed.FULL)
    # a breach that was seen stays one
    assert records[late].verdict is Verdict.BREACHED
    if how == "killed":
        assert (records[early].verdict, records[early].ended_at) == (Verdict.UNKNOWN, None)
    assert [gap.ended_at is not None for gap in gaps] == [True]
    assert live["calls"] == []
    assert all(queue["waiting"] == 0 for queue in live["queues"])


def test_a_monitor_that_is_restarted_cleanly_goes_on_with_the_same_calls(
    own_lab: AsteriskLab, callers: ExitStack, tmp_path: Path
) -> None:
    """One caller leaves and one comes while no monitor runs; one waits all the time."""
    leaves, stays, comes = "0697000021", "0697000022", "0697000023"
    with Product(tmp_path, own_lab) as product, own_lab.ami() as ami:
        going = calling(callers, own_lab, Caller("support", stay=2500), leaves)
        one = calling(callers, own_lab, Caller("sales"), stays)
        told = waiting(product, leaves, stays)
        product.stop()
        last = calling(callers, own_lab, Caller("sales", stay=60_000), comes)
        going.wait(PATIENCE)
        product.start()
        again = waiting(product, stays, comes)
        for name in ("arrived_at", "deadline_at", "id"):
            assert again[stays][name] == told[stays][name]
        assert {c["caller"] for c in product.get("/live")["calls"]} == {stays, comes}
        with answering(own_lab, ami, "sales"):
            one.wait(PATIENCE)
            last.wait(PATIENCE)
        told |= again
        records = the_records(product, told)
        (gap,) = blind(product)
        logged = queue_log.visits(queue_log.read_database(own_lab.queue_log_database()))
    assert gap.cause == "The monitor was stopped."
    assert records[leaves].verdict is Verdict.UNKNOWN
    assert lies_in(round((logged[records[leaves].uniqueid][0].left or 0) * 1000), [gap])
    assert records[stays].verdict is Verdict.BREACHED
    seen = {records[number].uniqueid: records[number] for number in (stays, comes)}
    assert disagreements(seen, {uniqueid: logged[uniqueid] for uniqueid in seen}) == []
