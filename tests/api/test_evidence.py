"""`/evidence`: how far the record is sealed, and packs of it."""

import io
from zoneinfo import ZoneInfo

import httpx
import pytest

from monitor.accounts import Role
from monitor.core.clock import DAY
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.evidence.verifying import verify
from monitor.history.database import History
from tests.api.conftest import House
from tests.evidence.samples import BEGIN, after_days, day_of_calls, fill, seal_all, store

EVIDENCE = "/api/v1/evidence"
PERIOD = {"from": "2026-04-01T00:00:00Z", "to": "2026-04-03T00:00:00Z", "pdf": "false"}


@pytest.fixture
def sealed(house: House) -> History:
    """The house's record with three days that are sealed."""
    house.database.pseudonyms = Pseudonyms(bytes(range(32)))
    fill(house.database, days=3)
    seal_all(house.database, after_days(3))
    return house.database


@pytest.fixture
async def admin(house: House, client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.headers.update(house.token(Role.ADMIN))
    return client


async def test_the_status_tells_days_and_the_head_of_the_chain(
    sealed: History, viewer: httpx.AsyncClient
) -> None:
    changed = next(day_of_calls(0))
    changed.corrections = 1
    store(sealed, changed)
    answer = (await viewer.get(EVIDENCE)).json()
    head = answer.pop("head")
    assert len(head) == 64
    assert answer == {
        "sealed_days": answer["sealed_days"],
        "first_day": answer["first_day"],
        "last_day": "2026-04-03",
        "changed_calls": 1,
        "removed_days": 0,
        "waiting": {
            "why": "grace", "day": "2026-04-04", "until": "2026-04-06T02:00:00.000Z", "live": 0,
        },
        "problem": "",
    }  # fmt: skip


async def test_an_empty_record_has_no_head(house: House, viewer: httpx.AsyncClient) -> None:
    answer = (await viewer.get(EVIDENCE)).json()
    assert (answer["sealed_days"], answer["head"], answer["first_day"]) == (0, "", None)


async def test_the_seals_are_listed_newest_first(sealed: History, admin: httpx.AsyncClient) -> None:
    first = (await admin.get(f"{EVIDENCE}/seals", params={"limit": 2})).json()
    assert [item["day"] for item in first["items"]] == ["2026-04-03", "2026-04-02"]
    assert [item["calls"] for item in first["items"]] == [3, 3]
    assert first["items"][0]["previous"] == first["items"][1]["head"]
    rest = {"limit": 400, "before": first["next_before"]}
    others = (await admin.get(f"{EVIDENCE}/seals", params=rest)).json()
    assert others["items"][0]["day"] == "2026-04-01"
    assert others["next_before"] is None


async def test_a_pack_is_downloaded_with_a_trace_and_verified(
    house: House, sealed: History, admin: httpx.AsyncClient
) -> None:
    answer = await admin.get(f"{EVIDENCE}/pack", params=PERIOD)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    named = 'attachment; filename="minuteur-evidence_2026-04-01_2026-04-02.zip"'
    assert answer.headers["content-disposition"] == named
    verdict = verify(io.BytesIO(answer.content))
    assert verdict.findings == []
    assert verdict.calls == 6
    entry = house.trail()[0]
    assert (entry.what, (entry.after or {})["head"]) == ("evidence_exported", verdict.head)


async def test_a_period_that_is_not_sealed_is_refused(
    house: House, sealed: History, admin: httpx.AsyncClient
) -> None:
    answer = await admin.get(f"{EVIDENCE}/pack", params={**PERIOD, "to": "2026-04-09T00:00:00Z"})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "not_sealed"
    assert "not sealed yet" in answer.text
    assert house.trail() == []


async def test_without_the_key_no_pack_is_made(house: House, admin: httpx.AsyncClient) -> None:
    answer = await admin.get(f"{EVIDENCE}/pack", params=PERIOD)
    assert answer.status_code == 409
    assert "Without the key" in answer.text


async def test_a_pack_that_nobody_takes_any_more_is_given_up(sealed: History, house: House) -> None:
    evidence = house.services.evidence
    plan = evidence.plan(BEGIN, BEGIN + 3 * DAY, ZoneInfo("UTC"))
    parts = evidence.parts(plan)
    assert (await anext(parts)).startswith(b"PK")
    await parts.aclose()  # type: ignore[attr-defined]
    evidence.lane.shutdown(wait=True)
