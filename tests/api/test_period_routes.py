"""All indicators of a period from outside: each is defined, and openable down to its calls."""

from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from monitor.accounts import QueueRef, Role
from monitor.core.definitions import BY_CODE, INDICATORS, Of, Unit
from tests.api.conftest import House
from tests.bench.big_record import calls

PERIOD: Final = "/api/v1/indicators/period"
DEFINITIONS: Final = "/api/v1/indicators/definitions"
RANGE: Final = {"from": "2026-03-31T22:00:00Z", "to": "2026-04-03T22:00:00Z"}
FIGURES: Final = Path(__file__).parents[2] / "docs" / "figures.md"


@pytest.fixture(autouse=True)
def record(house: House) -> None:
    house.store(*calls(600, 3))


async def got(client: httpx.AsyncClient, path: str, **params: str | int) -> dict[str, Any]:
    response = await client.get(path, params=params)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_every_indicator_is_defined_and_has_its_value(viewer: httpx.AsyncClient) -> None:
    items = (await got(viewer, DEFINITIONS))["items"]
    assert [item["code"] for item in items] == [one.code for one in INDICATORS]
    assert len(BY_CODE) == len(INDICATORS)
    values = (await got(viewer, PERIOD, **RANGE))["total"]["values"]
    for item in items:
        value = values[item["code"]]
        assert ("denominator" in value) == (item["unit"] == "ratio"), item["code"]
        assert bool(item["denominator"]) == (item["unit"] == "ratio"), item["code"]


async def test_indicators_are_open_down_to_exactly_their_calls(viewer: httpx.AsyncClient) -> None:
    values = (await got(viewer, PERIOD, **RANGE))["total"]["values"]
    opened = 0
    for one in INDICATORS:
        if one.calls is None or one.of is not Of.CALLS:
            continue
        assert one.unit is Unit.COUNT
        found = await got(viewer, "/api/v1/calls/count", **RANGE, **one.calls)
        assert found["count"] == values[one.code]["value"], one.code
        opened += 1
    assert opened > 15


async def test_a_ratio_is_a_range_where_something_is_unknown(viewer: httpx.AsyncClient) -> None:
    values = (await got(viewer, PERIOD, **RANGE))["total"]["values"]
    rate, unknown = values["commitment_rate"], values["unknown"]["value"]
    assert unknown > 0
    assert rate["low"] == rate["numerator"] / (rate["denominator"] + unknown)
    assert rate["low"] < rate["value"] < rate["high"]


@pytest.mark.parametrize("by", ["pbx", "queue", "month", "week", "day", "queue_month"])
async def test_parts_add_up_to_the_total(viewer: httpx.AsyncClient, by: str) -> None:
    answer = await got(viewer, PERIOD, **RANGE, by=by)
    assert answer["parts"]
    for code in ("calls", "met", "breached", "offered", "answered"):
        parts = sum(part["values"][code]["value"] for part in answer["parts"])
        assert parts == answer["total"]["values"][code]["value"], code


@pytest.mark.parametrize("path", ["", "/period", "/week", "/waits", "/satisfaction"])
async def test_thousands_of_years_are_no_range(viewer: httpx.AsyncClient, path: str) -> None:
    ages = {"from": "1970-01-01T00:00:00Z", "to": "9998-01-01T00:00:00Z"}
    answer = await viewer.get(f"/api/v1/indicators{path}", params=ages)
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"].keys() == {"to"}


async def test_spans_are_seconds_as_everywhere(viewer: httpx.AsyncClient) -> None:
    answer = await got(viewer, PERIOD, **RANGE)
    items = (await got(viewer, DEFINITIONS))["items"]
    assert {item["unit"] for item in items} == {"count", "ratio", "s"}
    assert 0 < answer["total"]["values"]["asa"]["value"] < 60
    assert answer["thresholds"] == [
        {"within_s": 60, "calls": answer["total"]["values"]["calls"]["value"]}
    ]


async def test_one_queue_is_what_is_of_it(viewer: httpx.AsyncClient) -> None:
    whole = await got(viewer, PERIOD, **RANGE, by="queue", pbx="lyon")
    part = next(part for part in whole["parts"] if part["queue"] == "support")
    narrow = await got(viewer, PERIOD, **RANGE, pbx="lyon", queue="support")
    ours, theirs = narrow["total"]["values"], part["values"]
    assert ours["met"]["value"] > 0
    assert {k: v for k, v in ours.items() if not k.startswith("voice_")} == {
        k: v for k, v in theirs.items() if not k.startswith("voice_")
    }


async def test_who_sees_some_queues_gets_what_is_of_these(
    house: House, client: httpx.AsyncClient
) -> None:
    seen = frozenset({QueueRef("", "support")})
    token = house.services.accounts.create_token("narrow", Role.VIEWER, queues=seen)
    client.headers["Authorization"] = f"Bearer {token}"
    answer = await got(client, PERIOD, **RANGE, by="queue")
    assert {part["queue"] for part in answer["parts"]} == {"support"}
    assert answer["voice_servers"] == []
    assert answer["total"]["values"]["calls"]["value"] < 600


async def test_too_many_parts_are_refused(viewer: httpx.AsyncClient) -> None:
    span = {"from": "2020-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    response = await viewer.get(PERIOD, params={**span, "by": "day"})
    assert response.status_code == 422


def documented_rows() -> list[str]:
    """The table of all indicators, as docs/figures.md has it."""
    rows = []
    for one in INDICATORS:
        counts = " / ".join(
            f"({part})" if " + " in part and one.denominator else part
            for part in (one.numerator, one.denominator)
            if part
        )
        calls = "" if one.calls is None else ", ".join(f"`{k}={v}`" for k, v in one.calls.items())
        opened = "all" if one.calls == {} else calls
        unit = "s" if one.unit is Unit.MS else one.unit
        rows.append(f"| `{one.code}` | {one.of} | {unit} | {counts} | {opened} |")
    return rows


def test_the_documentation_defines_the_same() -> None:
    told = FIGURES.read_text(encoding="utf-8").splitlines()
    table = [line for line in told if line.startswith("| `") and line.count("|") == 6]
    assert table == documented_rows()
