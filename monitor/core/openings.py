"""Whether queues and the centre are open now, by the policy in force."""

from monitor.core.calendars import Opening
from monitor.core.clock import Ms
from monitor.core.policy import Policy, Rules


class Openings:
    """Looks calendars up again only when they open or close, or when the policy changes."""

    def __init__(self) -> None:
        self._policy: Policy | None = None
        self._rules = Rules(Policy())
        self._known: dict[str, Opening] = {}

    def at(self, policy: Policy, now: Ms, pbx: str = "", queue: str = "") -> tuple[bool, Ms | None]:
        """Whether a queue is open, and when that changes; None: not within 400 days.

        Args:
            policy: the one in force.
            now: the moment, by the clock that ``policy.zone`` shows.
            pbx: where the queue is.
            queue: its name; empty for the centre.
        """
        if policy is not self._policy:
            self._policy, self._rules = policy, Rules(policy)
            self._known.clear()
        name = self._rules.queue(pbx, queue).calendar if queue else ""
        opening = self._known.get(name)
        if opening is None:
            days = self._rules.calendar(pbx, queue)
            opening = self._known[name] = Opening(days, policy.zone)
        return opening.at(now)
