"""A running monitor fills its blind intervals from a queue log that it can read."""

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from api import log_following
from api.log_following import AGAIN_AFTER, READ_BEFORE, SETTLED_AFTER, LogFollower
from monitor.core.clock import HOUR, MINUTE, SECOND, Ms
from monitor.core.effects import CallChanged, Effect, VerdictGiven
from monitor.core.engine import Engine
from monitor.core.events import Event, LinkChanged, LinkState, PbxSnapshot, WarningRaised
from monitor.core.policy import Policy
from monitor.core.records import Exit, Verdict
from monitor.core.recovered import CallRecovered
from monitor.history.database import open_history
from monitor.history.reader import HistoryReader
from monitor.history.writer import BatchWriter
from telephony_adapters.asterisk.queue_log import Line
from telephony_adapters.asterisk.queue_log_live import recent_lines

AT = 1_795_000_000
PBX = "lab"
FIRST_GAP = -100
"""When the monitor starts (s after ``AT``), and is blind for no time."""
ENTERED = f"{AT}|pbx-{AT}.1|support|NONE|ENTERQUEUE||0612|1\n"
ABANDONED = f"{AT + 20}|pbx-{AT}.1|support|NONE|ABANDON|1|1|20\n"


class House:
    """An engine, a record and a follower, with a clock in hand."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "queue_log"
        self.history = open_history(f"sqlite:///{folder}/minuteur.db")
        self.writer = BatchWriter(self.history)
        self.now = (AT + FIRST_GAP) * SECOND
        self.engine = Engine(Policy())
        self.engine.advance(self.now)
        self.events: list[Event] = []
        self.effects: list[Effect] = []
        self.follower = LogFollower(
            PBX, self.log, self.history, Policy, self.events.append, lambda: self.now
        )
        self.connect()
        self.effects.clear()

    def take(self, effects: Sequence[Effect]) -> None:
        self.effects += effects
        self.writer.on_effects(effects)
        self.writer.flush()
        self.follower.on_effects(effects)

    def handle(self, event: Event) -> None:
        self.take(self.engine.handle(event))

    def lose(self) -> None:
        self.handle(LinkChanged(PBX, self.now, LinkState.LOST, "cut"))

    def connect(self) -> None:
        self.handle(LinkChanged(PBX, self.now, LinkState.RESYNCING))
        self.handle(PbxSnapshot(PBX, self.now))
        self.handle(LinkChanged(PBX, self.now, LinkState.CONNECTED))

    def be_blind(self) -> None:
        """From one second before the call to one minute after it."""
        self.now = (AT - 1) * SECOND
        self.lose()
        self.now = (AT + 80) * SECOND
        self.connect()
        self.effects.clear()

    async def look(self, later: int) -> list[Event]:
        self.now += later
        self.take(self.engine.advance(self.now))
        await self.follower.look()
        found, self.events[:] = list(self.events), []
        for event in found:
            self.handle(event)
        return found


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def stored(house: House) -> list[tuple[str, Verdict, Exit | None]]:
    calls = HistoryReader(house.history).calls().calls
    return [(call.id, call.verdict, call.visits[0].exit) for call in calls]


async def test_a_call_in_a_gap_is_filled_once_the_gap_has_settled(house: House) -> None:
    house.log.write_text(ENTERED + ABANDONED)
    house.be_blind()
    assert await house.look(MINUTE) == []
    (event,) = await house.look(SETTLED_AFTER)
    assert isinstance(event, CallRecovered)
    assert stored(house) == [(f"lab:pbx-{AT}.1", Verdict.ABANDONED, Exit.ABANDONED)]
    assert [type(effect) for effect in house.effects if not _is_queue(effect)] == [
        VerdictGiven, CallChanged,
    ]  # fmt: skip
    today = house.engine.snapshot().today
    assert (today.abandoned, today.calls) == (1, 1)
    assert await house.look(SETTLED_AFTER) == []
    assert house.engine.snapshot().today.calls == 1


def _is_queue(effect: Effect) -> bool:
    return type(effect).__name__ in {"QueueUpdated", "PbxUpdated"}


async def test_a_call_that_is_not_over_is_looked_for_again(house: House) -> None:
    house.log.write_text(ENTERED)
    house.be_blind()
    assert await house.look(SETTLED_AFTER) == []
    house.log.write_text(ENTERED + ABANDONED)
    assert [type(event) for event in await house.look(AGAIN_AFTER)] == [CallRecovered]


async def test_a_line_that_is_being_written_is_left_for_the_next_time(house: House) -> None:
    house.log.write_text(ENTERED + ABANDONED.rstrip("\n"))
    house.be_blind()
    assert await house.look(SETTLED_AFTER) == []
    house.log.write_text(ENTERED + ABANDONED)
    assert [type(event) for event in await house.look(AGAIN_AFTER)] == [CallRecovered]


async def test_a_log_that_was_rotated_meanwhile_is_read_in_both_parts(house: House) -> None:
    house.log.write_text(ABANDONED)
    house.log.with_name("queue_log.1").write_text(ENTERED)
    house.be_blind()
    assert [type(event) for event in await house.look(SETTLED_AFTER)] == [CallRecovered]


async def test_a_long_log_is_searched_not_read(house: House) -> None:
    old = "".join(
        f"{AT - 2_000_000 + n}|NONE|NONE|NONE|CONFIGRELOAD|{'x' * 60}\n" for n in range(20_000)
    )
    house.log.write_text(old + ENTERED + ABANDONED)
    house.be_blind()
    assert [type(event) for event in await house.look(SETTLED_AFTER)] == [CallRecovered]


async def test_an_absent_log_is_a_warning_until_it_is_there(house: House) -> None:
    (warning,) = await house.look(SECOND)
    assert isinstance(warning, WarningRaised)
    assert str(house.log) in warning.text
    assert await house.look(SECOND) == []
    house.log.write_text("")
    (cleared,) = await house.look(SECOND)
    assert isinstance(cleared, WarningRaised)
    assert (cleared.code, cleared.text) == ("queue_log", "")


async def test_a_file_that_is_no_queue_log_is_a_warning_before_any_gap(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.log.write_text("<html>\nno\n</html>\n")
    (warning,) = await house.look(SECOND)
    assert isinstance(warning, WarningRaised)
    assert f"{house.log} is no queue log" in warning.text
    assert "Check queue_log in [[pbx]]" in warning.text
    assert warning.text in caplog.text


async def test_a_damaged_file_is_a_warning_before_any_gap(house: House) -> None:
    house.log.write_bytes(gzip.compress(ENTERED.encode())[:-12])
    (warning,) = await house.look(SECOND)
    assert isinstance(warning, WarningRaised)
    assert f"{house.log} is damaged" in warning.text


async def test_a_call_that_touches_two_gaps_is_handed_over_once(house: House) -> None:
    house.log.write_text(ENTERED + ABANDONED)
    for lost_at, found_at in ((-1, 5), (10, 30)):
        house.now = (AT + lost_at) * SECOND
        house.lose()
        house.now = (AT + found_at) * SECOND
        house.connect()
    house.effects.clear()
    assert [type(event) for event in await house.look(SETTLED_AFTER)] == [CallRecovered]
    assert [type(e) for e in house.effects].count(VerdictGiven) == 1
    assert await house.look(SETTLED_AFTER) == []
    today = house.engine.snapshot().today
    assert (today.abandoned, today.calls) == (1, 1)


async def test_calls_outside_of_gaps_are_left_alone(house: House) -> None:
    house.log.write_text(ENTERED + ABANDONED)
    house.now = (AT + 1_000) * SECOND
    house.lose()
    house.now += 5 * SECOND
    house.connect()
    assert await house.look(SETTLED_AFTER) == []
    assert stored(house) == []


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[Ms]:
    """Since when the log was read, reading by reading."""
    found: list[Ms] = []

    def noted(path: Path, since: Ms) -> Iterator[Line]:
        found.append(since)
        return recent_lines(path, since)

    monkeypatch.setattr(log_following, "recent_lines", noted)
    return found


def a_call(at: int, *, over: bool = True) -> str:
    """The log of a call that joined ``at`` seconds after ``AT``, and gave up after one more."""
    joined = AT + at
    entered = f"{joined}|pbx-{joined}.1|support|NONE|ENTERQUEUE||0612|1\n"
    return entered + (f"{joined + 1}|pbx-{joined}.1|support|NONE|ABANDON|1|1|1\n" if over else "")


def flap(house: House, *moments: int) -> None:
    """Lose the link for three seconds at each of ``moments`` (s after ``AT``)."""
    for moment in moments:
        house.now = (AT + moment) * SECOND
        house.lose()
        house.now = (AT + moment + 3) * SECOND
        house.connect()
    house.effects.clear()


async def test_gaps_near_to_each_other_are_filled_from_one_reading(
    house: House, readings: list[Ms]
) -> None:
    far = 12 * HOUR // SECOND
    moments = [*range(0, 3_000, 300), far]
    house.log.write_text("".join(map(a_call, moments)))
    flap(house, *moments)
    found = await house.look(SETTLED_AFTER)
    assert [type(event) for event in found] == [CallRecovered] * len(moments)
    assert readings == [(AT + at) * SECOND - READ_BEFORE for at in (FIRST_GAP, far)]


async def test_of_gaps_read_together_only_those_with_open_calls_are_looked_at_again(
    house: House, readings: list[Ms]
) -> None:
    house.log.write_text(a_call(0) + a_call(600, over=False) + a_call(1_200))
    flap(house, 0, 600, 1_200)
    assert len(await house.look(SETTLED_AFTER)) == 2
    assert await house.look(SETTLED_AFTER) == []
    assert await house.look(AGAIN_AFTER) == []
    assert readings == [(AT + at) * SECOND - READ_BEFORE for at in (FIRST_GAP, FIRST_GAP, 600)]
