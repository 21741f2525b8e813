"""Scoring: what a forecast proves, and what proves nothing."""

import pytest

from monitor.core.clock import MINUTE, SECOND, Ms
from monitor.core.live import PbxState
from monitor.core.overflow.scoring import Moment, NotScored, Score, Scores
from monitor.core.policy import DEFAULT_WITHIN
from monitor.core.records import Call, Exit, Observed, Verdict, Visit
from tests.core.overflow.small_centre import QUEUE
from tests.core.story import PBX, T0, ms


class Told:
    """Scores whose forecasts are what a test says."""

    def __init__(self, probability: float | None = 0.8, expected: Ms | None = 70_000) -> None:
        self.probability = probability
        self.expected = expected
        self.scores = Scores(
            lambda pbx, queue, position, left: self.probability,
            lambda pbx, queue, position: self.expected,
        )
        self.calls = 0

    def joins(self, at: float = 0) -> Call:
        self.calls += 1
        call = Call(PBX, f"{self.calls}.1", ms(at), within=DEFAULT_WITHIN)
        call.clock_started_at = ms(at)
        call.visits.append(Visit(QUEUE, ms(at), DEFAULT_WITHIN))
        self.scores.on_joined(call, call.visits[0], 1)
        return call

    def until(self, at: float, position: int | None = 1) -> None:
        self.scores.predict_due(ms(at), PbxState, lambda *_: position)

    def leaves(self, call: Call, at: float, exit_: Exit = Exit.ANSWERED) -> None:
        visit = call.visits[0]
        visit.left_at, visit.exit = ms(at), exit_
        visit.answered_at = ms(at) if exit_ is Exit.ANSWERED else None
        self.scores.on_decided(call, visit)

    def score(self, moment: Moment = Moment.JOINING) -> Score:
        return self.scores.score(PBX, QUEUE, moment)


def test_a_forecast_is_a_hit_when_it_was_on_the_right_side_of_one_half() -> None:
    told = Told()
    for probability, answered_at in ((0.8, 61), (0.5, 60), (0.4, 59), (0.1, 5), (0.9, 20)):
        told.probability = probability
        told.leaves(told.joins(), answered_at)
    score = told.score()
    assert (score.predictions, score.hits, score.missed) == (5, 4, 2)
    assert score.hit_rate == 0.8


def test_brier_score_and_error_of_the_wait_are_those_of_the_formula() -> None:
    told = Told(0.8, 70_000)
    told.leaves(told.joins(), 90)  # missed, 20 s longer than expected
    told.probability = 0.3
    told.leaves(told.joins(), 40)  # in time, 30 s shorter
    score = told.score()
    assert score.brier == pytest.approx((0.2**2 + 0.3**2) / 2)
    assert score.brier_of_the_share == pytest.approx(0.25)
    assert score.mean_absolute_error == 25_000


def test_the_deadline_itself_is_too_late() -> None:
    told = Told(0.9)
    told.leaves(told.joins(), 60)
    assert told.score().missed == 1


@pytest.mark.parametrize(
    ("exit_", "why"),
    [
        (Exit.ABANDONED, NotScored.ABANDONED),
        (Exit.WITHDRAWN, NotScored.LEFT_OTHERWISE),
        (Exit.TIMEOUT, NotScored.LEFT_OTHERWISE),
        (Exit.UNKNOWN, NotScored.NOT_OBSERVED),
    ],
)
def test_whoever_left_before_the_deadline_unanswered_proves_nothing(
    exit_: Exit, why: NotScored
) -> None:
    told = Told()
    told.leaves(told.joins(), 59, exit_)
    assert told.score() == Score(not_scored={why: 1})


def test_whoever_still_waited_at_the_deadline_missed_it_however_they_left() -> None:
    told = Told()
    told.leaves(told.joins(), 75, Exit.ABANDONED)
    score = told.score()
    assert (score.predictions, score.hits) == (1, 1)
    assert score.mean_absolute_error is None, "how long the wait would have been nobody knows"


def test_excluded_and_unobserved_callers_are_not_scored() -> None:
    told = Told()
    excluded, partial, blind = told.joins(), told.joins(), told.joins()
    excluded.verdict = Verdict.EXCLUDED
    partial.observed = Observed.PARTIAL
    told.leaves(excluded, 70)
    told.leaves(partial, 70)
    told.scores.blind("elsewhere")
    told.scores.blind(PBX)
    told.leaves(blind, 70)
    expected = {NotScored.EXCLUDED: 1, NotScored.NOT_OBSERVED: 2}
    assert told.score() == Score(not_scored=expected)


def test_where_there_was_no_forecast_yet_none_is_scored() -> None:
    told = Told(None, None)
    told.leaves(told.joins(), 30)
    assert told.score() == Score(not_scored={NotScored.UNKNOWN: 1})


def test_at_half_time_those_who_still_wait_are_forecast_again() -> None:
    told = Told(0.2, 10_000)
    soon, late = told.joins(), told.joins(1)
    told.leaves(soon, 12)
    told.probability, told.expected = 0.7, 50_000
    told.until(29.9)
    told.until(31.5)
    told.leaves(late, 85)
    at_half = told.score(Moment.HALF_TIME)
    assert (at_half.predictions, at_half.hits) == (1, 1)
    assert at_half.mean_absolute_error == 4_000, "of 54 s after half time, at 31 s"
    assert told.score().predictions == 2


def test_whoever_is_in_no_line_at_half_time_is_not_forecast_again() -> None:
    told = Told()
    told.joins()
    told.until(31, position=None)
    assert told.score(Moment.HALF_TIME) == Score()


def test_half_time_goes_by_the_clock_of_the_pbx() -> None:
    told = Told()
    call = told.joins()
    ahead = PbxState(PBX, clock_offset=-10 * SECOND)
    told.scores.predict_due(ms(20), lambda pbx: ahead, lambda *_: 1)
    told.leaves(call, 50)
    assert told.score(Moment.HALF_TIME).predictions == 1


def test_whoever_is_taken_care_of_already_needs_no_forecast() -> None:
    told = Told()
    call = Call(PBX, "9.1", T0, clock_started_at=T0, verdict=Verdict.MET)
    call.visits.append(Visit(QUEUE, T0, MINUTE))
    told.scores.on_joined(call, call.visits[0], 1)
    told.leaves(call, 70)
    assert told.score() == Score()


def test_a_score_looks_back_on_the_last_callers_only() -> None:
    told = Told(0.9)
    for _ in range(300):
        told.leaves(told.joins(), 70)
    told.probability = 0.1
    for _ in range(150):
        told.leaves(told.joins(), 70)
    score = told.score()
    assert (score.predictions, score.hits) == (300, 150)
