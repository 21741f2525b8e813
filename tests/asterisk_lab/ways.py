"""What the rows of the queues' ways have in common: usual acts, expectations, timelines."""

from __future__ import annotations

from .scenarios import A1, Act, Expected


def way(*steps: str) -> str:
    """Return a timeline of these steps."""
    return " · ".join(("arrived", *steps, "ended"))


def asked(*agents: int) -> tuple[str, ...]:
    """The queue offers the caller to these agents."""
    return tuple(f"offered to agent{n}" for n in agents)


def missed(*agents: int) -> tuple[str, ...]:
    """These agents do not take the caller."""
    return tuple(f"missed by agent{n}" for n in agents)


def taken(agent: int) -> tuple[str, ...]:
    """An agent takes the caller, and ends the talk."""
    name = f"agent{agent}"
    return (f"picked up by {name}", f"connected to {name}", "talk ended by agent")


def answered(queue: str, agent: int = 1, before: tuple[str, ...] = ()) -> Expected:
    """Return what is expected of a caller whom a queue's agent takes in time.

    ``before``: what happens before that, if it is more than this agent being asked.
    """
    steps = (f"joined {queue}", *(before or asked(agent)), *taken(agent))
    visits = ((queue, "answered"),)
    return Expected("met", visits, "agent", f"PJSIP/agent{agent}", timeline=way(*steps))


def abandoned(queue: str, *before: str) -> Expected:
    """Return what is expected of a caller who gives up in a queue, in time."""
    steps = (f"joined {queue}", *before, "hung up", f"left {queue} (abandoned)")
    return Expected("abandoned", ((queue, "abandoned"),), timeline=way(*steps))


def pause(at: int, queue: str, interface: str = A1, paused: str = "true") -> Act:
    """Pause a member, or end the pause."""
    fields = {"Queue": queue, "Interface": interface, "Paused": paused}
    return Act(at, "QueuePause", fields)


def penalty(queue: str, interface: str, penalty: int) -> Act:
    """Give a member a penalty."""
    fields = {"Queue": queue, "Interface": interface, "Penalty": str(penalty)}
    return Act(0, "QueuePenalty", fields)
