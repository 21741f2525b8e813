"""Prepared states of a contact centre, in the API's own shapes, for looking at the page.

Seeded: the same scene twice is the same picture, but for the running clocks.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from api import live_schemas

Json = dict[str, Any]

PBX: Final = "lyon"
LABELS: Final = [
    "Support", "Sales", "Billing", "Retention", "Claims", "New contracts", "Moving house",
    "Technical – fibre", "Technical – mobile", "Complaints", "VIP", "Spanish line",
]  # fmt: skip
NAMES: Final = [
    "Amélie Roux", "Bruno Keller", "Chloé Martin", "Driss Benali", "Elena Rossi", "Farid Haddad",
    "Gaëlle Le Goff", "Hugo Bernard", "Inès Moreau", "Jules Petit", "Karim Saïd", "Lucie Faure",
    "Maud Girard", "Nadia Cohen", "Oscar Blanc", "Paula Dias", "Quentin Roy", "Rosa Lopez",
]  # fmt: skip
PAUSES: Final = ["Lunch", "Training", "Back office", ""]
FORMULAS: Final = [
    ("abandoned_within_count_for", "(ans≤T + ab≤T) / (ans + ab)"),
    ("answered_only", "ans≤T / ans"),
    ("abandoned_count_against", "ans≤T / (ans + ab)"),
    ("abandoned_within_left_out", "ans≤T / (ans + ab>T)"),
    ("short_abandoned_count_for", "(ans≤T + ab≤short) / (ans + ab)"),
]

CALM: Final[Json] = {
    "switch": {"on": True, "by": "", "at": None, "note": ""},
    "forced": [],
    "standing": [],
}


def moment(at: datetime) -> str:
    """As the API writes moments."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now() -> datetime:
    """The moment that a scene starts at."""
    return datetime.now(UTC)


