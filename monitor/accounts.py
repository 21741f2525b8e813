"""Who may use Minuteur: people with passwords and sessions, programs with tokens.

Secrets are never stored: passwords as Argon2id hashes, tokens and sessions as SHA-256 of 32 random
bytes, which nobody can guess and which therefore need no slow hash.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from monitor.core.clock import DAY, Ms
from monitor.history.database import History
from monitor.history.errors import HistoryError, explain
from monitor.history.tables import api_token, user, web_session

TOKEN_PREFIX: Final = "mnt_"  # noqa: S105 - no secret
"""Marks a token as ours, for people and for scanners that look for leaked secrets."""
SESSION_LASTS: Final[Ms] = 7 * DAY
PASSWORD_MIN: Final = 10
PASSWORD_MAX: Final = 1_000
"""Hashing is slow on purpose; nobody may make us hash megabytes."""
NAME_MAX: Final = 100


class Role(StrEnum):
    """What an account may do; each role may do all that the ones before it may."""

    VIEWER = "viewer"
    LEAD = "lead"
    ADMIN = "admin"

    def allows(self, needed: "Role") -> bool:
        """Whether this role may do what ``needed`` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)

    @classmethod
    def named(cls, name: str) -> "Role":
        """The role of that name.

        Raises:
            AccountError: there is none.
        """
        try:
            return cls(name)
        except ValueError:
            roles = ", ".join(cls)
            raise AccountError(f"There is no role {name}: use one of {roles}.") from None


class AccountError(ValueError):
    """An account cannot be made; the message says why, for the person who tries."""


class QueueRef(NamedTuple):
    """A queue that an account may see; ``pbx`` empty: the queue of that name on every PBX."""

    pbx: str
    queue: str


