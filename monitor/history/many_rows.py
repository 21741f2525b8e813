"""Many rows in one statement: how SQLite takes the rows of calls.

SQLite takes a JSON document apart in more time than it needs to store what is in it (measured: 25
of 39 µs for a call). So the values of many rows are bound to one statement, half of that. The
statements are of few sizes, as each has to be prepared once.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Final

from sqlalchemy import Connection

from monitor.history.rows import Row

MOST_VALUES: Final = 4096
"""Values bound to one statement at most; SQLite takes 32,766."""


class ManyRows:
    """Stores the rows of one table, in groups as large as they can be.

    Args:
        statement: the statement for so many rows.
        columns: how many values a row has.
    """

    def __init__(self, statement: Callable[[int], str], columns: int) -> None:
        largest = (MOST_VALUES // columns).bit_length() - 1
        self._statements = [(2**n, statement(2**n)) for n in range(largest, -1, -1)]

    def write(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Store rows, whose values are fit for SQLite."""
        done = 0
        for size, statement in self._statements:
            while len(rows) - done >= size:
                values = tuple(chain.from_iterable(rows[done : done + size]))
                connection.exec_driver_sql(statement, values)
                done += size
