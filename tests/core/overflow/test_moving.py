"""Whom the PBX is told to move, and what keeps a rule from it."""

from dataclasses import replace

import pytest

from monitor.core import events as ev
from monitor.core.overflow.decisions import (
    Asker,
    ChangePriority,
    Outcome,
    RedirectChannel,
    Verb,
    WithdrawCaller,
)
from monitor.core.overflow.engine import Switch
from monitor.core.overflow.rules import (
    Condition,
    Destination,
    Metric,
    OverflowRule,
    Prioritise,
    Redirect,
    Withdraw,
)
from monitor.core.overflow.words import sentence
from monitor.core.policy import VoiceServer
from tests.core.overflow.centre import (
    NO,
    TO_SECOND,
    Centre,
    at_least,
    at_most,
    becauses,
    crowd,
    held_back,
    withdraw,
)
from tests.core.story import CALLER, PBX, POLICY, ms

OTHER = "1763718000.2"
SOON = at_least(Metric.WAITED_IN_QUEUE, 10_000)


def to(queue: str) -> Withdraw:
    return Withdraw(Destination(f"to-{queue}", "s", 1, queue))


def names(centre: Centre) -> list[str]:
    return [command.call_id.partition(":")[2] for command in centre.commands]


# --- limits ---------------------------------------------------------------------------------------


def test_the_rate_cap_holds_in_each_window_and_whoever_waits_longest_comes_first() -> None:
    centre = Centre(withdraw(at_most=3, per=10_000)).member(0)
    callers = crowd(centre, 10, at=1)
    centre.until(10.9)
    assert names(centre) == callers[:3]
    centre.until(35)
    assert names(centre) == callers
    moments = [command.issued_at for command in centre.commands]
    assert all(
        after - before >= 10_000 for before, after in zip(moments, moments[3:], strict=False)
    )
    assert len(held_back(centre.decisions)) == 7  # once for each, however long it lasts
    assert sentence(held_back(centre.decisions)[0]) == (
        "Not moved to second by rule help: 3 of 3 moves used in 10 s."
    )


def test_the_rate_cap_is_for_each_pbx() -> None:
    rule = withdraw(at_most=1)
    centre = Centre(rule).member(0).waits(0)
    for event in (
        ev.PbxSnapshot("north", ms(0)),
        ev.LinkChanged("north", ms(0), ev.LinkState.CONNECTED),
        ev.QueueJoined("north", ms(1), "5.1", "support", 1, channel="PJSIP/x-1"),
    ):
        centre.say(event)
    assert [command.pbx for command in centre.commands] == [PBX, "north"]


def test_one_command_at_a_time_and_a_cool_down_after() -> None:
    rules = [
        withdraw(id_="a", priority=1, cool_down=60_000),
        withdraw(id_="b", action=Prioritise(5)),
    ]
    centre = Centre(*rules).member(0).waits(0)
    assert [command.rule_id for command in centre.commands] == ["a"]
    assert becauses(held_back(centre.decisions)[0]) == ["in_flight"]
    centre.answers().until(59.999)
    assert centre.outcomes == [Outcome.STILL_WAITING]
    assert becauses(held_back(centre.decisions)[1]) == ["cool_down"]
    assert len(centre.commands) == 1
    centre.until(60)
    assert len(centre.commands) == 2


def test_after_a_command_that_failed_another_rule_may_help_at_once() -> None:
    rules = [withdraw(id_="a", priority=1), withdraw(id_="b", action=Prioritise(5))]
    centre = Centre(*rules).member(0).waits(0).answers(NO).until(5)
    assert centre.outcomes == [Outcome.FAILED, Outcome.PENDING]
    assert centre.orders[1:] == [ChangePriority("support", centre.call().channel, 5)]


def test_a_command_that_failed_is_not_given_again_by_the_same_rule() -> None:
    centre = Centre(withdraw()).member(0).waits(0).answers(NO).until(300)
    assert centre.outcomes == [Outcome.FAILED]


def test_a_caller_is_moved_no_more_often_than_allowed_by_all_rules_together() -> None:
    later = at_least(Metric.WAITED_IN_QUEUE, 5_000)
    on = withdraw(later, id_="on", cool_down=0, action=to("third"), queues=("second",), hops=1)
    centre = Centre(withdraw(cool_down=0), on).member(0).member(0, "third").waits(0).answers()
    centre.withdrawn(1)
    centre.joins(2, "second")
    centre.until(60)
    assert len(centre.commands) == 1
    assert becauses(centre.decisions[-1]) == ["condition", "hops"]
    assert "was moved 1 times already, 1 at most" in sentence(centre.decisions[-1])


