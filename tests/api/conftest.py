"""A whole application on a real SQLite file, and a real server for what needs sockets."""

import asyncio
import contextlib
import functools
import logging
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI
from pydantic import SecretStr

from api.access import Access
from api.alert_control import AlertControl
from api.app import bare_app
from api.asking import Askers
from api.contact_keeping import ContactKeeper
from api.evidence import Evidence
from api.live import LiveHub
from api.live_scoped import todays_count
from api.metrics import Metrics, Sources
from api.overflow_control import OverflowControl
from api.personal import Personal, days_of
from api.purging import PurgeKeeper
from api.sealing import SealKeeper
from api.services import Services
from api.serving import config_of
from api.settings_changes import ChangeControl
from api.settings_control import SettingsControl
from api.settings_reading import begin
from api.signin import Attempts
from api.simulating import Simulations
from api.webapp import WebApp
from config.retention import Retention
from config.settings import Api, Pbx, Queue, Settings, VoiceServer
from monitor.accounts import Accounts, Role
from monitor.core.clock import Ms
from monitor.core.overflow.engine import Overflow
from monitor.core.overflow.forecast import Forecasts
from monitor.core.records import Call
from monitor.history.agent_time import AgentTimeReader
from monitor.history.alerts import AlertRecord
from monitor.history.audit import AuditEntry
from monitor.history.changes import ChangeRecord
from monitor.history.database import History, open_history
from monitor.history.figures import FiguresReader
from monitor.history.lost_callers import LostCallerRecord
from monitor.history.outbox import Outbox
from monitor.history.overflow import OverflowRecord
from monitor.history.policies import current_policy
from monitor.history.reader import HistoryReader
from monitor.history.secrets import Vault
from monitor.history.settings import SettingsRecord
from monitor.history.writer import BatchWriter
from monitor.publishing import Publishing
from monitor.reporting.reading import ReportReader
from monitor.runtime import Monitor
from tests.api.made import POLICY, START, Centre

PASSWORD = "correct horse battery"
FILE = Settings(
    pbx=[Pbx(name="lab", username="minuteur", secret=SecretStr("s3cret"),
             incoming_contexts=["incoming"])],
    voice_server=[VoiceServer(name="welcome", contexts=["ivr"])],
    queue=[Queue(name="support", label="Support")],
)  # fmt: skip
"""The settings file of a house; it says what the policy of its centre is."""


@dataclass
class House:
    """What the application stands on, for a test to act upon."""

    services: Services
    centre: Centre
    database: History
    problems: list[str]

    def store(self, *calls: Call) -> None:
        """Put calls into the record."""
        with BatchWriter(self.database) as writer:
            writer.add(calls)

    def trail(self) -> list[AuditEntry]:
        """Who did what, newest first, but for what the house itself needs to stand."""
        entries = self.services.overflow_control.record.audit.entries().entries
        return [one for one in entries if not one.what.startswith(("user_", "token_", "setting_"))]

    def token(self, role: Role = Role.VIEWER) -> dict[str, str]:
        """The header of a program with this role."""
        token = self.services.accounts.create_token(f"test-{role.value}", role)
        return {"Authorization": f"Bearer {token}"}


HASHER = PasswordHasher(1, 8, 1)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A command sets logging up for its whole process; the next test finds it as it was."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    logging.captureWarnings(capture=False)


@pytest.fixture(scope="session")
def empty_record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record with its schema and one user, to be copied: making it takes a moment."""
    path = tmp_path_factory.mktemp("empty") / "record.db"
    with open_history(f"sqlite:///{path}") as database:
        Accounts(database, hasher=HASHER).add_user("zoé", PASSWORD, Role.LEAD)
        begin(SettingsRecord(database, Vault(path)), FILE, START)
        current_policy(database, POLICY, now=START)
    return path


@pytest.fixture
def house(tmp_path: Path, empty_record: Path) -> Iterator[House]:
    centre = Centre()
    forecasts = Forecasts(centre.engine)
    overflow = Overflow(centre.engine, (), forecasts)
    monitor = Monitor(centre.engine, centre.clock, overflow=overflow)
    hub = LiveHub(centre.engine, centre.clock, overflow=overflow)
    sources = Sources(
        centre.engine,
        centre.clock,
        lambda: hub.clients,
        overflow=overflow,
        forecasts=forecasts,
    )
    metrics = Metrics(sources)
    problems: list[str] = []
    shutil.copy(empty_record, tmp_path / "record.db")
    with open_history(f"sqlite:///{tmp_path / 'record.db'}", migrate=False) as database:
        accounts = Accounts(database, hasher=HASHER, now=centre.clock)
        access = Access(accounts, centre.clock)
        overflow_control = OverflowControl(
            monitor, forecasts, OverflowRecord(database), centre.clock
        )
        settings_record = SettingsRecord(database, Vault(tmp_path / "secrets.key"))
        held = begin(settings_record, FILE, centre.clock())
        settings = SettingsControl(monitor, settings_record, held, overflow_control, centre.clock)
        services = Services(
            monitor=monitor,
            hub=hub,
            history=HistoryReader(database),
            figures=FiguresReader(database),
            agent_time=AgentTimeReader(database),
            reports=ReportReader(database),
            lost_callers=LostCallerRecord(database),
            contacts=ContactKeeper(database, centre.engine, centre.clock),
            accounts=accounts,
            access=access,
            askers=Askers(access, centre.clock),
            overflow_control=overflow_control,
            alerts=AlertControl(hub, AlertRecord(database), centre.clock),
            settings=settings,
            changes=ChangeControl(settings, ChangeRecord(database)),
            publishing=Publishing(Outbox(database), []),
            evidence=Evidence(database, SealKeeper(database, centre.clock)),
            personal=personal_data(database, centre.clock, lambda: settings.settings.retention),
            simulations=Simulations(database.url),
            metrics=metrics,
            attempts=Attempts(centre.clock),
            now=centre.clock,
            problems=lambda: problems,
            dist=tmp_path / "dist",
        )
        hub.count_with(todays_count(services.figures, centre.engine, centre.clock))
        yield House(services, centre, database, problems)
        services.access.close()


def personal_data(
    database: History, clock: Callable[[], Ms], retention: Callable[[], Retention]
) -> Personal:
    """What is kept of people, and who purges it."""
    keeper = PurgeKeeper(database, clock, lambda: days_of(retention()), lambda: UTC)
    return Personal(database, keeper, keeper.days)


_bare = functools.cache(bare_app)


def _application(services: Services) -> FastAPI:
    """The application: made once, as that takes a while, and given each test's services."""
    app = _bare()
    app.state.services = services
    app.router.default = WebApp(services.dist)
    return app


@contextlib.asynccontextmanager
async def browser(services: Services, scheme: str = "http") -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application without sockets."""
    transport = httpx.ASGITransport(_application(services))
    async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://test") as client:
        yield client


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not signed in."""
    async with browser(house.services) as client:
        yield client


@pytest.fixture
async def viewer(house: House, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program with a viewer's token."""
    client.headers.update(house.token())
    return client


@contextlib.asynccontextmanager
async def serving(services: Services) -> AsyncIterator[str]:
    """A real server on a free port; yields its ``host:port``."""
    config = config_of(services, Api())
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server._serve([listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing to wait on
            await asyncio.sleep(0.01)
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
