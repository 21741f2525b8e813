"""What the commands share: finding the settings, and running the event loop."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from api.settings_reading import looked_up, record_of
from config.loading import Loaded, load
from config.settings import Settings
from monitor.history.database import History, open_history
from monitor.history.errors import HistoryError, explain

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


def in_effect(history: History, file: Settings) -> Settings:
    """The settings in effect, as a running monitor has them: what people have set wins.

    Raises:
        HistoryError: the database cannot be used.
    """
    try:
        return looked_up(record_of(history, file), file).settings
    except SQLAlchemyError as error:
        raise HistoryError(explain(error, history.url)) from error


def in_effect_if_any(file: Settings) -> Settings:
    """The settings in effect; the file's where there is no database yet.

    Raises:
        HistoryError: the database cannot be used.
    """
    if missing_database(file) is not None:
        return file
    with open_history(file.history.database.get_secret_value()) as history:
        return in_effect(history, file)


def missing_database(file: Settings) -> Path | None:
    """The whole path of the settings' SQLite file where it does not exist yet, else None."""
    url = file.history.database.get_secret_value()
    name = make_url(url).database if url.startswith("sqlite") else None
    if not name or Path(name).exists():
        return None
    return Path(name).absolute()


def say_if_new(file: Settings) -> None:
    """Say on standard error that a command is about to begin a database.

    A relative name goes by the folder of the process: who stands in the wrong one would else get
    an empty record, and wonder where theirs is.
    """
    missing = missing_database(file)
    if missing is not None and missing.parent.is_dir():
        print(f"A new database begins: {missing}", file=sys.stderr)


def need_database(file: Settings) -> None:
    """Refuse to look into a database that is not there.

    Raises:
        CommandError: it is an SQLite file that does not exist.
    """
    missing = missing_database(file)
    if missing is not None:
        raise CommandError(
            f"There is no database {missing}. A relative name goes by the folder in which a "
            "command runs: run it where the monitor runs, or write the whole path in [history] "
            "database."
        )


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
