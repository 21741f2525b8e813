"""The big red switch, what is on, what is forecast: at once, for those who may, with a trace."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from api import overflow_schemas
from api.overflow_control import BY_FILE, Prepared, prepare
from config.settings import Settings
from monitor.accounts import Role
from monitor.core.effects import DecisionMade, Effect, OverflowChanged
from monitor.core.overflow.engine import Switch
from monitor.core.overflow.scoring import Score
from monitor.history.audit import MONITOR, Via, Who
from monitor.history.writer import BatchWriter
from tests.api.conftest import PASSWORD, House
from tests.api.made import START
from tests.api.test_overflow_policies import WITHDRAW
from tests.api.test_routes import problem
from tests.history.overflow_samples import full_decision, full_standing

SWITCH = "/api/v1/overflow/switch"
P = ParamSpec("P")
T = TypeVar("T")


@pytest.fixture
async def lead(house: House, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program with a team leader's token."""
    client.headers.update(house.token(Role.LEAD))
    return client


async def test_a_team_leader_turns_everything_off_and_on_again(
    house: House, lead: httpx.AsyncClient
) -> None:
    effects: list[object] = []
    house.services.monitor.subscribe(effects.extend)
    overflow = house.services.overflow_control.overflow
    never = (await lead.get(SWITCH)).json()

    off = await lead.put(SWITCH, json={"on": False, "note": " Fire drill "})

    assert never == {"on": True, "by": "", "at": None, "note": ""}
    assert off.status_code == 200
    overflow_schemas.SwitchOut.model_validate(off.json())
    assert overflow.switch == Switch(on=False, by="test-lead", at=START, note="Fire drill")
    assert OverflowChanged() in effects
    assert house.services.overflow_control.record.switch() == overflow.switch
    assert (await lead.get(SWITCH)).json() == off.json()

    house.centre.now += 60_000
    await lead.put(SWITCH, json={"on": True})

    assert overflow.switch.on
    entries = house.trail()
    assert [(entry.by, entry.via, entry.after) for entry in entries] == [
        ("test-lead", Via.TOKEN, {"on": True, "note": ""}),
        ("test-lead", Via.TOKEN, {"on": False, "note": "Fire drill"}),
    ]


async def test_turning_it_twice_is_one_deed(house: House, lead: httpx.AsyncClient) -> None:
    first = (await lead.put(SWITCH, json={"on": False})).json()
    house.centre.now += 60_000

    second = (await lead.put(SWITCH, json={"on": False})).json()

    assert second == first
    assert len(house.trail()) == 1


@pytest.mark.parametrize("body", [{}, {"on": None}, {"on": "no"}, {"on": 0}, {"off": True}])
async def test_the_switch_takes_nothing_but_true_and_false(
    house: House, lead: httpx.AsyncClient, body: dict[str, object]
) -> None:
    problem(await lead.put(SWITCH, json=body), 422, "invalid")

    assert house.services.overflow_control.overflow.switch.on


async def test_a_viewer_sees_the_switch_and_cannot_turn_it(
    house: House, viewer: httpx.AsyncClient
) -> None:
    assert (await viewer.get(SWITCH)).status_code == 200

    problem(await viewer.put(SWITCH, json={"on": False}), 403, "forbidden")
    assert house.services.overflow_control.overflow.switch.on


async def test_a_page_of_another_site_does_not_turn_it(
    house: House, client: httpx.AsyncClient
) -> None:
    await client.post("/api/v1/session", json={"name": "zoé", "password": PASSWORD})

    problem(await client.put(SWITCH, json={"on": False}), 403, "other_origin")
    assert house.services.overflow_control.overflow.switch.on

    ours = {"Origin": "http://test"}
    await client.put(SWITCH, json={"on": False}, headers=ours)
    assert house.services.overflow_control.overflow.switch.by == "zoé"


