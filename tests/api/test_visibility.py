"""Who may ask for what, route by route; who is told of no other queue, and of no number."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

import httpx
import orjson
import pytest

from api import live_scoped
from api.app import bare_app
from api.live_client import Client
from api.visibility import Scope
from monitor.accounts import QueueRef, Role
from monitor.core.clock import SECOND
from monitor.core.contacts import Channel, Person
from monitor.core.effects import CommandIssued, DecisionMade, Effect
from monitor.core.indicators import CommitmentTally
from monitor.core.overflow.decisions import Because, RedirectChannel
from monitor.core.overflow.decisions import Reason as Part
from monitor.core.promises import Promise
from monitor.core.records import Call, Exit, Fact, FactKind, Reason, Verdict, Visit, VoiceServerStay
from monitor.history import BatchWriter
from monitor.history.audit import Via, Who
from monitor.history.contact_rows import NewContact, contact_id
from monitor.history.messages import StoredMessage
from monitor.history.outbox import Outbox
from tests.api.conftest import House, browser
from tests.api.made import PBX, START
from tests.api.rights import ADMIN, LEAD, RIGHTS, VIEWER, Only, Partly, Rights
from tests.api.test_overflow_policies import WITHDRAW
from tests.history.overflow_samples import full_command, full_decision

OURS, THEIRS = "support", "secret"
OUR_NUMBER, THEIR_NUMBER = "0612345678", "0698765432"
SUPPORT = frozenset({QueueRef("", OURS)})
API = "/api/v1"
_NUMBERS = itertools.count()

Route = tuple[str, str]


def routes() -> list[Route]:
    """All routes of the document."""
    paths = bare_app().openapi()["paths"]
    return [(verb.upper(), path) for path, item in paths.items() for verb in item]


def test_every_route_says_who_may_use_it() -> None:
    assert set(routes()) == set(RIGHTS)


# --- a house with two queues ----------------------------------------------------------------------


def stored_call(uniqueid: str, queue: str, number: str) -> Call:
    """A caller who entered their number, was offered to nobody, and gave up."""
    at = START - 600 * SECOND
    return Call(
        pbx=PBX,
        uniqueid=uniqueid,
        arrived_at=at,
        linkedid=uniqueid,
        caller=number,
        caller_name=f"+33 {number}",
        clock_started_at=at,
        ended_at=at + 40_000,
        verdict=Verdict.ABANDONED,
        verdict_at=at + 40_000,
        reason=Reason.CALLER_HUNG_UP,
        closed=True,
        visits=[
            Visit(queue, at + 2_000, 60_000, left_at=at + 40_000, exit=Exit.ABANDONED, position=1)
        ],
        stays=[VoiceServerStay("welcome", at + 100, at + 1_900, number)],
        facts=[
            Fact(at, FactKind.ARRIVED, {"exten": "0199000100"}),
            *(Fact(at + 200, FactKind.VOICE_SERVER_INPUT, {"value": digit}) for digit in number),
            Fact(at + 3_000, FactKind.TRANSFERRED, {"how": "blind", "target": number}),
        ],
    )


def overflow_of(name: str, queue: str, number: str) -> list[Effect]:
    """A decision about a caller, and the command that carried it out."""
    why = Part(Because.CONDITION, {"metric": "caller", "value": number})
    made = full_decision(f"decision-{name}")
    redirect = RedirectChannel(f"Local/{number}@in-1", "mobile", number, 1)
    command = full_command(f"command-{name}", redirect)
    return [
        DecisionMade(
            replace(made, queue=queue, caller=number, call_id=f"lab:{name}", reasons=(why,))
        ),
        CommandIssued(replace(command, queue=queue, decision_id=made.id, call_id=f"lab:{name}")),
    ]


def asked_for(name: str, queue: str, number: str) -> NewContact:
    """A callback, of the last hour and answered."""
    return NewContact(
        "crm", f"T-{name}", Channel.CALLBACK, Promise.within(60_000), START - 3_000_000, PBX, queue,
        call_id=f"lab:{name}", answered_at=START - 2_000_000,
        person=Person(number, f"+33 {number}", f"{number}@example.org", f"of {number}", number),
    )  # fmt: skip


@pytest.fixture
async def centre(house: House) -> House:
    """Calls, alerts, rules, decisions and messages of two queues."""
    hub, control = house.services.hub, house.services.overflow_control
    hub(house.centre.connect())
    for name, queue, number in (("1.1", OURS, OUR_NUMBER), ("2.2", THEIRS, THEIR_NUMBER)):
        house.store(stored_call(f"9{name}", queue, number))
        hub(house.centre.arrive(name, number))
        hub(house.centre.join(name, queue))
        effects = overflow_of(name, queue, number)
        with BatchWriter(house.database) as writer:
            writer.on_effects(effects)
        hub(effects)
        body = {**WITHDRAW, "id": f"rule-{queue}", "queues": [queue]}
        to = {**WITHDRAW["do"]["withdraw"], "queue": ""}
        body["do"] = {"withdraw": to}
        await control.save(body, Who("zoé", Via.CLI), expected=None)
        contact = asked_for(name, queue, number)
        await house.services.contacts.register([contact], Who("crm", Via.CLI))
        payload = orjson.dumps({"event": "verdict", "caller": number, "queue": queue}).decode()
        message = StoredMessage(f"m{name}", "lab/calls/verdict", f"lab:{name}", START, payload)
        Outbox(house.database).dead_letters.add(
            "webhook:crm", message, tries=1, error="it answers 410", at=START
        )
    hub(house.centre.pass_time(61))
    await hub.tick()
    hub(house.centre.pass_time(4))
    await hub.tick()
    hub.flush()
    return house


def headers(
    house: House, role: Role, queues: frozenset[QueueRef] | None = None, *, numbers: bool = True
) -> dict[str, str]:
    """A new token's header."""
    name = f"token-{next(_NUMBERS)}"
    accounts = house.services.accounts
    token = accounts.create_token(name, role, queues=queues, sees_numbers=numbers)
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def asker(centre: House) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(centre.services) as client:
        yield client


