"""A busy simulated centre, and the monitor as its users run it, for what is published of both."""

import asyncio
import contextlib
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx

from api.composition import running
from api.services import Services
from config.loading import load
from monitor.accounts import Accounts, Role
from monitor.core.clock import SECOND
from monitor.history.database import open_history
from telephony_adapters.simulator import QUIET, CallerPlan, SimulatedPbx, Site, Staff
from telephony_adapters.simulator.parts import QueueSetup, Step
from tests.asterisk_lab.ports import PortBlock

MINUTEUR: Final = str(Path(sys.executable).with_name("minuteur"))
QUEUES: Final = ("support", "sales", "billing")
PBX: Final = "lab"
WITHIN_S: Final = 4
AT_RISK_S: Final = 2
AGENTS: Final = 25
"""For each queue: enough for most callers, not for all."""

SITE: Final = Site(
    tuple(QueueSetup(name, ring=3 * SECOND, retry=SECOND) for name in QUEUES),
    {
        ("incoming", name): (Step("Answer"), Step("Queue", name), Step("Hangup"))
        for name in QUEUES
    },
    tuple(
        Staff(f"PJSIP/{number}{agent:02d}", f"{name} {agent}", ((name, 0),))
        for number, name in enumerate(QUEUES, 1)
        for agent in range(AGENTS)
    ),
)  # fmt: skip


@contextlib.asynccontextmanager
async def simulated() -> AsyncIterator[SimulatedPbx]:
    """A centre in which everybody is at work and nobody calls yet."""
    async with SimulatedPbx(profile=QUIET, site=SITE) as pbx:
        pbx.centre.frames.noise = False
        for agent in pbx.centre.agents.values():
            agent.login()
        yield pbx


class Callers:
    """Callers come, ``rate`` a second, until the end of the block; ``made`` counts them."""

    def __init__(self, pbx: SimulatedPbx, rate: float, seed: int = 1) -> None:
        self.made = 0
        self._pbx = pbx
        self._rate = rate
        self._chance = random.Random(seed)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        begin = loop.time()
        while True:
            for _ in range(round((loop.time() - begin) * self._rate) - self.made):
                self._one()
            await asyncio.sleep(0.02)

    def _one(self) -> None:
        patience, talk = self._chance.uniform(0.5, 9), self._chance.uniform(0.5, 3)
        plan = CallerPlan(round(patience * SECOND), talk=round(talk * SECOND))
        number = f"01990{self.made % 100_000:05d}"
        self._pbx.call(number, self._chance.choice(QUEUES), plan=plan)
        self.made += 1


def settings_text(directory: Path, pbx_port: int, port: int, more: str) -> str:
    """A settings file for the monitor of the simulated centre."""
    return f"""
[history]
database = "sqlite:///{directory / "minuteur.db"}"
[api]
port = {port}
[commitment]
within = {WITHIN_S}
at_risk_after = {AT_RISK_S}
short_abandon = 1
[[pbx]]
name = "{PBX}"
port = {pbx_port}
username = "minuteur"
secret = "minuteur"
incoming_contexts = ["incoming"]
{more}
"""


@contextlib.asynccontextmanager
async def watching(directory: Path, pbx: SimulatedPbx, more: str) -> AsyncIterator[Services]:
    """The monitor of the simulated centre, in this process."""
    file = directory / "minuteur.toml"
    file.write_text(settings_text(directory, pbx.port, 0, more))
    async with running(load(file).settings) as services:
        async with asyncio.timeout(60):
            while services.problems():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        yield services


class Served:
    """``minuteur serve`` in a process of its own; may be killed and started again."""

    def __init__(self, directory: Path, pbx_port: int, more: str) -> None:
        self._ports = PortBlock()
        self.port = self._ports.take()
        self.config = directory / "minuteur.toml"
        self.config.write_text(settings_text(directory, pbx_port, self.port, more))
        self._log = directory / "serve.log"
        with open_history(f"sqlite:///{directory / 'minuteur.db'}") as history:
            self._token = Accounts(history).create_token("tests", Role.ADMIN)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return self._log.read_text()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [MINUTEUR, "serve", "--config", str(self.config)],
                stdout=log,
                stderr=log,
                env=os.environ,
            )

    async def ready(self) -> None:
        """Wait until it follows the PBX."""
        async with asyncio.timeout(60):
            while not await self._is_ready():
                assert self._process is not None
                assert self._process.poll() is None, self.log[-3000:]
                await asyncio.sleep(0.1)

    async def _is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(timeout=60) as client:
                answer = await client.get(f"http://127.0.0.1:{self.port}/readyz")
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it as a service manager does."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)

    async def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        async with httpx.AsyncClient(timeout=60) as client:
            answer = await client.get(
                f"http://127.0.0.1:{self.port}/api/v1{path}",
                headers={"Authorization": f"Bearer {self._token}"},
            )
        answer.raise_for_status()
        return answer.json()

    async def __aenter__(self) -> Self:
        self.start()
        await self.ready()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)
        self._ports.release()
