"""The command ``demo``: a simulated centre, and the monitor on it, in one process."""

import contextlib
import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from api import demo_agents, demo_contacts, logs
from api.cli_common import run
from api.composition import running
from api.opening import open_record
from api.policies import policy_of
from api.replaying import play
from api.serving import listen, serve, url_of
from config.settings import Settings
from monitor.accounts import Accounts, Role
from monitor.core.clock import DAY, SECOND, Ms
from monitor.core.effects import Effect
from monitor.core.engine import Engine
from monitor.core.events import Event
from monitor.core.staffing import Staffing
from monitor.history.policies import current_policy
from monitor.history.reader import HistoryReader
from monitor.history.writer import BatchWriter
from telephony_adapters.asterisk.ami_decode import EventDecoder
from telephony_adapters.simulator.server import SimulatedPbx
from telephony_adapters.simulator.site import (
    BACK_OFFICE,
    INCOMING,
    OVERFLOW,
    QUEUE_LABELS,
    VOICE_SERVER,
)

PBX = "demo"
USER = "demo"
TIME_ZONE = "Europe/Paris"
CALENDARS: tuple[dict[str, Any], ...] = (
    {"name": "around-the-clock"},
    {
        "name": "office",
        "hours": [
            {"days": ["mon-fri"], "from": "08:00", "to": "19:00"},
            {"days": ["sat"], "from": "09:00", "to": "12:30"},
        ],
        "holidays": "FR",
        "closed": ["2026-12-24", "2026-12-31"],
        "open": [{"date": "2026-12-20", "from": "10:00", "to": "18:00"}],
    },
)
"""The centre never closes, so that there are callers whenever somebody looks."""
PROMISES: dict[str, dict[str, Any]] = {
    "support": {"target": 0.8},
    "sales": {"target": 0.85, "service_level": "abandoned_count_against"},
    "billing": {"target": 0.75},
    BACK_OFFICE: {"calendar": "office"},
}
PASSWORD_FILE = "password.txt"  # noqa: S105 - its name
OVERFLOW_RULES: tuple[dict[str, Any], ...] = (
    {
        "id": "support-to-back-office",
        "name": "Support overflows to the back office",
        "priority": 10,
        "queues": ["support"],
        "when": [{"metric": "time_left", "at_least": 8, "at_most": 25}],
        "do": {"withdraw": {"context": OVERFLOW, "exten": BACK_OFFICE, "queue": BACK_OFFICE}},
        "at_most": 4,
        "hops": 1,
    },
    {
        "id": "sales-helps-support",
        "name": "Two of Sales help Support out",
        "priority": 20,
        "queues": ["support"],
        "when": [{"metric": "waiting", "at_least": 7, "release_below": 4}],
        "do": {
            "add_members": [
                {"interface": "PJSIP/207", "name": "Giulia Conti", "penalty": 2},
                {"interface": "PJSIP/209", "name": "Ioannis Papadakis", "penalty": 2},
            ]
        },
    },
)
"""Few a minute, so that it is also seen how a rule is held back, and why. Nobody is moved who could
not be answered in time any more: those few are for others."""


def demo(
    directory: Annotated[
        Path | None,
        typer.Option(help="Keep the record here between runs; else it is thrown away"),
    ] = None,
    host: Annotated[str, typer.Option(help="The address to serve on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any")] = 8060,
    seed: Annotated[int, typer.Option(help="Chooses the callers")] = 1,
    speed: Annotated[
        float, typer.Option(min=0.1, max=60, help="How fast the centre's clock runs")
    ] = 1.0,
    days: Annotated[
        int, typer.Option(min=0, max=60, help="Days of history to make, in a new record")
    ] = 3,
) -> None:
    """Show Minuteur on a simulated contact centre; nothing else is needed."""
    logs.set_up("WARNING")
    instead = "Choose another with --port (make demo PORT=9000)"
    with (
        contextlib.closing(listen(host, port, instead)) as listener,
        _kept_in(directory) as folder,
    ):
        settings = _settings(folder, host, port)
        password = _password(folder)
        pbx = _with_history(settings, seed, speed, days, password)

        async def show() -> None:
            pbx_port = await pbx.start()
            try:
                live = _settings(folder, host, port, pbx_port)
                clock = None if speed == 1 else lambda: pbx.now
                async with running(live, now=clock) as services:

                    def ready() -> None:
                        url = url_of(listener)
                        print(
                            f"Minuteur is running: {url}  (login: {USER} / password: {password})",
                            flush=True,
                        )

                    await serve(services, live.api, listener, ready)
            finally:
                await pbx.stop()

        run(show())