def filled(path: str, queue: str, call: str) -> str:
    """A path with ids of what there is."""
    ids = {
        "call_id": f"lab:{call}",
        "rule_id": f"rule-{queue}",
        "decision_id": f"decision-{call}",
        "alert_id": f"caller_breached:lab:{call}",
        "letter_id": "1",
        "contact_id": contact_id("crm", f"T-{call}"),
        "version": "1",
    }
    return re.sub(r"\{(\w+)\}", lambda match: ids.get(match[1], "nobody"), path)


AS_TABLES = (
    ("/lost-callers", {"format": "csv", "show": "all"}),
    ("/lost-callers", {"show": "all"}),
    ("/contacts", {"format": "csv"}),
    ("/indicators/series", {"format": "csv"}),
    ("/calls/export", {"separator": "semicolon", "bom": "true"}),
)
"""What routes answer in another form than without parameters."""


_NEEDED: Final = {
    "/decision": {"pbx": PBX, "queue": OURS},
    "/reports/compliance": {"from": "2025-11-01", "to": "2025-11-30"},
}
"""Parameters without which a route answers nothing."""


async def asked(client: httpx.AsyncClient, route: Route, who: dict[str, str]) -> httpx.Response:
    """Ask for a route, about our queue where it is about one."""
    verb, path = route
    body = None if verb in ("GET", "DELETE") else RIGHTS[route].body or {}
    query = next((needed for end, needed in _NEEDED.items() if path.endswith(end)), {})
    place = filled(path, OURS, "1.1")
    return await client.request(verb, place, headers=who, params=query, json=body)


# --- roles ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_what_the_table_says(
    centre: House, asker: httpx.AsyncClient, role: Role
) -> None:
    who = headers(centre, role)
    for route, rights in RIGHTS.items():
        if rights.needs is Only.EVERYBODY:
            continue
        status = (await asked(asker, route, who)).status_code
        may = rights.needs is not Only.PEOPLE and role.allows(Role(rights.needs))
        if may:
            assert status not in {401, 403}, (route, status)
        else:
            assert status == 403, (route, status)


async def test_nobody_gets_in_without_a_token(centre: House, asker: httpx.AsyncClient) -> None:
    for route, rights in RIGHTS.items():
        if rights.needs is not Only.EVERYBODY:
            assert (await asked(asker, route, {})).status_code == 401, route


