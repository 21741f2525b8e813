"""Secrets of settings: encrypted in the database, under a key that is not in it.

The key comes from the environment, else from a file that is its owner's alone and made when the
first secret is stored. Without the key the secrets are lost, and have to be entered anew.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.engine import URL

from monitor.core.clock import Ms
from monitor.history.setting_tables import secret
from monitor.key_files import make_key_file

KEY_VARIABLE: Final = "MINUTEUR_SECRET_KEY"
KEY_FILE: Final = "minuteur.key"
"""Where the key is kept when the database is no file, in the folder of the process."""
log = logging.getLogger("minuteur.settings")

_HOW: Final = "32 random bytes in URL-safe base64, as `minuteur settings key` prints them"

Key = tuple[str, str]
"""A setting: its kind and its id."""


class SecretsError(Exception):
    """Secrets cannot be kept; the message says why and what to do."""


class Vault:
    """Keeps secrets. Methods block, and work within a transaction of the caller's.

    Args:
        file: where the key is kept when none is given.
        given: the key itself, from the environment; empty: the file's.
    """

    def __init__(self, file: Path, given: str = "") -> None:
        self._file = file
        self._given = given.strip()
        self._fernet: Fernet | None = None

    def put(self, connection: Connection, key: Key, values: Mapping[str, str], at: Ms) -> None:
        """Keep secrets of a setting, each by its field; others of it stay.

        Raises:
            SecretsError: there is no key, and none can be made.
        """
        kind, id_ = key
        for field, value in values.items():
            encrypted = self._cipher(make=True).encrypt(value.encode()).decode()
            columns = {"kind": kind, "id": id_, "field": field}
            same = [secret.c[name] == found for name, found in columns.items()]
            connection.execute(delete(secret).where(*same))
            row = {**columns, "encrypted": encrypted, "updated_at": at}
            connection.execute(insert(secret).values(row))

    def all(self, connection: Connection) -> dict[Key, dict[str, str]]:
        """All secrets by setting and field; empty where one cannot be decrypted, which is logged.

        Whatever is wrong with the key, the rest of the monitor does its work.
        """
        rows = list(connection.execute(select(secret)).mappings())
        found: dict[Key, dict[str, str]] = {}
        problem = ""
        for row in rows:
            value = ""
            try:
                value = self._cipher().decrypt(row["encrypted"].encode()).decode()
            except InvalidToken:
                problem = f"A secret was encrypted under another key than that of {self.place}."
            except SecretsError as error:
                problem = str(error)
            found.setdefault((row["kind"], row["id"]), {})[row["field"]] = value
        if problem:
            log.error("Secrets of the settings cannot be read. %s", problem)
        return found

    @property
    def place(self) -> str:
        """Where the key is."""
        return KEY_VARIABLE if self._given else str(self._file)

    def _cipher(self, *, make: bool = False) -> Fernet:
        if self._fernet is None:
            self._fernet = self._load(make=make)
        return self._fernet

    def _load(self, *, make: bool) -> Fernet:
        if self._given:
            return _fernet(self._given, self.place)
        try:
            if make:
                make_key_file(self._file, Fernet.generate_key())
            return _fernet(self._file.read_text("ascii").strip(), self.place)
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise SecretsError(
                f"The key of the secrets, {self._file}, cannot be used: {why}. Mend it, or set "
                f"{KEY_VARIABLE} or [history] key_file."
            ) from error


def key_file(url: URL, named: str = "") -> Path:
    """Where the key of a database's secrets is kept: as named, else beside the SQLite file."""
    if named:
        return Path(named)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(f"{url.database}.key")
    return Path(KEY_FILE)


def new_key() -> str:
    """A new key, as :data:`KEY_VARIABLE` and the file take it."""
    return Fernet.generate_key().decode()


def _fernet(key: str, place: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise SecretsError(f"{place} holds no key: it takes {_HOW}.") from None
