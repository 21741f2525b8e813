"""The demonstration as people start it, and signing in: for tests and pictures of real pages."""

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page, expect

ANNOUNCED: Final = re.compile(r"(http://\S+)\s+\(login: (\S+) / password: (\S+)\)")
PATIENCE_S: Final = 90
START: Final = "from api.entry import main; main()"


@dataclass
class Demo:
    """A running demonstration."""

    process: subprocess.Popen[str]
    url: str
    name: str
    password: str


@contextlib.contextmanager
def running_demo(
    directory: Path, *, days: int = 1, options: tuple[str, ...] = ()
) -> Iterator[Demo]:
    """Start it on a free port; it is killed at the end.

    Args:
        directory: where it writes its log.
        days: how many days of history it makes.
        options: more of its options.

    Raises:
        AssertionError: it did not come up; with what it printed.
    """
    log = directory / "demo.log"
    command = [sys.executable, "-c", START, "demo", "--port", "0", "--days", str(days), *options]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, text=True, cwd=Path.cwd()
        )
    try:
        yield Demo(process, *_address(process, log))
    finally:
        process.kill()
        process.wait()


def _address(process: subprocess.Popen[str], log: Path) -> tuple[str, str, str]:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        if found := ANNOUNCED.search(log.read_text()):
            return found[1], found[2], found[3]
        time.sleep(0.2)
    raise AssertionError(f"the demo did not come up:\n{log.read_text()}")


def signed_in(context: BrowserContext, url: str, name: str, password: str) -> None:
    """Sign in by the interface: all pages of the context are then this person's."""
    answer = context.request.post(
        f"{url}/api/v1/session",
        data={"name": name, "password": password},
        headers={"Origin": url},
    )
    assert answer.ok, answer.text()


def context_for(
    chromium: Browser,
    *,
    size: tuple[int, int] = (1440, 900),
    scheme: str = "light",
    language: str = "en",
) -> BrowserContext:
    """A browser's context as a person of this language, theme and screen has it."""
    return chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="fr-FR" if language == "fr" else "en-GB",
        timezone_id="Europe/Paris",
        device_scale_factor=2 if size[0] < 600 else 1,
    )


def settled(page: Page) -> None:
    """Wait until a page shows what it has, not that it is loading."""
    page.wait_for_selector("h1, h2")
    expect(page.locator(".mantine-Loader-root")).to_have_count(0, timeout=20_000)
    page.evaluate("document.fonts.ready")


@contextlib.contextmanager
def faultless(chromium: Browser, demo: Demo) -> Iterator[Page]:
    """A page of whoever is signed in to the demo; its own faults are faults of the test.

    So are breaches of its content security policy.
    """
    context = context_for(chromium)
    signed_in(context, demo.url, demo.name, demo.password)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda said: faults.append(said.text) if "Content Security" in said.text else None,
    )
    yield page
    context.close()
    assert faults == []


def opened(page: Page, demo: Demo, path: str) -> Page:
    """Go to a page of the demo, and see it drawn."""
    page.goto(demo.url + path)
    settled(page)
    return page


def asked(page: Page, demo: Demo, path: str) -> dict[str, Any]:
    """What the demo's REST interface answers to whoever is signed in."""
    answer: dict[str, Any] = page.request.get(f"{demo.url}/api/v1{path}").json()
    return answer
