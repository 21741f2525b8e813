"""Settings that change while a monitor runs: on a simulated PBX, with calls that wait."""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.composition import running
from api.services import Services
from api.visibility import Scope
from config.settings import Settings
from monitor.core.events import LinkState
from monitor.core.records import Verdict
from monitor.history.audit import Via, Who
from monitor.history.database import open_history
from monitor.history.reader import HistoryReader
from telephony_adapters.simulator.server import SimulatedPbx
from telephony_adapters.simulator.traffic import QUIET
from tests.api.test_composition import pbx, settings, until, watching
from tests.api.test_live_hub import Board, read

__all__ = ["pbx"]

ADA = Who("ada", Via.SESSION)
NEXT = "annexe"


def stored_rows(tmp_path: Path) -> list[tuple[Any, ...]]:
    """All that the record holds of closed calls."""
    with contextlib.closing(sqlite3.connect(tmp_path / "record.db")) as connection:
        tables = ("call", "visit", "voice_server_stay", "fact")
        known = {
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        }
        return [
            row
            for table in tables
            if table in known
            for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2')
        ]


def state(services: Services, name: str = "lab") -> LinkState | None:
    found = services.monitor.engine.pbx_state(name)
    return None if found is None else found.link


async def save(services: Services, kind: str, body: dict[str, Any], *, new: bool = False) -> None:
    """Set an item as an admin does."""
    control = services.settings
    name = str(body.get("name", kind))
    expected = None if new else control.item(kind, name).version
    await control.save(kind, body, ADA, expected=expected)


async def waiting(services: Services, pbx: SimulatedPbx, number: str) -> str:
    """Have somebody call and wait, as nobody takes them; returns the call's id."""
    agent = pbx.agent("PJSIP/201")
    agent.phone.never_answers = True
    if not agent.is_in:
        agent.login()
    known = set(services.monitor.engine.snapshot().calls)
    pbx.call(number, "support")
    await until(
        lambda: any(
            call.visit is not None
            for id_, call in services.monitor.engine.snapshot().calls.items()
            if id_ not in known
        )
    )
    (found,) = set(services.monitor.engine.snapshot().calls) - known
    return found


