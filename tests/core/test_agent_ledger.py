"""Agents' time: who does what, counted once, by the hour; nothing is made up."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.core import events as ev
from monitor.core.agent_ledger import LAG, AgentLedger, Roster
from monitor.core.agent_time import COUNTS, AgentTime, AgentTimes
from monitor.core.clock import HOUR, MINUTE, SECOND, Ms
from monitor.core.engine import Engine
from monitor.core.events import DeviceState, LinkState
from monitor.core.records import MemberState
from tests.core.story import PBX, POLICY

NINE = 1_763_715_600_000
"""2025-11-21T09:00:00Z."""
ANNA, BEN = "PJSIP/anna", "PJSIP/ben"
BOTH = ("support", "sales")


def at(minutes: float) -> Ms:
    """So many minutes after nine."""
    return NINE + round(minutes * MINUTE)


class Floor:
    """A floor of agents, told in minutes after nine."""

    def __init__(self, roster: Roster | None = None, *, blind: bool = False) -> None:
        self.engine = Engine(POLICY)
        self.ledger = AgentLedger(roster)
        self._members: dict[tuple[str, str], ev.MemberChanged] = {}
        self._uniqueid = ""
        """The caller who talks."""
        self.say(ev.LinkChanged(PBX, at(-1), LinkState.CONNECTING))
        if not blind:
            self.sees(-1)

    def say(self, *events: ev.Event) -> "Floor":
        for event in events:
            self.ledger.take(self.engine.handle(event))
        return self

    def sees(self, minutes: float) -> "Floor":
        """A snapshot of all who are there, and the end of a blind interval."""
        queues = tuple(
            ev.QueueSeen(queue, (), tuple(replace(m, at=at(minutes)) for m in members))
            for queue in BOTH
            if (members := [m for (q, _), m in self._members.items() if q == queue])
        )
        uniqueid = self._uniqueid
        caller = ev.ChannelSeen(
            uniqueid, uniqueid, f"PJSIP/trunk-{uniqueid}", "incoming", "1", "Queue", "", "", 0, ""
        )
        return self.say(
            ev.PbxSnapshot(PBX, at(minutes), (caller,) if uniqueid else (), queues),
            ev.LinkChanged(PBX, at(minutes), LinkState.CONNECTED),
        )

    def loses_sight(self, minutes: float) -> "Floor":
        return self.say(ev.LinkChanged(PBX, at(minutes), LinkState.LOST, "cut"))

    def is_(
        self, minutes: float, who: str = ANNA, queues: tuple[str, ...] = ("support",), **new: object
    ) -> "Floor":
        """A member is as told from now on."""
        for queue in queues:
            before = self._members.get((queue, who)) or ev.MemberChanged(
                PBX, NINE, queue, who, who.partition("/")[2].title(), DeviceState.NOT_IN_USE,
                paused=False, pause_reason="", in_call=False, penalty=0, calls_taken=0, last_call=0,
            )  # fmt: skip
            after = replace(before, at=at(minutes), **new)  # type: ignore[arg-type]
            self._members[queue, who] = after
            self.say(after)
        return self

    def goes(
        self, minutes: float, who: str = ANNA, queues: tuple[str, ...] = ("support",)
    ) -> "Floor":
        for queue in queues:
            del self._members[queue, who]
            self.say(ev.MemberRemoved(PBX, at(minutes), queue, who))
        return self

    def talks(
        self, begin: float, end: float, who: str = ANNA, queue: str = "support",
        queues: tuple[str, ...] = ("support",), wrap_up: Ms = 0,
    ) -> "Floor":  # fmt: skip
        """One conversation, as Asterisk tells it."""
        self.takes(begin, who, queue, queues)
        return self.ends(end, who, queue, queues, wrap_up)

    def takes(
        self, begin: float, who: str = ANNA, queue: str = "support",
        queues: tuple[str, ...] = ("support",),
    ) -> "Floor":  # fmt: skip
        uniqueid = f"{NINE // 1000}.{round(begin * 1000)}"
        self.say(
            ev.ChannelArrived(
                PBX, at(begin), uniqueid, uniqueid, f"PJSIP/trunk-{uniqueid}", "incoming", "1",
                "0199001234", "",
            ),
            ev.DialplanStep(PBX, at(begin), uniqueid, "incoming", "s", "Queue", queue),
            ev.QueueJoined(PBX, at(begin), uniqueid, queue, 1),
            ev.QueueLeft(PBX, at(begin), uniqueid, queue),
            ev.AgentConnected(PBX, at(begin), uniqueid, queue, who, who),
        )  # fmt: skip
        self._uniqueid = uniqueid
        return self.is_(begin, who, queues, device=DeviceState.IN_USE)

    def ends(
        self, end: float, who: str = ANNA, queue: str = "support",
        queues: tuple[str, ...] = ("support",), wrap_up: Ms = 0,
    ) -> "Floor":  # fmt: skip
        self.say(ev.AgentCompleted(PBX, at(end), self._uniqueid, queue, who, who, "caller"))
        self._uniqueid = ""
        taken = self._members[queue, who].calls_taken + 1
        self.is_(end, who, (queue,), calls_taken=taken, last_call=at(end), wrap_up=wrap_up)
        return self.is_(end, who, queues, device=DeviceState.NOT_IN_USE)

    def until(self, minutes: float) -> "AgentTimes":
        """All that was counted up to a moment."""
        self.ledger.advance({PBX: at(minutes) + LAG})
        return self.ledger.batch()


def total(times: AgentTimes, **only: str) -> dict[str, float]:
    """What there is of each count in all, in minutes, but for nothing."""
    found: Counter[str] = Counter()
    for key, counts in times.times.items():
        if all(getattr(key, name) == value for name, value in only.items()):
            found.update(dict(zip(COUNTS, counts, strict=True)))
    return {
        name: count if name == "conversations" else count / MINUTE
        for name, count in found.items()
        if count
    }


def test_a_shift_with_one_conversation() -> None:
    floor = Floor().is_(0).is_(5, device=DeviceState.RINGING).talks(6, 10, wrap_up=2 * MINUTE)
    floor.is_(20, paused=True, pause_reason="lunch").is_(50, paused=False, pause_reason="")
    floor.goes(59)
    times = floor.until(70)

    assert total(times) == {
        "available": 5 + 8 + 9, "ringing": 1, "talk": 4, "wrap_up": 2, "paused": 30,
        "conversations": 1,
    }  # fmt: skip
    assert {(p.reason, spent) for p, spent in times.pauses.items()} == {("lunch", 30 * MINUTE)}
    assert total(times, queue="support") == {"talk": 4, "wrap_up": 2, "conversations": 1}


def test_occupancy_and_handle_time_come_with_what_they_are_made_of() -> None:
    times = Floor().is_(0).talks(10, 16, wrap_up=2 * MINUTE).is_(40, paused=True).until(60)
    time = AgentTime()
    for counts in times.times.values():
        time.add(AgentTime.of(counts))

    assert (time.occupancy.numerator, time.occupancy.denominator) == (8 * MINUTE, 40 * MINUTE)
    assert time.average_handle_time.value == 8 * MINUTE
    assert time.logged_in == 60 * MINUTE


def test_an_agent_in_several_queues_is_counted_once() -> None:
    floor = Floor().is_(0, queues=BOTH).is_(3, queues=BOTH, device=DeviceState.RINGING)
    floor.talks(4, 9, queues=BOTH)
    times = floor.until(20)

    assert total(times) == {"available": 3 + 11, "ringing": 1, "talk": 5, "conversations": 1}
    assert total(times, queue="sales") == {}


def test_a_conversation_of_one_queue_with_a_last_call_shared_by_all_counts_once() -> None:
    floor = Floor().is_(0, queues=BOTH, wrap_up=5 * MINUTE)
    floor.talks(4, 9, queues=BOTH, wrap_up=MINUTE)
    floor.is_(9, queues=("sales",), calls_taken=1, last_call=at(9))
    times = floor.until(20)

    assert total(times) == {"available": 4 + 10, "talk": 5, "wrap_up": 1, "conversations": 1}


def test_paused_in_one_queue_an_agent_waits_in_the_other() -> None:
    floor = Floor().is_(0, queues=BOTH).is_(10, queues=("sales",), paused=True)
    floor.is_(20, paused=True, pause_reason="meeting")
    assert total(floor.until(30)) == {"available": 20, "paused": 10}


def test_a_pause_in_the_middle_of_a_conversation_begins_when_it_ends() -> None:
    floor = Floor().is_(0).takes(5).is_(7, paused=True, pause_reason="admin")
    floor.ends(10, wrap_up=2 * MINUTE)
    times = floor.until(15)

    assert total(times) == {"available": 5, "talk": 5, "paused": 5, "conversations": 1}
    assert [pause.reason for pause in times.pauses] == ["admin"]


def test_a_pause_ends_wrap_up_and_what_is_left_of_it_comes_after() -> None:
    floor = Floor().is_(0).talks(5, 10, wrap_up=10 * MINUTE).is_(13, paused=True)
    floor.is_(15, paused=False)
    assert total(floor.until(30)) == {
        "available": 5 + 10, "talk": 5, "wrap_up": 3 + 5, "paused": 2, "conversations": 1,
    }  # fmt: skip


def test_a_ring_from_another_queue_ends_wrap_up() -> None:
    floor = Floor().is_(0, queues=BOTH).talks(5, 10, queues=BOTH, wrap_up=10 * MINUTE)
    floor.is_(12, queues=BOTH, device=DeviceState.RINGING)
    floor.talks(13, 14, queue="sales", queues=BOTH)
    assert total(floor.until(30)) == {
        "available": 5 + 16, "talk": 6, "wrap_up": 2, "ringing": 1, "conversations": 2,
    }  # fmt: skip


def test_the_wrap_up_time_of_a_queue_is_what_the_settings_say_where_asterisk_does_not() -> None:
    floor = Floor()
    floor.engine.know_rests({("", "support"): 9 * MINUTE, (PBX, "support"): 3 * MINUTE})
    floor.is_(0).talks(5, 10)
    (member,) = floor.engine.snapshot().members.values()
    assert member.state is MemberState.WRAP_UP
    assert total(floor.until(20)) == {
        "available": 5 + 7, "talk": 5, "wrap_up": 3, "conversations": 1,
    }  # fmt: skip


def test_a_reason_that_changes_within_a_pause() -> None:
    floor = Floor().is_(0, paused=True, pause_reason="lunch").is_(30, pause_reason="training")
    pauses = floor.until(40).pauses
    assert {p.reason: spent // MINUTE for p, spent in pauses.items()} == {
        "lunch": 30, "training": 10,
    }  # fmt: skip


def test_hold_is_what_the_agents_own_telephone_does() -> None:
    floor = Floor().is_(0).takes(5)
    caller = floor._uniqueid
    agent = "1763715600.9"
    for uniqueid, channel in ((caller, f"PJSIP/trunk-{caller}"), (agent, f"{ANNA}-1")):
        floor.say(ev.BridgeEntered(PBX, at(5), uniqueid, channel, "b", "basic"))
    floor.say(ev.HoldChanged(PBX, at(6), agent, held=True))
    floor.say(ev.HoldChanged(PBX, at(8), agent, held=False))
    floor.say(ev.HoldChanged(PBX, at(8.5), caller, held=True))
    floor.say(ev.HoldChanged(PBX, at(9), agent, held=True))
    floor.ends(10)
    assert total(floor.until(20)) == {
        "available": 5 + 10, "talk": 2, "hold": 3, "conversations": 1,
    }  # fmt: skip


def test_a_call_of_ones_own_is_no_conversation_of_a_queue() -> None:
    floor = Floor().is_(0).is_(5, device=DeviceState.IN_USE).is_(8, device=DeviceState.NOT_IN_USE)
    assert total(floor.until(10)) == {"available": 7, "busy": 3}


def test_a_telephone_that_cannot_be_reached_is_not_logged_in() -> None:
    floor = Floor().is_(0).is_(5, device=DeviceState.UNAVAILABLE)
    floor.is_(25, device=DeviceState.NOT_IN_USE)
    assert total(floor.until(30)) == {"available": 10}


def test_each_hour_has_what_passed_in_it_also_across_midnight() -> None:
    night = 14.9 * 60
    times = Floor().is_(night).talks(night + 3, night + 10).until(night + 20)
    by_hour = {key.at: 0 for key in times.times}
    for key, counts in times.times.items():
        by_hour[key.at] += counts[COUNTS.index("talk")]

    midnight = NINE + 15 * HOUR
    assert by_hour == {midnight - HOUR: 3 * MINUTE, midnight: 4 * MINUTE}


def test_a_quarter_where_the_zone_needs_it() -> None:
    times = Floor(Roster(slot=15 * MINUTE)).is_(0).until(40)
    assert sorted((key.at - NINE) // MINUTE for key in times.times) == [0, 15, 30]


def test_a_blind_interval_is_not_observed() -> None:
    floor = Floor().is_(0).is_(0, BEN).takes(10).loses_sight(20)
    floor.is_(25, device=DeviceState.NOT_IN_USE)
    floor._members.pop(("support", BEN))
    floor._uniqueid = ""
    floor.sees(30)
    times = floor.until(40)

    assert total(times) == {"available": 10 + 20 + 10, "talk": 10, "unobserved": 20}


def test_whoever_came_in_a_blind_interval_is_counted_from_its_end() -> None:
    floor = Floor().loses_sight(5)
    floor.is_(6).sees(20)
    assert total(floor.until(30)) == {"available": 10}


def test_nothing_is_counted_before_the_first_sight() -> None:
    floor = Floor(blind=True)
    floor.is_(0).sees(10)
    assert total(floor.until(15)) == {"available": 5}


def test_after_a_restart_the_time_in_between_is_not_observed() -> None:
    floor = Floor().is_(0).is_(0, BEN).goes(5, BEN)
    times = floor.until(20)
    assert times.until == {PBX: at(20)}
    assert times.present == {(PBX, ANNA): "Anna"}

    again = Floor(blind=True)
    again.ledger.recall(times.present, times.until)
    again.is_(50).is_(50, BEN).sees(60)
    assert total(again.until(70)) == {"available": 20, "unobserved": 40}


def test_a_restart_within_a_blind_interval_goes_on_from_its_begin() -> None:
    floor = Floor().is_(0).loses_sight(10)
    times = floor.until(20)
    assert times.until == {PBX: at(10)}
    assert times.present == {(PBX, ANNA): "Anna"}


@pytest.mark.parametrize("by", [HOUR, -HOUR])
@pytest.mark.parametrize("blind", [False, True])
def test_a_clock_that_is_set_makes_no_time(by: Ms, *, blind: bool) -> None:
    floor = Floor().is_(0).takes(5)
    if blind:
        floor.loses_sight(6)
    minutes = by / MINUTE
    floor.say(ev.ClockStepped(PBX, at(10 + minutes), by))
    if blind:
        floor.sees(12 + minutes)
    floor.ends(15 + minutes)
    counted = total(floor.until(20 + minutes))

    assert counted.pop("conversations") == 1
    assert sum(counted.values()) == 20
    assert counted["talk"] == (1 + 3 if blind else 10)
    assert counted.get("unobserved", 0) == (6 if blind else 0)


def test_a_stream_of_small_batches_is_the_same_as_one() -> None:
    def shift(floor: Floor, *, often: bool) -> AgentTimes:
        sums = AgentTimes()
        steps: list[Callable[[], Floor]] = [
            lambda: floor.is_(0), lambda: floor.takes(10), lambda: floor.is_(12, paused=True),
            lambda: floor.ends(15, wrap_up=MINUTE), lambda: floor.is_(20, paused=False),
            lambda: floor.loses_sight(30), lambda: floor.sees(35),
        ]  # fmt: skip
        for number, step in enumerate(steps):
            step()
            if often:
                sums.add(floor.until(number))
        sums.add(floor.until(60))
        return sums

    once, often = shift(Floor(), often=False), shift(Floor(), often=True)
    assert once.times == often.times
    assert once.pauses == often.pauses


def test_what_is_told_late_takes_no_time_back() -> None:
    floor = Floor().is_(0)
    first = floor.until(10)
    floor.is_(9.9, paused=True)
    first.add(floor.until(20))
    assert total(first) == {"available": 10, "paused": 10}


def test_time_is_of_the_team_and_of_the_agent_only_where_that_is_wanted() -> None:
    def team(_pbx: str, interface: str, name: str) -> str:
        assert name in {"Anna", "Ben"}
        return "first" if interface == ANNA else ""

    floor = Floor(Roster(team_of=team)).is_(0).is_(0, BEN)
    assert {(key.team, key.agent) for key in floor.until(10).times} == {("first", ""), ("", "")}

    floor.ledger.change(Roster(team_of=lambda *_: "second", each=True))
    times = floor.until(20)
    assert {(key.team, key.agent) for key in times.times} == {
        ("second", ""), ("second", ANNA), ("second", BEN),
    }  # fmt: skip
    assert total(times, agent="") == {"available": 20}
    assert total(times, agent=ANNA) == {"available": 10}


def test_who_is_taken_out_of_the_queue_while_talking_is_there_until_the_talk_ends() -> None:
    floor = Floor().is_(0, queues=BOTH).takes(5, queues=BOTH).goes(8, queues=BOTH)
    floor.say(ev.AgentCompleted(PBX, at(10), floor._uniqueid, "support", ANNA, ANNA, "caller"))
    times = floor.until(20)
    assert total(times) == {"available": 5, "talk": 5, "conversations": 1}
    assert times.present == {}


def test_who_was_taken_out_while_talking_is_not_there_after_a_blind_interval() -> None:
    floor = Floor().is_(0).takes(5).goes(8).loses_sight(10)
    floor._uniqueid = ""
    floor.sees(15)
    times = floor.until(20)
    assert total(times) == {"available": 5, "talk": 5, "unobserved": 5}
    assert times.present == {}


def test_a_pbx_that_is_watched_no_more_is_forgotten() -> None:
    floor = Floor().is_(0)
    floor.ledger.take(floor.engine.remove_pbx(PBX, at(10)))
    times = floor.ledger.batch()
    assert total(times) == {"available": 10}
    assert (times.until, times.present) == ({}, {})


def test_the_lag_is_short_beside_what_is_lost_by_it() -> None:
    assert LAG <= SECOND


def test_whose_caller_was_gone_after_a_gap_is_not_shown_as_talking() -> None:
    floor = Floor().is_(0).takes(5).loses_sight(6)
    floor.is_(7, device=DeviceState.NOT_IN_USE)
    floor._uniqueid = ""
    floor.sees(8)
    (member,) = floor.engine.snapshot().members.values()
    assert (member.state, member.call_id) == (MemberState.AVAILABLE, "")


def test_the_board_shows_who_holds_a_caller() -> None:
    floor = Floor().is_(0).takes(5)
    for uniqueid, channel in ((floor._uniqueid, "PJSIP/trunk-1"), ("9.9", f"{ANNA}-1")):
        floor.say(ev.BridgeEntered(PBX, at(5), uniqueid, channel, "b", "basic"))
    (member,) = floor.engine.snapshot().members.values()
    floor.say(ev.HoldChanged(PBX, at(6), "9.9", held=True))
    assert (member.state, member.since) == (MemberState.ON_HOLD, at(6))
    floor.say(ev.HoldChanged(PBX, at(7), "9.9", held=False))
    assert member.state is MemberState.TALKING
