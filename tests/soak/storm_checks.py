"""What must hold in a storm: two queues that overflow into each other, and very many callers.

The same checks for the pure core, the simulated PBX and a real Asterisk.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from monitor.core.clock import Ms
from monitor.core.overflow.decisions import Command, Decision, Outcome
from monitor.core.overflow.rules import OverflowRule, Withdraw, destination_of
from monitor.core.overflow.words import in_words, sentence
from monitor.core.records import Call, Exit

_UNREADABLE = re.compile(r"[{}<>_=]|\bNone\b|\bnan\b")


@dataclass(frozen=True)
class Storm:
    """All that is known after a storm.

    ``calls``: the closed records by id. ``logged``: by call id the queues that it was in and how
    each wait ended, as the PBX itself says; None where there is no second witness. ``slack``: so
    much (ms) the measured offset of the PBX's clock may have changed meanwhile.
    """

    rules: Sequence[OverflowRule]
    calls: Mapping[str, Call]
    decisions: Sequence[Decision]
    commands: Sequence[Command]
    logged: Mapping[str, Sequence[tuple[str, str]]] | None = None
    slack: Ms = 0
    moves: list[Command] = field(init=False)
    """Commands that moved somebody."""

    def __post_init__(self) -> None:
        moved = [c for c in self.commands if c.outcome is Outcome.MOVED]
        object.__setattr__(self, "moves", moved)

    def summary(self) -> str:
        """The figures."""
        outcomes = Counter(command.outcome.value for command in self.commands)
        held = Counter(d.reasons[-1].because.value for d in self.decisions if d.held_back)
        hops = Counter(Counter(move.call_id for move in self.moves).values())
        fullest = [
            f"{r.id} {most_within(_issued(self, r), r.per - self.slack)}/{r.at_most}"
            for r in self.rules
        ]
        exits = Counter(
            v.exit.value if v.exit else "-" for c in self.calls.values() for v in c.visits
        )
        examples = {d.reasons[-1].because: sentence(d) for d in self.decisions if d.held_back}
        decided = f"{len(self.calls)} calls, {len(self.decisions)} decisions"
        return "\n".join(
            [
                f"{decided}, commands {dict(outcomes)}",
                f"held back {dict(held)}",
                *(f"  {example}" for example in examples.values()),
                f"moves per moved caller {dict(hops)}",
                f"fullest window of each rule: {', '.join(fullest)}",
                f"ways out of the queues {dict(exits)}",
            ]
        )


def problems(storm: Storm) -> list[str]:
    """Everything that is wrong, in sentences."""
    return [
        *_caps_broken(storm),
        *_too_many_hops(storm),
        *_gone_back(storm),
        *_outcomes_untrue(storm),
        *_two_at_a_time(storm),
        *_unreadable(storm),
        *_left_without_a_word(storm),
        *_lost(storm),
    ]


def most_within(moments: Sequence[Ms], span: Ms) -> int:
    """How many of some moments fall into one half-open window of ``span`` ms at most."""
    ordered = sorted(moments)
    return max(
        (bisect_left(ordered, at + span) - first for first, at in enumerate(ordered)), default=0
    )


def _issued(storm: Storm, rule: OverflowRule) -> list[Ms]:
    return [command.issued_at for command in storm.commands if command.rule_id == rule.id]


def _caps_broken(storm: Storm) -> Iterator[str]:
    for rule in storm.rules:
        issued = most_within(_issued(storm, rule), rule.per - storm.slack)
        if issued > rule.at_most:
            yield f"{rule.id} issued {issued} commands within {rule.per} ms, {rule.at_most} allowed"
        taken = [c for c in storm.moves if c.rule_id == rule.id and c.observed_at is not None]
        # Rings end when they end: moves may be closer together than what ordered them.
        delay = max((c.observed_at - c.issued_at for c in taken if c.observed_at), default=0)
        seen = most_within([c.observed_at or 0 for c in taken], rule.per - delay - storm.slack)
        if rule.per > delay and seen > rule.at_most:
            yield f"{rule.id} moved {seen} callers within {rule.per} ms, {rule.at_most} allowed"


def _too_many_hops(storm: Storm) -> Iterator[str]:
    hops = min((rule.hops for rule in storm.rules), default=0)
    for call_id, count in Counter(move.call_id for move in storm.moves).items():
        if count > hops:
            yield f"{call_id} was moved {count} times, {hops} allowed"
    for call_id, ways in (storm.logged or {}).items():
        count = sum(way == "withdrawn" for _, way in ways)
        if count > hops:
            yield f"{call_id} was withdrawn {count} times by the log, {hops} allowed"


def _gone_back(storm: Storm) -> Iterator[str]:
    """Nobody comes back to a queue from which a rule took them."""
    for call_id, call in storm.calls.items():
        ways = [(visit.queue, visit.exit.value if visit.exit else "") for visit in call.visits]
        for told, source in ((ways, "record"), ((storm.logged or {}).get(call_id, ()), "log")):
            left: set[str] = set()
            for queue, way in told:
                if queue in left:
                    yield f"{call_id} came back to {queue}, by the {source}"
                if way == Exit.WITHDRAWN.value:
                    left.add(queue)


def _outcomes_untrue(storm: Storm) -> Iterator[str]:
    """Each outcome is what the call's record says, and each withdrawal was ordered."""
    targets = {rule.id: destination_of(rule) for rule in storm.rules}
    moved: dict[str, list[str]] = defaultdict(list)
    for command in storm.commands:
        if command.outcome is Outcome.PENDING:
            yield f"{command.call_id}: {command.id} never got an outcome"
        if command.outcome is not Outcome.MOVED:
            continue
        call = storm.calls.get(command.call_id)
        moved[command.call_id].append(command.queue)
        queues = [visit.queue for visit in call.visits] if call else []
        target = targets[command.rule_id]
        if target and (command.queue, target.queue) not in pairwise(queues):
            yield f"{command.call_id} counts as moved to {target.queue}, but was in {queues}"
    for call_id, call in storm.calls.items():
        withdrawn = [visit.queue for visit in call.visits if visit.exit is Exit.WITHDRAWN]
        if sorted(withdrawn) != sorted(moved[call_id]):
            yield f"{call_id} was withdrawn from {withdrawn}, ordered and seen: {moved[call_id]}"


