import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.events import WarningRaised
from telephony_adapters.asterisk.ami_decode import EventDecoder
from telephony_adapters.asterisk.ami_framing import (
    BOUNDARY,
    EVENT,
    FrameParser,
    FrameSplitter,
    parse_frame,
)
from telephony_adapters.asterisk.ami_translate import HEADERS

from .traces import CAPTURES, ROW, capture, frame

HANGUP = frame("Event: Hangup", "Uniqueid: 1.2", "Cause: 16")
REQUEST = frame("Event: HangupRequest", "Uniqueid: 1.2")
STATE = frame("Event: Newstate", "Uniqueid: 1.2")
PONG = frame("Response: Success", "Ping: Pong")
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
STREAM = BANNER + PONG + STATE + HANGUP + STATE + REQUEST
WANTED_OF_STREAM = [f.removesuffix(BOUNDARY) for f in (PONG, HANGUP, REQUEST)]


def fed(splitter: FrameSplitter, *chunks: bytes) -> list[bytes]:
    return [found for chunk in chunks for found in splitter.feed(chunk)]


@pytest.mark.parametrize("at", range(len(STREAM) + 1))
def test_a_stream_cut_anywhere_gives_the_same_messages(at: int) -> None:
    splitter = FrameSplitter()
    assert fed(splitter, STREAM[:at], STREAM[at:]) == WANTED_OF_STREAM
    assert splitter.banner == "Asterisk Call Manager/11.0.0"
    assert (splitter.garbage, splitter.oversized) == (0, 0)


def test_byte_by_byte() -> None:
    assert fed(FrameSplitter(), *(bytes([b]) for b in STREAM)) == WANTED_OF_STREAM


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [HANGUP, REQUEST, STATE, PONG, b"nonsense" + BOUNDARY, b"\r\n", b"x" * 60 + BOUNDARY]
        ),
        max_size=12,
    ),
    st.data(),
)
def test_chunking_never_matters(parts: list[bytes], data: st.DataObject) -> None:
    """Whatever comes, in whatever pieces: the same messages, the same counts."""
    stream = b"".join(parts)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=10).map(sorted))
    whole, cut = FrameSplitter(max_frame=50), FrameSplitter(max_frame=50)
    expected = whole.feed(stream)
    edges = [0, *cuts, len(stream)]
    got = fed(cut, *(stream[a:b] for a, b in itertools.pairwise(edges)))
    assert got == expected
    assert cut.garbage == whole.garbage
    if stream.endswith(BOUNDARY):
        assert cut.oversized == whole.oversized


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=400), st.integers(0, 400))
def test_arbitrary_bytes_do_no_harm(noise: bytes, at: int) -> None:
    decoder = EventDecoder("lab")
    decoder.feed(noise[:at], 1)
    decoder.feed(noise[at:], 2)
    decoder.feed(BOUNDARY + HANGUP, 3)


@pytest.mark.parametrize("size", [100, 65536])
def test_a_line_of_a_megabyte_is_skipped_and_told_once(size: int) -> None:
    line = frame("Event: Hangup", "Uniqueid: 1.1", "Junk: " + "x" * 1_000_000)
    stream = line + line + HANGUP
    decoder = EventDecoder("lab")
    events = [
        event
        for start in range(0, len(stream), size)
        for event in decoder.feed(stream[start : start + size], 7)
    ]
    assert [type(event).__name__ for event in events].count("ChannelGone") == 1
    assert [getattr(event, "code", "") for event in events].count("oversized") == 1
    assert decoder.splitter.oversized == 2


def test_garbage_is_counted_and_told_once_in_plain_words() -> None:
    decoder = EventDecoder("lab")
    events = decoder.feed(b"SSH-2.0-OpenSSH" + BOUNDARY + b"?!" + BOUNDARY + HANGUP, 7)
    events += decoder.feed(b"more" + BOUNDARY, 8)
    warnings = [event for event in events if isinstance(event, WarningRaised)]
    assert [warning.code for warning in warnings] == ["garbage"]
    assert "not AMI" in warnings[0].text
    assert decoder.splitter.garbage == 3


def test_an_event_without_what_it_needs_is_told_once() -> None:
    decoder = EventDecoder("lab")
    events = decoder.feed(frame("Event: Hangup", "Cause: 16") * 2, 7)
    assert [getattr(event, "code", "") for event in events] == ["malformed"]


