"""Who changed what, and taking it back."""

import asyncio
from typing import Any

import httpx
import pytest

from api import settings_schemas
from api.settings_reading import Held
from monitor.accounts import Role
from tests.api.conftest import House
from tests.api.test_overflow_policies import WITHDRAW
from tests.api.test_overflow_rules import RULE, RULES
from tests.api.test_routes import problem
from tests.api.test_settings import LAB, QUEUES, SETTINGS, SUPPORT, admin, match, within

__all__ = ["admin"]

CHANGES = f"{SETTINGS}/changes"


async def changes(admin: httpx.AsyncClient, **wanted: str) -> list[dict[str, Any]]:
    """The changes, newest first."""
    response = await admin.get(CHANGES, params=wanted)
    assert response.status_code == 200, response.text
    settings_schemas.ChangePage.model_validate(response.json())
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def undo(admin: httpx.AsyncClient, seq: int) -> httpx.Response:
    return await admin.post(f"{CHANGES}/{seq}/undo")


async def test_every_change_is_listed_with_who_before_and_after(
    admin: httpx.AsyncClient,
) -> None:
    await admin.put(SUPPORT, json={"name": "support", "within": 20}, headers=match(1))
    await admin.post(RULES, json=WITHDRAW)

    rule, queue, *rest = [
        item for item in await changes(admin) if item["kind"] not in {"user", "token"}
    ]

    assert (rule["kind"], rule["id"], rule["what"]) == (
        "overflow_rule", "support-to-backup", "rule_created",
    )  # fmt: skip
    assert (queue["kind"], queue["id"], queue["by"]) == ("queue", "support", "test-admin")
    assert queue["before"]["label"] == "Support"
    assert queue["after"]["within"] == 20
    assert rule["undoable"]
    assert queue["undoable"]
    assert {(item["by"], item["what"]) for item in rest} == {("configuration", "setting_created")}


async def test_where_nothing_was_before_and_nothing_can_be_deleted_no_undo_is_offered(
    admin: httpx.AsyncClient,
) -> None:
    for kind in ("commitment", "centre"):
        [made] = await changes(admin, kind=kind)
        assert (made["before"], made["undoable"]) == (None, False)
        problem(await undo(admin, made["seq"]), 422, "invalid")
    [made] = await changes(admin, kind="queue")
    assert made["undoable"]


async def test_changes_are_filtered_and_paged(admin: httpx.AsyncClient) -> None:
    await admin.put(SUPPORT, json={"name": "support", "within": 20}, headers=match(1))
    await admin.post(RULES, json=WITHDRAW)

    assert [item["id"] for item in await changes(admin, kind="overflow_rule")] == [
        "support-to-backup"
    ]
    both = await changes(admin, kind="queue", id="support")
    assert [item["what"] for item in both] == ["setting_changed", "setting_created"]
    assert {item["by"] for item in await changes(admin, by="test-admin", kind="queue")} == {
        "test-admin"
    }
    assert await changes(admin, kind="calendar") == []

    asked = {"limit": "1", "by": "test-admin"}
    first = (await admin.get(CHANGES, params=asked)).json()
    second = (await admin.get(CHANGES, params={**asked, "cursor": first["next_cursor"]})).json()
    assert [first["items"][0]["kind"], second["items"][0]["kind"]] == ["overflow_rule", "queue"]
    assert second["next_cursor"] is None
    problem(await admin.get(CHANGES, params={"cursor": "x"}), 422, "invalid")


async def test_a_change_is_taken_back(house: House, admin: httpx.AsyncClient) -> None:
    await admin.put(SUPPORT, json={"name": "support", "within": 20}, headers=match(1))
    (done, *_) = await changes(admin, kind="queue")

    response = await undo(admin, done["seq"])

    assert response.status_code == 200, response.text
    made = response.json()
    settings_schemas.ChangeOut.model_validate(made)
    assert (made["before"], made["after"]) == (done["after"], done["before"])
    assert within(house, "support") == 60
    newest, before, *_ = await changes(admin, kind="queue")
    assert (before["undone_by"], before["undoable"]) == (newest["seq"], False)
    assert newest["undoable"]


