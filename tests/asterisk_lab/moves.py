"""Situations in which somebody moves the call: transfers, pickup, parking, hold, Local channels."""

from __future__ import annotations

from .scenarios import Row

MOVES: tuple[Row, ...] = ()
