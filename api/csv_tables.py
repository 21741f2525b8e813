"""Tables as CSV, for spreadsheets."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

from starlette.responses import Response

from monitor.spreadsheets import BOM, plain_text

_PHONE: Final = re.compile(r"\+?[\d ]+")

Row = Sequence[object]


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Row]) -> Response:
    """A small table as a file to keep; UTF-8 with a mark, which Excel asks for."""
    return Response(
        BOM + _text([header, *rows]),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
        },
    )


async def csv_parts(
    header: Sequence[str], parts: AsyncIterator[Iterable[Row]]
) -> AsyncIterator[bytes]:
    """A table of any length as a file, part by part; in between, others have their turn."""
    yield (BOM + _text([header])).encode()
    async for rows in parts:
        yield _text(rows).encode()
        await asyncio.sleep(0)


def cell(value: object) -> object:
    """A value as a cell: what callers and people wrote never becomes a formula."""
    if value is None:
        return ""
    if isinstance(value, str) and not _PHONE.fullmatch(value):
        return plain_text(value)
    return value


def _text(rows: Iterable[Row]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()
