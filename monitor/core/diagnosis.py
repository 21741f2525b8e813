"""Diagnosis: why a caller was not taken care of in time, as codes that pages put into words.

A pure function of the call's record and of the blind intervals around it. It reads what was noted
when it happened (:mod:`monitor.core.staffing`), and says nothing where nothing was noted.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.records import BlindInterval, Call, Exit, Fact, FactKind, Verdict, Visit
from monitor.core.staffing import JOINING
from monitor.core.values import value

TOO_LATE: Final[Ms] = 10 * SECOND
"""Who joins a queue with less than this left is rung for once, at best: a ring takes 15 s."""
LONG_SHARE: Final = 3
"""A stay before the queue that takes more than a third of the threshold is a cause."""
LOST_MOMENT: Final[Ms] = 3 * SECOND
"""What was lost on rings that nobody took is told from here on."""

Params = dict[str, str | int]


class Cause(StrEnum):
    """Codes of findings; each with its parameters. Spans are in ms, names as the PBX has them."""

    BLIND = "blind"
    """The PBX was not observed for ``for_ms`` (-1: still) of the call; ``cause`` says why."""
    PBX_RESTARTED = "pbx_restarted"
    TURNED_AWAY = "turned_away"
    """``queue`` refused the caller, or sent them out: ``exit``."""
    NOBODY_LOGGED_IN = "nobody_logged_in"
    """``queue`` had no member (``moment``: joining, at_risk, or the verdict)."""
    ALL_PAUSED = "all_paused"
    """Each of the ``members`` of ``queue`` was paused."""
    NOBODY_REACHABLE = "nobody_reachable"
    """No phone of the ``members`` of ``queue`` was reachable; ``paused`` of them were paused."""
    ALL_BUSY = "all_busy"
    """No member was free: ``members``, and those ``talking``, ``ringing``, ``elsewhere``, …"""
    WRAP_UP = "wrap_up"
    """``wrap_up`` of ``members`` were in wrap-up, and nobody was free."""
    QUEUE_WEIGHT = "queue_weight"
    """``taken`` members of ``queue`` took callers of ``by`` while this one waited; ``later`` of
    these callers had joined after this one."""
    RING_NO_ANSWER = "ring_no_answer"
    """``missed`` offers in ``queue`` were not taken, by ``agents``; ``lost_ms`` went by ringing."""
    AGENT_DROPPED = "agent_dropped"
    """``agent`` picked up, and hung up before the caller was there."""
    NOT_OFFERED = "not_offered"
    """``available`` members of ``queue`` were free, and the queue offered the caller to nobody."""
    CALLERS_AHEAD = "callers_ahead"
    """``ahead`` callers had joined ``queue`` before this one and still waited."""
    LONG_VOICE_SERVER = "long_voice_server"
    """``name`` took ``for_ms`` of the ``within_ms``."""
    LONG_BEFORE_QUEUE = "long_before_queue"
    """``for_ms`` of the ``within_ms`` went by before the first queue, in no voice server."""
    NO_QUEUE = "no_queue"
    """The caller came to no queue and no agent."""
    JOINED_TOO_LATE = "joined_too_late"
    """The caller joined ``queue`` with ``left_ms`` left (below zero: after the deadline)."""
    OVERFLOW_HELD_BACK = "overflow_held_back"
    """``rule`` would have acted ``times`` times, and was kept from it."""
    OVERFLOW_DRY_RUN = "overflow_dry_run"
    """``rule`` would have acted, and only practised."""
    OVERFLOW_FAILED = "overflow_failed"
    """What ``rule`` ordered came to nothing: ``outcome``."""
    LEFT_EARLY = "left_early"
    """The caller hung up after ``for_ms`` already."""
    NOT_RECORDED = "not_recorded"
    """Who was there was not noted: the call is older than that, or comes from a queue log."""


@value
class Finding:
    """One thing that explains a verdict."""

    code: Cause
    params: Params


_EXPLAINED: Final = frozenset(
    {Verdict.PENDING, Verdict.BREACHED, Verdict.ABANDONED, Verdict.REFUSED, Verdict.UNKNOWN}
)
_REFUSALS: Final = frozenset({Exit.JOIN_EMPTY, Exit.LEAVE_EMPTY, Exit.FULL})
_DOING: Final = (
    "talking", "on_hold", "ringing", "wrap_up", "busy", "paused", "unavailable", "elsewhere",
)  # fmt: skip
_NO_GOOD: Final = frozenset({"failed", "still_waiting", "not_observed"})
"""Outcomes of a command that did not help the caller, and were nobody else's doing."""


def diagnose(call: Call, blind: Iterable[BlindInterval] = ()) -> list[Finding]:
    """What explains why a call was not handled in time, the weightiest first.

    Empty for a call that was handled in time or does not count, and for one that still has time.

    Args:
        call: the record, with its facts.
        blind: blind intervals of its PBX around it.
    """
    if call.verdict not in _EXPLAINED or (call.verdict is Verdict.PENDING and not call.at_risk):
        return []
    found = [
        *_blind(call, blind),
        *_turned_away(call),
        *_staffing(call),
        *_rings(call),
        *_before_the_queue(call),
        *_overflow(call),
        *_left_early(call),
    ]
    waited = any(visit.exit is not Exit.ANSWERED for visit in call.visits) or _is_late(call)
    explained = {finding.code for finding in found} - {Cause.LEFT_EARLY}
    if call.visits and waited and not explained:
        found.append(Finding(Cause.NOT_RECORDED, {}))
    return found


