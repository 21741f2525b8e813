"""``minuteur settings``: all settings as one file, and back; the key of the secrets."""

import contextlib
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from api.cli_common import CommandError, ConfigOption, loaded, run, say_if_new
from api.errors import ApiError
from api.overflow_control import OverflowControl, Prepared
from api.policies import policy_of
from api.settings_control import SettingsControl
from api.settings_reading import looked_up, record_of
from api.settings_transfer import Outcome, exported, imported
from config.settings import Settings
from monitor.accounts.values import CONSOLE
from monitor.core.clock import SECOND, Ms
from monitor.core.engine import Engine
from monitor.core.overflow.engine import Overflow
from monitor.core.overflow.forecast import Forecasts
from monitor.history.database import open_history
from monitor.history.errors import HistoryError, explain
from monitor.history.overflow import OverflowRecord
from monitor.history.secrets import new_key
from monitor.runtime import Monitor

settings = typer.Typer(
    help="Export and import what admins set; the key of the secrets.", no_args_is_help=True
)

_MARKS = {"created": "+", "changed": "~", "deleted": "-"}


@settings.command("export")
def export_settings(
    output: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where to; else standard output")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Write all settings in effect and all overflow rules as TOML, without secrets."""
    text = run(_export(loaded(config).settings))
    if output is None:
        print(text, end="")
    else:
        output.write_text(text, encoding="utf-8")


@settings.command("import")
def import_settings(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML; - for standard input")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing")
    ] = False,
    remove_missing: Annotated[
        bool, typer.Option("--remove-missing", help="Delete what the file does not have")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Take over settings and overflow rules from a TOML file: all of it, or nothing.

    A monitor that runs goes by it a few seconds later.
    """
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CommandError(f"{file}: is not UTF-8 text.") from None
    done = run(_import(loaded(config).settings, text, dry_run, remove_missing))
    for change in done.planned:
        if change.what in _MARKS:
            print(f"{_MARKS[change.what]} {change.kind} {change.id}")
    if done.ignored:
        tables = ", ".join(f"[{name}]" for name in done.ignored)
        print(f"Left alone, as they are set in the settings file only: {tables}.", file=sys.stderr)
    if done.problems:
        lines = [f"{where}: {text}" for where, text in done.problems]
        raise CommandError("\n".join([*lines, "Nothing was imported."]))
    if not any(change.what in _MARKS for change in done.planned):
        print("Nothing changes.")


@settings.command("key")
def print_key() -> None:
    """Print a new key for MINUTEUR_SECRET_KEY, under which secrets are encrypted."""
    print(new_key())


async def _export(file: Settings) -> str:
    async with _control(file) as control:
        return exported(control)


async def _import(file: Settings, text: str, dry_run: bool, remove_missing: bool) -> Outcome:
    async with _control(file) as control:
        try:
            return await imported(
                control, text, CONSOLE, dry_run=dry_run, remove_missing=remove_missing
            )
        except ApiError as error:
            raise CommandError(error.message) from None


@contextlib.asynccontextmanager
async def _control(file: Settings) -> AsyncIterator[SettingsControl]:
    """What changes settings, on an engine that watches nothing."""
    say_if_new(file)
    with open_history(file.history.database.get_secret_value()) as history:
        record, overflow_record = record_of(history, file), OverflowRecord(history)
        try:
            held = looked_up(record, file)
            engine = Engine(policy_of(held.settings))
            forecasts = Forecasts(engine)
            monitor = Monitor(engine, _now, overflow=Overflow(engine, (), forecasts))
            overflow = OverflowControl(monitor, forecasts, overflow_record, _now)
            overflow.begin(Prepared(overflow_record.rules.all(), overflow_record.switch()))
        except SQLAlchemyError as error:
            raise HistoryError(explain(error, history.url)) from error
        yield SettingsControl(monitor, record, held, overflow, _now)


def _now() -> Ms:
    return time.time_ns() * SECOND // 1_000_000_000
