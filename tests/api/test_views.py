"""The hand-written dictionaries validate against the schemas that are published."""

from datetime import UTC, datetime
from typing import get_args

import orjson
import pytest

from api import live_schemas, overflow_schemas, schemas, views
from api.live_boards import LiveBoards
from api.live_overflow import OverflowStream
from api.visibility import Scope
from config import overflow_conditions as written
from config.overflow import HOWS
from config.overflow_actions import LAMP_STATES
from monitor.core import records
from monitor.core.events import LinkState
from monitor.core.indicators import CommitmentTally, QueueTally, ServiceLevel
from monitor.core.live import PbxState
from monitor.core.member_days import MemberDay
from monitor.core.overflow import decisions, rules
from monitor.history.audit import Via
from monitor.history.overflow_rows import KINDS
from tests.api.made import POLICY, START, Centre, answered_call, member


def exact(model: type[schemas.Schema], content: views.Json) -> None:
    """Validate strictly, as it goes over the wire, and miss no key."""
    wire = orjson.loads(orjson.dumps(content))
    parsed = model.model_validate(wire, strict=True)
    assert parsed.model_dump(by_alias=True) == wire


def test_a_call_with_everything_is_a_call_out() -> None:
    exact(schemas.CallOut, views.call(answered_call()))
    exact(schemas.CallDetailOut, views.call_detail(answered_call()))


def test_a_call_of_which_nothing_is_known_is_a_call_out() -> None:
    exact(schemas.CallOut, views.call(records.Call(pbx="lab", uniqueid="1", arrived_at=START)))


def test_what_a_call_says() -> None:
    shown = views.call(answered_call())

    assert shown["id"] == "lab:1.1"
    assert shown["arrived_at"] == "2025-11-21T09:41:07.382Z"
    assert shown["clock_started_at"] == "2025-11-21T09:41:07.382Z"
    assert shown["deadline_at"] == "2025-11-21T09:42:07.382Z"
    assert shown["within_s"] == 60.0
    assert shown["wait_s"] == 5.001
    assert shown["visits"][0]["wait_s"] == 3.001
    assert shown["visits"][0]["talk_s"] == 54.999
    assert shown["voice_server_stays"][0]["inputs"] == "1"


def test_figures_are_published_with_all_five_service_levels() -> None:
    tally = QueueTally()
    tally.count(answered_call().visits[0])
    tally.count_talk(answered_call().visits[0])
    shown = views.queue_figures(tally)

    exact(schemas.QueueFigures, shown)
    assert [level["name"] for level in shown["service_levels"]] == [s.value for s in ServiceLevel]
    exact(schemas.CommitmentFigures, views.commitment_figures(CommitmentTally(met=3, breached=1)))
    exact(schemas.Figures, views.figures(CommitmentTally(), QueueTally()))


@pytest.mark.parametrize("state", list(records.MemberState))
def test_members_in_every_state(state: records.MemberState) -> None:
    exact(live_schemas.LiveMember, views.live_member(member(state), MemberDay(3, 1)))


@pytest.mark.parametrize("link", list(LinkState))
def test_links_in_every_state(link: LinkState) -> None:
    pbx = PbxState("lab", link, START, "It is lost.", -1_250, None, {"timestampevents": "off"})

    exact(live_schemas.LivePbx, views.live_pbx(pbx))


def test_the_system() -> None:
    exact(live_schemas.LiveSystem, views.live_system(""))
    exact(live_schemas.LiveSystem, views.live_system("The disk is full."))


def test_every_name_of_the_core_is_in_the_contract() -> None:
    for names, enum in (
        (schemas.VerdictName, records.Verdict),
        (schemas.ExitName, records.Exit),
        (schemas.MemberStateName, records.MemberState),
        (overflow_schemas.VerbName, decisions.Verb),
        (overflow_schemas.AskerName, decisions.Asker),
        (overflow_schemas.OutcomeName, decisions.Outcome),
        (overflow_schemas.ViaName, Via),
        (schemas.LinkStateName, LinkState),
    ):
        assert set(get_args(names)) == {item.value for item in enum}
    assert set(get_args(overflow_schemas.OrderName)) == set(KINDS.values())


def test_a_rule_is_written_in_the_words_of_the_core() -> None:
    assert list(written.METRICS) == list(rules.Metric)
    assert set(written.OF_THE_CALLER) == rules.OF_THE_CALLER
    assert set(written.WORDS) == rules.OF_WORDS
    kinds = [written.SPANS, written.SHARES, written.COUNTS, written.WORDS, written.YES_OR_NO]
    assert sorted(name for kind in kinds for name in kind) == sorted(written.METRICS)
    assert list(HOWS) == list(rules.How)
    assert list(LAMP_STATES) == list(rules.LampState)


def test_the_whole_live_state() -> None:
    centre = Centre()
    centre.connect()
    centre.arrive("1.1")
    centre.join("1.1")
    view = centre.engine.snapshot()

    boards = LiveBoards(centre.engine, centre.clock, lambda: "")
    system = views.live_system("")
    body = views.live_body(view, centre.engine.queue_policy, system, boards.days.of)

    exact(
        live_schemas.Snapshot,
        {"type": "snapshot", "seq": 0, "server_time": views.iso(START)}
        | body
        | OverflowStream(None).body(Scope())
        | boards.body(Scope())
        | {"trend": []}
        | {"scope": views.live_scope(None, None, sees_numbers=True)},
    )
    assert body["queues"][0]["label"] == POLICY.queues[0].label
    assert body["queues"][0]["waiting"] == 1


@pytest.mark.parametrize("at", [0, 999, 1_000, START, 4_102_444_799_999])
def test_moments_are_exact(at: int) -> None:
    moment = datetime.fromisoformat(views.iso(at))

    assert moment == datetime.fromtimestamp(at // 1000, UTC).replace(microsecond=at % 1000 * 1000)


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (-1, "1970-01-01T00:00:00.000Z"),
        (-(10**18), "1970-01-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (253_402_300_800_000, "9999-12-31T23:59:59.999Z"),
        (10**18, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_absurd_moments_are_the_nearest_that_can_be_told(at: int, shown: str) -> None:
    assert views.iso(at) == shown


def test_what_was_not_observed() -> None:
    shown = views.blind_interval(records.BlindInterval("lab", START, None, "The link is lost."))

    exact(schemas.BlindIntervalOut, shown)
    assert shown["started_at"] == "2025-11-21T09:41:07.382Z"
