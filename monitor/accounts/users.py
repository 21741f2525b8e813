"""People: their passwords, what they may do and see, and identity providers that vouch for them."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from monitor.accounts.storage import (
    PASSWORD_MAX,
    Storage,
    account_of,
    checked_name,
    checked_password,
    digest,
    plain_name,
    queues_json,
    queues_of,
    queues_text,
    seen_by,
)
from monitor.accounts.values import (
    CONSOLE,
    KEEP,
    Account,
    AccountError,
    Fault,
    Kind,
    Queues,
    Role,
    User,
    UserChange,
)
from monitor.history.audit import Via, Who
from monitor.history.tables import user, web_session

NO_PASSWORD: Final = ""
"""Stands in place of a hash for those who sign in by an identity provider only."""


class Users(Storage):
    """Users in a history's database."""

    def add_user(
        self,
        name: str,
        password: str,
        role: Role | str,
        *,
        queues: Queues = None,
        sees_numbers: bool | None = None,
        by: Who = CONSOLE,
    ) -> Account:
        """Add a user with a password.

        Args:
            name: what they sign in with.
            password: their password.
            role: what they may do.
            queues: the queues that they may see; None for all. Admins see all as long as they are.
            sees_numbers: whether they see callers' numbers; None: as usual for the role.
            by: who adds them.

        Raises:
            AccountError: the name is taken or not valid, the role unknown, the password weak.
        """
        name, role = checked_name(name), Role.named(role)
        hashed = self._hasher.hash(checked_password(password, name))
        values = _rights(role, queues, sees_numbers) | {"name": name, "password_hash": hashed}
        with self._writing() as connection:
            self._insert(connection, values, by)
        return Account(name, role, seen_by(role, queues), values["sees_numbers"])

    def add_first_admin(self, name: str, password: str) -> Account:
        """Add the first user of all, an admin.

        Raises:
            AccountError: there are users already; the name is not valid, the password weak.
        """
        name = checked_name(name)
        hashed = self._hasher.hash(checked_password(password, name))
        values = _rights(Role.ADMIN, None, None) | {"name": name, "password_hash": hashed}
        with self._writing() as connection:
            if connection.execute(select(user.c.name).limit(1)).first() is not None:
                raise AccountError(
                    "Somebody was faster: there are users already. Sign in.", Fault.NOT_FIRST
                )
            self._insert(connection, values, Who(name, Via.SESSION))
        return Account(name, Role.ADMIN)

    def users(self) -> list[User]:
        """Everybody, by name; disabled users too."""
        return [user_of(row) for row in self._all(_users().order_by(user.c.name))]

    def user(self, name: str) -> User | None:
        """The user of this name."""
        row = self._first(_users().where(user.c.name == plain_name(name)))
        return None if row is None else user_of(row)

    def has_users(self) -> bool:
        """Whether anybody can sign in at all."""
        return self._first(select(user.c.name).limit(1)) is not None

    def change_user(self, name: str, change: UserChange, by: Who = CONSOLE) -> User | None:
        """Change what a user may do and see; None when there is none of this name.

        Who is disabled is signed out everywhere.

        Raises:
            AccountError: it would leave no admin, or an identity provider decides on it.
        """
        with self._writing() as connection:
            row = _row(connection, name)
            if row is None:
                return None
            if row["issuer"] is not None and change.role not in (None, Role(row["role"])):
                raise AccountError(
                    f"The role of {row['name']} comes from the identity provider, at each "
                    "sign-in: change it there.",
                    Fault.FROM_PROVIDER,
                    "role",
                )
            values = _changed(row, change)
            self._update(connection, row, values, by)
            if values["disabled"]:
                _end_sessions(connection, row["name"])
        return self.user(name)

    def set_password(self, name: str, password: str, by: Who = CONSOLE) -> bool:
        """Give a user another password and end all their sessions; False when there is no such.

        Raises:
            AccountError: the password is weak, or the user signs in elsewhere.
        """
        fresh = self._hasher.hash(checked_password(password, plain_name(name)))
        with self._writing() as connection:
            row = _row(connection, name)
            if row is None:
                return False
            _refuse_provided(row)
            self._store_password(connection, row["name"], fresh, by)
            _end_sessions(connection, row["name"])
        return True

    def change_own_password(self, name: str, old: str, new: str, session: str) -> None:
        """Give oneself another password; all sessions end but ``session``, one's own.

        Raises:
            AccountError: the old one is wrong, the new one weak, or one signs in elsewhere.
        """
        row = self._first(select(user).where(user.c.name == name))
        if row is not None:
            _refuse_provided(row)
        if self.verify_password(name, old) is None:
            raise AccountError(
                "The present password is not right.", Fault.WRONG_PASSWORD, "old_password"
            )
        fresh = self._hasher.hash(checked_password(new, name))
        with self._writing() as connection:
            self._store_password(connection, name, fresh, Who(name, Via.SESSION))
            _end_sessions(connection, name, but=digest(session))

    def end_sessions(self, name: str, by: Who = CONSOLE) -> int | None:
        """Sign a user out everywhere; how many sessions ended, None when there is no such user."""
        with self._writing() as connection:
            row = _row(connection, name)
            if row is None:
                return None
            ended = _end_sessions(connection, row["name"])
            if ended:
                self._trace(connection, by, "sessions_ended", row["name"], None, {"ended": ended})
        return ended

    def remove_user(self, name: str, by: Who = CONSOLE) -> bool:
        """Remove a user and all their sessions; False when there is none of this name.

        Raises:
            AccountError: it would leave no admin.
        """
        with self._writing() as connection:
            row = _row(connection, name)
            if row is None:
                return False
            with _keeping_an_admin(connection):
                connection.execute(delete(user).where(user.c.name == row["name"]))
            self._trace(connection, by, "user_deleted", row["name"], rights_json(row))
        return True

    def verify_password(self, name: str, password: str) -> Account | None:
        """Who signs in with this name and password; None when they do not match.

        An unknown name takes as long as a wrong password, so that names cannot be probed.

        Raises:
            AccountError: they match, and the user is disabled.
        """
        if len(password) > PASSWORD_MAX:
            return None
        row = self._first(select(user).where(user.c.name == plain_name(name)))
        stored = NO_PASSWORD if row is None else row["password_hash"]
        try:
            self._hasher.verify(stored or _nobodys_hash(self._hasher), password)
        except (VerificationError, InvalidHashError):
            return None
        if row is None or not stored:
            return None
        if row["disabled"]:
            raise AccountError("This account is disabled: ask an admin.", Fault.DISABLED)
        if self._hasher.check_needs_rehash(stored):
            fresh = self._hasher.hash(password)
            with self._writing() as connection:
                renewed = update(user).where(
                    user.c.name == row["name"], user.c.password_hash == stored
                )
                connection.execute(renewed.values(password_hash=fresh))
        return account_of(row, Kind.PERSON)

    # --- within a transaction -------------------------------------------------------------------

    def _insert(self, connection: Connection, values: dict[str, Any], by: Who) -> None:
        name = values["name"]
        for (other,) in connection.execute(select(user.c.name)):
            # Two that differ in capitals only would be taken for one another.
            if other.casefold() == name.casefold():
                raise AccountError(
                    f"There is a user {other} already: choose another name.",
                    Fault.NAME_TAKEN,
                    "name",
                )
        full = {
            "created_at": self._now(), "created_by": by.by, "disabled": False,
            "issuer": None, "subject": None, "last_sign_in_at": None,
        } | values  # fmt: skip
        connection.execute(insert(user).values(full))
        self._trace(connection, by, "user_created", name, None, rights_json(full))

    def _update(
        self, connection: Connection, row: RowMapping, values: dict[str, Any], by: Who
    ) -> None:
        """Change a user's rights, and leave a trace where anything is different."""
        if all(row[key] == value for key, value in values.items()):
            return
        with _keeping_an_admin(connection):
            connection.execute(update(user).where(user.c.name == row["name"]).values(values))
        before, after = rights_json(row), rights_json(dict(row) | values)
        self._trace(connection, by, "user_changed", row["name"], before, after)

    def _store_password(self, connection: Connection, name: str, fresh: str, by: Who) -> None:
        changed = update(user).where(user.c.name == name)
        connection.execute(changed.values(password_hash=fresh))
        self._trace(connection, by, "password_changed", name)


