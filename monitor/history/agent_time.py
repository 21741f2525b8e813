"""Agents' time in the database: added up by the hour, and read for a period.

It is a record of its own: no calls are left from which it could be made anew.
"""

from collections.abc import Collection
from datetime import tzinfo

from monitor.core.agent_time import AgentDimension, AgentTimeFigures
from monitor.core.clock import Ms
from monitor.history.database import History


class AgentTimeReader:
    """Reads agents' time. Methods block; an event loop runs them in a thread."""

    def __init__(self, history: History) -> None:
        self._history = history

    def read(
        self, since: Ms, until: Ms, zone: tzinfo, *, by: Collection[AgentDimension] = ()
    ) -> AgentTimeFigures:
        """Agents' time of the hours that began in ``since`` ≤ t < ``until`` (ms).

        Args:
            since: first moment.
            until: first moment after the period.
            zone: whose months, weeks and days they are.
            by: which parts are wanted.

        Raises:
            TooManyBucketsError: the period has too many days for one answer.
            SQLAlchemyError: the database cannot be used.
        """
        return AgentTimeFigures(since, until, zone)
