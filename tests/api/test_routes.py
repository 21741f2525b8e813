"""Routes, from outside: what they answer, to whom, and in which shape."""

from typing import Any

import httpx
import pytest

from api import live_schemas, schemas, views
from api.app import bare_app
from monitor.accounts import Role
from monitor.core.effects import BlindIntervalChanged
from monitor.core.records import BlindInterval, Verdict
from monitor.history.writer import BatchWriter
from tests.api.conftest import House, browser
from tests.api.made import START, answered_call

Answer = dict[str, Any]
OPEN = {"/healthz", "/readyz"}
WAYS_IN = {
    "/api/v1/setup",
    "/api/v1/session/device",
    "/api/v1/session/oidc",
    "/api/v1/session/oidc/callback",
}


def problem(response: httpx.Response, status: int, code: str) -> schemas.ErrorOut:
    """Check that an answer is an error in the one shape."""
    assert response.status_code == status, response.text
    error = schemas.Problem.model_validate(response.json()).error
    assert error.code == code
    assert error.message
    return error


# --- who may ask --------------------------------------------------------------------------------


def every_route() -> list[tuple[str, str]]:
    """All but those by which one gets in."""
    paths = bare_app().openapi()["paths"]
    return [
        (method, path) for path, item in paths.items() for method in item if path not in WAYS_IN
    ]


@pytest.mark.parametrize(("method", "path"), every_route())
async def test_nothing_but_health_is_open(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    response = await client.request(method, path.replace("{call_id}", "lab:1"))

    if path in OPEN:
        assert response.status_code == 200
    elif (method, path) == ("post", "/api/v1/session"):
        problem(response, 422, "invalid")
    elif path.endswith("/stream"):
        problem(response, 426, "upgrade_required")
    else:
        problem(response, 401, "unauthenticated")
        assert response.headers["www-authenticate"] == "Bearer"


async def test_the_description_needs_a_token_too(viewer: httpx.AsyncClient) -> None:
    assert (await viewer.get("/openapi.json")).json()["info"]["title"] == "Minuteur"
    del viewer.headers["authorization"]
    problem(await viewer.get("/openapi.json"), 401, "unauthenticated")


@pytest.mark.parametrize(
    "value", ["Bearer x", "Bearer mnt_wrong", "Bearer ", "Basic eDp5", "mnt_x"]
)
async def test_a_bad_token_is_refused(client: httpx.AsyncClient, value: str) -> None:
    response = await client.get("/api/v1/live", headers={"Authorization": value})

    problem(response, 401, "unauthenticated")


async def test_a_bad_token_is_not_helped_by_a_session(
    house: House, client: httpx.AsyncClient
) -> None:
    account = house.services.accounts.verify_password("zoé", "correct horse battery")
    assert account is not None
    secret = house.services.accounts.create_session(account, now=START)
    client.cookies.set("minuteur_session", secret)
    assert (await client.get("/api/v1/live")).status_code == 200

    response = await client.get("/api/v1/live", headers={"Authorization": "Bearer mnt_wrong"})

    problem(response, 401, "unauthenticated")


# --- live ---------------------------------------------------------------------------------------


async def test_live_is_a_snapshot(house: House, viewer: httpx.AsyncClient) -> None:
    house.centre.connect()
    house.centre.arrive("1.1")
    house.centre.join("1.1")

    snapshot = live_schemas.Snapshot.model_validate((await viewer.get("/api/v1/live")).json())

    assert [call.id for call in snapshot.calls] == ["lab:1.1"]
    assert snapshot.queues[0].label == "Support"
    assert snapshot.pbxs[0].state == "connected"
    assert snapshot.today.pending == 1


# --- calls --------------------------------------------------------------------------------------


async def ids(client: httpx.AsyncClient, **filters: str | int) -> list[str]:
    response = await client.get("/api/v1/calls", params=filters)
    assert response.status_code == 200, response.text
    page = schemas.CallPage.model_validate(response.json())
    return [call.uniqueid for call in page.items]


async def test_calls_are_stored_ones_and_live_ones(house: House, viewer: httpx.AsyncClient) -> None:
    house.store(answered_call("1.1"))
    house.centre.connect()
    house.centre.pass_time(100)
    house.centre.arrive("1.2")

    assert await ids(viewer) == ["1.2", "1.1"]
    assert await ids(viewer, verdict="pending") == ["1.2"]
    assert await ids(viewer, verdict="met") == ["1.1"]
    assert await ids(viewer, queue="support") == ["1.1"]
    assert await ids(viewer, agent="Alice") == ["1.1"]
    assert await ids(viewer, pbx="other") == []
    assert await ids(viewer, caller="0199001234") == ["1.2", "1.1"]


async def test_a_live_call_is_shown_as_it_is_not_as_it_was_stored(
    house: House, viewer: httpx.AsyncClient
) -> None:
    house.centre.connect()
    house.centre.arrive("1.1")
    house.store(*house.services.monitor.engine.snapshot().calls.values())
    house.centre.pass_time(61)

    assert await ids(viewer, verdict="pending") == []
    assert await ids(viewer, verdict="breached") == ["1.1"]
    page = (await viewer.get("/api/v1/calls")).json()
    assert [call["verdict"] for call in page["items"]] == ["breached"]


async def test_pages_follow_each_other_without_a_gap_or_a_double(
    house: House, viewer: httpx.AsyncClient
) -> None:
    stored = []
    for number in range(7):
        call = answered_call(f"1.{number}")
        call.arrived_at = START + number // 2  # some arrive in the same millisecond
        stored.append(call)
    house.store(*stored)
    house.centre.connect()
    house.centre.now = START + 1
    house.centre.arrive("1.9")  # live, amid the stored ones, not stored yet

    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        parameters: dict[str, str | int] = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await viewer.get("/api/v1/calls", params=parameters)).json()
        assert len(page["items"]) <= 3
        seen += [call["uniqueid"] for call in page["items"]]
        cursor = page["next_cursor"]

    assert seen == ["1.6", "1.5", "1.4", "1.9", "1.3", "1.2", "1.1", "1.0"]