@pytest.mark.parametrize("name", ["QUEUESTATUS", "STASISSTATUS"])
def test_varset_only_for_what_tells_how_an_application_ended(name: str) -> None:
    wanted = frame("Event: VarSet", "Uniqueid: 1.1", f"Variable: {name}", "Value: TIMEOUT")
    other = frame("Event: VarSet", "Uniqueid: 1.1", "Variable: QUEUEWAIT", "Value: 3")
    assert FrameSplitter().feed(other + wanted + other) == [wanted.removesuffix(BOUNDARY)]


def test_user_events_and_keys_of_others_are_dropped() -> None:
    ours = frame("Event: UserEvent", "UserEvent: MinuteurVoiceServer", "Name: a", "Step: left")
    pressed = frame("Event: DTMFEnd", "Digit: 1", "Direction: Received")
    stream = (
        frame("Event: UserEvent", "UserEvent: Other")
        + ours
        + frame("Event: DTMFEnd", "Digit: 1", "Direction: Sent")
        + pressed
    )
    assert FrameSplitter().feed(stream) == [f.removesuffix(BOUNDARY) for f in (ours, pressed)]


def test_names_that_begin_like_wanted_ones_are_dropped() -> None:
    stream = frame("Event: HangupHandlerRun", "A: b") + frame("Event: QueueMemberRinginuse", "A: b")
    assert FrameSplitter().feed(stream + HANGUP) == [HANGUP.removesuffix(BOUNDARY)]


def test_list_items_are_kept_while_somebody_waits_for_them() -> None:
    item = frame("Event: QueueEntry", "Queue: support", "ActionID: 7")
    splitter = FrameSplitter()
    assert splitter.feed(item) == []
    splitter.keep_answers = True
    assert splitter.feed(item + STATE) == [item.removesuffix(BOUNDARY)]


def test_a_character_cut_by_the_network_is_whole() -> None:
    message = frame("Event: Newchannel", "CallerIDName: Zoé 日本")
    for at in range(len(message)):
        (found,) = fed(FrameSplitter(), message[:at], message[at:])
        assert parse_frame(found)["CallerIDName"] == "Zoé 日本"


def test_bytes_that_are_not_utf8_cost_nothing_but_themselves() -> None:
    (found,) = FrameSplitter().feed(b"Event: Hangup\r\nName: Zo\xe9\r\nUniqueid: 1.1" + BOUNDARY)
    assert parse_frame(found) == {"Event": "Hangup", "Name": "Zo\ufffd", "Uniqueid": "1.1"}


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_the_quick_parser_agrees_with_the_plain_one(path: Path) -> None:
    parser = FrameParser(HEADERS)
    for found in FrameSplitter().feed(capture(path)):
        if not found.startswith(EVENT):
            continue
        plain, quick = parse_frame(found), parser.parse(found)
        again = parser.parse(found)
        names = HEADERS & plain.keys()
        assert {n: plain[n] for n in names} == {n: quick[n] for n in names}
        assert {n: plain[n] for n in names} == {n: again[n] for n in names}


def test_headers_that_moved_are_found_again() -> None:
    parser = FrameParser(frozenset({"Uniqueid", "Cause"}))
    parser.parse(b"Event: Hangup\r\nUniqueid: 1\r\nCause: 2")
    assert parser.parse(b"Event: Hangup\r\nCause: 4\r\nUniqueid: 3")["Uniqueid"] == "3"
    assert parser.parse(b"Event: Hangup\r\nUniqueid: 5\r\nCause: 6")["Cause"] == "6"


def test_headers_that_a_dialplan_chose_are_all_read() -> None:
    parser = FrameParser(HEADERS)
    parser.parse(b"Event: UserEvent\r\nName: a\r\nFoo: b")
    assert parser.parse(b"Event: UserEvent\r\nName: a\r\nStep: left")["Step"] == "left"


def test_a_real_capture_gives_the_same_events_in_any_pieces() -> None:
    raw = ROW.read_bytes()
    whole = EventDecoder("lab").feed(raw, 0)
    decoder = EventDecoder("lab")
    pieces = [e for i in range(0, len(raw), 7) for e in decoder.feed(raw[i : i + 7], 0)]
    assert pieces == whole
    assert len(whole) > 30
