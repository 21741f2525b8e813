"""How long the agent kept a caller on hold: from the facts of a conversation.

Asterisk says Hold and Unhold on the channel of whoever pressed the key, and no Unhold where a hold
ends in a transfer (seen on 16 and 22). What a caller's own phone does is not the agent's hold.
"""

from collections.abc import Iterable

from monitor.core.clock import Ms
from monitor.core.records import Call, Fact, FactKind, Observed, Visit


def held_for(facts: Iterable[Fact], begin: Ms, end: Ms) -> Ms:
    """How long the agent held the caller between two moments; an open hold lasts to the end."""
    total, since = 0, None
    for fact in sorted((f for f in facts if begin <= f.at <= end), key=lambda f: f.at):
        if fact.kind is FactKind.HELD and not fact.detail["by_caller"]:
            since = fact.at if since is None else since
        elif since is not None and _ends_hold(fact):
            total += fact.at - since
            since = None
    return total if since is None else total + end - since


def _ends_hold(fact: Fact) -> bool:
    if fact.kind is FactKind.RESUMED:
        return not fact.detail["by_caller"]
    return fact.kind is FactKind.TRANSFERRED


def measure(call: Call, visit: Visit) -> None:
    """Say how long a conversation that is over was on hold; nothing where it was not seen whole."""
    if visit.answered_at is None or visit.ended_at is None:
        return
    seen = call.observed is Observed.FULL
    visit.hold = held_for(call.facts, visit.answered_at, visit.ended_at) if seen else None


def conversation_at(call: Call, at: Ms) -> Visit | None:
    """The visit whose conversation a moment belongs to: the newest that was answered by then."""
    answered = [v for v in call.visits if v.answered_at is not None and v.answered_at <= at]
    return max(answered, key=lambda visit: visit.answered_at or 0, default=None)
