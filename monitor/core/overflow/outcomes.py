"""Outcomes: what came of each command, as far as events tell.

A command gets one outcome. An event that comes late may correct it, as it may a verdict.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.effects import CommandChanged, Effect
from monitor.core.engine import Engine
from monitor.core.overflow.agenda import Agenda
from monitor.core.overflow.decisions import (
    Answer,
    ChangePriority,
    Command,
    Outcome,
    RedirectChannel,
    WithdrawCaller,
)
from monitor.core.overflow.situation import Situation
from monitor.core.records import Call, Exit, FactKind, Visit

PATIENCE: Final[Ms] = 10 * SECOND
"""So long after a round of ringing an effect is waited for."""
AFTERTHOUGHT: Final[Ms] = SECOND
"""A refused command: so soon events tell whether the caller was answered, or had left."""

OF_EXIT: Final = {
    Exit.WITHDRAWN: Outcome.MOVED,
    Exit.ANSWERED: Outcome.ANSWERED_MEANWHILE,
    Exit.UNKNOWN: Outcome.NOT_OBSERVED,
}
"""All other ways out of a queue are ways of their own."""
MAY_BE_CORRECTED: Final = frozenset({Outcome.STILL_WAITING, Outcome.NOT_OBSERVED, Outcome.FAILED})


@dataclass(slots=True)
class Tracked:
    """A command about a caller, and what it is watched by."""

    command: Command
    call: Call
    visit: Visit | None
    """The wait that a withdrawal is to end."""
    place: tuple[str, str]
    """Context and exten where a redirect is to lead."""
    target: str
    """The queue that the caller is to come into; empty: none."""
    limit: Ms
    """Until when (monitor's clock) the effect is waited for."""


Settled = Callable[[Command], None]
"""Told of each command about a caller that got its outcome, for the first time."""


class Outcomes:
    """Follows all commands from their issue to their outcome."""

    def __init__(self, situation: Situation, settled: Settled) -> None:
        self._situation = situation
        self._engine: Engine = situation.engine
        self._settled = settled
        self._of_call: dict[str, list[Tracked]] = {}
        self._tracked: dict[str, Tracked] = {}
        self._coming: Counter[tuple[str, str]] = Counter()
        self._leaving: Counter[tuple[str, str]] = Counter()
        self.limits: Agenda[str] = Agenda()

    def track(
        self, command: Command, call: Call, visit: Visit | None, now: Ms, target: str = ""
    ) -> None:
        """Follow a command about a caller, who is to come into the queue ``target``."""
        order, pbx = command.order, command.pbx
        limit = now + PATIENCE
        if isinstance(order, WithdrawCaller):
            limit += self._situation.ring_cycle(pbx, order.queue)
        place = ("", "")
        if isinstance(order, RedirectChannel) and order.context != call.context:
            place = (order.context, order.exten)
        tracked = Tracked(command, call, visit, place, target, limit)
        self._count(tracked, 1)
        self._tracked[command.id] = tracked
        self._of_call.setdefault(call.id, []).append(tracked)
        self.limits.set(command.id, limit)

    def coming(self, pbx: str, queue: str) -> int:
        """How many callers are on their way into a queue."""
        return self._coming[pbx, queue]

    def leaving(self, pbx: str, queue: str) -> int:
        """How many callers were ordered out of a queue and have not been seen to leave it."""
        return self._leaving[pbx, queue]

    def _count(self, tracked: Tracked, by: int) -> None:
        pbx, order = tracked.command.pbx, tracked.command.order
        if tracked.target:
            self._coming[pbx, tracked.target] += by
        if isinstance(order, WithdrawCaller):
            self._leaving[pbx, order.queue] += by

    def forget(self, call_id: str) -> None:
        """Follow the caller's commands no more: nothing can correct them."""
        for tracked in self._of_call.pop(call_id, ()):
            self._tracked.pop(tracked.command.id, None)
            self.limits.set(tracked.command.id, None)

    # --- what happens ---------------------------------------------------------------------------

    def on_call(self, call: Call) -> list[Effect]:
        """See whether a changed call tells what came of a command."""
        effects: list[Effect] = []
        for tracked in self._of_call.get(call.id, ()):
            tracked.call = call
            _find_again(tracked)
            found = _seen(tracked)
            if found is not None:
                effects += self._settle(tracked, *found)
        return effects

    def answered(self, pbx: str, command_id: str, answer: Answer, now: Ms) -> list[Effect]:
        """Take what the PBX said to a command about a caller; unknown ones say nothing."""
        tracked = self._tracked.get(command_id)
        if tracked is None or tracked.command.pbx != pbx:
            return []
        if tracked.command.answered_at is not None:
            return []  # told twice
        command = tracked.command
        at = now - self._situation.offset(command.pbx)
        command.answered_at, command.answer = at, answer.text
        command.accepted = answer.accepted if answer.sent else False
        found = _seen(tracked) or _of_answer(tracked, answer, at)
        if found is not None:
            return self._settle(tracked, *found) or [CommandChanged(command)]
        if not command.accepted:
            # Perhaps the agent was quicker, and the events that say so are on their way.
            tracked.limit = min(tracked.limit, now + AFTERTHOUGHT)
            self.limits.set(command_id, tracked.limit)
        return [CommandChanged(command)]

    def due(self, now: Ms) -> list[Effect]:
        """Give up waiting for the effects of commands whose time is over."""
        effects: list[Effect] = []
        for command_id in self.limits.pop_due(now):
            tracked = self._tracked.get(command_id)
            if tracked is None or tracked.command.outcome is not Outcome.PENDING:
                continue
            at = now - self._situation.offset(tracked.command.pbx)
            found = _seen(tracked) or (_given_up(tracked), at)
            effects += self._settle(tracked, *found)
        return effects

    def link_lost(self, pbx: str, at: Ms) -> list[Effect]:
        """Nobody looks any more: what is pending was not observed, unless events tell later."""
        effects: list[Effect] = []
        for tracked in list(self._tracked.values()):
            if tracked.command.pbx == pbx and tracked.command.outcome is Outcome.PENDING:
                found = _seen(tracked) or (Outcome.NOT_OBSERVED, at)
                effects += self._settle(tracked, *found)
        return effects

    def _settle(self, tracked: Tracked, outcome: Outcome, at: Ms) -> list[Effect]:
        command = tracked.command
        before = command.outcome
        if outcome is before or not _corrects(tracked, outcome, at):
            return []
        command.outcome, command.observed_at = outcome, at
        self.limits.set(command.id, None)
        if before is Outcome.PENDING:
            self._count(tracked, -1)
            self._settled(command)
        noted = self._engine.note(
            command.call_id, at, FactKind.OVERFLOW_OUTCOME,
            command=command.id, rule=command.rule_id, outcome=outcome.value,
            previous=None if before is Outcome.PENDING else before.value,
        )  # fmt: skip
        return [CommandChanged(command), *noted]


def _corrects(tracked: Tracked, outcome: Outcome, at: Ms) -> bool:
    """Whether what is seen now replaces what was found before."""
    before = tracked.command.outcome
    if before is Outcome.PENDING:
        return True
    if isinstance(tracked.command.order, RedirectChannel):
        # Where the caller goes from there on is another story.
        return outcome is Outcome.MOVED and at <= tracked.command.issued_at + PATIENCE
    if before is Outcome.FAILED:
        # Only what had happened by then explains why the PBX refused.
        said_at = tracked.command.answered_at
        return said_at is not None and at <= said_at + AFTERTHOUGHT
    if before in {Outcome.MOVED, Outcome.ANSWERED_MEANWHILE, Outcome.LEFT_MEANWHILE}:
        return outcome is not Outcome.NOT_OBSERVED
    return outcome is not Outcome.NOT_OBSERVED and before in MAY_BE_CORRECTED


def _find_again(tracked: Tracked) -> None:
    """A call's story may be told anew after a resync; its wait in the queue is another record."""
    order, visit = tracked.command.order, tracked.visit
    if visit is None or any(known is visit for known in tracked.call.visits):
        return
    if isinstance(order, WithdrawCaller | ChangePriority):
        again = [known for known in tracked.call.visits if known.queue == order.queue]
        tracked.visit = again[-1] if again else None


def _seen(tracked: Tracked) -> tuple[Outcome, Ms] | None:
    """What the record of the call shows by now; None: nothing yet."""
    order = tracked.command.order
    if isinstance(order, RedirectChannel):
        return _seen_of_redirect(tracked)
    visit = tracked.visit
    if visit is None or isinstance(order, ChangePriority):
        return None
    if visit.exit is None:
        return None
    at = visit.answered_at if visit.exit is Exit.ANSWERED else visit.left_at
    return OF_EXIT.get(visit.exit, Outcome.LEFT_MEANWHILE), visit.joined_at if at is None else at


def _seen_of_redirect(tracked: Tracked) -> tuple[Outcome, Ms] | None:
    call, issued_at = tracked.call, tracked.command.issued_at
    for visit in call.visits:
        if visit.queue == tracked.target and visit.joined_at >= issued_at:
            return Outcome.MOVED, visit.joined_at  # it went on from there at once
    if (call.context, call.exten) == tracked.place:
        left = [stay.left_at for stay in call.stays if stay.left_at is not None]
        return Outcome.MOVED, max([issued_at, *left])
    if call.closed:
        unseen = call.ended_at is None
        end = issued_at if call.ended_at is None else call.ended_at
        return (Outcome.NOT_OBSERVED if unseen else Outcome.LEFT_MEANWHILE), end
    bridged = [
        fact.at
        for fact in call.facts
        if fact.kind in {FactKind.BRIDGED, FactKind.AGENT_CONNECTED} and fact.at >= issued_at
    ]
    return (Outcome.ANSWERED_MEANWHILE, bridged[0]) if bridged else None


def _of_answer(tracked: Tracked, answer: Answer, at: Ms) -> tuple[Outcome, Ms] | None:
    """The outcome, where the answer alone decides it."""
    if answer.sent and answer.accepted is None:
        return Outcome.NOT_OBSERVED, at
    if isinstance(tracked.command.order, ChangePriority) and tracked.command.accepted:
        return Outcome.DONE, at
    return None


def _given_up(tracked: Tracked) -> Outcome:
    """The outcome of a command of which nothing was seen within its time."""
    command = tracked.command
    if command.answered_at is None:
        return Outcome.NOT_OBSERVED  # nobody knows whether the PBX took it
    if not command.accepted:
        return Outcome.FAILED
    if isinstance(command.order, RedirectChannel) and _left(tracked):
        return Outcome.MOVED
    return Outcome.STILL_WAITING


def _left(tracked: Tracked) -> bool:
    """Whether the caller left the voice server after the command was issued."""
    last = tracked.call.stays[-1] if tracked.call.stays else None
    return last is None or last.left_at is not None