@dataclass
class Centre:
    """Builds a snapshot piece by piece."""

    seed: int = 7
    at: datetime = field(default_factory=now)
    queues: list[Json] = field(default_factory=list)
    calls: list[Json] = field(default_factory=list)
    members: list[Json] = field(default_factory=list)
    ended: list[Json] = field(default_factory=list)
    link: Json = field(default_factory=dict)
    today: Json = field(default_factory=dict)
    overflow: Json = field(default_factory=lambda: dict(CALM))
    decisions: list[Json] = field(default_factory=list)
    commands: list[Json] = field(default_factory=list)
    alerts: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.number = 0
        self.link = {
            "name": PBX,
            "state": "connected",
            "since": moment(self.at - timedelta(hours=5)),
            "detail": "",
            "blind_since": None,
            "clock_offset_s": 0.012,
            "warnings": {},
        }
        self.today = commitment(met=1204, breached=41, abandoned=37, refused=4, excluded=12)

    def ago(self, seconds: float) -> str:
        """A moment so many seconds before the scene."""
        return moment(self.at - timedelta(seconds=seconds))

    def queue(self, name: str, label: str, waits: list[float], **settled: int) -> None:
        """A queue with callers who have waited so many seconds; ``settled`` ones met by IVR."""
        volume = self.random.randint(60, 400)
        self.queues.append(
            {
                "pbx": PBX,
                "name": name,
                "label": label,
                "within_s": 60,
                "at_risk_after_s": 45,
                "target": 0.8,
                "service_level": FORMULAS[0][0],
                "waiting": len(waits),
                "longest_wait_since": self.ago(max(waits)) if waits else None,
                "today": figures(self.random, volume),
            }
        )
        for index, wait in enumerate(sorted(waits, reverse=True)):
            handled = index >= len(waits) - settled.get("by_voice_server", 0)
            self.waiting(name, wait, by_voice_server=handled)

    def waiting(self, queue: str, wait: float, *, by_voice_server: bool = False) -> None:
        """A caller in a queue."""
        before = 22.0 if by_voice_server else 1.5
        call = self.call(wait if not by_voice_server else wait + before)
        visit = {
            "queue": queue,
            "joined_at": self.ago(wait - (0 if by_voice_server else before)),
            "left_at": None,
            "exit": None,
            "agent": "",
            "wait_s": None,
            "talk_s": None,
            "within_s": 60,
            "position": 1,
            "offers": 0,
            "missed": 0,
            "answered_at": None,
        }
        call["visits"] = [visit]
        if by_voice_server:
            self.handle(call, "voice_server", wait + before - 1)
            call["voice_server_stays"] = [
                {
                    "name": "welcome",
                    "entered_at": self.ago(wait + before - 1),
                    "left_at": self.ago(wait),
                    "inputs": "2",
                }
            ]

    def in_voice_server(self, since: float, inputs: str = "") -> None:
        """A caller in the voice server, met by reaching it."""
        call = self.call(since + 1)
        self.handle(call, "voice_server", since)
        call["voice_server_stays"] = [
            {"name": "welcome", "entered_at": self.ago(since), "left_at": None, "inputs": inputs}
        ]

    def talking(self, queue: str, agent: str, since: float) -> str:
        """A caller with an agent; returns the call's id."""
        wait = self.random.uniform(4, 50)
        call = self.call(since + wait)
        self.handle(call, "agent", since)
        call["agent"] = agent
        call["visits"] = [
            {
                "queue": queue,
                "joined_at": self.ago(since + wait - 2),
                "left_at": self.ago(since),
                "exit": "answered",
                "agent": agent,
                "wait_s": round(wait - 2, 3),
                "talk_s": None,
                "within_s": 60,
                "position": 1,
                "offers": 1,
                "missed": 0,
                "answered_at": self.ago(since),
            }
        ]
        return str(call["id"])

    def handle(self, call: Json, by: str, since: float) -> None:
        """Mark a call as handled so many seconds ago, in time."""
        call |= {
            "handled_at": self.ago(since),
            "handled_by": by,
            "verdict": "met",
            "verdict_at": self.ago(since),
            "reason": f"handled_by_{by}",
        }

    def call(self, arrived: float) -> Json:
        """A live call that arrived so many seconds ago."""
        call = self.make_call(arrived)
        self.calls.append(call)
        return call

    def make_call(self, arrived: float) -> Json:
        """A call; pending, or breached when its minute is over."""
        self.number += 1
        uniqueid = f"{int(self.at.timestamp() - arrived)}.{1000 + self.number}"
        late = arrived >= 60
        digits = self.random.randint(10, 99), self.random.randint(10, 99)
        return {
            "id": f"{PBX}:{uniqueid}",
            "pbx": PBX,
            "uniqueid": uniqueid,
            "linkedid": uniqueid,
            "caller": f"06{digits[0]}••••{digits[1]}" if self.number % 9 else "",
            "caller_name": self.random.choice(["", "", "", "DUPONT SARL", "Mme Lefèvre"]),
            "arrived_at": self.ago(arrived),
            "ended_at": None,
            "handled_at": None,
            "handled_by": None,
            "agent": "",
            "wait_s": None,
            "within_s": 60,
            "clock_started_at": self.ago(arrived),
            "deadline_at": self.ago(arrived - 60),
            "at_risk_at": self.ago(arrived - 45),
            "verdict": "breached" if late else "pending",
            "verdict_at": self.ago(arrived - 60) if late else None,
            "reason": "waiting_past_deadline" if late else "",
            "short_abandon": False,
            "observed": "full",
            "policy_version": 3,
            "visits": [],
            "voice_server_stays": [],
        }

    def end(self, verdict: str, reason: str, wait: float, ago: float, queue: str) -> None:
        """A call that has ended."""
        call = self.make_call(ago + wait)
        self.ended.append(
            call
            | {
                "ended_at": self.ago(ago),
                "verdict": verdict,
                "verdict_at": self.ago(ago),
                "reason": reason,
                "wait_s": wait,
                "visits": [
                    {
                        "queue": queue,
                        "joined_at": self.ago(ago + wait - 2),
                        "left_at": self.ago(ago),
                        "exit": "answered" if verdict == "met" else "abandoned",
                        "agent": "Chloé Martin" if verdict == "met" else "",
                        "wait_s": max(0.0, wait - 2),
                        "talk_s": None,
                        "within_s": 60,
                        "position": 2,
                        "offers": 1,
                        "missed": 0,
                        "answered_at": None,
                    }
                ],
            }
        )

    def agent(self, name: str, state: str, since: float, queues: list[str], **more: str) -> None:
        """An agent, a member of some queues."""
        number = 200 + len({member["interface"] for member in self.members})
        for index, queue in enumerate(queues):
            first = index == 0
            elsewhere = "busy" if state in ("talking", "ringing", "wrap_up") else state
            self.members.append(
                {
                    "pbx": PBX,
                    "queue": queue,
                    "interface": f"PJSIP/{number}",
                    "name": name,
                    "state": state if first else more.get("elsewhere", elsewhere),
                    "since": self.ago(since),
                    "pause_reason": more.get("reason", "") if first else "",
                    "penalty": 0,
                    "calls_taken": self.random.randint(0, 40),
                    "missed": int(more.get("missed", "0")) if first else 0,
                    "missed_today": int(more.get("missed", "0")) if first else 0,
                    "answered_today": self.random.randint(0, 40),
                    "ringing_for": "",
                    "call_id": more.get("call_id", "") if first else "",
                }
            )

    def alert(self, kind: str, ago: float, **more: object) -> Json:
        """Something to see to, raised so many seconds ago."""
        alert = {
            "id": f"{kind}-{len(self.alerts)}", "kind": kind, "pbx": PBX, "queue": "",
            "call_id": "", "raised_at": self.ago(ago), "ended_at": None, "acknowledged_by": "",
            "acknowledged_at": None, "params": {}, **more,
        }  # fmt: skip
        self.alerts.append(alert)
        return alert

    def trend(self) -> list[Json]:
        """An hour of each queue, the fuller the more wait there now."""
        chance = random.Random(self.seed)
        last = self.at.replace(second=0, microsecond=0) - timedelta(minutes=1)
        points: list[Json] = []
        for queue in self.queues:
            usual = 1.5 + queue["waiting"] * 0.7
            for ago in range(59, -1, -1):
                swell = usual * (1 + (59 - ago) / 59 * 0.5) * chance.uniform(0.3, 1.4)
                offered, lost = round(swell), int(swell > usual * 1.6)
                answered = max(0, offered - lost)
                points.append(
                    {
                        "pbx": PBX, "queue": queue["name"],
                        "minute": moment(last - timedelta(minutes=ago)), "offered": offered,
                        "answered": answered,
                        "answered_within": max(0, answered - int(chance.random() < usual / 12)),
                        "abandoned": lost, "abandoned_within": 0, "breached": lost,
                        "waiting_max": round(swell * 0.8),
                    }
                )  # fmt: skip
        return points

    def snapshot(self, seq: int = 1) -> Json:
        """All of it, checked against the schema."""
        snapshot = {
            "type": "snapshot",
            "seq": seq,
            "server_time": moment(now()),
            "pbxs": [self.link],
            "queues": self.queues,
            "calls": self.calls,
            "members": self.members,
            "today": self.today,
            "system": {"history": "ok", "history_detail": ""},
            "overflow": self.overflow,
            "decisions": self.decisions,
            "commands": self.commands,
            "alerts": self.alerts,
            "trend": self.trend(),
            "scope": {
                "queues": None, "sees_numbers": True, "today_from": "engine", "today_as_of": None,
            },
        }  # fmt: skip
        live_schemas.Snapshot.model_validate(snapshot)
        return snapshot


