"""A report as a file of one of its formats."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from monitor.reporting.model import Report, as_json
from monitor.reporting.tidy import as_csv
from monitor.reporting.words import Lang

Format = Literal["json", "csv", "pdf"]


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file to keep."""

    name: str
    media_type: str
    data: bytes


MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}


def file_of(report: Report, format_: Format, lang: Lang) -> ReportFile:
    """Write a report down; a PDF takes a second or so."""
    period = report.period
    name = f"minuteur-report_{period.first_day}_{period.last_day}_{lang}.{format_}"
    return ReportFile(name, MEDIA_TYPES[format_], _WRITERS[format_](report, lang))


def _pdf(report: Report, lang: Lang) -> bytes:
    from monitor.reporting.pdf import as_pdf  # noqa: PLC0415 - 80 MB that few processes need

    return as_pdf(report, lang)


_WRITERS: Final[Mapping[Format, Callable[[Report, Lang], bytes]]] = {
    "json": lambda report, _: as_json(report),
    "csv": as_csv,
    "pdf": _pdf,
}
