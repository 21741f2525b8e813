"""Commands about recordings: ``record`` what a PBX sends, ``replay`` it through the engine."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import orjson
import typer

from api import logs, views
from api.cli_common import CommandError, ConfigOption, in_effect_if_any, loaded, run, table
from api.opening import open_url
from api.pbx_settings import ami_settings
from api.policies import policy_of
from api.replaying import play
from config.loading import DEFAULT_FILE, SettingsError
from config.settings import Pbx, Settings
from monitor.core.effects import CallChanged, Effect
from monitor.core.engine import Engine
from monitor.core.events import Event, LinkChanged, LinkState, WarningRaised
from monitor.core.policy import Policy
from monitor.core.records import Call
from monitor.history.policies import current_policy
from monitor.history.writer import BatchWriter
from monitor.steady_clock import SteadyClock, wall_clock
from telephony_adapters.asterisk.ami_link import AmiLink
from telephony_adapters.masking import Masker
from telephony_adapters.recording import Recorder, events_from

DEFAULT_CONTEXTS = ("incoming", "from-*")
"""Where callers arrive, when neither settings nor options say it."""


class Format(StrEnum):
    """How calls are printed."""

    TABLE = "table"
    JSON = "json"


# --- record -------------------------------------------------------------------------------------


def record(
    pbx: Annotated[str, typer.Option(help="The name of a [[pbx]] of the settings")],
    output: Annotated[Path, typer.Option(help="The file to write; gzipped if it ends in .gz")],
    mask_numbers: Annotated[
        bool, typer.Option("--mask-numbers", help="Replace callers' numbers and names")
    ] = False,
    duration: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds; else until interrupted")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Record what a PBX sends, for a replay or a report of a fault."""
    logs.set_up("CRITICAL")  # what the link has to say comes as events
    settings = in_effect_if_any(loaded(config).settings)
    found = next((item for item in settings.pbx if item.name == pbx), None)
    if found is None:
        names = ", ".join(item.name for item in settings.pbx) or "none"
        raise CommandError(f"There is no [[pbx]] named {pbx}. Configured: {names}.")
    masker = Masker(os.urandom(32)) if mask_numbers else None
    with Recorder(output, pbx, wall_clock(), masker) as recorder:
        size = run(_record(found, recorder, duration))
    print(f"Recorded {size} bytes of the PBX {pbx} in {output}.")


async def _record(pbx: Pbx, recorder: Recorder, duration: float | None) -> int:
    """Record until told to stop; returns how many bytes came."""
    size = 0
    refused = ""
    stop = asyncio.Event()

    def tap(data: bytes) -> None:
        nonlocal size
        size += len(data)
        recorder.write(wall_clock(), data)

    def told(event: Event) -> None:
        nonlocal refused
        if isinstance(event, LinkChanged):
            if event.state is LinkState.REFUSED:
                refused = event.detail
                stop.set()
                return
            print(event.detail or f"The link is {event.state.value}.", file=sys.stderr)
        elif isinstance(event, WarningRaised) and event.text:
            print(event.text, file=sys.stderr)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    task = asyncio.create_task(AmiLink(ami_settings(pbx), told, SteadyClock(), tap=tap).run())
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(duration):
            await stop.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    if refused:
        raise CommandError(refused)
    return size


# --- replay -------------------------------------------------------------------------------------


def replay(
    file: Annotated[Path, typer.Argument(help="A recording, or a bare capture of AMI (.ami)")],
    pbx: Annotated[str | None, typer.Option(help="The PBX's name in the settings")] = None,
    database: Annotated[
        str | None,
        typer.Option(help="Also store the calls: sqlite:///FILE or postgresql+psycopg://…"),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print")] = Format.TABLE,
    incoming: Annotated[
        list[str] | None,
        typer.Option(help="A dialplan context where callers arrive; else the settings' own"),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Feed a recording through the engine and print each call with its verdict."""
    settings = _settings_if_any(config)
    name = pbx or (settings.pbx[0].name if settings and settings.pbx else "replay")
    policy = _policy(settings, name, incoming)
    calls = _Calls()
    events = events_from(file, name)
    try:
        if database is None:
            count = play(events, Engine(policy), calls)
        else:
            with open_url(database) as history, BatchWriter(history) as writer:

                def both(effects: Sequence[Effect]) -> None:
                    calls(effects)
                    writer.on_effects(effects)

                judging = current_policy(history, policy, by="replay")
                count = play(events, Engine(judging), both)
    except OSError as error:
        raise CommandError(f"{file} cannot be replayed: {error.strerror or error}.") from None
    except ValueError as error:
        raise CommandError(f"{file} cannot be replayed: {error}.") from None
    if not count:
        raise CommandError(
            f"{file} holds no event of a PBX. A recording is made by `minuteur record`; a bare "
            "capture holds what the manager interface sent, byte by byte."
        )
    shown = sorted(calls.found.values(), key=lambda call: (call.arrived_at, call.id))
    print(_as_json(shown) if form is Format.JSON else _as_table(shown))


def _settings_if_any(config: Path | None) -> Settings | None:
    """The settings where there are some; a replay works without."""
    try:
        return in_effect_if_any(loaded(config).settings)
    except SettingsError:
        if config is not None or DEFAULT_FILE.exists():
            raise
        contexts = ", ".join(DEFAULT_CONTEXTS)
        print(
            f"No settings found: judging by the defaults, with callers arriving in {contexts}.",
            file=sys.stderr,
        )
        return None


def _policy(settings: Settings | None, pbx: str, incoming: list[str] | None) -> Policy:
    policy = policy_of(settings) if settings is not None else Policy()
    known = dict(policy.incoming_contexts)
    contexts = tuple(incoming) if incoming else known.get(pbx, DEFAULT_CONTEXTS)
    return replace(policy, incoming_contexts=((pbx, contexts),))


class _Calls:
    """Keeps the calls that effects name."""

    def __init__(self) -> None:
        self.found: dict[str, Call] = {}

    def __call__(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, CallChanged):
                self.found[effect.call.id] = effect.call


def _as_json(calls: Sequence[Call]) -> str:
    shown = [views.call_detail(call) for call in calls]
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()


_HEADINGS = ("CALL", "ARRIVED", "CALLER", "VERDICT", "REASON", "WAIT", "QUEUES")


def _as_table(calls: Sequence[Call]) -> str:
    return f"{table([_HEADINGS, *map(_row, calls)])}\n{len(calls)} calls"


def _row(call: Call) -> tuple[str, ...]:
    ways = [f"voice server {stay.name}" for stay in call.stays]
    ways += [
        f"{visit.queue} {_span(visit.wait)} {visit.exit.value if visit.exit else 'waiting'}"
        + (f" by {visit.agent}" if visit.agent else "")
        for visit in call.visits
    ]
    verdict = call.verdict.value + (" (partly observed)" if call.observed == "partial" else "")
    return (
        call.id,
        views.iso(call.arrived_at),
        call.caller,
        verdict,
        call.reason.value,
        _span(call.wait),
        ", ".join(ways),
    )


def _span(span: int | None) -> str:
    return "-" if span is None else f"{span / 1000:.3f}s"
