"""What the routes work with; put together by :mod:`api.composition`, or by a test."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import web
from api.access import Access
from api.alert_control import AlertControl
from api.asking import Askers
from api.contact_keeping import ContactKeeper
from api.evidence import Evidence
from api.exports import Exports
from api.first_run import FirstRun
from api.live import LiveHub
from api.metrics import Metrics
from api.oidc.pending import Pending
from api.oidc.provider import Provider
from api.overflow_control import OverflowControl
from api.personal import Personal
from api.settings_changes import ChangeControl
from api.settings_control import SettingsControl
from api.signin import Attempts
from api.simulating import Simulations
from monitor.accounts import Accounts
from monitor.accounts.storage import machine_clock
from monitor.core.clock import HOUR, Ms
from monitor.core.openings import Openings
from monitor.history.agent_time import AgentTimeReader
from monitor.history.figures import FiguresReader
from monitor.history.lost_callers import LostCallerRecord
from monitor.history.reader import HistoryReader
from monitor.publishing import Publishing
from monitor.reporting.reading import ReportReader
from monitor.runtime import Monitor
from telephony_adapters.asterisk.ami_link import AmiLink


@dataclass(frozen=True, slots=True)
class Services:
    """All that the application needs.

    ``problems`` says why the monitor cannot do its work, one sentence each, fit for everybody to
    read: no caller's data, no address, no secret.
    """

    monitor: Monitor
    hub: LiveHub
    history: HistoryReader
    figures: FiguresReader
    agent_time: AgentTimeReader
    reports: ReportReader
    lost_callers: LostCallerRecord
    contacts: ContactKeeper
    accounts: Accounts
    access: Access
    askers: Askers
    overflow_control: OverflowControl
    alerts: AlertControl
    settings: SettingsControl
    changes: ChangeControl
    publishing: Publishing
    evidence: Evidence
    personal: Personal
    simulations: Simulations
    metrics: Metrics
    attempts: Attempts
    now: Callable[[], Ms]
    problems: Callable[[], list[str]]
    secure_cookies: bool | None = None
    """None: as the request came."""
    session_length: Ms = 12 * HOUR
    allowed_origins: frozenset[str] = frozenset()
    first_run: FirstRun = field(default_factory=FirstRun)
    provider: Provider | None = None
    """The identity provider, where the settings name one."""
    pending: Pending = field(default_factory=lambda: Pending(machine_clock))
    """Sign-ins that were begun at it."""
    figures_lane: Executor = field(default_factory=lambda: ThreadPoolExecutor(2, "figures"))
    """Threads for long counts of their own: half a year of calls keeps no page waiting."""
    exports: Exports = field(default_factory=Exports)
    links: Mapping[str, AmiLink] = field(default_factory=dict)
    """The links with the PBXs, by name; as they are now."""
    openings: Openings = field(default_factory=Openings)
    dist: Path = field(default=web.DIST)
