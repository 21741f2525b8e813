"""Which reports were sent to whom: so that none is sent twice, whatever happens in between.

A mail is marked ``sending`` before the first byte goes out. Only when it is certain that the server
has not taken it, it waits again. What was being sent when the monitor died, or when the server went
silent after the text, stays ``unknown``: nobody can tell, and it is not sent once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.core.clock import HOUR, MINUTE, Ms
from monitor.history.database import History
from monitor.history.report_tables import report_mail

RETRIES: Final[tuple[Ms, ...]] = (
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    HOUR,
    *(4 * HOUR for _ in range(12)),
)
"""How long after each try the next one follows; after the last it is given up: two days."""


class MailState(StrEnum):
    """How a mail does."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    """For good, or too often."""
    UNKNOWN = "unknown"
    """It may have been taken: never sent again."""


@dataclass(frozen=True, slots=True)
class ReportMail:
    """A report to one recipient."""

    schedule: str
    since: Ms
    recipient: str
    state: MailState
    tries: int
    next_at: Ms
    at: Ms
    detail: str


class ReportMails:
    """Methods block; they belong into a thread."""

    def __init__(self, history: History) -> None:
        self._history = history

    def plan(self, schedule: str, since: Ms, recipients: Sequence[str], now: Ms) -> None:
        """Have a period's report sent; what is planned already stays as it is."""
        if not recipients:
            return
        dialect = postgresql if self._history.engine.dialect.name == "postgresql" else sqlite
        rows = [
            {
                "schedule": schedule, "since": since, "recipient": recipient, "tries": 0,
                "state": MailState.WAITING.value, "next_at": now, "at": now, "detail": "",
            }
            for recipient in dict.fromkeys(recipients)
        ]  # fmt: skip
        with self._history.writing() as connection:
            query = dialect.insert(report_mail).values(rows).on_conflict_do_nothing()
            connection.execute(query)

    def begin(self, now: Ms) -> int:
        """At a start: what was being sent is of unknown outcome; says how many."""
        where = report_mail.c.state == MailState.SENDING.value
        with self._history.writing() as connection:
            query = (
                update(report_mail)
                .where(where)
                .values(state=MailState.UNKNOWN.value, at=now, detail="the monitor ended meanwhile")
            )
            return connection.execute(query).rowcount

    def due(self, schedule: str, since: Ms, now: Ms) -> list[ReportMail]:
        """The mails of a period's report that are to be sent now."""
        columns = report_mail.c
        query = select(report_mail).where(
            columns.schedule == schedule,
            columns.since == since,
            columns.state == MailState.WAITING.value,
            columns.next_at <= now,
        )
        with self._history.reading() as connection:
            rows = connection.execute(query.order_by(columns.recipient)).mappings().all()
        return [ReportMail(**{**row, "state": MailState(row["state"])}) for row in rows]

    def all(self) -> list[ReportMail]:
        """All that is known, the newest period first."""
        columns = report_mail.c
        query = select(report_mail).order_by(
            columns.since.desc(), columns.schedule, columns.recipient
        )
        with self._history.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [ReportMail(**{**row, "state": MailState(row["state"])}) for row in rows]

    def claim(self, mail: ReportMail, now: Ms) -> bool:
        """Take a waiting mail to send it; False: somebody else has it."""
        return self._set(mail, MailState.WAITING, MailState.SENDING, now, "", mail.tries + 1, now)

    def sent(self, mail: ReportMail, now: Ms) -> None:
        """The server has taken it."""
        self._set(mail, MailState.SENDING, MailState.SENT, now, "", mail.tries + 1, now)

    def failed(self, mail: ReportMail, now: Ms, detail: str, *, for_good: bool = False) -> bool:
        """The server has not taken it, for certain; says whether it will be tried again."""
        tries = mail.tries + 1
        again = not for_good and tries <= len(RETRIES)
        state = MailState.WAITING if again else MailState.REFUSED
        next_at = now + RETRIES[tries - 1] if again else now
        self._set(mail, MailState.SENDING, state, now, detail, tries, next_at)
        return again

    def uncertain(self, mail: ReportMail, now: Ms, detail: str) -> None:
        """The server may have taken it."""
        self._set(mail, MailState.SENDING, MailState.UNKNOWN, now, detail, mail.tries + 1, now)

    def _set(
        self,
        mail: ReportMail,
        before: MailState,
        after: MailState,
        now: Ms,
        detail: str,
        tries: int,
        next_at: Ms,
    ) -> bool:
        columns = report_mail.c
        query = (
            update(report_mail)
            .where(
                columns.schedule == mail.schedule,
                columns.since == mail.since,
                columns.recipient == mail.recipient,
                columns.state == before.value,
            )
            .values(state=after.value, at=now, detail=detail, tries=tries, next_at=next_at)
        )
        with self._history.writing() as connection:
            return connection.execute(query).rowcount == 1
