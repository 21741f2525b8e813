"""Whatever a PBX says, and in whatever order its answers come, the promises of the rules hold."""

from collections import defaultdict
from collections.abc import Callable
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core.effects import CommandChanged, CommandIssued, DecisionMade, StandingChanged
from monitor.core.overflow.decisions import (
    AddMember,
    Answer,
    Asker,
    ChangePenalty,
    Command,
    Decision,
    Outcome,
    RemoveMember,
    Verb,
    WithdrawCaller,
)
from monitor.core.overflow.engine import Switch
from monitor.core.overflow.rules import (
    AddMembers,
    Destination,
    Helper,
    How,
    Metric,
    OverflowRule,
    Prioritise,
    SetLamp,
    SetPenalty,
    Withdraw,
)
from tests.core.overflow.centre import NO, YES, Centre, at_least, at_most, withdraw
from tests.core.story import PBX, ms
from tests.properties.budget import examples

QUEUES: Final = ("support", "second")
HELPERS: Final = ("PJSIP/h1", "PJSIP/h2")
HANDS: Final = ("PJSIP/anna", "PJSIP/bert", *HELPERS)
"""Those whom people log in and out."""


def _back(**more: object) -> OverflowRule:
    action = Withdraw(Destination("to-support", "s", 1, "support"))
    return withdraw(
        at_least(Metric.WAITED_IN_QUEUE, 8_000), id_="back", action=action, queues=("second",),
        at_most=1, per=15_000, cool_down=5_000, only_if_better=False, **more,
    )  # fmt: skip


def _lasting(id_: str, action: object, waiting: int) -> OverflowRule:
    many = at_least(Metric.WAITING, waiting, release_below=waiting - 1)
    return withdraw(many, id_=id_, action=action, queues=QUEUES, cool_down=3_000)


RULES: Final = (
    withdraw(
        at_most(Metric.TIME_LEFT, 45_000), at_most=2, per=10_000, cool_down=5_000, how=How.BOTH
    ),
    _back(),
    withdraw(at_least(Metric.WAITING, 3), id_="first", action=Prioritise(5), priority=50),
    _lasting("hands", AddMembers(tuple(Helper(name) for name in HELPERS)), 2),
    _lasting("more", AddMembers((Helper(HELPERS[0]),)), 3),
    _lasting("lamp", SetLamp("crowd"), 2),
    _lasting("penalty", SetPenalty(("*",), 7), 2),
)
CAPS: Final = {rule.id: (rule.at_most, rule.per) for rule in RULES}
COOL_DOWNS: Final = {rule.id: rule.cool_down for rule in RULES}
LOST: Final = Answer(accepted=None, text="lost")
UNSENT: Final = Answer(accepted=None, text="not sent", sent=False)


def is_advice(decision: Decision) -> bool:
    return decision.asked_by is Asker.PBX and decision.verb is Verb.MOVE


