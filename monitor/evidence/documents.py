"""Evidence documents: what is sealed of a call and of all else that figures are made of.

A document is one line of canonical JSON (:func:`~monitor.evidence.chain.canonical`). Nothing in it
tells who called: numbers and agents are pseudonyms, of digits only the count and the moments stand
there, names of callers and of channels do not. So what retention purges from a record (numbers,
names, digits, each replaced as :func:`purged_name` and :func:`purged_digits` say) leaves every
document what it was.

What a document is made of has a version, and never changes under it: a test holds an example. A
field that records get later stands in it only where it says something (:data:`LATER`), so that
documents of before stay what they were.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from enum import Enum
from operator import attrgetter
from typing import Any, Final, Protocol

import orjson

from monitor.core.clock import Ms
from monitor.core.overflow.decisions import Command
from monitor.core.records import (
    BlindInterval,
    Call,
    Exit,
    HandledBy,
    Observed,
    Reason,
    Verdict,
    Visit,
    VoiceServerStay,
)
from monitor.evidence.chain import canonical
from monitor.evidence.pseudonyms import MARK

VERSION: Final = 1
MOST_INPUTS: Final = 1_000_000
"""Digits of one stay that are believed of a document that somebody else made."""

CALL: Final = (
    "id", "pbx", "uniqueid", "linkedid", "arrived_at", "context", "exten", "policy_version",
    "within", "at_risk_after", "clock_started_at", "at_risk", "handled_at", "handled_by",
    "picked_up_at", "ended_at", "hangup_cause", "caller_hung_up", "verdict", "verdict_at", "reason",
    "short_abandon", "observed", "in_doubt", "start_blur", "handled_blur", "end_blur",
    "corrections",
)  # fmt: skip
"""Fields of a call that stand in its document as they are."""
VISIT: Final = (
    "queue", "joined_at", "within", "position", "left_at", "exit", "answered_at", "ended_at",
    "offers", "missed", "given_up", "moved", "short", "blur",
)  # fmt: skip
STAY: Final = ("name", "entered_at", "left_at", "explicit")
LATER: Final[Mapping[type, Mapping[str, Any]]] = {
    Call: {"transfers": None, "satisfaction": None, "satisfaction_best": None},
    Visit: {"hold": None, "transfers": None},
    VoiceServerStay: {},
}
"""Fields that records got after version 1, with the value that says nothing."""
OTHERWISE: Final = {
    Call: frozenset(
        {"caller", "caller_key", "agent", "caller_name", "channel", "closed", "visits", "stays",
         "facts"}
    ),
    Visit: frozenset({"agent", "interface"}),
    VoiceServerStay: frozenset({"inputs"}),
}  # fmt: skip
"""Fields that are told as pseudonyms or counts, in documents of their own, or not at all."""

TOLD_TEXTS: Final = frozenset(
    {"queue", "exit", "verdict", "reason", "previous", "context", "exten", "ended_by", "how", "by",
     "name", "moment", "decision", "verb", "rule", "command", "outcome", "logged_as", "arrived_at"}
)  # fmt: skip
"""Details of facts whose text is told. Others may hold digits, numbers or names."""
DIGITS: Final = "value"
"""The detail that holds what a caller entered."""

_ENUMS: Final[Mapping[str, type[Enum]]] = {
    "handled_by": HandledBy, "verdict": Verdict, "reason": Reason, "observed": Observed,
    "exit": Exit,
}  # fmt: skip
_call_values = attrgetter(*CALL)
_visit_values = attrgetter(*VISIT)
_stay_values = attrgetter(*STAY)


class Pseudonymous(Protocol):
    """Makes pseudonyms: :class:`monitor.evidence.pseudonyms.Pseudonyms`."""

    def agent(self, name: str, /) -> str:
        """The pseudonym of an agent."""

    def caller(self, number: str, /) -> str:
        """The pseudonym of a caller."""

    def pattern(self, pattern: str, /) -> str:
        """The pseudonym of a pattern of numbers."""


def purged_name(pseudonym: str) -> str:
    """What a purge puts in place of an agent's name, so that documents stay what they were."""
    return f"{MARK}{pseudonym}" if pseudonym else ""


def purged_digits(digits: str) -> str:
    """What a purge puts in place of digits: as many of nothing."""
    return "•" * len(digits)


def call_document(call: Call, pseudonyms: Pseudonymous) -> bytes:
    """The document of a closed call, with its visits and stays."""
    plain: dict[str, Any] = dict(zip(CALL, _call_values(call), strict=True))
    plain["kind"], plain["v"] = "call", VERSION
    plain["caller"] = call.caller_key or pseudonyms.caller(call.caller)
    plain["agent"] = pseudonyms.agent(call.agent)
    plain["visits"] = [_visit(visit, pseudonyms) for visit in call.visits]
    plain["stays"] = [_stay(stay) for stay in call.stays]
    _add_later(plain, call)
    return canonical(plain)


def facts_document(call: Call, pseudonyms: Pseudonymous) -> bytes | None:
    """The timeline of a closed call as a document of its own; None where it has no facts.

    Of its own, because retention may take the timelines before the calls.
    """
    if not call.facts:
        return None
    told = [[fact.at, fact.kind.value, _detail(fact.detail, pseudonyms)] for fact in call.facts]
    return canonical({"kind": "facts", "v": VERSION, "call": call.id, "facts": told})


