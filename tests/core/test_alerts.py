"""Alerts: what a person should see to, raised in time, ended when it is over, seen once."""

from typing import Any

import pytest

from monitor.core import events as ev
from monitor.core.alerts import (
    AT_MOST,
    SETTLES,
    SHOWN_AFTER_END,
    Alert,
    AlertGone,
    AlertKind,
    Alerts,
)
from monitor.core.clock import MINUTE, SECOND
from monitor.core.engine import Engine
from monitor.core.events import DeviceState
from tests.api.made import PBX, START, Centre

ALICE = {"queue": "support", "interface": "PJSIP/alice", "member": "Alice"}


class Watch:
    """A centre with its board of alerts, and the changes that were told."""

    def __init__(self, centre: Centre | None = None, problem: str = "") -> None:
        self.centre = centre or Centre()
        self.problem = problem
        self.alerts = Alerts(self.centre.engine, lambda: self.problem)
        if centre is None:
            self(self.centre.connect())

    def __call__(self, effects: list[Any]) -> None:
        self.alerts.take(effects, self.centre.now)

    def wait(self, seconds: float) -> None:
        """Time goes by."""
        self(self.centre.pass_time(seconds))
        self.alerts.advance(self.centre.now)

    def settle(self) -> None:
        """Look, and look again when what is wrong has been so long enough."""
        self.alerts.advance(self.centre.now)
        self.wait(SETTLES / SECOND)

    def breach(self, uniqueid: str = "1.1", queue: str = "support") -> Alert:
        """A caller waits past the deadline."""
        self(self.centre.arrive(uniqueid))
        self(self.centre.join(uniqueid, queue))
        self(self.centre.pass_time(60))
        return self.one(AlertKind.CALLER_BREACHED)

    def member(self, **fields: object) -> None:
        """Alice is logged in."""
        said: dict[str, object] = {
            "device": DeviceState.NOT_IN_USE, "paused": False, "pause_reason": "",
            "in_call": False, "penalty": 0, "calls_taken": 0, "last_call": 0, "wrap_up": 0,
        }  # fmt: skip
        self(self.centre.tell(ev.MemberChanged, **ALICE, **(said | fields)))

    def kinds(self) -> list[str]:
        return [alert.kind.value for alert in self.alerts.board() if alert.ended_at is None]

    def one(self, kind: AlertKind) -> Alert:
        (found,) = [alert for alert in self.alerts.board() if alert.kind is kind]
        return found


@pytest.fixture
def watch() -> Watch:
    return Watch()


# --- callers --------------------------------------------------------------------------------------


def test_a_caller_past_the_deadline_is_told_with_the_deadline(watch: Watch) -> None:
    alert = watch.breach()
    assert (alert.call_id, alert.queue, alert.raised_at) == ("lab:1.1", "support", START + 60_000)
    assert alert.params == {"caller": "0199001234", "within_ms": 60_000}
    assert watch.alerts.take_changes() == [alert]
    assert watch.alerts.take_changes() == []


def test_it_ends_when_an_agent_has_the_caller(watch: Watch) -> None:
    watch.breach()
    watch.centre.now += 14 * SECOND
    watch(watch.centre.tell(ev.AgentConnected, uniqueid="1.1", **ALICE, waited=None))
    alert = watch.one(AlertKind.CALLER_BREACHED)
    assert (alert.ended_at, alert.params["outcome"]) == (START + 74_000, "handled")


def test_it_ends_when_the_caller_leaves(watch: Watch) -> None:
    watch.breach()
    watch(watch.centre.hang_up("1.1"))
    alert = watch.one(AlertKind.CALLER_BREACHED)
    assert (alert.ended_at, alert.params["outcome"]) == (START + 60_000, "gone")


def test_a_breach_that_is_corrected_is_none(watch: Watch) -> None:
    watch.breach()
    late = ev.AgentConnected(PBX, START + 59_000, uniqueid="1.1", **ALICE, waited=None)
    watch(watch.centre.engine.handle(late))
    assert watch.one(AlertKind.CALLER_BREACHED).params["outcome"] == "corrected"


def test_it_follows_the_caller_into_another_queue(watch: Watch) -> None:
    watch.breach()
    watch(watch.centre.tell(ev.QueueLeft, uniqueid="1.1", queue="support"))
    watch(watch.centre.join("1.1", "backup"))
    assert watch.one(AlertKind.CALLER_BREACHED).queue == "backup"


