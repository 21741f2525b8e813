"""Minuteur itself, as it is shipped: its settings for a benchmark, and ``minuteur serve``."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import psutil  # type: ignore[import-untyped]

from tests.adapters.scripted import SECRET
from tests.bench.pbx import QUEUES

COMMAND: Final = (sys.executable, "-c", "from api.entry import main; main()")
PATIENCE: Final = 60.0
"""Seconds after which what should have happened never will."""
_URL: Final = re.compile(r"http://\S+")


def write_settings(
    folder: Path, pbx_port: int, *, within: float, at_risk_after: float, more: str = ""
) -> Path:
    """Settings for one PBX at ``pbx_port``; thresholds in seconds; ``more`` lines at the end."""
    lines = [
        "[history]",
        f'database = "sqlite:///{folder / "bench.db"}"',
        "[api]",
        "port = 0",
        "[commitment]",
        f"within = {within}",
        f"at_risk_after = {at_risk_after}",
        "[[pbx]]",
        'name = "lab"',
        f"port = {pbx_port}",
        'username = "minuteur"',
        f'secret = "{SECRET}"',
        'incoming_contexts = ["incoming"]',
        "[[voice_server]]",
        'name = "welcome"',
        'contexts = ["ivr"]',
        *(line for queue in QUEUES for line in ("[[queue]]", f'name = "{queue}"')),
        more,
    ]
    path = folder / "minuteur.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


@dataclass(frozen=True, slots=True)
class House:
    """A running ``minuteur serve``."""

    url: str
    token: str
    process: psutil.Process
    settings: Path

    @property
    def headers(self) -> dict[str, str]:
        """What a client has to send."""
        return {"Authorization": f"Bearer {self.token}"}

    def metric(self, name: str) -> float:
        """The sum of one metric's values over its labels."""
        text = httpx.get(f"{self.url}/metrics", headers=self.headers, timeout=PATIENCE).text
        lines = [line for line in text.splitlines() if re.match(rf"{name}[ {{]", line)]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    def wait_for(self, name: str, at_least: float) -> None:
        """Wait until a metric has come so far."""
        end = time.monotonic() + PATIENCE
        while self.metric(name) < at_least:
            if time.monotonic() > end:
                raise TimeoutError(f"{name} did not reach {at_least}")
            time.sleep(0.1)


@contextmanager
def serving(
    pbx_port: int, *, within: float = 60, at_risk_after: float = 45, more: str = ""
) -> Iterator[House]:
    """Run the monitor as a process, as people run it, for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="minuteur-bench-") as name:
        folder = Path(name)
        path = write_settings(
            folder, pbx_port, within=within, at_risk_after=at_risk_after, more=more
        )
        token = _output("token", "create", "bench", "--role", "viewer", "--config", str(path))
        log = (folder / "serve.log").open("w")
        process = subprocess.Popen(
            [*COMMAND, "serve", "--config", str(path), "--log-level", "warning"],
            stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        try:
            house = House(_address(process, log.name), token, psutil.Process(process.pid), path)
            house.wait_for("minuteur_pbx_connected", 1)
            yield house
        finally:
            process.terminate()
            process.wait(PATIENCE)
            log.close()
            if process.stdout is not None:
                process.stdout.close()


def _address(process: "subprocess.Popen[str]", log: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := _URL.search(line):
            return found.group().rstrip(".,")
    raise RuntimeError(f"the monitor did not start: {Path(log).read_text()}")


def _output(*arguments: str) -> str:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]