@pytest.mark.parametrize(
    ("parameters", "field", "said"),
    [
        ({"limit": "0"}, "limit", "greater than or equal to 1"),
        ({"limit": "201"}, "limit", "less than or equal to 200"),
        ({"limit": "x"}, "limit", "integer"),
        ({"verdict": "maybe"}, "verdict", "'pending', 'met'"),
        ({"from": "yesterday"}, "from", "write ISO 8601 with a zone"),
        ({"from": "2026-11-21T09:00:00"}, "from", "has no zone"),
        ({"to": "2026-11-21"}, "to", "has no zone"),
        ({"to": "0001-01-01T00:00:00Z"}, "to", "not between the years 1970 and 9998"),
        ({"from": "9999-12-31T23:59:59Z"}, "from", "not between the years 1970 and 9998"),
        ({"cursor": "zzz"}, "cursor", "next_cursor"),
        ({"from": "2026-11-21T09:00:00Z", "to": "2026-11-21T09:00:00Z"}, "to", "not after"),
    ],
)
async def test_a_bad_parameter_is_named(
    viewer: httpx.AsyncClient, parameters: dict[str, str], field: str, said: str
) -> None:
    error = problem(await viewer.get("/api/v1/calls", params=parameters), 422, "invalid")

    assert said in error.fields[field]
    assert said in error.message


@pytest.mark.parametrize(
    "moment",
    [
        "2025-11-21T09:41:07.382Z",
        "2025-11-21T10:41:07.382%2B01:00",
        "2025-11-21T10:41:07.382+01:00",
    ],
)
async def test_moments_may_have_any_zone_even_with_a_bare_plus(
    house: House, viewer: httpx.AsyncClient, moment: str
) -> None:
    house.store(answered_call("1.1"))

    assert len((await viewer.get(f"/api/v1/calls?from={moment}")).json()["items"]) == 1
    assert (await viewer.get(f"/api/v1/calls?to={moment}")).json()["items"] == []


async def test_one_call_has_every_fact(house: House, viewer: httpx.AsyncClient) -> None:
    house.store(answered_call("1.1"))
    house.centre.connect()
    house.centre.arrive("1.2")

    stored = schemas.CallDetailOut.model_validate(
        (await viewer.get("/api/v1/calls/lab:1.1")).json()
    )
    live = schemas.CallDetailOut.model_validate((await viewer.get("/api/v1/calls/lab:1.2")).json())

    assert [fact.kind for fact in stored.timeline] == ["arrived"]
    assert live.verdict == "pending"
    assert live.timeline[0].kind == "arrived"


async def test_an_unknown_call_is_not_found(viewer: httpx.AsyncClient) -> None:
    error = problem(await viewer.get("/api/v1/calls/lab:9.9"), 404, "not_found")

    assert error.message == "No call has the id lab:9.9."


# --- indicators ---------------------------------------------------------------------------------


async def test_indicators_of_today(house: House, viewer: httpx.AsyncClient) -> None:
    breached = answered_call("1.2")
    breached.verdict = Verdict.BREACHED
    yesterday = answered_call("0.1")
    yesterday.arrived_at -= 86_400_000
    house.store(answered_call("1.1"), breached, yesterday)

    figures = schemas.Indicators.model_validate((await viewer.get("/api/v1/indicators")).json())

    assert figures.from_ == "2025-11-21T00:00:00.000Z"
    assert figures.to == "2025-11-22T00:00:00.000Z"
    assert figures.total.commitment.calls == 2
    assert figures.total.commitment.rate.ratio == 0.5
    assert len(figures.total.queues.service_levels) == 5
    assert figures.by_queue["support"].offered == figures.total.queues.offered
    assert [bucket.starts_at for bucket in figures.buckets] == ["2025-11-21T09:30:00.000Z"]


