"""Lasting actions go on and off with their rule, and leave nothing behind."""

import pytest

from monitor.core import events as ev
from monitor.core.effects import CommandIssued
from monitor.core.overflow.decisions import (
    AddMember,
    Answer,
    ChangeLamp,
    ChangePenalty,
    Order,
    Outcome,
    PutDatabase,
    RemoveMember,
    SetGlobal,
    Standing,
    Verb,
)
from monitor.core.overflow.engine import Switch
from monitor.core.overflow.rules import (
    Action,
    AddMembers,
    Condition,
    Helper,
    Metric,
    OverflowRule,
    SetDatabase,
    SetLamp,
    SetPenalty,
    SetVariable,
)
from tests.core.overflow.centre import (
    NO,
    YES,
    Centre,
    at_least,
    becauses,
    crowd,
)
from tests.core.story import PBX, ms

BERT, CARLA = "PJSIP/bert", "PJSIP/carla"
BUSY = at_least(Metric.WAITING, 3, release_below=2)
HELPERS = AddMembers((Helper(BERT, "Bert", 5), Helper(CARLA)))
ADD = [AddMember("support", BERT, "Bert", 5), AddMember("support", CARLA)]
REMOVE = [RemoveMember("support", BERT), RemoveMember("support", CARLA)]


def lasting(action: Action = HELPERS, *conditions: Condition, **more: object) -> OverflowRule:
    given = {"id": "more", "queues": ("support",), "cool_down": 10_000, **more}
    return OverflowRule(action=action, conditions=conditions or (BUSY,), **given)  # type: ignore[arg-type]


def busy(*rules: OverflowRule, seconds: float = 5) -> Centre:
    """Three callers wait."""
    centre = Centre(*rules).member(0, "support")
    crowd(centre, 3, 1)
    return centre.until(seconds)


def says_yes(centre: Centre, at: float) -> Centre:
    """The PBX does all that it was told and has not answered yet, and its events say so."""
    for number, command in enumerate(centre.commands):
        if command.answered_at is not None:
            continue
        if isinstance(command.order, AddMember):
            centre.member(at, "support", command.order.interface)
        elif isinstance(command.order, RemoveMember):
            centre.member_gone(at, command.order.interface, "support")
        centre.answers(YES, number)
    return centre


def calm(centre: Centre, at: float, left: int = 0) -> Centre:
    """The callers hang up, but for some."""
    waiting = list(centre.engine.snapshot().queues[PBX, "support"].waiting)
    for uniqueid in waiting[left:]:
        centre.gives_up(at, "support", uniqueid).hangs_up(at, uniqueid)
    return centre


def undo_of(centre: Centre) -> list[list[Order]]:
    return [list(standing.undo) for standing in centre.overflow.standing]


def test_helpers_join_when_many_wait_and_leave_when_few_do() -> None:
    centre = says_yes(busy(lasting()), 6)
    assert centre.orders == ADD
    assert undo_of(centre) == [REMOVE]
    calm(centre, 20, left=2).until(40)
    assert centre.orders == ADD  # two still wait: not below the release
    calm(centre, 41, left=1)
    assert centre.orders == ADD + REMOVE
    says_yes(centre, 42)
    assert centre.overflow.standing == ()
    assert [on for _, on in centre.stood].count(False) == 1
    assert [decision.verb for decision in centre.decisions] == [Verb.TURN_ON, Verb.TURN_OFF]
    assert centre.outcomes == [Outcome.DONE] * 4


def test_what_undoes_it_is_said_before_the_first_order() -> None:
    centre = busy(lasting())
    issued = [effect for effect in centre.done if isinstance(effect, CommandIssued)]
    assert [effect.standing for effect in issued] == [centre.overflow.standing[0]] * 2
    first = next(n for n, effect in enumerate(centre.done) if isinstance(effect, CommandIssued))
    stood = next(n for n, effect in enumerate(centre.done) if hasattr(effect, "on"))
    assert stood < first


def test_it_stays_on_and_off_for_the_cool_down() -> None:
    centre = says_yes(busy(lasting()), 5.1)
    calm(centre, 6).until(10)
    assert centre.orders == ADD
    centre.until(12)
    assert centre.orders == ADD + REMOVE
    says_yes(centre, 12)
    crowd(centre, 3, 13, first=200)
    centre.until(20)
    assert centre.orders == ADD + REMOVE
    centre.until(23)
    assert centre.orders == ADD + REMOVE + ADD


