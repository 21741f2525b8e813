"""What of overflow is to be stored: decisions, commands, standing actions."""

from itertools import islice
from typing import Final

from monitor.core.effects import (
    CommandChanged,
    CommandIssued,
    DecisionMade,
    Effect,
    StandingChanged,
)
from monitor.core.overflow.decisions import Command, Decision, Standing
from monitor.history.dropped import Dropped
from monitor.history.overflow_rows import command_row, decision_row, standing_row
from monitor.history.rows import Rows

EFFECTS: Final = frozenset({DecisionMade, CommandIssued, CommandChanged, StandingChanged})


class OverflowBacklog:
    """Decisions, commands and standing actions that are not stored yet.

    Each is kept with the number of the note that brought it: rising, so the first of each kind has
    waited longest. Commands are read when they are taken, not when they change.

    Args:
        limit: how many decisions and commands, of each, may wait; beyond it the oldest tenth is
            dropped. Standing actions are never dropped: there are few.
        dropped: where to count what is.
    """

    def __init__(self, limit: int, dropped: Dropped) -> None:
        self._limit = limit
        self._dropped = dropped
        self._decisions: dict[str, tuple[int, Decision]] = {}
        self._commands: dict[str, tuple[int, Command]] = {}
        self._standing: dict[tuple[str, str, str], tuple[Standing, bool]] = {}

    def __len__(self) -> int:
        return len(self._decisions) + len(self._commands) + len(self._standing)

    def note(self, effect: Effect, number: int) -> None:
        """Note one of ``EFFECTS``."""
        if isinstance(effect, DecisionMade):
            self._note_decision(effect.decision, number)
        elif isinstance(effect, CommandIssued | CommandChanged):
            self._note_command(effect.command, number)
            if isinstance(effect, CommandIssued) and effect.standing is not None:
                self._note_standing(effect.standing, on=True)
        elif isinstance(effect, StandingChanged):
            self._note_standing(effect.standing, on=effect.on)

    def _note_decision(self, decision: Decision, number: int) -> None:
        since, _ = self._decisions.get(decision.id, (number, decision))
        self._decisions[decision.id] = since, decision
        if len(self._decisions) > self._limit:
            surplus = len(self._decisions) - self._limit + self._limit // 10
            for id_ in list(islice(self._decisions, surplus)):
                del self._decisions[id_]
                self._dropped.decisions += 1

    def _note_command(self, command: Command, number: int) -> None:
        since, _ = self._commands.get(command.id, (number, command))
        self._commands[command.id] = since, command
        if len(self._commands) > self._limit:
            for id_ in list(islice(self._commands, self._limit // 10 + 1)):
                del self._commands[id_]
                self._dropped.commands += 1

    def _note_standing(self, standing: Standing, *, on: bool) -> None:
        self._standing[standing.rule_id, standing.pbx, standing.queue] = standing, on

    def take(self, rows: Rows, limit: int) -> set[str]:
        """Add the rows of the ``limit`` decisions and commands that have waited longest.

        Of standing actions it takes all: they are what a crash must not forget.

        Returns:
            The keys of what was taken, under which its messages wait: the id of the call, or where
            there is none, its own.
        """
        keys = set[str]()
        for id_ in list(islice(self._decisions, limit)):
            keys.add(self._decisions[id_][1].call_id or id_)
            self.take_one(rows, id_)
        for id_ in list(islice(self._commands, limit)):
            keys.add(self._commands[id_][1].call_id or id_)
            self.take_one(rows, id_)
        for key, (standing, on) in self._standing.items():
            if on:
                rows.standing.append(standing_row(standing))
            else:
                rows.undone.append(key)
        self._standing.clear()
        return keys

    def take_one(self, rows: Rows, id_: str) -> None:
        """Add the row of a decision or command, if it waits."""
        if id_ in self._decisions:
            rows.decisions.append(decision_row(self._decisions.pop(id_)[1]))
        if id_ in self._commands:
            rows.commands.append(command_row(self._commands.pop(id_)[1]))

    def oldest(self) -> int | None:
        """The number of the note that brought the oldest decision or command, if there is any."""
        waiting = (self._decisions, self._commands)
        return min((next(iter(one.values()))[0] for one in waiting if one), default=None)
