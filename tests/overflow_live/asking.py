"""A real Asterisk whose dialplan asks, by CURL() and by AGI, with the snippets that we ship."""

import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asterisk.agi
import httpx
import six  # type: ignore[import-untyped]

from monitor.accounts import Accounts, Role
from monitor.history.database import open_history
from telephony_adapters.agi import minuteur_agi
from tests.asterisk_lab.ami import LabAmi, Message
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.server import AsteriskLab, LabOptions

ROOT: Final = Path(__file__).parents[2]
SNIPPETS: Final = ROOT / "config" / "asterisk" / "overflow"
COMMAND: Final = (sys.executable, "-c", "from api.entry import main; main()")
PATIENCE: Final = 60.0
"""Seconds after which what should have happened never will."""
WAYS: Final = ("curl", "agi")
DIALPLAN: Final = """
[globals]
MINUTEUR_URL = {url}
MINUTEUR_PBX = lab
MINUTEUR_TOKEN_FILE = {inside}/etc/token

[asking]
exten = _curl-.,1,GosubIf($[${{DIALPLAN_EXISTS(minuteur-ask-curl,s,1)}}]?minuteur-ask-curl,s,1(${{EXTEN:5}}))
 same = n,Goto(asked,${{EXTEN:5}},1)
exten = _agi-.,1,GosubIf($[${{DIALPLAN_EXISTS(minuteur-ask-agi,s,1)}}]?minuteur-ask-agi,s,1(${{EXTEN:4}}))
 same = n,Goto(asked,${{EXTEN:4}},1)

[asked]
exten = _[a-z][a-z]!,1,UserEvent(Asked,Overflow: ${{MINUTEUR_OVERFLOW}},Error: ${{MINUTEUR_ERROR}},Reason: ${{MINUTEUR_REASON}})
 same = n,GotoIf($["${{MINUTEUR_OVERFLOW}}" = "1"]?${{MINUTEUR_CONTEXT}},${{MINUTEUR_EXTEN}},${{MINUTEUR_PRIORITY}})
 same = n,Queue(${{EXTEN}},,,,40)
 same = n,Hangup()

[overflow]
exten = to-sales,1,Queue(sales,,,,60)
 same = n,Hangup()

; what nobody may be sent to
[outside]
exten = s,1,Queue(sales)
"""  # noqa: E501 - dialplan
SETTINGS: Final = """
[history]
database = "sqlite:///{folder}/asking.db"
[api]
port = {port}
[[pbx]]
name = "lab"
port = {ami_port}
username = "minuteur"
secret = "{secret}"
incoming_contexts = ["asking"]
[[queue]]
name = "support"
[[overflow_rule]]
id = "support-to-sales"
how = "ask"
queues = ["support"]
when = [{{ metric = "position", at_least = 1 }}]
do = {{ withdraw = {{ context = "overflow", exten = "to-sales", queue = "sales" }} }}
at_most = 1000
only_if_better = false
"""


@dataclass(frozen=True)
class Asked:
    """What became of one caller whose dialplan asked."""

    way: str
    overflow: str
    error: str
    reason: str
    queue: str
    """The one joined."""
    after: float
    """Seconds from the caller's arrival to the joining, by Asterisk's clock."""


