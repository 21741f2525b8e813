#!/usr/bin/env python3
"""``minuteur-agi``: the dialplan asks the monitor whether to overflow a caller, and goes on.

    same = n,AGI(minuteur-agi,support)

It sets these channel variables, and ends with status 0 whatever happens:

- ``MINUTEUR_OVERFLOW``: ``1``: go to the place in the next three; ``0``: stay, queue the caller;
- ``MINUTEUR_CONTEXT``, ``MINUTEUR_EXTEN``, ``MINUTEUR_PRIORITY``: empty where it is ``0``;
- ``MINUTEUR_REASON``: why, in words of the monitor;
- ``MINUTEUR_ERROR``: why the monitor was not asked or gave no answer; empty when it did.

Arguments: the queue, then ``pbx=NAME`` or ``config=FILE`` where the settings' own will not do. The
settings are lines ``name = value`` in ``/etc/minuteur-agi.conf`` (see ``Settings``); each may come
from the environment too, as ``MINUTEUR_AGI_URL`` and so on. The token is never an argument:
everybody on the machine can read those.

This file needs Python 3.9 and pyst2, nothing else of Minuteur: on the PBX's machine it can be
installed alone. A call waits until it has started, so it imports little: ``http.client`` alone
would double the time, and the few lines of HTTP here know one deadline for all that they do.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socket import socket

CONFIG = "/etc/minuteur-agi.conf"
NAMES = ("url", "token", "token_file", "pbx", "time_limit", "ca_file")
LIMIT = 1.0
"""Seconds, from the start of the process to its answer, where the settings say nothing."""
MOST = 10.0
GRACE = 0.5
"""Seconds after the limit in which the variables may still be set: Asterisk itself may be slow."""
ANSWER_MAX = 16 * 1024
PATH = "/api/v1/overflow/decision"
_URL = re.compile(r"(https?)://(\[[0-9A-Fa-f:.]+\]|[^\s/:?#@]+)(?::([0-9]{1,5}))?(/[^\s?#]*)?\Z")
_PLACE = re.compile(r"[A-Za-z0-9_.*#+-]{1,80}\Z")
"""What a context or an extension may be here: nothing that an expression could stumble over."""


LATE = "no answer in time"
_STAY = {
    "MINUTEUR_OVERFLOW": "0",
    "MINUTEUR_CONTEXT": "",
    "MINUTEUR_EXTEN": "",
    "MINUTEUR_PRIORITY": "",
    "MINUTEUR_REASON": "",
    "MINUTEUR_ERROR": LATE,
}
"""What is set before anything else is done, and stays where the script is cut off."""


class AskError(Exception):
    """There is no answer; the text is for ``MINUTEUR_ERROR``."""


class Settings:
    """Where to ask, and how.

    ``url``: the monitor's address, without path. ``token``, or ``token_file``: a file that holds
    nothing else. ``pbx``: the name that this PBX has there. ``time_limit``: seconds, all included.
    ``ca_file``: whom to trust for https, instead of the machine's own list.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        unknown = sorted(set(values) - set(NAMES))
        if unknown:
            raise AskError(f"unknown setting {unknown[0]}")
        self.url = values.get("url", "http://127.0.0.1:8060").rstrip("/")
        self.token = values.get("token", "")
        self.token_file = values.get("token_file", "")
        self.pbx = values.get("pbx", "")
        self.ca_file = values.get("ca_file") or None
        try:
            self.time_limit = float(values.get("time_limit", LIMIT))
        except ValueError:
            self.time_limit = 0.0
        if not 0 < self.time_limit <= MOST:
            raise AskError(f"time_limit is not a number of seconds up to {MOST:g}")

    def secret(self) -> str:
        """The token.

        Raises:
            AskError: there is none, or its file cannot be read.
        """
        token = self.token or (_text(self.token_file).strip() if self.token_file else "")
        if not token or not token.isascii() or not token.isprintable():
            raise AskError("no token: set token_file")
        return token


def read_settings(arguments: Mapping[str, str], environment: Mapping[str, str]) -> Settings:
    """Settings of the file, over them the environment's, over them the arguments'.

    Raises:
        AskError: the file cannot be read, or says what cannot be.
    """
    path = arguments.get("config") or environment.get("MINUTEUR_AGI_CONFIG", "")
    values: dict[str, str] = {}
    if path or os.path.exists(CONFIG):  # noqa: PTH110 - pathlib costs milliseconds
        for line in _text(path or CONFIG).splitlines():
            bare = line.strip()
            if bare and bare[0] not in "#;[":
                name, _, value = bare.partition("=")
                values[name.strip()] = value.strip().strip('"')
    variables = {name: f"MINUTEUR_AGI_{name.upper()}" for name in NAMES}
    values |= {
        name: environment[variable]
        for name, variable in variables.items()
        if variable in environment
    }
    if "pbx" in arguments:
        values["pbx"] = arguments["pbx"]
    return Settings(values)


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read(64 * 1024)
    except OSError as error:
        raise AskError(f"{path}: {error.strerror}") from None


