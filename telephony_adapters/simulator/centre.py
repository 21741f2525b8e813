"""The simulated contact centre: pure, in virtual time, seeded.

The same seed, start and calls of its methods give the same bytes.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from monitor.core.clock import HOUR, SECOND, Ms

from .acd import Acd
from .agenda import Agenda
from .dialplan import Interpreter
from .frames import Emit, Frames
from .happenings import Happenings
from .parts import (
    Call,
    CallerPlan,
    Channel,
    ChannelState,
    Device,
    Dialplan,
    Member,
    Phone,
    Queue,
    QueueSetup,
)

TRUNK: Final = "PJSIP/trunk"
CANCELLED: Final = 127
"""The cause that Asterisk gives a call whose caller sent CANCEL."""
PATIENT: Final[Ms] = HOUR
"""A caller of a test who does not say how long he waits."""


@dataclass(frozen=True, slots=True)
class Staff:
    """One agent: the phone's interface, the name, and (queue, penalty) for each queue served."""

    interface: str
    name: str
    queues: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Site:
    """How a centre is set up."""

    queues: tuple[QueueSetup, ...]
    dialplan: Dialplan
    staff: tuple[Staff, ...]


class Agent:
    """An agent, to be told what to do: by the shifts, by an action, or by a test."""

    def __init__(self, centre: "Centre", staff: Staff) -> None:
        self.staff = staff
        self.phone = Phone(staff.interface, staff.name)
        self._centre = centre

    @property
    def places(self) -> list[Member]:
        """Where this agent is a member now."""
        return list(self._centre.acd.places(self.phone))

    @property
    def is_in(self) -> bool:
        """Whether the agent is logged in anywhere."""
        return bool(self.places)

    def login(self, *queues: str) -> None:
        """Join the agent's queues, or only ``queues``; harmless when already there."""
        there = {member.queue for member in self.places}
        for name, penalty in self.staff.queues:
            if name not in there and (not queues or name in queues):
                self._centre.add_member(name, self.phone, self.staff.name, penalty)

    def logout(self) -> None:
        """Leave all queues; a conversation goes on to its end."""
        for member in self.places:
            self._centre.acd.remove(member)

    def pause(self, reason: str = "") -> None:
        """Take a break in all queues."""
        self._centre.acd.pause(self.places, reason)

    def unpause(self) -> None:
        """Come back from the break."""
        self._centre.acd.unpause(self.places)

    def hang_up(self) -> None:
        """End the conversation that this agent is in, if any."""
        for call in list(self._centre.calls.values()):
            if call.talk is not None and call.talk.member.phone is self.phone:
                self._centre.acd.finish(call.talk, agent_ends=True)
                return


