"""What a lasting action has a PBX do, and what undoes it, from what is observed before."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from monitor.core.overflow.decisions import (
    AddMember,
    ChangeLamp,
    ChangePenalty,
    Order,
    PutDatabase,
    RemoveMember,
    SetGlobal,
)
from monitor.core.overflow.rules import (
    AddMembers,
    OverflowRule,
    SetDatabase,
    SetLamp,
    SetPenalty,
    SetVariable,
)
from monitor.core.policy import matches
from monitor.core.records import Member

Target = tuple[str, ...]
"""What an order changes: two orders with the same one undo each other."""
Step = tuple[Order | None, Order]
"""An order (None: it is so already, by another rule's doing), and what undoes it."""
Members = Mapping[str, Member]
"""The members of a queue, by interface."""


def target_of(order: Order) -> Target:
    """What an order changes."""
    match order:
        case AddMember() | RemoveMember():
            return "member", order.queue, order.interface
        case ChangePenalty():
            return "penalty", order.queue, order.interface
        case SetGlobal():
            return "variable", order.name
        case PutDatabase():
            return "database", order.family, order.key
        case ChangeLamp():
            return "lamp", order.name
        case _:
            return ()


def steps_on(
    rule: OverflowRule, queue: str, members: Members, others: Iterable[Order]
) -> list[Step]:
    """What turns a rule's action on for a queue.

    Args:
        rule: one with a lasting action.
        queue: the queue's name.
        members: who is there now; a helper among them is left alone, and not removed later.
        others: what undoes the other actions that are on at this PBX.
    """
    held = {target_of(order): order for order in others}
    return _STEPS[type(rule.action)](rule.action, queue, members, held)


def _add(
    action: AddMembers, queue: str, members: Members, held: Mapping[Target, Order]
) -> list[Step]:
    steps: list[Step] = []
    for helper in action.members:
        undo = RemoveMember(queue, helper.interface)
        if target_of(undo) in held:
            steps.append((None, undo))
        elif helper.interface not in members:
            order = AddMember(
                queue, helper.interface, helper.name, helper.penalty, helper.state_interface
            )
            steps.append((order, undo))
    return steps


def _penalty(
    action: SetPenalty, queue: str, members: Members, held: Mapping[Target, Order]
) -> list[Step]:
    steps: list[Step] = []
    for interface, member in members.items():
        if not matches(interface, action.interfaces) or member.penalty == action.penalty:
            continue
        order = ChangePenalty(queue, interface, action.penalty)
        # Another rule changed it already: what it was before that is to come back in the end.
        before = held.get(target_of(order), ChangePenalty(queue, interface, member.penalty))
        steps.append((order, before))
    return steps


def _variable(action: SetVariable, *_: object) -> list[Step]:
    return [(SetGlobal(action.name, action.on), SetGlobal(action.name, action.off))]


def _database(action: SetDatabase, *_: object) -> list[Step]:
    on = PutDatabase(action.family, action.key, action.on)
    return [(on, PutDatabase(action.family, action.key, action.off))]


def _lamp(action: SetLamp, *_: object) -> list[Step]:
    on = ChangeLamp(action.name, action.on.value)
    return [(on, ChangeLamp(action.name, action.off.value))]


_STEPS: Final[Mapping[type, Callable[[Any, str, Members, Mapping[Target, Order]], list[Step]]]] = (
    MappingProxyType(
        {
            AddMembers: _add,
            SetPenalty: _penalty,
            SetVariable: _variable,
            SetDatabase: _database,
            SetLamp: _lamp,
        }
    )
)


def is_moot(order: Order, rule: OverflowRule | None, members: Members) -> bool:
    """Whether an undo has nothing to do any more: somebody else has had a hand in it.

    ``rule`` is the one that turned it on; None where it is not known any more.
    """
    if not isinstance(order, ChangePenalty):
        return False
    member = members.get(order.interface)
    if member is None:
        return True
    ours = rule.action.penalty if rule and isinstance(rule.action, SetPenalty) else member.penalty
    return member.penalty not in {ours, order.penalty}


def survives_restart(order: Order, members: Members) -> bool:
    """Whether what an undo is for is still there after the PBX started anew.

    Lamps and keys are kept in Asterisk's own database, members and penalties perhaps; variables
    are not.
    """
    if isinstance(order, SetGlobal):
        return False
    if isinstance(order, RemoveMember):
        return order.interface in members
    if isinstance(order, ChangePenalty):
        member = members.get(order.interface)
        return member is not None and member.penalty != order.penalty
    return True
