import ast
import inspect
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import events as core
from monitor.core.contacts import Channel
from monitor.core.events import DeviceState
from monitor.core.promises import Promise
from telephony_adapters.asterisk import ami_translate, ami_user_events
from telephony_adapters.asterisk.ami_framing import WANTED, FrameSplitter, parse_frame
from telephony_adapters.asterisk.ami_translate import HEADERS, TABLE
from telephony_adapters.asterisk.ami_translator import Translator
from telephony_adapters.asterisk.ami_values import moment

from .traces import CAPTURES, capture


def translate(received_at: int = 99, **fields: str) -> core.Event | None:
    return Translator("lab").translate(fields, received_at)


@given(st.integers(0, 9_999_999_999), st.integers(0, 999_999))
def test_a_timestamp_is_floored_exactly(seconds: int, micros: int) -> None:
    stamp = f"{seconds}.{micros:06d}"
    assert moment(stamp) == int(Decimal(stamp) * 1000)


@pytest.mark.parametrize(
    ("stamp", "ms"),
    [
        ("1795293212.051119", 1795293212051),
        ("1795293212.999999", 1795293212999),
        ("1795293212.5", 1795293212500),
        ("1795293212", 1795293212000),
        # as a float this is 1700000000000.9998 and more, a millisecond off when rounded
        ("1700000000.001000", 1700000000001),
    ],
)
def test_timestamps(stamp: str, ms: int) -> None:
    assert moment(stamp) == ms


@pytest.mark.parametrize("stamp", ["", "soon", "1.x", ".", "-5.0", "9" * 12])
def test_an_event_without_a_usable_time_is_dated_by_its_arrival(stamp: str) -> None:
    event = translate(1234, Event="Hangup", Uniqueid="1.1", Cause="16", Timestamp=stamp)
    assert event == core.ChannelGone("lab", 1234, "1.1", 16)


HANGUP = {"Event": "Hangup", "Uniqueid": "1.1", "Cause": "16"}


NOW = 1_700_000_000_000


@pytest.mark.parametrize(
    ("stamp", "odd"),
    [
        (NOW - 20, False),
        (NOW + 300, False),
        (NOW + 301, True),
        (NOW - 500, False),
        (NOW - 501, True),
        (9_999_999_999_000, True),
        (5_000, True),
    ],
)
def test_an_odd_stamp_is_noticed_and_changes_nothing_by_itself(stamp: int, odd: bool) -> None:
    translator = Translator("lab")
    translator.earliest, translator.latest = -500, 300
    translator.last_at = NOW - 30
    fields = {**HANGUP, "Timestamp": f"{stamp // 1000}.{stamp % 1000:03d}000"}
    event = translator.translate(fields, NOW)
    assert event is not None
    assert (event.at, translator.odd) == (stamp, odd)
    assert translator.last_at == (NOW - 30 if odd else stamp)
    assert translator.timed


def test_a_recording_is_believed_whatever_time_it_is_now() -> None:
    translator = Translator("lab")
    for stamp in (9_999_999_999, 5):
        event = translator.translate({**HANGUP, "Timestamp": f"{stamp}.000000"}, NOW)
        assert event is not None
        assert (event.at, translator.odd) == (stamp * 1000, False)


def test_every_wanted_event_has_a_meaning() -> None:
    own = {"FullyBooted", "Shutdown"}  # the link's own business
    assert {name.decode() for name in WANTED} - own == set(TABLE)
    assert all(rule.__doc__ for rule in TABLE.values())


def test_no_header_is_read_that_is_not_decoded() -> None:
    tree = ast.parse(inspect.getsource(ami_translate) + inspect.getsource(ami_user_events))
    read = {
        node.slice.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    } | {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and isinstance(node.args[0], ast.Constant)
    }
    assert read - HEADERS == set()


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_no_real_event_is_malformed(path: Path) -> None:
    translator = Translator("lab")
    for found in FrameSplitter().feed(capture(path)):
        fields = parse_frame(found)
        if "Event" in fields:
            translator.translate(fields, 0)
            if fields["Event"] in TABLE:
                assert translator.timed
    assert translator.malformed == 0


