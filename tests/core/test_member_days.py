"""What each member did today, made from counts that begin anew when they please."""

from dataclasses import replace

from monitor.core.effects import MemberGone, MemberUpdated
from monitor.core.member_days import MemberDay, MemberDays
from tests.api.made import PBX, member

ALICE = (PBX, "support", "PJSIP/alice")


def test_what_is_there_at_the_start_is_not_of_today() -> None:
    days, alice = MemberDays(), member()
    days.take([MemberUpdated(alice)])
    assert days.of(alice) == MemberDay(0, 0)


def test_what_is_added_is() -> None:
    days, alice = MemberDays(), member()
    days.take([MemberUpdated(alice)])
    alice.calls_taken += 2
    alice.missed += 1
    days.take([MemberUpdated(alice), MemberUpdated(alice)])
    assert days.of(alice) == MemberDay(2, 1)


def test_a_reload_and_a_new_login_take_nothing_away() -> None:
    days, alice = MemberDays(), member()
    days.take([MemberUpdated(alice)])
    alice.calls_taken += 1
    days.take([MemberUpdated(alice)])
    alice.calls_taken = 0
    days.take([MemberUpdated(alice)])
    alice.calls_taken = 1
    days.take([MemberUpdated(alice), MemberGone(*ALICE)])
    again = replace(alice, calls_taken=0, missed=0)
    days.take([MemberUpdated(again)])
    assert days.of(again) == MemberDay(2, 0)


def test_the_record_tells_what_was_before_the_start() -> None:
    days, alice = MemberDays(), member()
    days.take([MemberUpdated(alice)])
    days.recall({ALICE: 5}, {(PBX, "support", "Alice"): 2, (PBX, "sales", "Alice"): 9})
    alice.missed += 1
    days.take([MemberUpdated(alice)])
    assert days.of(alice) == MemberDay(5, 3)
    days.new_day()
    assert days.of(alice) == MemberDay(0, 0)
