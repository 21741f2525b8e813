"""The one place where everything is put together: settings in, a running monitor out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from api.access import Access
from api.agent_time_keeping import AgentTimeKeeper
from api.alert_control import AlertControl
from api.asking import Askers
from api.commanders import commanders
from api.contact_keeping import ContactKeeper
from api.contact_messages import contact_message
from api.evidence import Evidence
from api.filling import keep_boards
from api.live import LiveHub
from api.live_scoped import todays_count
from api.metrics import Metrics, Sources
from api.observing import keep_observed
from api.oidc.pending import Pending
from api.oidc.provider import Provider
from api.opening import open_record
from api.overflow_control import OverflowControl, Prepared, prepare
from api.pbx_crew import PbxCrew
from api.personal import Personal, days_of
from api.policies import policy_of, year_in
from api.publishing import Publisher, messages_of, publisher_of
from api.purging import PurgeKeeper
from api.readiness import Readiness
from api.report_mailing import ReportMailer
from api.restoring import recall_forecasts, restore
from api.rolling import RollupKeeper
from api.sealing import SealKeeper
from api.services import Services
from api.settings_changes import ChangeControl
from api.settings_control import SettingsControl
from api.settings_reading import Held, begin, record_of
from api.signin import Attempts
from api.simulating import Simulations
from config.settings import Settings
from monitor.accounts import Accounts
from monitor.collector import seldom_collected
from monitor.commanding import Commander
from monitor.core.clock import HOUR, Ms
from monitor.core.effects import Effect
from monitor.core.engine import Engine
from monitor.core.events import LinkChanged, LinkState
from monitor.core.overflow.engine import Overflow
from monitor.core.overflow.forecast import Forecasts
from monitor.core.staffing import Staffing
from monitor.history.agent_time import AgentTimeReader
from monitor.history.alerts import AlertRecord
from monitor.history.changes import ChangeRecord
from monitor.history.database import History
from monitor.history.errors import HistoryError, explain
from monitor.history.figures import FiguresReader
from monitor.history.lost_callers import LostCallerRecord
from monitor.history.overflow import OverflowRecord
from monitor.history.policies import current_policy
from monitor.history.reader import HistoryReader
from monitor.history.settings import SettingsRecord
from monitor.history.writer import HistoryWriter
from monitor.overflow_rights import RightsWatch
from monitor.reporting.reading import ReportReader
from monitor.runtime import Monitor
from monitor.steady_clock import SteadyClock

STOPPED = "The monitor was stopped."


@dataclass(frozen=True, slots=True)
class _Parts:
    """What runs beside the server."""

    monitor: Monitor
    hub: LiveHub
    writer: HistoryWriter
    crew: PbxCrew
    now: Callable[[], Ms]
    history: History
    accounts: Accounts
    access: Access
    overflow_control: OverflowControl
    commander: Commander
    rights: RightsWatch
    publisher: Publisher
    alerts: AlertControl
    contacts: ContactKeeper
    agents: AgentTimeKeeper
    sealing: SealKeeper
    mailer: ReportMailer
    rolling: RollupKeeper


@contextlib.asynccontextmanager
async def running(
    settings: Settings, *, now: Callable[[], Ms] | None = None
) -> AsyncIterator[Services]:
    """Run a monitor: history, engine, links, hub; at the end all is stored.

    Args:
        settings: what to watch, and where to keep the record.
        now: the monitor's clock (ms since the epoch); None for the machine's, made steady.

    Raises:
        HistoryError: the database cannot be used; the message says why and what to do.
    """
    clock = SteadyClock()
    follow = clock.follow if now is None else None
    now = now or clock
    history = await asyncio.to_thread(open_record, settings)
    try:
        settings_record = record_of(history, settings)
        held = await asyncio.to_thread(_begun, history, settings_record, settings, now())
        settings = held.settings
        year = year_in(settings.centre.zone, now())
        configured = policy_of(settings, year=year)
        policy = await asyncio.to_thread(current_policy, history, configured, now=now())
        engine = Engine(policy)
        forecasts = Forecasts(engine)
        monitor = Monitor(engine, now, follow, Overflow(engine, (), forecasts))
        monitor.add_stage(Staffing(engine))
        parts = _parts(settings, history, monitor, now, forecasts)
        changing = SettingsControl(monitor, settings_record, held, parts.overflow_control, now)
        effects, prepared = await asyncio.to_thread(
            _restored, engine, forecasts, history, settings, parts.publisher, now()
        )
        purging = PurgeKeeper(
            history, now, lambda: days_of(changing.settings.retention), lambda: engine.policy.zone
        )
        services = _services(settings, history, parts, changing, purging)
        for subscriber in (parts.writer.on_effects, services.metrics, parts.hub):
            parts.monitor.subscribe(subscriber)
        parts.monitor.subscribe(parts.crew.on_effects)
        parts.monitor.subscribe(parts.contacts.on_effects)
        await asyncio.to_thread(parts.agents.begin)
        parts.monitor.subscribe(parts.agents.on_effects)
        changing.listen(parts.agents.apply)
        changing.listen(parts.crew.apply)
        # After the writer: a command goes out when it has noted how it is undone.
        parts.monitor.subscribe(parts.commander.on_effects)
        parts.monitor.subscribe(parts.rights.on_effects)
        parts.publisher.begin(monitor)
        parts.writer.on_effects(effects)
        parts.agents.on_effects(effects)
        parts.hub.overflow.recall(prepared.decisions)
        await parts.alerts.begin()
        monitor.publish(parts.overflow_control.begin(prepared))
        parts.writer.start()
        try:
            with seldom_collected():
                async with _tasks(parts, changing, purging):
                    yield services
        finally:
            await _finish(parts)
    finally:
        await asyncio.to_thread(history.close)


def _begun(history: History, record: SettingsRecord, file: Settings, now: Ms) -> Held:
    try:
        return begin(record, file, now)
    except SQLAlchemyError as error:
        raise HistoryError(explain(error, history.url)) from error


def _restored(
    engine: Engine,
    forecasts: Forecasts,
    history: History,
    settings: Settings,
    publisher: Publisher,
    now: Ms,
) -> tuple[list[Effect], Prepared]:
    names = [pbx.name for pbx in settings.pbx]
    try:
        effects = restore(engine, history, names, now)
        recall_forecasts(forecasts, history, names)
        record = OverflowRecord(history)
        record.end_pending(now)
        publisher.prepare()
        return effects, prepare(record, settings, now)
    except SQLAlchemyError as error:
        raise HistoryError(explain(error, history.url)) from error


def _parts(
    settings: Settings,
    history: History,
    monitor: Monitor,
    now: Callable[[], Ms],
    forecasts: Forecasts,
) -> _Parts:
    engine = monitor.engine
    messages = messages_of(settings)
    writer = HistoryWriter(history, messages=messages, now=now)
    hub = LiveHub(engine, now, lambda: writer.state.detail, monitor.overflow)
    crew = PbxCrew(monitor, history, now, settings)
    for listener in (hub.clock_moved, crew.clock_moved):
        monitor.on_clock_moved(listener)
    accounts = Accounts(history, now=now)
    access = Access(accounts, now)
    control = OverflowControl(monitor, forecasts, OverflowRecord(history), now)
    carriers = commanders(monitor, control.overflow, crew.orders, writer, now)
    publisher = publisher_of(settings, history, monitor, control, messages, now, crew.links.keys())
    writer.on_stored(publisher.publishing.on_stored)
    hub.count_with(todays_count(FiguresReader(history), engine, now))
    contacts = ContactKeeper(
        history,
        engine,
        now,
        None if messages is None else contact_message,
        publisher.publishing.on_stored,
    )
    hub.boards.alerts.watch_contacts(lambda: contacts.overdue)
    return _Parts(
        monitor, hub, writer, crew, now, history, accounts, access, control,
        *carriers, publisher, AlertControl(hub, AlertRecord(history), now),
        contacts, AgentTimeKeeper(history, engine, now, crew.links, settings),
        SealKeeper(history, now, publisher.publishing.on_stored if messages else None),
        ReportMailer(history, settings.mail, settings.report, now, lambda: engine.policy.zone),
        RollupKeeper(history, now),
    )  # fmt: skip


def _services(
    settings: Settings,
    history: History,
    parts: _Parts,
    changing: SettingsControl,
    purging: PurgeKeeper,
) -> Services:
    engine, writer = parts.monitor.engine, parts.writer
    sources = Sources(
        engine,
        parts.now,
        stream_clients=lambda: parts.hub.clients,
        inbox=lambda: parts.monitor.backlog,
        history_backlog=lambda: writer.state.waiting,
        history_ok=lambda: writer.state.ok,
        overflow=parts.monitor.overflow,
        forecasts=parts.overflow_control.forecasts,
        publishing=parts.publisher.publishing,
        contacts=lambda: parts.contacts.counts,
        purging=purging,
    )
    return Services(
        monitor=parts.monitor,
        hub=parts.hub,
        history=HistoryReader(history),
        figures=FiguresReader(history),
        agent_time=AgentTimeReader(history),
        reports=ReportReader(history),
        lost_callers=LostCallerRecord(history),
        contacts=parts.contacts,
        accounts=parts.accounts,
        access=parts.access,
        askers=Askers(parts.access, parts.now),
        overflow_control=parts.overflow_control,
        settings=changing,
        changes=ChangeControl(changing, ChangeRecord(history)),
        alerts=parts.alerts,
        publishing=parts.publisher.publishing,
        evidence=Evidence(history, parts.sealing),
        personal=Personal(history, purging, purging.days),
        simulations=Simulations(history.url),
        metrics=Metrics(sources),
        attempts=Attempts(parts.now),
        now=parts.now,
        problems=Readiness(
            lambda: changing.settings, engine, lambda: writer.state.detail, history.url
        ),
        secure_cookies=settings.api.secure_cookies,
        session_length=round(settings.api.session_hours * HOUR),
        provider=None if settings.oidc is None else Provider(settings.oidc),
        pending=Pending(parts.now),
        links=parts.crew.links,
        allowed_origins=frozenset(origin.rstrip("/") for origin in settings.api.allowed_origins),
    )


@contextlib.asynccontextmanager
async def _tasks(
    parts: _Parts, changing: SettingsControl, purging: PurgeKeeper
) -> AsyncIterator[None]:
    """Run the monitor, the hub and the links; a monitor that dies takes the process with it."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(parts.monitor.run(), name="monitor"),
                group.create_task(parts.hub.run(), name="live hub"),
                group.create_task(
                    keep_observed(parts.crew.links, parts.monitor, parts.writer, parts.history),
                    name="observed",
                ),
                group.create_task(
                    keep_boards(parts.alerts, parts.hub, parts.monitor.engine, parts.history),
                    name="boards",
                ),
                group.create_task(parts.access.run(), name="access"),
                group.create_task(changing.run(), name="settings"),
                group.create_task(parts.rights.run(), name="overflow rights"),
                group.create_task(parts.publisher.run(), name="publishing"),
                group.create_task(parts.sealing.run(), name="sealing"),
                group.create_task(parts.mailer.run(), name="report mails"),
                group.create_task(parts.contacts.run(), name="contacts"),
                group.create_task(parts.agents.run(), name="agents' time"),
                group.create_task(parts.rolling.run(), name="rollups"),
                group.create_task(purging.run(), name="purging"),
                group.create_task(parts.crew.run(), name="links"),
            ]
            try:
                yield
            finally:
                # While the links are still there: commands on their way get their answers.
                await parts.commander.stop()
                for task in tasks:
                    task.cancel()
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _finish(parts: _Parts) -> None:
    """Take what is left in the inbox, note that nobody looks any more, and store it all."""
    for name in parts.crew.links:
        state = parts.monitor.engine.pbx_state(name)
        offset = 0 if state is None else state.clock_offset
        parts.monitor.submit(LinkChanged(name, parts.now() - offset, LinkState.LOST, STOPPED))
    while parts.monitor.backlog:
        parts.monitor.step()
    await parts.contacts.finish()
    await parts.agents.store()
    parts.access.close()
    await parts.writer.stop()
