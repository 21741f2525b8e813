"""Policy versions: what was promised when, kept for ever, so that old verdicts stay explainable."""

import hashlib
import json
import time as clock
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, time, timedelta, timezone, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from monitor.core.calendars import Calendar, OpeningHours
from monitor.core.clock import Ms
from monitor.core.indicators import ServiceLevel
from monitor.core.policy import (
    DEFAULT_SERVICE_LEVEL,
    ClockStart,
    Commitment,
    CountsWhen,
    Policy,
    QueuePolicy,
    VoiceServer,
)
from monitor.history.database import History
from monitor.history.errors import HistoryError, explain
from monitor.history.tables import policy_version


def current_policy(
    history: History, configured: Policy, *, by: str = "configuration", now: Ms | None = None
) -> Policy:
    """The configured policy under its version number.

    When it differs from the newest stored one it becomes the next version; versions are only ever
    added.

    Args:
        history: where the versions are.
        configured: the policy to judge by; its own ``version`` does not matter.
        by: who set it, for the record.
        now: the moment of the change (ms); the machine's clock when None.

    Raises:
        HistoryError: the database cannot be used.
    """
    try:
        with history.writing() as connection:
            return stored_policy(connection, configured, by, _now() if now is None else now)
    except IntegrityError:
        # Another process stored the same number first (PostgreSQL lets both look at once).
        return current_policy(history, configured, by=by, now=now)
    except SQLAlchemyError as error:
        raise HistoryError(explain(error, history.url)) from error


def stored_policy(connection: Connection, configured: Policy, by: str, now: Ms) -> Policy:
    """Like :func:`current_policy`, within a transaction of the caller's."""
    text = canonical(configured)
    newest = _newest(connection)
    if newest is not None and canonical(newest) == text:
        return replace(configured, version=newest.version)
    version = replace(configured, version=1 if newest is None else newest.version + 1)
    _insert(connection, version, text, by, now)
    return version


