"""Commands about Asterisk's queue log: ``import queue-log`` and ``reconcile``."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from api.cli_common import CommandError, ConfigOption, in_effect, loaded, say_if_new
from api.cli_range import FromOption, ToOption, range_of
from api.opening import open_record
from api.policies import policy_of
from api.views import iso
from config.settings import Pbx, Settings
from monitor.collector import seldom_collected
from monitor.core.clock import SECOND, Ms
from monitor.core.comparing import Explanation
from monitor.core.logged import LoggedCall
from monitor.history.database import History
from monitor.history.evidence_keeping import sealed_until
from monitor.history.importing import Importer
from monitor.history.observed import observed_until
from monitor.history.policies import current_policy
from monitor.history.recovering import Comparison, Reconciler, said
from telephony_adapters.asterisk.queue_log import (
    Malformed,
    QueueLogError,
    QueueLogFiles,
    find_files,
    with_rotated,
)
from telephony_adapters.asterisk.queue_log_calls import CallCollector, collect

imports = typer.Typer(help="Bring in what other systems recorded.", no_args_is_help=True)

SHOWN: Final = 10
"""Differences of one explanation that are shown without --all."""
RUNNING: Final[Ms] = 30 * SECOND
"""A PBX that was observed so shortly ago is observed by a monitor that runs."""
_STEP: Final = 100
"""Calls between two moves of the bar."""

PbxOption = Annotated[str, typer.Option(help="The name of a [[pbx]] of the settings")]
NoVoiceServerOption = Annotated[
    bool,
    typer.Option(
        "--no-voice-server", help="Callers reached no voice server before the queue, I am sure"
    ),
]


@imports.command("queue-log")
def import_queue_log(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Queue logs: files (also .gz), patterns or folders"),
    ],
    pbx: PbxOption,
    since: FromOption = None,
    until: ToOption = None,
    no_voice_server: NoVoiceServerOption = False,
    config: ConfigOption = None,
) -> None:
    """Store the calls that a queue log tells of, from before the monitor was installed.

    The same log again changes nothing; an import that was interrupted is just begun again. Calls
    that a monitor observed are left alone: they are for `minuteur reconcile`.
    """
    began = time.monotonic()
    file = loaded(config).settings
    with _opened(file) as history, _reading(_found(files)) as log, seldom_collected():
        settings = in_effect(history, file)
        _pbx(settings, pbx)
        first, end = range_of(settings.centre.zone, since, until)
        policy = current_policy(history, policy_of(settings))
        importer = Importer(history, pbx, policy, no_voice_server=no_voice_server)
        calls = (call for call in log.calls() if first <= call.arrived_at < end)
        done = importer.run(calls)
        _say_malformed(log.malformed)
    print(
        f"{log.collector.lines:,} lines read in {time.monotonic() - began:.0f} s: "
        f"{_calls(done.new, 'new ')}, {done.unchanged:,} unchanged, {done.updated:,} updated."
    )
    if done.observed:
        were = "was" if done.observed == 1 else "were"
        print(f"{_calls(done.observed)} {were} observed by a monitor: see `minuteur reconcile`.")
    if done.consultations:
        asking = _calls(done.consultations)
        print(f"{asking} by agents who asked in a queue, and are no callers: left out.")
    if unfinished := log.unfinished(first, end):
        are = "is" if unfinished == 1 else "are"
        print(f"{_calls(unfinished)} {are} not told to the end yet: left out.")


def reconcile(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE…]", help="Queue logs; else those of the settings"),
    ] = None,
    pbx: Annotated[
        str | None, typer.Option(help="The name of a [[pbx]]; else all that have a queue_log")
    ] = None,
    since: FromOption = None,
    until: ToOption = None,
    no_voice_server: NoVoiceServerOption = False,
    show_all: Annotated[
        bool, typer.Option("--all", help="Show every difference, not the first few of a kind")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Compare the record with the queue log; fill what was not observed; list all differences.

    Ends with status 1 when there is a difference that nothing explains.
    """
    file = loaded(config).settings
    unexplained = 0
    with _opened(file) as history:
        settings = in_effect(history, file)
        first, end = range_of(settings.centre.zone, since, until)
        for one in _to_reconcile(settings, pbx, files):
            log = _reading(_found(files)) if files else _reading_beside(Path(one.queue_log))
            found = _reconcile(settings, history, one, log, first, end, no_voice_server)
            _report(one.name, found, show_all=show_all)
            _say_if_running(history, one.name)
            unexplained += found.unexplained
    if unexplained:
        raise typer.Exit(1)


def _reconcile(
    settings: Settings,
    history: History,
    pbx: Pbx,
    reading: "AbstractContextManager[_Log]",
    first: Ms,
    end: Ms,
    no_voice_server: bool,
) -> Comparison:
    policy = current_policy(history, policy_of(settings))
    reconciler = Reconciler(
        history, pbx.name, policy, no_voice_server=no_voice_server, since=first, until=end
    )
    if not reconciler.observed:
        raise CommandError(
            f"The PBX {pbx.name} was never observed: use `minuteur import queue-log` instead."
        )
    with reading as log:

        def covered() -> tuple[Ms, Ms]:
            reconciler.leave(log.collector.calls.values())
            return log.collector.first_at or 0, log.collector.last_at

        found = reconciler.run(log.calls(), covered)
        _say_malformed(log.malformed)
    return found


# --- reading ------------------------------------------------------------------------------------


