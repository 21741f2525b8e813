"""Whether documents made anew are those that were sealed: no pack is made that is wrong."""

from collections.abc import Iterable
from datetime import date

from monitor.evidence.chain import DIGEST, digest_of


class NotAsSealedError(ValueError):
    """The record is not what was sealed; the message says where."""


class AsSealed:
    """Compares the documents of a day's part with the digests that were sealed.

    Args:
        day: the day.
        part: which of its parts.
        digests: what was sealed, 32 bytes for each document, in order.
    """

    def __init__(self, day: date, part: str, digests: bytes) -> None:
        self._place = f"{day}, {part}"
        self._digests = digests
        self._at = 0

    def check(self, document: bytes) -> None:
        """Compare the next one.

        Raises:
            NotAsSealedError: it is not the one that was sealed.
        """
        if self._digests[self._at : self._at + DIGEST] != digest_of(document):
            raise self._error()
        self._at += DIGEST

    def end(self) -> None:
        """Say that there are no more.

        Raises:
            NotAsSealedError: more were sealed.
        """
        if self._at != len(self._digests):
            raise self._error()

    def _error(self) -> NotAsSealedError:
        return NotAsSealedError(
            f"The record is not what was sealed ({self._place}, line {self._at // DIGEST + 1}): "
            "`minuteur evidence status --check` says more."
        )


def check_all(day: date, part: str, digests: bytes, lines: Iterable[bytes]) -> None:
    """Compare all documents of a part.

    Raises:
        NotAsSealedError: they are not those that were sealed.
    """
    sealed = AsSealed(day, part, digests)
    for line in lines:
        sealed.check(line)
    sealed.end()