async def test_what_is_about_all_queues_is_refused_to_who_sees_some(
    centre: House, asker: httpx.AsyncClient
) -> None:
    who = headers(centre, LEAD, SUPPORT)
    for route, rights in RIGHTS.items():
        if rights.needs in {VIEWER, LEAD} and rights.partly is not Partly.THE_SAME:
            status = (await asked(asker, route, who)).status_code
            assert (status == 403) == (rights.partly is Partly.NOTHING), (route, status)


# --- other queues ---------------------------------------------------------------------------------


def leaks(text: str) -> list[str]:
    """What of the other queue a text tells."""
    marks = (THEIRS, THEIR_NUMBER, "lab:2.2", "92.2", "decision-2.2", THEIR_NUMBER[-4:])
    return [mark for mark in marks if mark in text]


def readable(rights: Rights) -> bool:
    return rights.needs in {VIEWER, LEAD} and rights.partly is not Partly.NOTHING


async def test_nothing_that_can_be_read_tells_of_another_queue(
    centre: House, asker: httpx.AsyncClient
) -> None:
    all_, some = headers(centre, LEAD), headers(centre, LEAD, SUPPORT)
    told = 0
    for route, rights in RIGHTS.items():
        if route[0] == "GET" and readable(rights):
            told += bool(leaks((await asked(asker, route, all_)).text))
            shown = await asked(asker, route, some)
            assert leaks(shown.text) == [], route
            assert shown.status_code == 200, route
    for path, query in AS_TABLES:
        shown = await asker.get(API + path, headers=some, params=query)
        assert leaks(shown.text) == [], path
        assert shown.status_code == 200, path
    assert told > 8  # who sees all is told of both


async def test_what_is_of_another_queue_does_not_exist(
    centre: House, asker: httpx.AsyncClient
) -> None:
    who = headers(centre, LEAD, SUPPORT)
    for path in (
        "/calls/{call_id}", "/overflow/rules/{rule_id}", "/overflow/rules/{rule_id}/versions",
        "/overflow/decisions/{decision_id}", "/contacts/{contact_id}",
    ):  # fmt: skip
        for call in ("2.2", "92.2"):
            answer = await asker.get(API + filled(path, THEIRS, call), headers=who)
            assert answer.status_code == 404, path
        assert (await asker.get(API + filled(path, OURS, "1.1"), headers=who)).status_code == 200
    for path, body in (
        ("/alerts/{alert_id}/acknowledge", None), ("/overflow/rules/{rule_id}/force", {"on": True}),
    ):  # fmt: skip
        theirs = await asker.post(API + filled(path, THEIRS, "2.2"), headers=who, json=body)
        assert theirs.status_code == 404, path
        ours = await asker.post(API + filled(path, OURS, "1.1"), headers=who, json=body)
        assert ours.status_code == 200, path
    several = {"ids": ["caller_breached:lab:1.1", "caller_breached:lab:2.2"]}
    done = await asker.post(f"{API}/alerts/acknowledge", headers=who, json=several)
    assert [alert["call_id"] for alert in done.json()["items"]] == ["lab:1.1"]
    assert centre.services.hub.boards.alerts.find(several["ids"][1]).acknowledged_at is None  # type: ignore[union-attr]


@pytest.mark.parametrize("filters", [{"queue": THEIRS}, {"pbx": PBX, "queue": THEIRS}])
async def test_a_filter_opens_no_other_queue(
    centre: House, asker: httpx.AsyncClient, filters: dict[str, str]
) -> None:
    who = headers(centre, LEAD, SUPPORT)
    for path in ("/calls", "/overflow/decisions", "/overflow/commands", "/lost-callers"):
        found = await asker.get(API + path, headers=who, params=filters)
        assert found.json()["items"] == [], path
    figures = (await asker.get(f"{API}/indicators", headers=who, params=filters)).json()
    assert figures["total"]["commitment"]["calls"] == 0
    answer = await asker.get(
        f"{API}/overflow/decision", headers=who, params={"pbx": PBX, "queue": THEIRS}
    )
    assert answer.json()["reasons"][0]["code"] == "unknown_queue"


