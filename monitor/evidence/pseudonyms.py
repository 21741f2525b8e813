"""Pseudonyms: a number or an agent's name that nobody can read, always the same for the same one.

They are keyed (HMAC), because there are so few telephone numbers that a plain digest would be
turned back by trying them all. The key belongs to the installation and is in no database and no
pack; who has lost it can match no new call with an old one.
"""

import base64
import hashlib
import hmac
import re
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Final

from monitor.key_files import make_key_file

KEY_VARIABLE: Final = "MINUTEUR_PSEUDONYM_KEY"
KEY_BYTES: Final = 32
LENGTH: Final = 16
"""So many bytes of the HMAC are kept: no two of a billion numbers share them."""
CACHED: Final = 50_000
"""Numbers and names whose pseudonyms are remembered, of each kind."""
MARK: Final = "~"
"""Begins what stands for a name that was purged: the pseudonym itself follows."""

_PURGED: Final = re.compile(f"{MARK}[0-9a-f]{{{2 * LENGTH}}}")
_KEPT: Final = frozenset("0123456789+")
_HOW: Final = "32 random bytes in URL-safe base64, as `minuteur settings key` prints them"


class PseudonymError(Exception):
    """There is no key; the message says why and what to do."""


def normalised(number: str) -> str:
    """A caller's number in the one way in which it is matched; empty where there is none.

    Digits, and a plus where it comes before them all. Nothing is guessed of countries: ``0033 1``
    and ``+33 1`` are two numbers, as PBXs say either the one or the other.
    """
    if number.removeprefix("+").isdigit() and number.isascii():
        return number
    kept = "".join(letter for letter in number if letter in _KEPT)
    digits = kept.replace("+", "")
    return f"+{digits}" if digits and kept.startswith("+") else digits


class Pseudonyms:
    """Makes pseudonyms under one key.

    Args:
        key: 32 secret bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise PseudonymError(f"A key of pseudonyms has {KEY_BYTES} bytes: {_HOW}.")
        self._key = key
        self.key_id = hashlib.sha256(b"minuteur pseudonym key:" + key).hexdigest()[:16]
        """Says which key it is, and nothing of it."""
        # Of its own for each object: the cache is as secret as the key.
        self.caller = lru_cache(CACHED)(self._caller)
        self.agent = lru_cache(CACHED)(self._agent)
        self.pattern = lru_cache(CACHED)(self._pattern)

    def contact(self, id_: str) -> str:
        """The pseudonym of a contact: its id is made of what its source calls it."""
        return self._of("contact", id_)

    def _caller(self, number: str) -> str:
        """The pseudonym of a caller's number, 32 hexadecimal digits; empty where there is none."""
        number = normalised(number)
        return self._of("caller", number) if number else ""

    def _agent(self, name: str) -> str:
        """The pseudonym of an agent's name or interface; what is one already stays what it is."""
        if _PURGED.fullmatch(name):
            return name.removeprefix(MARK)
        return self._of("agent", name) if name else ""

    def _pattern(self, pattern: str) -> str:
        """The pseudonym of a pattern of numbers that a policy names."""
        return self._of("pattern", pattern)

    def _of(self, label: str, value: str) -> str:
        text = f"{label}:{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, text, "sha256")[:LENGTH].hex()


def load_pseudonyms(file: Path, given: str = "", *, make: bool = True) -> Pseudonyms:
    """The pseudonyms of an installation; its key is made where there is none yet.

    Args:
        file: where the key is kept, its owner's alone.
        given: the key itself, from :data:`KEY_VARIABLE`; empty: the file's.
        make: False: there has been a key, so another is not made.

    Raises:
        PseudonymError: the key cannot be read or made, or is none.
    """
    if given.strip():
        return Pseudonyms(_decoded(given, KEY_VARIABLE))
    if not make and not file.exists():
        raise PseudonymError(
            f"The key of the pseudonyms, {file}, is missing, and the record has pseudonyms: put it "
            f"back. Is it lost for good, make another, and callers of before are strangers: "
            f"minuteur settings key > {file}"
        )
    try:
        make_key_file(file, base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)))
        text = file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise PseudonymError(
            f"The key of the pseudonyms, {file}, cannot be used: {why}. Mend it, or set "
            f"{KEY_VARIABLE}. Never make another: callers of before would be strangers."
        ) from error
    return Pseudonyms(_decoded(text, str(file)))


def pseudonym_file(key_file: Path) -> Path:
    """Where the key is kept: beside the key of the settings' secrets, under a name of its own."""
    return key_file.with_name(f"{key_file.stem}.pseudonyms{key_file.suffix}")


def _decoded(text: str, place: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise PseudonymError(f"{place} holds no key: it takes {_HOW}.")
    return key
