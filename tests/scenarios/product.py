"""The product as its users run it: ``minuteur serve`` in a process of its own, asked over HTTP."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from argon2 import PasswordHasher

from monitor.accounts import Accounts, Role
from monitor.core.records import Call
from monitor.history.database import open_history
from monitor.history.reader import HistoryReader
from tests.asterisk_lab import scenarios
from tests.asterisk_lab.faketime import SettableClock
from tests.asterisk_lab.ports import PortBlock
from tests.asterisk_lab.server import AsteriskLab
from tests.scenarios.agreement import PBX

MINUTEUR = str(Path(sys.executable).with_name("minuteur"))
"""The console script, beside the interpreter that runs the tests."""
PATIENCE = 120.0
"""Seconds after which something that should have happened did not, however busy the machine is."""


_MIGRATING = threading.Lock()
"""Alembic has one context for the whole process; products may be made side by side."""


class Product:
    """A running monitor with a database of its own; survives being killed and started again.

    It watches one lab, under the name of :data:`PBX`, or several, each under a name of its own.
    """

    def __init__(
        self,
        directory: Path,
        lab: AsteriskLab | Mapping[str, AsteriskLab],
        *,
        extra: str = "",
        ami_port: int | None = None,
        ari: bool = False,
        clock: SettableClock | None = None,
    ) -> None:
        """``ami_port``: where the monitor finds AMI, if not at the lab itself (a proxy).

        ``ari``: the monitor listens to the labs' ARI too. ``clock``: the monitor's own.
        """
        self.directory = directory
        self._ami_port = ami_port
        self._ari = ari
        self._environment = {**os.environ, **(clock.environment() if clock else {})}
        self._ports = PortBlock()
        try:
            self._prepare({PBX: lab} if isinstance(lab, AsteriskLab) else lab, extra)
        except BaseException:
            self._ports.release()
            raise

    def _prepare(self, labs: Mapping[str, AsteriskLab], extra: str) -> None:
        self.port = self._ports.take()
        self.database = self.directory / "minuteur.db"
        self.config = self.directory / "minuteur.toml"
        self.log = self.directory / "serve.log"
        self.config.write_text(self._toml(labs) + extra)
        with _MIGRATING, open_history(f"sqlite:///{self.database}") as history:
            accounts = Accounts(history, hasher=PasswordHasher(1, 8, 1))
            self.token = accounts.create_token("tests", Role.ADMIN)
        self._process: subprocess.Popen[bytes] | None = None

    def _toml(self, labs: Mapping[str, AsteriskLab]) -> str:
        voice_servers = "".join(
            f'[[voice_server]]\nname = "{name}"\ncontexts = ["{name}"]\ncounts_when = "{rule}"\n'
            for name, rule in scenarios.VOICE_SERVERS.items()
        )
        pbxs = "".join(
            f'[[pbx]]\nname = "{name}"\nport = {self._ami_port or lab.ami_port}\n'
            f'username = "{lab.username}"\nsecret = "{lab.secret}"\n'
            f'incoming_contexts = ["{scenarios.INCOMING_CONTEXT}"]\n'
            + (self._ari_toml(lab) if self._ari else "")
            for name, lab in labs.items()
        )
        return f"""
[history]
database = "sqlite:///{self.database}"
[api]
port = {self.port}
[commitment]
within = {scenarios.WITHIN}
at_risk_after = {scenarios.AT_RISK_AFTER}
short_abandon = {scenarios.SHORT_ABANDON}
{pbxs}
{voice_servers}
"""

    @staticmethod
    def _ari_toml(lab: AsteriskLab) -> str:
        return (
            f'[pbx.ari]\nurl = "{lab.ari_url}"\nusername = "{lab.username}"\n'
            f'password = "{lab.secret}"\n'
        )

    # --- life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the monitor and wait until it follows the PBX."""
        self.launch()
        self.wait_for(self._is_ready, "the monitor to be ready")

    def launch(self) -> None:
        """Start the monitor."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [MINUTEUR, "serve", "--config", str(self.config)],
                stdout=log, stderr=log, env=self._environment,
            )  # fmt: skip

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"the monitor ended:\n{self.log.read_text()[-3000:]}"
        try:
            answer = self._ask("/readyz")
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK and bool(answer.json()["status"] == "ready")

    def problems(self) -> list[str]:
        """What ``/readyz`` says is wrong."""
        problems: list[str] = self._ask("/readyz").json()["problems"]
        return problems

    def kill9(self) -> None:
        """Kill the process without a chance to write anything."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Have the process do nothing meanwhile (SIGSTOP): alive, and of no use to anybody."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End the monitor as a service manager does."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(PATIENCE)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            self._ports.release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._ports.release()

    @property
    def pid(self) -> int:
        """The process that runs."""
        assert self._process is not None
        return self._process.pid

    # --- asking ---------------------------------------------------------------------------------

    def get(self, path: str, **parameters: str | int) -> Any:  # noqa: ANN401 - JSON
        """Ask the REST interface."""
        answer = self._ask(f"/api/v1{path}", **parameters)
        answer.raise_for_status()
        return answer.json()

    def text(self, path: str) -> str:
        """Ask for a text, such as ``/metrics``."""
        answer = self._ask(path)
        answer.raise_for_status()
        return answer.text

    def _ask(self, path: str, **parameters: str | int) -> httpx.Response:
        return httpx.get(
            f"http://127.0.0.1:{self.port}{path}",
            params=parameters,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=PATIENCE,
        )

    def calls(self, **wanted: str) -> list[dict[str, Any]]:
        """All calls that the interface tells (``pbx``…), newest first, page by page."""
        items: list[dict[str, Any]] = []
        parameters: dict[str, str | int] = {"limit": 100, **wanted}
        while True:
            page = self.get("/calls", **parameters)
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            parameters["cursor"] = page["next_cursor"]

    @contextmanager
    def records(self) -> Iterator[HistoryReader]:
        """The database itself, read beside the running monitor."""
        with open_history(f"sqlite:///{self.database}", migrate=False) as history:
            yield HistoryReader(history)

    def stored(self, uniqueids: set[str], pbx: str = PBX) -> dict[str, Call]:
        """The stored records of these calls, once all of them are over."""
        found: dict[str, Call] = {}

        def all_over() -> bool:
            with self.records() as reader:
                calls = [reader.call(f"{pbx}:{uniqueid}") for uniqueid in uniqueids]
            found.update({call.uniqueid: call for call in calls if call is not None})
            complete = uniqueids <= found.keys() and all(call.closed for call in found.values())
            talks = [v for call in found.values() for v in call.visits if v.answered_at is not None]
            return complete and all(visit.ended_at is not None for visit in talks)

        self.wait_for(all_over, f"{len(uniqueids)} calls to be over in the database")
        return found

    def wait_for(self, happened: Any, what: str) -> None:  # noqa: ANN401 - any callable
        """Poll until something happened; fail with what was waited for."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline, (
                f"waited {PATIENCE:.0f} s for {what}; the log ends:\n{self.log.read_text()[-3000:]}"
            )
            time.sleep(0.05)
