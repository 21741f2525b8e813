"""A private PostgreSQL server for tests, made from Debian's programs and thrown away afterwards."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import psycopg
import pytest


class PostgresServer:
    """A cluster of its own in a temporary folder, on a free port of 127.0.0.1."""

    def __init__(self, programs: Path, folder: Path, port: int) -> None:
        self._programs = programs
        self._data = folder / "data"
        self._folder = folder
        self._port = port
        self._databases = count(1)

    def create(self) -> None:
        """Make the cluster."""
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        self._run("initdb", "--no-sync", "--auth=trust", "--username=test", "--encoding=UTF8",
                  "--locale=C.UTF-8", f"--pgdata={self._data}")  # fmt: skip

    def start(self) -> None:
        """Start it; returns when it accepts connections."""
        # No fsync: nothing here has to survive the machine.
        options = (
            f"-p {self._port} -c listen_addresses=127.0.0.1 -c fsync=off "
            f"-c unix_socket_directories={self._folder} -c max_connections=40"
        )
        log = self._folder / "log"
        self._run("pg_ctl", "start", "--wait", "-D", str(self._data), "-l", str(log), "-o", options)

    def stop(self) -> None:
        """Stop it, ending all connections."""
        self._run("pg_ctl", "stop", "--wait", "--mode=fast", "-D", str(self._data))

    def new_database(self, template: str = "template1") -> str:
        """Make a database, empty or as another one to which nobody is connected; its address."""
        name = f"test_{next(self._databases)}"
        admin = f"host=127.0.0.1 port={self._port} user=test dbname=postgres"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return f"postgresql+psycopg://test@127.0.0.1:{self._port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = (str(self._programs / program), *arguments)
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            command = ("runuser", "-u", "postgres", "--", *command)
        done = subprocess.run(
            command, cwd=self._folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")


def programs() -> Path | None:
    """Where the newest installed PostgreSQL's programs are; None: there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    return found[-1].parent if found else None


def _version(initdb: Path) -> int:
    return int(initdb.parent.parent.name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running() -> Iterator[PostgresServer]:
    """A private PostgreSQL server; skips the test where its programs are missing."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL's programs are missing: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="minuteur-postgres-"))
    server = PostgresServer(found, folder, _free_port())
    try:
        server.create()
        server.start()
        yield server
        with contextlib.suppress(RuntimeError):
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running private PostgreSQL server."""
    with running() as server:
        yield server
