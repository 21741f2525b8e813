"""Overflow in the live stream: what changed since the last delta, and all of it for a snapshot."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from api import overflow_views as views
from api.views import Json
from api.visibility import Scope
from monitor.core import effects as fx
from monitor.core.overflow.decisions import Asker, Command, Decision
from monitor.core.overflow.engine import Overflow
from monitor.core.overflow.rules import OverflowRule

SHOWN: Final = 20
"""The last decisions in a snapshot, and their commands."""
IN_A_DELTA: Final = 100
"""Decisions in one delta at most: of a storm the last ones; the record holds all."""
_TAKEN: Final = frozenset(
    {
        fx.DecisionMade, fx.CommandIssued, fx.CommandChanged, fx.StandingChanged,
        fx.OverflowChanged,
    }
)  # fmt: skip


class OverflowStream:
    """Marks what effects say of overflow, and tells it as JSON when a message is made.

    Args:
        overflow: the running engine; None where nothing is done for callers.
    """

    def __init__(self, overflow: Overflow | None) -> None:
        self._overflow = overflow
        self._changed = False
        self._new: deque[Decision] = deque(maxlen=IN_A_DELTA)
        self._commands: dict[str, Command] = {}
        self._lately: deque[Decision] = deque(maxlen=SHOWN)
        self._their_commands: dict[str, Command] = {}

    def rules(self) -> tuple[OverflowRule, ...]:
        """The rules in force."""
        return () if self._overflow is None else self._overflow.rules

    def recall(self, decisions: Iterable[Decision]) -> None:
        """Take decisions of before the start, oldest first."""
        self._lately.extend(decision for decision in decisions if is_told(decision))

    def take(self, effect: fx.Effect) -> bool:
        """Mark what changed; returns whether anything did."""
        if type(effect) not in _TAKEN:
            return False
        match effect:
            case fx.DecisionMade(decision):
                if not is_told(decision):
                    return False
                self._new.append(decision)
                self._add(decision)
            case fx.CommandIssued(command=command) | fx.CommandChanged(command=command):
                self._commands[command.id] = command
                if any(decision.id == command.decision_id for decision in self._lately):
                    self._their_commands[command.id] = command
            case _:
                self._changed = True
        return True

    def _add(self, decision: Decision) -> None:
        if len(self._lately) == SHOWN:
            gone = self._lately[0].id
            self._their_commands = {
                id_: command
                for id_, command in self._their_commands.items()
                if command.decision_id != gone
            }
        self._lately.append(decision)

    def changes(self) -> Iterator[Json]:
        """What was marked since the last time, as it is now."""
        new, self._new = self._new, deque(maxlen=IN_A_DELTA)
        commands, self._commands = self._commands, {}
        changed, self._changed = self._changed, False
        for decision in new:
            yield {"kind": "decision", "decision": views.decision(decision)}
        for command in commands.values():
            yield {"kind": "command", "command": views.command(command)}
        if changed:
            yield {"kind": "overflow", "overflow": views.live(self._overflow)}

    def body(self, scope: Scope) -> Json:
        """What a snapshot holds of overflow, for those who may see it."""
        decisions = [found for found in self._lately if scope.sees_queue(found.pbx, found.queue)]
        shown = {decision.id for decision in decisions}
        return {
            "overflow": scope.overflow(views.live(self._overflow), self.rules()),
            "decisions": [scope.shown(views.decision(decision)) for decision in decisions],
            "commands": [
                scope.shown(views.command(command))
                for command in self._their_commands.values()
                if command.decision_id in shown
            ],
        }


def is_told(decision: Decision) -> bool:
    """Whether a decision is shown live: one of a rule or a person, not each question's "stay"."""
    return bool(decision.rule_id) or decision.asked_by is Asker.PERSON
