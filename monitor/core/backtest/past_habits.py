"""Habits of a recorded centre's queues: how long a ring, a talk and the pause after it take."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final
from zlib import crc32

from monitor.core.clock import MINUTE, SECOND, Ms
from monitor.core.records import Call, Exit

LONG: Final[Ms] = 5 * MINUTE
"""A longer pause between two callers says nothing of how long an agent needs."""
LONGEST_RING: Final[Ms] = 20 * SECOND
SOON: Final = 3
"""Waits of up to so many times the shortest are taken for mere ringing."""
TALK: Final[Ms] = 3 * MINUTE
"""A conversation, where none was recorded."""
TENTH: Final = 0.1


@dataclass(frozen=True, slots=True)
class Habits:
    """How long things take in a queue (ms)."""

    ring: Ms = 5 * SECOND
    """Until a free agent has answered."""
    talk: Ms = TALK
    """A conversation, in the mean."""
    wrap_up: Ms = 0
    """From the end of a conversation until the agent can be rung again."""
    giving_up: float = 0.0
    """The rate, per ms of waiting, at which a caller gives up; see ``QueueHistory.giving_up``."""

    def waits_on(self, call_id: str) -> Ms | None:
        """How much longer a caller would wait than they had to; None: for ever.

        Drawn from the patience of all by the call's id, so it is the same in every run.
        """
        if self.giving_up <= 0.0:
            return None
        drawn = (crc32(call_id.encode()) + 0.5) / 2**32
        return round(-math.log(drawn) / self.giving_up)


def habits_of(calls: Iterable[Call]) -> dict[str, Habits]:
    """The habits that a record shows, by queue.

    What ringing takes is the mean of the shortest waits that ended in an answer; the pause is the
    shortest tenth of the gaps between two callers of one agent, less the shortest ring: who waits
    for longer, or lets wait, does so for other reasons.
    """
    seen: dict[str, _Seen] = defaultdict(_Seen)
    turns: dict[str, list[tuple[Ms, Ms, str]]] = defaultdict(list)
    for call in calls:
        for visit in call.visits:
            of_queue = seen[visit.queue]
            if visit.exit is Exit.ABANDONED:
                of_queue.gave_up += 1
                of_queue.waited += visit.wait or 0
            if visit.exit is not Exit.ANSWERED or visit.answered_at is None:
                continue
            of_queue.waits.append(visit.wait or 0)
            of_queue.waited += visit.wait or 0
            if visit.talk is not None and visit.ended_at is not None:
                of_queue.talks.append(visit.talk)
                who = visit.interface or visit.agent
                turns[who].append((visit.answered_at, visit.ended_at, visit.queue))
    gaps = _gaps(turns.values())
    return {queue: _habits(found, gaps[queue]) for queue, found in seen.items() if found.waits}


@dataclass(slots=True)
class _Seen:
    waits: list[Ms] = field(default_factory=list)
    """To an answer."""
    talks: list[Ms] = field(default_factory=list)
    gave_up: int = 0
    waited: Ms = 0
    """By all, answered or not."""


def _habits(seen: _Seen, gaps: list[Ms]) -> Habits:
    shortest = _lowest_tenth(seen.waits)
    rings = [wait for wait in seen.waits if wait <= SOON * shortest]
    ring = min(round(sum(rings) / len(rings)), LONGEST_RING)
    talk = round(sum(seen.talks) / len(seen.talks)) if seen.talks else TALK
    wrap_up = max(0, _lowest_tenth(gaps) - shortest) if gaps else 0
    return Habits(ring, talk, wrap_up, seen.gave_up / max(1, seen.waited))


def _gaps(turns: Iterable[list[tuple[Ms, Ms, str]]]) -> dict[str, list[Ms]]:
    """By queue, the times from the end of a talk to the same agent's next answer."""
    gaps: dict[str, list[Ms]] = defaultdict(list)
    for of_agent in turns:
        of_agent.sort()
        for (_, ended, queue), (answered, _, _) in pairwise(of_agent):
            if 0 <= answered - ended <= LONG:
                gaps[queue].append(answered - ended)
    return gaps


def _lowest_tenth(values: Sequence[Ms]) -> Ms:
    return sorted(values)[int(len(values) * TENTH)]
