"""``minuteur personal``: what is kept, all of one number, and removing it."""

from pathlib import Path

import orjson
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from api.cli import app
from api.cli_common import CommandError
from api.opening import open_url
from monitor.core.clock import DAY
from monitor.history.tables import call
from tests.evidence.samples import BEGIN, Clock, after_days, answered, fill, seal_all, store

NUMBER = "+33199111222"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Three sealed days of long ago."""
    url = f"sqlite:///{tmp_path}/history.db"
    with open_url(url) as history:
        fill(history)
        store(history, answered(BEGIN, NUMBER))
        seal_all(history, after_days(4))
    file = tmp_path / "minuteur.toml"
    file.write_text(f'[history]\ndatabase = "{url}"\n[retention]\nnumbers = 30\n', "utf-8")
    return file


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.cli_personal._now", Clock(BEGIN + 60 * DAY))


def run(config: Path, *words: str, typed: str | None = None) -> str:
    done = CliRunner().invoke(
        app, ["personal", *words, "--config", str(config)], input=typed, catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.stdout


def numbers(config: Path) -> set[str]:
    url = f"sqlite:///{config.parent}/history.db"
    with open_url(url) as history, history.reading() as connection:
        return set(connection.execute(select(call.c.caller)).scalars())


def test_the_status_says_what_is_kept_for_how_long(config: Path) -> None:
    shown = run(config, "status")

    assert "numbers" in shown
    assert "2026-04-01" in shown
    assert "Nothing was purged yet." in shown


def test_all_of_a_number_is_printed_and_the_number_is_not_on_the_command_line(
    config: Path,
) -> None:
    held = orjson.loads(run(config, "export", typed=f"{NUMBER}\n"))

    assert [row["caller"] for row in held["records"]["call"]] == [NUMBER]
    assert held["elsewhere"] == []


def test_a_number_is_erased_after_a_dry_run(config: Path) -> None:
    assert "It would remove: call 1" in run(config, "erase", "--dry-run", typed=NUMBER)
    assert NUMBER in numbers(config)

    shown = run(config, "erase", "--reason", "asked", typed=NUMBER)

    assert "Removed: call 1" in shown
    assert "hold nothing of it any more" in shown
    assert NUMBER not in numbers(config)
    assert not [file for file in config.parent.iterdir() if b"199111222" in file.read_bytes()]


def test_a_purge_takes_what_is_due_and_says_how_much(config: Path) -> None:
    told = run(config, "purge", "--dry-run")
    assert "numbers: all before 2026-04-05; 26 days to be sealed first" in told

    shown = run(config, "purge")

    assert "Removed: numbers 10" in shown
    assert numbers(config) == {""}
    assert "Last purge: 2026-05-31." in run(config, "status")
    assert "Removed: nothing" in run(config, "purge")


def test_what_is_no_number_is_refused(config: Path) -> None:
    with pytest.raises(CommandError, match="no digit"):
        run(config, "export", "nobody")
