"""An independent recomputation agrees on every indicator: plain SQL over the same record.

``MINUTEUR_FULL_RECORD=1`` takes half a year with two million calls instead (`make figures`).
"""

import os
import sqlite3
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.core.clock import DAY
from monitor.core.period import Dimension
from monitor.history import open_history
from monitor.history.period import PeriodReader
from tests.bench import big_record
from tests.history.recomputation import computed, differences, recompute

FULL = os.environ.get("MINUTEUR_FULL_RECORD") == "1"
CALLS, DAYS = (big_record.CALLS, big_record.DAYS) if FULL else (20_000, 92)
PARIS = ZoneInfo("Europe/Paris")


def test_plain_sql_agrees_on_every_indicator(tmp_path: Path) -> None:
    file = tmp_path / "big.db"
    first = date(2026, 4, 11)
    after = date.fromordinal(first.toordinal() + DAYS - 20)
    with open_history(f"sqlite:///{file}") as history:
        big_record.fill(history, CALLS, DAYS, rolled=True)
        since, until = (
            round(big_record.BEGIN.timestamp() * 1000) + (day - date(2026, 4, 1)).days * DAY
            for day in (first, after)
        )
        summer = 2 * 3_600_000
        reader, period = PeriodReader(history), (since - summer, until - summer, PARIS)
        found = computed(reader.read(*period))
        # Months are read from the sums of days, where local days are not asked for.
        months = computed(reader.read(*period, by=(Dimension.QUEUE, Dimension.QUEUE_MONTH)))
    expected = recompute(file, first, after, PARIS)
    assert differences(found, expected) == []
    assert differences(months, {part: expected[part] for part in months}) == []
    assert len(expected) == len(months) + DAYS - 20
    assert len(expected) > 16 * 3 + (DAYS - 20)
    everything = expected["all"]
    nothing = {name for name, value in everything.items() if not value}
    assert nothing == set(), "the record has none of this: it proves nothing"


def test_the_comparison_finds_a_call_that_is_not_counted(tmp_path: Path) -> None:
    file = tmp_path / "big.db"
    with open_history(f"sqlite:///{file}") as history:
        big_record.fill(history, 500, 30, rolled=True)
        with sqlite3.connect(file) as connection:
            first = "(SELECT min(hour) FROM rollup_call)"
            connection.execute(f"UPDATE rollup_call SET met = met + 1 WHERE hour = {first}")
        since = round(big_record.BEGIN.timestamp() * 1000) - 2 * 3_600_000
        figures = PeriodReader(history).read(since, since + 30 * DAY, PARIS)
    expected = recompute(file, date(2026, 4, 1), date(2026, 5, 1), PARIS)
    assert any("met is" in told for told in differences(computed(figures), expected))
