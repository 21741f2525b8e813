"""The engine: facts in, state and effects out."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from monitor.core import (
    agents,
    clock_steps,
    journey,
    on_behalf,
    queueing,
    recovered,
    resync,
    voice,
    wishes,
)
from monitor.core import events as ev
from monitor.core.clock import SECOND, Ms
from monitor.core.desk import Desk, Today
from monitor.core.effects import Effect, PbxGone, PbxUpdated, QueueGone
from monitor.core.indicators import CommitmentTally, QueueTally
from monitor.core.legs import ABOUT_A_CALL
from monitor.core.live import LiveView, PbxState, QueueState
from monitor.core.policy import Policy, QueuePolicy
from monitor.core.policy_book import PolicyBook
from monitor.core.records import Call, FactKind, Verdict
from monitor.core.timers import Timer

Handler = Callable[[Desk, Any], None]
NOT_WATCHED: Final = "The PBX was taken out of the settings."
DayFigures = tuple[CommitmentTally, Mapping[tuple[str, str], QueueTally]]
"""A day's figures of the commitment, and of each queue by (PBX, queue)."""


def _on_queue_joined(desk: Desk, event: ev.QueueJoined) -> None:
    """Whoever joins a queue is a caller, even where no incoming context said so."""
    if event.uniqueid in desk.closed:
        return
    call = desk.calls.get(event.uniqueid)
    if call is None:
        known = desk.channels.get(event.uniqueid)
        if known is None and on_behalf.met_in_queue(desk, event):
            return
        if on_behalf.consults(desk, event):
            return
        channel = known or ev.ChannelArrived(
            event.pbx, event.at, event.uniqueid, "", "", "", "", event.number, event.name
        )
        call = journey.begin_call(desk, channel, arrival_seen=known is not None)
    queueing.on_queue_joined(desk, event, call)


HANDLERS: Final[Mapping[type[ev.Event], Handler]] = MappingProxyType(
    {
        ev.ChannelArrived: journey.on_channel_arrived,
        ev.CallerIdChanged: journey.on_caller_id_changed,
        ev.DialplanStep: journey.on_dialplan_step,
        ev.HangupRequested: journey.on_hangup_requested,
        ev.ChannelGone: journey.on_channel_gone,
        ev.DialStarted: journey.on_dial_started,
        ev.DialEnded: journey.on_dial_ended,
        ev.BridgeEntered: journey.on_bridge_entered,
        ev.BridgeLeft: journey.on_bridge_left,
        ev.HoldChanged: journey.on_hold_changed,
        ev.Transferred: journey.on_transferred,
        ev.QueueJoined: _on_queue_joined,
        ev.QueueLeft: queueing.on_queue_left,
        ev.QueueLost: resync.on_queue_lost,
        ev.QueueGivenUp: queueing.on_queue_given_up,
        ev.QueueStatusSet: queueing.on_queue_status_set,
        ev.AgentOffered: agents.on_agent_offered,
        ev.AgentMissed: agents.on_agent_missed,
        ev.AgentConnected: agents.on_agent_connected,
        ev.AgentCompleted: agents.on_agent_completed,
        ev.AgentDumped: agents.on_agent_dumped,
        ev.MemberChanged: agents.on_member_changed,
        ev.MemberRemoved: agents.on_member_removed,
        ev.VoiceServerReported: voice.on_voice_server_reported,
        ev.DigitPressed: voice.on_digit_pressed,
        ev.StasisEntered: voice.on_stasis_entered,
        ev.StasisLeft: voice.on_stasis_left,
        ev.StasisDigit: voice.on_stasis_digit,
        ev.PlaybackChanged: voice.on_playback_changed,
        ev.StasisRefused: voice.on_stasis_refused,
        ev.StasisSnapshot: voice.on_stasis_snapshot,
        ev.ContactReported: wishes.on_contact_reported,
        ev.SatisfactionReported: wishes.on_satisfaction_reported,
        ev.LinkChanged: resync.on_link_changed,
        ev.ClockMeasured: resync.on_clock_measured,
        ev.ClockStepped: clock_steps.on_clock_stepped,
        ev.WarningRaised: resync.on_warning_raised,
        ev.PbxSnapshot: resync.on_snapshot,
        recovered.CallRecovered: recovered.on_call_recovered,
    }
)
"""What each event means, by the state machine that takes it."""


