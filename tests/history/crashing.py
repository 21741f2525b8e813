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


def number_of(message_id: str) -> int:
    """The number of a message, which is also its place."""
    return int(message_id.rsplit("-", maxsplit=1)[-1])


class Told:
    """A message for each verdict, numbered through."""

    def __init__(self) -> None:
        self._numbers = count()

    def __call__(self, effects: Sequence[Effect]) -> list[OutboxMessage]:
        return [
            OutboxMessage(
                f"verdict-{next(self._numbers)}", "lab/calls/verdict", effect.call.id, effect.at,
                f'{{"verdict":"{effect.verdict.value}"}}',
            )
            for effect in effects
            if isinstance(effect, VerdictGiven)
        ]  # fmt: skip


async def main(url: str) -> None:
    """Store and publish for ever."""
    history = open_history(url)
    outbox, new = Outbox(history), asyncio.Event()
    outbox.register([SINK])
    writer = HistoryWriter(history, messages=Told(), flush_every=0.005, batch_calls=20)
    writer.on_stored(new.set)
    writer.start()
    publishing = asyncio.create_task(publish(outbox, new))
    for number in count():
        call = live_call(number, facts=2)
        for verdict in (Verdict.BREACHED, Verdict.MET):
            call.verdict, call.closed = verdict, verdict is Verdict.MET
            given = VerdictGiven(call, verdict, Reason.NONE, call.arrived_at, Verdict.PENDING)
            writer.on_effects([CallChanged(call, call.closed), given])
        await asyncio.sleep(0.001)
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