async def test_a_rule_that_touches_other_queues_too_cannot_be_forced(
    centre: House, asker: httpx.AsyncClient
) -> None:
    who, control = headers(centre, LEAD, SUPPORT), centre.services.overflow_control
    for id_, queues in (("both", [OURS, THEIRS]), ("any", ["*"]), ("alike", ["supp*"])):
        body = {**WITHDRAW, "id": id_, "queues": queues}
        body["do"] = {"withdraw": {**WITHDRAW["do"]["withdraw"], "queue": ""}}
        await control.save(body, Who("zoé", Via.CLI), expected=None)
        answer = await asker.post(
            f"{API}/overflow/rules/{id_}/force", headers=who, json={"on": True}
        )
        assert answer.status_code == 403, id_
    into = {**WITHDRAW, "id": "into", "queues": [OURS]}
    into["do"] = {"withdraw": {**WITHDRAW["do"]["withdraw"], "queue": THEIRS}}
    await control.save(into, Who("zoé", Via.CLI), expected=None)
    answer = await asker.post(f"{API}/overflow/rules/into/force", headers=who, json={"on": True})
    assert answer.status_code == 403


async def test_pages_are_full_whatever_lies_between(
    centre: House, asker: httpx.AsyncClient
) -> None:
    for number in range(40):
        queue = OURS if number % 4 == 0 else THEIRS
        centre.store(stored_call(f"{number}.7", queue, OUR_NUMBER))
    who, cursor, pages = headers(centre, VIEWER, SUPPORT), None, []
    while True:
        query: dict[str, Any] = {"limit": 5, **({} if cursor is None else {"cursor": cursor})}
        page = (await asker.get(f"{API}/calls", headers=who, params=query)).json()
        pages.append(len(page["items"]))
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == [5, 5, 2]


# --- numbers --------------------------------------------------------------------------------------


def tells_a_number(text: str) -> bool:
    return OUR_NUMBER in text or THEIR_NUMBER in text


async def test_no_answer_tells_a_number_to_who_may_not_see_it(
    centre: House, asker: httpx.AsyncClient
) -> None:
    shown, hidden = headers(centre, LEAD), headers(centre, LEAD, numbers=False)
    told = 0
    for route, rights in RIGHTS.items():
        if route[0] == "GET" and rights.needs in {VIEWER, LEAD}:
            told += tells_a_number((await asked(asker, route, shown)).text)
            answer = await asked(asker, route, hidden)
            assert answer.status_code == 200, route
            assert not tells_a_number(answer.text), route
    for path, query in AS_TABLES:
        answer = await asker.get(API + path, headers=hidden, params=query)
        assert not tells_a_number(answer.text), path
    assert told > 6


async def test_who_does_not_see_numbers_still_tells_callers_apart(
    centre: House, asker: httpx.AsyncClient
) -> None:
    hidden = headers(centre, VIEWER, numbers=False)
    call = (await asker.get(f"{API}/calls/lab:91.1", headers=hidden)).json()
    assert call["caller"] == "06••••••78"
    assert call["caller_name"] == "+33 ••••••••78"
    assert call["voice_server_stays"][0]["inputs"] == "06••••••78"
    pressed = [f for f in call["timeline"] if f["kind"] == "voice_server_input"]
    assert {fact["detail"]["value"] for fact in pressed} == {"•"}
    assert call["id"] == "lab:91.1"


async def test_numbers_cannot_be_found_by_trying(centre: House, asker: httpx.AsyncClient) -> None:
    hidden = headers(centre, VIEWER, numbers=False)
    shown = headers(centre, VIEWER)
    for path in ("/calls", "/calls/count", "/calls/export"):
        refused = await asker.get(API + path, headers=hidden, params={"caller": OUR_NUMBER})
        assert refused.status_code == 403, path
        for part in (OUR_NUMBER, OUR_NUMBER[2:], OUR_NUMBER[3:8]):
            query = {"search": part}
            found = await asker.get(API + path, headers=hidden, params=query)
            assert "lab:" not in found.text, (path, part)
            assert '"count":1' not in found.text.replace(" ", ""), (path, part)
    found = await asker.get(f"{API}/calls", headers=shown, params={"search": OUR_NUMBER})
    assert "lab:91.1" in found.text


