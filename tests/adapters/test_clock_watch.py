"""The PBX's clock was set, or its stream was only held up: told apart by pings."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import events as core
from monitor.core.clock import HOUR, SECOND, Ms
from monitor.core.engine import Engine
from monitor.core.records import Verdict
from telephony_adapters.asterisk.ami_boot import BootWatch
from telephony_adapters.asterisk.ami_translator import Translator
from telephony_adapters.asterisk.clock_watch import ClockWatch
from telephony_adapters.asterisk.pbx_clock import TRIES, PbxClock, Reading
from telephony_adapters.asterisk.snapshot import entry_seen, span
from tests.adapters.scripted import Linked, ScriptedPbx, message
from tests.core.story import CALLER, PBX, POLICY, T0

STEPS = [1 * SECOND, -1 * SECOND, 10 * SECOND, -10 * SECOND, HOUR, -HOUR]


# --- pings --------------------------------------------------------------------------------------


def test_the_quickest_ping_is_believed() -> None:
    clock = PbxClock()
    assert clock.measured(1000, 1400, 200) == Reading(changed=True)  # 400 ms there and back
    assert clock.offset == 1000
    assert clock.measured(2000, 2010, 1055) == Reading(changed=True)  # 10 ms: far better
    assert clock.offset == 950
    assert clock.measured(3000, 3300, 2160) == Reading()
    assert clock.offset == 950


@pytest.mark.parametrize("by", [*STEPS, 60, -60])
def test_a_clock_that_was_set_is_noticed_at_once(by: Ms) -> None:
    clock = PbxClock()
    clock.measured(1000, 1002, 1001)
    assert clock.measured(2000, 2002, 2001 + by) == Reading(stepped=by)
    assert clock.offset == -by
    assert clock.measured(3000, 3002, 3001 + by) == Reading()


@pytest.mark.parametrize("by", [10, -40])
def test_a_clock_that_only_drifts_was_not_set(by: Ms) -> None:
    clock = PbxClock()
    clock.measured(1000, 1002, 1001)
    assert clock.measured(2000, 2002, 2001 + by).stepped == 0


def test_a_slow_ping_proves_a_step_but_not_how_far() -> None:
    clock = PbxClock()
    clock.measured(1000, 1002, 1001)
    assert clock.measured(2000, 4000, 13_800) == Reading(sure=False)
    assert clock.offset == 0
    assert clock.measured(5000, 5002, 15_001) == Reading(stepped=10_000)


def test_where_all_pings_are_slow_the_quickest_is_believed() -> None:
    clock = PbxClock()
    clock.measured(1000, 1002, 1001)
    trips = [900, 600, 800, 1000, 700]
    assert len(trips) == TRIES
    readings = [
        clock.measured(n * 10_000, n * 10_000 + trip, n * 10_000 + trip // 2 + HOUR)
        for n, trip in enumerate(trips, 1)
    ]
    assert [reading.sure for reading in readings] == [False] * 4 + [True]
    assert readings[-1].stepped == HOUR


def test_an_answer_that_was_held_up_is_no_step() -> None:
    clock = PbxClock()
    clock.measured(1000, 1002, 1001)
    assert clock.measured(2000, 12_000, 2_500) == Reading()  # stamped in time, read 9.5 s later
    assert clock.offset == 0


def test_the_monitors_own_step_is_none_of_the_pbxs() -> None:
    clock = PbxClock()
    clock.measured(1000, 1002, 1001)
    clock.monitor_moved(HOUR)
    assert clock.offset == HOUR
    assert clock.measured(HOUR + 2000, HOUR + 2002, 2001) == Reading()


# --- events and pings together ------------------------------------------------------------------


class World:
    """True time, a PBX whose clock can be set, and the link's way from frames to the engine.

    As in the link, a doubt is settled by a ping that is answered ``trip`` later.
    """

    def __init__(self, trip: Ms = 4) -> None:
        self.now = T0
        self.shown: Ms = 0  # the PBX's clock minus the truth
        self.ours: Ms = 0  # what was done to the monitor's clock
        self.trip = trip
        self.engine = Engine(POLICY)
        self.engine.advance(self.now)
        self.told: list[core.Event] = []
        self.effects_at: list[tuple[Ms, Verdict]] = []
        self.translator = Translator(PBX)
        self.watch = ClockWatch(PBX, lambda: self.now, self._tell)
        self.watch.begin(self.translator)
        self.ping()
        self._tell(core.PbxSnapshot(PBX, self.now))
        self._tell(core.LinkChanged(PBX, self.now, core.LinkState.CONNECTED))

    def _tell(self, event: core.Event) -> None:
        self.told.append(event)
        self._note(self.engine.handle(event))

    def _note(self, effects: Iterable[object]) -> None:
        for effect in effects:
            verdict = getattr(effect, "verdict", None)
            if verdict is not None:
                self.effects_at.append((self.now - T0 - self.ours, verdict))

    def run_until(self, at: Ms) -> None:
        """Let the time pass, in steps of the engine's own timers."""
        while True:
            due = self.engine.next_deadline()
            if due is None or due > at:
                break
            self.now = max(self.now, due)
            self._note(self.engine.advance(self.now))
        self.now = max(self.now, at)

    def ping(self) -> None:
        """A ping to its answer, and whatever else it takes to be sure."""
        sure = False
        while not sure:
            sent = self.watch.sending()
            self.run_until(self.now + self.trip // 2)
            stamp = self.now + self.shown
            self.run_until(self.now + self.trip - self.trip // 2)
            sure = self.watch.answered(sent, stamp)

    def say(self, name: str, *, stamped: Ms | None = None, **headers: str) -> None:
        """An event arrives now; ``stamped`` by the PBX's clock, now unless it was held up."""
        at = self.now + self.shown if stamped is None else stamped
        received = self.watch.pbx_now()
        fields = {"Event": name, "Uniqueid": CALLER, "Channel": "PJSIP/t-1", **headers}
        fields["Timestamp"] = f"{at // 1000}.{at % 1000:03d}000"
        event = self.translator.translate(fields, received)
        assert event is not None
        if self.translator.odd:
            self.watch.hold(event, received)
        else:
            self._tell(event)

    def settle(self) -> None:
        if self.watch.doubted.is_set():
            self.ping()
            for event in self.watch.settle():
                self._tell(event)

    def arrives(self) -> None:
        self.say("Newchannel", Context="incoming", Exten="s")
        self.say("Newexten", Context="incoming", Extension="s", Application="Answer")
        self.say("QueueCallerJoin", Queue="support", Position="1")
        self.settle()

    def is_answered(self, *, stamped: Ms | None = None) -> None:
        agent = {"Queue": "support", "Interface": "PJSIP/anna", "MemberName": "Anna"}
        self.say("QueueCallerLeave", stamped=stamped, Queue="support")
        self.say("AgentConnect", stamped=stamped, **agent)
        self.settle()

    @property
    def steps(self) -> list[Ms]:
        return [event.by for event in self.told if isinstance(event, core.ClockStepped)]

    @property
    def verdicts(self) -> list[Verdict]:
        return [verdict for _, verdict in self.effects_at]


@pytest.mark.parametrize("by", STEPS)
@pytest.mark.parametrize("ping_first", [True, False])
@pytest.mark.parametrize(("answered", "verdict"), [(59.9, "met"), (60.1, "breached")])
def test_a_caller_waits_through_a_step(
    by: Ms, ping_first: bool, answered: float, verdict: str
) -> None:
    world = World()
    world.arrives()
    world.run_until(T0 + 30 * SECOND)
    world.shown += by
    if ping_first:
        world.ping()
    world.run_until(T0 + round(answered * SECOND))
    world.is_answered()
    world.run_until(T0 + 200 * SECOND)
    assert world.verdicts == [verdict]
    (step,) = world.steps
    assert step == by
    call = world.engine.call(f"{PBX}:{CALLER}")
    assert call is not None
    assert call.wait is not None
    assert abs(call.wait - round(answered * SECOND)) <= world.trip


def test_events_that_were_held_up_for_ten_seconds_are_no_step() -> None:
    world = World()
    world.arrives()
    world.run_until(T0 + 40 * SECOND)
    world.is_answered(stamped=world.now - 10 * SECOND)
    assert world.steps == []
    call = world.engine.call(f"{PBX}:{CALLER}")
    assert call is not None
    assert call.wait is not None
    assert abs(call.wait - 30 * SECOND) <= world.trip


def test_a_stream_that_stays_held_up_asks_no_ping_for_every_event() -> None:
    world = World()
    world.arrives()
    asked = 0
    for n in range(50):
        world.run_until(T0 + (20 + n) * SECOND)
        world.say("NewCallerid", stamped=world.now - 5 * SECOND, CallerIDNum=str(n))
        asked += world.watch.doubted.is_set()
        world.settle()
    assert asked == 1
    # Only a routine ping has a closer look taken again.
    world.ping()
    world.say("NewCallerid", stamped=world.now - 5 * SECOND, CallerIDNum="0199")
    assert world.watch.doubted.is_set()


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_an_event_of_before_the_step_that_comes_after_it_is_put_right(by: Ms) -> None:
    world = World()
    world.arrives()
    world.run_until(T0 + 30 * SECOND)
    stamp = world.now
    world.shown += by
    world.ping()  # its answer overtakes the event
    world.is_answered(stamped=stamp)
    assert world.steps == [by]
    call = world.engine.call(f"{PBX}:{CALLER}")
    assert call is not None
    assert call.wait is not None
    assert abs(call.wait - 30 * SECOND) <= world.trip
    assert world.translator.strayed == 0


def test_a_stamp_that_no_clock_showed_is_dated_by_its_arrival() -> None:
    world = World()
    world.arrives()
    world.run_until(T0 + 30 * SECOND)
    world.is_answered(stamped=world.now + 9 * HOUR)
    assert world.steps == []
    assert world.translator.strayed > 8 * HOUR
    call = world.engine.call(f"{PBX}:{CALLER}")
    assert call is not None
    assert call.wait is not None
    assert abs(call.wait - 30 * SECOND) <= world.trip


def test_what_is_held_back_is_not_heard_yet() -> None:
    world = World()
    world.arrives()
    world.run_until(T0 + 30 * SECOND)
    before = world.watch.heard_until
    world.say("HangupRequest", stamped=world.now + HOUR)
    world.ping()
    assert world.watch.heard_until == before
    world.settle()
    assert world.watch.heard_until >= world.now - 2 * world.trip


moves = st.lists(
    st.tuples(
        st.integers(0, 80_000),
        st.integers(-2 * HOUR, 2 * HOUR).filter(lambda by: abs(by) > 600),
        st.booleans(),
    ),
    max_size=6,
)


@given(moves=moves, answered=st.integers(1_000, 90_000), trip=st.integers(0, 40))
def test_whatever_is_done_to_both_clocks_no_breach_is_false_and_none_is_missed(
    moves: list[tuple[Ms, Ms, bool]], answered: Ms, trip: Ms
) -> None:
    """Each move sets one of the clocks; the truth is reckoned apart from both.

    Pings come every five seconds. Half a second is what moves may come to that cancel each other
    between two pings, before an event shows it.
    """
    world = World(trip)
    world.arrives()
    happenings: list[tuple[Ms, int, Ms]] = [(at, 0 if own else 1, by) for at, by, own in moves]
    happenings += [(at, 2, 0) for at in range(5_000, 100_000, 5_000)]
    happenings += [(answered, 3, 0)]
    for at, kind, by in sorted(happenings):
        world.run_until(T0 + world.ours + at)
        if kind == 0:
            world.ours += by
            world.now += by
            world.shown -= by
            world.watch.monitor_moved(by)
            world.engine.clock_moved(by, world.now)
        elif kind == 1:
            world.shown += by
        elif kind == 2:
            world.ping()
            world.settle()
        else:
            world.is_answered()
    world.run_until(T0 + world.ours + 200_000)
    call = world.engine.call(f"{PBX}:{CALLER}")
    assert call is not None
    assert call.wait is not None
    blur = 2 * trip + 600
    if answered < 60_000 - blur:
        assert world.verdicts == [Verdict.MET]
    elif answered > 60_000 + blur:
        at, verdict = world.effects_at[0]
        assert (verdict, call.verdict) == (Verdict.BREACHED, Verdict.BREACHED)
        assert abs(at - 60_000) <= blur
    assert abs(call.wait - answered) <= blur


# --- the link -----------------------------------------------------------------------------------


def hangup(at: Ms, uniqueid: str) -> bytes:
    stamp = f"{at // 1000}.{at % 1000:03d}000"
    return message(Event="Hangup", Timestamp=stamp, Uniqueid=uniqueid, Cause="16")


@pytest.mark.parametrize("by", STEPS)
async def test_the_link_tells_a_step_before_the_events_of_after_it(by: Ms) -> None:
    async with ScriptedPbx() as pbx, Linked(pbx) as run:
        await run.sink.until_link(core.LinkState.CONNECTED)
        pbx.live.send(hangup(pbx.now, "1.1"))
        pbx.now += by - 20
        pbx.live.send(hangup(pbx.now, "1.2") + hangup(pbx.now + 5, "1.3"))
        pbx.now += 20
        gone = core.ChannelGone
        await run.sink.until(lambda es: sum(isinstance(e, gone) for e in es) == 3)
        told = [e for e in run.sink.events if isinstance(e, core.ClockStepped | core.ChannelGone)]
        kinds = [type(event).__name__ for event in told]
        assert kinds == ["ChannelGone", "ClockStepped", "ChannelGone", "ChannelGone"]
        assert told[1] == core.ClockStepped("lab", pbx.now, by)
        assert [event.at for event in told[2:]] == [pbx.now - 20, pbx.now - 15]
        assert not run.sink.links(core.LinkState.LOST)


async def test_a_clock_that_is_set_while_the_pbx_tells_its_state_has_it_told_again() -> None:
    async with ScriptedPbx() as pbx:

        def summary(_: object, action: dict[str, str]) -> bytes:
            if not pbx.answers.pop("QueueSummary", None):
                raise AssertionError
            pbx.now += HOUR
            pbx.live.send(hangup(pbx.now, "1.1"))
            return pbx.listing(action, [])

        pbx.answers["QueueSummary"] = summary
        async with Linked(pbx) as run:
            await run.sink.until_link(core.LinkState.LOST)
            assert (
                "was set while it told its state" in run.sink.links(core.LinkState.LOST)[0].detail
            )
            await run.naps.end_next()
            await run.naps.end_next()
            await run.sink.until_link(core.LinkState.CONNECTED)
            steps = [e for e in run.sink.events if isinstance(e, core.ClockStepped)]
            assert [step.by for step in steps] == [HOUR]
            assert run.sink.links(core.LinkState.CONNECTED)[0].at == pbx.now


def slow_pongs(pbx: ScriptedPbx, run: Linked, times: int, trip: Ms = 830) -> None:
    """The answers to so many pings are stamped at once, and read late."""
    left = itertools.repeat(trip, times)

    def pong(_: object, action: dict[str, str]) -> bytes:
        stamp, held_up = pbx.now, next(left, 0)
        pbx.now += held_up
        run.clock += held_up
        reply = {"Response": "Success", "ActionID": action["ActionID"]}
        return message(**reply, Ping="Pong", Timestamp=f"{stamp / 1000:.6f}")

    pbx.answers["Ping"] = pong


@pytest.mark.parametrize("slow", [0, 1, 4])
async def test_a_slow_answer_while_a_busy_monitor_starts_does_not_set_the_clock(slow: int) -> None:
    async with ScriptedPbx() as pbx:
        run = Linked(pbx)
        slow_pongs(pbx, run, slow)
        async with run:
            await run.sink.until_link(core.LinkState.CONNECTED)
            assert pbx.names().count("Ping") == slow + 1
            assert run.sink.links(core.LinkState.CONNECTED)[0].at == pbx.now


async def test_nothing_counts_as_observed_before_what_came_in_the_resync() -> None:
    async with ScriptedPbx() as pbx:
        run = Linked(pbx)
        slow_pongs(pbx, run, 1000)

        def summary(_: object, action: dict[str, str]) -> bytes:
            pbx.live.send(hangup(pbx.now, "1.1"))
            return pbx.listing(action, [])

        pbx.answers["QueueSummary"] = summary
        async with run:
            await run.sink.until_link(core.LinkState.CONNECTED)
            assert run.sink.links(core.LinkState.RESYNCING)[0].at < pbx.now
            assert run.sink.links(core.LinkState.CONNECTED)[0].at == pbx.now


async def test_a_step_while_the_link_is_down_is_told_before_the_snapshot() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx) as run:
        await run.sink.until_link(core.LinkState.CONNECTED)
        pbx.live.cut()
        await run.sink.until_link(core.LinkState.LOST)
        pbx.now -= HOUR
        while not run.sink.links(core.LinkState.CONNECTED)[1:]:
            await run.naps.end_next()
            await run.sink.until(lambda _: True)
        names = [type(event).__name__ for event in run.sink.events]
        assert names.count("ClockStepped") == 1
        assert names.index("ClockStepped") < len(names) - names[::-1].index("PbxSnapshot") - 1


def test_ages_and_uptimes_may_be_negative_after_a_step_back() -> None:
    assert span("00:-59:-55") == -3_595_000  # as Asterisk writes it
    entry = {"Uniqueid": "1.1", "Position": "1"}
    assert entry_seen({**entry, "Wait": "-3595"}, 200).waited == -3_595_200
    assert entry_seen({**entry, "Wait": "0"}, 200).waited == 0
    boot = BootWatch()
    boot.take({"Event": "FullyBooted", "Uptime": "-3590"})
    assert boot.told
