"""Figures over time and lost callers, from outside: shapes, ranges, and who sees what."""

import csv
import io
from dataclasses import replace
from typing import Any, Final

import httpx
import pytest

from api import history_schemas
from api.csv_tables import cell
from monitor.accounts import QueueRef, Role
from monitor.core.effects import BlindIntervalChanged
from monitor.core.policy import QueuePolicy
from monitor.core.records import BlindInterval, Call, Exit, Reason, Verdict, Visit
from monitor.history.audit import AuditFilter, AuditRecord
from monitor.history.writer import BatchWriter
from tests.api.conftest import House
from tests.api.made import PBX, START, answered_call

HOUR: Final = 3_600_000
SERIES: Final = "/api/v1/indicators/series"
LOST: Final = "/api/v1/lost-callers"
DAY: Final = {"from": "2025-11-21T00:00:00Z", "to": "2025-11-22T00:00:00Z"}
SUPPORT: Final = frozenset({QueueRef("", "support")})


def lost_call(number: int, caller: str, queue: str = "support") -> Call:
    at = START - HOUR * number
    return Call(
        PBX, f"9.{number}", at, caller=caller, caller_name="Zoé", clock_started_at=at,
        ended_at=at + 31_500, verdict=Verdict.ABANDONED, verdict_at=at + 31_500,
        reason=Reason.CALLER_HUNG_UP, closed=True,
        visits=[Visit(queue, at, 60_000, 1, at + 31_500, Exit.ABANDONED)],
    )  # fmt: skip


@pytest.fixture(autouse=True)
def record(house: House) -> None:
    house.store(
        answered_call(), lost_call(1, "0612345678"), lost_call(2, "0687654321", "sales"),
        lost_call(3, ""),
    )  # fmt: skip


async def got(client: httpx.AsyncClient, path: str, **params: str | int) -> dict[str, Any]:
    response = await client.get(path, params=params)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def some_queues(house: House, *, role: Role = Role.LEAD, numbers: bool = True) -> dict[str, str]:
    """The header of a program that sees Support only."""
    token = house.services.accounts.create_token(
        "narrow", role, queues=SUPPORT, sees_numbers=numbers
    )
    return {"Authorization": f"Bearer {token}"}


# --- figures over time --------------------------------------------------------------------------


async def test_a_series_lists_every_hour_of_the_day(viewer: httpx.AsyncClient) -> None:
    found = await got(viewer, SERIES, **DAY, step="hour")
    shown = history_schemas.Series.model_validate(found)
    assert shown.zone == "UTC"
    assert len(shown.buckets) == 24
    assert [bucket.queues.offered for bucket in shown.buckets][6:10] == [1, 1, 1, 1]
    assert sum(bucket.commitment.calls for bucket in shown.buckets) == 4
    assert shown.total.commitment.met == 1
    assert [queue.queue for queue in shown.by_queue] == ["sales", "support"]
    assert shown.within_s == 60


async def test_days_weeks_and_months_are_asked_for_by_name(viewer: httpx.AsyncClient) -> None:
    for step, many in (("day", 30), ("week", 5), ("month", 1)):
        found = await got(
            viewer, SERIES, **{"from": "2025-11-01T00:00Z", "to": "2025-12-01T00:00Z"}, step=step
        )
        assert len(found["buckets"]) == many
    assert (await viewer.get(SERIES, params={"step": "decade"})).status_code == 422


async def test_too_many_buckets_say_what_to_do(viewer: httpx.AsyncClient) -> None:
    response = await viewer.get(
        SERIES, params={"from": "2025-01-01T00:00Z", "to": "2026-01-01T00:00Z", "step": "hour"}
    )
    assert response.status_code == 422
    assert "take a longer one" in response.json()["error"]["fields"]["step"]


