"""A record of half a year and two million calls, made at once and without an engine.

For measuring what reads the record: pages of calls, figures, lists. The calls are plausible, not
played: each has its visits and stays, none has facts. Of everything that figures count there is
some. ``python -m tests.bench.big_record URL`` makes one.
"""

import argparse
import hashlib
import random
import time
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from typing import Any, Final

from sqlalchemy import Connection, insert

from monitor.core.clock import HOUR, SECOND, Ms
from monitor.core.records import (
    Call,
    Exit,
    HandledBy,
    Observed,
    Reason,
    Verdict,
    Visit,
    VoiceServerStay,
)
from monitor.history import History, open_history
from monitor.history.rollup_marks import mark_hours
from monitor.history.rollups import Rollups
from monitor.history.rows import CALL_COLUMNS, STAY_COLUMNS, VISIT_COLUMNS, Row, Rows
from monitor.history.tables import call, stay, visit

CALLS: Final = 2_000_000
DAYS: Final = 184
BEGIN: Final = datetime(2026, 4, 1, tzinfo=UTC)
PBXS: Final = ("lyon", "nantes")
QUEUES: Final = ("support", "sales", "billing", "returns", "claims", "vip", "callback", "backup")
_QUEUE_SHARES: Final = list(accumulate((34, 22, 14, 10, 8, 5, 4, 3)))
_HOURS: Final = (0, 0, 0, 0, 0, 0, 1, 4, 22, 34, 36, 28, 18, 26, 32, 30, 26, 18, 8, 2, 1, 0, 0, 0)
_HOUR_SHARES: Final = list(accumulate(_HOURS))
_WEEKDAYS: Final = (1.25, 1.05, 1.0, 0.95, 0.9, 0.35, 0.02)
_BATCH: Final = 20_000
_COUNTED_SINCE: Final[Ms] = round((BEGIN + timedelta(days=30)).timestamp()) * SECOND
"""Before, holds and transfers were not counted."""
_SECOND_POLICY: Final[Ms] = round((BEGIN + timedelta(days=75)).timestamp()) * SECOND
_EXCLUDING: Final = (
    Reason.OUTSIDE_OPENING_HOURS,
    Reason.OUTSIDE_OPENING_HOURS,
    Reason.TEST_NUMBER,
    Reason.INTERNAL_CALL,
)


@dataclass(slots=True)
class _Callers:
    """Who calls: few often, many once, some without a number."""

    rng: random.Random
    many: int

    def one(self) -> str:
        chance = self.rng.random()
        if chance < 0.04:
            return ""
        if chance < 0.06:
            return "anonymous"
        if chance < 0.25:
            return f"+331{self.rng.randrange(self.many // 40):08d}"
        return f"+336{self.rng.randrange(self.many):08d}"