async def test_a_threshold_changes_while_callers_wait_and_across_a_restart(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    file = settings(tmp_path, pbx.port)
    async with watching(file) as services:
        before = await waiting(services, pbx, "0199001111")
        await save(services, "queue", {"name": "support", "within": 5}, new=True)
        after = await waiting(services, pbx, "0199002222")

        calls = services.monitor.engine.snapshot().calls
        assert (calls[before].within, calls[after].within) == (60_000, 5_000)
        assert services.monitor.engine.thresholds("lab", "support")[1] == 5_000
        versions = calls[before].policy_version, calls[after].policy_version
        assert versions[1] == versions[0] + 1

    async with watching(file) as services:
        calls = services.monitor.engine.snapshot().calls
        assert (calls[before].within, calls[after].within) == (60_000, 5_000)
        assert (calls[before].policy_version, calls[after].policy_version) == versions
        await until(lambda: calls[after].verdict is Verdict.BREACHED)
        assert calls[before].verdict is Verdict.PENDING


async def test_no_closed_call_changes_whatever_is_set(tmp_path: Path, pbx: SimulatedPbx) -> None:
    async with watching(settings(tmp_path, pbx.port)) as services:
        pbx.hang_up(pbx.call("0199001111", "support"))
        await until(lambda: services.monitor.engine.today.abandoned == 1)

    rows = stored_rows(tmp_path)
    assert rows
    async with watching(settings(tmp_path, pbx.port)) as services:
        promise = {
            "within": 1,
            "at_risk_after": 0.5,
            "short_abandon": 0,
            "starts_on": "queue_joined",
        }
        await save(services, "commitment", promise)
        await save(services, "centre", {"time_zone": "Asia/Tokyo", "test_numbers": ["0199*"]})
        await save(services, "queue", {"name": "support", "within": 2}, new=True)
    async with watching(settings(tmp_path, pbx.port)) as services:
        assert services.monitor.engine.policy.commitment.within == 1_000

    assert stored_rows(tmp_path) == rows


async def test_a_pbx_is_added_and_taken_out_while_others_go_on(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    body = {"name": NEXT, "username": "minuteur", "incoming_contexts": ["incoming"]}
    async with (
        SimulatedPbx(profile=QUIET) as other,
        watching(settings(tmp_path, pbx.port)) as services,
    ):
        call = await waiting(services, pbx, "0199001111")
        await save(services, "pbx", {**body, "port": other.port, "secret": "minuteur"}, new=True)
        await until(lambda: state(services, NEXT) is LinkState.CONNECTED)
        other_call = await waiting(services, other, "0199002222")
        assert other_call.startswith(f"{NEXT}:")
        assert services.problems() == []

        version = services.settings.item("pbx", NEXT).version
        await services.settings.delete("pbx", NEXT, ADA, expected=version)
        assert state(services, NEXT) is None
        live = services.monitor.engine.snapshot()
        assert set(live.calls) == {call}
        assert {key[0] for key in live.queues} == {"lab"}
        assert state(services) is LinkState.CONNECTED

    with open_history(f"sqlite:///{tmp_path / 'record.db'}") as history:
        reader = HistoryReader(history)
        lost = reader.call(other_call)
        assert lost is not None
        assert (lost.verdict, lost.closed) == (Verdict.UNKNOWN, True)
        assert [gap.pbx for gap in reader.open_blind_intervals()] == ["lab"]


async def test_a_wrong_secret_is_refused_and_the_right_one_mends_it(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    async with watching(settings(tmp_path, pbx.port)) as services:
        call = await waiting(services, pbx, "0199001111")
        body = services.settings.item("pbx", "lab").body
        await save(services, "pbx", {**body, "secret": "wrong"})
        await until(lambda: state(services) is LinkState.REFUSED)
        assert "Check username and secret" in services.problems()[0]
        assert call in services.monitor.engine.snapshot().calls

        await save(services, "pbx", {**body, "secret": "minuteur"})
        await until(lambda: state(services) is LinkState.CONNECTED)
        assert services.monitor.engine.snapshot().calls[call].verdict is Verdict.PENDING


async def test_what_does_not_concern_the_connection_keeps_it(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    async with watching(settings(tmp_path, pbx.port)) as services:
        since = services.monitor.engine.snapshot().pbxs["lab"].since
        body = services.settings.item("pbx", "lab").body
        log = str(tmp_path / "queue_log")
        await save(services, "pbx", {**body, "incoming_contexts": ["in*"], "queue_log": log})
        await save(
            services, "voice_server", {"name": "ivr", "counts_when": "first_input"}, new=True
        )
        await waiting(services, pbx, "0199001111")
        found = services.monitor.engine.snapshot().pbxs["lab"]
        assert (found.link, found.since) == (LinkState.CONNECTED, since)


async def test_a_restart_begins_with_what_people_have_set(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    file = settings(tmp_path, 1)
    async with running(file) as services:
        body = services.settings.item("pbx", "lab").body
        await save(services, "pbx", {**body, "port": pbx.port, "secret": "minuteur"})
        await until(lambda: state(services) is LinkState.CONNECTED)

    async with watching(file) as services:
        assert services.settings.settings.pbx[0].port == pbx.port


async def test_a_monitor_begins_without_any_pbx_and_gets_one(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    file = Settings.model_validate({"history": {"database": f"sqlite:///{tmp_path / 'record.db'}"}})
    async with running(file) as services:
        assert "No PBX is configured" in services.problems()[0]
        (lab,) = settings(tmp_path, pbx.port).pbx
        body = lab.model_dump(mode="json", exclude={"secret"}, exclude_none=True)
        await save(services, "pbx", {**body, "secret": "minuteur"}, new=True)
        await until(lambda: state(services) is LinkState.CONNECTED)
        assert services.problems() == []


async def test_a_change_by_another_process_is_in_force_a_moment_later(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    async with watching(settings(tmp_path, pbx.port)) as services:
        async with running(settings(tmp_path, pbx.port)) as elsewhere:
            await save(elsewhere, "queue", {"name": "support", "within": 7}, new=True)
        await services.settings.look()
        assert services.monitor.engine.thresholds("lab", "support")[1] == 7_000


async def test_a_pbx_is_taken_out_on_which_a_rule_has_turned_something_on(
    tmp_path: Path, pbx: SimulatedPbx, caplog: pytest.LogCaptureFixture
) -> None:
    rule = {
        "id": "lamp", "queues": ["support"], "cool_down": 0,
        "when": [{"metric": "waiting", "at_least": 1}],
        "do": {"variable": {"name": "BUSY", "on": "1", "off": "0"}},
    }  # fmt: skip
    body = {"name": NEXT, "username": "minuteur", "incoming_contexts": ["incoming"]}
    async with (
        SimulatedPbx(profile=QUIET) as other,
        watching(settings(tmp_path, pbx.port)) as services,
    ):
        await save(services, "pbx", {**body, "port": other.port, "secret": "minuteur"}, new=True)
        await until(lambda: state(services, NEXT) is LinkState.CONNECTED)
        await services.overflow_control.save(rule, ADA, expected=None)
        await waiting(services, other, "0199002222")
        overflow = services.overflow_control.overflow
        await until(lambda: [one.pbx for one in overflow.standing] == [NEXT])

        version = services.settings.item("pbx", NEXT).version
        await services.settings.delete("pbx", NEXT, ADA, expected=version)
        await waiting(services, pbx, "0199001111")
        await until(lambda: "lab" in [one.pbx for one in overflow.standing])

    assert not [one for one in caplog.records if one.exc_info or "failed" in one.message]


async def test_the_file_is_followed_until_a_person_sets_the_item(
    tmp_path: Path, pbx: SimulatedPbx, caplog: pytest.LogCaptureFixture
) -> None:
    def file(within: int) -> Settings:
        more = {"queue": [{"name": "support", "within": within}, {"name": "sales"}]}
        return settings(tmp_path, pbx.port).model_copy(
            update={"queue": Settings.model_validate(more).queue}
        )

    def threshold(services: Services) -> float:
        return services.monitor.engine.thresholds("lab", "support")[1] / 1_000

    for within in (50, 40):
        async with running(file(within)) as services:
            assert threshold(services) == within
            assert services.settings.item("queue", "support").from_file
    async with running(file(40)) as services:
        await save(services, "queue", {"name": "support", "within": 30})
    with caplog.at_level(logging.WARNING):
        async with running(file(20)) as services:
            assert threshold(services) == 30
            assert not services.settings.item("queue", "support").from_file
            assert services.settings.item("queue", "sales").from_file
    (said,) = [one.getMessage() for one in caplog.records if "ignored" in one.getMessage()]
    assert said.startswith("Queue support is set otherwise in the database, which wins")


async def test_who_watches_the_board_sees_a_change_with_the_next_message(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    async with watching(settings(tmp_path, pbx.port)) as services:
        client = services.hub.join(Scope())
        board = Board()
        board.take(await read(client))

        async def shown(wanted: Callable[[dict[str, Any]], bool]) -> None:
            async with asyncio.timeout(60):
                while not wanted(board.queues):
                    board.take(await read(client))

        await save(services, "queue", {"name": "support", "label": "Help", "within": 7}, new=True)
        await shown(lambda queues: queues.get("support", {}).get("label") == "Help")
        assert board.queues["support"]["within_s"] == 7
        await save(services, "queue", {"name": "typo"}, new=True)
        await shown(lambda queues: "typo" in queues)
        await services.settings.delete("queue", "typo", ADA, expected=1)
        await shown(lambda queues: "typo" not in queues)
        assert "support" in board.queues
