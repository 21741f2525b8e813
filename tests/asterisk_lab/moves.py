"""Situations in which somebody moves the call: transfers, pickup, parking, hold, Local channels."""

from __future__ import annotations

from .local_rows import CHANNELS
from .scenarios import Row
from .taking_rows import BEFORE_ANSWER, PARKING
from .transfer_rows import TRANSFERS

MOVES: tuple[Row, ...] = (*TRANSFERS, *BEFORE_ANSWER, *PARKING, *CHANNELS)
