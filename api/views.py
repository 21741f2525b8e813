"""Records as JSON-ready dictionaries, in the shapes of :mod:`api.schemas`.

Written by hand since the live stream builds thousands of them a second; a test checks every one
against its schema.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, TypeAlias

from monitor.core.clock import SECOND, Ms
from monitor.core.diagnosis import Finding, diagnose
from monitor.core.indicators import CommitmentTally, QueueTally, Ratio, service_levels
from monitor.core.live import LiveView, PbxState, QueueState
from monitor.core.member_days import MemberDay
from monitor.core.policy import QueuePolicy
from monitor.core.records import BlindInterval, Call, Fact, Member, Visit, VoiceServerStay

Json: TypeAlias = dict[str, Any]
Policies: TypeAlias = Callable[[str, str], QueuePolicy]
"""(PBX, queue) → what is in force for the queue: ``Engine.queue_policy``."""

COMMITMENT_FORMULA = "met / (met + breached)"
LATEST: Final[Ms] = 253_402_300_799_999
"""The end of the year 9999, the last that four digits can tell."""


def iso(at: Ms) -> str:
    """A moment (ms since the epoch) as ISO 8601 UTC with milliseconds.

    A PBX whose clock is absurd must not break the page: before 1970 is 1970, after 9999 is 9999.
    """
    second, milliseconds = divmod(min(max(at, 0), LATEST), SECOND)
    return f"{_second(second)}.{milliseconds:03d}Z"


@lru_cache(maxsize=8192)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def iso_or_none(at: Ms | None) -> str | None:
    """A moment that may be unknown."""
    return None if at is None else iso(at)


def seconds(span: Ms) -> float:
    """A span (ms) in seconds, exact to the millisecond."""
    return span / SECOND


def seconds_or_none(span: Ms | None) -> float | None:
    """A span that may be unknown."""
    return None if span is None else span / SECOND


# --- calls --------------------------------------------------------------------------------------


def call(record: Call) -> Json:
    """A call as ``CallOut``."""
    handled_by = record.handled_by
    return {
        "id": record.id,
        "pbx": record.pbx,
        "uniqueid": record.uniqueid,
        "linkedid": record.linkedid,
        "caller": record.caller,
        "caller_name": record.caller_name,
        "arrived_at": iso(record.arrived_at),
        "ended_at": iso_or_none(record.ended_at),
        "handled_at": iso_or_none(record.handled_at),
        "handled_by": None if handled_by is None else handled_by.value,
        "agent": record.agent,
        "wait_s": seconds_or_none(record.wait),
        "within_s": seconds(record.within),
        "clock_started_at": iso_or_none(record.clock_started_at),
        "deadline_at": iso_or_none(record.deadline_at),
        "at_risk_at": iso_or_none(record.at_risk_at),
        "verdict": record.verdict.value,
        "verdict_at": iso_or_none(record.verdict_at),
        "reason": record.reason.value,
        "short_abandon": record.short_abandon,
        "observed": record.observed.value,
        "policy_version": record.policy_version,
        "visits": [visit(item) for item in record.visits],
        "voice_server_stays": [stay(item) for item in record.stays],
    }


def call_detail(
    record: Call,
    blind: Sequence[BlindInterval] = (),
    neighbours: tuple[str | None, str | None] = (None, None),
) -> Json:
    """A call as ``CallDetailOut``; its timeline is in order of time, not of becoming known.

    ``blind``: the blind intervals in it; ``neighbours``: the same caller's calls before and after.
    """
    in_order = sorted(record.facts, key=attrgetter("at"))
    return call(record) | {
        "timeline": [fact(item) for item in in_order],
        "diagnosis": [finding(found) for found in diagnose(record, blind)],
        "blind_intervals": [blind_interval(gap) for gap in blind],
        "previous_call": neighbours[0],
        "next_call": neighbours[1],
        "satisfaction": survey(record),
    }


def survey(record: Call) -> Json | None:
    """What a caller answered after the call as ``SurveyOut``; None where nobody asked."""
    if record.satisfaction is None:
        return None
    return {"score": record.satisfaction, "best": record.satisfaction_best}


def finding(found: Finding) -> Json:
    """What explains a verdict as ``FindingOut``."""
    return {"code": found.code.value, "params": dict(found.params)}


def visit(record: Visit) -> Json:
    """A visit as ``VisitOut``."""
    return {
        "queue": record.queue,
        "joined_at": iso(record.joined_at),
        "left_at": iso_or_none(record.left_at),
        "exit": None if record.exit is None else record.exit.value,
        "agent": record.agent,
        "wait_s": seconds_or_none(record.wait),
        "talk_s": seconds_or_none(record.talk),
        "within_s": seconds(record.within),
        "position": record.position,
        "offers": record.offers,
        "missed": record.missed,
        "answered_at": iso_or_none(record.answered_at),
    }


def stay(record: VoiceServerStay) -> Json:
    """A voice server stay as ``VoiceServerStayOut``."""
    return {
        "name": record.name,
        "entered_at": iso(record.entered_at),
        "left_at": iso_or_none(record.left_at),
        "inputs": record.inputs,
    }


def fact(record: Fact) -> Json:
    """A fact as ``FactOut``."""
    return {"at": iso(record.at), "kind": record.kind.value, "detail": record.detail}


# --- figures ------------------------------------------------------------------------------------


def ratio(name: str, formula: str, value: Ratio) -> Json:
    """A ratio as ``RatioOut``."""
    return {
        "name": name,
        "formula": formula,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "ratio": value.value,
    }


def queue_figures(tally: QueueTally) -> Json:
    """Counts over visits as ``QueueFigures``."""
    return {
        "offered": tally.offered,
        "answered": tally.answered,
        "answered_within": tally.answered_within,
        "abandoned": tally.abandoned,
        "abandoned_within": tally.abandoned_within,
        "abandoned_short": tally.abandoned_short,
        "left_otherwise": tally.left_otherwise,
        "unknown": tally.unknown,
        "asa_s": seconds_or_none(tally.average_speed_of_answer),
        "longest_wait_s": seconds(tally.longest_wait),
        "average_talk_s": seconds_or_none(tally.average_talk),
        "service_levels": [
            ratio(level.value, level.formula, value)
            for level, value in service_levels(tally).items()
        ],
    }


def commitment_figures(tally: CommitmentTally) -> Json:
    """Calls by verdict as ``CommitmentFigures``."""
    return {
        "calls": tally.calls,
        "pending": tally.pending,
        "met": tally.met,
        "breached": tally.breached,
        "abandoned": tally.abandoned,
        "refused": tally.refused,
        "excluded": tally.excluded,
        "unknown": tally.unknown,
        "short_abandons": tally.short_abandons,
        "rate": ratio("commitment", COMMITMENT_FORMULA, tally.rate),
    }


def figures(commitment: CommitmentTally, queues: QueueTally) -> Json:
    """Both sides of a period as ``Figures``."""
    return {"commitment": commitment_figures(commitment), "queues": queue_figures(queues)}


def blind_interval(record: BlindInterval) -> Json:
    """A span without sight of a PBX as ``BlindIntervalOut``."""
    return {
        "pbx": record.pbx,
        "started_at": iso(record.started_at),
        "ended_at": iso_or_none(record.ended_at),
        "cause": record.cause,
    }


# --- live ---------------------------------------------------------------------------------------


def live_queue(state: QueueState, policies: Policies) -> Json:
    """A queue as ``LiveQueue``."""
    policy = policies(state.pbx, state.queue)
    return {
        "pbx": state.pbx,
        "name": state.queue,
        "label": policy.label or state.queue,
        "within_s": seconds(policy.within),
        "at_risk_after_s": seconds(policy.at_risk_after),
        "target": policy.target,
        "service_level": policy.service_level.value,
        "waiting": len(state.waiting),
        "longest_wait_since": iso_or_none(state.longest_wait_since),
        "today": queue_figures(state.today),
    }


def live_member(member: Member, day: MemberDay) -> Json:
    """A member as ``LiveMember``, with what it did today."""
    return {
        "pbx": member.pbx,
        "queue": member.queue,
        "interface": member.interface,
        "name": member.name,
        "state": member.state.value,
        "since": iso(member.since),
        "pause_reason": member.pause_reason,
        "penalty": member.penalty,
        "calls_taken": member.calls_taken,
        "missed": member.missed,
        "missed_today": day.missed,
        "answered_today": day.answered,
        "ringing_for": member.ringing_for,
        "call_id": member.call_id,
    }


def live_pbx(state: PbxState) -> Json:
    """The link with a PBX as ``LivePbx``."""
    return {
        "name": state.name,
        "state": state.link.value,
        "since": iso(state.since),
        "detail": state.detail,
        "blind_since": iso_or_none(state.blind_since),
        "clock_offset_s": seconds(state.clock_offset),
        "warnings": dict(state.warnings),
    }


def live_system(history_problem: str) -> Json:
    """The monitor's own state as ``LiveSystem``; an empty problem means that all is well."""
    return {
        "history": "failing" if history_problem else "ok",
        "history_detail": history_problem,
    }


def live_scope(
    queues: Iterable[tuple[str, str]] | None, today_at: Ms | None, *, sees_numbers: bool
) -> Json:
    """What a snapshot is made of as ``LiveScope``."""
    seen = None if queues is None else [{"pbx": p, "queue": q} for p, q in sorted(queues)]
    return {
        "queues": seen,
        "sees_numbers": sees_numbers,
        "today_from": "engine" if queues is None else "record",
        "today_as_of": iso_or_none(today_at),
    }


def live_body(
    view: LiveView,
    policies: Policies,
    system: Mapping[str, Any],
    day_of: Callable[[Member], MemberDay],
) -> Json:
    """What a ``Snapshot`` holds besides its type, number and time."""
    return {
        "pbxs": [live_pbx(state) for state in view.pbxs.values()],
        "queues": [live_queue(state, policies) for state in view.queues.values()],
        "calls": [call(record) for record in view.calls.values()],
        "members": [live_member(member, day_of(member)) for member in view.members.values()],
        "today": commitment_figures(view.today),
        "system": system,
    }
