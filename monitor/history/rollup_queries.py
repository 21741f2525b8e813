"""What an hour's calls, visits and voice server stays add up to: queries, nothing is run here.

Each gives rows of a rollup table, by the hour or by any other grouping: what is not rolled is
counted by the very queries that roll it. The columns count as :mod:`monitor.core.tallies` does.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from monitor.core.clock import DAY, SECOND, Ms
from monitor.core.records import TURNED_AWAY, Exit, HandledBy, Observed, Reason, Verdict
from monitor.core.tallies import JUDGED
from monitor.history.rollup_tables import (
    ANSWERED_WAITS,
    COMMITMENT_WAITS,
    EXITS,
    LONGEST,
    REASONS,
)
from monitor.history.tables import call, stay, visit

Ranges = Sequence[tuple[Ms, Ms]]
"""Spans of time: since ≤ t < until (ms)."""
Group = ColumnElement[int]
"""The number of the group that a moment falls into."""

_NOBODY: Final = -1


def within(moment: ColumnElement[int], ranges: Ranges) -> ColumnElement[bool]:
    """Whether a moment lies in one of the ranges."""
    return or_(*(and_(moment >= since, moment < until) for since, until in ranges))


def _has_number(caller: ColumnElement[str], dialect: str) -> ColumnElement[bool]:
    if dialect == "sqlite":
        return caller.op("GLOB", is_comparison=True)("*[0-9]*")
    return caller.op("~", is_comparison=True)("[0-9]")


def judging_queue() -> ColumnElement[str]:
    """``Call.judging_queue``: the first that let the caller in, else the first of all."""
    first = select(visit.c.queue).where(visit.c.call_id == call.c.id)
    first = first.order_by(visit.c.ordinal).limit(1)
    turned_away = sorted(exit_.value for exit_ in TURNED_AWAY)
    entered = first.where(or_(visit.c.exit.is_(None), visit.c.exit.not_in(turned_away)))
    return func.coalesce(entered.scalar_subquery(), first.scalar_subquery(), "")


def _previous_at(dialect: str) -> ColumnElement[int]:
    """When the same caller's call before this one arrived: by number, or by pseudonym."""
    before = call.alias("before")
    newest = select(before.c.arrived_at).where(before.c.arrived_at < call.c.arrived_at)
    newest = newest.order_by(before.c.arrived_at.desc()).limit(1).correlate(call)
    by_number = newest.where(before.c.caller == call.c.caller)
    by_key = newest.where(before.c.caller_key == call.c.caller_key, before.c.caller_key != "")
    found = [
        case((known, func.coalesce(query.scalar_subquery(), _NOBODY)), else_=_NOBODY)
        for known, query in (
            (_has_number(call.c.caller, dialect), by_number),
            (call.c.caller_key != "", by_key),
        )
    ]
    return (func.max if dialect == "sqlite" else func.greatest)(*found)


def calls_in(ranges: Ranges, dialect: str) -> CTE:
    """The calls of some time, with what has to be looked up for each, once."""
    handled = call.c.handled_by.is_not(None)
    waited = case((handled, call.c.handled_at), else_=call.c.ended_at) - call.c.clock_started_at
    known = or_(_has_number(call.c.caller, dialect), call.c.caller_key != "")
    query = select(
        *call.c["arrived_at", "pbx", "policy_version", "within", "verdict", "reason"],
        *call.c["short_abandon", "handled_by", "observed", "corrections", "transfers"],
        judging_queue().label("queue"),
        case((waited < 0, 0), else_=waited).label("wait"),
        and_(known, call.c.verdict != Verdict.EXCLUDED.value).label("known"),
        _previous_at(dialect).label("previous_at"),
    ).where(within(call.c.arrived_at, ranges))
    # Materialized: else SQLite looks the same up anew for every column that uses it.
    return query.cte("counted").prefix_with("MATERIALIZED")


def _many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


def _total(
    column: ColumnElement[int], condition: ColumnElement[bool] | None = None
) -> ColumnElement[int]:
    found = func.sum(column) if condition is None else func.sum(column).filter(condition)
    return func.coalesce(found, 0)


def _is_commitment_wait(rows: CTE) -> ColumnElement[bool]:
    """Whether ``commitment_wait`` is known of a call."""
    judged = rows.c.verdict.in_(sorted(verdict.value for verdict in JUDGED))
    return and_(judged, rows.c.handled_by.is_not(None), rows.c.wait.is_not(None))


def call_counts(rows: CTE, *group: ColumnElement[Any]) -> Select[Any]:
    """Rows of ``rollup_call``, by a group, queue, policy version and threshold."""
    c = rows.c
    waits, since = _is_commitment_wait(rows), c.arrived_at - c.previous_at
    timed = c.verdict.in_(sorted([*(v.value for v in JUDGED), Verdict.ABANDONED.value]))
    counts: dict[str, ColumnElement[int]] = {
        verdict.value: _many(c.verdict == verdict.value) for verdict in Verdict
    }
    counts |= {
        "short_abandons": _many(c.short_abandon),
        "handled_by_agent": _many(c.handled_by == HandledBy.AGENT.value),
        "handled_by_voice_server": _many(c.handled_by == HandledBy.VOICE_SERVER.value),
        "partly_observed": _many(c.observed == Observed.PARTIAL.value),
        "corrected": _many(c.corrections > 0),
        "corrections": _total(c.corrections),
        "transferred": _many(c.transfers > 0),
        "transfers": _total(c.transfers),
        "transfers_unknown": _many(c.transfers.is_(None)),
        "waits": _many(waits),
        "wait": _total(c.wait, waits),
        LONGEST: func.coalesce(func.max(c.wait).filter(timed), 0),
        "with_number": _many(c.known),
    }
    for days in (1, 7, 30):
        repeats = and_(c.known, c.previous_at != _NOBODY, since <= days * DAY)
        counts[f"repeats_{days}"] = _many(repeats)
    for reason in REASONS:
        counts[f"because_{reason.value}"] = _many(c.reason == reason.value)
    return _grouped(counts, *group, *c["pbx", "queue", "policy_version", "within"])