@contextlib.contextmanager
def _kept_in(directory: Path | None) -> Iterator[Path]:
    if directory is None:
        with tempfile.TemporaryDirectory(prefix="minuteur-demo-") as folder:
            yield Path(folder)
    else:
        directory.mkdir(parents=True, exist_ok=True)
        yield directory


def _settings(folder: Path, host: str, port: int, pbx_port: int = 5038) -> Settings:
    return Settings.model_validate(
        {
            "history": {"database": f"sqlite:///{folder / 'minuteur.db'}"},
            "api": {"host": host, "port": port},
            "pbx": [
                {
                    "name": PBX,
                    "port": pbx_port,
                    "username": "minuteur",
                    "secret": "minuteur",
                    "incoming_contexts": [INCOMING],
                }
            ],
            "voice_server": [{"name": "welcome", "contexts": [VOICE_SERVER]}],
            "queue": [
                {"name": name, "label": label, **PROMISES.get(name, {})}
                for name, label in QUEUE_LABELS.items()
            ],
            "commitment": {"target": 0.9},
            "calendar": list(CALENDARS),
            "centre": {"calendar": "around-the-clock", "time_zone": TIME_ZONE},
            "team": demo_agents.teams(),
            "overflow_rule": list(OVERFLOW_RULES),
        }
    )


def _password(folder: Path) -> str:
    """The demo's password: a new one, or the one of the run before in the same directory."""
    path = folder / PASSWORD_FILE
    with contextlib.suppress(FileNotFoundError):
        return path.read_text(encoding="utf-8").strip()
    password = secrets.token_urlsafe(9)
    path.touch(mode=0o600)
    path.write_text(password + "\n", encoding="utf-8")
    return password


def _with_history(
    settings: Settings, seed: int, speed: float, days: int, password: str
) -> SimulatedPbx:
    """Prepare the record; returns the centre that has been running for its days of history."""
    with open_record(settings) as history:
        accounts = Accounts(history)
        if not accounts.has_users():
            accounts.add_user(USER, password, Role.ADMIN)
        new = not HistoryReader(history).calls(limit=1).calls
        if not new or not days:
            return SimulatedPbx(seed, speed=speed, zone=settings.centre.zone)
        began = time.monotonic()
        print(f"Making {days} days of history …", flush=True)
        pbx = SimulatedPbx(seed, speed=speed, history_days=days, zone=settings.centre.zone)
        # Promised before the first call, so that all of the history counts as observed.
        before = round(time.time()) * SECOND - (days + 1) * DAY
        engine = Engine(current_policy(history, policy_of(settings), now=before))
        staffing, agents = Staffing(engine), demo_agents.ledger_of(settings, before)
        with BatchWriter(history) as writer:

            def note(effects: Sequence[Effect]) -> None:
                # What is played comes in time, so every moment of it is fresh.
                writer.on_effects([*effects, *staffing(effects, 0)])
                agents.take(effects)

            play(demo_contacts.surveyed(_past_of(pbx), seed), engine, note)
        now = round(time.time() * SECOND)
        demo_agents.keep(history, agents, PBX, now)
        demo_contacts.fill(history, engine.policy, days, now, seed)
        print(f"… took {time.monotonic() - began:.0f} s.", flush=True)
        return pbx


def _past_of(pbx: SimulatedPbx) -> Iterator[Event]:
    """What the centre sent before now, through the shipped framing and translation."""
    decoder = EventDecoder(PBX)
    at: Ms = 0
    for data in pbx.history():
        at = decoder.translator.last_at or at
        yield from decoder.feed(data, at)
