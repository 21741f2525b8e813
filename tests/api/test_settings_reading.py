"""What the settings in effect are made of, also where something does not fit any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings_reading import begin, looked_up
from config.settings import Settings
from monitor.history.audit import Via, Who
from monitor.history.database import History, open_history
from monitor.history.secrets import Vault
from monitor.history.settings import Change, SettingsRecord
from tests.api.conftest import FILE

ADA = Who("ada", Via.SESSION)
LAB = {"name": "lab", "username": "other", "incoming_contexts": ["incoming"]}
NOON = 1_795_000_000_000


@pytest.fixture
def history(tmp_path: Path, empty_record: Path) -> Iterator[History]:
    (tmp_path / "record.db").write_bytes(empty_record.read_bytes())
    with open_history(f"sqlite:///{tmp_path}/record.db", migrate=False) as opened:
        yield opened


@pytest.fixture
def record(history: History, tmp_path: Path) -> SettingsRecord:
    return SettingsRecord(history, Vault(tmp_path / "a.key"))


def test_a_link_whose_secret_cannot_be_decrypted_says_so_and_the_rest_is_in_effect(
    record: SettingsRecord, history: History, tmp_path: Path
) -> None:
    record.apply([Change("pbx", "lab", LAB, 1, {"secret": "s"})], ADA, NOON)
    assert begin(record, FILE, NOON).settings.pbx[0].username == "other"

    held = begin(SettingsRecord(history, Vault(tmp_path / "lost.key")), FILE, NOON)

    assert held.settings.pbx == []
    assert held.problem(("pbx", "lab")) == "secret: it cannot be decrypted; enter it anew"
    assert [queue.name for queue in held.settings.queue] == ["support"]


def test_a_secret_in_the_environment_wins(
    record: SettingsRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.apply([Change("pbx", "lab", LAB, 1, {"secret": "s"})], ADA, NOON)
    monkeypatch.setenv("MINUTEUR_PBX_LAB_SECRET", "from outside")
    held = begin(record, FILE, NOON)
    assert held.settings.pbx[0].secret.get_secret_value() == "from outside"


def test_what_contradicts_others_is_left_out_and_said(record: SettingsRecord) -> None:
    record.apply([Change("pbx", "lab", None, 1)], ADA, NOON)
    queue = {"name": "sales", "pbx": "lab"}
    record.apply([Change("queue", "lab:sales", queue, None)], ADA, NOON)
    record.apply([Change("voice_server", "welcome", {"nonsense": 1}, 1)], ADA, NOON)

    held = begin(record, FILE, NOON)

    assert [queue.name for queue in held.settings.queue] == ["support"]
    assert held.settings.voice_server == []
    assert held.problem(("queue", "lab:sales")) == 'there is no [[pbx]] named "lab"'
    assert "nonsense" in held.problem(("voice_server", "welcome"))
    assert held.problem(("queue", "support")) == ""


def test_a_command_sees_the_same_as_the_monitor_and_writes_nothing(
    record: SettingsRecord,
) -> None:
    record.apply([Change("queue", "support", {"name": "support", "within": 9}, 1)], ADA, NOON)
    newer = FILE.model_copy(
        update=dict(Settings.model_validate({"centre": {"time_zone": "Asia/Tokyo"}}))
        | {"pbx": FILE.pbx, "queue": FILE.queue}
    )
    before = record.mark()
    seen = looked_up(record, newer)
    assert record.mark() == before

    assert seen.settings == begin(record, newer, NOON).settings
    assert (seen.settings.centre.time_zone, seen.settings.queue[0].within) == ("Asia/Tokyo", 9)
