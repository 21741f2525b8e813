"""The outbox: each sink gets every message, in order, at its own pace; in doubt once more."""

import subprocess
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.core.clock import DAY
from monitor.history import History, open_history, tables
from monitor.history.backlog import Backlog
from monitor.history.dead_letters import DeadLetter, DeadLetters
from monitor.history.messages import StoredMessage
from monitor.history.outbox import Outbox
from monitor.history.store import Store
from tests.history.crashing import SINK, due
from tests.history.overflow_samples import message
from tests.history.samples import START

NOW = START + DAY
ROOT = Path(__file__).parents[2]


def put(history: History, numbers: Iterable[int], *, at: int = NOW) -> None:
    """Store messages as the writer does."""
    backlog = Backlog()
    backlog.send(map(message, numbers), at)
    while backlog:
        assert Store(history).write(backlog.take(1_000)) == []


def ids(messages: Iterable[StoredMessage]) -> list[str]:
    return [message.id for message in messages]


def names(*numbers: int) -> list[str]:
    return [f"m{number}" for number in numbers]


@pytest.fixture
def outbox(history: History) -> Outbox:
    return Outbox(history, now=lambda: NOW)


def test_each_sink_reads_on_from_what_it_confirmed(history: History, outbox: Outbox) -> None:
    outbox.register(["mqtt", "hook"])
    put(history, range(5))
    read = outbox.read("mqtt", 3)
    assert ids(read) == names(0, 1, 2)
    plain = message(0)
    assert read[0] == StoredMessage(
        plain.id, plain.topic, plain.call_id, plain.at, plain.payload, read[0].seq
    )
    assert ids(outbox.read("mqtt", 3)) == names(0, 1, 2)
    assert ids(outbox.read("mqtt", after=read[1].seq)) == names(2, 3, 4)
    outbox.confirm("mqtt", read[2].seq)
    assert ids(outbox.read("mqtt")) == names(3, 4)
    outbox.confirm("mqtt", read[0].seq)
    assert ids(outbox.read("mqtt")) == names(3, 4)
    assert ids(outbox.read("hook")) == names(0, 1, 2, 3, 4)
    assert outbox.read("nobody") == []
    assert outbox.state().waiting == {"mqtt": 2, "hook": 5}


def test_numbers_rise_also_after_all_was_deleted(history: History, outbox: Outbox) -> None:
    outbox.register(["mqtt"])
    for start in (0, 10, 20):
        put(history, range(start, start + 10))
        messages = outbox.read("mqtt")
        assert ids(messages) == names(*range(start, start + 10))
        assert all(a.seq < b.seq for a, b in pairwise(messages))
        outbox.confirm("mqtt", messages[-1].seq)
        assert outbox.prune() == 0
        assert outbox.state().stored == 0


def test_a_new_sink_begins_now_and_an_old_one_is_waited_for_no_more(
    history: History, outbox: Outbox
) -> None:
    outbox.register(["mqtt", "old"])
    put(history, range(3))
    outbox.register(["mqtt", "new"])
    put(history, range(3, 5))
    assert ids(outbox.read("mqtt")) == names(0, 1, 2, 3, 4)
    assert ids(outbox.read("new")) == names(3, 4)
    assert outbox.read("old") == []
    outbox.confirm("mqtt", outbox.read("mqtt")[-1].seq)
    outbox.prune()
    assert outbox.state().stored == 2
    outbox.register([])
    outbox.prune()
    assert outbox.state().stored == 0
    outbox.register(["new"])
    assert outbox.read("new") == []