def test_one_who_was_handled_in_time_raises_nothing(watch: Watch) -> None:
    watch(watch.centre.arrive("1.1"))
    watch(watch.centre.join("1.1"))
    watch(watch.centre.tell(ev.AgentConnected, uniqueid="1.1", **ALICE, waited=None))
    watch.wait(61)
    assert watch.kinds() == []


# --- queues ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "why"),
    [
        (None, "nobody_logged_in"),
        ({"paused": True}, "all_paused"),
        ({"device": DeviceState.UNAVAILABLE}, "nobody_reachable"),
        ({"device": DeviceState.IN_USE, "paused": True}, "all_paused"),
    ],
)
def test_callers_wait_and_nobody_is_there(
    watch: Watch, member: dict[str, Any] | None, why: str
) -> None:
    if member is not None:
        watch.member(**member)
    watch(watch.centre.arrive("1.1"))
    watch(watch.centre.join("1.1"))
    watch.alerts.advance(watch.centre.now)
    assert watch.kinds() == []  # a reload is over in a moment

    watch.wait(SETTLES / SECOND)

    alert = watch.one(AlertKind.QUEUE_UNSTAFFED)
    assert (alert.pbx, alert.queue, alert.params["why"]) == (PBX, "support", why)
    assert alert.raised_at == START


def test_it_ends_when_somebody_comes_or_the_callers_leave(watch: Watch) -> None:
    watch(watch.centre.arrive("1.1"))
    watch(watch.centre.join("1.1"))
    watch.settle()
    watch.member()
    watch.wait(1)
    assert watch.kinds() == []
    watch.member(paused=True)
    watch.settle()
    assert watch.kinds() == ["queue_unstaffed"]
    watch(watch.centre.hang_up("1.1"))
    watch.wait(1)
    assert watch.kinds() == []


def test_members_who_talk_are_there(watch: Watch) -> None:
    watch.member(device=DeviceState.IN_USE, in_call=True)
    watch(watch.centre.arrive("1.1"))
    watch(watch.centre.join("1.1"))
    watch.settle()
    assert watch.kinds() == []


def test_nothing_is_said_of_a_queue_that_is_not_observed(watch: Watch) -> None:
    watch(watch.centre.arrive("1.1"))
    watch(watch.centre.join("1.1"))
    watch(watch.centre.tell(ev.LinkChanged, state=ev.LinkState.LOST, detail="It is gone."))
    watch.settle()
    assert watch.kinds() == ["link_lost"]


# --- the monitor ----------------------------------------------------------------------------------


def test_a_lost_link_is_told_since_when_nothing_is_seen(watch: Watch) -> None:
    watch(watch.centre.tell(ev.LinkChanged, state=ev.LinkState.LOST, detail="It is gone."))
    watch.alerts.advance(watch.centre.now)
    assert watch.kinds() == []
    watch.wait(SETTLES / SECOND)
    alert = watch.one(AlertKind.LINK_LOST)
    assert (alert.pbx, alert.raised_at) == (PBX, START)
    assert alert.params == {"state": "lost", "detail": "It is gone."}
    watch(watch.centre.connect())
    watch.wait(1)
    assert watch.one(AlertKind.LINK_LOST).ended_at == watch.centre.now


def test_a_record_that_is_not_written_is_told(watch: Watch) -> None:
    watch.problem = "The disk is full."
    watch.settle()
    assert watch.one(AlertKind.HISTORY_FAILING).params == {"detail": "The disk is full."}
    watch.problem = ""
    watch.wait(1)
    assert watch.kinds() == []


# --- seen, and gone -------------------------------------------------------------------------------


def test_the_first_who_acknowledges_counts(watch: Watch) -> None:
    alert = watch.breach()
    watch.alerts.take_changes()
    seen = watch.alerts.acknowledge(alert.id, "zoé", START + 61_000)
    assert seen is not None
    assert watch.alerts.take_changes() == [seen]
    again = watch.alerts.acknowledge(alert.id, "max", START + 62_000)
    assert again == seen
    assert (seen.acknowledged_by, seen.acknowledged_at) == ("zoé", START + 61_000)
    assert watch.alerts.take_changes() == []
    assert watch.alerts.acknowledge("caller_breached:lab:9.9", "zoé", START) is None


