"""The MQTT sink, held against a real Mosquitto."""

import asyncio
import contextlib
import gc
import subprocess
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import orjson
import pytest

from monitor.history.messages import StoredMessage
from monitor.publishing import Publishing
from telephony_adapters.mqtt.commands import Carry, Command, CommandRefusedError, What
from telephony_adapters.mqtt.connection import Broker
from telephony_adapters.mqtt.sink import MqttSink
from telephony_adapters.mqtt.states import Key
from tests.asterisk_lab.ports import PortBlock
from tests.mosquitto import Mosquitto, Received, Subscriber
from tests.publishing.house import NOW, House, as_is, ids, message, published, until

pytestmark = pytest.mark.mosquitto


class Queues:
    """Queues of which a test says how they do."""

    def __init__(self, *keys: Key) -> None:
        self.waiting = dict.fromkeys(keys, 0)
        self.known = True

    def keys(self) -> Iterable[Key]:
        return list(self.waiting)

    def payload(self, pbx: str, queue: str) -> bytes | None:
        waiting = self.waiting.get((pbx, queue))
        return None if waiting is None else orjson.dumps({"queue": queue, "waiting": waiting})

    def gone(self, pbx: str, queue: str) -> bool:
        return self.known and (pbx, queue) not in self.waiting


async def soon(seconds: float) -> None:
    """Try again at once, not after the back-off: tests do not wait for it."""
    await asyncio.sleep(min(seconds, 0.05))


def sink_of(
    broker: Broker,
    queues: Queues | None = None,
    carry: Carry | None = None,
    render: Callable[[StoredMessage], bytes] = as_is,
) -> MqttSink:
    return MqttSink(
        broker,
        render,
        queues or Queues(),
        now=lambda: NOW,
        carry=carry,
        random=lambda: 0.5,
        sleep=soon,
    )


async def got(subscriber: Subscriber, enough: Callable[[list[Received]], object]) -> list[Received]:
    await until(lambda: enough(subscriber.take()))
    return subscriber.all


def of(messages: list[Received], start: str) -> list[Received]:
    return [m for m in messages if m.topic.startswith(start)]


async def test_messages_arrive_in_order_with_qos_1_and_are_confirmed(
    house: House, broker: Mosquitto
) -> None:
    sink = sink_of(Broker(broker.url, prefix="site/a/"))
    with Subscriber(broker.port, "site/a/#") as subscriber:
        async with published(house, sink):
            house.put(*(message(n) for n in range(100)))
            all_ = await got(subscriber, lambda m: len(of(m, "site/a/lab/")) == 100)
            await until(lambda: sink.state.sent == 100)
        calls = of(all_, "site/a/lab/calls/verdict")
        assert ids([m.payload for m in calls]) == [message(n).id for n in range(100)]
        assert {(m.qos, m.retain) for m in calls} == {(1, False)}
    assert house.outbox.read("mqtt") == []
    assert house.outbox.state().waiting == {"mqtt": 0}


async def test_the_status_is_retained_and_says_when_the_monitor_stops(
    house: House, broker: Mosquitto
) -> None:
    async with published(house, sink := sink_of(Broker(broker.url))):
        await until(lambda: sink.state.connected)
        with Subscriber(broker.port, "minuteur/status") as late:
            (status,) = await got(late, lambda m: m)
            assert (status.payload, status.retain) == (b"online", True)
    with Subscriber(broker.port, "minuteur/status", name="later") as later:
        (status,) = await got(later, lambda m: m)
        assert status.payload == b"offline"
    assert "not properly disconnected" not in broker.log


