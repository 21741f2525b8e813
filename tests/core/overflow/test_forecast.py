"""Forecasts: against known values, against a drawn centre, and what is not known."""

import math
import random
from bisect import bisect_right

import pytest

from monitor.core import events as ev
from monitor.core.clock import MINUTE, SECOND
from monitor.core.overflow.forecast import ENOUGH, Forecasts
from monitor.core.overflow.waiting_model import WaitingModel, mean_wait, tail
from tests.core.overflow.small_centre import QUEUE, Habits, SmallCentre
from tests.core.story import AGENT, PBX, Story, ms


class Watched:
    """A story whose effects are told to the forecasts, as the runtime does it."""

    def __init__(self) -> None:
        self.story = Story()
        self.forecasts = Forecasts(self.story.engine)

    def say(self, *events: ev.Event) -> None:
        engine, forecasts = self.story.engine, self.forecasts
        for event in events:
            forecasts.handle(engine.advance(event.at), event.at)
            forecasts.handle(engine.handle(event), event.at)

    def run(self, habits: Habits, seconds: float, seed: int = 1) -> None:
        for event in SmallCentre(habits, seed).events(seconds):
            self.say(event)

    def wait(self, position: int) -> int | None:
        return self.forecasts.expected_wait(PBX, QUEUE, position)

    def miss(self, position: int, time_left: int) -> float | None:
        return self.forecasts.miss_probability(PBX, QUEUE, position, time_left)


def agent(
    interface: str, device: ev.DeviceState = ev.DeviceState.NOT_IN_USE, *, paused: bool = False
) -> ev.MemberChanged:
    return ev.MemberChanged(
        PBX, ms(0), QUEUE, interface, interface, device, paused=paused, pause_reason="",
        in_call=False, penalty=0, calls_taken=0, last_call=0,
    )  # fmt: skip


# --- the arithmetic -----------------------------------------------------------------------------


def test_without_abandonment_the_tail_is_that_of_the_erlang_distribution() -> None:
    rate, left = 5 / 120, 60.0
    poisson = sum(math.exp(-rate * left) * (rate * left) ** i / math.factorial(i) for i in range(3))
    assert tail(3, rate, 0.0, left) == pytest.approx(poisson)
    assert mean_wait(3, rate, 0.0) == pytest.approx(3 * 120 / 5)


@pytest.mark.parametrize("departures", [1, 4, 30])
def test_with_abandonment_mean_and_tail_are_those_of_the_sum_of_exponential_times(
    departures: int,
) -> None:
    draw = random.Random(departures)
    rate, giving_up, left = 5 / 120, 1 / 90, 60.0
    drawn = [
        sum(draw.expovariate(rate + i * giving_up) for i in range(departures))
        for _ in range(20_000)
    ]
    assert mean_wait(departures, rate, giving_up) == pytest.approx(sum(drawn) / 20_000, rel=0.02)
    share = sum(wait > left for wait in drawn) / 20_000
    assert tail(departures, rate, giving_up, left) == pytest.approx(share, abs=0.01)


def test_the_tail_is_exact_in_a_centre_so_large_that_its_terms_would_underflow() -> None:
    rate, left = 2_000 / 120, 60.0  # 1,000 departures are to be expected: exp(-1000) is 0
    assert tail(1_000, rate, 0.0, left) == pytest.approx(0.5, abs=0.02)
    assert tail(900, rate, 0.0, left) == pytest.approx(0.0, abs=0.002)
    assert tail(10_000, rate, 0.0, left) == pytest.approx(1.0)


def test_whoever_finds_a_free_agent_waits_for_the_ringing_only() -> None:
    rings = [2_000, 3_000, 3_000, 4_000, 8_000]
    model = WaitingModel(6, 2, 130_000.0, 4_000.0, rings)
    assert model.expected_wait(1) == model.expected_wait(2) == 4_000
    assert model.expected_wait(3) == 4_000 + round(130_000 / 6)
    assert model.miss_probability(2, 3_500) == pytest.approx((2 + 0.5) / 6)
    assert model.miss_probability(2, 8_000) == pytest.approx((1 + 0.5) / 6), "late at the deadline"


def test_the_more_callers_are_ahead_and_the_less_time_is_left_the_likelier_is_a_miss() -> None:
    model = WaitingModel(5, 0, 130_000.0, 4_000.0, [4_000] * 5, 1 / 120_000)
    by_place = [model.miss_probability(place, MINUTE) or 0.0 for place in range(1, 12)]
    assert by_place == sorted(by_place)
    by_time = [model.miss_probability(3, left * SECOND) or 0.0 for left in range(60, -1, -1)]
    assert by_time == sorted(by_time)
    assert by_time[-1] == 1.0


# --- what is not known --------------------------------------------------------------------------


def test_nothing_is_forecast_before_enough_answers_were_seen() -> None:
    watched = Watched()
    watched.say(agent(AGENT))
    for number in range(ENOUGH):
        assert watched.wait(1) is None
        assert watched.miss(1, MINUTE) is None
        uniqueid, at = f"{number}.1", number * 200
        story = watched.story
        first = len(story.effects)
        story.arrives(at, uniqueid).joins(at, QUEUE, uniqueid)
        story.say(ev.AgentOffered(PBX, ms(at + 1), uniqueid, QUEUE, AGENT, "Anna"))
        story.leaves(at + 4, QUEUE, uniqueid)
        story.say(ev.AgentConnected(PBX, ms(at + 4), uniqueid, QUEUE, AGENT, "Anna"))
        story.completes(at + 94, QUEUE, uniqueid).ends(at + 94, uniqueid)
        watched.forecasts.handle(story.effects[first:], ms(at + 94))
    assert watched.wait(1) == 3_000, "the ringing"
    assert watched.wait(2) == 3_000 + 93_000, "and one whole call of the only agent"


