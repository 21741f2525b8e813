"""Signed-in browsers: of people, for some hours; of devices, for as long as they are in use."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update

from monitor.accounts.storage import Storage, account_of, digest
from monitor.accounts.values import Account, Kind, Session
from monitor.core.clock import DAY, Ms
from monitor.history.audit import AuditEntry, AuditRecord, Via, Who
from monitor.history.tables import api_token, user, web_session

SESSION_LASTS: Final[Ms] = 7 * DAY
DEVICE_LASTS: Final[Ms] = 90 * DAY
"""How long a device may be switched off; while it is on, its session is renewed."""
DEVICE_SESSIONS: Final = 5
"""Sessions of one device at most: a screen that forgets its cookie each night piles none up."""
ID_LENGTH: Final = 16


class Sessions(Storage):
    """Sessions in a history's database."""

    def create_session(
        self,
        account: Account,
        *,
        lasts: Ms = SESSION_LASTS,
        now: Ms | None = None,
        address: str = "",
        agent: str = "",
    ) -> str:
        """Begin a session of a person or a device; returns the secret for the cookie.

        Args:
            account: who signed in.
            lasts: how long it is valid (ms).
            now: the present moment (ms); the accounts' clock when None.
            address: where from.
            agent: by which browser, in a few words.
        """
        now = self._now() if now is None else now
        secret = secrets.token_urlsafe(32)
        device = account.kind is Kind.DEVICE
        values = {
            "token_hash": digest(secret),
            "user_name": None if device else account.name,
            "device_name": account.name if device else None,
            "created_at": now,
            "expires_at": now + lasts,
            "last_seen_at": now,
            "address": address,
            "agent": agent,
        }
        with self._writing() as connection:
            connection.execute(delete(web_session).where(web_session.c.expires_at <= now))
            if device:
                _end_oldest(connection, account.name)
                mine = update(api_token).where(api_token.c.name == account.name)
                connection.execute(mine.values(last_used_at=now))
            else:
                theirs = update(user).where(user.c.name == account.name)
                connection.execute(theirs.values(last_sign_in_at=now))
            connection.execute(insert(web_session).values(values))
            who = Who(account.name, Via.SESSION)
            self._trace(connection, who, "signed_in", account.name, None, {"address": address})
        return secret

    def find_session(self, secret: str, *, now: Ms | None = None) -> Account | None:
        """Whose session this is; None when it is nobody's, has expired or was ended."""
        hashed = digest(secret)
        row = self._first(select(web_session).where(web_session.c.token_hash == hashed))
        if row is None or not hmac.compare_digest(row["token_hash"], hashed):
            return None
        if row["expires_at"] <= (self._now() if now is None else now):
            return None
        return self._person(row) if row["device_name"] is None else self._device(row)

    def end_session(self, secret: str) -> None:
        """End a session; nothing happens when there is none."""
        with self._writing() as connection:
            ended = web_session.c.token_hash == digest(secret)
            connection.execute(delete(web_session).where(ended))

    def sessions_of(self, name: str, *, now: Ms | None = None) -> list[Session]:
        """The sessions of a person, the one last seen first."""
        now = self._now() if now is None else now
        theirs = (web_session.c.user_name == name) & (web_session.c.expires_at > now)
        newest = web_session.c.last_seen_at.desc()
        rows = self._all(select(web_session).where(theirs).order_by(newest))
        return [_session_of(row) for row in rows]

    def end_session_of(self, name: str, id_: str) -> bool:
        """End one session of a person; False when they have none of this id."""
        theirs = (web_session.c.user_name == name) & (
            web_session.c.token_hash.startswith(id_, autoescape=True)
        )
        if len(id_) != ID_LENGTH:
            return False
        with self._writing() as connection:
            return connection.execute(delete(web_session).where(theirs)).rowcount > 0

    def note_seen(self, sessions: Mapping[str, Ms], tokens: Mapping[str, Ms]) -> None:
        """Note when sessions and tokens were last used; a device's session lasts longer by it.

        Args:
            sessions: moments (ms) by the secret of a session.
            tokens: moments (ms) by a program's token.
        """
        with self._writing() as connection:
            for secret, at in sessions.items():
                _seen(connection, web_session.c.token_hash == digest(secret), at)
            for token, at in tokens.items():
                used = update(api_token).where(api_token.c.token_hash == digest(token))
                connection.execute(used.values(last_used_at=at))

    def note(
        self, who: Who, what: str, subject: str, after: Mapping[str, Any] | None = None
    ) -> None:
        """Leave an entry in the audit trail about something that changed nothing here."""
        with self._usable():
            AuditRecord(self._history).add(
                AuditEntry(self._now(), who.by, who.via, what, subject, None, after)
            )

    def _person(self, session: RowMapping) -> Account | None:
        row = self._first(select(user).where(user.c.name == session["user_name"]))
        return None if row is None or row["disabled"] else account_of(row, Kind.PERSON)

    def _device(self, session: RowMapping) -> Account | None:
        row = self._first(select(api_token).where(api_token.c.name == session["device_name"]))
        gone = row is None or row["revoked_at"] is not None
        return None if row is None or gone else account_of(row, Kind.DEVICE)


def session_id(secret: str) -> str:
    """Names a session without being its secret."""
    return digest(secret)[:ID_LENGTH]


def _end_oldest(connection: Connection, device: str) -> None:
    """Make room for another session of a device."""
    query = (
        select(web_session.c.token_hash)
        .where(web_session.c.device_name == device)
        .order_by(web_session.c.last_seen_at.desc())
        .offset(DEVICE_SESSIONS - 1)
    )
    old = connection.execute(query).scalars().all()
    connection.execute(delete(web_session).where(web_session.c.token_hash.in_(old)))


def _seen(connection: Connection, this: ColumnElement[bool], at: Ms) -> None:
    """Note when a session was used; a device's lasts longer by it."""
    query = select(web_session.c.device_name).where(this)
    device = connection.execute(query).scalar_one_or_none()
    seen = {"last_seen_at": at} | ({} if device is None else {"expires_at": at + DEVICE_LASTS})
    connection.execute(update(web_session).where(this).values(seen))
    if device is not None:
        used = update(api_token).where(api_token.c.name == device)
        connection.execute(used.values(last_used_at=at))


def _session_of(row: RowMapping) -> Session:
    return Session(
        id=row["token_hash"][:ID_LENGTH],
        kind=Kind.PERSON if row["device_name"] is None else Kind.DEVICE,
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        expires_at=row["expires_at"],
        address=row["address"],
        agent=row["agent"],
    )
