from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from monitor.core import holds
from monitor.core.clock import DAY, HOUR, Ms
from monitor.core.indicators import ServiceLevel, mean, service_levels
from monitor.core.period import Callers, Dimension, Part, PeriodCount, count_all
from monitor.core.records import (
    Call,
    Exit,
    Fact,
    FactKind,
    HandledBy,
    Observed,
    Reason,
    Verdict,
    Visit,
    VoiceServerStay,
)
from monitor.core.tallies import CallTally, Histogram, VisitTally, VoiceTally, has_number

PARIS = ZoneInfo("Europe/Paris")


def moment(text: str) -> Ms:
    return round(datetime.fromisoformat(text).timestamp()) * 1000


def visit(queue: str, at: Ms, wait: Ms, exit_: Exit = Exit.ANSWERED, **more: object) -> Visit:
    made = Visit(queue, at, 60_000, left_at=at + wait, exit=exit_)
    if exit_ is Exit.ANSWERED:
        made.answered_at = at + wait
    for name, value in more.items():
        setattr(made, name, value)
    return made


def call(at: Ms, *visits: Visit, caller: str = "+331", **more: object) -> Call:
    made = Call("lab", f"{at}.{caller}", at, caller=caller, clock_started_at=at, closed=True)
    made.visits = list(visits)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def met(at: Ms, wait: Ms, caller: str = "+331") -> Call:
    return call(
        at, visit("support", at, wait), caller=caller, verdict=Verdict.MET,
        reason=Reason.HANDLED_BY_AGENT, handled_by=HandledBy.AGENT, handled_at=at + wait,
        ended_at=at + wait + 9_000,
    )  # fmt: skip


def test_the_worked_example_gives_its_five_percentages() -> None:
    # answered 1000, abandoned 60, answered within T 860, abandoned within T 20, short 10
    tally, at = VisitTally(), 0
    for many, wait, exit_, short in (
        (860, 60_000, Exit.ANSWERED, False),
        (140, 60_001, Exit.ANSWERED, False),
        (10, 4_999, Exit.ABANDONED, True),
        (10, 60_000, Exit.ABANDONED, False),
        (40, 60_001, Exit.ABANDONED, False),
    ):
        for _ in range(many):
            tally.count_visit(visit("support", at, wait, exit_, short=short))
    found = {name: f"{(ratio.value or 0):.2%}" for name, ratio in service_levels(tally).items()}
    assert found == {
        ServiceLevel.ABANDONED_WITHIN_COUNT_FOR: "83.02%",
        ServiceLevel.ANSWERED_ONLY: "86.00%",
        ServiceLevel.ABANDONED_COUNT_AGAINST: "81.13%",
        ServiceLevel.ABANDONED_WITHIN_LEFT_OUT: "82.69%",
        ServiceLevel.SHORT_ABANDONED_COUNT_FOR: "82.08%",
    }


@pytest.mark.parametrize(
    ("waits", "percent", "second"),
    [
        ([], 80, None),
        ([0], 1, 0),
        ([1], 100, 1),
        ([1_000, 1_001], 50, 1),
        ([1_000, 1_001], 51, 2),
        ([*[5_000] * 80, *[9_000] * 20], 80, 5),
        ([*[5_000] * 79, *[9_000] * 21], 80, 9),
        ([1_000, 86_400_000, 86_400_000], 90, 86_400),
    ],
)
def test_percentiles_are_by_nearest_rank_in_seconds_rounded_up(
    waits: list[Ms], percent: int, second: int | None
) -> None:
    histogram = Histogram()
    for wait in waits:
        histogram.count(wait)
    assert histogram.percentile(percent) == second


