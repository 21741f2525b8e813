"""How callers behave: patience, conversations, keys, names and numbers.

Sources of the choices:

- Conversations are log-normal: Brown et al., "Statistical Analysis of a Telephone Call Center: A
  Queueing-Science Perspective", J. of the American Statistical Association 100 (2005), 36-50.
- Patience is hyperexponential (most wait long, some give up soon): Roubos & Jouini, "Call centers
  with hyperexponential patience modeling", Int. J. of Production Economics 141 (2013), 307-315.

The studies give the shapes; the means and shares are chosen so that the demo shows something.
"""

from collections.abc import Sequence
from math import log
from random import Random
from typing import Final

from monitor.core.clock import SECOND, Ms

from .parts import CallerPlan
from .site import FICTION

IMPATIENT_SHARE: Final = 0.16
IMPATIENT_MEAN: Final[Ms] = 15 * SECOND
PATIENT_MEAN: Final[Ms] = 330 * SECOND
LONGEST_TALK: Final[Ms] = 900 * SECOND
_SPREAD: Final = 0.65
"""Standard deviation of a conversation's logarithm: a choice of ours, narrower than a bank's."""

_FIRST: Final = (
    *("Adèle", "Anaïs", "Antoine", "Aurélie", "Bérénice", "Camille", "Cédric", "Clémence"),
    *("Damien", "Éric", "Fatima", "Gaëlle", "Grégoire", "Hugo", "Inès", "Jérôme", "Karim"),
    *("Léa", "Marc", "Noémie", "Olivier", "Pénélope", "Raphaël", "Sébastien", "Thérèse"),
    *("Valérie", "Yann", "Zoé"),
)
_LAST: Final = (
    *("André", "Barthélemy", "Bonnet", "Chevalier", "Da Silva", "Desprès", "Évrard", "Fabre"),
    *("François", "Gérard", "Hervé", "Joly", "Lambert", "Leclère", "Maréchal", "Noël", "Perrot"),
    *("Poirier", "Rémond", "Saïdi", "Tessier", "Vallée", "Weber"),
)


class People:
    """Draws callers; the generator is the centre's own, so that all is seeded together."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def number(self) -> str:
        """A French number from the ranges kept for fiction."""
        return f"{self._rng.choice(FICTION)}{self._rng.randrange(10_000):04d}"

    def name(self) -> str:
        """A name, or nothing: trunks seldom send one."""
        rng = self._rng
        if rng.random() < 0.45:  # noqa: PLR2004
            return ""
        return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"

    def patience(self) -> Ms:
        """How long a caller waits before giving up, in ms from the arrival."""
        mean = IMPATIENT_MEAN if self._rng.random() < IMPATIENT_SHARE else PATIENT_MEAN
        return SECOND + round(self._rng.expovariate(1 / mean))

    def plan(self, talk_mean: Ms, *, listens: bool) -> CallerPlan:
        """What a caller means to do. ``listens``: a voice server comes first."""
        rng = self._rng
        talk = rng.lognormvariate(log(talk_mean) - _SPREAD**2 / 2, _SPREAD)
        keys: list[tuple[Ms, str]] = []
        patience = self.patience()
        if listens:
            reached = round(rng.uniform(2.5, 11) * SECOND)
            patience += 6 * SECOND
            if rng.random() < 0.85:  # noqa: PLR2004 - the rest says nothing and is sent on
                keys.append((reached, rng.choices("123", (60, 25, 15))[0]))
        if rng.random() < 0.03:  # noqa: PLR2004
            keys.append((round(rng.uniform(40, 100) * SECOND), "0"))
        return CallerPlan(
            patience,
            min(max(round(talk), 8 * SECOND), LONGEST_TALK),
            agent_ends=rng.random() < 0.3,  # noqa: PLR2004
            keys=tuple(keys),
        )


def pick(rng: Random, choices: Sequence[tuple[str, float]]) -> str:
    """One of ``choices``, each with its weight."""
    return rng.choices([name for name, _ in choices], [weight for _, weight in choices])[0]
