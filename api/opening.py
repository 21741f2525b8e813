"""Opening the record as the settings name it, with the key of its pseudonyms."""

import logging
import os

from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from monitor.evidence.pseudonyms import (
    KEY_VARIABLE,
    PseudonymError,
    Pseudonyms,
    load_pseudonyms,
    pseudonym_file,
)
from monitor.history.database import History, open_history
from monitor.history.errors import HistoryError, explain
from monitor.history.evidence_record import has_pseudonyms
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
    try:
        history.pseudonyms = _pseudonyms(history, key)
    except SQLAlchemyError as error:
        history.close()
        raise HistoryError(explain(error, history.url)) from error
    return history


def _pseudonyms(history: History, key: str) -> Pseudonyms | None:
    file = pseudonym_file(key_file(history.url, key))
    try:
        make = not has_pseudonyms(history)
        return load_pseudonyms(file, os.environ.get(KEY_VARIABLE, ""), make=make)
    except PseudonymError as error:
        log.error("No pseudonyms of callers, so no day can be sealed. %s", error)  # noqa: TRY400
        return None