def blind_document(interval: BlindInterval, since: Ms, until: Ms) -> bytes:
    """What of a blind interval lies in a day, ``since`` ≤ t < ``until``.

    Cut at the day's end, so that it is known for good once the day is over. So is why nobody looked
    only where it ends: while it lasts, more may come to be known (that the PBX started anew).
    """
    ended = until if interval.ended_at is None else min(interval.ended_at, until)
    over = interval.ended_at is not None and interval.ended_at <= until
    return canonical(
        {
            "kind": "blind",
            "v": VERSION,
            "pbx": interval.pbx,
            "from": max(interval.started_at, since),
            "to": ended,
            "started_at": interval.started_at,
            "cause": interval.cause if over else "",
        }
    )


def policy_document(version: int, created_at: Ms, text: str, pseudonyms: Pseudonymous) -> bytes:
    """A policy version that was in force on a day; numbers of tests and of the house hidden.

    ``text`` is the policy as the record has it (:func:`monitor.history.policies.canonical`).
    """
    policy = orjson.loads(text)
    for name in ("test_numbers", "internal_numbers"):
        policy[name] = [pseudonyms.pattern(pattern) for pattern in policy.get(name, ())]
    return canonical(
        {
            "kind": "policy",
            "v": VERSION,
            "version": version,
            "created_at": created_at,
            "policy": policy,
        }
    )


def command_document(command: Command, order: str) -> bytes:
    """An overflow command and what came of it; ``order`` is what kind it is. No channel, no number.

    Who was moved is told by the call's id, where to by the call's own visits.
    """
    return canonical(
        {
            "kind": "command",
            "v": VERSION,
            "id": command.id,
            "decision": command.decision_id,
            "pbx": command.pbx,
            "queue": command.queue,
            "call": command.call_id,
            "rule": command.rule_id,
            "order": order,
            "issued_at": command.issued_at,
            "answered_at": command.answered_at,
            "accepted": command.accepted,
            "outcome": command.outcome.value,
            "observed_at": command.observed_at,
        }
    )


# --- back to records: figures are counted from them ---------------------------------------------


def call_of(plain: Mapping[str, Any]) -> Call:
    """The call that a document tells of, with pseudonyms for the number and the agents.

    Raises:
        ValueError: the document is none of a call of this version.
    """
    try:
        if plain["kind"] != "call" or plain["v"] != VERSION:
            raise ValueError("it is no document of a call of version 1")
        call = Call(plain["pbx"], plain["uniqueid"], plain["arrived_at"])
        _fill(call, plain, CALL[3:])
        call.caller = call.caller_key = plain["caller"]
        call.agent = plain["agent"]
        call.closed = True
        call.visits = [_visit_of(told) for told in plain["visits"]]
        call.stays = [_stay_of(told) for told in plain["stays"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no document of a call: {error}") from error
    return call


def blind_of(plain: Mapping[str, Any]) -> BlindInterval:
    """The part of a blind interval that a document of a day tells of.

    Raises:
        ValueError: the document is none.
    """
    try:
        return BlindInterval(plain["pbx"], plain["from"], plain["to"], plain["cause"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is no document of a blind interval: {error}") from error


def _visit_of(plain: Mapping[str, Any]) -> Visit:
    visit = Visit(plain["queue"], plain["joined_at"], plain["within"])
    _fill(visit, plain, VISIT[3:])
    visit.agent, visit.interface = plain["agent"], plain["interface"]
    return visit


def _stay_of(plain: Mapping[str, Any]) -> VoiceServerStay:
    stay = VoiceServerStay(plain["name"], plain["entered_at"])
    _fill(stay, plain, STAY[2:])
    if not 0 <= plain["inputs"] <= MOST_INPUTS:
        raise ValueError(f"nobody entered {plain['inputs']} digits")
    stay.inputs = purged_digits("0" * plain["inputs"])
    return stay


def _fill(
    record: Call | Visit | VoiceServerStay, plain: Mapping[str, Any], names: Iterable[str]
) -> None:
    for name in names:
        value = plain[name]
        enum = _ENUMS.get(name)
        setattr(record, name, value if enum is None or value is None else enum(value))
    for name, default in LATER[type(record)].items():
        setattr(record, name, plain.get(name, default))


# --- parts --------------------------------------------------------------------------------------


def _visit(visit: Visit, pseudonyms: Pseudonymous) -> dict[str, Any]:
    plain = dict(zip(VISIT, _visit_values(visit), strict=True))
    plain["agent"] = pseudonyms.agent(visit.agent)
    plain["interface"] = pseudonyms.agent(visit.interface)
    _add_later(plain, visit)
    return plain


def _stay(stay: VoiceServerStay) -> dict[str, Any]:
    plain = dict(zip(STAY, _stay_values(stay), strict=True))
    plain["inputs"] = len(stay.inputs)
    _add_later(plain, stay)
    return plain


def _add_later(plain: dict[str, Any], record: Call | Visit | VoiceServerStay) -> None:
    for name, default in LATER[type(record)].items():
        value = getattr(record, name)
        if value != default:
            plain[name] = value


def _detail(detail: Mapping[str, str | int | None], pseudonyms: Pseudonymous) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in detail.items():
        if name == "agent":
            told[name] = pseudonyms.agent(str(value or ""))
        elif name != DIGITS and (name in TOLD_TEXTS or not isinstance(value, str)):
            told[name] = value
    return told


def unaccounted() -> list[str]:
    """Fields of records of which nobody said whether documents tell them; a test wants none."""
    told = {Call: (*CALL, "id"), Visit: VISIT, VoiceServerStay: STAY}
    return [
        f"{kind.__name__}.{field.name}"
        for kind, names in told.items()
        for field in fields(kind)
        if field.name not in names
        and field.name not in OTHERWISE[kind]
        and field.name not in LATER[kind]
    ]