async def test_a_broker_that_is_down_loses_nothing_and_keeps_the_order(
    house: House, broker: Mosquitto
) -> None:
    with Subscriber(broker.port, "minuteur/lab/#") as subscriber:
        async with published(house, sink := sink_of(Broker(broker.url))):
            house.put(*(message(n) for n in range(50)))
            await got(subscriber, lambda m: len(m) >= 50)
            await asyncio.to_thread(broker.stop)
            await until(lambda: not sink.state.connected)
            address = f"the broker at 127.0.0.1:{broker.port}"
            assert sink.state.detail in (
                f"There is no connection with {address}: it was lost.",
                f"There is no connection with {address}: Connection refused.",
            )
            house.put(*(message(n) for n in range(50, 300)))
            await asyncio.to_thread(broker.start)
            wanted = [message(n).id for n in range(300)]
            await got(subscriber, lambda m: set(ids([x.payload for x in m])) >= set(wanted))
    first_seen = list(dict.fromkeys(ids([m.payload for m in subscriber.all])))
    assert first_seen == wanted


async def test_a_broker_that_hangs_is_left_and_what_it_did_not_take_is_sent_again(
    house: House, broker: Mosquitto
) -> None:
    quick = Broker(broker.url, timeout=0.5)
    async with published(house, sink := sink_of(quick)):
        await until(lambda: sink.state.connected)
        broker.freeze()
        house.put(*(message(n) for n in range(5)))
        await until(lambda: not sink.state.connected)
        assert sink.state.failures > 0
        broker.thaw()
        with Subscriber(broker.port, "minuteur/lab/#") as subscriber:
            house.put(message(5))
            await got(subscriber, lambda m: message(5).id in ids([x.payload for x in m]))
        await until(lambda: house.outbox.read("mqtt") == [])
    assert sink.state.connected


async def test_a_session_that_somebody_else_takes_over_is_told_as_lost(
    house: House, broker: Mosquitto
) -> None:
    told: list[str] = []

    async def note(seconds: float) -> None:
        told.append(sink.state.detail)
        await asyncio.sleep(0.05)

    sink = MqttSink(Broker(broker.url), as_is, Queues(), now=lambda: NOW, sleep=note)
    async with published(house, sink):
        await until(lambda: sink.state.connected)
        with Subscriber(broker.port, "none", name="minuteur"):
            await until(lambda: told)
    assert "There is no connection with the broker at 127.0.0.1" in told[0]


async def test_no_broker_at_all_is_told_with_its_address(house: House) -> None:
    ports = PortBlock()
    port = ports.take()
    async with published(house, sink := sink_of(Broker(f"mqtt://127.0.0.1:{port}"))):
        await until(lambda: sink.state.detail)
    ports.release()
    assert sink.state.detail == (
        f"There is no connection with the broker at 127.0.0.1:{port}: Connection refused."
    )


@contextlib.asynccontextmanager
async def silent() -> AsyncIterator[tuple[int, asyncio.Event, asyncio.Event]]:
    """A broker that takes connections and says nothing: somebody connected, and left again."""
    met, left = asyncio.Event(), asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"MQTT" in await reader.read(100)
        met.set()
        await reader.read()
        left.set()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], met, left


async def test_a_broker_that_says_nothing_is_left_and_the_connection_closed(house: House) -> None:
    async with silent() as (port, met, left):
        quick = Broker(f"mqtt://127.0.0.1:{port}", timeout=0.2)
        async with published(house, sink := sink_of(quick)):
            await until(lambda: sink.state.detail)
            await until(left.is_set)
        assert met.is_set()
    assert sink.state.detail.endswith(f"127.0.0.1:{port}: it does not answer.")


async def test_the_end_does_not_wait_for_a_broker_that_says_nothing(house: House) -> None:
    async with silent() as (port, met, left):
        patient = Broker(f"mqtt://127.0.0.1:{port}", timeout=600)
        async with published(house, sink_of(patient)):
            await until(met.is_set)
        await until(left.is_set)