class Centre:
    """Callers, queues and agents in virtual time."""

    def __init__(
        self, site: Site, *, seed: int, begin: Ms, emit: Emit, system_name: str = ""
    ) -> None:
        """``begin``: the PBX booted then (ms since the epoch). ``emit`` gets every event."""
        self.site = site
        self.seed = seed
        self.begin = begin
        self.system_name = system_name
        self.rng = Random(seed)  # noqa: S311 - a simulation, not a secret
        self.agenda = Agenda(begin)
        self.frames = Frames(self.agenda, emit, system_name)
        self.tell = Happenings(self.frames)
        self.queues = {setup.name: Queue(setup) for setup in site.queues}
        self.channels: dict[str, Channel] = {}
        self.calls: dict[str, Call] = {}
        """Live calls by the caller's channel name."""
        self.variables: dict[str, str] = {}
        """Global variables; a restart loses them, unlike what stands in the database."""
        self.devices: dict[str, str] = {}
        """Custom devices (``Custom:…``) and their states."""
        self.database: dict[tuple[str, str], str] = {}
        """Asterisk's own database, by family and key."""
        self.processed = 0
        self._ids = self._pjsip = self._local = self._bridges = 0
        self._prefix = f"{system_name}-" if system_name else ""
        self.acd = Acd(
            self.agenda, self.tell, self.queues, self.rng, self._new_leg, self._new_bridge
        )
        self.dialplan = Interpreter(
            self.agenda, self.tell, self.acd, site.dialplan, self._end, self.variables
        )
        self.acd.go_on = self.dialplan.go_on
        self.acd.is_over = self._is_over
        self.agents = {staff.interface: Agent(self, staff) for staff in site.staff}

    @property
    def now(self) -> Ms:
        """The virtual moment, ms since the epoch."""
        return self.agenda.now

    def run_until(self, moment: Ms) -> None:
        """Let everything happen up to ``moment``."""
        self.agenda.run_until(moment)

    def agent(self, name: str) -> Agent:
        """An agent by name or interface."""
        for agent in self.agents.values():
            if name in (agent.staff.name, agent.staff.interface):
                return agent
        raise KeyError(name)

    def add_member(
        self,
        queue: str,
        phone: Phone,
        name: str,
        penalty: int = 0,
        *,
        state_interface: str = "",
        paused: bool = False,
        reason: str = "",
    ) -> Member:
        """Make a phone a member of a queue."""
        member = Member(queue, phone, name, penalty, self.now, self.queues[queue].setup.wrap_up)
        member.state_interface = state_interface
        member.paused, member.pause_reason = paused, reason
        member.last_pause = self.now if paused else 0
        self.acd.add(member)
        return member

    def phone(self, interface: str) -> Phone:
        """The phone behind an interface; one that nobody knows yet is made."""
        agent = self.agents.get(interface)
        if agent is None:
            agent = Agent(self, Staff(interface, interface, ()))
            self.agents[interface] = agent
        return agent.phone

    # --- callers --------------------------------------------------------------------------------

    def call(
        self,
        number: str,
        exten: str,
        *,
        name: str = "",
        patience: Ms = PATIENT,
        plan: CallerPlan | None = None,
        context: str = "incoming",
    ) -> Call:
        """A caller dials ``exten``. ``patience`` (ms from now) is when he gives up waiting."""
        self._pjsip += 1
        channel = self._channel(f"{TRUNK}-{self._pjsip - 1:08x}", context, exten)
        channel.number, channel.caller_name = number, name or number
        channel.dialled = exten
        call = Call(channel, plan or CallerPlan(patience), self.now)
        self._take(call)
        self.tell.arrived(call)
        self.dialplan.run(call)
        return call

    def originate(self, exten: str, context: str, number: str, name: str, stay: Ms) -> Call:
        """``Originate`` of ``Local/exten@context``; its other half waits ``stay`` ms."""
        self._local += 1
        stem = f"Local/{exten}@{context}-{self._local - 1:08x}"
        first = self._channel(f"{stem};1", context, exten)
        first.state = ChannelState.DOWN
        second = self._channel(f"{stem};2", context, exten, first.linkedid)
        call = Call(second, CallerPlan(stay, talk=stay + SECOND), self.now, twin=first)
        self._take(call)
        self.tell.arrived_locally(call, first, number, name)
        if self.dialplan.knows(context, exten):
            self.dialplan.run(call)
        else:
            self.hang_up(call, asked=False, cause=0)
        return call

    def press(self, call: Call, digit: str) -> None:
        """A caller presses a key."""
        if not call.ended:
            self.dialplan.press(call, digit)

    def hang_up(self, call: Call, *, asked: bool = True, cause: int = 16) -> None:
        """A caller hangs up (``asked``), or an action ends the call with ``cause``."""
        if call.ended:
            return
        if call.talk is not None:
            self.acd.finish(call.talk, agent_ends=False, asked=asked)
            return
        self.dialplan.interrupt(call)
        told = call.entry is not None
        if call.entry is not None:
            self.acd.give_up(call.entry, asked=asked)
        self._over(call)
        if asked:  # a person's BYE leaves no cause behind, except in a conversation; a CANCEL does
            cause = 0 if call.channel.state is ChannelState.UP or call.twin else CANCELLED
        self.tell.hung_up(call, cause, asked=asked and not told)

    def redirect(self, call: Call, context: str, exten: str, priority: int) -> None:
        """``Redirect``: the channel goes on elsewhere, whatever it does now."""
        channel = call.channel
        self.dialplan.interrupt(call)
        channel.context, channel.exten, channel.priority = context, exten, priority
        waiting = call.entry is not None
        if call.talk is not None:
            self.acd.release(call.talk)
        elif call.entry is not None:
            self.acd.redirect(call.entry)
        # Leaving the queue has told the new place already, so the first step makes no Newexten.
        self.dialplan.run(call, silently=waiting)

    def reboot(self) -> None:
        """Lose all calls without a word, as a PBX does that dies; its members are kept."""
        for call in list(self.calls.values()):
            entry, talk = call.entry, call.talk
            timers = [*call.timers, call.pending, talk.timer if talk else None]
            if entry is not None:
                timers += [entry.expiry, entry.rest, entry.offer.timer if entry.offer else None]
            for timer in timers:
                if timer is not None:
                    timer.cancel()
            call.ended = True
        self.calls.clear()
        self.channels.clear()
        self.variables.clear()
        for queue in self.queues.values():
            queue.reset()
        for agent in self.agents.values():
            if agent.phone.device in (Device.IN_USE, Device.RINGING):
                agent.phone.device = Device.NOT_IN_USE
        self.begin = self.now
        self._ids = self._pjsip = self._local = self.processed = 0

    # --- inside ---------------------------------------------------------------------------------

    def _take(self, call: Call) -> None:
        self.calls[call.channel.name] = call
        plan, after = call.plan, self.agenda.after
        call.timers.append(after(plan.patience, lambda: self._impatient(call)))
        for moment, digit in plan.keys:
            call.timers.append(after(moment, lambda digit=digit: self.press(call, digit)))  # type: ignore[misc]

    def _impatient(self, call: Call) -> None:
        if call.talk is None or call.twin is not None:
            self.hang_up(call)

    def _end(self, call: Call, cause: int) -> None:
        """The dialplan is over."""
        self._over(call)
        self.tell.hung_up(call, cause, asked=False)

    def _over(self, call: Call) -> None:
        call.ended = True
        self.processed += 1
        for timer in call.timers:
            timer.cancel()
        if call.pending is not None:
            call.pending.cancel()
        self.calls.pop(call.channel.name, None)
        self.channels.pop(call.channel.name, None)
        if call.twin is not None:
            self.channels.pop(call.twin.name, None)

    def _is_over(self, call: Call, leg: Channel | None) -> None:
        """An agent's leg is gone; after a conversation the caller's channel too."""
        if leg is not None:
            self.channels.pop(leg.name, None)
            if leg.bridge and call.talk is None and call.channel.bridge == leg.bridge:
                self._over(call)

    def _channel(self, name: str, context: str, exten: str, linkedid: str = "") -> Channel:
        uniqueid = f"{self._prefix}{self.now // 1000}.{self._ids}"
        self._ids += 1
        channel = Channel(name, uniqueid, linkedid or uniqueid, self.now, context, exten)
        self.channels[name] = channel
        return channel

    def _new_leg(self, phone: Phone, call: Call) -> Channel:
        name = f"{phone.interface}-{self._pjsip:08x}"
        self._pjsip += 1
        leg = self._channel(name, phone.context, "s", call.channel.linkedid)
        leg.state = ChannelState.DOWN
        leg.number, leg.caller_name = phone.extension, phone.agent
        return leg

    def _new_bridge(self) -> str:
        self._bridges += 1
        bits = (self.seed * 0x9E3779B97F4A7C15 + self._bridges * 0xD1B54A32D192ED03) % (1 << 128)
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
