"""Contacts while the monitor runs: their clock, what the dialplan tells of them, what is overdue.

The monitor that runs is the one owner of the clock. It needs nothing in memory for it: the
database knows what is due next, also after a restart, and what a command imported meanwhile.
"""

import asyncio
import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from api import contact_views
from api.reading import read
from api.visibility import Scope
from monitor.core.clock import DAY, SECOND, Ms
from monitor.core.contacts import Contact, ContactError, Overdue, Person
from monitor.core.effects import ContactTold, Effect
from monitor.core.engine import Engine
from monitor.core.events import ContactStep
from monitor.core.policy import Policy
from monitor.core.promises import Promise
from monitor.history.audit import Via, Who
from monitor.history.contact_log import ContactCounts, ContactLog
from monitor.history.contact_rows import NewContact, contact_id
from monitor.history.contacts import ContactChange, ContactRecord, Outcome, Registered, Tell
from monitor.history.database import History
from monitor.history.errors import BAD_DATA

LOOK_EVERY_S: Final = 15.0
"""How often it is looked for what another process brought in."""
RETRY_S: Final = 2.0
MOST_WAITING: Final = 10_000
"""What the dialplan told, kept while the database fails; then the oldest goes."""
UNTOLD: Final = Promise.within(DAY)
"""What counts as announced where the dialplan names no deadline."""

log = logging.getLogger("minuteur.contacts")


