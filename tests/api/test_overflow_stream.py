"""Overflow on the live stream, told as it happens and all of it in a snapshot; and in metrics."""

from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from pydantic import TypeAdapter

from api import live_overflow, live_schemas
from api.live_client import Client
from api.visibility import Scope
from monitor.core.effects import CommandChanged, CommandIssued, DecisionMade, Effect
from monitor.core.overflow.decisions import Answer, Asker, Outcome
from monitor.core.overflow.engine import Question
from monitor.core.overflow.scoring import Score
from monitor.history.audit import Via, Who
from tests.api.conftest import House
from tests.api.test_overflow_policies import WITHDRAW
from tests.history.overflow_samples import (
    full_command,
    full_decision,
    full_standing,
    plain_decision,
)

MESSAGE: TypeAdapter[Any] = TypeAdapter(live_schemas.LiveMessage)
ZOE = Who("zoé", Via.SESSION)
RULE = {**WITHDRAW, "when": [{"metric": "waited_in_queue", "at_least": 20}], "how": "both"}


@pytest.fixture
async def running(house: House) -> House:
    """A house in which effects reach the stream and the metrics, with one rule in force."""
    services = house.services
    services.monitor.subscribe(services.hub)
    services.monitor.subscribe(services.metrics)
    await services.overflow_control.save(RULE, ZOE, expected=None)
    happen(house, house.centre.connect())
    return house


def happen(house: House, effects: list[Effect]) -> list[Effect]:
    """Have all hear of what the engine said, the overflow engine first, as the monitor does."""
    overflow, now = house.services.overflow_control.overflow, house.centre.now
    more = [*overflow.handle(effects, now), *overflow.advance(now)]
    house.services.monitor.publish([*effects, *more])
    return more


def withdrawn(house: House) -> CommandIssued:
    """A caller waits until the rule has them withdrawn."""
    happen(house, house.centre.arrive("1.1"))
    happen(house, house.centre.join("1.1"))
    found = happen(house, house.centre.pass_time(20))
    return next(effect for effect in found if isinstance(effect, CommandIssued))


async def told(client: Client) -> dict[str, Any]:
    message: dict[str, Any] = orjson.loads(await client.next())
    MESSAGE.validate_python(message)
    return message


def of_kind(message: dict[str, Any], kind: str) -> list[Any]:
    return [change[kind] for change in message["changes"] if change["kind"] == kind]


async def test_a_caller_who_is_withdrawn_is_told_with_the_reason_and_what_came_of_it(
    running: House,
) -> None:
    hub, overflow = running.services.hub, running.services.overflow_control.overflow
    client = hub.join(Scope())
    await told(client)

    command = withdrawn(running).command
    hub.flush()
    message = await told(client)

    (decision,) = of_kind(message, "decision")
    assert (decision["rule"], decision["call_id"]) == ("support-to-backup", "lab:1.1")
    assert decision["to"]["queue"] == "backup"
    assert "waited" in decision["reason"]
    (shown,) = of_kind(message, "command")
    assert (shown["kind"], shown["decision"], shown["outcome"]) == (
        "withdraw_caller", decision["id"], "pending",
    )  # fmt: skip

    answer = Answer(accepted=False, text="No such caller")
    running.services.monitor.publish(
        overflow.answered("lab", command.id, answer, running.centre.now)
    )
    happen(running, running.centre.pass_time(2))
    hub.flush()

    (shown,) = of_kind(await told(client), "command")
    assert (shown["answer"], shown["outcome"]) == ("No such caller", "failed")


async def test_the_switch_is_told_in_the_loops_next_turn(running: House) -> None:
    client = running.services.hub.join(Scope())
    await told(client)

    await running.services.overflow_control.turn(ZOE, on=False, note="Drill")

    (state,) = of_kind(await told(client), "overflow")
    assert state["switch"]["on"] is False
    assert (state["switch"]["by"], state["switch"]["note"]) == ("zoé", "Drill")


async def test_what_is_forced_is_told(running: House) -> None:
    client = running.services.hub.join(Scope())
    await told(client)

    await running.services.overflow_control.force("support-to-backup", on=False, who=ZOE)

    (state,) = of_kind(await told(client), "overflow")
    assert state["forced"] == [{"rule": "support-to-backup", "on": False, "by": "zoé"}]


async def test_a_snapshot_holds_the_switch_and_the_last_decisions_with_their_commands(
    running: House,
) -> None:
    client = running.services.hub.join(Scope())
    withdrawn(running)
    await running.services.overflow_control.turn(ZOE, on=False)

    snapshot = await told(client)

    assert snapshot["type"] == "snapshot"
    assert snapshot["overflow"]["switch"]["on"] is False
    (decision,) = [found for found in snapshot["decisions"] if not found["held_back"]]
    assert [command["decision"] for command in snapshot["commands"]] == [decision["id"]]


