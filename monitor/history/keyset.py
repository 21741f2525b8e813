"""Pages of a list by a cursor that names a row and not its number."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Column, RowMapping, Select, or_

MAX_LIMIT: Final = 500


def check_limit(limit: int) -> None:
    """Refuse a page that is empty or too long.

    Raises:
        ValueError: the limit is not valid.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"limit must be between 1 and {MAX_LIMIT}")


@dataclass(frozen=True, slots=True)
class Keyset:
    """The order of a list: by a moment, then by a key that is unique; both descending, or not.

    Rows that come meanwhile, newest first, are before every cursor, so no later page shifts.
    """

    moment: Column[Any]
    key: Column[Any]
    ascending: bool = False

    def page(self, query: Select[Any], cursor: str | None, limit: int) -> Select[Any]:
        """The first ``limit`` rows after ``cursor``, and one more to know whether there are any.

        Raises:
            ValueError: it is not a cursor of this list.
        """
        if cursor is not None:
            at, key = self._decode(cursor)
            # The first condition alone says where the index is entered.
            if self.ascending:
                query = query.where(self.moment >= at, or_(self.moment > at, self.key > key))
            else:
                query = query.where(self.moment <= at, or_(self.moment < at, self.key < key))
        columns = self.moment, self.key
        order = [one.asc() if self.ascending else one.desc() for one in columns]
        return query.order_by(*order).limit(limit + 1)

    def cut(
        self, rows: Sequence[RowMapping], limit: int
    ) -> tuple[Sequence[RowMapping], str | None]:
        """What is shown of the rows that :meth:`page` found, and the next cursor."""
        if len(rows) <= limit:
            return rows, None
        last = rows[limit - 1]
        text = orjson.dumps([last[self.moment.key], last[self.key.key]])
        return rows[:limit], base64.urlsafe_b64encode(text).decode().rstrip("=")

    def _decode(self, cursor: str) -> tuple[int, Any]:
        kind = self.key.type.python_type
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            match orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True)):
                case [int(at), key] if abs(at) < 2**63 and type(key) is kind:
                    return at, key
        except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
            pass
        raise ValueError(
            "cursor is not one that this list gave: pass next_cursor as it was, or leave it out "
            "to begin at the newest"
        )