def test_unknown_callers_have_no_number() -> None:
    event = translate(
        Event="Newchannel", Uniqueid="1.1", Linkedid="1.1", Channel="SIP/a-1",
        CallerIDNum="<unknown>", CallerIDName="<unknown>",
    )  # fmt: skip
    assert isinstance(event, core.ChannelArrived)
    assert (event.number, event.name) == ("", "")


def test_a_member_as_the_queue_sees_it() -> None:
    event = translate(
        Event="QueueMemberStatus", Timestamp="5.000500", Queue="support", MemberName="Zoé",
        Interface="PJSIP/zoe", Status="6", Paused="1", PausedReason="lunch", InCall="0",
        Penalty="2", CallsTaken="3", LastCall="1795293551", Wrapuptime="10",
    )  # fmt: skip
    assert event == core.MemberChanged(
        "lab", 5000, "support", "PJSIP/zoe", "Zoé", DeviceState.RINGING, True, "lunch", False,
        2, 3, 1795293551000, 10_000,
    )  # fmt: skip


def test_a_device_state_that_we_do_not_know_is_unknown() -> None:
    event = translate(
        Event="QueueMemberStatus", Queue="q", MemberName="a", Interface="i", Status="12", Paused="0"
    )
    assert isinstance(event, core.MemberChanged)
    assert event.device is DeviceState.UNKNOWN


def test_an_emptied_queuestatus_says_nothing() -> None:
    assert translate(Event="VarSet", Uniqueid="1", Variable="QUEUESTATUS", Value="") is None


@pytest.mark.parametrize(
    ("value", "meaning"),
    [("", None), ("SUCCESS", None), ("FAILED", core.StasisRefused("lab", 99, "1"))],
)
def test_a_stasis_application_that_nobody_serves(value: str, meaning: core.Event | None) -> None:
    told = translate(Event="VarSet", Uniqueid="1", Variable="STASISSTATUS", Value=value)
    assert told == meaning


def test_other_variables_say_nothing() -> None:
    assert translate(Event="VarSet", Uniqueid="1", Variable="DIALSTATUS", Value="FAILED") is None


def test_agent_complete_without_the_caller() -> None:
    event = translate(
        Event="AgentComplete", Queue="q", Interface="i", MemberName="a", Reason="transfer"
    )
    assert event == core.AgentCompleted("lab", 99, "", "q", "i", "a", "transfer")


@pytest.mark.parametrize(
    ("step", "value", "expected"),
    [
        ("entered", "", core.VoiceServerStep.ENTERED),
        ("Left", "", core.VoiceServerStep.LEFT),
        ("input", "12", core.VoiceServerStep.INPUT),
    ],
)
def test_a_voice_server_speaks_for_itself(
    step: str, value: str, expected: core.VoiceServerStep
) -> None:
    event = translate(
        Event="UserEvent", UserEvent="MinuteurVoiceServer", Uniqueid="1.1", Name="welcome",
        Step=step, Value=value,
    )  # fmt: skip
    assert event == core.VoiceServerReported("lab", 99, "1.1", "welcome", expected, value)


def test_what_others_say_is_not_ours() -> None:
    assert translate(Event="UserEvent", UserEvent="Other", Uniqueid="1.1") is None
    assert translate(Event="DTMFEnd", Uniqueid="1.1", Digit="1", Direction="Sent") is None
    assert translate(Event="Newstate", Uniqueid="1.1") is None


def test_a_transfer_that_failed_did_not_happen() -> None:
    assert translate(Event="BlindTransfer", Result="Fail", TransfererUniqueid="1.1") is None
    moved = translate(
        Event="BlindTransfer", Result="Success", TransfererUniqueid="1.2",
        TransfereeUniqueid="1.1", Extension="42", Context="internal",
    )  # fmt: skip
    assert moved == core.Transferred("lab", 99, "1.1", "1.2", False, "42@internal")


