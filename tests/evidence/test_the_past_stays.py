"""What was judged, sealed and reported stays as it was, whatever is set afterwards.

All of it by the ways that people go: calls from the engine, settings by their routes, the report
and the pack as they are downloaded.
"""

import io
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, Table, select

from monitor.accounts import Role
from monitor.core import events as ev
from monitor.core.clock import DAY, HOUR, SECOND, Ms
from monitor.core.effects import CallChanged
from monitor.core.records import Call
from monitor.evidence.chain import end_of
from monitor.evidence.checking import Checker
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.evidence.sealing import GRACE, Sealer, Waiting
from monitor.evidence.verifying import verify
from monitor.history.evidence_tables import seal, seal_part
from monitor.history.rollup_tables import (
    rollup_call,
    rollup_visit,
    rollup_voice,
    rollup_waits,
)
from monitor.history.rollups import Rollups
from monitor.history.tables import blind_interval, call, fact, stay, visit
from tests.api.conftest import House, client, empty_record, house
from tests.api.made import START
from tests.evidence.packs import members

__all__ = ["client", "empty_record", "house"]

SETTINGS = "/api/v1/settings"
EVIDENCE = "/api/v1/evidence"
REPORT = "/api/v1/reports/compliance"
DAYS = {"from": "2025-11-21", "to": "2025-11-22"}
MOMENTS = {"from": "2025-11-21T00:00:00Z", "to": "2025-11-23T00:00:00Z", "pdf": "false"}
LAST = date(2025, 11, 22)
ROLLED = (rollup_call, rollup_visit, rollup_voice, rollup_waits)
WEEK = [{"days": ["mon-sun"], "from": "00:00", "to": "24:00"}]


@dataclass
class Callers:
    """Callers of a house, whose calls are stored as they end."""

    house: House
    closed: list[Call] = field(default_factory=list)
    number: int = 0

    def _note(self, effects: list[Any]) -> None:
        found = [e.call for e in effects if isinstance(e, CallChanged) and e.closed]
        self.closed += found
        self.house.store(*found)

    def answered(self, wait: float) -> Call:
        """Somebody who waits so many seconds for Alice."""
        id_ = self._arrive()
        self.house.centre.join(id_)
        self._note(self.house.centre.pass_time(wait))
        agent = {"queue": "support", "interface": "PJSIP/alice", "member": "Alice"}
        tell = self.house.centre.tell
        tell(ev.DialEnded, uniqueid=id_, dest_uniqueid=f"{id_}a", dest_channel="PJSIP/alice-1",
             status="ANSWER")  # fmt: skip
        tell(ev.QueueLeft, uniqueid=id_, queue="support")
        tell(ev.AgentConnected, uniqueid=id_, **agent)
        self._note(self.house.centre.pass_time(95))
        return self._hang_up(id_)

    def in_the_menu(self, seconds: float) -> Call:
        """Somebody who listens to the voice server, presses nothing, and hangs up."""
        id_ = self._arrive()
        where = {"context": "ivr", "exten": "s", "application": "Background"}
        self.house.centre.tell(ev.DialplanStep, uniqueid=id_, **where)
        self._note(self.house.centre.pass_time(seconds))
        return self._hang_up(id_)

    def a_day(self) -> list[Call]:
        """What is judged by the threshold, by the voice server's rule, and neither."""
        return [self.answered(5), self.answered(30), self.answered(75), self.in_the_menu(20)]

    def _arrive(self) -> str:
        self.number += 1
        self._note(self.house.centre.arrive(f"1763.{self.number}", f"019900{self.number:04d}"))
        return f"1763.{self.number}"

    def _hang_up(self, id_: str) -> Call:
        self._note(self.house.centre.hang_up(id_))
        return self.closed[-1]


def wait_until(house: House, moment: Ms) -> None:
    """Let the clock go on."""
    house.centre.pass_time((moment - house.centre.now) / SECOND)


def seal_all(house: House) -> None:
    sealer = Sealer(house.database, house.centre.clock, lambda _seconds: None)
    while not isinstance(sealer.seal_next(), Waiting):
        pass


async def put(admin: httpx.AsyncClient, place: str, **values: Any) -> None:  # noqa: ANN401
    """Change an item by its route."""
    item = (await admin.get(f"{SETTINGS}/{place}")).json()
    answer = await admin.put(
        f"{SETTINGS}/{place}",
        json=item["body"] | values,
        headers={"If-Match": f'"{item["version"]}"'},
    )
    assert answer.status_code == 200, answer.text


def rows(connection: Connection, *tables: Table, before: int | None = None) -> list[Any]:
    """All that tables hold; of rollups what lies before an hour."""
    found: list[Any] = []
    for table in tables:
        query = select(table).order_by(*table.primary_key)
        if before is not None:
            query = query.where(table.c.hour < before)
        found += [(table.name, *row) for row in connection.execute(query)]
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """All that was said of the past."""

    calls: list[Any]
    seals: list[Any]
    rollups: list[Any]
    report: dict[str, Any]
    table: list[bytes]
    pack: dict[str, bytes]


