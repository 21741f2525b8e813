"""The calls that a backtest runs over."""

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.clock import HOUR
from monitor.history import BatchWriter, open_history
from monitor.history.past_calls import PastCalls, TooManyCallsError
from tests.api.made import answered_call

AT = answered_call().arrived_at


def test_closed_calls_of_the_range_come_with_visits_and_stays_and_without_facts(
    tmp_path: Path,
) -> None:
    wanted = answered_call("1.1")
    live = replace(answered_call("1.2"), closed=False)
    later = replace(answered_call("1.3"), arrived_at=AT + HOUR)
    elsewhere = replace(answered_call("1.4"), pbx="elsewhere")
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        with BatchWriter(history) as writer:
            writer.add([wanted, live, later, elsewhere])
        past = PastCalls(history)
        assert past.calls(AT, AT + HOUR, pbx=wanted.pbx) == [replace(wanted, facts=[])]
        assert {call.id for call in past.calls(AT, AT + HOUR)} == {wanted.id, elsewhere.id}
        assert past.calls(AT + 1, AT + HOUR) == []


def test_more_calls_than_asked_for_are_not_read(tmp_path: Path) -> None:
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        with BatchWriter(history) as writer:
            writer.add([answered_call("1.1"), answered_call("1.2")])
        past = PastCalls(history)
        assert len(past.calls(AT, AT + 1, most=2)) == 2
        with pytest.raises(TooManyCallsError, match="holds 2 calls, 1 are read at most"):
            past.calls(AT, AT + 1, most=1)
