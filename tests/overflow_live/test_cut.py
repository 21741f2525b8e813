"""The link breaks while an order is on its way: it is never sent again, whatever became of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from api.composition import running
from api.services import Services
from config.settings import Settings
from monitor.core.events import LinkState
from monitor.core.overflow.decisions import Outcome
from monitor.history.database import open_history
from monitor.history.overflow_log import OverflowLog
from tests.asterisk_lab.callers import give_up, originate
from tests.asterisk_lab.server import AsteriskLab
from tests.overflow_live.centre import PATIENCE, overflow_lab, story
from tests.scenarios.agreement import PBX

pytestmark = pytest.mark.asterisk

ORDER = b"Action: QueueWithdrawCaller\r\n"
PATIENT_MS = 600_000
"""No caller leaves by the clock: how long a link takes to come back is the machine's business."""


class CuttingProxy:
    """Stands before AMI, and cuts everything when the order comes by."""

    def __init__(self, target: int, *, deliver: bool) -> None:
        self.seen = 0
        self._target = target
        self._deliver = deliver
        self._writers: list[asyncio.StreamWriter] = []

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]
        self._cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers += [writer, forth]
        await asyncio.gather(self._pass(reader, forth), self._pass(back, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if ORDER in data:
                    self.seen += 1
                    if self._deliver:
                        writer.write(data)
                        await writer.drain()
                    self._cut()
                    return
                writer.write(data)
        writer.close()

    def _cut(self) -> None:
        for writer in self._writers:
            # What was delivered must arrive: no reset.
            writer.close()
        self._writers.clear()


@pytest.fixture(scope="module")
def lab() -> Iterator[AsteriskLab]:
    with overflow_lab("22") as lab:
        with lab.ami() as ami:
            ami.action("QueueAdd", Queue="of-second", Interface="Local/a_50_200_1@agents/n")
        yield lab


def settings(directory: Path, port: int) -> Settings:
    place = {"context": "overflow", "exten": "second", "queue": "of-second"}
    return Settings.model_validate(
        {
            "history": {"database": f"sqlite:///{directory / 'record.db'}"},
            "pbx": [
                {
                    "name": PBX, "port": port, "username": AsteriskLab.username,
                    "secret": "minuteur-lab", "incoming_contexts": ["incoming"],
                }
            ],
            "overflow_rule": [
                {
                    "id": "second-queue", "queues": ["of-first"], "do": {"withdraw": place},
                    "when": [{"metric": "waited_in_queue", "at_least": 1.0}],
                }
            ],
        }
    )  # fmt: skip


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def is_connected(services: Services) -> bool:
    state = services.monitor.engine.pbx_state(PBX)
    return state is not None and state.link is LinkState.CONNECTED


@pytest.mark.parametrize("deliver", [True, False], ids=["it arrived", "it was lost"])
async def test_an_order_on_its_way_when_the_link_breaks_is_never_sent_again(
    lab: AsteriskLab, tmp_path: Path, deliver: bool
) -> None:
    number = f"069800020{int(deliver)}"
    proxy = CuttingProxy(lab.ami_port, deliver=deliver)
    async with proxy.listening() as port, running(settings(tmp_path, port)) as services:
        await until(lambda: is_connected(services))
        with lab.ami() as ami:
            await asyncio.to_thread(originate, ami, "of-first", number, PATIENT_MS)
            await until(lambda: proxy.seen == 1)
            await until(lambda: not is_connected(services))
            await until(lambda: is_connected(services))
            if not deliver:
                await asyncio.to_thread(give_up, ami, "of-first")
            end = "COMPLETEAGENT" if deliver else "ABANDON"
            await until(lambda: bool(story(lab, number)) and story(lab, number)[-1][0] == end)
            await until(lambda: not services.monitor.engine.snapshot().calls)
        assert proxy.seen == 1
    with open_history(f"sqlite:///{tmp_path / 'record.db'}", migrate=False) as history:
        (command,) = OverflowLog(history).commands().commands
    exits = [event for event, _ in story(lab, number) if event in {"WITHDRAW", "ABANDON"}]
    assert exits == (["WITHDRAW"] if deliver else ["ABANDON"])
    assert command.accepted is None
    # Moved: the link was up again before the withdrawal took effect.
    seen = {Outcome.NOT_OBSERVED, Outcome.MOVED} if deliver else {Outcome.LEFT_MEANWHILE}
    assert command.outcome in seen
