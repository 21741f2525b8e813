"""Sending reports by mail while the monitor runs: in a thread, each once."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from email.message import EmailMessage
from functools import partial
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from api.housekeeping import beside
from config.mailing import Mail, ReportSchedule
from monitor.core.clock import Ms
from monitor.history.audit import AuditEntry, AuditRecord, Via
from monitor.history.database import History
from monitor.history.errors import explain
from monitor.history.report_mails import ReportMail, ReportMails
from monitor.reporting import PROGRAM
from monitor.reporting.letter import Envelope, addressed, files_of, letter
from monitor.reporting.model import Generated
from monitor.reporting.reading import ReportReader, Wanted
from monitor.reporting.schedule import Every, last_period
from monitor.reporting.values import At
from telephony_adapters.mail import NotTakenError, SmtpServer, UncertainError

FIRST_S: Final = 90.0
EVERY_S: Final = 60.0
_MEGABYTE: Final = 1_000_000
log = logging.getLogger("minuteur.reports")


@dataclass
class ReportMailer:
    """Sends the report of each schedule's last period to each of its recipients.

    Args:
        history: the record.
        mail: the server; None: there is nothing to do.
        schedules: which reports.
        now: the monitor's clock (ms since the epoch).
        zone: the centre's, as it is now.
    """

    history: History
    mail: Mail | None
    schedules: Sequence[ReportSchedule]
    now: Callable[[], Ms]
    zone: Callable[[], tzinfo]
    first: float = FIRST_S
    every: float = EVERY_S
    _mails: ReportMails = field(init=False)

    def __post_init__(self) -> None:
        self._mails = ReportMails(self.history)

    async def run(self) -> None:
        """Send what is due, and look again, until cancelled."""
        if self.mail is None or not self.schedules:
            return
        await asyncio.sleep(self.first)
        await beside(partial(self._tried, self.begin))
        while True:
            await beside(partial(self._tried, self.send_due))
            await asyncio.sleep(self.every)

    def _tried(self, work: Callable[[], object]) -> None:
        try:
            work()
        except SQLAlchemyError as error:
            log.error("Reports cannot be sent now. %s", explain(error, self.history.url))  # noqa: TRY400
        except Exception:
            log.exception("A report could not be made")

    def begin(self) -> None:
        """Look what a monitor that died has left."""
        if lost := self._mails.begin(self.now()):
            log.warning(
                "%d reports were being sent when the monitor ended: nobody can tell whether they "
                "arrived, and they are not sent again.",
                lost,
            )

    def send_due(self) -> None:
        """Send all that is due now; blocks."""
        for schedule in self.schedules:
            now, zone = self.now(), self.zone()
            since, until = last_period(Every(schedule.every), now, zone)
            self._mails.plan(schedule.name, since, schedule.recipients, now)
            due = self._mails.due(schedule.name, since, now)
            if due:
                self._send(schedule, Wanted(since, until, zone), due)

    def _send(self, schedule: ReportSchedule, wanted: Wanted, due: Sequence[ReportMail]) -> None:
        mail = self.mail
        if mail is None:
            return
        server = SmtpServer(
            mail.host, mail.port_in_use, mail.tls, mail.username,
            mail.password.get_secret_value(), mail.ca_file,
        )  # fmt: skip
        try:
            message = self._letter(mail, schedule, wanted)
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("The report %s could not be made", schedule.name)
            for one in due:  # tried again as seldom as mail that is not taken
                if self._mails.claim(one, self.now()):
                    self._mails.failed(one, self.now(), "the report could not be made")
            return
        for one in due:
            if self._mails.claim(one, self.now()):
                told = addressed(message, one.schedule, one.since, one.recipient)
                self._hand_over(one, server, told)

    def _letter(self, mail: Mail, schedule: ReportSchedule, wanted: Wanted) -> EmailMessage:
        generated = Generated(At(self.now()), f"report:{schedule.name}", PROGRAM)
        report = ReportReader(self.history).report(wanted, generated)
        files = files_of(report, schedule.formats, schedule.language)
        envelope = Envelope(mail.sender, mail.page, round(mail.largest_mb * _MEGABYTE))
        return letter(report, files, schedule.language, envelope, schedule.name)

    def _hand_over(self, one: ReportMail, server: SmtpServer, message: EmailMessage) -> None:
        try:
            server.send(message, one.recipient)
        except NotTakenError as error:
            again = self._mails.failed(one, self.now(), str(error), for_good=error.for_good)
            then = "It is tried again." if again else "It is given up."
            log.warning("The report %s was not taken by the mail server: %s. %s",
                        one.schedule, error, then)  # fmt: skip
        except UncertainError as error:
            self._mails.uncertain(one, self.now(), str(error))
            log.warning("Whether the report %s was taken is not known: %s", one.schedule, error)
        else:
            self._mails.sent(one, self.now())
            log.info("The report %s was sent.", one.schedule)
            self._note(one)

    def _note(self, one: ReportMail) -> None:
        told = {"schedule": one.schedule, "since": one.since, "recipient": one.recipient}
        entry = AuditEntry(
            self.now(),
            f"report:{one.schedule}",
            Via.MONITOR,
            "report_sent",
            "commitment",
            None,
            told,
        )
        AuditRecord(self.history).add(entry)
