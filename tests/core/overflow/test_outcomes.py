"""Each command gets the outcome that was observed, and a late event corrects it."""

from collections.abc import Callable

import pytest

from monitor.core import events as ev
from monitor.core.overflow.decisions import Answer, ChangePriority, Outcome
from monitor.core.overflow.rules import Metric, Prioritise
from monitor.core.records import FactKind
from tests.core.overflow.centre import NO, YES, Centre, at_least, withdraw
from tests.core.story import CALLER, PBX, ms

LOST = Answer(accepted=None, text="the link was lost")
UNSENT = Answer(accepted=None, text="not connected", sent=False)
OTHER = "1763718000.2"


def issued(cool_down: int = 30_000) -> Centre:
    """A withdrawal was issued at 15 s, for the second in line."""
    rule = withdraw(at_least(Metric.WAITED, 16_000), cool_down=cool_down)
    centre = Centre(rule).member(0).waits(-1, OTHER).waits(0).until(15)
    return only_of_caller(centre)


def only_of_caller(centre: Centre) -> Centre:
    centre.done = [effect for effect in centre.done if CALLER in str(effect)]
    assert len(centre.commands) == 1
    return centre


def last(centre: Centre) -> Outcome:
    return centre.commands[0].outcome


Act = Callable[[Centre], object]

ROWS: list[tuple[str, Act, Outcome]] = [
    ("moved", lambda c: c.answers().withdrawn(16), Outcome.MOVED),
    ("moved before the answer", lambda c: c.withdrawn(15.1).answers(), Outcome.MOVED),
    ("moved late", lambda c: c.answers().withdrawn(40), Outcome.MOVED),
    ("answered", lambda c: c.answers().connects(16), Outcome.ANSWERED_MEANWHILE),
    ("answered before", lambda c: (c.connects(15.1), c.answers(NO)), Outcome.ANSWERED_MEANWHILE),
    ("refused, then seen to be answered", lambda c: c.answers(NO).connects(15.1),
     Outcome.ANSWERED_MEANWHILE),
    ("refused, then seen to be gone",
     lambda c: (c.answers(NO), c.gives_up(15.2), c.hangs_up(15.2)), Outcome.LEFT_MEANWHILE),
    ("hung up", lambda c: (c.answers(), c.gives_up(16), c.hangs_up(16)), Outcome.LEFT_MEANWHILE),
    ("timed out", lambda c: (c.answers(), c.gives_up(16), c.status(16, "TIMEOUT")),
     Outcome.LEFT_MEANWHILE),
    ("left by a key", lambda c: (c.answers(), c.leaves(16), c.steps(16, "menu")),
     Outcome.LEFT_MEANWHILE),
    ("refused", lambda c: c.answers(NO).until(17), Outcome.FAILED),
    ("not sent", lambda c: c.answers(UNSENT).until(17), Outcome.FAILED),
    ("still there", lambda c: c.answers().until(60), Outcome.STILL_WAITING),
    ("never answered", lambda c: c.until(60), Outcome.NOT_OBSERVED),
    ("lost", lambda c: c.answers(LOST), Outcome.NOT_OBSERVED),
    ("link lost", lambda c: c.lost(16), Outcome.NOT_OBSERVED),
    ("link lost, answer later", lambda c: c.lost(16).answers(), Outcome.NOT_OBSERVED),
]  # fmt: skip


@pytest.mark.parametrize(("act", "outcome"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS])
def test_what_came_of_a_withdrawal(act: Act, outcome: Outcome) -> None:
    centre = issued()
    act(centre)
    command = centre.commands[0]
    assert command.outcome is outcome
    assert command.observed_at is not None
    told = [f.detail["outcome"] for f in centre.call().facts if f.kind is FactKind.OVERFLOW_OUTCOME]
    assert told == [outcome.value]
    assert not centre.overflow.still_allowed(command)


@pytest.mark.parametrize("first", [YES, LOST])
def test_an_effect_that_comes_after_the_time_limit_corrects_the_outcome(first: Answer) -> None:
    centre = issued(cool_down=90_000).answers(first).until(46)
    assert last(centre) in {Outcome.STILL_WAITING, Outcome.NOT_OBSERVED}
    centre.withdrawn(47)
    assert last(centre) is Outcome.MOVED
    facts = [f for f in centre.call().facts if f.kind is FactKind.OVERFLOW_OUTCOME]
    assert facts[-1].detail["previous"] == facts[0].detail["outcome"]


