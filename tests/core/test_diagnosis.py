"""Diagnosis: for each situation the findings, in order; and what must be noted for them."""

from collections.abc import Callable

import pytest

from monitor.core import events as ev
from monitor.core.diagnosis import Cause, Finding, Params, diagnose
from monitor.core.effects import CallChanged, Effect
from monitor.core.events import DeviceState
from monitor.core.records import (
    BlindInterval,
    Call,
    Exit,
    Fact,
    FactKind,
    HandledBy,
    Reason,
    Verdict,
    Visit,
    VoiceServerStay,
)
from monitor.core.staffing import Staffing
from tests.core.story import AGENT, CALLER, PBX, T0, Story, ms

# --- the pure function, from facts ---------------------------------------------------------------


def breached(*facts: Fact, joined: float = 2, **fields: object) -> Call:
    """A caller who joined the queue and was still waiting after a minute."""
    call = Call(PBX, CALLER, T0, clock_started_at=T0, verdict=Verdict.BREACHED, verdict_at=ms(60))
    call.reason = Reason.WAITING_PAST_DEADLINE
    call.visits = [Visit("support", ms(joined), 60_000, 1)]
    call.facts = list(facts)
    for name, field in fields.items():
        setattr(call, name, field)
    return call


def seen(at: float, moment: str = "at_risk", **counts: str | int) -> Fact:
    return Fact(ms(at), FactKind.STAFFING, {"queue": "support", "moment": moment, **counts})


def missed(at: float, agent: str, rang: float, queue: str = "support") -> Fact:
    detail: Params = {"queue": queue, "agent": agent, "rang_ms": round(rang * 1000)}
    return Fact(ms(at), FactKind.AGENT_MISSED, dict(detail))


def decided(at: float, rule: str, **flags: int) -> Fact:
    return Fact(ms(at), FactKind.OVERFLOW_DECIDED, {"rule": rule, "verb": "move", **flags})


