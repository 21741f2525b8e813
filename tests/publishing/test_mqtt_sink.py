"""The MQTT sink, held against a real Mosquitto."""

import asyncio
import contextlib
import gc
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.history.messages import StoredMessage
from monitor.publishing import Publishing
from telephony_adapters.mqtt.connection import Broker
from telephony_adapters.mqtt.sink import MqttSink
from tests.asterisk_lab.ports import PortBlock
from tests.mosquitto import Mosquitto, Subscriber
from tests.publishing.house import NOW, House, as_is, ids, message, published, until
from tests.publishing.sinks import Queues, got, of, sink_of

pytestmark = pytest.mark.mosquitto


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
