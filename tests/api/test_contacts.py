"""Contacts over REST: registered once, answered, breached by the clock, counted, masked."""

from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest

from api.contact_keeping import LOOK_EVERY_S, ContactKeeper
from api.contact_messages import contact_message
from api.views import iso
from monitor.accounts import QueueRef, Role
from monitor.core.alerts import AlertKind
from monitor.core.clock import DAY, HOUR, MINUTE, SECOND, Ms
from monitor.core.contacts import Channel
from monitor.core.effects import ContactTold
from monitor.core.events import ContactReported, ContactStep
from monitor.core.promises import Promise
from monitor.history.contact_log import ContactFilter
from monitor.history.outbox import Outbox
from tests.api.conftest import House
from tests.api.made import PBX, START
from tests.history.samples import full_call

API = "/api/v1"
EMAIL: dict[str, Any] = {
    "reference": "T-1", "channel": "email", "within_s": 4 * 3600, "pbx": PBX, "queue": "support",
    "number": "0612345678", "name": "Zoé Petit", "email": "zoe@example.org",
    "subject": "invoice 0612345678", "note": "call before noon",
}  # fmt: skip


@pytest.fixture
async def lead(house: House, client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.headers.update(house.token(Role.LEAD))
    return client


def keeper(house: House) -> ContactKeeper:
    return house.services.contacts


def messages(house: House) -> list[tuple[str, dict[str, Any]]]:
    found = Outbox(house.database).read("sink")
    return [(message.topic, orjson.loads(message.payload)) for message in found]


async def registered(client: httpx.AsyncClient, **changes: object) -> dict[str, Any]:
    answer = await client.post(f"{API}/contacts", json=EMAIL | changes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_contact_is_registered_once_and_a_second_time_the_same(
    house: House, lead: httpx.AsyncClient
) -> None:
    first = await lead.post(f"{API}/contacts", json=EMAIL)
    again = await lead.post(f"{API}/contacts", json=EMAIL)
    other = await lead.post(f"{API}/contacts", json=EMAIL | {"channel": "letter"})

    assert [first.status_code, again.status_code, other.status_code] == [201, 200, 409]
    assert first.json() == again.json()
    assert other.json()["error"]["code"] == "reference_taken"
    made = first.json()
    assert made["source"] == "test-lead"
    assert made["received_at"] == iso(START)
    assert made["deadline_at"] == iso(START + 4 * HOUR)
    assert made["verdict"] == "pending"
    assert [entry.what for entry in house.trail()] == ["contacts_registered"]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"within_s": None}, "no_deadline", "deadline_at"),
        ({"deadline_at": iso(START + HOUR)}, "two_deadlines", "within_s"),
        ({"within_s": None, "deadline_at": iso(START)}, "bad_deadline", "deadline"),
        ({"answered_at": iso(START + HOUR)}, "in_the_future", "answered_at"),
        ({"within_s": None, "within_opening_s": 60, "calendar": "no"}, "unknown_calendar",
         "deadline"),
        ({"within_s": 0}, "invalid", "within_s"),
        ({"channel": "pigeon"}, "invalid", "channel"),
        ({"reference": ""}, "invalid", "reference"),
        ({"note": "a\0b"}, "invalid", "note"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_saying_where(
    lead: httpx.AsyncClient, changes: dict[str, object], code: str, field: str
) -> None:
    answer = await lead.post(f"{API}/contacts", json=EMAIL | changes)

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == code
    assert list(answer.json()["error"]["fields"]) == [field]


async def test_of_a_batch_each_is_told_what_became_of_it(lead: httpx.AsyncClient) -> None:
    items = [
        EMAIL,
        EMAIL,
        EMAIL | {"reference": "T-2", "within_s": None},
        EMAIL | {"reference": "T-3", "answered_at": iso(START - DAY)},
    ]

    answer = await lead.post(f"{API}/contacts/batch", json={"items": items})

    done = answer.json()["items"]
    assert [(one["reference"], one["outcome"], one["code"]) for one in done] == [
        ("T-1", "created", ""), ("T-1", "unchanged", ""), ("T-2", "refused", "no_deadline"),
        ("T-3", "refused", "before_reception"),
    ]  # fmt: skip
    page = (await lead.get(f"{API}/contacts")).json()
    assert [one["reference"] for one in page["items"]] == ["T-1"]


async def test_an_answer_is_noted_with_who_and_when_and_an_old_version_is_refused(
    lead: httpx.AsyncClient,
) -> None:
    made = await registered(lead)
    path = f"{API}/contacts/{made['id']}"
    body = {"version": 1, "answered_at": iso(START), "answered_by": "Alice"}

    done = (await lead.patch(path, json=body)).json()
    late = await lead.patch(path, json=body)

    assert (done["verdict"], done["reason"], done["answer_time_s"]) == ("met", "answered", 0)
    assert [(one["what"], one["by"], one["via"]) for one in done["changes"]] == [
        ("registered", "test-lead", "token"), ("answered", "test-lead", "token"),
    ]  # fmt: skip
    assert done["changes"][1]["after"]["answered_at"] == iso(START)
    assert late.status_code == 409
    assert (await lead.get(path)).json() == done


async def test_the_breach_is_raised_at_the_deadline_and_told(
    house: House, lead: httpx.AsyncClient
) -> None:
    Outbox(house.database).register(["sink"])
    contacts = ContactKeeper(
        house.database, house.centre.engine, house.centre.clock, contact_message
    )
    made = await registered(lead)
    house.centre.now = START + 3 * HOUR
    assert await contacts.step() == LOOK_EVERY_S
    house.centre.now = START + 4 * HOUR - 5 * SECOND
    assert await contacts.step() == 5
    house.centre.now = START + 4 * HOUR + MINUTE
    await contacts.step()

    found = (await lead.get(f"{API}/contacts/{made['id']}")).json()
    assert (found["verdict"], found["verdict_at"]) == ("breached", iso(START + 4 * HOUR))
    assert found["overdue"] is True
    counts = (await lead.get(f"{API}/contacts/counts")).json()
    assert (counts["pending"], counts["overdue"]) == (0, 1)
    assert counts["by_channel"]["email"]["overdue"] == 1
    topics = [(topic, content["at"]) for topic, content in messages(house)]
    assert topics == [
        ("contacts/contact_at_risk", iso(START + 3 * HOUR)),
        ("contacts/contact_breached", iso(START + 4 * HOUR)),
    ]
    for _, content in messages(house):
        text = orjson.dumps(content).decode()
        assert not [word for word in ("0612345678", "Zoé", "zoe@", "noon") if word in text]


async def test_an_overdue_contact_is_an_alert_until_it_is_answered(
    house: House, lead: httpx.AsyncClient
) -> None:
    alerts = house.services.hub.boards.alerts
    alerts.watch_contacts(lambda: keeper(house).overdue)
    made = await registered(lead)

    async def look(now: Ms) -> list[tuple[str, Ms, bool]]:
        house.centre.now = now
        await keeper(house).step()
        alerts.advance(now)
        return [
            (one.id, one.raised_at, one.ended_at is None)
            for one in alerts.board()
            if one.kind is AlertKind.CONTACTS_OVERDUE
        ]

    deadline = START + 4 * HOUR
    first = f"contacts_overdue:{PBX}:support:{deadline}"
    assert await look(deadline - 1) == []
    assert await look(deadline) == [(first, deadline, True)]
    alerts.acknowledge(first, "zoé", deadline + SECOND)
    # One more, after somebody has taken on the first: that is news.
    second = await registered(lead, reference="T-2", received_at=iso(START + HOUR))
    again = f"contacts_overdue:{PBX}:support:{deadline + HOUR}"
    assert (await look(deadline + HOUR))[-1] == (again, deadline + HOUR, True)
    for one in (made, second):
        version = (await lead.get(f"{API}/contacts/{one['id']}")).json()["version"]
        body = {"version": version, "answered_at": iso(house.centre.now)}
        await lead.patch(f"{API}/contacts/{one['id']}", json=body)
    assert not [one for one in await look(deadline + 2 * HOUR) if one[2]]


async def test_contacts_of_other_queues_do_not_exist_and_cannot_be_made_or_moved_there(
    house: House, lead: httpx.AsyncClient
) -> None:
    made = await registered(lead)
    none = await registered(lead, reference="T-2", queue="", pbx="")
    anywhere = await registered(lead, reference="T-3", queue="sales", pbx="")
    token = house.services.accounts.create_token(
        "sales", Role.LEAD, queues=frozenset({QueueRef("other", "sales")})
    )
    sales = {"Authorization": f"Bearer {token}"}

    page = (await lead.get(f"{API}/contacts", headers=sales)).json()["items"]
    assert [one["id"] for one in page] == [anywhere["id"]]
    for one in (made, none):
        path = f"{API}/contacts/{one['id']}"
        assert (await lead.get(path, headers=sales)).status_code == 404
        patch = await lead.patch(path, headers=sales, json={"version": 1, "team": "x"})
        assert patch.status_code == 404
    refused = await lead.post(f"{API}/contacts", headers=sales, json=EMAIL)
    assert refused.status_code == 403
    path = f"{API}/contacts/{anywhere['id']}"
    moved = await lead.patch(path, headers=sales, json={"version": 1, "queue": "support"})
    assert moved.json()["error"]["code"] == "not_seen"
    assert (await lead.get(path)).json()["queue"] == "sales"


async def test_one_that_was_moved_to_another_queue_is_not_shown_to_who_registers_it_again(
    house: House, lead: httpx.AsyncClient
) -> None:
    token = house.services.accounts.create_token(
        "support", Role.LEAD, queues=frozenset({QueueRef("", "support")})
    )
    support = {"Authorization": f"Bearer {token}"}
    made = await registered(lead, source="crm")
    path = f"{API}/contacts/{made['id']}"
    moved = await lead.patch(path, json={"version": 1, "queue": "sales", "note": "secret"})
    assert moved.status_code == 200
    again = await lead.post(f"{API}/contacts", headers=support, json=EMAIL | {"source": "crm"})
    assert again.json()["error"]["code"] == "reference_taken"
    assert "secret" not in again.text


async def test_who_sees_no_numbers_gets_and_changes_nothing_personal(
    house: House, lead: httpx.AsyncClient
) -> None:
    made = await registered(lead)
    token = house.services.accounts.create_token("quiet", Role.LEAD, sees_numbers=False)
    quiet = {"Authorization": f"Bearer {token}"}
    path = f"{API}/contacts/{made['id']}"

    shown = (await lead.get(path, headers=quiet)).json()
    table = (await lead.get(f"{API}/contacts?format=csv", headers=quiet)).text
    change = await lead.patch(path, headers=quiet, json={"version": 1, "note": "x"})

    assert shown["number"] == "06••••••78"
    assert shown["email"] == "•"
    assert shown["subject"] == "invoice 06••••••78"
    assert "0612345678" not in table
    assert "zoe@" not in table
    assert change.json()["error"]["code"] == "numbers_hidden"


async def test_a_table_is_taken_away_with_a_trace(house: House, lead: httpx.AsyncClient) -> None:
    await registered(lead, subject='=HYPERLINK("x")')

    table = await lead.get(f"{API}/contacts?format=csv&channel=email")

    header, row = table.text.removeprefix("\ufeff").splitlines()
    assert header.startswith("source,reference,channel,")
    assert ",'=HYPERLINK" in row.replace('"', "", 1).replace('"', "")
    assert house.trail()[0].what == "contacts_exported"
    assert house.trail()[0].after == {"channel": "email"}


async def test_a_table_has_all_contacts_however_many_and_gives_way_as_other_exports_do(
    house: House, lead: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.contact_export.AT_ONCE", 2)
    for n in range(5):
        await registered(lead, reference=f"T-{n}")
    table = await lead.get(f"{API}/contacts?format=csv&limit=1")
    references = [line.split(",")[1] for line in table.text.splitlines()[1:]]
    assert sorted(references) == [f"T-{n}" for n in range(5)]
    held = [house.services.exports.begin("test-lead") for _ in range(2)]
    assert (await lead.get(f"{API}/contacts?format=csv")).status_code == 429
    for one in held:
        one.close()
    assert (await lead.get(f"{API}/contacts?format=csv")).status_code == 200


async def test_figures_are_of_what_was_received_in_the_range(lead: httpx.AsyncClient) -> None:
    await registered(lead, answered_at=iso(START))
    await registered(lead, reference="T-2", received_at=iso(START - 5 * HOUR))
    await registered(lead, reference="T-3", channel="letter", received_at=iso(START - 40 * DAY),
                     answered_at=iso(START - 40 * DAY + HOUR))  # fmt: skip

    today = (await lead.get(f"{API}/contacts/indicators")).json()
    quarter = {"from": iso(START - 60 * DAY), "to": iso(START + DAY)}
    all_ = (await lead.get(f"{API}/contacts/indicators", params=quarter)).json()
    letters = await lead.get(f"{API}/contacts/indicators", params=quarter | {"channel": "letter"})

    assert today["total"]["rate"] == {"numerator": 1, "denominator": 2, "value": 0.5}
    assert (all_["total"]["registered"], all_["total"]["overdue"]) == (3, 1)
    assert all_["total"]["answer_time_percentiles_s"]["90"] == 3600
    assert [one["channel"] for one in all_["by_channel"]] == ["email", "letter"]
    assert letters.json()["total"]["met"] == 1
    assert sum(one["registered"] for one in all_["by_month"]) == 3


async def test_pages_go_on_and_a_bad_cursor_is_refused(lead: httpx.AsyncClient) -> None:
    for n in range(3):
        await registered(lead, reference=f"T-{n}", received_at=iso(START - n))

    first = (await lead.get(f"{API}/contacts?limit=2")).json()
    rest = (await lead.get(f"{API}/contacts?limit=2&cursor={first['next_cursor']}")).json()

    assert [one["reference"] for one in first["items"] + rest["items"]] == ["T-0", "T-1", "T-2"]
    assert (await lead.get(f"{API}/contacts?cursor=x")).status_code == 422


async def test_the_work_list_begins_with_the_first_deadline(lead: httpx.AsyncClient) -> None:
    for reference, within in (("T-1", 8 * 3600), ("T-2", 3600), ("T-3", 4 * 3600)):
        made = await registered(lead, reference=reference, within_s=within)
    answered = {"version": made["version"], "answered_at": iso(START)}
    assert (await lead.patch(f"{API}/contacts/{made['id']}", json=answered)).status_code == 200

    work = (await lead.get(f"{API}/contacts?open=true")).json()["items"]
    others = (await lead.get(f"{API}/contacts?open=false")).json()["items"]

    assert [one["reference"] for one in work] == ["T-2", "T-1"]
    assert [one["reference"] for one in others] == ["T-3"]


# --- from the dialplan ----------------------------------------------------------------------------


def reported(at: Ms = START, **fields: object) -> ContactReported:
    told = ContactReported(
        PBX, at, "1.1", ContactStep.ASKED, Channel.CALLBACK, promise=Promise.within(HOUR),
        number="0612345678",
    )  # fmt: skip
    return replace(told, **fields)  # type: ignore[arg-type]


async def test_a_callback_that_a_caller_asked_for_is_registered_with_the_call_and_done(
    house: House,
) -> None:
    contacts, call = keeper(house), full_call()
    contacts.on_effects([ContactTold(reported(), call)])
    contacts.on_effects([ContactTold(reported(), call)])  # a stream that tells twice
    await contacts.step()

    (known,) = contacts.log.page(ContactFilter(call=call.id)).contacts
    assert known.contact.source == f"pbx:{PBX}"
    assert known.contact.queue == call.judging_queue
    assert known.contact.deadline_at == START + HOUR
    assert known.person.number == "0612345678"

    house.centre.now = START + 30 * MINUTE
    done = reported(START + 30 * MINUTE, step=ContactStep.ANSWERED, by="Anna")
    later = reported(START + 50 * MINUTE, step=ContactStep.ANSWERED, by="Bob")
    contacts.on_effects([ContactTold(done, call), ContactTold(later, call)])
    await contacts.step()

    (known,) = contacts.log.page(ContactFilter()).contacts
    assert known.contact.answered_at == START + 30 * MINUTE
    assert (known.contact.answered_by, known.contact.verdict.value) == ("Anna", "met")


async def test_a_contact_of_no_known_call_counts_and_one_that_cannot_be_holds_nothing_up(
    house: House,
) -> None:
    contacts = keeper(house)
    bad = reported(reference="bad", promise=Promise.within_opening(HOUR, "no such calendar"))
    unknown = reported(reference="nobody", step=ContactStep.ANSWERED)
    contacts.on_effects([ContactTold(one) for one in (bad, unknown, reported(promise=None))])
    await contacts.step()

    (known,) = contacts.log.page(ContactFilter()).contacts
    assert (known.contact.reference, known.contact.call_id) == (f"{PBX}:1.1:callback", "")
    assert known.contact.deadline_at == START + DAY


async def test_satisfaction_is_counted_and_shown_with_the_call(
    house: House, viewer: httpx.AsyncClient
) -> None:
    call = full_call()
    house.store(call)

    range_ = {"from": iso(call.arrived_at), "to": iso(call.arrived_at + 1)}
    found = (await viewer.get(f"{API}/indicators/satisfaction", params=range_)).json()
    shown = (await viewer.get(f"{API}/calls/{call.id}")).json()

    assert found["total"]["response"] == {"numerator": 1, "denominator": 1, "value": 1.0}
    assert found["total"]["scales"][0]["distribution"] == {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0}
    assert shown["satisfaction"] == {"score": 4, "best": 5}
