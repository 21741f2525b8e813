"""``minuteur settings``, and commands that go by what people have set."""

import tomllib
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from monitor.history.database import open_history
from monitor.history.overflow import OverflowRecord
from monitor.history.secrets import Vault, key_file
from monitor.history.settings import SettingsRecord
from tests.api.test_cli import Captured, home, run

__all__ = ["home"]

NEW = """
[centre]
time_zone = "Asia/Tokyo"
[[queue]]
name = "sales"
within = 30
[[pbx]]
name = "annexe"
username = "u"
secret = "hush-hush"
incoming_contexts = ["in"]
[[overflow_rule]]
id = "help"
queues = ["sales"]
when = [{ metric = "time_left", at_most = 20 }]
do = { withdraw = { context = "overflow", queue = "backup" } }
[api]
port = 1
"""


@pytest.fixture
def new(home: Path) -> str:
    (home / "new.toml").write_text(NEW)
    return "new.toml"


def test_what_is_imported_is_exported_and_the_file_holds_no_more(
    home: Path, new: str, capsys: Captured
) -> None:
    assert run("settings", "import", new) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "~ centre centre", "+ queue sales", "+ pbx annexe", "+ overflow_rule help",
    ]  # fmt: skip
    assert "Left alone" in said.err
    assert "[api]" in said.err

    assert run("settings", "export", "out.toml") == 0
    text = (home / "out.toml").read_text()
    whole = tomllib.loads(text)
    assert whole["centre"]["time_zone"] == "Asia/Tokyo"
    assert {pbx["name"] for pbx in whole["pbx"]} == {"lab", "annexe"}
    assert [rule["id"] for rule in whole["overflow_rule"]] == ["help"]
    assert "hush" not in text

    assert run("settings", "import", "out.toml") == 0
    assert capsys.readouterr().out == "Nothing changes.\n"
    (home / "minuteur.toml").write_text(
        (home / "minuteur.toml").read_text() + '[centre]\ntime_zone = "UTC"\n'
    )
    assert run("settings", "export") == 0
    assert "Asia/Tokyo" in capsys.readouterr().out


def test_a_dry_run_changes_nothing(home: Path, new: str, capsys: Captured) -> None:
    assert run("settings", "import", new, "--dry-run") == 0
    assert "+ queue sales" in capsys.readouterr().out
    with open_history(f"sqlite:///{home / 'record.db'}") as history:
        assert SettingsRecord(history, Vault(home / "none")).all() == []
        assert OverflowRecord(history).rules.all() == []
        assert OverflowRecord(history).audit.entries().entries == []


def test_with_a_problem_nothing_is_imported(home: Path, new: str, capsys: Captured) -> None:
    (home / new).write_text(NEW + '[[queue]]\nname = "bad"\nwithin = -1\n')
    assert run("settings", "import", new) == 1
    said = capsys.readouterr().err
    assert "queue:bad.within" in said
    assert "Nothing was imported." in said
    assert run("settings", "export") == 0
    assert "sales" not in capsys.readouterr().out


def test_who_imported_stands_in_the_trail(home: Path, new: str) -> None:
    run("settings", "import", new)
    with open_history(f"sqlite:///{home / 'record.db'}") as history:
        entries = OverflowRecord(history).audit.entries().entries
    assert {(entry.by, entry.via.value) for entry in entries} == {("console", "cli")}


def test_the_keys_file_lies_beside_the_database_and_is_its_owners(home: Path, new: str) -> None:
    run("settings", "import", new)
    key = home / "record.db.key"
    assert key.stat().st_mode & 0o777 == 0o600
    with open_history(f"sqlite:///{home / 'record.db'}") as history:
        assert key_file(history.url).name == key.name
        secrets = SettingsRecord(history, Vault(key)).secrets()
    assert secrets["pbx", "annexe"] == {"secret": "hush-hush"}


def test_the_key_may_come_from_the_environment(
    home: Path, new: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("settings", "key") == 0
    key = capsys.readouterr().out.strip()
    Fernet(key)
    monkeypatch.setenv("MINUTEUR_SECRET_KEY", key)
    assert run("settings", "import", new) == 0
    assert "not used" not in capsys.readouterr().err
    assert not (home / "record.db.key").exists()

    monkeypatch.setenv("MINUTEUR_SECRET_KEY", "nonsense")
    (home / "again.toml").write_text(NEW.replace("hush-hush", "other"))
    assert run("settings", "import", "again.toml") == 1
    assert "MINUTEUR_SECRET_KEY holds no key" in capsys.readouterr().err


def test_commands_go_by_what_people_have_set(home: Path, new: str, capsys: Captured) -> None:
    run("settings", "import", new)
    (home / "queue_log").write_text("1795000000|NONE|NONE|NONE|QUEUESTART|\n")
    capsys.readouterr()
    assert run("import", "queue-log", "queue_log", "--pbx", "annexe") == 0
    assert run("import", "queue-log", "queue_log", "--pbx", "none") == 1
    assert "annexe" in capsys.readouterr().err
    assert run("record", "--pbx", "none", "--output", "f") == 1
    assert "annexe" in capsys.readouterr().err
    assert run("simulate-rule", "--rule", "help", "--pbx", "annexe") == 0
