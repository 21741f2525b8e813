"""Every indicator of a record once more, by plain SQL and nothing of ours.

For SQLite's own command line as much as for Python: temporary tables, windows, groups. What comes
out is compared with :class:`monitor.history.period.PeriodReader`, part by part.
"""

import sqlite3
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from monitor.core.indicators import Ratio, service_levels
from monitor.core.period import Part, PeriodFigures
from monitor.core.records import Exit, Reason

Values = dict[str, Any]
Found = dict[str, Values]
"""Indicators by part: ``all``, ``PBX/queue``, ``month PBX/queue``, ``day``."""

PERCENTILES: Final = (50, 80, 95, 99)

TABLES: Final = """
CREATE TEMP TABLE border (kind TEXT, name TEXT, begin INTEGER, PRIMARY KEY (kind, begin));

CREATE TEMP TABLE judged AS
SELECT call_id, queue FROM (
  SELECT call_id, queue, row_number() OVER (
    PARTITION BY call_id
    ORDER BY CASE WHEN exit = 'full' OR exit = 'join_empty' THEN 1 ELSE 0 END, ordinal
  ) AS place FROM visit
) WHERE place = 1;
CREATE UNIQUE INDEX judged_call ON judged (call_id);

CREATE TEMP TABLE c AS
SELECT
  call.*,
  coalesce(judged.queue, '') AS queue,
  CASE WHEN handled_by IS NULL THEN ended_at ELSE handled_at END - clock_started_at AS waited,
  caller GLOB '*[0-9]*' AS numbered,
  arrived_at - max(arrived_at) OVER (
    PARTITION BY caller ORDER BY arrived_at RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS since_last
FROM call LEFT JOIN judged ON judged.call_id = call.id;
DELETE FROM c WHERE arrived_at < :since OR arrived_at >= :until;
UPDATE c SET waited = 0 WHERE waited < 0;

CREATE TEMP TABLE v AS SELECT * FROM visit WHERE exit IS NOT NULL;
DELETE FROM v WHERE joined_at < :since OR joined_at >= :until;
"""

COLUMNS: Final = """
ALTER TABLE {table} ADD COLUMN day TEXT;
ALTER TABLE {table} ADD COLUMN month TEXT;
UPDATE {table} SET
  day = (SELECT name FROM border WHERE kind = 'day' AND begin <= {at} ORDER BY begin DESC LIMIT 1),
  month = (
    SELECT name FROM border WHERE kind = 'month' AND begin <= {at} ORDER BY begin DESC LIMIT 1
  );
"""

PARTS: Final = (
    "'all'",
    "pbx || '/' || queue",
    "month || ' ' || pbx || '/' || queue",
    "day",
)

CALLS: Final = """
SELECT {part} AS part,
  count(*) AS calls,
  sum(verdict = 'met') AS met,
  sum(verdict = 'breached') AS breached,
  sum(verdict = 'abandoned') AS abandoned,
  sum(short_abandon) AS short_abandons,
  sum(verdict = 'refused') AS refused,
  sum(verdict = 'excluded') AS excluded,
  sum(verdict = 'unknown') AS unknown,
  sum(verdict = 'breached' AND reason = 'handled_late') AS breached_handled,
  sum(verdict = 'breached' AND reason = 'abandoned_late') AS breached_abandoned,
  sum(verdict = 'excluded' AND reason = 'outside_opening_hours') AS outside_opening_hours,
  sum(verdict = 'excluded' AND reason = 'test_number') AS test_number,
  sum(verdict = 'excluded' AND reason = 'internal_call') AS internal_call,
  sum(verdict = 'refused' OR reason = 'refused_late') AS refused_or_cut,
  sum(handled_by = 'agent') AS handled_by_agent,
  sum(handled_by = 'voice_server') AS handled_by_voice_server,
  sum(observed = 'partial') AS partly_observed,
  sum(corrections > 0) AS corrected,
  sum(corrections) AS corrections,
  total(transfers) AS transfers,
  sum(transfers IS NULL) AS transfers_unknown,
  cast(round(avg(waited) FILTER (
    WHERE handled_by IS NOT NULL AND verdict IN ('met', 'breached'))) AS INTEGER) AS average_wait,
  coalesce(max(waited) FILTER (
    WHERE verdict IN ('met', 'breached', 'abandoned')), 0) AS longest_wait,
  sum(numbered AND verdict <> 'excluded') AS with_number,
  sum(numbered AND verdict <> 'excluded' AND since_last <= 86400000) AS repeats_1,
  sum(numbered AND verdict <> 'excluded' AND since_last <= 7 * 86400000) AS repeats_7,
  sum(numbered AND verdict <> 'excluded' AND since_last <= 30 * 86400000) AS repeats_30,
  sum(policy_version = 2) AS of_policy_2
FROM c GROUP BY 1
"""

