"""Situations that the queue's own settings, its members and its callers make."""

from __future__ import annotations

from .scenarios import Row

QUEUE_WAYS: tuple[Row, ...] = ()
