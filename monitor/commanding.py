"""The commander: takes commands from the effects and has them carried out, each once.

It never blocks the event loop and never sends anything again. Commands for one caller go one
after the other, and so do the lasting ones of one PBX: a helper must not be taken out before they
were put in. Different callers do not wait for each other.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from monitor.core.clock import Ms
from monitor.core.effects import CommandIssued, Effect
from monitor.core.overflow.decisions import Answer, Command, Order
from monitor.core.overflow.rules import Action

log = logging.getLogger(__name__)

AT_ONCE: Final = 16
"""So many commands at most are on their way to one PBX at a time."""

WAITING: Final = 1_000
"""So many commands at most wait for their turn; what comes beyond is refused."""

STORED_WITHIN_S: Final = 5.0
"""How long the database may take to store how a lasting action is undone."""

STOP_WITHIN_S: Final = 2.0
"""How long a stop waits for the answers to commands that are on their way."""

NOT_STORED: Final = "The database did not store in time how to undo this, so it was not begun."
TOO_MANY: Final = "Too many commands wait for their turn."
NOT_RIGHT_ANY_MORE: Final = (
    "Not sent: by then the caller was answered or gone, or it was called off."
)
NO_SUCH_PBX: Final = "There is no such PBX."
STOPPED: Final = "The monitor was stopped before the PBX answered."
STOPPING: Final = "The monitor was being stopped."


class Orders(Protocol):
    """Carries out orders on one PBX."""

    @property
    def connected(self) -> bool:
        """Whether the PBX is observed; else nothing may be sent."""

    async def look(self, order: Order) -> str:
        """Ask whether the order can be carried out; "" or why not. Changes nothing."""

    async def send(self, command_id: str, order: Order) -> Answer:
        """Send the order, once; raises nothing."""

    async def lacking(self, actions: Iterable[Action]) -> str:
        """Say what is missing to do such actions; "" for nothing."""


class Overflowing(Protocol):
    """What is needed of :class:`~monitor.core.overflow.engine.Overflow`."""

    def still_allowed(self, command: Command) -> bool:
        """Whether a command is still right."""

    def answered(self, pbx: str, command_id: str, answer: Answer, now: Ms) -> list[Effect]:
        """Take what the PBX said to a command."""


class Commander:
    """Subscribes to the monitor's effects and has their commands carried out."""

    def __init__(
        self,
        overflow: Overflowing,
        pbxs: Mapping[str, Orders],
        publish: Callable[[Sequence[Effect]], None],
        now: Callable[[], Ms],
        stored: Callable[[], Awaitable[bool]],
    ) -> None:
        """Prepare.

        Args:
            overflow: issues the commands, and takes the answers.
            pbxs: who carries out orders, by the PBX's name.
            publish: hands on the effects of an answer.
            now: the monitor's clock, ms.
            stored: waits until all that was noted so far is in the database; whether it is.
        """
        self._overflow = overflow
        self._pbxs = pbxs
        self._publish = publish
        self._now = now
        self._stored = stored
        self._lanes: dict[tuple[str, str], deque[CommandIssued]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(AT_ONCE)
        )
        self._waiting = 0
        self._stopping = False

    @property
    def waiting(self) -> int:
        """Commands that have no answer yet."""
        return self._waiting

    def on_effects(self, effects: Sequence[Effect]) -> None:
        """Take the commands among some effects; returns at once."""
        for effect in effects:
            if isinstance(effect, CommandIssued):
                self._take(effect)

    async def settled(self) -> None:
        """Wait until every command that was taken has its answer."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Begin nothing any more; wait a little for answers that are due."""
        self._stopping = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOP_WITHIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    # -- inside ----------------------------------------------------------------------------------

    def _take(self, issued: CommandIssued) -> None:
        command = issued.command
        if self._waiting >= WAITING:
            # Later, so that the effects of the answer come after those of the command.
            asyncio.get_running_loop().call_soon(self._answer, command, _unsent(TOO_MANY))
            return
        self._waiting += 1
        key = (command.pbx, command.call_id)
        if key in self._lanes:
            self._lanes[key].append(issued)
            return
        self._lanes[key] = deque([issued])
        task = asyncio.get_running_loop().create_task(self._work(key), name=f"command {key}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, key: tuple[str, str]) -> None:
        """Carry out what waits in one lane, in order, until nothing is left."""
        lane = self._lanes[key]
        try:
            while lane:
                await self._carry_out(lane.popleft())
        finally:
            del self._lanes[key]
            for left in lane:
                self._done(left.command, _unsent(STOPPING))

    async def _carry_out(self, issued: CommandIssued) -> None:
        command = issued.command
        answer = Answer(accepted=None, text=STOPPED)
        try:
            answer = await self._answer_to(issued)
        except Exception as error:
            # A mistake of ours: whether anything was sent is not known.
            log.exception("The command %s failed", command.id)
            answer = Answer(accepted=None, text=f"{type(error).__name__}: see the log.")
        finally:
            self._done(command, answer)

    async def _answer_to(self, issued: CommandIssued) -> Answer:
        command = issued.command
        pbx = self._pbxs.get(command.pbx)
        if pbx is None:
            return _unsent(NO_SUCH_PBX)
        if not self._overflow.still_allowed(command):
            return _unsent(NOT_RIGHT_ANY_MORE)
        if issued.standing is not None and not await self._undo_is_stored():
            return _unsent(NOT_STORED)
        async with self._turns[command.pbx]:
            why_not = STOPPING if self._stopping else await pbx.look(command.order)
            # Nothing else gets a turn between this and the sending.
            if not why_not and not self._overflow.still_allowed(command):
                why_not = NOT_RIGHT_ANY_MORE
            return _unsent(why_not) if why_not else await pbx.send(command.id, command.order)

    async def _undo_is_stored(self) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STORED_WITHIN_S):
                return await self._stored()
        return False

    def _done(self, command: Command, answer: Answer) -> None:
        self._waiting -= 1
        self._answer(command, answer)

    def _answer(self, command: Command, answer: Answer) -> None:
        effects = self._overflow.answered(command.pbx, command.id, answer, self._now())
        if effects:
            self._publish(effects)


def _unsent(text: str) -> Answer:
    return Answer(accepted=False, text=text, sent=False)
