"""``minuteur personal``: what is kept of people, all of one number, and removing it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer

from api.cli_common import CommandError, ConfigOption, in_effect, loaded, need_database, table
from api.opening import open_record
from api.personal import days_of
from monitor.core.clock import SECOND, Ms
from monitor.history.audit import AuditFilter, AuditRecord, Via, Who
from monitor.history.database import History
from monitor.history.recovering import said
from monitor.privacy.holdings import holding
from monitor.privacy.purging import PURGED, NoKeyError, Purger
from monitor.privacy.retention import Days, effective
from monitor.privacy.rewriting import due, rewrite
from monitor.privacy.subject import Erased, NoNumberError, Subject, SubjectError

personal = typer.Typer(
    help="Personal data: what is kept, all of one number, and removing it.", no_args_is_help=True
)
BY: Final = Who("console", Via.CLI)

NumberArgument = Annotated[
    str,
    typer.Argument(
        metavar="[NUMBER]",
        help="As the PBX says it; else it is asked for, or read from standard input, so that no "
        "history of a shell holds it",
        show_default=False,
    ),
]
DryOption = Annotated[
    bool, typer.Option("--dry-run", help="Say how much would go, and change nothing")
]


@contextmanager
def _opened(config: Path | None) -> Iterator[tuple[History, Days]]:
    """The record, and for how long each kind of data is kept."""
    file = loaded(config).settings
    need_database(file)
    with open_record(file) as history, said(history):
        yield history, days_of(in_effect(history, file).retention)


@personal.command("status")
def status(config: ConfigOption = None) -> None:
    """Say what is kept, for how many days, since when, and how much."""
    with _opened(config) as (history, days):
        waiting = {one.kind: one.waiting for one in Purger(history, _now).dues(days)}
        rows = [("kind", "days", "rows", "oldest (UTC)", "waits to be sealed")]
        with history.reading() as connection:
            for kind, kept in effective(days).items():
                held = holding(connection, kind)
                rows.append(
                    (
                        kind.value,
                        "no end" if kept is None else f"{kept:,}",
                        "" if held.rows is None else f"{held.rows:,}",
                        "" if held.oldest is None else _day(held.oldest),
                        _days(waiting.get(kind, 0)),
                    )
                )
        print(table(rows))
        trail = AuditRecord(history).entries(AuditFilter(what=PURGED), limit=1).entries
        unclean, rewritten = due(history)
    print(f"Last purge: {_day(trail[0].at)}." if trail else "Nothing was purged yet.")
    if unclean:
        print("Unused parts of the files may hold what was removed: `minuteur personal purge`.")
    elif rewritten:
        print(f"The files were written anew: {_day(rewritten)}.")


@personal.command("export")
def export(number: NumberArgument = "", config: ConfigOption = None) -> None:
    """Print all that is held of a number, as JSON; found by number and by pseudonym."""
    with _opened(config) as (history, _days_of):
        held = _subject(history, number).export(BY)
    shown = {
        "number": held.number,
        "pseudonym": held.pseudonym,
        "purged_calls": held.purged_calls,
        "records": held.records,
        "elsewhere": [
            {"where": one.where, "rows": one.rows, "why": one.why} for one in held.elsewhere
        ],
    }
    sys.stdout.write(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode() + "\n")


@personal.command("erase")
def erase(
    number: NumberArgument = "",
    reason: Annotated[str, typer.Option(help="For the audit trail; no name, no number")] = "",
    dry_run: DryOption = False,
    config: ConfigOption = None,
) -> None:
    """Remove what is held of a number; its pseudonym stays in the evidence."""
    with _opened(config) as (history, _days_of):
        subject = _subject(history, number)
        try:
            if dry_run or sys.stdin.isatty():
                _say_erased("It would remove", subject.erase(reason, BY, dry_run=True))
            if dry_run or (sys.stdin.isatty() and not typer.confirm("Remove it?", err=True)):
                return
            done = subject.erase(reason, BY)
        except SubjectError as error:
            raise CommandError(str(error)) from None
        anew = rewrite(history, _now())
    _say_erased("Removed", done)
    _say_files(anew)


@personal.command("purge")
def purge(dry_run: DryOption = False, config: ConfigOption = None) -> None:
    """Remove now what is older than its time, and write the database's files anew."""
    with _opened(config) as (history, days):
        purger = Purger(history, _now)
        if dry_run:
            for one in purger.dues(days):
                before = f"all before {_day(one.before)}" if one.before else "nothing yet"
                waits = f"; {_days(one.waiting)} to be sealed first" if one.waiting else ""
                print(f"{one.kind.value}: {before}{waits}")
            return
        try:
            done = purger.run(days, BY, rewriting=True)
        except NoKeyError as error:
            raise CommandError(f"{error} Nothing was purged.") from None
        unclean, _ = due(history)
    went = ", ".join(f"{name} {many:,}" for name, many in sorted(done.removed.items()))
    print(f"Removed: {went or 'nothing'}. ({done.took / SECOND:.0f} s)")
    if done.waiting:
        print(f"Wait to be sealed first: {_days(done.waiting)}.")
    _say_files(not unclean)


def _say_erased(word: str, done: Erased) -> None:
    went = ", ".join(f"{name} {many:,}" for name, many in sorted(done.removed.items()) if many)
    print(f"{word}: {went or 'nothing'}.")
    for one in done.left:
        print(f"It stays in {one.where} ({one.rows:,}): {one.why}")


def _say_files(anew: bool) -> None:
    if anew:
        print("The database's files hold nothing of it any more.")
    else:
        print("Somebody read the database all the time: its log was not emptied; purge again.")


def _subject(history: History, number: str) -> Subject:
    """Whose data it is about."""
    try:
        return Subject(history, number or _asked(), _now())
    except NoNumberError as error:
        raise CommandError(str(error)) from None


def _asked() -> str:
    """The number from standard input, or from who sits there."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return str(typer.prompt("Number", err=True))


def _days(many: int) -> str:
    return "" if not many else "1 day" if many == 1 else f"{many:,} days"


def _day(at: Ms) -> str:
    return f"{datetime.fromtimestamp(at / SECOND, UTC):%Y-%m-%d}"


def _now() -> Ms:
    return time.time_ns() // 1_000_000
