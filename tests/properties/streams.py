"""From a plan to what the monitor gets: events, link losses, resyncs, and its own deaths."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from monitor.core import events as ev
from monitor.core.clock import DAY, SECOND, Ms
from monitor.core.resync import without_overtaken
from tests.properties.plans import Cut, Deed, Extra, Flaw, Plan
from tests.properties.sayings import said
from tests.properties.traces import moved, woven
from tests.properties.world import World

MIDNIGHT: Ms = 1_763_769_600_000
"""2025-11-22T00:00:00Z in ms."""
NOON: Ms = MIDNIGHT - DAY // 2
QUIET: Ms = 9 * SECOND
"""How long after the last event the PBX is asked a last time."""


class Aside(Enum):
    """What happens to the monitor itself between two events."""

    LOOK = auto()
    """It looks at the clock."""
    SAVE = auto()
    """The record as it stands reaches the database."""
    DIE = auto()
    """It is killed, and another takes over what reached the database."""


class _Link(Enum):
    LOST = auto()
    BUFFERING = auto()
    UP = auto()


@dataclass
class _Pbx:
    """One PBX, and the link with it."""

    world: World
    link: _Link = _Link.LOST
    buffer: list[ev.Event] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    restarted: bool = False
    at: Ms = 0
    types: dict[str, str] = field(default_factory=dict)
    channels: tuple[ev.ChannelSeen, ...] = ()


class _Step(Enum):
    """What happens to a link at a slot; those of one slot happen in this order."""

    LOSE = 0
    RESTART = 1
    LOGIN = 2
    CHANNELS = 3
    QUEUES = 4


@dataclass(frozen=True)
class _Order:
    step: _Step
    pbx: str
    flaw: Flaw = Flaw.NONE


def true_events(plan: Plan) -> list[ev.Event]:
    """What really happens, slot by slot."""
    timed = woven(plan.takes)
    start = NOON
    if plan.midnight is not None:
        shift, event = timed[plan.midnight]
        start = MIDNIGHT - event.at - shift
    return [moved(event, shift + start) for shift, event in timed]


def stream(plan: Plan) -> Iterator[ev.Event | Aside]:
    """What the monitor gets; at its end the PBXs say that no channel is left."""
    truth = true_events(plan)
    told = _damaged(plan, truth)
    links = {take.pbx: _Pbx(World(take.pbx)) for take in plan.takes}
    orders, asides = _orders(plan, len(truth), tuple(links)), _asides(plan, len(truth))
    now = truth[0].at
    for slot, event in enumerate(truth):
        now = max(now, event.at)
        yield from asides.get(slot, ())
        for order in orders.get(slot, ()):
            yield from _obey(links[order.pbx], order, now)
        of = links[event.pbx]
        if getattr(event, "uniqueid", "") not in of.gone:
            of.world.apply(event)
        for heard in told[slot]:
            yield from _heard(links[heard.pbx], heard)
        if slot % plan.batch == plan.batch - 1:
            yield Aside.LOOK
    yield from _end(links, now + QUIET)


def _end(links: dict[str, _Pbx], now: Ms) -> Iterator[ev.Event | Aside]:
    for name, of in links.items():
        of.world = World(name)
        for step in (_Step.LOSE, _Step.LOGIN, _Step.QUEUES):
            yield from _obey(of, _Order(step, name), now)
    yield Aside.LOOK


def _damaged(plan: Plan, truth: list[ev.Event]) -> list[list[ev.Event]]:
    """What is told in each slot. A link that is made anew tells nothing of before it was."""
    told = [[event] for event in truth]
    pbxs = [take.pbx for take in plan.takes]
    logins = [(pbx, plan.first) for pbx in pbxs]
    logins += [(cut.pbx, cut.lost + cut.login) for cut in plan.cuts]
    logins += [(pbx, kill.slot + kill.login) for kill in plan.kills for pbx in pbxs]
    for damage in plan.damage:
        event = truth[damage.slot]
        if damage.deed is not Deed.DOUBLE and event in told[damage.slot]:
            told[damage.slot].remove(event)
        slot = min(len(told) - 1, damage.slot + damage.by)
        crosses = any(pbx == event.pbx and damage.slot < at <= slot for pbx, at in logins)
        if damage.deed is not Deed.DROP and not crosses:
            told[slot].append(event)
    for extra in plan.extras:
        told[extra.slot] += _said(extra, truth[extra.slot], plan.offset)
    return told


def _said(extra: Extra, event: ev.Event, offset: Ms) -> list[ev.Event]:
    found = said(extra.saying, event, extra.detail, offset)
    return [] if found is None else [found]


def _orders(plan: Plan, size: int, pbxs: tuple[str, ...]) -> dict[int, list[_Order]]:
    timed: list[tuple[int, _Order]] = []
    # The monitor comes to a PBX that is at work: its first resync.
    for cut in [*(Cut(pbx, plan.first) for pbx in pbxs), *plan.cuts]:
        timed += _orders_of_cut(cut)
    for kill in plan.kills:
        for pbx in pbxs:
            timed += _orders_of_cut(Cut(pbx, kill.slot, kill.login))
    timed.sort(key=lambda item: (item[0], item[1].step.value))
    orders: dict[int, list[_Order]] = {}
    for slot, order in timed:
        if slot < size:
            orders.setdefault(slot, []).append(order)
    return orders


def _orders_of_cut(cut: Cut) -> Iterator[tuple[int, _Order]]:
    login = cut.lost + cut.login
    channels = login + cut.listed
    yield cut.lost, _Order(_Step.LOSE, cut.pbx)
    if cut.restarted:
        yield cut.lost, _Order(_Step.RESTART, cut.pbx)
    yield login, _Order(_Step.LOGIN, cut.pbx)
    yield channels, _Order(_Step.CHANNELS, cut.pbx)
    yield channels + cut.over, _Order(_Step.QUEUES, cut.pbx, cut.flaw)


def _asides(plan: Plan, size: int) -> dict[int, list[Aside]]:
    asides: dict[int, list[Aside]] = {}
    for kill in plan.kills:
        if plan.first < kill.slot < size:
            asides.setdefault(max(plan.first + 1, kill.slot - kill.unsaved), []).append(Aside.SAVE)
    for kill in plan.kills:
        if plan.first < kill.slot < size:
            asides.setdefault(kill.slot, []).append(Aside.DIE)
    return asides


_ARI = (ev.StasisEntered, ev.StasisLeft, ev.StasisDigit, ev.StasisSnapshot, ev.PlaybackChanged)
"""What comes by a link of its own."""


def _heard(of: _Pbx, event: ev.Event) -> Iterator[ev.Event]:
    if getattr(event, "uniqueid", "") in of.gone:
        return
    if of.link is _Link.UP or isinstance(event, _ARI):
        yield event
    elif of.link is _Link.BUFFERING:
        of.buffer.append(event)


def _obey(of: _Pbx, order: _Order, now: Ms) -> Iterator[ev.Event]:
    pbx = order.pbx
    match order.step:
        case _Step.LOSE:
            of.link, of.buffer = _Link.LOST, []
            yield ev.LinkChanged(pbx, now, ev.LinkState.LOST, "The link was cut.")
        case _Step.RESTART:
            of.gone |= of.world.arrived.keys()
            of.world, of.restarted = World(pbx), True
        case _Step.LOGIN if of.link is _Link.LOST:
            of.link, of.buffer, of.at = _Link.BUFFERING, [], now
            of.types = of.world.bridge_types()
            of.channels = of.world.channels(now, of.types)
            yield ev.LinkChanged(pbx, now, ev.LinkState.RESYNCING)
        case _Step.CHANNELS if of.link is _Link.BUFFERING:
            of.channels = of.world.channels(now, of.types)
        case _Step.QUEUES if of.link is _Link.BUFFERING:
            listed = _listed(of, order)
            told = of.world.snapshot(listed, of.at, now, restarted=of.restarted)
            yield _flawed(without_overtaken(told, of.buffer), order)
            of.link, of.restarted = _Link.UP, False
            yield from of.buffer
            of.buffer = []
            yield ev.LinkChanged(pbx, now, ev.LinkState.CONNECTED)
        case _:
            pass


def _listed(of: _Pbx, order: _Order) -> tuple[ev.ChannelSeen, ...] | None:
    if order.flaw is Flaw.NO_CHANNELS:
        return None
    if order.flaw is Flaw.NO_BRIDGE_TYPES:
        return tuple(replace(channel, bridge_type="") for channel in of.channels)
    return of.channels


def _flawed(snapshot: ev.PbxSnapshot, order: _Order) -> ev.PbxSnapshot:
    if order.flaw is Flaw.EMPTY:
        return replace(snapshot, channels=(), queues=())
    return snapshot
