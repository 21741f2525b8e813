"""Writing the record: beside the event loop in a thread of its own, or at once without a loop."""

import asyncio
import contextlib
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self

from sqlalchemy.exc import SQLAlchemyError

from monitor.core.clock import Ms
from monitor.core.effects import Effect
from monitor.core.records import Call
from monitor.history.backlog import Backlog
from monitor.history.database import History
from monitor.history.dropped import Dropped
from monitor.history.errors import HistoryError, explain, place
from monitor.history.messages import OutboxMessage, machine_clock
from monitor.history.rows import Rows
from monitor.history.store import Refusal, Store

log = logging.getLogger(__name__)

FLUSH_EVERY: Final = 0.2
"""How old (s) a change may be before it is on its way to the database."""
BATCH_CALLS: Final = 200
"""Calls in one batch: their rows are built in the event loop, within a few milliseconds."""
IN_FLIGHT: Final = 2
"""Batches handed to the thread and not stored yet; what changes meanwhile coalesces."""
RETRY_DELAYS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Pauses (s) between tries of a batch that the database did not take; the last one repeats."""
UNANSWERED_AFTER: Final = 10.0
"""After how long (s) without an answer the database counts as failing."""


MakeMessages = Callable[[Sequence[Effect]], Sequence[OutboxMessage]]
"""Says what other programs are to be told of effects; called in the event loop, right after they
happened, so it may read the records that they name."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch that the thread has, or is about to get."""

    changes: int
    messages: int
    overflow_through: int
    sent_at: float


@dataclass(frozen=True, slots=True)
class WriterState:
    """How the history does.

    ``detail`` is what is wrong and what to do, in plain sentences; empty when all is well.
    ``waiting`` is how many changes (calls, decisions, messages…) are in memory only.
    """

    ok: bool
    detail: str
    waiting: int
    dropped: Dropped