async def test_a_rate_is_a_range_where_something_is_unknown(
    house: House, viewer: httpx.AsyncClient
) -> None:
    unknown = answered_call("7.1")
    unknown.verdict, unknown.handled_by, unknown.handled_at = Verdict.UNKNOWN, None, None
    unknown.visits[0].exit = Exit.UNKNOWN
    house.store(unknown)
    with BatchWriter(house.database) as writer:
        writer.on_effects(
            [BlindIntervalChanged(BlindInterval(PBX, START, START + 5_000, "The link was lost."))]
        )
    total = (await got(viewer, SERIES, **DAY))["total"]
    assert total["rate_bounds"] == {"low": 0.5, "high": 1.0}
    bounds = total["service_level_bounds"]["abandoned_count_against"]
    assert (bounds["low"], bounds["high"]) == (1 / 5, 2 / 5)
    assert len((await got(viewer, SERIES, **DAY))["blind_intervals"]) == 1
    assert (await got(viewer, SERIES, **DAY, pbx="other"))["blind_intervals"] == []


async def test_waits_tell_the_calls_or_the_visits(viewer: httpx.AsyncClient) -> None:
    by_call = history_schemas.WaitsOut.model_validate(
        await got(viewer, "/api/v1/indicators/waits", **DAY)
    )
    assert len(by_call.bins) == 37
    assert by_call.bins[1].answered == 1  # 5.001 s from arrival…
    assert by_call.bins[6].abandoned == 3
    assert [threshold.within_s for threshold in by_call.thresholds] == [60]
    by_visit = await got(viewer, "/api/v1/indicators/waits", **DAY, of="visit")
    assert by_visit["bins"][0]["answered"] == 1  # …of which 3.001 s in the queue.
    assert by_visit["bins"][-1]["to_s"] is None


async def test_the_week_has_the_hours_with_calls(viewer: httpx.AsyncClient) -> None:
    found = await got(viewer, "/api/v1/indicators/week", **DAY)
    history_schemas.WeekOut.model_validate(found)
    assert [(cell["weekday"], cell["hour"]) for cell in found["cells"]] == [
        (4, 6), (4, 7), (4, 8), (4, 9),
    ]  # fmt: skip


