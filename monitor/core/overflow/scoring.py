"""Scoring: how forecasts turned out, so that people know how far to trust them.

Two forecasts of each waiting caller are scored: the one of the moment of joining, and the one at
half the time to the deadline. What counts is whether the deadline then passed before anybody
answered. A caller who left in another way before the deadline proves the forecast neither right
nor wrong; they are not scored, and counted as such.

The Brier score is the mean of (probability - outcome)², 0 is perfect: G. W. Brier, "Verification of
forecasts expressed in terms of probability", Monthly Weather Review 78(1), 1950. A hit is a
forecast on the right side of 0.5.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heappop, heappush
from typing import Final

from monitor.core.clock import Ms
from monitor.core.live import PbxState
from monitor.core.records import Call, Exit, Observed, Verdict, Visit

MEMORY: Final = 300
"""Scored forecasts of a queue that a score looks back on, for each moment."""
HALF: Final = 0.5


class Moment(StrEnum):
    """When in a caller's wait a forecast was made."""

    JOINING = "joining"
    HALF_TIME = "half_time"
    """Half the time to the deadline had passed."""


class NotScored(StrEnum):
    """Why a caller's forecast could not be scored."""

    ABANDONED = "abandoned"
    """They gave up before the deadline."""
    LEFT_OTHERWISE = "left_otherwise"
    """They left the queue before the deadline another way: moved by a rule, a timeout, a key…"""
    NOT_OBSERVED = "not_observed"
    """Part of the wait fell into a blind interval."""
    EXCLUDED = "excluded"
    """The call does not count under the commitment."""
    UNKNOWN = "unknown"
    """There was no forecast yet: too few answers had been seen."""


@dataclass(frozen=True, slots=True)
class Score:
    """How the last forecasts of one queue turned out."""

    predictions: int = 0
    """Forecasts scored."""
    hits: int = 0
    """On the right side of one half."""
    missed: int = 0
    """Callers among them who missed the deadline."""
    brier: float | None = None
    """Mean of (probability - outcome)²; None while there is nothing to score."""
    mean_absolute_error: Ms | None = None
    """Of the expected wait, among those who were answered (ms)."""
    not_scored: dict[NotScored, int] = field(default_factory=dict)

    @property
    def hit_rate(self) -> float | None:
        """Share of the forecasts that were right; None while there is nothing to score."""
        return self.hits / self.predictions if self.predictions else None

    @property
    def brier_of_the_share(self) -> float | None:
        """The Brier score of always forecasting the share that missed: what is to be beaten."""
        if not self.predictions:
            return None
        share = self.missed / self.predictions
        return share * (1.0 - share)


@dataclass(frozen=True, slots=True)
class _Outcome:
    probability: float
    missed: bool
    error: Ms | None


