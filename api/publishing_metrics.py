"""Publishing for Prometheus: each sink's connection, what waits for it, what it gave up."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from monitor.core.clock import SECOND, Ms
from monitor.publishing import SinkStatus

_LABELS = ["sink"]


def publishing_metrics(sinks: Sequence[SinkStatus], now: Ms, dropped: int) -> Iterator[Metric]:
    """Gauges and counters of all sinks; nothing where nothing is published."""
    if not sinks:
        return
    connected = GaugeMetricFamily(
        "minuteur_sink_connected", "1 while it takes messages", labels=_LABELS
    )
    backlog = GaugeMetricFamily(
        "minuteur_sink_backlog", "Messages that it has not taken yet", labels=_LABELS
    )
    oldest = GaugeMetricFamily(
        "minuteur_sink_oldest_seconds", "Age of what the oldest of them tells", labels=_LABELS
    )
    letters = GaugeMetricFamily(
        "minuteur_sink_dead_letters", "Messages that it was given up with", labels=_LABELS
    )
    sent = CounterMetricFamily(
        "minuteur_sink_sent", "Messages that it took since the start", labels=_LABELS
    )
    failures = CounterMetricFamily(
        "minuteur_sink_failures", "Tries that failed since the start", labels=_LABELS
    )
    for sink in sinks:
        age = 0 if sink.oldest_at is None else max(0, now - sink.oldest_at)
        connected.add_metric([sink.name], float(sink.state.connected))
        backlog.add_metric([sink.name], sink.backlog)
        oldest.add_metric([sink.name], age / SECOND)
        letters.add_metric([sink.name], sink.dead_letters)
        sent.add_metric([sink.name], sink.state.sent)
        failures.add_metric([sink.name], sink.state.failures)
    yield from (connected, backlog, oldest, letters, sent, failures)
    yield CounterMetricFamily(
        "minuteur_outbox_dropped",
        "Messages that were deleted before every sink took them, since the start",
        value=dropped,
    )
