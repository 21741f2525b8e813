"""Commands about overflow: ``overflow undo``."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

import typer

from api.cli_common import CommandError, ConfigOption, in_effect, loaded, need_database, run
from api.pbx_settings import ami_settings
from api.serving import AddressError, listen
from config.settings import Settings
from monitor.core.clock import Ms
from monitor.core.effects import CommandIssued, DecisionMade, Effect, StandingChanged
from monitor.core.overflow.decisions import (
    Answer,
    Asker,
    Because,
    Command,
    Decision,
    Order,
    Outcome,
    Reason,
    Standing,
    Verb,
)
from monitor.core.overflow.words import order_in_words
from monitor.history.audit import AuditEntry, Via
from monitor.history.database import History, open_history
from monitor.history.overflow import OverflowRecord
from monitor.history.writer import BatchWriter
from telephony_adapters.asterisk.ami_commands import AmiCommands
from telephony_adapters.asterisk.ami_login import AmiSettings, ControlConnection

overflow = typer.Typer(help="What overflow rules turned on.", no_args_is_help=True)

BY: Final = "minuteur overflow undo"


@overflow.callback()
def _group() -> None:
    """Have the group keep its name while it has one command only."""


@overflow.command("undo")
def undo(config: ConfigOption = None) -> None:
    """Undo what rules turned on and a stopped monitor left on: helpers, lamps and so on.

    A monitor that is stopped leaves these as they are, and goes on with them when it is started
    again. This is for one that is not to be started again. While it runs, turn overflow off
    instead.
    """
    settings = loaded(config).settings
    need_database(settings)
    try:
        listener = listen(settings.api.host, settings.api.port)
    except AddressError as error:
        raise CommandError(
            "The monitor seems to be running: something listens at its address. Turn overflow off "
            f"on its page, or stop it first. ({error})"
        ) from None
    # Held meanwhile, so that no monitor begins to act on what is just being undone.
    with closing(listener), open_history(settings.history.database.get_secret_value()) as history:
        standing = OverflowRecord(history).standing()
        if not standing:
            print("Nothing is on.")
            return
        undone = run(_undo_all(in_effect(history, settings), standing))
        for one in undone:
            _record(history, one)
            _say(one)
    left = sum(len(one.left) for one in undone)
    if left:
        raise CommandError(
            f"{left} of these could not be undone. Try again when the PBX can be reached, or undo "
            "them by hand."
        )


@dataclass(frozen=True, slots=True)
class _Undone:
    """What came of undoing one standing action."""

    standing: Standing
    at: Ms
    answers: tuple[tuple[Order, Answer], ...]

    @property
    def left(self) -> tuple[Order, ...]:
        """What is not undone."""
        return tuple(order for order, answer in self.answers if not answer.accepted)


class _Direct:
    """A PBX to which orders go without watching it."""

    connected = True

    def __init__(self, settings: AmiSettings) -> None:
        self.settings = settings
        self._control = ControlConnection(settings)
        self.ask = self._control.request
        self.renew = self._control.renew
        self.close = self._control.close


async def _undo_all(settings: Settings, standing: Sequence[Standing]) -> list[_Undone]:
    directs = {pbx.name: _Direct(ami_settings(pbx)) for pbx in settings.pbx}
    try:
        return [await _undo(directs, one) for one in standing]
    finally:
        for direct in directs.values():
            direct.close()


async def _undo(directs: Mapping[str, _Direct], standing: Standing) -> _Undone:
    at = round(time.time() * 1000)
    direct = directs.get(standing.pbx)
    if direct is None:
        why_not = Answer(
            accepted=False, text=f"There is no PBX {standing.pbx} in the settings.", sent=False
        )
        return _Undone(standing, at, tuple((order, why_not) for order in standing.undo))
    commands = AmiCommands(direct)
    answers = []
    for number, order in enumerate(standing.undo):
        why_not_yet = await commands.look(order)
        if why_not_yet:
            answer = Answer(accepted=False, text=why_not_yet, sent=False)
        else:
            answer = await commands.send(f"undo-{at:x}-{number}", order)
        answers.append((order, answer))
    return _Undone(standing, at, tuple(answers))


def _record(history: History, undone: _Undone) -> None:
    """Have the record say who undid what, and what is left."""
    standing, at = undone.standing, undone.at
    id_ = f"undo-{at:x}-{standing.rule_id}-{standing.pbx}-{standing.queue}"
    decision = Decision(
        id_, standing.pbx, at, Asker.PERSON,
        Verb.TURN_OFF, (Reason(Because.FORCED, {"by": BY}),), standing.queue,
        rule_id=standing.rule_id, rule_version=standing.rule_version, by=BY,
    )  # fmt: skip
    effects: list[Effect] = [DecisionMade(decision)]
    for number, (order, answer) in enumerate(undone.answers):
        outcome = Outcome.DONE if answer.accepted else Outcome.FAILED
        if answer.accepted is None:
            outcome = Outcome.NOT_OBSERVED
        command = Command(
            f"{decision.id}-{number}", decision.id, standing.pbx, order, at, standing.queue,
            rule_id=standing.rule_id, answered_at=at, accepted=answer.accepted,
            answer=answer.text, outcome=outcome, observed_at=at,
        )  # fmt: skip
        effects.append(CommandIssued(command))
    left = undone.left
    effects.append(StandingChanged(replace(standing, undo=left), on=bool(left)))
    with BatchWriter(history) as writer:
        writer.on_effects(effects)
    orders = {"orders": [order_in_words(order) for order, _ in undone.answers]}
    still = {"orders": [order_in_words(order) for order in left]} if left else None
    entry = AuditEntry(at, BY, Via.CLI, "standing_undone", standing.rule_id, orders, still)
    OverflowRecord(history).audit.add(entry)


def _say(undone: _Undone) -> None:
    standing = undone.standing
    print(f"Rule {standing.rule_id}, queue {standing.queue} of {standing.pbx}:")
    for order, answer in undone.answers:
        print(f"  {order_in_words(order)}: {'done' if answer.accepted else answer.text}")