ACTIONS: list[tuple[Action, Order, Order]] = [
    (SetVariable("CROWDED"), SetGlobal("CROWDED", "1"), SetGlobal("CROWDED", "0")),
    (
        SetDatabase("flags", "crowded", "yes"),
        PutDatabase("flags", "crowded", "yes"),
        PutDatabase("flags", "crowded", ""),
    ),
    (SetLamp("crowd"), ChangeLamp("crowd", "INUSE"), ChangeLamp("crowd", "NOT_INUSE")),
    (
        SetPenalty(("PJSIP/*",), 4),
        ChangePenalty("support", "PJSIP/anna", 4),
        ChangePenalty("support", "PJSIP/anna", 0),
    ),
]


@pytest.mark.parametrize(("action", "on", "off"), ACTIONS)
def test_each_action_is_turned_on_and_undone(action: Action, on: Order, off: Order) -> None:
    centre = says_yes(busy(lasting(action)), 6)
    if isinstance(on, ChangePenalty):
        centre.member(6, "support", penalty=4)
    says_yes(calm(centre, 20), 21)
    assert centre.orders == [on, off]
    assert centre.overflow.standing == ()


def test_a_helper_who_is_there_already_is_left_alone_and_stays() -> None:
    centre = Centre(lasting()).member(0, "support", BERT)
    crowd(centre, 3, 1)
    says_yes(centre, 5)
    says_yes(calm(centre, 20), 21)
    assert centre.orders == [ADD[1], REMOVE[1]]


def test_a_helper_whom_the_pbx_refused_is_not_removed_later() -> None:
    centre = busy(lasting())
    centre.member(5, "support", CARLA)
    centre.answers(Answer(accepted=False, text="Already there"), 0).answers(YES, 1)
    assert undo_of(centre) == [[REMOVE[1]]]
    says_yes(calm(centre, 20), 21)
    assert centre.orders == [*ADD, REMOVE[1]]


def test_nothing_stands_when_the_pbx_refused_all_and_it_is_not_tried_over_and_over() -> None:
    centre = busy(lasting()).answers(NO, 0).answers(NO, 1)
    assert centre.overflow.standing == ()
    centre.until(300)
    assert centre.orders == ADD
    calm(centre, 301)
    crowd(centre, 3, 400, first=200)
    assert centre.orders == ADD + ADD


def test_a_helper_whom_somebody_removed_stays_removed() -> None:
    centre = says_yes(busy(lasting()), 6).member_gone(10, BERT, "support").until(60)
    assert centre.orders == ADD
    assert undo_of(centre) == [[REMOVE[1]]]
    says_yes(calm(centre, 61), 62)
    assert centre.orders == [*ADD, REMOVE[1]]


def test_a_penalty_that_somebody_changed_is_left_alone() -> None:
    centre = says_yes(busy(lasting(SetPenalty(("*",), 4))), 6).member(6, "support", penalty=4)
    centre.member(10, "support", penalty=9)
    calm(centre, 20)
    assert centre.orders == [ChangePenalty("support", "PJSIP/anna", 4)]
    assert centre.overflow.standing == ()


def test_an_undo_that_was_refused_is_kept_and_tried_again_only_when_members_change() -> None:
    centre = says_yes(busy(lasting(SetVariable("CROWDED"))), 6)
    calm(centre, 20).answers(NO)
    centre.until(400)
    assert len(centre.orders) == 2
    assert undo_of(centre) == [[SetGlobal("CROWDED", "0")]]
    centre.member(401, "support", BERT)
    assert centre.orders[2:] == [SetGlobal("CROWDED", "0")]
    says_yes(centre, 402)
    assert centre.overflow.standing == ()
    assert [on for _, on in centre.stood].count(False) == 1


def test_an_undo_that_was_refused_is_tried_again_when_a_person_turns_all_off() -> None:
    centre = says_yes(busy(lasting(SetVariable("CROWDED"))), 6)
    calm(centre, 20).answers(NO)
    centre.done += centre.overflow.turn(Switch(on=False, by="lea"), centre.now)
    assert centre.orders[1:] == [SetGlobal("CROWDED", "0")] * 2


def test_two_rules_with_one_lamp_put_it_out_when_both_are_over() -> None:
    lamp = SetLamp("crowd")
    very = lasting(lamp, at_least(Metric.WAITING, 5), id="very")
    centre = Centre(lasting(lamp), very).member(0, "support")
    crowd(centre, 6, 1)
    says_yes(centre, 5)
    says_yes(calm(centre, 20, left=3), 21)
    assert centre.orders == [ChangeLamp("crowd", "INUSE")] * 2
    says_yes(calm(centre, 30), 31)
    assert centre.orders[2:] == [ChangeLamp("crowd", "NOT_INUSE")]
    assert centre.overflow.standing == ()


