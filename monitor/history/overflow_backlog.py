"""What of overflow is to be stored, and the messages that wait for what they tell of."""

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Final

from monitor.core.clock import Ms
from monitor.core.effects import (
    CommandChanged,
    CommandIssued,
    DecisionMade,
    Effect,
    StandingChanged,
)
from monitor.core.overflow.decisions import Command, Decision, Standing
from monitor.history.dropped import Dropped
from monitor.history.messages import OutboxMessage
from monitor.history.overflow_rows import command_row, decision_row, message_row, standing_row
from monitor.history.rows import MESSAGE_CALL, Row, Rows

EFFECTS: Final = frozenset({DecisionMade, CommandIssued, CommandChanged, StandingChanged})


class OverflowBacklog:
    """Decisions, commands, standing actions and messages that are not stored yet.

    Each is kept with the number of the note that brought it: rising, so the first of each kind has
    waited longest. Commands are read when they are taken, not when they change.

    Args:
        limit: how many decisions, commands and messages, of each, may wait; beyond it the oldest
            tenth is dropped. Standing actions are never dropped: there are few.
        dropped: where to count what is.
    """

    def __init__(self, limit: int, dropped: Dropped) -> None:
        self._limit = limit
        self._dropped = dropped
        self._decisions: deque[tuple[int, Decision]] = deque()
        self._commands: dict[str, tuple[int, Command]] = {}
        self._standing: dict[tuple[str, str, str], tuple[Standing, bool]] = {}
        self._messages: deque[tuple[int, Row]] = deque()

    def __len__(self) -> int:
        return sum(map(len, (self._decisions, self._commands, self._standing, self._messages)))

    def note(self, effect: Effect, number: int) -> None:
        """Note one of ``EFFECTS``."""
        if isinstance(effect, DecisionMade):
            self._decisions.append((number, effect.decision))
            if len(self._decisions) > self._limit:
                self._dropped.decisions += self._shed(self._decisions)
        elif isinstance(effect, CommandIssued | CommandChanged):
            self._note_command(effect.command, number)
            if isinstance(effect, CommandIssued) and effect.standing is not None:
                self._note_standing(effect.standing, on=True)
        elif isinstance(effect, StandingChanged):
            self._note_standing(effect.standing, on=effect.on)

    def _note_command(self, command: Command, number: int) -> None:
        since, _ = self._commands.get(command.id, (number, command))
        self._commands[command.id] = since, command
        if len(self._commands) > self._limit:
            for id_ in list(islice(self._commands, self._limit // 10 + 1)):
                del self._commands[id_]
                self._dropped.commands += 1

    def _note_standing(self, standing: Standing, *, on: bool) -> None:
        self._standing[standing.rule_id, standing.pbx, standing.queue] = standing, on

    def send(self, messages: Iterable[OutboxMessage], number: int, at: Ms) -> None:
        """Keep messages, made at ``at``, until all that was noted up to ``number`` is taken."""
        self._messages.extend((number, message_row(message, at)) for message in messages)
        if len(self._messages) > self._limit:
            self._dropped.messages += self._shed(self._messages)

    def withhold(self, calls: Iterable[str]) -> None:
        """Drop the messages of calls whose changes were dropped: nothing untold is published."""
        gone = set(calls)
        if gone and self._messages:
            kept = deque(one for one in self._messages if one[1][MESSAGE_CALL] not in gone)
            self._dropped.messages += len(self._messages) - len(kept)
            self._messages = kept

    def take(self, rows: Rows, limit: int) -> None:
        """Add the rows of the ``limit`` decisions and commands that have waited longest.

        Of standing actions it takes all: they are what a crash must not forget.
        """
        for _ in range(min(limit, len(self._decisions))):
            rows.decisions.append(decision_row(self._decisions.popleft()[1]))
        for id_ in list(islice(self._commands, limit)):
            rows.commands.append(command_row(self._commands.pop(id_)[1]))
        for key, (standing, on) in self._standing.items():
            if on:
                rows.standing.append(standing_row(standing))
            else:
                rows.undone.append(key)
        self._standing.clear()

    def oldest(self) -> int | None:
        """The number of the note that brought the oldest decision or command, if there is any."""
        oldest = [self._decisions[0][0]] if self._decisions else []
        if self._commands:
            oldest.append(next(iter(self._commands.values()))[0])
        return min(oldest, default=None)

    def take_messages(self, rows: Rows, through: int, limit: int) -> None:
        """Add at most ``limit`` messages, of those that came with notes up to ``through``."""
        messages = self._messages
        while messages and messages[0][0] <= through and len(rows.messages) < limit:
            rows.messages.append(messages.popleft()[1])

    def _shed(self, waiting: "deque[tuple[int, Decision]] | deque[tuple[int, Row]]") -> int:
        """Drop the oldest, a tenth of the limit, so that it is not done for every single one."""
        surplus = len(waiting) - self._limit + self._limit // 10
        for _ in range(surplus):
            waiting.popleft()
        return surplus
