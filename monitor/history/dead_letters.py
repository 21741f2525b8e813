"""Messages that a sink gave up: kept, shown, sent again when a person wants it, or deleted."""

import logging
from dataclasses import dataclass
from typing import Final

from sqlalchemy import RowMapping, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.core.clock import Ms
from monitor.history.database import History
from monitor.history.keyset import check_limit
from monitor.history.messages import StoredMessage
from monitor.history.overflow_tables import dead_letter

MAX_LETTERS: Final = 50_000
"""So many are kept, of all sinks together; then the oldest go."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that a sink gave up after ``tries`` at ``at`` (ms), and why.

    ``again``: it waits to be sent once more.
    """

    seq: int
    sink: str
    message: StoredMessage
    at: Ms
    tries: int
    error: str
    again: bool


class DeadLetters:
    """Methods block; an event loop runs them in a thread.

    A letter that is sent again comes after newer messages of its call: order was given up with it.
    """

    def __init__(self, history: History, *, max_letters: int = MAX_LETTERS) -> None:
        self._history = history
        self._max_letters = max_letters

    def add(self, sink: str, message: StoredMessage, *, tries: int, error: str, at: Ms) -> None:
        """Keep a message that ``sink`` gives up; before it is confirmed. Twice is once."""
        values = {
            "sink": sink, "message_id": message.id, "topic": message.topic,
            "call_id": message.call_id, "message_at": message.at, "payload": message.payload,
            "at": at, "tries": tries, "error": error, "again": False,
        }  # fmt: skip
        dialect = postgresql if self._history.engine.dialect.name == "postgresql" else sqlite
        query = dialect.insert(dead_letter).values(values)
        query = query.on_conflict_do_update(
            index_elements=[dead_letter.c.sink, dead_letter.c.message_id],
            set_={name: query.excluded[name] for name in ("at", "tries", "error", "again")},
        )
        with self._history.writing() as connection:
            connection.execute(query)

    def page(
        self, *, sink: str | None = None, limit: int = 50, before: int | None = None
    ) -> list[DeadLetter]:
        """Letters, newest first.

        Args:
            sink: only of this sink.
            limit: how many, 1 to 500.
            before: only letters with a smaller ``seq``: the last one of the page before.

        Raises:
            ValueError: the limit is not valid.
        """
        check_limit(limit)
        query = select(dead_letter).order_by(dead_letter.c.seq.desc()).limit(limit)
        if sink is not None:
            query = query.where(dead_letter.c.sink == sink)
        if before is not None:
            query = query.where(dead_letter.c.seq < before)
        with self._history.reading() as connection:
            return [_letter(row) for row in connection.execute(query).mappings()]

    def to_send_again(self, sink: str, limit: int = 100) -> list[DeadLetter]:
        """Letters of ``sink`` that a person wants sent once more, oldest first."""
        query = (
            select(dead_letter)
            .where(dead_letter.c.sink == sink, dead_letter.c.again.is_(True))
            .order_by(dead_letter.c.seq)
            .limit(limit)
        )
        with self._history.reading() as connection:
            return [_letter(row) for row in connection.execute(query).mappings()]

    def requeue(self, seq: int) -> bool:
        """Have a letter sent once more; returns whether there is such a letter."""
        query = update(dead_letter).where(dead_letter.c.seq == seq).values(again=True)
        with self._history.writing() as connection:
            return connection.execute(query).rowcount > 0

    def failed_again(self, seq: int, *, tries: int, error: str, at: Ms) -> None:
        """Note that a letter could not be delivered this time either; it stays."""
        values = {"again": False, "tries": tries, "error": error, "at": at}
        query = update(dead_letter).where(dead_letter.c.seq == seq).values(values)
        with self._history.writing() as connection:
            connection.execute(query)

    def delete(self, seq: int) -> bool:
        """Throw a letter away, or note that it was delivered; returns whether there was one."""
        query = delete(dead_letter).where(dead_letter.c.seq == seq)
        with self._history.writing() as connection:
            return connection.execute(query).rowcount > 0

    def prune(self) -> int:
        """Throw the oldest letters away, where there are too many; returns and says how many."""
        newest = select(dead_letter.c.seq).order_by(dead_letter.c.seq.desc())
        with self._history.reading() as connection:
            last = connection.execute(newest.offset(self._max_letters).limit(1)).scalar()
        if last is None:
            return 0
        with self._history.writing() as connection:
            query = delete(dead_letter).where(dead_letter.c.seq <= last)
            gone = connection.execute(query).rowcount
        log.error("%d dead letters are thrown away: there are over %d", gone, self._max_letters)
        return gone

    def count(self) -> dict[str, int]:
        """How many letters each sink has; sinks without one are left out."""
        query = select(dead_letter.c.sink, func.count()).group_by(dead_letter.c.sink)
        with self._history.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}


def _letter(row: RowMapping) -> DeadLetter:
    message = StoredMessage(
        row["message_id"], row["topic"], row["call_id"], row["message_at"], row["payload"]
    )
    return DeadLetter(
        row["seq"], row["sink"], message, row["at"], row["tries"], row["error"], row["again"]
    )
