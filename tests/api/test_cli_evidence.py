"""The commands `minuteur evidence …`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from api import cli
from api.opening import open_url
from monitor.evidence.pseudonyms import KEY_VARIABLE
from monitor.history.audit import AuditFilter, AuditRecord
from monitor.history.secrets import new_key
from monitor.history.tables import call
from tests.evidence.samples import after_days, day_of_calls, fill, seal_all, store

SETTINGS = """
[history]
database = "sqlite:///record.db"
[centre]
time_zone = "Europe/Paris"
"""
PERIOD = ("--from", "2026-04-01T02:00", "--to", "2026-04-02")
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "minuteur.toml").write_text(SETTINGS)
    return tmp_path


@pytest.fixture
def heads(home: Path) -> list[str]:
    """The heads of a record with three sealed days."""
    with open_url("sqlite:///record.db") as history:
        fill(history, days=3)
        return [seal.head for seal in seal_all(history, after_days(3))]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["evidence", *arguments])
    return int(ended.value.code or 0)


def test_a_record_without_seals_says_what_it_waits_for(capsys: Captured) -> None:
    assert run("status") == 0
    assert capsys.readouterr().out == (
        "No day is sealed yet.\nThere is nothing in the record yet.\n"
    )
    assert run("export", "--no-pdf", "--output", "pack.zip") == 1
    assert "No day is sealed yet" in capsys.readouterr().err
    assert not Path("pack.zip").exists()


def test_the_status_tells_days_head_and_what_is_next(heads: list[str], capsys: Captured) -> None:
    changed = next(day_of_calls(0))
    changed.corrections = 1
    with open_url("sqlite:///record.db") as history:
        store(history, changed)
    assert run("status") == 0
    out = capsys.readouterr().out
    assert "Sealed: 4 days (UTC), 2026-03-31 to 2026-04-03." in out
    assert f"Head of the chain: {heads[-1]}" in out
    assert "Changed since: 1 call, of which the next seal tells." in out
    assert "The next day is sealed soon" in out


def test_the_check_finds_what_was_changed_behind_the_monitors_back(
    heads: list[str], capsys: Captured
) -> None:
    assert run("status", "--check") == 0
    assert "The record is what was sealed. Checked: 9 calls of 4 days" in capsys.readouterr().out
    with open_url("sqlite:///record.db") as history, history.writing() as connection:
        connection.execute(update(call).values(within=1))
    assert run("status", "--check") == 1
    out = capsys.readouterr().out
    assert "2026-04-01, calls: line 1 (call lab:1775034000.000): this is not the document" in out
    assert "The record is not what was sealed" in out


def test_a_pack_is_exported_with_a_trace_and_verified(heads: list[str], capsys: Captured) -> None:
    assert run("export", *PERIOD, "--output", "pack.zip") == 0
    out = capsys.readouterr().out
    assert out.startswith("pack.zip: 6 calls of 3 days (UTC)")
    assert "Calls handled in time in the period: 4 of 4." in out
    with open_url("sqlite:///record.db") as history:
        entries = AuditRecord(history).entries(AuditFilter(what="evidence_exported")).entries
    assert [(entry.after or {})["head"] for entry in entries] == [heads[-1]]

    assert run("verify", "pack.zip") == 0
    out = capsys.readouterr().out
    assert "pack.zip is what was sealed: 6 calls from 2026-03-31 to 2026-04-02 (UTC)" in out
    assert f"Head of the chain: {heads[-1]}\nCompare it" in out
    assert run("verify", "pack.zip", "--head", heads[1]) == 0
    assert "The head that you gave is the one of 2026-04-01." in capsys.readouterr().out
    assert run("verify", "pack.zip", "--head", "0" * 63 + "1") == 1
    assert "this is another chain" in capsys.readouterr().out


@pytest.mark.parametrize("head", ["9f2c", "0" * 63 + "x", "0" * 65])
def test_a_head_without_its_64_digits_is_no_finding(head: str, capsys: Captured) -> None:
    Path("pack.zip").write_bytes(b"")
    assert run("verify", "pack.zip", "--head", head) == 2
    told = capsys.readouterr()
    assert "64 hexadecimal digits" in told.err
    assert told.out == ""


def test_without_a_period_all_that_is_sealed_is_exported(
    heads: list[str], capsys: Captured
) -> None:
    assert run("export", "--no-pdf", "--output", "pack.zip") == 0
    assert "9 calls of 4 days" in capsys.readouterr().out


def test_a_damaged_pack_ends_with_1_and_one_that_is_not_there_with_2(
    heads: list[str], capsys: Captured
) -> None:
    run("export", "--no-pdf", *PERIOD, "--output", "pack.zip")
    data = bytearray(Path("pack.zip").read_bytes())
    data[len(data) // 2] ^= 1
    Path("pack.zip").write_bytes(data)
    assert run("verify", "pack.zip") == 1
    assert "something is wrong with this pack: see above" in capsys.readouterr().out
    assert run("verify", "absent.zip") == 2
    assert "absent.zip cannot be read: No such file or directory." in capsys.readouterr().err
    assert run("verify") == 2


def test_a_period_that_is_not_sealed_is_refused_and_leaves_no_file(
    heads: list[str], capsys: Captured
) -> None:
    assert run("export", "--no-pdf", "--to", "2026-04-09", "--output", "pack.zip") == 1
    assert "The days after 2026-04-03 (UTC) are not sealed yet" in capsys.readouterr().err
    assert [path.name for path in Path().glob("pack*")] == []


def test_without_the_key_packs_are_verified_and_not_made(
    heads: list[str], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("export", "--no-pdf", *PERIOD, "--output", "pack.zip")
    monkeypatch.setenv(KEY_VARIABLE, "lost")
    assert run("verify", "pack.zip") == 0
    capsys.readouterr()
    assert run("export", "--no-pdf", *PERIOD, "--output", "other.zip") == 1
    assert "Without the key of the pseudonyms" in capsys.readouterr().err


def test_the_key_may_come_from_the_environment(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "minuteur.toml").unlink()
    monkeypatch.setenv("MINUTEUR_HISTORY__DATABASE", "sqlite:///record.db")
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    assert run("status") == 0, capsys.readouterr().err
    assert list(home.glob("*.key")) == []


def test_verifying_needs_no_settings_and_no_database(heads: list[str], tmp_path: Path) -> None:
    run("export", "--no-pdf", *PERIOD, "--output", "pack.zip")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "pack.zip").rename(elsewhere / "pack.zip")
    code = "from api.entry import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "evidence", "verify", "pack.zip", "--head", heads[-1]],
        cwd=elsewhere,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "pack.zip is what was sealed" in done.stdout
    assert [path.name for path in elsewhere.iterdir()] == ["pack.zip"]


def test_the_days_of_a_period_are_those_of_the_centre(heads: list[str], capsys: Captured) -> None:
    # 1 April 00:00 in Paris is 22:00 of the day before in UTC.
    assert (
        run("export", "--no-pdf", "--from", "2026-04-01", "--to", "2026-04-01", "-o", "pack.zip")
        == 0
    )
    assert "3 calls of 2 days" in capsys.readouterr().out
