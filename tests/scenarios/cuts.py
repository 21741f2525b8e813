"""One capture with one cut of the link, in its own time, as its queue log knows it."""

from functools import cache

from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core.resync import without_overtaken
from telephony_adapters.recording import events_from
from tests.asterisk_lab.rows import ROWS
from tests.properties.world import World
from tests.scenarios.agreement import PBX
from tests.scenarios.test_captures import capture_of

SMALL = [row for row in ROWS if row.name != "forty-at-once"]
NAMES = [row.name for row in SMALL]


@cache
def events_of(name: str) -> list[ev.Event]:
    """The events of a row's capture on Asterisk 22."""
    row = next(row for row in SMALL if row.name == name)
    return list(events_from(capture_of(row), PBX))


@st.composite
def cuts(draw: st.DrawFn) -> tuple[str, int, int, int]:
    """A capture and three places in it: the link is lost, is logged in again, is listed."""
    name = draw(st.sampled_from(NAMES))
    last = len(events_of(name)) - 1
    lost = draw(st.integers(0, last))
    login = draw(st.integers(lost, last))
    return name, lost, login, draw(st.integers(login, last))


def cut_stream(name: str, lost: int, login: int, listed: int) -> list[ev.Event]:
    """What the monitor gets of a capture."""
    events = events_of(name)
    world = World(PBX)
    for event in events[:listed]:
        world.apply(event)
    # A list is made after the events before it, and before those after it.
    at = max(event.at for event in events[: listed + 1])
    return [
        *events[:lost],
        ev.LinkChanged(PBX, events[lost].at, ev.LinkState.LOST, "cut"),
        without_overtaken(
            world.snapshot(world.channels(at, world.bridge_types()), at, at), events[login:listed]
        ),
        *events[login:listed],
        ev.LinkChanged(PBX, at, ev.LinkState.CONNECTED),
        *events[listed:],
    ]
