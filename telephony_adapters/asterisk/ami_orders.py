"""Orders of the overflow engine as AMI actions, and the PBX's words to them as answers.

An order is sent once, whatever happens. What can be found out beforehand is asked beforehand: an
Asterisk says ``Success`` to a redirect to a place that does not exist, and drops the caller.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from monitor.core.overflow.decisions import (
    AddMember,
    Answer,
    ChangeLamp,
    ChangePenalty,
    ChangePriority,
    Order,
    PutDatabase,
    RedirectChannel,
    RemoveMember,
    SetGlobal,
    WithdrawCaller,
)
from monitor.core.overflow.rules import LampState

AmiAction = tuple[str, dict[str, str]]
"""An action's name and its headers."""

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""A variable and nothing else: ``Setvar`` of ``NAME(…)`` would run a dialplan function."""

SPLITTING: Final = frozenset(',()|&;${}[]"\\')
"""Where these stand in a name, Asterisk sees more than one name."""

NOTHING_TO_DO: Final = {
    "QueueRemove": "Not there",
    "DBDel": "could not be deleted",
}
"""Refusals that mean that what was ordered is so already."""

LONGEST: Final = 80
"""Asterisk cuts names of channels, contexts and extensions at 79 bytes."""


class OrderError(ValueError):
    """The order was not sent; the text says why in one plain sentence."""


def action_of(order: Order) -> AmiAction:
    """Put an order into AMI's words.

    Raises:
        OrderError: if a value would be taken for something else than what it is.
    """
    _check_lines(order)
    name, headers = _ACTIONS[type(order)](order)
    return name, headers


def place_of(order: Order) -> str:
    """Where in the dialplan an order sends a caller, as ``context,exten,priority``, or nothing."""
    if isinstance(order, RedirectChannel):
        return f"{order.context},{order.exten},{order.priority}"
    if isinstance(order, WithdrawCaller) and order.info.count(",") == 2:  # noqa: PLR2004
        return order.info
    return ""


def answer_of(action: str, response: Mapping[str, str]) -> Answer:
    """Understand the response to an order's action."""
    text = response.get("Message", "")
    accepted = response.get("Response") == "Success"
    if not accepted and NOTHING_TO_DO.get(action, "\n") in text:
        return Answer(accepted=True, text=f"{text} (nothing to do)")
    return Answer(accepted=accepted, text=text)


def _check_lines(order: Order) -> None:
    for name, value in dataclasses.asdict(order).items():
        if isinstance(value, str) and CONTROL.search(value):
            # The value itself stays out of the sentence, which goes into logs and onto pages.
            raise OrderError(f"The {name} holds a line break or another control character.")


def _name(what: str, value: str, *, empty: bool = False) -> str:
    """Check the name of something, which must stay one name on its way through Asterisk."""
    if not value and not empty:
        raise OrderError(f"The {what} is empty.")
    if value != value.strip():
        raise OrderError(f"The {what} {value!r} begins or ends with a blank.")
    if len(value.encode()) >= LONGEST:
        raise OrderError(f"The {what} {value!r} is longer than Asterisk takes.")
    if found := sorted(SPLITTING.intersection(value)):
        raise OrderError(f"The {what} {value!r} must not hold {' '.join(found)}.")
    return value


def _one(what: str, value: str, *, without: str = ",") -> str:
    """Check something that may look like anything but empty: a channel, a queue, an interface."""
    if not value or value != value.strip():
        raise OrderError(f"The {what} {value!r} is empty, or begins or ends with a blank.")
    if any(sign in value for sign in without):
        raise OrderError(f"The {what} {value!r} must not hold {' '.join(without)}.")
    return value


def _number(what: str, value: int, least: int) -> str:
    if value < least:
        raise OrderError(f"The {what} {value} is less than {least}.")
    return str(value)


def _withdraw(order: WithdrawCaller) -> AmiAction:
    info = order.info
    if info:
        parts = info.split(",")
        if len(parts) != 3:  # noqa: PLR2004
            raise OrderError(f"The destination {info!r} is not context,exten,priority.")
        _place(parts[0], parts[1])
        if not parts[2].isdecimal():
            raise OrderError(f"The priority in {info!r} is no number.")
    return "QueueWithdrawCaller", {
        "Queue": _one("queue", order.queue),
        "Caller": _one("channel", order.channel, without=""),
        "WithdrawInfo": info,
    }


def _place(context: str, exten: str) -> dict[str, str]:
    return {"Context": _name("context", context), "Exten": _name("extension", exten)}


def _redirect(order: RedirectChannel) -> AmiAction:
    return "Redirect", {
        "Channel": _one("channel", order.channel, without=""),
        **_place(order.context, order.exten),
        "Priority": _number("priority", order.priority, 1),
    }


def _priority(order: ChangePriority) -> AmiAction:
    # Without Immediate the priority is noted, and nobody who waits already is passed.
    return "QueueChangePriorityCaller", {
        "Queue": _one("queue", order.queue),
        "Caller": _one("channel", order.channel, without=""),
        "Priority": _number("priority", order.priority, 0),
        "Immediate": "true",
    }


def _add(order: AddMember) -> AmiAction:
    headers = {
        "Queue": _one("queue", order.queue),
        "Interface": _one("interface", order.interface),
        "Penalty": _number("penalty", order.penalty, 0),
    }
    if order.name:
        # queue_log is cut at bars
        headers["MemberName"] = _one("member's name", order.name, without="|")
    if order.state_interface:
        headers["StateInterface"] = _one("state interface", order.state_interface)
    return "QueueAdd", headers


def _remove(order: RemoveMember) -> AmiAction:
    return "QueueRemove", {
        "Queue": _one("queue", order.queue),
        "Interface": _one("interface", order.interface),
    }


def _penalty(order: ChangePenalty) -> AmiAction:
    return "QueuePenalty", {
        "Queue": _one("queue", order.queue),
        "Interface": _one("interface", order.interface),
        "Penalty": _number("penalty", order.penalty, 0),
    }


def _global(order: SetGlobal) -> AmiAction:
    if not VARIABLE.fullmatch(order.name):
        raise OrderError(f"{order.name!r} cannot be the name of a global variable.")
    return "Setvar", {"Variable": order.name, "Value": order.value}


def _database(order: PutDatabase) -> AmiAction:
    headers = {"Family": _one("family", order.family), "Key": _one("key", order.key)}
    if not order.value:
        return "DBDel", headers
    return "DBPut", {**headers, "Val": order.value}


def _lamp(order: ChangeLamp) -> AmiAction:
    state = order.state.upper()
    if state not in LAMP_STATES:
        raise OrderError(
            f"{order.state!r} is no state of a device; there are {', '.join(sorted(LAMP_STATES))}."
        )
    name = _name("lamp", order.name)
    return "Setvar", {"Variable": f"DEVICE_STATE(Custom:{name})", "Value": state}


LAMP_STATES: Final = frozenset(state.value.upper() for state in LampState)

_ACTIONS: Final[Mapping[type, Callable[[Any], AmiAction]]] = {
    WithdrawCaller: _withdraw,
    RedirectChannel: _redirect,
    ChangePriority: _priority,
    AddMember: _add,
    RemoveMember: _remove,
    ChangePenalty: _penalty,
    SetGlobal: _global,
    PutDatabase: _database,
    ChangeLamp: _lamp,
}
