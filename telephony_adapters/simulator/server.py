"""The simulated PBX: a TCP server that speaks AMI, and the centre behind it.

It drives the centre in real time, faster, or by hand (``speed=0`` and ``advance``).
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, tzinfo
from random import Random
from types import TracebackType
from typing import Final, Self

from monitor.core.clock import MINUTE, SECOND, Ms

from . import backfill
from .centre import PATIENT, Agent, Centre, Site
from .connection import Account, Connection
from .parts import Call, CallerPlan
from .site import DEMO_SITE
from .traffic import ALWAYS_BUSY, ORDINARY, QUIET, Profile, Traffic, days_before

log = logging.getLogger(__name__)

DEMO_ACCOUNTS: Final = {"minuteur": Account("minuteur")}
WARM_UP: Final[Ms] = 8 * MINUTE
"""So long before its start a busy centre has been busy: there are callers at once."""
FIRST_SURGE: Final[Ms] = 2 * SECOND
FIRST_EXTRA: Final = 6
"""More callers than in an ordinary surge, so that surely some are not answered in time."""
LONGEST_NAP: Final = 1.0
"""Seconds that the driver sleeps at most, so that a jump of the clock is noticed."""


def wall_clock() -> Ms:
    """The machine's clock, ms since the epoch."""
    return time.time_ns() // 1_000_000


