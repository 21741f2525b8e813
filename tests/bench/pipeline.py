"""Throughput: one real AMI stream through the shipped classes, beside panoramisk and cacofonisk."""

import asyncio
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from api.cli_common import run
from monitor.collector import seldom_collected
from monitor.core.clock import SECOND, Ms
from monitor.core.effects import Effect
from monitor.core.engine import Engine
from monitor.core.events import Event, LinkChanged, LinkState, PbxSnapshot
from monitor.core.policy import Commitment, Policy, VoiceServer
from monitor.history.database import History, open_history
from monitor.history.writer import BatchWriter, HistoryWriter
from monitor.runtime import BATCH, Monitor
from telephony_adapters.asterisk.ami_decode import EventDecoder
from telephony_adapters.asterisk.ami_framing import FrameSplitter
from telephony_adapters.asterisk.ami_protocol import AmiProtocol
from telephony_adapters.asterisk.ami_translator import Translator
from tests.bench import rivals
from tests.bench.results import Result
from tests.bench.rounds import Stopwatch, Timing, Timings, alternate
from tests.bench.stream import PBX, Capture, Stream

POLICY = Policy(
    commitment=Commitment(within=3 * SECOND, at_risk_after=2 * SECOND, short_abandon=SECOND),
    voice_servers=(VoiceServer("welcome", contexts=("ivr",)),),
    incoming_contexts=((PBX, ("incoming",)),),
)
"""As the capture's calls were made for: waits of seconds, so breaches happen in it."""

BARE = "panoramisk, bare dispatch"
CACOFONISK = "cacofonisk, its AMI runner"
WHOLE = "whole pipeline"


