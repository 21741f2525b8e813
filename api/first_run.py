"""The first run: who has the code that the server printed may create the first admin."""

import hmac
import secrets
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""What cannot be mistaken for another when it is read from a terminal and typed."""
GROUPS: Final = 3
GROUP: Final = 4
"""12 characters of 30: 58 bits, and few guesses a minute."""


class FirstRun:
    """Holds the setup code of this process."""

    def __init__(self) -> None:
        groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
        self.code = "-".join(groups)
        self.closed = False
        """Set once there is a user, and then for ever."""

    def knows(self, code: str) -> bool:
        """Whether somebody has the code, however they write it."""
        return hmac.compare_digest(_plain(code), _plain(self.code))


def _plain(code: str) -> bytes:
    return "".join(code.split()).replace("-", "").upper().encode(errors="replace")
