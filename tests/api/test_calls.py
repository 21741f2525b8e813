"""Calls over REST: filters, counting, one call's diagnosis, and the export."""

import csv
import io

import httpx
import pytest

from api import call_export, schemas
from monitor.accounts import QueueRef, Role
from monitor.core.clock import DAY
from monitor.core.effects import BlindIntervalChanged
from monitor.core.records import BlindInterval, Call, Exit, Fact, FactKind, Verdict, Visit
from monitor.history.audit import AuditFilter
from monitor.history.writer import BatchWriter
from tests.api.conftest import House, browser
from tests.api.made import START, answered_call

CALLS = "/api/v1/calls"


def breached_call(uniqueid: str = "2.1", at: int = START + 90_000) -> Call:
    """A caller whom nobody could take: the only member was busy with another queue's."""
    call = answered_call(uniqueid)
    call.arrived_at = call.clock_started_at = at
    call.verdict, call.handled_at, call.handled_by, call.agent = Verdict.BREACHED, None, None, ""
    call.ended_at, call.caller_name = at + 70_000, "=cmd()"
    call.visits = [
        Visit("support", at + 2_000, 60_000, 1, at + 69_000, Exit.ABANDONED),
    ]
    call.facts = [
        Fact(at, FactKind.ARRIVED, {}),
        Fact(
            at + 45_000,
            FactKind.STAFFING,
            {
                "queue": "support", "moment": "at_risk", "members": 1, "busy": 1,
                "elsewhere": 1, "taken": 1, "taken_later": 1, "taken_by": "vip",
            },
        ),
    ]  # fmt: skip
    return call


async def ids(client: httpx.AsyncClient, **filters: object) -> list[str]:
    response = await client.get(CALLS, params=filters)  # type: ignore[arg-type]
    assert response.status_code == 200, response.text
    return [call.uniqueid for call in schemas.CallPage.model_validate(response.json()).items]


# --- filters -------------------------------------------------------------------------------------


async def test_each_filter_is_understood_for_stored_and_for_live_calls(
    house: House, viewer: httpx.AsyncClient
) -> None:
    house.store(answered_call("1.1"), breached_call("2.1"))
    house.centre.connect()
    house.centre.pass_time(200)
    house.centre.arrive("3.1", "0612345699")

    assert await ids(viewer, exit="abandoned") == ["2.1"]
    assert await ids(viewer, exit="answered", queue="support") == ["1.1"]
    assert await ids(viewer, reason="handled_by_agent", verdict="met") == ["1.1"]
    assert await ids(viewer, handled_by="agent") == ["1.1"]
    assert await ids(viewer, handled_by="nobody") == ["3.1", "2.1"]
    assert await ids(viewer, observed="partial") == []
    assert await ids(viewer, short="false") == ["3.1", "2.1", "1.1"]
    assert await ids(viewer, min_wait=70) == ["2.1"]
    assert await ids(viewer, max_wait=5.002) == ["1.1"]
    assert await ids(viewer, verdict=["breached", "pending"]) == ["3.1", "2.1"]
    assert await ids(viewer, search="5699") == ["3.1"]
    assert await ids(viewer, search="2.1") == []
    assert await ids(viewer, search="ali") == ["1.1"]
    assert await ids(viewer, search=" ") == ["3.1", "2.1", "1.1"]


async def test_calls_are_counted(house: House, viewer: httpx.AsyncClient) -> None:
    house.store(answered_call("1.1"), breached_call("2.1"))
    answer = await viewer.get(f"{CALLS}/count", params={"queue": "support"})
    assert schemas.CallCount.model_validate(answer.json()) == schemas.CallCount(count=2, more=False)


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"exit": "vanished"}, "exit"),
        ({"reason": "none"}, "reason"),
        ({"min_wait": "-1"}, "min_wait"),
        ({"min_wait": "60", "max_wait": "60"}, "max_wait"),
        ({"search": "x" * 101}, "search"),
    ],
)
async def test_a_filter_that_means_nothing_is_named(
    viewer: httpx.AsyncClient, parameters: dict[str, str], field: str
) -> None:
    for path in (CALLS, f"{CALLS}/count", f"{CALLS}/export"):
        response = await viewer.get(path, params=parameters)
        assert response.status_code == 422
        assert field in schemas.Problem.model_validate(response.json()).error.fields


# --- one call ------------------------------------------------------------------------------------


async def test_a_breach_is_explained_with_the_gaps_in_it_and_the_callers_other_calls(
    house: House, viewer: httpx.AsyncClient
) -> None:
    house.store(answered_call("1.1"), breached_call("2.1"), breached_call("3.1", START + DAY))
    gap = BlindInterval("lab", START + 100_000, START + 110_000, "Connection lost.")
    with BatchWriter(house.database) as writer:
        writer.on_effects([BlindIntervalChanged(gap)])

    answer = (await viewer.get(f"{CALLS}/lab:2.1")).json()

    detail = schemas.CallDetailOut.model_validate(answer)
    assert [found.code for found in detail.diagnosis] == ["blind", "all_busy", "queue_weight"]
    assert detail.diagnosis[2].params == {"queue": "support", "taken": 1, "later": 1, "by": "vip"}
    assert [found.cause for found in detail.blind_intervals] == ["Connection lost."]
    assert (detail.previous_call, detail.next_call) == ("lab:1.1", "lab:3.1")