# --- targets --------------------------------------------------------------------------------------


def both_ways(*conditions: Condition) -> tuple[OverflowRule, OverflowRule]:
    back = withdraw(*conditions, id_="back", action=to("support"), queues=("second",))
    return withdraw(*conditions), back


def test_a_caller_is_not_sent_back_to_where_they_were() -> None:
    back = withdraw(SOON, id_="back", action=to("support"), queues=("second",), cool_down=0)
    centre = Centre(withdraw(cool_down=0), back).member(0).member(0, "support").waits(0).answers()
    centre.withdrawn(1)
    centre.joins(2, "second")
    centre.until(60)
    assert len(centre.commands) == 1
    assert becauses(centre.decisions[-1]) == ["condition", "loop"]
    assert "a loop, the caller was in support already" in sentence(centre.decisions[-1])


def test_two_queues_whose_rules_lead_to_each_other_send_nobody() -> None:
    centre = Centre(*both_ways()).member(0).member(0, "support").waits(0)
    centre.until(60)
    assert centre.commands == []
    assert becauses(centre.decisions[-1]) == ["loop"]
    assert "rule back leads back from second" in sentence(centre.decisions[-1])


def test_a_way_back_over_a_third_queue_is_a_loop_too() -> None:
    ring = [
        withdraw(id_=f"{here}-{there}", action=to(there), queues=(here,))
        for here, there in (("support", "second"), ("second", "third"), ("third", "support"))
    ]
    centre = Centre(*ring).member(0)
    for queue in ("support", "third"):
        centre.member(0, queue)
    centre.waits(0)
    assert [becauses(decision) for decision in centre.decisions] == [["loop"]]


def test_a_target_whose_own_rule_would_send_the_caller_on_is_no_target() -> None:
    on = withdraw(at_least(Metric.WAITING, 3), id_="on", action=to("third"), queues=("second",))
    centre = Centre(withdraw(), on).member(0).member(0, "third").member(0, "second", "PJSIP/b")
    for number in range(3):
        centre.waits(0, f"9.{number}", "second")
    centre.done.clear()
    centre.waits(1)
    assert [becauses(decision) for decision in centre.decisions] == [["target_overflows"]]
    assert "second is overflowing itself, by rule on" in sentence(centre.decisions[0])
    for number in range(3):
        centre.gives_up(5, "second", f"9.{number}").hangs_up(5, f"9.{number}")
    centre.until(6)
    assert names(centre) == [CALLER]


def test_callers_on_their_way_count_in_the_target_until_it_is_known_what_came_of_them() -> None:
    on = withdraw(at_least(Metric.WAITING, 2), id_="on", action=to("third"), queues=("second",))
    centre = Centre(withdraw(), on).member(0).member(0, "third")
    callers = crowd(centre, 3)
    assert names(centre) == callers[:2]
    assert becauses(centre.decisions[-1]) == ["target_overflows"]
    centre.answers(NO, 0).answers(NO, 1).until(5)
    centre.member(6, "second", "PJSIP/b").until(10)
    assert names(centre) == callers


def test_a_caller_would_be_the_last_in_the_target() -> None:
    on = withdraw(at_least(Metric.POSITION, 3), id_="on", action=to("third"), queues=("second",))
    centre = Centre(withdraw(), on).member(0).member(0, "third")
    centre.waits(0, "9.1", "second").waits(0, "9.2", "second").waits(1)
    assert [becauses(decision) for decision in centre.decisions] == [["target_overflows"]]


def test_a_target_that_a_person_has_overflow_is_no_target() -> None:
    on = withdraw(at_least(Metric.WAITING, 99), id_="on", action=to("third"), queues=("second",))
    centre = Centre(withdraw(), on).member(0).member(0, "third")
    centre.done += centre.overflow.force("on", on=True, by="lea", now=centre.now)
    centre.waits(1)
    assert [becauses(decision) for decision in centre.decisions] == [["target_overflows"]]


def test_a_rule_of_the_target_whose_time_has_not_come_is_no_reason() -> None:
    on = withdraw(
        at_most(Metric.TIME_LEFT, 10_000), id_="on", action=to("third"), queues=("second",)
    )
    centre = Centre(withdraw(), on).member(0).member(0, "third").waits(0)
    assert names(centre) == [CALLER]