# --- asking -------------------------------------------------------------------------------------


def ask(settings: Settings, question: Mapping[str, str], deadline: float) -> dict[str, str]:
    """Ask the monitor; the fields of its answer.

    Args:
        settings: where and how.
        question: queue, uniqueid, caller.
        deadline: by the monotonic clock; all is over by then (but a name that does not resolve).

    Raises:
        AskError: no answer, or none that can be used.
    """
    import socket  # noqa: PLC0415 - not before the variables are set

    address = _URL.match(settings.url)
    if address is None:
        raise AskError("url is not like http://HOST:PORT")
    scheme, host, port, folder = address.groups()
    number = int(port or (443 if scheme == "https" else 80))
    fields = {"format": "dialplan", "pbx": settings.pbx, **question}
    query = "&".join(f"{name}={_quoted(value)}" for name, value in fields.items() if value)
    request = (
        # 1.0: the answer ends where the connection does, and comes in one piece
        f"GET {folder or ''}{PATH}?{query} HTTP/1.0\r\nHost: {host}:{number}\r\n"
        f"Authorization: Bearer {settings.secret()}\r\nUser-Agent: minuteur-agi\r\n\r\n"
    ).encode()
    try:
        connection = socket.create_connection((host.strip("[]"), number), _left(deadline))
        if scheme == "https":
            connection.settimeout(_left(deadline))
            connection = _secured(connection, host.strip("[]"), settings.ca_file)
        with connection:
            connection.settimeout(_left(deadline))
            connection.sendall(request)
            raw = _received(connection, deadline)
    except socket.timeout:  # noqa: UP041 - no TimeoutError before Python 3.10
        raise AskError(LATE) from None
    except OSError as error:
        raise AskError(f"cannot ask: {error.strerror or error}") from None
    return _fields(raw)


def _secured(connection: socket, host: str, ca_file: str | None) -> socket:
    import ssl  # noqa: PLC0415 - 20 ms that most do not need

    context = ssl.create_default_context(cafile=ca_file)
    return context.wrap_socket(connection, server_hostname=host)


def _received(connection: socket, deadline: float) -> bytes:
    """All that comes until the other side closes."""
    raw = b""
    while len(raw) <= ANSWER_MAX:
        connection.settimeout(_left(deadline))
        chunk = connection.recv(ANSWER_MAX)
        if not chunk:
            return raw
        raw += chunk
    raise AskError("the answer is too long")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise AskError(LATE)
    return left


def _fields(raw: bytes) -> dict[str, str]:
    """The fields of a whole and sensible answer."""
    head, _, body = raw.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.[01] ([0-9]{3})\b", head)
    if status is None:
        raise AskError("no HTTP answer")
    length = re.search(rb"\r\ncontent-length: *([0-9]{1,9})\b", head.lower())
    if length is not None and int(length.group(1)) != len(body):
        raise AskError("the answer is not whole")
    line = body.decode("utf-8", "replace").strip()
    pairs = (pair.partition("=") for pair in line.split("&"))
    fields = {name: _unquoted(value) for name, _, value in pairs}
    if status.group(1) != b"200" or "error" in fields:
        why = fields.get("error") if fields.get("overflow") == "0" else ""
        raise AskError(f"refused ({status.group(1).decode()}): {why or 'no reason given'}")
    if fields.get("overflow") not in ("0", "1") or "reason" not in fields:
        raise AskError("an answer that is none")
    return fields


def _quoted(value: str) -> str:
    # urllib.parse costs 10 ms
    return re.sub(
        rb"[^A-Za-z0-9_.~-]", lambda found: b"%%%02X" % found.group()[0], value.encode()
    ).decode("ascii")


def _unquoted(value: str) -> str:
    raw = re.sub(
        rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found.group(1), 16)]), value.encode()
    )
    return raw.decode("utf-8", "replace")


# --- the script ---------------------------------------------------------------------------------


