"""Taking up where the monitor stopped: live calls, today's figures, and the gap in between."""

from collections.abc import Iterable

from monitor.core.clock import Ms
from monitor.core.effects import Effect
from monitor.core.engine import Engine, day_bounds
from monitor.core.events import LinkChanged, LinkState
from monitor.core.records import Call
from monitor.history.database import History
from monitor.history.figures import FiguresReader
from monitor.history.observed import observed_until
from monitor.history.queries import CallFilter
from monitor.history.reader import HistoryReader

NOT_RUNNING = "The monitor was not running."


def restore(engine: Engine, history: History, pbxs: Iterable[str], now: Ms) -> list[Effect]:
    """Give an engine back what the record holds; blocks, and comes before any event.

    Nobody looked while the monitor was down, so each PBX begins in a blind interval: since the one
    that a clean stop left open, else since the last moment at which the PBX is known to have been
    observed.

    Args:
        engine: a fresh one.
        history: the record.
        pbxs: the PBXs that will be watched.
        now: the monitor's clock (ms).

    Returns:
        What changed by this, to be stored.

    Raises:
        SQLAlchemyError: the database cannot be read.
    """
    reader = HistoryReader(history)
    effects = list(engine.advance(now))
    day_start, _ = day_bounds(now, engine.policy)
    engine.seed_today(*FiguresReader(history).today(day_start))
    live = reader.open_calls()
    engine.restore(live)
    observed = observed_until(history)
    left_open = {interval.pbx: interval.started_at for interval in reader.open_blind_intervals()}
    for pbx in pbxs:
        known = max(_last_told(reader, pbx, live), observed.get(pbx, 0)) or now
        since = left_open.get(pbx) or min(now, known)
        effects += engine.handle(LinkChanged(pbx, since, LinkState.LOST, NOT_RUNNING))
    return effects


def _last_told(reader: HistoryReader, pbx: str, live: Iterable[Call]) -> Ms:
    """The last moment of which a call tells; 0 where there is none."""
    calls = [call for call in live if call.pbx == pbx]
    calls += reader.calls(CallFilter(pbx=pbx), limit=5).calls
    moments: list[Ms | None] = [fact.at for call in calls for fact in call.facts]
    for call in calls:
        moments += [call.arrived_at, call.ended_at, call.verdict_at, call.handled_at]
    return max((moment for moment in moments if moment is not None), default=0)