async def test_who_sees_some_queues_only_does_not_learn_the_names_of_others(house: House) -> None:
    house.store(answered_call("1.1"), breached_call("2.1"))
    token = house.services.accounts.create_token(
        "team", Role.LEAD, queues=frozenset({QueueRef("", "support")})
    )
    async with browser(house.services) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        answer = await client.get(f"{CALLS}/lab:2.1")
    assert answer.status_code == 200
    assert "vip" not in answer.text


async def test_who_sees_no_numbers_is_shown_no_neighbours_and_cannot_search_numbers(
    house: House,
) -> None:
    house.store(answered_call("1.1"), breached_call("2.1"))
    token = house.services.accounts.create_token("blind", Role.VIEWER, sees_numbers=False)
    async with browser(house.services) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        detail = (await client.get(f"{CALLS}/lab:2.1")).json()
        assert (detail["previous_call"], detail["next_call"]) == (None, None)
        assert await ids(client, search="1234") == []
        assert await ids(client, search="Alice") == ["1.1"]
        refused = await client.get(f"{CALLS}/export", params={"caller": "0199001234"})
        assert refused.status_code == 403
        exported = await client.get(f"{CALLS}/export")
        assert "0199001234" not in exported.text


# --- export --------------------------------------------------------------------------------------


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


async def test_an_export_has_a_row_for_each_call_newest_first(
    house: House, viewer: httpx.AsyncClient
) -> None:
    house.store(answered_call("1.1"), breached_call("2.1"))

    response = await viewer.get(f"{CALLS}/export")

    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == (
        'attachment; filename="minuteur-calls_all.csv"'
    )
    breached, met = rows(response.text)
    assert tuple(met) == call_export.COLUMNS
    assert (met["id"], met["verdict"], met["wait_s"]) == ("lab:1.1", "met", "5.001")
    assert met["arrived_at"] == "2025-11-21T09:41:07.382Z"
    assert met["arrived_local"] == "2025-11-21 09:41:07"
    assert (met["queues"], met["exits"], met["voice_servers"]) == ("support", "answered", "welcome")
    assert (met["short_abandon"], met["talk_s"]) == ("0", "54.999")
    assert (breached["handled_at"], breached["handled_local"], breached["talk_s"]) == ("", "", "")


async def test_a_name_that_a_spreadsheet_would_run_is_made_harmless(
    house: House, viewer: httpx.AsyncClient
) -> None:
    call = breached_call("2.1")
    call.caller = "+33612345612"
    house.store(call)
    [row] = rows((await viewer.get(f"{CALLS}/export")).text)
    assert (row["caller_name"], row["caller"]) == ("'=cmd()", "'+33612345612")


async def test_a_file_for_a_spreadsheet_of_a_country_with_decimal_commas(
    house: House, viewer: httpx.AsyncClient
) -> None:
    house.store(answered_call("1.1"))
    response = await viewer.get(
        f"{CALLS}/export",
        params={
            "separator": "semicolon", "bom": "true",
            "from": "2025-11-21T00:00:00Z", "to": "2025-12-01T00:00:00Z",
        },
    )  # fmt: skip
    assert response.content.startswith(b"\xef\xbb\xbfid;pbx;")
    [row] = rows(response.content.decode("utf-8-sig"), ";")
    assert row["wait_s"] == "5,001"
    name = response.headers["content-disposition"]
    assert "minuteur-calls_2025-11-21_2025-11-30.csv" in name


async def test_a_long_export_is_read_page_by_page_with_live_calls_once(
    house: House, viewer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_export, "BATCH", 3)
    house.store(*(breached_call(f"2.{n}", START + n) for n in range(10)))
    house.centre.connect()
    house.centre.pass_time(200)
    for number in range(3):
        house.centre.arrive(f"3.{number}")

    found = [row["id"] for row in rows((await viewer.get(f"{CALLS}/export")).text)]

    assert found == [*(f"lab:3.{n}" for n in (2, 1, 0)), *(f"lab:2.{n}" for n in range(9, -1, -1))]


async def test_an_export_has_the_filters_of_the_list_and_leaves_a_trace(
    house: House, viewer: httpx.AsyncClient
) -> None:
    house.store(answered_call("1.1"), breached_call("2.1"))

    filters: dict[str, str | int] = {"verdict": "breached", "search": "1234", "min_wait": 60}
    [row] = rows((await viewer.get(f"{CALLS}/export", params=filters)).text)

    assert row["id"] == "lab:2.1"
    trail = house.services.overflow_control.record.audit
    [entry] = trail.entries(AuditFilter(what="calls_exported")).entries
    assert entry.by == "test-viewer"
    assert entry.after == {"verdict": "breached", "search": "1234", "min_wait": 60_000}


async def test_an_export_of_nothing_is_its_first_line(viewer: httpx.AsyncClient) -> None:
    text = (await viewer.get(f"{CALLS}/export", params={"queue": "nowhere"})).text
    assert text == ",".join(call_export.COLUMNS) + "\r\n"
