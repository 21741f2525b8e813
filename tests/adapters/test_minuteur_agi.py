"""The AGI script as Asterisk runs it: a process, told of the channel on its standard input."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from telephony_adapters.agi import minuteur_agi

SCRIPT = Path(minuteur_agi.__file__)
TOKEN = "mnt_only-for-these-tests"
CHANNEL = "agi_request: minuteur-agi\nagi_uniqueid: lab-1.2\nagi_callerid: 0612345678\n\n"
YES = b"overflow=1&context=overflow&exten=sales&priority=1&reason=5%20wait%2C%20%C3%A9t%C3%A9"
NO = b"overflow=0&reason=no%20rule"
STAYS = {"MINUTEUR_OVERFLOW": "0", "MINUTEUR_CONTEXT": "", "MINUTEUR_EXTEN": ""}

Speaks = Callable[[socket.socket], None]


@contextlib.contextmanager
def monitor(speaks: Speaks) -> Iterator[tuple[str, list[bytes]]]:
    """A monitor that takes one question and says what ``speaks`` says; its URL, what it heard."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    heard.append(connection.recv(65536))
                    speaks(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
        finally:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join()


def says(body: bytes, status: str = "200 OK", length: int | None = None) -> Speaks:
    """Answer so."""
    size = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\n\r\n".encode()
    return lambda connection: connection.sendall(head + body)


SURROUNDINGS = {
    "MINUTEUR_AGI_TOKEN": TOKEN,
    "MINUTEUR_AGI_CONFIG": os.devnull,
    "MINUTEUR_AGI_TIME_LIMIT": "10",  # the most: a busy machine is not to be cut short
}


def play(environment: Mapping[str, str], *arguments: str, channel: str = CHANNEL) -> dict[str, str]:
    """Run the script as Asterisk does; the variables that the channel has at the end."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        input=channel + "200 result=1\n" * 20,
        capture_output=True,
        text=True,
        env={**SURROUNDINGS, **environment},
        check=True,  # whatever happens: status 0
        timeout=60,
    )
    assert done.stderr == ""
    assert TOKEN not in done.stdout
    return dict(re.findall(r'^SET VARIABLE "(\w+)" "(.*)"$', done.stdout, re.MULTILINE))


def test_the_answer_s_place_is_set() -> None:
    with monitor(says(YES)) as (url, heard):
        assert play({"MINUTEUR_AGI_URL": url, "MINUTEUR_AGI_PBX": "lab"}, "tech support") == {
            "MINUTEUR_OVERFLOW": "1",
            "MINUTEUR_CONTEXT": "overflow",
            "MINUTEUR_EXTEN": "sales",
            "MINUTEUR_PRIORITY": "1",
            "MINUTEUR_REASON": "5 wait, été",
            "MINUTEUR_ERROR": "",
        }
    line, _, headers = heard[0].partition(b"\r\n")
    query = "format=dialplan&pbx=lab&queue=tech%20support&uniqueid=lab-1.2&caller=0612345678"
    assert line.decode() == f"GET /api/v1/overflow/decision?{query} HTTP/1.0"
    assert f"Authorization: Bearer {TOKEN}\r\n".encode() in headers


def test_who_is_to_stay_stays() -> None:
    with monitor(says(NO)) as (url, _):
        found = play({"MINUTEUR_AGI_URL": url}, "support", "pbx=other")
    assert found == STAYS | {
        "MINUTEUR_PRIORITY": "",
        "MINUTEUR_REASON": "no rule",
        "MINUTEUR_ERROR": "",
    }


def _drips(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        for _ in range(200):
            connection.sendall(b"H")
            threading.Event().wait(0.02)


def _hears_nothing(connection: socket.socket) -> None:
    connection.recv(1)


WRONG: dict[str, tuple[Speaks, str]] = {
    "closes": (lambda _: None, "no HTTP answer"),
    "speaks no HTTP": (lambda c: c.sendall(b"\x00\xffgarbage\r\n"), "no HTTP answer"),
    "never ends": (lambda c: c.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 20_000), "too long"),
    "says HTML": (says(b"<html>=&=</html>"), "none"),
    "says nothing": (says(b""), "none"),
    "cut off": (says(YES, length=len(YES) + 5), "not whole"),
    "names no place": (says(b"overflow=1&context=&exten=s&priority=1&reason=r"), "no place"),
    "names a strange place": (
        says(b"overflow=1&context=a%22%5D&exten=s&priority=1&reason=r"),
        "no place",
    ),
    "names a label": (says(b"overflow=1&context=a&exten=s&priority=x&reason=r"), "no place"),
    "broken": (says(b"Internal", "500 Internal Server Error"), "500"),
    "refuses": (says(b"overflow=0&error=unauthenticated", "401 No"), "unauthenticated"),
}
TOO_SLOW: dict[str, Speaks] = {"byte by byte": _drips, "says nothing for ever": _hears_nothing}


@pytest.mark.parametrize("how", WRONG)
def test_a_wrong_answer_keeps_nobody(how: str) -> None:
    speaks, error = WRONG[how]
    with monitor(speaks) as (url, _):
        found = play({"MINUTEUR_AGI_URL": url}, "support")
    assert found.items() >= STAYS.items()
    assert error in found["MINUTEUR_ERROR"]


@pytest.mark.parametrize("how", TOO_SLOW)
def test_a_slow_answer_keeps_nobody(how: str) -> None:
    with monitor(TOO_SLOW[how]) as (url, _):
        found = play({"MINUTEUR_AGI_URL": url, "MINUTEUR_AGI_TIME_LIMIT": "0.4"}, "support")
    assert found.items() >= STAYS.items()
    assert "in time" in found["MINUTEUR_ERROR"]


@pytest.mark.parametrize(
    ("environment", "arguments", "error"),
    [
        ({"MINUTEUR_AGI_URL": "http://127.0.0.1:1"}, ["support"], "Connection refused"),
        ({"MINUTEUR_AGI_URL": "gopher://x"}, ["support"], "url"),
        ({"MINUTEUR_AGI_TOKEN": ""}, ["support"], "token"),
        ({"MINUTEUR_AGI_TIME_LIMIT": "soon"}, ["support"], "time_limit"),
        ({"MINUTEUR_AGI_CONFIG": "/nowhere/agi.conf"}, ["support"], "No such file"),
        ({}, ["support", "token=x"], "token_file"),
        ({}, [], "queue"),
    ],
)
def test_what_is_not_set_up_well_is_said_in_the_error(
    environment: dict[str, str], arguments: list[str], error: str
) -> None:
    found = play(environment, *arguments)
    assert found.items() >= STAYS.items()
    assert error in found["MINUTEUR_ERROR"]


def test_settings_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text(f"{TOKEN}\n")
    file = tmp_path / "agi.conf"
    with monitor(says(NO)) as (url, heard):
        file.write_text(f'# where\nurl = "{url}/"\ntoken_file = {secret}\n\npbx = lab\n')
        environment = {"MINUTEUR_AGI_CONFIG": str(file), "MINUTEUR_AGI_TOKEN": ""}
        assert play(environment, "support")["MINUTEUR_ERROR"] == ""
    assert b"pbx=lab" in heard[0]
    assert TOKEN.encode() in heard[0]
    file.write_text("urll = x\n")
    assert play({"MINUTEUR_AGI_CONFIG": str(file)}, "support")["MINUTEUR_ERROR"] == (
        "unknown setting urll"
    )


def _start(environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), "support"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**SURROUNDINGS, **environment},
    )


def test_it_ends_by_itself_when_asterisk_says_nothing() -> None:
    with _start({"MINUTEUR_AGI_TIME_LIMIT": "0.4"}) as process:
        assert process.wait(60) == 0  # its standard input stays open


def test_it_ends_well_when_the_caller_hangs_up_meanwhile() -> None:
    with monitor(_hears_nothing) as (url, _), _start({"MINUTEUR_AGI_URL": url}) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write((CHANNEL + "200 result=1\n" * 6).encode())
        process.stdin.flush()
        for _ in range(6):
            process.stdout.readline()  # it runs
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == 0


@pytest.mark.parametrize("said", ["", CHANNEL, CHANNEL + "200 result=1\nHANGUP\n", "\xff\x00"])
def test_it_ends_well_when_asterisk_is_gone(said: str) -> None:
    process = _start({})
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.close()
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(said.encode("latin-1"))
        process.stdin.close()
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(60) == 0


def test_on_the_pbx_it_needs_pyst2_and_the_standard_library_only() -> None:
    code = (
        "import sys, threading, socket, asterisk.agi\n"
        "before = set(sys.modules)\n"
        "from runpy import run_path\n"
        f"run_path({str(SCRIPT)!r})\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before}"
        " - sys.stdlib_module_names)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
