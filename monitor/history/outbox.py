"""The outbox: stored messages, and how far each sink came with them.

A message is stored in the transaction of what it tells (:class:`monitor.history.HistoryWriter`),
so nothing is published that the record does not hold, and a crash loses none. A sink reads from
its cursor on, delivers, and confirms; after a crash it gets what it had not confirmed once more,
under the same ids.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from monitor.core.clock import DAY, Ms
from monitor.history.database import History
from monitor.history.dead_letters import DeadLetters
from monitor.history.messages import OutboxMessage, StoredMessage, machine_clock
from monitor.history.overflow_rows import MESSAGE_COLUMNS, message_row
from monitor.history.overflow_tables import outbox, outbox_cursor

MAX_ROWS: Final = 1_000_000
"""So many messages are kept for a sink that does not take them; then the oldest go."""
MAX_AGE: Final[Ms] = 7 * DAY
PRUNE_BATCH: Final = 5_000
"""Messages deleted in one transaction: the writer of the record waits no longer than for those."""

log = logging.getLogger(__name__)

_READ: Final = [column for column in outbox.c if column.name != "noted_at"]


def send(connection: Connection, message: OutboxMessage, noted_at: Ms) -> None:
    """Store a message, in the transaction of what it tells.

    Args:
        connection: within a transaction of the caller's.
        message: the message; its id is new.
        noted_at: when it was made, on the monitor's clock (ms).
    """
    values = dict(zip(MESSAGE_COLUMNS, message_row(message, noted_at), strict=True))
    connection.execute(insert(outbox).values(values))


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How the outbox does: messages stored, those each sink has not confirmed, and those given up.

    ``oldest_at``: since when (ms) the oldest of them waits. ``dropped`` counts, since the start,
    messages that went unread because there were too many, or they were too old.
    """

    stored: int
    waiting: dict[str, int]
    oldest_at: Ms | None
    dropped: int


class Outbox:
    """Messages for the sinks. Methods block and use connections of their own: call them in threads.

    All raise ``SQLAlchemyError`` when the database cannot be used; nothing has changed then.

    Args:
        history: where the messages are.
        now: the monitor's clock (ms since the epoch).
        max_rows: how many messages are kept for sinks that do not take them.
        max_age: how old (ms) they may become.
    """

    def __init__(
        self,
        history: History,
        *,
        now: Callable[[], Ms] = machine_clock,
        max_rows: int = MAX_ROWS,
        max_age: Ms = MAX_AGE,
    ) -> None:
        self._history = history
        self._now = now
        self._max_rows = max_rows
        self._max_age = max_age
        self.dead_letters = DeadLetters(history)
        self.dropped = 0

    def register(self, sinks: Iterable[str]) -> None:
        """Say which sinks there are; once, before the first message is made.

        A sink that is no longer there loses its place, so messages need not wait for it. A new one
        begins with what is stored from now on.
        """
        wanted = set(sinks)
        with self._history.writing() as connection:
            known = set(connection.execute(select(outbox_cursor.c.sink)).scalars())
            begin = _newest(connection)
            connection.execute(delete(outbox_cursor).where(outbox_cursor.c.sink.not_in(wanted)))
            for sink in sorted(wanted - known):
                values = {"sink": sink, "seq": begin, "updated_at": self._now()}
                connection.execute(insert(outbox_cursor).values(values))

    def read(self, sink: str, limit: int = 200, *, after: int | None = None) -> list[StoredMessage]:
        """The next messages for ``sink``, in order; none for a sink that is not registered.

        Args:
            sink: its name.
            limit: how many at most.
            after: the ``seq`` from which on to read; None: what the sink confirmed last.
        """
        with self._history.reading() as connection:
            if after is None:
                query = select(outbox_cursor.c.seq).where(outbox_cursor.c.sink == sink)
                after = connection.execute(query).scalar_one_or_none()
            if after is None:
                return []
            rows = connection.execute(
                select(*_READ).where(outbox.c.seq > after).order_by(outbox.c.seq).limit(limit)
            ).mappings()
            return [StoredMessage(**row) for row in rows]

    def confirm(self, sink: str, seq: int) -> None:
        """Note that all messages up to ``seq`` are delivered or given up; never goes back.

        One transaction each: confirm a batch, not every message.
        """
        query = (
            update(outbox_cursor)
            .where(outbox_cursor.c.sink == sink, outbox_cursor.c.seq < seq)
            .values(seq=seq, updated_at=self._now())
        )
        with self._history.writing() as connection:
            connection.execute(query)

    def prune(self) -> int:
        """Delete what all sinks confirmed, then what is too much or too old; once a minute, say.

        Dead letters that are too many go too.

        Returns:
            How many messages went that some sink had not confirmed; they are counted in
            ``dropped`` and said in the log.
        """
        with self._history.reading() as connection:
            confirmed = connection.execute(select(func.min(outbox_cursor.c.seq))).scalar()
            # Without a sink nobody waits for any of them.
            confirmed = _newest(connection) if confirmed is None else confirmed
        self._delete_until(confirmed)
        self.dead_letters.prune()
        gone = 0
        while until := self._surplus_until():
            gone += self._delete_until(until)
        if gone:
            self.dropped += gone
            log.error(
                "%d messages were given up before every sink took them: the limit is %d messages "
                "and %d days",
                gone, self._max_rows, self._max_age // DAY,
            )  # fmt: skip
        return gone

    def state(self) -> OutboxState:
        """How the outbox does now."""
        with self._history.reading() as connection:
            count = select(func.count()).select_from(outbox)
            stored = connection.execute(count).scalar_one()
            cursors = connection.execute(select(outbox_cursor.c["sink", "seq"])).all()
            waiting = {
                sink: connection.execute(count.where(outbox.c.seq > seq)).scalar_one()
                for sink, seq in cursors
            }
            oldest = select(outbox.c.noted_at).order_by(outbox.c.seq).limit(1)
            oldest_at = connection.execute(oldest).scalar_one_or_none()
        return OutboxState(stored, waiting, oldest_at, self.dropped)

    def _surplus_until(self) -> int | None:
        """The number of the newest message that is too much, or one of the oldest too old."""
        oldest = (
            select(outbox.c["seq", "noted_at"]).order_by(outbox.c.seq).limit(PRUNE_BATCH).subquery()
        )
        too_old = select(func.max(oldest.c.seq)).where(
            oldest.c.noted_at < self._now() - self._max_age
        )
        with self._history.reading() as connection:
            stored = connection.execute(select(func.count()).select_from(outbox)).scalar_one()
            if stored > self._max_rows:
                place = select(outbox.c.seq).order_by(outbox.c.seq)
                place = place.offset(stored - self._max_rows - 1).limit(1)
                return connection.execute(place).scalar()
            return connection.execute(too_old).scalar()

    def _delete_until(self, seq: int) -> int:
        """Delete messages up to ``seq``, in short transactions; returns how many."""
        batch = select(outbox.c.seq).where(outbox.c.seq <= seq).order_by(outbox.c.seq)
        query = delete(outbox).where(outbox.c.seq.in_(batch.limit(PRUNE_BATCH)))
        gone = 0
        while True:
            with self._history.writing() as connection:
                deleted = connection.execute(query).rowcount
            gone += deleted
            if deleted < PRUNE_BATCH:
                return gone


def _newest(connection: Connection) -> int:
    """The number of the newest message that there ever was, as far as anybody remembers."""
    stored = connection.execute(select(func.max(outbox.c.seq))).scalar() or 0
    confirmed = connection.execute(select(func.max(outbox_cursor.c.seq))).scalar() or 0
    return max(stored, confirmed)
