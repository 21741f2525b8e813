"""The collector's settings last as long as the monitor runs, and no longer."""

import gc

import pytest

from monitor.collector import THRESHOLDS, seldom_collected


def a_run_that_fails() -> None:
    with seldom_collected():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > 0
        raise RuntimeError


def test_the_collector_is_as_before_afterwards_whatever_happens() -> None:
    before = gc.get_threshold()
    with pytest.raises(RuntimeError):
        a_run_that_fails()
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
