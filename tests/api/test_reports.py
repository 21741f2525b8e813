"""`GET /reports/compliance` and `minuteur report`."""

import sys
from dataclasses import replace
from pathlib import Path

import httpx
import orjson
import pytest

from api import cli
from api.report_example import EXAMPLE
from api.report_schemas import ReportOut
from monitor.accounts import QueueRef, Role
from monitor.core.clock import HOUR
from monitor.history import open_history
from monitor.history.audit import AuditFilter
from monitor.history.policies import current_policy
from monitor.history.writer import BatchWriter
from monitor.reporting.build import build
from monitor.reporting.model import as_json
from tests.api.conftest import PASSWORD, House, browser
from tests.api.made import START, answered_call
from tests.bench import big_record
from tests.reporting import samples

REPORT = "/api/v1/reports/compliance"
DAY = {"from": "2025-11-21", "to": "2025-11-21"}
Captured = pytest.CaptureFixture[str]


def test_the_schema_is_that_of_a_report_and_of_the_example() -> None:
    full = orjson.loads(as_json(samples.report()))
    bare = orjson.loads(as_json(build(replace(samples.given(), versions=(), previous=None))))
    for told in (full, bare, EXAMPLE):
        ReportOut.model_validate(told)


async def test_a_report_tells_the_figures_of_its_days(
    house: House, viewer: httpx.AsyncClient
) -> None:
    house.store(*(answered_call(f"{n}.1") for n in range(3)))
    house.centre.now = START + HOUR
    answer = await viewer.get(REPORT, params=DAY)
    assert answer.status_code == 200
    told = answer.json()
    assert told["total"]["calls"]["calls"] == 3
    assert told["period"]["first_day"] == told["period"]["last_day"] == "2025-11-21"
    assert told["generated"]["by"] == "test-viewer"
    assert told["queues_only"] is None
    trail = house.services.overflow_control.record.audit.entries(AuditFilter(what="report_made"))
    assert [(e.by, dict(e.after or {})["format"]) for e in trail.entries] == [
        ("test-viewer", "json")
    ]


async def test_where_pdfs_cannot_be_set_that_is_said_and_nothing_else_suffers(
    house: House, viewer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.store(answered_call("1.1"))
    house.centre.now = START + HOUR
    for name in [name for name in sys.modules if name.startswith("monitor.reporting.pdf")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "typst", None)
    answer = await viewer.get(REPORT, params=DAY | {"format": "pdf"})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "pdf_unavailable"
    assert (await viewer.get(REPORT, params=DAY | {"format": "csv"})).status_code == 200


@pytest.mark.parametrize(
    ("format_", "kind", "begins"),
    [
        ("csv", "text/csv; charset=utf-8", b"\xef\xbb\xbfsection;"),
        ("pdf", "application/pdf", b"%PDF"),
    ],
)
async def test_files_are_made_to_be_kept(
    house: House, viewer: httpx.AsyncClient, format_: str, kind: str, begins: bytes
) -> None:
    house.store(answered_call("1.1"))
    asked = DAY | {"format": format_, "lang": "fr"}
    answer = await viewer.get(REPORT, params=asked)
    assert answer.headers["content-type"] == kind
    assert (
        f"minuteur-report_2025-11-21_2025-11-21_fr.{format_}"
        in (answer.headers["content-disposition"])
    )
    assert answer.content.startswith(begins)


async def test_who_sees_some_queues_gets_the_report_of_these(house: House) -> None:
    house.store(answered_call("1.1"), answered_call("2.1"))
    house.services.accounts.add_user(
        "lea", PASSWORD, Role.LEAD, queues=frozenset({QueueRef("", "sales")})
    )
    async with browser(house.services) as client:
        await client.post("/api/v1/session", json={"name": "lea", "password": PASSWORD})
        told = (await client.get(REPORT, params=DAY)).json()
    assert told["queues_only"] == []
    assert told["total"]["calls"]["calls"] == 0


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "from"),
        ({"from": "2025-11-21"}, "to"),
        ({"from": "21/11/2025", "to": "2025-11-21"}, "from"),
        ({"from": "2025-11-21", "to": "2025-11-20"}, "to"),
        ({"from": "2025-11-21T10:00:00", "to": "2025-11-21"}, "from"),
        ({"from": "2031-01-01", "to": "2031-01-31"}, "from"),
        ({"from": "2015-01-01", "to": "2025-01-31"}, "to"),
        (DAY | {"format": "docx"}, "format"),
        (DAY | {"lang": "de"}, "lang"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_name(
    viewer: httpx.AsyncClient, asked: dict[str, str], field: str
) -> None:
    answer = await viewer.get(REPORT, params=asked)
    assert answer.status_code == 422
    assert field in answer.json()["error"]["fields"]


async def test_a_period_ends_now_at_the_latest(house: House, viewer: httpx.AsyncClient) -> None:
    house.centre.now = START
    moments = {"from": "2025-11-21T00:00:00+01:00", "to": "2031-01-01"}
    answer = await viewer.get(REPORT, params=moments)
    assert answer.status_code == 422  # longer than three years
    answer = await viewer.get(REPORT, params=moments | {"to": "2025-12-24"})
    assert answer.json()["period"]["to"] == answer.json()["generated"]["at"]


# --- minuteur report ------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "minuteur.toml").write_text(
        '[history]\ndatabase = "sqlite:///record.db"\n[centre]\ntime_zone = "Europe/Paris"\n'
    )
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["report", *arguments])
    return int(ended.value.code or 0)


def test_the_command_writes_a_report(home: Path, capsys: Captured) -> None:
    with open_history("sqlite:///record.db") as history:
        current_policy(history, samples.policy(), now=samples.SINCE)
        with BatchWriter(history) as writer:
            writer.add(list(big_record.calls(50, days=10)))
    period = ("--from", "2026-04-01", "--to", "2026-04-10")
    assert run(*period, "--format", "json", "--output", "-") == 0
    told = orjson.loads(capsys.readouterr().out)
    assert told["period"]["last_day"] == "2026-04-10"
    assert told["total"]["calls"]["calls"] > 40
    assert run(*period, "--lang", "fr") == 0
    assert "minuteur-report_2026-04-01_2026-04-10_fr.pdf" in capsys.readouterr().out
    assert (home / "minuteur-report_2026-04-01_2026-04-10_fr.pdf").read_bytes()[:4] == b"%PDF"


def test_the_command_begins_no_database(home: Path, capsys: Captured) -> None:
    assert run("--from", "2026-04-01", "--to", "2026-04-10") == 1
    assert "There is no database" in capsys.readouterr().err
    assert not (home / "record.db").exists()
