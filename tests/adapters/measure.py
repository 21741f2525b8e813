"""How long framing, parsing and translating take: ``python -m tests.adapters.measure``.

It reads the big capture of a real Asterisk. Times are of this process's own CPU, the best of some
rounds, per message.
"""

import sys
import timeit
from collections.abc import Callable
from time import process_time

from telephony_adapters.asterisk.ami_decode import EventDecoder
from telephony_adapters.asterisk.ami_framing import BOUNDARY, EVENT, FrameParser, FrameSplitter
from telephony_adapters.asterisk.ami_translate import HEADERS
from telephony_adapters.asterisk.ami_translator import Translator

from .traces import TRACES, capture

CHUNK = 64 * 1024
ROUNDS = 15


def best(function: Callable[[], None], count: int) -> float:
    """Microseconds of one message."""
    times = timeit.repeat(function, number=1, repeat=ROUNDS, timer=process_time)
    return min(times) / count * 1e6


def main() -> None:  # noqa: C901 - five little functions to time
    raw = capture(TRACES / "bench.ami.gz")
    raw = raw[: raw.rfind(BOUNDARY) + len(BOUNDARY)]
    chunks = [raw[start : start + CHUNK] for start in range(0, len(raw), CHUNK)]
    total = raw.count(BOUNDARY)
    wanted = [frame for frame in FrameSplitter().feed(raw) if frame.startswith(EVENT)]
    parser, translator = FrameParser(HEADERS), Translator("lab")
    parsed = [parser.parse(frame) for frame in wanted]

    def drop_all() -> None:
        splitter = FrameSplitter({b"Nothing": b""})
        for chunk in chunks:
            splitter.feed(chunk)

    def framing() -> None:
        splitter = FrameSplitter()
        for chunk in chunks:
            splitter.feed(chunk)

    def parsing() -> None:
        for frame in wanted:
            parser.parse(frame)

    def translating() -> None:
        for fields in parsed:
            translator.translate(fields, 0)

    def everything() -> None:
        decoder = EventDecoder("lab")
        for chunk in chunks:
            decoder.feed(chunk, 0)

    rows = [
        ("framing and dropping, when none is wanted", drop_all, total),
        ("framing and dropping, as it is", framing, total),
        ("parsing a wanted event", parsing, len(wanted)),
        ("translating a wanted event", translating, len(wanted)),
        ("bytes to core events, per AMI event", everything, total),
    ]
    share = len(wanted) / total
    print(f"{total} events of {len(raw) / total:.0f} bytes, {share:.0%} wanted", file=sys.stderr)  # noqa: T201
    for name, function, count in rows:
        print(f"{name:44} {best(function, count):6.2f} µs")  # noqa: T201


if __name__ == "__main__":
    main()
