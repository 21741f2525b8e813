"""All rows of the table, and the number that each gives its callers."""

from __future__ import annotations

from .more_scenarios import MORE
from .moves import MOVES
from .queue_ways import QUEUE_WAYS
from .scenarios import REQUIRED, Row

ROWS: tuple[Row, ...] = (*REQUIRED, *MORE, *MOVES, *QUEUE_WAYS)

_GROUPS = ((0, (*REQUIRED, *MORE)), (200, MOVES), (400, QUEUE_WAYS))

PLACES = {row.name: first + n for first, rows in _GROUPS for n, row in enumerate(rows)}
"""A row's place gives its callers their numbers; new rows go to the end of their group."""
