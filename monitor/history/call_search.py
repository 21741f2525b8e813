"""The search for calls by what somebody typed: understood here, and put as conditions on rows.

:mod:`monitor.history.queries` chooses the index by them.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select

from monitor.core.records import Call
from monitor.history.tables import call

TAIL: Final = 4
"""The last digits of a number by which an index finds it (``ix_call_tail``)."""
NATIONAL: Final = 8
"""From so many digits on, a number is looked for however its country is written before it."""

_FILLING: Final = re.compile(r"[\s.\-()/]")
_DIGITS: Final = re.compile(r"\+?\d+")
_COUNTRY_OR_TRUNK: Final = re.compile(r"^(?:\+|00|0)")
_UNIQUEID: Final = re.compile(r"(?:[\w-]+-)?\d{6,}\.\d+")


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody typed to find a call.

    ``number``: digits with which the caller's number ends or (as typed) begins. ``name``: part of
    the caller's or the agent's name. ``agent``: an agent's whole name. ``ids``: ids of calls. Any
    of them is enough.
    """

    typed: str
    number: str = ""
    name: str = ""
    agent: str = ""
    ids: tuple[str, ...] = ()
    names_callers: bool = True
    """Whether ``name`` is looked for among callers' names too."""

    @property
    def is_indexed(self) -> bool:
        """Whether indexes alone find it: an id, or digits enough."""
        return not self.name and (not self.number or len(self.number) >= TAIL)

    def matches(self, record: Call) -> bool:
        """Whether it means a live call."""
        if record.id in self.ids or (self.agent and self.agent == record.agent):
            return True
        if self.number and (
            record.caller.endswith(self.number) or record.caller.startswith(self.prefix)
        ):
            return True
        if not self.name:
            return False
        part = self.name.lower()
        names = [record.agent, *([record.caller_name] if self.names_callers else [])]
        return any(part in name.lower() for name in names)

    @property
    def prefix(self) -> str:
        """What the caller's number begins with, as it was typed."""
        return _FILLING.sub("", self.typed)


def parse_search(typed: str, pbxs: Iterable[str], *, sees_numbers: bool = True) -> Search | None:
    """Understand what somebody typed; None when it asks for nothing.

    ``06 12 34 56 12``, ``+33612345612`` and ``0033612345612`` are one number; ``5612`` is the end
    of one. ``lab:1763718067.42`` and ``1763718067.42`` are ids. All else is part of a name.

    Args:
        typed: the text.
        pbxs: the names of PBXs on which a ``Uniqueid`` alone is looked for.
        sees_numbers: whether the search may look into callers' numbers.
    """
    typed = typed.strip()
    if not typed:
        return None
    plain = _FILLING.sub("", typed)
    if _UNIQUEID.fullmatch(typed):
        return Search(typed, ids=tuple(f"{pbx}:{typed}" for pbx in pbxs))
    if _UNIQUEID.fullmatch(typed.partition(":")[2]):
        return Search(typed, ids=(typed,))
    if _DIGITS.fullmatch(plain):
        if not sees_numbers:
            return Search(typed, agent=typed)
        number = plain
        if len(plain) >= NATIONAL:
            number = _COUNTRY_OR_TRUNK.sub("", plain)
        return Search(typed, number=number.removeprefix("+"), agent=typed)
    # Some PBXs send the number as the name: digits in a name would tell it, try by try.
    named = sees_numbers or not any(letter.isdigit() for letter in typed)
    return Search(typed, name=typed, names_callers=named)


def tail(dialect: str) -> ColumnElement[str]:
    """The last digits of the caller's number, as ``ix_call_tail`` has them."""
    if dialect == "sqlite":
        return func.substr(call.c.caller, _literal(-TAIL))
    return func.right(call.c.caller, _literal(TAIL))


def _literal(number: int) -> ColumnElement[int]:
    # An index on an expression is used only where the very same one stands, without parameters.
    return literal_column(str(number))


def by_search(search: Search, dialect: str) -> list[ColumnElement[bool]]:
    """The conditions on calls of which each leads by an index to calls that are searched."""
    conditions: list[ColumnElement[bool]] = []
    if search.ids:
        conditions.append(call.c.id.in_(search.ids))
    if search.number:
        end = call.c.caller.like(f"%{search.number}")
        conditions.append((tail(dialect) == search.number[-TAIL:]) & end)
    if search.agent:
        conditions.append(call.c.agent == search.agent)
    return conditions


def begins_with(prefix: str) -> ColumnElement[bool]:
    """The caller's number begins with ``prefix``.

    A list of ids, of a range of ``ix_call_caller``: SQLite would sooner read all calls in order.
    """
    other = call.alias()
    in_range = and_(other.c.caller >= prefix, other.c.caller < prefix + "\U0010ffff")
    return cast("ColumnElement[bool]", call.c.id.in_(select(other.c.id).where(in_range)))


def search_condition(
    search: Search, plain: Callable[[ColumnElement[Any]], ColumnElement[Any]]
) -> ColumnElement[bool]:
    """Whether a call is searched, where another condition leads to it."""
    found: list[ColumnElement[bool]] = []
    if search.ids:
        found.append(plain(call.c.id).in_(search.ids))
    if search.number:
        found.append(call.c.caller.like(f"%{search.number}"))
        found.append(plain(call.c.caller).like(f"{search.prefix}%"))
    if search.agent:
        found.append(plain(call.c.agent) == search.agent)
    if search.name:
        found.append(call.c.agent.icontains(search.name, autoescape=True))
        if search.names_callers:
            found.append(call.c.caller_name.icontains(search.name, autoescape=True))
    return or_(*found)
