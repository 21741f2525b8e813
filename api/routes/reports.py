"""Reports on the commitment, for quality managers and auditors."""

from datetime import date, datetime, timedelta, tzinfo
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import report_example
from api.auth import ServicesDep, Viewer, ViewerActs
from api.errors import ApiError, bad_field, documented
from api.parameters import parse_moment
from api.reading import read, read_in
from api.report_schemas import ReportOut
from api.visibility import scope_of
from monitor.accounts import Account
from monitor.core.clock import DAY, SECOND, Ms
from monitor.history.audit import AuditEntry
from monitor.reporting import PROGRAM
from monitor.reporting.build import SeesQueue
from monitor.reporting.files import Format, ReportFile, file_of
from monitor.reporting.model import Generated
from monitor.reporting.reading import ReportReader, Wanted
from monitor.reporting.values import At
from monitor.reporting.words import Lang

router = APIRouter(tags=["reports"])

LONGEST: Final[Ms] = 3 * 366 * DAY
_DATE: Final = len("2026-04-01")
_HINT: Final = "write a day, 2026-04-01, or a moment with a zone, 2026-04-01T00:00:00+02:00"

First = Annotated[
    str,
    Query(
        alias="from",
        description="From this day (centre's zone), or this moment, on",
        max_length=40,
        examples=["2026-04-01"],
    ),
]
Last = Annotated[
    str,
    Query(
        description="To this day, which is in it; or until before this moment",
        max_length=40,
        examples=["2026-09-30"],
    ),
]
FormatParam = Annotated[Format, Query(alias="format", description="As what")]
LangParam = Annotated[Lang, Query(description="Of the PDF; CSV has its country's separators")]
_FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The report",
        "content": {
            "application/json": {"example": report_example.EXAMPLE},
            "text/csv": {"schema": {"type": "string"}},
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.get(
    "/reports/compliance",
    response_model=ReportOut,
    responses=documented(401, 403, 422, 429, 503) | _FILES,
)
async def commitment_report(
    services: ServicesDep,
    account: Viewer,
    who: ViewerActs,
    since: First,
    to: Last,
    format_: FormatParam = "json",
    lang: LangParam = "en",
) -> Response:
    """The report on the commitment of a period, which ends now at the latest.

    It holds figures, no call and no number. Whoever sees some queues only gets the report of these,
    and it says so. That it was made is noted in the audit trail. CSV and PDF are files to keep; of
    these two at once for one account, four for all: more are refused (429).
    """
    now, zone = services.now(), services.monitor.engine.policy.zone
    begin, end = period_of(since, to, zone, now)
    wanted = Wanted(begin, end, zone, _sees(account))
    generated = Generated(At(now), account.name, PROGRAM)
    told = {"since": begin, "until": end, "format": format_, "whole": wanted.sees is None}
    entry = AuditEntry(now, who.by, who.via, "report_made", "commitment", None, told)
    reader = services.reports
    if format_ == "json":
        made = await read_in(services.figures_lane, _made, reader, wanted, generated, "json", lang)
        await read(services.overflow_control.record.audit.add, entry)
        return Response(made.data, media_type="application/json", headers=_NO_STORE)
    with services.exports.begin(who.by):
        made = await read_in(services.figures_lane, _made, reader, wanted, generated, format_, lang)
        await read(services.overflow_control.record.audit.add, entry)
    return Response(
        made.data,
        media_type=made.media_type,
        headers=_NO_STORE | {"Content-Disposition": f'attachment; filename="{made.name}"'},
    )


_NO_STORE: Final = {"Cache-Control": "no-store"}


_SETTER: Final = "typst"


def _made(
    reader: ReportReader, wanted: Wanted, generated: Generated, format_: Format, lang: Lang
) -> ReportFile:
    try:
        return file_of(reader.report(wanted, generated), format_, lang)
    except ModuleNotFoundError as error:
        if error.name != _SETTER:
            raise
        raise ApiError(
            503,
            "pdf_unavailable",
            f"The Python package {_SETTER}, which sets PDFs, is not installed here.",
        ) from error


def _sees(account: Account) -> SeesQueue | None:
    scope = scope_of(account)
    return scope.sees_queue if scope.restricted else None


def period_of(since: str, to: str, zone: tzinfo, now: Ms) -> tuple[Ms, Ms]:
    """The moments that `from` and `to` name, the end no later than now.

    Raises:
        ApiError: 422, naming the parameter.
    """
    begin, end = _moment("from", since, zone), _moment("to", to, zone, whole_day=True)
    if end <= begin:
        raise bad_field("to", "it is before `from`")
    if begin >= now:
        raise bad_field("from", "it lies ahead: there is nothing to report yet")
    if end - begin > LONGEST:
        raise bad_field("to", "the period is longer than three years")
    return begin, min(end, now)


def _moment(name: str, text: str, zone: tzinfo, *, whole_day: bool = False) -> Ms:
    text = text.strip()
    try:
        if len(text) > _DATE:
            return parse_moment(text)
        day = date.fromisoformat(text) + timedelta(days=int(whole_day))
        at = datetime(day.year, day.month, day.day, tzinfo=zone)
        return max(0, round(at.timestamp()) * SECOND)
    except (ValueError, OverflowError):
        raise bad_field(name, f"this is neither a day nor a moment; {_HINT}") from None
