"""The place after one call in the list of calls."""

import base64
import binascii
from dataclasses import dataclass

import orjson

from monitor.core.clock import Ms


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after one call in the list of calls, newest first.

    It names the call itself, not a row number: calls that arrive meanwhile come before it, so no
    later page shifts.
    """

    arrived_at: Ms
    id: str

    def encode(self) -> str:
        """As text that may stand in an address."""
        text = orjson.dumps([self.arrived_at, self.id])
        return base64.urlsafe_b64encode(text).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Read what :meth:`encode` made.

        Raises:
            ValueError: it is not a cursor.
        """
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            match orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True)):
                case [int(arrived_at), str(id_)] if abs(arrived_at) < 2**63:
                    return cls(arrived_at, id_)
        except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
            pass
        raise ValueError(
            "cursor is not one that this list gave: pass next_cursor as it was, or leave it out "
            "to begin at the newest call"
        )
