"""A process whose clock can be set while it runs: Debian's libfaketime, preloaded.

Its timers are left alone (``CLOCK_MONOTONIC`` is not faked), as they are when the clock of a real
machine is set.
"""

from __future__ import annotations

from pathlib import Path

LIBRARY = "usr/lib/*/faketime/libfaketimeMT.so.1"
PACKAGE = "libfaketime"


def library(root: Path = Path("/")) -> Path | None:
    """Return where the library is below ``root``, as a process in there sees it; else None."""
    found = next(iter(sorted(root.glob(LIBRARY))), None)
    return None if found is None else Path("/") / found.relative_to(root)


class SettableClock:
    """The clock of one process; ``file`` as we see it, ``inside`` as the process does."""

    def __init__(self, file: Path, library: Path, inside: str = "") -> None:
        self._file = file
        self._library = library
        self._inside = inside or str(file)
        self.set(0)

    def environment(self) -> dict[str, str]:
        """What the process has to be started with."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": self._inside,
            "FAKETIME_NO_CACHE": "1",
            # the name changed with version 0.9.9
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, ahead: float) -> None:
        """Have the clock show ``ahead`` seconds more than the machine's, from now on."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{ahead:+f}\n")
        new.rename(self._file)  # never half a number
