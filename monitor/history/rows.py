"""Between records and rows: one list of columns for each table, used both ways.

A column is named after the record's field, so a new field of a record needs a column of its name
and a migration, nothing else here; a test compares the two.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Final

import orjson
from sqlalchemy import RowMapping

from monitor.core.records import (
    Call,
    Exit,
    Fact,
    FactKind,
    HandledBy,
    Observed,
    Reason,
    Verdict,
    Visit,
    VoiceServerStay,
)

Pseudonym = Callable[[str], str]
Row = tuple[Any, ...]
"""Values in the order of a table's columns; the first is the call's id."""

CALL_FIELDS: Final = tuple(
    f.name for f in fields(Call) if f.name not in {"visits", "stays", "facts", "handled_by"}
)
VISIT_FIELDS: Final = tuple(f.name for f in fields(Visit) if f.name != "exit")
STAY_FIELDS: Final = tuple(f.name for f in fields(VoiceServerStay))

CALL_COLUMNS: Final = ("id", "handled_by", *CALL_FIELDS)
VISIT_COLUMNS: Final = (
    "call_id", "ordinal", "arrived_at", "pbx", "verdict", "exit", "wait", "talk", *VISIT_FIELDS,
)  # fmt: skip
STAY_COLUMNS: Final = ("call_id", "ordinal", *STAY_FIELDS)
FACT_COLUMNS: Final = ("call_id", "ordinal", "at", "kind", "detail")
BLIND_COLUMNS: Final = ("pbx", "started_at", "ended_at", "cause")

MESSAGE_CALL: Final = 2
"""Where a message's row has the call's id."""
_ENUMS: Final = {"verdict": Verdict, "reason": Reason, "observed": Observed}


def _plain(name: str) -> str:
    # The driver binds exact strings fast, members of a StrEnum slowly.
    return f"{name}._value_" if name in _ENUMS else name


_call_values = attrgetter(*map(_plain, CALL_FIELDS))
_visit_values = attrgetter(*VISIT_FIELDS)
_stay_values = attrgetter(*STAY_FIELDS)


@dataclass(slots=True)
class Rows:
    """Rows to store together, in one transaction."""

    calls: list[Row] = field(default_factory=list)
    visits: list[Row] = field(default_factory=list)
    stays: list[Row] = field(default_factory=list)
    facts: list[Row] = field(default_factory=list)
    blind: list[Row] = field(default_factory=list)
    rewritten: list[Row] = field(default_factory=list)
    """Ids of calls of which what is stored (visits, stays, facts) is taken out first."""
    decisions: list[Row] = field(default_factory=list)
    commands: list[Row] = field(default_factory=list)
    standing: list[Row] = field(default_factory=list)
    undone: list[Row] = field(default_factory=list)
    """Keys of standing actions that are over."""
    messages: list[Row] = field(default_factory=list)
    overflow_through: int = 0
    """With these rows all decisions, commands and standing actions are taken that were noted up to
    the note of this number."""
    pseudonym: Pseudonym | None = None
    """Makes the pseudonym of a caller's number; None: calls keep what they have."""

    def __len__(self) -> int:
        """How many calls, decisions and so on there are; what belongs to a call is not counted."""
        own = (self.calls, self.blind, self.decisions, self.commands, self.standing)
        return sum(map(len, (*own, self.undone, self.messages)))

    def add(self, call: Call, facts_from: int | None = 0) -> None:
        """Add a call as it stands, with its facts from number ``facts_from`` (None: without)."""
        id_ = call.id
        if call.caller and self.pseudonym is not None:
            call.caller_key = self.pseudonym(call.caller)
        handled_by = call.handled_by
        self.calls.append(
            (id_, None if handled_by is None else handled_by._value_, *_call_values(call))
        )
        if call.visits:
            shared = (call.arrived_at, call.pbx, call.verdict._value_)
            for ordinal, visit in enumerate(call.visits):
                exit_ = None if visit.exit is None else visit.exit._value_
                self.visits.append(
                    (id_, ordinal, *shared, exit_, visit.wait, visit.talk, *_visit_values(visit))
                )
        for ordinal, stay in enumerate(call.stays):
            self.stays.append((id_, ordinal, *_stay_values(stay)))
        if facts_from is not None:
            new = call.facts[facts_from:] if facts_from else call.facts
            self.facts.extend(
                [(id_, n, f.at, f.kind._value_, f.detail) for n, f in enumerate(new, facts_from)]
            )

    def split(self) -> "list[Rows]":
        """One part for each call, and one for each other row: to find the one that is refused.

        The messages of a call are in its part: they are stored with it, or not at all.
        """
        parts: dict[str, Rows] = {}
        for name in ("calls", "visits", "stays", "facts", "rewritten"):
            for row in getattr(self, name):
                getattr(parts.setdefault(row[0], Rows()), name).append(row)
        rest: list[Rows] = []
        for name in ("blind", "decisions", "commands", "standing", "undone"):
            for row in getattr(self, name):
                rest.append(part := Rows())
                getattr(part, name).append(row)
        for row in self.messages:
            call = parts.get(row[MESSAGE_CALL])
            if call is None:
                rest.append(Rows(messages=[row]))
            else:
                call.messages.append(row)
        return [*parts.values(), *rest]