async def test_it_goes_off_even_where_the_database_fails_and_says_what_that_means(
    house: House, lead: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = house.services.overflow_control

    def full(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(control.record, "turn", full)

    error = problem(await lead.put(SWITCH, json={"on": False}), 503, "history_unavailable")

    assert "The switch is off. This could not be stored" in error.message
    assert not control.overflow.switch.on

    error = problem(await lead.put(SWITCH, json={"on": True}), 503, "history_unavailable")
    assert not control.overflow.switch.on

    monkeypatch.undo()
    assert (await lead.put(SWITCH, json={"on": False})).status_code == 200
    assert not control.record.switch().on


class Stalled:
    """A database that takes its time: each write waits until it is let go."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        record = house.services.overflow_control.record
        turn, put = record.turn, record.rules.put
        monkeypatch.setattr(record, "turn", self._slow(turn))
        monkeypatch.setattr(record.rules, "put", self._slow(put))

    def _slow(self, method: Callable[P, T]) -> Callable[P, T]:
        def slow(*args: P.args, **kwargs: P.kwargs) -> T:
            self.begun.set()
            assert self.go.wait(30)
            return method(*args, **kwargs)

        return slow

    async def holds_up(self) -> None:
        """Wait until a write has begun."""
        assert await asyncio.to_thread(self.begun.wait, 30)


async def test_it_goes_off_at_once_while_another_change_waits_for_the_database(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    control, who = house.services.overflow_control, Who("zoé", Via.SESSION)
    stalled = Stalled(house, monkeypatch)
    saving = asyncio.create_task(control.save(WITHDRAW, who, expected=None))
    await stalled.holds_up()

    turning = asyncio.create_task(control.turn(who, on=False))
    await asyncio.sleep(0)

    assert not control.overflow.switch.on
    stalled.go.set()
    await asyncio.gather(saving, turning)
    assert not control.record.switch().on


async def test_who_turns_it_off_last_wins_over_who_is_still_turning_it_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    control, who = house.services.overflow_control, Who("zoé", Via.SESSION)
    await control.turn(who, on=False)
    stalled = Stalled(house, monkeypatch)
    turning_on = asyncio.create_task(control.turn(who, on=True, note="all is well"))
    await stalled.holds_up()
    turning_off = asyncio.create_task(control.turn(who, on=False, note="it is not"))
    await asyncio.sleep(0)
    stalled.go.set()

    await asyncio.gather(turning_on, turning_off)

    assert control.overflow.switch.note == "it is not"
    assert control.record.switch() == control.overflow.switch


# --- after a start ------------------------------------------------------------------------------


def settings(text: dict[str, object] | None = None) -> Settings:
    return Settings.model_validate({"overflow_rule": [WITHDRAW]} | (text or {}))


async def test_what_was_set_is_in_force_again_after_a_restart(house: House) -> None:
    control = house.services.overflow_control
    who = Who("ada", Via.SESSION)
    stored = await control.save(WITHDRAW, who, expected=None)
    await control.save({**WITHDRAW, "priority": 3}, who, expected=stored.version)
    await control.force("support-to-backup", on=True, who=who)
    await control.turn(who, on=False, note="Drill")
    control.overflow.turn(Switch(), START)
    control.overflow.set_rules((), START)

    effects = control.begin(prepare(control.record, settings(), START))

    assert [(rule.priority, rule.version) for rule in control.overflow.rules] == [(3, 2)]
    assert control.overflow.forced["support-to-backup"].by == "ada"
    assert control.overflow.switch.note == "Drill"
    assert OverflowChanged() in effects


async def test_the_file_seeds_a_rule_once_and_what_admins_set_wins(house: House) -> None:
    control = house.services.overflow_control

    control.begin(prepare(control.record, settings(), START))

    assert [rule.id for rule in control.overflow.rules] == ["support-to-backup"]
    rule = control.rule("support-to-backup")
    assert rule.updated_by == MONITOR.by
    await control.delete("support-to-backup", Who("ada", Via.SESSION), expected=1)
    control.begin(prepare(control.record, settings(), START))
    assert control.overflow.rules == ()


def test_the_file_turns_the_switch_off_until_somebody_has_turned_it(house: House) -> None:
    record = house.services.overflow_control.record
    off = settings({"overflow": {"enabled": False}})

    before = prepare(record, off, START).switch
    record.turn(Switch(on=True, by="zoé", at=START), Via.SESSION)
    after = prepare(record, off, START).switch

    assert (before.on, before.by) == (False, BY_FILE)
    assert (after.on, after.by) == (True, "zoé")


def test_a_stored_rule_that_cannot_be_read_is_left_out_and_said(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    control = house.services.overflow_control
    control.record.rules.seed({"new": {"id": "new", "do": {"fly": 1}}}, START)

    control.begin(prepare(control.record, settings(), START))

    assert [rule.id for rule in control.overflow.rules] == ["support-to-backup"]
    assert "do.fly: unknown key" in control.problem("new")
    assert "The overflow rule new is not in force" in caplog.text


async def test_a_rule_that_cannot_be_read_is_listed_with_its_problem(
    house: House, viewer: httpx.AsyncClient
) -> None:
    control = house.services.overflow_control
    control.record.rules.seed({"new": {"id": "new", "do": {"fly": 1}}}, START)
    control.begin(prepare(control.record, settings(), START))

    items = (await viewer.get("/api/v1/overflow/rules")).json()["items"]

    told = {item["id"]: item["problem"] for item in items}
    assert told["support-to-backup"] == ""
    assert told["new"].startswith("It is not in force.")


def test_the_last_decisions_come_back_oldest_first(house: House) -> None:
    with BatchWriter(house.database) as writer:
        writer.on_effects(_decided(25))

    found = prepare(house.services.overflow_control.record, settings(), START).decisions

    assert len(found) == 20
    assert [decision.at for decision in found] == sorted(decision.at for decision in found)
    assert found[-1].id == "d24"


def _decided(count: int) -> list[Effect]:
    return [
        DecisionMade(replace(full_decision(f"d{number}"), at=START + number))
        for number in range(count)
    ]


# --- what is on, what is forecast ---------------------------------------------------------------


async def test_what_is_on_is_listed_with_what_undoes_it(
    house: House, viewer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    overflow = house.services.overflow_control.overflow
    monkeypatch.setattr(type(overflow), "standing", (full_standing(),))

    answer = (await viewer.get("/api/v1/overflow/standing")).json()

    overflow_schemas.StandingList.model_validate(answer)
    assert answer["items"][0]["undo"][1] == {
        "order": "remove_member", "queue": "support", "interface": "PJSIP/101",
    }  # fmt: skip


async def test_the_forecast_of_each_queue_tells_how_well_it_did(
    house: House, viewer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecasts = house.services.overflow_control.forecasts
    house.centre.connect()
    forecasts.handle([*house.centre.arrive("1.1"), *house.centre.join("1.1")], START)
    score = Score(4, 3, 1, 0.1, 2_500)
    monkeypatch.setattr(forecasts, "score", lambda *_: score)

    answer = (await viewer.get("/api/v1/overflow/forecast")).json()

    overflow_schemas.ForecastList.model_validate(answer)
    queue = answer["items"][0]
    assert (queue["pbx"], queue["queue"], queue["waiting"]) == ("lab", "support", 1)
    assert queue["expected_wait_s"] is None
    assert queue["at_joining"]["hit_rate"] == 0.75
    assert queue["at_joining"]["mean_absolute_error_s"] == 2.5


def test_nothing_prepared_is_nothing_in_force(house: House) -> None:
    control = house.services.overflow_control

    control.begin(Prepared())

    assert control.overflow.rules == ()
    assert control.overflow.switch.on
