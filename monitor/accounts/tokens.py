"""Keys for programs, and for wallboards that nobody stands before to sign in."""

import hmac
import secrets
from typing import Any, Final

from sqlalchemy import RowMapping, delete, func, insert, select, update

from monitor.accounts.storage import (
    Storage,
    account_of,
    checked_name,
    digest,
    plain_name,
    queues_json,
    queues_of,
    queues_text,
    taken,
)
from monitor.accounts.values import CONSOLE, Account, Kind, Queues, Role, Token
from monitor.history.audit import Who
from monitor.history.tables import api_token, web_session

TOKEN_PREFIX: Final = "mnt_"  # noqa: S105 - no secret
"""Marks a token as ours, for people and for scanners that look for leaked secrets."""
DEVICE_PREFIX: Final = "mnd_"
"""The same, for a device's token: it opens a session, and is good for nothing else."""


class Tokens(Storage):
    """Tokens in a history's database."""

    def create_token(
        self,
        name: str,
        role: Role | str,
        *,
        queues: Queues = None,
        sees_numbers: bool = True,
        label: str = "",
        by: Who = CONSOLE,
    ) -> str:
        """Make a token for a program; this is the only time that it can be read.

        Args:
            name: names it for ever.
            role: what the program may do.
            queues: the queues that it may see; None for all, which admins see anyway.
            sees_numbers: whether it is told callers' numbers in full.
            label: what it is for.
            by: who makes it.

        Raises:
            AccountError: the name is taken or not valid, or the role unknown.
        """
        account = Account(checked_name(name), Role.named(role), queues, sees_numbers, Kind.PROGRAM)
        return self._create(account, label, by)

    def create_device(
        self, name: str, *, queues: Queues = None, label: str = "", by: Who = CONSOLE
    ) -> str:
        """Make a token for a wallboard: it may look at these queues, and sees no numbers.

        Raises:
            AccountError: the name is taken or not valid.
        """
        account = Account(
            checked_name(name), Role.VIEWER, queues, sees_numbers=False, kind=Kind.DEVICE
        )
        return self._create(account, label, by)

    def find_token(self, token: str) -> Account | None:
        """Whose token this is; None when it is nobody's, revoked, or a device's."""
        return self._found(token, TOKEN_PREFIX, Kind.PROGRAM)

    def find_device(self, token: str) -> Account | None:
        """Whose token this is; None when it is no device's, or revoked."""
        return self._found(token, DEVICE_PREFIX, Kind.DEVICE)

    def tokens(self) -> list[Token]:
        """All tokens of programs, revoked ones too, by name."""
        return self._listed(Kind.PROGRAM)

    def devices(self) -> list[Token]:
        """All tokens of devices, revoked ones too, by name."""
        return self._listed(Kind.DEVICE)

    def revoke_token(self, name: str, by: Who = CONSOLE) -> bool:
        """End a program's token; False when none of this name is in force. The name stays taken."""
        return self._revoke(name, Kind.PROGRAM, by)

    def revoke_device(self, name: str, by: Who = CONSOLE) -> bool:
        """End a device's token and its sessions; False when none of this name is in force."""
        return self._revoke(name, Kind.DEVICE, by)

    def _create(self, account: Account, label: str, by: Who) -> str:
        prefix = DEVICE_PREFIX if account.kind is Kind.DEVICE else TOKEN_PREFIX
        token = prefix + secrets.token_urlsafe(32)
        queues = None if account.role is Role.ADMIN else account.queues
        values = {
            "name": account.name, "role": account.role.value, "token_hash": digest(token),
            "created_at": self._now(), "kind": account.kind.value, "queues": queues_text(queues),
            "sees_numbers": account.sees_numbers, "label": label, "created_by": by.by,
        }  # fmt: skip
        message = f"There is a token {account.name} already, or a device: choose another name."
        with taken(message), self._writing() as connection:
            connection.execute(insert(api_token).values(values))
            what = f"{_WORDS[account.kind]}_created"
            self._trace(connection, by, what, account.name, None, _json(values))
        return token

    def _found(self, token: str, prefix: str, kind: Kind) -> Account | None:
        if not token.startswith(prefix):
            return None
        hashed = digest(token)
        row = self._first(select(api_token).where(api_token.c.token_hash == hashed))
        if row is None or not hmac.compare_digest(row["token_hash"], hashed):
            return None
        if row["revoked_at"] is not None or row["kind"] != kind.value:
            return None
        return account_of(row, kind)

    def _listed(self, kind: Kind) -> list[Token]:
        open_now = (
            select(func.count())
            .select_from(web_session)
            .where(web_session.c.device_name == api_token.c.name)
            .scalar_subquery()
            .label("sessions")
        )
        query = select(api_token, open_now).where(api_token.c.kind == kind.value)
        return [_token_of(row) for row in self._all(query.order_by(api_token.c.name))]

    def _revoke(self, name: str, kind: Kind, by: Who) -> bool:
        name = plain_name(name)
        live = (
            (api_token.c.name == name)
            & (api_token.c.kind == kind.value)
            & api_token.c.revoked_at.is_(None)
        )
        with self._writing() as connection:
            row = connection.execute(select(api_token).where(live)).mappings().first()
            if row is None:
                return False
            connection.execute(update(api_token).where(live).values(revoked_at=self._now()))
            connection.execute(delete(web_session).where(web_session.c.device_name == name))
            self._trace(connection, by, f"{_WORDS[kind]}_revoked", name, _json(dict(row)))
        return True


_WORDS: Final = {Kind.PROGRAM: "token", Kind.DEVICE: "device"}


def _json(row: dict[str, Any]) -> dict[str, Any]:
    """What the audit trail tells of a token."""
    return {
        "role": row["role"],
        "queues": queues_json(queues_of(row["queues"])),
        "sees_numbers": bool(row["sees_numbers"]),
        "label": row["label"],
    }


def _token_of(row: RowMapping) -> Token:
    return Token(
        name=row["name"],
        role=Role(row["role"]),
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
        kind=Kind(row["kind"]),
        queues=queues_of(row["queues"]),
        sees_numbers=row["sees_numbers"],
        label=row["label"],
        created_by=row["created_by"],
        last_used_at=row["last_used_at"],
        sessions=row["sessions"],
    )
