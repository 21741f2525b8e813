"""The clock of a real Asterisk, or of the monitor, is set while real callers wait."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.core.clock import HOUR, SECOND
from monitor.core.records import Call, FactKind, Verdict
from tests.asterisk_lab import faketime, scenarios
from tests.asterisk_lab.callers import Agent, Caller, Sipp, call, ring
from tests.asterisk_lab.faketime import SettableClock
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.server import AsteriskLab, LabOptions
from tests.scenarios.product import PATIENCE, Product

pytestmark = pytest.mark.asterisk

WITHIN = round(scenarios.WITHIN * SECOND)
STAY = WITHIN + SECOND


@pytest.fixture(params=["22", "16"])
def settable(request: pytest.FixtureRequest) -> Iterator[AsteriskLab]:
    version: Version = request.param
    with AsteriskLab(LabOptions(version=version, own_clock=True)) as running:
        yield running


def told(product: Product, number: str) -> dict[str, Any]:
    return next((c for c in product.calls() if c["caller"] == number), {})


def waits(product: Product, lab: AsteriskLab, number: str, stay: int) -> Sipp:
    """A caller hangs up after ``stay`` ms; returns once the monitor shows them in the queue."""
    caller = call(lab, Caller("sales", stay=stay), [number])
    product.wait_for(lambda: told(product, number).get("visits"), f"{number} to wait")
    return caller


def offset(product: Product) -> float:
    """The monitor's clock minus the PBX's, as the interface tells it (s)."""
    (pbx,) = product.get("/live")["pbxs"]
    return float(pbx["clock_offset_s"])


def stored(product: Product, *numbers: str) -> dict[str, Call]:
    ids = {told(product, number)["uniqueid"] for number in numbers}
    return {call.caller: call for call in product.stored(ids).values()}


def steps_of(record: Call) -> list[int]:
    found = [fact.detail["by_ms"] for fact in record.facts if fact.kind is FactKind.CLOCK_STEPPED]
    return [round(int(by or 0) / SECOND) for by in found]


def is_sound(record: Call, verdict: Verdict) -> None:
    """One verdict, never another one before, and a wait that it follows from."""
    assert (record.verdict, record.corrections) == (verdict, 0)
    verdicts = [f.detail["verdict"] for f in record.facts if f.kind is FactKind.VERDICT]
    assert verdicts == [verdict.value]
    assert record.wait is not None
    assert (record.wait >= WITHIN) is (verdict is Verdict.BREACHED)
    assert record.wait < PATIENCE * SECOND


def test_asterisks_clock_is_set_by_an_hour_while_callers_wait(
    settable: AsteriskLab, tmp_path: Path
) -> None:
    lab = settable
    with Product(tmp_path, lab) as product:
        assert abs(offset(product)) < 1
        for ahead, numbers in ((3600, ("0611", "0612", "0613")), (0, ("0621", "0622", "0623"))):
            leaves, stays, is_helped = (f"{number}000001" for number in numbers)
            callers = [waits(product, lab, stays, STAY), waits(product, lab, leaves, 1500)]
            lab.set_clock(ahead)
            by = 3600 if ahead else -3600
            product.wait_for(lambda: abs(offset(product) + ahead) < 1, "the step to be seen")  # noqa: B023
            phone = ring(lab, Agent("agent1", ring=50, talk=200))
            with lab.ami() as ami:
                interface = {"Queue": "support", "Interface": "PJSIP/agent1"}
                ami.action("QueueAdd", **interface, MemberName="Agent one")
                try:
                    callers.append(call(lab, Caller("support"), [is_helped]))
                    for one in callers:
                        one.wait(PATIENCE)
                finally:
                    ami.request("QueueRemove", **interface)
                    phone.stop()
            records = stored(product, leaves, stays, is_helped)
            is_sound(records[stays], Verdict.BREACHED)
            assert records[stays].verdict_at == records[stays].deadline_at
            is_sound(records[leaves], Verdict.ABANDONED)
            is_sound(records[is_helped], Verdict.MET)
            assert steps_of(records[stays]) == [by]
            moments = [fact.at for fact in records[stays].facts]
            assert moments[0] == records[stays].arrived_at
            assert max(moments) - moments[0] < PATIENCE * SECOND
            assert steps_of(records[is_helped]) == []
            (visit,) = records[stays].visits
            assert visit.wait is not None
            assert WITHIN < visit.wait < PATIENCE * SECOND
        # Nobody was lost, nothing was seen to go wrong.
        (pbx,) = product.get("/live")["pbxs"]
        assert (pbx["state"], pbx["blind_since"], pbx["warnings"]) == ("connected", None, {})


def test_the_monitors_clock_is_set_by_an_hour_while_callers_wait(
    lab: AsteriskLab, tmp_path: Path
) -> None:
    library = faketime.library()
    if library is None:
        pytest.skip(f"needs the Debian package {faketime.PACKAGE}")
    clock = SettableClock(tmp_path / "clock", library)
    with Product(tmp_path, lab, clock=clock) as product:
        for ahead, number in ((3600, "0631000001"), (-3600, "0632000001")):
            caller = waits(product, lab, number, STAY)
            before = told(product, number)
            clock.set(ahead)
            product.wait_for(lambda: abs(offset(product) - ahead) < 1, "the step to be seen")  # noqa: B023
            caller.wait(PATIENCE)
            record = stored(product, number)[number]
            is_sound(record, Verdict.BREACHED)
            assert record.verdict_at == record.deadline_at
            assert steps_of(record) == []
            # The PBX's own stamps stand.
            assert told(product, number)["arrived_at"] == before["arrived_at"]
            assert record.ended_at is not None
            assert record.ended_at - record.arrived_at < HOUR // 2