class Engine:
    """Follows all calls of all PBXs; pure and synchronous.

    ``now`` is always the *monitor's* clock; moments in events are the PBX's. The engine converts
    with the offset that :class:`~monitor.core.events.ClockMeasured` reports.
    """

    def __init__(self, policy: Policy) -> None:
        self._book = PolicyBook(policy)
        self._desks: dict[str, Desk] = {}
        self._rests: dict[tuple[str, str], Ms] = {}
        self._today = Today()
        self._tomorrow: DayFigures = (CommitmentTally(), {})
        self._day_end: Ms | None = None
        self._meet_declared()

    def _meet_declared(self) -> None:
        """Watch the declared queues, also while nobody is in them."""
        for queue in self.policy.queues:
            pbxs = [pbx for pbx, _ in self.policy.incoming_contexts]
            for pbx in [queue.pbx] if queue.pbx else pbxs:
                self._desk(pbx).queue(queue.queue)

    def _desk(self, pbx: str) -> Desk:
        desk = self._desks.get(pbx)
        if desk is None:
            desk = self._desks[pbx] = Desk(pbx, self._book, self._today)
            desk.rests = self._rests
        return desk

    def set_policy(self, policy: Policy, now: Ms) -> list[Effect]:
        """Judge who calls from now on by another policy; live calls keep that of their arrival.

        Declared queues are watched at once, and each queue is told of anew, as its label or
        thresholds may be others. In another zone the day that runs ends at the next midnight there.
        """
        if policy == self.policy:
            return []
        before = self.policy
        self._book.change(policy)
        self._book.forget_but(
            {
                call.policy_version
                for desk in self._desks.values()
                for calls in (desk.calls, desk.closed)
                for call in calls.values()
            }
        )
        effects = self._drop_undeclared(before)
        self._meet_declared()
        if self._day_end is not None and policy.zone != before.zone:
            self._day_end = day_bounds(now, policy)[1]
        for desk in self._desks.values():
            for name in desk.queues:
                desk.touch_queue(name)
            effects += desk.take_effects()
        return effects

    def _drop_undeclared(self, before: Policy) -> list[Effect]:
        """Watch no more what was only declared: of such a queue nobody has told anything yet."""
        effects: list[Effect] = []
        still = {(queue.pbx, queue.queue) for queue in self.policy.queues}
        for queue in before.queues:
            if (queue.pbx, queue.queue) in still:
                continue
            for name, desk in self._desks.items():
                if queue.pbx in ("", name) and desk.drop_queue(queue.queue):
                    effects.append(QueueGone(name, queue.queue))
        return effects

    def remove_pbx(self, pbx: str, now: Ms) -> list[Effect]:
        """Watch a PBX no more.

        Its live calls end at once, by the rules of calls that were lost from sight: ``unknown``
        unless their verdict is certain. The blind interval that this is ends at once, too.
        """
        desk = self._desks.get(pbx)
        if desk is None:
            return []
        at = now - desk.pbx.clock_offset
        effects: list[Effect] = []
        for event in (
            ev.LinkChanged(pbx, at, ev.LinkState.LOST, NOT_WATCHED),
            ev.PbxSnapshot(pbx, at),
            ev.LinkChanged(pbx, at, ev.LinkState.CONNECTED),
        ):
            effects += self.handle(event)
        del self._desks[pbx]
        return [*effects, *(QueueGone(pbx, name) for name in desk.queues), PbxGone(pbx)]

    def know_policies(self, policies: Iterable[Policy]) -> None:
        """Learn the older policies of calls that will be restored."""
        self._book.know(policies)

    def know_rests(self, rests: Mapping[tuple[str, str], Ms]) -> None:
        """Learn how long queues leave agents alone, from each member's next event on.

        Asterisk tells a member's own wrap-up time, and not that of a queue in queues.conf.

        Args:
            rests: spans by (PBX, queue); the PBX is empty for a queue on all of them.
        """
        self._rests.clear()
        self._rests.update(rests)

    def restore(self, calls: Iterable[Call]) -> None:
        """Take back the calls that were live when the monitor stopped.

        Call ``advance(now)`` first, so that the engine knows which day it is, and hand in a
        ``LinkChanged`` for each PBX next: until then nobody looked.
        """
        for call in calls:
            self._desk(call.pbx).readopt(call)

    def recall(self, calls: Iterable[Call]) -> None:
        """Learn from calls of the record, with their facts, by which trunks callers come."""
        for call in calls:
            first = call.facts[0] if call.facts else None
            if first is not None and first.kind is FactKind.ARRIVED:
                context = str(first.detail.get("context", ""))
                journey.know_way(self._desk(call.pbx), call.channel, context)

    def seed_today(self, figures: DayFigures, tomorrow: DayFigures | None = None) -> None:
        """Add the closed calls of today, as the record has them, to today's figures.

        ``tomorrow`` are those that came after the midnight that the monitor has still before it:
        the PBX's clock may be ahead of its own.
        """
        self._add_figures(figures)
        self._tomorrow = tomorrow or self._tomorrow

    def _add_figures(self, figures: DayFigures) -> None:
        commitment, queues = figures
        self._today.commitment.add(commitment)
        for (pbx, queue), tally in queues.items():
            state = self._desk(pbx).queue(queue)
            state.today.add(tally)
            state.longest_forgotten = max(state.longest_forgotten, tally.longest_wait)

    def handle(self, event: ev.Event) -> list[Effect]:
        """Take one event; say what changed."""
        desk = self._desks.get(event.pbx) or self._desk(event.pbx)
        if type(event) in ABOUT_A_CALL and event.uniqueid in desk.locals.legs:  # type: ignore[attr-defined]
            _tell_of_leg(desk, event)
        else:
            HANDLERS[type(event)](desk, event)
        while desk.again:
            _tell_again(desk, *desk.again.pop(0))
        return desk.take_effects()

    def advance(self, now: Ms) -> list[Effect]:
        """Fire all timers due at ``now`` (monitor's clock)."""
        effects: list[Effect] = []
        if self._day_end is None or now >= self._day_end:
            self._begin_day(now)
        for desk in self._desks.values():
            pbx_now = now - desk.pbx.clock_offset
            while (due := desk.timers.pop_due(pbx_now)) is not None:
                _fire(desk, *due)
            effects += desk.take_effects()
        return effects

    def clock_moved(self, by: Ms, now: Ms) -> list[Effect]:
        """Take note that the *monitor's* clock was set: it shows ``by`` ms more, which is ``now``.

        The offsets take it up, so no moment on a PBX's clock changes, and no deadline. A clock that
        was set back over midnight begins the day before again, with the calls still known.
        """
        effects: list[Effect] = []
        if now < self._today.since:
            self._begin_day(now)
        for desk in self._desks.values():
            desk.pbx.clock_offset += by
            desk.emit(PbxUpdated(desk.pbx.name, desk.pbx.link))
            effects += desk.take_effects()
        return effects

    def next_deadline(self) -> Ms | None:
        """When ``advance`` has to be called next (monitor's clock); None when nothing runs."""
        moments = [
            desk.timers.next_at + desk.pbx.clock_offset
            for desk in self._desks.values()
            if desk.timers.next_at is not None
        ]
        if self._day_end is not None:
            moments.append(self._day_end)
        return min(moments, default=None)

    def snapshot(self) -> LiveView:
        """All that is live, by reference."""
        desks = self._desks.values()
        return LiveView(
            calls={call.id: call for desk in desks for call in desk.calls.values()},
            queues={(d.pbx.name, n): q for d in desks for n, q in d.queues.items()},
            members={(d.pbx.name, *k): m for d in desks for k, m in d.members.items()},
            pbxs={desk.pbx.name: desk.pbx for desk in desks},
            today=self._today.commitment,
        )

    def pbx_state(self, pbx: str) -> PbxState | None:
        """The link with one PBX, by reference; None for an unknown one."""
        desk = self._desks.get(pbx)
        return None if desk is None else desk.pbx

    def queue_state(self, pbx: str, queue: str) -> QueueState | None:
        """One queue as it is now, by reference; None for an unknown one."""
        desk = self._desks.get(pbx)
        return None if desk is None else desk.queues.get(queue)

    def call(self, call_id: str) -> Call | None:
        """One live call by its id, by reference."""
        pbx, _, uniqueid = call_id.partition(":")
        desk = self._desks.get(pbx)
        return None if desk is None else desk.calls.get(uniqueid)

    def note(
        self, call_id: str, at: Ms, kind: FactKind, **detail: str | int | None
    ) -> list[Effect]:
        """Add to a call's timeline what was decided or done for it; nothing for an unknown one."""
        pbx, _, uniqueid = call_id.partition(":")
        desk = self._desks.get(pbx)
        call = None if desk is None else desk.find(uniqueid)
        if desk is None or call is None:
            return []
        desk.note(call, at, kind, **detail)
        return desk.take_effects()

    @property
    def today(self) -> CommitmentTally:
        """Today's figures of the commitment, by reference."""
        return self._today.commitment

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._book.rules.policy

    @property
    def policy_versions(self) -> set[int]:
        """The policies that are known: the one in force, and those of live calls."""
        return self._book.versions

    def thresholds(self, pbx: str, queue: str) -> tuple[str, Ms, Ms]:
        """A queue's label, threshold and at-risk limit (ms)."""
        found = self._book.rules.queue(pbx, queue)
        return found.label or queue, found.within, found.at_risk_after

    def queue_policy(self, pbx: str, queue: str) -> QueuePolicy:
        """What is in force for a queue; the commitment's own where nobody declared it."""
        return self._book.rules.queue(pbx, queue)

    def _begin_day(self, now: Ms) -> None:
        """Start the figures of the day that ``now`` falls into."""
        first = self._day_end is None
        start, self._day_end = day_bounds(now, self.policy)
        self._today.since = start
        if first:
            return
        self._today.commitment.clear()
        for desk in self._desks.values():
            desk.new_day()
        self._add_figures(self._tomorrow)
        self._tomorrow = (CommitmentTally(), {})