async def past(house: House, admin: httpx.AsyncClient, ids: set[str], until: Ms) -> Past:
    """What is stored, reported and packed of the days before ``until``."""
    Rollups(house.database).rebuild()
    with house.database.reading() as connection:
        calls = [
            row
            for row in rows(connection, call, visit, stay, fact, blind_interval)
            if row[0] == blind_interval.name or ids & {str(value) for value in row}
        ]
        seals = [row for row in rows(connection, seal) if row[2] <= LAST.isoformat()]
        seals += [row for row in rows(connection, seal_part) if row[1] <= LAST.isoformat()]
        rolled = rows(connection, *ROLLED, before=until // HOUR)
    answer = await admin.get(REPORT, params=DAYS)
    table = await admin.get(REPORT, params={**DAYS, "format": "csv", "lang": "fr"})
    pack = await admin.get(f"{EVIDENCE}/pack", params=MOMENTS)
    assert [answer.status_code, table.status_code, pack.status_code] == [200, 200, 200]
    assert verify(io.BytesIO(pack.content)).findings == []
    report = answer.json()
    assert report.pop("generated")["by"] == "test-admin"
    return Past(calls, seals, rolled, report, table.content.splitlines(), members(pack.content))


CHANGES: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "a threshold": (("commitment", {"within": 10, "at_risk_after": 5}),),
    "a threshold of the queue": (("queues/support", {"within": 10, "at_risk_after": 5}),),
    "a calendar": (("calendars/office", {"closed": ["2025-11-24/2025-12-24"]}),),
    "a voice server's rule": (("voice-servers/welcome", {"counts_when": "first_input"}),),
    "all of it": (
        ("commitment", {"within": 20, "short_abandon": 1, "target": 0.5}),
        ("calendars/office", {"open": [{"date": "2025-11-24", "from": "10:00", "to": "11:00"}]}),
        ("voice-servers/welcome", {"contexts": ["elsewhere"]}),
        ("queues/support", {"label": "Assistance", "target": 0.75}),
        ("centre", {"test_numbers": ["0199*"]}),
    ),
}
LATER = {
    # The verdicts of a day of calls before, and of the same day after each change.
    "": ["met", "met", "breached", "met"],
    "a threshold": ["met", "breached", "breached", "met"],
    "a threshold of the queue": ["met", "breached", "breached", "met"],
    "a calendar": ["excluded"] * 4,
    "a voice server's rule": ["met", "met", "breached", "abandoned"],
    "all of it": ["excluded"] * 4,
}


@pytest.mark.parametrize("change", CHANGES)
async def test_nothing_that_is_set_later_changes_a_call_a_seal_or_a_report_of_before(
    house: House, client: httpx.AsyncClient, change: str
) -> None:
    admin = client
    admin.headers.update(house.token(Role.ADMIN))
    house.database.pseudonyms = Pseudonyms(bytes(range(32)))
    office = {"name": "office", "hours": WEEK}
    assert (await admin.post(f"{SETTINGS}/calendars", json=office)).status_code == 201
    await put(admin, "centre", calendar="office")
    house.centre.connect()

    callers = Callers(house)
    before = callers.a_day()
    wait_until(house, START + DAY)
    before += callers.a_day()
    assert [one.verdict.value for one in before] == LATER[""] * 2
    ids = {one.id for one in before}
    until = end_of(LAST)
    wait_until(house, until + GRACE + HOUR)
    seal_all(house)
    was = await past(house, admin, ids, until)
    assert was.report["total"]["calls"]["met"] == 6
    assert {row[0] for row in was.rollups} == {table.name for table in ROLLED}

    for place, values in CHANGES[change]:
        await put(admin, place, **values)
    assert await past(house, admin, ids, until) == was

    # What comes after is judged by what was set, and the past still stays.
    wait_until(house, START + 3 * DAY)
    after = callers.a_day()
    assert [one.verdict.value for one in after] == LATER[change]
    assert min(one.policy_version for one in after) > max(one.policy_version for one in before)
    wait_until(house, START + 7 * DAY)
    seal_all(house)
    now = await past(house, admin, ids, until)
    assert (now.calls, now.seals, now.rollups) == (was.calls, was.seals, was.rollups)
    assert _figures(now) == _figures(was)
    assert _but_for_the_chain(now.report) == _but_for_the_chain(was.report)
    assert [line for line in now.table if not line.startswith(b"seals")] == [
        line for line in was.table if not line.startswith(b"seals")
    ]
    checked = Checker(house.database, house.database.pseudonyms).check()
    assert checked.findings == []
    assert checked.calls == len(before) + len(after)


def _but_for_the_chain(report: dict[str, Any]) -> dict[str, Any]:
    """A report without the chain's head, which each day moves on."""
    return {name: value for name, value in report.items() if name != "sealed"}


def _figures(past: Past) -> dict[str, Any]:
    """What a pack says, but for where the chain stands now."""
    moving = {"seals.jsonl", "manifest.json", "SHA256SUMS", "report.json"}
    still: dict[str, Any] = {n: data for n, data in past.pack.items() if n not in moving}
    return still | {"report": _but_for_the_chain(json.loads(past.pack["report.json"]))}
