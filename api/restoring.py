"""Taking up where the monitor stopped: live calls, today's figures, and the gap in between."""

from collections.abc import Iterable, Iterator

from monitor.core.clock import SECOND, Ms
from monitor.core.effects import Effect
from monitor.core.engine import DayFigures, Engine, day_bounds
from monitor.core.events import LinkChanged, LinkState, PbxSnapshot
from monitor.core.overflow.forecast import Forecasts
from monitor.core.policy import Policy
from monitor.core.records import Call, FactKind
from monitor.history import policies
from monitor.history.database import History
from monitor.history.evidence_keeping import sealed_until
from monitor.history.figures import FiguresReader
from monitor.history.observed import observed_until
from monitor.history.queries import CallFilter
from monitor.history.reader import HistoryReader

OURS = frozenset({FactKind.STAFFING, FactKind.AT_RISK, FactKind.VERDICT, FactKind.CORRECTED})
"""Facts that are due to our own clock, which runs on when the PBX has fallen silent."""
JUST_BEFORE = SECOND
"""A channel that came so shortly before a crash was perhaps no call yet, and is not in the record;
and events come a little out of order."""
LATELY = 20
"""So many calls show by which trunks callers come."""
FORECAST_FROM = 500
"""So many calls of each PBX are what the first forecasts after a start learn from."""
NOT_RUNNING = "The monitor was not running."
NOT_CONFIGURED = "The PBX is not configured any more."


def restore(engine: Engine, history: History, pbxs: Iterable[str], now: Ms) -> list[Effect]:
    """Give an engine back what the record holds; blocks, and comes before any event.

    Nobody looked while the monitor was down, so each PBX begins in a blind interval: since the one
    that a clean stop left open, else since the last moment at which the PBX is known to have been
    observed. What the record holds open of a PBX that is configured no more is closed.

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
    watched = list(pbxs)
    effects = list(engine.advance(now))
    today, tomorrow = (
        _figures(history, since, watched) for since in day_bounds(now, engine.policy)
    )
    engine.seed_today(today, tomorrow)

    reader = HistoryReader(history)
    live = reader.open_calls()
    older = list(_policies_of(history, live))
    engine.know_policies(older)
    engine.restore(call for call in live if call.pbx in watched)
    engine.recall(_lately(reader, watched))
    gaps = _Gaps(history, live, now)
    for pbx in watched:
        gap = gaps.left_open.get(pbx)
        cause = gap.cause if gap else NOT_RUNNING
        effects += engine.handle(LinkChanged(pbx, gaps.since(pbx), LinkState.LOST, cause))
    return effects + _close_unwatched(engine, older, live, gaps, watched, now)


def _policies_of(history: History, calls: Iterable[Call]) -> Iterator[Policy]:
    """The policies by which calls are judged that began before the one in force."""
    for version in {call.policy_version for call in calls}:
        found = policies.policy(history, version)
        if found is not None:
            yield found


def _lately(reader: HistoryReader, pbxs: Iterable[str]) -> Iterator[Call]:
    """The newest calls of each PBX, with their facts."""
    for pbx in pbxs:
        for call in reader.calls(CallFilter(pbx=pbx), limit=LATELY).calls:
            found = reader.call(call.id)
            if found is not None:
                yield found


def _figures(history: History, since: Ms, watched: list[str]) -> DayFigures:
    commitment, queues = FiguresReader(history).today(since)
    # The queues of other PBXs would make these appear on the live page.
    return commitment, {key: queues[key] for key in queues if key[0] in watched}


class _Gaps:
    """Since when nobody has looked at a PBX."""

    def __init__(self, history: History, live: list[Call], now: Ms) -> None:
        self._reader = HistoryReader(history)
        self._live = live
        self._now = now
        self._observed = observed_until(history)
        self.left_open = {gap.pbx: gap for gap in self._reader.open_blind_intervals()}
        with history.reading() as connection:
            self._sealed = sealed_until(connection)

    def since(self, pbx: str) -> Ms:
        """The begin of the interval that was left open, else the last sign of having looked.

        Of a PBX that was not configured for days, nothing is said of days that are sealed by now.
        """
        if pbx in self.left_open:
            return self.left_open[pbx].started_at
        known = max(self._last_told(pbx), self._observed.get(pbx, 0))
        if not known:
            return self._now
        return min(self._now, max(known - JUST_BEFORE, self._sealed))

    def _last_told(self, pbx: str) -> Ms:
        """The last moment of which a call tells; 0 where there is none."""
        calls = [call for call in self._live if call.pbx == pbx]
        calls += self._reader.calls(CallFilter(pbx=pbx), limit=5).calls
        facts = [fact for call in calls for fact in call.facts]
        moments: list[Ms | None] = [fact.at for fact in facts if fact.kind not in OURS]
        for call in calls:
            moments += [call.arrived_at, call.ended_at, call.handled_at]
        return max((moment for moment in moments if moment is not None), default=0)


def _close_unwatched(
    engine: Engine,
    older: Iterable[Policy],
    live: Iterable[Call],
    gaps: _Gaps,
    watched: Iterable[str],
    now: Ms,
) -> list[Effect]:
    """End the calls and blind intervals of PBXs at which nobody will look again.

    An engine apart takes them in and is told that the PBX has no calls any more. So they end by the
    rules of calls that were lost from sight, and ``engine`` never hears of the PBX.
    """
    calls = [call for call in live if call.pbx not in watched]
    apart = Engine(engine.policy)
    apart.know_policies(older)
    apart.advance(now)
    apart.restore(calls)
    effects: list[Effect] = []
    for pbx in {call.pbx for call in calls} | gaps.left_open.keys() - set(watched):
        gap = gaps.left_open.get(pbx)
        cause = gap.cause if gap else NOT_CONFIGURED
        effects += apart.handle(LinkChanged(pbx, gaps.since(pbx), LinkState.LOST, cause))
        effects += apart.handle(PbxSnapshot(pbx, now))
        effects += apart.handle(LinkChanged(pbx, now, LinkState.CONNECTED))
    engine.seed_today((apart.today, {}))
    return effects


def recall_forecasts(forecasts: Forecasts, history: History, pbxs: Iterable[str]) -> None:
    """Have forecasts learn from the last calls of the record; blocks.

    Raises:
        SQLAlchemyError: the database cannot be read.
    """
    reader = HistoryReader(history)
    for pbx in pbxs:
        newest = reader.calls(CallFilter(pbx=pbx), limit=FORECAST_FROM).calls
        ids = [call.id for call in newest if call.closed]
        calls = reader.calls_of(ids).values()
        forecasts.recall(sorted(calls, key=lambda call: call.arrived_at))
