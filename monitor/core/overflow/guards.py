"""Guards: what keeps a rule that applies from acting for a caller."""

from dataclasses import dataclass

from monitor.core.clock import Ms
from monitor.core.overflow import targets
from monitor.core.overflow.book import Book, Entry
from monitor.core.overflow.callers import Caller, Callers, Caps
from monitor.core.overflow.conditions import Case
from monitor.core.overflow.decisions import Because, Reason
from monitor.core.overflow.issuing import Issuing
from monitor.core.overflow.lines import Lines
from monitor.core.overflow.outcomes import Outcomes
from monitor.core.overflow.rules import OverflowRule, Prioritise, destination_of
from monitor.core.overflow.situation import Situation


@dataclass(slots=True)
class Shared:
    """What the deciders share."""

    situation: Situation
    book: Book
    callers: Callers
    caps: Caps
    issuing: Issuing
    outcomes: Outcomes
    lines: Lines


def held_back(
    shared: Shared, rule: OverflowRule, case: Case, caller: Caller | None, *, queued: bool
) -> Reason | None:
    """The first thing that keeps a rule from acting; None: it may."""
    now = case.now
    if caller is not None and not rule.dry_run:
        if caller.in_flight is not None:
            return Reason(Because.IN_FLIGHT, {"command": caller.in_flight.id})
        cools_until = caller.cools_until(now)
        if cools_until is not None:
            return Reason(Because.COOL_DOWN, {"left": cools_until - now})
    if not isinstance(rule.action, Prioritise):
        hops = 0 if caller is None else caller.hops(case.call)
        if hops >= rule.hops:
            return Reason(Because.HOPS, {"hops": hops, "at_most": rule.hops})
        to = destination_of(rule)
        blocked = targets.obstacle(
            shared.situation, shared.book, rule, case, queued=queued,
            coming=0 if to is None else shared.outcomes.coming(case.pbx, to.queue),
        )  # fmt: skip
        if blocked is not None:
            return blocked
    if shared.caps.free_at(rule, case.pbx, now) is not None:
        return usage(shared, rule, case.pbx, now)
    return None


def usage(shared: Shared, rule: OverflowRule, pbx: str, now: Ms) -> Reason:
    """How much of its rate cap a rule has used."""
    used = shared.caps.used(rule, pbx, now)
    return Reason(Because.RATE_CAP, {"used": used, "at_most": rule.at_most, "per": rule.per})


def why(shared: Shared, entry: Entry, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """The reasons of a rule that applies: its conditions, or that a person forced it."""
    forced = shared.book.forced.get(entry.rule.id)
    if forced is not None and forced.on:
        return (Reason(Because.FORCED, {"by": forced.by}),)
    return reasons