def _end(call: Call) -> Ms | None:
    """Until when things explain the verdict: handled, or ended."""
    return call.handled_at if call.handled_at is not None else call.ended_at


def _is_late(call: Call) -> bool:
    return call.verdict is Verdict.BREACHED


def _before(call: Call, facts: Iterable[Fact]) -> list[Fact]:
    """The facts that lie before the caller was handled: what comes after explains nothing."""
    end = _end(call)
    return [fact for fact in facts if end is None or fact.at <= end]


def _number(fact: Fact, name: str) -> int:
    found = fact.detail.get(name)
    return found if isinstance(found, int) else 0


def _text(fact: Fact, name: str) -> str:
    return str(fact.detail.get(name) or "")


# --- not seen, not let in -----------------------------------------------------------------------


def _blind(call: Call, blind: Iterable[BlindInterval]) -> list[Finding]:
    end = call.ended_at
    found = []
    for gap in blind:
        over = gap.ended_at is not None and gap.ended_at <= call.arrived_at
        if gap.pbx != call.pbx or over or (end is not None and gap.started_at > end):
            continue
        span = -1 if gap.ended_at is None else gap.ended_at - gap.started_at
        found.append(Finding(Cause.BLIND, {"for_ms": span, "cause": gap.cause}))
        if "started anew" in gap.cause:
            found.append(Finding(Cause.PBX_RESTARTED, {}))
    if not found and any(fact.kind is FactKind.BLIND_FROM for fact in call.facts):
        found.append(Finding(Cause.BLIND, _span_of_facts(call.facts)))
    return found


def _span_of_facts(facts: Sequence[Fact]) -> Params:
    begin = next(fact.at for fact in facts if fact.kind is FactKind.BLIND_FROM)
    ends = [fact.at for fact in facts if fact.kind is FactKind.BLIND_TO and fact.at >= begin]
    return {"for_ms": ends[0] - begin if ends else -1, "cause": ""}


def _turned_away(call: Call) -> list[Finding]:
    last = call.visits[-1] if call.visits else None
    if last is None or last.exit not in _REFUSALS or call.handled_by is not None:
        return []
    return [Finding(Cause.TURNED_AWAY, {"queue": last.queue, "exit": last.exit.value})]


# --- who was there ------------------------------------------------------------------------------


def _staffing(call: Call) -> list[Finding]:
    """Of each queue what its most telling moment says, in the order of the visits."""
    facts = _before(call, (fact for fact in call.facts if fact.kind is FactKind.STAFFING))
    found: list[Finding] = []
    for queue in dict.fromkeys(_text(fact, "queue") for fact in facts):
        found += _of_queue(call, queue, [f for f in facts if _text(f, "queue") == queue])
    return found


def _of_queue(call: Call, queue: str, facts: list[Fact]) -> list[Finding]:
    fact = _most_telling(facts)
    found: list[Finding] = []
    who = _who(queue, fact)
    if who is not None:
        found.append(who)
    found += _taken(queue, facts)
    rung = {FactKind.AGENT_OFFERED, FactKind.AGENT_MISSED}
    offered = any(f.kind in rung and _text(f, "queue") == queue for f in call.facts)
    available = _number(fact, "available")
    if available and not offered and not found:
        found.append(Finding(Cause.NOT_OFFERED, {"queue": queue, "available": available}))
    ahead = max(_number(fact, "ahead") for fact in facts)
    if ahead:
        found.append(Finding(Cause.CALLERS_AHEAD, {"queue": queue, "ahead": ahead}))
    return found


def _most_telling(facts: list[Fact]) -> Fact:
    """The moment with the fewest members that could have answered; of equal ones the latest.

    Somebody who was free for a moment does not explain a wait; that nobody was there does.
    """

    def rank(fact: Fact) -> tuple[int, bool]:
        return _severity(fact), _text(fact, "moment") == JOINING

    return min(reversed(facts), key=rank)


def _severity(fact: Fact) -> int:
    members = _number(fact, "members")
    if members == 0:
        return 0
    away = _number(fact, "paused") + _number(fact, "unavailable")
    if away == members:
        return 1
    return 3 if _number(fact, "available") else 2


def _who(queue: str, fact: Fact) -> Finding | None:
    members, paused = _number(fact, "members"), _number(fact, "paused")
    moment = _text(fact, "moment")
    if members == 0:
        return Finding(Cause.NOBODY_LOGGED_IN, {"queue": queue, "moment": moment})
    params: Params = {"queue": queue, "moment": moment, "members": members}
    if paused == members:
        return Finding(Cause.ALL_PAUSED, params)
    if paused + _number(fact, "unavailable") == members:
        return Finding(Cause.NOBODY_REACHABLE, params | {"paused": paused})
    if _number(fact, "available"):
        return None
    wrap_up = _number(fact, "wrap_up")
    if wrap_up and wrap_up + paused + _number(fact, "unavailable") == members:
        return Finding(Cause.WRAP_UP, params | {"wrap_up": wrap_up})
    params |= {name: _number(fact, name) for name in _DOING if _number(fact, name)}
    return Finding(Cause.ALL_BUSY, params)


