"""Commands about evidence: what is sealed, packs of it, and verifying them."""

import os
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from api.cli_common import CommandError, ConfigOption, in_effect, loaded
from api.cli_range import FromOption, ToOption, range_of
from api.opening import open_record
from config.settings import Settings
from monitor.core.clock import SECOND, Ms
from monitor.evidence.chain import ChainError, Seal, begin_of, end_of
from monitor.evidence.checking import Checker
from monitor.evidence.findings import Verdict
from monitor.evidence.pack import Packer, PackError
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.evidence.sealing import Sealer, Waiting, Waits
from monitor.evidence.verifying import verify
from monitor.history.audit import AuditEntry, AuditRecord, Via
from monitor.history.database import History
from monitor.history.evidence_record import (
    first_sealed,
    last_seal,
    pending_count,
    removals,
    seal_count,
)
from monitor.history.recovering import said

evidence = typer.Typer(
    help="Seal the record day by day, and prove it to others.", no_args_is_help=True
)

UNUSABLE: Final = 2


@evidence.command("status")
def status(
    check: Annotated[
        bool, typer.Option("--check", help="Make all that was sealed anew, and compare")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Say which days are sealed, the chain's head, and what the next day waits for.

    With --check it ends with status 1 when the record is not what was sealed.
    """
    file = loaded(config).settings
    with open_record(file) as history, said(history):
        with history.reading() as connection:
            newest, count = _newest(history), seal_count(connection)
            changes, gone = pending_count(connection), removals(connection)
        if newest is None:
            print("No day is sealed yet.")
        else:
            with history.reading() as connection:
                first = first_sealed(connection)
            print(f"Sealed: {count:,} days (UTC), {first} to {newest.day}.")
            print(f"Head of the chain: {newest.head}")
        if changes:
            calls = "1 call" if changes == 1 else f"{changes:,} calls"
            print(f"Changed since: {calls}, of which the next seal tells.")
        if days := {day for day, part in gone if part == "calls"}:
            print(f"Removed from the record when their time was over: {len(days):,} days.")
        print(_waits(Sealer(history, _now).waiting()))
        if check:
            _check(history)


def _check(history: History) -> None:
    began = time.monotonic()
    checker = Checker(history, _pseudonyms(history))
    with history.reading() as connection:
        count = seal_count(connection)
    with typer.progressbar(length=count, label="Checking", file=sys.stderr) as bar:
        shown = sys.stderr.isatty()
        checked = checker.check(lambda _day: bar.update(1) if shown else None)
    for finding in checked.findings:
        print(f"  {finding}")
    took = f"{checked.calls:,} calls of {checked.seals:,} days, in {time.monotonic() - began:.0f} s"
    if checked.findings:
        print(f"The record is not what was sealed: see above. Checked: {took}.")
        raise typer.Exit(1)
    print(f"The record is what was sealed. Checked: {took}.")


def _waits(waiting: Waiting | None) -> str:
    """What the next day waits for, as a sentence."""
    if waiting is None:
        return "The next day is sealed soon by `minuteur serve`."
    until = (
        "" if waiting.until is None else f"{datetime.fromtimestamp(waiting.until / SECOND, UTC)}"
    )
    match waiting.why:
        case Waits.NOTHING:
            return "There is nothing in the record yet."
        case Waits.KEY:
            return f"{waiting.day} waits for the key of the pseudonyms."
        case Waits.GRACE:
            return f"{waiting.day} is sealed after {until[:16]} UTC, while `minuteur serve` runs."
        case Waits.LIVE_CALLS:
            calls = "1 call is" if waiting.live == 1 else f"{waiting.live:,} calls are"
            return f"{waiting.day} waits: {calls} not over, at most until {until[:16]} UTC."
        case Waits.BUSY:
            return f"{waiting.day} waits: its calls go on changing."


@evidence.command("export")
def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where the pack is written")
    ],
    since: FromOption = None,
    until: ToOption = None,
    pdf: Annotated[
        bool, typer.Option("--pdf/--no-pdf", help="With the report as PDF, in English and French")
    ] = True,
    config: ConfigOption = None,
) -> None:
    """Write a pack: a period's calls without names and numbers, their seals, and the figures."""
    began = time.monotonic()
    file = loaded(config).settings
    with open_record(file) as history, said(history):
        settings = in_effect(history, file)
        first, end, zone = _period(history, settings, since, until)
        packer = Packer(history, _pseudonyms(history))
        part = output.with_name(f"{output.name}.part")
        try:
            plan = packer.plan(first, end, zone)
            with part.open("wb") as opened:
                figures = packer.write(plan, opened.write, pdf=pdf)
                opened.flush()
                os.fsync(opened.fileno())
                size = opened.tell()
        except PackError as error:
            part.unlink(missing_ok=True)
            raise CommandError(str(error)) from None
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        part.replace(output)
        told = {"since": first, "until": end, "head": plan.manifest.head}
        entry = AuditEntry(_now(), "cli", Via.CLI, "evidence_exported", "evidence", None, told)
        AuditRecord(history).add(entry)
    calls = sum(seal.parts["calls"].count for seal in plan.days)
    print(
        f"{output}: {calls:,} calls of {len(plan.days):,} days (UTC), {size / 1e6:,.1f} MB, "
        f"in {time.monotonic() - began:.0f} s."
    )
    rate = figures.period.total.calls.rate
    print(f"Calls handled in time in the period: {rate.numerator:,} of {rate.denominator:,}.")
    print(f"Head of the chain: {plan.manifest.head}")


@evidence.command("verify")
def verify_pack(
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="The pack's file")],
    head: Annotated[
        str, typer.Option(help="A head of the chain that you were given at another time")
    ] = "",
) -> None:
    """Verify a pack: needs no database, no settings and no key.

    Ends with status 0 when all is well, 1 when something is wrong with the pack, and 2 when it
    cannot be read.
    """
    if head and not re.fullmatch(r"\s*[0-9a-fA-F]{64}\s*", head):
        print("--head: 64 hexadecimal digits are needed, the whole head.", file=sys.stderr)
        raise typer.Exit(UNUSABLE)
    began = time.monotonic()
    try:
        with pack.open("rb") as file:
            verdict = verify(file, head)
    except OSError as error:
        print(f"{pack} cannot be read: {error.strerror or error}.", file=sys.stderr)
        raise typer.Exit(UNUSABLE) from None
    _say(pack, verdict, time.monotonic() - began, with_head=bool(head))


