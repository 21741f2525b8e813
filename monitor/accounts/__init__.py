"""Who may use Minuteur: people with passwords and sessions, programs and devices with tokens.

Secrets are never stored: passwords as Argon2id hashes, tokens and sessions as SHA-256 of 32 random
bytes, which nobody can guess and which therefore need no slow hash. Each change leaves its entry in
the audit trail, in the same transaction.
"""

from monitor.accounts.providers import ProvidedUsers
from monitor.accounts.sessions import DEVICE_LASTS, SESSION_LASTS, Sessions, session_id
from monitor.accounts.storage import NAME_MAX, PASSWORD_MAX, PASSWORD_MIN, plain_name, queues_json
from monitor.accounts.tokens import DEVICE_PREFIX, TOKEN_PREFIX, Tokens
from monitor.accounts.values import (
    CONSOLE,
    KEEP,
    Account,
    AccountError,
    Fault,
    Kind,
    Provided,
    QueueRef,
    Queues,
    Role,
    Session,
    Token,
    User,
    UserChange,
)

__all__ = [
    "CONSOLE",
    "DEVICE_LASTS",
    "DEVICE_PREFIX",
    "KEEP",
    "NAME_MAX",
    "PASSWORD_MAX",
    "PASSWORD_MIN",
    "SESSION_LASTS",
    "TOKEN_PREFIX",
    "Account",
    "AccountError",
    "Accounts",
    "Fault",
    "Kind",
    "Provided",
    "QueueRef",
    "Queues",
    "Role",
    "Session",
    "Token",
    "User",
    "UserChange",
    "plain_name",
    "queues_json",
    "session_id",
]


class Accounts(ProvidedUsers, Tokens, Sessions):
    """Users, tokens and sessions in a history's database.

    Methods block (verifying a password takes some 50 ms); an event loop runs them in a thread.

    Raises:
        HistoryError: from every method, when the database cannot be used.
    """
