"""Reads what the monitor stored of a storm."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from monitor.core.clock import Ms
from monitor.core.overflow.decisions import Command, Decision
from monitor.core.overflow.rules import OverflowRule
from monitor.core.records import Call
from monitor.history.database import History
from monitor.history.overflow_log import OverflowLog
from monitor.history.queries import CallFilter
from monitor.history.reader import MAX_LIMIT, HistoryReader

from .storm_checks import Storm

Item = TypeVar("Item")
Page = tuple[Sequence[Item], str | None]


def read_storm(
    history: History,
    rules: Sequence[OverflowRule],
    *,
    logged: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    slack: Ms = 0,
) -> Storm:
    """All calls, decisions and commands of a record."""
    reader, log = HistoryReader(history), OverflowLog(history)

    def calls(cursor: str | None) -> Page[Call]:
        page = reader.calls(CallFilter(), limit=MAX_LIMIT, cursor=cursor)
        whole = [reader.call(call.id) for call in page.calls]
        return [call for call in whole if call is not None], page.next_cursor

    found = {call.id: call for call in _all(calls)}
    decisions = _all(lambda cursor: _decisions(log, cursor))
    commands = _all(lambda cursor: _commands(log, cursor))
    return Storm(rules, found, decisions, commands, logged, slack)


def _decisions(log: OverflowLog, cursor: str | None) -> Page[Decision]:
    page = log.decisions(limit=MAX_LIMIT, cursor=cursor)
    return page.decisions, page.next_cursor


def _commands(log: OverflowLog, cursor: str | None) -> Page[Command]:
    page = log.commands(limit=MAX_LIMIT, cursor=cursor)
    return page.commands, page.next_cursor


def _all(page_from: Callable[[str | None], Page[Item]]) -> list[Item]:
    items: list[Item] = []
    cursor: str | None = None
    while True:
        page, cursor = page_from(cursor)
        items += page
        if cursor is None:
            return items
