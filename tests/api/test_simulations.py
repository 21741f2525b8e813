"""Simulations over REST: a rule tried on the record, in a process of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import make_url

from api.simulating import Job, Simulation, Simulations, simulate
from api.simulation_schemas import SimulationOut
from api.views import iso
from monitor.accounts import QueueRef, Role
from monitor.core.clock import MINUTE, SECOND
from monitor.core.records import Call, Exit, HandledBy, Observed, Verdict, Visit
from monitor.history.database import open_history
from tests.api.conftest import House, browser
from tests.core.backtest.two_queues import TwoQueues
from tests.core.story import PBX, T0

RULE: dict[str, Any] = {
    "id": "support-to-backup",
    "queues": ["support"],
    "when": [{"metric": "time_left", "at_most": 20}],
    "do": {"withdraw": {"context": "overflow", "queue": "backup"}},
}
BODY: dict[str, Any] = {"rule": RULE, "from": iso(T0 - MINUTE), "to": iso(T0 + 60 * MINUTE)}


def record() -> list[Call]:
    """One caller of support who was too late, and an agent of backup with nothing to do."""
    calls = []
    for number, (queue, at, answered) in enumerate(
        (("support", 0, 75), ("backup", -50, -47), ("backup", 900, 903))
    ):
        arrived = T0 + at * SECOND
        visit = Visit(
            queue, arrived, MINUTE, left_at=T0 + answered * SECOND, exit=Exit.ANSWERED,
            interface=f"PJSIP/{queue}", answered_at=T0 + answered * SECOND,
            ended_at=T0 + (answered + 30) * SECOND,
        )  # fmt: skip
        verdict = Verdict.MET if answered - at < 60 else Verdict.BREACHED
        calls.append(
            Call(
                PBX, f"{number}.1", arrived, caller="0199001234", clock_started_at=arrived,
                handled_at=visit.answered_at, handled_by=HandledBy.AGENT, ended_at=visit.ended_at,
                verdict=verdict, closed=True, visits=[visit],
            )
        )  # fmt: skip
    return calls


@contextlib.asynccontextmanager
async def asking(
    house: House, simulations: Simulations | None = None, role: Role = Role.LEAD
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody of a role, and how their simulations run."""
    simulations = simulations or Here(house.database.url)
    async with browser(replace(house.services, simulations=simulations)) as client:
        client.headers.update(house.token(role))
        yield client


@pytest.fixture
async def lead(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(house) as client:
        yield client


def some_queues(house: House) -> dict[str, str]:
    """The header of a program of a lead who sees the rule's two queues."""
    queues = frozenset({QueueRef("", "support"), QueueRef("", "backup")})
    token = house.services.accounts.create_token("narrow", Role.LEAD, queues=queues)
    return {"Authorization": f"Bearer {token}"}


class Here(Simulations):
    """Runs simulations in this process, which is faster; what is tested there is the same."""

    def _in_a_process(self, job: Job) -> Simulation:
        with open_history(self._url, migrate=False) as history:
            return simulate(history, job, most=self._most)


async def post(client: httpx.AsyncClient, **change: object) -> httpx.Response:
    return await client.post("/api/v1/overflow/simulations", json={**BODY, **change})


async def test_a_rule_is_tried_on_the_record_and_the_calls_are_listed(house: House) -> None:
    house.store(*record())
    async with asking(house, house.services.simulations) as client:
        answer = await post(client)
    assert answer.status_code == 200
    SimulationOut.model_validate(answer.json())
    found = answer.json()
    assert (found["calls"], found["moved"]) == (3, 1)
    assert (found["breaches_avoided"], found["breaches_caused"]) == (1, 0)
    assert found["verdicts"]["recorded"]["breached"] == 1
    assert found["verdicts"]["estimated"]["breached"] == 0
    (moved,) = found["moved_calls"]
    assert moved["call_id"] == f"{PBX}:0.1"
    assert (moved["waited_s"], moved["moved_at"]) == (75.0, iso(T0 + 40 * SECOND))
    assert (moved["before"], moved["after"]) == ("breached", "met")
    assert moved["wait_there_s"] == 3.0
    assert moved["why"] == "20 s are left before the deadline (20 s or less asked)"
    assert "0199001234" not in answer.text, "numbers are looked up where they are masked"


async def test_so_many_calls_are_listed_as_were_asked_for(
    house: House, lead: httpx.AsyncClient
) -> None:
    house.store(*record())
    found = (await post(lead, limit=0)).json()
    assert (found["moved"], found["moved_calls"]) == (1, [])


async def test_a_rule_in_force_is_tried_by_its_id(house: House) -> None:
    house.store(*record())
    async with asking(house, role=Role.ADMIN) as client:
        assert (await client.post("/api/v1/overflow/rules", json=RULE)).status_code == 201
        found = await post(client, rule=None, rule_id="support-to-backup")
        assert found.json()["moved"] == 1
        assert (await post(client, rule=None, rule_id="nope")).status_code == 404


async def test_viewers_may_not(house: House, viewer: httpx.AsyncClient) -> None:
    assert (await post(viewer)).status_code == 403
    viewer.headers.clear()
    assert (await post(viewer)).status_code == 401


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rule": {**RULE, "id": "X Y"}}, "rule.id"),
        ({"rule": None}, "name either a rule or a rule_id"),
        ({"rule_id": "x"}, "name either a rule or a rule_id"),
        ({"to": iso(T0 - 2 * MINUTE)}, "not after"),
        ({"from": "yesterday"}, "write ISO 8601"),
        ({"queue": "sales"}, "does not watch the queue sales"),
        ({"rule": {**RULE, "pbx": "other"}, "pbx": "lab"}, "is for the PBX other"),
        ({"rule": {**RULE, "do": {"lamp": {"name": "x"}}, "when": [
            {"metric": "waiting", "at_least": 1}]}}, "moves no callers"),
    ],
)  # fmt: skip
async def test_what_cannot_be_tried_is_refused_in_plain_words(
    lead: httpx.AsyncClient, change: dict[str, Any], said: str
) -> None:
    answer = await post(lead, **change)
    assert answer.status_code == 422
    assert said in answer.json()["error"]["message"]