def test_two_rules_with_one_helper_remove_them_when_both_are_over() -> None:
    only = AddMembers((Helper(BERT),))
    very = lasting(only, at_least(Metric.WAITING, 5), id="very")
    centre = Centre(lasting(only), very).member(0, "support")
    crowd(centre, 3, 1)
    says_yes(centre, 5)
    for number in range(3):
        centre.waits(6, f"1763718000.{200 + number}")
    says_yes(centre, 7)
    assert centre.orders == [AddMember("support", BERT)]
    says_yes(calm(centre, 20, left=3), 21)
    assert len(centre.orders) == 1
    says_yes(calm(centre, 30), 31)
    assert centre.orders[1:] == [RemoveMember("support", BERT)]


def test_a_penalty_that_two_rules_changed_is_in_the_end_what_it_was_at_first() -> None:
    low = lasting(SetPenalty(("*",), 4))
    high = lasting(SetPenalty(("*",), 9), at_least(Metric.WAITING, 5), id="very")
    centre = says_yes(busy(low, high), 6).member(6, "support", penalty=4)
    crowd(centre, 3, 7, first=200)
    says_yes(centre, 8).member(8, "support", penalty=9)
    says_yes(calm(centre, 30, left=3), 31).member(31, "support", penalty=4)
    says_yes(calm(centre, 50), 51)
    penalties = [order.penalty for order in centre.orders if isinstance(order, ChangePenalty)]
    assert penalties == [4, 9, 4, 0]
    assert centre.overflow.standing == ()


@pytest.mark.parametrize(
    ("how", "because"),
    [("switch", "paused"), ("pause", "rule_paused"), ("remove", "rule_changed"),
     ("disable", "rule_changed"), ("change", "rule_changed")],
)  # fmt: skip
def test_a_person_turns_it_off_at_once(how: str, because: str) -> None:
    centre = says_yes(busy(lasting()), 5.5)
    overflow, now = centre.overflow, centre.now
    if how == "switch":
        centre.done += overflow.turn(Switch(on=False, by="lea"), now)
    elif how == "pause":
        centre.done += overflow.force("more", on=False, by="lea", now=now)
    elif how == "remove":
        centre.done += overflow.set_rules((), now)
    elif how == "disable":
        centre.done += overflow.set_rules((lasting(enabled=False, version=2),), now)
    else:
        centre.done += overflow.set_rules((lasting(cool_down=60_000, version=2),), now)
    assert centre.orders == ADD + REMOVE
    assert becauses(centre.decisions[-1])[0] == because
    assert overflow.still_allowed(centre.commands[-1])
    says_yes(centre, 6)
    assert overflow.standing == ()


def test_the_same_rule_given_again_changes_nothing() -> None:
    centre = says_yes(busy(lasting()), 6)
    centre.done += centre.overflow.set_rules((lasting(),), centre.now)
    centre.until(40)
    assert centre.orders == ADD


def test_a_person_turns_it_on_though_nobody_waits() -> None:
    centre = Centre(lasting()).member(0, "support")
    centre.done += centre.overflow.force("more", on=True, by="lea", now=centre.now)
    assert centre.orders == ADD
    decision = centre.decisions[0]
    assert (decision.by, decision.asked_by.value, becauses(decision)) == (
        "lea", "person", ["forced"],
    )  # fmt: skip
    says_yes(centre, 1)
    centre.done += centre.overflow.force("more", on=None, by="lea", now=ms(30))
    assert centre.orders == ADD + REMOVE


def test_a_rule_in_dry_run_says_what_it_would_do_and_does_nothing() -> None:
    centre = busy(lasting(dry_run=True))
    calm(centre, 20)
    assert [(d.verb, d.dry_run) for d in centre.decisions] == [
        (Verb.TURN_ON, True),
        (Verb.TURN_OFF, True),
    ]
    assert centre.commands == []
    assert centre.stood == []


# --- links that are lost, PBXs and monitors that start anew ---------------------------------------


