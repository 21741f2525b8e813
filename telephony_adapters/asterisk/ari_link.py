"""The link with one PBX's ARI: what voice servers written as Stasis applications do.

On the way up: open the stream of events, let them come into a buffer, list the channels; then the
snapshot goes out, then what was buffered, then all as it comes. AMI alone decides whether the PBX
is observed: what is wrong here is a warning.
"""

import asyncio
import logging
import random as random_module
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from monitor.core.clock import SECOND, Ms
from monitor.core.events import Event, StasisSeen, StasisSnapshot, WarningRaised
from telephony_adapters.asterisk.ami_login import LinkError
from telephony_adapters.asterisk.ari_client import AriClient, AriSettings
from telephony_adapters.asterisk.ari_translate import (
    TABLE,
    AriTranslator,
    Insiders,
    inside_before,
    stasis_app,
    text,
)
from telephony_adapters.backoff import STABLE_AFTER, Backoff

log = logging.getLogger(__name__)

CREDIBLE: Final[Ms] = 10 * SECOND
"""An event stamped further than this from the PBX's clock is dated by its arrival. Either the clock
was set, which AMI's pings find out in a moment, or the stream was held up for as long."""
MAX_BUFFER: Final = 200_000
"""Events that may come while the channels are listed; more, and the link is made anew."""

REPLACED: Final = "ApplicationReplaced"
ENTERED_OURS: Final = "StasisStart"
WANTED: Final = (*TABLE, REPLACED, ENTERED_OURS)
"""The types of events that we ask for."""

LINK: Final = "ari"
GARBAGE: Final = "ari_garbage"
OUR_APP: Final = "ari_app"
"""Codes of the warnings."""


