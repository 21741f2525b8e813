"""Reading from the record what a report is made of, all in one state of it."""

from dataclasses import dataclass
from datetime import date, tzinfo

from sqlalchemy import Connection, func, select

from monitor.core.clock import DAY, Ms
from monitor.evidence.chain import ChainError
from monitor.history.agent_time import AgentTimeReader
from monitor.history.contact_period import other_channels
from monitor.history.database import History
from monitor.history.evidence_record import first_sealed, last_seal
from monitor.history.evidence_tables import seal
from monitor.history.period import PeriodReader
from monitor.history.policies import parse
from monitor.history.tables import policy_version
from monitor.reporting.agents import NEEDED_OF_AGENTS
from monitor.reporting.build import (
    NEEDED,
    NEEDED_BEFORE,
    Given,
    SeesQueue,
    Version,
    build,
    previous_period,
)
from monitor.reporting.model import Generated, Report, Sealed

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report: ``since`` ≤ t < ``until`` (ms), in whose zone, of which queues (None: all)."""

    since: Ms
    until: Ms
    zone: tzinfo
    sees: SeesQueue | None = None


class ReportReader:
    """Makes reports of the record. Methods block; an event loop runs them in a thread."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._figures = PeriodReader(history)
        self._agents = AgentTimeReader(history)

    def report(self, wanted: Wanted, generated: Generated | None = None) -> Report:
        """Make a report.

        Raises:
            TooManyBucketsError: the period has too many months for one answer.
            SQLAlchemyError: the database cannot be used.
        """
        since, until, zone = wanted.since, wanted.until, wanted.zone
        with self._history.reading() as connection:
            figures = self._figures.read_in(connection, since, until, zone, by=NEEDED)
            before = self._figures.read_in(
                connection, *previous_period(since, until, zone), zone, by=NEEDED_BEFORE
            )
            given = Given(
                figures,
                _versions(connection),
                all_versions=True,
                previous=before,
                others=other_channels(
                    connection, since, until, zone, by_queue=wanted.sees is not None
                ),
                agents=self._agents.read_in(connection, since, until, zone, by=NEEDED_OF_AGENTS),
                sees=wanted.sees,
                sealed=_sealed(connection, since, until),
                generated=generated,
            )
        return build(given)


def _versions(connection: Connection) -> list[Version]:
    columns = policy_version.c
    query = select(columns.created_at, columns.policy, columns.version)
    rows = connection.execute(query.order_by(columns.created_at, columns.version))
    return [Version(row.created_at, parse(row.policy, row.version)) for row in rows]


def _sealed(connection: Connection, since: Ms, until: Ms) -> Sealed | None:
    """The chain as it stands; None: nothing is sealed, or what is stored cannot be read."""
    try:
        newest = last_seal(connection)
    except ChainError:
        return None
    if newest is None:
        return None
    first, last = (_day(at) for at in (since, until - 1))
    within = seal.c.day.between(first.isoformat(), last.isoformat())
    count = connection.execute(select(func.count()).where(within)).scalar_one()
    begun = first_sealed(connection)
    return Sealed(
        newest.head,
        None if begun is None else begun.isoformat(),
        newest.day.isoformat(),
        count,
        (last - first).days + 1 - count,
    )


def _day(at: Ms) -> date:
    return date.fromordinal(_EPOCH.toordinal() + at // DAY)
