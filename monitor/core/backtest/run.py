"""Backtest: what a rule would have done on recorded days, call by call.

The recorded centre is run again (:mod:`monitor.core.backtest.past_centre`), the rule's conditions
are evaluated by the code that evaluates them live, and callers are moved where they hold. Of all
whom that touched, the verdict that the record gives stands beside the one that they would have got.
It is an estimate: the assumptions stand in ``past_centre`` and in docs/forecast.md.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from monitor.core.backtest.past_centre import PastCentre
from monitor.core.backtest.past_parts import Waiter, Watch, as_of
from monitor.core.backtest.past_situation import PastSituation
from monitor.core.backtest.result import (
    Affected,
    BacktestResult,
    CannotBeTestedError,
    Moved,
    NotConsidered,
)
from monitor.core.clock import SECOND, Ms
from monitor.core.overflow.book import Book, queue_of_conditions
from monitor.core.overflow.callers import Caps
from monitor.core.overflow.conditions import Case, reasons
from monitor.core.overflow.decisions import Because
from monitor.core.overflow.rules import (
    OF_THE_CALLER,
    Destination,
    How,
    Metric,
    OverflowRule,
    Redirect,
    destination_of,
)
from monitor.core.overflow.targets import obstacle
from monitor.core.policy import Policy, matches
from monitor.core.records import Call, HandledBy, Observed, Verdict, VoiceServerStay

LOOK_AGAIN: Final[Ms] = SECOND
"""How often conditions are looked at that change though nothing happens."""
CHANGE_BY_THEMSELVES: Final = frozenset(
    {Metric.LONGEST_WAIT, Metric.MISS_PROBABILITY, Metric.SERVICE_LEVEL, Metric.OPEN}
)


def backtest(
    rule: OverflowRule,
    calls: Iterable[Call],
    policy: Policy,
    *,
    since: Ms = 0,
    counts: Callable[[Call], bool] = lambda _: True,
    stop: Callable[[], None] = lambda: None,
) -> BacktestResult:
    """Run a rule over recorded calls.

    Args:
        rule: it is tried whether enabled or not.
        calls: closed calls with visits and stays; those of a while before ``since`` are what the
            forecasts learn from.
        policy: the centre's zone, opening hours and thresholds.
        since: the rule is tried on calls that arrived from here on.
        counts: whether the result may tell of a call; all are run again.
        stop: called every now and then; it may raise to end the run.

    Raises:
        CannotBeTestedError: the rule moves nobody.
    """
    if destination_of(rule) is None:
        raise CannotBeTestedError(
            f"The rule {rule.id} moves no callers, and what else it does leaves no trace in the "
            "record: only rules that withdraw or redirect can be simulated."
        )
    tried = replace(rule, enabled=True, dry_run=False)
    result = BacktestResult(rule, not_considered=_not_considered(tried))
    by_pbx: dict[str, list[Call]] = {}
    for call in calls:
        by_pbx.setdefault(call.pbx, []).append(call)
    for pbx, of_pbx in sorted(by_pbx.items()):
        if tried.pbx in {"", pbx}:
            _Trial(tried, pbx, of_pbx, policy, result, since, counts).run(stop)
    return result


def _not_considered(rule: OverflowRule) -> tuple[NotConsidered, ...]:
    to = destination_of(rule)
    metrics = {condition.metric for condition in rule.conditions}
    found = [NotConsidered.LOGINS]
    if Metric.AGENTS_PAUSED in metrics:
        found.append(NotConsidered.PAUSES)
    if Metric.INPUTS in metrics and isinstance(rule.action, Redirect):
        found.append(NotConsidered.INPUTS_IN_TIME)
    if to is not None and not to.queue:
        found.append(NotConsidered.BEYOND_A_QUEUE)
    if rule.how is not How.ASK and not isinstance(rule.action, Redirect):
        found.append(NotConsidered.RING_CYCLE)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Stay:
    """A caller in a voice server, for a rule that redirects."""

    call: Call
    seen: Call
    stay: VoiceServerStay


@dataclass(frozen=True, slots=True)
class _Tick:
    """Look at a queue again."""

    queue: str


class _Trial(Watch):
    """One rule on one PBX."""

    def __init__(
        self,
        rule: OverflowRule,
        pbx: str,
        calls: list[Call],
        policy: Policy,
        result: BacktestResult,
        since: Ms,
        counts: Callable[[Call], bool],
    ) -> None:
        to = destination_of(rule)
        assert to is not None  # noqa: S101 - checked by the caller
        self._rule, self._pbx, self._to, self._result, self._since = rule, pbx, to, result, since
        self._counts = counts
        self._centre = PastCentre(pbx, calls, self)
        self._situation = PastSituation(policy, self._centre)
        self._book = Book(self._situation, [rule])
        (self._entry,) = self._book.entries
        metrics = self._entry.metrics
        self._by_itself = bool(metrics & CHANGE_BY_THEMSELVES)
        self._by_events = bool(metrics - OF_THE_CALLER) or self._entry.conditions.by_place
        self._caps = Caps()
        self._moves: list[tuple[Waiter, Moved]] = []
        self._held_back: dict[tuple[str, Because], None] = {}
        self._ticking: set[str] = set()
        self._watched: dict[str, bool] = {}
        for call in calls:
            if call.arrived_at >= since and counts(call):
                result.recorded[call.verdict] += 1
                result.partly_observed += call.observed is Observed.PARTIAL
        if isinstance(rule.action, Redirect):
            self._watch_stays(calls)

    def run(self, stop: Callable[[], None]) -> None:
        """Run the recorded days, and add what came of it to the result."""
        self._centre.run(2**62, stop)
        result = self._result
        moved_calls = {moved.call.id for _, moved in self._moves}
        for waiter, moved in self._moves:
            wait = None if waiter.answered_at is None else waiter.answered_at - moved.at
            result.moved.append(
                replace(moved, wait_there=wait, after=_verdict(waiter, moved_to=self._to))
            )
        for waiter in self._centre.changed:
            call = waiter.call
            if call.id not in moved_calls and waiter.changed and self._counts(call):
                after = _verdict(waiter)
                if after is not call.verdict and call.arrived_at >= self._since:
                    result.affected.append(Affected(call, waiter.queue, after))
        counted = Counter(because for call_id, because in self._held_back)
        for because, number in counted.items():
            result.held_back[because] = result.held_back.get(because, 0) + number
        result.unclear += sum(self._counts(call) for call in self._centre.unclear)

    # --- callers in queues ----------------------------------------------------------------------

    def asks(self, waiter: Waiter, now: Ms) -> bool:
        """The dialplan asks before the caller joins."""
        if self._rule.how is How.TELL or not self._is_watched(waiter):
            return False
        seen = as_of(waiter.seen, len(waiter.seen.visits))
        seen.visits.pop()
        position = len(self._centre.line(waiter.queue).waiting) + 1
        case = self._case(waiter.queue, now, seen, None, position)
        return self._queue_holds(case, now) and self._try(case, waiter.call, seen, None, now)

    def joined(self, waiter: Waiter, now: Ms) -> None:
        """A caller joined: from when on may the rule act for them?"""
        if self._rule.how is How.ASK or not self._is_watched(waiter):
            return
        waiter.due = self._entry.conditions.due_at(waiter.seen, waiter.joined)
        if waiter.due is not None and waiter.due > now:
            self._centre.look_at(waiter, waiter.due)
        elif waiter.due is not None:
            self._centre.look_at(waiter, now)
        if self._by_itself and waiter.queue not in self._ticking:
            self._ticking.add(waiter.queue)
            self._centre.look_at(_Tick(waiter.queue), now + LOOK_AGAIN)

    def changed(self, queue: str, now: Ms) -> None:
        """Something happened in a queue."""
        if self._by_events and self._rule.how is not How.ASK and self._watches(queue):
            self._look_at_queue(queue, now)

    def decided(self, waiter: Waiter, at: Ms) -> None:
        """A visit was decided."""
        if Metric.SERVICE_LEVEL in self._entry.metrics:
            self._situation.decided(waiter, at)

    def look(self, what: object, now: Ms) -> None:
        """A moment that was asked for has come."""
        if isinstance(what, Waiter):
            if not what.done:
                self._look_at_queue(what.queue, now, only=what)
        elif isinstance(what, _Tick):
            if self._centre.line(what.queue).waiting:
                self._look_at_queue(what.queue, now)
                self._centre.look_at(what, now + LOOK_AGAIN)
            else:
                self._ticking.discard(what.queue)
        elif isinstance(what, _Stay):
            self._look_at_stay(what, now)

    def _look_at_queue(self, queue: str, now: Ms, only: Waiter | None = None) -> None:
        waiters = self._centre.waiters(queue)
        if not waiters or not self._queue_holds(self._case(queue, now), now):
            return
        gone = 0
        for number, waiter in enumerate(waiters):
            if waiter.done or (only is not None and waiter is not only):
                continue
            if waiter.due is None or waiter.due > now:
                continue
            case = self._case(queue, now, waiter.seen, waiter.joined, number + 1 - gone)
            gone += self._try(case, waiter.call, waiter.seen, waiter, now)

    # --- callers in voice servers ---------------------------------------------------------------

    def _watch_stays(self, calls: list[Call]) -> None:
        for call in calls:
            for stay in call.stays:
                if not matches(stay.name, self._rule.voice_servers) or stay.left_at is None:
                    continue
                if call.arrived_at >= self._since:
                    before = sum(visit.joined_at <= stay.entered_at for visit in call.visits)
                    seen = as_of(call, before)
                    seen.visits = call.visits[:before]
                    seen.stays = [one for one in call.stays if one.entered_at <= stay.entered_at]
                    due = self._entry.conditions.due_at(seen, stay.entered_at)
                    if due is not None and due < stay.left_at:
                        watched = _Stay(call, seen, stay)
                        self._centre.look_at(watched, max(due, stay.entered_at))

    def _look_at_stay(self, watched: _Stay, now: Ms) -> None:
        left_at = watched.stay.left_at
        if self._centre.is_over(watched.call) or left_at is None or now >= left_at:
            return
        queue = queue_of_conditions(self._rule)
        position = len(self._centre.line(queue).waiting) + 1
        case = self._case(queue, now, watched.seen, None, position)
        holds = self._queue_holds(case, now)
        moved = holds and self._try(
            case, watched.call, watched.seen, None, now, server=watched.stay.name
        )
        if not moved:
            self._centre.look_at(watched, now + LOOK_AGAIN)

    # --- deciding -------------------------------------------------------------------------------

    def _is_watched(self, waiter: Waiter) -> bool:
        return waiter.call.arrived_at >= self._since and self._watches(waiter.queue)

    def _watches(self, queue: str) -> bool:
        known = self._watched.get(queue)
        if known is None:
            redirects = isinstance(self._rule.action, Redirect)
            known = not redirects and queue != self._to.queue and matches(queue, self._rule.queues)
            self._watched[queue] = known
        return known

    def _case(
        self,
        queue: str,
        now: Ms,
        seen: Call | None = None,
        since: Ms | None = None,
        position: int | None = None,
    ) -> Case:
        self._situation.at(now, len(self._moves))
        caller = "" if seen is None else seen.caller
        return Case(self._situation, self._pbx, queue, now, seen, since, position, caller)

    def _queue_holds(self, case: Case, now: Ms) -> bool:
        if not self._book.is_active(self._entry, now):
            return False
        return self._entry.conditions.queue_holds(case)

    def _try(
        self, case: Case, call: Call, seen: Call, waiter: Waiter | None, now: Ms, server: str = ""
    ) -> bool:
        """Move a caller whose conditions hold, unless something speaks against it."""
        if not self._entry.conditions.caller_holds(case):
            return False
        why = self._obstacle(case, now, queued=not server)
        if why is not None:
            self._held_back[call.id, why] = None
            return False
        self._caps.count(self._rule, self._pbx, now)
        said = reasons(self._rule.conditions, case)
        moved = self._centre.move(call, seen, waiter, self._to.queue, now)
        for because in list(Because):
            self._held_back.pop((call.id, because), None)
        self._moves.append(
            (moved, Moved(call, "" if server else case.queue, self._to, now, said, None,
                          Verdict.UNKNOWN, server))
        )  # fmt: skip
        return True

    def _obstacle(self, case: Case, now: Ms, *, queued: bool) -> Because | None:
        found = obstacle(self._situation, self._book, self._rule, case, queued=queued)
        if found is not None:
            return found.because
        if self._caps.free_at(self._rule, self._pbx, now) is not None:
            return Because.RATE_CAP
        return None


def _verdict(waiter: Waiter, moved_to: Destination | None = None) -> Verdict:
    """The verdict that a caller would have got."""
    call, deadline = waiter.call, waiter.call.deadline_at
    final = call.verdict in {Verdict.EXCLUDED, Verdict.UNKNOWN} or deadline is None
    handled_before = call.handled_at is not None and call.handled_at <= waiter.joined
    if final or handled_before or call.handled_by is HandledBy.VOICE_SERVER:
        return call.verdict
    assert deadline is not None  # noqa: S101 - or it was final
    if waiter.answered_at is not None:
        return Verdict.MET if waiter.answered_at < deadline else Verdict.BREACHED
    if waiter.left_at is not None:
        return Verdict.ABANDONED if waiter.left_at < deadline else Verdict.BREACHED
    if moved_to is not None and not moved_to.queue and waiter.joined >= deadline:
        return Verdict.BREACHED
    return Verdict.UNKNOWN