@dataclass(slots=True)
class _Kept:
    outcomes: deque[_Outcome] = field(default_factory=lambda: deque(maxlen=MEMORY))
    not_scored: dict[NotScored, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Prediction:
    moment: Moment
    at: Ms
    probability: float | None
    expected: Ms | None


@dataclass(slots=True)
class _Open:
    """A waiting caller whose forecasts are not settled."""

    call: Call
    visit: Visit
    predictions: list[_Prediction] = field(default_factory=list)
    blind: bool = False


class Scores:
    """Notes forecasts, and settles them when their visit is over."""

    def __init__(
        self,
        miss_probability: Callable[[str, str, int, Ms], float | None],
        expected_wait: Callable[[str, str, int], Ms | None],
    ) -> None:
        self._miss_probability = miss_probability
        self._expected_wait = expected_wait
        self._open: dict[str, _Open] = {}
        self._halves: dict[str, list[tuple[Ms, str]]] = {}
        """(half time on the PBX's clock, call id), by PBX; a heap."""
        self._kept: dict[tuple[str, str, Moment], _Kept] = {}

    def on_joined(self, call: Call, visit: Visit, position: int) -> None:
        """A caller joined a queue, ``position``-th in the line: note the first forecast.

        Who is taken care of already, or too late already, needs none.
        """
        if call.verdict not in {Verdict.PENDING, Verdict.EXCLUDED} or call.deadline_at is None:
            return
        opened = self._open[call.id] = _Open(call, visit)
        self._predict(opened, Moment.JOINING, visit.joined_at, position)
        half = call.deadline_at - call.within // 2
        if half > visit.joined_at:
            heappush(self._halves.setdefault(call.pbx, []), (half, call.id))

    def predict_due(
        self,
        now: Ms,
        pbx_state: Callable[[str], PbxState | None],
        position: Callable[[str, str, str], int | None],
    ) -> None:
        """Note the forecasts of those whose half time has come; ``now``: the monitor's clock.

        To be called before anything new is taken in: until then nothing changed since their
        moment, so what is forecast now is what would have been forecast then.
        """
        for pbx, halves in self._halves.items():
            state = pbx_state(pbx)
            pbx_now = now if state is None else now - state.clock_offset
            while halves and halves[0][0] <= pbx_now:
                at, call_id = heappop(halves)
                opened = self._open.get(call_id)
                if opened is None:
                    continue
                place = position(pbx, opened.visit.queue, call_id)
                if place is not None and opened.visit.joined_at < at:
                    self._predict(opened, Moment.HALF_TIME, at, place)

    def _predict(self, opened: _Open, moment: Moment, at: Ms, position: int) -> None:
        call, queue = opened.call, opened.visit.queue
        if call.deadline_at is None:
            return
        probability = self._miss_probability(call.pbx, queue, position, call.deadline_at - at)
        expected = self._expected_wait(call.pbx, queue, position)
        opened.predictions.append(_Prediction(moment, at, probability, expected))

    def on_decided(self, call: Call, visit: Visit) -> None:
        """A visit is over: settle what was forecast for it."""
        opened = self._open.get(call.id)
        if opened is None or opened.visit is not visit:
            return
        del self._open[call.id]
        for prediction in opened.predictions:
            key = (call.pbx, visit.queue, prediction.moment)
            kept = self._kept.setdefault(key, _Kept())
            settled = _settle(opened, prediction)
            if isinstance(settled, _Outcome):
                kept.outcomes.append(settled)
            else:
                kept.not_scored[settled] = kept.not_scored.get(settled, 0) + 1

    def blind(self, pbx: str) -> None:
        """A PBX is not observed (or was not until now): nobody can tell how its waits went on."""
        for opened in self._open.values():
            opened.blind = opened.blind or opened.call.pbx == pbx

    def score(self, pbx: str, queue: str, moment: Moment) -> Score:
        """How the last forecasts of a queue turned out."""
        kept = self._kept.get((pbx, queue, moment))
        if kept is None:
            return Score()
        outcomes, count = kept.outcomes, len(kept.outcomes)
        errors = [outcome.error for outcome in outcomes if outcome.error is not None]
        squares = sum((outcome.probability - outcome.missed) ** 2 for outcome in outcomes)
        return Score(
            predictions=count,
            hits=sum((outcome.probability >= HALF) == outcome.missed for outcome in outcomes),
            missed=sum(outcome.missed for outcome in outcomes),
            brier=squares / count if count else None,
            mean_absolute_error=round(sum(errors) / len(errors)) if errors else None,
            not_scored=dict(kept.not_scored),
        )


def _settle(opened: _Open, prediction: _Prediction) -> _Outcome | NotScored:
    """What became of one forecast."""
    call, visit = opened.call, opened.visit
    if call.verdict is Verdict.EXCLUDED:
        return NotScored.EXCLUDED
    unseen = visit.exit is Exit.UNKNOWN or visit.wait is None
    if opened.blind or unseen or call.observed is Observed.PARTIAL or call.deadline_at is None:
        return NotScored.NOT_OBSERVED
    end = visit.joined_at + (visit.wait or 0)
    missed = end >= call.deadline_at
    if visit.exit is not Exit.ANSWERED and not missed:
        gave_up = visit.exit is Exit.ABANDONED
        return NotScored.ABANDONED if gave_up else NotScored.LEFT_OTHERWISE
    if prediction.probability is None:
        return NotScored.UNKNOWN
    error = None
    if visit.exit is Exit.ANSWERED and prediction.expected is not None:
        error = abs(end - prediction.at - prediction.expected)
    return _Outcome(prediction.probability, missed, error)