def seen(
    *interfaces: str, waiting: int = 0, at: float = 0, restarted: bool = False
) -> ev.PbxSnapshot:
    members = tuple(
        ev.MemberChanged(
            PBX, ms(at), "support", interface, interface, ev.DeviceState.NOT_IN_USE,
            paused=False, pause_reason="", in_call=False, penalty=0, calls_taken=0, last_call=0,
        )
        for interface in interfaces
    )  # fmt: skip
    ids = [f"1763718000.{100 + number}" for number in range(waiting)]
    channels = tuple(
        ev.ChannelSeen(
            id_, id_, f"PJSIP/trunk-{id_[-3:]}", "incoming", "s", "Queue", "", "", 60_000, ""
        )
        for id_ in ids
    )
    entries = tuple(ev.EntrySeen(id_, n + 1, 60_000 - n) for n, id_ in enumerate(ids))
    queue = ev.QueueSeen("support", entries, members)
    return ev.PbxSnapshot(PBX, ms(at), channels, (queue,), restarted=restarted)


STANDING = Standing("more", 1, PBX, "support", ms(-100), tuple(REMOVE), "d1")


def after_a_restart(rule: OverflowRule | None, snapshot: ev.PbxSnapshot) -> Centre:
    """The monitor comes back, and then the link."""
    centre = Centre(*(() if rule is None else (rule,)), connected=False)
    centre.done += centre.overflow.restore([STANDING], ms(0))
    centre.say(ev.LinkChanged(PBX, ms(0), ev.LinkState.CONNECTING))
    assert list(centre.overflow.standing) == [STANDING]
    centre.until(5)
    assert centre.orders == []
    centre.resync(snapshot)
    return centre


def test_after_a_restart_it_goes_on_where_the_rule_still_holds() -> None:
    centre = after_a_restart(lasting(), seen(BERT, CARLA, waiting=2, at=6))
    assert centre.orders == []  # two wait: on already, so it stays on
    assert list(centre.overflow.standing) == [STANDING]
    says_yes(calm(centre, 8), 9)
    assert centre.orders == REMOVE
    assert centre.overflow.standing == ()


GONE: list[tuple[OverflowRule | None, list[str]]] = [
    (lasting(), ["restored", "conditions_ended", "condition"]),
    (None, ["restored", "rule_changed"]),
    (lasting(version=2), ["restored", "rule_changed"]),
    (lasting(enabled=False), ["restored", "rule_changed"]),
    (lasting(dry_run=True), ["restored", "rule_changed"]),
]


@pytest.mark.parametrize(("rule", "because"), GONE)
def test_after_a_restart_it_is_undone_where_the_rule_does_not_hold(
    rule: OverflowRule | None, because: list[str]
) -> None:
    centre = after_a_restart(rule, seen(BERT, CARLA, at=6))
    assert centre.orders == REMOVE
    assert becauses(centre.decisions[0]) == because
    says_yes(centre, 7)
    assert centre.overflow.standing == ()
    assert [on for _, on in centre.stood].count(False) == 1


def test_a_helper_who_vanished_meanwhile_is_not_removed_again() -> None:
    centre = after_a_restart(None, seen(CARLA, at=6))
    assert centre.orders == [REMOVE[1]]


def test_a_restart_with_the_switch_off_undoes_all() -> None:
    centre = Centre(lasting(), connected=False)
    centre.done += centre.overflow.turn(Switch(on=False, by="lea"), ms(0))
    centre.done += centre.overflow.restore([STANDING], ms(0))
    centre.resync(seen(BERT, CARLA, waiting=3, at=6))
    assert centre.orders == REMOVE
    assert becauses(centre.decisions[0]) == ["restored", "paused"]


def test_conditions_that_end_while_nobody_looks_are_acted_on_after_the_resync() -> None:
    centre = says_yes(busy(lasting()), 6).lost(20)
    centre.until(60)
    assert centre.orders == ADD
    centre.resync(seen(BERT, CARLA, at=61))
    assert centre.orders == ADD + REMOVE


def test_a_link_lost_before_the_answer_leaves_the_undo_standing() -> None:
    centre = busy(lasting()).lost(6)
    assert centre.outcomes == [Outcome.NOT_OBSERVED] * 2
    assert undo_of(centre) == [REMOVE]
    centre.answers(Answer(accepted=None, text="lost"), 0)
    centre.resync(seen(CARLA, waiting=3, at=10))
    assert undo_of(centre) == [[REMOVE[1]]]
    assert centre.orders == ADD  # never sent again


def test_a_link_lost_while_undoing_has_the_rest_undone_after_the_resync() -> None:
    centre = says_yes(busy(lasting()), 6)
    calm(centre, 20).lost(21)
    centre.resync(seen(BERT, at=30))
    assert centre.orders == ADD + REMOVE + [REMOVE[0]]
    says_yes(centre, 31)
    assert centre.overflow.standing == ()
    assert [on for _, on in centre.stood].count(False) == 1


