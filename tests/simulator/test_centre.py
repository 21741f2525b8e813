"""The centre itself: deterministic, believable, and at one with what it says about itself."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.core.clock import DAY, HOUR, MINUTE, SECOND
from telephony_adapters.simulator import (
    ALWAYS_BUSY,
    DEMO_SITE,
    ORDINARY,
    QUIET,
    Centre,
    Profile,
    SimulatedPbx,
    history_bytes,
)
from telephony_adapters.simulator.backfill import Tape
from telephony_adapters.simulator.site import FICTION
from telephony_adapters.simulator.traffic import Traffic, days_before
from tests.asterisk_lab.ami import Message, parse_message

from .client import logged_in

PARIS = ZoneInfo("Europe/Paris")
FRIDAY = round(datetime(2026, 11, 20, 18, 0, tzinfo=UTC).timestamp()) * SECOND


def busy(seed: int, profile: Profile = ALWAYS_BUSY) -> tuple[Centre, Tape]:
    tape = Tape()
    centre = Centre(DEMO_SITE, seed=seed, begin=FRIDAY, emit=tape)
    Traffic(centre, profile, PARIS).begin()
    return centre, tape


def parsed(raw: bytes) -> list[Message]:
    return [parse_message(frame) for frame in raw.split(b"\r\n\r\n")[:-1]]


def test_the_same_seed_gives_the_same_bytes_however_it_is_stepped() -> None:
    one, first = busy(5)
    one.run_until(FRIDAY + 10 * MINUTE)
    two, second = busy(5)
    for minute in range(10):
        two.run_until(FRIDAY + minute * MINUTE + 17)
    two.run_until(FRIDAY + 10 * MINUTE)
    three, third = busy(6)
    three.run_until(FRIDAY + 10 * MINUTE)
    bytes_of_one = first.take()
    assert bytes_of_one == second.take()
    assert bytes_of_one != third.take()


def test_timestamps_never_go_back_and_ids_are_unique() -> None:
    centre, tape = busy(1)
    centre.run_until(FRIDAY + 20 * MINUTE)
    events = parsed(tape.take())
    stamps = [event["Timestamp"] for event in events]
    assert stamps == sorted(set(stamps))
    born = [event["Uniqueid"] for event in events if event["Event"] == "Newchannel"]
    assert len(born) == len(set(born))
    numbers = {e["CallerIDNum"] for e in events if e["Event"] == "Newchannel"}
    assert all(n.startswith(FICTION) for n in numbers if len(n) == 10)


@pytest.mark.parametrize("seed", range(6))
async def test_within_two_minutes_a_demo_has_shown_it_all(seed: int) -> None:
    async with SimulatedPbx(seed, speed=0, start=FRIDAY) as pbx:
        longest = 0
        at_risk = met = False
        for _ in range(110):
            pbx.advance(SECOND)
            for call in pbx.centre.calls.values():
                if call.channel.context != "incoming":
                    continue  # handled by the voice server
                age = pbx.now - call.arrived_at
                if call.entry is not None:
                    longest = max(longest, age)
                    at_risk |= 45 * SECOND <= age < 60 * SECOND
                elif call.talk is not None:
                    met |= call.talk.started_at - call.arrived_at < 60 * SECOND
        assert longest >= 60 * SECOND
        assert at_risk
        assert met


async def test_replaying_the_events_gives_what_the_lists_say() -> None:
    async with SimulatedPbx(3, speed=0, start=FRIDAY) as pbx, logged_in(pbx.port) as client:
        items = await client.listing("QueueStatus")
        waiting = {e["Uniqueid"]: e["Queue"] for e in items if e["Event"] == "QueueEntry"}
        members = {_place(m): _state(m) for m in items if m["Event"] == "QueueMember"}
        channels = {c["Uniqueid"] for c in await client.listing("CoreShowChannels")}
        done = len(await client.drain())
        for _ in range(40):
            pbx.advance(15 * SECOND)
            events = (await client.drain())[done:]
            done += len(events)
            for event in events:
                _apply(event, waiting, members, channels)
            items = await client.listing("QueueStatus")
            entries = [e for e in items if e["Event"] == "QueueEntry"]
            assert waiting == {e["Uniqueid"]: e["Queue"] for e in entries}
            assert members == {_place(m): _state(m) for m in items if m["Event"] == "QueueMember"}
            assert channels == {c["Uniqueid"] for c in await client.listing("CoreShowChannels")}


def _apply(
    event: Message,
    waiting: dict[str, str],
    members: dict[tuple[str, str], tuple[str, ...]],
    channels: set[str],
) -> None:
    name = event["Event"]
    if name == "QueueCallerJoin":
        waiting[event["Uniqueid"]] = event["Queue"]
    elif name == "QueueCallerLeave":
        assert waiting.pop(event["Uniqueid"]) == event["Queue"]
    elif name == "QueueMemberRemoved":
        del members[event["Queue"], event["Interface"]]
    elif name.startswith("QueueMember"):
        members[event["Queue"], event["Interface"]] = _state(event)
    elif name == "Newchannel":
        channels.add(event["Uniqueid"])
    elif name == "Hangup":
        channels.remove(event["Uniqueid"])


def _place(member: Message) -> tuple[str, str]:
    return member["Queue"], member["Location"]


def _state(member: Message) -> tuple[str, ...]:
    keys = ("Status", "Paused", "PausedReason", "Penalty", "CallsTaken", "LastCall")
    return tuple(member[key] for key in keys)


def test_history_is_the_same_each_time_and_without_noise() -> None:
    def made() -> bytes:
        return b"".join(history_bytes(4, 0, FRIDAY, zone=PARIS))

    raw = made()
    assert raw == made()
    events = parsed(raw)
    assert {e["Event"] for e in events}.isdisjoint({"DeviceStateChange", "Newstate", "DialState"})
    first = days_before(FRIDAY, 0, PARIS)
    assert all(first <= float(e["Timestamp"]) * 1000 <= FRIDAY + 5 for e in events)


def test_days_are_believable() -> None:
    share = _met_by_day(b"".join(history_bytes(7, 6, FRIDAY, zone=PARIS)))
    monday = share.pop("Mon")
    assert monday[1] < min(met for _, met in share.values())
    assert monday[1] < 0.85
    for day in ("Tue", "Wed", "Thu", "Fri"):
        calls, met = share[day]
        assert 1_200 < calls < 1_900
        assert 0.75 < met < 0.98
    assert share["Sun"][0] < 80 < share["Sat"][0] < 700


def _met_by_day(raw: bytes) -> dict[str, tuple[int, float]]:
    """Calls of each day, and the share of those handled that were handled within a minute."""
    arrived: dict[str, float] = {}
    handled: dict[str, float] = {}
    for event in parsed(raw):
        at, uniqueid = float(event["Timestamp"]), event.get("Uniqueid", "")
        name, context = event["Event"], event.get("Context")
        if name == "Newchannel" and context == "incoming":
            arrived[uniqueid] = at
        elif name == "AgentConnect" or (name == "Newexten" and context == "ivr"):
            handled.setdefault(uniqueid, at)
    days: dict[str, list[float]] = {}
    for uniqueid, at in arrived.items():
        waits = days.setdefault(datetime.fromtimestamp(at, PARIS).strftime("%a"), [])
        waits.append(handled.get(uniqueid, float("inf")) - at)
    shares = {}
    for day, waits in days.items():
        told = [wait for wait in waits if wait != float("inf")]
        shares[day] = len(waits), sum(wait < 60 for wait in told) / max(1, len(told))
    return shares


async def test_live_goes_on_where_history_ends() -> None:
    def made() -> SimulatedPbx:
        return SimulatedPbx(2, speed=0, start=FRIDAY, history_days=1, zone=PARIS)

    pbx = made()
    past = parsed(b"".join(pbx.history()))
    born = {e["Uniqueid"] for e in past if e["Event"] == "Newchannel"}
    gone = {e["Uniqueid"] for e in past if e["Event"] == "Hangup"}
    async with pbx, logged_in(pbx.port) as client:
        live = {c["Uniqueid"] for c in await client.listing("CoreShowChannels")}
        assert live == born - gone
        assert live
        pbx.advance(10 * MINUTE)
        events = await client.drain()
        new = {e["Uniqueid"] for e in events if e["Event"] == "Newchannel"}
        assert new.isdisjoint(born)
        assert live <= gone | {e["Uniqueid"] for e in events if e["Event"] == "Hangup"}
    # not taking the history leaves the same centre behind
    other = made()
    async with other:
        assert {c.uniqueid for c in other.centre.channels.values()} == live


async def test_a_day_of_the_ordinary_profile_needs_no_history() -> None:
    noon = FRIDAY - 7 * HOUR
    async with SimulatedPbx(2, speed=0, start=noon, profile=ORDINARY, zone=PARIS) as pbx:
        pbx.advance(10 * MINUTE)
        assert sum(agent.is_in for agent in pbx.centre.agents.values()) > 8


def test_agents_keep_their_hours() -> None:
    centre, _ = busy(1, ORDINARY)
    night = days_before(FRIDAY, 0, PARIS) + DAY
    centre.run_until(night)
    assert not any(agent.is_in for agent in centre.agents.values())


async def test_scripted_calls() -> None:
    pbx = SimulatedPbx(speed=0, start=FRIDAY, profile=QUIET)
    agent = pbx.agent("Amélie Lefèvre")
    assert not agent.is_in
    refused = pbx.call("0199000001", "support")
    pbx.advance(15 * SECOND)
    assert refused.ended
    agent.login("support")
    agent.phone.answers_after = 2 * SECOND
    agent.phone.talks_for = 20 * SECOND
    first = pbx.call("0199000001", "support")
    second = pbx.call("0199000002", "support", patience=10 * SECOND)
    pbx.advance(5 * SECOND)
    assert first.talk is not None
    assert second.entry is not None
    pbx.advance(5 * SECOND)
    assert second.ended
    agent.pause("lunch")
    agent.hang_up()
    assert first.ended
    third = pbx.call("0199000003", "support")
    pbx.advance(10 * SECOND)
    assert third.ended or third.channel.context == "closed"
    voice = pbx.call("0199000004", "sales")
    pbx.advance(5 * SECOND)
    assert voice.channel.context == "ivr"
    pbx.press(voice, "3")
    assert voice.channel.context == "closed"
    pbx.hang_up(voice)
    assert voice.ended
