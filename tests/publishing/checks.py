"""What was published, held against the outbox and against the record of the calls.

Two oracles that know nothing of each other: the outbox says in which order messages were stored,
the record says which there must have been.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from monitor.core.records import Call, FactKind, Verdict
from monitor.history.database import open_history
from monitor.history.reader import HistoryReader
from tests.mosquitto import Received

VERDICTS = (FactKind.VERDICT, FactKind.CORRECTED)


@dataclass
class Comparison:
    """What came of publishing; ``published`` counts different messages, ``arrived`` all."""

    published: int
    arrived: int
    missing: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Arrived, and neither stored nor due."""
    out_of_order: list[str] = field(default_factory=list)
    """Calls of which a message arrived, for the first time, before an older one."""
    duplicates: int = 0
    altered: list[str] = field(default_factory=list)
    """Arrived twice under one id, and not the same."""

    @property
    def right(self) -> bool:
        return not (self.missing or self.unknown or self.out_of_order or self.altered)

    def __str__(self) -> str:
        return (
            f"events published {self.published}, arrived {self.arrived}, "
            f"missing {len(self.missing)}, unknown {len(self.unknown)}, "
            f"calls out of order {len(self.out_of_order)}, "
            f"duplicates {self.duplicates} (under another payload {len(self.altered)})"
        )


def compare(
    stored: Sequence[tuple[str, str]], due: Iterable[str], received: Sequence[Received]
) -> Comparison:
    """Compare what arrived with ``stored`` (id and call, in order) and what was ``due`` (ids)."""
    place = {id_: number for number, (id_, _) in enumerate(stored)}
    call_of = dict(stored)
    first: dict[str, bytes] = {}
    found = Comparison(len(set(place)), 0)
    newest: dict[str, int] = defaultdict(lambda: -1)
    for message in received:
        id_ = orjson.loads(message.payload)["id"]
        found.arrived += 1
        if id_ in first:
            found.duplicates += 1
            if first[id_] != message.payload:
                found.altered.append(id_)
            continue
        first[id_] = message.payload
        if id_ not in place:
            found.unknown.append(id_)
        elif (call := call_of[id_]) and place[id_] < newest[call]:
            found.out_of_order.append(call)
        elif call:
            newest[call] = place[id_]
    found.missing = sorted((set(place) | set(due)) - first.keys())
    return found


def read_outbox(database: Path, after: int = 0) -> list[tuple[int, str, str]]:
    """Messages in the outbox: number, id, call."""
    connection = sqlite3.connect(database, timeout=10)
    try:
        query = "SELECT seq, id, call_id FROM outbox WHERE seq > ? ORDER BY seq"
        return list(connection.execute(query, (after,)))
    finally:
        connection.close()


def calls_over(database: Path) -> int:
    """How many calls the record holds to their end; their messages are stored with them."""
    connection = sqlite3.connect(database, timeout=10)
    try:
        return int(connection.execute("SELECT count(*) FROM call WHERE closed").fetchone()[0])
    finally:
        connection.close()


def due_by_the_record(database: Path) -> set[str]:
    """The ids that must have been published, as the record tells the calls that are over."""
    due: set[str] = set()
    with open_history(f"sqlite:///{database}", migrate=False) as history:
        reader = HistoryReader(history)
        cursor = None
        while True:
            page = reader.calls(limit=200, cursor=cursor)
            for shown in page.calls:
                call = reader.call(shown.id)
                assert call is not None
                if call.closed:
                    due |= _due(call)
            cursor = page.next_cursor
            if cursor is None:
                return due


def _due(call: Call) -> set[str]:
    end = "unseen" if call.ended_at is None else call.ended_at
    due = {f"{call.id}:arrived", f"{call.id}:ended:{end}"}
    if call.handled_at is not None:
        due.add(f"{call.id}:handled:{call.handled_at}")
    if any(fact.kind is FactKind.AT_RISK for fact in call.facts):
        due.add(f"{call.id}:at_risk")
    judged = [fact for fact in call.facts if fact.kind in VERDICTS]
    for number, fact in enumerate(judged):
        verdict = fact.detail["verdict"]
        kind = "verdict" if fact.kind is FactKind.VERDICT else "corrected"
        due.add(f"{call.id}:{kind}:{number}:{verdict}")
        if verdict == Verdict.BREACHED.value:
            due.add(f"{call.id}:breached:{number}")
    return due
