"""The scenes that are photographed: an ordinary hour, a bad one, an empty and a large centre."""

from datetime import timedelta

from tests.browser.decisions import decide, switch_off
from tests.browser.scenes import LABELS, NAMES, PAUSES, PBX, Centre, Json, commitment, now


def ordinary() -> Centre:
    """A calm hour: few wait, one is at risk."""
    centre = Centre(seed=11)
    centre.queue("support", "Support", [51, 33, 12, 4], by_voice_server=1)
    centre.queue("sales", "Sales", [22, 9])
    centre.queue("billing", "Billing", [17])
    for name in ("retention", "claims", "vip"):
        centre.queue(name, name.capitalize() if name != "vip" else "VIP", [])
    _people(centre, 14)
    for since, inputs in ((8, ""), (19, "2")):
        centre.in_voice_server(since, inputs)
    centre.call(3.2)
    _endings(centre)
    return centre


def storm(minutes_ago: float = 0) -> Centre:
    """A bad quarter of an hour: breaches, many at risk, nobody free."""
    centre = Centre(seed=23, at=now() - timedelta(minutes=minutes_ago))
    centre.today = commitment(
        met=1204, breached=163, abandoned=97, refused=9, excluded=12, unknown=3
    )
    centre.link["warnings"] = {
        "timestampevents": "timestampevents is off in manager.conf: set it to yes and reload."
    }
    centre.queue("support", "Support", [98, 83, 71, 64, 55, 49, 38, 31, 22, 10], by_voice_server=2)
    centre.queue("sales", "Sales", [66, 47, 21, 8])
    centre.queue("billing", "Billing", [52, 46, 30])
    centre.queue("claims", "Claims", [9, 4])  # no trouble for half a minute
    centre.queue("retention", "Retention", [58])
    centre.queue("vip", "VIP", [])
    centre.queue("fibre", "Technical – fibre", [48, 44, 41, 7])
    centre.queue("mobile", "Technical – mobile", [])
    _people(centre, 18, free=0)
    for since, inputs in ((8, ""), (19, "2"), (33, "21"), (4, "")):
        centre.in_voice_server(since, inputs)
    for arrived in (2.0, 6.5, 63.0):
        centre.call(arrived)
    _endings(centre)
    decide(centre)
    _alerts(centre)
    return centre


def large(queues: int = 40, callers: int = 300) -> Centre:
    """The size that the page must bear: 300 callers in 40 queues."""
    centre = Centre(seed=5)
    waits: list[list[float]] = [[] for _ in range(queues)]
    for _ in range(callers):
        place = min(int(centre.random.expovariate(0.09)), queues - 1)
        waits[place].append(
            centre.random.uniform(1, 58) if place % 5 else centre.random.uniform(1, 95)
        )
    for index, of_queue in enumerate(waits):
        label = LABELS[index % len(LABELS)]
        centre.queue(f"q{index:02}", f"{label} {index // len(LABELS) + 1}", of_queue)
    _people(centre, 60)
    _endings(centre)
    return centre


def empty() -> Centre:
    """Just installed: a PBX is connected, and no queue is known."""
    centre = Centre()
    centre.today = commitment()
    return centre


def link_lost() -> Centre:
    """The PBX is gone, the monitor is there."""
    centre = storm(minutes_ago=2)
    switch_off(centre)
    centre.link |= {
        "state": "lost",
        "since": centre.ago(-1),
        "blind_since": centre.ago(-1),
        "detail": "No answer from 10.0.0.5:5038 (connection refused). "
        "Check that Asterisk runs and that manager.conf has enabled = yes.",
    }
    return centre


