"""Personal data by REST: what is kept, all of one number, erasing and purging."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select

from api.metrics import Metrics, Sources
from api.personal import days_of
from api.purging import PurgeKeeper
from api.views import iso
from config.retention import Retention
from monitor.accounts import Account, Role
from monitor.core.clock import DAY, HOUR, SECOND
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history.audit import Via, Who
from monitor.history.tables import call
from monitor.privacy.retention import Kind
from tests.api.conftest import House
from tests.api.made import START
from tests.evidence.samples import BEGIN, Clock, answered, day_of_calls

NUMBER = "+33199111222"
KEPT = "/api/v1/personal-data"
LONG_AGO = START - 3 * DAY


@pytest.fixture
def admin(house: House, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """An admin's program, a record with a key, and calls of long ago."""
    house.database.pseudonyms = Pseudonyms(bytes(range(32)))
    house.store(*day_of_calls(0), answered(LONG_AGO, NUMBER))
    client.headers.update(house.token(Role.ADMIN))
    return client


async def kinds(admin: httpx.AsyncClient) -> dict[str, Any]:
    answer = await admin.get(KEPT)
    answer.raise_for_status()
    return {one["kind"]: one for one in answer.json()["kinds"]}


async def test_all_kinds_are_told_with_their_periods_and_how_much_there_is(
    admin: httpx.AsyncClient,
) -> None:
    found = await kinds(admin)

    numbers = found["numbers"]
    assert (numbers["days"], numbers["default"], numbers["minimum"]) == (365, 365, 30)
    assert numbers["settable"]
    assert numbers["rows"] == 4
    assert numbers["oldest"] == iso(LONG_AGO)
    assert "call.caller" in numbers["where"]
    assert not found["settings"]["settable"]
    assert found["calls"]["maximum"] is None


async def test_periods_are_set_within_their_limits(admin: httpx.AsyncClient) -> None:
    path = "/api/v1/settings/retention"
    read = await admin.get(path)
    headers = {"If-Match": read.headers["ETag"]}

    short = await admin.put(path, json={"numbers": 10}, headers=headers)
    few = await admin.put(path, json={"calls": 100}, headers=headers)
    good = await admin.put(path, json={"numbers": 60, "calls": 0}, headers=headers)

    assert (short.status_code, few.status_code, good.status_code) == (422, 422, 200)
    code = few.json()["error"]["field_codes"]["calls"]
    assert code == {"code": "at_least", "params": {"limit": 200}}
    found = await kinds(admin)
    assert (found["numbers"]["days"], found["calls"]["days"]) == (60, None)


async def test_all_of_a_number_is_given_out_and_noted_without_it(
    admin: httpx.AsyncClient, house: House
) -> None:
    answer = await admin.post(f"{KEPT}/subject", json={"number": NUMBER})

    shown = answer.json()
    assert shown["counts"]["call"] == 1
    assert shown["records"]["call"][0]["caller"] == NUMBER
    (entry,) = house.trail()
    assert (entry.what, entry.subject) == ("personal_data_exported", shown["pseudonym"])
    assert NUMBER not in str(entry)


async def test_who_does_not_see_numbers_is_given_none(
    admin: httpx.AsyncClient, house: House
) -> None:
    token = house.services.accounts.create_token("blind", Role.ADMIN, sees_numbers=False)
    headers = {"Authorization": f"Bearer {token}"}

    refused = await admin.post(f"{KEPT}/subject", json={"number": NUMBER}, headers=headers)

    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "numbers_hidden"


