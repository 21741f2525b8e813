"""Logged calls without a record are found by their answers."""

from monitor.core.clock import MINUTE, SECOND
from monitor.core.comparing import NEAR_SNAPSHOT
from monitor.core.logged import LoggedCall, LoggedVisit
from monitor.core.records import Exit, Visit
from monitor.history.orphans import Orphans

AT = 1_795_000_000 * SECOND


def orphan(uniqueid: str, answered_at: int, agent: str = "Alice") -> LoggedCall:
    visit = LoggedVisit("support", answered_at - SECOND, answered_at=answered_at, agent=agent)
    return LoggedCall(uniqueid, [visit])


def answered(at: int, queue: str = "support") -> Visit:
    return Visit(queue, at, MINUTE, exit=Exit.ANSWERED, agent="Alice", answered_at=at)


def orphans(*calls: LoggedCall) -> Orphans:
    found = Orphans()
    for call in calls:
        found.add(call)
    return found


def test_all_answers_that_may_be_one_are_found_and_no_others() -> None:
    spread = range(-6 * SECOND, 6 * SECOND, 250)
    known = orphans(*(orphan(str(n), AT + apart) for n, apart in enumerate(spread)))
    near = [str(n) for n, apart in enumerate(spread) if abs(apart) <= NEAR_SNAPSHOT]
    for later in range(4):  # wherever the moment lies in its slice
        moved = orphans(
            *(orphan(str(n), AT + later * SECOND + apart) for n, apart in enumerate(spread))
        )
        assert list(moved.with_answer(answered(AT + later * SECOND))) == near
    assert list(known.with_answer(answered(AT, "sales"))) == []


def test_they_come_in_the_order_of_the_log() -> None:
    known = orphans(orphan("2", AT + SECOND), orphan("1", AT - SECOND))
    assert list(known.with_answer(answered(AT))) == ["2", "1"]


def test_one_that_was_taken_out_or_answered_by_another_is_not_found() -> None:
    known = orphans(orphan("1", AT), orphan("2", AT, agent="Bob"), orphan("3", AT))
    del known.calls["1"]
    assert list(known.with_answer(answered(AT))) == ["3"]
    known.clear()
    assert list(known.with_answer(answered(AT))) == []
