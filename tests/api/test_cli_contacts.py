"""``minuteur import contacts``: a file once, and once more."""

import sys
from pathlib import Path

import pytest

from api.cli import main
from monitor.core.contacts import ContactVerdict
from monitor.history.audit import AuditRecord
from monitor.history.contact_log import ContactFilter, ContactLog
from monitor.history.database import open_history

SETTINGS = """
[history]
database = "sqlite:///{folder}/minuteur.db"
[[pbx]]
name = "lab"
username = "minuteur"
secret = "x"
incoming_contexts = ["incoming"]
"""
FILE = """\
reference;channel;received_at;within_s;queue;answered_at;email;subject
T-1;email;2026-03-02T09:00:00Z;14400;support;2026-03-02T10:00:00Z;zoe@example.org;"a; b"
T-2;letter;2026-03-02T09:00:00Z;14400;;;;
"""
BAD = """\
reference,channel,received_at,within_s,answered_at
T-3,email,2026-03-02T09:00:00Z,60,2026-03-02T08:00:00Z
T-4,pigeon,2026-03-02T09:00:00Z,60,
T-5,email,2026-03-02T09:00:00Z,,
T-2,email,2026-03-02T09:00:00Z,60,
T-6,email,2026-03-02T09:00:00Z,60,2026-03-02T09:00:30Z
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "minuteur.toml").write_text(SETTINGS.format(folder=tmp_path))
    return tmp_path


def run(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    (folder / "contacts.csv").write_text(text, encoding="utf-8-sig")
    file = str(folder / "contacts.csv")
    command = ["minuteur", "import", "contacts", file, "--config", str(folder / "minuteur.toml")]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_a_file_is_registered_once_however_often_it_is_imported(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, FILE, monkeypatch) == 0
    assert "2 new, 0 unchanged." in capsys.readouterr().out
    assert run(folder, FILE, monkeypatch) == 0
    assert "0 new, 2 unchanged." in capsys.readouterr().out

    with open_history(f"sqlite:///{folder}/minuteur.db") as history:
        found = ContactLog(history).page(ContactFilter()).contacts
        trail = [entry.what for entry in AuditRecord(history).entries().entries]
    seen = {one.contact.reference: (one.contact.verdict, one.person.subject) for one in found}
    assert seen == {
        "T-1": (ContactVerdict.MET, "a; b"),
        "T-2": (ContactVerdict.BREACHED, ""),
    }
    assert trail.count("contacts_registered") == 1


def test_rows_that_are_no_good_are_named_and_the_others_stand(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(folder, FILE, monkeypatch)
    capsys.readouterr()

    assert run(folder, BAD, monkeypatch) == 1

    said = capsys.readouterr()
    assert "1 new, 0 unchanged." in said.out
    assert "4 left out." in said.out
    lines = sorted(line for line in said.err.splitlines() if line.startswith("Line"))
    assert [line.partition(": ")[0] for line in lines] == ["Line 2", "Line 3", "Line 4", "Line 5"]
    assert "before the contact came" in lines[0]
    assert "registered otherwise" in lines[3]


def test_a_file_that_is_not_there_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["minuteur", "import", "contacts", "absent.csv"]
    monkeypatch.setattr(sys, "argv", [*command, "--config", str(folder / "minuteur.toml")])
    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert "absent.csv cannot be read" in capsys.readouterr().err
