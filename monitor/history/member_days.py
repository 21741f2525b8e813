"""What the record knows of each member's day, for :class:`monitor.core.member_days.MemberDays`."""

from collections import Counter

import orjson
from sqlalchemy import func, select

from monitor.core.clock import HOUR, Ms
from monitor.core.member_days import MemberKey, NameKey
from monitor.core.records import Exit, FactKind
from monitor.history.database import History
from monitor.history.tables import call, fact, visit


def member_days(
    history: History, since: Ms, until: Ms
) -> tuple[dict[MemberKey, int], dict[NameKey, int]]:
    """Callers that each member took, and offers that each did not take; blocks.

    Args:
        history: the record.
        since: midnight (ms).
        until: when the monitor began to count by itself (ms).

    Raises:
        SQLAlchemyError: the database cannot be used.
    """
    lately = call.c.arrived_at >= since - HOUR
    missed = (
        select(call.c.pbx, fact.c.detail)
        .join(fact, fact.c.call_id == call.c.id)
        .where(lately, fact.c.kind == FactKind.AGENT_MISSED.value)
        .where(fact.c.at >= since, fact.c.at < until)
    )
    answered = (
        select(visit.c.pbx, visit.c.queue, visit.c.interface, func.count().label("calls"))
        .where(visit.c.joined_at >= since - HOUR, visit.c.exit == Exit.ANSWERED.value)
        .where(visit.c.ended_at >= since, visit.c.ended_at < until)
        .group_by(visit.c.pbx, visit.c.queue, visit.c.interface)
    )
    with history.reading() as connection:
        taken = {
            (row.pbx, row.queue, row.interface): row.calls for row in connection.execute(answered)
        }
        found: Counter[NameKey] = Counter()
        for row in connection.execute(missed):
            detail = orjson.loads(row.detail)
            found[row.pbx, str(detail.get("queue", "")), str(detail.get("agent", ""))] += 1
    return taken, dict(found)
