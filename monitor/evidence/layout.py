"""What stands where in a pack, and what its manifest says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from monitor.core.clock import DAY, Ms
from monitor.evidence.chain import (
    ALL_PARTS,
    CALLS,
    CONTACTS,
    FACTS,
    begin_of,
    canonical,
    day_of,
    iso,
)

FORMAT: Final = "minuteur-evidence-1"
README: Final = "README.txt"
MANIFEST: Final = "manifest.json"
SEALS: Final = "seals.jsonl"
SUMS: Final = "SHA256SUMS"
AMENDMENTS: Final = "amendments"
"""The part of a seal that tells what became of calls of earlier days."""
AMENDED: Final = "amended"
"""The documents of calls as amendments tell them, each with that of its facts after it."""
DOCUMENTS: Final = ".jsonl"
DIGESTS: Final = ".sha256"
LONGEST: Final[Ms] = 15 * 366 * DAY
"""The longest period of a pack."""
BY_DAY: Final = ("days/", "amendments/")
"""What names of files of days begin with."""


def day_file(day: date, part: str, suffix: str) -> str:
    """The name of a file of a day: ``days/2026-04-01/calls.jsonl``."""
    return f"days/{day.isoformat()}/{part}{suffix}"


def amendment_file(day: date, part: str, suffix: str) -> str:
    """The name of a file of the amendments in a day's seal."""
    return f"amendments/{day.isoformat()}/{part}{suffix}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a pack is about. Moments in ms; days are those of UTC.

    ``first`` is the first day of which calls are told, before the period (who calls again is known
    by the calls before), ``full`` the first of which all is told, ``last`` the last. ``left_out``
    are the parts that retention had removed from one of these days. ``head`` is the chain's when
    the pack was made, ``last_seal`` the day of the last seal in it.
    """

    since: Ms
    until: Ms
    zone: str
    first: date
    full: date
    last: date
    left_out: tuple[str, ...]
    head: str
    last_seal: date
    program: str

    def text(self) -> bytes:
        """The manifest as it stands in the pack."""
        return (
            canonical(
                {
                    "format": FORMAT,
                    "since": self.since,
                    "until": self.until,
                    "from": iso(self.since),
                    "to": iso(self.until),
                    "zone": self.zone,
                    "first": self.first.isoformat(),
                    "full": self.full.isoformat(),
                    "last": self.last.isoformat(),
                    "left_out": list(self.left_out),
                    "head": self.head,
                    "last_seal": self.last_seal.isoformat(),
                    "program": self.program,
                }
            )
            + b"\n"
        )

    def parts(self, day: date) -> tuple[str, ...]:
        """The parts of which a day's documents are in the pack, in their order there.

        Of the days after the period it is what became of contacts: of the period's own, too.
        """
        if not self.first <= day <= self.last_seal:
            return ()
        if day < self.full:
            return (CALLS,)
        parts = ALL_PARTS if day <= self.last else (CONTACTS,)
        return tuple(part for part in parts if part not in self.left_out)

    def tells_facts(self, day: date) -> bool:
        """Whether timelines of a day's calls are told."""
        return FACTS in self.parts(day)

    @property
    def tz(self) -> ZoneInfo:
        """The zone of the figures."""
        return ZoneInfo(self.zone)


def program() -> str:
    """What makes packs here, as their manifests say."""
    return f"minuteur {version('minuteur')}"


def manifest_of(text: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        ValueError: it is none, or does not fit together.
    """
    try:
        plain: Mapping[str, Any] = orjson.loads(text)
        if plain["format"] != FORMAT:
            raise ValueError(f"its format is {plain['format']}; this program reads {FORMAT}")
        first, full, last, last_seal = (
            date.fromisoformat(plain[name]) for name in ("first", "full", "last", "last_seal")
        )
        manifest = Manifest(
            int(plain["since"]), int(plain["until"]), str(plain["zone"]), first, full, last,
            tuple(map(str, plain["left_out"])), str(plain["head"]), last_seal,
            str(plain["program"]),
        )  # fmt: skip
        ZoneInfo(manifest.zone)
    except (KeyError, TypeError, AttributeError, ZoneInfoNotFoundError) as error:
        raise ValueError(f"it is no manifest: {error}") from error
    if manifest.text() != text:
        raise ValueError("it is not written as a manifest is written")
    _check(manifest)
    return manifest


def _check(manifest: Manifest) -> None:
    days = manifest.first, manifest.full, manifest.last, manifest.last_seal
    fits = (
        manifest.since < manifest.until
        and days == tuple(sorted(days))
        and begin_of(manifest.full) <= manifest.since
        and day_of(manifest.until - 1) == manifest.last
    )
    if not fits:
        raise ValueError("its period and its days do not fit together")
    if manifest.until - manifest.since > LONGEST:
        raise ValueError("its period is longer than fifteen years")
