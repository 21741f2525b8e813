"""Visits of the record and of the queue log: which is which, and when they began."""

from monitor.core.clock import SECOND
from monitor.core.comparing import Explanation, Sight
from monitor.core.logged import LoggedCall, LoggedVisit
from monitor.core.policy import Policy, Rules
from monitor.core.reconciling import reconcile
from monitor.core.records import Call, Exit, Fact, FactKind, Observed, Visit
from monitor.core.recovery import Assumptions

ARRIVED = 1_795_000_000_595
UNIQUEID = "pbx-1795000000.42"


def at(seconds: float) -> int:
    return ARRIVED // SECOND * SECOND + round(seconds * SECOND)


def test_two_visits_to_one_queue_in_one_second_are_not_confused() -> None:
    """Redirected back into the queue at once; how the second wait ended was not observed.

    Its joining at 1.468 is logged as 1, which is nearer to the first joining, at 0.597.
    """
    record = Call("lab", UNIQUEID, ARRIVED, closed=True, observed=Observed.PARTIAL)
    record.clock_started_at = ARRIVED
    record.facts.append(Fact(ARRIVED, FactKind.ARRIVED, {}))
    record.visits = [
        Visit("sales", at(0.597), 60_000, left_at=at(1.464), exit=Exit.REDIRECTED),
        Visit("sales", at(1.468), 60_000, exit=Exit.UNKNOWN),
    ]
    told = LoggedCall(
        UNIQUEID,
        [
            LoggedVisit("sales", at(0), left_at=at(1), exit=Exit.ABANDONED),
            LoggedVisit(
                "sales", at(1), left_at=at(4), exit=Exit.ANSWERED, agent="Anna",
                answered_at=at(4), ended_at=at(9), ended_by="caller",
            ),
        ],
        at(9),
    )  # fmt: skip
    blind = Sight(ARRIVED - 60_000, [(at(1.8), at(12))])

    found = reconcile("lab", record, told, blind, Assumptions(Rules(Policy())))

    assert found.after is not None
    assert [(visit.exit, visit.agent) for visit in found.after.visits] == [
        (Exit.REDIRECTED, ""),
        (Exit.ANSWERED, "Anna"),
    ]
    assert Explanation.UNEXPLAINED not in {one.explanation for one in found.differences}


def test_a_visit_of_which_only_the_answer_was_seen_began_when_the_log_says() -> None:
    """The answer came during the resync, 1.5 s after the joining: less than snapshots tell."""
    record = Call("lab", UNIQUEID, at(0.5), closed=True, observed=Observed.PARTIAL)
    record.clock_started_at = record.arrived_at
    record.facts.append(Fact(record.arrived_at, FactKind.FOUND, {}))
    record.visits = [
        Visit(
            "sales", at(1.614), 60_000, left_at=at(1.614), exit=Exit.ANSWERED, agent="Anna",
            answered_at=at(1.614), ended_at=at(2.1),
        )
    ]  # fmt: skip
    told = LoggedVisit(
        "sales", at(0), left_at=at(1), exit=Exit.ANSWERED, agent="Anna",
        answered_at=at(1), ended_at=at(2), ended_by="agent",
    )  # fmt: skip
    blind = Sight(ARRIVED - 60_000, [(at(-5), at(1.6))])
    logged = LoggedCall(UNIQUEID, [told], at(2))

    found = reconcile("lab", record, logged, blind, Assumptions(Rules(Policy())))

    assert found.after is not None
    (visit,) = found.after.visits
    assert (visit.joined_at, visit.answered_at, visit.blur) == (at(0), at(1.614), SECOND)


def test_a_caller_who_came_back_twice_unseen_waited_three_times_in_this_order() -> None:
    """Answered and passed on into the same queue, and again: only the first joining was seen."""
    record = Call("lab", UNIQUEID, ARRIVED, closed=True, observed=Observed.PARTIAL)
    record.clock_started_at = ARRIVED
    record.facts.append(Fact(ARRIVED, FactKind.ARRIVED, {}))
    record.visits = [Visit("sales", at(0.65), 60_000, exit=Exit.UNKNOWN)]
    agents = ["Anna", "Bob", "Carol"]
    told = [
        LoggedVisit(
            "sales", at(2 * n), left_at=at(2 * n + 1), exit=Exit.ANSWERED, agent=agent,
            answered_at=at(2 * n + 1), ended_at=at(2 * n + 2), ended_by="transfer",
        )
        for n, agent in enumerate(agents)
    ]  # fmt: skip
    blind = Sight(ARRIVED - 60_000, [(at(0.7), at(30))])
    logged = LoggedCall(UNIQUEID, told, at(6))

    found = reconcile("lab", record, logged, blind, Assumptions(Rules(Policy())))

    assert found.after is not None
    assert [visit.agent for visit in found.after.visits] == agents
    joined = [visit.joined_at for visit in found.after.visits]
    assert joined == sorted(joined)


def test_a_visit_that_is_added_stands_where_the_log_has_it() -> None:
    """Both joinings lie in one second; the recorded one, seen at 0.65, is the earlier."""
    record = Call("lab", UNIQUEID, ARRIVED, closed=True, observed=Observed.PARTIAL)
    record.clock_started_at = ARRIVED
    record.facts.append(Fact(ARRIVED, FactKind.ARRIVED, {}))
    record.visits = [Visit("support", at(0.65), 60_000, exit=Exit.UNKNOWN)]
    told = [
        LoggedVisit("support", at(0), left_at=at(0), exit=Exit.ABANDONED),
        LoggedVisit("sales", at(0), left_at=at(2), exit=Exit.ABANDONED),
    ]
    blind = Sight(ARRIVED - 60_000, [(at(0.7), at(30))])

    found = reconcile(
        "lab", record, LoggedCall(UNIQUEID, told, at(2)), blind, Assumptions(Rules(Policy()))
    )

    assert found.after is not None
    assert [visit.queue for visit in found.after.visits] == ["support", "sales"]
