"""The connection test: what an admin would find out in the first days, found out in ten seconds.

It opens connections of its own, so it can be run before a PBX is added, and beside a running link.
It asks and listens only. Two harmless echoes are made where the account may make them: a global
variable of our own is set and emptied (``Setvar``), and a user event of our own is sent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from monitor.core.clock import SECOND, Ms
from telephony_adapters.asterisk.ami_filter import CLASSES, filters
from telephony_adapters.asterisk.ami_framing import WANTED
from telephony_adapters.asterisk.ami_login import AmiSettings, LinkError, connect, login
from telephony_adapters.asterisk.ami_protocol import AmiProtocol, Answer
from telephony_adapters.asterisk.ami_translate import HEADERS
from telephony_adapters.asterisk.ami_values import moment
from telephony_adapters.asterisk.ari_client import AriSettings
from telephony_adapters.asterisk.pbx_test_ari import ari_checks
from telephony_adapters.asterisk.pbx_test_reading import (
    Check,
    Heard,
    Report,
    Seen,
    Status,
    callers_of,
    can_filter_by_name,
    feature_checks,
    hidden_check,
    output_of,
    read_checks,
    timestamps_check,
    version_check,
    write_checks,
)

TIME_LIMIT: Final = 10.0
"""Seconds for all of it."""
ASK_WITHIN: Final = 5.0
"""Seconds for the connection, and for one answer."""
LISTEN: Final = 3.0
"""Seconds for which events are listened to."""
NEAR: Final[Ms] = 2 * SECOND
"""A clock that is off by less is of no concern: the monitor reckons with the offset anyway."""

BANNER: Final = "Asterisk Call Manager/"
SETTINGS: Final = "manager show settings"
ECHO_VARIABLE: Final = "MINUTEUR_TEST"
ECHO_EVENT: Final = "MinuteurTest"
_WILDCARDS: Final = frozenset("*?[")

_testing: set[tuple[str, int]] = set()
"""The PBXs that are being tested now, by address."""


class AlreadyTestingError(Exception):
    """The PBX is being tested already."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is tested.

    ``contexts`` and ``voice_contexts`` are those of callers and of voice servers, ``queues`` the
    declared ones, ``needed`` says for each AMI action which rules in force use it.
    """

    ami: AmiSettings
    ari: AriSettings | None = None
    contexts: tuple[str, ...] = ()
    voice_contexts: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    needed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


async def check_pbx(
    asked: Asked,
    now: Callable[[], Ms],
    *,
    listen: float = LISTEN,
    limit: float = TIME_LIMIT,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Report:
    """Test a PBX; whatever is wrong is in the report.

    Args:
        asked: what to test.
        now: the monitor's clock (ms).
        listen: seconds for which events are listened to.
        limit: seconds for all of it.
        sleep: waits for seconds.

    Raises:
        AlreadyTestingError: the PBX is being tested already.
    """
    address = asked.ami.host, asked.ami.port
    if address in _testing:
        raise AlreadyTestingError(asked.ami.name)
    _testing.add(address)
    try:
        test = _Test(asked, now, listen, sleep)
        ari = asyncio.ensure_future(ari_checks(asked.ari, ASK_WITHIN)) if asked.ari else None
        try:
            async with asyncio.timeout(limit):
                await test.run()
                found = await ari if ari else []
        except TimeoutError:
            test.say("time", "failed", seconds=limit)
            found = ari.result() if ari and ari.done() and not ari.exception() else []
        finally:
            if ari:
                ari.cancel()
        return Report((*test.checks, *found), test.version)
    finally:
        _testing.discard(address)


class _Test:
    """One test, step by step; what was found stays when a later step fails."""

    def __init__(
        self,
        asked: Asked,
        now: Callable[[], Ms],
        listen: float,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._asked = asked
        self._settings = replace(asked.ami, connect_timeout=ASK_WITHIN, action_timeout=ASK_WITHIN)
        self._now = now
        self._listen = listen
        self._sleep = sleep
        self._heard = Heard()
        self._allowed: frozenset[str] = frozenset()
        self.checks: list[Check] = []
        self.version = ""

    def say(self, code: str, status: Status, **params: object) -> None:
        """Note what was found."""
        self.checks.append(Check(code, status, params))

    async def run(self) -> None:
        """Go through all steps, as far as they lead."""
        try:
            protocol = await connect(
                self._settings,
                on_event=self._heard.take,
                wanted=None,
                headers=HEADERS | {"Privilege"},
            )
        except LinkError as error:
            self.say("connect", "failed", reason=error.reason, said=error.said)
            return
        self.say("connect", "ok")
        try:
            if await self._enter(protocol):
                await self._look(protocol)
        except (ConnectionError, LinkError):
            self.say("connection", "failed")
        finally:
            protocol.abort()

    async def _enter(self, protocol: AmiProtocol) -> bool:
        """Log in; False when that leads no further."""
        try:
            await login(protocol, self._settings, events="system")
        except LinkError as error:
            if self._greeted(protocol):
                self.say("login", "failed", reason=error.reason, said=error.said)
            return False
        self._greeted(protocol)
        self.say("login", "ok")
        return True

    def _greeted(self, protocol: AmiProtocol) -> bool:
        """Whether what listens there is an Asterisk's manager, as far as it says."""
        banner = protocol.splitter.banner
        good = banner.startswith(BANNER)
        said = banner.removeprefix(BANNER)[:80]
        self.say("banner", "ok" if good else "failed", said=said)
        return good

    async def _look(self, protocol: AmiProtocol) -> None:
        self._allowed = frozenset(await self._ask(protocol, "ListCommands"))
        settings = await self._ask(protocol, "CoreSettings")
        self.version = settings.get("AsteriskVersion", "")
        self.checks.append(version_check(self.version))
        await self._look_at_clock(protocol)
        await self._look_at_queues(protocol)
        await self._look_at_contexts(protocol)
        await self._look_at_events(protocol)
        self.checks += write_checks(self._allowed, self._asked.needed)
        self.checks += feature_checks(self._allowed, self._asked.needed)
        await self._look_at_filter(protocol)

    async def _look_at_clock(self, protocol: AmiProtocol) -> None:
        """See how far the PBX's clock is from ours: half-way of a ping."""
        sent = self._now()
        answer = await self._ask(protocol, "Ping")
        try:
            offset = (sent + self._now()) // 2 - moment(answer["Timestamp"])
        except (KeyError, ValueError):
            self.say("clock", "skipped", reason="not_told")
            return
        self.say("clock", "ok" if abs(offset) < NEAR else "warning", offset_s=offset / SECOND)

    async def _look_at_queues(self, protocol: AmiProtocol) -> None:
        """See which queues there are, and whether those that are declared are among them."""
        response, *items = await self._ask_all(protocol, "QueueSummary")
        if response.get("Response") != "Success":
            self.say("queues", "failed", said=response.get("Message", ""))
            return
        there = sorted(callers_of(items))
        missing = sorted(set(self._asked.queues).difference(there))
        good = bool(there) and not missing
        self.say("queues", "ok" if good else "warning", queues=there, missing=missing)

    async def _look_at_contexts(self, protocol: AmiProtocol) -> None:
        """See whether the contexts are in the dialplan."""
        asked = [("context", name) for name in self._asked.contexts]
        asked += [("voice_context", name) for name in self._asked.voice_contexts]
        for code, name in asked:
            if not _WILDCARDS.isdisjoint(name):
                self.say(code, "skipped", context=name, reason="pattern")
                continue
            question = {"Variable": f"DIALPLAN_EXISTS({name})"}
            value = (await self._ask(protocol, "Getvar", question)).get("Value", "")
            if value == "1":
                self.say(code, "ok", context=name)
            elif value == "0":
                self.say(code, "failed" if code == "context" else "warning", context=name)
            else:
                self.say(code, "skipped", context=name, reason="not_told")

    async def _look_at_events(self, protocol: AmiProtocol) -> None:
        """Listen for a while, and compare what came with what should have come."""
        digits = self._settings.wants_digits
        user = f"manager show user {self._settings.username}"
        told, settings = [await self._command(protocol, text) for text in (user, SETTINGS)]
        await self._ask(protocol, "Events", {"EventMask": CLASSES})
        before = await self._channels(protocol)
        waiting = callers_of(await self._ask_all(protocol, "QueueSummary"))
        await self._echo(protocol)
        await self._sleep(self._listen)
        now_waiting = callers_of(await self._ask_all(protocol, "QueueSummary"))
        joined = any(many > waiting.get(queue, many) for queue, many in now_waiting.items())
        seen = Seen(before, await self._channels(protocol), joined=joined)
        await self._ask(protocol, "Events", {"EventMask": "off"})
        classes = output_of(told, "read perm")
        disabled = output_of(settings, "disabled events") or ()
        self.checks += read_checks(self._heard, seen, classes, wants_digits=digits)
        needed = {name.decode() for name in WANTED}
        self.checks.append(hidden_check(self._heard, seen, disabled, needed))
        stamped = output_of(settings, "timestamp events")
        self.checks.append(timestamps_check(self._heard, stamped))

    async def _echo(self, protocol: AmiProtocol) -> None:
        """Have the PBX tell us something, where the account may: it proves what it may read."""
        if "Setvar" in self._allowed:
            for value in ("1", ""):
                await self._ask(protocol, "Setvar", {"Variable": ECHO_VARIABLE, "Value": value})
        if "UserEvent" in self._allowed:
            await self._ask(protocol, "UserEvent", {"UserEvent": ECHO_EVENT})

    async def _look_at_filter(self, protocol: AmiProtocol) -> None:
        """See whether events can be chosen by name; last, as it holds for the connection."""
        if "Filter" not in self._allowed:
            self.say("feature_eventfilter", "skipped", reason="write_system")
            return
        answer = await self._ask(protocol, "Filter", filters()[0])
        good = answer.get("Response") == "Success"
        # An older Asterisk takes the words for an empty regular expression: it lets all through.
        good = good and can_filter_by_name(self.version)
        self.say("feature_eventfilter", "ok" if good else "warning", since="22.1")

    # -- asking ----------------------------------------------------------------------------------

    async def _channels(self, protocol: AmiProtocol) -> dict[str, Answer] | None:
        if "CoreShowChannels" not in self._allowed:
            return None
        items = (await self._ask_all(protocol, "CoreShowChannels"))[1:]
        return {item["Uniqueid"]: item for item in items if "Uniqueid" in item}

    async def _command(self, protocol: AmiProtocol, text: str) -> Answer | None:
        if "Command" not in self._allowed:
            return None
        return await self._ask(protocol, "Command", {"Command": text})

    async def _ask(
        self, protocol: AmiProtocol, action: str, headers: Mapping[str, str] | None = None
    ) -> Answer:
        return (await self._ask_all(protocol, action, headers))[0]

    async def _ask_all(
        self, protocol: AmiProtocol, action: str, headers: Mapping[str, str] | None = None
    ) -> list[Answer]:
        try:
            return await protocol.request(action, headers or {})
        except ValueError:
            return [{}]  # a value that is no line of text; the settings refuse such
