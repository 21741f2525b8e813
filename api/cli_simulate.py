"""The command ``simulate-rule``: what a rule would have done on recorded days."""

import json
import time
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer
from sqlalchemy.exc import SQLAlchemyError

from api import simulation_views as views
from api.cli_common import CommandError, ConfigOption, in_effect, loaded, need_database, table
from api.cli_range import EVER, FromOption, ToOption, range_of
from api.overflow_policies import RuleError, rule_of, rules_of
from api.policies import policy_of
from api.routes.overflow_rules import READ_ONLY
from api.simulating import Simulation, SimulationError, job_of, simulate
from config.settings import Settings
from monitor.collector import seldom_collected
from monitor.core.backtest.result import BacktestResult
from monitor.core.clock import DAY, SECOND, Ms
from monitor.core.overflow.rules import OverflowRule
from monitor.core.records import Verdict
from monitor.history.database import History, open_history
from monitor.history.errors import HistoryError, explain
from monitor.history.overflow import OverflowRecord

SHOWN: Final = 20
"""Calls of a list that are shown without --all."""
MOST: Final = 2_000_000
"""Calls at most; here nobody else waits."""


def simulate_rule(
    rule: Annotated[
        str,
        typer.Option(
            "--rule",
            metavar="FILE|ID",
            help="A rule that is in force, by its id, or a file with one: TOML as in the "
            "settings ([[overflow_rule]]), or JSON as in the REST interface",
        ),
    ],
    since: FromOption = None,
    until: ToOption = None,
    pbx: Annotated[str | None, typer.Option(help="Only of this PBX")] = None,
    queue: Annotated[
        str | None, typer.Option(help="Only callers of this queue, of those that it watches")
    ] = None,
    show_all: Annotated[
        bool, typer.Option("--all", help="Show every call, not the first few")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every call")] = False,
    config: ConfigOption = None,
) -> None:
    """Try an overflow rule on recorded calls: whom it would have moved, and what came of it.

    Without --from: the last seven days. Nothing is changed, and nothing is sent to any PBX. It is
    an estimate; docs/forecast.md says what it rests on.
    """
    file = loaded(config).settings
    need_database(file)
    with open_history(file.history.database.get_secret_value()) as history:
        settings = in_effect(history, file)
        zone = settings.centre.zone
        begin, end = range_of(zone, since, until)
        end = min(end, round(time.time() * SECOND)) if end == EVER else end
        begin = end - 7 * DAY if since is None else begin
        found = _simulated(settings, history, rule, begin, end, pbx, queue)
    if as_json:
        print(orjson.dumps(views.simulation(found, MOST), option=orjson.OPT_INDENT_2).decode())
    else:
        _report(found, zone, None if show_all else SHOWN)


def _simulated(
    settings: Settings,
    history: History,
    rule: str,
    begin: Ms,
    end: Ms,
    pbx: str | None,
    queue: str | None,
) -> Simulation:
    try:
        tried = _rule(settings, history, rule)
        _check_pbx(settings, pbx)
        job = job_of(tried, policy_of(settings), begin, end, pbx, queue)
        with seldom_collected():
            return simulate(history, job, most=MOST)
    except SimulationError as error:
        raise CommandError(str(error)) from None
    except SQLAlchemyError as error:
        raise HistoryError(explain(error, history.url)) from error


def _check_pbx(settings: Settings, pbx: str | None) -> None:
    names = [one.name for one in settings.pbx]
    if pbx is not None and pbx not in names:
        known = ", ".join(names) or "none"
        raise CommandError(f"There is no [[pbx]] named {pbx}. Configured: {known}.")


# --- finding the rule ---------------------------------------------------------------------------


def _rule(settings: Settings, history: History, named: str) -> OverflowRule:
    """The rule of a file or an id."""
    path = Path(named)
    if path.suffix in {".toml", ".json"} or path.is_file():
        return _checked(_body_in(path), str(path))
    record = OverflowRecord(history).rules
    stored = record.get(named)
    if stored is not None:
        return _checked(stored.body, f"The rule {named}", stored.version)
    in_file = {rule.id: rule for rule in rules_of(settings)}
    if named in in_file:
        return in_file[named]
    known = ", ".join(sorted({*in_file, *(rule.id for rule in record.all())})) or "none"
    raise CommandError(
        f"There is no overflow rule {named}, and no file of that name. Known rules: {known}."
    )


def _checked(body: Mapping[str, Any], where: str, version: int = 1) -> OverflowRule:
    given = {key: value for key, value in body.items() if key not in {*READ_ONLY, "version"}}
    try:
        return rule_of(given, version)
    except RuleError as error:
        said = "\n".join(f"  {name}: {text}" for name, text in error.fields.items())
        raise CommandError(f"{where} is no good:\n{said}") from None


def _body_in(path: Path) -> dict[str, Any]:
    """The one rule that a file holds."""
    try:
        text = path.read_text(encoding="utf-8")
        body = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except FileNotFoundError:
        raise CommandError(f"There is no file {path}.") from None
    except (json.JSONDecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}.") from None
    if isinstance(body, dict) and "overflow_rule" in body:
        body = body["overflow_rule"]
    rules = body if isinstance(body, list) else [body]
    if len(rules) != 1 or not isinstance(rules[0], dict):
        raise CommandError(
            f"{path} holds {len(rules)} rules: leave one in it, as one is simulated at a time."
        )
    return rules[0]


# --- saying what was found ----------------------------------------------------------------------


def _report(found: Simulation, zone: tzinfo, shown: int | None) -> None:
    result, job = found.result, found.job
    name = f" ({job.rule.name})" if job.rule.name else ""
    print(
        f"Rule {job.rule.id}{name} on {_calls(result.calls)} from {_moment(job.since, zone)} to "
        f"{_moment(job.until, zone)}, run again in {found.took:.1f} s.\n"
    )
    if not result.calls:
        print("The record holds no calls of that time.")
        return
    print(table(_verdicts(result)))
    print(f"\n{_summary(result)}")
    for because, callers in sorted(result.held_back.items()):
        print(f"Not moved: {_callers(callers)}, as {views.held_back_in_words(because)}.")
    moved, affected = views.in_order(result)
    if moved:
        print(f"\nMoved ({len(moved):,}):")
        rows = [
            (
                _moment(one.call.arrived_at, zone), one.call.id, one.queue or one.voice_server,
                one.to.queue or one.to.place, _span(one.call.wait),
                _moment(one.at, zone, only_time=True), _span(one.wait_there),
                f"{one.before.value} → {one.after.value}", views.why(one),
            )
            for one in moved[:shown]
        ]  # fmt: skip
        print(table([_MOVED, *rows]))
        _say_more(len(moved), len(rows))
    if affected:
        print(f"\nNot moved, and with another verdict because others were ({len(affected):,}):")
        others = [
            (
                _moment(one.call.arrived_at, zone), one.call.id, one.queue, _span(one.call.wait),
                f"{one.before.value} → {one.after.value}",
            )
            for one in affected[:shown]
        ]  # fmt: skip
        print(table([_AFFECTED, *others]))
        _say_more(len(affected), len(others))
    _say_limits(result)


_MOVED: Final = (
    "arrived", "call", "from", "to", "waited really", "moved at", "wait there", "verdict", "why",
)  # fmt: skip
_AFFECTED: Final = ("arrived", "call", "queue", "waited really", "verdict")


def _verdicts(result: BacktestResult) -> list[tuple[str, ...]]:
    """What the record says beside what would have been, verdict by verdict."""
    rows: list[tuple[str, ...]] = [("", "recorded", "with the rule", "change")]
    estimated = result.estimated
    for verdict in Verdict:
        before, after = result.recorded[verdict], estimated[verdict]
        if before or after:
            change = f"{after - before:+,}" if after != before else ""
            rows.append((verdict.value, f"{before:,}", f"{after:,}", change))
    rates = [_rate(counted[Verdict.MET], counted[Verdict.BREACHED])
             for counted in (result.recorded, estimated)]  # fmt: skip
    return [*rows, ("met / (met + breached)", *rates, "")]


def _rate(met: int, breached: int) -> str:
    return f"{100 * met / (met + breached):.1f} %" if met + breached else "–"


def _summary(result: BacktestResult) -> str:
    said = (
        f"{_callers(len(result.moved))} would have been moved. Breaches avoided: "
        f"{result.avoided:,}; caused: {result.caused:,}"
    )
    where: dict[str, int] = {}
    for one in result.affected:
        if one.after is Verdict.BREACHED:
            where[one.queue] = where.get(one.queue, 0) + 1
    of_moved = result.caused - sum(where.values())
    parts = [f"{number:,} in {queue}" for queue, number in sorted(where.items())]
    parts += [f"{of_moved:,} of those moved"] if of_moved else []
    said += f" ({', '.join(parts)})." if parts else "."
    if result.unknown:
        said += f" What became of {result.unknown:,} of those moved is unknown."
    return said


def _say_limits(result: BacktestResult) -> None:
    print("\nThis is an estimate. Not considered:")
    for code in result.not_considered:
        print(f"- {views.NOT_CONSIDERED[code]}")
    if result.partly_observed:
        print(
            f"- {_calls(result.partly_observed)} touch a time that was not observed; taken as far "
            "as they are recorded"
        )
    if result.unclear:
        print(f"- {result.unclear:,} visits to queues of which nobody saw the end were left out")


def _say_more(all_of_them: int, shown: int) -> None:
    if shown < all_of_them:
        print(f"… and {all_of_them - shown:,} more: --all shows them.")


def _calls(count: int) -> str:
    return f"{count:,} call{'' if count == 1 else 's'}"


def _callers(count: int) -> str:
    return f"{count:,} caller{'' if count == 1 else 's'}"


def _span(span: Ms | None) -> str:
    return "–" if span is None else f"{span / SECOND:.0f} s"


def _moment(at: Ms, zone: tzinfo, *, only_time: bool = False) -> str:
    local = datetime.fromtimestamp(at / SECOND, UTC).astimezone(zone)
    return local.strftime("%H:%M:%S" if only_time else "%Y-%m-%d %H:%M:%S")
