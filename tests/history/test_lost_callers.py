"""The list of lost callers is that of a plain walk over the calls; what was done is kept."""

import random
from collections import defaultdict

import pytest

from monitor.core.clock import DAY, HOUR
from monitor.core.records import Call, Exit, HandledBy, Verdict, Visit
from monitor.history import BatchWriter, History
from monitor.history.audit import AuditFilter, AuditRecord, Via, Who
from monitor.history.lost_callers import (
    CallBackConflictError,
    LostCaller,
    LostCallerRecord,
    LostFilter,
    Status,
)
from tests.history.samples import START, random_call

LOST = (Verdict.ABANDONED, Verdict.BREACHED, Verdict.REFUSED)
RANGE = LostFilter(START - DAY, START + DAY)
ZOE = Who("zoé", Via.SESSION)


def lost(number: int, caller: str, at: int, queue: str = "support", wait: int = 20_000) -> Call:
    call = Call("lab", f"{number}.1", at, caller=caller, clock_started_at=at)
    call.verdict, call.closed, call.ended_at = Verdict.ABANDONED, True, at + wait
    call.visits = [Visit(queue, at, 60_000, 1, at + wait, Exit.ABANDONED)]
    return call


def handled(number: int, caller: str, at: int, by: HandledBy = HandledBy.AGENT) -> Call:
    call = Call("lab", f"{number}.1", at, caller=caller, clock_started_at=at)
    call.verdict, call.closed = Verdict.MET, True
    call.handled_at, call.handled_by, call.ended_at = at + 1_000, by, at + 60_000
    return call


def store(history: History, *calls: Call) -> LostCallerRecord:
    with BatchWriter(history) as writer:
        writer.add(calls)
    return LostCallerRecord(history)


def one(record: LostCallerRecord) -> LostCaller:
    [found] = record.all(RANGE).callers
    return found


@pytest.mark.parametrize(
    "wanted",
    [
        LostFilter(START + 500_000, START + 3_000_000),
        LostFilter(START, START + 5_000_000, pbx="paris"),
        LostFilter(START, START + 5_000_000, queue="support"),
        LostFilter(START, START + 5_000_000, queues=frozenset({("", "vip"), ("lab", "sales")})),
    ],
    ids=["range", "pbx", "queue", "queues"],
)
def test_the_list_is_that_of_a_walk_over_the_calls(history: History, wanted: LostFilter) -> None:
    rng = random.Random(3)
    calls = [random_call(number, rng) for number in range(1_000)]
    for call in calls:
        call.clock_started_at = call.arrived_at
        call.ended_at = call.arrived_at + rng.randrange(90_000) if call.closed else None
        if call.verdict is Verdict.MET or (call.verdict is Verdict.BREACHED and rng.random() < 0.5):
            call.handled_by = HandledBy.AGENT
            call.handled_at = call.arrived_at + 1_000
    found = store(history, *calls).all(wanted)
    callers, anonymous = walked(calls, wanted)
    assert found.anonymous == anonymous
    shown = {
        c.caller: (c.attempts, c.first_at, c.last_at, c.longest_wait, c.got_through_at)
        for c in found.callers
    }
    assert shown == callers
    assert [c.last_at for c in found.callers] == sorted(c[2] for c in callers.values())[::-1]


def walked(
    calls: list[Call], wanted: LostFilter
) -> tuple[dict[str, tuple[int, int, int, int, int | None]], int]:
    """The same by hand."""

    def mine(call: Call) -> bool:
        queues = {visit.queue for visit in call.visits}
        refs = wanted.queues
        return (
            wanted.pbx in (None, call.pbx)
            and (wanted.queue is None or wanted.queue in queues)
            and (refs is None or sees(call))
        )

    def sees(call: Call) -> bool:
        refs = wanted.queues
        return refs is None or any(
            ("", visit.queue) in refs or (call.pbx, visit.queue) in refs for visit in call.visits
        )

    by_caller = defaultdict(list)
    for call in calls:
        gone = call.closed and call.handled_by is None and call.verdict in LOST
        if gone and wanted.since <= call.arrived_at < wanted.until and mine(call):
            by_caller[call.caller].append(call)
    anonymous = len(by_caller.pop("anonymous", []))
    found: dict[str, tuple[int, int, int, int, int | None]] = {}
    for caller, own in by_caller.items():
        times = [call.arrived_at for call in own]
        through = [
            call.arrived_at
            for call in calls
            if call.caller == caller
            and call.arrived_at > max(times)
            and call.handled_by is not None
            and sees(call)
        ]
        longest = max(call.wait or 0 for call in own)
        found[caller] = len(own), min(times), max(times), longest, min(through, default=None)
    return found, anonymous


