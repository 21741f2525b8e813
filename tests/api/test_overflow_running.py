"""Overflow in the whole: a rule over REST acts on a simulated PBX, and is there after a restart."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.services import Services
from config.overflow import OverflowRule
from config.settings import Settings
from monitor.accounts import Role
from telephony_adapters.simulator.server import SimulatedPbx
from telephony_adapters.simulator.traffic import QUIET
from tests.api.conftest import browser
from tests.api.test_composition import settings, watching

API = "/api/v1"
LAMP: dict[str, Any] = {
    "id": "lamp",
    "queues": ["support"],
    "when": [{"metric": "waiting", "at_least": 1}],
    "do": {"variable": {"name": "SUPPORT_BUSY"}},
    "cool_down": 0,
}
SEED: dict[str, Any] = {
    "id": "seed",
    "queues": ["support"],
    "when": [{"metric": "waited", "at_least": 50}],
    "do": {"withdraw": {"context": "overflow"}},
}


@pytest.fixture
async def pbx() -> AsyncIterator[SimulatedPbx]:
    async with SimulatedPbx(profile=QUIET) as pbx:
        yield pbx


def with_rule(tmp_path: Path, port: int) -> Settings:
    rules = [OverflowRule.model_validate(SEED)]
    return settings(tmp_path, port).model_copy(update={"overflow_rule": rules})


async def got(client: httpx.AsyncClient, address: str) -> list[dict[str, Any]]:
    answer = await client.get(f"{API}/{address}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def come(client: httpx.AsyncClient, address: str, count: int) -> list[dict[str, Any]]:
    """Wait until so many are listed."""
    async with asyncio.timeout(60):
        while len(items := await got(client, address)) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # the writer offers nothing to wait on from outside
    return items


def admin_of(services: Services) -> dict[str, str]:
    token = services.accounts.create_token("ada", Role.ADMIN)
    return {"Authorization": f"Bearer {token}"}


async def test_a_rule_acts_is_undone_and_is_there_after_a_restart(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    found = with_rule(tmp_path, pbx.port)
    async with watching(found) as services, browser(services) as client:
        client.headers.update(admin_of(services))
        created = await client.post(f"{API}/overflow/rules", json=LAMP)
        assert created.status_code == 201, created.text

        await client.post(f"{API}/overflow/rules/lamp/force", json={"on": True})
        (standing,) = await come(client, "overflow/standing", 1)
        commands = await come(client, "overflow/commands?outcome=done", 1)
        await client.post(f"{API}/overflow/rules/lamp/force", json={"on": None})
        await come(client, "overflow/standing", 0)
        commands = await come(client, "overflow/commands?outcome=done", 2)
        decisions = await come(client, "overflow/decisions?rule=lamp", 2)

        assert (standing["rule"], standing["queue"]) == ("lamp", "support")
        assert [command["order"]["value"] for command in commands] == ["0", "1"]
        assert [decision["verb"] for decision in decisions] == ["turn_off", "turn_on"]
        headers = {"If-Match": '"1"'}
        await client.put(f"{API}/overflow/rules/lamp", json=LAMP | {"priority": 1}, headers=headers)
        await client.delete(f"{API}/overflow/rules/seed", headers=headers)
        await client.put(f"{API}/overflow/switch", json={"on": False, "note": "Drill"})
        token = client.headers["Authorization"]

    async with watching(found) as services, browser(services) as client:
        client.headers["Authorization"] = token
        (rule,) = await got(client, "overflow/rules")
        assert (rule["id"], rule["version"], rule["priority"]) == ("lamp", 2, 1)
        switch = (await client.get(f"{API}/overflow/switch")).json()
        assert (switch["on"], switch["note"]) == (False, "Drill")
        live = (await client.get(f"{API}/live")).json()
        assert [decision["verb"] for decision in live["decisions"]] == ["turn_on", "turn_off"]
        whats = [entry["what"] for entry in await got(client, "audit")]
        assert [what for what in whats if what.startswith(("rule_", "switch_"))] == [
            "switch_turned", "rule_deleted", "rule_changed", "rule_forced", "rule_forced",
            "rule_created", "rule_created",
        ]  # fmt: skip
