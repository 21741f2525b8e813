"""The webhook sink, held against a real receiver."""

import asyncio
import hashlib
import hmac
import logging
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from monitor.history.messages import OutboxMessage
from telephony_adapters.webhooks.request import Hook
from telephony_adapters.webhooks.sink import MAX_TRIES, WebhookSink
from tests.publishing.house import NOW, House, as_is, message, published, until
from tests.publishing.receiver import Answer, Receiver, Request

SECRET = "hush hush hush hush"
NAME = "webhook:crm"


class Pauses:
    """Sleeps that are noted and take no time."""

    def __init__(self) -> None:
        self.all: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.all.append(seconds)
        await asyncio.sleep(0.001)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


def sink_of(receiver: Receiver, pauses: Pauses, *events: str, timeout: float = 10) -> WebhookSink:
    hook = Hook("crm", receiver.url, SECRET, events or ("*",), timeout)
    return WebhookSink(hook, as_is, now=lambda: NOW, random=lambda: 0.5, sleep=pauses)


async def all_done(house: House) -> None:
    await until(lambda: house.outbox.read(NAME) == [])


async def test_a_message_is_posted_signed_and_confirmed(
    house: House, receiver: Receiver, pauses: Pauses
) -> None:
    async with published(house, sink_of(receiver, pauses)):
        house.put(message(1))
        await all_done(house)
    (request,) = receiver.requests
    assert (request.method, request.path) == ("POST", "/hooks/hush-key?token=hush")
    assert request.body == message(1).payload.encode()
    assert request.headers["content-type"] == "application/json"
    assert request.headers["minuteur-id"] == message(1).id
    assert request.headers["minuteur-timestamp"] == str(NOW // 1000)


async def test_the_example_in_the_documents_verifies_the_signature(
    house: House, receiver: Receiver, pauses: Pauses
) -> None:
    async with published(house, sink_of(receiver, pauses)):
        house.put(message(1))
        await all_done(house)
    (request,) = receiver.requests
    text = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?def is_ours.*?)```", text, re.DOTALL)
    names: dict[str, object] = {"hashlib": hashlib, "hmac": hmac}
    exec(example, names)
    is_ours = names["is_ours"]
    assert callable(is_ours)
    headers = {name.title(): value for name, value in request.headers.items()}
    at = NOW // 1000
    assert is_ours(SECRET, headers, request.body, at + 100)
    assert not is_ours(SECRET, headers, request.body + b" ", at)
    assert not is_ours("another secret", headers, request.body, at)
    assert not is_ours(SECRET, headers, request.body, at + 1000)
    later = headers | {"Minuteur-Timestamp": str(at + 1)}
    assert not is_ours(SECRET, later, request.body, at)


async def test_only_the_events_that_are_wanted_are_posted(
    house: House, receiver: Receiver, pauses: Pauses
) -> None:
    async with published(house, sink_of(receiver, pauses, "breached", "hand*")):
        for n, event in enumerate(("arrived", "breached", "handled", "ended")):
            house.put(message(n, event=event))
        await all_done(house)
    assert [request.id.split(":")[2] for request in receiver.requests] == ["breached", "handled"]


async def test_each_calls_messages_stay_in_order_whatever_fails_meanwhile(
    house: House, receiver: Receiver, pauses: Pauses
) -> None:
    turn = count()
    receiver.answer = lambda _: Answer(503 if next(turn) % 3 == 0 else 200)
    async with published(house, sink_of(receiver, pauses)):
        house.put(*(message(n, f"lab:{n % 7}") for n in range(210)))
        await all_done(house)
    order = defaultdict(list)
    for id_ in receiver.taken:
        _, call, _, number = id_.split(":")
        order[call].append(int(number))
    assert sum(map(len, order.values())) == 210
    assert all(numbers == sorted(numbers) for numbers in order.values())


async def test_a_call_that_is_stuck_does_not_hold_up_the_others(
    house: House, receiver: Receiver, pauses: Pauses
) -> None:
    def stuck(request: Request) -> Answer:
        return Answer(500 if request.id.startswith("lab:9") else 204)

    receiver.answer = stuck
    async with published(house, sink := sink_of(receiver, pauses)):
        house.put(message(1, "lab:9"), message(2, "lab:9"))
        house.put(*(message(n, "lab:1") for n in range(3)))
        await until(lambda: len(receiver.taken) == 3)
        await all_done(house)
    assert receiver.taken == [message(n, "lab:1").id for n in range(3)]
    letters = house.outbox.dead_letters.page()
    assert [letter.message.id for letter in letters] == [
        message(2, "lab:9").id, message(1, "lab:9").id,
    ]  # fmt: skip
    assert {(letter.tries, letter.error) for letter in letters} == {(MAX_TRIES, "it answers 500")}
    assert sink.state.failures == 2 * MAX_TRIES


async def test_pauses_grow_to_a_minute_and_there_is_chance_in_them(
    house: House, receiver: Receiver, pauses: Pauses
) -> None:
    receiver.answer = lambda _: Answer(500)
    async with published(house, sink_of(receiver, pauses)):
        house.put(message(1))
        await all_done(house)
    assert pauses.all[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert len(pauses.all) == MAX_TRIES - 1
    shaken = WebhookSink(Hook("a", "http://h", SECRET), as_is, now=lambda: NOW, random=lambda: 0.0)
    assert shaken._pause(1) == pytest.approx(0.7)


async def test_the_receiver_may_say_how_long_to_wait(
    house: House, receiver: Receiver, pauses: Pauses
) -> None:
    answers = iter([Answer(429, {"Retry-After": "17"}), Answer(503, {"Retry-After": "9999999"})])
    receiver.answer = lambda _: next(answers, Answer())
    async with published(house, sink_of(receiver, pauses)):
        house.put(message(1))
        await all_done(house)
    assert pauses.all == [17, 300]
    assert receiver.taken == [message(1).id]


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
async def test_what_the_receiver_refuses_is_a_dead_letter_at_once(
    house: House, receiver: Receiver, pauses: Pauses, status: int
) -> None:
    receiver.answer = lambda _: Answer(status, body=b"hush: why")
    async with published(house, sink := sink_of(receiver, pauses)):
        house.put(message(1), message(2))
        await all_done(house)
        assert sink.state.connected
    assert len(receiver.requests) == 2
    letters = house.outbox.dead_letters.page()
    assert {(letter.tries, letter.error) for letter in letters} == {(1, f"it answers {status}")}


async def test_a_redirect_is_not_followed(house: House, receiver: Receiver, pauses: Pauses) -> None:
    receiver.answer = lambda _: Answer(302, {"Location": f"http://127.0.0.1:{receiver.port}/else"})
    async with published(house, sink_of(receiver, pauses)):
        house.put(message(1))
        await all_done(house)
    assert len(receiver.requests) == 1
    (letter,) = house.outbox.dead_letters.page()
    assert letter.error == "it answers 302, a redirect, which is not followed"


async def test_a_receiver_that_is_down_is_waited_for_and_no_message_is_given_up(
    house: House, receiver: Receiver, pauses: Pauses
) -> None:
    async with published(house, sink := sink_of(receiver, pauses)):
        await receiver.stop()
        house.put(*(message(n, f"lab:{n % 3}") for n in range(30)))
        await until(lambda: len(pauses.all) > 3 * MAX_TRIES)
        assert "it cannot be reached (" in sink.state.detail
        assert receiver.taken == []
        await receiver.start()
        await all_done(house)
        assert sink.state.connected
    assert sorted(receiver.taken) == sorted(message(n, f"lab:{n % 3}").id for n in range(30))
    assert house.outbox.dead_letters.page() == []


async def test_a_receiver_that_does_not_answer_is_asked_again(
    house: House, receiver: Receiver, pauses: Pauses
) -> None:
    answers = iter([Answer(None)])
    receiver.answer = lambda _: next(answers, Answer())
    async with published(house, sink := sink_of(receiver, pauses, timeout=0.3)):
        house.put(message(1))
        await all_done(house)
    assert [request.id for request in receiver.requests] == [message(1).id] * 2
    assert sink.state.failures == 1


async def test_an_endless_answer_is_not_read(
    house: House, receiver: Receiver, pauses: Pauses
) -> None:
    receiver.answer = lambda _: Answer(200, body=b"x" * 10_000_000)
    async with published(house, sink_of(receiver, pauses)):
        house.put(message(1))
        await all_done(house)
    assert len(receiver.requests) == 1


async def test_a_dead_letter_is_sent_again_when_somebody_wants_it(
    house: House, receiver: Receiver, pauses: Pauses
) -> None:
    receiver.answer = lambda _: Answer(410)
    async with published(house, sink_of(receiver, pauses)) as publishing:
        house.put(message(1), message(2))
        await until(lambda: len(house.outbox.dead_letters.page()) == 2)
        first = house.outbox.dead_letters.page()[-1]
        assert house.outbox.dead_letters.requeue(first.seq)
        publishing.want_letters()
        await until(lambda: house.outbox.dead_letters.page()[-1].tries == 2)
        assert house.outbox.dead_letters.requeue(first.seq)
        receiver.answer = lambda _: Answer(200)
        publishing.want_letters()
        await until(lambda: len(house.outbox.dead_letters.page()) == 1)
    assert receiver.taken == [message(1).id]


async def test_nothing_private_is_told_anywhere(
    house: House, receiver: Receiver, pauses: Pauses, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "monitor")
    caplog.set_level(logging.DEBUG, "telephony_adapters")
    receiver.answer = lambda _: Answer(500, body=b"hush")
    sink = sink_of(receiver, pauses)
    async with published(house, sink):
        house.put(message(1))
        await all_done(house)
    assert sink.state.detail == f"http://127.0.0.1:{receiver.port}/…: it answers 500."
    assert "webhook:crm gave up the message lab:1:verdict:1: it answers 500" in caplog.text
    assert "hush" not in caplog.text
    assert "hush" not in repr(sink._hook)


async def test_an_id_that_is_no_ascii_and_a_message_without_a_call(
    house: House, receiver: Receiver, pauses: Pauses
) -> None:
    odd = OutboxMessage("été:1", "lab/overflow/decision", "", NOW, '{"id": "été:1"}')
    async with published(house, sink_of(receiver, pauses)):
        house.put(odd)
        await all_done(house)
    (request,) = receiver.requests
    assert request.headers["minuteur-id"] == r"\xe9t\xe9:1"
