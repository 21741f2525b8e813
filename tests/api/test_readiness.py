"""What ``/readyz`` says, to everybody."""

import pytest

from api.readiness import Readiness
from config.settings import Settings
from monitor.core import events as ev
from monitor.core.events import LinkState
from tests.api.made import Centre

SETTINGS = Settings.model_validate(
    {
        "pbx": [
            {
                "name": "lab",
                "host": "10.1.2.3",
                "username": "minuteur",
                "secret": "hush",
                "incoming_contexts": ["incoming"],
            }
        ]
    }
)


@pytest.fixture
def centre() -> Centre:
    return Centre()


def test_ready_when_all_is_well(centre: Centre) -> None:
    centre.connect()

    assert Readiness(lambda: SETTINGS, centre.engine, lambda: "")() == []


def test_a_pbx_that_was_never_reached_is_a_problem() -> None:
    (problem,) = Readiness(lambda: SETTINGS, Centre().engine, lambda: "")()

    assert problem == "The link with the PBX lab is being made."


@pytest.mark.parametrize("state", [LinkState.LOST, LinkState.REFUSED])
def test_a_lost_link_is_told_without_its_address(centre: Centre, state: LinkState) -> None:
    detail = "Cannot reach the PBX lab at 10.1.2.3:5038: check the host 10.1.2.3."
    centre.tell(ev.LinkChanged, state=state, detail=detail)

    (problem,) = Readiness(lambda: SETTINGS, centre.engine, lambda: "")()

    assert "10.1.2.3" not in problem
    assert "Cannot reach the PBX lab: check the host its address." in problem


def test_warnings_and_the_database_are_told_too(centre: Centre) -> None:
    centre.connect()
    centre.tell(ev.WarningRaised, code="timestampevents", text="Set timestampevents = yes.")

    problems = Readiness(lambda: SETTINGS, centre.engine, lambda: "The disk is full.")()

    assert problems == ["PBX lab: Set timestampevents = yes.", "The disk is full."]


def test_a_warning_is_told_without_the_address_of_ari(centre: Centre) -> None:
    centre.connect()
    text = "Cannot reach the ARI of the PBX lab at 10.9.8.7:8088 (timed out). Check 10.9.8.7."
    centre.tell(ev.WarningRaised, code="ari", text=text)
    ari = {"url": "http://10.9.8.7:8088/ari", "username": "m", "password": "hush"}
    pbx = SETTINGS.pbx[0].model_dump() | {"secret": "hush", "ari": ari}
    settings = Settings.model_validate({"pbx": [pbx]})

    (problem,) = Readiness(lambda: settings, centre.engine, lambda: "")()

    assert "10.9.8.7" not in problem
    assert "Cannot reach the ARI of the PBX lab (timed out)" in problem


def test_nothing_to_watch_is_a_problem(centre: Centre) -> None:
    (problem,) = Readiness(Settings, centre.engine, lambda: "")()

    assert "No PBX is configured" in problem
