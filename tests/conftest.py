"""What concerns every test: ``FORBID_SKIPS=1`` (set by ``.ci/run``) fails what would skip.

Here a test skips when the machine lacks a part that it needs. CI's machine has to have them all:
a skip there would be a part silently untested.

Run by two workers, as ``make pytest`` does, one plays all that needs a real Asterisk, which mostly
waits for callers and phones, and the other all the rest, by files. Phones and callers keep real
time, so the rest gives way to them.
"""

import os
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.asterisk_lab.install import missing_parts

GIVES_WAY = 10
"""How nice (see nice(2)) a worker is that plays nothing in real time."""
FORBIDDEN = os.environ.get("FORBID_SKIPS", "") not in ("", "0")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a real Asterisk takes longest, so it begins first."""
    items.sort(key=lambda item: not _is_live(item.path))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> "ByLiveliness":
    """Have the workers share the tests in our way."""
    return ByLiveliness(config, log)


class ByLiveliness(LoadFileScheduling):
    """Files go to workers as a whole, and all those with a real Asterisk to one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "asterisk" if _is_live(self.config.rootpath / file) else file


@cache
def _is_live(file: Path) -> bool:
    return "mark.asterisk" in file.read_text(encoding="utf-8")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Before any fixture: what does not play in real time lets the other worker go first.

    A worker never goes back to real Asterisks: they are one piece of work, and the first.
    """
    if "PYTEST_XDIST_WORKER" in os.environ and not _is_live(item.path):
        os.nice(GIVES_WAY - os.nice(0))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before a fixture installs or starts an Asterisk: say what the machine lacks for it."""
    if item.get_closest_marker("asterisk") and (missing := missing_parts()):
        pytest.skip(missing)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _forbid(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _forbid(report)  # a whole module that skips itself
    return report


def _forbid(report: pytest.TestReport | pytest.CollectReport) -> None:
    if FORBIDDEN and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped where skips are forbidden: {reason}"