def call_of(row: RowMapping) -> Call:
    """Rebuild a call, without its visits, stays and facts."""
    values = {name: row[name] for name in CALL_FIELDS}
    for name, enum in _ENUMS.items():
        values[name] = enum(values[name])
    handled_by = row["handled_by"]
    values["handled_by"] = None if handled_by is None else HandledBy(handled_by)
    return Call(**values)


def visit_of(row: RowMapping) -> Visit:
    """Rebuild a visit."""
    values = {name: row[name] for name in VISIT_FIELDS}
    return Visit(exit=None if row["exit"] is None else Exit(row["exit"]), **values)


def stay_of(row: RowMapping) -> VoiceServerStay:
    """Rebuild a voice server stay."""
    return VoiceServerStay(**{name: row[name] for name in STAY_FIELDS})


def fact_of(row: RowMapping) -> Fact:
    """Rebuild a timeline fact."""
    return Fact(row["at"], FactKind(row["kind"]), orjson.loads(row["detail"]))


def as_json(rows: Sequence[Row]) -> str:
    """Rows as one JSON document, made fit for any database.

    No database takes U+0000 in text, nor half a surrogate pair, nor integers over 64 bits; a PBX
    may send anything. They are replaced here (U+FFFD, U+FFFD, the nearest integer), because rows
    that are refused for ever would hold up all that follow.
    """
    document: bytes | None
    try:
        # Strict, as it takes up to 64 bits without a sign: those of 54 and more are looked at.
        document = orjson.dumps(rows, default=str, option=orjson.OPT_STRICT_INTEGER)
    except TypeError:
        document = None
    if document is None or b"\\u0000" in document:
        document = orjson.dumps(_mended(rows), default=str)
    return document.decode()


def fit(rows: Sequence[Row]) -> Sequence[Row]:
    """Rows made fit like :func:`as_json` makes them, to be bound one value at a time."""
    try:
        document = orjson.dumps(rows, option=orjson.OPT_STRICT_INTEGER)
    except TypeError:
        return [tuple(map(_mended, row)) for row in rows]
    return [tuple(map(_mended, row)) for row in rows] if b"\\u0000" in document else rows


def fit_facts(rows: Sequence[Row]) -> Sequence[Row]:
    """Like :func:`fit`, with each fact's detail, the last column, as JSON text."""
    dumps = orjson.dumps
    return [(*row, dumps(detail).decode()) for *row, detail in fit(rows)]


_LONG_MAX: Final = 2**63 - 1


def _mended(value: object) -> object:
    if isinstance(value, str):
        clean = str(value).replace("\0", "�")
        return clean.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, int):
        return value if isinstance(value, bool) else max(-_LONG_MAX, min(value, _LONG_MAX))
    if isinstance(value, dict):
        return {_mended(str(key)): _mended(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(item) for item in value]
    return value if value is None or isinstance(value, float) else str(value)