def day_bounds(now: Ms, policy: Policy) -> tuple[Ms, Ms]:
    """The begin and the end of the day around ``now``, in the centre's zone (23 to 25 hours)."""
    zone = policy.zone
    local = datetime.fromtimestamp(now / SECOND, UTC).astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    tomorrow = (midnight + timedelta(days=1)).replace(tzinfo=zone)
    return round(midnight.timestamp() * SECOND), round(tomorrow.timestamp() * SECOND)


def _tell_of_leg(desk: Desk, event: ev.Event) -> None:
    """Hand a leg's event to the state machine that takes it: it is about the call behind it."""
    leg = desk.locals.legs.get(event.uniqueid)  # type: ignore[attr-defined]
    told = event if leg is None else on_behalf.take(desk, leg, event)
    if told is not None:
        HANDLERS[type(told)](desk, told)


def _tell_again(desk: Desk, call: Call, at: Ms, events: list[ev.Event]) -> None:
    """Tell what was said of a leg before it became the call's at ``at``."""
    earliest = at if call.handled_at is None else min(call.handled_at, at)
    for event in events:
        _tell_of_leg(desk, event)
    if call.handled_at is not None and call.handled_at < earliest:
        # Whoever answered the leg before talked to somebody else.
        call.handled_at = earliest
        desk.judge(call)


def _fire(desk: Desk, at: Ms, timer: Timer, key: str) -> None:
    """Fire one timer, if it still applies."""
    if timer is Timer.FORGET:
        desk.locals.legs.pop(key, None)
        if desk.kept_until.get(key, at) <= at:
            desk.forget(key)
        return
    if timer is Timer.FORGET_EARLY:
        desk.early.pop(key, None)
        return
    if timer is Timer.WRAP_UP_END:
        agents.on_wrap_up_end(desk, key, at)
        return
    call = desk.calls.get(key)
    blind = desk.pbx.blind_since is not None
    if call is None or blind or call.verdict is not Verdict.PENDING:
        # In a blind interval nobody can tell; the snapshot after it judges (rule 10).
        return
    if desk.exclusions.is_undecided(call):
        return  # its timers are set again once it is decided
    if timer is Timer.AT_RISK:
        if call.at_risk_at == at and not call.at_risk:
            desk.raise_at_risk(call, at)
    elif call.deadline_at == at:
        desk.judge(call, overdue=True)
