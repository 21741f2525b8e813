"""Writes a queue log such as a centre's Asterisk would: ``python -m tests.bench.queue_logs FILE``.

Several queues, agents who do not answer, abandons, overflow from queue to queue, transfers, a
restart now and then; and agents who come, pause and go.
"""

import argparse
import heapq
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

START = 1_767_225_600
"""2026-01-01T00:00:00Z."""
QUEUES = ("support", "sales", "billing", "vip")


class _Centre:
    """Lines of calls that overlap, in order of time."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._now = START
        self._sequence = 0
        self._due: list[tuple[int, int, str]] = []

    def lines(self) -> Iterator[str]:
        """Lines without end."""
        chance = self._random
        count = 0
        while True:
            self._now += chance.choice((0, 1, 1, 2, 5))
            for at, rest in self._call(self._now):
                count += 1
                heapq.heappush(self._due, (at, count, rest))
            if chance.random() < 0.02:
                agent = f"Agent {chance.randrange(80)}"
                event = chance.choice(("PAUSE|Lunch", "UNPAUSE|", "ADDMEMBER|", "REMOVEMEMBER|"))
                yield f"{self._now}|NONE|{chance.choice(QUEUES)}|{agent}|{event}\n"
            while self._due and self._due[0][0] <= self._now:
                at, _, rest = heapq.heappop(self._due)
                yield f"{at}|{rest}\n"

    def _call(self, at: int) -> Iterator[tuple[int, str]]:
        chance = self._random
        self._sequence += 1
        callid = f"pbx1-{at}.{self._sequence}"
        at += chance.choice((0, 1, 8, 15))
        number = f"06{chance.randrange(10**8):08d}"
        for place in range(3):
            queue = chance.choice(QUEUES)
            head = f"{callid}|{queue}"
            yield at, f"{head}|NONE|ENTERQUEUE||{number}|{1 + chance.randrange(9)}"
            entered = at
            for _ in range(chance.choice((0, 0, 0, 1, 2, 3))):
                at += 15
                yield at, f"{head}|Agent {chance.randrange(80)}|RINGNOANSWER|15000"
            at += round(chance.expovariate(1 / 18))
            wait, agent = at - entered, f"Agent {chance.randrange(80)}"
            what = chance.random()
            if what < 0.12 and place < 2:
                yield at, f"{head}|NONE|EXITWITHTIMEOUT|1|2|{wait}"
                continue
            if what < 0.22:
                yield at, f"{head}|NONE|ABANDON|1|2|{wait}"
            elif what < 0.25:
                yield at, f"{head}|NONE|EXITWITHKEY|1|1|2|{wait}"
            else:
                yield at, f"{head}|{agent}|CONNECT|{wait}|pbx1-{at}.9{self._sequence}|3"
                talk = round(chance.expovariate(1 / 200))
                end = chance.choice(("COMPLETEAGENT", "COMPLETECALLER"))
                yield at + talk, f"{head}|{agent}|{end}|{wait}|{talk}|1"
            return


def lines(count: int, seed: int = 1) -> Iterator[str]:
    """So many lines; the same for the same seed."""
    return islice(_Centre(seed).lines(), count)


def main() -> None:
    """Write a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with given.file.open("w") as file:
        file.writelines(lines(given.lines, given.seed))


if __name__ == "__main__":
    main()