async def test_a_series_is_a_table_too(viewer: httpx.AsyncClient) -> None:
    response = await viewer.get(SERIES, params=DAY | {"step": "day", "format": "csv"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="minuteur-day.csv"' in response.headers["content-disposition"]
    [row] = csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff")))
    assert row["starts_at"] == "2025-11-21T00:00:00+00:00"
    assert (row["offered"], row["call_met"], row["call_abandoned"]) == ("4", "1", "3")


async def test_figures_are_of_the_queues_that_somebody_sees(
    house: House, client: httpx.AsyncClient
) -> None:
    client.headers.update(some_queues(house))
    found = await got(client, SERIES, **DAY)
    assert [queue["queue"] for queue in found["by_queue"]] == ["support"]
    assert (found["total"]["queues"]["offered"], found["total"]["commitment"]["calls"]) == (3, 3)
    other = await got(client, SERIES, **DAY, queue="sales")
    assert (other["total"]["queues"]["offered"], other["total"]["commitment"]["calls"]) == (0, 0)
    plain = await got(client, "/api/v1/indicators", **DAY)
    assert list(plain["by_queue"]) == ["support"]
    assert plain["total"]["commitment"]["calls"] == 3
    waits = await got(client, "/api/v1/indicators/waits", **DAY, of="visit")
    assert sum(part["abandoned"] for part in waits["bins"]) == 2
    week = await got(client, "/api/v1/indicators/week", **DAY)
    assert len(week["cells"]) == 3


async def test_of_a_queue_that_is_not_seen_not_even_the_promise_is_told(
    house: House, viewer: httpx.AsyncClient
) -> None:
    policy = house.centre.engine.policy
    queues = tuple(QueuePolicy(name, within=17_000, target=0.42) for name in ("sales", "support"))
    house.centre.engine.set_policy(replace(policy, version=2, queues=queues), START)
    for who, sales in ((dict(viewer.headers), 17.0), (some_queues(house), 60.0)):
        viewer.headers.update(who)
        for query in ({"queue": "sales"}, {"queue": "sales", "pbx": "lab"}):
            found = await got(viewer, SERIES, **DAY, **query, step="hour")
            assert found["within_s"] == sales, (who, query)
        for query in ({"queue": "support"}, {"queue": "support", "pbx": "lab"}):
            assert (await got(viewer, SERIES, **DAY, **query, step="hour"))["within_s"] == 17.0
    found = await got(viewer, SERIES, **DAY, queue="nosuch", step="hour")
    assert found["within_s"] == 60.0


# --- lost callers -------------------------------------------------------------------------------


async def test_lost_callers_of_yesterday_and_today_are_listed(viewer: httpx.AsyncClient) -> None:
    found = await got(viewer, LOST)
    shown = history_schemas.LostCallersOut.model_validate(found)
    assert found["from"] == "2025-11-20T00:00:00.000Z"
    assert found["to"] == "2025-11-22T00:00:00.000Z"
    assert [item.caller for item in shown.items] == ["0612345678", "0687654321"]
    assert (shown.anonymous, shown.total, shown.counts.to_call) == (1, 2, 2)
    assert (shown.items[0].queue_label, shown.items[0].longest_wait_s) == ("Support", 31.5)
    assert not shown.items[0].waiting_now
    assert (await got(viewer, LOST, limit=1))["total"] == 2
    assert (await got(viewer, LOST, queue="sales"))["total"] == 1


async def test_a_caller_who_tries_again_is_said_to_wait(
    house: House, viewer: httpx.AsyncClient
) -> None:
    house.centre.connect()
    house.centre.arrive("50.1", "0612345678")
    assert [item["waiting_now"] for item in (await got(viewer, LOST))["items"]] == [True, False]


async def test_a_lead_notes_what_was_done(house: House, client: httpx.AsyncClient) -> None:
    client.headers.update(house.token(Role.LEAD))
    item = (await got(client, LOST))["items"][0]
    path = f"{LOST}/{item['id']}"
    change = {"version": 0, "status": "no_answer", "note": " at 5 "}
    done = await client.patch(path, json=change)
    assert done.status_code == 200
    expected = {"version": 1, "status": "no_answer", "tries": 1, "note": "at 5", "by": "test-lead"}
    assert expected.items() <= done.json().items()
    stale = await client.patch(path, json={"version": 0, "status": "reached"})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "changed_meanwhile")
    reached = await client.patch(path, json={"version": 1, "status": "reached"})
    assert reached.json()["status"] == "reached"
    assert (await got(client, LOST))["total"] == 1
    everyone = await got(client, LOST, show="all")
    assert (everyone["total"], everyone["counts"]["reached"]) == (2, 1)


async def test_who_may_not_call_back(house: House, client: httpx.AsyncClient) -> None:
    path = f"{LOST}/{PBX}:9.1"
    change = {"version": 0, "status": "reached"}
    refused = await client.patch(path, json=change, headers=house.token(Role.VIEWER))
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    client.headers.update(some_queues(house, numbers=False))
    hidden = await client.patch(path, json=change)
    assert (hidden.status_code, hidden.json()["error"]["code"]) == (403, "numbers_hidden")
    [item] = (await got(client, LOST))["items"]
    assert item["caller"] == "06••••••78"
    assert "0612345678" not in (await client.get(LOST, params={"format": "csv"})).text


async def test_other_teams_callers_and_notes_are_not_there(
    house: House, client: httpx.AsyncClient
) -> None:
    lead = house.token(Role.LEAD)
    house.store(lost_call(4, "0612345678", "sales"))
    sales = f"{LOST}/{PBX}:9.4"
    noted = await client.patch(sales, json={"version": 0, "note": "owes us"}, headers=lead)
    assert noted.status_code == 200
    client.headers.update(some_queues(house))
    for call_id in ("9.2", "9.4", "404"):
        gone = await client.patch(f"{LOST}/{PBX}:{call_id}", json={"version": 1, "note": "x"})
        assert gone.status_code == 404
    [item] = (await got(client, LOST))["items"]
    assert (item["caller"], item["attempts"]) == ("0612345678", 1)
    assert (item["call_back"]["note"], item["call_back"]["by"]) == ("", "test-lead")
    own = await client.patch(f"{LOST}/{PBX}:9.1", json={"version": 1, "note": "mine"})
    assert own.json()["note"] == "mine"


@pytest.mark.parametrize("sees_all", [False, True])
async def test_a_note_stays_with_the_queue_where_it_was_written_and_all_know_whom_to_ask(
    house: House, client: httpx.AsyncClient, *, sees_all: bool
) -> None:
    house.store(lost_call(4, "0612345678", "sales"))
    lead = house.token(Role.LEAD)
    of_support = some_queues(house)
    of_sales = house.services.accounts.create_token(
        "salesman", Role.LEAD, queues=frozenset({QueueRef("", "sales")})
    )
    sales, support = (f"{LOST}/{PBX}:9.{number}" for number in (4, 1))
    client.headers["Authorization"] = f"Bearer {of_sales}"
    first = await client.patch(sales, json={"version": 0, "note": "owes us"})
    assert (first.json()["note"], first.json()["by"]) == ("owes us", "salesman")

    who = lead if sees_all else of_support
    done = await client.patch(support, json={"version": 1, "status": "in_progress"}, headers=who)
    assert done.json()["status"] == "in_progress"
    assert done.json()["note"] == ("owes us" if sees_all else "")
    found = await client.get(LOST, headers=of_support)
    [item] = found.json()["items"]
    by = "test-lead" if sees_all else "narrow"
    assert (item["call_back"]["note"], item["call_back"]["by"]) == ("", by)
    as_table = await client.get(LOST, params={"format": "csv"}, headers=of_support)
    assert "owes us" not in as_table.text
    [mine] = [one for one in (await got(client, LOST))["items"] if one["caller"] == "0612345678"]
    assert (mine["call_back"]["status"], mine["call_back"]["version"]) == ("in_progress", 2)
    assert mine["call_back"]["note"] == "owes us"
    assert mine["call_back"]["by"] == by

    own = await client.patch(support, json={"version": 2, "note": "mine"}, headers=of_support)
    assert (own.json()["note"], own.json()["by"]) == ("mine", "narrow")
    assert "mine" not in (await client.get(LOST)).text


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"from": "2025-01-01T00:00Z"}, "from"),
        ({"from": "2025-11-21T00:00Z", "to": "2025-11-20T00:00Z"}, "to"),
        ({"show": "some"}, "show"),
        ({"limit": "0"}, "limit"),
    ],
)
async def test_a_bad_range_is_refused(
    viewer: httpx.AsyncClient, params: dict[str, str], field: str
) -> None:
    response = await viewer.get(LOST, params=params)
    assert response.status_code == 422
    assert field in response.json()["error"]["fields"]


async def test_the_list_is_a_table_too_and_taking_it_is_noted(
    house: House, viewer: httpx.AsyncClient
) -> None:
    response = await viewer.get(LOST, params={"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))
    assert [(row["caller"], row["status"]) for row in rows] == [
        ("0612345678", "to_call"), ("0687654321", "to_call"),
    ]  # fmt: skip
    noted = AuditRecord(house.database).entries(AuditFilter(what="lost_callers_exported")).entries
    assert [(entry.by, (entry.after or {})["callers"]) for entry in noted] == [("test-viewer", 2)]


def test_what_callers_wrote_never_becomes_a_formula() -> None:
    assert cell("=1+1") == "'=1+1"
    assert cell("@SUM(A1)") == "'@SUM(A1)"
    assert cell("+33 6 12") == "+33 6 12"
    assert cell("-2+3") == "'-2+3"
    assert (cell(None), cell(3), cell(-1.5)) == ("", 3, -1.5)