def policy(history: History, version: int) -> Policy | None:
    """The policy of that version; None when there is none."""
    query = select(policy_version.c.policy).where(policy_version.c.version == version)
    with history.reading() as connection:
        text = connection.execute(query).scalar_one_or_none()
    return None if text is None else parse(text, version)


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A stored policy, with who set it and when (ms); ``replaced_at`` None: it is in force."""

    policy: Policy
    set_at: Ms
    set_by: str
    replaced_at: Ms | None
    sha256: str


def version_of(history: History, version: int) -> PolicyVersion | None:
    """That version with its place in time; None when there is none."""
    stored = policy_version.c
    query = select(policy_version).where(stored.version == version)
    newer = select(func.min(stored.created_at)).where(stored.version > version)
    with history.reading() as connection:
        row = connection.execute(query).mappings().one_or_none()
        replaced_at = connection.execute(newer).scalar_one()
    if row is None:
        return None
    return PolicyVersion(
        parse(row["policy"], version),
        row["created_at"],
        row["created_by"],
        replaced_at,
        row["sha256"],
    )


def in_force(history: History, current: Policy) -> Callable[[Ms], Policy]:
    """Which policy was in force at a moment (ms): the newest that was set by then.

    Before the first one was set, ``current`` is: a history that is older than the installation is
    judged by what is promised now.
    """
    query = select(policy_version).order_by(policy_version.c.created_at, policy_version.c.version)
    with history.reading() as connection:
        versions = [
            (row["created_at"], parse(row["policy"], row["version"]))
            for row in connection.execute(query).mappings()
        ]
    moments = [created_at for created_at, _ in versions]

    def find(at: Ms) -> Policy:
        place = bisect_right(moments, at)
        return versions[place - 1][1] if place else current

    return find


def canonical(value: Policy) -> str:
    """A policy as JSON, always the same text for the same policy; without its version.

    What was added to policies later stands in it only where it says something, so the text of an
    older policy is still the same.
    """
    plain = asdict(value)
    del plain["version"]
    for told in (plain["commitment"], *plain["queues"]):
        _leave_out(told, _LATER)
    _leave_out(plain, {"calendars": (), "calendar": "", "label": ""})
    if value.calendars:
        plain["calendars"] = [_plain_calendar(calendar) for calendar in value.calendars]
    plain["zone"] = _zone_name(value.zone)
    plain["opening_hours"] = [
        [day, start.isoformat(), end.isoformat()] for day, start, end in value.opening_hours.spans
    ]
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parse(text: str, version: int) -> Policy:
    """Read what :func:`canonical` made."""
    plain = json.loads(text)
    promise = _with_formula(plain.pop("commitment"))
    return Policy(
        version=version,
        commitment=Commitment(**{**promise, "starts_on": ClockStart(promise["starts_on"])}),
        queues=tuple(QueuePolicy(**_with_formula(queue)) for queue in plain.pop("queues")),
        calendars=tuple(map(_calendar, plain.pop("calendars", ()))),
        calendar=plain.pop("calendar", ""),
        label=plain.pop("label", ""),
        voice_servers=tuple(map(_voice_server, plain.pop("voice_servers"))),
        incoming_contexts=tuple(
            (pbx, tuple(contexts)) for pbx, contexts in plain.pop("incoming_contexts")
        ),
        opening_hours=_hours(plain.pop("opening_hours")),
        zone=_zone(plain.pop("zone")),
        **{name: tuple(patterns) for name, patterns in plain.items()},
    )


_LATER: Final[Mapping[str, Any]] = {
    "target": None, "service_level": DEFAULT_SERVICE_LEVEL, "calendar": "",
}  # fmt: skip
"""Keys of the commitment and of queues that older versions do not have, with what they mean."""


def _leave_out(plain: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    """Take out what says nothing."""
    for key, default in defaults.items():
        if key in plain and plain[key] == default:
            del plain[key]


def _with_formula(plain: dict[str, Any]) -> dict[str, Any]:
    if "service_level" in plain:
        plain["service_level"] = ServiceLevel(plain["service_level"])
    return plain


def _plain_calendar(calendar: Calendar) -> dict[str, Any]:
    return {
        "name": calendar.name,
        "hours": [
            [day, start.isoformat(), end.isoformat()] for day, start, end in calendar.hours.spans
        ],
        "holidays": [day.isoformat() for day in calendar.holidays],
        "holiday_hours": [[a.isoformat(), b.isoformat()] for a, b in calendar.holiday_hours],
        "closed": [[a.isoformat(), b.isoformat()] for a, b in calendar.closed],
        "openings": [
            [day.isoformat(), a.isoformat(), b.isoformat()] for day, a, b in calendar.openings
        ],
    }


def _calendar(plain: Mapping[str, Any]) -> Calendar:
    day, clock_time = date.fromisoformat, time.fromisoformat
    return Calendar(
        name=plain["name"],
        hours=_hours(plain["hours"]),
        holidays=tuple(map(day, plain["holidays"])),
        holiday_hours=tuple((clock_time(a), clock_time(b)) for a, b in plain["holiday_hours"]),
        closed=tuple((day(a), day(b)) for a, b in plain["closed"]),
        openings=tuple((day(on), clock_time(a), clock_time(b)) for on, a, b in plain["openings"]),
    )


def _hours(plain: Iterable[tuple[int, str, str]]) -> OpeningHours:
    return OpeningHours(
        tuple((day, time.fromisoformat(a), time.fromisoformat(b)) for day, a, b in plain)
    )


def _voice_server(plain: Mapping[str, Any]) -> VoiceServer:
    return VoiceServer(
        plain["name"],
        tuple(plain["contexts"]),
        tuple(plain["stasis_apps"]),
        CountsWhen(plain["counts_when"]),
    )


def _zone_name(zone: tzinfo) -> str:
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    offset = zone.utcoffset(None)
    if offset is None:
        raise ValueError(f"the zone {zone} has no name to store: use a zone such as Europe/Paris")
    return "UTC" if not offset else f"{offset / timedelta(seconds=1):+.0f}s"


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    if name.endswith("s") and name[0] in "+-":
        return timezone(timedelta(seconds=int(name[:-1])))
    return ZoneInfo(name)


def _newest(connection: Connection) -> Policy | None:
    newest = select(func.max(policy_version.c.version)).scalar_subquery()
    query = select(policy_version).where(policy_version.c.version == newest)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else parse(row["policy"], row["version"])


def _insert(connection: Connection, value: Policy, text: str, by: str, now: Ms) -> None:
    connection.execute(
        insert(policy_version).values(
            version=value.version,
            created_at=now,
            created_by=by,
            policy=text,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
        )
    )


def _now() -> Ms:
    return clock.time_ns() // 1_000_000
