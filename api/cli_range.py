"""The options ``--from`` and ``--to`` of commands."""

from datetime import UTC, datetime, timedelta, tzinfo
from datetime import time as clock_time
from typing import Annotated, Final

import typer

from api.cli_common import CommandError
from monitor.core.clock import SECOND, Ms

EVER: Final[Ms] = 2**62

FromOption = Annotated[
    str | None,
    typer.Option("--from", help="Only calls that arrived since: 2026-01-31 or 2026-01-31T09:00"),
]
ToOption = Annotated[
    str | None, typer.Option("--to", help="Only calls that arrived before; a day is included")
]


def range_of(zone: tzinfo, since: str | None, until: str | None) -> tuple[Ms, Ms]:
    """The moments (ms) that --from and --to name, in the centre's zone where they name none.

    Raises:
        CommandError: one is no moment, or there is nothing between them.
    """
    first = 0 if since is None else _moment(since, zone, "--from")
    end = EVER if until is None else _moment(until, zone, "--to", whole_day=True)
    if first >= end:
        raise CommandError("--from does not lie before --to.")
    return first, end


def _moment(text: str, zone: tzinfo, option: str, *, whole_day: bool = False) -> Ms:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"{option} {text}: write a day, 2026-01-31, or a moment, 2026-01-31T09:00."
        ) from None
    if whole_day and moment.time() == clock_time() and len(text) == len("2026-01-31"):
        moment += timedelta(days=1)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return round(moment.astimezone(UTC).timestamp() * SECOND)