VISITS: Final = """
SELECT {part} AS part,
  count(*) AS offered,
  sum(exit = 'answered' AND wait IS NOT NULL) AS answered,
  sum(exit = 'abandoned') AS left_abandoned,
  sum(exit = 'unknown' OR (exit = 'answered' AND wait IS NULL)) AS left_unknown,
  sum(exit NOT IN ('answered', 'abandoned', 'unknown')) AS left_otherwise,
  sum(exit IN ('full', 'join_empty')) AS turned_away,
  sum(exit = 'withdrawn') AS withdrawn,
  cast(round(avg(wait) FILTER (WHERE exit = 'answered')) AS INTEGER) AS asa,
  max(coalesce(wait, 0)) AS longest_in_queue,
  cast(round(avg(talk)) AS INTEGER) AS average_talk,
  cast(round(avg(hold) FILTER (WHERE talk IS NOT NULL)) AS INTEGER) AS average_hold,
  coalesce(sum(hold > 0 AND talk IS NOT NULL), 0) AS held,
  coalesce(sum(transfers > 0), 0) AS transferred,
  sum(offers) AS offers,
  sum(missed) AS missed,
  sum(exit = 'answered' AND wait <= within) + sum(exit = 'abandoned' AND wait <= within) AS n1,
  sum(exit = 'answered' AND wait <= within) AS n2,
  sum(exit = 'answered' AND wait <= within) + sum(exit = 'abandoned' AND short) AS n5,
  sum(exit IN ('answered', 'abandoned')) AS d1,
  sum(exit = 'answered') AS d2,
  sum(exit = 'answered') + sum(exit = 'abandoned' AND wait > within) AS d4
FROM v GROUP BY 1
"""

PERCENTILE: Final = """
WITH ranked AS (
  SELECT {part} AS part, seconds,
    row_number() OVER (PARTITION BY {part} ORDER BY seconds) AS place,
    count(*) OVER (PARTITION BY {part}) AS many
  FROM ({waits})
)
SELECT part, seconds FROM ranked WHERE place = (many * {percent} + 99) / 100
"""

WAITS: Final = {
    "commitment": "SELECT *, (waited + 999) / 1000 AS seconds FROM c"
    " WHERE handled_by IS NOT NULL AND verdict IN ('met', 'breached') AND waited IS NOT NULL",
    "answered": "SELECT *, (wait + 999) / 1000 AS seconds FROM v"
    " WHERE exit = 'answered' AND wait IS NOT NULL",
}

VOICE: Final = """
SELECT name, count(*) AS reached, sum(inputs <> '') AS with_input, sum(length(inputs)) AS inputs,
  coalesce(sum(left_at = ended_at), 0) AS ended_there,
  coalesce(sum(left_at = ended_at AND handled_by IS NULL), 0) AS left_without,
  cast(round(avg(left_at - entered_at)) AS INTEGER) AS average_time
FROM voice_server_stay JOIN c ON c.id = call_id GROUP BY name
"""


def recompute(file: Path, first: date, after: date, zone: ZoneInfo) -> Found:
    """All indicators of the days from ``first`` to the one before ``after``, by SQL alone."""
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA cache_size = -200000")
    _prepare(connection, first, after, zone)
    found: Found = defaultdict(dict)
    for part in PARTS:
        for query in (CALLS, VISITS):
            for row in connection.execute(query.format(part=part)):
                found[row["part"]] |= {key: row[key] for key in row.keys()[1:]}
        for kind, waits in WAITS.items():
            for percent in PERCENTILES:
                query = PERCENTILE.format(part=part, waits=waits, percent=percent)
                for name, seconds in connection.execute(query):
                    found[name][f"{kind}_p{percent}"] = seconds
    for row in connection.execute(VOICE):
        found[f"voice {row['name']}"] = {k: row[k] for k in row.keys()[1:]}
    connection.close()
    return dict(found)


