"""Carries out a plan on a running Asterisk: phones, members, callers, and what befalls them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from tests.asterisk_lab.ami import AmiTap, LabAmi, Message
from tests.asterisk_lab.callers import FOREVER, Sipp, call, originate, ring
from tests.asterisk_lab.play import OVER_WITHIN
from tests.asterisk_lab.server import AsteriskLab

from .plan import LiveAct, LocalCall, MemberAct, Plan, SipLine, add

OUTGOING = "(Outgoing Line)"


@dataclass
class Played:
    """What a soak did. ``tap`` is the lab's own record of the PBX's events.

    ``done`` counts acts that found somebody; ``troubles`` are lines and phones that sipp was not
    content with, which a soak may cause and does not mind. ``stuck`` are channels that Asterisk
    itself cannot end any more (seen on 16): as far as it tells, they are there for ever.
    """

    tap: Path
    started: float
    ended: float = 0.0
    late: float = 0.0
    done: dict[str, int] = field(default_factory=dict)
    troubles: int = 0
    stuck: frozenset[str] = frozenset()


class Crowd:
    """Plays one plan. ``also`` are further things to do: (seconds from the start, what)."""

    def __init__(
        self,
        lab: AsteriskLab,
        plan: Plan,
        tap: Path,
        also: tuple[tuple[float, Callable[[], None]], ...] = (),
    ) -> None:
        self._lab = lab
        self._plan = plan
        self._running: list[Sipp] = []
        self._played = Played(tap, time.time())
        self._also = also

    def play(self) -> Played:
        """Do all of it, and return when the last channel is gone."""
        with contextlib.ExitStack() as stack:
            tap = AmiTap(self._lab.ami_port, self._played.tap)
            stack.callback(tap.close)
            tap.wait_for(b"Event: FullyBooted")
            ami = stack.enter_context(self._lab.ami())
            for agent in self._plan.phones:
                stack.callback(ring(self._lab, agent).stop)
            stack.enter_context(self._members(ami))
            try:
                self._run(ami)
                self._all_back(ami)
                self._wait_over(ami)
            finally:
                for one in self._running:
                    self._played.troubles += one.process.poll() != 0
                    one.stop()
            tap.wait_quiet(0.5)
        self._played.ended = time.time()
        return self._played

    @contextlib.contextmanager
    def _members(self, ami: LabAmi) -> Iterator[None]:
        for queue, interface in self._plan.members:
            act = add(0, queue, interface)
            ami.action(act.action, **dict(act.fields))
        try:
            yield
        finally:
            for queue, interface in self._plan.members:
                # it may have left by itself
                ami.request("QueueRemove", Queue=queue, Interface=interface)

    def _run(self, ami: LabAmi) -> None:
        plan = self._plan
        planned: list[SipLine | LocalCall | MemberAct | LiveAct] = [
            *plan.lines, *plan.locals, *plan.member_acts, *plan.live_acts,
        ]  # fmt: skip
        todo = [(what.at, self._doing(ami, what)) for what in planned]
        began = time.monotonic()
        for at, do in sorted([*todo, *self._also], key=itemgetter(0)):
            # the plan's own clock, not a wait for something to happen
            left = began + at - time.monotonic()
            time.sleep(max(0.0, left))
            self._played.late = max(self._played.late, -left)
            do()

    def _doing(
        self, ami: LabAmi, what: SipLine | LocalCall | MemberAct | LiveAct
    ) -> Callable[[], None]:
        def do() -> None:
            match what:
                case SipLine():
                    self._running.append(
                        call(
                            self._lab, what.caller, what.numbers, 1,
                            period=what.period, extens=what.extens,
                        )
                    )  # fmt: skip
                case LocalCall():
                    rings_for = what.stay if what.rings else FOREVER
                    originate(ami, what.exten, what.number, what.stay, rings_for=rings_for)
                case MemberAct():
                    ami.request(what.action, **dict(what.fields))
                case LiveAct():
                    self._act(ami, what)

        return do

    def _act(self, ami: LabAmi, act: LiveAct) -> None:
        """Do something to one of those who are there; nobody may be."""
        channels = ami.listing("CoreShowChannels")
        if act.kind == "transfer":
            found = [c for c in channels if c["BridgeId"] and c["ApplicationData"] == OUTGOING]
        else:
            found = [c for c in channels if c["Application"] == "Queue" and not c["BridgeId"]]
        if not found:
            return
        # in an order that does not depend on how Asterisk keeps them
        chosen = sorted(found, key=lambda c: c["Uniqueid"])[int(act.which * len(found))]
        action, fields = _action(act, chosen)
        answer = ami.request(action, **fields)
        if answer["Response"] == "Success":
            self._played.done[act.kind] = self._played.done.get(act.kind, 0) + 1

    def _all_back(self, ami: LabAmi) -> None:
        """Let those who are still waiting be answered: who never hangs up would wait for ever."""
        for queue, interface in self._plan.members:
            place = {"Queue": queue, "Interface": interface}
            if interface.startswith("Local/a_"):
                # refused where nothing has to be done
                ami.request("QueueAdd", **place, MemberName="Agent " + interface[6:].split("@")[0])
                ami.request("QueuePause", **place, Paused="false")
            else:
                ami.request("QueueRemove", **place)

    def _wait_over(self, ami: LabAmi) -> None:
        if self._wait_empty(ami, OVER_WITHIN):
            return
        # a phone lost its call: sipp gives up a call whose messages cross
        for channel in ami.listing("CoreShowChannels"):
            ami.request("Hangup", Channel=channel["Channel"])
        if not self._wait_empty(ami, OVER_WITHIN / 4):
            left = ami.listing("CoreShowChannels")
            self._played.stuck = frozenset(channel["Uniqueid"] for channel in left)

    @staticmethod
    def _wait_empty(ami: LabAmi, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while ami.listing("CoreShowChannels"):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True


def _action(act: LiveAct, chosen: Message) -> tuple[str, dict[str, str]]:
    """The AMI action and its fields."""
    context, exten = act.to
    there = {"Channel": chosen["Channel"], "Context": context, "Exten": exten}
    if act.kind == "transfer":
        return "BlindTransfer", there
    if act.kind == "redirect":
        return "Redirect", {**there, "Priority": "1"}
    queue = chosen["ApplicationData"].partition(",")[0]
    return "QueueWithdrawCaller", {
        "Queue": queue, "Caller": chosen["Channel"], "WithdrawInfo": "minuteur",
    }  # fmt: skip
