"""Amendments: what a later seal tells of calls that an earlier one had sealed otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import orjson

from monitor.evidence.chain import canonical, digest_of
from monitor.evidence.documents import VERSION

NOT_KEPT: Final = "?"
"""In place of the document of before: there was no key to make it with."""


class Why(StrEnum):
    """Why a sealed call is told anew."""

    ADDED = "added"
    """It was not there when its day was sealed: recovered from a queue log, or over only later."""
    CORRECTED = "corrected"
    """Its verdict was corrected."""
    CHANGED = "changed"
    """Something else of it."""
    TIMELINE = "timeline"
    """Only its timeline."""
    UNKEPT = "unkept"
    """What it was is not known: there was no key when it was changed."""


Digests = tuple[str, str]
"""Of a call's document and of its facts (hexadecimal); empty where there is none."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """A call of the sealed day ``day`` is ``after`` now, and was ``before``."""

    call: str
    day: date
    before: Digests
    after: Digests
    why: Why

    def line(self) -> bytes:
        """The amendment as canonical JSON: a document of the seal that tells it."""
        return canonical(
            {
                "kind": "amendment",
                "v": VERSION,
                "call": self.call,
                "day": self.day.isoformat(),
                "before": list(self.before),
                "after": list(self.after),
                "why": self.why.value,
            }
        )


def amendment_of(plain: Mapping[str, Any]) -> Amendment:
    """Read an amendment.

    Raises:
        ValueError: it is none.
    """
    try:
        if plain["kind"] != "amendment" or plain["v"] != VERSION:
            raise ValueError("it is no amendment of version 1")
        before, after = map(tuple, (plain["before"], plain["after"]))
        return Amendment(
            str(plain["call"]), date.fromisoformat(plain["day"]), before, after, Why(plain["why"])
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is no amendment: {error}") from error


def digests_of(document: bytes, facts: bytes) -> Digests:
    """The digests of a call's documents; empty for one that is empty, or was not kept."""
    if document == NOT_KEPT.encode():
        return "", ""
    return _hex(document), _hex(facts)


def why_amended(before: tuple[bytes, bytes], after: tuple[bytes, bytes]) -> Why:
    """Why a call is told anew, from its documents and those of its facts."""
    if before[0] == NOT_KEPT.encode():
        return Why.UNKEPT
    if not before[0]:
        return Why.ADDED
    if before[0] == after[0]:
        return Why.TIMELINE
    then, now = (orjson.loads(document)["corrections"] for document in (before[0], after[0]))
    return Why.CORRECTED if now > then else Why.CHANGED


def _hex(line: bytes) -> str:
    return digest_of(line).hex() if line else ""