def _say(pack: Path, verdict: Verdict, took: float, *, with_head: bool) -> None:
    for finding in verdict.findings:
        print(finding)
    for note in verdict.notes:
        print(note)
    if verdict.findings:
        print(f"{pack}: something is wrong with this pack: see above.")
        raise typer.Exit(1)
    manifest = verdict.manifest
    if manifest is not None:
        print(
            f"{pack} is what was sealed: {verdict.calls:,} calls from {manifest.first} to "
            f"{manifest.last} (UTC), {verdict.seals:,} seals, {verdict.amendments:,} amendments. "
            f"Its figures are those of its calls. ({took:.0f} s)"
        )
    print(f"Head of the chain: {verdict.head}")
    if not with_head:
        print("Compare it with a head that was handed out at another time: --head HEAD does so.")


def _period(
    history: History, settings: Settings, since: str | None, until: str | None
) -> tuple[Ms, Ms, ZoneInfo]:
    """The period that is asked for; all that is sealed where nothing is said."""
    zone = settings.centre.zone
    first, end = range_of(zone, since, until)
    newest = _newest(history)
    if newest is None:
        raise CommandError("No day is sealed yet: see `minuteur evidence status`.")
    with history.reading() as connection:
        begins = first_sealed(connection)
    if since is None and begins is not None:
        first = begin_of(begins)
    if until is None:
        end = end_of(newest.day)
    return first, end, zone


def _newest(history: History) -> Seal | None:
    try:
        with history.reading() as connection:
            return last_seal(connection)
    except ChainError as error:
        raise CommandError(f"The newest seal cannot be read: {error}.") from None


def _pseudonyms(history: History) -> Pseudonyms:
    if history.pseudonyms is None:
        raise CommandError("Without the key of the pseudonyms nothing can be made anew.")
    return history.pseudonyms


def _now() -> Ms:
    return time.time_ns() // 1_000_000
