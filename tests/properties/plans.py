"""What is done to a stream of events on its way to the monitor; drawn by Hypothesis, or written.

A plan says which traces are played and what happens to them. Places are numbers of slots: the
events of all takes in order of time fill one slot each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import prod
from typing import TypeVar

from hypothesis import strategies as st

from monitor.core.clock import HOUR, Ms
from tests.properties.traces import LONGEST, PBXS, Take, names, recorded

BATCHES = (1, 1, 3, 20)
OFFSETS: tuple[Ms, ...] = (0, 0, 700, -700, HOUR)
WINDOW = 12
"""How many slots an event may come late, or a second time."""


class _Word(StrEnum):
    """Shown as it is written in code, so that a failing plan can be copied into a test."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"


class Deed(_Word):
    """What may happen to one event."""

    DROP = "drop"
    DOUBLE = "double"
    MOVE = "move"


@dataclass(frozen=True)
class Damage:
    """One event is dropped, comes again ``by`` slots later, or comes so much later."""

    deed: Deed
    slot: int
    by: int = 0


class Flaw(_Word):
    """What is wrong with a snapshot."""

    NONE = "none"
    NO_BRIDGE_TYPES = "no bridge types"
    NO_CHANNELS = "no channels"
    """The account may not list channels: only those are told who wait in a queue."""
    EMPTY = "empty"
    """A lie: there are calls, and the PBX says that there are none."""


@dataclass(frozen=True)
class Cut:
    """The link is lost at a slot, and made again so and so many slots later.

    ``login``, ``listed``, ``over`` count on from there: events are buffered from the login on;
    bridges are listed with it, channels ``listed`` slots later, queues ``over`` slots later still.
    """

    pbx: str
    lost: int
    login: int = 0
    listed: int = 0
    over: int = 0
    flaw: Flaw = Flaw.NONE
    restarted: bool = False
    """The PBX itself started anew: all its channels ended without a word."""


@dataclass(frozen=True)
class Kill:
    """The monitor is killed at a slot; the record stands as it was ``unsaved`` slots before.

    Another monitor takes over; the links are made again ``login`` slots later.
    """

    slot: int
    unsaved: int = 0
    login: int = 0


class Saying(_Word):
    """What may be said in between, that no trace holds."""

    CLOCK = "clock"
    ENTERED = "entered"
    INPUT = "input"
    LEFT = "left"
    DIGIT = "digit"
    STASIS_ENTERED = "stasis entered"
    STASIS_LEFT = "stasis left"
    STASIS_DIGIT = "stasis digit"
    STASIS_LIST = "stasis list"
    STASIS_REFUSED = "stasis refused"
    PLAYING = "playing"
    CALLER_ID = "caller id"
    COMPLETED_BY_NOBODY = "completed by nobody"
    MEMBER_REMOVED = "member removed"
    WARNING = "warning"


@dataclass(frozen=True)
class Extra:
    """Something said about the channel of the event in a slot; ``detail`` chooses a variant."""

    saying: Saying
    slot: int
    detail: int = 0


@dataclass(frozen=True)
class Plan:
    """All that a stream of events is made of."""

    takes: tuple[Take, ...]
    policy: int = 0
    first: int = 0
    """The slot at which the monitor starts; what was before it did not see."""
    damage: tuple[Damage, ...] = ()
    cuts: tuple[Cut, ...] = ()
    kills: tuple[Kill, ...] = ()
    extras: tuple[Extra, ...] = ()
    midnight: int | None = None
    """The slot at whose event a day ends."""
    batch: int = 1
    """After how many slots the monitor looks at the clock again."""
    offset: Ms = 0
    """The monitor's clock minus the PBX's."""


def slots(takes: tuple[Take, ...]) -> int:
    """How many slots there are."""
    return sum(min(LONGEST, len(recorded(take.trace)) - take.begin) for take in takes)


def split(number: int, *sizes: int) -> list[int]:
    """Take one number apart into one below each of ``sizes``.

    Hypothesis draws a number some times faster than it draws its parts.
    """
    parts = []
    for size in sizes:
        number, part = divmod(number, size)
        parts.append(part)
    return parts


Made = TypeVar("Made")


def few(most: int, make: Callable[..., Made], *sizes: int) -> st.SearchStrategy[tuple[Made, ...]]:
    """Up to ``most`` things, each made from one number below each of ``sizes``."""
    one = st.integers(0, prod(sizes) - 1)
    return st.lists(one, max_size=most).map(
        lambda numbers: tuple(make(*split(number, *sizes)) for number in numbers)
    )


