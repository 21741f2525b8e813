"""``minuteur import contacts``: contacts of before, or of a system that has no other way."""

import csv
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import ValidationError

from api.cli_common import CommandError, ConfigOption, in_effect, loaded, say_if_new
from api.contact_messages import contact_message
from api.contact_reading import from_row, new_contact
from api.opening import open_record
from api.policies import policy_of, year_in
from api.publishing import messages_of
from monitor.core.contacts import ContactError
from monitor.history.audit import Via, Who
from monitor.history.contact_rows import NewContact
from monitor.history.contacts import ContactRecord, Outcome
from monitor.history.policies import current_policy

AT_ONCE: Final = 500
"""Rows in one transaction."""
SHOWN: Final = 10
"""Rows that are refused and shown; the rest is counted."""
BY: Final = Who("console", Via.CLI)

SourceOption = Annotated[
    str, typer.Option(help="Whose references they are, for rows without a source")
]
TellOption = Annotated[
    bool, typer.Option("--tell", help="Tell MQTT and webhooks of each, as if it happened now")
]


def import_contacts(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, in UTF-8, with a header")],
    source: SourceOption = "import",
    tell: TellOption = False,
    config: ConfigOption = None,
) -> None:
    """Register the contacts of a CSV file; the same file again changes nothing.

    The header names columns as the REST interface does: reference, channel, received_at, one of
    deadline_at, within_s, within_opening_s (with calendar), queue, answered_at… Empty cells say
    nothing. Rows that are no good are shown and left out; then the status is 1.
    """
    settings_file = loaded(config).settings
    say_if_new(settings_file)
    with open_record(settings_file) as history:
        settings = in_effect(history, settings_file)
        now = time.time_ns() // 1_000_000
        policy = current_policy(
            history, policy_of(settings, year=year_in(settings.centre.zone, now))
        )
        tells = tell and messages_of(settings) is not None
        record = ContactRecord(history, contact_message if tells else None)
        refusals = _Refusals()
        outcomes: Counter[Outcome] = Counter()
        rows = _rows(file, source, refusals)
        while batch := list(islice(rows, AT_ONCE)):
            done = record.register([new for _, new in batch], BY, now, policy, tell=tells)
            for (line, new), one in zip(batch, done, strict=True):
                outcomes[one.outcome] += 1
                if one.error is not None:
                    refusals.add(line, f"{one.error.field}: {one.error}")
                elif one.outcome is Outcome.DIFFERENT:
                    refusals.add(line, f"{new.reference} is registered otherwise: left as it is")
    print(f"{outcomes[Outcome.CREATED]:,} new, {outcomes[Outcome.UNCHANGED]:,} unchanged.")
    if refusals.many:
        refusals.say_rest()
        raise typer.Exit(1)


class _Refusals:
    """Rows that were left out: the first ones are said at once."""

    def __init__(self) -> None:
        self.many = 0

    def add(self, line: int, why: str) -> None:
        self.many += 1
        if self.many <= SHOWN:
            print(f"Line {line}: {why}", file=sys.stderr)

    def say_rest(self) -> None:
        if self.many > SHOWN:
            print(f"… and {self.many - SHOWN:,} more", file=sys.stderr)
        print(f"{self.many:,} left out.")


def _rows(file: Path, source: str, refusals: _Refusals) -> Iterator[tuple[int, NewContact]]:
    """The contacts of a file, with their lines.

    Raises:
        CommandError: the file cannot be read.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            start = opened.read(4_096).partition("\n")[0]
            opened.seek(0)
            reader = csv.DictReader(opened, delimiter=";" if ";" in start else ",")
            for row in reader:
                try:
                    yield reader.line_num, new_contact(from_row(row), source)
                except ValidationError as error:
                    refusals.add(reader.line_num, _said(error))
                except ContactError as error:
                    refusals.add(reader.line_num, f"{error.field}: {error}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{file} cannot be read: {error}.") from None


def _said(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}"
