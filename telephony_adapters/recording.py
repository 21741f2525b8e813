"""Record what a PBX sends, and feed it back through the shipped path.

(masking and writing follow)
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from monitor.core.clock import Ms
from monitor.core.events import Event
from telephony_adapters.asterisk.ami_decode import EventDecoder

CHUNK = 64 * 1024


def read_recording(path: Path) -> Iterator[tuple[Ms | None, bytes]]:
    """Yield (moment, bytes)."""
    opened: IO[bytes] = gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[assignment]
    with opened as file:
        while data := file.read(CHUNK):
            yield None, data


def events_from(path: Path, pbx: str) -> Iterator[Event]:
    """Yield the core events of a recording."""
    decoder = EventDecoder(pbx)
    for at, data in read_recording(path):
        yield from decoder.feed(data, decoder.translator.last_at if at is None else at)