async def test_only_the_last_decisions_and_their_commands_are_kept(running: House) -> None:
    hub = running.services.hub
    count = live_overflow.SHOWN + 5
    for number in range(count):
        id_ = f"d{number}"
        hub([DecisionMade(replace(full_decision(id_)))])
        hub([CommandIssued(replace(full_command(f"c{number}"), decision_id=id_))])

    snapshot = await told(hub.join(Scope()))

    kept = list(range(5, count))
    assert [found["id"] for found in snapshot["decisions"]] == [f"d{number}" for number in kept]
    assert [found["id"] for found in snapshot["commands"]] == [f"c{number}" for number in kept]


async def test_a_storm_of_decisions_makes_a_bounded_delta(running: House) -> None:
    hub = running.services.hub
    client = hub.join(Scope())
    await told(client)

    hub([DecisionMade(full_decision(f"d{number}")) for number in range(1_000)])

    shown = of_kind(await told(client), "decision")
    assert [found["id"] for found in shown] == [f"d{number}" for number in range(900, 1_000)]


async def test_a_question_that_no_rule_answers_is_not_told(running: House) -> None:
    hub = running.services.hub
    asked = DecisionMade(plain_decision(1))
    forced = DecisionMade(plain_decision(2, asked_by=Asker.PERSON))
    client = hub.join(Scope())
    await told(client)

    hub([asked, forced])

    assert [found["id"] for found in of_kind(await told(client), "decision")] == ["d0000002"]


async def test_decisions_of_before_a_restart_are_in_the_snapshot(running: House) -> None:
    running.services.hub.overflow.recall([plain_decision(1), full_decision("d1")])

    snapshot = await told(running.services.hub.join(Scope()))

    assert [found["id"] for found in snapshot["decisions"]] == ["d1"]


# --- metrics ------------------------------------------------------------------------------------


async def test_the_metrics_count_decisions_and_outcomes(
    running: House, viewer: httpx.AsyncClient
) -> None:
    overflow, monitor = running.services.overflow_control.overflow, running.services.monitor
    command = withdrawn(running).command
    now = running.centre.now
    pending = (await viewer.get("/metrics")).text
    for accepted in (False, False):  # an answer that comes twice counts once
        answer = Answer(accepted=accepted, text="No such caller")
        monitor.publish(overflow.answered("lab", command.id, answer, now))
    happen(running, running.centre.pass_time(2))
    monitor.publish(overflow.ask(Question("lab", "sales"), now)[1])
    await running.services.overflow_control.turn(ZOE, on=False)

    text = (await viewer.get("/metrics")).text

    moved = 'asked_by="monitor",dry_run="no",held_back="no",pbx="lab",verb="move"'
    assert f"minuteur_overflow_decisions_total{{{moved}}} 1.0" in text
    stayed = 'asked_by="pbx",dry_run="no",held_back="no",pbx="lab",verb="stay"'
    assert f"minuteur_overflow_decisions_total{{{stayed}}} 1.0" in text
    failed = 'minuteur_overflow_commands_total{kind="withdraw_caller",outcome="failed",pbx="lab"}'
    assert f"{failed} 1.0" in text
    assert "minuteur_overflow_commands_total{" not in pending
    assert "minuteur_overflow_switch 0.0" in text
    assert "minuteur_overflow_rules 1.0" in text
    assert 'minuteur_forecast_scored{pbx="lab",queue="support"} 0.0' in text
    assert "0199001234" not in text


async def test_the_metrics_tell_what_is_on_and_how_forecasts_do(
    running: House, viewer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    withdrawn(running)
    control = running.services.overflow_control
    monkeypatch.setattr(type(control.overflow), "standing", (full_standing(),))
    monkeypatch.setattr(control.forecasts, "score", lambda *_: Score(8, 6))

    text = (await viewer.get("/metrics")).text

    assert 'minuteur_overflow_standing{pbx="lab",queue="support",rule="help"} 1.0' in text
    assert 'minuteur_forecast_hit_rate{pbx="lab",queue="support"} 0.75' in text


def test_a_command_counts_once_when_its_outcome_is_known(house: House) -> None:
    command = replace(full_command(), outcome=Outcome.PENDING)
    metrics = house.services.metrics
    metrics([CommandIssued(command), CommandChanged(command)])
    assert b"minuteur_overflow_commands_total{" not in metrics.render()

    command.outcome = Outcome.MOVED
    metrics([CommandChanged(command), CommandChanged(command)])

    assert b'outcome="moved",pbx="lab"} 1.0' in metrics.render()
