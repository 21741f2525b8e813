"""The command ``minuteur``."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Iterator
from enum import StrEnum
from importlib import metadata
from typing import Annotated, Any

import typer

from api import (
    cli_contacts,
    cli_demo,
    cli_evidence,
    cli_overflow,
    cli_personal,
    cli_queue_log,
    cli_recordings,
    cli_report,
    cli_rollups,
    cli_settings,
    cli_simulate,
    cli_users,
    logs,
    openapi,
)
from api.app import bare_app
from api.cli_common import CommandError, ConfigOption, loaded, run, say_if_new
from api.composition import running
from api.overflow_policies import rules_of
from api.pbx_test_words import line
from api.pbx_testing import asked_of
from api.serving import AddressError, listen, serve, url_of
from config.loading import Loaded, SettingsError
from config.settings import Settings
from monitor.accounts import AccountError
from monitor.history.errors import HistoryError
from monitor.steady_clock import SteadyClock
from telephony_adapters.asterisk.pbx_test import check_pbx

_UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""Typer brings its own copy of click's, or click's itself, depending on its version."""

app = typer.Typer(
    name="minuteur",
    help="Watch every caller of an Asterisk contact centre: handled in under a minute?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


_INTERRUPTED = 130
_NOBODY = (
    "Nobody can sign in yet: open the page and create the first admin with the setup code {code}, "
    "or run `minuteur user add NAME --role admin`."
)
log = logging.getLogger("minuteur")


class Level(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"minuteur {metadata.version('minuteur')}")
        raise typer.Exit


LogLevel = Annotated[Level, typer.Option(help="How much to log")]


@app.command("serve")
def serve_command(config: ConfigOption = None, log_level: LogLevel = Level.INFO) -> None:
    """Watch the configured PBXs, and serve the page and the interface, until told to stop."""
    logs.set_up(log_level.name)
    run(_serve(loaded(config)))


async def _serve(found: Loaded) -> None:
    settings = found.settings
    say_if_new(settings)
    with contextlib.closing(listen(settings.api.host, settings.api.port)) as listener:
        async with running(settings) as services:
            anybody = await asyncio.to_thread(services.accounts.has_users)

            def ready() -> None:
                print(f"Minuteur is running: {url_of(listener)}", flush=True)
                if not anybody:
                    said = _NOBODY.format(code=services.first_run.code)
                    print(said, flush=True)
                    log.warning(said)

            await serve(services, settings.api, listener, ready)


@app.command("check-config")
def check_config(
    config: ConfigOption = None,
    test_pbx: Annotated[
        bool, typer.Option("--test-pbx", help="Connect to each PBX, and say what is wrong there")
    ] = False,
) -> None:
    """Check the settings file and say all that is wrong with it, line by line."""
    found = loaded(config)
    settings = found.settings
    names = ", ".join(pbx.name for pbx in settings.pbx) or "none"
    print(
        f"{found.source} is good. PBXs: {names}; queues: {len(settings.queue)}; "
        f"voice servers: {len(settings.voice_server)}; overflow rules: "
        f"{len(settings.overflow_rule)}."
    )
    if test_pbx and not asyncio.run(_test_pbxs(settings)):
        print("\nSomething is wrong: mend what is marked [XX], then test again.")
        raise typer.Exit(1)


async def _test_pbxs(settings: Settings) -> bool:
    """Test each PBX of a file, one after the other, and print what was found."""
    rules = rules_of(settings) if settings.overflow.enabled else ()
    good = True
    for pbx in settings.pbx:
        print(f"\n{pbx.name} ({pbx.host}:{pbx.port}), for some seconds …", flush=True)
        report = await check_pbx(asked_of(pbx, settings, rules), SteadyClock())
        print("\n".join(line(check) for check in report.checks))
        good = good and report.good
    return good


# The order of the help: what everybody needs comes first.
app.command("demo")(cli_demo.demo)
app.command("report")(cli_report.report)
app.command("simulate-rule")(cli_simulate.simulate_rule)
app.command("reconcile")(cli_queue_log.reconcile)
app.command("record")(cli_recordings.record)
app.command("replay")(cli_recordings.replay)


@app.command("openapi")
def print_openapi() -> None:
    """Print the description of the REST interface and the live stream (OpenAPI, JSON)."""
    print(openapi.as_text(bare_app()), end="")


app.add_typer(cli_users.users, name="user")
app.add_typer(cli_users.tokens, name="token")
app.add_typer(cli_settings.settings, name="settings")
app.add_typer(cli_overflow.overflow, name="overflow")
app.add_typer(cli_evidence.evidence, name="evidence")
app.add_typer(cli_personal.personal, name="personal")
app.add_typer(cli_rollups.rollups, name="rollups")
app.add_typer(cli_queue_log.imports, name="import")
cli_queue_log.imports.command("contacts")(cli_contacts.import_contacts)


@app.callback()
def _everywhere(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version"),
    ] = False,
) -> None:
    """Watch every caller of an Asterisk contact centre: handled in under a minute?"""


def main(arguments: list[str] | None = None) -> None:
    """Run a command; every failure is one clear sentence on standard error."""
    command = typer.main.get_command(app)
    status = 1
    with _explained():
        status = command.main(arguments, prog_name="minuteur", standalone_mode=False) or 0
    if status == _INTERRUPTED:  # typer makes this of Ctrl-C, without a word
        _fail("Interrupted.", _INTERRUPTED)
    sys.exit(status)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except typer.Exit as error:
        sys.exit(error.exit_code)
    except _UsageError as error:
        _fail(_usage(error), 2)
    except (typer.Abort, KeyboardInterrupt):
        _fail("Interrupted.", _INTERRUPTED)
    except SettingsError as error:
        _fail("\n".join(error.problems), 2)
    except (CommandError, HistoryError, AccountError, AddressError) as error:
        _fail(str(error))
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone
        sys.exit(1)
    except OSError as error:
        _fail(f"{error.filename or 'Input or output'}: {error.strerror or error}.")
    except Exception as error:  # noqa: BLE001 - the last line of defence
        _fail(f"Something broke: {type(error).__name__}: {error}. Please report it.")


def _usage(error: Any) -> str:  # noqa: ANN401 - whose class depends on typer's version
    """What is wrong with a command line; the help alone, where that is what it says."""
    said = str(error.format_message()).replace("Value error, ", "")
    if "Usage:" in said:
        return said
    command = error.ctx.command_path if error.ctx else "minuteur"
    return f"{said.rstrip('.')}. Try: {command} --help"


def _fail(message: str, status: int = 1) -> None:
    print(logs.mask(message), file=sys.stderr)
    sys.exit(status)