def test_an_empty_target_is_looked_at_again_when_somebody_logs_in() -> None:
    centre = Centre(withdraw()).member(0, device=ev.DeviceState.UNAVAILABLE).waits(0).until(20)
    assert [becauses(decision) for decision in centre.decisions] == [["target_empty"]]
    centre.member(21).until(22)
    assert names(centre) == [CALLER]


def test_a_destination_without_a_queue_is_not_checked() -> None:
    centre = Centre(withdraw(action=Withdraw(Destination("closed")))).waits(0)
    assert centre.orders == [WithdrawCaller("support", centre.call().channel, "closed,s,1")]


def test_a_rule_for_all_queues_moves_nobody_into_the_queue_they_are_in() -> None:
    centre = Centre(withdraw(queues=("*",))).member(0).waits(0, queue="second").until(60)
    assert centre.decisions == []


# --- people ---------------------------------------------------------------------------------------


def test_nothing_is_begun_with_the_switch_off_and_all_goes_on_after() -> None:
    centre = Centre(withdraw(SOON)).member(0).waits(0, OTHER).waits(1)
    centre.until(4)
    centre.done += centre.overflow.turn(Switch(on=False, by="lea"), centre.now)
    assert centre.until(60).decisions == []
    centre.done += centre.overflow.turn(Switch(on=True, by="lea"), centre.now)
    assert names(centre.until(61)) == [OTHER, CALLER]


def test_a_command_that_was_issued_is_not_sent_once_the_switch_is_off() -> None:
    centre = Centre(withdraw()).member(0).waits(0)
    centre.done += centre.overflow.turn(Switch(on=False, by="lea"), centre.now)
    assert not centre.overflow.still_allowed(centre.commands[0])


def test_a_person_has_a_rule_act_whatever_its_conditions_say_or_rest() -> None:
    centre = Centre(withdraw(at_most(Metric.TIME_LEFT, 1_000))).member(0).waits(0, OTHER).waits(1)
    centre.done += centre.overflow.force("help", on=False, by="lea", now=centre.now)
    assert centre.until(70).decisions == []
    centre.done += centre.overflow.force("help", on=True, by="lea", now=centre.now)
    assert names(centre) == [OTHER, CALLER]
    decision = centre.decisions[0]
    assert (decision.asked_by, decision.by, becauses(decision)) == (
        Asker.PERSON, "lea", ["forced", "rate_cap"],
    )  # fmt: skip


def test_a_rule_in_dry_run_decides_once_for_each_and_does_nothing() -> None:
    centre = Centre(withdraw(SOON, dry_run=True), withdraw(id_="act", priority=200))
    centre.member(0).waits(0).until(60)
    assert [(d.rule_id, d.dry_run) for d in centre.decisions if not d.held_back] == [
        ("act", False),
        ("help", True),
    ]
    assert [command.rule_id for command in centre.commands] == ["act"]


def test_a_rule_that_is_changed_while_callers_wait_is_in_force_at_once() -> None:
    centre = Centre().member(0).waits(0).until(30)
    centre.done += centre.overflow.set_rules((withdraw(SOON),), centre.now)
    assert names(centre) == [CALLER]
    centre.done += centre.overflow.set_rules((), centre.now)
    centre.waits(31, OTHER)
    assert names(centre.until(90)) == [CALLER]


def test_a_clock_of_the_monitor_that_is_set_changes_no_span() -> None:
    centre = Centre(withdraw(at_most=1, per=20_000)).member(0).waits(0, OTHER).waits(1)
    centre.until(10)
    centre.overflow.clock_moved(3_600_000)
    centre.engine.clock_moved(3_600_000, centre.now + 3_600_000)
    centre.offset = 3_600_000
    centre.now += 3_600_000
    assert names(centre.until(19.999)) == [OTHER]
    assert names(centre.until(20)) == [OTHER, CALLER]


# --- callers who cannot be moved ------------------------------------------------------------------


def test_nobody_is_told_about_while_the_pbx_is_not_seen() -> None:
    centre = Centre(withdraw(SOON)).member(0).waits(0).lost(2).until(60)
    assert centre.decisions == []


def test_a_caller_in_whose_place_a_leg_waits_is_left_alone() -> None:
    centre = Centre(withdraw(SOON)).member(0)
    centre.arrives(0)
    centre.say(ev.QueueJoined(PBX, ms(0), CALLER, "support", 1, logged_as="1763718000.7"))
    centre.until(60)
    assert centre.commands == []
    assert [becauses(decision)[-1] for decision in centre.decisions] == ["unknown_caller"]


