"""One real call, told by AMI and by ARI: in whatever order the two are heard, the same record.

The pairs were recorded on real Asterisks with ``python -m tests.asterisk_lab.voice_capture``.
"""

import gzip
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations, islice
from math import comb
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core.effects import CallChanged
from monitor.core.engine import Engine
from monitor.core.policy import CountsWhen, Policy, VoiceServer
from monitor.core.records import Call, FactKind
from telephony_adapters.asterisk.ari_translate import AriTranslator, Insiders, moment
from telephony_adapters.recording import events_from
from tests.asterisk_lab.capture import TRACES
from tests.asterisk_lab.voice_rows import CALLS
from tests.scenarios.agreement import LAB_POLICY, PBX, as_expected

VERSIONS = ("22", "16")
NAMES = tuple(name for name in CALLS if name.startswith("stasis-"))
POLICY: Policy = replace(
    LAB_POLICY,
    voice_servers=(
        VoiceServer("stasis-ivr", (), ("ivr-*",)),
        VoiceServer("stasis-menu", (), ("menu-app",), CountsWhen.FIRST_INPUT),
        VoiceServer("stasis-dead", (), ("dead-app",)),
    ),
)
EXHAUSTIVE = 5_000
"""So many orders of a pair at most are tried each by each."""

Pair = tuple[tuple[ev.Event, ...], tuple[ev.Event, ...]]


@cache
def pair(version: str, name: str) -> Pair:
    """What each of the two said of the caller's own channel, through the shipped path."""
    folder = TRACES / f"stasis-{version}"
    ami = tuple(events_from(folder / f"{name}.ami.gz", PBX))
    caller = next(e.uniqueid for e in ami if isinstance(e, ev.ChannelArrived))
    return _about(ami, caller), _about(_ari(folder / f"{name}.ari.gz"), caller)


def _ari(path: Path) -> Iterator[ev.Event]:
    translator, insiders = AriTranslator(PBX), Insiders()
    for line in gzip.decompress(path.read_bytes()).splitlines():
        message = orjson.loads(line)
        event = translator.translate(message, _stamp(message))
        if event is not None:
            yield from insiders.admit(event)
    assert translator.malformed == 0


def _stamp(message: dict[str, str]) -> int:
    return moment(message["timestamp"])


def _about(events: Iterable[ev.Event], caller: str) -> tuple[ev.Event, ...]:
    return tuple(e for e in events if getattr(e, "uniqueid", "") == caller)


def follow(events: Sequence[ev.Event]) -> Call:
    """The record at the end; the clock is that of the events."""
    engine = Engine(POLICY)
    call: Call | None = None
    now = min(event.at for event in events)
    engine.advance(now)
    engine.handle(ev.PbxSnapshot(PBX, now))
    engine.handle(ev.LinkChanged(PBX, now, ev.LinkState.CONNECTED))
    for event in events:
        now = max(now, event.at)
        for effect in engine.advance(now) + engine.handle(event):
            if isinstance(effect, CallChanged):
                call = effect.call
    assert call is not None
    return call


WHEN_KNOWN = {FactKind.VERDICT, FactKind.CORRECTED, FactKind.AT_RISK}
"""These facts say when something became known, which is what differs."""


def record(call: Call) -> object:
    """All that must not depend on the order of hearing."""
    facts = [fact for fact in call.facts if fact.kind not in WHEN_KNOWN]
    return (
        call.verdict, call.reason, call.verdict_at, call.handled_at, call.handled_by, call.agent,
        call.stays, call.visits, call.arrived_at, call.ended_at, call.clock_started_at,
        sorted((fact.at, fact.kind, sorted(fact.detail.items())) for fact in facts),
    )  # fmt: skip


def merged(ami: Sequence[ev.Event], ari: Sequence[ev.Event], places: set[int]) -> list[ev.Event]:
    """The two streams as one; ``places`` are those of the ARI events in it."""
    first, second = iter(ami), iter(ari)
    return [next(second if n in places else first) for n in range(len(ami) + len(ari))]


