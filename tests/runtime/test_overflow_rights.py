"""Rules that a PBX does not let us carry out: said once, cleared when it is mended."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from monitor.core.effects import OverflowChanged, PbxUpdated
from monitor.core.events import LinkState
from monitor.core.overflow.decisions import Answer, Order
from monitor.core.overflow.rules import (
    Action,
    Destination,
    How,
    OverflowRule,
    Redirect,
    SetVariable,
    Withdraw,
)
from monitor.overflow_rights import WARNING, RightsWatch

PBX = "lab"
REDIRECTS = OverflowRule("out", Redirect(Destination("overflow")), voice_servers=("*",))
MISSING = "Add call."


class HandMadePbx:
    connected = True
    broken = False

    def __init__(self) -> None:
        self.missing = MISSING
        self.asked: list[list[Action]] = []

    async def lacking(self, actions: Iterable[Action]) -> str:
        asked = list(actions)
        self.asked.append(asked)
        if self.broken:
            raise TimeoutError
        return self.missing if asked else ""

    async def look(self, order: Order) -> str:
        raise NotImplementedError

    async def send(self, command_id: str, order: Order) -> Answer:
        raise NotImplementedError


class Scene:
    def __init__(self, *rules: OverflowRule, again_s: float = 3600) -> None:
        self.rules = list(rules)
        self.pbx = HandMadePbx()
        self.warned: list[tuple[str, str, str]] = []
        self.watch = RightsWatch(
            lambda: self.rules, {PBX: self.pbx}, lambda *said: self.warned.append(said),
            again_s=again_s,
        )  # fmt: skip

    async def __aenter__(self) -> "Scene":
        self._task = asyncio.create_task(self.watch.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def up(self) -> None:
        await self.told(PbxUpdated(PBX, LinkState.CONNECTED))

    async def told(self, effect: PbxUpdated | OverflowChanged) -> None:
        self.watch.on_effects([effect])
        for _ in range(5):
            await asyncio.sleep(0)


async def test_what_is_missing_is_said_once_and_cleared_when_it_is_there() -> None:
    async with Scene(REDIRECTS) as scene:
        await scene.up()
        await scene.up()
        await scene.told(OverflowChanged())
        ((name, code, text),) = scene.warned
        assert (name, code) == (PBX, WARNING)
        assert MISSING in text
        scene.pbx.missing = ""
        await scene.told(OverflowChanged())
        assert scene.warned[1:] == [(PBX, WARNING, "")]


async def test_only_rules_that_would_send_something_there_count() -> None:
    silent = [
        replace(REDIRECTS, enabled=False),
        replace(REDIRECTS, dry_run=True),
        replace(REDIRECTS, pbx="elsewhere"),
        replace(REDIRECTS, action=Withdraw(Destination("overflow")), how=How.ASK),
    ]
    async with Scene(*silent) as scene:
        await scene.up()
        assert scene.pbx.asked == [[]]
        assert scene.warned == []
        scene.rules = [*silent, replace(REDIRECTS, action=SetVariable("A"))]
        await scene.told(OverflowChanged())
        assert scene.pbx.asked[1:] == [[SetVariable("A")]]


async def test_a_pbx_that_is_not_connected_is_asked_when_it_is() -> None:
    async with Scene(REDIRECTS) as scene:
        scene.pbx.connected = False
        await scene.up()
        await scene.told(OverflowChanged())
        assert scene.pbx.asked == []
        scene.pbx.connected = True
        await scene.up()
        assert len(scene.warned) == 1


async def test_while_something_is_missing_it_is_asked_again_and_again() -> None:
    async with Scene(REDIRECTS, again_s=0) as scene:
        await scene.up()
        scene.pbx.missing = ""
        async with asyncio.timeout(60):
            while len(scene.warned) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0)
    assert scene.warned[-1] == (PBX, WARNING, "")


async def test_a_pbx_that_does_not_answer_is_not_complained_of() -> None:
    async with Scene(REDIRECTS) as scene:
        scene.pbx.broken = True
        await scene.up()
        assert scene.warned == []
        scene.pbx.broken = False
        await scene.told(OverflowChanged())
        assert len(scene.warned) == 1