class World:
    """A PBX, the people there, and what is promised."""

    def __init__(self) -> None:
        self.centre = Centre(*RULES)
        self.at = 1.0
        self.waiting: dict[str, str] = {}
        self.members: dict[tuple[str, str], int] = {}
        self.by_hand: set[tuple[str, str]] = set()
        self.talking: list[str] = []
        self.count = 0
        self.connected = True
        self.on = True
        self.open: list[Command] = []
        self.taken: list[Command] = []
        self.read = 0
        self.issued: dict[str, tuple[float, Command]] = {}
        self.outcomes: dict[str, list[Outcome]] = defaultdict(list)
        self.moves: dict[str, dict[str, float]] = defaultdict(dict)
        self.stood: dict[tuple[str, str, int], list[bool]] = defaultdict(list)
        for queue in QUEUES:
            self._member(queue, "PJSIP/anna")

    # --- what happens ---------------------------------------------------------------------------

    def act(self, deed: int, which: int, span: int) -> None:
        """One thing happens, and then some time passes."""
        DEEDS[deed % len(DEEDS)](self, which)
        self.check()
        self.at += span / 10
        self.centre.until(self.at)
        self.check()

    def comes(self, which: int) -> None:
        uniqueid = f"1763718000.{self.count + 10}"
        self.count += 1
        if self.connected:
            self.centre.waits(self.at, uniqueid, QUEUES[which % 2])
            self.waiting[uniqueid] = QUEUES[which % 2]

    def asks(self, which: int) -> None:
        uniqueid = f"1763718000.{which % (self.count + 1) + 10}"
        decision = self.centre.asks(QUEUES[which % 2], uniqueid)
        assert decision.verb in {Verb.MOVE, Verb.STAY}

    def hangs_up(self, which: int) -> None:
        uniqueid = self._one(which)
        if uniqueid:
            self.centre.gives_up(self.at, self.waiting.pop(uniqueid), uniqueid)
            self.centre.hangs_up(self.at, uniqueid)

    def is_answered(self, which: int) -> None:
        uniqueid = self._one(which)
        if uniqueid:
            self.centre.connects(self.at, self.waiting.pop(uniqueid), uniqueid)
            self.talking.append(uniqueid)

    def is_rung(self, which: int) -> None:
        uniqueid = self._one(which)
        if uniqueid:
            queue = self.waiting[uniqueid]
            self.centre.say(ev.AgentOffered(PBX, ms(self.at), uniqueid, queue, HANDS[0], "Anna"))

    def obeys(self, which: int) -> None:
        """The PBX does what it took, if it still can."""
        if not self.taken or not self.connected:
            return
        command = self.taken.pop(which % len(self.taken))
        uniqueid = command.call_id.partition(":")[2]
        if self.waiting.get(uniqueid) == command.queue:
            self.centre.withdrawn(self.at, uniqueid, command.queue)
            target = QUEUES[1 - QUEUES.index(command.queue)]
            self.centre.joins(self.at, target, uniqueid)
            self.waiting[uniqueid] = target

    def answers(self, which: int) -> None:
        if not self.open:
            return
        command = self.open.pop(which % len(self.open))
        self.reply(command, (YES, NO, LOST, UNSENT, YES)[which // 7 % 5])

    def reply(self, command: Command, answer: Answer) -> None:
        """The PBX answers, if it is asked at all; its events come first."""
        order = command.order
        if not self.connected or not self.centre.overflow.still_allowed(command):
            answer = UNSENT
        if answer is YES and isinstance(order, WithdrawCaller):
            self.taken.append(command)
        elif answer is YES and isinstance(order, AddMember):
            self._member(order.queue, order.interface)
        elif answer is YES and isinstance(order, RemoveMember):
            self._gone(order.queue, order.interface)
        elif answer is YES and isinstance(order, ChangePenalty):
            self._penalty(order)
        self.centre.done += self.centre.overflow.answered(PBX, command.id, answer, self.centre.now)

    def logs_in(self, which: int) -> None:
        key = (QUEUES[which % 2], HANDS[which // 2 % len(HANDS)])
        if self.connected and key not in self.members:
            self.by_hand.add(key)
            self._member(*key)

    def logs_out(self, which: int) -> None:
        if self.members and self.connected:
            self._gone(*sorted(self.members)[which % len(self.members)])

    def switches(self, which: int) -> None:
        self.on = which % 3 > 0
        self.centre.done += self.centre.overflow.turn(Switch(on=self.on), self.centre.now)

    def forces(self, which: int) -> None:
        rule = RULES[which % len(RULES)].id
        on = (True, False, None, None)[which // 8 % 4]
        self.centre.done += self.centre.overflow.force(rule, on=on, by="lea", now=self.centre.now)

    def changes_rules(self, which: int) -> None:
        keep = tuple(rule for number, rule in enumerate(RULES) if which >> number & 1 or which % 2)
        self.centre.done += self.centre.overflow.set_rules(keep, self.centre.now)

    def loses_link(self, which: int) -> None:
        if self.connected:
            self.connected = False
            self.centre.lost(self.at)

    def comes_back(self, which: int) -> None:
        if self.connected:
            return
        self.connected = True
        started_anew = which % 4 == 0
        if started_anew:
            self.waiting.clear()
            self.taken.clear()
            self.members = {key: 0 for key in self.members if which % 8}
        at = ms(self.at)
        queues = tuple(
            ev.QueueSeen(
                queue,
                tuple(
                    ev.EntrySeen(uniqueid, place, 0)
                    for place, (uniqueid, where) in enumerate(self.waiting.items(), 1)
                    if where == queue
                ),
                tuple(self._said(*key) for key in self.members if key[0] == queue),
            )
            for queue in QUEUES
        )
        channels = tuple(
            ev.ChannelSeen(
                uniqueid, uniqueid, f"PJSIP/trunk-{uniqueid[-3:]}", "incoming", "s", "Queue", "",
                "", 0, "",
            )
            for uniqueid in self.waiting
        )  # fmt: skip
        self.centre.resync(ev.PbxSnapshot(PBX, at, channels, queues, restarted=started_anew))

    # --- the parts of it ------------------------------------------------------------------------

    def _one(self, which: int) -> str:
        if not self.waiting or not self.connected:
            return ""
        return list(self.waiting)[which % len(self.waiting)]

    def _said(self, queue: str, interface: str) -> ev.MemberChanged:
        return ev.MemberChanged(
            PBX, ms(self.at), queue, interface, interface, ev.DeviceState.NOT_IN_USE,
            paused=False, pause_reason="", in_call=False,
            penalty=self.members[queue, interface], calls_taken=0, last_call=0,
        )  # fmt: skip

    def _member(self, queue: str, interface: str, penalty: int = 0) -> None:
        self.members[queue, interface] = penalty
        if self.connected:
            self.centre.say(self._said(queue, interface))

    def _penalty(self, order: ChangePenalty) -> None:
        if (order.queue, order.interface) in self.members:
            self._member(order.queue, order.interface, order.penalty)

    def _gone(self, queue: str, interface: str) -> None:
        self.by_hand.discard((queue, interface))
        if self.members.pop((queue, interface), None) is not None:
            self.centre.member_gone(self.at, interface, queue)

    # --- what is promised -----------------------------------------------------------------------

    def check(self) -> None:
        """Read what was done since the last time."""
        done = self.centre.done
        now = (self.centre.now - ms(0)) / 1000
        for effect in done[self.read :]:
            if isinstance(effect, CommandIssued):
                self._issued(effect.command)
            elif isinstance(effect, CommandChanged):
                self._changed(effect.command)
            elif isinstance(effect, StandingChanged):
                standing = effect.standing
                key = (standing.rule_id, standing.queue, standing.since)
                self.stood[key].append(effect.on)
            elif isinstance(effect, DecisionMade) and is_advice(effect.decision):
                self.moves[effect.decision.rule_id][effect.decision.id] = now
        self.read = len(done)
        pending = [c.call_id for _, c in self.issued.values() if c.outcome is Outcome.PENDING]
        callers = [call_id for call_id in pending if call_id]
        assert len(callers) == len(set(callers)), "two commands at once for one caller"
        for ons in self.stood.values():
            assert ons.count(False) <= 1, "undone twice"
            assert False not in ons[:-1], "on again after it was undone"

    def _issued(self, command: Command) -> None:
        at = (command.issued_at - ms(0)) / 1000
        assert command.id not in self.issued
        assert self.connected, "decided for a PBX that is not seen"
        assert self.on or not command.call_id, "decided with the switch off"
        if command.call_id:
            for _, other in self.issued.values():
                if other.call_id == command.call_id:
                    span = command.issued_at - other.issued_at
                    assert span >= COOL_DOWNS[other.rule_id], "no cool-down"
            self.moves[command.rule_id][command.id] = at
        self.issued[command.id] = (at, command)
        self.open.append(command)

    def _changed(self, command: Command) -> None:
        known = self.outcomes[command.id]
        if not known or known[-1] is not command.outcome:
            known.append(command.outcome)

    def end(self) -> None:
        """All calls end, all is turned off, the PBX obeys: nothing is left behind."""
        self.loses_link(1)
        self.comes_back(1)
        self.check()
        self.switches(0)
        for _ in range(6):
            self.check()
            while self.open:
                self.reply(self.open.pop(0), YES)
                self.check()
            self.at += 100
            self.centre.until(self.at)
        for uniqueid in list(self.waiting):
            self.hangs_up(list(self.waiting).index(uniqueid))
        self.at += 1_000
        self.centre.until(self.at)
        self.check()
        self._nothing_is_left()

    def _nothing_is_left(self) -> None:
        assert self.centre.overflow.standing == ()
        assert all(ons[-1] is False for ons in self.stood.values())
        for _, command in self.issued.values():
            assert command.outcome is not Outcome.PENDING
            assert Outcome.PENDING not in self.outcomes[command.id][1:]
        for rule, moved in self.moves.items():
            at_most, per = CAPS[rule]
            moments = sorted(moved.values())
            for first, beyond in zip(moments, moments[at_most:], strict=False):
                assert beyond - first >= per / 1000 - 1e-6, f"the rate cap of {rule}"
        helpers = {key for key in self.members if key[1] in HELPERS}
        assert helpers <= self.by_hand, "a helper stayed"


DEEDS: Final[tuple[Callable[[World, int], None], ...]] = (
    World.comes, World.comes, World.comes, World.comes, World.hangs_up, World.is_answered,
    World.is_rung, World.obeys, World.obeys, World.answers, World.answers, World.answers,
    World.answers, World.asks, World.logs_in, World.logs_out, World.switches, World.forces,
    World.changes_rules, World.loses_link, World.comes_back, World.comes_back,
)  # fmt: skip

STEP: Final = st.tuples(st.integers(0, len(DEEDS) - 1), st.integers(0, 127), st.integers(0, 120))


@examples(0.05)
@given(st.lists(STEP, min_size=5, max_size=60))
def test_whatever_happens_the_promises_hold(steps: list[tuple[int, int, int]]) -> None:
    world = World()
    for step in steps:
        world.act(*step)
    world.end()
