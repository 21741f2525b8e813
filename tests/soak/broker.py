"""Mosquitto is away for minutes under load: ``python -m tests.soak.broker``, ``make broker-soak``.

A simulated centre, the monitor as its users run it, a real Mosquitto and a subscriber whose place
the broker keeps. While callers keep coming the broker's acknowledgements are lost for a while,
which makes duplicates, and Mosquitto is stopped for minutes; then what arrived is compared with
the outbox, as it was read all along, and with the record of the calls.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson

from tests.mosquitto import Mosquitto, Subscriber
from tests.publishing.centre import Callers, Served, simulated
from tests.publishing.checks import (
    Comparison,
    calls_over,
    compare,
    due_by_the_record,
    read_outbox,
)
from tests.publishing.lossy import LossyLink

AROUND_S = 15.0
"""How long callers come before the broker goes, and after it is back."""
PATIENCE_S = 180.0
"""How long it may take until everything has arrived after that."""


class Tail:
    """Reads the outbox all along: what is published is deleted from it after a while."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._last = 0
        self.stored: list[tuple[str, str]] = []

    def read(self) -> None:
        for seq, id_, call in read_outbox(self._database, self._last):
            self._last = seq
            self.stored.append((id_, call))

    async def follow(self) -> None:
        while True:
            await asyncio.to_thread(self.read)
            await asyncio.sleep(2)


async def soak(directory: Path, rate: float, losses: int, away: float) -> Comparison:
    """Run it; returns what came of it."""
    (directory / "broker").mkdir()
    database = directory / "minuteur.db"
    with (
        Mosquitto(directory / "broker") as broker,
        Subscriber(broker.port, "minuteur/lab/calls/#", "minuteur/lab/overflow/#") as subscriber,
    ):
        async with (
            LossyLink(broker.port) as link,
            simulated() as pbx,
            Served(
                directory, pbx.port, f'[mqtt]\nurl = "mqtt://127.0.0.1:{link.port}"\n'
            ) as served,
        ):
            tail = Tail(database)
            following = asyncio.create_task(tail.follow())
            async with Callers(pbx, rate) as callers:
                await asyncio.sleep(AROUND_S)
                for _ in range(losses):
                    link.lose_answers()
                    await asyncio.sleep(2)
                    link.cut()
                    await asyncio.sleep(5)
                say(f"{callers.made} callers; acknowledgements were lost {losses} times")
                say(f"{callers.made} callers; the broker is stopped for {away:.0f} s")
                await asyncio.to_thread(broker.stop)
                await asyncio.sleep(away)
                say(f"{callers.made} callers; {_one_line(await served.get('/publishing'))}")
                await asyncio.to_thread(broker.start)
                back = time.monotonic()
                await asyncio.sleep(AROUND_S)
            say(f"{callers.made} callers; {_one_line(await served.get('/publishing'))}")
            async with asyncio.timeout(PATIENCE_S):
                while calls_over(database) < callers.made:  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
                tail.read()
                wanted = {id_ for id_, _ in tail.stored}
                while not _ids(subscriber) >= wanted:  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
            say(f"everything has arrived {time.monotonic() - back:.0f} s after the broker was back")
            following.cancel()
            say(_one_line(await served.get("/publishing")))
        found = compare(tail.stored, due_by_the_record(database), subscriber.take())
    say(f"{calls_over(database)} calls in the record of {callers.made}")
    return found


def _ids(subscriber: Subscriber) -> set[str]:
    return {orjson.loads(message.payload)["id"] for message in subscriber.take()}


def _one_line(answer: dict[str, Any]) -> str:
    (sink,) = answer["items"]
    shown = ("connected", "backlog", "sent", "failures", "dead_letters")
    return ", ".join(f"{name} {sink[name]}" for name in shown)


def say(text: str) -> None:
    """Tell whoever watches."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Run it and print what came of it; 1 when something is wrong."""
    parser = argparse.ArgumentParser(
        prog="make broker-soak ARGS=…", description="Mosquitto is away for minutes under load"
    )
    parser.add_argument("--rate", type=float, default=20, help="callers per second")
    parser.add_argument("--losses", type=int, default=3, help="times that answers are lost")
    parser.add_argument("--away", type=float, default=120, help="seconds without the broker")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="minuteur-broker-") as directory:
        found = asyncio.run(soak(Path(directory), chosen.rate, chosen.losses, chosen.away))
    say(str(found))
    return 0 if found.right else 1


if __name__ == "__main__":
    sys.exit(main())
