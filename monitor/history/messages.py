"""Messages for other programs: made when something happens, stored with it, published after."""

import time
from dataclasses import dataclass, field

from monitor.core.clock import Ms


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message as it is to be stored.

    ``id`` is stable: the same happening gives the same id, however often it is told. ``topic`` is
    what stands below the prefix (``lab/calls/verdict``). ``call_id`` is empty for a message of no
    call; those of one call are stored and published in the order in which they were noted.
    ``payload`` is a JSON object as text: small, and fixed at the moment of which it tells.
    ``about`` is the id of the decision or command of which it tells, empty when it tells of the
    call; it only says with what to store the message, and is not stored.
    """

    id: str
    topic: str
    call_id: str
    at: Ms
    payload: str
    about: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class StoredMessage(OutboxMessage):
    """A message in the database; ``seq`` rises in the order of storing."""

    seq: int = 0


def machine_clock() -> Ms:
    """The machine's time, where no other clock is given."""
    return time.time_ns() // 1_000_000
