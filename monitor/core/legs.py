"""Legs: halves of Local channels that wait, or talk, on behalf of somebody else.

A dialplan reaches a queue through ``Dial(Local/…)``, and an agent who asks in a second queue before
he hands the caller over does it through a Local channel too. In both cases the half ``;2`` joins
the queue under an id of its own, which is also what the queue log knows it by. It is not a caller:
what happens to it belongs to the call at its other end, from the moment at which there is one.

Until then the leg's events are kept. A consultation that ends without a transfer leaves nothing
behind: no caller waited.
"""

from dataclasses import dataclass, field
from typing import Final

from monitor.core.clock import Ms
from monitor.core.events import (
    AgentCompleted,
    AgentConnected,
    AgentDumped,
    AgentMissed,
    AgentOffered,
    DialEnded,
    DialplanStep,
    DialStarted,
    Event,
    QueueGivenUp,
    QueueJoined,
    QueueLeft,
    QueueLost,
    QueueStatusSet,
    Transferred,
)

ABOUT_A_CALL: Final = frozenset(
    {
        *(DialplanStep, DialStarted, DialEnded, Transferred),
        *(QueueJoined, QueueLeft, QueueGivenUp, QueueStatusSet),
        *(AgentOffered, AgentMissed, AgentConnected, AgentCompleted, AgentDumped),
    }
)
"""What is said of a leg and belongs to the call behind it."""

HALVES: Final = (";1", ";2")
"""How the names of the two halves of a Local channel end."""

KEPT: Final = 100
"""How many events of a channel are kept for the call that they may turn out to be about."""


@dataclass(slots=True)
class Leg:
    """The half ``;2`` of a Local channel that was made on behalf of another channel.

    ``call`` is the uniqueid of the call it acts for, empty while that is not known; ``queue`` the
    queue that it joined last.
    """

    uniqueid: str
    call: str = ""
    queue: str = ""
    context: str = ""
    exten: str = ""
    phone: bool = False
    """An agent's own phone asks in a queue; the transfer puts the caller's channel in its place."""
    kept: list[Event] = field(default_factory=list)

    def keep(self, event: Event) -> None:
        """Keep an event for the call that the leg may turn out to act for."""
        if len(self.kept) < KEPT and event not in self.kept:
            self.kept.append(event)

    @property
    def waits(self) -> bool:
        """Whether, by what is kept of it, the leg waits in a queue."""
        about = (
            e for e in reversed(self.kept) if isinstance(e, QueueJoined | QueueLeft | QueueLost)
        )
        return isinstance(next(about, None), QueueJoined)

    def note(self, event: Event) -> None:
        """Take note of what the leg does, whoever it is for."""
        if isinstance(event, DialplanStep):
            self.context = event.context
        elif isinstance(event, QueueJoined):
            self.queue = event.queue
            self.context, self.exten = event.context or self.context, event.exten


@dataclass(slots=True)
class Locals:
    """The Local channels of one PBX: which halves belong together, and which act for others."""

    other: dict[str, str] = field(default_factory=dict)
    """For each half the other one, both by uniqueid."""
    names: dict[str, str] = field(default_factory=dict)
    """Channel name of each half."""
    halves: dict[str, str] = field(default_factory=dict)
    """Uniqueid of each half by its channel name."""
    legs: dict[str, Leg] = field(default_factory=dict)
    listed_at: Ms = 0
    """When the PBX listed its channels last: what it says of before is not what is."""

    def meet(self, uniqueid: str, channel: str) -> None:
        """Remember a half of a Local channel; any other channel is none."""
        if not channel.endswith(HALVES) or uniqueid in self.names:
            return
        self.names[uniqueid] = channel
        self.halves[channel] = uniqueid
        other = self.halves.get(channel[:-1] + ("2" if channel[-1] == "1" else "1"))
        if other is not None:
            self.other[uniqueid], self.other[other] = other, uniqueid

    def forget(self, uniqueid: str) -> None:
        """A channel ended."""
        name = self.names.pop(uniqueid, None)
        if name is None:
            return
        self.halves.pop(name, None)
        other = self.other.pop(uniqueid, "")
        self.other.pop(other, None)