def visit_counts(ranges: Ranges, *group: ColumnElement[Any]) -> Select[Any]:
    """Rows of ``rollup_visit``, by a group and queue."""
    c = visit.c
    wait = func.coalesce(c.wait, 0)
    answered, unseen = c.exit == Exit.ANSWERED.value, c.wait.is_(None)
    seen, abandoned = and_(answered, c.wait.is_not(None)), c.exit == Exit.ABANDONED.value
    lost = or_(c.exit == Exit.UNKNOWN.value, and_(answered, unseen))
    others = {Exit.ANSWERED, Exit.ABANDONED, Exit.UNKNOWN}
    held = and_(c.talk.is_not(None), c.hold.is_not(None))
    counts: dict[str, ColumnElement[int]] = {
        "offered": func.count(),
        "answered": _many(seen),
        "answered_within": _many(and_(seen, c.wait <= c.within)),
        "abandoned": _many(abandoned),
        "abandoned_within": _many(and_(abandoned, wait <= c.within)),
        "abandoned_short": _many(and_(abandoned, c.short)),
        "left_otherwise": _many(c.exit.not_in(sorted(exit_.value for exit_ in others))),
        "unknown": _many(lost),
        "answered_wait": _total(c.wait, seen),
        LONGEST: func.coalesce(func.max(wait), 0),
        "talked": func.count(c.talk),
        "talk": _total(c.talk),
        "offers": _total(c.offers),
        "missed": _total(c.missed),
        "held": _many(and_(held, c.hold > 0)),
        "hold": _total(c.hold, held),
        "hold_known": _many(held),
        "transferred": _many(c.transfers > 0),
    }
    counts |= {f"left_{exit_.value}": _many(c.exit == exit_.value) for exit_ in EXITS}
    where = c.exit.is_not(None), within(c.joined_at, ranges)
    return _grouped(counts, *group, c.pbx, c.queue).where(*where)


def voice_counts(ranges: Ranges, *group: ColumnElement[Any]) -> Select[Any]:
    """Rows of ``rollup_voice``, by a group and voice server."""
    ended = and_(stay.c.left_at.is_not(None), stay.c.left_at == call.c.ended_at)
    time = stay.c.left_at - stay.c.entered_at
    counts: dict[str, ColumnElement[int]] = {
        "reached": func.count(),
        "with_input": _many(stay.c.inputs != ""),
        "inputs": _total(func.length(stay.c.inputs)),
        "ended_there": _many(ended),
        "left_without": _many(and_(ended, call.c.handled_by.is_(None))),
        "timed": func.count(stay.c.left_at),
        "time": _total(case((time < 0, 0), else_=time)),
    }
    query = _grouped(counts, *group, call.c.pbx, stay.c.name)
    query = query.select_from(call.join(stay, stay.c.call_id == call.c.id))
    return query.where(within(call.c.arrived_at, ranges))


def _grouped(counts: dict[str, ColumnElement[int]], *by: ColumnElement[Any]) -> Select[Any]:
    columns = [count.label(name) for name, count in counts.items()]
    return select(*by, *columns).group_by(*by)


def _second(wait: ColumnElement[int]) -> ColumnElement[int]:
    """A wait in seconds, rounded up."""
    return (wait + (SECOND - 1)) // SECOND


def commitment_seconds(rows: CTE, group: Group) -> Select[Any]:
    """How many calls waited how many seconds, by a group and queue."""
    return _by_second(group, rows.c.pbx, rows.c.queue, COMMITMENT_WAITS, rows.c.wait).where(
        _is_commitment_wait(rows)
    )


def answered_seconds(ranges: Ranges, group: Group) -> Select[Any]:
    """How many answered visits waited how many seconds, by a group and queue."""
    c = visit.c
    query = _by_second(group, c.pbx, c.queue, ANSWERED_WAITS, c.wait)
    answered = c.exit == Exit.ANSWERED.value, c.wait.is_not(None)
    return query.where(*answered, within(c.joined_at, ranges))


def _by_second(
    group: Group,
    pbx: ColumnElement[str],
    queue: ColumnElement[str],
    kind: str,
    wait: ColumnElement[int],
) -> Select[Any]:
    second = _second(wait).label("second")
    by = (group, pbx, queue)
    columns: list[ColumnElement[Any]] = [*by, literal(kind).label("kind"), second]
    return select(*columns, func.count().label("many")).group_by(*by, second)


REASON_COLUMNS: Final[dict[str, Reason]] = {f"because_{reason.value}": reason for reason in REASONS}
EXIT_COLUMNS: Final[dict[str, Exit]] = {f"left_{exit_.value}": exit_ for exit_ in EXITS}
