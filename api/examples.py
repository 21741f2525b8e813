"""Examples for the OpenAPI document: made by the shipped code from one made-up call."""

from typing import Any, Final

from api import overflow_examples, views
from monitor.core.events import LinkState
from monitor.core.indicators import CommitmentTally, QueueTally
from monitor.core.live import LiveView, PbxState, QueueState
from monitor.core.member_days import MemberDay
from monitor.core.policy import QueuePolicy
from monitor.core.records import (
    BlindInterval,
    Call,
    Exit,
    Fact,
    FactKind,
    HandledBy,
    Reason,
    Verdict,
    Visit,
    VoiceServerStay,
)

_AT: Final = 1_795_254_067_382


def _call() -> Call:
    """A caller who chose 1 in the voice server and was answered after 19 seconds."""
    visit = Visit(
        "support",
        _AT + 6_140,
        60_000,
        position=1,
        left_at=_AT + 19_012,
        exit=Exit.ANSWERED,
        agent="Alice Martin",
        answered_at=_AT + 19_020,
        ended_at=_AT + 184_600,
        offers=1,
    )
    facts = [
        Fact(_AT, FactKind.ARRIVED, {"context": "incoming", "exten": "0199000200"}),
        Fact(_AT + 6_140, FactKind.QUEUE_JOINED, {"queue": "support", "position": 1}),
        Fact(_AT + 19_020, FactKind.AGENT_CONNECTED, {"queue": "support", "agent": "Alice Martin"}),
        Fact(_AT + 184_600, FactKind.ENDED, {"cause": 16}),
    ]
    return Call(
        pbx="lab",
        uniqueid=f"{_AT // 1000}.42",
        arrived_at=_AT,
        linkedid=f"{_AT // 1000}.42",
        caller="0199001234",
        caller_name="Zoé Petit",
        clock_started_at=_AT,
        handled_at=_AT + 19_020,
        handled_by=HandledBy.AGENT,
        agent="Alice Martin",
        ended_at=_AT + 184_600,
        verdict=Verdict.MET,
        verdict_at=_AT + 19_020,
        reason=Reason.HANDLED_BY_AGENT,
        closed=True,
        visits=[visit],
        stays=[VoiceServerStay("welcome", _AT + 310, _AT + 6_100, "1")],
        facts=facts,
    )


def _tallies() -> tuple[CommitmentTally, QueueTally]:
    call, calls, visits = _call(), CommitmentTally(), QueueTally()
    calls.count_call(call)
    visits.count(call.visits[0])
    visits.count_talk(call.visits[0])
    return calls, visits


def call_page() -> views.Json:
    """A page of calls."""
    return {"items": [views.call(_call())], "next_cursor": None, "searched_to": None}


def call_detail() -> views.Json:
    """A call with its facts."""
    return views.call_detail(_call())


def indicators() -> views.Json:
    """A quarter of an hour with one call."""
    calls, visits = _tallies()
    start = _AT // 900_000 * 900_000
    figures = views.figures(calls, visits)
    return {
        "from": views.iso(start),
        "to": views.iso(start + 900_000),
        "total": figures,
        "by_queue": {"support": views.queue_figures(visits)},
        "buckets": [{"starts_at": views.iso(start)} | figures],
        "blind_intervals": [
            views.blind_interval(
                BlindInterval("lab", start, start + 41_000, "The monitor was stopped.")
            )
        ],
    }


ALERT: Final[views.Json] = {
    "id": f"queue_unstaffed:lab:support:{_AT}",
    "kind": "queue_unstaffed",
    "pbx": "lab",
    "queue": "support",
    "call_id": "",
    "raised_at": views.iso(_AT),
    "ended_at": None,
    "acknowledged_by": "zoe",
    "acknowledged_at": views.iso(_AT + 12_000),
    "params": {"why": "all_paused", "waiting": 2, "members": 3, "paused": 3},
}


def snapshot() -> views.Json:
    """A centre in which all is calm."""
    calls, visits = _tallies()
    queue = QueueState("lab", "support", today=visits)
    view = LiveView(
        calls={},
        queues={("lab", "support"): queue},
        members={},
        pbxs={"lab": PbxState("lab", LinkState.CONNECTED, _AT)},
        today=calls,
    )
    body = views.live_body(
        view,
        lambda *_: QueuePolicy("support", "Support", target=0.8),
        views.live_system(""),
        lambda _: MemberDay(),
    )
    body |= {"overflow": overflow_examples.LIVE, "decisions": [], "commands": []}
    minute = {
        "pbx": "lab", "queue": "support", "minute": views.iso(_AT - _AT % 60_000), "offered": 2,
        "answered": 1, "answered_within": 1, "abandoned": 0, "abandoned_within": 0, "breached": 0,
        "waiting_max": 2,
    }  # fmt: skip
    body |= {"alerts": [ALERT], "trend": [minute]}
    body |= {"scope": views.live_scope(None, None, sees_numbers=True)}
    return {"type": "snapshot", "seq": 17, "server_time": views.iso(_AT + 200_000)} | body


def answer(example: views.Json, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The good answer of a route, for its ``responses``."""
    return {status: {"content": {"application/json": {"example": example}}}}
