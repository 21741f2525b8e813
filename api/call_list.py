"""A page of calls: what is stored, with the calls that are live put in as they are now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.core.clock import Ms
from monitor.core.records import Call
from monitor.history.call_cursor import Cursor
from monitor.history.queries import CallFilter
from monitor.history.reader import CallPage

Key = tuple[Ms, str]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for: which calls, how many, and after which one."""

    wanted: CallFilter
    limit: int
    after: Cursor | None = None


def with_live(page: CallPage, live: Mapping[str, Call], asked: Request) -> CallPage:
    """Replace stored calls by live ones of the same id, and add live ones not stored yet.

    The writer is a moment behind the engine, so a live call may be stored with an older verdict,
    or not at all; either way the page shows it as it is, if it is what was asked for.
    """
    found = [call for call in page.calls if call.id not in live]
    end: Key | None = None
    if page.next_cursor is not None:
        place = Cursor.decode(page.next_cursor)
        end = (place.arrived_at, place.id)
    found.extend(_on_page(live.values(), asked, end))
    found.sort(key=_key, reverse=True)
    if len(found) > asked.limit:
        last = found[asked.limit - 1]
        return CallPage(found[: asked.limit], Cursor(last.arrived_at, last.id).encode())
    return CallPage(found, page.next_cursor, page.searched_to)


def _on_page(live: Iterable[Call], asked: Request, end: Key | None) -> Iterable[Call]:
    """The live calls between the place after which the page begins and the one where it ends."""
    begin = None if asked.after is None else (asked.after.arrived_at, asked.after.id)
    for call in live:
        key = _key(call)
        here = (begin is None or key < begin) and (end is None or key >= end)
        if here and matches(call, asked.wanted):
            yield call


def matches(call: Call, wanted: CallFilter) -> bool:
    """Whether a live call is one that a filter means, as the stored ones are chosen."""
    return (
        (wanted.since is None or call.arrived_at >= wanted.since)
        and (wanted.until is None or call.arrived_at < wanted.until)
        and wanted.pbx in (None, call.pbx)
        and wanted.verdict in (None, call.verdict)
        and (not wanted.verdicts or call.verdict in wanted.verdicts)
        and wanted.caller in (None, call.caller)
        and _matches_end(call, wanted)
        and _matches_visits(call, wanted)
        and (wanted.search is None or wanted.search.matches(call))
    )


def _matches_end(call: Call, wanted: CallFilter) -> bool:
    """Whether what came of the call so far is what is wanted."""
    handled_by = "nobody" if call.handled_by is None else call.handled_by
    waited = wanted.min_wait is None and wanted.max_wait is None
    wait = call.wait
    if wait is not None:
        long = wanted.min_wait is None or wait >= wanted.min_wait
        waited = long and (wanted.max_wait is None or wait < wanted.max_wait)
    return (
        waited
        and wanted.reason in (None, call.reason)
        and wanted.handled_by in (None, handled_by)
        and wanted.observed in (None, call.observed)
        and wanted.short in (None, call.short_abandon)
    )


def _matches_visits(call: Call, wanted: CallFilter) -> bool:
    queue, agent, exit_ = wanted.queue, wanted.agent, wanted.exit
    if wanted.queues is not None:
        visited = {visit.queue for visit in call.visits} if queue is None else {queue}
        if not any(
            ("", name) in wanted.queues or (call.pbx, name) in wanted.queues for name in visited
        ):
            return False
    if queue is None and exit_ is None:
        return agent in (None, call.agent) or any(visit.agent == agent for visit in call.visits)
    return any(
        queue in (None, visit.queue)
        and agent in (None, visit.agent)
        and exit_ in (None, visit.exit)
        for visit in call.visits
    )


def _key(call: Call) -> Key:
    return call.arrived_at, call.id
