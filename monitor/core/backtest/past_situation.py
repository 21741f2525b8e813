"""The situation of a recorded centre: what the conditions of rules look at when run again."""

from collections.abc import Iterable

from monitor.core.backtest.past_centre import PastCentre
from monitor.core.backtest.past_parts import Waiter
from monitor.core.clock import Ms
from monitor.core.effects import Effect
from monitor.core.engine import Engine
from monitor.core.live import QueueState
from monitor.core.overflow.situation import Counts, ServiceWindow, Situation
from monitor.core.overflow.waiting_model import WaitingModel
from monitor.core.policy import Policy


class PastForecasts:
    """The same forecast as the live one, of what could be known at the moment."""

    def __init__(self, centre: PastCentre) -> None:
        self._centre = centre
        self._now: Ms = -1
        self._moved = 0
        self._counts: dict[str, Counts] = {}
        self._models: dict[str, WaitingModel] = {}

    def at(self, now: Ms, moved: int) -> None:
        """Look at the centre as it is at ``now``, after so many moves."""
        if (now, moved) != (self._now, self._moved):
            self._now, self._moved = now, moved
            self._counts.clear()
            self._models.clear()

    def counts(self, queue: str) -> Counts:
        """Agents who seem to be logged in, and those of them who could take a caller."""
        found = self._counts.get(queue)
        if found is None:
            centre, now = self._centre, self._now
            present = centre.present(queue, now)
            idle = sum(centre.is_idle(agent, queue, now) for agent in present)
            found = self._counts[queue] = Counts(available=idle, logged_in=len(present))
        return found

    def handle(self, effects: Iterable[Effect], now: Ms) -> None:
        """Nothing to learn from: the centre keeps its own history."""

    def expected_wait(self, pbx: str, queue: str, position: int) -> Ms | None:
        """Ms that the caller at ``position`` (1: next) will still wait."""
        del pbx
        return self._model(queue).expected_wait(position)

    def miss_probability(self, pbx: str, queue: str, position: int, time_left: Ms) -> float | None:
        """Share: how likely nobody answers that caller within ``time_left`` ms."""
        del pbx
        return self._model(queue).miss_probability(position, time_left)

    def _model(self, queue: str) -> WaitingModel:
        found = self._models.get(queue)
        if found is None:
            counts = self.counts(queue)
            history = self._centre.history(queue)
            found = self._models[queue] = history.model(counts.logged_in, counts.available)
        return found


class PastSituation(Situation):
    """What is known of a recorded centre's queues at ``now``."""

    def __init__(self, policy: Policy, centre: PastCentre) -> None:
        self.past = PastForecasts(centre)
        super().__init__(Engine(policy), self.past)
        self._centre = centre
        self._short = policy.commitment.short_abandon

    def at(self, now: Ms, moved: int) -> None:
        """Look at the centre as it is at ``now``, after so many moves."""
        self.past.at(now, moved)

    def queue(self, pbx: str, queue: str) -> QueueState | None:
        """The queue as it is now."""
        del pbx
        return self._centre.line(queue)

    def counts(self, pbx: str, queue: str) -> Counts:
        """Agents who seem to be logged in; who was paused nobody recorded."""
        del pbx
        return self.past.counts(queue)

    def observed(self, pbx: str) -> bool:
        """What was recorded was observed."""
        del pbx
        return True

    def offset(self, pbx: str) -> Ms:
        """Only one clock is in the record."""
        del pbx
        return 0

    def decided(self, waiter: Waiter, at: Ms) -> None:
        """Count a visit for its queue's rolling service level."""
        window = self.windows.setdefault((self._centre.pbx, waiter.queue), ServiceWindow())
        wait = at - waiter.joined
        if waiter.answered_at is not None:
            within = self.engine.thresholds(self._centre.pbx, waiter.queue)[1]
            window.put((waiter.call.id, waiter.joined), at, wait < within)
        elif wait >= self._short:
            window.put((waiter.call.id, waiter.joined), at, False)
