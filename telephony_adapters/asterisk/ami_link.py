"""The link with one PBX: it comes up, resyncs, is watched, breaks, and comes up again.

On the way up: connect, log in, filter, let events come into a buffer, take a snapshot on a second
connection; then the snapshot goes out, then what was buffered, then all as it comes. The reader is
never paused, whatever happens: Asterisk disconnects slow readers, and may hold queues up for them.

From the login on the connection is watched, also while it comes up; both connections end together.
"""

import asyncio
import contextlib
import itertools
import logging
import random as random_module
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from monitor.core.clock import Ms
from monitor.core.events import (
    Event,
    LinkChanged,
    LinkState,
    PbxSnapshot,
    WarningRaised,
)
from monitor.core.resync import without_overtaken
from telephony_adapters.asterisk.ami_boot import BootWatch
from telephony_adapters.asterisk.ami_checks import ClassWatch, Warnings
from telephony_adapters.asterisk.ami_decode import EventDecoder
from telephony_adapters.asterisk.ami_filter import FilterBroken, ask_for_wanted_events
from telephony_adapters.asterisk.ami_login import (
    AmiSettings,
    ControlConnection,
    LinkError,
    connect,
    login,
)
from telephony_adapters.asterisk.ami_protocol import AmiProtocol, Answer
from telephony_adapters.asterisk.ami_values import moment
from telephony_adapters.asterisk.clock_watch import ClockWatch
from telephony_adapters.asterisk.discovery import Discovery
from telephony_adapters.asterisk.pbx_clock import QUICK, TRIES
from telephony_adapters.asterisk.snapshot import Refused, take_snapshot
from telephony_adapters.backoff import STABLE_AFTER, Backoff

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 4
"""Pings between two looks at the PBX's own count of calls, while we were told of none."""

UNORDERED: Final[Ms] = 100
"""Asterisk stamps an event a little before it sends it, and the answer to a ping may overtake one:
what happened so shortly before the last sign of life was perhaps not told."""


