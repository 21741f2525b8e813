"""Figures over time and lost callers as JSON, in the shapes of :mod:`api.history_schemas`."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, tzinfo

from api import views
from api.views import Json, iso, iso_or_none, seconds, seconds_or_none
from api.visibility import Scope
from monitor.core.buckets import Bucket
from monitor.core.clock import SECOND, Ms
from monitor.core.indicators import CommitmentTally, QueueTally, Ratio, service_levels
from monitor.history.figures import Figures, Waits
from monitor.history.lost_callers import CallBack, LostCaller


def period(commitment: CommitmentTally, queues: QueueTally) -> Json:
    """Figures with their bounds as ``Period``."""
    return views.figures(commitment, queues) | {
        "rate_bounds": _bounds(commitment.rate, commitment.unknown),
        "service_level_bounds": {
            level.value: _bounds(value, queues.unknown)
            for level, value in service_levels(queues).items()
        },
    }


def bucket(part: Bucket, found: Figures) -> Json:
    """A step of a series as ``SeriesBucket``."""
    moments = {"starts_at": iso(part.begin), "ends_at": iso(part.end)}
    return moments | period(found.commitment, found.all_queues)


def local_iso(at: Ms, zone: tzinfo) -> str:
    """A moment by the clocks in a zone, with its offset: ``2026-10-25T02:00:00+01:00``."""
    return datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone).isoformat()


def _bounds(ratio: Ratio, unknown: int) -> Json:
    low, high = ratio.bounds(unknown)
    return {"low": low.value, "high": high.value}


def waits(found: Waits) -> Json:
    """A distribution as the part of ``WaitsOut`` that the record tells."""
    often = sorted(found.thresholds.items(), key=lambda item: (-item[1], item[0]))
    return {
        "bins": [
            {
                "from_s": seconds(part.begin),
                "to_s": seconds_or_none(part.end),
                "answered": part.answered,
                "abandoned": part.abandoned,
                "other": part.other,
            }
            for part in found.bins
        ],
        "thresholds": [{"within_s": seconds(within), "waits": many} for within, many in often],
        "unseen": found.unseen,
    }


def week_cell(hour_of_week: int, found: Figures) -> Json:
    """An hour of the week as ``WeekCell``."""
    weekday, hour = divmod(hour_of_week, 24)
    figures = views.figures(found.commitment, found.all_queues)
    return {"weekday": weekday, "hour": hour} | figures


# --- lost callers -------------------------------------------------------------------------------


def lost_caller(found: LostCaller, label: str, scope: Scope, waiting: Collection[str]) -> Json:
    """A lost caller as ``LostCallerOut``, as somebody may see it."""
    return {
        "id": found.call_id,
        "caller": scope.number(found.caller),
        "name": scope.name(found.name),
        "pbx": found.pbx,
        "queue": found.queue,
        "queue_label": label,
        "verdict": found.verdict.value,
        "first_at": iso(found.first_at),
        "last_at": iso(found.last_at),
        "attempts": found.attempts,
        "longest_wait_s": seconds(found.longest_wait),
        "waiting_now": found.caller in waiting,
        "got_through_at": iso_or_none(found.got_through_at),
        "call_back": call_back(found.call_back, scope),
    }


def call_back(done: CallBack, scope: Scope) -> Json:
    """What was done as ``CallBackOut``; who sees other queues only is told no note.

    Who did it is told: two leads who see the same caller must know of one another.
    """
    own = not scope.restricted or scope.sees_queue(done.pbx, done.queue)
    return {
        "version": done.version,
        "status": done.status.value,
        "tries": done.tries,
        "note": str(scope.shown({"note": done.note})["note"]) if own else "",
        "by": done.by,
        "at": iso_or_none(done.at),
    }


def lost_counts(callers: Iterable[LostCaller]) -> Json:
    """Callers by how far it has come, as ``LostCounts``."""
    counts = dict.fromkeys(
        ("to_call", "in_progress", "no_answer", "reached", "dismissed", "got_through"), 0
    )
    for caller in callers:
        through = caller.got_through_at is not None
        counts["got_through" if through else caller.call_back.status.value] += 1
    return counts