def commitment(**counts: int) -> Json:
    """Figures of the commitment."""
    names = ["pending", "met", "breached", "abandoned", "refused", "excluded", "unknown"]
    values = {name: counts.get(name, 0) for name in names}
    decided = values["met"] + values["breached"]
    rate = {
        "name": "commitment",
        "formula": "met / (met + breached)",
        "numerator": values["met"],
        "denominator": decided,
        "ratio": values["met"] / decided if decided else None,
    }
    return {**values, "calls": sum(values.values()), "short_abandons": 6, "rate": rate}


def figures(chance: random.Random, offered: int) -> Json:
    """Figures of a queue's day."""
    abandoned = round(offered * chance.uniform(0.02, 0.12))
    answered = offered - abandoned
    within = round(answered * chance.uniform(0.72, 0.99))
    total = answered + abandoned
    levels = [
        {
            "name": name,
            "formula": formula,
            "numerator": within,
            "denominator": total,
            "ratio": within / total if total else None,
        }
        for name, formula in FORMULAS
    ]
    return {
        "offered": offered,
        "answered": answered,
        "answered_within": within,
        "abandoned": abandoned,
        "abandoned_within": abandoned // 2,
        "abandoned_short": abandoned // 5,
        "left_otherwise": 0,
        "unknown": 0,
        "asa_s": round(chance.uniform(8, 40), 3) if answered else None,
        "longest_wait_s": 140.2,
        "average_talk_s": 201.5,
        "service_levels": levels,
    }