class _Bar:
    """A bar of which half is for reading, half for what becomes of the calls that were read.

    Calls are given out hours of log after their lines: those of a day when all of it was read.
    """

    def __init__(self) -> None:
        self.drawn = typer.progressbar(length=1, label="Queue log", file=sys.stderr)
        self._read = self._at = 0
        self._done = 0.0

    def read(self, size: int) -> None:
        """So many more bytes were read."""
        self._read += size
        self._move(self._read * (1 + self._done) / 2)

    def done(self, share: float) -> None:
        """Such a share of the calls that were read has been given out."""
        self._done = share
        self._move(self._read * (1 + share) / 2)

    def end(self) -> None:
        """All was given out."""
        self._move(self.drawn.length or 0)

    def _move(self, to: float) -> None:
        if to >= self._at + 1:
            self.drawn.update(round(to) - self._at)
            self._at = round(to)


class _Log:
    """A log that is being read, with a bar where somebody looks."""

    def __init__(self, files: QueueLogFiles, bar: _Bar | None) -> None:
        self._files = files
        self._bar = bar
        self.collector = CallCollector()
        self.malformed: Malformed = files.malformed

    def calls(self) -> Iterator[LoggedCall]:
        """All calls that the log tells to their end."""
        for number, call in enumerate(collect(self._files.lines(), self.collector)):
            if self._bar is not None and number % _STEP == 0:
                self._bar.done(number / self.collector.begun)
            yield call
        if self._bar is not None:
            self._bar.end()

    def unfinished(self, first: Ms, end: Ms) -> int:
        """How many calls that arrived in a range are not told to their end."""
        waiting = (call for call in self.collector.calls.values() if call.visits)
        return sum(first <= call.arrived_at < end for call in waiting)


@contextmanager
def _reading(paths: list[Path], *, skip_foreign: bool = False) -> Iterator[_Log]:
    if not paths:
        raise CommandError("There is no queue log to read.")
    bar = _Bar() if sys.stderr.isatty() else None
    try:
        files = QueueLogFiles(paths, bar.read if bar else None, skip_foreign=skip_foreign)
        for path in files.empty:
            print(f"{path}: is empty.", file=sys.stderr)
        for path in files.foreign:
            print(f"{path} is no queue log: left out.", file=sys.stderr)
        if bar is None:
            yield _Log(files, None)
            return
        bar.drawn.length = max(1, files.size)
        with bar.drawn:
            yield _Log(files, bar)
    except QueueLogError as error:
        raise CommandError(str(error)) from None


def _reading_beside(path: Path) -> AbstractContextManager[_Log]:
    """Read a live log and what was rotated away; nobody named what else lies beside it."""
    return _reading(with_rotated(path) or _found([path]), skip_foreign=True)


def _found(files: list[Path]) -> list[Path]:
    try:
        return find_files(files)
    except QueueLogError as error:
        raise CommandError(str(error)) from None


def _say_malformed(malformed: Malformed) -> None:
    if not malformed.count:
        return
    print(f"{malformed.count:,} malformed lines were left out; the first:", file=sys.stderr)
    for line in malformed.shown:
        print(f"  {line}", file=sys.stderr)


@contextmanager
def _opened(settings: Settings) -> Iterator[History]:
    say_if_new(settings)
    with open_record(settings) as history:
        if history.pseudonyms is None:
            with said(history), history.reading() as connection:
                if sealed_until(connection):
                    raise CommandError(
                        "Days are sealed, and without the key of the pseudonyms nobody could tell "
                        "afterwards what was sealed of the calls that this changes: put it back."
                    )
        yield history


# --- options ------------------------------------------------------------------------------------


def _pbx(settings: Settings, name: str) -> Pbx:
    found = next((item for item in settings.pbx if item.name == name), None)
    if found is None:
        names = ", ".join(item.name for item in settings.pbx) or "none"
        raise CommandError(f"There is no [[pbx]] named {name}. Configured: {names}.")
    return found


def _to_reconcile(settings: Settings, pbx: str | None, files: list[Path] | None) -> list[Pbx]:
    """The PBXs whose record is to be compared."""
    wanted = list(settings.pbx) if pbx is None else [_pbx(settings, pbx)]
    if files:
        if len(wanted) != 1:
            raise CommandError("Say whose log it is: --pbx NAME.")
        return wanted
    with_log = [item for item in wanted if item.queue_log]
    if not with_log:
        raise CommandError(
            "No queue log is known: name its files, or set queue_log in the settings' [[pbx]]."
        )
    return with_log


# --- saying what was found ----------------------------------------------------------------------


def _calls(count: int, kind: str = "") -> str:
    return f"{count:,} {kind}call{'' if count == 1 else 's'}"


def _report(name: str, found: Comparison, *, show_all: bool) -> None:
    print(
        f"PBX {name}: {found.agreed:,} calls need nothing, {found.corrected:,} were filled, "
        f"{found.recovered:,} were added; {found.open:,} are not over yet."
    )
    for explanation in Explanation:
        count = found.counts[explanation]
        if not count:
            continue
        print(f"\n{count:,} × {explanation.words}")
        all_of_it = show_all or explanation is Explanation.UNEXPLAINED
        shown = found.shown[explanation][: None if all_of_it else SHOWN]
        for difference in shown:
            print(f"  {iso(difference.at)}  {difference.call_id}  {difference.what}")
        if len(shown) < count:
            print(f"  … and {count - len(shown):,} more")
    if not found.unexplained:
        print("\n0 disagreements: record and queue log tell the same.")
    else:
        print(f"\n{found.unexplained:,} disagreements that nothing explains.")


def _say_if_running(history: History, pbx: str, now: Callable[[], float] = time.time) -> None:
    until = observed_until(history).get(pbx, 0)
    if until > now() * SECOND - RUNNING:
        print(
            "A monitor is running on this record: its figures of today take these changes in "
            "when it is next started.",
            file=sys.stderr,
        )
