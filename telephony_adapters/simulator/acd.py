"""The queues' own work, as Asterisk's ``app_queue`` does it: who is rung for whom, and how it ends.

Simplified where nobody can see it from outside: a caller does not poll for his turn, he is looked
after whenever something changes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random

from monitor.core.clock import Ms

from . import line
from .agenda import Agenda
from .habits import Habits, Reply
from .happenings import Happenings
from .parts import (
    Call,
    Channel,
    ChannelState,
    Device,
    Entry,
    Member,
    Offer,
    Phone,
    Queue,
    QueueExit,
    Talk,
)

Go = Callable[[Call], None]
"""Goes on with a caller's dialplan."""
NewLeg = Callable[[Phone, Call], Channel]
"""Makes an agent's channel."""


class Acd:
    """The queues with their members and waiting callers."""

    def __init__(
        self,
        agenda: Agenda,
        tell: Happenings,
        queues: Mapping[str, Queue],
        rng: Random,
        new_leg: NewLeg,
        new_bridge: Callable[[], str],
    ) -> None:
        self.queues = queues
        self.habits = Habits()
        self._agenda = agenda
        self._tell = tell
        self._rng = rng
        self._new_leg = new_leg
        self._new_bridge = new_bridge
        self.go_on: Go = _nowhere
        self.is_over: Callable[[Call, Channel | None], None] = _nothing

    # --- members --------------------------------------------------------------------------------

    def places(self, phone: Phone) -> Iterator[Member]:
        """The member records of a phone, one for each queue it is in."""
        for queue in self.queues.values():
            member = queue.members.get(phone.interface)
            if member is not None:
                yield member

    def add(self, member: Member) -> None:
        """Add a member to its queue."""
        queue = self.queues[member.queue]
        queue.members[member.phone.interface] = member
        self._tell.member_changed("QueueMemberAdded", member)
        self.dispatch(queue)

    def remove(self, member: Member) -> None:
        """Take a member out of its queue; a conversation goes on."""
        queue = self.queues[member.queue]
        del queue.members[member.phone.interface]
        self._tell.member_changed("QueueMemberRemoved", member)
        self._send_away(queue)

    def pause(self, members: Iterable[Member], reason: str) -> None:
        """Pause members for ``reason``."""
        for member in list(members):
            member.paused, member.pause_reason = True, reason
            member.last_pause = self._agenda.now
            self._tell.member_changed("QueueMemberPause", member)
            self._send_away(self.queues[member.queue])

    def unpause(self, members: Iterable[Member]) -> None:
        """End members' pause."""
        for member in list(members):
            member.paused, member.pause_reason = False, ""
            member.last_pause = self._agenda.now
            self._tell.member_changed("QueueMemberPause", member)
            self.dispatch(self.queues[member.queue])

    def set_device(self, phone: Phone, device: Device) -> None:
        """A phone changes by itself: it lost its registration, or has it back."""
        phone.device = device
        places = list(self.places(phone))
        if places:
            self._tell.device_changed(places[0], places)
        for member in places:
            self.dispatch(self.queues[member.queue])

    # --- callers --------------------------------------------------------------------------------

    def join(self, call: Call, name: str, limit: Ms | None) -> None:
        """A caller's dialplan runs ``Queue(name)`` with a time limit in ms."""
        self._tell.queue_begins(call)
        queue = self.queues[name]
        status = line.refusal(queue)
        if status is not None:
            self._tell.refused(call, status)
            self.go_on(call)
            return
        entry = Entry(call, name, self._agenda.now, looks_from=self._agenda.now)
        call.entry = entry
        entry.original_position = line.enter(queue, entry)
        self._tell.joined(entry, queue)
        if limit:
            entry.expiry = self._agenda.after(limit, lambda: self._expire(entry))
        self.dispatch(queue)

    def give_up(self, entry: Entry, *, asked: bool) -> None:
        """A waiting caller hangs up (``asked``), or is hung up by an action."""
        queue, offer = self.queues[entry.queue], self._stop_ringing(entry)
        queue.abandoned += 1
        if self._agenda.now - entry.joined_at <= queue.setup.service_level:
            queue.abandoned_in_time += 1
        self._tell.gave_up(entry, self._position(entry), offer, asked=asked)
        self._leave(entry, offer)

    def withdraw(self, entry: Entry, info: str) -> None:
        """``QueueWithdrawCaller``: takes effect when the caller looks for a turn the next time.

        That is after the ring and the pause that follows it, where an agent is being rung.
        """
        entry.withdraw, entry.withdraw_info = True, info
        if entry.offer is None and entry.rest is None:
            self._agenda.at(line.next_look(entry, self._agenda.now), lambda: self._withdrawn(entry))

    def _withdrawn(self, entry: Entry) -> None:
        if entry.call.entry is entry:
            self._exit(entry, QueueExit.WITHDRAW)

    def reprioritise(self, entry: Entry, priority: int, *, immediate: bool) -> None:
        """``QueueChangePriorityCaller``; see :func:`.line.reprioritise`."""
        line.reprioritise(self.queues[entry.queue], entry, priority, immediate=immediate)

    def exit_by_key(self, entry: Entry, key: str) -> None:
        """A waiting caller presses a key that leads out."""
        offer = self._stop_ringing(entry)
        context = self.queues[entry.queue].setup.key_context
        self._tell.key_leads_out(entry, offer, context, key)
        self._leave(entry, offer)
        entry.call.channel.priority = 1

    def redirect(self, entry: Entry) -> None:
        """A waiting caller was sent elsewhere: the channel stands at its new place already."""
        offer = self._stop_ringing(entry)
        self._tell.redirected(entry, self._position(entry), offer)
        self._leave(entry, offer)

    def finish(self, talk: Talk, *, agent_ends: bool, asked: bool = True) -> None:
        """A conversation ends. ``asked``: a person hung up, not an action."""
        places = self._count(talk)
        if agent_ends:
            self._tell.agent_ends(talk, places)
        else:
            self._tell.caller_ends(talk, places, asked=asked)
        self.is_over(talk.call, talk.leg)
        self._rest(places)

    def release(self, talk: Talk) -> None:
        """An action pulls the caller out of a conversation; the agent's leg ends."""
        places = self._count(talk)
        talk.call.channel.bridge = ""
        self._tell.pulled_out(talk, places)
        self.is_over(talk.call, talk.leg)
        self._rest(places)

    def _count(self, talk: Talk) -> list[Member]:
        """Book a conversation that is over; returns the agent's places."""
        if talk.timer is not None:
            talk.timer.cancel()
        queue, now = self.queues[talk.member.queue], self._agenda.now
        queue.completed += 1
        queue.talk_time = (queue.talk_time * 3 + now - talk.started_at) // 4
        if talk.waited <= queue.setup.service_level:
            queue.completed_in_time += 1
        places = list(self.places(talk.member.phone))
        for place in places:  # shared_lastcall = yes: the rest counts in all queues of the agent
            place.calls_taken += 1
            place.last_call = now
        talk.member.in_call = False
        talk.member.phone.device = Device.NOT_IN_USE
        talk.call.talk = None
        return places

    # --- ringing --------------------------------------------------------------------------------

    def dispatch(self, queue: Queue) -> None:
        """Ring free members for waiting callers, the first in line first."""
        for entry in list(queue.entries):
            if entry.offer is None and entry.rest is None and not entry.withdraw:
                member = self._free_member(queue, entry)
                if member is None:
                    return
                self._ring(entry, member)

    def _free_member(self, queue: Queue, entry: Entry) -> Member | None:
        free = [member for member in queue.members.values() if self._is_free(member, queue)]
        if not free:
            return None
        if not queue.setup.linear:
            return min(free, key=lambda member: (member.penalty, member.phone.last_rung))
        # each caller goes down the list by himself, and begins again at its end
        line = list(queue.members.values())
        found = min(free, key=lambda member: (line.index(member) < entry.turn, line.index(member)))
        entry.turn = line.index(found) + 1
        return found

    def _is_free(self, member: Member, queue: Queue) -> bool:
        if member.paused or member.phone.device is not Device.NOT_IN_USE:
            return False
        rest = member.wrap_up or queue.setup.wrap_up
        return not member.last_call or self._agenda.now >= member.last_call + rest

    def _ring(self, entry: Entry, member: Member) -> None:
        phone, setup = member.phone, self.queues[entry.queue].setup
        offer = Offer(entry, member, self._new_leg(phone, entry.call), self._agenda.now)
        entry.offer = offer
        phone.device = Device.RINGING
        phone.last_rung = self._agenda.now
        self._tell.offered(offer, list(self.places(phone)))
        longest = setup.ring
        if entry.expiry is not None:
            longest = min(longest, max(0, entry.expiry.at - self._agenda.now))
        reply = self._reply(phone)
        after = reply.after
        if reply.declines:
            offer.timer = self._agenda.after(200, lambda: self._declined(offer))
        elif after is not None and after < longest:
            offer.timer = self._agenda.after(after, lambda: self._picked_up(offer))
        else:
            offer.timer = self._agenda.after(longest, lambda: self._missed(offer))

    def _reply(self, phone: Phone) -> Reply:
        if phone.declines:
            return Reply(None, declines=True)
        if phone.never_answers:
            return Reply(None)
        if phone.answers_after is not None:
            return Reply(phone.answers_after)
        return self.habits.reply(phone, self._rng)

    def _missed(self, offer: Offer) -> None:
        self._tell.missed(offer, self._agenda.now - offer.started_at)
        self._ring_over(offer)

    def _declined(self, offer: Offer) -> None:
        self._tell.declined(offer)
        self._ring_over(offer)

    def _ring_over(self, offer: Offer) -> None:
        """Nobody picked up: the phone is free again, the caller goes on after a pause."""
        entry = offer.entry
        self._phone_free(offer)
        entry.offer = None
        queue = self.queues[entry.queue]
        if queue.setup.leave_when_empty and not line.is_staffed(queue):
            self._exit(entry, QueueExit.LEAVE_EMPTY)
        elif entry.expiry is None or entry.expiry.at > self._agenda.now:
            entry.rest = self._agenda.after(queue.setup.retry, lambda: self._rested(entry))
            self.dispatch(queue)

    def _rested(self, entry: Entry) -> None:
        entry.rest, entry.looks_from = None, self._agenda.now
        if entry.withdraw:
            self._exit(entry, QueueExit.WITHDRAW)
        else:
            self.dispatch(self.queues[entry.queue])

    def _picked_up(self, offer: Offer) -> None:
        entry, member, now = offer.entry, offer.member, self._agenda.now
        queue, call = self.queues[entry.queue], offer.entry.call
        member.phone.device = Device.IN_USE
        self._tell.picked_up(offer, list(self.places(member.phone)))
        waited = now - entry.joined_at
        queue.hold_time = (queue.hold_time * 3 + waited) // 4
        entry.offer = None
        self._out_of_line(entry)
        talk = Talk(call, member, offer.leg, self._new_bridge(), now, waited)
        call.talk = talk
        call.channel.bridge = talk.leg.bridge = talk.bridge
        self._tell.connected(talk, now - offer.started_at)
        call.channel.state = ChannelState.UP
        member.in_call = True
        wanted = member.phone.talks_for
        span, by_agent = call.plan.talk, call.plan.agent_ends
        if wanted is not None:
            span, by_agent = wanted, True
        talk.timer = self._agenda.after(span, lambda: self.finish(talk, agent_ends=by_agent))
        self.dispatch(queue)

    # --- inside ---------------------------------------------------------------------------------

    def _send_away(self, queue: Queue) -> None:
        """``leavewhenempty``: callers are not kept for agents who are not there."""
        if queue.setup.leave_when_empty and not line.is_staffed(queue):
            for entry in list(queue.entries):
                if entry.offer is None:
                    self._exit(entry, QueueExit.LEAVE_EMPTY)

    def _expire(self, entry: Entry) -> None:
        if entry.offer is not None:
            offer = entry.offer
            if offer.timer is not None:
                offer.timer.cancel()
            self._missed(offer)
        if entry.call.entry is entry:
            self._exit(entry, QueueExit.TIMEOUT)

    def _exit(self, entry: Entry, status: QueueExit) -> None:
        """Back to the dialplan, unanswered, with a status."""
        position = self._position(entry)
        if status is QueueExit.WITHDRAW:
            self._tell.withdrawn(entry, position)
        else:
            self._tell.timed_out(entry, position)
        queue = self.queues[entry.queue]
        queue.abandoned += 1
        self._leave(entry, None)
        self._tell.refused(entry.call, status)
        self.go_on(entry.call)

    def _stop_ringing(self, entry: Entry) -> Offer | None:
        offer = entry.offer
        if offer is not None and offer.timer is not None:
            offer.timer.cancel()
        entry.offer = None
        return offer

    def _leave(self, entry: Entry, offer: Offer | None) -> None:
        if offer is not None:
            self._phone_free(offer)
        self._out_of_line(entry)

    def _out_of_line(self, entry: Entry) -> None:
        queue, position = self.queues[entry.queue], self._position(entry)
        for timer in (entry.expiry, entry.rest):
            if timer is not None:
                timer.cancel()
        entry.rest = None
        queue.entries.remove(entry)
        entry.call.entry = None
        self._tell.left(entry, queue, position)

    def _phone_free(self, offer: Offer) -> None:
        self.is_over(offer.entry.call, offer.leg)
        offer.member.phone.device = Device.NOT_IN_USE
        places = list(self.places(offer.member.phone))
        self._tell.device_changed(offer.member, places)
        self._rest(places)

    def _rest(self, places: Iterable[Member]) -> None:
        """See to the waiting callers again once the wrap-up of a freed agent is over."""
        for member in places:
            queue = self.queues[member.queue]
            rest = member.wrap_up or queue.setup.wrap_up
            self._agenda.at(member.last_call + rest, lambda queue=queue: self.dispatch(queue))  # type: ignore[misc]

    def _position(self, entry: Entry) -> int:
        return line.position(self.queues[entry.queue], entry)


def _nowhere(call: Call) -> None:
    raise NotImplementedError(f"nobody goes on with {call.uniqueid}")


def _nothing(call: Call, leg: Channel | None) -> None:
    raise NotImplementedError(f"nobody ends {call.uniqueid}, {leg}")