async def test_a_message_that_cannot_be_sent_is_buried_and_holds_nothing_up(
    house: House, broker: Mosquitto
) -> None:
    def render(stored: StoredMessage) -> bytes:
        if stored.id == message(1).id:
            raise ValueError("a payload that paho would not take")
        return as_is(stored)

    with Subscriber(broker.port, "minuteur/lab/#") as subscriber:
        async with published(house, sink_of(Broker(broker.url), render=render)):
            house.put(*(message(n) for n in range(3)))
            await got(subscriber, lambda m: len(m) == 2)
            await until(lambda: house.outbox.read("mqtt") == [])
    (letter,) = house.outbox.dead_letters.page()
    assert letter.message.id == message(1).id


# --- accounts, encryption -----------------------------------------------------------------------


def with_passwords(folder: Path) -> Mosquitto:
    passwords = folder / "passwords"
    passwords.write_text("minuteur:hush-hush\n")
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True, capture_output=True)
    return Mosquitto(folder, f"allow_anonymous false\npassword_file {passwords}\n")


async def test_an_account_is_used_and_a_wrong_password_is_told(
    house: House, tmp_path: Path
) -> None:
    with with_passwords(tmp_path) as broker:
        good = Broker(broker.url, username="minuteur", password="hush-hush")
        async with published(house, sink := sink_of(good)):
            await until(lambda: sink.state.connected)
        bad = Broker(broker.url, username="minuteur", password="wrong-hush")
        async with published(house, sink := sink_of(bad)):
            await until(lambda: sink.state.detail)
        assert "check username, password and client_id in [mqtt]" in sink.state.detail
        assert "hush" not in sink.state.detail
        assert "hush" not in repr(bad)


