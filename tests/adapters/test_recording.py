import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import events as core
from telephony_adapters.asterisk.ami_framing import BOUNDARY
from telephony_adapters.masking import Masker
from telephony_adapters.recording import Recorder, events_from, read_recording

from .traces import CAPTURES, ROW, frame


def record(path: Path, masker: Masker | None = None, size: int = 700) -> None:
    raw = ROW.read_bytes()
    with Recorder(path, "lab", 5, masker) as recorder:
        for start in range(0, len(raw), size):
            recorder.write(1000 + start, raw[start : start + size])


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz"])
def test_what_was_recorded_comes_back(tmp_path: Path, name: str) -> None:
    record(tmp_path / name)
    pieces = list(read_recording(tmp_path / name))
    assert b"".join(data for _, data in pieces) == ROW.read_bytes()
    assert pieces[0][0] == 1000
    assert list(events_from(tmp_path / name, "lab")) == list(events_from(ROW, "lab"))


def test_any_byte_survives(tmp_path: Path) -> None:
    data = bytes(range(256)) * 3
    with Recorder(tmp_path / "r", "lab", 0) as recorder:
        recorder.write(7, data)
    assert list(read_recording(tmp_path / "r")) == [(7, data)]


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz"])
def test_a_recording_can_be_cut_anywhere(tmp_path: Path, name: str) -> None:
    record(tmp_path / name)
    raw = (tmp_path / name).read_bytes()
    whole = list(events_from(tmp_path / name, "lab"))
    cut = tmp_path / ("cut-" + name)
    for length in range(0, len(raw), max(1, len(raw) // 150)):
        cut.write_bytes(raw[:length])
        events = [e for e in events_from(cut, "lab") if not isinstance(e, core.WarningRaised)]
        assert events == whole[: len(events)]


def test_a_damaged_line_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "r"
    with Recorder(path, "lab", 0) as recorder:
        for at in (1, 2, 3):
            recorder.write(at, b"x")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = b'{"at": 2, "da\n'
    path.write_bytes(b"".join(lines))
    assert [at for at, _ in read_recording(path)] == [1, 3]


def test_a_newer_recording_is_refused_plainly(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_text(json.dumps({"minuteur_recording": 9}, separators=(",", ":")) + "\n")
    with pytest.raises(ValueError, match="newer version"):
        list(read_recording(path))


@pytest.mark.parametrize("path", CAPTURES[:3], ids=lambda path: path.name)
def test_a_bare_capture_has_only_its_own_clock(path: Path) -> None:
    assert {at for at, _ in read_recording(path)} == {None}
    moments = [event.at for event in events_from(path, "lab")]
    assert moments
    assert min(moments) > 1_700_000_000_000


def test_events_without_time_are_dated_by_their_arrival(tmp_path: Path) -> None:
    with Recorder(tmp_path / "r", "lab", 0) as recorder:
        recorder.write(4200, frame("Event: Hangup", "Uniqueid: 1.1", "Cause: 16"))
    assert list(events_from(tmp_path / "r", "lab")) == [core.ChannelGone("lab", 4200, "1.1", 16)]


# -- masking -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 700, 100_000])
def test_masked_recordings_hold_no_caller_and_replay_alike(tmp_path: Path, size: int) -> None:
    path = tmp_path / "masked"
    record(path, Masker(b"key"), size)
    raw = b"".join(data for _, data in read_recording(path))
    assert b"0600700000" in ROW.read_bytes()
    assert b"0600700000" not in raw
    assert b"Caller" not in raw.replace(b"QueueCaller", b"").replace(b"CallerID", b"")
    plain, masked = list(events_from(ROW, "lab")), list(events_from(path, "lab"))
    assert len(plain) == len(masked)
    for one, other in zip(plain, masked, strict=True):
        assert (type(one), one.at) == (type(other), other.at)
        assert getattr(one, "uniqueid", "") == getattr(other, "uniqueid", "")
        assert getattr(one, "queue", "") == getattr(other, "queue", "")
        assert getattr(one, "status", "") == getattr(other, "status", "")


def test_a_queue_step_still_names_its_queue() -> None:
    message = frame("Event: Newexten", "Application: Queue", "AppData: support,,,,20")
    assert b"AppData: support,,,,20" in Masker(b"k").frame(message)
    message = frame("Event: Newexten", "Application: Set", "AppData: NAME=Jean Dupont")
    assert b"Dupont" not in Masker(b"k").frame(message)


def test_a_stasis_step_still_names_its_application_and_nothing_else() -> None:
    message = b"Event: Newexten\r\nApplication: Stasis\r\nAppData: ivr,0612345678,x"
    assert Masker(b"k").frame(message).endswith(b"\r\nAppData: ivr")


def test_one_caller_keeps_one_pseudonym_everywhere() -> None:
    masker = Masker(b"k")
    alias = masker.number("0612345678")
    masked = masker.frame(
        frame(
            "Event: DialBegin",
            "CallerIDNum: 0612345678",
            "Exten: 0612345678",
            "DestChannel: PJSIP/0612345678-0000000a",
            "DialString: 0612345678@trunk",
            "Uniqueid: 1795293212.12",
            "Timestamp: 1795293212.051119",
        ).removesuffix(BOUNDARY)
    ).decode()
    assert masked.count(alias) == 4
    assert "0612345678" not in masked
    assert f"PJSIP/{alias}-0000000a" in masked
    assert "Uniqueid: 1795293212.12" in masked
    assert "Timestamp: 1795293212.051119" in masked


@given(st.from_regex(r"[0-9]{1,15}", fullmatch=True), st.binary(max_size=8))
def test_pseudonyms_have_the_same_length_and_depend_on_the_key(number: str, key: bytes) -> None:
    alias = Masker(key).number(number)
    assert re.fullmatch(rf"[0-9]{{{len(number)}}}", alias)
    assert alias == Masker(key).number(number)


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_two_callers_never_become_one(length: int) -> None:
    masker = Masker(b"k")
    assert len({masker.number(f"{n:0{length}d}") for n in range(10**length)}) == 10**length


def test_names_keep_their_shape() -> None:
    alias = Masker(b"k").text("Zoé D'Arc 3")
    assert len(alias) == len("Zoé D'Arc 3")
    assert alias[0].isupper()
    assert alias[5] == "'"
    assert alias[-1].isdigit()
    assert alias != "Zoé D'Arc 3"
