"""The live page in a real browser: frames while all moves, work while nothing does, first load.

Three processes: a PBX played by :mod:`tests.bench.board_pbx`, ``minuteur serve`` with the built
page, and headless Chromium. The browser itself says what it did (DevTools' ``Performance``).
"""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.bench import board_pbx
from tests.bench.house import COMMAND, House, serving
from tests.bench.isolation import heard, helper
from tests.bench.results import Result

FRAMES_BAR: Final = 30.0
IDLE_BAR: Final = 10.0
"""Per cent of a core."""
LOAD_BAR: Final = 500.0
"""kB as they are sent."""
CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SIZE: Final = {"width": 1920, "height": 1080}
USER: Final = "bench"
PASSWORD: Final = "Measure-7-pages"
SETTLE_S: Final = 3.0
"""After the load, at most: until what comes with it has come to rest."""
PATIENCE_MS: Final = 60_000

_COUNT_FRAMES: Final = """() => {
  window.benchFrames = 0;
  const count = () => { window.benchFrames += 1; window.benchOn = requestAnimationFrame(count); };
  count();
}"""
_STOP: Final = "() => { cancelAnimationFrame(window.benchOn); return window.benchFrames; }"


@dataclass(frozen=True, slots=True)
class Work:
    """What the page's main thread did in a span."""

    seconds: float
    script: float
    task: float

    @property
    def script_percent(self) -> float:
        """Of one core, in JavaScript."""
        return 100 * self.script / self.seconds

    @property
    def task_percent(self) -> float:
        """Of one core, in all: layout, painting and the rest too."""
        return 100 * self.task / self.seconds


def measure(callers: int, queues: int, rate: float, seconds: float) -> list[Result]:
    """Load the page, then watch it idle and busy for ``seconds`` each."""
    if not Path(CHROMIUM).exists():
        raise FileNotFoundError(f"{CHROMIUM}: the page is measured in Debian's Chromium")
    with helper(board_pbx.run) as orders:
        port: int = heard(orders)
        with serving(port) as house:
            _add_user(house)
            orders.send(board_pbx.Centre(callers, queues, agents=60))
            heard(orders)
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                context = chromium.new_context(viewport=SIZE, locale="en-GB")  # type: ignore[arg-type]
                answer = context.request.post(
                    f"{house.url}/api/v1/session", data={"name": USER, "password": PASSWORD}
                )
                assert answer.ok, answer.text()
                page = context.new_page()
                devtools = context.new_cdp_session(page)
                sent = _load(page, devtools, house.url, queues)
                time.sleep(min(SETTLE_S, seconds))
                idle = _idle(devtools, seconds)
                orders.send(board_pbx.Traffic(rate, seconds + 1))
                frames, busy = _busy(page, devtools, seconds)
                heard(orders)
                chromium.close()
    what = f"live page, {callers} callers in {queues} queues"
    load = f"load {os.getloadavg()[0]:.1f}"
    return [
        Result(
            f"{what}, {rate:.0f} events/s", frames / seconds, "frames/s", FRAMES_BAR,
            note=f"script {busy.script_percent:.1f} %, all work {busy.task_percent:.1f} % of a"
            f" core meanwhile; {load}",
        ),
        Result(
            f"{what}, idle, script", idle.script_percent, "% of a core", IDLE_BAR, at_least=False,
            note=f"all work of the page's main thread {idle.task_percent:.1f} %; {load}",
        ),
        Result(
            "live page, first load", sum(sent.values()) / 1000, "kB sent", LOAD_BAR, at_least=False,
            note=", ".join(f"{kind} {size / 1000:.0f}" for kind, size in sent.items()),
        ),
    ]  # fmt: skip


def _add_user(house: House) -> None:
    subprocess.run(
        [*COMMAND, "user", "add", USER, "--role", "viewer", "--config", str(house.settings)],
        input=f"{PASSWORD}\n{PASSWORD}\n", capture_output=True, text=True, check=True,
    )  # fmt: skip


def _load(page: Page, devtools: CDPSession, url: str, queues: int) -> dict[str, int]:
    """Open the page for the first time; bytes on the wire by kind."""
    kinds: dict[str, str] = {}
    sent: dict[str, int] = {}
    devtools.send("Network.enable")
    devtools.on(
        "Network.responseReceived", lambda said: kinds.update({said["requestId"]: said["type"]})
    )

    def finished(said: dict[str, object]) -> None:
        kind = kinds.get(str(said["requestId"]), "Other")
        sent[kind] = sent.get(kind, 0) + int(str(said["encodedDataLength"]).partition(".")[0])

    devtools.on("Network.loadingFinished", finished)
    page.goto(url)
    page.wait_for_function(
        "wanted => document.querySelectorAll('article').length >= wanted * 0.9", arg=queues,
        timeout=PATIENCE_MS,
    )  # fmt: skip
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)
    devtools.send("Network.disable")
    return sent


def _idle(devtools: CDPSession, seconds: float) -> Work:
    begin = _counters(devtools)
    time.sleep(seconds)
    return _between(begin, _counters(devtools))


def _busy(page: Page, devtools: CDPSession, seconds: float) -> tuple[int, Work]:
    page.evaluate(_COUNT_FRAMES)
    begin = _counters(devtools)
    time.sleep(seconds)
    end = _counters(devtools)
    return int(page.evaluate(_STOP)), _between(begin, end)


def _counters(devtools: CDPSession) -> dict[str, float]:
    devtools.send("Performance.enable")
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in metrics}


def _between(begin: dict[str, float], end: dict[str, float]) -> Work:
    def grown(name: str) -> float:
        return end[name] - begin[name]

    return Work(grown("Timestamp"), grown("ScriptDuration"), grown("TaskDuration"))
