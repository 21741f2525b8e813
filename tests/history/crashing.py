"""A process that stores calls and publishes their messages until it is killed.

``python -m tests.history.crashing URL``: the id of each message is printed when it is published.
"""

import asyncio
import sys
from collections.abc import Sequence
from itertools import count

from monitor.core.effects import CallChanged, Effect, VerdictGiven
from monitor.core.records import Reason, Verdict
from monitor.history import HistoryWriter, open_history
from monitor.history.messages import OutboxMessage
from monitor.history.outbox import Outbox
from tests.history.samples import live_call

SINK = "mqtt"
BATCH = 20
BURST = 3 * BATCH
"""So many calls change at once, each twice: all are noted before the first is stored, so every
kill falls between two batches, some of whose calls were changed again after the others."""


def due(call_id: str, verdict: str) -> list[str]:
    """The messages that are due of a call with this verdict, in order."""
    verdicts = ["breached"] if verdict == "breached" else ["breached", "met"]
    return [f"{call_id}:{one}" for one in verdicts]


def told(effects: Sequence[Effect]) -> list[OutboxMessage]:
    """A message for each verdict."""
    return [
        OutboxMessage(
            f"{effect.call.id}:{effect.verdict.value}", "lab/calls/verdict", effect.call.id,
            effect.at, f'{{"verdict":"{effect.verdict.value}"}}',
        )
        for effect in effects
        if isinstance(effect, VerdictGiven)
    ]  # fmt: skip


async def main(url: str) -> None:
    """Store and publish for ever."""
    history = open_history(url)
    outbox, new = Outbox(history), asyncio.Event()
    outbox.register([SINK])
    writer = HistoryWriter(history, messages=told, flush_every=0.005, batch_calls=BATCH)
    writer.on_stored(new.set)
    writer.start()
    publishing = asyncio.create_task(publish(outbox, new))
    for first in count(step=BURST):
        calls = [live_call(number, facts=2) for number in range(first, first + BURST)]
        for verdict in (Verdict.BREACHED, Verdict.MET):
            for call in calls:
                call.verdict, call.closed = verdict, verdict is Verdict.MET
                given = VerdictGiven(call, verdict, Reason.NONE, call.arrived_at, Verdict.PENDING)
                writer.on_effects([CallChanged(call, call.closed), given])
        await asyncio.sleep(0.02)
        if publishing.done():
            publishing.result()


async def publish(outbox: Outbox, new: asyncio.Event) -> None:
    """Print what is stored, and confirm it by fifties."""
    after, printed = None, 0
    while True:
        await new.wait()
        new.clear()
        for message in await asyncio.to_thread(outbox.read, SINK, 1_000, after=after):
            sys.stdout.write(f"{message.id}\n")
            sys.stdout.flush()
            after, printed = message.seq, printed + 1
            if printed % 50 == 0:
                await asyncio.to_thread(outbox.confirm, SINK, after)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
