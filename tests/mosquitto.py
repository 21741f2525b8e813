"""A private Mosquitto for tests: a real broker on a free port, stopped and started at will."""

import contextlib
import os
import queue
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.asterisk_lab.ports import PortBlock

WITHIN = 60.0
"""No test waits longer (seconds); then something hangs."""


def find_mosquitto() -> str:
    """Where the program is; skips the test when it is missing."""
    found = shutil.which(
        "mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin"
    )
    if found is None:
        pytest.skip("Mosquitto is missing: apt-get install mosquitto")
    return found


class Mosquitto:
    """A broker with its own folder; what it retains and queues survives :meth:`stop`."""

    def __init__(self, folder: Path, more: str = "allow_anonymous true\n") -> None:
        self._program = find_mosquitto()
        self._folder = folder
        self._ports = PortBlock()  # ours even while the broker is stopped
        self.port = self._ports.take()
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"user root\nlistener {self.port} 127.0.0.1\npersistence true\n"
            f"persistence_location {folder}/\nmax_queued_messages 0\nmax_inflight_messages 0\n"
            f"log_dest file {folder / 'mosquitto.log'}\nlog_type all\n{more}"
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return (self._folder / "mosquitto.log").read_text(errors="replace")
        return ""

    def start(self) -> None:
        """Start it; returns when it accepts connections."""
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._config)], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for(self._answers)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def stop(self) -> None:
        """Stop it in good order; it writes down what it keeps."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Have it hang: connections stay, nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(how)
            self._process.wait(WITHIN)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end(signal.SIGKILL)
        self._ports.release()


@dataclass(frozen=True)
class Received:
    """A message as a subscriber got it."""

    topic: str
    payload: bytes
    retain: bool
    qos: int


class Subscriber:
    """An MQTT client of the tests' own; comes back by itself, and the broker keeps its place."""

    def __init__(self, port: int, *topics: str, name: str = "listener", **login: str) -> None:
        self.port = port
        self.topics = topics
        self._got: queue.SimpleQueue[Received] = queue.SimpleQueue()
        self._subscribed: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.all: list[Received] = []
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=name, clean_session=False, protocol=paho.MQTTv311
        )
        client.reconnect_delay_set(1, 1)
        client.on_connect = self._on_connect
        client.on_subscribe = lambda *_: self._subscribed.put(1)
        client.on_message = self._on_message
        if login:
            client.username_pw_set(**login)
        self.client = client

    def _on_connect(self, client: paho.Client, *_: object) -> None:
        client.subscribe([(topic, 1) for topic in self.topics])

    def _on_message(self, _client: object, _data: object, m: paho.MQTTMessage) -> None:
        self._got.put(Received(m.topic, bytes(m.payload), m.retain, m.qos))

    def __enter__(self) -> Self:
        self.client.connect("127.0.0.1", self.port, keepalive=10)
        self.client.loop_start()
        self._subscribed.get(timeout=WITHIN)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def publish(self, topic: str, payload: bytes | str, *, retain: bool = False) -> None:
        """Send something, and wait until the broker has it."""
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(WITHIN)

    def take(self) -> list[Received]:
        """Everything that has come so far."""
        with contextlib.suppress(queue.Empty):
            while True:
                self.all.append(self._got.get_nowait())
        return self.all

    def until(self, enough: Callable[[list[Received]], Any]) -> list[Received]:
        """Wait until what has come is enough."""
        wait_for(lambda: enough(self.take()))
        return self.all

    def one(self, topic: str) -> Received:
        """Wait for the first message of a topic."""
        found = self.until(lambda got: any(m.topic == topic for m in got))
        return next(m for m in found if m.topic == topic)


def wait_for(condition: Callable[[], Any], within: float = WITHIN) -> None:
    """Look again and again until it holds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A running broker."""
    folder = tmp_path / "broker"
    folder.mkdir()
    with Mosquitto(folder) as broker:
        yield broker