class HistoryWriter:
    """Stores what the engine says, without ever delaying the event loop.

    All methods belong to the event loop's thread. Between :meth:`start` and :meth:`stop` a change
    is in the database ``flush_every`` seconds after it, plus the time of one batch.

    Args:
        history: where to store.
        on_state: called in the event loop whenever :attr:`state` becomes better, worse or other.
        messages: what to tell other programs, stored in the transaction of what it tells; None
            where nobody listens.
        now: the monitor's clock (ms since the epoch), to know how old messages are.
        flush_every: seconds between looks at what changed.
        max_waiting: how many changed calls are kept while the database fails; see
            :class:`~monitor.history.backlog.Backlog`.
        retry_delays: seconds between tries; the last one repeats.
        unanswered_after: seconds after which an unanswered batch counts as a failure.
    """

    def __init__(
        self,
        history: History,
        *,
        on_state: Callable[[WriterState], None] | None = None,
        messages: MakeMessages | None = None,
        now: Callable[[], Ms] = machine_clock,
        flush_every: float = FLUSH_EVERY,
        batch_calls: int = BATCH_CALLS,
        max_waiting: int = 200_000,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        unanswered_after: float = UNANSWERED_AFTER,
    ) -> None:
        self._url = history.url
        self._on_state = on_state
        self._messages = messages
        self._now = now
        self._stored_listeners: list[Callable[[], None]] = []
        self._flush_every = flush_every
        self._batch_calls = batch_calls
        self._unanswered_after = unanswered_after
        self._backlog = Backlog(max_waiting, history.caller_key)
        self._in_flight: deque[_Batch] = deque()
        self._stored_through = 0
        self._refused_overflow = 0
        self._batches_sent = 0
        self._batches_done = 0
        self._progress = asyncio.Event()
        self._problem = ""
        self._said: tuple[str, Dropped] = ("", Dropped())
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = _WriterThread(Store(history), retry_delays, self._from_thread)

    def on_effects(self, effects: Sequence[Effect]) -> None:
        """Note what changed; a subscriber of the runtime."""
        self._backlog.note(effects)
        if self._messages is not None and (messages := self._messages(effects)):
            self._backlog.send(messages, self._now())

    def on_stored(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called, in the event loop, whenever new messages are stored."""
        self._stored_listeners.append(listener)

    @property
    def state(self) -> WriterState:
        """How the history does now."""
        waiting = len(self._backlog) + sum(batch.changes for batch in self._in_flight)
        dropped = self._backlog.dropped
        detail = self._problem
        if self._problem and waiting:
            detail += f" {waiting} changes wait in memory."
        if dropped:
            detail = f"{detail} Given up since the start: {dropped}.".strip()
        return WriterState(not self._problem, detail, waiting, replace(dropped))

    def start(self) -> None:
        """Begin to store; in the event loop's thread."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        self._tick()

    async def flush(self) -> None:
        """Wait until all that was noted so far is stored, however long the database fails."""
        while self._backlog:
            self._feed()
            await self._next_progress()
        goal = self._batches_sent
        while self._batches_done < goal:
            await self._next_progress()

    async def stored(self, timeout: float) -> bool:  # noqa: ASYNC109 - its end is an answer
        """Wait until all of overflow that was noted up to now is committed; calls may wait on.

        That is decisions, commands and standing actions.

        Args:
            timeout: how long to wait at most, in seconds.

        Returns:
            Whether it is: False when the database fails for so long, when it refused a decision, a
            command or a standing action meanwhile, and when the writer does not run.
        """
        if not self._thread.is_alive():
            return False
        goal, refused = self._backlog.noted, self._refused_overflow
        try:
            async with asyncio.timeout(timeout):
                while not self._is_stored(goal):
                    self._feed()
                    await self._next_progress()
        except TimeoutError:
            return False
        return self._refused_overflow == refused

    def _is_stored(self, number: int) -> bool:
        """Whether what notes up to this number say of overflow is stored."""
        return self._stored_through >= number or not (self._backlog or self._in_flight)

    async def stop(self, timeout: float = 10.0) -> int:  # noqa: ASYNC109 - also bounds the thread
        """Store everything and end the thread.

        Args:
            timeout: how long, in seconds, to go on trying while the database fails.

        Returns:
            How many changes could not be stored; 0 when all is in the database.
        """
        if self._timer is not None:
            self._timer.cancel()
        if not self._thread.is_alive():
            return len(self._backlog)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self.flush()
        lost = self.state.waiting
        if lost:
            log.error("%d changes are lost: %s", lost, self._problem or "the database hangs")
        self._thread.end()
        await asyncio.to_thread(self._thread.join, timeout)
        return lost

    # --- in the event loop ----------------------------------------------------------------------

    def _tick(self) -> None:
        assert self._loop is not None  # noqa: S101
        self._timer = self._loop.call_later(self._flush_every, self._tick)
        if self._in_flight and not self._problem:
            waited = self._loop.time() - self._in_flight[0].sent_at
            if waited > self._unanswered_after:
                self._problem = f"No answer from {place(self._url)}: check its server or disk."
        self._feed()
        self._say()

    def _feed(self) -> None:
        """Hand one batch to the thread, if there is something to store and room for it."""
        if not self._backlog or len(self._in_flight) >= IN_FLIGHT:
            return
        assert self._loop is not None  # noqa: S101
        rows = self._backlog.take(self._batch_calls)
        now = self._loop.time()
        self._in_flight.append(_Batch(len(rows), len(rows.messages), rows.overflow_through, now))
        self._batches_sent += 1
        self._thread.batches.put(rows)

    async def _next_progress(self) -> None:
        self._progress.clear()
        await self._progress.wait()

    def _from_thread(self, outcome: "list[Refusal] | BaseException") -> None:
        """Called in the thread; passes the outcome of a try on to the event loop."""
        assert self._loop is not None  # noqa: S101
        self._loop.call_soon_threadsafe(self._after_try, outcome)

    def _after_try(self, outcome: "list[Refusal] | BaseException") -> None:
        if isinstance(outcome, BaseException):
            problem = explain(outcome, self._url)
            if problem != self._problem:
                log.error("History failing: %s", problem)
                log.debug("How the history failed", exc_info=outcome)
            self._problem = problem
        else:
            self._stored(outcome)
        self._say()

    def _stored(self, refusals: Sequence[Refusal]) -> None:
        batch = self._in_flight.popleft()
        self._batches_done += 1
        self._stored_through = batch.overflow_through
        self._progress.set()
        if self._problem:
            self._problem = ""
            log.warning("The history works again. Given up: %s", self._backlog.dropped or "nothing")
        for refusal in refusals:
            self._refused(refusal)
        if len(self._backlog) >= self._batch_calls:
            self._feed()
        if batch.messages:
            for listener in self._stored_listeners:
                listener()

    def _refused(self, refusal: Refusal) -> None:
        log.error("The database refused %s: %s", refusal.id, refusal.said)
        dropped = self._backlog.dropped
        dropped.messages += refusal.messages
        match refusal.kind:
            case "messages":
                return
            case "decisions":
                dropped.decisions += 1
            case "commands":
                dropped.commands += 1
            case "standing" | "undone":
                dropped.standing += 1
            case _:
                dropped.calls += 1
                return
        self._refused_overflow += 1

    def _say(self) -> None:
        now = (self._problem, replace(self._backlog.dropped))
        if now != self._said:
            self._said = now
            if self._on_state is not None:
                self._on_state(self.state)


class _WriterThread(threading.Thread):
    """Stores batches in order; tries each until it is stored or the thread is told to end."""

    def __init__(
        self,
        store: Store,
        retry_delays: Sequence[float],
        report: "Callable[[list[Refusal] | BaseException], None]",
    ) -> None:
        # A daemon: a database that hangs for ever must not keep the process from ending.
        super().__init__(name="history-writer", daemon=True)
        self.batches: queue.SimpleQueue[Rows | None] = queue.SimpleQueue()
        self._store = store
        self._retry_delays = retry_delays
        self._report = report
        self._ending = threading.Event()

    def end(self) -> None:
        """Finish: a batch that fails is not tried again."""
        self._ending.set()
        self.batches.put(None)

    def run(self) -> None:
        while (rows := self.batches.get()) is not None:
            tries = 0
            while not self._try(rows):
                delay = self._retry_delays[min(tries, len(self._retry_delays) - 1)]
                tries += 1
                if self._ending.wait(delay):
                    return

    def _try(self, rows: Rows) -> bool:
        try:
            refusals = self._store.write(rows)
        except Exception as error:  # noqa: BLE001 - whatever it is, the batch is kept and retried
            self._report(error)
            return False
        self._report(refusals)
        return True


class BatchWriter:
    """Stores at once, in the caller's thread: for replays, imports and backfills.

    Everything noted is in the database after :meth:`flush`, or at the end of the ``with`` block.

    Raises:
        HistoryError: from every method, when the database cannot be used.
    """

    def __init__(self, history: History, *, batch_calls: int = 1_000) -> None:
        self._url = history.url
        self._store = Store(history)
        self._backlog = Backlog(pseudonym=history.caller_key)
        self._batch_calls = batch_calls

    def on_effects(self, effects: Sequence[Effect]) -> None:
        """Note what changed, and store it when a batch is full."""
        self._backlog.note(effects)
        if len(self._backlog) >= self._batch_calls:
            self.flush()

    def add(self, calls: Iterable[Call]) -> None:
        """Note whole calls, and store them when a batch is full."""
        for call in calls:
            self._backlog.add((call,))
            if len(self._backlog) >= self._batch_calls:
                self.flush()

    def flush(self) -> None:
        """Store all that was noted."""
        while self._backlog:
            try:
                refusals = self._store.write(self._backlog.take(self._batch_calls))
            except SQLAlchemyError as error:
                raise HistoryError(explain(error, self._url)) from error
            if refusals:
                first = refusals[0]
                raise HistoryError(f"The database refused {first.id}: {first.said}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.flush()