class AmiLink:
    """Watches one PBX through AMI and emits what it says as core events."""

    def __init__(
        self,
        settings: AmiSettings,
        emit: Callable[[Event], None],
        now: Callable[[], Ms],
        *,
        tap: Callable[[bytes], None] | None = None,
        random: Callable[[], float] = random_module.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare the link; :meth:`run` makes it.

        Args:
            settings: where the PBX is and who we are there.
            emit: takes each event, synchronously; it must only put it somewhere.
            now: the monitor's steady clock, ms.
            tap: gets all bytes of the connection that carries the events (a recorder).
            random: numbers from 0 up to 1, for the back-off.
            sleep: waits for seconds: between tries, and between pings.
        """
        self.settings = settings
        self._emit = emit
        self._now = now
        self._tap = tap
        self._sleep = sleep
        self._backoff = Backoff(random)
        self._clock = ClockWatch(settings.name, now, emit)
        self._control = ControlConnection(settings)
        self._warnings = Warnings(settings.name, self._raise_warning)
        self._state: tuple[LinkState, str] | None = None
        self._told: set[str] = set()
        self.discovery = Discovery()
        """What callers pass on the PBX, since the link was first made."""
        self._boot = BootWatch()
        self._filtering = True
        self._fresh()

    def _fresh(self) -> None:
        """Forget what belongs to one connection."""
        self._decoder = EventDecoder(self.settings.name)
        self._clock.begin(self._decoder.translator)
        self._watch = ClassWatch(self._warnings, wants_digits=self.settings.wants_digits)
        self._timed: bool | None = None
        self._buffer: list[Event] | None = []
        self._boot.begin()
        self.discovery.begin()

    # -- for others ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        self._change(LinkState.CONNECTING)
        try:
            while True:
                began = self._now()
                error = await self._session_end()
                self._lost(error)
                refused = self.settings.refused_retry if error.refused else None
                await self._sleep(refused or self._delay(began))
        finally:
            self._control.close()

    @property
    def observed_until(self) -> Ms | None:
        """Up to when nothing can have been missed (ms, the PBX's clock); None while blind.

        It is known by what the PBX sent, so it stands still where a connection died in silence.
        """
        if not self.connected:
            return None
        return self._clock.heard_until - UNORDERED

    def monitor_moved(self, by: Ms) -> None:
        """Take note that the monitor's clock shows ``by`` ms more from now on."""
        self._clock.monitor_moved(by)

    async def action(self, name: str, **headers: str) -> Answer:
        """Send one action, once, and return its response.

        It is never sent again. After ``ConnectionError`` or ``TimeoutError`` it may have been
        carried out or not; the events tell.

        Raises:
            ValueError: if a header is not one line of text; nothing was sent.
            LinkError: if there is no connection; nothing was sent.
            ConnectionError: if the connection ended before the answer.
            TimeoutError: if no answer came.
        """
        return (await self.ask(name, headers))[0]

    async def ask(
        self, name: str, headers: Mapping[str, str], within: float | None = None
    ) -> list[Answer]:
        """Send one action, once, as :meth:`action`; return the response and what it lists.

        ``within`` (s) is the time for the answer, an action's usual time when left out.
        """
        return await self._control.request(name, headers, within)

    @property
    def connected(self) -> bool:
        """Whether the PBX is observed: events come, and the snapshot was taken."""
        return self._state is not None and self._state[0] is LinkState.CONNECTED

    @property
    def told_of(self) -> frozenset[str]:
        """The classes of events that have come for sure, on this connection."""
        return self._watch.proven

    def renew(self) -> None:
        """Have the next action log in anew: what an account may do is fixed at its login."""
        self._control.renew()

    # -- one connection's life -------------------------------------------------------------------

    async def _session_end(self) -> LinkError:
        """Run one connection from beginning to end; say why it ended."""
        try:
            await self._session()
        except LinkError as error:
            return error
        except ConnectionError:
            return LinkError(self._why_lost())
        except Exception:
            # A mistake of ours must not end the watch over this PBX for ever.
            log.exception("The link with the PBX %s failed unexpectedly", self.settings.name)
        return LinkError(f"The link with the PBX {self.settings.name} failed; see the log.")

    async def _session(self) -> None:
        """Bring the link up and keep it; always ends with ``LinkError`` (or cancelled)."""
        self._fresh()
        live = await connect(
            self.settings,
            on_event=self._take,
            on_bytes=self._after_bytes,
            tap=self._tap,
        )
        self._decoder.splitter = live.splitter
        try:
            await login(live, self.settings, events="system")
            self._change(LinkState.RESYNCING)
            await self._measure_well(live)
            await self._watched(live)
        finally:
            live.abort()
            # Whatever cut the one has cut the other: nothing may wait there for its time limit.
            self._control.close()

    async def _watched(self, live: AmiProtocol) -> None:
        """Bring the events up and keep them; ends as soon as anything says that the PBX is gone."""
        rising = asyncio.ensure_future(self._rise(live))
        pinging = asyncio.ensure_future(self._keep_pinging(live))
        booting = asyncio.ensure_future(self._boot.again.wait())
        settling = asyncio.ensure_future(self._settle_doubts(live))
        tasks: set[asyncio.Future[Any]] = {rising, pinging, booting, settling}
        ends = tasks | {live.lost}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if rising.done() and not live.lost.done():
                rising.result()
                await asyncio.wait(ends - {rising}, return_when=asyncio.FIRST_COMPLETED)
            if live.lost.done() or booting.done():
                raise LinkError(self._why_lost())
            (settling if settling.done() else pinging).result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _rise(self, live: AmiProtocol) -> None:
        """Take the way from the login to the live events."""
        steps = self._clock.steps
        restarted = await self._note_boot()
        await self._start_events(live)
        await self._count_calls()
        snapshot = await self._snapshot(restarted=restarted)
        if self._decoder.translator.odd:
            await self._measure(live)
        if self._clock.steps != steps:
            raise LinkError(
                f"The clock of the PBX {self.settings.name} was set while it told its state; the "
                "link is made again."
            )
        self._apply(snapshot)

    async def _start_events(self, live: AmiProtocol) -> None:
        try:
            await ask_for_wanted_events(live, self.settings, filtering=self._filtering)
        except FilterBroken as error:
            self._filtering = False
            raise LinkError(
                f"The PBX {self.settings.name} took only a part of the event filters; the link is "
                "made again without them."
            ) from error
        except TimeoutError as error:
            raise LinkError(self._no_answer()) from error

    async def _snapshot(self, *, restarted: bool) -> PbxSnapshot:
        """Ask the PBX for all that it knows."""
        name = self.settings.name
        try:
            async with asyncio.timeout(self.settings.snapshot_timeout):
                return await take_snapshot(
                    name,
                    lambda action, headers: self._control.request(
                        action, headers, self.settings.snapshot_timeout
                    ),
                    self._clock.pbx_now,
                    self._warnings.set,
                    restarted=restarted,
                )
        except Refused as error:
            raise LinkError(
                f"The PBX {name} does not say who waits in its queues ({error}). Check that "
                "app_queue is loaded."
            ) from error
        except (TimeoutError, ConnectionError) as error:
            raise LinkError(
                f"The PBX {name} did not finish telling its state; it may be overloaded."
            ) from error
        except (KeyError, ValueError) as error:
            raise LinkError(
                f"The PBX {name} told its state in an unknown form: {error}."
            ) from error

    def _apply(self, snapshot: PbxSnapshot) -> None:
        """Emit a snapshot, then what was buffered meanwhile; from then on events go straight."""
        # Nothing here waits, so nothing comes between; a failure ends the session with LOST.
        for code in self._decoder.sound:
            self._warnings.set(code, "")
        buffered, self._buffer = self._buffer or [], None
        self._watch.begin(snapshot, buffered)
        self._emit(without_overtaken(snapshot, buffered))
        self._clock.settle()
        for event in buffered:
            self._pass_on(event)
        # What the PBX stamped has passed there, however wrong our idea of its clock is.
        newest = max((event.at for event in buffered), default=0)
        self._change(LinkState.CONNECTED, at=max(self._clock.pbx_now(), newest))

    async def _keep_pinging(self, live: AmiProtocol) -> None:
        for count in itertools.count(1):
            await self._sleep(self.settings.ping_interval)
            await self._ping(live)
            if count % LOOK_EVERY == 0 and self._buffer is None and self._watch.sees_no_calls:
                await self._count_calls()

    async def _count_calls(self) -> None:
        """See whether calls go through the PBX of which we are not told."""
        with contextlib.suppress(ConnectionError, TimeoutError, LinkError, KeyError, ValueError):
            status = (await self._control.request("CoreStatus", {}))[0]
            self._watch.processed(int(status["CoreProcessedCalls"]))

    async def _settle_doubts(self, live: AmiProtocol) -> None:
        """Find out whether the PBX's clock was set, whenever an event looks like it."""
        while True:
            await self._clock.doubted.wait()
            await self._measure(live)
            for event in self._clock.settle():
                self._pass_on(event)
            self._after_bytes()

    async def _measure(self, live: AmiProtocol) -> None:
        """See for sure what time it is at the PBX."""
        while not await self._ping(live):
            pass

    async def _measure_well(self, live: AmiProtocol) -> None:
        """As :meth:`_measure`, again while answers are slow: a start is a busy moment."""
        for _ in range(TRIES):
            await self._measure(live)
            if self._clock.trip <= QUICK:
                break

    async def _ping(self, live: AmiProtocol) -> bool:
        """See whether the PBX is there, and what time it is there; False when that is not sure."""
        sent = self._clock.sending()
        try:
            async with asyncio.timeout(self.settings.ping_timeout):
                answer = (await live.request("Ping", {}))[0]
        except TimeoutError as error:
            raise LinkError(self._no_answer()) from error
        try:
            stamp = moment(answer["Timestamp"])
        except (KeyError, ValueError):
            return True  # a PBX that does not tell its time is taken to share ours
        return self._clock.answered(sent, stamp)

    async def _note_boot(self) -> bool:
        """Find out when the PBX started; True if that is not when it had started before."""
        patience = self.settings.boot_patience
        restarted = await self._boot.note(patience, self._clock.pbx_now, self._startup_time)
        self._warnings.read_class("system", missing=not self._boot.told)
        return restarted

    async def _startup_time(self) -> str | None:
        """Ask when the PBX started, for accounts that are not told; None if it does not say."""
        try:
            status = (await self._control.request("CoreStatus", {}))[0]
        except (ConnectionError, TimeoutError):
            return None
        return f"{status.get('CoreStartupDate', '')} {status.get('CoreStartupTime', '')}".strip()

    # -- what comes in ---------------------------------------------------------------------------

    def _take(self, fields: Answer) -> None:
        """Take one wanted event; called by the protocol while it reads."""
        translator = self._decoder.translator
        received = self._clock.pbx_now()
        event = translator.translate(fields, received)
        if event is None:
            self._boot.take(fields)
            return
        if translator.timed is not self._timed:
            self._timed = translator.timed
            self._warnings.timestamps(missing=not self._timed)
        if self._buffer is not None:
            odd = translator.odd
            self._buffer.append(self._clock.dated(event, received) if odd else event)
        elif translator.odd:
            self._clock.hold(event, received)
        else:
            self._pass_on(event)

    def _pass_on(self, event: Event) -> None:
        self._emit(event)
        self._watch.look(event)
        self.discovery.look(event)

    def _after_bytes(self) -> None:
        for warning in self._decoder.warnings(self._clock.pbx_now()):
            self._warnings.set(warning.code, warning.text)

    # -- saying so -------------------------------------------------------------------------------

    def _raise_warning(self, code: str, text: str) -> None:
        if text:
            log.warning("%s", text)
        self._emit(WarningRaised(self.settings.name, self._clock.pbx_now(), code, text))

    def _change(self, state: LinkState, detail: str = "", at: Ms | None = None) -> None:
        if (state, detail) == self._state:
            return
        self._state = (state, detail)
        if state is LinkState.CONNECTED:
            self._told.clear()
            log.info("The link with the PBX %s is up", self.settings.name)
        at = self._clock.pbx_now() if at is None else at
        self._emit(LinkChanged(self.settings.name, at, state, detail))

    def _lost(self, error: LinkError) -> None:
        """Say that the link is lost, since the last moment at which the PBX was observed."""
        text = str(error)
        state = LinkState.REFUSED if error.refused else LinkState.LOST
        self._change(state, text, self.observed_until)
        if text not in self._told:
            self._told.add(text)
            log.warning("%s", text)

    def _delay(self, began: Ms) -> float:
        if self._now() - began >= STABLE_AFTER:
            self._backoff.reset()
        return self._backoff.delay()

    def _no_answer(self) -> str:
        return (
            f"The PBX {self.settings.name} does not answer any more (no reply within "
            f"{self.settings.ping_timeout:g} s); the connection is made anew."
        )

    def _why_lost(self) -> str:
        name = self.settings.name
        if self._boot.stopping:
            return f"The PBX {name} is shutting down or restarting."
        if self._boot.again.is_set():
            return f"The PBX {name} has just finished starting; the link is made anew."
        return f"The PBX {name} closed the connection; trying again until it answers."