class SimulatedPbx:
    """One simulated PBX on 127.0.0.1.

    ``speed``: virtual per real time; 0: only :meth:`advance` moves it. ``start``: the virtual
    moment (ms since the epoch) at which it starts, None for now. ``history_days``: it has been
    running for that many whole days before; take :meth:`history` *before* :meth:`start`.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        speed: float = 1.0,
        start: Ms | None = None,
        profile: Profile = ALWAYS_BUSY,
        history_days: int = 0,
        site: Site = DEMO_SITE,
        zone: tzinfo = UTC,
        accounts: Mapping[str, Account] = DEMO_ACCOUNTS,
        system_name: str = "",
        clock: Callable[[], Ms] = wall_clock,
        write_timeout: float = 0.1,
        refusal_delay: float = 1.0,
    ) -> None:
        """``write_timeout`` and ``refusal_delay`` in seconds of real time."""
        self.accounts = dict(accounts)
        self.speed = speed
        self.write_timeout = write_timeout
        self.refusal_delay = refusal_delay
        self.frozen = False
        self.connections: list[Connection] = []
        self.cut_off = 0
        """How many clients were disconnected because they did not read."""
        self._clock = clock
        self._started_at = clock()
        self._start = self._started_at if start is None else start
        self._random = Random(seed)  # noqa: S311 - a simulation
        self._tape: backfill.Tape | None = backfill.Tape()
        self._server: asyncio.Server | None = None
        self._driver: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        begin = self._start
        if history_days:
            begin = days_before(self._start, history_days, zone)
        elif profile is not QUIET:
            begin -= WARM_UP
        self.centre = Centre(site, seed=seed, begin=begin, emit=self._emit, system_name=system_name)
        self.centre.frames.noise = False  # until somebody listens
        self._live = profile
        self.traffic = Traffic(self.centre, ORDINARY if history_days else profile, zone)
        self.traffic.begin()
        if history_days and profile is not ORDINARY:
            self.centre.agenda.at(self._start - WARM_UP, self._go_live)

    # --- life -----------------------------------------------------------------------------------

    @property
    def port(self) -> int:
        """The TCP port; only after :meth:`start`."""
        if self._server is None:
            raise RuntimeError("the simulated PBX is not started")
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def now(self) -> Ms:
        """The PBX's own clock, ms since the epoch."""
        if self.speed == 0:
            return max(self.centre.now, self._start)
        return self._start + round((self._clock() - self._started_at) * self.speed)

    def history(self) -> Iterator[bytes]:
        """Yield the AMI bytes of the days before, up to this very moment, as they were sent.

        Calls under way at the end go on live, under the same ids.
        """
        tape = self._tape
        if tape is None:
            raise RuntimeError("take the history before starting the server")
        yield from backfill.run(self.centre, tape, lambda: self.now)

    async def start(self, port: int = 0) -> int:
        """Listen on 127.0.0.1; returns the port."""
        loop = asyncio.get_running_loop()
        self._tape = None
        self.centre.run_until(self.now)
        self.centre.frames.noise = True
        if self.traffic.profile.burst:  # whoever looks now sees something at once
            self.centre.agenda.after(FIRST_SURGE, lambda: self.traffic.surge(FIRST_EXTRA))
        self._server = await loop.create_server(lambda: Connection(self), "127.0.0.1", port)
        if self.speed:
            self._driver = asyncio.create_task(self._drive(), name="simulated-pbx")
        return self.port

    async def stop(self) -> None:
        """Cut all links and stop listening; safe to call twice."""
        if self._driver is not None:
            self._driver.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._driver
            self._driver = None
        if self._server is not None:
            self._server.close()
            self.cut_links()
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.stop()

    async def _drive(self) -> None:
        """Let happen what is due, sleep until the next thing is."""
        try:
            await self._drive_on()
        except Exception:
            log.exception("The simulated PBX stands still: a mistake in the simulation")
            raise

    async def _drive_on(self) -> None:
        while True:
            self.centre.run_until(self.now)
            due = self.centre.agenda.next_at()
            nap = LONGEST_NAP
            if due is not None:
                nap = min(nap, max(0.0, (due - self.now) / SECOND / self.speed))
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), nap)

    # --- for tests and scripts ------------------------------------------------------------------

    def advance(self, span: Ms) -> None:
        """Let ``span`` ms of virtual time pass at once."""
        self.centre.run_until(self.centre.now + span)

    def call(
        self,
        number: str,
        exten: str,
        *,
        name: str = "",
        patience: Ms = PATIENT,
        plan: CallerPlan | None = None,
    ) -> Call:
        """A caller dials ``exten`` (``support``, ``sales``, ``billing`` or a line's number)."""
        self.catch_up()
        call = self.centre.call(number, exten, name=name, patience=patience, plan=plan)
        self.acted()
        return call

    def hang_up(self, call: Call) -> None:
        """A caller hangs up."""
        self.catch_up()
        self.centre.hang_up(call)
        self.acted()

    def press(self, call: Call, digit: str) -> None:
        """A caller presses a key."""
        self.catch_up()
        self.centre.press(call, digit)
        self.acted()

    def agent(self, name: str) -> Agent:
        """An agent by name or interface."""
        self.catch_up()
        self.acted()
        return self.centre.agent(name)

    def cut_links(self) -> None:
        """Cut all connections, as a network would."""
        for connection in list(self.connections):
            connection.abort()

    def freeze(self) -> None:
        """Stop hearing and saying anything, with all connections open; the centre goes on."""
        self.frozen = True

    def thaw(self) -> None:
        """End :meth:`freeze`: what was kept back comes through now."""
        self.frozen = False
        for connection in list(self.connections):
            connection.thaw()

    def reboot(self, *, cleanly: bool = False) -> None:
        """The PBX ends and comes back: links and calls are lost, the members stay.

        ``cleanly``: it says so first, as ``core restart now`` does; else it dies.
        """
        self.catch_up()
        if cleanly:
            body = "Shutdown: Cleanly\r\nRestart: True\r\n"
            self.centre.frames.event("Shutdown", "system", body)
            for connection in list(self.connections):
                connection.hang_up()
        else:
            self.cut_links()
        self.centre.reboot()

    def _go_live(self) -> None:
        self.traffic.follow(self._live)

    # --- for connections ------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        """Remember a connection."""
        self.connections.append(connection)

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        self.connections.remove(connection)
        self.cut_off += connection.cut_off

    def catch_up(self) -> None:
        """Bring the centre to the present moment."""
        self.centre.run_until(self.now)

    def acted(self) -> None:
        """What comes next may have changed: the driver looks again."""
        self._wake.set()

    def challenge(self) -> str:
        """A new challenge for MD5."""
        return str(self._random.randrange(10**8, 10**9))

    def _emit(self, name: str, kind: str, frame: bytes) -> None:
        if self._tape is not None:
            self._tape(name, kind, frame)
            return
        for connection in list(self.connections):
            connection.event(name, kind, frame)
