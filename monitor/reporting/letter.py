"""A report as a mail: some figures in the text, the files attached, or linked where too large."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from typing import Final
from urllib.parse import urlencode

from monitor.reporting.files import Format, ReportFile, file_of
from monitor.reporting.model import Report
from monitor.reporting.words import LANGUAGES, Lang

_SENDER_NAME: Final = "Minuteur"
_LINES: Final = policy.SMTP.clone(cte_type="7bit")
"""Lines as the protocol wants them, and nothing that an old server would not take."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom mail is, where its page is (empty: nobody said), and how much it may carry."""

    sender: str
    page: str = ""
    largest: int = 10_000_000
    """Bytes of files."""


def files_of(report: Report, formats: Sequence[Format], lang: Lang) -> list[ReportFile]:
    """The files of a report."""
    return [file_of(report, format_, lang) for format_ in dict.fromkeys(formats)]


def letter(
    report: Report, files: Sequence[ReportFile], lang: Lang, envelope: Envelope, schedule: str
) -> EmailMessage:
    """The mail, but for who gets it; see :func:`addressed`."""
    say = LANGUAGES[lang]
    calls, period = report.total.calls, report.period
    shown = say.period(period.first_day, period.last_day)
    message = EmailMessage(_LINES)
    message["Subject"] = say("m.subject", title=say("title"), period=shown)
    message["From"] = formataddr((_SENDER_NAME, envelope.sender))
    message["Auto-Submitted"] = "auto-generated"
    message["X-Minuteur-Report"] = f"{schedule}; {period.first_day}/{period.last_day}"
    message["Content-Language"] = lang
    attached, linked = _parted(files, envelope.largest)
    text = say(
        "m.body",
        period=shown,
        rate=say.ratio(calls.rate.ratio),
        range=say.range(calls.rate.range),
        calls=say.number(calls.calls),
        unknown=say.number(calls.unknown),
        coverage=say.ratio(report.coverage.share),
    )
    if linked:
        places = "\n".join(_address(report, file, lang, envelope.page) for file in linked)
        names = ", ".join(file.name for file in linked)
        text += say(
            "m.too_large", files=names, address=places if envelope.page else say("m.no_address")
        )
    message.set_content(text)
    for file in attached:
        maintype, _, subtype = file.media_type.partition(";")[0].partition("/")
        message.add_attachment(file.data, maintype=maintype, subtype=subtype, filename=file.name)
    return message


def addressed(message: EmailMessage, schedule: str, since: int, recipient: str) -> EmailMessage:
    """The mail of one recipient; its id is always the same, so that mailboxes know a second one."""
    for name in ("To", "Message-ID", "Date"):
        del message[name]
    text = f"{schedule}|{since}|{recipient}".encode()
    host = str(message["From"]).rpartition("@")[2].rstrip(">")
    message["To"] = recipient
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = f"<report.{hashlib.sha256(text).hexdigest()[:32]}@{host}>"
    return message


def _parted(files: Sequence[ReportFile], largest: int) -> tuple[list[ReportFile], list[ReportFile]]:
    """The files that are attached, the small ones first, and those that are linked."""
    attached: list[ReportFile] = []
    room = largest
    for file in sorted(files, key=lambda one: len(one.data)):
        if len(file.data) <= room:
            attached.append(file)
            room -= len(file.data)
    return [f for f in files if f in attached], [f for f in files if f not in attached]


def _address(report: Report, file: ReportFile, lang: Lang, page: str) -> str:
    asked = {
        "from": report.period.first_day,
        "to": report.period.last_day,
        "format": file.name.rpartition(".")[2],
        "lang": lang,
    }
    return f"{page.rstrip('/')}/api/v1/reports/compliance?{urlencode(asked)}"
