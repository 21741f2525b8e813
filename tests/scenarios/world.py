"""The PBX itself, as far as its events tell: what a snapshot at any moment would show."""

from dataclasses import dataclass, field

from monitor.core import events as ev
from monitor.core.clock import SECOND, Ms
from tests.scenarios.agreement import PBX


@dataclass
class World:
    """Channels, bridges and queues after the events so far."""

    arrived: dict[str, ev.ChannelArrived] = field(default_factory=dict)
    steps: dict[str, ev.DialplanStep] = field(default_factory=dict)
    bridges: dict[str, tuple[str, str]] = field(default_factory=dict)
    waiting: dict[str, dict[str, Ms]] = field(default_factory=dict)
    members: dict[str, dict[str, ev.MemberChanged]] = field(default_factory=dict)

    def apply(self, event: ev.Event) -> None:
        """Take one event."""
        self._apply_to_queues(event)
        match event:
            case ev.ChannelArrived(uniqueid=uniqueid):
                self.arrived[uniqueid] = event
            case ev.DialplanStep(uniqueid=uniqueid):
                self.steps[uniqueid] = event
            case ev.BridgeEntered(uniqueid=uniqueid):
                self.bridges[uniqueid] = (event.bridge, event.bridge_type)
            case ev.BridgeLeft(uniqueid=uniqueid):
                self.bridges.pop(uniqueid, None)
            case ev.ChannelGone(uniqueid=uniqueid):
                for known in (self.arrived, self.steps, self.bridges):
                    known.pop(uniqueid, None)

    def _apply_to_queues(self, event: ev.Event) -> None:
        match event:
            case ev.QueueJoined(uniqueid=uniqueid, queue=queue):
                self.waiting.setdefault(queue, {})[uniqueid] = event.at
            case ev.QueueLeft(uniqueid=uniqueid, queue=queue):
                self.waiting.get(queue, {}).pop(uniqueid, None)
            case ev.MemberChanged(queue=queue, interface=interface):
                self.members.setdefault(queue, {})[interface] = event
            case ev.MemberRemoved(queue=queue, interface=interface):
                self.members.get(queue, {}).pop(interface, None)
            case ev.Transferred(uniqueid=uniqueid, second_uniqueid=second):
                self._takes_place(uniqueid, second)
            case ev.BridgeEntered(uniqueid=uniqueid) | ev.ChannelGone(uniqueid=uniqueid):
                # Whoever was pulled out of a queue is in its list no more, without a Leave.
                self._leaves_all(uniqueid)

    def _takes_place(self, uniqueid: str, of: str) -> None:
        """A masquerade puts the caller in the agent's place, whose channel ends at once."""
        for callers in self.waiting.values():
            if of in callers:
                callers[uniqueid] = callers.pop(of)
                self.arrived.pop(of, None)

    def _leaves_all(self, uniqueid: str) -> None:
        for callers in self.waiting.values():
            callers.pop(uniqueid, None)

    def snapshot(self, at: Ms) -> ev.PbxSnapshot:
        """What the PBX would list at ``at``; ages and waits in whole seconds, cut."""
        queues = tuple(
            ev.QueueSeen(
                queue,
                tuple(
                    ev.EntrySeen(uniqueid, place, _whole(at - joined))
                    for place, (uniqueid, joined) in enumerate(
                        self.waiting.get(queue, {}).items(), 1
                    )
                ),
                tuple(self.members.get(queue, {}).values()),
            )
            for queue in self.waiting.keys() | self.members.keys()
        )
        channels = tuple(self._seen(uniqueid, at) for uniqueid in self.arrived)
        return ev.PbxSnapshot(PBX, at, channels, queues)

    def _seen(self, uniqueid: str, at: Ms) -> ev.ChannelSeen:
        arrived, step = self.arrived[uniqueid], self.steps.get(uniqueid)
        bridge, kind = self.bridges.get(uniqueid, ("", ""))
        return ev.ChannelSeen(
            uniqueid, arrived.linkedid, arrived.channel,
            step.context if step else arrived.context,
            step.exten if step else arrived.exten,
            step.application if step else "",
            arrived.number, arrived.name, _whole(at - arrived.at), bridge,
            step.data if step else "", kind,
        )  # fmt: skip


def _whole(span: Ms) -> Ms:
    return max(0, span) // SECOND * SECOND
