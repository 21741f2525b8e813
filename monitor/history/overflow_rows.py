"""Between decisions, commands, standing actions and their rows; used both ways.

Orders travel as ``{"order": "add_member", …}`` with the fields of their class.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, get_args

import orjson
from sqlalchemy import RowMapping

from monitor.core.clock import Ms
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

Row = tuple[Any, ...]

DECISION_COLUMNS: Final = (
    "id", "pbx", "at", "asked_by", "verb", "reasons", "queue", "call_id", "caller", "rule_id",
    "rule_version", "destination", "dry_run", "held_back", "by", "expected_wait",
    "miss_probability",
)  # fmt: skip
COMMAND_COLUMNS: Final = (
    "id", "decision_id", "pbx", "queue", "call_id", "rule_id", "kind", "body", "issued_at",
    "answered_at", "accepted", "answer", "outcome", "observed_at",
)  # fmt: skip
STANDING_COLUMNS: Final = (
    "rule_id", "pbx", "queue", "rule_version", "since", "undo", "decision_id",
)  # fmt: skip
STANDING_KEY: Final = STANDING_COLUMNS[:3]
MESSAGE_COLUMNS: Final = ("id", "topic", "call_id", "at", "payload", "noted_at")

KINDS: Final[dict[type[Order], str]] = {
    WithdrawCaller: "withdraw_caller",
    RedirectChannel: "redirect_channel",
    ChangePriority: "change_priority",
    AddMember: "add_member",
    RemoveMember: "remove_member",
    ChangePenalty: "change_penalty",
    SetGlobal: "set_global",
    PutDatabase: "put_database",
    ChangeLamp: "change_lamp",
}
"""What each order is called in the database, in the API and in messages."""
_ORDERS: Final = {kind: order for order, kind in KINDS.items()}

if set(KINDS) != set(get_args(Order)):  # pragma: no cover - a mistake of ours, seen at import
    raise TypeError("an order has no name")


def order_json(order: Order) -> dict[str, Any]:
    """An order as JSON."""
    return {"order": KINDS[type(order)], **asdict(order)}


def order_of(plain: Mapping[str, Any]) -> Order:
    """Read what :func:`order_json` made."""
    values = dict(plain)
    return _ORDERS[values.pop("order")](**values)


def decision_row(decision: Decision) -> Row:
    """A decision in the order of ``DECISION_COLUMNS``."""
    d = decision
    reasons = [{"because": r.because.value, "detail": r.detail} for r in d.reasons]
    to = None if d.to is None else asdict(d.to)
    return (
        d.id, d.pbx, d.at, d.asked_by.value, d.verb.value, reasons, d.queue, d.call_id, d.caller,
        d.rule_id, d.rule_version, to, d.dry_run, d.held_back, d.by, d.expected_wait,
        d.miss_probability,
    )  # fmt: skip


def decision_of(row: RowMapping) -> Decision:
    """Rebuild a decision."""
    values = dict(row)
    to = values.pop("destination")
    reasons = tuple(
        Reason(Because(plain["because"]), plain["detail"])
        for plain in orjson.loads(values.pop("reasons"))
    )
    return Decision(
        asked_by=Asker(values.pop("asked_by")),
        verb=Verb(values.pop("verb")),
        reasons=reasons,
        to=None if to is None else Destination(**orjson.loads(to)),
        **values,
    )


def command_row(command: Command) -> Row:
    """A command as it stands, in the order of ``COMMAND_COLUMNS``."""
    c = command
    return (
        c.id, c.decision_id, c.pbx, c.queue, c.call_id, c.rule_id, KINDS[type(c.order)],
        asdict(c.order), c.issued_at, c.answered_at, c.accepted, c.answer, c.outcome.value,
        c.observed_at,
    )  # fmt: skip


def command_of(row: RowMapping) -> Command:
    """Rebuild a command."""
    values = dict(row)
    order = _ORDERS[values.pop("kind")](**orjson.loads(values.pop("body")))
    return Command(order=order, outcome=Outcome(values.pop("outcome")), **values)


def standing_row(standing: Standing) -> Row:
    """A standing action in the order of ``STANDING_COLUMNS``."""
    s = standing
    undo = [order_json(order) for order in s.undo]
    return (s.rule_id, s.pbx, s.queue, s.rule_version, s.since, undo, s.decision_id)


def standing_of(row: RowMapping) -> Standing:
    """Rebuild a standing action."""
    values = dict(row)
    undo = tuple(order_of(plain) for plain in orjson.loads(values.pop("undo")))
    return Standing(undo=undo, **values)


def message_row(message: OutboxMessage, noted_at: Ms) -> Row:
    """A message in the order of ``MESSAGE_COLUMNS``."""
    return (message.id, message.topic, message.call_id, message.at, message.payload, noted_at)
