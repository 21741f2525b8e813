"""The PBX's question over HTTP: both forms of the answer, who may ask, and always an answer."""

import asyncio
import base64
import threading
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from api.access import REMEMBERED
from api.asking import AGAIN, TRUSTED
from monitor.accounts import Account, Role
from monitor.core.effects import DecisionMade, Effect
from monitor.core.events import LinkChanged, LinkState
from monitor.core.overflow.decisions import Asker, Because, Decision, Reason, Verb
from monitor.core.overflow.engine import Overflow, Question
from monitor.core.overflow.rules import Destination
from monitor.core.overflow.words import sentence
from monitor.history.errors import HistoryError
from tests.api.conftest import House
from tests.api.made import PBX, START

PATH = "/api/v1/overflow/decision"
ASKED = {"pbx": PBX, "queue": "support", "uniqueid": "1.1", "caller": "0199001234"}
MOVE = Decision(
    id="d-1",
    pbx=PBX,
    at=START,
    asked_by=Asker.PBX,
    verb=Verb.MOVE,
    reasons=(Reason(Because.CONDITION, {"metric": "waiting", "value": 9, "at_least": 5}),),
    queue="support",
    call_id=f"{PBX}:1.1",
    rule_id="to-sales",
    to=Destination("overflow", "sales & co", 2, "sales"),
    expected_wait=75_400,
    miss_probability=0.8,
)
STAY = Decision(
    id="d-2",
    pbx=PBX,
    at=START,
    asked_by=Asker.PBX,
    verb=Verb.STAY,
    reasons=(Reason(Because.NOTHING_HOLDS),),
    queue="support",
)


class Decides(Overflow):
    """Says what a test wants."""

    def __init__(self) -> None:
        self.says: Decision | Exception = STAY
        self.asked: list[Question] = []

    def ask(self, question: Question, now: int) -> tuple[Decision, list[Effect]]:
        self.asked.append(question)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says, [DecisionMade(self.says)]


@pytest.fixture
def overflow(house: House) -> Decides:
    """A monitor that watches, and whose decisions a test makes."""
    house.centre.connect()
    house.centre.arrive("1.1")
    house.centre.join("1.1")
    house.services.monitor.overflow = decides = Decides()
    return decides


def line(response: httpx.Response, status: int = 200) -> dict[str, str]:
    """A dialplan's answer, read as ``HASH()`` does."""
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/plain")
    assert response.text.count("\n") == 1
    return {name: values[-1] for name, values in parse_qs(response.text.strip()).items()}


async def test_the_answer_names_place_rule_and_reason(
    viewer: httpx.AsyncClient, overflow: Decides
) -> None:
    overflow.says = MOVE
    assert (await viewer.get(PATH, params=ASKED)).json() == {
        "overflow": True,
        "to": {"context": "overflow", "exten": "sales & co", "priority": 2, "queue": "sales"},
        "rule": "to-sales",
        "reason": sentence(MOVE),
        "reasons": [
            {"code": "condition", "detail": {"metric": "waiting", "value": 9, "at_least": 5}}
        ],
        "decision": "d-1",
        "expected_wait_s": 75.4,
        "miss_probability": 0.8,
        "dry_run": False,
        "held_back": False,
    }
    assert overflow.asked == [Question(**ASKED)]


async def test_a_dialplan_gets_one_line_that_ends_with_the_reason(
    viewer: httpx.AsyncClient, overflow: Decides
) -> None:
    overflow.says = MOVE
    response = await viewer.get(PATH, params=ASKED | {"format": "dialplan"})
    assert line(response) == {
        "overflow": "1",
        "context": "overflow",
        "exten": "sales & co",
        "priority": "2",
        "decision": "d-1",
        "expected_wait": "75",
        "reason": sentence(MOVE),
    }
    assert "+" not in response.text  # HASH() takes it as it stands
    assert response.text.rpartition("&")[2].startswith("reason=")


