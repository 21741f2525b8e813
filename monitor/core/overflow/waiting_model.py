"""How long a waiting caller will still wait: a queueing model, as arithmetic.

The model is M/M/n + M of the caller's queue: n agents serve, each for a mean time m, and callers
who wait give up at a rate θ each. A caller who needs j agents to come free, while j - 1 callers
ahead of them may also give up, is answered after the sum of j exponential times, with the rates
n/m, n/m + θ, …, n/m + (j - 1)θ. Its mean is the predictor QLm of R. Ibrahim and W. Whitt,
"Real-Time Delay Estimation in Overloaded Multiserver Queues with Abandonments", Management Science
55(10), 2009, doi:10.1287/mnsc.1090.1041. Without abandonment (θ = 0) the sum has the Erlang(j, n/m)
distribution, and its mean is the simple queue-length predictor, j · m / n.

The distribution of that sum: by Rényi's representation of order statistics it is that of
-ln(B)/θ with B ~ Beta(n/(mθ), j), whose tail is the finite sum computed here; for θ → 0 it becomes
the Poisson distribution function.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from monitor.core.clock import Ms

_NEGLIGIBLE: Final = 1e-12


@dataclass(frozen=True, slots=True)
class WaitingModel:
    """A queue as the model sees it, at one moment. Spans in ms, rates per ms."""

    serving: int
    """Agents who serve this queue: free, ringing, talking or in wrap-up."""
    free: int
    """Those of them who are free, or already ring for a caller of the queue."""
    handling: float | None
    """Mean time for which a caller occupies an agent: ringing, talk and wrap-up; None: unknown."""
    ring: float | None
    """Mean time from the first offer to an agent to the answer; None: unknown."""
    rings: Sequence[Ms] = ()
    """Recent such times, ascending."""
    giving_up: float = 0.0
    """The rate θ at which each waiting caller gives up."""

    def expected_wait(self, position: int) -> Ms | None:
        """How long the caller at ``position`` (1: next) will still wait, in the mean.

        None when it is not known: nobody serves, or too few calls were seen.
        """
        if self.serving <= 0 or self.ring is None:
            return None
        departures = position - self.free
        if departures <= 0:
            return round(self.ring)
        if self.handling is None:
            return None
        return round(self.ring + mean_wait(departures, self.rate, self.giving_up))

    def miss_probability(self, position: int, time_left: Ms) -> float | None:
        """How likely (0 to 1) the caller at ``position`` is still waiting after ``time_left``.

        1 where nobody serves: who waits there misses the deadline unless something changes. None
        when it is not known.
        """
        if time_left <= 0 or self.serving <= 0:
            return 1.0
        if self.ring is None:
            return None
        departures = position - self.free
        if departures <= 0:
            return self._still_ringing(time_left)
        if self.handling is None:
            return None
        left = max(0.0, time_left - self.ring)
        return tail(departures, self.rate, self.giving_up, left)

    @property
    def rate(self) -> float:
        """At which rate agents come free while all are busy; 0 where that is unknown."""
        return self.serving / self.handling if self.handling else 0.0

    def _still_ringing(self, time_left: Ms) -> float:
        """The share of recent rings that lasted so long; never quite 0 or 1."""
        longer = len(self.rings) - bisect_right(self.rings, time_left - 1)
        return (longer + 0.5) / (len(self.rings) + 1)


def mean_wait(departures: int, rate: float, giving_up: float) -> float:
    """The predictor QLm: the mean time until ``departures`` callers have gone from the line."""
    if giving_up <= 0.0:
        return departures / rate
    return sum(1.0 / (rate + i * giving_up) for i in range(departures))


def tail(departures: int, rate: float, giving_up: float, left: float) -> float:
    """The probability that the same time is longer than ``left``.

    ``exp(-rate·t) · Σ_{i<j} [Π_{l<i} (rate + lθ)/θ / i!] · (1 - exp(-θt))^i``, in logarithms, so
    that it neither under- nor overflows in a large centre.
    """
    if left <= 0.0:
        return 1.0
    # (1 - exp(-θt))/θ, which is t where nobody gives up.
    span = -math.expm1(-giving_up * left) / giving_up if giving_up > 0.0 else left
    log_span = math.log(span)
    log_term = -rate * left
    total = math.exp(log_term)
    for i in range(1, departures):
        ratio = (rate + (i - 1) * giving_up) / i
        log_term += math.log(ratio) + log_span
        term = math.exp(log_term)
        total += term
        if ratio * span < 1.0 and term < _NEGLIGIBLE:
            break  # past the largest term: what follows is smaller still
    return min(1.0, total)