def test_who_gets_through_leaves_the_list_and_comes_back_when_lost_again(history: History) -> None:
    record = store(history, lost(1, "0601", START))
    assert one(record).open
    store(history, handled(2, "0601", START + HOUR, HandledBy.VOICE_SERVER))
    assert one(record).got_through_at == START + HOUR
    assert not one(record).open
    store(history, lost(3, "0601", START + 2 * HOUR, "sales"))
    assert one(record).open
    assert (one(record).attempts, one(record).queue) == (2, "sales")


def test_who_is_still_in_the_call_is_not_lost_yet(history: History) -> None:
    waiting = lost(1, "0601", START)
    waiting.verdict, waiting.closed, waiting.ended_at = Verdict.BREACHED, False, None
    assert store(history, waiting).all(RANGE).callers == []


def test_who_has_no_number_is_counted_and_not_listed(history: History) -> None:
    record = store(
        history,
        lost(1, "", START),
        lost(2, "anonymous", START),
        lost(3, "anonymous", START + 5),
        lost(4, "+33601", START),
    )
    found = record.all(RANGE)
    assert [caller.caller for caller in found.callers] == ["+33601"]
    assert found.anonymous == 3
    assert record.change("lab:1.1", ZOE, START, expected=0, status=Status.REACHED) is None


def test_what_was_done_is_kept_by_number_and_told_in_the_trail(history: History) -> None:
    record = store(history, lost(1, "0612345678", START), lost(2, "0612345678", START + HOUR))
    tried = record.change("lab:1.1", ZOE, START + 2 * HOUR, expected=0, status=Status.NO_ANSWER)
    assert tried is not None
    assert (tried.version, tried.tries, tried.by) == (1, 1, "zoé")
    again = record.change(
        "lab:2.1", ZOE, START + 3 * HOUR, expected=1, status=Status.NO_ANSWER, note="call at 5"
    )
    assert again is not None
    assert (again.version, again.tries) == (2, 2)
    assert one(record).call_back == again
    entries = AuditRecord(history).entries(AuditFilter(what="lost_caller_changed")).entries
    assert [entry.subject for entry in entries] == ["lab:2.1", "lab:1.1"]
    assert entries[0].before == {"status": "no_answer", "tries": 1}
    assert entries[0].after == {"status": "no_answer", "tries": 2, "note": "changed"}
    # The trail is never rewritten, so that nothing in it may have to be erased.
    assert "0612345678" not in repr(entries)
    assert "call at 5" not in repr(entries)


def test_only_the_version_that_was_read_is_changed(history: History) -> None:
    record = store(history, lost(1, "0601", START))
    record.change("lab:1.1", ZOE, START, expected=0, status=Status.IN_PROGRESS)
    for stale in (0, 2):
        with pytest.raises(CallBackConflictError) as refused:
            record.change("lab:1.1", ZOE, START, expected=stale, status=Status.REACHED)
        assert refused.value.current == 1
    assert one(record).call_back.status is Status.IN_PROGRESS


@pytest.mark.parametrize("done", [Status.REACHED, Status.DISMISSED])
def test_who_was_called_and_is_lost_again_is_to_be_called_again(
    history: History, done: Status
) -> None:
    record = store(history, lost(1, "0601", START))
    record.change("lab:1.1", ZOE, START + 1, expected=0, status=Status.NO_ANSWER)
    record.change("lab:1.1", ZOE, START + HOUR, expected=1, status=done, note="sent a letter")
    assert not one(record).open
    store(history, lost(2, "0601", START + 2 * HOUR))
    found = one(record)
    assert found.open
    assert (found.call_back.status, found.call_back.tries) == (Status.TO_CALL, 0)
    assert (found.call_back.note, found.call_back.version) == ("sent a letter", 2)


def test_calls_of_other_queues_are_not_there(history: History) -> None:
    record = store(history, lost(1, "0601", START, "sales"))
    seen = frozenset({("", "support")})
    assert record.all(LostFilter(RANGE.since, RANGE.until, queues=seen)).callers == []
    for call_id in ("lab:1.1", "lab:none"):
        done = record.change(call_id, ZOE, START, expected=0, note="x", queues=seen)
        assert done is None
    assert record.change("lab:1.1", ZOE, START, expected=0, note="x") is not None


def test_the_queue_that_is_shown_is_one_that_is_seen(history: History) -> None:
    call = lost(1, "0601", START)
    call.visits.append(Visit("sales", START + 20_000, 60_000, 1, START + 21_000, Exit.ABANDONED))
    record = store(history, call)
    assert one(record).queue == "sales"
    seen = frozenset({("", "support")})
    [found] = record.all(LostFilter(RANGE.since, RANGE.until, queues=seen)).callers
    assert found.queue == "support"


def test_a_handled_call_is_nobody_to_call(history: History) -> None:
    record = store(history, handled(1, "0601", START))
    assert record.all(RANGE).callers == []
    assert record.change("lab:1.1", ZOE, START, expected=0, status=Status.REACHED) is None