def call_detail(centre: Centre) -> Json:
    """A breached call with its journey."""
    call = centre.make_call(131)
    visit = {
        "queue": "support", "joined_at": centre.ago(120), "left_at": centre.ago(57),
        "exit": "answered", "agent": "Chloé Martin", "wait_s": 63.2, "talk_s": 55.101,
        "within_s": 60, "position": 4, "offers": 2, "missed": 1, "answered_at": centre.ago(56.8),
    }  # fmt: skip
    facts: list[tuple[float, str, Json]] = [
        (131, "arrived", {"context": "incoming"}),
        (131, "clock_started", {}),
        (129.8, "voice_server_entered", {"name": "welcome"}),
        (124.3, "voice_server_input", {"digit": "2"}),
        (121.1, "voice_server_left", {"name": "welcome"}),
        (120, "queue_joined", {"queue": "support", "position": 4}),
        (101.2, "agent_offered", {"queue": "support", "agent": "Bruno Keller"}),
        (86.2, "agent_missed", {"queue": "support", "agent": "Bruno Keller"}),
        (86, "at_risk", {}),
        (
            86,
            "staffing",
            {
                "queue": "support",
                "moment": "at_risk",
                "members": 3,
                "talking": 2,
                "ringing": 1,
                "waiting": 5,
                "ahead": 2,
            },
        ),
        (
            84,
            "overflow_decided",
            {
                "decision": "19a-1",
                "verb": "move",
                "rule": "support-to-sales",
                "queue": "support",
                "to": "overflow,s,1",
                "held_back": 1,
                "dry_run": 0,
                "why": "Not moved to sales by rule support-to-sales: 4 of 4 moves used in 60 s (the"
                " rate cap).",
            },
        ),
        (71, "verdict", {"verdict": "breached", "reason": "waiting_past_deadline"}),
        (64, "agent_offered", {"queue": "support", "agent": "Chloé Martin"}),
        (57.4, "agent_picked_up", {"agent": "Chloé Martin"}),
        (57, "queue_left", {"queue": "support"}),
        (56.8, "agent_connected", {"queue": "support", "agent": "Chloé Martin"}),
        (56.8, "queue_exit", {"queue": "support", "exit": "answered"}),
        (1.7, "agent_completed", {"agent": "Chloé Martin"}),
        (1.6, "ended", {}),
    ]
    return call | {
        "handled_at": centre.ago(56.8), "handled_by": "agent", "agent": "Chloé Martin",
        "ended_at": centre.ago(1.6), "wait_s": 74.2, "reason": "handled_late",
        "caller": "0612••••34", "caller_name": "Mme Lefèvre", "visits": [visit],
        "voice_server_stays": [
            {"name": "welcome", "entered_at": centre.ago(129.8), "left_at": centre.ago(121.1),
             "inputs": "2"},
        ],
        "timeline": [
            {"at": centre.ago(ago), "kind": kind, "detail": detail} for ago, kind, detail in facts
        ],
        "diagnosis": [
            {
                "code": "all_busy",
                "params": {
                    "queue": "support", "moment": "at_risk", "members": 3, "talking": 2,
                    "ringing": 1,
                },
            },
            {
                "code": "ring_no_answer",
                "params": {
                    "queue": "support", "missed": 1, "agents": "Bruno Keller", "lost_ms": 15_000,
                },
            },
        ],
        "blind_intervals": [], "previous_call": None, "next_call": None,
    }  # fmt: skip


def _alerts(centre: Centre) -> None:
    late = [call for call in centre.calls if call["verdict"] == "breached"]
    for call in late[:4]:
        centre.alert(
            "caller_breached", 10, call_id=call["id"], queue="support",
            raised_at=call["deadline_at"], params={"caller": call["caller"], "within_ms": 60_000},
        )  # fmt: skip
    centre.alert(
        "queue_unstaffed", 41, queue="claims",
        params={"why": "all_paused", "waiting": 2, "members": 3, "paused": 3},
    )  # fmt: skip
    centre.alert(
        "caller_breached", 300, queue="sales", ended_at=centre.ago(240), acknowledged_by="zoe",
        acknowledged_at=centre.ago(280),
        params={"caller": "0498••••12", "within_ms": 60_000, "outcome": "handled"},
    )  # fmt: skip


def _people(centre: Centre, count: int, free: int = 3) -> None:
    names = [queue["name"] for queue in centre.queues]
    for index in range(count):
        name = NAMES[index % len(NAMES)] + ("" if index < len(NAMES) else f" {index // len(NAMES)}")
        own = [names[index % len(names)], names[(index + 1) % len(names)]]
        since = centre.random.uniform(5, 600)
        part = index % 8
        if index < free:
            centre.agent(name, "available", since, own)
        elif part == 3:
            centre.agent(name, "paused", since * 3, own, reason=PAUSES[index % len(PAUSES)])
        elif part == 5:
            centre.agent(name, "wrap_up", since / 20, own)
        elif part == 6:
            centre.agent(name, "ringing", since / 60, own, missed="2")
        elif part == 7 and index % 2:
            centre.agent(name, "unavailable", since * 9, own)
        else:
            call = centre.talking(own[0], name, since)
            centre.agent(name, "talking", since, own, call_id=call)


def _endings(centre: Centre) -> None:
    names = [queue["name"] for queue in centre.queues]
    rows = [
        ("met", "handled_by_agent", 14.2), ("met", "handled_by_agent", 41.9),
        ("breached", "handled_late", 74.0), ("abandoned", "caller_hung_up", 23.4),
        ("met", "handled_by_voice_server", 2.1), ("refused", "turned_away", 3.0),
        ("met", "handled_by_agent", 8.8), ("breached", "abandoned_late", 90.3),
        ("excluded", "test_number", 12.0), ("unknown", "end_not_observed", 31.5),
    ]  # fmt: skip
    for index, (verdict, reason, wait) in enumerate(rows):
        centre.end(verdict, reason, wait, 4 + index * 11, names[index % len(names)])


__all__ = ["PBX", "call_detail", "empty", "large", "link_lost", "ordinary", "storm"]
