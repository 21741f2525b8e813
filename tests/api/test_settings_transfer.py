"""All settings as one file, and back: as a whole, or not at all."""

import tomllib
from typing import Any

import httpx
import pytest
import tomli_w

from api import settings_schemas
from config.items import KINDS, body_of, checked, items_of, same
from config.settings import Settings
from monitor.accounts import Role
from tests.api.conftest import House
from tests.api.test_overflow_policies import WITHDRAW
from tests.api.test_overflow_rules import RULES
from tests.api.test_routes import problem
from tests.api.test_settings import LAB, QUEUES, SETTINGS, admin, match, trail, within

__all__ = ["admin"]

IMPORT = f"{SETTINGS}/import"


async def export(admin: httpx.AsyncClient) -> str:
    response = await admin.get(f"{SETTINGS}/export")
    assert response.status_code == 200, response.text
    assert response.headers["Content-Disposition"].startswith("attachment")
    return response.text


async def put_in(admin: httpx.AsyncClient, toml: str, **how: bool) -> dict[str, Any]:
    response = await admin.post(IMPORT, json={"toml": toml, **how})
    assert response.status_code == 200, response.text
    settings_schemas.ImportOut.model_validate(response.json())
    answer: dict[str, Any] = response.json()
    return answer


def made(answer: dict[str, Any]) -> dict[str, str]:
    """What an import makes of the items that it changes."""
    return {
        f"{change['kind']}:{change['id']}": change["what"]
        for change in answer["changes"]
        if change["what"] != "same"
    }


async def test_what_is_exported_changes_nothing_when_it_comes_back(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(RULES, json=WITHDRAW)
    calendar = {
        "name": "france", "holidays": "FR", "closed": ["2026-12-24"],
        "hours": [{"days": ["mon-fri"], "from": "08:00", "to": "24:00"}],
    }  # fmt: skip
    assert (await admin.post(f"{SETTINGS}/calendars", json=calendar)).status_code == 201
    sales = {"name": 'sälé "s" \\ ü', "pbx": "lab", "within": 12.5, "calendar": "france"}
    assert (await admin.post(QUEUES, json=sales)).status_code == 201
    text = await export(admin)
    before = len(trail(house))

    answer = await put_in(admin, text, remove_missing=True)

    assert (made(answer), answer["problems"], answer["applied"]) == ({}, [], True)
    assert len(trail(house)) == before
    whole = tomllib.loads(text)
    assert whole["overflow_rule"][0]["do"]["withdraw"]["queue"] == "backup"
    assert [queue["within"] for queue in whole["queue"] if "within" in queue] == [12.5]


async def test_no_secret_is_exported(admin: httpx.AsyncClient) -> None:
    body = {
        "name": "lab", "username": "minuteur", "incoming_contexts": ["incoming"],
        "secret": "hush-hush",
        "ari": {"url": "http://127.0.0.1:8088/ari", "username": "u", "password": "still-hush"},
    }  # fmt: skip
    await admin.put(LAB, json=body, headers=match(1))
    text = await export(admin)
    assert "hush" not in text
    assert tomllib.loads(text)["pbx"][0]["ari"]["username"] == "u"


async def test_an_import_is_in_force_at_once_and_leaves_its_trace(
    house: House, admin: httpx.AsyncClient
) -> None:
    toml = """
[commitment]
within = 90
[[queue]]
name = "support"
within = 30
[[queue]]
name = "sales"
[[pbx]]
name = "annexe"
username = "u"
secret = "s"
incoming_contexts = ["in"]
[[overflow_rule]]
id = "help"
pbx = "annexe"
queues = ["support"]
when = [{ metric = "time_left", at_most = 20 }]
do = { withdraw = { context = "overflow", queue = "backup" } }
[api]
port = 80
"""
    dry = await put_in(admin, toml, dry_run=True)
    assert (dry["applied"], dry["ignored"], trail(house)) == (False, ["api"], [])

    answer = await put_in(admin, toml)

    assert answer["changes"] == dry["changes"]
    assert made(answer) == {
        "commitment:commitment": "changed", "queue:support": "changed", "queue:sales": "created",
        "pbx:annexe": "created", "overflow_rule:help": "created",
    }  # fmt: skip
    assert (within(house, "support"), within(house, "sales")) == (30, 90)
    assert [rule.id for rule in house.services.overflow_control.overflow.rules] == ["help"]
    pbxs = {pbx.name: pbx for pbx in house.services.settings.settings.pbx}
    assert pbxs["annexe"].secret.get_secret_value() == "s"
    assert "secret" not in str([change["after"] for change in answer["changes"]])
    assert len([entry for entry in trail(house) if entry.what != "setting_secret_changed"]) == 5
    assert made(await put_in(admin, toml)) == {}


async def test_what_is_missing_is_deleted_only_when_asked(
    house: House, admin: httpx.AsyncClient
) -> None:
    await admin.post(RULES, json=WITHDRAW)
    whole = tomllib.loads(await export(admin))
    del whole["queue"], whole["overflow_rule"], whole["commitment"]
    rest = tomli_w.dumps(whole)

    assert made(await put_in(admin, rest)) == {}
    answer = await put_in(admin, rest, remove_missing=True)

    gone = {"overflow_rule:support-to-backup": "deleted", "queue:support": "deleted"}
    assert made(answer) == gone
    assert house.services.overflow_control.rules() == []
    assert house.services.settings.settings.queue == []


@pytest.mark.parametrize(
    ("toml", "where", "said"),
    [
        ("[[queue]", "toml", "line 1"),
        ("[nonsense]\nx = 1", "nonsense", "no such table"),
        ("[queue]\nname = 'x'", "queue", "[[queue]]"),
        ("[[queue]]\nname = 'x'\nwithin = -1", "queue:x.within", "greater than 0"),
        ("[[queue]]\nname = 'x'\n[[queue]]\nname = 'x'", "queue:x", "twice"),
        ("[[queue]]\nname = 'x'\npbx = 'no'", "queue:no:x.pbx", 'no [[pbx]] named "no"'),
        ("[[pbx]]\nname = 'p'\nusername = 'u'\nincoming_contexts = ['i']", "pbx:p.secret",
         "missing"),
        ("[commitment]\nwithin = 10\nat_risk_after = 20", "commitment:commitment.at_risk_after",
         "less than within"),
        (("[[overflow_rule]]\nid = 'r'\npbx = 'no'\nqueues = ['q']\ndo = { prioritise = 5 }\n"
         "when = [{ metric = 'time_left', at_most = 20 }]"), "overflow_rule:r.pbx", "no PBX named"),
        (("[[overflow_rule]]\nid = 'r'\ndo = { prioritise = 5 }\nqueues = ['q']\nhow = 'x'\nwhen = "
         "[{ metric = 'waiting', at_least = 1 }]"), "overflow_rule:r.how", "there is no way"),
    ],
)  # fmt: skip
async def test_with_a_problem_nothing_is_imported(
    house: House, admin: httpx.AsyncClient, toml: str, where: str, said: str
) -> None:
    good = "\n[[voice_server]]\nname = 'new'\n"
    answer = await put_in(admin, toml + good)

    assert [found["where"] for found in answer["problems"]] == [where]
    assert said in answer["problems"][0]["message"]
    assert not answer["applied"]
    assert trail(house) == []
    assert len(house.services.settings.settings.voice_server) == 1


async def test_an_import_may_be_larger_than_other_bodies(admin: httpx.AsyncClient) -> None:
    many = "".join(f'[[queue]]\nname = "queue-{number}"\n' for number in range(4_000))
    assert len(made(await put_in(admin, many, dry_run=True))) == 4_000
    huge = await admin.post(IMPORT, json={"toml": "#" * (3 * 1024 * 1024)})
    problem(huge, 413, "too_large")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.LEAD])
