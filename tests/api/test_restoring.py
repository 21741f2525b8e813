"""What the monitor knows when it starts again."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from api.restoring import JUST_BEFORE, NOT_CONFIGURED, recall_forecasts, restore
from monitor.core import events as ev
from monitor.core.clock import DAY, HOUR, SECOND
from monitor.core.effects import BlindIntervalChanged
from monitor.core.engine import Engine, day_bounds
from monitor.core.overflow.forecast import ENOUGH, Forecasts
from monitor.core.policy import Policy
from monitor.core.records import (
    BlindInterval,
    Call,
    Exit,
    Fact,
    FactKind,
    Observed,
    Reason,
    Verdict,
    Visit,
)
from monitor.evidence.chain import day_of, end_of
from monitor.history import BatchWriter, History, open_history
from monitor.history.evidence_record import announce
from monitor.history.observed import mark_observed
from monitor.history.reader import HistoryReader
from tests.api.made import POLICY, answered_call

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
    since = blind_since(tmp_path, observed_until=quiet_until, with_a_call=True)
    # What came just before was perhaps no call yet, and is not in the record.
    assert since == quiet_until - JUST_BEFORE


def test_what_a_call_tells_counts_where_it_is_later_than_the_mark(tmp_path: Path) -> None:
    since = blind_since(tmp_path, observed_until=T0 - HOUR, with_a_call=True)
    assert since == (answered_call().ended_at or 0) - JUST_BEFORE


def test_a_breach_raised_by_our_own_clock_is_no_sign_of_the_pbx(tmp_path: Path) -> None:
    waiting = Call(pbx="lab", uniqueid="1.1", arrived_at=T0, clock_started_at=T0)
    waiting.facts += [
        Fact(T0, FactKind.ARRIVED, {}),
        Fact(T0 + 45 * SECOND, FactKind.AT_RISK, {}),
        Fact(T0 + 60 * SECOND, FactKind.VERDICT, {"verdict": "breached"}),
    ]
    waiting.verdict, waiting.verdict_at = Verdict.BREACHED, T0 + 60 * SECOND
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        with BatchWriter(history) as writer:
            writer.add([waiting])
        effects = restore(Engine(Policy()), history, ["lab"], NOW)
    begun = [e.interval for e in effects if isinstance(e, BlindIntervalChanged)]
    assert begun[0].started_at == T0 - JUST_BEFORE


def test_of_a_pbx_that_was_not_configured_for_days_nothing_is_said_of_sealed_ones(
    tmp_path: Path,
) -> None:
    sealed = day_of(NOW) - timedelta(days=2)
    with open_history(f"sqlite:///{tmp_path}/h.db") as history, history.writing() as connection:
        announce(connection, sealed)
    since = blind_since(tmp_path, observed_until=NOW - 9 * DAY, with_a_call=False)
    assert since == end_of(sealed)


def test_a_new_record_begins_its_gap_now(tmp_path: Path) -> None:
    assert blind_since(tmp_path, observed_until=None, with_a_call=False) == NOW


def test_the_gap_is_closed_when_the_link_is_whole_again(tmp_path: Path) -> None:
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        engine = Engine(Policy())
        restore(engine, history, ["lab"], NOW)
    effects = engine.handle(ev.PbxSnapshot("lab", NOW + SECOND - 1))
    effects += engine.handle(ev.LinkChanged("lab", NOW + SECOND, ev.LinkState.CONNECTED))
    closed = [e.interval for e in effects if isinstance(e, BlindIntervalChanged)]
    assert [(interval.started_at, interval.ended_at) for interval in closed] == [
        (NOW, NOW + SECOND)
    ]


def test_a_gap_that_was_left_open_goes_on_under_its_own_cause(tmp_path: Path) -> None:
    gap = BlindInterval("lab", NOW - HOUR, None, "The monitor was stopped.")
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        with BatchWriter(history) as writer:
            writer.on_effects([BlindIntervalChanged(gap)])
        effects = restore(Engine(Policy()), history, ["lab"], NOW)
    assert [e.interval for e in effects if isinstance(e, BlindIntervalChanged)] == [gap]


# --- a PBX that is configured no more -----------------------------------------------------------


def left_waiting(history: History, *effects: BlindIntervalChanged) -> Call:
    """Store a caller who waited when the monitor stopped, on a PBX that is called ``old``."""
    call = Call(pbx="old", uniqueid="1.1", arrived_at=NOW - HOUR, clock_started_at=NOW - HOUR)
    call.visits.append(Visit("sales", call.arrived_at, 60_000))
    with BatchWriter(history) as writer:
        writer.add([call, replace(answered_call("1.2"), pbx="old", arrived_at=NOW - HOUR)])
        writer.on_effects(effects)
    return call


def restart(history: History) -> Engine:
    """Start again, watching only ``lab``; what changed is stored."""
    engine = Engine(POLICY)
    with BatchWriter(history) as writer:
        writer.on_effects(restore(engine, history, ["lab"], NOW))
    return engine


def test_calls_of_a_pbx_that_is_configured_no_more_end_as_unknown(tmp_path: Path) -> None:
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        waiting = left_waiting(history)
        restart(history)
        stored = HistoryReader(history).call(waiting.id)

    assert stored is not None
    assert stored.closed
    assert (stored.verdict, stored.reason) == (Verdict.UNKNOWN, Reason.END_NOT_OBSERVED)
    assert stored.observed is Observed.PARTIAL
    assert stored.visits[0].exit is Exit.UNKNOWN
    assert stored.ended_at is None


def test_a_certain_verdict_stays_when_the_pbx_is_configured_no_more(tmp_path: Path) -> None:
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        talking = replace(answered_call(), pbx="old", ended_at=None, closed=False)
        with BatchWriter(history) as writer:
            writer.add([talking])
        restart(history)
        stored = HistoryReader(history).call(talking.id)

    assert stored is not None
    assert stored.closed
    assert stored.verdict is Verdict.MET


def test_a_pbx_that_is_configured_no_more_is_not_shown_but_its_calls_are_counted(
    tmp_path: Path,
) -> None:
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        left_waiting(history)
        engine = restart(history)

    view = engine.snapshot()
    assert list(view.pbxs) == ["lab"]
    assert not view.calls
    assert {pbx for pbx, _ in view.queues} == {"lab"}
    assert (view.today.calls, view.today.met, view.today.unknown) == (2, 1, 1)


def test_its_open_blind_interval_is_closed_and_keeps_its_cause(tmp_path: Path) -> None:
    left_open = BlindInterval("old", NOW - HOUR, None, "The monitor was stopped.")
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        left_waiting(history, BlindIntervalChanged(left_open))
        restart(history)
        reader = HistoryReader(history)
        (of_lab,) = reader.open_blind_intervals()
        (closed,) = reader.blind_intervals(0, NOW + HOUR, pbx="old")

    assert of_lab.pbx == "lab"
    assert closed == replace(left_open, ended_at=NOW)


def test_after_a_crash_its_blind_interval_begins_when_it_was_last_observed(tmp_path: Path) -> None:
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        left_waiting(history)
        mark_observed(history, {"old": NOW - SECOND})
        restart(history)
        (gap,) = HistoryReader(history).blind_intervals(0, NOW + HOUR, pbx="old")

    since = NOW - SECOND - JUST_BEFORE
    assert (gap.started_at, gap.ended_at, gap.cause) == (since, NOW, NOT_CONFIGURED)


def test_a_second_restart_finds_nothing_more_to_close(tmp_path: Path) -> None:
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        waiting = left_waiting(history)
        restart(history)
        first = HistoryReader(history).call(waiting.id)
        restart(history)

        assert HistoryReader(history).call(waiting.id) == first


def test_a_call_of_tomorrow_by_the_pbxs_clock_counts_tomorrow_also_after_a_restart(
    tmp_path: Path,
) -> None:
    """The PBX's clock is ahead, and the monitor is restarted just before its own midnight."""
    _, midnight = day_bounds(NOW, POLICY)
    early = replace(answered_call("1.3"), arrived_at=midnight + 1)
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        with BatchWriter(history) as writer:
            writer.add([early])
        engine = Engine(POLICY)
        restore(engine, history, ["lab"], midnight - 500)
    assert engine.today.calls == 1
    engine.advance(midnight)
    assert engine.today.calls == 1
    engine.advance(midnight + DAY)
    assert engine.today.calls == 0


def test_forecasts_learn_from_the_last_calls_of_the_record(tmp_path: Path) -> None:
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        with BatchWriter(history) as writer:
            writer.add([answered_call(f"{number}.3") for number in range(ENOUGH)])
            writer.add([replace(answered_call("9.9"), pbx="elsewhere")])
        forecasts = Forecasts(Engine(POLICY))
        recall_forecasts(forecasts, history, ["lab"])
    (key,) = forecasts.queues
    found = forecasts.queue_forecast(*key)
    call = answered_call()
    assert key == ("lab", call.visits[0].queue)
    assert found.handling_times == ENOUGH
