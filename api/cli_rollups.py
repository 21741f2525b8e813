"""``minuteur rollups``: the counts by the hour that figures of long periods are added up from."""

import sys
import time
from datetime import UTC, datetime

import typer

from api.cli_common import ConfigOption, loaded
from api.opening import open_record
from monitor.core.clock import SECOND, Ms
from monitor.history.recovering import said
from monitor.history.rollups import Rollups, RollupStatus

rollups = typer.Typer(
    help="The counts by the hour that make the figures of months fast.", no_args_is_help=True
)


@rollups.command("status")
def status(config: ConfigOption = None) -> None:
    """Say how many hours are rolled up, and how many are still to be."""
    file = loaded(config).settings
    with open_record(file) as history, said(history):
        _say(Rollups(history).status())


@rollups.command("rebuild")
def rebuild(config: ConfigOption = None) -> None:
    """Make all counts anew from the calls; figures are exact meanwhile, only slower.

    A monitor may run. What is made is the same as before, unless the calls were changed by other
    programs.
    """
    file = loaded(config).settings
    began = time.monotonic()
    with open_record(file) as history, said(history):
        shown = sys.stderr.isatty()
        with typer.progressbar(length=1000, label="Rolling up", file=sys.stderr) as bar:

            def tell(done: int, total: int) -> None:
                if shown:
                    bar.update(done * 1000 // max(1, total) - bar.pos)

            done = Rollups(history).rebuild(tell)
    print(f"Rolled up: {done:,} hours, in {time.monotonic() - began:.0f} s.")


def _say(found: RollupStatus) -> None:
    print(f"Rolled up: {found.rolled:,} hours with calls.")
    if found.due:
        span = f"from {_moment(found.oldest_due)} to {_moment(found.newest_due)} (UTC)"
        print(f"Counted from their calls until they are rolled up: {found.due:,} hours, {span}.")
    if found.kept_until:
        print(f"Kept as they are, as their calls were removed: before {_moment(found.kept_until)}.")


def _moment(at: Ms | None) -> str:
    return f"{datetime.fromtimestamp((at or 0) / SECOND, UTC):%Y-%m-%d %H:%M}"
