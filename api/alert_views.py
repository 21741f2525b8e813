"""Alerts and the trend as JSON-ready dictionaries, in the shapes of :mod:`api.alert_schemas`."""

from api.views import Json, iso, iso_or_none
from monitor.core.alerts import Alert, AlertGone, Change
from monitor.core.trend import Point


def alert(record: Alert) -> Json:
    """An alert as ``AlertOut``."""
    return {
        "id": record.id,
        "kind": record.kind.value,
        "pbx": record.pbx,
        "queue": record.queue,
        "call_id": record.call_id,
        "raised_at": iso(record.raised_at),
        "ended_at": iso_or_none(record.ended_at),
        "acknowledged_by": record.acknowledged_by,
        "acknowledged_at": iso_or_none(record.acknowledged_at),
        "params": record.params,
    }


def alert_change(change: Change) -> Json:
    """What happened to an alert as ``AlertChange`` or ``AlertGoneChange``."""
    if isinstance(change, AlertGone):
        return {"kind": "alert_gone", "id": change.id}
    return {"kind": "alert", "alert": alert(change)}


def point(record: Point) -> Json:
    """A minute of a queue as ``TrendPoint``."""
    return {
        "pbx": record.pbx,
        "queue": record.queue,
        "minute": iso(record.minute),
        "offered": record.offered,
        "answered": record.answered,
        "answered_within": record.answered_within,
        "abandoned": record.abandoned,
        "abandoned_within": record.abandoned_within,
        "breached": record.breached,
        "waiting_max": record.waiting_max,
    }
