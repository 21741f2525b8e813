"""Conditions: whether they hold, from when on, and in which words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from monitor.core.clock import Ms
from monitor.core.overflow.decisions import Because, Detail, Reason
from monitor.core.overflow.rules import OF_THE_CALLER, OF_WORDS, Condition, Metric
from monitor.core.overflow.situation import Situation
from monitor.core.policy import matches
from monitor.core.records import Call

OF_TIME: Final = frozenset({Metric.WAITED, Metric.WAITED_IN_QUEUE, Metric.TIME_LEFT})
"""Metrics that become true by time alone, at a moment that is known beforehand."""
OF_PLACE: Final = frozenset({Metric.POSITION, Metric.EXPECTED_WAIT, Metric.MISS_PROBABILITY})
"""Metrics that need the caller's position, and change when anything in the queue does."""


@dataclass(slots=True)
class Case:
    """A queue, and perhaps a caller who is there or about to be, of which numbers are asked.

    ``since`` is when the caller came (PBX's clock), None for one who is about to. Numbers are
    looked up once.
    """

    situation: Situation
    pbx: str
    queue: str
    now: Ms
    """The monitor's clock."""
    call: Call | None = None
    since: Ms | None = None
    position: int | None = None
    caller: str = ""
    at: Ms = 0
    """``now`` on the PBX's clock."""
    coming: int = 0
    """Callers who are on their way into the queue, and count as waiting there."""
    leaving: int = 0
    """Callers who were ordered out of the queue: they count as waiting there no more."""
    _seen: dict[Metric, float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.at = self.now - self.situation.offset(self.pbx)

    def number(self, metric: Metric) -> float | None:
        """What the metric shows; None when it is not known."""
        seen = self._seen
        if metric in seen:
            return seen[metric]
        found = seen[metric] = NUMBERS[metric](self)
        return found

    def words(self, metric: Metric) -> str:
        """What a metric of words shows; empty when it is not known."""
        call = self.call
        if metric is Metric.CALLER:
            return self.caller if call is None else call.caller
        if call is None or not call.stays:
            return ""
        if metric is Metric.VOICE_SERVER:
            return call.stays[-1].name
        return "".join(stay.inputs for stay in call.stays)

    @property
    def expected_wait(self) -> Ms | None:
        """The forecast for this caller (ms); None when there is none."""
        found = self.number(Metric.EXPECTED_WAIT)
        return None if found is None else round(found)

    @property
    def miss_probability(self) -> float | None:
        """The forecast for this caller (a share); None when there is none."""
        return self.number(Metric.MISS_PROBABILITY)


def _waited(case: Case) -> float | None:
    started = None if case.call is None else case.call.clock_started_at
    return None if started is None else case.at - started


def _time_left(case: Case) -> float | None:
    call = case.call
    if call is None or call.deadline_at is None or _is_kept(call):
        return None
    return call.deadline_at - case.at


def _is_kept(call: Call) -> bool:
    """Whether the caller was handled already, by a voice server: no deadline runs any more."""
    return call.handled_by is not None


def _waited_in_queue(case: Case) -> float | None:
    return 0 if case.since is None else case.at - case.since


def _position(case: Case) -> float | None:
    return case.position


def _expected_wait(case: Case) -> float | None:
    forecasts = case.situation.forecasts
    if forecasts is None or case.position is None:
        return None
    return forecasts.expected_wait(case.pbx, case.queue, case.position)


def _miss_probability(case: Case) -> float | None:
    forecasts = case.situation.forecasts
    if forecasts is None or case.position is None:
        return None
    if case.call is not None and _is_kept(case.call):
        return 0.0
    left = case.number(Metric.TIME_LEFT)
    if left is None:
        # Of a caller who is not known (yet), the whole time is left.
        left = case.situation.engine.thresholds(case.pbx, case.queue)[1]
    if left <= 0:
        return 1.0
    return forecasts.miss_probability(case.pbx, case.queue, case.position, round(left))


def _waiting(case: Case) -> float | None:
    state = case.situation.queue(case.pbx, case.queue)
    if state is None:
        return None
    return max(0, len(state.waiting) - case.leaving) + case.coming


def _longest_wait(case: Case) -> float | None:
    state = case.situation.queue(case.pbx, case.queue)
    if state is None:
        return None
    since = state.longest_wait_since
    return 0 if since is None else max(0, case.at - since)


def _available(case: Case) -> float | None:
    return case.situation.counts(case.pbx, case.queue).available


def _logged_in(case: Case) -> float | None:
    return case.situation.counts(case.pbx, case.queue).logged_in


def _paused(case: Case) -> float | None:
    return case.situation.counts(case.pbx, case.queue).paused


def _service_level(case: Case) -> float | None:
    window = case.situation.windows.get((case.pbx, case.queue))
    if window is None:
        return None
    window.prune(case.now)
    return window.good / window.all if window.all else None


def _open(case: Case) -> float | None:
    return float(case.situation.opening(case.pbx, case.queue, case.now)[0])


NUMBERS: Final[Mapping[Metric, Callable[[Case], float | None]]] = MappingProxyType(
    {
        Metric.WAITED: _waited,
        Metric.WAITED_IN_QUEUE: _waited_in_queue,
        Metric.TIME_LEFT: _time_left,
        Metric.POSITION: _position,
        Metric.EXPECTED_WAIT: _expected_wait,
        Metric.MISS_PROBABILITY: _miss_probability,
        Metric.WAITING: _waiting,
        Metric.LONGEST_WAIT: _longest_wait,
        Metric.AGENTS_AVAILABLE: _available,
        Metric.AGENTS_LOGGED_IN: _logged_in,
        Metric.AGENTS_PAUSED: _paused,
        Metric.SERVICE_LEVEL: _service_level,
        Metric.OPEN: _open,
    }
)
"""What each metric of numbers shows."""


# --- whether a condition holds ------------------------------------------------------------------


def limits(condition: Condition, *, on: bool) -> tuple[float | None, float | None]:
    """The lowest and the highest number for which it holds; ``on``: with the hysteresis."""
    low, high = condition.at_least, condition.at_most
    if on:
        low = condition.release_below if None not in {low, condition.release_below} else low
        high = condition.release_above if None not in {high, condition.release_above} else high
    return low, high


def holds(condition: Condition, case: Case, *, on: bool = False) -> bool:
    """Whether a condition holds now; ``on``: for an action that is on already."""
    metric = condition.metric
    if metric in OF_WORDS:
        words = case.words(metric)
        wanted = not condition.one_of or matches(words, condition.one_of)
        return wanted and not matches(words, condition.none_of)
    number = case.number(metric)
    if number is None:
        return False
    low, high = limits(condition, on=on)
    return (low is None or number >= low) and (high is None or number <= high)


@dataclass(frozen=True, slots=True)
class Conditions:
    """A rule's conditions, sorted by what they look at."""

    all: tuple[Condition, ...]
    of_queue: tuple[Condition, ...]
    of_time: tuple[Condition, ...]
    of_caller: tuple[Condition, ...]
    """All others of the caller: by words, and by place."""
    by_place: bool
    by_chance: bool
    """The probability of missing the deadline changes with time, along no line that is known."""

    @classmethod
    def of(cls, conditions: tuple[Condition, ...]) -> "Conditions":
        """Sort them."""
        of_time = tuple(c for c in conditions if c.metric in OF_TIME)
        return cls(
            conditions,
            tuple(c for c in conditions if c.metric not in OF_THE_CALLER),
            of_time,
            tuple(c for c in conditions if c.metric in OF_THE_CALLER and c not in of_time),
            any(c.metric in OF_PLACE for c in conditions),
            any(c.metric is Metric.MISS_PROBABILITY for c in conditions),
        )

    def queue_holds(self, case: Case, *, on: bool = False) -> bool:
        """Whether those of the queue hold."""
        return all(holds(condition, case, on=on) for condition in self.of_queue)

    def caller_holds(self, case: Case, lead: Ms = 0) -> bool:
        """Whether those of the caller hold, those of time as of ``lead`` ms later."""
        for condition in self.of_time:
            due = due_at(condition, case.call, case.since, lead)
            if due is None or due > case.at or not _not_over(condition, case):
                return False
        return all(holds(condition, case) for condition in self.of_caller)

    def due_at(self, call: Call, since: Ms, lead: Ms = 0) -> Ms | None:
        """From when on (PBX's clock) those of time hold; None: never, as far as is known."""
        latest = since
        for condition in self.of_time:
            due = due_at(condition, call, since, lead)
            if due is None:
                return None
            latest = max(latest, due)
        return latest


def due_at(condition: Condition, call: Call | None, since: Ms | None, lead: Ms) -> Ms | None:
    """From when on (PBX's clock) a condition of time holds, ``lead`` ms early; None: never.

    It is early by no more than half the span, so that a short limit stays one.
    """
    started = None if call is None else call.clock_started_at
    if condition.metric is Metric.TIME_LEFT:
        if call is None or started is None or _is_kept(call):
            return None
        if condition.at_most is None:
            return 0
        moment = started + call.within - int(condition.at_most // 1)
    else:
        started = since if condition.metric is Metric.WAITED_IN_QUEUE else started
        if started is None:
            asks = condition.metric is Metric.WAITED_IN_QUEUE and not condition.at_least
            return 0 if asks else None
        if condition.at_least is None:
            return 0
        moment = started - int(-condition.at_least // 1)
    return moment - min(lead, max(0, moment - started) // 2)


def _not_over(condition: Condition, case: Case) -> bool:
    """Whether the other end of a condition of time has not passed."""
    number = case.number(condition.metric)
    if number is None:
        return False
    if condition.metric is Metric.TIME_LEFT:
        return condition.at_least is None or number >= condition.at_least
    return condition.at_most is None or number <= condition.at_most


# --- when a queue's conditions change by time alone ----------------------------------------------


def changes_at(conditions: tuple[Condition, ...], case: Case, *, on: bool = False) -> Ms | None:
    """When (monitor's clock) one of the queue's conditions may change though nothing happens."""
    moments = [_changes_at(condition, case, on=on) for condition in conditions]
    return min((moment for moment in moments if moment is not None), default=None)


def _changes_at(condition: Condition, case: Case, *, on: bool) -> Ms | None:
    if condition.metric is Metric.OPEN:
        return case.situation.opening(case.pbx, case.queue, case.now)[1]
    if condition.metric is Metric.SERVICE_LEVEL:
        window = case.situation.windows.get((case.pbx, case.queue))
        return None if window is None else window.changes_at
    if condition.metric is not Metric.LONGEST_WAIT:
        return None
    state = case.situation.queue(case.pbx, case.queue)
    since = None if state is None else state.longest_wait_since
    if since is None:
        return None
    low, high = limits(condition, on=on)
    crossings = [since - int(-low // 1)] if low is not None else []
    crossings += [since + int(high // 1) + 1] if high is not None else []
    ahead = [at - case.at + case.now for at in crossings if at > case.at]
    return min(ahead, default=None)


# --- in words -----------------------------------------------------------------------------------


def reasons(conditions: tuple[Condition, ...], case: Case, lead: Ms = 0) -> tuple[Reason, ...]:
    """Why a rule applies: each condition with what was found."""
    return tuple(_reason(condition, case, lead) for condition in conditions)


def _reason(condition: Condition, case: Case, lead: Ms) -> Reason:
    metric = condition.metric
    detail: dict[str, Detail] = {"metric": metric.value}
    if metric in OF_WORDS:
        detail["value"] = case.words(metric)
        for name, patterns in (("one_of", condition.one_of), ("none_of", condition.none_of)):
            if patterns:
                detail[name] = ", ".join(patterns)
        return Reason(Because.CONDITION, detail)
    detail["value"] = case.number(metric)
    if condition.at_least is not None:
        detail["at_least"] = condition.at_least
    if condition.at_most is not None:
        detail["at_most"] = condition.at_most
    if metric in OF_TIME and lead and not holds(condition, case):
        full = due_at(condition, case.call, case.since, 0)
        if full is not None:
            detail["early"] = full - case.at
    return Reason(Because.CONDITION, detail)
