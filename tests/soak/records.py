"""What the monitor has to say after a soak: its database, and what it tells over HTTP."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from monitor.core.clock import Ms
from monitor.core.records import BlindInterval, Call, Verdict
from monitor.history.queries import CallFilter
from monitor.history.reader import MAX_LIMIT, HistoryReader
from tests.scenarios.agreement import PBX
from tests.scenarios.product import Product

SETTLED_WITHIN = 90.0
"""Seconds in which the monitor must have taken in all that happened; a link may come up late."""


@dataclass(frozen=True)
class Told:
    """Everything the monitor recorded and tells: calls by Uniqueid (``doubled``: not by one)."""

    calls: dict[str, Call]
    doubled: list[str]
    blind: list[BlindInterval]
    live: dict[str, Any]
    indicators: dict[str, Any]
    listed: list[dict[str, Any]]


def settle(product: Product, stuck: Collection[str] = ()) -> None:
    """Wait until the monitor follows the PBX, holds no live call, and has stored what it knows.

    ``stuck``: calls that the PBX itself does not end.
    """
    deadline = time.monotonic() + SETTLED_WITHIN
    quiet = 0
    while quiet < 5:
        if time.monotonic() > deadline:
            raise AssertionError(
                f"the monitor did not settle in {SETTLED_WITHIN:.0f} s; its log ends:\n"
                f"{product.log.read_text()[-3000:]}"
            )
        time.sleep(0.3)
        live = product.get("/live")
        with product.records() as reader:
            open_calls = [call for call in reader.open_calls() if call.uniqueid not in stuck]
            stored = not open_calls and not reader.open_blind_intervals()
        connected = all(pbx["state"] == "connected" for pbx in live["pbxs"])
        # several looks in a row: the end of a talk may be told after the end of its call
        living = [call for call in live["calls"] if call["uniqueid"] not in stuck]
        quiet = quiet + 1 if stored and connected and not living else 0


def read_told(product: Product) -> Told:
    """Ask the monitor for all of it."""
    with product.records() as reader:
        ids = _ids(reader)
        found = [call for id_ in ids if (call := reader.call(id_)) is not None]
        blind = reader.blind_intervals(0, 1 << 52, pbx=PBX)
    counts = Counter(call.uniqueid for call in found)
    return Told(
        {call.uniqueid: call for call in found},
        [uniqueid for uniqueid, count in counts.items() if count > 1],
        blind,
        product.get("/live"),
        product.get("/indicators"),
        product.calls(),
    )


def _ids(reader: HistoryReader) -> list[str]:
    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = reader.calls(CallFilter(), limit=MAX_LIMIT, cursor=cursor)
        ids += [call.id for call in page.calls]
        cursor = page.next_cursor
        if cursor is None:
            return ids


def overlaps(blind: list[BlindInterval], start: Ms, end: Ms, margin: Ms = 0) -> bool:
    """Whether a span touches a blind interval, or lies within ``margin`` ms of one."""
    return any(
        gap.started_at - margin <= end and (gap.ended_at is None or start <= gap.ended_at + margin)
        for gap in blind
    )


def inside(blind: list[BlindInterval], start: Ms, end: Ms) -> bool:
    """Whether a span lies wholly in one blind interval."""
    return any(
        gap.started_at <= start and (gap.ended_at is None or end <= gap.ended_at) for gap in blind
    )


def counted(told: Told) -> dict[str, int]:
    """The day's figures, counted from the calls themselves."""
    today = [item for item in told.listed if item["arrived_at"] >= told.indicators["from"]]
    verdicts = Counter(item["verdict"] for item in today)
    figures = {verdict.value: verdicts[verdict.value] for verdict in Verdict}
    figures["calls"] = len(today)
    figures["short_abandons"] = sum(item["short_abandon"] for item in today)
    return figures


def counted_visits(told: Told) -> dict[str, dict[str, int]]:
    """Each queue's figures of the day, counted from the visits."""
    queues: dict[str, Counter[str]] = {}
    visits = [visit for item in told.listed for visit in item["visits"]]
    for visit in visits:
        if visit["joined_at"] < told.indicators["from"]:
            continue
        # an answer that nobody saw counts as unknown
        unseen = visit["exit"] == "answered" and visit["wait_s"] is None
        tally = queues.setdefault(visit["queue"], Counter())
        tally.update(("offered", "unknown" if unseen else visit["exit"]))
    keys = ("offered", "answered", "abandoned", "unknown")
    return {name: {key: tally[key] for key in keys} for name, tally in queues.items()}
