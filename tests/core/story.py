"""A caller's story, told in seconds after arrival; what the tests of the core are written in."""

from collections.abc import Callable

from monitor.core import events as ev
from monitor.core.effects import Effect, VerdictGiven
from monitor.core.engine import Engine
from monitor.core.policy import Policy
from monitor.core.records import Call, Verdict
from monitor.core.resync import without_overtaken

PBX = "lab"
T0 = 1_763_718_000_000
"""Begin of every story, 2025-11-21T09:40:00Z in ms."""
CALLER = "1763718000.1"
AGENT = "PJSIP/anna"

POLICY = Policy(incoming_contexts=((PBX, ("incoming",)),))


def ms(seconds: float) -> int:
    """A moment, ``seconds`` after the story's begin."""
    return T0 + round(seconds * 1000)


class Story:
    """One engine, one PBX, and short words for what Asterisk says about a caller."""

    def __init__(self, policy: Policy = POLICY, *, connected: bool = True) -> None:
        self.engine = Engine(policy)
        self.effects: list[Effect] = []
        self.engine.advance(T0)
        if connected:
            self.say(ev.PbxSnapshot(PBX, T0))
            self.say(ev.LinkChanged(PBX, T0, ev.LinkState.CONNECTED))
        self.effects.clear()
        self._calls: dict[str, Call] = {}

    def say(self, event: ev.Event) -> "Story":
        """Hand one event to the engine."""
        self.effects += self.engine.handle(event)
        return self

    def resync(self, snapshot: ev.PbxSnapshot, *buffered: ev.Event) -> "Story":
        """What a resync says: the snapshot, what came meanwhile, and that it is over."""
        for event in (without_overtaken(snapshot, buffered), *buffered):
            self.say(event)
        return self.say(ev.LinkChanged(PBX, snapshot.at, ev.LinkState.CONNECTED))

    def until(self, seconds: float) -> "Story":
        """Let the monitor's clock run."""
        self.effects += self.engine.advance(ms(seconds))
        return self

    def call(self, uniqueid: str = CALLER) -> Call:
        """The caller's record, also after the call has closed."""
        live = self.engine.snapshot().calls.get(f"{PBX}:{uniqueid}")
        if live is not None:
            self._calls[uniqueid] = live
        for effect in self.effects:
            call = getattr(effect, "call", None)
            if call is not None:
                self._calls[call.uniqueid] = call
        return self._calls[uniqueid]

    @property
    def verdicts(self) -> list[Verdict]:
        """All verdicts given, in order."""
        return [e.verdict for e in self.effects if isinstance(e, VerdictGiven)]

    # --- what Asterisk says ---------------------------------------------------------------------

    def arrives(
        self, at: float = 0, uniqueid: str = CALLER, number: str = "0199001234",
        context: str = "incoming",
    ) -> "Story":  # fmt: skip
        """The caller's channel comes and runs its first dialplan step."""
        self.say(
            ev.ChannelArrived(
                PBX, ms(at), uniqueid, uniqueid, f"PJSIP/trunk-{uniqueid[-3:]}", context,
                "support", number, "",
            )
        )  # fmt: skip
        return self.steps(at, context, "Answer", uniqueid=uniqueid)

    def steps(
        self, at: float, context: str = "incoming", application: str = "NoOp", data: str = "",
        uniqueid: str = CALLER,
    ) -> "Story":  # fmt: skip
        return self.say(ev.DialplanStep(PBX, ms(at), uniqueid, context, "s", application, data))

    def joins(self, at: float, queue: str = "support", uniqueid: str = CALLER) -> "Story":
        self.steps(at, self.call(uniqueid).context, "Queue", f"{queue},,,,60", uniqueid)
        return self.say(ev.QueueJoined(PBX, ms(at), uniqueid, queue, 1))

    def rings(self, at: float, queue: str = "support") -> "Story":
        return self.say(ev.AgentOffered(PBX, ms(at), CALLER, queue, AGENT, "Anna"))

    def misses(self, at: float, queue: str = "support") -> "Story":
        return self.say(ev.AgentMissed(PBX, ms(at), CALLER, queue, AGENT, "Anna", 15_000))

    def leaves(self, at: float, queue: str = "support", uniqueid: str = CALLER) -> "Story":
        return self.say(ev.QueueLeft(PBX, ms(at), uniqueid, queue))

    def gives_up(self, at: float, queue: str = "support", uniqueid: str = CALLER) -> "Story":
        """What Asterisk says on every unanswered way out but the key."""
        self.say(ev.QueueGivenUp(PBX, ms(at), uniqueid, queue))
        return self.leaves(at, queue, uniqueid)

    def connects(self, at: float, queue: str = "support", uniqueid: str = CALLER) -> "Story":
        """Leave comes before Connect."""
        self.leaves(at, queue, uniqueid)
        return self.say(ev.AgentConnected(PBX, ms(at), uniqueid, queue, AGENT, "Anna"))

    def completes(self, at: float, queue: str = "support", uniqueid: str = CALLER) -> "Story":
        return self.say(ev.AgentCompleted(PBX, ms(at), uniqueid, queue, AGENT, "Anna", "caller"))

    def status(self, at: float, status: str) -> "Story":
        return self.say(ev.QueueStatusSet(PBX, ms(at), CALLER, status))

    def presses(self, at: float, digit: str) -> "Story":
        return self.say(ev.DigitPressed(PBX, ms(at), CALLER, digit))

    def hangs_up(self, at: float, uniqueid: str = CALLER) -> "Story":
        """The caller hangs up."""
        self.say(ev.HangupRequested(PBX, ms(at), uniqueid))
        return self.ends(at, uniqueid)

    def ends(self, at: float, uniqueid: str = CALLER) -> "Story":
        """The channel ends, by whoever's hand."""
        return self.say(ev.ChannelGone(PBX, ms(at), uniqueid, 16))

    def in_bridge(self, at: float, uniqueid: str, channel: str) -> "Story":
        return self.say(ev.BridgeEntered(PBX, ms(at), uniqueid, channel, "b1", "basic"))


Steps = Callable[[Story], object]