def user_of(row: RowMapping) -> User:
    """The user that a row of :func:`_users` holds."""
    return User(
        name=row["name"],
        role=Role(row["role"]),
        queues=queues_of(row["queues"]),
        sees_numbers=row["sees_numbers"],
        disabled=row["disabled"],
        has_password=row["password_hash"] != NO_PASSWORD,
        issuer=row["issuer"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        last_sign_in_at=row["last_sign_in_at"],
        sessions=row["sessions"],
    )


def rights_json(row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """What the audit trail tells of a user."""
    shown = {
        "role": row["role"],
        "queues": queues_json(seen_by(Role(row["role"]), queues_of(row["queues"]))),
        "sees_numbers": bool(row["sees_numbers"]),
        "disabled": bool(row["disabled"]),
    }
    return shown if row["issuer"] is None else shown | {"issuer": row["issuer"]}


def _rights(role: Role, queues: Queues, sees_numbers: bool | None) -> dict[str, Any]:
    """What somebody may do and see, as columns."""
    return {
        "role": role.value,
        "queues": queues_text(queues),
        "sees_numbers": role.sees_numbers if sees_numbers is None else sees_numbers,
    }


def _changed(row: RowMapping, change: UserChange) -> dict[str, Any]:
    """The columns of a user after a change."""
    role = change.role or Role(row["role"])
    queues = queues_of(row["queues"]) if change.queues is KEEP else change.queues
    shown = row["sees_numbers"] if change.sees_numbers is None else change.sees_numbers
    disabled = row["disabled"] if change.disabled is None else change.disabled
    return _rights(role, queues, shown) | {"disabled": disabled}


def _users() -> Any:  # noqa: ANN401 - a select
    signed_in = (
        select(func.count())
        .select_from(web_session)
        .where(web_session.c.user_name == user.c.name)
        .scalar_subquery()
        .label("sessions")
    )
    return select(user, signed_in)


def _row(connection: Connection, name: str) -> RowMapping | None:
    query = select(user).where(user.c.name == plain_name(name))
    return connection.execute(query).mappings().first()


def _refuse_provided(row: RowMapping) -> None:
    if row["issuer"] is not None:
        raise AccountError(
            f"{row['name']} signs in by the identity provider and has no password here.",
            Fault.NO_PASSWORD,
        )


def _end_sessions(connection: Connection, name: str, but: str = "") -> int:
    """End all sessions of a user, but one (by its digest); how many there were."""
    sessions = web_session.c
    theirs = (sessions.user_name == name) & (sessions.token_hash != but)
    return connection.execute(delete(web_session).where(theirs)).rowcount


def _admins(connection: Connection) -> int:
    """How many admins can sign in by a password, whatever becomes of an identity provider."""
    able = (
        (user.c.role == Role.ADMIN.value)
        & user.c.disabled.is_(False)
        & (user.c.password_hash != NO_PASSWORD)
    )
    return connection.execute(select(func.count()).select_from(user).where(able)).scalar_one()


@contextmanager
def _keeping_an_admin(connection: Connection) -> Iterator[None]:
    """Refuse, and with it undo, a change after which no admin is left.

    Raises:
        AccountError: it would leave none.
    """
    before = _admins(connection)
    yield
    if before and not _admins(connection):
        raise AccountError(
            "This is the last admin who can sign in with a password: make another one first.",
            Fault.LAST_ADMIN,
        )


@cache
def _nobodys_hash(hasher: PasswordHasher) -> str:
    return hasher.hash(secrets.token_urlsafe(32))
