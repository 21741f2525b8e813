"""Settings over REST: checked as a whole, in force at once, changed only as they were read."""

import contextlib
import sqlite3
from typing import Any, NoReturn

import httpx
import pytest
import tomli_w

from api import settings_schemas
from api.errors import ApiError
from monitor.accounts import Role
from monitor.core.clock import SECOND
from monitor.history.audit import AuditEntry, Via, Who
from monitor.history.errors import HistoryError
from monitor.history.settings import Change
from tests.api.conftest import House
from tests.api.test_overflow_policies import WITHDRAW
from tests.api.test_routes import problem

SETTINGS = "/api/v1/settings"
QUEUES = f"{SETTINGS}/queues"
SUPPORT = f"{QUEUES}/support"
LAB = f"{SETTINGS}/pbxs/lab"
ADA = Who("ada", Via.CLI)


@pytest.fixture
async def admin(house: House, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program with an admin's token."""
    client.headers.update(house.token(Role.ADMIN))
    return client


def match(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def trail(house: House, *, by: str = "test-admin") -> list[AuditEntry]:
    """What somebody did, oldest first."""
    entries = house.services.overflow_control.record.audit.entries().entries[::-1]
    return [entry for entry in entries if entry.by == by]


def within(house: House, queue: str, pbx: str = "lab") -> float:
    """A queue's threshold as the engine has it (s)."""
    return house.services.monitor.engine.thresholds(pbx, queue)[1] / SECOND


async def test_all_settings_begin_as_the_file_says(admin: httpx.AsyncClient) -> None:
    shown = (await admin.get(SETTINGS)).json()

    settings_schemas.SettingsOut.model_validate(shown)
    assert [(item["id"], item["from_file"]) for item in shown["queue"]] == [("support", True)]
    assert shown["commitment"]["body"]["within"] == 60
    assert shown["pbx"][0]["has_secret"] == {"secret": True, "ari.password": False}
    assert "secret" not in shown["pbx"][0]["body"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.LEAD])
async def test_who_is_no_admin_neither_reads_nor_changes(
    house: House, client: httpx.AsyncClient, role: Role
) -> None:
    client.headers.update(house.token(role))

    problem(await client.get(SETTINGS), 403, "forbidden")
    problem(await client.get(SUPPORT), 403, "forbidden")
    problem(await client.put(SUPPORT, json={}, headers=match(1)), 403, "forbidden")
    problem(await client.post(QUEUES, json={"name": "x"}), 403, "forbidden")
    problem(await client.delete(SUPPORT, headers=match(1)), 403, "forbidden")


async def test_a_queue_that_is_declared_is_on_the_board_at_once(
    house: House, admin: httpx.AsyncClient
) -> None:
    response = await admin.post(QUEUES, json={"name": "sales", "label": "Sales", "within": 30})

    assert response.status_code == 201, response.text
    made = response.json()
    settings_schemas.QueueItem.model_validate(made)
    assert (made["id"], made["version"], made["from_file"]) == ("sales", 1, False)
    assert made["body"]["label"] == "Sales"
    assert response.headers["ETag"] == '"1"'
    assert ("lab", "sales") in house.services.monitor.engine.snapshot().queues
    assert within(house, "sales") == 30
    assert [(entry.what, entry.subject) for entry in trail(house)] == [
        ("setting_created", "queue:sales")
    ]


async def test_a_changed_threshold_is_in_force_at_once(
    house: House, admin: httpx.AsyncClient
) -> None:
    before = house.services.monitor.engine.policy.version
    response = await admin.put(SUPPORT, json={"name": "support", "within": 20}, headers=match(1))

    assert response.status_code == 200, response.text
    assert (response.json()["version"], response.json()["updated_by"]) == (2, "test-admin")
    assert within(house, "support") == 20
    assert house.services.monitor.engine.policy.version == before + 1
    (entry,) = trail(house)
    assert (entry.before or {}).get("label") == "Support"
    assert (entry.after or {}).get("within") == 20


async def test_who_has_not_read_the_newest_version_changes_nothing(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.put(SUPPORT, json={"name": "support", "within": 20}, headers=match(1))

    stale: dict[str, Any] = {"json": {"name": "support", "within": 99}, "headers": match(1)}
    problem(await admin.put(SUPPORT, **stale), 409, "changed_meanwhile")
    problem(await admin.delete(SUPPORT, headers=match(1)), 409, "changed_meanwhile")
    problem(await admin.put(SUPPORT, json={"name": "support"}), 428, "version_missing")
    problem(await admin.post(QUEUES, json={"name": "support", "within": 9}), 409, "exists")
    problem(await admin.put(f"{QUEUES}/none", json={}, headers=match(1)), 404, "not_found")
    assert within(house, "support") == 20


async def test_the_same_told_twice_changes_nothing_more(
    house: House, admin: httpx.AsyncClient
) -> None:
    body = {"name": "support", "within": 20}
    told = [await admin.put(SUPPORT, json=body, headers=match(1)) for _ in range(2)]

    assert told[0].json() == told[1].json()
    assert len(trail(house)) == 1


@pytest.mark.parametrize(
    ("path", "body", "field", "said"),
    [
        (QUEUES, {"name": "a", "within": -1}, "within", "greater than 0"),
        (QUEUES, {"name": "a", "wihtin": 5}, "wihtin", "did you mean 'within'"),
        (QUEUES, {"label": "A"}, "name", "missing"),
        (QUEUES, {"name": "a", "pbx": "other"}, "pbx", 'no [[pbx]] named "other"'),
        (QUEUES, {"name": "a", "at_risk_after": 70}, "at_risk_after", "less than within = 60"),
        (f"{SETTINGS}/pbxs", {"name": "b", "username": "u", "incoming_contexts": ["x"]}, "secret",
         "missing"),
        (f"{SETTINGS}/pbxs", {"name": "LAB", "username": "u", "secret": "s",
                              "incoming_contexts": ["x"]}, "name", "used twice"),
        (f"{SETTINGS}/voice-servers", {"name": "v", "counts_when": "soon"}, "counts_when",
         "first_input"),
        (f"{SETTINGS}/calendars", {"name": "c", "holidays": "XX"}, "holidays", "XX"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_by_field(
    house: House, admin: httpx.AsyncClient, path: str, body: dict[str, Any], field: str, said: str
) -> None:
    error = problem(await admin.post(path, json=body), 422, "invalid")

    assert list(error.fields) == [field]
    assert said in error.fields[field]
    assert trail(house) == []


async def test_what_others_rest_on_cannot_be_taken_away(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(QUEUES, json={"name": "sales", "pbx": "lab", "at_risk_after": 50})

    error = problem(await admin.delete(LAB, headers=match(1)), 422, "invalid")
    assert "queue:lab:sales.pbx" in error.fields

    promise = {"within": 40}
    commitment = f"{SETTINGS}/commitment"
    error = problem(await admin.put(commitment, json=promise, headers=match(1)), 422, "invalid")
    assert "less than within = 40" in error.fields["queue:lab:sales.at_risk_after"]


async def test_an_item_keeps_its_name(admin: httpx.AsyncClient) -> None:
    error = problem(
        await admin.put(SUPPORT, json={"name": "help"}, headers=match(1)), 422, "invalid"
    )
    assert "keeps its name" in error.fields["name"]
    other = {"name": "support", "pbx": "lab"}
    error = problem(await admin.put(SUPPORT, json=other, headers=match(1)), 422, "invalid")
    assert list(error.fields) == ["pbx"]


async def test_a_deleted_item_is_gone_and_its_versions_stay(
    house: House, admin: httpx.AsyncClient
) -> None:
    assert (await admin.delete(SUPPORT, headers=match(1))).status_code == 204

    problem(await admin.get(SUPPORT), 404, "not_found")
    versions = (await admin.get(f"{SUPPORT}/versions")).json()
    settings_schemas.ItemVersions.model_validate(versions)
    assert [(item["version"], item["body"] is None) for item in versions["items"]] == [
        (2, True), (1, False),
    ]  # fmt: skip
    again = await admin.post(QUEUES, json={"name": "support"})
    assert again.json()["version"] == 3
    problem(await admin.get(f"{QUEUES}/none/versions"), 404, "not_found")


async def test_the_centre_and_the_commitment_are_changed_in_their_place(
    house: House, admin: httpx.AsyncClient
) -> None:
    changed = await admin.put(
        f"{SETTINGS}/centre", json={"time_zone": "Europe/Paris"}, headers=match(1)
    )
    settings_schemas.CentreItem.model_validate(changed.json())
    promise = await admin.put(f"{SETTINGS}/commitment", json={"within": 90}, headers=match(1))
    settings_schemas.CommitmentItem.model_validate(promise.json())

    assert str(house.services.monitor.engine.policy.zone) == "Europe/Paris"
    assert within(house, "support") == 90
    assert (await admin.get(f"{SETTINGS}/centre")).json()["body"]["time_zone"] == "Europe/Paris"


async def test_a_secret_is_taken_and_never_told(house: House, admin: httpx.AsyncClient) -> None:
    body = {"name": "lab", "username": "minuteur", "incoming_contexts": ["incoming"]}
    told = "hush-hush-hush"
    response = await admin.put(LAB, json={**body, "secret": told}, headers=match(1))

    assert response.status_code == 200, response.text
    held = house.services.settings
    assert held.settings.pbx[0].secret.get_secret_value() == told
    everything = [
        response.text,
        (await admin.get(SETTINGS)).text,
        (await admin.get(f"{LAB}/versions")).text,
        (await admin.get("/api/v1/audit")).text,
        *(str(entry) for entry in trail(house)),
    ]
    assert not any(told in text for text in everything)
    with contextlib.closing(sqlite3.connect(str(house.database.url.database))) as connection:
        dump = "\n".join(connection.iterdump())
    assert told not in dump


async def test_a_secret_that_is_left_out_stays(house: House, admin: httpx.AsyncClient) -> None:
    body = {"name": "lab", "username": "minuteur", "incoming_contexts": ["in"]}
    first = await admin.put(LAB, json=body, headers=match(1))
    assert first.json()["has_secret"]["secret"]
    pbx = house.services.settings.settings.pbx[0]
    assert (pbx.incoming_contexts, pbx.secret.get_secret_value()) == (["in"], "s3cret")

    await admin.put(LAB, json={**body, "secret": "n3w"}, headers=match(2))
    await admin.put(LAB, json={**body, "queue_log": "/q"}, headers=match(3))
    pbx = house.services.settings.settings.pbx[0]
    assert (pbx.queue_log, pbx.secret.get_secret_value()) == ("/q", "n3w")
    whats = [entry.what for entry in trail(house)]
    assert whats.count("setting_secret_changed") == 1


ELSEWHERE: list[dict[str, Any]] = [{"host": "10.9.9.9"}, {"port": 5039}, {"username": "other"}]


@pytest.mark.parametrize("place", ELSEWHERE)
async def test_a_stored_secret_goes_to_no_other_address_or_account(
    house: House, admin: httpx.AsyncClient, place: dict[str, Any]
) -> None:
    body = {"name": "lab", "username": "minuteur", "incoming_contexts": ["incoming"], **place}
    put = await admin.put(LAB, json=body, headers=match(1))
    assert set(problem(put, 422, "invalid").fields) == {"secret"}
    tried = await admin.post(f"{SETTINGS}/pbxs/test", json=body)
    assert problem(tried, 422, "invalid").fields["secret"].startswith("enter it anew")
    toml = tomli_w.dumps({"pbx": [body]})
    imported = (await admin.post(f"{SETTINGS}/import", json={"toml": toml})).json()
    assert [one["where"] for one in imported["problems"]] == ["pbx:lab.secret"]
    assert not imported["applied"]

    assert (await admin.delete(LAB, headers=match(1))).status_code == 204
    post = await admin.post(f"{SETTINGS}/pbxs", json=body)
    assert set(problem(post, 422, "invalid").fields) == {"secret"}
    again = {**body, "secret": "s3cret"}
    assert (await admin.post(f"{SETTINGS}/pbxs", json=again)).status_code == 201
    assert house.services.settings.settings.pbx[0].username == body["username"]


async def test_a_text_that_moves_a_pbx_and_says_its_secret_is_imported(
    house: House, admin: httpx.AsyncClient
) -> None:
    body = {"name": "lab", "username": "minuteur", "incoming_contexts": ["incoming"]}
    toml = tomli_w.dumps({"pbx": [{**body, "host": "10.9.9.9", "secret": "s3cret"}]})
    imported = (await admin.post(f"{SETTINGS}/import", json={"toml": toml})).json()

    assert imported["applied"], imported
    pbx = house.services.settings.settings.pbx[0]
    assert (pbx.host, pbx.secret.get_secret_value()) == ("10.9.9.9", "s3cret")


async def test_the_password_of_an_ari_stays_with_its_address(admin: httpx.AsyncClient) -> None:
    ari = {"url": "http://10.0.0.1:8088/ari", "username": "minuteur"}
    body = {"name": "lab", "username": "minuteur", "incoming_contexts": ["incoming"]}
    first = {**body, "ari": {**ari, "password": "hush"}}
    assert (await admin.put(LAB, json=first, headers=match(1))).status_code == 200
    moved = {**body, "ari": {**ari, "url": "http://10.9.9.9:8088/ari"}}

    put = await admin.put(LAB, json=moved, headers=match(2))
    assert set(problem(put, 422, "invalid").fields) == {"ari.password"}
    assert (await admin.put(LAB, json=body, headers=match(2))).status_code == 200
    back = await admin.put(LAB, json=moved, headers=match(3))
    assert set(problem(back, 422, "invalid").fields) == {"ari.password"}


async def test_a_secret_of_the_environment_is_moved_by_whoever_knows_it(
    admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINUTEUR_PBX_LAB_SECRET", "of-the-environment")
    body = {"name": "lab", "host": "10.9.9.9", "username": "u", "incoming_contexts": ["incoming"]}

    put = await admin.put(LAB, json={**body, "secret": "any"}, headers=match(1))
    assert "environment" in problem(put, 422, "invalid").fields["secret"]
    known = {**body, "secret": "of-the-environment"}
    assert (await admin.put(LAB, json=known, headers=match(1))).status_code == 200


async def test_a_change_by_another_is_in_force_though_the_database_failed_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    control, record = house.services.settings, house.services.settings.record
    body = {"name": "support", "within": 33, "at_risk_after": 20}
    record.apply([Change("queue", "support", body, 1)], ADA, house.centre.now)
    with monkeypatch.context() as patch:
        patch.setattr(record, "policy", fails)
        with pytest.raises(ApiError):
            await control.look()

    await control.look()
    assert within(house, "support") == 33


async def test_a_rule_by_another_is_in_force_though_the_database_failed_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    control, rules = house.services.settings, house.services.overflow_control.record.rules
    control.record.apply([Change("overflow_rule", WITHDRAW["id"], WITHDRAW, None)], ADA, 1)
    with monkeypatch.context() as patch:
        patch.setattr(rules, "all", fails)
        with pytest.raises(ApiError):
            await control.look()

    await control.look()
    assert [rule.id for rule in house.services.overflow_control.overflow.rules] == [WITHDRAW["id"]]


async def test_ones_own_change_is_in_force_though_it_could_not_be_read_again(
    house: House, admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(house.services.settings.record, "all", fails)
        answer = await admin.put(SUPPORT, json={"name": "support", "within": 20}, headers=match(1))
        assert answer.status_code == 503

    await house.services.settings.look()
    assert within(house, "support") == 20


def fails(*_: object) -> NoReturn:
    raise HistoryError("database is locked")


async def test_what_is_wrong_with_a_field_is_said_with_a_code_too(admin: httpx.AsyncClient) -> None:
    span = {"days": [], "from": "18:00", "to": "09:00"}
    body = {"name": "week", "hours": [span], "holidays": "XX", "colour": "red"}

    response = await admin.post(f"{SETTINGS}/calendars", json=body)

    error = response.json()["error"]
    assert error["field_codes"] == {
        "hours.0.days": {"code": "empty", "params": {}},
        "hours.0.to": {"code": "not_after", "params": {}},
        "holidays": {"code": "no_country", "params": {}},
        "colour": {"code": "unknown_key", "params": {}},
    }
    assert set(error["fields"]) == set(error["field_codes"])


async def test_a_code_has_what_its_words_need(admin: httpx.AsyncClient) -> None:
    body = {"name": "support", "within": 0, "at_risk_after": 5, "calendar": "nowhere"}

    wrong = (await admin.put(SUPPORT, json=body, headers=match(1))).json()["error"]
    assert wrong["field_codes"] == {"within": {"code": "above", "params": {"limit": 0}}}

    crossed = (await admin.put(SUPPORT, json=body | {"within": 20}, headers=match(1))).json()
    assert crossed["error"]["field_codes"]["calendar"] == {
        "code": "no_calendar", "params": {"calendar": "nowhere"},
    }  # fmt: skip