def test_histograms_add_up_as_their_waits_do() -> None:
    rng = Random(1)
    waits = [int(rng.expovariate(1 / 300_000)) for _ in range(2_000)] + [3_600_000, 3_600_001]
    whole, left, right = Histogram(), Histogram(), Histogram()
    for n, wait in enumerate(waits):
        whole.count(wait)
        (left if n % 3 else right).count(wait)
    left.add(right)
    assert left == whole
    assert whole.total == len(waits)
    assert Histogram.of(whole.counts) == whole
    assert Histogram(whole.packed, whole.longer) == whole
    for percent in (1, 50, 80, 90, 95, 99, 100):
        ordered = sorted(-(-wait // 1000) for wait in waits)
        rank = -(-percent * len(ordered) // 100)
        assert whole.percentile(percent) == ordered[rank - 1]


def test_means_are_rounded_half_up() -> None:
    assert [mean(1, 2), mean(5, 2), mean(4, 3), mean(0, 3), mean(3, 0)] == [1, 3, 1, 0, None]


def test_a_call_belongs_to_its_judging_queue_and_a_visit_to_its_own() -> None:
    at = moment("2026-10-01T10:00:00+02:00")
    record = met(at, 50_000)
    full = visit("full", at, 5, Exit.FULL)
    record.visits = [full, visit("first", at, 20_000, Exit.TIMEOUT), *record.visits]
    figures = count_all([record], at, at + DAY, PARIS)
    assert {key: part.calls.calls for key, part in figures.by_queue.items()} == {
        ("lab", "first"): 1, ("lab", "full"): 0, ("lab", "support"): 0,
    }  # fmt: skip
    assert {key: part.visits.offered for key, part in figures.by_queue.items()} == {
        ("lab", "first"): 1, ("lab", "full"): 1, ("lab", "support"): 1,
    }  # fmt: skip
    assert figures.by_queue["lab", "full"].visits.turned_away == 1


def test_days_weeks_and_months_are_those_of_the_zone() -> None:
    since, until = moment("2026-10-19T00:00:00+02:00"), moment("2026-11-09T00:00:00+01:00")
    times = ("2026-10-25T23:30:00+01:00", "2026-10-26T00:30:00+01:00", "2026-10-31T23:59:59+01:00")
    figures = count_all([met(moment(text), 1_000, text) for text in times], since, until, PARIS)
    assert len(figures.by_day) == 21
    days = [i for i, (_, part) in enumerate(figures.by_day) if part.calls.calls]
    assert days == [6, 7, 12]
    assert [part.calls.met for _, part in figures.by_week] == [1, 2, 0]
    assert [part.calls.met for _, part in figures.by_month] == [3, 0]
    months = figures.by_queue_month["lab", "support"]
    assert [part.visits.answered for _, part in months] == [3, 0]


def test_a_visit_counts_where_it_joined_though_its_call_arrived_before() -> None:
    midnight = moment("2026-10-02T00:00:00+02:00")
    record = met(midnight - 10, 20)
    record.visits = [visit("support", midnight, 10)]
    figures = count_all([record], midnight, midnight + DAY, PARIS)
    assert (figures.total.calls.calls, figures.total.visits.answered) == (0, 1)


def test_only_the_dimensions_that_are_asked_for_are_made() -> None:
    counting = PeriodCount(0, DAY, UTC, [Dimension.QUEUE])
    counting.count(met(HOUR, 5))
    figures = counting.result()
    assert figures.by_queue
    assert not any((figures.by_day, figures.by_month, figures.by_queue_month, figures.by_pbx))


@pytest.mark.parametrize(
    ("caller", "numbered"),
    [("+33123", True), ("alice7", True), ("", False), ("anonymous", False), ("²", False)],
)
def test_a_number_holds_a_digit(caller: str, numbered: bool) -> None:
    assert has_number(caller) is numbered


def test_repeats_are_counted_within_whole_days_of_the_last_arrival() -> None:
    callers, tally = Callers(), CallTally()
    arrivals = [0, DAY, DAY, DAY + 7 * DAY, 8 * DAY + 30 * DAY, 38 * DAY + 30 * DAY + 1]
    for at in arrivals:
        record = met(at, 5)
        tally.count_record(record, callers.previous(record))
    for caller in ("anonymous", ""):
        record = met(69 * DAY, 5, caller)
        tally.count_record(record, callers.previous(record))
    assert tally.with_number == len(arrivals)
    assert (tally.repeats_1, tally.repeats_7, tally.repeats_30) == (2, 3, 4)
    assert (tally.repeats().numerator, tally.repeats().denominator) == (3, 6)


def test_excluded_calls_are_no_repeats_but_come_before_others() -> None:
    callers, tally = Callers(), CallTally()
    closed = call(0, verdict=Verdict.EXCLUDED, reason=Reason.OUTSIDE_OPENING_HOURS)
    for record in (closed, met(HOUR, 5)):
        tally.count_record(record, callers.previous(record))
    assert (tally.repeats_1, tally.with_number) == (1, 1)
    assert tally.exclusions == {Reason.OUTSIDE_OPENING_HOURS: 1}


def test_a_voice_server_that_is_left_unhandled_is_told_from_one_that_served() -> None:
    tally = VoiceTally()
    for handled_by, left, inputs in (
        (None, 9_000, ""),
        (HandledBy.VOICE_SERVER, 9_000, "12"),
        (None, 4_000, "1"),
    ):
        stay = VoiceServerStay("welcome", 1_000, left, inputs)
        tally.count_stay(call(0, handled_by=handled_by, ended_at=9_000), stay)
    assert (tally.reached, tally.with_input, tally.inputs) == (3, 2, 3)
    assert (tally.ended_there, tally.left_without) == (2, 1)
    assert tally.average_time == (8_000 + 8_000 + 3_000 + 1) // 3


def test_parts_add_up() -> None:
    rng, whole, sum_ = Random(2), Part(), Part()
    for n in range(200):
        record = met(n * 1_000, rng.randrange(90_000))
        record.transfers = rng.choice([None, 0, 2])
        counting = PeriodCount(0, DAY, UTC)
        counting.count(record, rng.choice([None, n * 1_000 - DAY]))
        sum_.add(counting.result().total)
        whole.calls.count_record(record)
    assert sum_.calls.calls == whole.calls.calls == 200
    assert sum_.calls.wait == whole.calls.wait
    assert sum_.calls.longest_wait == whole.calls.longest_wait
    assert sum_.calls.transfers_unknown == whole.calls.transfers_unknown
    assert sum_.commitment_waits.total == 200
    assert sum_.thresholds == {60_000: 200}


def _fact(at: Ms, kind: FactKind, by_caller: int = 0) -> Fact:
    return Fact(at, kind, {"by_caller": by_caller})


@pytest.mark.parametrize(
    ("facts", "hold"),
    [
        ([], 0),
        ([(20, FactKind.HELD), (30, FactKind.RESUMED)], 10),
        ([(20, FactKind.HELD), (25, FactKind.HELD), (30, FactKind.RESUMED)], 10),
        ([(30, FactKind.RESUMED), (20, FactKind.HELD)], 10),
        ([(90, FactKind.HELD)], 10),
        ([(5, FactKind.HELD), (30, FactKind.RESUMED)], 0),
        ([(20, FactKind.HELD), (70, FactKind.TRANSFERRED)], 50),
        ([(20, FactKind.HELD), (30, FactKind.RESUMED), (40, FactKind.HELD)], 70),
    ],
)
def test_hold_is_from_hold_to_resumed_transferred_or_the_end(
    facts: list[tuple[Ms, FactKind]], hold: Ms
) -> None:
    told = [_fact(at, kind) for at, kind in facts]
    assert holds.held_for(told, 10, 100) == hold


def test_what_the_callers_own_phone_holds_is_no_hold() -> None:
    told = [_fact(20, FactKind.HELD, 1), _fact(30, FactKind.RESUMED, 1)]
    assert holds.held_for(told, 10, 100) == 0
    told = [_fact(20, FactKind.HELD), _fact(30, FactKind.RESUMED, 1), _fact(40, FactKind.RESUMED)]
    assert holds.held_for(told, 10, 100) == 20


def test_the_hold_of_a_conversation_that_was_not_seen_whole_is_not_known() -> None:
    record = call(0, visit("support", 0, 10, ended_at=100), observed=Observed.PARTIAL)
    holds.measure(record, record.visits[0])
    assert record.visits[0].hold is None
    record.observed = Observed.FULL
    holds.measure(record, record.visits[0])
    assert record.visits[0].hold == 0
