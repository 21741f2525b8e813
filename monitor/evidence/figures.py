"""The figures of a pack, counted from its documents alone: when it is made, and when it is checked.

``figures.json`` is all that :class:`monitor.core.period.PeriodCount` counts. Other files that are
made of the same (a report) are named in :data:`MADE`: they are written into every pack, and made
anew and compared when one is verified.
"""

import heapq
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, tzinfo
from enum import Enum
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from monitor.core.buckets import MOST, bucket_of
from monitor.core.clock import DAY, Ms
from monitor.core.contact_period import OtherChannels
from monitor.core.contacts import Contact
from monitor.core.period import ALL, Dimension, Part, PeriodCount, PeriodFigures, Places
from monitor.core.records import BlindInterval, Call
from monitor.core.tallies import REPEAT_DAYS, Histogram
from monitor.evidence.chain import CONTACTS, canonical, end_of
from monitor.evidence.contact_documents import contact_of_document
from monitor.evidence.documents import blind_of, call_of
from monitor.evidence.layout import Manifest
from monitor.reporting.model import as_json
from monitor.reporting.packs import report_of

LEAD_IN: Final[Ms] = max(REPEAT_DAYS) * DAY
"""So long before the period calls are needed, to know who called again."""
NAME: Final = "figures.json"


@dataclass(frozen=True, slots=True)
class PackFigures:
    """What a pack's documents come to.

    ``policies`` are the documents of the policy versions in force in the period, by version;
    ``head`` is the chain's when the pack was made. ``others`` are contacts, as far as they are
    sealed, and what callers answered.
    """

    period: PeriodFigures
    policies: Mapping[int, Mapping[str, Any]]
    head: str
    others: OtherChannels


Make = Callable[[PackFigures], bytes]
"""Makes a file of a pack from its figures. One whose name ends in ``.json`` is compared value by
value (so later versions may add to it), any other byte by byte (so they may not change it)."""


def figures_json(figures: PackFigures) -> bytes:
    """All figures as canonical JSON."""
    return canonical(plain(figures.period)) + b"\n"


def report_json(figures: PackFigures) -> bytes:
    """The compliance report, without a comparison: a pack holds no calls of the period before."""
    return as_json(report_of(figures.period, figures.policies, figures.head, figures.others))


MADE: Final[dict[str, Make]] = {NAME: figures_json, "report.json": report_json}
"""The files that are made of figures, by name. Whoever makes another adds it here."""
PROSE: Final = frozenset({"definitions"})
"""What stands in such a file for people to read; its words may get better."""


