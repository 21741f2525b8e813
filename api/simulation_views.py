"""Simulations as JSON-ready dictionaries, in the shapes of :mod:`api.simulation_schemas`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from api.overflow_policies import body_of, destination_body
from api.simulating import Simulation
from api.views import Json, iso, seconds_or_none
from monitor.core.backtest.result import Affected, BacktestResult, Moved, NotConsidered
from monitor.core.overflow.decisions import Because, Reason
from monitor.core.overflow.words import in_words
from monitor.core.records import Verdict

NOT_CONSIDERED: Final[Mapping[NotConsidered, str]] = MappingProxyType(
    {
        NotConsidered.LOGINS: "who was logged in is not recorded: agents count as logged in for "
        "half an hour before and after each caller they took",
        NotConsidered.PAUSES: "who was paused is not recorded: conditions on agents_paused see 0",
        NotConsidered.INPUTS_IN_TIME: "when callers pressed which key is not looked at: what they "
        "entered in a voice server counts from its begin",
        NotConsidered.BEYOND_A_QUEUE: "the destination leads into no queue: what happens to "
        "callers there is unknown",
        NotConsidered.RING_CYCLE: "a withdrawal takes effect at once; a real one waits for the "
        "phones that ring (the monitor issues it early for that)",
    }
)
"""What a simulation does not know, in words."""

HELD_BACK: Final[Mapping[Because, str]] = MappingProxyType(
    {
        Because.TARGET_NOT_BETTER: "the wait expected in the target was no shorter",
        Because.TARGET_EMPTY: "nobody was logged in to the target",
        Because.LOOP: "they had been in the target before",
        Because.RATE_CAP: "the rate cap was reached",
    }
)
"""Why callers were not moved, in words."""


def simulation(found: Simulation, limit: int) -> Json:
    """A simulation as ``SimulationOut``, with ``limit`` calls of each list at most."""
    result, job = found.result, found.job
    return {
        "rule": body_of(job.rule),
        "from": iso(job.since),
        "to": iso(job.until),
        "pbx": job.pbx,
        "calls": result.calls,
        "verdicts": {
            "recorded": _verdicts(result.recorded),
            "estimated": _verdicts(result.estimated),
        },
        "moved": len(result.moved),
        "affected": len(result.affected),
        "breaches_avoided": result.avoided,
        "breaches_caused": result.caused,
        "unknown": result.unknown,
        "held_back": [
            {"because": because.value, "words": held_back_in_words(because), "callers": callers}
            for because, callers in sorted(result.held_back.items())
        ],
        "not_considered": [
            {"code": code.value, "words": NOT_CONSIDERED[code]} for code in result.not_considered
        ],
        "partly_observed": result.partly_observed,
        "unclear_visits": result.unclear,
        "took_s": round(found.took, 3),
        "moved_calls": [_moved(one) for one in in_order(result)[0][:limit]],
        "affected_calls": [_affected(one) for one in in_order(result)[1][:limit]],
    }


def in_order(result: BacktestResult) -> tuple[list[Moved], list[Affected]]:
    """Those moved and those otherwise affected, by their arrival."""
    moved = sorted(result.moved, key=lambda one: (one.call.arrived_at, one.call.id))
    return moved, sorted(result.affected, key=lambda one: (one.call.arrived_at, one.call.id))


def held_back_in_words(because: Because) -> str:
    """Why callers were not moved."""
    return HELD_BACK.get(because) or in_words(Reason(because))


def why(moved: Moved) -> str:
    """Why a caller was moved, in words."""
    return "; ".join(in_words(reason) for reason in moved.reasons)


def _verdicts(counted: Mapping[Verdict, int]) -> Json:
    return {
        verdict.value: counted.get(verdict, 0)
        for verdict in Verdict
        if verdict is not Verdict.PENDING
    }


def _call(one: Moved | Affected) -> Json:
    return {
        "call_id": one.call.id,
        "pbx": one.call.pbx,
        "queue": one.queue,
        "arrived_at": iso(one.call.arrived_at),
        "waited_s": seconds_or_none(one.call.wait),
        "before": one.before.value,
        "after": one.after.value,
    }


def _moved(moved: Moved) -> Json:
    return {
        **_call(moved),
        "voice_server": moved.voice_server,
        "to": destination_body(moved.to),
        "moved_at": iso(moved.at),
        "wait_there_s": seconds_or_none(moved.wait_there),
        "why": why(moved),
        "reasons": [
            {"code": reason.because.value, "detail": reason.detail} for reason in moved.reasons
        ],
    }


def _affected(affected: Affected) -> Json:
    return _call(affected)
