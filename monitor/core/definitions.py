"""Every indicator of a period: what it counts, out of what, and which calls it is made of.

One list for the interface, the page, the documentation and the tests. The figures of a part
(:class:`monitor.core.period.Part`) give each its value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from monitor.core.indicators import Ratio, ServiceLevel, mean, service_levels
from monitor.core.period import Part
from monitor.core.records import Exit, HandledBy, Observed, Reason, Verdict
from monitor.core.tallies import REPEAT, VoiceTally

Value = int | Ratio | None
"""A count, a span (ms or s, as the unit says), or a ratio; None: there is none."""
NF: Final = "NF Service « Centre de relation client » (NF 345)"
ICMI: Final = "ICMI; Call Centre Helper"
FIELD: Final = "in common use"
OURS: Final = "Minuteur"


class Unit(StrEnum):
    """What an indicator is measured in."""

    COUNT = "count"
    RATIO = "ratio"
    MS = "ms"
    SECONDS = "s"
    """Whole seconds, rounded up."""


class Of(StrEnum):
    """Of what an indicator is, and so into which moment and queue it falls."""

    CALLS = "calls"
    """By arrival, and by the queue that judges the call."""
    VISITS = "visits"
    """By joining, and by the queue itself."""
    VOICE = "voice"
    """Stays in voice servers, by their call's arrival; of no queue."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator.

    ``numerator`` and ``denominator`` say what is counted; an indicator without a denominator is a
    count, a mean or a percentile of what ``numerator`` says. ``calls`` are the filters of ``GET
    /calls`` that list its calls (of visits: the calls with such a visit); None: no filter does.
    """

    code: str
    of: Of
    unit: Unit
    numerator: str
    value: Callable[[Part], Value]
    denominator: str = ""
    calls: Mapping[str, str] | None = None
    source: str = FIELD
    unknown: Callable[[Part], int] | None = field(default=None, compare=False)
    """Of a ratio: how many have an unknown outcome, so that it is a range."""


def _count(
    code: str, counts: str, calls: Mapping[str, str] | None, source: str = OURS
) -> Indicator:
    """A count that ``CallTally`` has under the same name."""
    return Indicator(
        code, Of.CALLS, Unit.COUNT, counts, lambda p: int(getattr(p.calls, code)), "",
        calls, source,
    )  # fmt: skip


def _verdict(verdict: Verdict, counts: str) -> Indicator:
    return _count(verdict.value, counts, {"verdict": verdict.value}, NF)


def _reason(code: str, reason: Reason, counts: str) -> Indicator:
    return Indicator(
        code, Of.CALLS, Unit.COUNT, counts, lambda p: p.calls.reasons[reason], "",
        {"reason": reason.value}, OURS,
    )  # fmt: skip


def _visits(
    code: str, counts: str, value: Callable[[Part], int], exit_: Exit | None = None
) -> Indicator:
    calls = None if exit_ is None else {"exit": exit_.value}
    return Indicator(code, Of.VISITS, Unit.COUNT, counts, value, "", calls)


def _level(level: ServiceLevel) -> Indicator:
    numerator, _, denominator = level.formula.partition(" / ")
    return Indicator(
        level.value, Of.VISITS, Unit.RATIO, numerator.strip("()"),
        lambda p: service_levels(p.visits)[level], denominator.strip("()"),
        None, ICMI, lambda p: p.visits.unknown,
    )  # fmt: skip


def _wait_percentile(percent: int) -> Indicator:
    return Indicator(
        f"wait_p{percent}", Of.CALLS, Unit.SECONDS,
        f"the smallest s for which {percent} % of the waits until handled are at most s seconds",
        lambda p: p.commitment_waits.percentile(percent),
    )  # fmt: skip


def _answer_percentile(percent: int) -> Indicator:
    return Indicator(
        f"answer_p{percent}", Of.VISITS, Unit.SECONDS,
        f"the smallest s for which {percent} % of the answered waits are at most s seconds",
        lambda p: p.answered_waits.percentile(percent),
    )  # fmt: skip


def voice_sum(part: Part) -> VoiceTally:
    """All voice servers of a part together."""
    total = VoiceTally()
    for tally in part.voice.values():
        total.add(tally)
    return total


def _voice(code: str, counts: str, name: str) -> Indicator:
    return Indicator(
        code,
        Of.VOICE,
        Unit.COUNT,
        counts,
        lambda p: int(getattr(voice_sum(p), name)),
        "",
        None,
        OURS,
    )


INDICATORS: Final[tuple[Indicator, ...]] = (
    Indicator(
        "commitment_rate", Of.CALLS, Unit.RATIO, "met", lambda p: p.calls.rate, "met + breached",
        None, NF, lambda p: p.calls.unknown,
    ),
    _count("calls", "all calls", {}),
    _verdict(Verdict.MET, "handled in less than the threshold"),
    _verdict(Verdict.BREACHED, "not handled before the deadline, whatever came after"),
    _reason("breached_handled", Reason.HANDLED_LATE, "handled, at the deadline or later"),
    _reason("breached_abandoned", Reason.ABANDONED_LATE,
            "left by the caller at the deadline or later, unhandled"),
    _reason("breached_refused", Reason.REFUSED_LATE,
            "turned away by the PBX at the deadline or later, unhandled"),
    _reason("breached_otherwise", Reason.WAITING_PAST_DEADLINE,
            "past the deadline unhandled; waiting still, or the end was not observed"),
    _verdict(Verdict.ABANDONED, "left by the caller before the deadline, unhandled"),
    _count("short_abandons", "of these, below the short-abandon limit", {"short": "true"}),
    _verdict(Verdict.REFUSED, "turned away by the PBX before the deadline, unhandled"),
    _verdict(Verdict.EXCLUDED, "do not count, for a stated reason"),
    _reason("outside_opening_hours", Reason.OUTSIDE_OPENING_HOURS,
            "excluded: arrived while closed"),
    _reason("test_number", Reason.TEST_NUMBER, "excluded: from a test number"),
    _reason("internal_call", Reason.INTERNAL_CALL, "excluded: from a number of the house"),
    _reason("left_before_the_clock", Reason.LEFT_BEFORE_THE_CLOCK,
            "excluded: over before the clock started"),
    _verdict(Verdict.UNKNOWN, "the outcome was not observed"),
    _count("refused_or_cut", "unhandled, and ended by the PBX and not the caller: in time or late",
           None),
    _count("handled_by_agent", "taken care of by an agent, in time or late",
           {"handled_by": HandledBy.AGENT.value}),
    _count("handled_by_voice_server", "taken care of by a voice server, in time or late",
           {"handled_by": HandledBy.VOICE_SERVER.value}),
    _count("partly_observed", "a part of the call was not observed",
           {"observed": Observed.PARTIAL.value}),
    _count("corrected", "a verdict was corrected, at least once", None),
    Indicator("average_wait", Of.CALLS, Unit.MS,
              "mean wait until handled, of calls met or handled late",
              lambda p: p.calls.average_wait),
    _wait_percentile(50),
    _wait_percentile(80),
    _wait_percentile(95),
    Indicator("longest_wait", Of.CALLS, Unit.MS,
              "longest wait of a call met, breached or abandoned: to handled, else to its end",
              lambda p: p.calls.longest_wait),
    Indicator("repeats", Of.CALLS, Unit.RATIO,
              f"calls whose caller had arrived before, at most {REPEAT} × 24 hours earlier",
              lambda p: p.calls.repeats(), "calls of callers with a number, not excluded"),
    Indicator("transferred_calls", Of.CALLS, Unit.RATIO, "calls passed on, at least once",
              lambda p: Ratio(p.calls.transferred, p.calls.calls - p.calls.transfers_unknown),
              "calls of which transfers are known"),
    *(_level(level) for level in ServiceLevel),
    _visits("offered", "visits that have ended", lambda p: p.visits.offered),
    _visits("answered", "an agent was connected, at a moment that was observed",
            lambda p: p.visits.answered, Exit.ANSWERED),
    _visits("abandoned_visits", "the caller hung up while waiting", lambda p: p.visits.abandoned,
            Exit.ABANDONED),
    _visits("left_otherwise", "timeout, key, withdrawal, redirect, nobody there, queue full…",
            lambda p: p.visits.left_otherwise),
    _visits("turned_away", "of these, the queue did not let the caller in",
            lambda p: p.visits.turned_away),
    _visits("unknown_visits", "how, or when, the visit ended was not observed",
            lambda p: p.visits.unknown),
    Indicator("asa", Of.VISITS, Unit.MS, "mean wait of answered visits",
              lambda p: p.visits.average_speed_of_answer),
    _answer_percentile(50),
    _answer_percentile(80),
    _answer_percentile(95),
    Indicator("longest_wait_in_queue", Of.VISITS, Unit.MS,
              "longest wait of a visit, however it ended", lambda p: p.visits.longest_wait),
    Indicator("average_talk", Of.VISITS, Unit.MS,
              "mean conversation, hold included: from connected to the end",
              lambda p: p.visits.average_talk),
    Indicator("average_hold", Of.VISITS, Unit.MS,
              "mean time on hold, of conversations of which it is known",
              lambda p: p.visits.average_hold),
    Indicator("held", Of.VISITS, Unit.RATIO, "conversations in which the agent held the caller",
              lambda p: Ratio(p.visits.held, p.visits.hold_known),
              "conversations of which the hold is known"),
    Indicator("ring_no_answer", Of.VISITS, Unit.RATIO, "offers that a member let ring",
              lambda p: p.visits.ring_no_answer, "offers to members"),
    _voice("voice_reached", "stays in a voice server", "reached"),
    _voice("voice_with_input", "of these, the caller entered something", "with_input"),
    _voice("voice_inputs", "digits entered", "inputs"),
    Indicator("voice_average_time", Of.VOICE, Unit.MS, "mean stay",
              lambda p: mean(voice_sum(p).time, voice_sum(p).timed), "", None, OURS),
    _voice("voice_ended_there", "stays in which the call ended", "ended_there"),
    _voice("voice_left_without", "of these, nobody had handled the call", "left_without"),
)  # fmt: skip
BY_CODE: Final = MappingProxyType({one.code: one for one in INDICATORS})
