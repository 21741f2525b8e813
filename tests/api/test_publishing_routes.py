"""How publishing does, over REST and for Prometheus; dead letters, sent again or thrown away."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from api.metrics import Metrics, Sources
from api.publishing_schemas import DeadLetterOut, SinkOut
from monitor.accounts import Role
from monitor.history.messages import StoredMessage
from monitor.history.outbox import Outbox
from monitor.publishing import Feed, Publishing, SinkState
from tests.api.conftest import House, browser
from tests.api.made import START

API = "/api/v1"
LETTERS = f"{API}/webhooks/dead-letters"


class Hook:
    """A sink that does nothing."""

    name = "webhook:crm"
    state = SinkState(connected=False, detail="https://crm/…: it answers 500.", since=START, sent=7)

    async def run(self, feed: Feed) -> None:
        raise AssertionError("nobody runs it here")


@pytest.fixture
def letters(house: House) -> House:
    """An application with a webhook, and messages that it was given up with."""
    outbox = Outbox(house.database)
    services = replace(house.services, publishing=Publishing(outbox, [Hook()]))
    for number in (1, 2, 3):
        sink = "webhook:crm" if number < 3 else "webhook:former"
        id_ = f"lab:1.1:verdict:{number}"
        message = StoredMessage(id_, "lab/calls/verdict", "lab:1.1", START, f'{{"id": "{id_}"}}')
        outbox.dead_letters.add(sink, message, tries=1, error="it answers 410", at=START)
    return House(services, house.centre, house.database, house.problems)


@pytest.fixture
async def lead(letters: House) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(letters.services) as client:
        client.headers.update(letters.token(Role.LEAD))
        yield client


async def test_each_sink_tells_how_it_does(lead: httpx.AsyncClient) -> None:
    (sink,) = (await lead.get(f"{API}/publishing")).json()["items"]
    SinkOut.model_validate(sink)
    assert sink["name"] == "webhook:crm"
    assert sink["detail"] == "https://crm/…: it answers 500."
    assert (sink["connected"], sink["sent"], sink["backlog"]) == (False, 7, 0)


async def test_without_sinks_there_is_nothing_to_tell(viewer: httpx.AsyncClient) -> None:
    assert (await viewer.get(f"{API}/publishing")).json() == {"items": []}
    assert (await viewer.get(LETTERS)).json() == {"items": [], "next_before": None}


async def test_dead_letters_are_listed_page_by_page(lead: httpx.AsyncClient) -> None:
    first = (await lead.get(LETTERS, params={"limit": 2})).json()
    for letter in first["items"]:
        DeadLetterOut.model_validate(letter)
    assert [letter["sink"] for letter in first["items"]] == ["webhook:former", "webhook:crm"]
    rest = (await lead.get(LETTERS, params={"before": first["next_before"]})).json()
    assert [letter["payload"] for letter in rest["items"]] == [{"id": "lab:1.1:verdict:1"}]
    assert rest["next_before"] is None
    crm = (await lead.get(LETTERS, params={"webhook": "crm"})).json()
    assert len(crm["items"]) == 2


async def test_a_letter_is_marked_to_be_sent_again_and_the_trail_says_by_whom(
    letters: House, lead: httpx.AsyncClient
) -> None:
    answer = await lead.post(f"{LETTERS}/1/send-again")
    assert answer.status_code == 202
    assert answer.json()["waits"] is True
    (wanted,) = letters.services.publishing.outbox.dead_letters.to_send_again("webhook:crm")
    assert wanted.seq == 1
    (entry,) = letters.trail()
    assert (entry.what, entry.by) == ("dead_letter_sent_again", "test-lead")
    assert entry.subject == "lab:1.1:verdict:1"


async def test_a_letter_is_thrown_away(letters: House, lead: httpx.AsyncClient) -> None:
    assert (await lead.delete(f"{LETTERS}/2")).status_code == 204
    left = (await lead.get(LETTERS)).json()["items"]
    assert [letter["id"] for letter in left] == [3, 1]
    (entry,) = letters.trail()
    assert (entry.what, entry.before) == (
        "dead_letter_deleted", {"sink": "webhook:crm", "error": "it answers 410", "tries": 1},
    )  # fmt: skip


async def test_what_cannot_be_done_with_a_letter_is_told(lead: httpx.AsyncClient) -> None:
    missing = await lead.post(f"{LETTERS}/9/send-again")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    former = await lead.post(f"{LETTERS}/3/send-again")
    assert (former.status_code, former.json()["error"]["code"]) == (409, "no_such_sink")
    assert "webhook:former" in former.json()["error"]["message"]
    assert (await lead.delete(f"{LETTERS}/9")).status_code == 404


async def test_a_viewer_may_look_and_not_act(letters: House) -> None:
    async with browser(letters.services) as client:
        client.headers.update(letters.token(Role.VIEWER))
        assert (await client.get(LETTERS)).status_code == 200
        assert (await client.post(f"{LETTERS}/1/send-again")).status_code == 403
        assert (await client.delete(f"{LETTERS}/1")).status_code == 403


async def test_prometheus_is_told_of_each_sink(letters: House) -> None:
    centre, publishing = letters.centre, letters.services.publishing
    text = Metrics(Sources(centre.engine, centre.clock, publishing=publishing)).render().decode()
    assert 'minuteur_sink_connected{sink="webhook:crm"} 0.0' in text
    assert 'minuteur_sink_sent_total{sink="webhook:crm"} 7.0' in text
    assert "minuteur_outbox_dropped_total 0.0" in text


async def test_a_broker_that_is_down_does_not_make_the_monitor_unready(
    letters: House, lead: httpx.AsyncClient
) -> None:
    letters.problems.clear()
    assert (await lead.get("/readyz")).json() == {"status": "ready", "problems": []}
