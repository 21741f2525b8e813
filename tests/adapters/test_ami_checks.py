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


def watched(raw: bytes) -> list[tuple[str, bool]]:
    raised = Raised()
    watch = ClassWatch(Warnings("lab", raised))
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
    assert watch.settled


def test_channels_that_were_there_before_us_prove_nothing() -> None:
    raised = Raised()
    watch = ClassWatch(Warnings("lab", raised))
    seen = core.ChannelSeen("1.1", "1.1", "PJSIP/t-1", "in", "s", "Queue", "", "", 0, "")
    watch.begin(core.PbxSnapshot("lab", 0, (seen,)))
    watch.look(core.QueueStatusSet("lab", 1, "1.1", "TIMEOUT"))
    watch.look(core.DialplanStep("lab", 1, "1.1", "in", "s", "Hangup"))
    assert raised == []