class ContactKeeper:
    """Registers and changes contacts, and runs their clock.

    Args:
        history: where they are.
        engine: whose policy counts deadlines; its clock offsets date what a PBX told.
        now: the monitor's clock (ms).
        tell: makes messages to other programs; None where nobody listens.
        on_stored: called in the event loop when there may be new messages.
    """

    def __init__(
        self,
        history: History,
        engine: Engine,
        now: Callable[[], Ms],
        tell: Tell | None = None,
        on_stored: Callable[[], None] = lambda: None,
    ) -> None:
        self.record = ContactRecord(history, tell)
        self.log = ContactLog(history)
        self.overdue: Sequence[Overdue] = ()
        """The overdue contacts by queue, as of the last look."""
        self.counts = ContactCounts()
        """What is open, as of the last look."""
        self._engine = engine
        self._now = now
        self._on_stored = on_stored
        self._told: deque[ContactTold] = deque(maxlen=MOST_WAITING)
        self._wake = asyncio.Event()
        self._storing = threading.Lock()
        self._failing = False

    @property
    def _policy(self) -> Policy:
        return self._engine.policy

    # --- from people and programs ---------------------------------------------------------------

    async def register(self, new: Sequence[NewContact], who: Who) -> list[Registered]:
        """Register contacts; see :meth:`ContactRecord.register`.

        Raises:
            ApiError: 503 when the database cannot be used.
        """
        if not new:
            return []
        done = await read(self.record.register, new, who, self._now(), self._policy)
        self._look()
        return done

    async def change(
        self, wanted: str, change: ContactChange, who: Who, expected: int, scope: Scope
    ) -> Contact | None:
        """Change a contact that is seen; see :meth:`ContactRecord.change`.

        Raises:
            ApiError: 503 when the database cannot be used.
            ContactError: it cannot be so.
            ContactConflictError: it is at another version.
        """
        done = await read(
            self.record.change, wanted, change, who, self._now(), self._policy,
            expected=expected, sees=lambda one: contact_views.sees(scope, one),
        )  # fmt: skip
        self._look()
        return done

    def _look(self) -> None:
        self._wake.set()
        self._on_stored()

    # --- from the PBX ---------------------------------------------------------------------------

    def on_effects(self, effects: Sequence[Effect]) -> None:
        """Note what the dialplan told of contacts; a subscriber of the monitor."""
        for effect in effects:
            if isinstance(effect, ContactTold):
                self._told.append(effect)
                self._wake.set()

    def _store(self, effect: ContactTold) -> None:
        """Store what the dialplan told; in a thread."""
        told, now = effect.told, self._now()
        state = self._engine.pbx_state(told.pbx)
        at = min(now, told.at + (0 if state is None else state.clock_offset))
        source, who = f"pbx:{told.pbx}", Who(f"pbx:{told.pbx}", Via.MONITOR)
        about = f"{told.pbx}:{told.uniqueid}" if effect.about is None else effect.about.id
        reference = told.reference or f"{about}:{told.channel.value}"
        if told.step is ContactStep.ASKED:
            new = _asked(effect, source, reference, at)
            (done,) = self.record.register([new], who, now, self._policy)
            if done.outcome is Outcome.REFUSED:
                log.warning("A contact of the PBX %s is refused: %s", told.pbx, done.error)
            return
        facts: dict[str, object] = {"withdrawn_at": at}
        if told.step is ContactStep.ANSWERED:
            facts = {"answered_at": at, "answered_by": told.by}
        done_ = self.record.change(
            contact_id(source, reference), ContactChange(facts, {}), who, now, self._policy,
            expected=None, still=_is_open,
        )  # fmt: skip
        if done_ is None:
            log.warning("The PBX %s tells of a contact that is not open: %s", told.pbx, reference)

    # --- the clock ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Raise what is due, at its moment, until cancelled."""
        while True:
            self._wake.clear()
            await self._rest(await self.step())

    async def finish(self) -> None:
        """Store what the dialplan told up to the end; comes when nothing is told any more."""
        try:
            await asyncio.to_thread(self._store_told)
        except SQLAlchemyError as error:
            log.error("%d contacts of PBXs are lost: %s", len(self._told), error)  # noqa: TRY400

    async def step(self) -> float:
        """Do what is to be done now; returns how many seconds nothing is due."""
        try:
            due_at, changed = await asyncio.to_thread(self._step)
        except SQLAlchemyError as error:
            if not self._failing:
                log.error("Contacts cannot be kept; it is tried again: %s", error)  # noqa: TRY400
            self._failing = True
            return RETRY_S
        self._failing = False
        if changed:
            self._on_stored()
        if due_at is None:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, max(0, due_at - self._now()) / SECOND)

    def _step(self) -> tuple[Ms | None, bool]:
        changed = self._store_told()
        while self.record.advance(self._now()):
            changed = True
        self.overdue, self.counts = tuple(self.log.overdue()), self.log.counts()
        return self.log.next_due(), changed

    def _store_told(self) -> bool:
        with self._storing:  # at the end, a thread of before may still be at it
            return self._store_all_told()

    def _store_all_told(self) -> bool:
        stored = False
        while self._told:
            effect = self._told[0]
            try:
                self._store(effect)
            except (*BAD_DATA, ContactError) as error:
                log.warning("What the PBX %s told is refused: %s", effect.told.pbx, error)
            # Only now: what fails is tried again; the same told twice is registered once.
            if self._told and self._told[0] is effect:
                self._told.popleft()
            stored = True
        return stored

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()


def _asked(effect: ContactTold, source: str, reference: str, at: Ms) -> NewContact:
    told, call = effect.told, effect.about
    number, name = told.number, told.name
    if call is not None:
        number, name = number or call.caller, name or call.caller_name
    # What a PBX sends may hold what no database takes.
    number, name = number.replace("\0", ""), name.replace("\0", "")
    return NewContact(
        source=source,
        reference=reference,
        channel=told.channel,
        promise=told.promise or UNTOLD,
        received_at=at,
        pbx=told.pbx,
        queue=told.queue or ("" if call is None else call.judging_queue),
        team=told.team,
        call_id="" if call is None else call.id,
        person=Person(number, name, "", told.subject, ""),
    )


def _is_open(one: Contact) -> bool:
    """Whether what the dialplan says of a contact is news: the first answer counts."""
    return one.answered_at is None and one.withdrawn_at is None
