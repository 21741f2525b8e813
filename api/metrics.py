"""Metrics for Prometheus, in a registry of their own: no globals, and nothing of a caller."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.overflow_metrics import OverflowCounters, overflow_gauges
from api.publishing_metrics import publishing_metrics
from api.purging import PurgeKeeper
from monitor.core import effects as fx
from monitor.core.clock import SECOND, Ms
from monitor.core.engine import Engine
from monitor.core.events import LinkState
from monitor.core.live import LiveView
from monitor.core.overflow.engine import Overflow
from monitor.core.overflow.forecast import Forecasts
from monitor.history.contact_log import ContactCounts
from monitor.publishing import Publishing


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the gauges come from, asked at each scrape."""

    engine: Engine
    now: Callable[[], Ms]
    stream_clients: Callable[[], int] = lambda: 0
    inbox: Callable[[], int] = lambda: 0
    history_backlog: Callable[[], int] = lambda: 0
    history_ok: Callable[[], bool] = lambda: True
    overflow: Overflow | None = None
    forecasts: Forecasts | None = None
    publishing: Publishing | None = None
    contacts: Callable[[], ContactCounts] = ContactCounts
    purging: PurgeKeeper | None = None


class Metrics:
    """A subscriber that counts what happened, and reads what is at each scrape."""

    def __init__(self, sources: Sources) -> None:
        self._registry = CollectorRegistry()
        self._verdicts = Counter(
            "minuteur_verdicts",
            "Verdicts given since the start; a correction counts again",
            ["pbx", "verdict"],
            registry=self._registry,
        )
        self._at_risk = Counter(
            "minuteur_at_risk",
            "Callers that came within reach of their deadline since the start",
            ["pbx"],
            registry=self._registry,
        )
        self._overflow = OverflowCounters(self._registry)
        self._registry.register(_Gauges(sources))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def __call__(self, effects: Sequence[fx.Effect]) -> None:
        """Count; called by the monitor after each step."""
        for effect in effects:
            match effect:
                case fx.VerdictGiven(call=call, verdict=verdict):
                    self._verdicts.labels(call.pbx, verdict.value).inc()
                case fx.AtRiskRaised(call=call):
                    self._at_risk.labels(call.pbx).inc()
                case _:
                    self._overflow.take(effect)

    def render(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class _Gauges(Collector):
    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        sources = self._sources
        view = sources.engine.snapshot()
        yield from _links(view)
        yield from _queues(view, sources.now())
        yield _live_calls(view)
        yield _today(view)
        if sources.overflow is not None and sources.forecasts is not None:
            yield from overflow_gauges(sources.overflow, sources.forecasts)
        yield _contacts(sources.contacts())
        if sources.purging is not None:
            yield from _purging(sources.purging)
        if sources.publishing is not None:
            found, dropped = sources.publishing.status(), sources.publishing.outbox.dropped
            yield from publishing_metrics(found, sources.now(), dropped)
        for name, text, value in (
            ("minuteur_stream_clients", "Readers of the live stream", sources.stream_clients()),
            ("minuteur_inbox_events", "Events waiting for the engine", sources.inbox()),
            ("minuteur_history_backlog", "Writes waiting", sources.history_backlog()),
            ("minuteur_history_ok", "1 while the database takes writes", sources.history_ok()),
        ):
            yield GaugeMetricFamily(name, text, value=float(value))


def _links(view: LiveView) -> Iterator[Metric]:
    connected = GaugeMetricFamily(
        "minuteur_pbx_connected", "1 while the PBX is observed", labels=["pbx"]
    )
    offset = GaugeMetricFamily(
        "minuteur_pbx_clock_offset_seconds", "Monitor's clock minus PBX's", labels=["pbx"]
    )
    warnings = GaugeMetricFamily(
        "minuteur_pbx_warnings", "Things wrong with the PBX's set-up", labels=["pbx"]
    )
    for pbx in view.pbxs.values():
        connected.add_metric([pbx.name], float(pbx.link is LinkState.CONNECTED))
        offset.add_metric([pbx.name], pbx.clock_offset / SECOND)
        warnings.add_metric([pbx.name], len(pbx.warnings))
    yield from (connected, offset, warnings)


def _queues(view: LiveView, now: Ms) -> Iterator[Metric]:
    labels = ["pbx", "queue"]
    waiting = GaugeMetricFamily("minuteur_queue_waiting", "Callers who wait", labels=labels)
    longest = GaugeMetricFamily(
        "minuteur_queue_longest_wait_seconds", "The longest current wait", labels=labels
    )
    for (pbx, name), queue in view.queues.items():
        since = queue.longest_wait_since
        wait = 0 if since is None else max(0, now - view.pbxs[pbx].clock_offset - since)
        waiting.add_metric([pbx, name], len(queue.waiting))
        longest.add_metric([pbx, name], wait / SECOND)
    agents = GaugeMetricFamily(
        "minuteur_queue_members", "Members of a queue by state", labels=[*labels, "state"]
    )
    counts: dict[tuple[str, str, str], int] = {}
    for member in view.members.values():
        key = (member.pbx, member.queue, member.state.value)
        counts[key] = counts.get(key, 0) + 1
    for key, count in counts.items():
        agents.add_metric(list(key), count)
    yield from (waiting, longest, agents)


def _live_calls(view: LiveView) -> Metric:
    live = GaugeMetricFamily(
        "minuteur_live_calls", "Live calls by verdict", labels=["pbx", "verdict"]
    )
    counts: dict[tuple[str, str], int] = {}
    for call in view.calls.values():
        key = (call.pbx, call.verdict.value)
        counts[key] = counts.get(key, 0) + 1
    for key, count in counts.items():
        live.add_metric(list(key), count)
    return live


def _today(view: LiveView) -> Metric:
    today = GaugeMetricFamily(
        "minuteur_calls_today", "Calls since midnight in the centre's zone", labels=["verdict"]
    )
    for verdict in ("pending", "met", "breached", "abandoned", "refused", "excluded", "unknown"):
        today.add_metric([verdict], getattr(view.today, verdict))
    return today


def _contacts(counts: ContactCounts) -> Metric:
    """What is open of the contacts, as of the last look at them."""
    text = "Contacts that are pending (those at risk among them) or overdue"
    gauge = GaugeMetricFamily("minuteur_contacts", text, labels=["channel", "state"])
    for state in ("pending", "at_risk", "overdue"):
        for channel, many in sorted(getattr(counts, state).items()):
            gauge.add_metric([channel.value, state], many)
    return gauge


def _purging(keeper: PurgeKeeper) -> Iterator[Metric]:
    """Purges since the start."""
    text = "Rows that purges emptied or removed since the start, by kind of data"
    purged = CounterMetricFamily("minuteur_purged_rows", text, labels=["kind"])
    for kind, many in sorted(keeper.removed.items()):
        purged.add_metric([kind], many)
    yield purged
    text = "When the last purge since the start ended; 0: none"
    yield GaugeMetricFamily("minuteur_purge_last_timestamp_seconds", text, keeper.last_at / SECOND)
    text = "1 while personal data cannot be purged"
    yield GaugeMetricFamily("minuteur_purge_failing", text, float(bool(keeper.problem)))
