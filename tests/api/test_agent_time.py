"""Agents' time from outside: who is told what, and how it is kept while the monitor runs."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from api.agent_time_keeping import AgentTimeKeeper, rests_of, roster_of
from config.settings import Settings
from monitor.accounts import QueueRef, Role
from monitor.core.agent_time import AGENT_INDICATORS, COUNTS, AgentTimes, TimeKey
from monitor.core.clock import HOUR, MINUTE, SECOND, Ms
from monitor.core.effects import MemberUpdated
from monitor.core.records import MemberState
from monitor.history import open_history
from monitor.history.agent_time import AgentTimeReader, AgentTimeRecord
from monitor.history.audit import Via, Who
from telephony_adapters.simulator.server import SimulatedPbx
from tests.api.conftest import House
from tests.api.made import PBX, START, member
from tests.api.test_composition import pbx, settings, until, watching
from tests.api.test_period_routes import FIGURES

__all__ = ["pbx"]

AGENTS: Final = "/api/v1/indicators/agents"
ADA: Final = Who("ada", Via.SESSION)
ANNA: Final = "PJSIP/anna"
AT: Final[Ms] = START - START % HOUR


def store(house: House, agent: str = "") -> None:
    """Two hours of a small team."""
    rows = {
        TimeKey(AT, PBX, "first", agent, ""): {"available": 30 * MINUTE, "paused": 20 * MINUTE},
        TimeKey(AT, PBX, "first", agent, "support"): {
            "talk": 8 * MINUTE, "hold": MINUTE, "wrap_up": MINUTE, "conversations": 4,
        },
        TimeKey(AT + HOUR, PBX, "", agent, "sales"): {"talk": MINUTE, "conversations": 1},
    }  # fmt: skip
    times = {key: [named.get(name, 0) for name in COUNTS] for key, named in rows.items()}
    present = {(PBX, agent): "Anna"} if agent else {}
    AgentTimeRecord(house.database).add(AgentTimes(times, present=present))


async def got(client: httpx.AsyncClient, **params: str) -> dict[str, Any]:
    response = await client.get(AGENTS, params=params)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def switch(house: House, *, each: bool) -> None:
    control = house.services.settings
    expected = control.item("figures", "figures").version
    await control.save("figures", {"per_agent": each}, ADA, expected=expected)


async def test_figures_come_with_what_they_are_made_of(
    house: House, viewer: httpx.AsyncClient
) -> None:
    store(house)
    values = (await got(viewer))["total"]["values"]
    assert values["occupancy"] == {"value": 11 / 41, "numerator": 660, "denominator": 2460}
    assert values["aht"] == {"value": 132.0, "numerator": 660, "denominator": 5}
    assert values["conversations"] == {"value": 5}
    assert values["logged_in_time"] == {"value": 61 * 60}


@pytest.mark.parametrize("by", ["pbx", "team", "month", "week", "day", "team_month"])
async def test_parts_add_up(house: House, viewer: httpx.AsyncClient, by: str) -> None:
    store(house)
    answer = await got(viewer, by=by)
    for code in ("conversations", "talk_time", "paused_time"):
        parts = sum(part["values"][code]["value"] for part in answer["parts"])
        assert parts == answer["total"]["values"][code]["value"], code
    if by == "team":
        assert [part["team"] for part in answer["parts"]] == ["", "first"]


async def test_a_queue_has_what_its_conversations_took(
    house: House, viewer: httpx.AsyncClient
) -> None:
    store(house)
    parts = {part["queue"]: part["values"] for part in (await got(viewer, by="queue"))["parts"]}
    assert parts["support"]["aht"] == {"value": 150.0, "numerator": 600, "denominator": 4}
    assert "occupancy" not in parts["support"]


async def test_who_sees_some_queues_gets_nothing_of_others(
    house: House, client: httpx.AsyncClient
) -> None:
    store(house)
    seen = frozenset({QueueRef("", "sales")})
    token = house.services.accounts.create_token("narrow", Role.LEAD, queues=seen)
    client.headers["Authorization"] = f"Bearer {token}"
    answer = await got(client, by="team")
    assert answer["total"]["values"]["conversations"] == {"value": 1}
    assert set(answer["total"]["values"]) == {one.code for one in AGENT_INDICATORS if one.of_queues}
    assert "pauses" not in answer["total"]
    assert [part["team"] for part in answer["parts"]] == [""]


@pytest.mark.parametrize("role", list(Role))
async def test_nobody_is_told_of_single_agents_unless_it_is_switched_on(
    house: House, client: httpx.AsyncClient, role: Role
) -> None:
    store(house, ANNA)
    client.headers.update(house.token(role))
    response = await client.get(AGENTS, params={"by": "agent"})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "per_agent_off")
    for by in ("", "team", "queue", "team_month"):
        answer = await client.get(AGENTS, params={"by": by} if by else {})
        assert answer.status_code == 200
        assert "anna" not in answer.text.lower()
        assert answer.json()["per_agent"] is False


async def test_once_switched_on_leads_and_admins_are_told_and_the_trail_has_it(
    house: House, client: httpx.AsyncClient
) -> None:
    store(house, ANNA)
    await switch(house, each=True)
    client.headers.update(house.token(Role.VIEWER))
    refused = await client.get(AGENTS, params={"by": "agent"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    for role in (Role.LEAD, Role.ADMIN):
        client.headers.update(house.token(role))
        (part,) = (await got(client, by="agent"))["parts"]
        assert (part["agent"], part["name"]) == (ANNA, "Anna")
    trail = [
        one for one in house.services.overflow_control.record.audit.entries().entries
        if one.what == "setting_changed" and one.by == "ada"
    ]  # fmt: skip
    assert "per_agent" in str(trail[0])


async def test_a_team_of_two_is_not_a_team_unless_single_agents_may_be_told_of(
    house: House,
) -> None:
    control = house.services.settings
    team = {"name": "Two", "agents": [ANNA, "PJSIP/ben"]}
    with pytest.raises(Exception, match="fewer than 3 agents"):
        await control.save("team", team, ADA, expected=None)
    await switch(house, each=True)
    await control.save("team", team, ADA, expected=None)
    with pytest.raises(Exception, match="fewer than 3 agents"):
        await switch(house, each=False)


async def test_an_agent_is_in_one_team(house: House) -> None:
    control, three = house.services.settings, ["a", "b", "c"]
    await control.save("team", {"name": "One", "agents": three}, ADA, expected=None)
    with pytest.raises(Exception, match='"c" is in the team "One"'):
        await control.save("team", {"name": "Two", "agents": ["c", "d", "e"]}, ADA, expected=None)
    with pytest.raises(Exception, match="stands there twice"):
        await control.save("team", {"name": "Two", "agents": ["d", "d", "e"]}, ADA, expected=None)
    body = {"name": "Two", "pbx": "nowhere", "agents": ["d", "e", "f"]}
    with pytest.raises(Exception, match='named "nowhere"'):
        await control.save("team", body, ADA, expected=None)


async def test_the_definitions_are_told_and_written(viewer: httpx.AsyncClient) -> None:
    told = (await viewer.get("/api/v1/indicators/definitions")).json()["agents"]
    assert [item["code"] for item in told] == [one.code for one in AGENT_INDICATORS]
    written = FIGURES.read_text("utf-8")
    for one in AGENT_INDICATORS:
        counts = f"{one.numerator} / {one.denominator}" if one.denominator else one.numerator
        row = f"| `{one.code}` | {counts} | {'yes' if one.of_queues else ''} |"
        assert row in written, row


def settings_of(**more: object) -> Settings:
    return Settings.model_validate(
        {
            "pbx": [{"name": PBX, "username": "u", "secret": "s", "incoming_contexts": ["in"]}],
            "queue": [{"name": "support", "wrap_up": 15},
                      {"name": "support", "pbx": PBX, "wrap_up": 20}],
            "team": [{"name": "first", "agents": [ANNA, "Ben", "c"]},
                     {"name": "other", "pbx": "lyon", "agents": ["PJSIP/lea", "e", "f"]}],
        } | more
        | {"pbx": [{"name": name, "username": "u", "secret": "s", "incoming_contexts": ["in"]}
                   for name in (PBX, "lyon")]}
    )  # fmt: skip


def test_a_team_names_interfaces_or_names_on_all_pbxs_or_one() -> None:
    roster = roster_of(settings_of(), START)
    assert roster.team_of(PBX, ANNA, "Anna") == roster.team_of("lyon", "PJSIP/9", "Ben") == "first"
    assert roster.team_of("lyon", "PJSIP/lea", "Léa") == "other"
    assert roster.team_of(PBX, "PJSIP/lea", "Léa") == ""


def test_queues_leave_agents_alone_as_the_settings_say() -> None:
    assert rests_of(settings_of()) == {
        ("", "support"): 15 * SECOND, (PBX, "support"): 20 * SECOND,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "slot"),
    [("Europe/Paris", 60), ("Asia/Kolkata", 15), ("Australia/Lord_Howe", 15), ("UTC", 60)],
)
def test_the_hours_fit_the_zone(zone: str, slot: int) -> None:
    made = settings_of(centre={"time_zone": zone})
    assert roster_of(made, START).slot == slot * MINUTE


class Link:
    observed_until: Ms | None = None


async def test_what_the_database_does_not_take_is_stored_once_it_does(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = Link()
    engine = house.centre.engine
    keeper = AgentTimeKeeper(house.database, engine, lambda: START, {PBX: link}, settings_of())
    alice = replace(member(MemberState.AVAILABLE), told_at=AT, last_call=0)
    keeper.on_effects([MemberUpdated(alice)])
    real = AgentTimeRecord.add
    failing = OperationalError("no", {}, Exception("disk full"))

    def fails(self: AgentTimeRecord, new: AgentTimes) -> None:
        raise failing

    def stores_and_fails(self: AgentTimeRecord, new: AgentTimes) -> None:
        real(self, new)
        raise failing

    for minutes, add in ((10, fails), (20, stores_and_fails), (30, fails), (40, real)):
        monkeypatch.setattr(AgentTimeRecord, "add", add)
        link.observed_until = AT + minutes * MINUTE + SECOND
        await keeper.store()
        assert bool(keeper.problem) is (add is not real)
    total = AgentTimeReader(house.database).read(AT, AT + HOUR, house.centre.engine.policy.zone)
    assert total.total.available == 40 * MINUTE


async def test_a_running_monitor_keeps_agents_time_over_a_restart(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    agent = pbx.agent("PJSIP/201")
    if not agent.is_in:
        agent.login()
    began = 0
    for _ in range(2):
        async with watching(settings(tmp_path, pbx.port)) as services:
            began = began or services.now()
            await until(lambda: bool(services.monitor.engine.snapshot().members))
            seen = services.now()
            await until(lambda: services.now() > seen + 300)  # noqa: B023
    with open_history(f"sqlite:///{tmp_path / 'record.db'}") as history:
        found = AgentTimeReader(history).read(
            began - 2 * HOUR, began + 2 * HOUR, services.monitor.engine.policy.zone
        )
    assert found.total.logged_in >= 300
    assert found.total.unobserved > 0
