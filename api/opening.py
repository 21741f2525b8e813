"""Opening the record as the settings name it, with the key of its pseudonyms."""

import logging
import os

from config.settings import Settings
from monitor.evidence.pseudonyms import (
    KEY_VARIABLE,
    PseudonymError,
    Pseudonyms,
    load_pseudonyms,
    pseudonym_file,
)
from monitor.history.database import History, open_history
from monitor.history.secrets import key_file

log = logging.getLogger("minuteur.evidence")


def open_record(settings: Settings) -> History:
    """Open the database that the settings name, so that what is stored can be sealed.

    Without a key all else works as ever: calls have no pseudonyms, and no day is sealed.

    Raises:
        HistoryError: the database cannot be used.
    """
    return open_url(settings.history.database.get_secret_value(), settings.history.key_file)


def open_url(url: str, key: str = "") -> History:
    """The same for a database's address.

    Args:
        url: the address.
        key: where the settings say that the key of their secrets is.

    Raises:
        HistoryError: the database cannot be used.
    """
    history = open_history(url)
    history.pseudonyms = _pseudonyms(history, key)
    return history


def _pseudonyms(history: History, key: str) -> Pseudonyms | None:
    file = pseudonym_file(key_file(history.url, key))
    try:
        return load_pseudonyms(file, os.environ.get(KEY_VARIABLE, ""))
    except PseudonymError as error:
        log.error("No pseudonyms of callers, so no day can be sealed. %s", error)  # noqa: TRY400
        return None
