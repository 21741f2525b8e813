"""What each condition looks at, when it comes true, and when it lets go."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

import pytest

from monitor.core import events as ev
from monitor.core.calendars import Calendar, OpeningHours, next_change
from monitor.core.overflow.decisions import WithdrawCaller
from monitor.core.overflow.rules import Condition, Metric
from monitor.core.policy import ClockStart, Commitment, Policy, QueuePolicy, VoiceServer
from tests.core.overflow.centre import Centre, at_least, at_most, crowd, withdraw
from tests.core.story import CALLER, PBX, POLICY, ms

OTHER = "1763718000.2"


def moves(*conditions: Condition, policy: Policy = POLICY) -> Centre:
    return Centre(withdraw(*conditions), policy=policy).member(0)


# --- conditions of time come true on the millisecond ----------------------------------------------


WHEN: list[tuple[str, list[Condition], float]] = [
    ("20 s left, one second early", [at_most(Metric.TIME_LEFT, 20_000)], 40),
    ("waited 30 s", [at_least(Metric.WAITED, 30_000)], 30),
    ("waited 30 s in the queue", [at_least(Metric.WAITED_IN_QUEUE, 30_000)], 30),
    ("both", [at_least(Metric.WAITED, 10_000), at_most(Metric.TIME_LEFT, 25_000)], 35),
    ("a short wait: early by half of it", [at_least(Metric.WAITED, 1_000)], 1.5),
    ("at once", [], 1),
]


@pytest.mark.parametrize(("conditions", "at"), [row[1:] for row in WHEN], ids=[w[0] for w in WHEN])
def test_a_condition_of_time_comes_true_at_its_moment(
    conditions: list[Condition], at: float
) -> None:
    rule = withdraw(*conditions, Condition(Metric.CALLER, one_of=("0299*",)))
    centre = Centre(rule).member(0)
    centre.waits(0, OTHER)
    centre.arrives(1, number="0299")
    centre.joins(1)
    assert centre.until(at - 0.001).commands == [] or at == 1
    assert centre.until(at).issued_at() == [at]


def test_whoever_is_first_in_line_is_withdrawn_a_pause_between_rounds_earlier() -> None:
    centre = moves(at_most(Metric.TIME_LEFT, 20_000)).waits(0)
    assert centre.until(60).issued_at() == [35]


def test_whoever_is_rung_is_withdrawn_a_round_of_ringing_earlier() -> None:
    centre = moves(at_most(Metric.TIME_LEFT, 20_000)).waits(0)
    centre.rings(10)
    assert centre.until(60).issued_at() == [20]  # 15 s of ringing and 5 s after, by default


def test_a_round_is_as_long_as_members_were_seen_to_ring() -> None:
    centre = moves(at_most(Metric.TIME_LEFT, 20_000)).waits(0)
    centre.rings(1)
    centre.say(ev.AgentMissed(PBX, ms(8), CALLER, "support", "PJSIP/anna", "Anna", 7_000))
    assert centre.until(60).issued_at() == [28]
    early = centre.decisions[0].reasons[0].detail["early"]
    assert early == 12_000


def test_whoever_was_due_early_for_long_rings_waits_on_once_rings_are_seen_to_be_short() -> None:
    centre = moves(at_most(Metric.TIME_LEFT, 20_000)).waits(-1, OTHER).waits(0)
    centre.rings(1)
    centre.say(ev.AgentOffered(PBX, ms(1), OTHER, "support", "PJSIP/anna", "Anna"))
    centre.say(ev.AgentMissed(PBX, ms(3), OTHER, "support", "PJSIP/anna", "Anna", 2_000))
    centre.until(32.999)
    assert [c for c in centre.commands if c.call_id.endswith(CALLER)] == []
    assert centre.until(33).issued_at()[-1] == 33


def test_whoever_comes_to_be_first_in_line_is_due_earlier_from_then_on() -> None:
    centre = moves(at_most(Metric.TIME_LEFT, 20_000)).waits(0, OTHER).waits(1)
    centre.gives_up(20, uniqueid=OTHER).hangs_up(20, OTHER)
    assert centre.until(60).issued_at() == [36]


def test_the_commitments_own_clock_counts() -> None:
    later = replace(POLICY, commitment=Commitment(starts_on=ClockStart.QUEUE_JOINED))
    centre = Centre(withdraw(at_least(Metric.WAITED, 20_000)), policy=later).member(0)
    centre.arrives(0).joins(30)
    assert centre.until(100).issued_at() == [45]


def test_the_pbxs_clock_counts_not_the_monitors() -> None:
    centre = moves(at_most(Metric.TIME_LEFT, 20_000))
    centre.offset = -3_000
    centre.say(ev.ClockMeasured(PBX, ms(0), -3_000))
    centre.waits(0).until(50)
    assert centre.issued_at() == [35]


def test_a_pbx_whose_clock_is_set_moves_the_moment_along() -> None:
    centre = moves(at_most(Metric.TIME_LEFT, 20_000)).waits(0).until(10)
    centre.say(ev.ClockMeasured(PBX, ms(10), 0))
    found = centre.engine.handle(ev.ClockStepped(PBX, ms(3_610), 3_600_000))
    centre.done += centre.overflow.handle(found, centre.now)
    centre.until(34.9)
    assert centre.commands == []
    centre.until(35)
    assert centre.issued_at() == [3_635]


def test_a_window_of_time_that_has_passed_is_over() -> None:
    rule = withdraw(
        at_least(Metric.WAITED, 10_000), at_most(Metric.WAITED, 20_000),
        at_least(Metric.AGENTS_PAUSED, 1),
    )  # fmt: skip
    centre = Centre(rule).member(0).member(0, "support").waits(0)
    centre.member(30, "support", paused=True).until(60)
    assert centre.commands == []


@pytest.mark.parametrize("metric", [Metric.TIME_LEFT, Metric.WAITED])
def test_no_deadline_is_left_of_a_caller_whom_a_voice_server_has_handled(metric: Metric) -> None:
    policy = replace(POLICY, voice_servers=(VoiceServer("welcome", ("ivr",)),))
    limit = at_most(metric, 20_000) if metric is Metric.TIME_LEFT else at_least(metric, 40_000)
    centre = Centre(withdraw(limit), policy=policy).member(0)
    centre.arrives(0)
    centre.steps(1, "ivr").steps(4, "incoming")
    centre.joins(5)
    assert bool(centre.until(90).commands) is (metric is Metric.WAITED)


# --- conditions of the queue ----------------------------------------------------------------------


def agents(*states: tuple[ev.DeviceState, bool]) -> Callable[[Centre], object]:
    def act(centre: Centre) -> None:
        for number, (device, paused) in enumerate(states):
            centre.member(5, "support", f"PJSIP/{number}", device, paused=paused)

    return act


FREE, TALKS, AWAY = ev.DeviceState.NOT_IN_USE, ev.DeviceState.IN_USE, ev.DeviceState.UNAVAILABLE

BUSY = (TALKS, False)

QUEUE: list[tuple[str, Condition, Callable[[Centre], object], bool]] = [
    ("two wait", at_least(Metric.WAITING, 2), lambda c: c.waits(5, OTHER), True),
    ("one waits", at_least(Metric.WAITING, 2), lambda c: None, False),
    ("one free", at_most(Metric.AGENTS_AVAILABLE, 0), agents((FREE, False)), False),
    ("none free", at_most(Metric.AGENTS_AVAILABLE, 0), agents((TALKS, False)), True),
    ("two logged in", at_least(Metric.AGENTS_LOGGED_IN, 2), agents(BUSY, (FREE, True)), True),
    ("one is away", at_least(Metric.AGENTS_LOGGED_IN, 2), agents(BUSY, (AWAY, False)), False),
    ("one paused", at_least(Metric.AGENTS_PAUSED, 1), agents((FREE, True)), True),
    ("paused and away", at_least(Metric.AGENTS_PAUSED, 1), agents((AWAY, True)), False),
    ("no forecast", at_least(Metric.EXPECTED_WAIT, 0), lambda c: None, False),
    ("nothing decided yet", at_most(Metric.SERVICE_LEVEL, 1), lambda c: None, False),
    ("always open", at_least(Metric.OPEN, 1), lambda c: None, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "act", "moved"), [row[1:] for row in QUEUE], ids=[row[0] for row in QUEUE]
)
def test_a_condition_of_the_queue_holds_as_soon_as_something_changed(
    condition: Condition, act: Callable[[Centre], object], moved: bool
) -> None:
    centre = Centre(withdraw(condition)).member(0).member(0, "support", "PJSIP/0").waits(1)
    act(centre)
    assert bool(centre.commands) is moved


def test_the_first_ones_wait_comes_true_at_its_moment() -> None:
    rule = withdraw(at_least(Metric.LONGEST_WAIT, 20_000), at_most(Metric.POSITION, 1))
    centre = Centre(rule).member(0).waits(2).waits(5, OTHER)
    assert centre.until(21.999).commands == []
    assert centre.until(22).issued_at() == [22]
    assert [order.channel for order in centre.orders if isinstance(order, WithdrawCaller)] == [
        centre.call().channel
    ]


def test_a_position_is_counted_anew_when_somebody_leaves() -> None:
    centre = Centre(withdraw(at_most(Metric.POSITION, 1), at_least(Metric.WAITED, 20_000)))
    centre.member(0).waits(0).waits(5, OTHER).connects(8)
    assert centre.until(19.999).commands == []
    assert [command.call_id for command in centre.until(20).commands] == [f"{PBX}:{OTHER}"]


HOURS = OpeningHours(((4, time(9), time(10, 0, 30)),))
"""Fridays; the story begins on Friday, 2025-11-21, at 09:40 (UTC)."""


def test_opening_hours_end_while_callers_wait() -> None:
    policy = replace(POLICY, opening_hours=HOURS)
    centre = Centre(withdraw(at_most(Metric.OPEN, 0)), policy=policy).member(0).waits(1_200)
    assert centre.until(1_229.999).commands == []
    assert centre.until(1_230).issued_at() == [1_230]


def test_a_queue_with_a_calendar_is_open_by_that() -> None:
    calendars = (Calendar("centre"), Calendar("short", HOURS))
    policy = replace(
        POLICY, calendars=calendars, calendar="centre",
        queues=(QueuePolicy("support", calendar="short"),),
    )  # fmt: skip
    rule = withdraw(at_most(Metric.OPEN, 0))
    centre = Centre(rule, policy=policy).member(0).waits(1_200)
    assert centre.until(1_229.999).commands == []
    assert centre.until(1_230).issued_at() == [1_230]


def test_hours_follow_a_policy_that_comes_into_force() -> None:
    centre = Centre(withdraw(at_most(Metric.OPEN, 0)), policy=POLICY).member(0).waits(1)
    closed = replace(POLICY, version=2, opening_hours=OpeningHours(((0, time(9), time(10)),)))
    assert centre.until(10).commands == []

    effects = centre.engine.set_policy(closed, centre.now)
    centre.done += centre.overflow.handle(effects, centre.now)

    assert centre.until(11).issued_at() != []


def test_a_rule_rests_outside_its_active_hours() -> None:
    evening = OpeningHours(((4, time(9, 41), time(9, 42)),))
    centre = Centre(withdraw(active=evening)).member(0).waits(1)
    assert centre.until(59.999).commands == []
    assert centre.until(60).issued_at() == [60]
    centre.waits(125, OTHER).until(200)
    assert len(centre.commands) == 1


PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("spans", "zone", "now", "then"),
    [
        ((), "UTC", "2025-11-21T09:40:00", None),
        (((4, time(9), time(17)),), "UTC", "2025-11-21T09:40:00", "2025-11-21T17:00:00"),
        (((4, time(9), time(17)),), "UTC", "2025-11-21T17:00:00", "2025-11-28T09:00:00"),
        (((4, time(9), time.max),), "UTC", "2025-11-21T17:00:00", "2025-11-22T00:00:00"),
        (((4, time(9), time(17)),), PARIS, "2025-11-21T07:00:00", "2025-11-21T08:00:00"),
        # the night in which the clocks go back: 03:30 comes an hour later than it would
        (
            ((6, time(3, 30), time(9)),),
            "Europe/Paris",
            "2025-10-26T00:00:00",
            "2025-10-26T02:30:00",
        ),
    ],
)
def test_when_hours_change_next(
    spans: tuple[tuple[int, time, time], ...], zone: str, now: str, then: str | None
) -> None:
    from datetime import datetime

    def moment(text: str) -> int:
        return round(datetime.fromisoformat(text + "+00:00").timestamp() * 1000)

    expected = None if then is None else moment(then)
    assert next_change(OpeningHours(spans), moment(now), ZoneInfo(zone)) == expected


# --- the rolling service level --------------------------------------------------------------------


def answered(centre: Centre, uniqueid: str, at: float, waited: float) -> None:
    centre.waits(at - waited, uniqueid)
    centre.connects(at, uniqueid=uniqueid)
    centre.completes(at + 10, uniqueid=uniqueid)
    centre.ends(at + 10, uniqueid)


def abandoned(centre: Centre, uniqueid: str, at: float, waited: float) -> None:
    centre.waits(at - waited, uniqueid)
    centre.gives_up(at, uniqueid=uniqueid).hangs_up(at, uniqueid)


def level_of(centre: Centre) -> float | None:
    detail = centre.asks(uniqueid="", queue="support").reasons[0].detail
    value = detail["value"]
    assert value is None or isinstance(value, float)
    return value


def test_the_service_level_is_of_the_last_quarter_of_an_hour() -> None:
    rule = withdraw(at_least(Metric.SERVICE_LEVEL, 0), how="ask", dry_run=True, at_most=10_000)
    centre = Centre(rule).member(0)
    answered(centre, "1.1", 30, waited=20)
    answered(centre, "1.2", 130, waited=61)
    abandoned(centre, "1.3", 200, waited=30)
    abandoned(centre, "1.4", 300, waited=2)  # short: left out
    assert level_of(centre) == pytest.approx(1 / 3)
    centre.until(929.999)
    assert level_of(centre) == pytest.approx(1 / 3)
    centre.until(930)
    assert level_of(centre) == 0


def test_a_service_level_that_recovers_by_time_alone_is_noticed() -> None:
    centre = Centre(withdraw(at_least(Metric.SERVICE_LEVEL, 0.9))).member(0)
    abandoned(centre, "1.1", 100, waited=30)
    answered(centre, "1.2", 500, waited=20)
    centre.waits(600)
    assert centre.until(999.999).commands == []
    assert centre.until(1_000).issued_at() == [1_000]


# --- conditions in words --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "moved"),
    [
        (Condition(Metric.CALLER, one_of=("0199*",)), True),
        (Condition(Metric.CALLER, one_of=("0299*", "0399*")), False),
        (Condition(Metric.CALLER, none_of=("01990?1234",)), False),
        (Condition(Metric.VOICE_SERVER, one_of=("welcome",)), True),
        (Condition(Metric.INPUTS, one_of=("*2",)), True),
        (Condition(Metric.INPUTS, one_of=("1",)), False),
    ],
)
def test_conditions_in_words(condition: Condition, moved: bool) -> None:
    policy = replace(POLICY, voice_servers=(VoiceServer("welcome", ("ivr",)),))
    centre = Centre(withdraw(condition), policy=policy).member(0)
    centre.arrives(0)
    centre.steps(1, "ivr").presses(2, "1").presses(3, "2").steps(4, "incoming")
    centre.joins(5)
    assert bool(centre.until(6).commands) is moved


def test_a_number_that_is_told_late_is_looked_at_then() -> None:
    centre = moves(Condition(Metric.CALLER, one_of=("07*",))).waits(0).until(10)
    assert centre.commands == []
    centre.say(ev.CallerIdChanged(PBX, ms(11), CALLER, "0700", "Ada"))
    assert centre.until(12).issued_at() == [11]


# --- cost: only what changed is looked at ---------------------------------------------------------


def test_nothing_is_due_for_callers_of_a_queue_without_rules() -> None:
    centre = Centre(withdraw(at_most(Metric.TIME_LEFT, 20_000), queues=("sales",))).member(0)
    crowd(centre, 20)
    assert centre.overflow.next_deadline() is None
