"""What the monitor knows when it starts again."""

from pathlib import Path

from api.restoring import restore
from monitor.core import events as ev
from monitor.core.clock import HOUR, SECOND
from monitor.core.effects import BlindIntervalChanged
from monitor.core.engine import Engine
from monitor.core.policy import Policy
from monitor.history import BatchWriter, open_history
from monitor.history.observed import mark_observed
from tests.api.made import answered_call

T0 = answered_call().arrived_at
NOW = T0 + 10 * HOUR


def blind_since(directory: Path, *, observed_until: int | None, with_a_call: bool) -> int:
    with open_history(f"sqlite:///{directory}/h.db") as history:
        if with_a_call:
            with BatchWriter(history) as writer:
                writer.add([answered_call()])
        if observed_until is not None:
            mark_observed(history, {"lab": observed_until})
        effects = restore(Engine(Policy()), history, ["lab"], NOW)
    begun = [e.interval for e in effects if isinstance(e, BlindIntervalChanged)]
    assert [interval.pbx for interval in begun] == ["lab"]
    return begun[0].started_at


def test_after_a_crash_the_gap_begins_when_the_pbx_was_last_observed(tmp_path: Path) -> None:
    quiet_until = NOW - 30 * SECOND
    assert blind_since(tmp_path, observed_until=quiet_until, with_a_call=True) == quiet_until


def test_what_a_call_tells_counts_where_it_is_later_than_the_mark(tmp_path: Path) -> None:
    assert blind_since(tmp_path, observed_until=T0 - HOUR, with_a_call=True) >= T0


def test_a_new_record_begins_its_gap_now(tmp_path: Path) -> None:
    assert blind_since(tmp_path, observed_until=None, with_a_call=False) == NOW


def test_the_gap_is_closed_by_the_first_snapshot(tmp_path: Path) -> None:
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        engine = Engine(Policy())
        restore(engine, history, ["lab"], NOW)
    effects = engine.handle(ev.PbxSnapshot("lab", NOW + SECOND))
    closed = [e.interval for e in effects if isinstance(e, BlindIntervalChanged)]
    assert [(interval.started_at, interval.ended_at) for interval in closed] == [
        (NOW, NOW + SECOND)
    ]