def calls(many: int = CALLS, days: int = DAYS, seed: int = 1) -> Iterator[Call]:
    """Calls by arrival, day after day."""
    rng = random.Random(seed)
    more = random.Random(-seed)
    callers = _Callers(rng, max(40, many // 4))
    dates = [BEGIN + timedelta(days=n) for n in range(days)]
    weights = [_WEEKDAYS[date.weekday()] for date in dates]
    number = 0
    for date, weight in zip(dates, weights, strict=True):
        here = round(many * weight / sum(weights))
        midnight = round(date.timestamp()) * SECOND
        for at in sorted(_moment(midnight, rng) for _ in range(here)):
            number += 1
            made = _call(at, number, rng, callers)
            _embellish(made, more)
            yield made


def _moment(midnight: Ms, rng: random.Random) -> Ms:
    hour = bisect(_HOUR_SHARES, rng.random() * _HOUR_SHARES[-1])
    return midnight + int((hour + rng.random()) * 3_600_000)


def _call(at: Ms, number: int, rng: random.Random, callers: _Callers) -> Call:
    record = Call(PBXS[rng.random() < 0.4], f"{at // SECOND}.{number}", at, caller=callers.one())
    record.linkedid, record.context, record.exten = record.uniqueid, "incoming", "100"
    record.channel, record.clock_started_at, record.closed = f"PJSIP/trunk-{number:08x}", at, True
    record.policy_version = 1
    queue = QUEUES[bisect(_QUEUE_SHARES, rng.random() * _QUEUE_SHARES[-1])]
    chance = rng.random()
    if chance < 0.03:
        _judge(record, Verdict.EXCLUDED, Reason.OUTSIDE_OPENING_HOURS, at + 9_000)
    elif chance < 0.10:
        record.handled_at, record.handled_by = at + 4_000, HandledBy.VOICE_SERVER
        _judge(record, Verdict.MET, Reason.HANDLED_BY_VOICE_SERVER, at + 61_000)
    else:
        _queued(record, queue, at + rng.randrange(500, 6_000), rng)
    return record


def _queued(record: Call, queue: str, joined: Ms, rng: random.Random) -> None:
    if rng.random() < 0.06:
        left = joined + rng.randrange(20_000, 40_000)
        record.visits.append(
            Visit(queue, joined, 60_000, 2, left, Exit.WITHDRAWN, offers=1, missed=1)
        )
        queue, joined = "backup", left + 120
    stay = Visit(queue, joined, 60_000, rng.randrange(1, 6), offers=1)
    record.visits.append(stay)
    wait = int(rng.expovariate(1 / 24_000))
    chance = rng.random()
    if chance < 0.86:
        _answered(record, stay, joined + wait, rng)
    elif chance < 0.97:
        stay.left_at, stay.exit = joined + wait, Exit.ABANDONED
        stay.short = record.short_abandon = wait < 5_000
        late = stay.left_at - record.arrived_at >= record.within
        verdict = Verdict.BREACHED if late else Verdict.ABANDONED
        reason = Reason.ABANDONED_LATE if late else Reason.CALLER_HUNG_UP
        record.caller_hung_up = True
        _judge(record, verdict, reason, stay.left_at)
    elif chance < 0.995:
        stay.left_at, stay.exit = joined + 5, rng.choice([Exit.FULL, Exit.JOIN_EMPTY])
        _judge(record, Verdict.REFUSED, Reason.TURNED_AWAY, stay.left_at)
    else:
        stay.left_at, stay.exit = joined + wait, Exit.UNKNOWN
        _judge(record, Verdict.UNKNOWN, Reason.END_NOT_OBSERVED, stay.left_at)


def _answered(record: Call, stay: Visit, at: Ms, rng: random.Random) -> None:
    stay.left_at, stay.exit, stay.answered_at = at, Exit.ANSWERED, at
    stay.agent = record.agent = f"Agent {rng.randrange(120):03d}"
    stay.interface = f"PJSIP/{stay.agent[-3:]}"
    stay.ended_at = at + int(rng.expovariate(1 / 240_000))
    record.handled_at, record.handled_by = at, HandledBy.AGENT
    late = at - record.arrived_at >= record.within
    verdict = Verdict.BREACHED if late else Verdict.MET
    reason = Reason.HANDLED_LATE if late else Reason.HANDLED_BY_AGENT
    _judge(record, verdict, reason, stay.ended_at)


def _embellish(record: Call, rng: random.Random) -> None:
    """Add what is seldom, or beside the call's own way."""
    if any(sign.isdigit() for sign in record.caller):
        key = hashlib.blake2b(record.caller.encode(), digest_size=16)
        record.caller_key = key.hexdigest()
    record.policy_version = 1 + (record.arrived_at >= _SECOND_POLICY)
    if record.verdict is Verdict.EXCLUDED:
        record.reason = rng.choice(_EXCLUDING)
    if record.verdict is Verdict.UNKNOWN and rng.random() < 0.3:
        record.reason = Reason.MAY_HAVE_BEEN_HANDLED
    if rng.random() < 0.004:
        record.observed, record.corrections = Observed.PARTIAL, rng.randrange(3)
    if record.handled_by is HandledBy.VOICE_SERVER or rng.random() < 0.3:
        _add_stay(record, rng)
    for visited in record.visits:
        if visited.talk is not None:
            _add_hold(record, visited, rng)
        if rng.random() < 0.1:
            visited.offers, visited.missed = visited.offers + 1, visited.missed + 1


def _add_stay(record: Call, rng: random.Random) -> None:
    left = record.visits[0].joined_at if record.visits else record.ended_at
    name = rng.choice(("welcome", "welcome", "menu"))
    inputs = rng.choice(("", "1", "2", "31#"))
    record.stays.append(VoiceServerStay(name, record.arrived_at + 300, left, inputs))


def _add_hold(record: Call, talk: Visit, rng: random.Random) -> None:
    if record.arrived_at < _COUNTED_SINCE:
        talk.hold = talk.transfers = record.transfers = None
        return
    talk.hold = rng.randrange(talk.talk or 1) if talk.talk and rng.random() < 0.15 else 0
    if record.observed is Observed.PARTIAL:
        talk.hold = None
    if rng.random() < 0.04:
        talk.transfers = record.transfers = 1


def _judge(record: Call, verdict: Verdict, reason: Reason, ended: Ms) -> None:
    record.verdict, record.reason, record.ended_at = verdict, reason, ended
    record.verdict_at = min(ended, record.arrived_at + record.within)


def fill(
    history: History, many: int = CALLS, days: int = DAYS, seed: int = 1, *, rolled: bool = False
) -> None:
    """Put the calls into an empty record, by Core's own batches; ``rolled``: roll them up, too."""
    made, hours = calls(many, days, seed), set[int]()
    with history.writing() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA cache_size = -400000")
        while batch := list(islice(made, _BATCH)):
            rows = Rows()
            for record in batch:
                rows.add(record, None)
                hours.add(record.arrived_at // HOUR)
                hours.update(visited.joined_at // HOUR for visited in record.visits)
            _insert(connection, rows)
        mark_hours(connection, hours)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")
    if rolled:
        Rollups(history).rebuild()


def _insert(connection: Connection, rows: Rows) -> None:
    for table, columns, values in (
        (call, CALL_COLUMNS, rows.calls),
        (visit, VISIT_COLUMNS, rows.visits),
        (stay, STAY_COLUMNS, rows.stays),
    ):
        if values and connection.dialect.name == "postgresql":
            _copy(connection, table.name, columns, values)
        elif values:
            connection.execute(insert(table), [_named(columns, row) for row in values])


def _copy(
    connection: Connection, table: str, columns: tuple[str, ...], values: Sequence[Row]
) -> None:
    """By PostgreSQL's own way for many rows, in a tenth of the time."""
    driver: Any = connection.connection.driver_connection
    into = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(into) as rows:
        for row in values:
            rows.write_row(row)


def _named(columns: tuple[str, ...], row: Row) -> dict[str, object]:
    return dict(zip(columns, row, strict=True))


def main() -> None:
    """Make a record at an address."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="sqlite:///FILE or postgresql+psycopg://…; empty")
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--rolled", action="store_true", help="roll the calls up, too")
    chosen = parser.parse_args()
    begin = time.monotonic()
    with open_history(chosen.url) as history:
        fill(history, chosen.calls, chosen.days, rolled=chosen.rolled)
    print(f"{chosen.calls} calls in {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