async def test_too_many_calls_are_refused(house: House) -> None:
    house.store(*record())
    async with asking(house, Here(house.database.url, most=2)) as client:
        answer = await post(client)
    assert answer.status_code == 422
    assert "holds 3 calls, 2 are read at most" in answer.json()["error"]["message"]


async def test_who_sees_some_queues_is_told_of_no_call_elsewhere(house: House) -> None:
    elsewhere = [
        Call(
            PBX, f"{number}.9", T0, clock_started_at=T0, ended_at=T0 + MINUTE,
            verdict=Verdict.ABANDONED, closed=True, observed=Observed.PARTIAL,
            visits=[Visit("secret", T0, MINUTE)],
        )
        for number in range(9)
    ]  # fmt: skip
    house.store(*record(), *elsewhere)
    async with asking(house) as client:
        all_ = (await post(client)).json()
        client.headers.update(some_queues(house))
        some = (await post(client)).json()
    assert (all_["calls"], all_["partly_observed"], all_["unclear_visits"]) == (12, 9, 9)
    assert (some["calls"], some["partly_observed"], some["unclear_visits"]) == (3, 0, 0)
    for verdicts in some["verdicts"].values():
        assert (sum(verdicts.values()), verdicts["abandoned"]) == (3, 0)
    assert (some["moved"], some["breaches_avoided"]) == (1, 1)


async def test_nor_how_many_they_are_where_they_are_too_many(house: House) -> None:
    house.store(*record())
    async with asking(house, Here(house.database.url, most=2)) as client:
        client.headers.update(some_queues(house))
        answer = await post(client)
    assert answer.status_code == 422
    assert "too many calls" in answer.json()["error"]["message"]
    assert "3" not in answer.json()["error"]["message"]


async def test_what_takes_too_long_is_ended_and_the_next_may_begin(house: House) -> None:
    house.store(*TwoQueues(callers=300).run().calls)
    hasty = Simulations(house.database.url, time_limit=0.0)
    async with asking(house, hasty) as client:
        for _ in range(2):
            answer = await post(client)
            assert answer.status_code == 422
            assert "took longer than 0 s" in answer.json()["error"]["message"]


async def test_one_simulation_runs_at_a_time(house: House, lead: httpx.AsyncClient) -> None:
    house.store(*record())
    answers = await asyncio.gather(post(lead), post(lead))
    assert sorted(answer.status_code for answer in answers) == [200, 429]


async def test_a_record_that_cannot_be_read_is_said_to_be_so(house: House) -> None:
    nowhere = Simulations(make_url("sqlite:////nowhere/at/all.db"))
    async with asking(house, nowhere) as client:
        answer = await post(client)
    assert answer.status_code == 503