def test_whoever_is_answered_long_after_a_refusal_was_not_answered_meanwhile() -> None:
    centre = issued().answers(NO).until(30)
    centre.connects(31)
    assert last(centre) is Outcome.FAILED


def test_a_wait_is_given_a_round_of_ringing_and_ten_seconds() -> None:
    centre = issued().answers().until(44.999)
    assert last(centre) is Outcome.PENDING
    assert last(centre.until(45)) is Outcome.STILL_WAITING


def test_the_resync_may_settle_what_was_not_observed() -> None:
    centre = issued().answers().lost(16)
    channel = ev.ChannelSeen(
        CALLER, CALLER, centre.call().channel, "to-second", "s", "Queue", "", "", 20_000, ""
    )
    entry = ev.EntrySeen(CALLER, 1, 2_000)
    snapshot = ev.PbxSnapshot(PBX, ms(20), (channel,), (ev.QueueSeen("second", (entry,)),))
    buffered = [
        ev.QueueGivenUp(PBX, ms(18), CALLER, "support"),
        ev.QueueLeft(PBX, ms(18), CALLER, "support"),
        ev.QueueStatusSet(PBX, ms(18), CALLER, "WITHDRAW"),
        ev.QueueJoined(PBX, ms(18), CALLER, "second", 1),
    ]
    centre.resync(snapshot, *buffered)
    assert [visit.exit for visit in centre.call().visits] == ["withdrawn", None]
    assert last(centre) is Outcome.MOVED


def test_nothing_is_sent_again_after_a_link_was_lost() -> None:
    centre = issued().answers(LOST).lost(16)
    channel = ev.ChannelSeen(
        CALLER, CALLER, centre.call().channel, "incoming", "s", "Queue", "", "", 20_000, ""
    )
    queue = ev.QueueSeen("support", (ev.EntrySeen(CALLER, 1, 20_000),))
    centre.resync(ev.PbxSnapshot(PBX, ms(20), (channel,), (queue,))).until(300)
    assert len([c for c in centre.commands if c.call_id == f"{PBX}:{CALLER}"]) == 1
    assert centre.call().visit is not None


def test_who_still_waits_after_a_withdrawal_that_was_taken_is_decided_for_anew() -> None:
    centre = issued().answers().until(100)
    mine = [c for c in centre.commands if c.call_id == f"{PBX}:{CALLER}"]
    assert [(c.issued_at - ms(0)) / 1000 for c in mine] == [15, 45]


def test_an_answer_told_twice_or_of_another_pbx_changes_nothing() -> None:
    centre = issued()
    command = centre.commands[0]
    assert centre.overflow.answered("elsewhere", command.id, NO, centre.now) == []
    assert centre.overflow.answered(PBX, "unknown", NO, centre.now) == []
    centre.answers(YES)
    assert centre.overflow.answered(PBX, command.id, NO, centre.now) == []
    assert command.accepted is True


PRIORITY: list[tuple[Act, Outcome]] = [
    (lambda c: c.answers(), Outcome.DONE),
    (lambda c: c.answers(NO).until(17), Outcome.FAILED),
    (lambda c: c.answers(LOST), Outcome.NOT_OBSERVED),
    (lambda c: c.until(99), Outcome.NOT_OBSERVED),
    (lambda c: c.lost(16), Outcome.NOT_OBSERVED),
]


@pytest.mark.parametrize(("act", "outcome"), PRIORITY)
def test_what_came_of_a_priority(act: Act, outcome: Outcome) -> None:
    rule = withdraw(at_least(Metric.WAITED, 15_000), action=Prioritise(10))
    centre = only_of_caller(Centre(rule).member(0).waits(0).until(15))
    act(centre)
    assert last(centre) is outcome
    assert centre.until(200).orders == [ChangePriority("support", centre.call().channel, 10)]


@pytest.mark.parametrize(
    "act",
    [
        lambda c: c.connects(15.1),
        lambda c: c.leaves(15.1),
        lambda c: (c.gives_up(15.1), c.hangs_up(15.1)),
        lambda c: c.lost(15.1),
    ],
)
def test_a_command_is_allowed_only_while_the_caller_still_waits(act: Act) -> None:
    centre = issued()
    assert centre.overflow.still_allowed(centre.commands[0])
    act(centre)
    assert not centre.overflow.still_allowed(centre.commands[0])
