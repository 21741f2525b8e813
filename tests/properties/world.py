"""The PBX itself, as far as its events tell: what a snapshot at any moment would show."""

from dataclasses import dataclass, field

from monitor.core import events as ev
from monitor.core.clock import SECOND, Ms


@dataclass
class World:
    """Channels, bridges, queues and members of one PBX after the events so far."""

    pbx: str
    arrived: dict[str, ev.ChannelArrived] = field(default_factory=dict)
    steps: dict[str, ev.DialplanStep] = field(default_factory=dict)
    callers: dict[str, ev.CallerIdChanged] = field(default_factory=dict)
    bridges: dict[str, tuple[str, str]] = field(default_factory=dict)
    waiting: dict[str, dict[str, Ms]] = field(default_factory=dict)
    members: dict[tuple[str, str], ev.MemberChanged] = field(default_factory=dict)

    def apply(self, event: ev.Event) -> None:
        """Take one event."""
        match event:
            case ev.QueueJoined(uniqueid=uniqueid, queue=queue):
                self.waiting.setdefault(queue, {})[uniqueid] = event.at
            case ev.QueueLeft(uniqueid=uniqueid, queue=queue):
                self.waiting.get(queue, {}).pop(uniqueid, None)
            case ev.MemberChanged(queue=queue, interface=interface):
                self.members[queue, interface] = event
            case ev.MemberRemoved(queue=queue, interface=interface):
                self.members.pop((queue, interface), None)
            case _:
                self._apply_to_channel(event)

    def _apply_to_channel(self, event: ev.Event) -> None:
        match event:
            case ev.ChannelArrived(uniqueid=uniqueid):
                self.arrived[uniqueid] = event
            case ev.DialplanStep(uniqueid=uniqueid):
                self.steps[uniqueid] = event
            case ev.CallerIdChanged(uniqueid=uniqueid):
                self.callers[uniqueid] = event
            case ev.BridgeEntered(uniqueid=uniqueid):
                self.bridges[uniqueid] = (event.bridge, event.bridge_type)
                # Whoever was pulled out of a queue is in its list no more, without a Leave.
                self._leaves_all(uniqueid)
            case ev.BridgeLeft(uniqueid=uniqueid, bridge=bridge):
                if self.bridges.get(uniqueid, ("",))[0] == bridge:
                    del self.bridges[uniqueid]
            case ev.Transferred(uniqueid=uniqueid):
                self._takes_place(uniqueid, getattr(event, "second_uniqueid", ""))
            case ev.ChannelGone(uniqueid=uniqueid):
                for known in (self.arrived, self.steps, self.callers, self.bridges):
                    known.pop(uniqueid, None)
                self._leaves_all(uniqueid)

    def _takes_place(self, uniqueid: str, of: str) -> None:
        """A masquerade puts the caller in the agent's place, whose channel ends at once."""
        for callers in self.waiting.values():
            if of and of in callers:
                callers[uniqueid] = callers.pop(of)
                self.arrived.pop(of, None)

    def _leaves_all(self, uniqueid: str) -> None:
        for callers in self.waiting.values():
            callers.pop(uniqueid, None)

    def bridge_types(self) -> dict[str, str]:
        """The bridges by id: what a snapshot lists first."""
        return dict(self.bridges.values())

    def channels(self, now: Ms, types: dict[str, str]) -> tuple[ev.ChannelSeen, ...]:
        """What the PBX lists next, the channels; ages in whole seconds, cut."""
        return tuple(self._seen(uniqueid, now, types) for uniqueid in self.arrived)

    def snapshot(
        self,
        channels: tuple[ev.ChannelSeen, ...] | None,
        at: Ms,
        now: Ms,
        *,
        restarted: bool = False,
    ) -> ev.PbxSnapshot:
        """What the PBX lists at last, the queues, with the channels of a moment before.

        A snapshot is dated before its first list (``at``), and the adapter reckons the waits back
        to that. Without channels (the account may not list them) those who wait stand for all.
        """
        queues = self._queues(at, now)
        seen = self._of_entries(queues) if channels is None else channels
        return ev.PbxSnapshot(self.pbx, at, seen, queues, restarted, channels is not None)

    def _queues(self, at: Ms, now: Ms) -> tuple[ev.QueueSeen, ...]:
        names = dict.fromkeys([*self.waiting, *(queue for queue, _ in self.members)])
        told: set[str] = set()
        queues = []
        for queue in names:
            waiting = {
                u: joined for u, joined in self.waiting.get(queue, {}).items() if u not in told
            }
            told.update(waiting)
            entries = (
                ev.EntrySeen(uniqueid, place, max(0, _whole(now - joined) - (now - at)))
                for place, (uniqueid, joined) in enumerate(waiting.items(), 1)
            )
            members = (m for (of, _), m in self.members.items() if of == queue)
            queues.append(ev.QueueSeen(queue, tuple(entries), tuple(members)))
        return tuple(queues)

    def _of_entries(self, queues: tuple[ev.QueueSeen, ...]) -> tuple[ev.ChannelSeen, ...]:
        names = {uniqueid: channel.channel for uniqueid, channel in self.arrived.items()}
        return tuple(
            ev.ChannelSeen(
                entry.uniqueid, "", names.get(entry.uniqueid, ""), "", "", "Queue", "", "",
                entry.waited, "", queue.queue,
            )
            for queue in queues
            for entry in queue.entries
        )  # fmt: skip

    def _seen(self, uniqueid: str, now: Ms, types: dict[str, str]) -> ev.ChannelSeen:
        arrived, step = self.arrived[uniqueid], self.steps.get(uniqueid)
        caller = self.callers.get(uniqueid, arrived)
        bridge, _ = self.bridges.get(uniqueid, ("", ""))
        return ev.ChannelSeen(
            uniqueid, arrived.linkedid, arrived.channel,
            step.context if step else arrived.context,
            step.exten if step else arrived.exten,
            step.application if step else "",
            caller.number, caller.name, _whole(now - arrived.at), bridge,
            step.data if step else "", types.get(bridge, ""),
        )  # fmt: skip


def _whole(span: Ms) -> Ms:
    return max(0, span) // SECOND * SECOND
