"""The rule book: the rules in force, looked up by what they watch, and what is forced."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from monitor.core.calendars import Opening
from monitor.core.clock import Ms
from monitor.core.overflow.conditions import Conditions
from monitor.core.overflow.decisions import Decision
from monitor.core.overflow.rules import (
    How,
    Metric,
    OverflowRule,
    Prioritise,
    Redirect,
    Withdraw,
    is_lasting,
)
from monitor.core.overflow.situation import Situation
from monitor.core.policy import matches


@dataclass(frozen=True, slots=True)
class Forced:
    """A rule that a person has act (``on``) or rest, whatever its conditions say."""

    on: bool
    by: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule in force, with its conditions sorted and its place in the order."""

    rule: OverflowRule
    conditions: Conditions
    rank: int

    @property
    def metrics(self) -> set[Metric]:
        """What its conditions look at."""
        return {condition.metric for condition in self.conditions.all}


class Book:
    """All rules by priority; look-ups are cached by queue."""

    def __init__(self, situation: Situation, rules: Iterable[OverflowRule] = ()) -> None:
        self._situation = situation
        self.rules: tuple[OverflowRule, ...] = ()
        self.entries: tuple[Entry, ...] = ()
        self._hours: dict[str, tuple[tzinfo, Opening]] = {}
        self.forced: dict[str, Forced] = {}
        self._asked: dict[tuple[str, str], tuple[Entry, ...]] = {}
        self._moving: dict[tuple[str, str], tuple[Entry, ...]] = {}
        self.put(rules)

    def put(self, rules: Iterable[OverflowRule]) -> None:
        """Put rules in force instead of those before."""
        self.rules = tuple(sorted(rules, key=lambda rule: (rule.priority, rule.id)))
        enabled = [rule for rule in self.rules if rule.enabled]
        self.entries = tuple(
            Entry(rule, Conditions.of(rule.conditions), rank) for rank, rule in enumerate(enabled)
        )
        known = {rule.id for rule in self.rules}
        self.forced = {id_: forced for id_, forced in self.forced.items() if id_ in known}
        self._hours.clear()
        self._asked.clear()
        self._moving.clear()

    def rule(self, rule_id: str) -> OverflowRule | None:
        """The rule of that id, also a disabled one."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    # --- who watches what -----------------------------------------------------------------------

    def asked(self, pbx: str, queue: str) -> tuple[Entry, ...]:
        """The rules that answer when a PBX asks about a queue."""
        found = self._asked.get((pbx, queue))
        if found is None:
            asked = (entry for entry in self.entries if entry.rule.how is not How.TELL)
            found = self._asked[pbx, queue] = tuple(
                entry for entry in asked if _moves_from(entry.rule, pbx, queue)
            )
        return found

    def moving(self, pbx: str, queue: str) -> tuple[Entry, ...]:
        """The rules that move callers out of a queue, whoever begins; none in dry run."""
        found = self._moving.get((pbx, queue))
        if found is None:
            found = self._moving[pbx, queue] = tuple(
                entry
                for entry in self.entries
                if not entry.rule.dry_run and _moves_from(entry.rule, pbx, queue)
            )
        return found

    def told(self, pbx: str, queue: str) -> list[Entry]:
        """The rules by which the PBX is told something about callers who wait in a queue."""
        return [
            entry
            for entry in self.entries
            if entry.rule.how is not How.ASK
            and (_moves_from(entry.rule, pbx, queue) or _prioritises(entry.rule, pbx, queue))
        ]

    def redirecting(self, pbx: str, server: str) -> list[Entry]:
        """The rules that redirect callers who are in a voice server."""
        return [
            entry
            for entry in self.entries
            if isinstance(entry.rule.action, Redirect)
            and entry.rule.how is not How.ASK
            and entry.rule.pbx in {"", pbx}
            and matches(server, entry.rule.voice_servers)
        ]

    def lasting(self, pbx: str, queue: str) -> list[Entry]:
        """The rules that turn something on for a queue."""
        return [
            entry
            for entry in self.entries
            if is_lasting(entry.rule.action) and _watches(entry.rule, pbx, queue)
        ]

    # --- whether a rule is awake ----------------------------------------------------------------

    def is_forced(self, entry: Entry) -> bool | None:
        """Whether a person has the rule act or rest; None: neither."""
        forced = self.forced.get(entry.rule.id)
        return None if forced is None else forced.on

    def is_in_force(self, decision: Decision) -> bool:
        """Whether the rule behind a decision still stands as it was then."""
        rule = self.rule(decision.rule_id)
        forced = self.forced.get(decision.rule_id)
        same = rule is not None and rule.enabled and rule.version == decision.rule_version
        return same and (forced is None or forced.on)

    def is_active(self, entry: Entry, now: Ms) -> bool:
        """Whether the rule is within its active hours."""
        return self.activity(entry, now)[0]

    def activity(self, entry: Entry, now: Ms) -> tuple[bool, Ms | None]:
        """Whether the rule is within its active hours, and when that changes."""
        if not entry.rule.active.spans:
            return True, None
        zone = self._situation.engine.policy.zone
        known = self._hours.get(entry.rule.id)
        if known is None or known[0] != zone:
            known = self._hours[entry.rule.id] = zone, Opening(entry.rule.active, zone)
        return known[1].at(now)


def _watches(rule: OverflowRule, pbx: str, queue: str) -> bool:
    return rule.pbx in {"", pbx} and matches(queue, rule.queues)


def _moves_from(rule: OverflowRule, pbx: str, queue: str) -> bool:
    """Whether a rule takes callers out of this queue; into itself it would not."""
    moves = isinstance(rule.action, Withdraw) and rule.action.to.queue != queue
    return moves and _watches(rule, pbx, queue)


def _prioritises(rule: OverflowRule, pbx: str, queue: str) -> bool:
    return isinstance(rule.action, Prioritise) and _watches(rule, pbx, queue)


def queue_of_conditions(rule: OverflowRule) -> str:
    """The queue that a rule with a Redirect looks at: the one it names, else its target."""
    named = [name for name in rule.queues if "*" not in name and "?" not in name]
    if named:
        return named[0]
    return rule.action.to.queue if isinstance(rule.action, Redirect) else ""
