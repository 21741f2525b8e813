"""Effects: what the engine wants the world to know.

An effect names a record; who receives it reads the record at once, before the engine runs again.
"""

from dataclasses import field

from monitor.core.clock import Ms
from monitor.core.events import ContactReported, LinkState
from monitor.core.overflow.decisions import Command, Decision, Standing
from monitor.core.records import BlindInterval, Call, Member, Reason, Verdict
from monitor.core.values import value


@value
class CallChanged:
    """A call changed; facts may have been appended. ``closed``: it ended, with its verdict.

    ``rewritten``: visits, stays or facts were taken out or put in between, not only appended.
    """

    call: Call
    closed: bool = False
    rewritten: bool = False


@value
class VerdictGiven:
    """A call got a verdict; ``previous`` differs from pending when this is a correction."""

    call: Call
    verdict: Verdict
    reason: Reason
    at: Ms
    previous: Verdict


@value
class AtRiskRaised:
    """A call came within reach of its deadline."""

    call: Call
    at: Ms


@value
class MemberUpdated:
    """A member joined or changed."""

    member: Member


@value
class MemberGone:
    """A member left its queue."""

    pbx: str
    queue: str
    interface: str
    at: Ms = field(default=0, compare=False)


@value
class TalkEnded:
    """Somebody's conversation ended who was taken out of the queue meanwhile."""

    pbx: str
    queue: str
    interface: str
    at: Ms


@value
class QueueUpdated:
    """A queue's waiting callers or figures changed."""

    pbx: str
    queue: str


@value
class QueueGone:
    """A queue is watched no more: nobody declares it now, and the PBX never told of it."""

    pbx: str
    queue: str


@value
class PbxGone:
    """A PBX is watched no more, with its queues and members."""

    pbx: str


@value
class PbxUpdated:
    """The link, the clock offset or a warning of a PBX changed."""

    pbx: str
    state: LinkState


@value
class BlindIntervalChanged:
    """A blind interval opened, or closed when ``interval.ended_at`` is set."""

    interval: BlindInterval


@value
class ClockMoved:
    """A PBX's clock was set: its moments from ``at`` on are ``by`` ms ahead of those before."""

    pbx: str
    at: Ms
    by: Ms


@value
class DecisionMade:
    """An overflow rule, a dialplan's question or a person led to a decision."""

    decision: Decision


@value
class CommandIssued:
    """A command is to be sent to its PBX, once. ``standing``: store it before the sending."""

    command: Command
    standing: Standing | None = None


@value
class CommandChanged:
    """The PBX answered a command, or its outcome was observed."""

    command: Command


@value
class StandingChanged:
    """A lasting action went on (``on``) or was undone for good."""

    standing: Standing
    on: bool


@value
class OverflowChanged:
    """Rules, the big red switch or what is forced changed; read them from the overflow engine."""


@value
class ContactTold:
    """The dialplan told of a contact; ``about`` is the caller's call, where it is known."""

    told: ContactReported
    about: Call | None = None


Effect = (
    CallChanged
    | VerdictGiven
    | AtRiskRaised
    | MemberUpdated
    | MemberGone
    | TalkEnded
    | QueueUpdated
    | QueueGone
    | PbxUpdated
    | PbxGone
    | BlindIntervalChanged
    | ClockMoved
    | DecisionMade
    | CommandIssued
    | CommandChanged
    | StandingChanged
    | OverflowChanged
    | ContactTold
)
