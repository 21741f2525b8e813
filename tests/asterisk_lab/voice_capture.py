"""Records calls into Stasis voice servers twice: as AMI tells them, and as ARI tells them.

    python -m tests.asterisk_lab.voice_capture          into tests/traces/stasis-22 and stasis-16

For each call ``NAME.ami.gz``, the bytes of one AMI connection, nothing filtered, and
``NAME.ari.gz``, what a monitor's websocket got, one event in a line.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from telephony_adapters.asterisk.ari_link import WANTED

from .capture import TRACES
from .install import Version
from .play import play
from .voice_rows import APPS, rows, voice_lab
from .voice_server import AriTap, StasisVoiceServer

VERSIONS: tuple[Version, ...] = ("22", "16")


def main() -> int:
    """Capture all of them on both versions."""
    for version in VERSIONS:
        directory = TRACES / f"stasis-{version}"
        directory.mkdir(parents=True, exist_ok=True)
        with voice_lab(version) as lab, StasisVoiceServer(lab, *APPS):
            for row in rows():
                ari = lab.dir / f"{row.name}.ari"
                with AriTap(lab, ari, WANTED):
                    played = play(lab, row)
                _save(directory / f"{row.name}.ami.gz", played.ami)
                _save(directory / f"{row.name}.ari.gz", ari)
                sys.stdout.write(f"{version} {row.name}\n")
                sys.stdout.flush()
    return 0


def _save(path: Path, source: Path) -> None:
    # no time in the header: the same bytes give the same file
    path.write_bytes(gzip.compress(source.read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    sys.exit(main())
