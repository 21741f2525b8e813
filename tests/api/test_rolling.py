import asyncio
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.rolling import RollupKeeper
from monitor.core.clock import DAY
from monitor.history import BatchWriter, open_history
from monitor.history.rollups import Rollups
from tests.history.test_period import BEGIN, SPAN, some_call


def _filled(folder: Path, many: int = 30) -> str:
    url = f"sqlite:///{folder}/history.db"
    rng = random.Random(1)
    with open_history(url) as history, BatchWriter(history) as writer:
        writer.add(some_call(number, rng) for number in range(many))
    return url


async def test_hours_are_rolled_up_while_the_monitor_runs(tmp_path: Path) -> None:
    with open_history(_filled(tmp_path, 3)) as history:
        keeper = RollupKeeper(history, lambda: BEGIN + SPAN + DAY, first=0, every=0.01)
        task = asyncio.create_task(keeper.run())
        async with asyncio.timeout(30):
            while Rollups(history).status().due:  # noqa: ASYNC110 - a thread of its own rolls
                await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert keeper.problem == ""


def test_a_database_that_fails_is_told_once_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_history(_filled(tmp_path, 2)) as history:
        keeper = RollupKeeper(history, lambda: BEGIN + SPAN + DAY)
        with history.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE rollup_voice RENAME TO elsewhere")
        for _ in range(2):
            assert keeper.roll() == 0
        assert keeper.problem
        assert len(caplog.records) == 1
        with history.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO rollup_voice")
        assert keeper.roll() > 0
        assert keeper.problem == ""


def test_the_commands_say_how_far_it_is_and_make_all_anew(tmp_path: Path) -> None:
    config = tmp_path / "minuteur.toml"
    config.write_text(f'[history]\ndatabase = "{_filled(tmp_path)}"\n', encoding="utf-8")
    told = [
        CliRunner().invoke(app, ["rollups", what, "--config", str(config)])
        for what in ("status", "rebuild", "status")
    ]
    assert [one.exit_code for one in told] == [0, 0, 0]
    assert "until they are rolled up" in told[0].stdout
    assert told[1].stdout.startswith("Rolled up: ")
    assert "until they are rolled up" not in told[2].stdout
