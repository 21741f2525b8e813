"""Calls as CSV: a row for each, page after page, so that memory does not grow with their number."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from api.masking import masked, masked_name
from api.views import Json
from monitor.core.clock import SECOND, Ms
from monitor.core.records import Call
from monitor.history.queries import CallFilter
from monitor.history.reader import CallPage
from monitor.spreadsheets import BOM, plain_text

BATCH: Final = 200
"""Calls that are read at once."""
SLICE: Final = 25
"""Calls that are written at once: some 2 ms, in which no deadline and no page is served."""

MOMENTS: Final = ("arrived_at", "handled_at", "ended_at")
COLUMNS: Final = (
    "id", "pbx", "caller", "caller_name",
    "arrived_at", "arrived_local", "verdict", "reason", "wait_s", "within_s",
    "clock_started_at", "deadline_at", "handled_at", "handled_local", "handled_by", "agent",
    "ended_at", "ended_local", "short_abandon", "observed", "policy_version",
    "queues", "exits", "offers", "missed", "talk_s", "voice_servers",
)  # fmt: skip
"""In this order; a name never changes its meaning, new ones come last."""

NextPage = Callable[[str | None], Awaitable[CallPage]]
Show = Callable[[Sequence[Call]], list[Json]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the file is written: for programs, or for a spreadsheet of a country with commas."""

    separator: str = ","
    bom: bool = False
    zone: tzinfo = UTC

    @property
    def decimal(self) -> str:
        """What stands before the milliseconds: a comma where commas separate no cells."""
        return "," if self.separator == ";" else "."


async def lines(page: NextPage, show: Show, dialect: Dialect) -> AsyncIterator[bytes]:
    """The file, part by part; each is read when the one before was taken.

    Args:
        page: reads the page after a cursor.
        show: calls as they may be shown.
        dialect: how to write.
    """
    yield ((BOM if dialect.bom else "") + _text([COLUMNS], dialect)).encode()
    cursor: str | None = None
    while True:
        found = await page(cursor)
        for start in range(0, len(found.calls), SLICE):
            await asyncio.sleep(0)  # whoever else has something to do comes in between
            rows = [row(call, dialect) for call in show(found.calls[start : start + SLICE])]
            if rows:
                yield _text(rows, dialect).encode()
        cursor = found.next_cursor
        if cursor is None:
            return


def row(call: Json, dialect: Dialect) -> list[str]:
    """One call (a ``CallOut``) as cells, in the order of ``COLUMNS``."""
    visits, stays = call["visits"], call["voice_server_stays"]
    talks = [visit["talk_s"] for visit in visits if visit["talk_s"] is not None]
    values: dict[str, Any] = {
        **call,
        "queues": _chain(visit["queue"] for visit in visits),
        "exits": _chain(visit["exit"] or "" for visit in visits),
        "offers": sum(visit["offers"] for visit in visits),
        "missed": sum(visit["missed"] for visit in visits),
        "talk_s": sum(talks) if talks else None,
        "voice_servers": _chain(stay["name"] for stay in stays),
    }
    for name in MOMENTS:
        values[name.removesuffix("_at") + "_local"] = _local(call[name], dialect.zone)
    return [_cell(values[name], dialect) for name in COLUMNS]


def _chain(names: Iterable[str]) -> str:
    return " > ".join(names)


def _local(moment: str | None, zone: tzinfo) -> str | None:
    """A moment in the centre's zone, as spreadsheets take it: ``2026-11-21 10:41:07``."""
    if moment is None:
        return None
    return f"{datetime.fromisoformat(moment).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _cell(value: object, dialect: Dialect) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.3f}".replace(".", dialect.decimal)
    return plain_text(str(value))


def _text(rows: Iterable[Iterable[str]], dialect: Dialect) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=dialect.separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def file_name(wanted: CallFilter, zone: tzinfo) -> str:
    """The file's name, with the days of its range: ``minuteur-calls_2026-11-01_2026-11-30.csv``."""
    parts = ["minuteur-calls"]
    if wanted.since is None and wanted.until is None:
        parts.append("all")
    else:
        parts.append("begin" if wanted.since is None else _day(wanted.since, zone))
        parts.append("now" if wanted.until is None else _day(wanted.until - 1, zone))
    return "_".join(parts) + ".csv"


def _day(at: Ms, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(at / SECOND, zone):%Y-%m-%d}"


def filter_words(wanted: CallFilter) -> dict[str, Any]:
    """A filter as JSON, for the audit trail: what was asked for, and nothing that was not.

    The trail is never rewritten, so it tells only the ends of a caller's number.
    """
    names = (
        "since", "until", "pbx", "queue", "verdict", "agent", "exit", "reason",
        "handled_by", "observed", "short", "min_wait", "max_wait",
    )  # fmt: skip
    said = {name: value for name in names if (value := getattr(wanted, name)) is not None}
    if wanted.caller is not None:
        said["caller"] = masked(wanted.caller)
    if wanted.verdicts:
        said["verdicts"] = sorted(wanted.verdicts)
    if wanted.search is not None:
        said["search"] = masked_name(wanted.search.typed)
    return said
