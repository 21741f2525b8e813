"""What concerns every test: ``FORBID_SKIPS=1`` (set by ``.ci/run``) fails what would skip.

Here a test skips when the machine lacks a part that it needs. CI's machine has to have them all:
a skip there would be a part silently untested.

Run by two workers (``make pytest``), one plays all that needs a real Asterisk, which mostly waits
for callers and phones, and the other all the rest, file by file.
"""

import os
from collections.abc import Generator

import pytest

from tests.asterisk_lab.install import missing_parts

FORBIDDEN = os.environ.get("FORBID_SKIPS", "") not in ("", "0")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Put tests into the groups that one worker plays as a whole; the longest one begins first.

    A wrapper: the workers read the groups in the same hook, and would come first.
    """
    for item in items:
        live = item.get_closest_marker("asterisk") is not None
        item.add_marker(pytest.mark.xdist_group("asterisk" if live else str(item.path)))
    items.sort(key=lambda item: item.get_closest_marker("asterisk") is None)
    return (yield)


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
