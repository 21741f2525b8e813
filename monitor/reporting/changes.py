"""What a policy version has changed against the one before, as stable codes with values.

Patterns of callers' numbers are never told, only how many there are.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

from monitor.core.calendars import Calendar
from monitor.core.clock import SECOND, Ms
from monitor.core.policy import Commitment, Policy, QueuePolicy, VoiceServer
from monitor.reporting.model import Change, zone_name

T = TypeVar("T")
Value = str | float | None


def changes(before: Policy, after: Policy) -> tuple[Change, ...]:
    """All changes, in a fixed order."""
    return (
        *_promise(before.commitment, after.commitment),
        *_named("queue", _queues(before), _queues(after), _queue),
        *_named("voice_server", _servers(before), _servers(after), _server),
        *_named("calendar", _calendars(before), _calendars(after), _calendar),
        *_rest(before, after),
    )


def _promise(before: Commitment, after: Commitment) -> Iterator[Change]:
    for name in ("within", "at_risk_after", "short_abandon"):
        one, other = getattr(before, name), getattr(after, name)
        yield from _changed(name, "", _seconds(one), _seconds(other))
    yield from _changed("starts_on", "", before.starts_on.value, after.starts_on.value)
    yield from _changed("target", "", before.target, after.target)
    yield from _changed("service_level", "", before.service_level.value, after.service_level.value)


def _queue(name: str, before: QueuePolicy, after: QueuePolicy) -> Iterator[Change]:
    for key in ("within", "at_risk_after"):
        one, other = getattr(before, key), getattr(after, key)
        yield from _changed(f"queue_{key}", name, _seconds(one), _seconds(other))
    yield from _changed("queue_target", name, before.target, after.target)
    yield from _changed(
        "queue_service_level", name, before.service_level.value, after.service_level.value
    )
    yield from _changed("queue_calendar", name, before.calendar or None, after.calendar or None)
    yield from _changed("queue_label", name, before.label or None, after.label or None)


def _server(name: str, before: VoiceServer, after: VoiceServer) -> Iterator[Change]:
    yield from _changed(
        "voice_server_counts_when", name, before.counts_when.value, after.counts_when.value
    )
    for key in ("contexts", "stasis_apps"):
        one, other = getattr(before, key), getattr(after, key)
        yield from _changed(f"voice_server_{key}", name, _list(one), _list(other))


def _calendar(name: str, before: Calendar, after: Calendar) -> Iterator[Change]:
    if before != after:
        yield Change("calendar_changed", name, None, None)


def _rest(before: Policy, after: Policy) -> Iterator[Change]:
    one, other = before.calendar or None, after.calendar or None
    yield from _changed("centre_calendar", "", one, other)
    if before.opening_hours != after.opening_hours:
        yield Change("opening_hours", "", None, None)
    yield from _changed("zone", "", zone_name(before.zone), zone_name(after.zone))
    for name in ("test_numbers", "internal_numbers"):
        told, now = getattr(before, name), getattr(after, name)
        if told != now:
            yield Change(name, "", float(len(told)), float(len(now)))
    contexts, later = dict(before.incoming_contexts), dict(after.incoming_contexts)
    for pbx in sorted(contexts.keys() | later.keys()):
        was, is_ = _list(contexts.get(pbx, ())), _list(later.get(pbx, ()))
        yield from _changed("incoming_contexts", pbx, was, is_)
    welcome = _list(before.welcome_contexts), _list(after.welcome_contexts)
    yield from _changed("welcome_contexts", "", *welcome)
    yield from _changed("centre_label", "", before.label or None, after.label or None)


def _named(
    kind: str,
    before: Mapping[str, T],
    after: Mapping[str, T],
    compare: Callable[[str, T, T], Iterator[Change]],
) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one is None:
            yield Change(f"{kind}_added", name, None, None)
        elif other is None:
            yield Change(f"{kind}_removed", name, None, None)
        else:
            yield from compare(name, one, other)


def _changed(what: str, subject: str, before: Value, after: Value) -> Iterator[Change]:
    if before != after:
        yield Change(what, subject, before, after)


def _queues(policy: Policy) -> dict[str, QueuePolicy]:
    return {f"{q.pbx}:{q.queue}" if q.pbx else q.queue: q for q in policy.queues}


def _servers(policy: Policy) -> dict[str, VoiceServer]:
    return {server.name: server for server in policy.voice_servers}


def _calendars(policy: Policy) -> dict[str, Calendar]:
    return {calendar.name: calendar for calendar in policy.calendars}


def _seconds(span: Ms) -> float:
    return span / SECOND


def _list(names: tuple[str, ...]) -> str | None:
    return ", ".join(names) or None


SECONDS: Final = frozenset(
    {"within", "at_risk_after", "short_abandon", "queue_within", "queue_at_risk_after"}
)
"""Changes of spans."""
SHARES: Final = frozenset({"target", "queue_target"})
"""Changes of shares, from 0 to 1."""
CODES: Final = frozenset({"service_level", "queue_service_level"})
"""Changes of formulas."""


def unit_of(change: Change) -> str:
    """Of what kind a change's values are: ``s``, ``share``, ``formula``, ``count`` or ``text``."""
    if change.what in SECONDS:
        return "s"
    if change.what in SHARES:
        return "share"
    if change.what in CODES:
        return "formula"
    return "count" if isinstance(change.before, float) else "text"
