"""A small edition of the storm on a real Asterisk; the full one is ``make storm``."""

import pytest

from monitor.core.overflow.decisions import Because

from .storming import storm

CALLERS = 100


@pytest.mark.asterisk
def test_queues_that_overflow_into_each_other_keep_to_the_rules_in_a_storm() -> None:
    outcome = storm("22", CALLERS)
    assert outcome.problems == [], outcome.summary()
    said = {one.reasons[-1].because for one in outcome.storm.decisions if one.held_back}
    assert {Because.RATE_CAP, Because.LOOP} <= said, outcome.summary()
    assert outcome.storm.moves, outcome.summary()