def with_certificate(folder: Path) -> Mosquitto:
    key, certificate = folder / "broker.key", folder / "broker.crt"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    subprocess.run(
        [*command.split(), "-addext", names, "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    return Mosquitto(folder, f"allow_anonymous true\ncertfile {certificate}\nkeyfile {key}\n")


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_tls_is_verified(house: House, tmp_path: Path) -> None:
    with with_certificate(tmp_path) as broker:
        url = f"mqtts://localhost:{broker.port}"
        trusting = Broker(url, ca_file=str(tmp_path / "broker.crt"))
        async with published(house, sink := sink_of(trusting)):
            await until(lambda: sink.state.connected)
            house.put(message(1))
            await until(lambda: sink.state.sent == 1)
        async with published(house, sink := sink_of(Broker(url))):
            await until(lambda: sink.state.detail)
        assert "is not believed (self-signed certificate): check ca_file" in sink.state.detail
        async with published(house, sink := sink_of(Broker(url, ca_file="/nowhere/ca.pem"))):
            await until(lambda: sink.state.detail)
        assert sink.state.detail == "[mqtt] ca_file: there is no /nowhere/ca.pem."
    gc.collect()


# --- queue states -------------------------------------------------------------------------------

SUPPORT = ("lab", "support")
ODD = ("lab", "ventes/été #1+")


async def test_queue_states_are_retained_for_whoever_comes_late(
    house: House, broker: Mosquitto
) -> None:
    queues = Queues(SUPPORT, ODD)
    async with published(house, sink := sink_of(Broker(broker.url), queues)):
        await until(lambda: sink.state.connected)
        queues.waiting[SUPPORT] = 7
        sink.states.changed([SUPPORT])
        with Subscriber(broker.port, "minuteur/+/queues/+/state") as late:
            await got(late, lambda m: any(orjson.loads(x.payload)["waiting"] == 7 for x in m))
            await got(late, lambda m: len({x.topic for x in m}) == 2)
        topics = {m.topic for m in late.all}
        assert topics == {
            "minuteur/lab/queues/support/state",
            "minuteur/lab/queues/ventes%2Fété %231%2B/state",
        }


async def test_a_queue_that_changes_all_the_time_is_told_twice_a_second_at_most(
    house: House, broker: Mosquitto
) -> None:
    queues = Queues(SUPPORT)
    async with published(house, sink := sink_of(Broker(broker.url), queues)):
        await until(lambda: sink.state.connected)
        with Subscriber(broker.port, "minuteur/+/queues/+/state") as subscriber:
            for n in range(1, 200):
                queues.waiting[SUPPORT] = n
                sink.states.changed([SUPPORT])
                await asyncio.sleep(0.005)
            told = await got(subscriber, lambda m: orjson.loads(m[-1].payload)["waiting"] == 199)
    # It took at least a second, and the machine may have been slow: what counts is the share.
    assert len(told) < 199 / 5


async def test_all_states_are_told_again_to_a_broker_that_forgot_them(
    house: House, broker: Mosquitto, tmp_path: Path
) -> None:
    queues = Queues(SUPPORT)
    async with published(house, sink := sink_of(Broker(broker.url), queues)):
        with Subscriber(broker.port, "minuteur/+/queues/+/state") as subscriber:
            await got(subscriber, lambda m: m)
        await asyncio.to_thread(broker.stop)
        await until(lambda: not sink.state.connected)
        (tmp_path / "broker" / "mosquitto.db").unlink()
        await asyncio.to_thread(broker.start)
        with Subscriber(broker.port, "minuteur/+/queues/+/state", name="new") as subscriber:
            await got(subscriber, lambda m: m)


async def test_the_state_of_a_queue_that_is_gone_is_taken_away_once_that_is_certain(
    house: House, broker: Mosquitto
) -> None:
    with Subscriber(broker.port, "none") as before:
        before.publish("minuteur/lab/queues/old%2Fone/state", b"{}", retain=True)
        before.publish("minuteur/lab/queues/support/state", b"{}", retain=True)
    queues = Queues(SUPPORT)
    queues.known = False
    async with published(house, sink := sink_of(Broker(broker.url), queues)):
        with Subscriber(broker.port, "minuteur/+/queues/+/state", name="live") as live:
            await got(live, lambda m: any(b"waiting" in x.payload for x in m))
            assert not [m for m in live.all if not m.payload]
            queues.known = True
            sink.states.changed([])
            await got(live, lambda m: any(not x.payload for x in m))
        (gone,) = [m for m in live.all if not m.payload]
        assert gone.topic == "minuteur/lab/queues/old%2Fone/state"
    with Subscriber(broker.port, "minuteur/+/queues/+/state", name="late") as late:
        await got(late, lambda m: m)
        assert [m.topic for m in late.all] == ["minuteur/lab/queues/support/state"]


# --- commands -----------------------------------------------------------------------------------


class Hands:
    """Carries commands out, for tests."""

    def __init__(self) -> None:
        self.done: list[Command] = []

    async def __call__(self, command: Command) -> str:
        if command.rule == "unknown":
            raise CommandRefusedError("not_found", "No overflow rule has the id unknown.")
        if command.rule == "broken":
            raise RuntimeError("hush")
        self.done.append(command)
        return "Done."


ORDER = {"id": "req-1", "by": "wallboard"}


def answers(messages: list[Received]) -> list[dict[str, object]]:
    return [orjson.loads(m.payload) for m in messages if m.topic.endswith("/answers")]


async def test_commands_are_carried_out_once_and_answered_with_their_id(
    house: House, broker: Mosquitto
) -> None:
    hands = Hands()
    async with published(house, sink := sink_of(Broker(broker.url), carry=hands)):
        await until(lambda: sink.state.connected)
        with Subscriber(broker.port, "minuteur/commands/answers") as asker:
            for topic, more in (
                ("rules/to-backup/pause", {}),
                ("rules/to-backup/resume", {"id": "req-2"}),
                ("rules/to-backup/force", {"id": "req-3", "on": True}),
                ("switch", {"id": "req-4", "on": False, "note": "Storm"}),
                ("rules/to-backup/pause", {}),  # told twice
                ("rules/unknown/pause", {"id": "req-5"}),
                ("rules/broken/pause", {"id": "req-6"}),
            ):
                asker.publish(f"minuteur/commands/{topic}", orjson.dumps(ORDER | more))
            await got(asker, lambda m: len(m) == 7)
    assert hands.done == [
        Command("req-1", What.PAUSE, "wallboard", "to-backup", on=False),
        Command("req-2", What.RESUME, "wallboard", "to-backup"),
        Command("req-3", What.FORCE, "wallboard", "to-backup", on=True),
        Command("req-4", What.SWITCH, "wallboard", on=False, note="Storm"),
    ]
    said = answers(asker.all)
    assert [(a["id"], a["ok"]) for a in said] == [
        *(("req-1", True), ("req-2", True), ("req-3", True), ("req-4", True), ("req-1", True)),
        *(("req-5", False), ("req-6", False)),
    ]
    assert said[5]["code"] == "not_found"
    assert "hush" not in str(said)


@pytest.mark.parametrize(
    ("topic", "payload", "why"),
    [
        ("switch", b"nonsense", "it is not JSON"),
        ("switch", b"[]", "it is not a JSON object"),
        ("switch", b'{"id": "1", "on": true}', 'it needs "by", a text'),
        ("switch", b'{"id": "1", "by": "x"}', 'it needs "on": true or false'),
        ("switch", b'{"id": "1", "by": "x", "on": null}', 'it needs "on": true or false'),
        ("switch", b'{"id": "1", "by": "x", "on": 1}', 'it needs "on": true or false'),
        ("switch", b'{"id": "1", "by": "x\\n", "on": true}', "not printable"),
        ("switch", b'{"id": "1", "by": "x", "on": true, "off": 1}', "it holds off, which is not"),
        ("switch", b'{"id": "' + b"1" * 5000 + b'"}', "it is longer than 4096 bytes"),
        ("rules/r/force", b'{"id": "1", "by": "x"}', 'it needs "on": true, false or null'),
        ("rules/r/delete", b'{"id": "1", "by": "x"}', "There is no such command."),
    ],
)
async def test_a_command_that_is_not_understood_is_refused_with_a_reason(
    topic: str, payload: bytes, why: str
) -> None:
    from telephony_adapters.mqtt.commands import CommandDesk

    hands = Hands()
    said = orjson.loads(await CommandDesk(hands).answer(topic.split("/"), payload))
    assert why in said["message"]
    assert said["ok"] is False
    assert hands.done == []


async def test_a_retained_command_is_ignored(house: House, broker: Mosquitto) -> None:
    hands = Hands()
    with Subscriber(broker.port, "minuteur/commands/answers") as asker:
        switch = "minuteur/commands/switch"
        asker.publish(switch, orjson.dumps(ORDER | {"on": False}), retain=True)
        async with published(house, sink := sink_of(Broker(broker.url), carry=hands)):
            await until(lambda: sink.state.connected)
            asker.publish(switch, orjson.dumps(ORDER | {"on": True, "id": "fresh"}))
            await got(asker, answers)
    assert [(command.id, command.on) for command in hands.done] == [("fresh", True)]


async def test_without_leave_no_command_is_even_heard(house: House, broker: Mosquitto) -> None:
    async with published(house, sink := sink_of(Broker(broker.url))):
        await until(lambda: sink.state.connected)
        with Subscriber(broker.port, "minuteur/#") as asker:
            asker.publish("minuteur/commands/switch", orjson.dumps(ORDER | {"on": False}))
            house.put(message(1))
            await got(asker, lambda m: of(m, "minuteur/lab/"))
            assert answers(asker.all) == []
    subscribed = [line for line in broker.log.splitlines() if "commands" in line and "SUB" in line]
    assert subscribed == []


async def test_what_is_stored_while_nobody_publishes_is_published_at_the_next_start(
    house: House, broker: Mosquitto
) -> None:
    Publishing(house.outbox, [sink_of(Broker(broker.url))])
    house.outbox.register(["mqtt"])
    house.put(message(1))
    with Subscriber(broker.port, "minuteur/lab/#") as subscriber:
        async with published(house, sink_of(Broker(broker.url))):
            await got(subscriber, lambda m: m)
    assert ids([m.payload for m in subscriber.all]) == [message(1).id]
