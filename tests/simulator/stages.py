"""One stage for a real Asterisk and for the simulated one: the same orders to both."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

from telephony_adapters.simulator import QUIET, SimulatedPbx, Site
from tests.asterisk_lab.ami import LabAmi, Message
from tests.asterisk_lab.server import AsteriskLab

from .client import WITHIN, Client, logged_in
from .lab_rows import QUEUES, lab_dialplan

DIALPLAN = """
[orders]
exten = waiting,1,Answer(,i)
 same = n,Queue(support)
 same = n,GotoIf($["${QUEUESTATUS}"="WITHDRAW"]?${QUEUE_WITHDRAW_INFO})
 same = n,Hangup()
exten = choosing,1,Goto(ivr,s,1)
exten = moved,1,Queue(sales)
 same = n,Hangup()
"""
DEAF, KEEN = "PJSIP/agent1", "PJSIP/agent2"
"""One lets it ring; one answers after 200 ms and hangs up after as long."""
Holds = Callable[[Message], bool]


class Stage(Protocol):
    """A PBX to send actions to, real or not."""

    events: list[Message]

    async def ask(self, action: str, **fields: str) -> Message: ...
    async def listing(self, action: str, **fields: str) -> list[Message]: ...
    async def let(self, span: int) -> None:
        """Let ``span`` ms pass."""


class Real:
    """The lab's Asterisk."""

    def __init__(self, ami: LabAmi) -> None:
        self._ami = ami
        self.events = ami.events
        self.events.clear()

    async def ask(self, action: str, **fields: str) -> Message:
        return self._ami.request(action, **fields)

    async def listing(self, action: str, **fields: str) -> list[Message]:
        return self._ami.listing(action, **fields)

    async def let(self, span: int) -> None:
        time.sleep(span / 1000)  # noqa: ASYNC251 - nothing else runs here
        self._ami.request("Ping")


class Simulated:
    """The simulated PBX, moved by hand."""

    def __init__(self, pbx: SimulatedPbx, client: Client) -> None:
        self._pbx, self._client = pbx, client
        self.events = client.events

    async def ask(self, action: str, **fields: str) -> Message:
        return await self._client.ask(action, **fields)

    async def listing(self, action: str, **fields: str) -> list[Message]:
        return await self._client.listing(action, **fields)

    async def let(self, span: int) -> None:
        self._pbx.advance(span)
        await self._client.drain()


async def until(stage: Stage, holds: Holds) -> Message:
    """Let time pass until an event comes; what came before counts too."""
    for _ in range(round(WITHIN * 20)):
        for event in stage.events:
            if holds(event):
                return event
        await stage.let(50)
    raise AssertionError("it did not come")


def named(name: str, **details: str) -> Holds:
    def holds(event: Message) -> bool:
        return event.get("Event") == name and details.items() <= event.items()

    return holds


@contextmanager
def real(lab: AsteriskLab) -> Iterator[Real]:
    with LabAmi(lab.ami_port, events=True) as ami:
        ami.action("Events", EventMask="call,agent,dialplan")
        yield Real(ami)


@asynccontextmanager
async def simulated() -> AsyncIterator[Simulated]:
    site = Site(QUEUES, lab_dialplan(DIALPLAN), ())
    async with (
        SimulatedPbx(speed=0, start=1_795_000_000_000, profile=QUIET, site=site) as pbx,
        logged_in(pbx.port, "call,agent,dialplan") as client,
    ):
        pbx.centre.phone(DEAF).never_answers = True
        keen = pbx.centre.phone(KEEN)
        keen.answers_after = keen.talks_for = 200
        yield Simulated(pbx, client)
