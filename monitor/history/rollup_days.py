"""Days of rollups: the sums of their hours, made in the transaction that rolls the last of these.

Where no hour of a day is marked, its rows are the sums of the rows of its hours, so figures of
months read a fifteenth of the rows. They are read where nothing cuts the day in two.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select

from monitor.core.clock import DAY, HOUR
from monitor.core.tallies import Histogram
from monitor.history.rollup_tables import BY_DAY, LONGEST, rollup_due, rollup_waits

HOURS: Final = DAY // HOUR
Key = tuple[Any, ...]


def add_up_days(connection: Connection, hours: Iterable[int], kept: int) -> None:
    """Make the rows of the days of these hours anew, but for days that still have a marked hour.

    Args:
        connection: the transaction in which the hours were rolled.
        hours: numbers of hours since the epoch.
        kept: marks of hours before this one do not count: their rows stand.
    """
    days = {hour // HOURS for hour in hours}
    marked = select(rollup_due.c.hour // HOURS).where(rollup_due.c.hour >= kept)
    days -= set(connection.execute(marked.where(_in_days(rollup_due, days))).scalars())
    if not days:
        return
    for table, daily in BY_DAY.items():
        connection.execute(delete(daily).where(daily.c.day.in_(sorted(days))))
        day = (table.c.hour // HOURS).label("day")
        others = [column for column in table.primary_key if column.name != "hour"]
        if table is rollup_waits:
            query = select(day, *others, *table.c["seconds", "longer"])
            rows = connection.execute(query.where(_in_days(table, days))).all()
            waits = [
                dict(zip(daily.primary_key.c.keys(), key, strict=True)) | stored(histogram)
                for key, histogram in sorted(added(rows).items())
            ]
            if waits:
                connection.execute(insert(daily), waits)
            continue
        query = select(day, *others, *summed(table)).where(_in_days(table, days))
        query = query.group_by(day, *others)
        connection.execute(insert(daily).from_select(daily.c.keys(), query))


def _in_days(table: Table, days: Iterable[int]) -> ColumnElement[bool]:
    return table.c.hour.in_([hour for day in sorted(days) for hour in hours_of(day)])


def hours_of(day: int) -> range:
    """The hours of a day."""
    return range(day * HOURS, (day + 1) * HOURS)


def summed(table: Table) -> Sequence[ColumnElement[int]]:
    """The counts of a table of rollups, added up."""
    return [
        (func.max(column) if column.name == LONGEST else func.sum(column)).label(column.name)
        for column in table.c
        if column.name not in table.primary_key
    ]


# --- histograms -----------------------------------------------------------------------------------


def stored(waits: Histogram) -> dict[str, Any]:
    """A histogram as it is stored: its long number as short as it can be, and what is beyond."""
    packed, longer = waits.packed, waits.longer
    return {
        "seconds": packed.to_bytes(-(-packed.bit_length() // 8), "little"),
        "longer": json.dumps({str(s): longer[s] for s in sorted(longer)}) if longer else "",
    }


def added(rows: Iterable[Any]) -> dict[Key, Histogram]:
    """Stored histograms added up by key: rows of the key's values, the number and the rest."""
    packed: defaultdict[Key, int] = defaultdict(int)
    longer: defaultdict[Key, Histogram] = defaultdict(Histogram)
    number = int.from_bytes
    # There are many rows, and few with waits of more than an hour.
    for row in rows:
        key = row[:-2]
        packed[key] += number(row[-2], "little")
        if row[-1]:
            for second, many in json.loads(row[-1]).items():
                longer[key].add_seconds(int(second), many)
    return {
        key: Histogram(seconds, longer[key].longer if key in longer else None)
        for key, seconds in packed.items()
    }
