"""What reading and writing accounts have in common: the database, rows, and what may be stored."""

import hashlib
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import orjson
from argon2 import PasswordHasher
from sqlalchemy import Connection, RowMapping
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from monitor.accounts.values import Account, AccountError, Fault, Kind, QueueRef, Queues, Role
from monitor.core.clock import Ms
from monitor.history.audit import AuditEntry, Who, append
from monitor.history.database import History
from monitor.history.errors import HistoryError, explain

PASSWORD_MIN: Final = 10
PASSWORD_MAX: Final = 1_000
"""Hashing is slow on purpose; nobody may make us hash megabytes."""
NAME_MAX: Final = 100


def machine_clock() -> Ms:
    """The machine's clock (ms since the epoch)."""
    return time.time_ns() // 1_000_000


class Storage:
    """The accounts' side of a history's database.

    Args:
        history: the database.
        hasher: how passwords are hashed; argon2's own defaults when None.
        now: the present moment (ms); the machine's clock when None.
    """

    def __init__(
        self,
        history: History,
        *,
        hasher: PasswordHasher | None = None,
        now: Callable[[], Ms] | None = None,
    ) -> None:
        self._history = history
        self._hasher = hasher or PasswordHasher()
        self._now = now or machine_clock

    def _first(self, query: Any) -> RowMapping | None:  # noqa: ANN401 - any select
        with self._reading() as connection:
            return connection.execute(query).mappings().first()

    def _all(self, query: Any) -> Sequence[RowMapping]:  # noqa: ANN401 - any select
        with self._reading() as connection:
            return connection.execute(query).mappings().all()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._usable(), self._history.reading() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction that writes, in which no other changes users."""
        with self._usable(), self._history.writing() as connection:
            if connection.dialect.name == "postgresql":
                # SQLite has one writer at a time anyway.
                connection.exec_driver_sql('LOCK TABLE "user" IN SHARE ROW EXCLUSIVE MODE')
            yield connection

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise HistoryError(explain(error, self._history.url)) from error

    def _trace(
        self,
        connection: Connection,
        who: Who,
        what: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Leave an entry in the audit trail, in the transaction of the change."""
        append(connection, AuditEntry(self._now(), who.by, who.via, what, subject, before, after))


@contextmanager
def taken(message: str) -> Iterator[None]:
    """Say so, where a name is taken."""
    try:
        yield
    except IntegrityError as error:
        raise AccountError(message, Fault.NAME_TAKEN, "name") from error


def queues_json(queues: Queues) -> list[dict[str, str]] | None:
    """Queues as JSON has them, always in the same order."""
    if queues is None:
        return None
    return [{"pbx": ref.pbx, "queue": ref.queue} for ref in sorted(queues)]


def queues_text(queues: Queues) -> str | None:
    """Queues as they are stored."""
    shown = queues_json(queues)
    return None if shown is None else orjson.dumps(shown).decode()


def queues_of(text: str | None) -> Queues:
    """Queues as they were stored."""
    if text is None:
        return None
    return frozenset(QueueRef(ref["pbx"], ref["queue"]) for ref in orjson.loads(text))


def seen_by(role: Role, queues: Queues) -> Queues:
    """The queues that somebody sees for whom these are set: an admin sees all of them.

    They stay set meanwhile: who is an admin no more sees them again, and not all there are.
    """
    return None if role is Role.ADMIN else queues


def account_of(row: RowMapping, kind: Kind) -> Account:
    """The account that a row of users or tokens holds."""
    role = Role(row["role"])
    seen = seen_by(role, queues_of(row["queues"]))
    return Account(row["name"], role, seen, row["sees_numbers"], kind)


def plain_name(name: str) -> str:
    """A name in the one form in which it is stored: an é may be typed in two ways."""
    return unicodedata.normalize("NFC", name)


def checked_name(name: str) -> str:
    """A name that an account may have.

    Raises:
        AccountError: it may not.
    """
    name = plain_name(name)
    if not name or name != name.strip() or not name.isprintable() or len(name) > NAME_MAX:
        raise AccountError(
            f"The name must be 1 to {NAME_MAX} printable characters, without spaces around it.",
            Fault.BAD_NAME,
            "name",
        )
    return name


def checked_password(password: str, name: str) -> str:
    """A password that somebody may have.

    Raises:
        AccountError: it is too short, too long, or too easy to guess.
    """
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise AccountError(
            f"The password must have {PASSWORD_MIN} to {PASSWORD_MAX} characters: take several "
            "words, for example.",
            Fault.PASSWORD_LENGTH,
            "password",
        )
    if len(set(password)) == 1 or password.casefold() == name.casefold():
        raise AccountError(
            "The password is too easy to guess: take several words, for example.",
            Fault.PASSWORD_EASY,
            "password",
        )
    return password


def digest(secret: str) -> str:
    """What is stored of a secret of 32 random bytes, which needs no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
