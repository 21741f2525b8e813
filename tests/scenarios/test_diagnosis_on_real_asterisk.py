"""Why nobody came: situations made on a real Asterisk, and what the diagnosis says of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk_lab.ami import LabAmi
from tests.asterisk_lab.callers import Agent, Caller, call, never_answers, ring
from tests.asterisk_lab.server import AsteriskLab
from tests.scenarios.product import PATIENCE, Product

pytestmark = pytest.mark.asterisk

LONG = 5_500
"""A caller waits so long (ms); the lab's promise is broken after three seconds."""


@pytest.fixture(scope="module")
def product(lab: AsteriskLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with Product(Path(tmp_path_factory.mktemp("diagnosis")), lab) as running:
        yield running


class Members:
    """Members of queues, taken out again at the end."""

    def __init__(self, lab: AsteriskLab) -> None:
        self._lab = lab
        self._added: list[tuple[str, str]] = []

    def add(self, queue: str, phone: str, *, paused: bool = False) -> None:
        with LabAmi(self._lab.ami_port) as ami:
            ami.action(
                "QueueAdd", Queue=queue, Interface=f"PJSIP/{phone}", MemberName=phone,
                Paused=str(paused).lower(),
            )  # fmt: skip
        self._added.append((queue, phone))

    def remove(self) -> None:
        with LabAmi(self._lab.ami_port) as ami:
            for queue, phone in self._added:
                ami.action("QueueRemove", Queue=queue, Interface=f"PJSIP/{phone}")


@pytest.fixture
def members(lab: AsteriskLab) -> Iterator[Members]:
    found = Members(lab)
    yield found
    found.remove()


@contextmanager
def phones(lab: AsteriskLab, *agents: Agent) -> Iterator[None]:
    """Agents' phones, for the time of the block."""
    ringing = [ring(lab, agent) for agent in agents]
    try:
        yield
    finally:
        for phone in ringing:
            phone.stop()


def explained(lab: AsteriskLab, product: Product, exten: str, number: str) -> list[dict[str, Any]]:
    """Have somebody call, wait and give up; the diagnosis of that call."""
    call(lab, Caller(exten, stay=LONG), [number]).wait(PATIENCE)
    return diagnosis_of(product, number)


def diagnosis_of(product: Product, number: str) -> list[dict[str, Any]]:
    def ended() -> bool:
        page = product.get("/calls", caller=number)
        return bool(page["items"]) and page["items"][0]["ended_at"] is not None

    product.wait_for(ended, f"the call of {number} to end")
    [found] = product.get("/calls", caller=number)["items"]
    detail = product.get(f"/calls/{found['id']}")
    diagnosis: list[dict[str, Any]] = detail["diagnosis"]
    return diagnosis


def codes(diagnosis: list[dict[str, Any]]) -> list[str]:
    return [finding["code"] for finding in diagnosis]


def test_nobody_is_logged_in(lab: AsteriskLab, product: Product) -> None:
    [finding] = explained(lab, product, "support", "0688000001")
    assert finding["code"] == "nobody_logged_in"
    assert finding["params"] == {"queue": "support", "moment": "breached"}


def test_all_are_paused(lab: AsteriskLab, product: Product, members: Members) -> None:
    members.add("support", "agent1", paused=True)
    members.add("support", "agent2", paused=True)
    [finding] = explained(lab, product, "support", "0688000002")
    assert finding["code"] == "all_paused"
    assert finding["params"]["members"] == 2


def test_phones_ring_one_after_the_other_and_nobody_answers(
    lab: AsteriskLab, product: Product, members: Members
) -> None:
    with phones(lab, never_answers("agent1"), never_answers("agent2")):
        members.add("support", "agent1")
        members.add("support", "agent2")
        diagnosis = explained(lab, product, "support", "0688000003")
    chain = next(found for found in diagnosis if found["code"] == "ring_no_answer")
    assert chain["params"]["missed"] >= 2
    assert set(chain["params"]["agents"].split(", ")) == {"agent1", "agent2"}
    assert 1_500 <= chain["params"]["lost_ms"] <= LONG


def test_a_heavier_queue_takes_the_agent(
    lab: AsteriskLab, product: Product, members: Members
) -> None:
    with phones(lab, Agent("agent1", ring=100, talk=1_500)):
        # Both queues share one agent, who is talking when both callers come.
        members.add("light", "agent1")
        members.add("heavy", "agent1")
        first = call(lab, Caller("q-light", stay=4_000), ["0688000011"])
        product.wait_for(lambda: _answered(product, "0688000011"), "the first talk")
        waiting = call(lab, Caller("q-light", stay=LONG), ["0688000012"])
        product.wait_for(lambda: _known(product, "0688000012"), "the caller who will wait")
        heavier = call(lab, Caller("q-heavy", stay=LONG + 2_000), ["0688000013"])
        for calling in (first, waiting, heavier):
            calling.wait(PATIENCE)
    diagnosis = diagnosis_of(product, "0688000012")
    assert "queue_weight" in codes(diagnosis), diagnosis
    weight = next(found for found in diagnosis if found["code"] == "queue_weight")
    assert weight["params"] == {"queue": "light", "taken": 1, "later": 1, "by": "heavy"}


def _known(product: Product, number: str) -> bool:
    items = product.get("/calls", caller=number)["items"]
    return bool(items) and bool(items[0]["visits"])


def _answered(product: Product, number: str) -> bool:
    items = product.get("/calls", caller=number)["items"]
    return bool(items) and items[0]["handled_at"] is not None
