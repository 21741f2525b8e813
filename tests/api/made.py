"""Records and events made by hand, for the tests of the HTTP edge."""

from typing import Any

from monitor.core import events as ev
from monitor.core.clock import SECOND, Ms
from monitor.core.engine import Engine
from monitor.core.events import DeviceState
from monitor.core.policy import Commitment, Policy, QueuePolicy, VoiceServer
from monitor.core.records import (
    Call,
    Exit,
    Fact,
    FactKind,
    HandledBy,
    Member,
    MemberState,
    Reason,
    Verdict,
    Visit,
    VoiceServerStay,
)

START: Ms = 1_763_718_067_382
"""2025-11-21T09:41:07.382Z, a Friday."""
PBX = "lab"

POLICY = Policy(
    commitment=Commitment(),
    queues=(QueuePolicy("support", "Support"),),
    voice_servers=(VoiceServer("welcome", ("ivr",)),),
    incoming_contexts=((PBX, ("incoming",)),),
)


def answered_call(uniqueid: str = "1.1") -> Call:
    """A call that went through the voice server and was answered in time."""
    at = START
    return Call(
        pbx=PBX,
        uniqueid=uniqueid,
        arrived_at=at,
        linkedid=uniqueid,
        caller="0199001234",
        caller_name="Zoé",
        clock_started_at=at,
        handled_at=at + 5_001,
        handled_by=HandledBy.AGENT,
        agent="Alice",
        ended_at=at + 60_000,
        verdict=Verdict.MET,
        verdict_at=at + 5_001,
        reason=Reason.HANDLED_BY_AGENT,
        closed=True,
        visits=[
            Visit(
                "support",
                at + 2_000,
                60_000,
                position=1,
                left_at=at + 5_000,
                exit=Exit.ANSWERED,
                agent="Alice",
                answered_at=at + 5_001,
                ended_at=at + 60_000,
                offers=1,
            )
        ],
        stays=[VoiceServerStay("welcome", at + 500, at + 1_900, "1")],
        facts=[Fact(at, FactKind.ARRIVED, {"exten": "0199000100"})],
    )


def member(state: MemberState = MemberState.AVAILABLE) -> Member:
    """An agent in a queue."""
    return Member(
        pbx=PBX,
        queue="support",
        interface="PJSIP/alice",
        name="Alice",
        device=DeviceState.NOT_IN_USE,
        paused=False,
        pause_reason="",
        in_call=False,
        penalty=0,
        calls_taken=3,
        last_call=START,
        wrap_up=0,
        state=state,
        since=START,
    )


class Centre:
    """Feeds an engine with the events of callers, on a clock that only tests move."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or Engine(POLICY)
        self.now: Ms = START
        self.engine.advance(self.now)

    def clock(self) -> Ms:
        """The monitor's clock."""
        return self.now

    def tell(self, kind: type[ev.Event], **fields: object) -> list[Any]:
        """Hand in one event, now."""
        return self.engine.handle(kind(PBX, self.now, **fields))

    def connect(self) -> list[Any]:
        """The link with the PBX comes up."""
        return [
            *self.tell(ev.LinkChanged, state=ev.LinkState.CONNECTED),
            *self.tell(ev.PbxSnapshot),
        ]

    def arrive(self, uniqueid: str, number: str = "0199001234") -> list[Any]:
        """A caller arrives and runs the dialplan."""
        where = {"context": "incoming", "exten": "0199000100"}
        channel = {"uniqueid": uniqueid, "linkedid": uniqueid, "channel": f"PJSIP/in-{uniqueid}"}
        return [
            *self.tell(ev.ChannelArrived, **channel, **where, number=number, name=""),
            *self.tell(ev.DialplanStep, uniqueid=uniqueid, **where, application="Answer"),
        ]

    def join(self, uniqueid: str, queue: str = "support") -> list[Any]:
        """A caller joins a queue."""
        return self.tell(ev.QueueJoined, uniqueid=uniqueid, queue=queue, position=1)

    def hang_up(self, uniqueid: str) -> list[Any]:
        """A caller hangs up."""
        return [
            *self.tell(ev.HangupRequested, uniqueid=uniqueid),
            *self.tell(ev.ChannelGone, uniqueid=uniqueid, cause=16),
        ]

    def pass_time(self, seconds: float) -> list[Any]:
        """Time goes by, and timers fire."""
        self.now += round(seconds * SECOND)
        return self.engine.advance(self.now)