def _taken(queue: str, facts: list[Fact]) -> list[Finding]:
    fact = max(facts, key=lambda fact: (_number(fact, "taken_later"), _number(fact, "taken")))
    taken, later = _number(fact, "taken"), _number(fact, "taken_later")
    if not taken:
        return []
    params: Params = {"queue": queue, "taken": taken, "later": later, "by": _text(fact, "taken_by")}
    return [Finding(Cause.QUEUE_WEIGHT, params)]


# --- rings --------------------------------------------------------------------------------------


def _rings(call: Call) -> list[Finding]:
    facts = _before(call, call.facts)
    missed = [fact for fact in facts if fact.kind is FactKind.AGENT_MISSED]
    found: list[Finding] = []
    for queue in dict.fromkeys(_text(fact, "queue") for fact in missed):
        mine = [fact for fact in missed if _text(fact, "queue") == queue]
        lost = _ringing(mine)
        if lost < LOST_MOMENT and len(mine) < 2:  # noqa: PLR2004 - a chain has two links
            continue
        agents = ", ".join(dict.fromkeys(_text(fact, "agent") for fact in mine))
        params: Params = {"queue": queue, "missed": len(mine), "agents": agents, "lost_ms": lost}
        found.append(Finding(Cause.RING_NO_ANSWER, params))
    dropped = (fact for fact in facts if fact.kind is FactKind.AGENT_DUMPED)
    found += [Finding(Cause.AGENT_DROPPED, {"agent": _text(fact, "agent")}) for fact in dropped]
    return found


def _ringing(missed: Iterable[Fact]) -> Ms:
    """How long phones rang in vain, those that rang at the same time counted once."""
    total, until = 0, 0
    for begin, end in sorted((fact.at - _number(fact, "rang_ms"), fact.at) for fact in missed):
        total += max(0, end - max(begin, until))
        until = max(until, end)
    return total


# --- before the queue ---------------------------------------------------------------------------


def _before_the_queue(call: Call) -> list[Finding]:
    start, deadline = call.clock_started_at, call.deadline_at
    if start is None or deadline is None:
        return []
    joined = call.visits[0] if call.visits else None
    until = joined.joined_at if joined is not None else _end(call)
    until = deadline if until is None else until
    long = call.within // LONG_SHARE
    found: list[Finding] = []
    in_voice_servers = 0
    for stay in call.stays:
        left = until if stay.left_at is None else min(stay.left_at, until)
        span = max(0, left - max(stay.entered_at, start))
        in_voice_servers += span
        if span > long:
            params: Params = {"name": stay.name, "for_ms": span, "within_ms": call.within}
            found.append(Finding(Cause.LONG_VOICE_SERVER, params))
    rest = until - start - in_voice_servers
    if rest > long and joined is not None:
        params = {"for_ms": rest, "within_ms": call.within}
        found.append(Finding(Cause.LONG_BEFORE_QUEUE, params))
    if joined is None and call.handled_by is None and call.verdict is not Verdict.UNKNOWN:
        found.append(Finding(Cause.NO_QUEUE, {"for_ms": max(0, until - start)}))
    return found + _too_late(joined, deadline, call.within)


def _too_late(joined: Visit | None, deadline: Ms, within: Ms) -> list[Finding]:
    if joined is None:
        return []
    left = deadline - joined.joined_at
    if left >= min(TOO_LATE, within // LONG_SHARE):
        return []
    return [Finding(Cause.JOINED_TOO_LATE, {"queue": joined.queue, "left_ms": left})]


# --- overflow, and the caller -------------------------------------------------------------------


def _overflow(call: Call) -> list[Finding]:
    times: dict[tuple[Cause, str], int] = {}
    found: list[Finding] = []
    for fact in _before(call, call.facts):
        rule = _text(fact, "rule")
        if fact.kind is FactKind.OVERFLOW_DECIDED and rule:
            if _number(fact, "dry_run"):
                key = (Cause.OVERFLOW_DRY_RUN, rule)
            elif _number(fact, "held_back"):
                key = (Cause.OVERFLOW_HELD_BACK, rule)
            else:
                continue
            times[key] = times.get(key, 0) + 1
        elif fact.kind is FactKind.OVERFLOW_OUTCOME and _text(fact, "outcome") in _NO_GOOD:
            params: Params = {"rule": rule, "outcome": _text(fact, "outcome")}
            found.append(Finding(Cause.OVERFLOW_FAILED, params))
    said = [Finding(code, {"rule": rule, "times": n}) for (code, rule), n in times.items()]
    return said + found


def _left_early(call: Call) -> list[Finding]:
    if not call.short_abandon or call.wait is None:
        return []
    return [Finding(Cause.LEFT_EARLY, {"for_ms": call.wait})]