def test_malformed_events_are_counted_not_raised() -> None:
    translator = Translator("lab")
    assert translator.translate({"Event": "Hangup"}, 1) is None
    assert translator.translate({"Event": "Hangup", "Uniqueid": "1", "Cause": "many"}, 1) is None
    assert translator.malformed == 2


CONTACT = {
    "Event": "UserEvent", "UserEvent": "MinuteurContact", "Uniqueid": "1.1",
    "CallerIDNum": "0199001234", "CallerIDName": "Zoé",
}  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "promise"),
    [
        ({}, None),
        ({"Within": "90"}, Promise.within(90_000)),
        ({"Within": "45m"}, Promise.within(2_700_000)),
        ({"Within": "4h"}, Promise.within(14_400_000)),
        ({"Within": "2 D"}, Promise.within(172_800_000)),
        ({"Within": "4h", "Calendar": "office"}, Promise.within_opening(14_400_000, "office")),
        ({"Within": "4h", "Calendar": "centre"}, Promise.within_opening(14_400_000)),
        ({"Deadline": "2026-11-21T10:00:00+01:00"}, Promise.before(1_795_251_600_000)),
    ],
)
def test_a_callback_brings_what_was_announced(
    headers: dict[str, str], promise: Promise | None
) -> None:
    event = translate(99, **CONTACT, Kind="Callback", Queue="support", **headers)
    assert event == core.ContactReported(
        "lab", 99, "1.1", core.ContactStep.ASKED, Channel.CALLBACK, "", promise, "support",
        number="0199001234", name="Zoé",
    )  # fmt: skip


def test_a_contact_of_another_channel_names_its_call_and_whom_to_call() -> None:
    event = translate(
        99, **CONTACT, Kind="complaint", Step="Answered", Reference="C-7", Call="1.9",
        Number="0199005678", Name="", By="Anna", Team="quality", Subject="invoice",
    )  # fmt: skip
    assert event == core.ContactReported(
        "lab", 99, "1.9", core.ContactStep.ANSWERED, Channel.COMPLAINT, "C-7", None, "", "quality",
        "0199005678", "", "invoice", "Anna",
    )  # fmt: skip


@pytest.mark.parametrize(
    "headers",
    [
        {"Kind": "pigeon"}, {"Step": "perhaps"}, {"Within": "soon"}, {"Within": "4 h 5"},
        {"Deadline": "2026-11-21T10:00:00"}, {"Deadline": "Friday"},
    ],
)  # fmt: skip
def test_a_contact_that_cannot_be_understood_is_malformed(headers: dict[str, str]) -> None:
    translator = Translator("lab")
    assert translator.translate({**CONTACT, **headers}, 99) is None
    assert translator.malformed == 1


@pytest.mark.parametrize(
    ("headers", "score", "best"),
    [
        ({"Score": "4", "Scale": "10"}, 4, 10),
        ({"Score": "5"}, 5, 5),
        ({"Score": ""}, 0, 5),
        ({}, 0, 5),
    ],
)
def test_what_a_caller_answers_after_the_call(
    headers: dict[str, str], score: int, best: int
) -> None:
    event = translate(
        99, Event="UserEvent", UserEvent="MinuteurSatisfaction", Uniqueid="1.1", **headers
    )
    assert event == core.SatisfactionReported("lab", 99, "1.1", score, best)


@pytest.mark.parametrize(
    "headers", [{"Score": "6"}, {"Score": "-1"}, {"Score": "*"}, {"Score": "1", "Scale": "100"}]
)
def test_a_score_off_its_scale_is_malformed(headers: dict[str, str]) -> None:
    translator = Translator("lab")
    fields = {"Event": "UserEvent", "UserEvent": "MinuteurSatisfaction", "Uniqueid": "1.1"}
    assert translator.translate({**fields, **headers}, 99) is None
    assert translator.malformed == 1
