"""A tiny blocking AMI client, for the lab only.

It shares no code with the product on purpose: the lab drives Asterisk and the oracle reads from
it, so a mistake in the product's framing cannot hide itself here.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

ANSWERS_WITHIN = 60.0
"""Seconds; a second is much, but a busy machine takes longer."""
Message = dict[str, str]
"""One AMI message: header name → value; of a repeated header, the last value."""


class AmiError(Exception):
    """Asterisk refused an action, or the connection ended while we waited for an answer."""


def parse_message(raw: bytes) -> Message:
    """Parse one message, without its closing empty line."""
    message: Message = {}
    for line in raw.decode(errors="replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            message[name] = value.removeprefix(" ")
    return message


def parse_stream(raw: bytes) -> list[Message]:
    """Parse a whole recorded stream; the banner line is left out, a cut last message too."""
    body = raw.split(b"\r\n", 1)[1] if raw.startswith(b"Asterisk Call Manager/") else raw
    return [parse_message(part) for part in body.split(b"\r\n\r\n")[:-1]]


class LabAmi:
    """One logged-in AMI connection that asks and waits for the answer.

    ``events=True`` keeps the events that arrive in between in :attr:`events`.
    """

    def __init__(
        self,
        port: int,
        username: str = "oracle",
        secret: str = "oracle",
        *,
        events: bool = False,
        timeout: float = ANSWERS_WITHIN,
    ) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._file = self._socket.makefile("rb")
        self._count = 0
        self.events: list[Message] = []
        self.banner = self._file.readline().decode().strip()
        self.action("Login", Username=username, Secret=secret, Events="on" if events else "off")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection without saying good-bye."""
        self._file.close()
        self._socket.close()

    def _read(self) -> Message:
        lines: list[bytes] = []
        while True:
            line = self._file.readline()
            if not line:
                raise AmiError("Asterisk closed the AMI connection")
            if line == b"\r\n":
                return parse_message(b"".join(lines))
            lines.append(line)

    def _send(self, action: str, fields: dict[str, str]) -> str:
        self._count += 1
        action_id = f"lab-{self._count}"
        lines = [f"Action: {action}", f"ActionID: {action_id}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return action_id

    def _answers(self, action_id: str) -> Message:
        """Return the next message that answers the action; keep other events aside."""
        while True:
            message = self._read()
            if message.get("ActionID") == action_id:
                return message
            if "Event" in message:
                self.events.append(message)

    def request(self, action: str, **fields: str) -> Message:
        """Send an action and return its response, whatever it says."""
        action_id = self._send(action, fields)
        while True:
            message = self._answers(action_id)
            if "Response" in message:
                return message

    def action(self, action: str, **fields: str) -> Message:
        """Send an action and return its response; raise :class:`AmiError` when refused."""
        response = self.request(action, **fields)
        if response["Response"] not in ("Success", "Goodbye"):
            raise AmiError(f"{action}: {response.get('Message', response)}")
        return response

    def listing(self, action: str, **fields: str) -> list[Message]:
        """Send an action that answers with a list and return the list's items."""
        action_id = self._send(action, fields)
        items: list[Message] = []
        while True:
            message = self._answers(action_id)
            if message.get("Response") == "Error":
                raise AmiError(f"{action}: {message.get('Message', message)}")
            if message.get("EventList") == "Complete":
                return items
            if "Event" in message:
                items.append(message)


class AmiTap:
    """Records what Asterisk sends on one AMI connection, byte by byte, into a file.

    The recording starts with the banner and holds the answer to ``Login``; nothing is filtered.
    """

    def __init__(
        self,
        port: int,
        path: Path,
        username: str = "oracle",
        secret: str = "oracle",
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._last_byte = clock()
        self._path = path
        self._received = bytearray()
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWERS_WITHIN)
        login = f"Action: Login\r\nUsername: {username}\r\nSecret: {secret}\r\n\r\n"
        self._socket.sendall(login.encode())
        self._socket.settimeout(0.1)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ami-tap", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                chunk = self._socket.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                return
            if not chunk:
                return
            self._last_byte = self._clock()
            self._received += chunk

    def send(self, action: str, **fields: str) -> None:
        """Send an action on the recorded connection, so that its answer is recorded too."""
        lines = [f"Action: {action}"] + [f"{name}: {value}" for name, value in fields.items()]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def wait_for(self, needle: bytes, timeout: float = ANSWERS_WITHIN) -> None:
        """Wait until ``needle`` was received."""
        deadline = self._clock() + timeout
        while needle not in self._received:
            if self._clock() > deadline:
                raise TimeoutError(f"the AMI stream did not show {needle!r}")
            time.sleep(0.02)

    def wait_quiet(self, seconds: float, timeout: float = ANSWERS_WITHIN) -> None:
        """Wait until nothing was received for ``seconds`` (at most ``timeout``)."""
        deadline = self._clock() + timeout
        while self._clock() - self._last_byte < seconds and self._clock() < deadline:
            time.sleep(0.02)

    def close(self) -> None:
        """Stop recording and write the file."""
        self._closing.set()
        self._thread.join(timeout=5)
        self._socket.close()
        self._path.write_bytes(self._received)
