"""The simulated centre says what a real Asterisk said in the same situation."""

from __future__ import annotations

import pytest

from telephony_adapters.asterisk.ami_translate import TABLE
from tests.asterisk_lab.more_scenarios import MORE
from tests.asterisk_lab.scenarios import REQUIRED, Row

from .lab_rows import SLIPS, TRACES, captured, completions, device_story, play, story

WANTED = frozenset(TABLE)
NOT_SIMULATED = {
    "forty-at-once": "which call meets which agent is a matter of microseconds",
    "exit-by-key": "needs the application Dial",
    "direct-dial": "needs the application Dial",
    "announced-agent-leaves": "no announcements to agents",
    "one-round": "the option n of Queue",
    "continued": "the option c of Queue",
    "local-caller": "members that are Local channels",
    "local-caller-abandons": "members that are Local channels",
    "outgoing-call": "no outgoing calls",
    "blind-transfer": "no transfers",
    "snapshot": "lists are compared in test_lists",
}
SIMULATED = [row for row in (*REQUIRED, *MORE) if row.name not in NOT_SIMULATED]


@pytest.mark.parametrize("row", SIMULATED, ids=lambda row: row.name)
def test_every_channel_tells_the_same_story(row: Row) -> None:
    real = captured(row)
    for slip in SLIPS:
        ours = play(row, slip)
        if story(ours, WANTED) == story(real, WANTED):
            break
    assert story(ours, WANTED) == story(real, WANTED)
    assert completions(ours) == completions(real)
    assert device_story(ours) == device_story(real)


def test_every_event_has_the_headers_of_a_real_one() -> None:
    real: dict[str, set[tuple[str, ...]]] = {}
    for path in TRACES.glob("*.ami"):
        for frame in path.read_bytes().split(b"\r\n\r\n"):
            names = _headers(frame)
            if names[:1] == ("Event",):
                real.setdefault(_name(frame), set()).add(names)
    unknown = {}
    for row in SIMULATED:
        for frame in _frames(row):
            names = _headers(frame)
            if names not in real.get(_name(frame), set()):
                unknown[_name(frame), names] = row.name
    assert not unknown


def _frames(row: Row) -> list[bytes]:
    """The row's events as bytes again; ``parse_stream`` keeps the order of headers."""
    return [
        b"\r\n".join(f"{key}: {value}".encode() for key, value in message.items())
        for message in play(row)
    ]


def _headers(frame: bytes) -> tuple[str, ...]:
    return tuple(line.split(b":")[0].decode() for line in frame.split(b"\r\n"))


def _name(frame: bytes) -> str:
    return frame.split(b"\r\n")[0].partition(b": ")[2].decode()