@pytest.mark.parametrize("held", ["dry_run", "held_back", "stays"])
async def test_what_is_not_to_be_done_names_no_place_to_a_dialplan(
    viewer: httpx.AsyncClient, overflow: Decides, held: str
) -> None:
    fields: dict[str, Any] = {"verb": Verb.STAY} if held == "stays" else {held: True}
    overflow.says = Decision(
        id="d-3", pbx=PBX, at=START, asked_by=Asker.PBX, reasons=MOVE.reasons, to=MOVE.to,
        **({"verb": Verb.MOVE} | fields),
    )  # fmt: skip
    answer = line(await viewer.get(PATH, params=ASKED | {"format": "dialplan"}))
    assert answer["overflow"] == "0"
    assert set(answer) == {"overflow", "decision", "reason"}
    assert (await viewer.get(PATH, params=ASKED)).json()["overflow"] is False


async def test_each_decision_is_published(
    house: House, viewer: httpx.AsyncClient, overflow: Decides
) -> None:
    told: list[Effect] = []
    house.services.monitor.subscribe(told.extend)
    await viewer.get(PATH, params=ASKED)
    assert told == [DecisionMade(STAY)]


@pytest.mark.parametrize(
    ("asked", "code"),
    [({"pbx": "elsewhere"}, "unknown_pbx"), ({"queue": "suport"}, "unknown_queue")],
)
async def test_who_is_not_known_stays(
    viewer: httpx.AsyncClient, overflow: Decides, asked: dict[str, str], code: str
) -> None:
    overflow.says = MOVE
    answer = (await viewer.get(PATH, params=ASKED | asked)).json()
    assert (answer["overflow"], answer["decision"]) == (False, None)
    assert answer["reasons"][0]["code"] == code
    assert next(iter(asked.values())) in answer["reason"]
    assert overflow.asked == []


async def test_a_pbx_that_is_not_observed_is_told_to_go_its_own_way(
    house: House, viewer: httpx.AsyncClient, overflow: Decides
) -> None:
    overflow.says = MOVE
    house.centre.tell(LinkChanged, state=LinkState.LOST)
    answer = line(await viewer.get(PATH, params=ASKED | {"format": "dialplan"}))
    assert answer["overflow"] == "0"
    assert "not observed" in answer["reason"]


@pytest.mark.parametrize(
    "wrong",
    [{"queue": ""}, {"pbx": ""}, {"caller": "1" * 200}, {"uniqueid": "1\r\n2"}, {"queue": "\x00"}],
)
async def test_a_wrong_question_is_an_error_and_still_a_line(
    viewer: httpx.AsyncClient, overflow: Decides, wrong: dict[str, str]
) -> None:
    response = await viewer.get(PATH, params=ASKED | wrong | {"format": "dialplan"})
    assert line(response, 422) == {"overflow": "0", "error": "invalid"}
    error = (await viewer.get(PATH, params=ASKED | wrong)).json()["error"]
    assert list(error["fields"]) == list(wrong)
    assert (await viewer.get(PATH, params=ASKED | {"format": "xml"})).status_code == 422


async def test_a_mistake_of_ours_is_an_error_and_still_a_line(
    viewer: httpx.AsyncClient, overflow: Decides, caplog: pytest.LogCaptureFixture
) -> None:
    overflow.says = ZeroDivisionError()
    response = await viewer.get(PATH, params=ASKED | {"format": "dialplan"})
    assert line(response, 500) == {"overflow": "0", "error": "internal"}
    number = (await viewer.get(PATH, params=ASKED)).json()["error"]["message"].split()[-1]
    assert f"Error {number.rstrip('.')}" in caplog.text


# --- who may ask ----------------------------------------------------------------------------------