@pytest.mark.parametrize("to", ["1970-01-01T00:00:00Z", "9998-12-31T23:59:59.999Z"])
async def test_the_farthest_moments_that_can_be_asked_for(
    viewer: httpx.AsyncClient, to: str
) -> None:
    assert (await viewer.get("/api/v1/indicators", params={"to": to})).status_code == 200


async def test_indicators_of_a_range_and_a_queue(house: House, viewer: httpx.AsyncClient) -> None:
    house.store(answered_call("1.1"))

    async def calls(**parameters: str) -> int:
        shown = (await viewer.get("/api/v1/indicators", params=parameters)).json()
        return int(shown["total"]["commitment"]["calls"])

    assert await calls(**{"from": "2025-11-21T09:00:00Z", "to": "2025-11-21T10:00:00Z"}) == 1
    assert await calls(**{"from": "2025-11-21T08:00:00Z", "to": "2025-11-21T09:00:00Z"}) == 0
    assert await calls(queue="support") == 1
    assert await calls(queue="sales") == 0
    assert await calls(pbx="other") == 0


async def test_indicators_name_what_was_not_observed(
    house: House, viewer: httpx.AsyncClient
) -> None:
    gap = BlindInterval("lab", START, START + 41_000, "The link is lost.")
    yesterday = BlindInterval("lab", START - 86_400_000, START - 86_300_000, "The link is lost.")
    with BatchWriter(house.database) as writer:
        writer.on_effects([BlindIntervalChanged(gap), BlindIntervalChanged(yesterday)])

    async def gaps(**parameters: str) -> list[Answer]:
        shown = (await viewer.get("/api/v1/indicators", params=parameters)).json()
        found = schemas.Indicators.model_validate(shown).blind_intervals
        return [interval.model_dump() for interval in found]

    assert await gaps() == [views.blind_interval(gap)]
    assert await gaps(pbx="other") == []


# --- health and metrics -------------------------------------------------------------------------


async def test_readiness_says_what_is_wrong(house: House, client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).json() == {"status": "ready", "problems": []}

    house.problems.append("The disk is full.")
    response = await client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"status": "degraded", "problems": ["The disk is full."]}


async def test_metrics_count_verdicts(house: House, viewer: httpx.AsyncClient) -> None:
    house.services.metrics(house.centre.connect())
    house.services.metrics(house.centre.arrive("1.1"))
    house.services.metrics(house.centre.join("1.1"))
    house.services.metrics(house.centre.pass_time(75))

    text = (await viewer.get("/metrics")).text

    assert 'minuteur_verdicts_total{pbx="lab",verdict="breached"} 1.0' in text
    assert 'minuteur_queue_waiting{pbx="lab",queue="support"} 1.0' in text
    assert 'minuteur_queue_longest_wait_seconds{pbx="lab",queue="support"} 75.0' in text
    assert 'minuteur_pbx_connected{pbx="lab"} 1.0' in text
    assert 'minuteur_calls_today{verdict="breached"} 1.0' in text
    assert "0199001234" not in text


# --- errors and headers -------------------------------------------------------------------------


async def test_an_unknown_address_and_a_wrong_method(viewer: httpx.AsyncClient) -> None:
    problem(await viewer.get("/api/v1/nothing"), 404, "not_found")
    response = await viewer.delete("/api/v1/calls")
    problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "GET"


async def test_what_breaks_is_told_with_an_id_and_without_a_trace(
    house: House, viewer: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    house.services.monitor.engine.snapshot = None  # type: ignore[assignment]

    error = problem(await viewer.get("/api/v1/calls"), 500, "internal")

    assert "NoneType" not in error.message
    assert error.message.rpartition(" ")[2].rstrip(".") in caplog.text


async def test_a_database_that_cannot_be_read_is_told(
    house: House, viewer: httpx.AsyncClient
) -> None:
    house.store(answered_call("1.1"))
    with house.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE visit")

    problem(await viewer.get("/api/v1/calls"), 503, "history_unavailable")


async def test_every_answer_has_the_security_headers(viewer: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/api/v1/live", "/api/v1/nothing", "/"):
        headers = (await viewer.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers


async def test_behind_tls_browsers_are_told_to_stay_there(house: House) -> None:
    async with browser(house.services, "https") as client:
        assert "strict-transport-security" in (await client.get("/healthz")).headers


async def test_roles_are_ordered() -> None:
    assert Role.ADMIN.allows(Role.VIEWER)
    assert not Role.VIEWER.allows(Role.LEAD)
