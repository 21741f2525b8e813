"""Rules over REST: in force at once, changed only as they were read, and never without a trace."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from api import overflow_schemas
from monitor.accounts import Role
from monitor.core.effects import OverflowChanged
from monitor.core.overflow.rules import Condition, Metric
from monitor.history.audit import AuditEntry, Via
from tests.api.conftest import PASSWORD, House
from tests.api.test_overflow_policies import HELPERS, WITHDRAW
from tests.api.test_routes import problem

RULES = "/api/v1/overflow/rules"
RULE = f"{RULES}/support-to-backup"
OURS = {"Origin": "http://test"}


@pytest.fixture
async def admin(house: House, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program with an admin's token."""
    client.headers.update(house.token(Role.ADMIN))
    return client


def trail(house: House) -> list[AuditEntry]:
    """Who did what with rules, oldest first."""
    entries = house.services.overflow_control.record.audit.entries().entries[::-1]
    return [entry for entry in entries if entry.what.startswith("rule_")]


def in_force(house: House) -> list[tuple[str, int]]:
    """The rules that the engine goes by, with their versions."""
    return [(rule.id, rule.version) for rule in house.services.overflow_control.overflow.rules]


def match(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


async def test_a_rule_that_is_created_is_in_force_at_once(
    house: House, admin: httpx.AsyncClient
) -> None:
    effects: list[Any] = []
    house.services.monitor.subscribe(effects.extend)

    response = await admin.post(RULES, json=WITHDRAW)

    assert response.status_code == 201, response.text
    assert response.headers["ETag"] == '"1"'
    made = response.json()
    overflow_schemas.RuleOut.model_validate(made)
    assert (made["version"], made["updated_by"], made["forced"]) == (1, "test-admin", None)
    assert made["do"]["withdraw"] == {
        "context": "overflow", "exten": "s", "priority": 1, "queue": "backup",
    }  # fmt: skip
    rule = house.services.overflow_control.overflow.rules[0]
    assert rule.conditions == (Condition(Metric.TIME_LEFT, at_most=20_000),)
    assert OverflowChanged() in effects
    assert (await admin.get(RULE)).json() == made
    assert (await admin.get(RULES)).json() == {"items": [made]}


async def test_rules_are_listed_in_the_order_in_which_they_are_asked(
    admin: httpx.AsyncClient,
) -> None:
    for id_, priority in (("b", 50), ("z", 1), ("a", 50)):
        await admin.post(RULES, json={**WITHDRAW, "id": id_, "priority": priority})

    items = (await admin.get(RULES)).json()["items"]

    assert [item["id"] for item in items] == ["z", "a", "b"]


async def test_a_change_replaces_the_rule_and_keeps_every_version(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(RULES, json=WITHDRAW)
    house.centre.now += 1_000

    body = {**WITHDRAW, "enabled": False}
    response = await admin.put(RULE, json=body, headers=match(1))

    assert response.status_code == 200, response.text
    assert response.headers["ETag"] == '"2"'
    assert in_force(house) == [("support-to-backup", 2)]
    assert not house.services.overflow_control.overflow.rules[0].enabled
    versions = (await admin.get(f"{RULE}/versions")).json()
    overflow_schemas.RuleVersions.model_validate(versions)
    assert [(item["version"], item["rule"]["enabled"]) for item in versions["items"]] == [
        (2, False), (1, True),
    ]  # fmt: skip


async def test_what_was_read_can_be_sent_back(house: House, admin: httpx.AsyncClient) -> None:
    await admin.post(RULES, json=WITHDRAW)
    read = (await admin.get(RULE)).json()

    response = await admin.put(RULE, json={**read, "name": "Other"})

    assert response.json()["version"] == 2
    assert response.json()["name"] == "Other"


async def test_who_has_not_read_the_newest_version_changes_nothing(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(RULES, json=WITHDRAW)
    await admin.put(RULE, json={**WITHDRAW, "priority": 1}, headers=match(1))

    refused = await admin.put(RULE, json={**WITHDRAW, "priority": 2}, headers=match(1))

    error = problem(refused, 409, "changed_meanwhile")
    assert "it is at version 2. Read it again" in error.message
    problem(await admin.delete(RULE, headers=match(1)), 409, "changed_meanwhile")
    problem(await admin.post(RULES, json=WITHDRAW | {"priority": 3}), 409, "exists")
    assert house.services.overflow_control.overflow.rules[0].priority == 1


async def test_of_two_admins_at_once_one_wins_and_the_other_is_told(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(RULES, json=WITHDRAW)

    answers = await asyncio.gather(
        *(
            admin.put(RULE, json={**WITHDRAW, "priority": number}, headers=match(1))
            for number in (11, 12, 13, 14)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    assert house.services.overflow_control.overflow.rules[0].priority == won["priority"]
    assert in_force(house) == [("support-to-backup", 2)]
    assert [entry.what for entry in trail(house)] == ["rule_created", "rule_changed"]


async def test_the_same_told_twice_changes_nothing_more(
    house: House, admin: httpx.AsyncClient
) -> None:
    created = [await admin.post(RULES, json=WITHDRAW) for _ in range(2)]
    body = {**WITHDRAW, "priority": 7}
    changed = [await admin.put(RULE, json=body, headers=match(1)) for _ in range(2)]

    assert [answer.status_code for answer in created + changed] == [201, 201, 200, 200]
    assert created[0].json() == created[1].json()
    assert changed[0].json() == changed[1].json()
    assert [entry.what for entry in trail(house)] == ["rule_created", "rule_changed"]


async def test_a_change_needs_the_version_that_was_read(admin: httpx.AsyncClient) -> None:
    await admin.post(RULES, json=WITHDRAW)

    problem(await admin.put(RULE, json=WITHDRAW), 428, "version_missing")
    problem(await admin.delete(RULE), 428, "version_missing")
    problem(await admin.put(RULE, json=WITHDRAW, headers={"If-Match": "x"}), 422, "invalid")
    problem(await admin.put(RULE, json={**WITHDRAW, "version": "1"}), 422, "invalid")


async def test_a_rule_that_is_deleted_is_in_force_no_more_and_its_versions_stay(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(RULES, json=WITHDRAW)

    assert (await admin.delete(RULE, headers=match(1))).status_code == 204

    assert in_force(house) == []
    problem(await admin.get(RULE), 404, "not_found")
    problem(await admin.delete(RULE, headers=match(1)), 404, "not_found")
    problem(await admin.put(RULE, json=WITHDRAW, headers=match(2)), 404, "not_found")
    versions = (await admin.get(f"{RULE}/versions")).json()["items"]
    assert [(item["version"], item["rule"] is None) for item in versions] == [
        (2, True), (1, False),
    ]  # fmt: skip
    again = await admin.post(RULES, json=WITHDRAW)
    assert again.json()["version"] == 3
    problem(await admin.get(f"{RULES}/other/versions"), 404, "not_found")


async def test_a_bad_rule_is_refused_field_by_field(house: House, admin: httpx.AsyncClient) -> None:
    bad = {**WITHDRAW, "when": [{"metric": "wating", "at_most": 3}], "queues": []}

    error = problem(await admin.post(RULES, json=bad), 422, "invalid")

    assert set(error.fields) == {"queues", "when.0.metric"}
    assert "did you mean 'waiting'?" in error.fields["when.0.metric"]
    assert in_force(house) == []
    assert trail(house) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"id": NaN}', b"\xff"])
async def test_a_body_that_is_no_object_is_refused(
    admin: httpx.AsyncClient, content: bytes
) -> None:
    error = problem(await admin.post(RULES, content=content), 422, "invalid")

    assert set(error.fields) == {"body"}


async def test_a_rule_for_a_pbx_that_is_not_there_is_refused(admin: httpx.AsyncClient) -> None:
    error = problem(await admin.post(RULES, json={**WITHDRAW, "pbx": "bal"}), 422, "invalid")

    assert error.fields["pbx"] == (
        'there is no PBX named "bal"; known are lab, and empty means every one'
    )
    assert (await admin.post(RULES, json={**WITHDRAW, "pbx": "lab"})).status_code == 201


async def test_a_rule_keeps_its_id(admin: httpx.AsyncClient) -> None:
    await admin.post(RULES, json=WITHDRAW)

    answer = await admin.put(RULE, json={**WITHDRAW, "id": "other"}, headers=match(1))

    assert "a rule keeps its id" in problem(answer, 422, "invalid").fields["id"]


# --- forced -------------------------------------------------------------------------------------


async def test_a_team_leader_has_a_rule_act_and_takes_it_back(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(RULES, json=WITHDRAW)
    lead = house.token(Role.LEAD)
    overflow = house.services.overflow_control.overflow

    forced = await admin.post(f"{RULE}/force", json={"on": True}, headers=lead)
    again = await admin.post(f"{RULE}/force", json={"on": True}, headers=lead)

    assert (forced.json()["forced"], forced.json()["forced_by"]) == (True, "test-lead")
    assert again.json() == forced.json()
    assert overflow.forced["support-to-backup"].on
    assert overflow.forced["support-to-backup"].by == "test-lead"

    await admin.post(f"{RULE}/force", json={"on": None}, headers=lead)

    assert not overflow.forced
    assert (await admin.get(RULE)).json()["forced"] is None
    assert [(entry.what, entry.by, entry.after) for entry in trail(house)][1:] == [
        ("rule_forced", "test-lead", {"forced": True}),
        ("rule_forced", "test-lead", {"forced": None}),
    ]
    problem(await admin.post(f"{RULES}/x/force", json={"on": True}), 404, "not_found")
    problem(await admin.post(f"{RULE}/force", json={"on": "yes"}), 422, "invalid")


async def test_what_is_forced_stays_so_when_the_rule_is_changed(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(RULES, json=WITHDRAW)
    await admin.post(f"{RULE}/force", json={"on": False})

    changed = await admin.put(RULE, json={**WITHDRAW, "priority": 2}, headers=match(1))

    assert changed.json()["forced"] is False
    assert house.services.overflow_control.overflow.forced["support-to-backup"].on is False


async def test_a_rule_that_is_deleted_is_forced_no_more(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(RULES, json=WITHDRAW)
    await admin.post(f"{RULE}/force", json={"on": True})
    await admin.delete(RULE, headers=match(1))

    created = await admin.post(RULES, json=WITHDRAW)

    assert created.json()["forced"] is None
    assert not house.services.overflow_control.overflow.forced


# --- who may what -------------------------------------------------------------------------------


async def test_only_admins_change_rules_and_all_may_read_them(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(RULES, json=WITHDRAW)
    viewer, lead = house.token(Role.VIEWER), house.token(Role.LEAD)

    for headers in (viewer, lead):
        for answer in (
            await admin.post(RULES, json=HELPERS, headers=headers),
            await admin.put(RULE, json=WITHDRAW, headers=headers | match(1)),
            await admin.delete(RULE, headers=headers | match(1)),
        ):
            problem(answer, 403, "forbidden")
        assert (await admin.get(RULES, headers=headers)).status_code == 200
        assert (await admin.get(f"{RULE}/versions", headers=headers)).status_code == 200
    problem(await admin.post(f"{RULE}/force", json={"on": True}, headers=viewer), 403, "forbidden")
    assert in_force(house) == [("support-to-backup", 1)]


async def test_a_page_of_another_site_changes_no_rule(
    house: House, client: httpx.AsyncClient
) -> None:
    house.services.accounts.add_user("ada", PASSWORD, Role.ADMIN)
    await client.post("/api/v1/session", json={"name": "ada", "password": PASSWORD})

    problem(await client.post(RULES, json=WITHDRAW), 403, "other_origin")
    evil = {"Origin": "http://evil.example"}
    problem(await client.post(RULES, json=WITHDRAW, headers=evil), 403, "other_origin")
    assert in_force(house) == []

    assert (await client.post(RULES, json=WITHDRAW, headers=OURS)).status_code == 201
    entry = trail(house)[0]
    assert (entry.by, entry.via, entry.what) == ("ada", Via.SESSION, "rule_created")


async def test_a_change_leaves_who_which_way_before_and_after(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(RULES, json=WITHDRAW)
    house.centre.now += 5_000
    await admin.put(RULE, json={**WITHDRAW, "priority": 1}, headers=match(1))

    created, changed = trail(house)

    assert (created.before, changed.by, changed.via) == (None, "test-admin", Via.TOKEN)
    assert changed.at == house.centre.now
    assert changed.before is not None
    assert changed.after is not None
    assert (changed.before["priority"], changed.after["priority"]) == (100, 1)


# --- the database fails -------------------------------------------------------------------------


async def test_what_cannot_be_stored_is_not_in_force(
    house: House, admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await admin.post(RULES, json=WITHDRAW)
    record = house.services.overflow_control.record

    def full(*_: object, **__: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    for name in ("put", "delete", "force"):
        monkeypatch.setattr(record.rules, name, full)
    answers = [
        await admin.put(RULE, json={**WITHDRAW, "priority": 1}, headers=match(1)),
        await admin.delete(RULE, headers=match(1)),
        await admin.post(f"{RULE}/force", json={"on": True}),
    ]

    for answer in answers:
        problem(answer, 503, "history_unavailable")
    assert in_force(house) == [("support-to-backup", 1)]
    assert not house.services.overflow_control.overflow.forced
    assert (await admin.get(RULE)).json()["priority"] == 100