@st.composite
def takes(draw: st.DrawFn, most: int = 3) -> tuple[Take, ...]:
    """One to ``most`` traces, on one or two PBXs."""
    chosen: list[Take] = []
    number = draw(st.integers(1, most))
    for _ in range(number):
        name, delay, other, begin = split(
            draw(st.integers(0, len(names()) * 4_000 * 2 * 997 - 1)), len(names()), 4_000, 2, 997
        )
        trace = names()[name]
        spare = len(recorded(trace)) - LONGEST
        begin = begin * spare // 996 if spare > 0 else 0
        chosen.append(
            Take(trace, PBXS[other], delay, begin) if chosen else Take(trace, begin=begin)
        )
    return tuple(chosen)


def a_damage(size: int) -> st.SearchStrategy[tuple[Damage, ...]]:
    """What happens to some of ``size`` events."""
    deeds = tuple(Deed)
    return few(
        10, lambda deed, slot, by: Damage(deeds[deed], slot, by), len(deeds), size, WINDOW + 1
    )


def some_cuts(
    size: int, pbxs: tuple[str, ...], flaws: tuple[Flaw, ...]
) -> st.SearchStrategy[tuple[Cut, ...]]:
    """Losses of the links among ``size`` slots; few of them by a restart of the PBX."""

    def make(pbx: int, lost: int, login: int, rest: int, flaw: int, restarted: int) -> Cut:
        listed, over = divmod(rest, 7)
        return Cut(pbxs[pbx], lost, login, listed, over, flaws[flaw], restarted == 7)

    return few(3, make, len(pbxs), size, size + 1, 49, len(flaws), 8)


def some_kills(size: int) -> st.SearchStrategy[tuple[Kill, ...]]:
    """Deaths of the monitor among ``size`` slots."""
    return few(2, Kill, size, WINDOW + 1, WINDOW + 1)


def some_extras(size: int) -> st.SearchStrategy[tuple[Extra, ...]]:
    """Things said in between."""
    sayings = tuple(Saying)
    return few(
        6, lambda saying, slot, detail: Extra(sayings[saying], slot, detail), len(sayings), size, 8
    )


@st.composite
def damaged(draw: st.DrawFn, policies: int) -> Plan:
    """Any plan: whatever can go wrong on the way, and more."""
    chosen = draw(takes())
    size = slots(chosen)
    here = tuple(dict.fromkeys(take.pbx for take in chosen))
    died = draw(some_kills(size))
    # A monitor that is told a lie and dies remembers nothing that could put the lie right.
    flaws = tuple(flaw for flaw in Flaw if not died or flaw is not Flaw.EMPTY)
    policy, late, midnight, batch, offset = split(
        draw(st.integers(0, policies * 2 * 2 * len(BATCHES) * len(OFFSETS) - 1)),
        policies, 2, 2, len(BATCHES), len(OFFSETS),
    )  # fmt: skip
    return Plan(
        takes=chosen,
        policy=policy,
        first=draw(st.integers(0, size - 1)) if late else 0,
        damage=draw(a_damage(size)),
        cuts=draw(some_cuts(size, here, flaws)),
        kills=died,
        extras=draw(some_extras(size)),
        midnight=draw(st.integers(0, size - 1)) if midnight else None,
        batch=BATCHES[batch],
        offset=OFFSETS[offset],
    )


@st.composite
def cut(draw: st.DrawFn) -> Plan:
    """Only what the link and the monitor may suffer: each event comes once, in order, or never."""
    chosen = draw(takes(2))
    size = slots(chosen)
    here = tuple(dict.fromkeys(take.pbx for take in chosen))
    honest = (Flaw.NONE, Flaw.NONE, Flaw.NO_BRIDGE_TYPES, Flaw.NO_CHANNELS)
    late, midnight, batch = split(draw(st.integers(0, 4 * len(BATCHES) - 1)), 2, 2, len(BATCHES))
    return Plan(
        takes=chosen,
        first=draw(st.integers(0, size - 1)) if late else 0,
        cuts=draw(some_cuts(size, here, honest)),
        kills=draw(some_kills(size)),
        midnight=draw(st.integers(0, size - 1)) if midnight else None,
        batch=BATCHES[batch],
    )