def test_where_nobody_serves_the_deadline_will_be_missed_and_the_wait_is_unknown() -> None:
    watched = Watched()
    watched.say(agent("PJSIP/0", paused=True), agent("PJSIP/1", ev.DeviceState.UNAVAILABLE))
    assert watched.wait(1) is None
    assert watched.miss(1, MINUTE) == 1.0


def test_members_who_leave_the_queue_serve_it_no_more() -> None:
    watched = Watched()
    watched.say(agent("PJSIP/0"), agent("PJSIP/1"), agent("PJSIP/2", paused=True))
    found = watched.forecasts.queue_forecast(PBX, QUEUE)
    assert (found.serving, found.free) == (2, 2)
    watched.say(ev.MemberRemoved(PBX, ms(1), QUEUE, "PJSIP/0"))
    found = watched.forecasts.queue_forecast(PBX, QUEUE)
    assert (found.serving, found.free) == (1, 1)


def test_nothing_is_forecast_for_a_pbx_that_is_not_observed() -> None:
    watched = Watched()
    watched.run(Habits(), 3_600)
    assert watched.wait(9) is not None
    watched.say(ev.LinkChanged(PBX, ms(3_700), ev.LinkState.LOST))
    assert watched.wait(9) is None
    assert watched.miss(9, 0) is None
    assert watched.forecasts.model("elsewhere", QUEUE) is None


def test_a_caller_who_was_let_ring_by_an_agent_counts_as_ringing_all_the_time() -> None:
    watched = Watched()
    watched.say(agent(AGENT))
    for number in range(ENOUGH):
        at = number * 200
        story, uniqueid = watched.story, f"{number}.1"
        first = len(story.effects)
        story.arrives(at, uniqueid).joins(at, QUEUE, uniqueid)
        for offered in (at, at + 15):
            story.say(ev.AgentOffered(PBX, ms(offered), uniqueid, QUEUE, AGENT, "Anna"))
        story.leaves(at + 18, QUEUE, uniqueid)
        story.say(ev.AgentConnected(PBX, ms(at + 18), uniqueid, QUEUE, AGENT, "Anna"))
        story.completes(at + 90, QUEUE, uniqueid).ends(at + 90, uniqueid)
        watched.forecasts.handle(story.effects[first:], ms(at + 90))
    assert watched.wait(1) == 18_000


# --- against a drawn centre ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("habits", "seed"),
    [
        (Habits(between_calls=25, patient_every=3), 1),
        (Habits(between_calls=25, patient_every=3, spread=0.7), 2),
        (Habits(agents=12, between_calls=10, talk=110, patient_every=3), 3),
    ],
    ids=["exponential talks", "log-normal talks", "twelve agents"],
)
def test_callers_miss_the_deadline_about_as_often_as_forecast(habits: Habits, seed: int) -> None:
    """In each band of forecasts with enough callers the share that missed is within 0.1 of it.

    Looked at are callers who never give up: of the others nobody knows how long they had waited.
    """
    watched = Watched()
    asked: dict[str, tuple[float, int]] = {}
    seen: list[tuple[float, bool]] = []
    for event in SmallCentre(habits, seed).events(3_600 * 120 / habits.agents):
        watched.say(event)
        if isinstance(event, ev.QueueJoined) and habits.is_patient(event.uniqueid):
            chance = watched.miss(event.position, MINUTE)
            if chance is not None:
                asked[event.uniqueid] = (chance, event.at)
        elif isinstance(event, ev.QueueLeft) and event.uniqueid in asked:
            chance, joined = asked.pop(event.uniqueid)
            seen.append((chance, event.at - joined >= MINUTE))
    edges = [0.1, 0.3, 0.5, 0.7, 0.9]
    bands: dict[int, list[tuple[float, bool]]] = {}
    for pair in seen:
        bands.setdefault(bisect_right(edges, pair[0]), []).append(pair)
    judged = [band for band in bands.values() if len(band) >= 50]
    assert len(judged) >= 4
    for band in judged:
        forecast = sum(chance for chance, _ in band) / len(band)
        share = sum(missed for _, missed in band) / len(band)
        assert share == pytest.approx(forecast, abs=0.1)


def test_the_expected_wait_is_right_in_the_mean_where_nobody_gives_up() -> None:
    watched = Watched()
    habits = Habits(agents=6, between_calls=24, patience=1e6)
    asked: dict[str, tuple[int, int]] = {}
    over = total = 0
    for event in SmallCentre(habits, 4).events(16 * 3_600):
        watched.say(event)
        if isinstance(event, ev.QueueJoined):
            expected = watched.wait(event.position)
            if expected is not None:
                asked[event.uniqueid] = (expected, event.at)
        elif isinstance(event, ev.QueueLeft) and event.uniqueid in asked:
            expected, joined = asked.pop(event.uniqueid)
            over += expected - (event.at - joined)
            total += event.at - joined
    assert abs(over) <= 0.15 * total
