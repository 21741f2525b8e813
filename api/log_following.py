"""Filling blind intervals from a queue log that the running monitor can read itself.

Once a gap is over, and the engine has forgotten the calls that ended in it, what the log tells of
it is compared with the record. The log is read anew each time, from shortly before the gap: so it
does not matter whether it was rotated or cut meanwhile. A call that is not told to its end yet is
looked for later again.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from monitor.core.clock import DAY, HOUR, MINUTE, SECOND, Ms
from monitor.core.comparing import NEAR
from monitor.core.desk import REMEMBERED
from monitor.core.effects import BlindIntervalChanged, Effect
from monitor.core.events import Event, WarningRaised
from monitor.core.logged import LoggedCall
from monitor.core.policy import Policy
from monitor.core.records import BlindInterval, Call
from monitor.core.recovered import CallRecovered
from monitor.history.database import History
from monitor.history.reader import HistoryReader
from monitor.history.recovering import Reconciler
from telephony_adapters.asterisk.queue_log import QueueLogError
from telephony_adapters.asterisk.queue_log_calls import CallCollector, collect
from telephony_adapters.asterisk.queue_log_live import check, recent_lines

LOOK_EVERY_S: Final = 30.0
SETTLED_AFTER: Final[Ms] = REMEMBERED + 30 * SECOND
"""So long after a gap the engine has forgotten the calls that ended in it."""
READ_BEFORE: Final[Ms] = 4 * HOUR
"""Calls that joined a queue so long before a gap may still have been in it."""
AGAIN_AFTER: Final[Ms] = 10 * MINUTE
"""When a gap with calls that are not over is looked at again."""
GIVE_UP_AFTER: Final[Ms] = DAY
CODE: Final = "queue_log"

log = logging.getLogger("minuteur")


@dataclass(slots=True)
class _Gap:
    """A blind interval that is over, and when to look at it (ms, the PBX's clock)."""

    start: Ms
    end: Ms
    look_at: Ms


class LogFollower:
    """Keeps one PBX's record in agreement with its log.

    Args:
        pbx: the PBX's name.
        path: its log.
        history: the record.
        policy: tells the policy in force.
        submit: takes events into the monitor's inbox.
        now: the PBX's clock (ms).
    """

    def __init__(
        self,
        pbx: str,
        path: Path,
        history: History,
        policy: Callable[[], Policy],
        submit: Callable[[Event], None],
        now: Callable[[], Ms],
    ) -> None:
        self._pbx = pbx
        self._path = path
        self._history = history
        self._policy = policy
        self._submit = submit
        self._now = now
        self._gaps: list[_Gap] = []
        self._handed: dict[str, Ms] = {}
        """When calls were handed to the monitor, which may not have stored them yet."""
        self._said = ""

    def on_effects(self, effects: Sequence[Effect]) -> None:
        """Note each blind interval that ends; a subscriber of the runtime."""
        for effect in effects:
            if isinstance(effect, BlindIntervalChanged) and effect.interval.pbx == self._pbx:
                self._note(effect.interval)

    def _note(self, gap: BlindInterval) -> None:
        if gap.ended_at is not None:
            self._gaps.append(_Gap(gap.started_at, gap.ended_at, gap.ended_at + SETTLED_AFTER))

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        await asyncio.to_thread(self._take_up)
        while True:
            try:
                await self.look()
            except Exception:
                # A mistake of ours in it must not end the watch over the calls.
                log.exception("The queue log of the PBX %s could not be followed", self._pbx)
            await asyncio.sleep(LOOK_EVERY_S)

    def _take_up(self) -> None:
        """The gaps of the last day, which may have been left when the monitor stopped."""
        now = self._now()
        try:
            gaps = HistoryReader(self._history).blind_intervals(now - DAY, now, pbx=self._pbx)
        except SQLAlchemyError:
            return  # told of by the writer
        for gap in gaps:
            self._note(gap)

    async def look(self) -> None:
        """Fill the gaps that are due; say whether the log can be read."""
        now = self._now()
        due = [gap for gap in self._gaps if gap.look_at <= now]
        self._handed = {
            id_: at for id_, at in self._handed.items() if abs(now - at) < SETTLED_AFTER
        }
        try:
            for gaps in _read_together(due):
                await self._fill(gaps, now)
            if not due:
                await asyncio.to_thread(check, self._path)
        except QueueLogError as error:
            self._say(
                f"Gaps are not filled from the queue log: {error} Check queue_log in [[pbx]]."
            )
        except SQLAlchemyError:
            log.warning("The record of the PBX %s cannot be compared now", self._pbx)
        else:
            self._say("")

    async def _fill(self, gaps: Sequence[_Gap], now: Ms) -> None:
        found, incomplete = await asyncio.to_thread(self._compare, gaps)
        # Another gap that the same call touched may have been filled in this very look.
        fresh = [pair for pair in found if pair[1].id not in self._handed]
        for before, after in fresh:
            self._handed[after.id] = now
            self._submit(CallRecovered(self._pbx, now, before, after))
        if fresh:
            log.info("%d calls of the PBX %s were filled from its log", len(fresh), self._pbx)
        # What was found is looked at once more: the engine may have known the call still.
        again = gaps if found else incomplete
        for gap in gaps:
            if gap not in again or now > gap.end + GIVE_UP_AFTER:
                self._gaps.remove(gap)
            else:
                gap.look_at = now + (SETTLED_AFTER if found else AGAIN_AFTER)

    def _compare(
        self, gaps: Sequence[_Gap]
    ) -> tuple[list[tuple[Call | None, Call]], Sequence[_Gap]]:
        """What the log tells of gaps; and those with calls that it did not tell to their end."""
        collector = CallCollector()
        lines = recent_lines(self._path, gaps[0].start - READ_BEFORE)
        calls = [call for call in collect(lines, collector) if _touches(call, gaps)]
        reconciler = Reconciler(self._history, self._pbx, self._policy())
        found = []
        if reconciler.observed:
            found = [*reconciler.compare(calls), *reconciler.rest()]
        if reconciler.found.open:
            return found, gaps
        waiting = [call for call in collector.calls.values() if call.visits]
        return found, [gap for gap in gaps if any(_touches(call, [gap]) for call in waiting)]

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            if text:
                log.warning("PBX %s: %s", self._pbx, text)
            self._submit(WarningRaised(self._pbx, self._now(), CODE, text))


def _read_together(gaps: Sequence[_Gap]) -> list[list[_Gap]]:
    """Gaps, oldest first, in lists whose parts of the log overlap: read once, not gap by gap.

    A link that was down again and again leaves many, which are due at once after a start.
    """
    together: list[list[_Gap]] = []
    for gap in sorted(gaps, key=lambda gap: gap.start):
        if together and gap.start - READ_BEFORE <= together[-1][-1].end:
            together[-1].append(gap)
        else:
            together.append([gap])
    return together


def _touches(call: LoggedCall, gaps: Sequence[_Gap]) -> bool:
    """Whether a part of a logged call lies in a gap."""
    first, last = call.arrived_at - NEAR, call.last_at + NEAR
    return any(first <= gap.end and gap.start <= last for gap in gaps)