class AriLink:
    """Watches one PBX through ARI and emits what its voice servers do as core events.

    Attributes:
        garbage: how many messages of the present connection were no use.
    """

    def __init__(
        self,
        settings: AriSettings,
        emit: Callable[[Event], None],
        pbx_now: Callable[[], Ms],
        *,
        clock_known: Callable[[], bool] = lambda: True,
        tap: Callable[[bytes], None] | None = None,
        random: Callable[[], float] = random_module.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare the link; :meth:`run` makes it.

        Args:
            settings: where ARI is and who we are there.
            emit: takes each event, synchronously; it must only put it somewhere.
            pbx_now: the time on the PBX's clock, ms, as far as AMI has measured it.
            clock_known: whether AMI has.
            tap: gets each message as it came (a recorder).
            random: numbers from 0 up to 1, for the back-off.
            sleep: waits for seconds between tries.
        """
        self.settings = settings
        self._emit = emit
        self._now = pbx_now
        self._clock_known = clock_known
        self._tap = tap
        self._sleep = sleep
        self._backoff = Backoff(random)
        self._said: dict[str, str] = {}
        self._fresh()

    def _fresh(self) -> None:
        """Forget what belongs to one connection."""
        self._translator = AriTranslator(self.settings.name)
        self._insiders = Insiders()
        self._buffer: list[Event] | None = []
        self.garbage = 0

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        while True:
            began = self._now()
            error = await self._session_end()
            if str(error) != self._said.get(LINK):
                log.warning("%s", error)
            self._say(LINK, str(error))
            if self._now() - began >= STABLE_AFTER:
                self._backoff.reset()
            refused = self.settings.refused_retry if error.refused else None
            await self._sleep(refused or self._backoff.delay())

    # -- one connection's life -------------------------------------------------------------------

    async def _session_end(self) -> LinkError:
        """Run one connection from beginning to end; say why it ended."""
        try:
            await self._session()
        except LinkError as error:
            return error
        except ConnectionClosed as error:
            return LinkError(self._why_closed(error))
        except Exception:
            # A mistake of ours must not end the link for ever.
            log.exception("The ARI link with the PBX %s failed unexpectedly", self.settings.name)
        return LinkError(f"The ARI link with the PBX {self.settings.name} failed; see the log.")

    async def _session(self) -> None:
        """Bring the link up and keep it; always ends with an error (or cancelled)."""
        self._fresh()
        client = AriClient(self.settings)
        try:
            await client.check_app()
            async with client.events() as websocket:
                await self._follow(websocket, client)
        finally:
            await client.close()

    async def _follow(self, websocket: ClientConnection, client: AriClient) -> None:
        """Read from the first moment on, and take the snapshot meanwhile."""
        reading: asyncio.Task[None] = asyncio.create_task(self._read(websocket))
        rising: asyncio.Task[None] = asyncio.create_task(self._rise(client))
        try:
            await asyncio.wait({reading, rising}, return_when=asyncio.FIRST_COMPLETED)
            if rising.done():
                rising.result()
            await reading
        finally:
            for task in (reading, rising):
                task.cancel()
            await asyncio.gather(reading, rising, return_exceptions=True)

    async def _rise(self, client: AriClient) -> None:
        await client.allow(WANTED)
        at = self._now()
        listed = [seen for channel in await client.channels() if (seen := _seen(channel))]
        buffered = self._buffer or []
        inside = inside_before(listed, buffered)
        # Before all that was buffered, whatever the two clocks say of it.
        at = min([at, *(event.at for event in buffered)])
        self._insiders = Insiders(inside)
        self._buffer = None
        self._emit(
            StasisSnapshot(
                self.settings.name,
                at,
                tuple(StasisSeen(uniqueid, app) for uniqueid, app in inside.items()),
            )
        )
        for event in buffered:
            self._pass_on(event)
        log.info("The ARI link with the PBX %s is up", self.settings.name)
        for code in (LINK, GARBAGE, OUR_APP):
            self._say(code, "")

    async def _read(self, websocket: ClientConnection) -> None:
        while True:
            self._take(await websocket.recv(decode=False))

    # -- what comes in ---------------------------------------------------------------------------

    def _take(self, raw: bytes) -> None:
        if self._tap is not None:
            self._tap(raw)
        try:
            message = orjson.loads(raw)
        except orjson.JSONDecodeError:
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            self._count_garbage()
            return
        malformed = self._translator.malformed
        event = self._translator.translate(message, self._now(), clock_known=self._clock_known())
        if event is None:
            self._take_own(message)
            if self._translator.malformed > malformed:
                self._count_garbage()
        elif self._buffer is None:
            self._pass_on(event)
        else:
            self._buffer.append(event)
            if len(self._buffer) > MAX_BUFFER:
                raise LinkError(
                    f"The PBX {self.settings.name} did not list its channels for ARI in time; "
                    "it may be overloaded."
                )

    def _pass_on(self, event: Event) -> None:
        for admitted in self._insiders.admit(event):
            self._emit(admitted)

    def _take_own(self, message: dict[str, Any]) -> None:
        """Take an event about our own application."""
        name, app = self.settings.name, self.settings.app
        if message["type"] == REPLACED and message.get("application") == app:
            raise LinkError(
                f"Another program took the Stasis application {app} of the PBX {name} over: each "
                "monitor needs a name of its own as app in [pbx.ari].",
                refused=True,
            )
        if message["type"] == ENTERED_OURS:
            self._say(
                OUR_APP,
                f"The dialplan of the PBX {name} sends callers to Stasis({app}), where nobody "
                "answers them: that name is the monitor's own. Set app in [pbx.ari] to another.",
            )

    def _count_garbage(self) -> None:
        self.garbage += 1
        self._say(
            GARBAGE,
            f"The ARI of the PBX {self.settings.name} sends messages that are not understood; "
            "they are left out.",
        )

    # -- saying so -------------------------------------------------------------------------------

    def _say(self, code: str, text_: str) -> None:
        """Raise a warning, change it, or (empty) clear it; each once."""
        if text_ == self._said.get(code, ""):
            return
        self._said[code] = text_
        self._emit(WarningRaised(self.settings.name, self._now(), code, text_))

    def _why_closed(self, error: ConnectionClosed) -> str:
        name = self.settings.name
        sent = None if error.sent is None else error.sent.code
        if sent == CloseCode.MESSAGE_TOO_BIG:
            return f"The ARI of the PBX {name} sent a message without end; the link is made anew."
        if sent == CloseCode.INTERNAL_ERROR:
            return (
                f"The ARI of the PBX {name} does not answer any more (no reply within "
                f"{self.settings.ping_timeout:g} s); the link is made anew."
            )
        return f"The PBX {name} closed the ARI connection; trying again until it answers."


def _seen(channel: Any) -> StasisSeen | None:  # noqa: ANN401 - JSON
    """Return a listed channel if it is in an application; one in an unknown form is none."""
    try:
        app = stasis_app(channel["dialplan"])
        return StasisSeen(text(channel["id"]), app) if app else None
    except (KeyError, ValueError, TypeError):
        return None
