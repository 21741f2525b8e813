"""Downloads that take long: how many run at once, and what else runs beside them."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from api import call_export, exports
from api.call_export import Dialect
from api.errors import ApiError
from api.exports import AT_ONCE, OF_ONE, Download, Exports
from api.views import Json, call
from monitor.core.records import Call
from monitor.history.audit import AuditFilter
from monitor.history.reader import CallPage
from tests.api.conftest import House
from tests.api.made import answered_call

EXPORT = "/api/v1/calls/export"


def test_one_account_may_run_few_exports_at_once_and_all_together_a_few_more() -> None:
    running = Exports()
    first = [running.begin("anna") for _ in range(OF_ONE)]
    with pytest.raises(ApiError) as refused:
        running.begin("anna")
    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "30"})
    others = [running.begin(f"other-{number}") for number in range(AT_ONCE - OF_ONE)]
    with pytest.raises(ApiError):
        running.begin("bert")
    others[0].close()
    running.begin("bert")
    first[0].close()
    running.begin("anna")


async def test_an_export_counts_until_it_is_taken_whole(
    house: House, viewer: httpx.AsyncClient
) -> None:
    house.store(answered_call("1.1"))
    for _ in range(OF_ONE + 1):
        assert (await viewer.get(EXPORT)).status_code == 200
    held = [house.services.exports.begin("test-viewer") for _ in range(OF_ONE)]
    refused = await viewer.get(EXPORT)
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "busy"
    held[0].close()
    assert (await viewer.get(EXPORT)).status_code == 200
    trail = house.services.overflow_control.record.audit
    assert len(trail.entries(AuditFilter(what="calls_exported")).entries) == OF_ONE + 2


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x"


async def nobody_says_anything() -> Message:
    return await asyncio.Event().wait() and {}  # pragma: no cover


async def test_a_reader_who_takes_nothing_any_more_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exports, "STALLED_S", 0.01)
    running = Exports()
    held = [running.begin("anna") for _ in range(OF_ONE)]
    download = Download(endless(), "calls.csv", held[0])

    async def stuck(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    scope = {"type": "http", "asgi": {"spec_version": "2.4"}}
    with pytest.raises(ClientDisconnect):
        await download(scope, nobody_says_anything, stuck)
    running.begin("anna")


async def test_others_come_in_between_a_few_calls_and_the_next() -> None:
    calls = [answered_call(f"1.{number}") for number in range(3 * call_export.SLICE)]
    turns, shown = 0, []

    async def whoever_else_is_there() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def page(_: str | None) -> CallPage:
        return CallPage(calls, None)

    def show(some: Sequence[Call]) -> list[Json]:
        shown.append((len(some), turns))
        return [call(one) for one in some]

    other = asyncio.create_task(whoever_else_is_there())
    text = b"".join([part async for part in call_export.lines(page, show, Dialect())])
    other.cancel()
    assert text.count(b"\r\n") == 1 + len(calls)
    assert [count for count, _ in shown] == [call_export.SLICE] * 3
    assert len({turn for _, turn in shown}) == 3


async def test_the_trail_tells_the_ends_of_a_number_that_was_exported_by(
    house: House, viewer: httpx.AsyncClient
) -> None:
    for filters in ({"caller": "0612345678"}, {"search": "0612345678"}, {"search": "Dupont"}):
        assert (await viewer.get(EXPORT, params=filters)).status_code == 200
    trail = house.services.overflow_control.record.audit
    entries = trail.entries(AuditFilter(what="calls_exported")).entries
    assert [entry.after for entry in reversed(entries)] == [
        {"caller": "06••••••78"}, {"search": "06••••••78"}, {"search": "Dupont"},
    ]  # fmt: skip
