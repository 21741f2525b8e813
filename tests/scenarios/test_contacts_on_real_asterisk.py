"""Callbacks, complaints and satisfaction, told by the offered dialplan on real Asterisks.

The monitor runs as a process; what it stored is compared with what was played.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from api.parameters import parse_moment
from monitor.core.records import Call, Exit, FactKind
from tests.asterisk_lab.contact_rows import CALLS, ROW, SNIPPETS, contact_lab
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.play import Played, play
from tests.asterisk_lab.server import AsteriskLab
from tests.scenarios.agreement import disagreements
from tests.scenarios.product import Product

pytestmark = pytest.mark.asterisk

VERSIONS: tuple[Version, ...] = ("22", "16")
CONTACTS = 3
"""Contacts that the row's calls ask for."""


class Outcome:
    """What was played on both versions, and what the monitor made of it."""

    def __init__(self, labs: dict[str, AsteriskLab], product: Product) -> None:
        self.labs, self.product = labs, product
        with ThreadPoolExecutor(len(labs)) as pool:
            played = pool.map(lambda lab: play(lab, ROW), labs.values())
            self.played: dict[str, Played] = dict(zip(labs, played, strict=True))
        self.stored = {
            pbx: product.stored({call.uniqueid for call in one.calls}, pbx)
            for pbx, one in self.played.items()
        }

    def call(self, version: str, name: str) -> Call:
        """The record of one of the calls."""
        place = list(CALLS).index(name)
        played = self.played[f"pbx{version}"]
        wanted = played.row.calls[place]
        number = next(one for one in played.calls if one.call is wanted)
        return self.stored[f"pbx{version}"][number.uniqueid]

    def contacts(self, version: str) -> dict[str, dict[str, Any]]:
        """The contacts of one PBX by the call that they belong to, once all are there."""
        found: dict[str, dict[str, Any]] = {}

        def all_there() -> bool:
            items = self.product.get("/contacts", pbx=f"pbx{version}")["items"]
            found.update({one["call_id"]: one for one in items})
            done = [one for one in items if one["answered_at"] is not None]
            return len(items) >= CONTACTS and bool(done)

        self.product.wait_for(all_there, "the contacts to be registered")
        return found


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    with ExitStack() as stack:
        labs = {f"pbx{version}": stack.enter_context(contact_lab(version)) for version in VERSIONS}
        product = Product(tmp_path_factory.mktemp("contacts"), labs)
        yield Outcome(labs, stack.enter_context(product))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("name", "score", "best"),
    [
        ("answered", 4, 5),
        ("silent", 0, 5),
        ("off-the-scale", 0, 5),
        ("never-served", None, None),
        ("after-the-hangup", 3, 3),
    ],
)
def test_what_a_caller_answers_is_stored_with_the_call(
    name: str, score: int | None, best: int | None, version: str, outcome: Outcome
) -> None:
    record = outcome.call(version, name)

    assert (record.satisfaction, record.satisfaction_best) == (score, best)
    told = [fact for fact in record.facts if fact.kind is FactKind.SURVEY_ANSWERED]
    assert len(told) == bool(score)
    if record.visits and score is not None:
        assert record.visits[0].exit is Exit.ANSWERED
        assert all((record.visits[0].ended_at or 0) <= fact.at for fact in told)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_callback_that_is_asked_for_twice_is_registered_once_with_its_deadline(
    version: str, outcome: Outcome
) -> None:
    call = outcome.call(version, "callback")
    found = outcome.contacts(version)[call.id]

    assert (found["channel"], found["queue"], found["number"]) == (
        "callback", "support", "+33199005678",
    )  # fmt: skip
    received, deadline = parse_moment(found["received_at"]), parse_moment(found["deadline_at"])
    assert deadline - received == 2 * 3_600_000
    asked = [fact.at for fact in call.facts if fact.kind is FactKind.CONTACT_ASKED]
    # the contact is dated by the monitor's clock, the fact by the PBX's: the same machine's here
    assert asked
    assert abs(received - asked[0]) < 2_000


@pytest.mark.parametrize("version", VERSIONS)
def test_a_callback_that_was_made_is_answered_in_time(version: str, outcome: Outcome) -> None:
    found = outcome.contacts(version)[outcome.call(version, "done").id]

    assert (found["reference"], found["answered_by"]) == ("R-9", "Anna")
    assert (found["verdict"], found["promise"]["kind"]) == ("met", "opening_hours")


@pytest.mark.parametrize("version", VERSIONS)
def test_an_agents_code_makes_a_complaint_of_the_callers_call(
    version: str, outcome: Outcome
) -> None:
    call = outcome.call(version, "complaint")
    found = outcome.contacts(version)[call.id]

    assert (found["channel"], found["number"]) == ("complaint", call.caller)
    assert found["promise"]["span_s"] == 48 * 3_600


@pytest.mark.parametrize("version", VERSIONS)
def test_the_queue_log_agrees_and_asterisk_takes_the_samples(
    version: str, outcome: Outcome
) -> None:
    pbx = f"pbx{version}"
    assert disagreements(outcome.stored[pbx], outcome.played[pbx].visits()) == []
    lab = outcome.labs[pbx]
    complaints = [
        line
        for line in lab.log_text().splitlines()
        if "pbx_config" in line and ("WARNING" in line or "ERROR" in line)
    ]
    assert complaints == []
    assert "minuteur-survey" in lab.cli("dialplan show")
    assert len(SNIPPETS) == 2


def test_the_monitor_saw_nothing_wrong(outcome: Outcome) -> None:
    assert outcome.product.problems() == []
