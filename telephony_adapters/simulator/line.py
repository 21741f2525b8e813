"""A queue's waiting line: who is let in, and who stands where, as ``app_queue`` has it."""

from typing import Final

from monitor.core.clock import SECOND, Ms

from .parts import Device, Entry, Queue, QueueExit

LOOKS_EVERY: Final[Ms] = SECOND
"""So often a caller whose turn it is not looks whether something was asked of him."""


def is_staffed(queue: Queue) -> bool:
    """Whether somebody is there at all, as ``strict`` means it."""
    return any(
        not member.paused and member.phone.device is not Device.UNAVAILABLE
        for member in queue.members.values()
    )


def refusal(queue: Queue) -> QueueExit | None:
    """Why a queue lets nobody in now; None when it does."""
    if queue.setup.max_callers and len(queue.entries) >= queue.setup.max_callers:
        return QueueExit.FULL
    if not queue.setup.join_empty and not is_staffed(queue):
        return QueueExit.JOIN_EMPTY
    return None


def enter(queue: Queue, entry: Entry) -> int:
    """Put a caller behind those of the same priority and more; returns the position, from 1."""
    place = next(
        (at for at, other in enumerate(queue.entries) if other.priority < entry.priority),
        len(queue.entries),
    )
    queue.entries.insert(place, entry)
    return place + 1


def reprioritise(queue: Queue, entry: Entry, priority: int, *, immediate: bool) -> None:
    """Give a waiting caller a priority; ``immediate``: and the place that it earns.

    Else only those who come later are put before or behind by it. A caller who is given the
    priority that he has goes behind all others of it, as on a real PBX.
    """
    entry.priority = priority
    if immediate:
        queue.entries.remove(entry)
        enter(queue, entry)


def position(queue: Queue, entry: Entry) -> int:
    """A waiting caller's place, from 1."""
    return queue.entries.index(entry) + 1


def next_look(entry: Entry, now: Ms) -> Ms:
    """When a caller whose turn it is not looks next."""
    return now + LOOKS_EVERY - (now - entry.looks_from) % LOOKS_EVERY