async def test_a_number_is_erased_and_no_log_names_it(
    admin: httpx.AsyncClient, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        counted = await admin.post(f"{KEPT}/erasure", json={"number": NUMBER, "dry_run": True})
        answer = await admin.post(f"{KEPT}/erasure", json={"number": NUMBER, "reason": "asked"})

    done = answer.json()
    assert done["removed"] == counted.json()["removed"]
    assert done["removed"]["call"] == 1
    assert (done["left"], done["rewrite_due"]) == ([], False)
    assert NUMBER not in caplog.text
    assert "199111222" not in caplog.text
    (entry,) = house.trail()
    assert (entry.what, entry.after) == (
        "personal_data_erased", {"reason": "asked", "removed": done["removed"]}
    )  # fmt: skip
    again = await admin.post(f"{KEPT}/subject", json={"number": NUMBER})
    assert again.json()["purged_calls"] == 1
    assert (await admin.post(f"{KEPT}/erasure", json={"number": "x"})).status_code == 422


async def test_a_call_that_goes_on_is_waited_for(admin: httpx.AsyncClient, house: House) -> None:
    live = answered(LONG_AGO + HOUR, NUMBER)
    live.closed = False
    house.store(live)

    answer = await admin.post(f"{KEPT}/erasure", json={"number": NUMBER})

    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "still_open"


async def test_one_purge_is_made_at_a_time(admin: httpx.AsyncClient) -> None:
    first = await admin.post(f"{KEPT}/purge")
    second = await admin.post(f"{KEPT}/purge")

    assert (first.status_code, second.status_code) == (202, 409)


@pytest.mark.parametrize(
    ("present", "due"),
    [
        ("2026-11-22T01:00:00", "2026-11-22T02:30:00"),
        ("2026-11-22T02:30:00", "2026-11-23T02:30:00"),
        ("2026-07-01T20:00:00", "2026-07-02T01:30:00"),
    ],
)
def test_the_night_is_that_of_the_centre(house: House, present: str, due: str) -> None:
    def moment(text: str) -> int:
        return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND

    keeper = PurgeKeeper(
        house.database, lambda: moment(present), dict, lambda: ZoneInfo("Europe/Paris")
    )
    assert keeper.next_at() == moment(due)


async def test_it_purges_at_night_and_when_it_is_wanted(house: House) -> None:
    house.database.pseudonyms = Pseudonyms(bytes(range(32)))
    clock = Clock(BEGIN + 20 * HOUR)
    keeper = PurgeKeeper(
        house.database, clock, lambda: days_of(Retention()), lambda: UTC, look=0.01
    )
    task = asyncio.create_task(keeper.run())
    async with asyncio.timeout(30):
        await asyncio.sleep(0.05)
        assert keeper.last_at == 0
        clock.now = keeper.next_at()
        while not keeper.last_at or keeper.running:  # noqa: ASYNC110 - a thread of its own purges
            await asyncio.sleep(0.01)
        clock.now += HOUR
        assert keeper.purge_soon(Who("ada", Via.SESSION))
        while keeper.last_at != clock.now or keeper.running:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert keeper.problem == ""
    assert [one.by for one in house.trail()] == ["ada", "retention"]


def test_without_a_key_it_is_told_once_and_nothing_goes(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.store(*day_of_calls(0))
    keeper = PurgeKeeper(
        house.database, lambda: BEGIN + 900 * DAY, lambda: days_of(Retention()), lambda: UTC
    )

    assert keeper.purge() is keeper.purge() is None

    assert "no key" in keeper.problem
    assert len([one for one in caplog.records if one.name == "minuteur.privacy"]) == 1
    with house.database.reading() as connection:
        assert connection.execute(select(call.c.caller)).first()


def test_settings_name_every_kind() -> None:
    assert set(days_of(Retention())) == set(Kind)
    assert days_of(Retention(calls=0))[Kind.CALLS] is None


def test_purges_are_counted_for_prometheus(house: House) -> None:
    house.database.pseudonyms = Pseudonyms(bytes(range(32)))
    clock = Clock(BEGIN + 5 * DAY)
    keeper = PurgeKeeper(house.database, clock, lambda: days_of(Retention()), lambda: UTC)
    accounts = house.services.accounts
    zoe = Account("zoé", Role.LEAD)
    accounts.create_session(zoe, lasts=1, now=BEGIN)
    assert keeper.purge() is not None

    shown = Metrics(Sources(house.centre.engine, clock, purging=keeper)).render().decode()

    assert 'minuteur_purged_rows_total{kind="sessions"} 1.0' in shown
    assert "minuteur_purge_last_timestamp_seconds 1.7754336e+09" in shown
    assert "minuteur_purge_failing 0.0" in shown