def test_a_sink_that_takes_nothing_does_not_fill_the_disk(
    history: History, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = Outbox(history, now=lambda: NOW, max_rows=12_000)
    outbox.register(["mqtt"])
    put(history, range(25_000))
    assert outbox.prune() == 13_000
    assert "13000 messages were given up before every sink took them" in caplog.text
    assert ids(outbox.read("mqtt", 2)) == names(13_000, 13_001)
    state = outbox.state()
    assert (state.stored, state.dropped, state.waiting) == (12_000, 13_000, {"mqtt": 12_000})
    assert outbox.prune() == 0


def test_messages_that_wait_too_long_go(history: History, outbox: Outbox) -> None:
    outbox.register(["mqtt", "slow"])
    put(history, range(3), at=NOW - 7 * DAY - 1)
    put(history, range(3, 6), at=NOW - 7 * DAY)
    outbox.confirm("mqtt", outbox.read("mqtt")[-1].seq)
    assert outbox.state().oldest_at == NOW - 7 * DAY - 1
    assert outbox.prune() == 3
    assert ids(outbox.read("slow")) == names(3, 4, 5)


def test_dead_letters_are_kept_shown_and_sent_again(history: History, outbox: Outbox) -> None:
    outbox.register(["hook"])
    put(history, range(3))
    letters, read = outbox.dead_letters, outbox.read("hook")
    for one in read:
        letters.add("hook", one, tries=5, error="500", at=NOW)
    # Killed before it could confirm: the same letter once more.
    letters.add("hook", read[2], tries=6, error="410 Gone", at=NOW + 1)
    letters.add("other", read[0], tries=1, error="400", at=NOW)
    outbox.confirm("hook", read[-1].seq)
    outbox.prune()
    newest = letters.page(sink="hook")
    assert [letter.message.id for letter in newest] == names(2, 1, 0)
    plain = StoredMessage("m2", read[2].topic, "", read[2].at, read[2].payload)
    assert newest[0] == DeadLetter(newest[0].seq, "hook", plain, NOW + 1, 6, "410 Gone", False)
    assert letters.page(sink="hook", limit=1, before=newest[0].seq) == newest[1:2]
    assert letters.count() == {"hook": 3, "other": 1}
    assert letters.to_send_again("hook") == []
    assert letters.requeue(newest[1].seq)
    assert [letter.seq for letter in letters.to_send_again("hook")] == [newest[1].seq]
    letters.failed_again(newest[1].seq, tries=6, error="503", at=NOW + 2)
    assert letters.to_send_again("hook") == []
    assert letters.page(sink="hook")[1].error == "503"
    assert letters.delete(newest[1].seq)
    assert not letters.delete(newest[1].seq)
    assert not letters.requeue(newest[1].seq)
    assert [letter.sink for letter in letters.page()] == ["other", "hook", "hook"]


def test_dead_letters_do_not_fill_the_disk_either(
    history: History, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    letters = DeadLetters(history, max_letters=3)
    outbox.dead_letters = letters
    for number in range(5):
        one = StoredMessage(f"m{number}", "lab/calls/verdict", "lab:1", NOW, "{}")
        letters.add("hook", one, tries=1, error="400", at=NOW)
    outbox.prune()
    outbox.prune()
    assert [letter.message.id for letter in letters.page()] == names(4, 3, 2)
    assert caplog.messages == ["2 dead letters are thrown away: there are over 3"]


def test_a_killed_process_loses_no_message_and_publishes_nothing_untrue(url: str) -> None:
    command = [sys.executable, "-m", "tests.history.crashing", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(200)]
        process.kill()
        # What the last read left in the pipe was published too; a torn line was not.
        lines += process.stdout.readlines()
    published = [line.rstrip("\n") for line in lines if line.endswith("\n")]
    assert len(published) == len(set(published))
    with open_history(url) as history:
        outbox = Outbox(history)
        outbox.register([SINK])
        waiting = outbox.read(SINK, 100_000)
        with history.reading() as connection:
            query = select(tables.call.c.id, tables.call.c.verdict)
            verdicts = {row.id: row.verdict for row in connection.execute(query)}
    # From the last confirmation on, without a gap, so some a second time under the same id.
    again = ids(waiting)
    confirmed = published.index(again[0]) if again[0] in published else len(published)
    assert confirmed >= 150
    assert again[: len(published) - confirmed] == published[confirmed:]
    # What is told is what the record holds: no verdict less, none more, in order for each call.
    arrived: dict[str, list[str]] = {}
    for id_ in published[:confirmed] + again:
        arrived.setdefault(id_.rpartition(":")[0], []).append(id_)
    assert arrived == {id_: due(id_, verdict) for id_, verdict in verdicts.items()}