# --- the stream -----------------------------------------------------------------------------------


async def messages(house: House, scope: Scope) -> str:
    """All that a client of the stream gets while both queues' callers come, change and go."""
    hub, centre = house.services.hub, house.centre
    await hub.prepare(scope)
    client = hub.join(scope)
    texts = [await next_of(client)]
    for name, queue, number in (("5.1", OURS, OUR_NUMBER), ("5.2", THEIRS, THEIR_NUMBER)):
        for happens in (
            partial(centre.arrive, name, number),
            partial(centre.join, name, queue),
            partial(centre.pass_time, 61),
            partial(overflow_of, name, queue, number),
            partial(centre.hang_up, name),
        ):
            hub(happens())
            hub.flush()
            texts.append(await next_of(client))
    centre.pass_time(63)
    await hub.tick()
    await hub.count_scopes()
    hub.flush()
    texts.append(await next_of(client))
    hub.leave(client)
    seqs = [orjson.loads(text)["seq"] for text in texts]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    return "\n".join(texts)


async def next_of(client: Client) -> str:
    async with asyncio.timeout(60):
        return await client.next()


def test_of_every_kind_of_change_it_is_decided_who_sees_it() -> None:
    kinds = bare_app().openapi()["components"]["schemas"]["Change"]["discriminator"]["mapping"]
    assert set(kinds) == set(live_scoped._PARTS)


async def test_the_stream_tells_of_no_other_queue(centre: House) -> None:
    assert leaks(await messages(centre, Scope()))
    shown = await messages(centre, Scope(SUPPORT))
    assert leaks(shown) == []
    assert '"5.2"' not in shown
    for mark in (OUR_NUMBER, '"lab:5.1"', "decision-5.1", '"kind":"trend"', '"kind":"alert"'):
        assert mark in shown
    assert '"kind":"call_gone","id":"lab:5.1"' in shown


async def test_the_stream_tells_no_number_to_who_may_not_see_it(centre: House) -> None:
    assert tells_a_number(await messages(centre, Scope()))
    shown = await messages(centre, Scope(sees_numbers=False))
    assert not tells_a_number(shown)
    assert "06••••••32" in shown


async def test_the_headline_of_some_queues_is_counted_from_them_alone(
    centre: House, asker: httpx.AsyncClient
) -> None:
    for number in range(3):
        centre.store(stored_call(f"{number}.8", THEIRS, THEIR_NUMBER))
    whole = (await asker.get(f"{API}/live", headers=headers(centre, VIEWER))).json()
    some = (await asker.get(f"{API}/live", headers=headers(centre, VIEWER, SUPPORT))).json()
    assert whole["scope"] == {
        "queues": None, "sees_numbers": True, "today_from": "engine", "today_as_of": None,
    }  # fmt: skip
    assert some["scope"]["queues"] == [{"pbx": "", "queue": OURS}]
    assert (some["scope"]["today_from"], some["scope"]["today_as_of"] is None) == ("record", False)
    assert some["today"]["abandoned"] == 1
    same = await asker.get(f"{API}/indicators", headers=headers(centre, VIEWER, SUPPORT))
    assert some["today"] == same.json()["total"]["commitment"]


def test_the_more_there_is_to_count_the_longer_it_pauses() -> None:
    assert live_scoped.pause_after(0.0) == live_scoped.AGAIN_S
    assert live_scoped.pause_after(0.8) == pytest.approx(8.0)
    assert live_scoped.pause_after(60.0) == live_scoped.LONGEST_REST_S


async def test_a_page_waits_for_no_count_while_there_are_figures(centre: House) -> None:
    hub, counted = centre.services.hub, 0

    def count(_: object) -> CommitmentTally:
        nonlocal counted
        counted += 1
        return CommitmentTally()

    hub.count_with(count)
    scope = Scope(SUPPORT)
    for passes, counts in ((0, 1), (10, 1), (31, 2)):
        centre.centre.now += passes * SECOND
        await hub.prepare(scope)
        assert counted == counts


def test_admins_see_everything() -> None:
    assert {rights.partly for rights in RIGHTS.values() if rights.needs is ADMIN} == {
        Partly.THE_SAME
    }