def test_what_was_acknowledged_leaves_when_it_is_over(watch: Watch) -> None:
    alert = watch.breach()
    watch.alerts.acknowledge(alert.id, "zoé", watch.centre.now)
    watch.wait(SHOWN_AFTER_END / SECOND + 1)
    assert watch.alerts.find(alert.id) is not None  # the caller still waits
    watch(watch.centre.hang_up("1.1"))
    watch.alerts.take_changes()
    watch.wait(1)
    assert watch.alerts.find(alert.id) is None
    assert AlertGone(alert.id) in watch.alerts.take_changes()


def test_what_nobody_acknowledged_is_shown_a_while_after_its_end(watch: Watch) -> None:
    alert = watch.breach()
    watch(watch.centre.hang_up("1.1"))
    watch.wait(SHOWN_AFTER_END / SECOND - 1)
    assert watch.alerts.find(alert.id) is not None
    watch.wait(1)
    assert watch.alerts.find(alert.id) is None


def test_the_board_is_bounded_and_what_is_over_goes_first(watch: Watch) -> None:
    for number in range(AT_MOST):
        watch(watch.centre.arrive(f"{number}.1"))
        watch(watch.centre.join(f"{number}.1"))
    watch(watch.centre.pass_time(60))
    watch(watch.centre.hang_up("7.1"))
    watch.settle()  # and nobody is there to take them
    board = watch.alerts.board()
    assert len(board) == AT_MOST
    assert watch.alerts.find("caller_breached:lab:7.1") is None
    assert watch.one(AlertKind.QUEUE_UNSTAFFED)
    for number in range(3):
        watch(watch.centre.arrive(f"{number}.2"))
        watch(watch.centre.join(f"{number}.2"))
    watch(watch.centre.pass_time(60))
    newer = [f"caller_breached:lab:{number}.2" for number in range(3)]
    kept = [alert.id for alert in board][3:]
    assert [alert.id for alert in watch.alerts.board()] == [*kept, *newer]


# --- after a restart ------------------------------------------------------------------------------


def restarted(watch: Watch, acknowledged: list[Alert]) -> Watch:
    """The monitor starts anew, with the calls that were live."""
    engine = Engine(watch.centre.engine.policy)
    after = Centre(engine)
    after.now = watch.centre.now + SECOND
    engine.advance(after.now)
    engine.restore(watch.centre.engine.snapshot().calls.values())
    after.tell(ev.LinkChanged, state=ev.LinkState.LOST, detail="The monitor was not running.")
    again = Watch(after)
    again.alerts.recall(acknowledged, after.now)
    return again


def test_what_is_still_so_keeps_who_acknowledged_it(watch: Watch) -> None:
    caller = watch.breach()
    watch.settle()
    queue = watch.one(AlertKind.QUEUE_UNSTAFFED)
    for alert in (caller, queue):
        watch.alerts.acknowledge(alert.id, "zoé", watch.centre.now)
    acknowledged = watch.alerts.board()

    again = restarted(watch, acknowledged)
    assert again.alerts.find(caller.id) == acknowledged[0]
    channel = ev.ChannelSeen(
        "1.1", "1.1", "PJSIP/in-1.1", "incoming", "0199000100", "Queue", "0199001234", "",
        66 * SECOND, "", "support",
    )  # fmt: skip
    waits = ev.QueueSeen("support", (ev.EntrySeen("1.1", 1, 66 * SECOND),))
    again(again.centre.tell(ev.PbxSnapshot, channels=(channel,), queues=(waits,)))
    again(again.centre.tell(ev.LinkChanged, state=ev.LinkState.CONNECTED))
    again.settle()
    kept = again.one(AlertKind.QUEUE_UNSTAFFED)
    assert (kept.id, kept.raised_at, kept.acknowledged_by) == (queue.id, queue.raised_at, "zoé")


def test_what_is_so_no_more_is_let_go_once_one_can_tell(watch: Watch) -> None:
    watch(watch.centre.arrive("1.1"))
    watch(watch.centre.join("1.1"))
    watch.settle()
    alert = watch.one(AlertKind.QUEUE_UNSTAFFED)
    watch(watch.centre.hang_up("1.1"))

    again = restarted(watch, [alert])
    later = again.centre.now + 2 * MINUTE
    assert again.alerts.forgotten(later) == []  # the PBX is not observed yet
    again(again.centre.connect())
    assert again.alerts.forgotten(again.centre.now) == []
    assert again.alerts.forgotten(later) == [alert]
    assert again.alerts.forgotten(later) == []
