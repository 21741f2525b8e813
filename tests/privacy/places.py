"""A record that holds known numbers and names in every place that there is."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import orjson
from sqlalchemy import inspect, text

from monitor.core.alerts import Alert, AlertKind
from monitor.core.clock import DAY, HOUR, MINUTE, Ms
from monitor.core.contacts import Channel, Person
from monitor.core.overflow.decisions import (
    Asker,
    Because,
    Command,
    Decision,
    Outcome,
    Reason,
    RedirectChannel,
    Verb,
)
from monitor.core.overflow.rules import Destination
from monitor.core.policy import Policy
from monitor.core.promises import Promise
from monitor.core.records import Call, Fact, FactKind
from monitor.history import History
from monitor.history.alerts import AlertRecord
from monitor.history.audit import Via, Who
from monitor.history.contact_rows import NewContact
from monitor.history.contacts import ContactChange, ContactRecord
from monitor.history.dead_letters import DeadLetters
from monitor.history.lost_callers import LostCallerRecord, Status
from monitor.history.messages import OutboxMessage, StoredMessage
from monitor.history.outbox import send
from monitor.history.overflow_rows import command_row, decision_row
from monitor.history.rows import Rows
from monitor.history.store import Store
from tests.evidence.samples import BEGIN, abandoned, answered, fill, store

ZOE = Who("zoé", Via.SESSION)
NUMBERS = ("+33199111222", "0199333444", "+33199555666", "0033199777888")
"""Who called on the days of the record; the last one's calls are kept."""
NAMES = ("Amélie Rochefontaine", "Théodule Grandpierre")
DIGITS = "8675309"
AGENT, PHONE = "Gwendoline Kerbrat", "Local/0655443322@agents"
LATER: Ms = BEGIN + 500 * DAY


def spellings(number: str) -> Iterator[bytes]:
    """A number as it may be written: as it is, without its prefix, in URLs, in two bytes each."""
    plain = number.removeprefix("+")
    bare = plain.removeprefix("0033").removeprefix("33").removeprefix("0")
    for spelt in {number, plain, bare, quote(number), f"0{bare}"}:
        yield spelt.encode()
        yield spelt.encode("utf-16-le")


def found_in(folder: Path, words: Iterator[bytes] | list[bytes]) -> list[str]:
    """Which words stand in which files below a folder, byte by byte."""
    wanted = list(words)
    return [
        f"{word!r} in {file.relative_to(folder)}"
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        for data in [file.read_bytes()]
        for word in wanted
        if word in data
    ]


