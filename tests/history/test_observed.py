"""Until when a PBX was observed survives the process."""

from monitor.history import History
from monitor.history.observed import mark_observed, observed_until


def test_the_last_moment_of_each_pbx_is_remembered(history: History) -> None:
    assert observed_until(history) == {}
    mark_observed(history, {"lyon": 1_000, "nantes": 2_000})
    mark_observed(history, {"lyon": 3_000})
    mark_observed(history, {})
    assert observed_until(history) == {"lyon": 3_000, "nantes": 2_000}
