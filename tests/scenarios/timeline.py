"""A call's timeline as one line of words, the same from run to run and on every Asterisk."""

from collections.abc import Callable, Iterator

from monitor.core.clock import Ms
from monitor.core.records import Call, Exit, Fact, FactKind, Verdict

BETWEEN = " · "
AT_ONCE: Ms = 100
"""What lies nearer together has no order of its own: Asterisk's threads run side by side."""
LATE: Ms = 1000
"""AgentComplete may come this long after the talk: Asterisk writes its queue log to disk first."""

_REFUSALS = {Exit.JOIN_EMPTY.value, Exit.FULL.value}

_UNSAID = {
    FactKind.CALLER_ID,
    FactKind.CLOCK_STARTED,
    FactKind.STAFFING,
    FactKind.AT_RISK,
    FactKind.VERDICT,
    FactKind.CORRECTED,
    FactKind.QUEUE_LEFT,
}
"""Facts that are no step of the caller's, or that another fact says better."""

_SAID_ONCE = {FactKind.AGENT_OFFERED, FactKind.AGENT_MISSED}
"""Said once for each agent and visit: how often a phone rings is a matter of milliseconds."""

_BEFORE_COMPLETED = {
    FactKind.HANGUP_REQUESTED,
    FactKind.TRANSFERRED,
    FactKind.AGENT_CONNECTED,
    FactKind.BRIDGED,
    FactKind.AGENT_PICKED_UP,
}
"""What may stand just before the end of a talk; all else that comes at once is its consequence."""

_BEFORE_JOINED = {FactKind.TRANSFERRED, FactKind.RINGING, FactKind.AGENT_PICKED_UP}
"""What brings the caller into the queue, where a Local channel's other half is already there."""

_SIDE_BY_SIDE = {*_SAID_ONCE, FactKind.RINGING, FactKind.AGENT_PICKED_UP}
"""What is said of several phones, or of a Local channel and the phone behind it, at once."""

_WAYS_OUT_OF_A_VOICE_SERVER = {
    FactKind.QUEUE_JOINED,
    FactKind.AGENT_CONNECTED,
    FactKind.BRIDGED,
}
"""What the caller does by leaving a voice server is said after it."""


def timeline(call: Call) -> str:
    """The caller's milestones in order, in compact words."""
    return BETWEEN.join(_milestones(call))


def _milestones(call: Call) -> Iterator[str]:
    said: set[tuple[FactKind, str]] = set()
    held, connected = False, ""
    breached = call.verdict is Verdict.BREACHED
    deadline = call.deadline_at or 0
    for fact in _in_order(call.facts):
        if breached and fact.at >= deadline:
            breached = False
            yield "breached"
        if fact.kind is FactKind.QUEUE_JOINED:
            said.clear()
        key = (fact.kind, _agent(fact))
        if fact.kind in _SAID_ONCE and key in said:
            continue
        said.add(key)
        if fact.kind is FactKind.RESUMED and not held:
            continue  # the end of the music that a transfer played
        held = fact.kind is FactKind.HELD or (held and fact.kind is not FactKind.RESUMED)
        if fact.kind is FactKind.BRIDGED and _agent(fact) == connected:
            continue  # of a Local member the bridge is said beside the connection
        connected = _agent(fact) if fact.kind is FactKind.AGENT_CONNECTED else connected
        yield from _words(fact)


def _in_order(facts: list[Fact]) -> list[Fact]:
    """The facts that are said, by their moments; what came at once in an order of ours."""
    in_order: list[Fact] = []
    for fact in sorted(facts, key=lambda fact: fact.at):
        if fact.kind in _UNSAID or fact.detail.get("exit") == Exit.ANSWERED:
            continue
        place = len(in_order)
        while place and _comes_first(fact, in_order[place - 1]):
            place -= 1
        in_order.insert(place, fact)
    return in_order


def _comes_first(fact: Fact, other: Fact) -> bool:
    """Whether ``fact``, which came after ``other``, is to be said before it."""
    if fact.kind is FactKind.AGENT_COMPLETED:
        return fact.at - other.at <= LATE and other.kind not in _BEFORE_COMPLETED
    if fact.at - other.at > AT_ONCE:
        return False
    if fact.kind is FactKind.VOICE_SERVER_LEFT:
        return other.kind in _WAYS_OUT_OF_A_VOICE_SERVER
    if other.kind is FactKind.QUEUE_JOINED and fact.kind in _BEFORE_JOINED:
        return True
    if other.kind in {FactKind.AGENT_CONNECTED, FactKind.BRIDGED}:
        return fact.kind is FactKind.AGENT_PICKED_UP
    if fact.kind is other.kind and fact.kind in _SIDE_BY_SIDE:
        return _agent(fact) < _agent(other)
    return False


def _words(fact: Fact) -> Iterator[str]:
    if fact.kind is FactKind.QUEUE_EXIT:
        exit_, queue = fact.detail["exit"], fact.detail["queue"]
        if exit_ in _REFUSALS:
            yield f"not let into {queue} ({exit_})"
        elif exit_ != Exit.ANSWERED:
            yield f"left {queue} ({exit_})"
        return
    say = _WORDS.get(fact.kind)
    yield say(fact) if say is not None else _plain(fact)


def _plain(fact: Fact) -> str:
    """Words for a kind of fact that has none of its own."""
    about = [fact.detail[key] for key in ("name", "queue", "agent") if fact.detail.get(key)]
    return " ".join([fact.kind.value.replace("_", " "), *map(str, about)])


def _agent(fact: Fact) -> str:
    """The agent by the bare name that member, interface and channel have in common."""
    name = str(fact.detail.get("agent") or "")
    return name.removeprefix("Agent ").rpartition("/")[2].partition("@")[0]


def _target(fact: Fact) -> str:
    if fact.detail["how"] == "attended":
        return ""  # a channel's name, and which one differs from run to run
    return " to " + str(fact.detail.get("target") or "").partition("@")[0]


_WORDS: dict[FactKind, Callable[[Fact], str]] = {
    FactKind.VOICE_SERVER_ENTERED: lambda fact: f"entered {fact.detail['name']}",
    FactKind.VOICE_SERVER_INPUT: lambda fact: f"pressed {fact.detail['value']}",
    FactKind.VOICE_SERVER_LEFT: lambda fact: f"left {fact.detail['name']}",
    FactKind.QUEUE_JOINED: lambda fact: f"joined {fact.detail['queue']}",
    FactKind.AGENT_OFFERED: lambda fact: f"offered to {_agent(fact)}",
    FactKind.AGENT_MISSED: lambda fact: f"missed by {_agent(fact)}",
    FactKind.AGENT_PICKED_UP: lambda fact: f"picked up by {_agent(fact)}",
    FactKind.AGENT_CONNECTED: lambda fact: f"connected to {_agent(fact)}",
    FactKind.AGENT_DUMPED: lambda fact: f"dropped by {_agent(fact)}",
    FactKind.AGENT_COMPLETED: lambda fact: f"talk ended by {fact.detail['ended_by']}",
    FactKind.RINGING: lambda fact: f"rang {_agent(fact)}",
    FactKind.BRIDGED: lambda fact: f"bridged with {_agent(fact)}",
    FactKind.HELD: lambda _: "on hold",
    FactKind.RESUMED: lambda _: "off hold",
    FactKind.TRANSFERRED: lambda fact: f"transferred{_target(fact)} ({fact.detail['how']})",
    FactKind.HANGUP_REQUESTED: lambda _: "hung up",
}