def variables_of(fields: Mapping[str, str]) -> dict[str, str]:
    """The channel variables of an answer.

    Raises:
        AskError: it names a place where no dialplan could go.
    """
    overflow = fields["overflow"] == "1"
    place = [fields.get(name, "") if overflow else "" for name in ("context", "exten", "priority")]
    if overflow and not (all(map(_PLACE.match, place)) and place[2].isdigit()):
        raise AskError("an answer that names no place")
    return {
        "MINUTEUR_CONTEXT": place[0],
        "MINUTEUR_EXTEN": place[1],
        "MINUTEUR_PRIORITY": place[2],
        "MINUTEUR_REASON": _plain(fields["reason"]),
        "MINUTEUR_ERROR": "",
        # last: whoever sees a 1 finds the place beside it
        "MINUTEUR_OVERFLOW": fields["overflow"],
    }


def _plain(text: str) -> str:
    """A text as it can stand between the quotes of an AGI command, which pyst2 does not escape."""
    text = text.replace('"', "'").replace("\\", "/").replace("$", " ")
    return "".join(letter if letter.isprintable() else " " for letter in text)[:200]


class _Nowhere:
    """pyst2 writes all it reads to its ``stderr``: callers' numbers on the PBX's console."""

    def write(self, text: str) -> int:
        return len(text)


def run(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    begun: float,
    limit_to: Callable[[float], None],
) -> None:
    """Ask, and set the variables; raises whatever may happen when Asterisk goes away."""
    from asterisk.agi import AGI  # noqa: PLC0415 - after the timer was set

    agi = AGI(
        open(0, encoding="utf-8", errors="replace", closefd=False),  # noqa: SIM115
        open(1, "w", encoding="utf-8", errors="replace", closefd=False),  # noqa: SIM115
        _Nowhere(),
    )

    def tell(variables: Mapping[str, str]) -> None:
        for name, value in variables.items():
            agi.set_variable(name, value)

    # First of all, so that nothing of an earlier question is left if we do not come further.
    tell(_STAY)
    try:
        tell(_answer(arguments, environment, agi.env, begun, limit_to))
    except AskError as error:
        tell({"MINUTEUR_ERROR": _plain(str(error))})


def _answer(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    channel: Mapping[str, str],
    begun: float,
    limit_to: Callable[[float], None],
) -> dict[str, str]:
    """The variables to set; ``channel`` is what Asterisk says of it."""
    settings = read_settings(dict(map(_named, arguments[1:])), environment)
    limit_to(settings.time_limit)
    if not arguments or not arguments[0]:
        raise AskError("no queue: AGI(minuteur-agi,QUEUE)")
    caller = channel.get("agi_callerid", "")
    question = {
        "queue": arguments[0],
        "uniqueid": channel.get("agi_uniqueid", ""),
        "caller": "" if caller == "unknown" else caller,
    }
    return _in_time(settings, question, begun + settings.time_limit)


def _named(argument: str) -> tuple[str, str]:
    name, _, value = argument.partition("=")
    if name not in ("pbx", "config"):
        raise AskError(f"{name} is no argument; the token belongs into token_file")
    return name, value


def _in_time(settings: Settings, question: Mapping[str, str], deadline: float) -> dict[str, str]:
    """Ask in a thread that is left behind at the deadline: looking up a name knows no limit."""
    import threading  # noqa: PLC0415 - not before the variables are set

    found: list[dict[str, str] | AskError] = []

    def work() -> None:
        try:
            found.append(variables_of(ask(settings, question, deadline)))
        except AskError as error:
            found.append(error)
        except Exception as error:  # noqa: BLE001 - a mistake of ours is no answer either
            found.append(AskError(f"{type(error).__name__}: {error}"))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if not found:
        raise AskError(LATE)
    if isinstance(found[0], AskError):
        raise found[0]
    return found[0]


def _age() -> float:
    """Seconds since this process was started: Python's own start counts too."""
    try:
        with open("/proc/self/stat", "rb") as file:  # noqa: PTH123
            ticks = int(file.read().rpartition(b")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0
    return age if 0 <= age <= MOST else 0.0


def main() -> None:
    """Run as a script. Never returns: the process ends with status 0, in time."""
    begun = time.monotonic() - _age()

    def end(*_: object) -> None:
        # Not sys.exit: a thread may still look up a name, a pipe may be broken.
        os._exit(0)

    def limit_to(seconds: float) -> None:
        left = begun + seconds + GRACE - time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, max(left, 0.001))

    try:
        # Asterisk's way to say that the caller hung up; there is nobody to ask for any more.
        signal.signal(signal.SIGHUP, end)
        signal.signal(signal.SIGALRM, end)
        limit_to(LIMIT)
        run(sys.argv[1:], os.environ, begun, limit_to)
    except BaseException:  # noqa: BLE001, S110 - the call goes on, whatever it is
        pass
    end()


if __name__ == "__main__":
    main()