async def test_files_are_for_admins(house: House, client: httpx.AsyncClient, role: Role) -> None:
    client.headers.update(house.token(role))
    problem(await client.get(f"{SETTINGS}/export"), 403, "forbidden")
    problem(await client.post(IMPORT, json={"toml": ""}), 403, "forbidden")


def test_the_body_of_each_kind_is_read_back_as_it_was() -> None:
    settings = Settings.model_validate(
        {
            "pbx": [{"name": "lab", "username": "u", "secret": "s", "incoming_contexts": ["in"],
                     "tls": {"verify": False},
                     "ari": {"url": "http://h/ari", "username": "u", "password": "p"}}],
            "voice_server": [{"name": "ivr", "stasis_apps": ["a"], "counts_when": "first_input"}],
            "queue": [{"name": "a", "target": 0.9}, {"name": "a", "pbx": "lab", "within": 0.5}],
            "calendar": [{"name": "c", "holidays": "FR", "subdivision": "57",
                          "holidays_hours": [{"from": "09:00", "to": "12:00"}],
                          "hours": [{"days": ["mon-wed", "sun"], "from": "00:00", "to": "24:00"}],
                          "closed": ["2026-08-01/2026-08-15"],
                          "open": [{"date": "2026-12-20", "from": "10:00", "to": "18:00"}]}],
            "commitment": {"within": 90, "starts_on": "queue_joined", "target": 0.95},
            "centre": {"time_zone": "Europe/Paris", "test_numbers": ["0199*"], "calendar": "c"},
            "team": [{"name": "Étage 2: a", "agents": ["PJSIP/1", "Zoé", "Local/3@agents/n"]}],
            "figures": {"per_agent": True},
        }
    )  # fmt: skip
    items = items_of(settings)
    assert {kind for kind, _ in items} == set(KINDS)
    for (kind, id_), table in items.items():
        body = body_of(table)
        again = checked(kind, body, {"secret": "s", "ari.password": "p"} if kind == "pbx" else {})
        assert again == table, (kind, id_)
        assert same(kind, body, body_of(again))