def measure(events: int, rounds: int) -> list[Result]:
    """Run everything on a stream of at least ``events`` AMI events, ``rounds`` times in turn."""
    capture = Capture()
    stream = capture.stream(events)
    parts = _Parts(stream, capture)
    compared: dict[str, Callable[[], Timing]] = {
        WHOLE: partial(whole, stream),
        BARE: partial(rivals.panoramisk, stream.chunks),
        CACOFONISK: partial(rivals.cacofonisk, stream.chunks),
    }
    stages = {
        "framing, unwanted dropped": parts.framing,
        "framing and translation": parts.translation,
        "engine alone": parts.engine,
        "history alone": parts.history,
        "cacofonisk's handlers alone": parts.handlers,
    }
    timings = alternate(compared, rounds) | alternate(stages, -(-rounds // 2))
    return _results(timings, stream)


def new_engine(now: Ms) -> Engine:
    """An engine that sees its PBX."""
    engine = Engine(POLICY)
    engine.advance(now)
    engine.handle(PbxSnapshot(PBX, now))
    engine.handle(LinkChanged(PBX, now, LinkState.CONNECTED))
    return engine


def whole(stream: Stream) -> Timing:
    """Bytes → framing → translation → engine → history on disk, until all is committed."""
    with _database() as history:
        timing, stored = run(_whole(stream, history))
        _check_stored(stored, stream)
    return timing


async def _whole(stream: Stream, history: History) -> tuple[Timing, int]:
    translator = Translator(PBX)
    translator.last_at = _first_moment(stream)
    monitor = Monitor(new_engine(translator.last_at), lambda: translator.last_at)

    def take(fields: dict[str, str]) -> None:
        event = translator.translate(fields, 0)
        if event is not None:
            monitor.submit(event)

    protocol = AmiProtocol(on_event=take)
    writer = HistoryWriter(history)
    monitor.subscribe(writer.on_effects)
    writer.start()
    running = asyncio.create_task(monitor.run())
    with seldom_collected(), Stopwatch() as watch:  # as the composition root runs it
        for chunk in stream.chunks:
            protocol.data_received(chunk)
            # As between two readings of a socket: let the others run.
            await asyncio.sleep(0)
        while monitor.backlog:  # noqa: ASYNC110 - lets the monitor take its next batch
            await asyncio.sleep(0)
        await writer.flush()
    running.cancel()
    await writer.stop()
    with history.reading() as connection:
        stored = connection.exec_driver_sql("SELECT count(*) FROM call WHERE closed").scalar_one()
    return watch.timing, stored


class _Parts:
    """The pipeline's stages one by one; what a stage needs is made beforehand."""

    def __init__(self, stream: Stream, capture: Capture) -> None:
        self._stream = stream
        decoder = EventDecoder(PBX)
        self._events = [event for chunk in stream.chunks for event in decoder.feed(chunk, 0)]
        self._messages = rivals.messages_for_cacofonisk(capture.repetition(0))
        self._handled = capture.events

    def framing(self) -> Timing:
        splitter = FrameSplitter()
        with Stopwatch() as watch:
            for chunk in self._stream.chunks:
                splitter.feed(chunk)
        return watch.timing

    def translation(self) -> Timing:
        decoder = EventDecoder(PBX)
        with Stopwatch() as watch:
            for chunk in self._stream.chunks:
                decoder.feed(chunk, 0)
        return watch.timing

    def engine(self) -> Timing:
        engine = new_engine(self._events[0].at)
        with Stopwatch() as watch:
            for _ in run_engine(engine, self._events):
                pass
        return watch.timing

    def history(self) -> Timing:
        """Storing what the engine says, as it says it; only the storing is timed."""
        engine = new_engine(self._events[0].at)
        wall = cpu = 0.0
        with _database() as database, BatchWriter(database, batch_calls=200) as writer:
            for effects in run_engine(engine, self._events):
                with Stopwatch(collect=False) as watch:
                    writer.on_effects(effects)
                wall, cpu = wall + watch.timing.wall, cpu + watch.timing.cpu
            with Stopwatch(collect=False) as watch:
                writer.flush()
        return Timing(wall + watch.timing.wall, cpu + watch.timing.cpu)

    def handlers(self) -> Timing:
        timing = rivals.cacofonisk_handlers(self._messages)
        scale = self._stream.events / self._handled
        return Timing(timing.wall * scale, timing.cpu * scale)


def run_engine(engine: Engine, events: list[Event]) -> Iterable[list[Effect]]:
    """Hand events to an engine in the runtime's batches; yield the effects of each batch."""
    for at in range(0, len(events), BATCH):
        batch = events[at : at + BATCH]
        effects: list[Effect] = []
        for event in batch:
            effects += engine.handle(event)
        effects += engine.advance(batch[-1].at)
        yield effects


def _results(timings: dict[str, Timings], stream: Stream) -> list[Result]:
    best = {name: stream.events / timing.best for name, timing in timings.items()}
    ours = timings[WHOLE]
    note = (
        f"{stream.events:,} events, {stream.size / 1e6:.0f} MB, best of {len(ours.rounds)} "
        f"alternating rounds"
    )
    results = [
        _compared(best, timings, BARE, "panoramisk", 3.0, note),
        _compared(best, timings, CACOFONISK, "cacofonisk", 6.0),
    ]
    results += [
        Result(f"  {name}", value, "events/s", note=_spread(timings[name], stream))
        for name, value in best.items()
        if name not in {WHOLE, BARE, CACOFONISK}
    ]
    return results


def _compared(
    best: dict[str, float], timings: dict[str, Timings], rival: str, name: str, bar: float,
    note: str = "",
) -> Result:  # fmt: skip
    ours, theirs = timings[WHOLE], timings[rival]
    medians, cpu = theirs.median / ours.median, theirs.cpu / ours.cpu
    said = f"of the medians {medians:.2f}x, of processor time {cpu:.2f}x"
    return Result(
        f"{WHOLE} / {name}",
        best[WHOLE],
        "events/s",
        bar,
        baseline=best[rival],
        baseline_is=rival,
        ratio=best[WHOLE] / best[rival],
        note=f"{note}; {said}" if note else said,
    )


def _spread(timings: Timings, stream: Stream) -> str:
    return f"median {stream.events / timings.median:,.0f}"


def _first_moment(stream: Stream) -> Ms:
    events = EventDecoder(PBX).feed(stream.chunks[0], 0)
    return events[0].at


def _check_stored(stored: int, stream: Stream) -> None:
    expected = stream.chunks[0].count(b"Event: QueueCallerJoin")
    if stored < expected:
        raise RuntimeError(f"only {stored} calls were stored: this measures nothing")


class _database:  # noqa: N801 - reads as a function
    """A new database on disk, gone afterwards."""

    def __enter__(self) -> History:
        self._folder = tempfile.TemporaryDirectory(prefix="minuteur-bench-")
        self._history = open_history(f"sqlite:///{Path(self._folder.name) / 'bench.db'}")
        return self._history

    def __exit__(self, *_: object) -> None:
        self._history.close()
        self._folder.cleanup()