@dataclass(frozen=True, slots=True)
class Account:
    """A user or a program, with what it may do and see.

    ``queues`` are the queues that it may see, None for all. ``sees_numbers``: callers' numbers are
    shown in full; else all but their ends is masked.
    """

    name: str
    role: Role
    queues: frozenset[QueueRef] | None = None
    sees_numbers: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token, which is all but the token itself; moments in ms."""

    name: str
    role: Role
    created_at: Ms
    revoked_at: Ms | None


class Accounts:
    """Users, tokens and sessions in a history's database.

    Methods block (verifying a password takes some 50 ms); an event loop runs them in a thread.

    Raises:
        HistoryError: from every method, when the database cannot be used.
    """

    def __init__(self, history: History, *, hasher: PasswordHasher | None = None) -> None:
        self._history = history
        self._hasher = hasher or PasswordHasher()

    # --- users ----------------------------------------------------------------------------------

    def add_user(self, name: str, password: str, role: Role | str) -> Account:
        """Add a user.

        Raises:
            AccountError: the name is taken or not valid, the role unknown, the password weak.
        """
        account = Account(_checked_name(name), Role.named(role))
        values = {
            "name": account.name,
            "role": account.role.value,
            "password_hash": self._hasher.hash(_checked_password(password, account.name)),
            "created_at": _now(),
        }
        with _taken(f"There is a user {account.name} already: choose another name."):
            self._write(insert(user).values(values))
        return account

    def users(self) -> list[Account]:
        """Everybody who may sign in, by name."""
        rows = self._all(select(user).order_by(user.c.name))
        return [Account(row["name"], Role(row["role"])) for row in rows]

    def set_password(self, name: str, password: str) -> bool:
        """Give a user another password and end all their sessions; False when there is no such.

        Raises:
            AccountError: the password is weak.
        """
        fresh = self._hasher.hash(_checked_password(password, name))
        with self._usable(), self._history.writing() as connection:
            changed = update(user).where(user.c.name == name).values(password_hash=fresh)
            found = connection.execute(changed).rowcount > 0
            connection.execute(delete(web_session).where(web_session.c.user_name == name))
        return found

    def remove_user(self, name: str) -> bool:
        """Remove a user and all their sessions; False when there is none of this name."""
        return self._write(delete(user).where(user.c.name == name)) > 0

    def has_users(self) -> bool:
        """Whether anybody can sign in at all."""
        return self._first(select(user.c.name).limit(1)) is not None

    def verify_password(self, name: str, password: str) -> Account | None:
        """Who signs in with this name and password; None when they do not match.

        An unknown name takes as long as a wrong password, so that names cannot be probed.
        """
        if len(password) > PASSWORD_MAX:
            return None
        row = self._first(select(user).where(user.c.name == name))
        stored = _nobodys_hash(self._hasher) if row is None else row["password_hash"]
        try:
            self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return None
        if row is None:
            return None
        if self._hasher.check_needs_rehash(stored):
            fresh = self._hasher.hash(password)
            self._write(update(user).where(user.c.name == name).values(password_hash=fresh))
        return Account(row["name"], Role(row["role"]))

    # --- tokens ---------------------------------------------------------------------------------

    def create_token(self, name: str, role: Role | str) -> str:
        """Make a token for a program; this is the only time that it can be read.

        Raises:
            AccountError: the name is taken or not valid, or the role unknown.
        """
        name, role = _checked_name(name), Role.named(role)
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        values = {
            "name": name, "role": role.value, "token_hash": _digest(token), "created_at": _now(),
        }  # fmt: skip
        with _taken(f"There is a token {name} already: choose another name."):
            self._write(insert(api_token).values(values))
        return token

    def find_token(self, token: str) -> Account | None:
        """Whose token this is; None when it is nobody's or revoked."""
        if not token.startswith(TOKEN_PREFIX):
            return None
        digest = _digest(token)
        row = self._first(select(api_token).where(api_token.c.token_hash == digest))
        if row is None or not hmac.compare_digest(row["token_hash"], digest):
            return None
        if row["revoked_at"] is not None:
            return None
        return Account(row["name"], Role(row["role"]))

    def tokens(self) -> list[Token]:
        """All tokens, revoked ones too, by name."""
        rows = self._all(select(api_token).order_by(api_token.c.name))
        return [
            Token(row["name"], Role(row["role"]), row["created_at"], row["revoked_at"])
            for row in rows
        ]

    def revoke_token(self, name: str) -> bool:
        """End a token; False when there is none of this name. Its name stays taken."""
        live = (api_token.c.name == name) & api_token.c.revoked_at.is_(None)
        return self._write(update(api_token).where(live).values(revoked_at=_now())) > 0

    # --- sessions -------------------------------------------------------------------------------

    def create_session(
        self, account: Account, *, lasts: Ms = SESSION_LASTS, now: Ms | None = None
    ) -> str:
        """Begin a session of a user; returns the secret for the cookie.

        Args:
            account: who signed in, from :meth:`verify_password`.
            lasts: how long it is valid (ms).
            now: the present moment (ms); the machine's clock when None.
        """
        now = _now() if now is None else now
        secret = secrets.token_urlsafe(32)
        self._write(delete(web_session).where(web_session.c.expires_at <= now))
        self._write(
            insert(web_session).values(
                token_hash=_digest(secret),
                user_name=account.name,
                created_at=now,
                expires_at=now + lasts,
            )
        )
        return secret

    def find_session(self, secret: str, *, now: Ms | None = None) -> Account | None:
        """Whose session this is; None when it is nobody's, has expired or was ended."""
        digest = _digest(secret)
        query = select(web_session, user.c.role).join(user, user.c.name == web_session.c.user_name)
        row = self._first(query.where(web_session.c.token_hash == digest))
        if row is None or not hmac.compare_digest(row["token_hash"], digest):
            return None
        if row["expires_at"] <= (_now() if now is None else now):
            return None
        return Account(row["user_name"], Role(row["role"]))

    def end_session(self, secret: str) -> None:
        """End a session; nothing happens when there is none."""
        self._write(delete(web_session).where(web_session.c.token_hash == _digest(secret)))

    # --- the database ---------------------------------------------------------------------------

    def _first(self, query: Any) -> RowMapping | None:  # noqa: ANN401 - any select
        with self._usable(), self._history.reading() as connection:
            return connection.execute(query).mappings().first()

    def _all(self, query: Any) -> Sequence[RowMapping]:  # noqa: ANN401 - any select
        with self._usable(), self._history.reading() as connection:
            return connection.execute(query).mappings().all()

    def _write(self, statement: Any) -> int:  # noqa: ANN401 - any insert, update or delete
        with self._usable(), self._history.writing() as connection:
            return connection.execute(statement).rowcount

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise HistoryError(explain(error, self._history.url)) from error


@contextmanager
def _taken(message: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise AccountError(message) from error


@cache
def _nobodys_hash(hasher: PasswordHasher) -> str:
    return hasher.hash(secrets.token_urlsafe(32))


def _checked_name(name: str) -> str:
    if not name or name != name.strip() or not name.isprintable() or len(name) > NAME_MAX:
        raise AccountError(
            f"The name must be 1 to {NAME_MAX} printable characters, without spaces around it."
        )
    return name


def _checked_password(password: str, name: str) -> str:
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise AccountError(
            f"The password must have {PASSWORD_MIN} to {PASSWORD_MAX} characters: take several "
            "words, for example."
        )
    if len(set(password)) == 1 or password.casefold() == name.casefold():
        raise AccountError("The password is too easy to guess: take several words, for example.")
    return password


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _now() -> Ms:
    return time.time_ns() // 1_000_000
