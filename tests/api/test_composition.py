"""The whole: a simulated PBX over TCP, the monitor on it, the record, the stream."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from api.composition import running
from api.pbx_settings import ami_settings, wants_digits
from api.services import Services
from api.visibility import Scope
from config.settings import Settings
from monitor.core.events import LinkState
from monitor.core.records import Observed, Verdict
from monitor.history.database import open_history
from monitor.history.errors import HistoryError
from monitor.history.reader import HistoryReader
from telephony_adapters.simulator.server import SimulatedPbx
from telephony_adapters.simulator.traffic import QUIET
from tests.adapters.scripted import SECRET
from tests.adapters.scripted_ari import ScriptedAri
from tests.api.test_live_hub import Board, read


def settings(tmp_path: Path, port: int, **pbx: object) -> Settings:
    return Settings.model_validate(
        {
            "history": {"database": f"sqlite:///{tmp_path / 'record.db'}"},
            "pbx": [
                {
                    "name": "lab",
                    "port": port,
                    "username": "minuteur",
                    "secret": "minuteur",
                    "incoming_contexts": ["incoming"],
                }
                | pbx
            ],
        }
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.fixture
async def pbx() -> AsyncIterator[SimulatedPbx]:
    async with SimulatedPbx(profile=QUIET) as pbx:
        yield pbx


@contextlib.asynccontextmanager
async def watching(settings: Settings) -> AsyncIterator[Services]:
    async with running(settings) as services:
        await until(lambda: link(services) is LinkState.CONNECTED)
        yield services


def link(services: Services) -> LinkState | None:
    state = services.monitor.engine.pbx_state("lab")
    return None if state is None else state.link


async def test_a_call_goes_all_the_way(tmp_path: Path, pbx: SimulatedPbx) -> None:
    async with watching(settings(tmp_path, pbx.port)) as services:
        assert services.problems() == []
        board, client = Board(), services.hub.join(Scope())
        board.take(await read(client))

        call = pbx.call("0199001234", "support")
        while not board.calls:
            board.take(await read(client))
        pbx.hang_up(call)
        while board.calls:
            board.take(await read(client))

    with open_history(settings(tmp_path, 1).history.database.get_secret_value()) as history:
        (stored,) = HistoryReader(history).calls().calls
    assert stored.caller == "0199001234"
    assert stored.verdict is Verdict.ABANDONED
    assert stored.observed is Observed.FULL


async def test_a_restart_goes_on_with_the_same_call(tmp_path: Path, pbx: SimulatedPbx) -> None:
    async with watching(settings(tmp_path, pbx.port)) as services:
        pbx.call("0199001234", "support")
        await until(lambda: bool(services.monitor.engine.snapshot().calls))
        (before,) = services.monitor.engine.snapshot().calls.values()

    async with watching(settings(tmp_path, pbx.port)) as services:
        (after,) = services.monitor.engine.snapshot().calls.values()
        assert after is not before
        assert after.id == before.id
        assert after.deadline_at == before.deadline_at
        assert after.observed is Observed.PARTIAL
        assert services.monitor.engine.today.calls == 1

    with open_history(settings(tmp_path, 1).history.database.get_secret_value()) as history:
        reader = HistoryReader(history)
        assert len(reader.calls().calls) == 1
        assert [gap.pbx for gap in reader.open_blind_intervals()] == ["lab"]


async def test_a_wrong_secret_is_told_and_the_process_stays(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    async with running(settings(tmp_path, pbx.port, secret="wrong")) as services:
        await until(lambda: link(services) is LinkState.REFUSED)

        (problem,) = services.problems()
        assert "Check username and secret" in problem
        assert "127.0.0.1" not in problem


def ari_of(port: int, password: str) -> dict[str, str]:
    url = f"http://127.0.0.1:{port}/ari"
    return {"url": url, "username": "minuteur", "password": password}


async def test_a_pbx_with_ari_is_followed_through_both(tmp_path: Path, pbx: SimulatedPbx) -> None:
    async with (
        ScriptedAri() as ari,
        watching(settings(tmp_path, pbx.port, ari=ari_of(ari.port, SECRET))) as services,
    ):
        await until(lambda: bool(ari.streams))
        await until(lambda: "GET /ari/channels" in ari.requests)
        assert services.problems() == []


async def test_a_dead_ari_is_told_and_the_pbx_stays_observed(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    async with (
        ScriptedAri() as ari,
        watching(settings(tmp_path, pbx.port, ari=ari_of(ari.port, "wrong"))) as services,
    ):
        await until(lambda: bool(services.problems()))
        (problem,) = services.problems()
        assert "refuses the account minuteur" in problem
        assert "127.0.0.1" not in problem
        state = services.monitor.engine.pbx_state("lab")
        assert state is not None
        assert state.blind_since is None


async def test_a_database_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "record.db").write_text("This is no database, whatever its name says." * 100)

    with pytest.raises(HistoryError, match="not an SQLite database"):
        async with running(settings(tmp_path, 1)):
            pass


async def test_a_database_that_fails_later_is_shown_and_loses_nothing(
    tmp_path: Path, pbx: SimulatedPbx
) -> None:
    async with watching(settings(tmp_path, pbx.port)) as services:
        board, client = Board(), services.hub.join(Scope())
        board.take(await read(client))
        with open_history(f"sqlite:///{tmp_path / 'record.db'}") as other, other.writing():
            pbx.call("0199001234", "support")  # while somebody holds the database locked
            await until(lambda: bool(services.problems()))
            assert "Another program holds the database locked" in services.problems()[0]
            told: list[str] = []
            while "failing" not in told:
                changes = board.take(await read(client)).get("changes", [])
                told += [c["system"]["history"] for c in changes if c["kind"] == "system"]

        await until(lambda: not services.problems())
        assert len(services.history.calls().calls) == 1


async def test_a_lost_link_comes_back_and_leaves_a_gap(tmp_path: Path, pbx: SimulatedPbx) -> None:
    async with watching(settings(tmp_path, pbx.port)) as services:
        pbx.cut_links()
        await until(lambda: link(services) is not LinkState.CONNECTED)
        assert services.problems()
        await until(lambda: link(services) is LinkState.CONNECTED)
        assert services.problems() == []


@pytest.mark.parametrize(("counts_when", "wanted"), [("reached", False), ("first_input", True)])
def test_keys_are_asked_for_where_a_voice_server_counts_on_them(
    tmp_path: Path, counts_when: str, *, wanted: bool
) -> None:
    declared = {
        "pbx": settings(tmp_path, 1).model_dump()["pbx"],
        "voice_server": [
            {"name": "welcome", "contexts": ["ivr"]},
            {"name": "menu", "contexts": ["menu"], "counts_when": counts_when},
        ],
    }
    made = Settings.model_validate(declared)

    assert ami_settings(made.pbx[0], wants_digits=wants_digits(made)).wants_digits is wanted
