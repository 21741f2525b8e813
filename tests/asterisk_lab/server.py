"""One private Asterisk: own configuration, own free ports, only on 127.0.0.1.

>>> with AsteriskLab() as lab:          # doctest: +SKIP
...     lab.cli("queue show")
...     lab.ami_port, lab.sip_port, lab.http_port
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from . import faketime
from .ami import LabAmi
from .faketime import SettableClock
from .install import Version, ensure_asterisk
from .ports import PortBlock
from .queue_log import create_database

CONF = Path(__file__).parent / "conf"
PHONES = tuple(f"agent{n}" for n in range(1, 9))
"""The agents' phones that the lab's Asterisk knows: ``PJSIP/agent1`` and so on."""

UNUSED = ("acl", "ccss", "cdr", "cel", "pjproject", "udptl", "websocket_client")
"""Files that Asterisk complains about when they are missing; the lab needs nothing in them."""

READY_WITHIN = 120.0  # seconds; one or two are usual, a loaded machine takes longer
STOP_WITHIN = 30.0  # seconds, then it is killed


class LabError(Exception):
    """The lab's Asterisk did not start or did not do what it was told; the text says why."""


@dataclass(frozen=True)
class LabOptions:
    """What may differ from one lab to another. The defaults are the sample configuration's.

    ``read``, ``write``, ``secret``, ``event_filters`` and ``write_timeout`` (ms) are those of
    the AMI account ``minuteur``; the lab's own account ``oracle`` is always able to do all.
    ``precise_queue_log`` writes the queue log to SQLite too, with microseconds; Asterisk waits
    for the disk meanwhile, so switch it off where speed is measured.
    ``own_clock``: its clock can be set, see :meth:`AsteriskLab.set_clock`.
    ``replace`` gives whole files (``{"queues.conf": "…"}``), ``append`` adds to their end.
    """

    version: Version = "22"
    system_name: str = "lab"
    timestamp_events: bool = True
    read: str = "all"
    write: str = "all"
    secret: str = "minuteur-lab"
    event_filters: tuple[str, ...] = ()
    write_timeout: int = 100
    tls: bool = False
    precise_queue_log: bool = True
    own_clock: bool = False
    replace: Mapping[str, str] = field(default_factory=dict)
    append: Mapping[str, str] = field(default_factory=dict)


