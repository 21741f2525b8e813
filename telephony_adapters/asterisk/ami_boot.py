"""When a PBX started, as AMI tells it: whether it is still the one that we knew."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from monitor.core.clock import SECOND, Ms
from telephony_adapters.asterisk.ami_protocol import Answer

SAME_BOOT: Final[Ms] = 3 * SECOND
"""Two measures of when the PBX started may differ so much: its uptime is in whole seconds."""


class BootWatch:
    """Knows when a PBX started, over all connections with it.

    Attributes:
        again: set once the PBX says that it has finished starting, after we had settled in.
        stopping: the PBX said that it shuts down or restarts.
        told: whether this connection's ``FullyBooted`` came.
    """

    def __init__(self) -> None:
        self._boot: Ms | str | None = None
        self.begin()

    def begin(self) -> None:
        """Forget what belongs to one connection."""
        self.again = asyncio.Event()
        self.stopping = False
        self._uptime: Ms | None = None
        self._booted = asyncio.Event()
        self._noted = False

    @property
    def told(self) -> bool:
        """Whether this connection's ``FullyBooted`` came."""
        return self._uptime is not None

    def take(self, fields: Answer) -> None:
        """Take an event about the PBX itself."""
        if fields["Event"] == "Shutdown":
            self.stopping = True
        elif fields["Event"] == "FullyBooted":
            if self._noted:
                # It was still loading when we came: what it told us then may lack queues.
                self.again.set()
            elif fields.get("Uptime", "").removeprefix("-").isdigit():
                # Negative after the PBX's clock was set back: it counts by that clock.
                self._uptime = int(fields["Uptime"]) * SECOND
                self._booted.set()

    async def note(
        self, patience: float, now: Callable[[], Ms], startup: Callable[[], Awaitable[str | None]]
    ) -> bool:
        """Find out when the PBX started; True if that is not when it had started before.

        Args:
            patience: how long to wait for the PBX to tell its uptime (s).
            now: the PBX's clock.
            startup: asks for the moment of starting, for accounts that are not told the uptime.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._booted.wait()
        self._noted = True
        boot = now() - self._uptime if self._uptime is not None else await startup()
        before, self._boot = self._boot, boot or self._boot
        if isinstance(boot, int) and isinstance(before, int):
            return abs(boot - before) > SAME_BOOT
        return isinstance(boot, str) and isinstance(before, str) and boot != before