def rows_with(history: History, words: tuple[bytes, ...]) -> list[str]:
    """In which columns of which tables words stand."""
    wanted = [word.decode("utf-8", "ignore") for word in words if b"\0" not in word]
    found = []
    with history.reading() as connection:
        for table in inspect(history.engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings():
                found += [
                    f"{word} in {table}.{name}"
                    for name, value in row.items()
                    for word in wanted
                    if isinstance(value, str) and word in value
                ]
    return found


SECRETS = (*(word for number in NUMBERS for word in spellings(number)),
           *(word.encode() for word in (*NAMES, DIGITS, AGENT, PHONE, "0655443322")),
           b"01 99 11 12 22", b"01.99.11.12.22", b"theodule@example.org")  # fmt: skip
"""All that may not be left."""


def call_of(number: str, at: Ms, name: str = NAMES[0]) -> Call:
    """A caller who entered digits, was transferred, and talked to somebody."""
    call = answered(at, number)
    call.caller_name, call.channel = name, f"PJSIP/{number}-0000001a"
    call.agent = call.visits[0].agent = AGENT
    call.visits[0].interface = PHONE
    call.stays[0].inputs = DIGITS
    for fact in call.facts:
        if fact.kind is FactKind.VOICE_SERVER_INPUT:
            fact.detail["value"] = DIGITS
        if fact.kind is FactKind.AGENT_CONNECTED:
            fact.detail["agent"] = AGENT
    moved = Fact(at + 30_000, FactKind.TRANSFERRED, {"how": "blind", "target": f"9{number}"})
    call.facts.insert(-1, moved)
    return call


def fill_everywhere(history: History) -> None:
    """Three days of calls from each number, and all that may tell of them."""
    fill(history, days=3)
    for day in range(3):
        begin = BEGIN + day * DAY + 12 * HOUR
        store(history, *(call_of(n, begin + k * HOUR) for k, n in enumerate(NUMBERS)))
    lost = abandoned(BEGIN + 15 * HOUR, NUMBERS[0], wait=60_000)
    lost.caller_name, lost.channel = NAMES[1], f"SIP/{NUMBERS[0]}-1"
    store(history, lost)
    note = f"{NAMES[1]} wants {NUMBERS[0]} or 01 99 11 12 22"
    LostCallerRecord(history).change(
        lost.id, ZOE, BEGIN + 16 * HOUR, expected=0, status=Status.REACHED, note=note
    )
    _overflow(history, lost)
    _messages(history, lost)
    _contacts(history, lost)
    alert = Alert(
        "caller_breached:1", AlertKind.CALLER_BREACHED, "lab", "sales", lost.id, BEGIN + HOUR,
        {"caller": NUMBERS[0], "waited_ms": 60_000}, BEGIN + 2 * HOUR, "zoé", BEGIN + HOUR,
    )  # fmt: skip
    AlertRecord(history).acknowledged([alert], ZOE)


def _overflow(history: History, of: Call) -> None:
    reasons = (Reason(Because.CONDITION, {"metric": "caller", "value": of.caller}),)
    to = Destination(context="overflow", exten="7100", priority=1)
    decided = Decision(
        "d-1", "lab", of.arrived_at + MINUTE, Asker.MONITOR, Verb.MOVE, reasons, "sales", of.id,
        of.caller, "rule", 1, to,
    )  # fmt: skip
    order = RedirectChannel(of.channel, "overflow", "7100", 1)
    ordered = Command("c-1", "d-1", "lab", order, of.arrived_at + MINUTE, "sales", of.id, "rule")
    ordered.answered_at = ordered.observed_at = of.arrived_at + MINUTE + 100
    ordered.accepted, ordered.answer = True, f"Redirected {of.channel}"
    ordered.outcome = Outcome.MOVED
    rows = Rows()
    rows.decisions.append(decision_row(decided))
    rows.commands.append(command_row(ordered))
    assert Store(history).write(rows) == []


def _messages(history: History, of: Call) -> None:
    call = {"id": of.id, "caller": of.caller, "caller_name": of.caller_name,
            "voice_server_stays": [{"name": "welcome", "inputs": DIGITS}]}  # fmt: skip
    payload = orjson.dumps({"v": 1, "event": "ended", "call": call}).decode()
    message = OutboxMessage(f"{of.id}:ended", "lab/calls/ended", of.id, of.arrived_at, payload)
    with history.writing() as connection:
        send(connection, message, of.arrived_at)
    letter = StoredMessage(message.id, message.topic, of.id, message.at, payload, seq=1)
    DeadLetters(history).add(
        "webhook:crm", letter, tries=5, error=f"HTTP 404 for {of.caller}", at=of.arrived_at
    )


def _contacts(history: History, of: Call) -> None:
    person = Person(of.caller, NAMES[1], "theodule@example.org", f"call {of.caller}",
                    "or 01.99.11.12.22")  # fmt: skip
    new = NewContact(
        "crm", f"ticket {of.caller}", Channel.CALLBACK, Promise.within(4 * HOUR),
        of.arrived_at, "lab", "sales", call_id=of.id, person=person,
    )  # fmt: skip
    record = ContactRecord(history)
    record.advance(of.arrived_at + MINUTE)
    (done,) = record.register([new], ZOE, of.arrived_at + MINUTE, Policy())
    assert done.contact is not None
    at = of.arrived_at + HOUR
    wanted = ContactChange({"answered_at": at, "answered_by": AGENT}, {})
    assert record.change(done.contact.id, wanted, ZOE, at, Policy(), expected=None)