def in_time(ami: Sequence[ev.Event], ari: Sequence[ev.Event]) -> list[ev.Event]:
    return sorted((*ami, *ari), key=lambda event: event.at)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_pair_ends_in_the_expected_record(name: str, version: str) -> None:
    call = follow(in_time(*pair(version, name)))
    seen = as_expected(call)
    assert replace(seen, agent=None if seen.agent is None else "", timeline="") == (
        CALLS[name].expected
    )


RELEVANT = (
    ev.ChannelArrived, ev.DialplanStep, ev.DigitPressed, ev.StasisRefused, ev.QueueJoined,
    ev.AgentConnected, ev.ChannelGone,
)  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", NAMES)
def test_every_order_of_what_matters_ends_in_the_same_record(name: str, version: str) -> None:
    ami, ari = pair(version, name)
    ami = tuple(event for event in ami if isinstance(event, RELEVANT))
    wanted = record(follow(in_time(ami, ari)))
    total = comb(len(ami) + len(ari), len(ari))
    orders = combinations(range(len(ami) + len(ari)), len(ari))
    # evenly over all of them where they are too many: also those where one is heard long after
    for places in islice(orders, 0, None, max(1, total // EXHAUSTIVE)):
        assert record(follow(merged(ami, ari, set(places)))) == wanted, places


@given(st.data())
def test_any_order_of_all_that_was_said_ends_in_the_same_record(data: st.DataObject) -> None:
    version = data.draw(st.sampled_from(VERSIONS))
    name = data.draw(st.sampled_from(NAMES))
    ami, ari = pair(version, name)
    order = data.draw(st.permutations([False] * len(ami) + [True] * len(ari)))
    places = {n for n, by_ari in enumerate(order) if by_ari}
    assert record(follow(merged(ami, ari, places))) == record(follow(in_time(ami, ari)))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", NAMES)
def test_without_ari_the_stays_and_the_verdict_are_the_same(name: str, version: str) -> None:
    ami, ari = pair(version, name)
    both, alone = follow(in_time(ami, ari)), follow(ami)
    assert (alone.verdict, alone.handled_by) == (both.verdict, both.handled_by)
    assert [(s.name, s.inputs) for s in alone.stays] == [(s.name, s.inputs) for s in both.stays]


def cut(ari: Sequence[ev.Event], first: int, last: int) -> list[ev.Event]:
    """What ARI tells where its link was down from its event ``first`` to its event ``last``."""
    insiders = Insiders()
    for event in ari[:last]:
        insiders.admit(event)
    at = ari[last - 1].at if last else ari[0].at - 1
    inside = tuple(ev.StasisSeen(*seen) for seen in insiders.inside.items())
    return [*ari[:first], ev.StasisSnapshot(PBX, at, inside), *ari[last:]]


def essence(call: Call) -> object:
    """What AMI alone is enough for."""
    stays = [(stay.name, stay.entered_at, stay.inputs) for stay in call.stays]
    return call.verdict, call.handled_at, call.handled_by, stays


@given(st.data())
def test_an_ari_link_that_breaks_and_comes_back_changes_no_verdict(data: st.DataObject) -> None:
    ami, ari = pair(data.draw(st.sampled_from(VERSIONS)), data.draw(st.sampled_from(NAMES)))
    wanted = essence(follow(in_time(ami, ari)))
    first = data.draw(st.integers(0, len(ari)))
    broken = cut(ari, first, data.draw(st.integers(first, len(ari))))
    order = data.draw(st.permutations([False] * len(ami) + [True] * len(broken)))
    places = {n for n, by_ari in enumerate(order) if by_ari}
    assert essence(follow(in_time(ami, broken))) == wanted
    assert essence(follow(merged(ami, broken, places))) == wanted
