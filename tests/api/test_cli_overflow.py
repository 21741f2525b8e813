"""``minuteur overflow undo``: what is done, what is left, and what the record says of it."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from api import cli
from monitor.core.effects import StandingChanged
from monitor.core.overflow.decisions import (
    ChangeLamp,
    Order,
    Outcome,
    RemoveMember,
    SetGlobal,
    Standing,
)
from monitor.history.database import open_history
from monitor.history.overflow import OverflowRecord
from monitor.history.writer import BatchWriter
from tests.adapters.scripted import SECRET, Connection, Fields, ScriptedPbx, message

SETTINGS = """
[history]
database = "sqlite:///record.db"
[api]
port = {api}
[[pbx]]
name = "lab"
port = {port}
username = "minuteur"
secret = "{secret}"
incoming_contexts = ["incoming"]
"""
REMOVE, LAMP = RemoveMember("support", "PJSIP/7"), ChangeLamp("support", "NOT_INUSE")

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    settings(tmp_path, 1)
    return tmp_path


def settings(home: Path, port: int, api: int = 0) -> None:
    (home / "minuteur.toml").write_text(SETTINGS.format(port=port, api=api, secret=SECRET))


def leave_on(*orders: Order, pbx: str = "lab") -> None:
    """Have the record say that a stopped monitor left something on."""
    with open_history("sqlite:///record.db") as history, BatchWriter(history) as writer:
        standing = Standing("helper", 3, pbx, "support", 1_700_000_000_000, orders, "d-1")
        writer.on_effects([StandingChanged(standing, on=True)])


def left() -> list[Order]:
    with open_history("sqlite:///record.db") as history:
        return [order for one in OverflowRecord(history).standing() for order in one.undo]


def undo() -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["overflow", "undo"])
    return int(ended.value.code or 0)


@contextmanager
def pbx_in_a_thread(**answers: str) -> Iterator[ScriptedPbx]:
    """A PBX that answers some actions with an error, all others with success."""
    loop, started = asyncio.new_event_loop(), threading.Event()
    pbx = ScriptedPbx()

    async def serve(stop: asyncio.Event) -> None:
        async with pbx:
            started.set()
            await stop.wait()

    def says(text: str) -> Callable[[Connection, Fields], bytes]:
        def answer(_: Connection, fields: Fields) -> bytes:
            return message(Response="Error", ActionID=fields["ActionID"], Message=text)

        return answer

    pbx.answers |= {name: says(text) for name, text in answers.items()}
    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(stop),))
    thread.start()
    assert started.wait(20)
    try:
        yield pbx
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def test_where_nothing_is_on_nothing_is_done(capsys: Captured) -> None:
    assert left() == []
    assert undo() == 0
    assert capsys.readouterr().out == "Nothing is on.\n"


def test_without_a_database_it_is_not_said_that_nothing_is_on(home: Path, capsys: Captured) -> None:
    assert undo() == 1
    captured = capsys.readouterr()
    assert f"There is no database {home / 'record.db'}." in captured.err
    assert captured.out == ""


def test_what_is_on_is_undone_and_recorded(home: Path, capsys: Captured) -> None:
    leave_on(REMOVE, LAMP)
    with pbx_in_a_thread() as pbx:
        settings(home, pbx.port)
        assert undo() == 0
        sent = [one for one in pbx.actions if one["Action"] in {"QueueRemove", "Setvar"}]
    assert [one["Action"] for one in sent] == ["QueueRemove", "Setvar"]
    assert left() == []
    out = capsys.readouterr().out
    assert "Rule helper, queue support of lab:" in out
    assert "remove PJSIP/7 from support: done" in out
    with open_history("sqlite:///record.db") as history:
        record = OverflowRecord(history)
        commands = record.log.commands().commands
        (decision,) = record.log.decisions().decisions
        (entry,) = record.audit.entries().entries
    assert [command.outcome for command in commands] == [Outcome.DONE] * 2
    assert {command.decision_id for command in commands} == {decision.id}
    assert (entry.what, entry.subject) == ("standing_undone", "helper")


def test_what_the_pbx_refuses_stays_and_is_said(home: Path, capsys: Captured) -> None:
    leave_on(REMOVE, LAMP)
    with pbx_in_a_thread(QueueRemove="Permission denied") as pbx:
        settings(home, pbx.port)
        assert undo() == 1
    assert left() == [REMOVE]
    said = capsys.readouterr()
    assert "add agent to its write line" in said.out
    assert "1 of these could not be undone" in said.err


@pytest.mark.parametrize(
    ("pbx", "said"), [("lab", "Cannot reach"), ("gone", "There is no PBX gone")]
)
def test_what_cannot_be_reached_stays(pbx: str, said: str, capsys: Captured) -> None:
    leave_on(SetGlobal("OVERFLOW", "0"), pbx=pbx)
    assert undo() == 1
    assert left() == [SetGlobal("OVERFLOW", "0")]
    assert said in capsys.readouterr().out


def test_while_the_monitor_runs_nothing_is_undone(home: Path, capsys: Captured) -> None:
    leave_on(REMOVE)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        settings(home, 1, api=listener.getsockname()[1])
        assert undo() == 1
    assert left() == [REMOVE]
    assert "seems to be running" in capsys.readouterr().err
