"""The record of overflow over REST: decisions with reasons, commands with outcomes, the trail."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from api import overflow_schemas
from monitor.accounts import Role
from monitor.core.effects import CommandIssued, DecisionMade, Effect
from monitor.core.overflow.decisions import Outcome, Verb
from monitor.core.overflow.engine import Switch
from monitor.history.audit import Via
from monitor.history.writer import BatchWriter
from tests.api.conftest import House
from tests.api.made import START
from tests.api.test_routes import problem
from tests.history.overflow_samples import ORDERS, full_command, full_decision, plain_decision

DECISIONS = "/api/v1/overflow/decisions"
COMMANDS = "/api/v1/overflow/commands"
AUDIT = "/api/v1/audit"


def store(house: House, *effects: Effect) -> None:
    with BatchWriter(house.database) as writer:
        writer.on_effects(effects)


def iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat()


async def ids(client: httpx.AsyncClient, address: str, **filters: object) -> list[str]:
    response = await client.get(address, params={name: str(v) for name, v in filters.items()})
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


async def test_a_decision_is_shown_whole_with_its_reason_in_words(
    house: House, viewer: httpx.AsyncClient
) -> None:
    store(house, DecisionMade(full_decision()))

    page = (await viewer.get(DECISIONS)).json()

    overflow_schemas.DecisionPage.model_validate(page)
    shown = page["items"][0]
    assert shown["to"] == {"context": "night", "exten": "100", "priority": 2, "queue": "sales"}
    assert shown["reason"].endswith(".")
    assert [reason["code"] for reason in shown["reasons"]] == ["condition", "forced"]
    assert shown["reasons"][0]["detail"]["metric"] == "time_left"


async def test_decisions_are_filtered_and_come_page_by_page_newest_first(
    house: House, viewer: httpx.AsyncClient
) -> None:
    made = [
        plain_decision(1),
        plain_decision(2, queue="sales"),
        plain_decision(3, rule_id="rescue", verb=Verb.MOVE),
        plain_decision(4, rule_id="rescue", verb=Verb.MOVE, held_back=True),
        plain_decision(5, pbx="other"),
    ]
    store(house, *map(DecisionMade, made))
    one, two, three, four, five = (decision.id for decision in made)
    moment = made[2].at

    assert await ids(viewer, DECISIONS) == [five, four, three, two, one]
    assert await ids(viewer, DECISIONS, queue="sales") == [two]
    assert await ids(viewer, DECISIONS, pbx="other") == [five]
    assert await ids(viewer, DECISIONS, rule="rescue") == [four, three]
    assert await ids(viewer, DECISIONS, rule="rescue", held_back="true") == [four]
    assert await ids(viewer, DECISIONS, verb="move", held_back="false") == [three]
    assert await ids(viewer, DECISIONS, call="lab:2") == [two]
    assert await ids(viewer, DECISIONS, **{"from": iso(moment)}) == [five, four, three]
    assert await ids(viewer, DECISIONS, to=iso(moment)) == [two, one]

    first = (await viewer.get(DECISIONS, params={"limit": 2})).json()
    more = await ids(viewer, DECISIONS, limit=3, cursor=first["next_cursor"])
    assert [item["id"] for item in first["items"]] + more == [five, four, three, two, one]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"verb": "jump"}, "verb"),
        ({"held_back": "perhaps"}, "held_back"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "to"),
    ],
)
async def test_a_bad_filter_is_named(
    viewer: httpx.AsyncClient, query: dict[str, str], field: str
) -> None:
    error = problem(await viewer.get(DECISIONS, params=query), 422, "invalid")

    assert set(error.fields) == {field}


async def test_one_decision_comes_with_what_was_done_about_it(
    house: House, viewer: httpx.AsyncClient
) -> None:
    first, second = full_command("c-1"), replace(full_command("c-2"), issued_at=START + 10**9)
    other = replace(full_command("c-3"), decision_id="lab-9")
    store(
        house,
        DecisionMade(full_decision()),
        *(CommandIssued(command) for command in (first, second, other)),
    )

    shown = (await viewer.get(f"{DECISIONS}/lab-1")).json()

    overflow_schemas.DecisionDetailOut.model_validate(shown)
    assert [command["id"] for command in shown["commands"]] == ["c-1", "c-2"]
    problem(await viewer.get(f"{DECISIONS}/lab-2"), 404, "not_found")


async def test_commands_are_shown_with_answer_and_outcome_and_filtered(
    house: House, viewer: httpx.AsyncClient
) -> None:
    commands = [
        replace(full_command(f"c-{number}", order), issued_at=START + number)
        for number, order in enumerate(ORDERS)
    ]
    commands[3].outcome, commands[4].rule_id = Outcome.FAILED, "other"
    store(house, *map(CommandIssued, commands))

    page = (await viewer.get(COMMANDS)).json()

    overflow_schemas.CommandPage.model_validate(page)
    assert [item["id"] for item in page["items"]] == [f"c-{n}" for n in range(8, -1, -1)]
    assert page["items"][-1]["kind"] == "withdraw_caller"
    assert page["items"][-1]["order"] == {
        "queue": "support", "channel": "PJSIP/trunk-1", "info": "night,s,1",
    }  # fmt: skip
    assert await ids(viewer, COMMANDS, outcome="failed") == ["c-3"]
    assert await ids(viewer, COMMANDS, rule="other") == ["c-4"]
    assert len(await ids(viewer, COMMANDS, decision="lab-1", queue="support")) == 9
    error = problem(await viewer.get(COMMANDS, params={"outcome": "x"}), 422, "invalid")
    assert set(error.fields) == {"outcome"}


async def test_only_admins_read_who_did_what(house: House, client: httpx.AsyncClient) -> None:
    record = house.services.overflow_control.record
    record.turn(Switch(on=False, by="zoé", at=START + 60_000, note="Drill"), Via.SESSION)
    record.rules.seed({"a": {"id": "a"}}, START + 61_000)
    for role in (Role.VIEWER, Role.LEAD):
        problem(await client.get(AUDIT, headers=house.token(role)), 403, "forbidden")
    client.headers.update(house.token(Role.ADMIN))

    # The house was set up before, and the tokens of this test come later.
    span = {"from": iso(START + 60_000), "to": iso(START + 62_000)}
    page = (await client.get(AUDIT, params=span)).json()

    overflow_schemas.AuditPage.model_validate(page)
    assert [item["what"] for item in page["items"]] == ["rule_created", "switch_turned"]
    assert page["items"][1] | {"seq": 0} == {
        "seq": 0,
        "at": "2025-11-21T09:42:07.382Z",
        "by": "zoé",
        "via": "session",
        "what": "switch_turned",
        "subject": "overflow",
        "before": {"on": True},
        "after": {"on": False, "note": "Drill"},
    }
    for query in ({"by": "zoé"}, {"what": "switch_turned"}, {**span, "to": iso(START + 61_000)}):
        found = (await client.get(AUDIT, params=query)).json()["items"]
        assert [item["what"] for item in found] == ["switch_turned"], query
    assert not (await client.get(AUDIT, params={"subject": "b"})).json()["items"]
    first = (await client.get(AUDIT, params={"limit": 1, **span})).json()
    cursor = {"cursor": first["next_cursor"], **span}
    rest = (await client.get(AUDIT, params=cursor)).json()
    assert [item["what"] for item in rest["items"]] == ["switch_turned"]


async def test_nobody_reads_anything_without_signing_in(client: httpx.AsyncClient) -> None:
    for address in (
        DECISIONS, f"{DECISIONS}/x", COMMANDS, AUDIT, "/api/v1/overflow/rules",
        "/api/v1/overflow/switch", "/api/v1/overflow/standing", "/api/v1/overflow/forecast",
    ):  # fmt: skip
        problem(await client.get(address), 401, "unauthenticated")


async def test_activity_counts_what_each_rule_did_and_was_kept_from(
    house: House, client: httpx.AsyncClient
) -> None:
    client.headers.update(house.token(Role.ADMIN))
    made = plain_decision(1, verb=Verb.MOVE, rule_id="support-to-backup")
    others = [
        replace(made, id="b", verb=Verb.TURN_ON, rule_id="helpers"),
        replace(made, id="c", verb=Verb.TURN_OFF, rule_id="helpers"),
        replace(made, id="d", held_back=True, rule_id="helpers"),
        replace(made, id="e", at=made.at - 86_400_000, rule_id="helpers"),
        replace(made, id="f", rule_id=""),
    ]
    store(house, *map(DecisionMade, (made, *others)))

    span = {"from": iso(made.at - 1), "to": iso(made.at + 1)}
    page = await client.get("/api/v1/overflow/activity", params=span)

    assert page.json()["items"] == [
        {"rule": "helpers", "acted": 1, "held_back": 1},
        {"rule": made.rule_id, "acted": 1, "held_back": 0},
    ]
    today = (await client.get("/api/v1/overflow/activity")).json()
    assert today["from"] < iso(START) < today["to"]
    client.headers.update(house.token(Role.LEAD))
    problem(await client.get("/api/v1/overflow/activity"), 403, "forbidden")
