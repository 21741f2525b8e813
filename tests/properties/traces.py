"""Every recorded trace, played again at another time, at another PBX, under other ids."""

from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

from monitor.core import events as ev
from monitor.core.clock import Ms
from telephony_adapters.recording import events_from

TRACES = Path(__file__).parent.parent / "traces"
PBXS = ("lab", "branch")
MOST = 2_000
"""A trace of more events is the benchmark's, the same call over and over."""
LONGEST = 120
"""Of a longer trace (forty callers at once) a stretch of so many events is played."""

Events = tuple[ev.Event, ...]

_IDS = {"uniqueid", "linkedid", "dest_uniqueid", "by_uniqueid", "second_uniqueid", "bridge"}
_CHANNELS = {"channel", "dest_channel"}


@cache
def names() -> tuple[str, ...]:
    """All recorded traces, the shortest first: ``22/answered-at-once``."""
    paths = [*TRACES.glob("asterisk-*/*.ami"), *TRACES.glob("asterisk-*/*.ami.gz")]
    named = (f"{path.parent.name[len('asterisk-') :]}/{path.name.split('.')[0]}" for path in paths)
    found = [name for name in named if len(recorded(name)) <= MOST]
    return tuple(sorted(found, key=lambda name: (len(recorded(name)), name)))


@cache
def recorded(name: str) -> Events:
    """The events of a trace as they were recorded, dated from 0 on."""
    version, _, row = name.partition("/")
    path = TRACES / f"asterisk-{version}" / f"{row}.ami"
    path = path if path.exists() else path.with_name(f"{row}.ami.gz")
    events = tuple(events_from(path, PBXS[0]))
    start = min(event.at for event in events)
    return tuple(moved(event, -start) for event in events)


def moved(event: ev.Event, by: Ms) -> ev.Event:
    """The same event at another time, with all moments in it."""
    if isinstance(event, ev.MemberChanged) and event.last_call:
        return replace(event, at=event.at + by, last_call=event.last_call + by)
    return replace(event, at=event.at + by)


@cache
def _under_other_ids(name: str, pbx: str, nth: int) -> Events:
    """A trace at ``pbx``, which is the ``nth`` played there: only the first keeps its ids."""
    return tuple(_renamed(event, pbx, nth) for event in recorded(name))


def _renamed(event: ev.Event, pbx: str, nth: int) -> ev.Event:
    names: dict[str, str] = {}
    for field in fields(event) if nth else ():
        value = getattr(event, field.name)
        if field.name in _IDS and value:
            names[field.name] = f"{value}/{nth}"
        elif field.name in _CHANNELS:
            names[field.name] = value.replace("-0", f"-{nth}", 1)
    return replace(event, pbx=pbx, **names)  # type: ignore[arg-type]  # all of them are text


@dataclass(frozen=True)
class Take:
    """A trace that is played: at which PBX, how much later than the others, from which event."""

    trace: str
    pbx: str = PBXS[0]
    delay: Ms = 0
    begin: int = 0


def woven(takes: tuple[Take, ...]) -> list[tuple[Ms, ev.Event]]:
    """The events of all takes in one order of time, each with the span by which it is to be moved.

    The first take begins at 0. Each take keeps the order in which its PBX sent the events, which
    their times do not always keep (they may go back by 2 ms).
    """
    timed: list[tuple[Ms, int, ev.Event, Ms]] = []
    for place, take in enumerate(takes):
        nth = sum(other.pbx == take.pbx for other in takes[:place])
        events = _under_other_ids(take.trace, take.pbx, nth)
        played = events[take.begin : take.begin + LONGEST]
        shift = take.delay - played[0].at
        latest = 0
        for event in played:
            latest = max(latest, event.at + shift)
            timed.append((latest, place, event, shift))
    timed.sort(key=lambda item: item[:2])
    return [(shift, event) for _, _, event, shift in timed]