async def test_a_token_may_come_as_bearer_as_password_or_in_a_form(
    house: House, client: httpx.AsyncClient, overflow: Decides
) -> None:
    bearer = house.token()
    token = bearer["Authorization"].removeprefix("Bearer ")
    basic = {"Authorization": "Basic " + base64.b64encode(f"pbx:{token}".encode()).decode()}
    for headers in (bearer, basic):
        assert (await client.get(PATH, params=ASKED, headers=headers)).status_code == 200
        assert (await client.post(PATH, data=ASKED, headers=headers)).status_code == 200
    answer = await client.post(
        PATH, data=ASKED | {"access_token": f"{token}\n", "format": "dialplan"}
    )
    assert line(answer)["overflow"] == "0"
    # but not in an address, which everybody logs
    in_address = await client.get(PATH, params=ASKED | {"access_token": token})
    assert in_address.status_code == 401


@pytest.mark.parametrize(
    "shown", ["", "Bearer mnt_x", "Bearer é", "Basic x", "Basic é", "Basic bW50", "Digest y"]
)
async def test_others_are_refused_with_a_line(
    client: httpx.AsyncClient, overflow: Decides, shown: str
) -> None:
    headers = {b"Authorization": shown.encode("latin-1")}
    response = await client.get(PATH, params=ASKED | {"format": "dialplan"}, headers=headers)
    assert line(response, 401) == {"overflow": "0", "error": "unauthenticated"}
    assert overflow.asked == []


class Disk:
    """The database's disk: it can fail, or be slow."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        accounts = house.services.accounts
        self.fails = False
        self.answers = threading.Event()
        self.answers.set()
        self.asked = 0
        find = accounts.find_token

        def find_token(token: str) -> Account | None:
            self.asked += 1
            assert self.answers.wait(30)
            if self.fails:
                raise HistoryError("the disk is gone")
            return find(token)

        monkeypatch.setattr(accounts, "find_token", find_token)


@pytest.fixture
def disk(house: House, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(house, monkeypatch)


async def test_a_token_that_was_good_is_good_while_the_database_fails_but_not_for_ever(
    house: House, viewer: httpx.AsyncClient, overflow: Decides, disk: Disk
) -> None:
    async def status() -> int:
        return (await viewer.get(PATH, params=ASKED)).status_code

    assert await status() == 200
    disk.fails = True
    house.centre.now += REMEMBERED
    assert [await status(), await status()] == [200, 200]
    assert disk.asked == 2  # the failing database is left in peace for a moment
    house.centre.now += AGAIN
    assert await status() == 200
    assert disk.asked == 3
    house.centre.now = START + TRUSTED
    assert await status() == 503
    refused = await viewer.get(PATH, params=ASKED | {"format": "dialplan"})
    assert line(refused, 503) == {"overflow": "0", "error": "history_unavailable"}


async def test_a_slow_database_holds_no_question_up(
    house: House, viewer: httpx.AsyncClient, overflow: Decides, disk: Disk
) -> None:
    assert (await viewer.get(PATH, params=ASKED)).status_code == 200
    house.centre.now += REMEMBERED
    disk.answers.clear()
    for _ in range(3):
        assert (await viewer.get(PATH, params=ASKED)).status_code == 200
    assert disk.asked == 2  # one look-up is under way
    disk.answers.set()


async def test_a_revoked_token_is_refused_as_soon_as_elsewhere(
    house: House, viewer: httpx.AsyncClient, overflow: Decides, disk: Disk
) -> None:
    assert (await viewer.get(PATH, params=ASKED)).status_code == 200
    house.services.accounts.revoke_token(f"test-{Role.VIEWER.value}")
    house.centre.now += REMEMBERED
    for _ in range(1000):  # at once, or after a moment where this machine is slow
        if (await viewer.get(PATH, params=ASKED)).status_code == 401:
            break
        await asyncio.sleep(0.001)  # this client never lets the loop's other tasks run
    else:
        pytest.fail("the revoked token is still taken")
    disk.fails = True
    assert (await viewer.get(PATH, params=ASKED)).status_code == 503
