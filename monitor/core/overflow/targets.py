"""Targets: whether a caller may be moved where a rule would send them."""

from monitor.core.overflow.book import Book, Entry
from monitor.core.overflow.conditions import Case
from monitor.core.overflow.decisions import Because, Reason
from monitor.core.overflow.rules import Metric, OverflowRule, destination_of
from monitor.core.overflow.situation import Situation


def obstacle(
    situation: Situation,
    book: Book,
    rule: OverflowRule,
    case: Case,
    *,
    queued: bool,
    coming: int = 0,
) -> Reason | None:
    """What speaks against the target; None: nothing, or no queue is behind it.

    Args:
        situation: what is known of the queues.
        book: the rules in force.
        rule: the one that would move the caller.
        case: the caller, where they are now.
        queued: they wait (or are about to) in ``case.queue``; else they are in a voice server.
        coming: so many are on their way into the target already.
    """
    to = destination_of(rule)
    target = "" if to is None else to.queue
    if not target:
        return None
    if case.call is not None and any(visit.queue == target for visit in case.call.visits):
        return Reason(Because.LOOP, {"queue": target, "visited": 1})
    state = situation.queue(case.pbx, target)
    if state is None:
        return None  # a queue that the PBX has not told of (yet): the admin's word is taken
    if not situation.counts(case.pbx, target).logged_in:
        return Reason(Because.TARGET_EMPTY, {"queue": target})
    joining = _joining(situation, case, target, len(state.waiting) + coming + 1)
    joining.coming = coming
    for entry in _open_ways(book, joining):
        if queued and _leads_to(situation, book, entry, joining, case.queue, {target}):
            return Reason(Because.LOOP, {"queue": target, "rule": entry.rule.id})
        return Reason(Because.TARGET_OVERFLOWS, {"queue": target, "rule": entry.rule.id})
    return _not_better(rule, case, joining) if queued else None


def _joining(situation: Situation, case: Case, queue: str, position: int) -> Case:
    """The same caller, about to join another queue."""
    return Case(
        situation, case.pbx, queue, case.now, case.call, position=position, caller=case.caller
    )


def _open_ways(book: Book, joining: Case) -> list[Entry]:
    """The rules that would move the caller on from there at once."""
    return [
        entry for entry in book.moving(joining.pbx, joining.queue) if _acts(book, entry, joining)
    ]


def _acts(book: Book, entry: Entry, joining: Case) -> bool:
    forced = book.is_forced(entry)
    if forced is not None:
        return forced
    if not book.activity(entry, joining.now)[0]:
        return False
    return entry.conditions.queue_holds(joining) and entry.conditions.caller_holds(joining)


def _leads_to(
    situation: Situation, book: Book, entry: Entry, joining: Case, home: str, seen: set[str]
) -> bool:
    """Whether rules that would act lead the caller back to ``home``."""
    to = destination_of(entry.rule)
    target = "" if to is None else to.queue
    if target == home:
        return True
    if not target or target in seen:
        return False
    seen.add(target)
    state = situation.queue(joining.pbx, target)
    waiting = 0 if state is None else len(state.waiting)
    there = _joining(situation, joining, target, waiting + 1)
    return any(
        _leads_to(situation, book, onward, there, home, seen) for onward in _open_ways(book, there)
    )


def _not_better(rule: OverflowRule, case: Case, joining: Case) -> Reason | None:
    """Whether the forecast expects no shorter wait there; unknown ones do not hold back."""
    if not rule.only_if_better:
        return None
    here, there = case.number(Metric.EXPECTED_WAIT), joining.number(Metric.EXPECTED_WAIT)
    if here is None or there is None or there < here:
        return None
    return Reason(Because.TARGET_NOT_BETTER, {"queue": joining.queue, "here": here, "there": there})
