"""``minuteur serve`` beside a real broker: after purge and erasure no file holds a number."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.opening import open_url
from monitor.core.clock import SECOND
from monitor.history.rollups import Rollups
from telephony_adapters.simulator import CallerPlan
from tests.evidence.packs import members
from tests.evidence.samples import after_days, seal_all
from tests.mosquitto import Mosquitto, Subscriber, broker
from tests.privacy.places import NUMBERS, SECRETS, fill_everywhere, found_in, spellings
from tests.publishing.centre import Served, simulated

__all__ = ["broker"]

LIVE = "0199012345"
PERIOD = ("--from", "2026-04-01", "--to", "2026-04-04")
REPORT = "/reports/compliance?from=2026-04-01&to=2026-04-04&format=json"
SHORT = {"numbers": 30, "digits": 1, "persons": 30, "agents": 30, "alerts": 1, "messages": 1}


class Running(Served):
    """The monitor on a record that holds numbers everywhere, and what it hands out."""

    def __init__(self, folder: Path, pbx_port: int, more: str, handed_out: Path) -> None:
        with open_url(f"sqlite:///{folder / 'minuteur.db'}") as history:
            fill_everywhere(history)
            seal_all(history, after_days(5))
            Rollups(history).rebuild()
        super().__init__(folder, pbx_port, more)
        self.handed_out = handed_out

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:  # noqa: ANN401
        """What the interface answers; fails where it refuses."""
        async with httpx.AsyncClient(timeout=60) as client:
            answer = await client.request(
                method, f"http://127.0.0.1:{self.port}/api/v1{path}", json=body,
                headers={"Authorization": f"Bearer {self._token}", **headers},
            )  # fmt: skip
        assert answer.is_success, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer.text

    async def command(self, *words: str) -> None:
        """A command, beside the monitor's process, that must end well."""
        config = () if words[:2] == ("evidence", "verify") else ("--config", str(self.config))
        done = await asyncio.to_thread(CliRunner().invoke, app, [*words, *config])
        assert done.exit_code == 0, done.output

    async def pack(self, name: str) -> Path:
        """A pack of the period, verified."""
        file = self.handed_out / name
        await self.command("evidence", "export", *PERIOD, "--output", str(file))
        await self.command("evidence", "verify", str(file))
        return file

    async def report(self) -> dict[str, Any]:
        """The report on the period, handed out; without when it was made and what is sealed."""
        shown: dict[str, Any] = await self.ask("GET", REPORT)
        (self.handed_out / "report.json").write_text(str(shown), encoding="utf-8")
        return {name: one for name, one in shown.items() if name not in ("generated", "sealed")}

    async def purge(self) -> dict[str, Any]:
        """Purge by the interface, and wait for its end."""
        await self.ask("POST", "/personal-data/purge")
        async with asyncio.timeout(60):
            while True:
                shown: dict[str, Any] = await self.ask("GET", "/personal-data")
                if shown["last_purge"] is not None and not shown["running"]:
                    return shown
                await asyncio.sleep(0.1)


@pytest.fixture
async def running(tmp_path: Path, broker: Mosquitto) -> AsyncIterator[Running]:
    handed_out = tmp_path.with_name(f"{tmp_path.name}-handed-out")
    handed_out.mkdir()
    more = f'[mqtt]\nurl = "{broker.url}"\nnumbers = "full"\n'
    async with simulated() as pbx:
        served = Running(tmp_path, pbx.port, more, handed_out)
        with Subscriber(broker.port, "minuteur/#") as heard:
            async with served:
                pbx.call(LIVE, "support", plan=CallerPlan(SECOND, talk=SECOND))
                await asyncio.to_thread(
                    heard.until, lambda got: any("calls/ended" in one.topic for one in got)
                )
                yield served


def documents(pack: Path) -> dict[str, bytes]:
    """What a pack says of the period; the chain went on meanwhile."""
    found = members(pack.read_bytes())
    told = {name: one for name, one in found.items() if name.startswith("days/")}
    return told | {"report.json": found["report.json"]}


async def test_no_file_holds_a_number_and_all_evidence_stands(
    running: Running, tmp_path: Path, broker: Mosquitto
) -> None:
    old = await running.pack("before.zip")
    before = await running.report()
    erased = await running.ask("POST", "/personal-data/erasure", {"number": NUMBERS[1]})
    assert erased["removed"]["call"] == 3
    assert found_in(tmp_path, list(spellings(NUMBERS[1]))) == []
    assert found_in(tmp_path, list(spellings(NUMBERS[0])))

    setting = "/settings/retention"
    version = (await running.ask("GET", setting))["version"]
    await running.ask("PUT", setting, SHORT, **{"If-Match": f'"{version}"'})
    shown = await running.purge()

    assert shown["problem"] == ""
    assert not shown["rewrite_due"]
    assert found_in(tmp_path, list(SECRETS)) == []
    assert await running.report() == before
    await running.command("evidence", "status", "--check")
    await running.command("evidence", "verify", str(old))
    new = await running.pack("after.zip")
    calls = await running.ask("GET", "/calls/export?from=2026-04-01T00:00Z&to=2026-04-05T00:00Z")
    assert calls.count("\n") > 20
    (running.handed_out / "calls.csv").write_text(calls, encoding="utf-8")
    assert documents(new) == documents(old)
    assert found_in(running.handed_out, list(SECRETS)) == []

    await asyncio.to_thread(running.stop)
    broker.stop()  # writes down what it retains
    assert (tmp_path / "broker" / "mosquitto.db").exists()
    assert found_in(tmp_path, list(SECRETS)) == []