async def test_what_was_taken_back_can_be_done_again(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.put(SUPPORT, json={"name": "support", "within": 20}, headers=match(1))
    (done, *_) = await changes(admin, kind="queue")
    back = (await undo(admin, done["seq"])).json()

    assert (await undo(admin, back["seq"])).status_code == 200
    assert within(house, "support") == 20
    problem(await undo(admin, done["seq"]), 409, "changed_since")


async def test_what_was_created_is_deleted_and_what_was_deleted_comes_back(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(QUEUES, json={"name": "sales", "within": 30})
    (created, *_) = await changes(admin, kind="queue")
    await undo(admin, created["seq"])
    problem(await admin.get(f"{QUEUES}/sales"), 404, "not_found")
    (deleted, *_) = await changes(admin, kind="queue")
    assert deleted["after"] is None

    await undo(admin, deleted["seq"])
    assert within(house, "sales") == 30


async def test_a_deleted_pbx_comes_back_with_its_secret(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.delete(LAB, headers=match(1))
    (deleted, *_) = await changes(admin, kind="pbx")
    made = (await undo(admin, deleted["seq"])).json()
    assert (made["what"], made["undoable"]) == ("setting_created", True)
    assert house.services.settings.settings.pbx[0].secret.get_secret_value() == "s3cret"

    body = {"name": "lab", "username": "u", "incoming_contexts": ["in"], "secret": "s3"}
    await admin.put(LAB, json=body, headers=match(3))
    await admin.delete(LAB, headers=match(4))
    (deleted, *_) = await changes(admin, kind="pbx")
    assert (await undo(admin, deleted["seq"])).status_code == 200
    assert house.services.settings.settings.pbx[0].secret.get_secret_value() == "s3"


async def test_what_was_changed_since_is_not_taken_back(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.put(SUPPORT, json={"name": "support", "within": 20}, headers=match(1))
    (first, *_) = await changes(admin, kind="queue")
    await admin.put(SUPPORT, json={"name": "support", "within": 25}, headers=match(2))

    error = problem(await undo(admin, first["seq"]), 409, "changed_since")
    assert "changed since" in error.message
    assert within(house, "support") == 25


async def test_what_is_valid_no_more_is_not_taken_back(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.put(SUPPORT, json={"name": "support", "at_risk_after": 50}, headers=match(1))
    await admin.put(SUPPORT, json={"name": "support"}, headers=match(2))
    (done, *_) = await changes(admin, kind="queue")
    await admin.put(f"{SETTINGS}/commitment", json={"within": 40}, headers=match(1))

    error = problem(await undo(admin, done["seq"]), 422, "invalid")
    assert error.fields["at_risk_after"].endswith("less than within = 40")


async def test_a_rule_is_taken_back_too(house: House, admin: httpx.AsyncClient) -> None:
    await admin.post(RULES, json=WITHDRAW)
    await admin.put(RULE, json={**WITHDRAW, "priority": 5}, headers=match(1))
    (done, *_) = await changes(admin, kind="overflow_rule")

    assert (await undo(admin, done["seq"])).status_code == 200
    (rule,) = house.services.overflow_control.overflow.rules
    assert (rule.priority, rule.version) == (100, 3)


async def test_users_and_secrets_are_listed_and_not_taken_back(
    admin: httpx.AsyncClient,
) -> None:
    body = {"name": "lab", "username": "minuteur", "incoming_contexts": ["incoming"]}
    await admin.put(LAB, json={**body, "secret": "other"}, headers=match(1))
    secret, *_ = await changes(admin, kind="pbx")
    assert (secret["what"], secret["after"]) == ("setting_secret_changed", {"secrets": ["secret"]})
    problem(await undo(admin, secret["seq"]), 409, "not_undoable")
    users = [*(await changes(admin, kind="user")), *(await changes(admin, kind="token"))]
    assert users
    assert not any(item["undoable"] for item in users)
    problem(await undo(admin, users[0]["seq"]), 409, "not_undoable")
    problem(await undo(admin, 999_999), 404, "not_found")


async def test_a_change_that_came_with_a_new_secret_is_not_taken_back(
    house: House, admin: httpx.AsyncClient
) -> None:
    body = {"name": "lab", "username": "minuteur", "incoming_contexts": ["incoming"]}
    moved = {**body, "host": "10.0.0.9", "secret": "other"}
    assert (await admin.put(LAB, json=moved, headers=match(1))).status_code == 200
    _, change, *_ = await changes(admin, kind="pbx")
    assert (change["what"], change["undoable"]) == ("setting_changed", False)

    error = problem(await undo(admin, change["seq"]), 409, "not_undoable")

    assert "secret" in error.message
    assert house.services.settings.settings.pbx[0].host == "10.0.0.9"
    without = {**body, "host": "10.0.0.9", "incoming_contexts": ["in"]}
    assert (await admin.put(LAB, json=without, headers=match(2))).status_code == 200
    later, *_ = await changes(admin, kind="pbx")
    assert (await undo(admin, later["seq"])).status_code == 200


async def test_where_a_secret_stands_in_the_way_no_undo_is_offered(
    admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"name": "lab", "username": "minuteur", "incoming_contexts": ["in"]}
    assert (await admin.put(LAB, json=body, headers=match(1))).status_code == 200
    (change, *_) = await changes(admin, kind="pbx")
    assert change["undoable"]
    # As when the environment holds a secret for the address of now.
    monkeypatch.setattr(Held, "wrongly_sent", lambda *_: {"secret": "enter it anew"})

    (change, *_) = await changes(admin, kind="pbx")

    assert not change["undoable"]
    problem(await undo(admin, change["seq"]), 409, "not_undoable")


async def test_what_is_changed_while_a_change_is_taken_back_stays(
    house: House, admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await admin.put(SUPPORT, json={"name": "support", "within": 20}, headers=match(1))
    (done, *_) = await changes(admin, kind="queue")
    found = house.services.changes.record.one(done["seq"])
    await admin.put(SUPPORT, json={"name": "support", "within": 45}, headers=match(2))
    monkeypatch.setattr(house.services.changes.record, "one", lambda _seq: found)

    problem(await undo(admin, done["seq"]), 409, "changed_meanwhile")
    assert within(house, "support") == 45


async def test_two_who_take_back_the_same_make_one_change(admin: httpx.AsyncClient) -> None:
    await admin.put(SUPPORT, json={"name": "support", "within": 20}, headers=match(1))
    (done, *_) = await changes(admin, kind="queue")

    answers = await asyncio.gather(*(undo(admin, done["seq"]) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.LEAD])
async def test_changes_are_for_admins(house: House, client: httpx.AsyncClient, role: Role) -> None:
    client.headers.update(house.token(role))
    problem(await client.get(CHANGES), 403, "forbidden")
    problem(await client.post(f"{CHANGES}/1/undo"), 403, "forbidden")
