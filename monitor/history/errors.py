"""What went wrong with the database, in one plain sentence that says what to do."""

from typing import Final

from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

BAD_DATA: Final = (DataError, IntegrityError, TypeError, ValueError, OverflowError)
"""Failures that come from the data itself: trying again gives the same answer."""


class HistoryError(Exception):
    """The history cannot be used; the message is for the person who runs Minuteur."""


def place(url: URL) -> str:
    """Name a database for people, without its password."""
    if url.get_backend_name() == "sqlite":
        return f"the database {url.database}"
    return f"the database {url.render_as_string(hide_password=True)}"


def explain(error: BaseException, url: URL) -> str:
    """Say in one sentence what is wrong with the database, and what to do about it."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = " ".join(str(cause).split()) or type(cause).__name__
    known = _SQLITE if url.get_backend_name() == "sqlite" else _POSTGRESQL
    lowered = said.lower()
    for words, sentence in known.items():
        if words in lowered:
            return sentence.format(place=place(url), said=said)
    return f"The history cannot use {place(url)}: {said}."


_SQLITE: Final = {
    "disk is full": "The disk is full: free space where {place} lies, or move it.",
    "is locked": "Another program holds {place} locked: end that program, or its transaction.",
    "readonly": "No permission to write {place}: give Minuteur's user write access to the file "
     "and its folder.",
    "unable to open": "Cannot open {place}: check that its folder exists and that Minuteur's user "
     "may write there.",
    "not a database": "The file of {place} is not an SQLite database: name another file in "
     "[history] database, or restore a backup.",
    "malformed": "The file of {place} is damaged: stop Minuteur, then restore a backup, or "
     "salvage it with `sqlite3 FILE .recover`.",
    "disk i/o": "The disk of {place} reports errors ({said}): check the disk.",
    "no such table": "A table is missing in {place} ({said}): restart Minuteur, or restore a "
     "backup.",
}  # fmt: skip

_POSTGRESQL: Final = {
    "password authentication": "PostgreSQL refuses the user or password of {place}: correct "
     "[history] database.",
    "no password supplied": "PostgreSQL wants a password for {place}: add it to [history] "
     "database.",
    "does not exist": "PostgreSQL says that something does not exist for {place}: create it "
     "({said}).",
    "no space left": "The disk of PostgreSQL's server is full: free space there ({place}).",
    "disk full": "The disk of PostgreSQL's server is full: free space there ({place}).",
    "read-only transaction": "PostgreSQL is read-only: {place} names a standby, or the server is "
     "in recovery; name the primary.",
    "permission denied": "PostgreSQL denies a permission on {place}: grant it ({said}).",
    "too many": "PostgreSQL has no free connection for {place}: raise max_connections, or end "
     "other clients.",
    "starting up": "PostgreSQL is still starting ({place}): wait a moment.",
    "shutting down": "PostgreSQL is shutting down ({place}): start it again.",
    "terminating connection": "PostgreSQL ended the connection with {place}: check that the "
     "server runs.",
    "connection": "PostgreSQL cannot be reached for {place}: check that the server runs and that "
     "host and port are right ({said}).",
}  # fmt: skip
