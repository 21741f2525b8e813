"""What judged a call, as somebody reads it who asks for the reason of a verdict."""

from typing import Any

import httpx

from api.policy_schemas import PolicyOut
from monitor.accounts import QueueRef, Role
from tests.api.conftest import House
from tests.api.test_routes import problem

POLICIES = "/api/v1/policies"
SETTINGS = "/api/v1/settings"


async def changed(client: httpx.AsyncClient, kind: str, **values: Any) -> None:  # noqa: ANN401
    item = (await client.get(f"{SETTINGS}/{kind}")).json()
    answer = await client.put(
        f"{SETTINGS}/{kind}",
        json=item["body"] | values,
        headers={"If-Match": f'"{item["version"]}"'},
    )
    assert answer.status_code == 200, answer.text


async def test_an_old_version_says_what_was_promised_then_and_until_when(
    house: House, client: httpx.AsyncClient
) -> None:
    client.headers.update(house.token(Role.ADMIN))
    hours = {"name": "office", "hours": [{"days": ["mon-fri"], "from": "08:00", "to": "24:00"}]}
    assert (await client.post(f"{SETTINGS}/calendars", json=hours)).status_code == 201
    await changed(client, "centre", calendar="office", test_numbers=["+331990*"])
    old = house.services.monitor.engine.policy.version
    await changed(client, "commitment", within=30, at_risk_after=20)
    new = house.services.monitor.engine.policy.version
    assert new > old

    shown = PolicyOut.model_validate((await client.get(f"{POLICIES}/{old}")).json())
    assert (shown.version, shown.commitment.within_s) == (old, 60)
    assert (shown.calendar, shown.test_numbers) == ("office", ["+331990*"])
    (office,) = (one for one in shown.calendars if one.name == "office")
    assert [(one.weekday, one.start, one.end) for one in office.hours] == [
        (day, "08:00", "24:00") for day in range(5)
    ]
    latest = PolicyOut.model_validate((await client.get(f"{POLICIES}/{new}")).json())
    assert (latest.commitment.within_s, latest.replaced_at) == (30, None)
    assert shown.replaced_at == latest.set_at
    assert latest.set_by == "test-admin"

    problem(await client.get(f"{POLICIES}/{new + 1}"), 404, "not_found")


async def test_who_sees_some_queues_reads_the_promise_of_these_and_no_numbers(
    house: House, client: httpx.AsyncClient
) -> None:
    client.headers.update(house.token(Role.ADMIN))
    for name in ("support", "sales"):
        saved = await client.post(f"{SETTINGS}/queues", json={"name": name})
        assert saved.status_code in (201, 409)
    await changed(client, "centre", test_numbers=["0199000001"])
    version = house.services.monitor.engine.policy.version
    secret = house.services.accounts.create_token(
        "one", Role.VIEWER, queues=frozenset({QueueRef("", "support")}), sees_numbers=False
    )
    answer = await client.get(
        f"{POLICIES}/{version}", headers={"Authorization": f"Bearer {secret}"}
    )
    assert [queue["queue"] for queue in answer.json()["queues"]] == ["support"]
    assert answer.json()["test_numbers"] is None