def _prepare(connection: sqlite3.Connection, first: date, after: date, zone: ZoneInfo) -> None:
    """Make the temporary tables: the calls and visits of the period, each with its day."""
    since, until = (_midnight(day, zone) for day in (first, after))
    for statement in TABLES.split(";"):
        connection.execute(statement, {"since": since, "until": until})
    days = [first + timedelta(days=n) for n in range((after - first).days)]
    for kind, dates in (("day", days), ("month", [d for d in days if d.day == 1 or d == first])):
        rows = [(kind, _name(kind, d), _midnight(d, zone)) for d in dates]
        connection.executemany("INSERT INTO border VALUES (?, ?, ?)", rows)
    for table, at in (("c", "arrived_at"), ("v", "joined_at")):
        connection.executescript(COLUMNS.format(table=table, at=at))


def _midnight(day: date, zone: ZoneInfo) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def _name(kind: str, day: date) -> str:
    return day.isoformat() if kind == "day" else f"{day:%Y-%m}"


def computed(figures: PeriodFigures) -> Found:
    """The same of figures, by the ways that pages and reports take."""
    zone = figures.zone

    def day(at: int, form: str) -> str:
        return f"{datetime.fromtimestamp(at / 1000, zone):{form}}"

    found = {"all": _values(figures.total)}
    for (pbx, queue), part in figures.by_queue.items():
        found[f"{pbx}/{queue}"] = _values(part)
    for (pbx, queue), months in figures.by_queue_month.items():
        for bucket, part in months:
            found[f"{day(bucket.begin, '%Y-%m')} {pbx}/{queue}"] = _values(part)
    for bucket, part in figures.by_day:
        found[day(bucket.begin, "%Y-%m-%d")] = _values(part)
    for name, tally in figures.total.voice.items():
        names = ("reached", "with_input", "inputs", "ended_there", "left_without", "average_time")
        found[f"voice {name}"] = {key: getattr(tally, key) for key in names}
    return found


def _values(part: Part) -> Values:
    calls, visits = part.calls, part.visits
    same = (
        "calls", "met", "breached", "abandoned", "short_abandons", "refused", "excluded",
        "unknown", "breached_handled", "breached_abandoned", "refused_or_cut",
        "handled_by_agent", "handled_by_voice_server", "partly_observed", "corrected",
        "corrections", "transfers", "transfers_unknown", "average_wait", "longest_wait",
        "with_number", "repeats_1", "repeats_7", "repeats_30",
    )  # fmt: skip
    values: Values = {name: getattr(calls, name) for name in same}
    for reason in (Reason.OUTSIDE_OPENING_HOURS, Reason.TEST_NUMBER, Reason.INTERNAL_CALL):
        values[reason.value] = calls.exclusions.get(reason, 0)
    values["of_policy_2"] = part.policy_versions[2]
    for name in ("offered", "answered", "left_otherwise", "turned_away", "held", "transferred"):
        values[name] = getattr(visits, name)
    values |= {
        "offers": visits.ring_no_answer.denominator,
        "missed": visits.ring_no_answer.numerator,
        "left_abandoned": visits.abandoned,
        "left_unknown": visits.unknown,
        "withdrawn": visits.exits[Exit.WITHDRAWN],
        "asa": visits.average_speed_of_answer,
        "longest_in_queue": visits.longest_wait,
        "average_talk": visits.average_talk,
        "average_hold": visits.average_hold,
    }
    one, two, three, four, five = service_levels(visits).values()
    values |= {"n1": one.numerator, "d1": one.denominator, "n2": two.numerator}
    values |= {"d2": two.denominator, "d4": four.denominator, "n5": five.numerator}
    assert three == Ratio(two.numerator, one.denominator)
    assert (four.numerator, five.denominator) == (two.numerator, one.denominator)
    for kind, waits in (("commitment", part.commitment_waits), ("answered", part.answered_waits)):
        for percent in PERCENTILES:
            values[f"{kind}_p{percent}"] = waits.percentile(percent)
    return values


def differences(found: Found, expected: Found) -> list[str]:
    """Where the two differ, in words; nothing and zero are the same where nothing happened."""
    told: list[str] = []
    for part in sorted(found.keys() | expected.keys()):
        ours, theirs = found.get(part, {}), expected.get(part, {})
        for name in sorted(ours.keys() | theirs.keys()):
            one, other = ours.get(name), theirs.get(name)
            if (one or 0) != (other or 0):
                told.append(f"{part}: {name} is {one}, by SQL {other}")
    return told
