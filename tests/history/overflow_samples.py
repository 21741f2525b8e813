"""Decisions, commands and messages for tests."""

from collections.abc import Sequence

from monitor.core.effects import CallChanged, Effect
from monitor.core.overflow.decisions import (
    AddMember,
    Asker,
    Because,
    ChangeLamp,
    ChangePenalty,
    ChangePriority,
    Command,
    Decision,
    Order,
    Outcome,
    PutDatabase,
    Reason,
    RedirectChannel,
    RemoveMember,
    SetGlobal,
    Standing,
    Verb,
    WithdrawCaller,
)
from monitor.core.overflow.rules import Destination
from monitor.history.messages import OutboxMessage
from tests.history.samples import START

ORDERS: tuple[Order, ...] = (
    WithdrawCaller("support", "PJSIP/trunk-1", "night,s,1"),
    RedirectChannel("PJSIP/trunk-1", "night", "s", 1),
    ChangePriority("support", "PJSIP/trunk-1", 10),
    AddMember("support", "PJSIP/101", "Zoë « '", 3, "Custom:zoe"),
    RemoveMember("support", "PJSIP/101"),
    ChangePenalty("support", "PJSIP/101", 5),
    SetGlobal("BUSY", "1"),
    PutDatabase("overflow", "support", ""),
    ChangeLamp("support", "INUSE"),
)


def full_decision(id_: str = "lab-1") -> Decision:
    """A decision of which no field has its default value."""
    return Decision(
        id=id_,
        pbx="lab",
        at=START,
        asked_by=Asker.PERSON,
        verb=Verb.MOVE,
        reasons=(
            Reason(Because.CONDITION, {"metric": "time_left", "value": 12.5, "limit": None}),
            Reason(Because.FORCED),
        ),
        queue="support",
        call_id="lab:1.1",
        caller="+33",
        rule_id="rescue",
        rule_version=3,
        to=Destination("night", "100", 2, "sales"),
        dry_run=True,
        held_back=True,
        by="Zoë",
        expected_wait=42_000,
        miss_probability=0.87,
    )


def full_command(id_: str = "lab-1-1", order: Order = ORDERS[0]) -> Command:
    """A command of which no field has its default value."""
    return Command(
        id=id_,
        decision_id="lab-1",
        pbx="lab",
        order=order,
        issued_at=START,
        queue="support",
        call_id="lab:1.1",
        rule_id="rescue",
        answered_at=START + 3,
        accepted=True,
        answer="Withdrawn « ok »",
        outcome=Outcome.MOVED,
        observed_at=START + 5_000,
    )


def full_standing(rule: str = "help", queue: str = "support") -> Standing:
    """A lasting action that is on."""
    return Standing(rule, 2, "lab", queue, START, ORDERS[3:5], "lab-1")


def plain_decision(number: int, **values: object) -> Decision:
    """A caller who was told to stay."""
    fields: dict[str, object] = {
        "id": f"d{number:07}", "pbx": "lab", "at": START + number, "asked_by": Asker.PBX,
        "verb": Verb.STAY, "reasons": (Reason(Because.NO_RULE),), "queue": "support",
        "call_id": f"lab:{number}",
    }  # fmt: skip
    return Decision(**(fields | values))  # type: ignore[arg-type]


def message(number: int, call_id: str = "", about: str = "") -> OutboxMessage:
    """Any message; ``about``: the decision or command of which it tells."""
    topic = "lab/calls/verdict" if call_id else "lab/overflow/decision"
    payload = f'{{"n":{number}}}'
    return OutboxMessage(f"m{number}", topic, call_id, START + number, payload, about=about)


class Teller:
    """Makes one numbered message for each change of a call, as the real one does of effects."""

    def __init__(self) -> None:
        self.told: list[OutboxMessage] = []

    def __call__(self, effects: Sequence[Effect]) -> list[OutboxMessage]:
        changed = [effect.call.id for effect in effects if isinstance(effect, CallChanged)]
        first = len(self.told)
        new = [message(first + n, call_id) for n, call_id in enumerate(changed)]
        self.told += new
        return new
