"""The overflow engine: what the monitor knows in, decisions and commands out.

Pure, as the engine whose state it reads: it gets effects and the time, never asks for either. It
decides nothing for a PBX that is not observed, and sends nothing itself: commands are effects.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.core.clock import Ms
from monitor.core.effects import Effect
from monitor.core.engine import Engine
from monitor.core.overflow.decisions import Answer, Decision, Standing
from monitor.core.overflow.rules import OverflowRule


@dataclass(frozen=True, slots=True)
class Question:
    """What a dialplan asks before it queues a caller; an unknown ``uniqueid`` is answered too."""

    pbx: str
    queue: str
    uniqueid: str = ""
    caller: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """The big red switch: ``on`` is the usual; off, nothing is decided for callers any more.

    Off, a question is answered "stay", lasting actions are undone, and no command is begun.
    """

    on: bool = True
    by: str = ""
    at: Ms = 0
    """The monitor's clock."""
    note: str = ""


class Overflow:
    """Decides, issues commands, and watches what comes of them.

    ``now`` is always the monitor's clock. All methods return the effects to publish; they never
    raise for what a PBX, a rule or a dialplan says.
    """

    def __init__(self, engine: Engine, rules: Iterable[OverflowRule] = ()) -> None:
        raise NotImplementedError

    # --- what happens ---------------------------------------------------------------------------

    def handle(self, effects: Iterable[Effect], now: Ms) -> list[Effect]:
        """Take what the engine just said; observe outcomes, and decide where something changed."""
        raise NotImplementedError

    def advance(self, now: Ms) -> list[Effect]:
        """Decide what is due by time alone, and give up waiting for outcomes."""
        raise NotImplementedError

    def next_deadline(self) -> Ms | None:
        """When ``advance`` has to be called next; None when nothing runs."""
        raise NotImplementedError

    def ask(self, question: Question, now: Ms) -> tuple[Decision, list[Effect]]:
        """Answer a dialplan: at once, from memory."""
        raise NotImplementedError

    def answered(self, pbx: str, command_id: str, answer: Answer, now: Ms) -> list[Effect]:
        """Take what the PBX said to a command."""
        raise NotImplementedError

    # --- what people do -------------------------------------------------------------------------

    @property
    def rules(self) -> tuple[OverflowRule, ...]:
        """The rules in force, by priority."""
        raise NotImplementedError

    def set_rules(self, rules: Iterable[OverflowRule], now: Ms) -> list[Effect]:
        """Put rules in force; what a rule that is gone or changed had turned on is undone."""
        raise NotImplementedError

    @property
    def switch(self) -> Switch:
        """Whether anything is done at all."""
        raise NotImplementedError

    def turn(self, switch: Switch, now: Ms) -> list[Effect]:
        """Turn the big red switch."""
        raise NotImplementedError

    def force(self, rule_id: str, on: bool | None, by: str, now: Ms) -> list[Effect]:
        """Have a rule act (True) or rest (False) whatever its conditions say; None: take it back.

        Target checks, rate cap and the big red switch stay in force.
        """
        raise NotImplementedError

    # --- after a start --------------------------------------------------------------------------

    def restore(self, standing: Iterable[Standing], now: Ms) -> list[Effect]:
        """Take back what was on when the monitor stopped.

        Once its PBX is connected it goes on where the rule still holds, else it is undone.
        """
        raise NotImplementedError

    @property
    def standing(self) -> tuple[Standing, ...]:
        """The lasting actions that are on."""
        raise NotImplementedError
