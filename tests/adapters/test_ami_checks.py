from collections.abc import Iterator

import pytest

from monitor.core import events as core
from telephony_adapters.asterisk.ami_checks import ClassWatch, Warnings
from telephony_adapters.asterisk.ami_decode import EventDecoder
from telephony_adapters.asterisk.ami_framing import BOUNDARY

from .traces import CAPTURES, capture

EMPTY = core.PbxSnapshot("lab", 0)


class Raised(list[tuple[str, bool]]):
    def __call__(self, code: str, text: str) -> None:
        self.append((code, bool(text)))


def events(raw: bytes) -> Iterator[core.Event]:
    yield from EventDecoder("lab").feed(raw, 0)


def without(raw: bytes, name: str) -> bytes:
    """The stream as an account without one read class gets it."""
    mark = f"\r\nPrivilege: {name},".encode()
    return BOUNDARY.join(f for f in raw.split(BOUNDARY) if mark not in f)


def watched(raw: bytes, *, wants_digits: bool = True) -> list[tuple[str, bool]]:
    raised = Raised()
    watch = ClassWatch(Warnings("lab", raised), wants_digits=wants_digits)
    watch.begin(EMPTY)
    for event in events(raw):
        watch.look(event)
    return raised


def rows(*names: str) -> bytes:
    return b"".join(capture(p) for p in CAPTURES if p.name.removesuffix(".ami") in names)


EVERYTHING = [p for p in CAPTURES if p.name not in ("snapshot.ami", "bench.ami.gz")]


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: path.name)
def test_nothing_is_said_about_an_account_that_may_read_all(path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert watched(capture(path)) == []


@pytest.mark.parametrize("name", ["call", "agent", "dialplan"])
def test_a_missing_class_is_found_by_the_holes_it_leaves(name: str) -> None:
    raw = rows("timeout-hangup", "answered-at-once", "timeout-message", "leave-empty")
    assert watched(without(raw, name)) == [(f"read_class_{name}", True)]


def test_one_answered_call_is_enough_to_miss_the_agents_class() -> None:
    raw = rows("answered-at-once")
    assert watched(without(raw, "agent")) == [("read_class_agent", True)]


@pytest.mark.parametrize(
    ("counts", "missed"),
    [([7, 7, 7], False), ([7, 8], False), ([7, 8, 8], True), ([7, 7, 9, 9], True), ([], False)],
)
def test_calls_that_the_pbx_counts_and_nobody_announces_show_that_the_class_call_is_missing(
    counts: list[int], missed: bool
) -> None:
    raised = Raised()
    watch = ClassWatch(Warnings("lab", raised))
    watch.begin(EMPTY)
    for count in counts:
        watch.processed(count)
    assert raised == ([("read_class_call", True)] if missed else [])


def test_it_is_taken_back_when_the_class_comes() -> None:
    raw = rows("timeout-hangup")
    raised = Raised()
    warnings = Warnings("lab", raised)
    for stream in (without(raw, "agent"), raw):
        watch = ClassWatch(warnings)
        watch.begin(EMPTY)
        for event in events(stream):
            watch.look(event)
    assert raised == [("read_class_agent", True), ("read_class_agent", False)]


def test_channels_that_were_there_before_us_prove_nothing() -> None:
    raised = Raised()
    watch = ClassWatch(Warnings("lab", raised))
    seen = core.ChannelSeen("1.1", "1.1", "PJSIP/t-1", "in", "s", "Queue", "", "", 0, "")
    watch.begin(core.PbxSnapshot("lab", 0, (seen,)))
    watch.look(core.QueueStatusSet("lab", 1, "1.1", "TIMEOUT"))
    watch.look(core.DialplanStep("lab", 1, "1.1", "in", "s", "Hangup"))
    assert raised == []


def test_keys_that_nobody_told_us_of_are_missed_only_by_who_counts_on_them() -> None:
    raw = without(rows("voice-server-digit"), "dtmf")
    assert watched(raw) == [("read_class_dtmf", True)]
    assert watched(raw, wants_digits=False) == []


def looked(*seen: core.Event) -> list[tuple[str, bool]]:
    raised = Raised()
    watch = ClassWatch(Warnings("lab", raised), wants_digits=True)
    watch.begin(EMPTY)
    watch.look(core.ChannelArrived("lab", 1, "1.1", "1.1", "PJSIP/t-1", "menu", "s", "", ""))
    for event in seen:
        watch.look(event)
    return raised


def step(application: str, exten: str = "s", data: str = "", context: str = "menu") -> core.Event:
    return core.DialplanStep("lab", 1, "1.1", context, exten, application, data)


@pytest.mark.parametrize(
    ("seen", "missed"),
    [
        ((step("WaitExten"), step("NoOp", "1")), True),
        ((step("BackGround"), step("NoOp", "*21#")), True),
        # the dialplan itself goes there, or time does, or the key led out of the context
        ((step("Goto", data="1,1"), step("NoOp", "1")), False),
        ((step("WaitExten"), step("Playback", "t")), False),
        ((step("WaitExten"), step("Queue", "s", "support")), False),
        ((step("WaitExten"), step("NoOp", "1", context="other")), False),
        ((step("WaitExten"), core.ChannelGone("lab", 1, "1.1", 16)), False),
        ((core.DigitPressed("lab", 1, "1.1", "1"), step("WaitExten"), step("NoOp", "1")), False),
    ],
)
def test_what_shows_that_a_key_was_pressed(seen: tuple[core.Event, ...], missed: bool) -> None:
    assert looked(*seen) == [("read_class_dtmf", True)] * missed


REPORT = step("UserEvent", data="MinuteurVoiceServer,Name: welcome,Step: entered")
ENTERED = core.VoiceServerReported("lab", 1, "1.1", "welcome", core.VoiceServerStep.ENTERED)


@pytest.mark.parametrize(
    ("seen", "missed"),
    [
        ((REPORT, step("Playback")), True),
        ((REPORT, ENTERED, step("Playback")), False),
        ((step("UserEvent", data="Other,Name: a,Step: entered"), step("Playback")), False),
        # not a report as we understand it: its event would not have been taken either
        ((step("UserEvent", data="MinuteurVoiceServer,Name: a"), step("Playback")), False),
    ],
)
def test_a_report_that_never_came(seen: tuple[core.Event, ...], missed: bool) -> None:
    assert looked(*seen) == [("read_class_user", True)] * missed


def test_a_class_that_comes_after_all_is_taken_back() -> None:
    assert looked(REPORT, step("Playback"), ENTERED) == [
        ("read_class_user", True), ("read_class_user", False)
    ]  # fmt: skip


def test_a_channel_that_ended_while_the_snapshot_was_taken_proves_nothing() -> None:
    raised = Raised()
    watch = ClassWatch(Warnings("lab", raised))
    watch.begin(EMPTY, [step("Queue")])
    watch.look(step("Queue"))
    assert raised == []
    watch.look(core.DialplanStep("lab", 1, "1.2", "menu", "s", "Queue", ""))
    assert raised == [("read_class_call", True)]