class AsteriskLab:
    """A running Asterisk. Use it as a context manager, or call :meth:`start` and :meth:`stop`."""

    username = "minuteur"

    def __init__(self, options: LabOptions | None = None) -> None:
        self.options = options or LabOptions()
        self.root = ensure_asterisk(self.options.version)
        lab_parent = self.root / "lab"
        lab_parent.mkdir(exist_ok=True)
        self.dir = Path(tempfile.mkdtemp(prefix="run-", dir=lab_parent))
        self.ports = PortBlock()
        self.ami_port, self.ami_tls_port, self.http_port = (self.ports.take() for _ in range(3))
        self.sip_port, self.trunk_port = self.ports.take(), self.ports.take()
        self.phone_ports = {name: self.ports.take() for name in PHONES}
        self.ports.reserve()
        self.secret = self.options.secret
        self._process: subprocess.Popen[bytes] | None = None
        self._clock = self._settable_clock() if self.options.own_clock else None
        self._write_configuration()

    # -- places --------------------------------------------------------------------------------

    @property
    def inside(self) -> str:
        """The lab's directory as Asterisk itself sees it (it lives in a chroot)."""
        return "/" + str(self.dir.relative_to(self.root))

    @property
    def ca_file(self) -> Path:
        """The certificate to trust when ``tls`` is on (host name ``localhost``)."""
        return self.dir / "etc" / "ami.crt"

    @property
    def ari_url(self) -> str:
        """The base address of ARI; user ``minuteur`` with :attr:`secret`."""
        return f"http://127.0.0.1:{self.http_port}/ari"

    def queue_log(self) -> Path:
        """Asterisk's own record of every queue event: the file, with whole seconds."""
        return self.dir / "log" / "queue_log"

    def queue_log_database(self) -> Path:
        """The same record with microseconds, in SQLite."""
        return self.dir / "log" / "queue_log.sqlite3"

    def log_text(self) -> str:
        """What Asterisk logged, and what it said on its console."""
        texts = []
        for name in ("log/full", "console"):
            path = self.dir / name
            if path.exists():
                texts.append(path.read_text(errors="replace"))
        return "\n".join(texts)

    # -- life ----------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if kind is None:
            self.remove()
        # after a failure the directory stays, for whoever looks into it

    def start(self) -> None:
        """Start Asterisk and return when it is fully booted and AMI answers."""
        console = (self.dir / "console").open("ab")
        # by env, so that chroot itself, which is outside, does not look for the library
        environment = {} if self._clock is None else self._clock.environment()
        preload = ["env", *(f"{name}={value}" for name, value in environment.items())]
        with console:
            self._process = subprocess.Popen(
                ["chroot", str(self.root), *preload, "asterisk", "-f", "-C", self._conf],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                # the caller's HOME need not exist in the chroot
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "TZ": "UTC"},
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_WITHIN
        while not self._is_ready():
            if self._process.poll() is not None:
                raise LabError(f"Asterisk ended while starting; its log:\n{self._log_end()}")
            if time.monotonic() > deadline:
                raise LabError(
                    f"Asterisk was not ready in {READY_WITHIN:.0f} s; its log:\n{self._log_end()}"
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop Asterisk: politely, then for sure. Safe to call twice."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self.kill9()
        self._process = None

    def kill9(self) -> None:
        """Kill Asterisk as a power cut would."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_WITHIN)
        self._process = None

    def restart(self) -> None:
        """Stop Asterisk and start it again with the same ports and configuration."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Remove the lab's directory with all its logs, and give its ports back."""
        self.ports.release()
        shutil.rmtree(self.dir, ignore_errors=True)

    def set_clock(self, ahead: float) -> None:
        """Have Asterisk's clock show ``ahead`` seconds more than this machine's, from now on."""
        assert self._clock is not None, "LabOptions(own_clock=True) is needed"
        self._clock.set(ahead)

    def _settable_clock(self) -> SettableClock:
        library = faketime.library(self.root)
        assert library is not None, "the installation has it"
        return SettableClock(self.dir / "clock", library, f"{self.inside}/clock")

    # -- use -----------------------------------------------------------------------------------

    def cli(self, command: str) -> str:
        """Run one command of Asterisk's command line and return what it prints."""
        done = subprocess.run(
            ["chroot", str(self.root), "asterisk", "-C", self._conf, "-rx", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=READY_WITHIN,
            check=False,
        )
        if done.returncode != 0:
            raise LabError(f"asterisk -rx '{command}': {done.stderr or done.stdout}")
        return done.stdout

    @contextlib.contextmanager
    def ami(self) -> Iterator[LabAmi]:
        """Open the lab's own AMI connection (account ``oracle``, without events)."""
        with LabAmi(self.ami_port) as connection:
            yield connection

    # -- inside --------------------------------------------------------------------------------

    @property
    def _conf(self) -> str:
        return f"{self.inside}/etc/asterisk.conf"

    def _is_ready(self) -> bool:
        if not (self.dir / "run" / "asterisk.ctl").exists():
            return False
        try:
            if "fully booted" not in self.cli("core waitfullybooted"):
                return False
            with self.ami():
                return True
        except (LabError, OSError):
            return False

    def _log_end(self) -> str:
        return "\n".join(self.log_text().splitlines()[-40:])

    def _write_configuration(self) -> None:
        for name in ("etc", "lib/keys", "spool", "run", "log", "agi-bin"):
            (self.dir / name).mkdir(parents=True)
        for name in UNUSED:
            (self.dir / "etc" / f"{name}.conf").write_text("; nothing\n")
        create_database(self.queue_log_database())
        options = self.options
        values = {
            "DIR": self.inside,
            "SYSTEMNAME": options.system_name,
            "AMI_PORT": str(self.ami_port),
            "SIP_PORT": str(self.sip_port),
            "HTTP_PORT": str(self.http_port),
            "TRUNK_PORT": str(self.trunk_port),
            "TIMESTAMPS": "timestampevents = yes" if options.timestamp_events else "",
            "TLS": self._tls_lines() if options.tls else "",
            "SECRET": options.secret,
            "READ": options.read,
            "WRITE": options.write,
            "WRITETIMEOUT": str(options.write_timeout),
            "QUEUE_LOG": "queue_log => sqlite3,queuelog" if options.precise_queue_log else "",
            "EVENTFILTERS": "\n".join(options.event_filters),
            "PHONES": "\n".join(self._phone(*item) for item in self.phone_ports.items()),
        }
        for source in CONF.glob("*.conf"):
            text = options.replace.get(source.name, source.read_text())
            for key, value in values.items():
                text = text.replace(f"@{key}@", value)
            text += options.append.get(source.name, "")
            (self.dir / "etc" / source.name).write_text(text)

    @staticmethod
    def _phone(name: str, port: int) -> str:
        return (
            f"[{name}](phone)\naors = {name}\ncallerid = {name} <{name}>\n"
            f"[{name}]\ntype = aor\ncontact = sip:{name}@127.0.0.1:{port}\n"
        )

    def _tls_lines(self) -> str:
        key = self.dir / "etc" / "ami.key"
        command = "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost"
        names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        subprocess.run(
            [*command.split(), "-addext", names, "-keyout", str(key), "-out", str(self.ca_file)],
            check=True,
            capture_output=True,
        )
        return (
            f"tlsenable = yes\ntlsbindaddr = 127.0.0.1:{self.ami_tls_port}\n"
            f"tlscertfile = {self.inside}/etc/ami.crt\n"
            f"tlsprivatekey = {self.inside}/etc/ami.key\n"
        )