def test_an_order_without_an_answer_is_given_up() -> None:
    centre = busy(lasting(SetVariable("CROWDED"))).until(60)
    assert centre.outcomes == [Outcome.NOT_OBSERVED]
    assert centre.overflow.standing != ()
    says_yes(calm(centre, 61), 62)
    assert centre.orders[1:] == [SetGlobal("CROWDED", "0")]


def test_a_pbx_that_started_anew_gets_back_what_it_forgot() -> None:
    centre = says_yes(busy(lasting()), 6).lost(20)
    centre.resync(seen("PJSIP/anna", CARLA, waiting=3, at=30, restarted=True))
    assert centre.orders == [*ADD, ADD[0]]
    assert becauses(centre.decisions[-1])[-1] == "pbx_restarted"
    says_yes(centre, 31)
    assert sorted(undo_of(centre)[0], key=str) == REMOVE
    says_yes(calm(centre, 60), 61)
    assert len(centre.orders) == 5
    assert centre.overflow.standing == ()


def test_a_pbx_that_started_anew_with_nobody_waiting_keeps_nothing_of_it() -> None:
    centre = says_yes(busy(lasting()), 6).lost(20)
    centre.resync(seen("PJSIP/anna", CARLA, at=30, restarted=True))
    assert centre.orders == [*ADD, REMOVE[1]]


# --- a PBX that is watched no more ----------------------------------------------------------------


def taken_out(centre: Centre, at: float) -> Centre:
    """The PBX leaves the settings."""
    centre.now = ms(at)
    found = centre.engine.remove_pbx(PBX, centre.now)
    centre.done += centre.overflow.handle(found, centre.now)
    return centre.until(at + 1)


def put_in_again(centre: Centre, at: float, *helpers: str) -> Centre:
    """The PBX is back in the settings, and says who is in the queue."""
    connected = ev.LinkState.CONNECTED
    centre.say(ev.PbxSnapshot(PBX, ms(at), queues=(ev.QueueSeen("support"),)))
    for interface in helpers:
        centre.member(at, "support", interface)
    return centre.say(ev.LinkChanged(PBX, ms(at), connected)).until(at + 1)


def test_helpers_at_a_pbx_that_is_deleted_are_remembered_and_removed_once_it_is_back() -> None:
    centre = taken_out(says_yes(busy(lasting()), 6), 20)
    assert undo_of(centre) == [REMOVE]
    assert [(on, list(standing.undo)) for standing, on in centre.stood] == [(True, REMOVE)]
    centre.done += centre.overflow.set_rules((), ms(25))
    assert centre.orders == ADD  # nobody can be told now
    put_in_again(centre, 30, BERT, CARLA)
    assert centre.orders == ADD + REMOVE
    says_yes(centre, 32)
    assert undo_of(centre) == []


def test_helpers_who_have_left_a_deleted_pbx_meanwhile_are_not_removed_when_it_is_back() -> None:
    centre = taken_out(says_yes(busy(lasting()), 6), 20)
    centre.done += centre.overflow.set_rules((), ms(25))
    put_in_again(centre, 30, CARLA)
    assert centre.orders == [*ADD, RemoveMember("support", CARLA)]


def test_what_is_on_at_a_deleted_pbx_is_looked_at_anew_once_it_is_back() -> None:
    centre = taken_out(says_yes(busy(lasting()), 6), 20)
    put_in_again(centre, 30)
    assert undo_of(centre) == []
    assert centre.orders == ADD
    variable = SetVariable("BUSY", "1", "0")
    standing = taken_out(says_yes(busy(lasting(variable)), 6), 20)
    put_in_again(standing, 30)
    assert standing.orders == [SetGlobal("BUSY", "1"), SetGlobal("BUSY", "0")]


def test_an_undo_that_was_under_way_when_the_pbx_was_deleted_goes_on_once_it_is_back() -> None:
    centre = calm(says_yes(busy(lasting()), 6), 20)
    assert centre.orders == ADD + REMOVE
    taken_out(centre, 21)
    assert undo_of(centre) == [REMOVE]
    assert centre.outcomes[2:] == [Outcome.NOT_OBSERVED] * 2
    put_in_again(centre, 30, BERT, CARLA)
    assert centre.orders == ADD + REMOVE + REMOVE