HERE: Params = {"queue": "support"}
Expected = list[tuple[Cause, Params]]
CASES: dict[str, tuple[Call, Expected]] = {
    "nobody logged in, all the time": (
        breached(seen(2, "joining", members=0), seen(45, members=0), seen(60, "breached")),
        [(Cause.NOBODY_LOGGED_IN, HERE | {"moment": "breached"})],
    ),
    "nobody logged in at risk weighs more than a busy team when joining": (
        breached(seen(2, "joining", members=2, talking=2), seen(45, members=0)),
        [(Cause.NOBODY_LOGGED_IN, HERE | {"moment": "at_risk"})],
    ),
    "all paused": (
        breached(seen(45, members=2, paused=2)),
        [(Cause.ALL_PAUSED, HERE | {"moment": "at_risk", "members": 2})],
    ),
    "paused and unplugged": (
        breached(seen(45, members=3, paused=1, unavailable=2)),
        [(Cause.NOBODY_REACHABLE, HERE | {"moment": "at_risk", "members": 3, "paused": 1})],
    ),
    "all busy, and others before": (
        breached(seen(45, members=3, talking=2, wrap_up=1, waiting=6, ahead=4)),
        [
            (
                Cause.ALL_BUSY,
                HERE | {"moment": "at_risk", "members": 3, "talking": 2, "wrap_up": 1},
            ),
            (Cause.CALLERS_AHEAD, HERE | {"ahead": 4}),
        ],
    ),
    "wrap-up alone": (
        breached(seen(45, members=2, wrap_up=1, paused=1)),
        [(Cause.WRAP_UP, HERE | {"moment": "at_risk", "members": 2, "wrap_up": 1})],
    ),
    "a heavier queue": (
        breached(
            seen(45, members=1, busy=1, elsewhere=1, taken=1, taken_later=1, taken_by="vip")
        ),
        [
            (Cause.ALL_BUSY, HERE | {"moment": "at_risk", "members": 1, "busy": 1, "elsewhere": 1}),
            (Cause.QUEUE_WEIGHT, HERE | {"taken": 1, "later": 1, "by": "vip"}),
        ],
    ),
    "a ring-no-answer chain": (
        breached(
            missed(17, "Anna", 15), missed(33, "Bob", 15), missed(49, "Anna", 15),
            seen(45, members=2, available=1, ringing=1),
        ),
        [
            (
                Cause.RING_NO_ANSWER,
                HERE | {"missed": 3, "agents": "Anna, Bob", "lost_ms": 45_000},
            )
        ],
    ),
    "phones that rang together lost their time once": (
        breached(missed(17, "Anna", 15), missed(17, "Bob", 15)),
        [
            (
                Cause.RING_NO_ANSWER,
                HERE | {"missed": 2, "agents": "Anna, Bob", "lost_ms": 15_000},
            )
        ],
    ),
    "one who declined at once is no chain": (
        breached(missed(3, "Anna", 0.2)),
        [(Cause.NOT_RECORDED, {})],
    ),
    "somebody was free, and the queue rang nobody": (
        breached(seen(45, members=2, available=1, talking=1)),
        [(Cause.NOT_OFFERED, HERE | {"available": 1})],
    ),
    "a long voice server, and too late into the queue": (
        breached(joined=55, stays=[VoiceServerStay("menu", ms(1), ms(55))]),
        [
            (Cause.LONG_VOICE_SERVER, {"name": "menu", "for_ms": 54_000, "within_ms": 60_000}),
            (Cause.JOINED_TOO_LATE, HERE | {"left_ms": 5_000}),
        ],
    ),
    "ringing for half a minute before the queue": (
        breached(joined=30),
        [(Cause.LONG_BEFORE_QUEUE, {"for_ms": 30_000, "within_ms": 60_000})],
    ),
    "joined after the deadline": (
        breached(joined=70),
        [
            (Cause.LONG_BEFORE_QUEUE, {"for_ms": 70_000, "within_ms": 60_000}),
            (Cause.JOINED_TOO_LATE, HERE | {"left_ms": -10_000}),
        ],
    ),
    "never in a queue": (
        breached(visits=[], ended_at=ms(80), closed=True),
        [(Cause.NO_QUEUE, {"for_ms": 80_000})],
    ),
    "overflow was held back, and practised": (
        breached(
            decided(20, "helper", held_back=1), decided(30, "helper", held_back=1),
            decided(40, "second", dry_run=1), decided(41, "third"),
        ),
        [
            (Cause.OVERFLOW_HELD_BACK, {"rule": "helper", "times": 2}),
            (Cause.OVERFLOW_DRY_RUN, {"rule": "second", "times": 1}),
        ],
    ),
    "overflow failed": (
        breached(
            Fact(ms(41), FactKind.OVERFLOW_OUTCOME, {"rule": "second", "outcome": "failed"}),
        ),
        [(Cause.OVERFLOW_FAILED, {"rule": "second", "outcome": "failed"})],
    ),
    "what came after the answer explains nothing": (
        breached(
            seen(45, members=0), missed(70, "Anna", 15), handled_at=ms(65),
            handled_by=HandledBy.AGENT,
        ),
        [(Cause.NOBODY_LOGGED_IN, HERE | {"moment": "at_risk"})],
    ),
    "turned away, as all were paused": (
        breached(
            seen(2, "refused", members=2, paused=2),
            verdict=Verdict.REFUSED,
            visits=[Visit("support", ms(2), 60_000, left_at=ms(2), exit=Exit.JOIN_EMPTY)],
            ended_at=ms(3),
        ),
        [
            (Cause.TURNED_AWAY, HERE | {"exit": "join_empty"}),
            (Cause.ALL_PAUSED, HERE | {"moment": "refused", "members": 2}),
        ],
    ),
    "a caller without patience": (
        breached(
            verdict=Verdict.ABANDONED, short_abandon=True, ended_at=ms(3),
            visits=[Visit("support", ms(2), 60_000, left_at=ms(3), exit=Exit.ABANDONED)],
        ),
        [(Cause.LEFT_EARLY, {"for_ms": 3_000}), (Cause.NOT_RECORDED, {})],
    ),
    "the agent hung up in the announcement": (
        breached(Fact(ms(20), FactKind.AGENT_DUMPED, {"queue": "support", "agent": "Anna"})),
        [(Cause.AGENT_DROPPED, {"agent": "Anna"})],
    ),
    "an old call": (breached(), [(Cause.NOT_RECORDED, {})]),
    "one that was met needs no reasons": (
        breached(seen(45, members=0), verdict=Verdict.MET),
        [],
    ),
    "one that still has time neither": (
        breached(seen(2, "joining", members=0), verdict=Verdict.PENDING),
        [],
    ),
    "one that is at risk does": (
        breached(seen(45, members=0), verdict=Verdict.PENDING, at_risk=True),
        [(Cause.NOBODY_LOGGED_IN, HERE | {"moment": "at_risk"})],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_situation_is_explained(name: str) -> None:
    call, expected = CASES[name]
    assert diagnose(call) == [Finding(code, params) for code, params in expected]


def test_a_blind_interval_comes_first_and_says_that_the_pbx_restarted() -> None:
    gap = BlindInterval(PBX, ms(10), ms(25), "Connection lost. The PBX started anew.")
    elsewhere = BlindInterval("other", ms(10), ms(25), "Connection lost.")
    before = BlindInterval(PBX, ms(-90), ms(-50), "Connection lost.")
    call = breached(seen(45, members=0))

    found = diagnose(call, [before, gap, elsewhere])

    assert [finding.code for finding in found] == [
        Cause.BLIND, Cause.PBX_RESTARTED, Cause.NOBODY_LOGGED_IN,
    ]  # fmt: skip
    assert found[0].params == {"for_ms": 15_000, "cause": gap.cause}


def test_without_the_list_of_gaps_the_facts_say_that_nobody_looked() -> None:
    call = breached(Fact(ms(10), FactKind.BLIND_FROM, {}), Fact(ms(14), FactKind.BLIND_TO, {}))
    assert diagnose(call) == [Finding(Cause.BLIND, {"for_ms": 4_000, "cause": ""})]


# --- what is noted, from events ------------------------------------------------------------------


class Watched(Story):
    """A story at which who is there is noted, as the runtime has it done."""

    def __init__(self) -> None:
        super().__init__()
        self.staffing = Staffing(self.engine)
        self.now = T0

    def say(self, event: ev.Event) -> "Watched":
        self.now = max(getattr(self, "now", T0), event.at)
        self._step(lambda: self.engine.handle(event))
        return self

    def until(self, seconds: float) -> "Watched":
        self.now = ms(seconds)
        self._step(lambda: self.engine.advance(self.now))
        return self

    def _step(self, step: Callable[[], list[Effect]]) -> None:
        effects = step()
        staffing = getattr(self, "staffing", None)
        if staffing is not None:
            effects += staffing(effects, self.now)
        self.effects += effects

    def member(
        self, at: float, interface: str = AGENT, queue: str = "support",
        device: DeviceState = DeviceState.NOT_IN_USE, paused: bool = False,
    ) -> "Watched":  # fmt: skip
        return self.say(
            ev.MemberChanged(
                PBX, ms(at), queue, interface, interface, device, paused, "",
                in_call=False, penalty=0, calls_taken=0, last_call=0, wrap_up=0,
            )
        )  # fmt: skip

    def noted(self, uniqueid: str = CALLER) -> list[dict[str, str | int | None]]:
        return [f.detail for f in self.call(uniqueid).facts if f.kind is FactKind.STAFFING]

    def found(self, uniqueid: str = CALLER) -> list[Cause]:
        return [finding.code for finding in diagnose(self.call(uniqueid))]


def test_a_caller_whom_somebody_free_answers_leaves_no_note() -> None:
    story = Watched().member(0)
    story.arrives().joins(1).connects(5).hangs_up(90)
    assert story.noted() == []


def test_a_queue_without_members_is_noted_when_joining_at_risk_and_at_the_deadline() -> None:
    story = Watched()
    story.arrives().joins(1).until(45).until(60)
    assert [note["moment"] for note in story.noted()] == ["joining", "at_risk", "breached"]
    assert story.found() == [Cause.NOBODY_LOGGED_IN]


def test_a_note_changes_the_call_so_that_it_is_stored() -> None:
    story = Watched()
    story.arrives().joins(1).effects.clear()
    story.until(45)
    assert [e for e in story.effects if isinstance(e, CallChanged)]


def test_pauses_and_phones_are_counted_as_they_are_at_that_moment() -> None:
    story = Watched().member(0, paused=True).member(0, "PJSIP/bob")
    story.arrives().joins(1)
    story.member(20, "PJSIP/bob", device=DeviceState.UNAVAILABLE).until(45)
    [note] = story.noted()
    assert note == {
        "queue": "support", "moment": "at_risk", "members": 2, "paused": 1, "unavailable": 1,
        "waiting": 1,
    }  # fmt: skip
    assert story.found() == [Cause.NOBODY_REACHABLE]


def test_a_member_who_left_is_not_counted() -> None:
    story = Watched().member(0).member(0, "PJSIP/bob", paused=True)
    story.say(ev.MemberRemoved(PBX, ms(0.5), "support", AGENT))
    story.arrives().joins(1).until(45)
    assert story.noted()[-1]["members"] == 1
    assert story.found() == [Cause.ALL_PAUSED]


def test_an_agent_whom_a_later_caller_of_another_queue_got_is_told_with_that_queue() -> None:
    other = "1763718000.2"
    story = Watched().member(0).member(0, queue="vip")
    story.member(0.2, device=DeviceState.IN_USE).member(0.2, queue="vip", device=DeviceState.IN_USE)
    story.arrives().joins(1)
    story.arrives(4, other).joins(5, "vip", other)
    story.member(8).member(8, queue="vip")
    story.connects(9, "vip", other)
    story.member(9.1, device=DeviceState.IN_USE)
    story.member(9.1, queue="vip", device=DeviceState.IN_USE).until(45)

    at_risk = story.noted()[-1]

    assert at_risk["elsewhere"] == at_risk["taken"] == at_risk["taken_later"] == 1
    assert at_risk["taken_by"] == "vip"
    assert Cause.QUEUE_WEIGHT in story.found()


def test_callers_ahead_are_counted() -> None:
    story = Watched()
    for number in range(2, 5):
        story.arrives(number, f"1763718000.{number}").joins(number, uniqueid=f"1763718000.{number}")
    story.arrives(5).joins(6).until(52)
    assert story.noted()[-1]["ahead"] == 3
    assert story.noted()[-1]["waiting"] == 4


def test_nothing_is_noted_of_a_moment_that_became_known_long_after() -> None:
    story = Watched()
    story.arrives().joins(1)
    story.until(120)
    assert [note["moment"] for note in story.noted()] == ["joining"]


def test_nothing_is_noted_while_nobody_looks() -> None:
    story = Watched()
    story.arrives()
    story.say(ev.LinkChanged(PBX, ms(2), ev.LinkState.LOST, "gone"))
    story.joins(3).until(45)
    assert story.noted() == []