def _two_at_a_time(storm: Storm) -> Iterator[str]:
    by_call: dict[str, list[Command]] = defaultdict(list)
    for command in storm.commands:
        by_call[command.call_id].append(command)
    for call_id, commands in by_call.items():
        for one, other in pairwise(sorted(commands, key=lambda c: c.issued_at)):
            if one.observed_at is None or other.issued_at < one.observed_at:
                yield f"{call_id} had two commands at a time: {one.id}, {other.id}"


def _unreadable(storm: Storm) -> Iterator[str]:
    for decision in storm.decisions:
        text = sentence(decision)
        if (
            not decision.reasons
            or not text.endswith(".")
            or _UNREADABLE.search(_plain(text, storm))
        ):
            yield f"{decision.id} of {decision.call_id} reads: {text!r}"
        if decision.held_back and not in_words(decision.reasons[-1]):
            yield f"{decision.id} of {decision.call_id} does not say what held it back"


def _plain(text: str, storm: Storm) -> str:
    """A sentence without the names that people gave."""
    for rule in storm.rules:
        text = text.replace(rule.id, "R")
    return text


def _left_without_a_word(storm: Storm) -> Iterator[str]:
    """Whoever was due and not moved has a decision that says why; see :data:`DUE`."""
    spoken = {(d.call_id, d.rule_id) for d in storm.decisions}
    for call_id, call in storm.calls.items():
        for rule in storm.rules:
            told = (call_id, rule.id) in spoken
            for queue, since, until in _waits(call):
                due = queue in rule.queues and until - since > due_after(rule) + MARGIN
                if due and not told:
                    yield f"{call_id} waited {until - since} ms in {queue}, not a word of it"


MARGIN: Ms = 2_000
"""So much later than due a caller surely was looked at (a ring may be waited for)."""


def due_after(rule: OverflowRule) -> Ms:
    """After how long in the queue a rule of a storm is to act; never for other rules."""
    waits = [c.at_least for c in rule.conditions if c.metric == "waited_in_queue" and c.at_least]
    alone = len(rule.conditions) == 1 and isinstance(rule.action, Withdraw)
    return round(waits[0]) if waits and alone else 1 << 60


def _waits(call: Call) -> Iterable[tuple[str, Ms, Ms]]:
    for visit in call.visits:
        until = visit.answered_at or visit.left_at
        if until is not None:
            yield visit.queue, visit.joined_at, until


def _lost(storm: Storm) -> Iterator[str]:
    for call_id, call in storm.calls.items():
        if not call.closed:
            yield f"{call_id} is not over"
        for visit in call.visits:
            if visit.exit is None or visit.exit is Exit.UNKNOWN:
                yield f"{call_id} left {visit.queue} nobody knows how"
