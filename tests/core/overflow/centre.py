"""A centre with overflow rules: one engine, one PBX, and what the rules did."""

from collections.abc import Iterable

from monitor.core import events as ev
from monitor.core.effects import (
    CommandChanged,
    CommandIssued,
    DecisionMade,
    Effect,
    StandingChanged,
)
from monitor.core.overflow.decisions import Answer, Command, Decision, Order, Outcome, Standing
from monitor.core.overflow.engine import Overflow, Question
from monitor.core.overflow.rules import (
    Condition,
    Destination,
    Metric,
    OverflowRule,
    Withdraw,
)
from monitor.core.overflow.situation import Forecaster
from monitor.core.policy import Policy
from tests.core.story import CALLER, PBX, POLICY, Story, ms

TO_SECOND = Destination("to-second", "s", 1, "second")
YES = Answer(accepted=True, text="Withdraw requested successfully")
NO = Answer(accepted=False, text="No such caller")


def withdraw(*conditions: Condition, id_: str = "help", **more: object) -> OverflowRule:
    """A rule that moves callers of "support" to "second"."""
    given = {"queues": ("support",), "action": Withdraw(TO_SECOND), "cool_down": 30_000, **more}
    return OverflowRule(id=id_, conditions=conditions, **given)  # type: ignore[arg-type]


def at_most(metric: Metric, limit: float, **more: object) -> Condition:
    return Condition(metric, at_most=limit, **more)  # type: ignore[arg-type]


def at_least(metric: Metric, limit: float, **more: object) -> Condition:
    return Condition(metric, at_least=limit, **more)  # type: ignore[arg-type]


class Centre(Story):
    """A story whose PBX is helped by rules; the monitor's clock goes along with the events."""

    def __init__(
        self,
        *rules: OverflowRule,
        policy: Policy = POLICY,
        forecasts: Forecaster | None = None,
        connected: bool = True,
    ) -> None:
        super().__init__(policy, connected=connected)
        self.overflow = Overflow(self.engine, rules, forecasts)
        self.now = ms(0)
        self.done: list[Effect] = []
        self.offset = 0

    def say(self, event: ev.Event) -> "Centre":
        found = self.engine.handle(event)
        self.effects += found
        if hasattr(self, "overflow"):
            self.now = max(self.now, event.at + self.offset)
            self.done += self.overflow.handle(found, self.now)
        return self

    def until(self, seconds: float) -> "Centre":
        """Let the monitor's clock run, stopping at each deadline as the runtime does."""
        end = ms(seconds) + self.offset
        while True:
            due = [self.engine.next_deadline(), self.overflow.next_deadline()]
            at = min([moment for moment in due if moment is not None], default=end)
            if at > end:
                break
            self.now = max(self.now, at)
            self._step()
        self.now = max(self.now, end)
        self._step()
        return self

    def _step(self) -> None:
        found = self.engine.advance(self.now)
        self.effects += found
        self.done += self.overflow.handle(found, self.now) if found else []
        self.done += self.overflow.advance(self.now)

    # --- the PBX --------------------------------------------------------------------------------

    def member(
        self, at: float = 0, queue: str = "second", interface: str = "PJSIP/anna",
        device: ev.DeviceState = ev.DeviceState.NOT_IN_USE, *, paused: bool = False,
        penalty: int = 0,
    ) -> "Centre":  # fmt: skip
        return self.say(
            ev.MemberChanged(
                PBX, ms(at), queue, interface, interface, device, paused=paused, pause_reason="",
                in_call=False, penalty=penalty, calls_taken=0, last_call=0,
            )
        )  # fmt: skip

    def member_gone(self, at: float, interface: str, queue: str = "second") -> "Centre":
        return self.say(ev.MemberRemoved(PBX, ms(at), queue, interface))

    def waits(self, at: float, uniqueid: str = CALLER, queue: str = "support") -> "Centre":
        """A caller comes and joins a queue at once."""
        self.arrives(at, uniqueid)
        self.joins(at, queue, uniqueid)
        return self

    def withdrawn(self, at: float, uniqueid: str = CALLER, queue: str = "support") -> "Centre":
        """The PBX takes the caller out of the queue, because it was told to."""
        self.gives_up(at, queue, uniqueid)
        return self.say(ev.QueueStatusSet(PBX, ms(at), uniqueid, "WITHDRAW"))

    def lost(self, at: float) -> "Centre":
        return self.say(ev.LinkChanged(PBX, ms(at), ev.LinkState.LOST, "gone"))

    # --- the rules ------------------------------------------------------------------------------

    def answers(self, answer: Answer = YES, number: int = -1) -> "Centre":
        """The PBX answers a command; the last one, if not said otherwise."""
        self.done += self.overflow.answered(PBX, self.commands[number].id, answer, self.now)
        return self

    def asks(
        self, queue: str = "support", uniqueid: str = CALLER, caller: str = "", pbx: str = PBX
    ) -> Decision:
        decision, effects = self.overflow.ask(Question(pbx, queue, uniqueid, caller), self.now)
        self.done += effects
        return decision

    @property
    def decisions(self) -> list[Decision]:
        return [effect.decision for effect in self.done if isinstance(effect, DecisionMade)]

    @property
    def commands(self) -> list[Command]:
        return [effect.command for effect in self.done if isinstance(effect, CommandIssued)]

    @property
    def orders(self) -> list[Order]:
        return [command.order for command in self.commands]

    @property
    def outcomes(self) -> list[Outcome]:
        return [command.outcome for command in self.commands]

    @property
    def changes(self) -> list[Command]:
        return [effect.command for effect in self.done if isinstance(effect, CommandChanged)]

    @property
    def stood(self) -> list[tuple[Standing, bool]]:
        return [
            (effect.standing, effect.on)
            for effect in self.done
            if isinstance(effect, StandingChanged)
        ]

    def issued_at(self) -> list[float]:
        """When commands were issued, in seconds of the story."""
        return [(command.issued_at - ms(0)) / 1000 for command in self.commands]


def becauses(decision: Decision) -> list[str]:
    return [reason.because.value for reason in decision.reasons]


def crowd(
    centre: Centre, count: int, at: float = 0, queue: str = "support", first: int = 100
) -> list[str]:
    """Many callers join a queue, a millisecond after one another."""
    uniqueids = [f"1763718000.{first + number}" for number in range(count)]
    for number, uniqueid in enumerate(uniqueids):
        centre.waits(at + number / 1000, uniqueid, queue)
    return uniqueids


def held_back(decisions: Iterable[Decision]) -> list[Decision]:
    return [decision for decision in decisions if decision.held_back]
