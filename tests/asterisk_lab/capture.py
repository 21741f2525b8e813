"""Plays the rows on a real Asterisk and records them into ``tests/traces``.

    python -m tests.asterisk_lab.capture                 all rows, and the benchmark's capture
    python -m tests.asterisk_lab.capture exit-by-key …   only these

For each row: ``<row>.ami``, the bytes of one AMI connection from the banner on, all event
classes, nothing filtered (``.ami.gz`` when it is large); ``<row>.queue_log``, Asterisk's own
record of the same run; ``<row>.precise.queue_log``, the same lines with microseconds.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from pathlib import Path

from .bench_row import BENCH
from .install import Version
from .play import Played, play
from .queue_log import format_lines
from .rows import ROWS
from .server import AsteriskLab, LabOptions
from .transfer_rows import BY_PHONE

TRACES = Path(__file__).parent.parent / "traces"
LARGE = 400_000
"""A stream of more bytes than this is stored compressed."""


def save(played: Played, directory: Path) -> str:
    """Write one row's files; return a line that says what was written."""
    name = played.row.name
    raw = played.ami.read_bytes()
    for old in (f"{name}.ami", f"{name}.ami.gz"):
        (directory / old).unlink(missing_ok=True)
    if len(raw) > LARGE:
        # no time in the header: the same bytes give the same file
        (directory / f"{name}.ami.gz").write_bytes(gzip.compress(raw, 9, mtime=0))
    else:
        (directory / f"{name}.ami").write_bytes(raw)
    (directory / f"{name}.queue_log").write_text(played.queue_log_text)
    (directory / f"{name}.precise.queue_log").write_text(format_lines(played.lines))
    exits = [visit.exit for stays in played.visits().values() for visit in stays]
    return f"{name}: {len(raw)} bytes, exits {exits if len(exits) < 5 else len(exits)}"


def main(arguments: list[str] | None = None) -> int:
    """Capture the rows named on the command line, or all."""
    rows = (*ROWS, *BY_PHONE, BENCH)
    names = [row.name for row in rows]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(names))
    parser.add_argument("--version", choices=("22", "16"), default="22")
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.rows) - set(names)
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    version: Version = chosen.version
    directory = TRACES / f"asterisk-{version}"
    directory.mkdir(parents=True, exist_ok=True)
    wanted = chosen.rows or names
    with AsteriskLab(LabOptions(version=version)) as lab:
        for row in rows:
            if row.name in wanted:
                sys.stdout.write(save(play(lab, row), directory) + "\n")
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
