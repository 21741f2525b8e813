"""Sealing beside a running monitor: api/sealing.py."""

import asyncio
from pathlib import Path

import orjson
import pytest

from api.messages import masked
from api.opening import open_url
from api.sealing import SealKeeper
from monitor.evidence.pseudonyms import KEY_VARIABLE
from monitor.evidence.sealing import Waits
from monitor.history.evidence_record import seal_count, seal_lines
from monitor.history.outbox import Outbox
from tests.evidence.samples import after_days, fill


async def test_all_days_that_are_over_are_sealed_soon_after_the_start(tmp_path: Path) -> None:
    with open_url(f"sqlite:///{tmp_path}/record.db") as history:
        fill(history, days=2)
        keeper = SealKeeper(history, after_days(2), first=0.0, every=0.01)
        task = asyncio.create_task(keeper.run())
        while keeper.waiting is None:  # noqa: ASYNC110 - bounded by the test's time limit
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with history.reading() as connection:
            assert seal_count(connection) == 3
    assert keeper.waiting.why is Waits.GRACE
    assert keeper.problem == ""


async def test_other_programs_are_told_the_head_of_each_sealed_day(tmp_path: Path) -> None:
    told = asyncio.Event()
    with open_url(f"sqlite:///{tmp_path}/record.db") as history:
        outbox = Outbox(history)
        outbox.register(["mqtt"])
        fill(history, days=1)
        keeper = SealKeeper(history, after_days(1), told.set, first=0.0)
        task = asyncio.create_task(keeper.run())
        await told.wait()
        task.cancel()
        messages = outbox.read("mqtt")
        with history.reading() as connection:
            heads = [head for head, _ in seal_lines(connection)]
    assert [message.topic for message in messages] == ["evidence/sealed"] * 2
    assert [orjson.loads(message.payload)["head"] for message in messages] == heads
    assert orjson.loads(masked(messages[1].payload))["day"] == "2026-04-01"


async def test_it_ends_in_the_middle_of_a_day(tmp_path: Path) -> None:
    with open_url(f"sqlite:///{tmp_path}/record.db") as history:
        fill(history, days=2)
        keeper = SealKeeper(history, after_days(2), first=0.0)
        began = asyncio.Event()
        loop = asyncio.get_running_loop()
        rest = keeper._rest

        def patiently(_seconds: float) -> None:
            loop.call_soon_threadsafe(began.set)
            rest(300)

        keeper._rest = patiently  # type: ignore[method-assign,assignment]
        task = asyncio.create_task(keeper.run())
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with history.reading() as connection:
            assert seal_count(connection) < 3


def test_a_key_that_is_none_is_said_and_all_else_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with open_url(f"sqlite:///{tmp_path}/record.db") as history:
        fill(history, days=1)
        keeper = SealKeeper(history, after_days(2))
        keeper.seal()
    assert keeper.problem == "There is no key of the pseudonyms."
    assert (
        "No pseudonyms of callers, so no day can be sealed. MINUTEUR_PSEUDONYM_KEY" in caplog.text
    )


def test_a_key_that_is_missing_is_not_made_anew_once_there_are_pseudonyms(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url, key = f"sqlite:///{tmp_path}/record.db", tmp_path / "record.db.pseudonyms.key"
    with open_url(url) as history:
        fill(history, days=1)
    kept = key.rename(tmp_path / "kept")
    with open_url(url) as history:
        assert history.pseudonyms is None
    assert "is missing, and the record has pseudonyms: put it back" in caplog.text
    assert not key.exists()
    kept.rename(key)
    with open_url(url) as history:
        assert history.pseudonyms is not None


def test_a_database_that_fails_is_said(tmp_path: Path) -> None:
    with open_url(f"sqlite:///{tmp_path}/record.db") as history:
        with history.writing() as connection:
            connection.exec_driver_sql("DROP TABLE seal")
        keeper = SealKeeper(history, after_days(2))
        keeper.seal()
    assert "no such table" in keeper.problem
