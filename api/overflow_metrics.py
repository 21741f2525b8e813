"""Overflow for Prometheus: decisions, commands, the switch, what is on, how well forecasts do."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.core import effects as fx
from monitor.core.clock import SECOND
from monitor.core.overflow.decisions import Command, Decision, Outcome
from monitor.core.overflow.engine import Overflow
from monitor.core.overflow.forecast import Forecasts
from monitor.core.overflow.scoring import Moment
from monitor.history.overflow_rows import KINDS


class OverflowCounters:
    """Counts decisions as they are made, and commands when their outcome is known."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._decisions = Counter(
            "minuteur_overflow_decisions",
            "Decisions since the start; held back: a rule applied and something kept it from "
            "acting",
            ["pbx", "verb", "asked_by", "held_back", "dry_run"],
            registry=registry,
        )
        self._commands = Counter(
            "minuteur_overflow_commands",
            "Commands to the PBX since the start, by what came of them",
            ["pbx", "kind", "outcome"],
            registry=registry,
        )
        self._issued: set[str] = set()

    def take(self, effect: fx.Effect) -> None:
        """Count one effect."""
        match effect:
            case fx.DecisionMade(decision):
                self._decided(decision)
            case fx.CommandIssued(command=command):
                self._issued.add(command.id)
                self._ended(command)
            case fx.CommandChanged(command):
                self._ended(command)

    def _decided(self, decision: Decision) -> None:
        self._decisions.labels(
            decision.pbx,
            decision.verb.value,
            decision.asked_by.value,
            "yes" if decision.held_back else "no",
            "yes" if decision.dry_run else "no",
        ).inc()

    def _ended(self, command: Command) -> None:
        if command.outcome is Outcome.PENDING or command.id not in self._issued:
            return
        self._issued.discard(command.id)
        kind = KINDS[type(command.order)]
        self._commands.labels(command.pbx, kind, command.outcome.value).inc()


def overflow_gauges(overflow: Overflow, forecasts: Forecasts) -> Iterator[Metric]:
    """What is now."""
    yield GaugeMetricFamily(
        "minuteur_overflow_switch",
        "1 while something is done for callers, 0 while the switch is off",
        value=float(overflow.switch.on),
    )
    yield GaugeMetricFamily(
        "minuteur_overflow_rules",
        "Rules that are enabled",
        value=float(sum(rule.enabled for rule in overflow.rules)),
    )
    standing = GaugeMetricFamily(
        "minuteur_overflow_standing", "Lasting actions that are on", labels=["pbx", "queue", "rule"]
    )
    for found in overflow.standing:
        standing.add_metric([found.pbx, found.queue, found.rule_id], 1.0)
    yield standing
    yield from _forecasts(forecasts)


def _forecasts(forecasts: Forecasts) -> Iterator[Metric]:
    labels = ["pbx", "queue"]
    expected = GaugeMetricFamily(
        "minuteur_forecast_expected_wait_seconds",
        "The expected wait of a caller who joins now; left out while it is not known",
        labels=labels,
    )
    scored = GaugeMetricFamily(
        "minuteur_forecast_scored", "The last forecasts that were scored", labels=labels
    )
    hit_rate = GaugeMetricFamily(
        "minuteur_forecast_hit_rate",
        "Share of them that told rightly whether the deadline would be missed",
        labels=labels,
    )
    for key in forecasts.queues:
        wait = forecasts.queue_forecast(*key).expected_wait
        if wait is not None:
            expected.add_metric(key, wait / SECOND)
        score = forecasts.score(*key, Moment.JOINING)
        scored.add_metric(key, float(score.predictions))
        if score.hit_rate is not None:
            hit_rate.add_metric(key, score.hit_rate)
    yield from (expected, scored, hit_rate)