def test_a_caller_who_is_answered_in_time_is_left_alone() -> None:
    centre = Centre(withdraw(SOON)).member(0).waits(0)
    centre.rings(1)
    centre.connects(2)
    assert centre.until(300).decisions == []


# --- voice servers --------------------------------------------------------------------------------

IVR = replace(POLICY, voice_servers=(VoiceServer("welcome", ("ivr", "menu")),))


def redirect(*conditions: Condition, **more: object) -> OverflowRule:
    given = {"action": Redirect(TO_SECOND), "voice_servers": ("wel*",), "queues": ("*",), **more}
    return withdraw(*conditions, **given)  # type: ignore[arg-type]


def in_ivr(*conditions: Condition, **more: object) -> Centre:
    centre = Centre(redirect(*conditions, **more), policy=IVR).member(0)
    centre.arrives(0)
    centre.steps(1, "ivr")
    return centre


def redirected(centre: Centre, at: float) -> None:
    centre.say(ev.DialplanStep(PBX, ms(at), CALLER, "to-second", "s", "NoOp"))


def test_a_caller_in_a_voice_server_is_redirected_and_seen_to_be_there() -> None:
    centre = in_ivr(at_least(Metric.WAITED, 20_000)).until(19.999)
    assert centre.commands == []
    assert centre.until(20).issued_at() == [20]
    assert centre.orders == [RedirectChannel(centre.call().channel, "to-second", "s", 1)]
    assert centre.decisions[0].verb is Verb.MOVE
    redirected(centre.answers(), 21)
    assert centre.outcomes == [Outcome.MOVED]
    centre.joins(22, "second")
    centre.connects(23, "second")
    assert centre.outcomes == [Outcome.MOVED]


def test_a_redirect_whose_place_leads_on_at_once_is_seen_by_the_queue_it_leads_into() -> None:
    centre = in_ivr().answers()
    centre.steps(2, "elsewhere")
    assert centre.outcomes == [Outcome.PENDING]
    centre.joins(3, "second")
    assert centre.outcomes == [Outcome.MOVED]


def test_a_redirect_looks_at_the_queue_it_names_or_at_its_target() -> None:
    named = in_ivr(at_least(Metric.WAITING, 1), queues=("support",))
    assert named.commands == []
    named.waits(2, OTHER)
    assert names(named) == [CALLER]
    target = in_ivr(at_most(Metric.WAITING, 0))
    assert names(target) == [CALLER]


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ("hangs up", Outcome.LEFT_MEANWHILE),
        ("goes on by themselves", Outcome.MOVED),
        ("stays", Outcome.STILL_WAITING),
        ("is refused", Outcome.FAILED),
        ("talks", Outcome.ANSWERED_MEANWHILE),
        ("is lost", Outcome.NOT_OBSERVED),
    ],
)
def test_what_came_of_a_redirect(step: str, outcome: Outcome) -> None:
    centre = in_ivr()
    centre.answers(NO) if step == "is refused" else centre.answers()
    if step == "hangs up":
        centre.hangs_up(2)
    elif step == "goes on by themselves":
        centre.steps(2, "elsewhere")
    elif step == "talks":
        centre.in_bridge(2, CALLER, centre.call().channel)
        centre.in_bridge(2, "1763718000.9", "PJSIP/anna-0001")
    elif step == "is lost":
        centre.lost(2)
    assert centre.until(60).outcomes[0] is outcome


@pytest.mark.parametrize("step", ["queue", "agent", "elsewhere", "gone"])
def test_a_redirect_is_allowed_only_while_the_caller_is_in_the_voice_server(step: str) -> None:
    centre = in_ivr()
    command = centre.commands[0]
    assert centre.overflow.still_allowed(command)
    if step == "queue":
        centre.joins(2)
    elif step == "agent":
        centre.in_bridge(2, CALLER, centre.call().channel)
        centre.in_bridge(2, "1763718000.9", "PJSIP/anna-0001")
    elif step == "elsewhere":
        centre.steps(2, "elsewhere")
    else:
        centre.hangs_up(2)
    assert not centre.overflow.still_allowed(command)


def test_whoever_waits_in_a_queue_is_not_redirected() -> None:
    centre = in_ivr(at_least(Metric.WAITED, 20_000))
    centre.joins(10)
    assert centre.until(60).decisions == []


def test_another_voice_server_is_not_watched() -> None:
    assert in_ivr(voice_servers=("other",)).until(60).decisions == []
