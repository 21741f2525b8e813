"""From a decision to its effects: the record, the timeline, the command."""

from monitor.core.clock import Ms
from monitor.core.effects import CommandIssued, DecisionMade, Effect
from monitor.core.engine import Engine
from monitor.core.overflow.decisions import (
    Command,
    Decision,
    Order,
    Standing,
)
from monitor.core.overflow.words import order_in_words, sentence
from monitor.core.records import FactKind


class Issuing:
    """Gives decisions and commands their ids, and notes on the timeline what was decided."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._count = 0

    def new_id(self, now: Ms) -> str:
        """An id that no other decision or command has, also of another run of the monitor."""
        self._count += 1
        return f"{now:x}-{self._count:x}"

    def decided(self, decision: Decision, *, noted: bool = True) -> list[Effect]:
        """The effects of a decision; ``noted``: it goes on the caller's timeline."""
        effects: list[Effect] = [DecisionMade(decision)]
        if noted and decision.call_id:
            effects += self._engine.note(
                decision.call_id, decision.at, FactKind.OVERFLOW_DECIDED,
                decision=decision.id, verb=decision.verb.value, rule=decision.rule_id,
                queue=decision.queue, to="" if decision.to is None else decision.to.place,
                held_back=int(decision.held_back), dry_run=int(decision.dry_run),
                why=sentence(decision),
            )  # fmt: skip
        return effects

    def command(
        self, decision: Decision, order: Order, now: Ms, standing: Standing | None = None
    ) -> tuple[Command, list[Effect]]:
        """A command that carries out a decision, and its effects."""
        command = Command(
            self.new_id(now), decision.id, decision.pbx, order, decision.at,
            decision.queue, decision.call_id, decision.rule_id,
        )  # fmt: skip
        effects: list[Effect] = [CommandIssued(command, standing)]
        if decision.call_id:
            effects += self._engine.note(
                decision.call_id, decision.at, FactKind.OVERFLOW_COMMANDED,
                command=command.id, rule=command.rule_id, order=order_in_words(order),
            )  # fmt: skip
        return command, effects
