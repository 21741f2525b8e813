"""The command ``minuteur report``."""

import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli_common import CommandError, ConfigOption, in_effect, loaded, need_database
from api.cli_range import range_of
from api.opening import open_record
from monitor.core.clock import Ms
from monitor.history.audit import AuditEntry, AuditRecord, Via
from monitor.history.recovering import said
from monitor.reporting import PROGRAM
from monitor.reporting.files import file_of
from monitor.reporting.model import Generated
from monitor.reporting.reading import ReportReader, Wanted
from monitor.reporting.values import At


class ReportFormat(StrEnum):
    """What a report is written as."""

    JSON = "json"
    CSV = "csv"
    PDF = "pdf"


class ReportLang(StrEnum):
    """A report's language."""

    EN = "en"
    FR = "fr"


def report(
    since: Annotated[
        str,
        typer.Option("--from", help="The first day, 2026-04-01, or a moment, 2026-04-01T09:00"),
    ],
    until: Annotated[
        str, typer.Option("--to", help="The last day, which is in it, or a moment, which is not")
    ],
    format_: Annotated[ReportFormat, typer.Option("--format", help="As what")] = ReportFormat.PDF,
    lang: Annotated[ReportLang, typer.Option(help="In which language")] = ReportLang.EN,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where it is written; - is standard output; else its own name, in this folder",
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Write the report on the commitment of a period: JSON, CSV or PDF, English or French.

    Days are those of the centre's zone. The period ends now at the latest.
    """  # fmt: skip
    file = loaded(config).settings
    need_database(file)
    now = _now()
    with open_record(file) as history, said(history):
        zone = in_effect(history, file).centre.zone
        begin, end = range_of(zone, since, until)
        if begin >= now:
            raise CommandError("--from lies ahead: there is nothing to report yet.")
        wanted = Wanted(begin, min(end, now), zone)
        generated = Generated(At(now), "cli", PROGRAM)
        made = file_of(ReportReader(history).report(wanted, generated), format_.value, lang.value)
        told = {"since": begin, "until": wanted.until, "format": format_.value, "whole": True}
        entry = AuditEntry(now, "cli", Via.CLI, "report_made", "commitment", None, told)
        AuditRecord(history).add(entry)
    if output == Path("-"):
        sys.stdout.buffer.write(made.data)
        sys.stdout.buffer.flush()
        return
    path = Path(made.name) if output is None else output
    path.write_bytes(made.data)
    print(f"{path}: {len(made.data) / 1000:,.0f} kB.")


def _now() -> Ms:
    return time.time_ns() // 1_000_000