@dataclass(slots=True)
class Documents:
    """Takes documents in the order in which a pack has them, and counts.

    First come the calls that were amended, each as it is at last; then day after day.

    Args:
        since: the period's first moment (ms).
        until: the first moment after it.
        zone: whose days and months the figures are of.
        contacts_told: whether documents of contacts are given.
    """

    since: Ms
    until: Ms
    zone: tzinfo
    contacts_told: bool = True
    _count: PeriodCount = field(init=False)
    _callers: "RecentCallers" = field(init=False)
    _amended: dict[str, bytes] = field(init=False, default_factory=dict)
    _added: dict[str, bytes] = field(init=False, default_factory=dict)
    _waiting: list[tuple[Ms, str, bytes]] | None = field(init=False, default=None)
    _blind: list[BlindInterval] = field(init=False, default_factory=list)
    _commands: Counter[tuple[str, str]] = field(init=False, default_factory=Counter)
    _policies: dict[int, Mapping[str, Any]] = field(init=False, default_factory=dict)
    _others: OtherChannels = field(init=False)
    _contacts: dict[str, tuple[int, Contact | None]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._count = CellCount(self.since, self.until, self.zone)
        self._callers = RecentCallers()
        self._others = OtherChannels(self.since, self.until, self.zone, self.contacts_told)

    def amend(self, id_: str, document: bytes, *, added: bool = False) -> None:
        """A call is this now; ``added``: the seal of its day does not have it."""
        if added or id_ in self._added:
            self._added[id_] = document
        else:
            self._amended[id_] = document

    def call(self, id_: str, arrived_at: Ms, document: bytes) -> None:
        """The next call of a day, as it was sealed."""
        self._add_until(arrived_at, id_)
        self._take(self._amended.get(id_, document))

    def end_day(self, day: date) -> None:
        """All calls of a day were given."""
        self._add_until(end_of(day), "")

    def blind(self, document: Mapping[str, Any]) -> None:
        """What of a blind interval lies in a day."""
        interval = blind_of(document)
        begin, end = max(interval.started_at, self.since), interval.ended_at or 0
        end = min(end, self.until)
        if begin >= end:
            return
        for n, known in enumerate(self._blind):
            if known.pbx == interval.pbx and known.ended_at == begin:
                # Why is told where it ends.
                self._blind[n] = BlindInterval(known.pbx, known.started_at, end, interval.cause)
                return
        self._blind.append(BlindInterval(interval.pbx, begin, end, interval.cause))

    def command(self, document: Mapping[str, Any]) -> None:
        """An overflow command."""
        if self.since <= document["issued_at"] < self.until:
            self._commands[document["order"], document["outcome"]] += 1

    def policy(self, document: Mapping[str, Any]) -> None:
        """A policy version that was in force on a day."""
        self._policies[document["version"]] = document

    def contact(self, document: Mapping[str, Any]) -> None:
        """A contact in one of its versions; the last one counts."""
        told = contact_of_document(document)
        version, _ = self._contacts.get(told.id, (0, None))
        if told.version > version:
            mine = self.since <= told.received_at < self.until
            self._contacts[told.id] = told.version, told if mine else None

    def result(self, head: str) -> PackFigures:
        """What was counted."""
        for _, contact in self._contacts.values():
            if contact is not None:
                self._others.count_contact(contact)
        self._contacts.clear()
        period = self._count.result()
        period.blind = sorted(self._blind, key=lambda gap: (gap.started_at, gap.pbx))
        period.overflow = dict(sorted(self._commands.items()))
        calls = period.total.calls
        period.access.refused = calls.refused_or_cut
        return PackFigures(period, dict(sorted(self._policies.items())), head, self._others)

    def _add_until(self, arrived_at: Ms, id_: str) -> None:
        """Count what was added to sealed days, up to this place in the order of arrival."""
        if self._waiting is None:
            self._waiting = [
                (orjson.loads(document)["arrived_at"], id_, document)
                for id_, document in self._added.items()
            ]
            heapq.heapify(self._waiting)
        while self._waiting and self._waiting[0][:2] < (arrived_at, id_):
            self._take(heapq.heappop(self._waiting)[2])

    def _take(self, document: bytes) -> None:
        call = call_of(orjson.loads(document))
        self._count.count(call, self._callers.previous(call))
        self._others.count_call(call)


def documents_of(manifest: Manifest) -> Documents:
    """Takes the documents of a pack."""
    told = CONTACTS not in manifest.left_out
    return Documents(manifest.since, manifest.until, manifest.tz, told)


class CellCount(PeriodCount):
    """Counts as :class:`PeriodCount` does, in a quarter of the time.

    Each call is counted in the cell of its day and queue only; the cells are added up at the end.
    Where there are more days than one answer may have, weeks and months are told apart only.
    """

    def __init__(self, since: Ms, until: Ms, zone: tzinfo) -> None:
        many = (until - since) // DAY + 2 > MOST
        by = [one for one in ALL if one is not Dimension.DAY] if many else ALL
        super().__init__(since, until, zone, by)
        self._places = _Cells(self._places)


class _Cells(Places):
    """Stands in for the parts of a period while calls are counted."""

    def __init__(self, parts: Places) -> None:
        self.figures = parts.figures
        self._parts = parts
        self._days = sorted(parts.begins)
        self._cells: dict[tuple[int, str, str | None], Part] = {}

    def of(self, at: Ms, pbx: str, queue: str) -> list[Part]:
        """The cell that a call or visit belongs to."""
        return [self._cell(at, pbx, queue)]

    def without_queue(self, at: Ms, pbx: str) -> list[Part]:
        """The cell that a voice server stay belongs to."""
        return [self._cell(at, pbx, None)]

    def sort(self) -> None:
        """Add the cells up, and sort what comes of it."""
        for (day, pbx, queue), cell in self._cells.items():
            at = self._days[day]
            parts = (
                self._parts.without_queue(at, pbx)
                if queue is None
                else self._parts.of(at, pbx, queue)
            )
            for part in parts:
                part.add(cell)
        self._cells.clear()
        self._parts.sort()

    def _cell(self, at: Ms, pbx: str, queue: str | None) -> Part:
        key = bucket_of(self._days, at), pbx, queue
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = Part()
        return cell


class RecentCallers:
    """Who called when, by pseudonym: as :class:`monitor.core.period.Callers`, in little memory.

    Who has not called for :data:`LEAD_IN` is forgotten.
    """

    def __init__(self) -> None:
        self._swept: Ms = 0
        self._seen: dict[bytes, int] = {}
        """The last two calls of each in one number: last × 2⁴⁴ + the one before, 0 for none."""

    def previous(self, call: Call) -> Ms | None:
        """When the caller's call before this one arrived; note this one."""
        at, caller = call.arrived_at, call.caller_key
        if not caller:
            return None
        self._sweep(at)
        key = bytes.fromhex(caller)
        known = self._seen.get(key, 0)
        last, before = known >> _MOMENT, known & (1 << _MOMENT) - 1
        if last == at:
            return before or None
        self._seen[key] = at << _MOMENT | last
        return last or None

    def _sweep(self, now: Ms) -> None:
        if now - self._swept <= DAY:
            return
        self._swept = now
        oldest = (now - LEAD_IN) << _MOMENT
        for key in [key for key, known in self._seen.items() if known < oldest]:
            del self._seen[key]


_MOMENT: Final = 44
"""Bits that hold any moment (ms) up to the year 2527."""


def plain(value: object) -> Any:  # noqa: ANN401 - any JSON
    """Figures as JSON. A dictionary whose keys are pairs becomes a list of [pair, value]."""
    if isinstance(value, Histogram):
        return {str(second): many for second, many in value.counts.items()}
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        if any(isinstance(key, tuple) for key in value):
            return [[list(key), plain(item)] for key, item in value.items()]
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, tzinfo):
        return zone_name(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _key(key: object) -> str:
    return str(key.value if isinstance(key, Enum) else key)


def zone_name(zone: tzinfo) -> str:
    """The name of a zone; UTC for any that has none."""
    return zone.key if isinstance(zone, ZoneInfo) and zone.key else "UTC"


def not_as_counted(name: str, said: bytes, counted: bytes) -> tuple[list[str], list[str]]:
    """Where a file is not what is made of the documents, in words.

    Args:
        name: the file's; see :data:`Make`.
        said: what stands in the pack.
        counted: what was made anew.

    Returns:
        What is wrong; and the names of figures that it does not say.
    """
    if not name.endswith(".json"):
        return (["it is not what is made of the documents"] if said != counted else []), []
    try:
        plain = json.loads(said, object_pairs_hook=_each_once)
    except ValueError:
        return ["it is no JSON, or says something twice"], []
    unsaid: list[str] = []
    return list(differences(plain, json.loads(counted), unsaid)), unsaid


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON that says nothing twice: of two, each reader takes another.

    Raises:
        ValueError: it does.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("something is said twice")
    return found


def differences(
    said: Any,  # noqa: ANN401
    counted: Any,  # noqa: ANN401
    unsaid: list[str],
    place: str = "",
) -> Iterable[str]:
    """Which figures that are said are not those that were counted, in words.

    What was counted and is not said is added to ``unsaid``: a later version may count more.
    """
    if isinstance(said, dict) and isinstance(counted, dict):
        for key, value in said.items():
            if key in PROSE and not place:
                continue
            inner = f"{place}.{key}".strip(".")
            if key in counted:
                yield from differences(value, counted[key], unsaid, inner)
            else:
                yield f"{inner} is {_short(value)}; the documents say nothing of it"
        unsaid += [f"{place}.{key}".strip(".") for key in counted if key not in said]
    elif isinstance(said, list) and isinstance(counted, list) and len(said) == len(counted):
        for n, (one, other) in enumerate(zip(said, counted, strict=True)):
            yield from differences(one, other, unsaid, f"{place}[{n}]")
    elif said != counted or type(said) is not type(counted):
        yield f"{place} is {_short(said)}; the documents say {_short(counted)}"


def _short(value: Any) -> str:  # noqa: ANN401 - any JSON
    text = orjson.dumps(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_SHOWN: Final = 60