@dataclass
class Asking:
    """An Asterisk that asks, and the monitor that it asks."""

    lab: AsteriskLab
    ami: LabAmi
    folder: Path
    port: int
    token: str = ""
    monitor: "subprocess.Popen[bytes] | None" = None
    calls: int = 0
    leaked: list[Message] = field(default_factory=list)
    """AMI events in which the token shows."""

    @property
    def url(self) -> str:
        """The monitor's address."""
        return f"http://127.0.0.1:{self.port}"

    # --- the monitor --------------------------------------------------------------------------

    @contextmanager
    def accounts(self) -> Iterator[Accounts]:
        """The monitor's accounts, from beside it, as ``minuteur token`` has them."""
        with open_history(f"sqlite:///{self.folder / 'asking.db'}") as history:
            yield Accounts(history)

    def start(self) -> None:
        """Run the monitor, as people do, until it watches the PBX."""
        log = (self.folder / "serve.log").open("ab")
        with log:
            self.monitor = subprocess.Popen(
                [*COMMAND, "serve", "--config", str(self.folder / "minuteur.toml")],
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + PATIENCE
        while not self._ready():
            if time.monotonic() > end or self.monitor.poll() is not None:
                raise TimeoutError((self.folder / "serve.log").read_text())
            time.sleep(0.1)

    def _ready(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/readyz", timeout=PATIENCE).status_code == 200
        return False

    def kill(self, number: signal.Signals) -> None:
        """Send the monitor a signal; one that ends it is waited for."""
        assert self.monitor is not None
        self.monitor.send_signal(number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.monitor.wait(PATIENCE)

    # --- the PBX ------------------------------------------------------------------------------

    def point_to(self, url: str) -> None:
        """Have the dialplan ask there."""
        self.ami.action("Setvar", Variable="MINUTEUR_URL", Value=url)
        write_agi_settings(self.lab, url)

    def ask(self, queue: str) -> list[Asked]:
        """One caller by each way at once; returns when both have joined a queue."""
        callers: dict[str, str] = {}
        for way in WAYS:
            self.calls += 1
            callers[f"{way}-{queue}"] = way
            self.ami.action(
                "Originate",
                Channel=f"Local/{way}-{queue}@asking/n",
                Application="Wait",
                Data="60",
                CallerID=f'"Zoé" <06{self.calls:08d}>',
                Async="true",
                Timeout="60000",
            )
        found = [self._followed(exten, way) for exten, way in callers.items()]
        for message in self.ami.listing("CoreShowChannels"):
            self.ami.request("Hangup", Channel=message["Channel"])
        self.leaked += [event for event in self.ami.events if self.token in str(event)]
        self.ami.events.clear()
        return found

    def _followed(self, exten: str, way: str) -> Asked:
        arrival = self._wait_for(
            lambda e: e["Event"] == "Newchannel" and e["Exten"] == exten and _is_caller(e)
        )
        caller = arrival["Uniqueid"]
        asked = self._wait_for(lambda e: e["Event"] == "UserEvent" and e.get("Uniqueid") == caller)
        joined = self._wait_for(
            lambda e: e["Event"] == "QueueCallerJoin" and e["Uniqueid"] == caller
        )
        after = float(joined["Timestamp"]) - float(arrival["Timestamp"])
        return Asked(
            way, asked["Overflow"], asked["Error"], asked["Reason"], joined["Queue"], after
        )

    def _wait_for(self, wanted: Callable[[Message], bool]) -> Message:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for event in self.ami.events:
                if wanted(event):
                    return event
            self.ami.request("Ping")  # what came meanwhile is read with the answer
            time.sleep(0.02)
        raise TimeoutError(f"Asterisk did not say it; its log:\n{self.lab.log_text()[-4000:]}")


def _is_caller(event: Message) -> bool:
    return event["Channel"].endswith(";2")


@contextmanager
def asking(version: Version, folder: Path) -> Iterator[Asking]:
    """Start an Asterisk that asks, and a monitor with one rule: from support to sales."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    lab = AsteriskLab(LabOptions(version=version))
    url = f"http://127.0.0.1:{port}"
    extensions = lab.dir / "etc" / "extensions.conf"
    parts = [DIALPLAN.format(url=url, inside=lab.inside)]
    parts += [(SNIPPETS / name).read_text() for name in ("ask-curl.conf", "ask-agi.conf")]
    extensions.write_text("\n".join([extensions.read_text(), *parts]))
    _install_agi(lab)
    with lab, LabAmi(lab.ami_port, events=True) as ami:
        folder.mkdir(exist_ok=True)
        (folder / "minuteur.toml").write_text(
            SETTINGS.format(folder=folder, port=port, ami_port=lab.ami_port, secret=lab.secret)
        )
        ami.action("QueueAdd", Queue="sales", Interface="Local/r_1@agents/n")
        place = Asking(lab, ami, folder, port)
        with place.accounts() as accounts:
            place.token = accounts.create_token("pbx", Role.VIEWER)
        (lab.dir / "etc" / "token").write_text(f"{place.token}\n")
        write_agi_settings(lab, url)
        place.start()
        try:
            yield place
        finally:
            if place.monitor is not None and place.monitor.poll() is None:
                place.monitor.kill()
                place.monitor.wait(PATIENCE)


def _install_agi(lab: AsteriskLab) -> None:
    """Put the one file and pyst2 where the PBX finds them, as docs/overflow-asking.md says."""
    library = lab.dir / "agi-bin" / "minuteur"
    shutil.copytree(Path(asterisk.agi.__file__).parent, library / "asterisk")
    shutil.copy(six.__file__, library)
    shutil.copy(minuteur_agi.__file__, library)
    script = lab.dir / "agi-bin" / "minuteur-agi"
    inside = f"{lab.inside}/agi-bin/minuteur"
    script.write_text(
        f"#!/bin/sh\nexport MINUTEUR_AGI_CONFIG={lab.inside}/etc/minuteur-agi.conf\n"
        f'PYTHONPATH={inside} exec /usr/bin/python3 -m minuteur_agi "$@"\n'
    )
    script.chmod(0o755)


def write_agi_settings(lab: AsteriskLab, url: str) -> None:
    """Have the AGI script ask there."""
    settings = f"url = {url}\npbx = lab\ntoken_file = {lab.inside}/etc/token\n"
    (lab.dir / "etc" / "minuteur-agi.conf").write_text(settings)


# --- monitors that are none -----------------------------------------------------------------------


@contextmanager
def never_accepts() -> Iterator[str]:
    """An address that takes no connection and refuses none, as one that is unreachable."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        full = []
        for _ in range(4):  # the kernel takes one or two; then it drops who knocks
            knocking = socket.socket()
            knocking.setblocking(False)
            knocking.connect_ex(server.getsockname())
            full.append(knocking)
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            for knocking in full:
                knocking.close()


@contextmanager
def says(answer: bytes) -> Iterator[str]:
    """A server that says this to everybody, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, suppress(OSError):
                        connection.recv(65536)
                        connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE)


def answer_of(body: bytes, status: str = "200 OK") -> bytes:
    """An answer in HTTP."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body
