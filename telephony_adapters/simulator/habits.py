"""How agents behave: what they do when the phone rings, where no test scripts them."""

from dataclasses import dataclass
from random import Random

from monitor.core.clock import SECOND, Ms

from .parts import Phone


@dataclass(frozen=True, slots=True)
class Reply:
    """What an agent does when the phone rings: picks up ``after`` ms, or never; or declines."""

    after: Ms | None
    declines: bool = False


class Habits:
    """How agents behave where no test scripts them. Spans in ms."""

    def reply(self, phone: Phone, rng: Random) -> Reply:
        """What the agent does about a ringing phone."""
        del phone
        return Reply(round(rng.uniform(1.5, 7) * SECOND))


class Attentive(Habits):
    """Agents as they are: quick mostly, away from the desk now and then."""

    def __init__(self, misses: float = 0.05) -> None:
        """``misses``: share of offers that an agent does not take."""
        self._misses = misses

    def reply(self, phone: Phone, rng: Random) -> Reply:
        """What the agent does about a ringing phone."""
        # each agent has a habit of his own, from the phone's number: some are slower
        own = int(phone.extension or 0) % 5 if phone.extension.isdigit() else 2
        if rng.random() < self._misses * (0.5 + own / 4):
            return Reply(None, declines=rng.random() < 0.2)  # noqa: PLR2004
        return Reply(round(rng.triangular(1.2, 8 + own / 2, 2.8) * SECOND))
