"""What the commands share: finding the settings, and running the event loop."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from config.loading import Loaded, load

T = TypeVar("T")

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The settings file; else ./minuteur.toml, else MINUTEUR_… variables",
        show_default=False,
    ),
]


class CommandError(Exception):
    """A command cannot do what it was asked; the message says why and what to do."""


def loaded(config: Path | None) -> Loaded:
    """The settings of a command; what is odd about them goes to standard error.

    Raises:
        SettingsError: there are none, or they are no good.
    """
    found = load(config)
    for warning in found.warnings:
        print(warning, file=sys.stderr)
    return found


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of as many cells, the heading first, as lines with aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine, on uvloop where there is one."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
