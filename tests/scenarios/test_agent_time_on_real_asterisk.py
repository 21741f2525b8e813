"""What an agent does on real Asterisks, followed by the product, against what Asterisk wrote."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC

import pytest

from monitor.core.agent_time import AgentDimension, AgentTime, AgentTimeFigures
from monitor.core.clock import DAY, SECOND, Ms
from monitor.history import open_history
from monitor.history.agent_time import AgentTimeReader
from tests.asterisk_lab.ami import Message
from tests.asterisk_lab.callers import Agent, Caller
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.play import play
from tests.asterisk_lab.queue_log import Line
from tests.asterisk_lab.scenarios import A1, A2, Act, Call, Row
from tests.asterisk_lab.server import AsteriskLab, LabOptions
from tests.scenarios.product import Product

pytestmark = pytest.mark.asterisk

VERSIONS: tuple[Version, ...] = ("22", "16")
QUEUE = "tidying"
WRAP_UP: Ms = 2 * SECOND
CLOSE: Ms = 100
"""Two moments that Asterisk tells of one fact are no further apart."""
LOGGED: Ms = SECOND
"""The queue log may be written so late on a busy machine."""
PAUSE = {"Interface": A1, "Reason": "lunch"}
ROW = Row(
    "agent-time",
    "an agent of two queues takes a caller, holds them, has wrap-up time, and pauses",
    (Call(Caller(f"q-{QUEUE}", stay=2_500), None, start=300),),
    (Agent("agent1", ring=300, holds=900),),
    {QUEUE: (A1,), "support": (A1,)},
    (
        Act(6_500, "QueuePause", PAUSE | {"Paused": "true"}),
        Act(7_500, "QueuePause", PAUSE | {"Paused": "false"}),
    ),
)
SETTINGS = f"""
[[queue]]
name = "{QUEUE}"
wrap_up = {WRAP_UP // SECOND}
[[team]]
name = "first"
agents = ["{A1}", "{A2}", "PJSIP/agent3"]
"""


@dataclass
class Told:
    """What one Asterisk told of the row."""

    frames: list[Message]
    lines: list[Line]

    def moments(self, event: str, **headers: str) -> list[Ms]:
        """When it told of an event, in whole milliseconds."""
        return [
            int(float(frame["Timestamp"]) * 1000)
            for frame in self.frames
            if frame.get("Event") == event
            and all(frame.get(name) == value for name, value in headers.items())
        ]

    def logged(self, *events: str) -> list[Ms]:
        """When the queue log has one of these events."""
        return [round(line.time * 1000) for line in self.lines if line.event in events]


@dataclass
class Outcome:
    """What was played, and the agents' time that the product stored."""

    told: dict[str, Told]
    figures: AgentTimeFigures

    def of(self, version: str) -> tuple[Told, AgentTime]:
        return self.told[version], self.figures.by_pbx[f"pbx{version}"]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    rest = f"wrapuptime = {WRAP_UP // SECOND}"
    append = {"queues.conf": f"\n[{QUEUE}](usual)\ntimeout = 30\n{rest}\n"}
    labs = [AsteriskLab(LabOptions(version=version, append=append)) for version in VERSIONS]
    with ThreadPoolExecutor(len(labs)) as pool:
        try:
            list(pool.map(AsteriskLab.__enter__, labs))
            named = {f"pbx{lab.options.version}": lab for lab in labs}
            directory = tmp_path_factory.mktemp("agent-time")
            with Product(directory, named, extra=SETTINGS) as product:
                played = list(pool.map(lambda lab: play(lab, ROW), labs))
                frames = [one.frames() for one in played]
        finally:
            for lab in labs:
                lab.__exit__(None, None, None)
    now = round(played[0].started * 1000)
    told = {
        str(version): Told(ami, one.lines)
        for version, ami, one in zip(VERSIONS, frames, played, strict=True)
    }
    with open_history(f"sqlite:///{product.database}") as history:
        by = (AgentDimension.PBX, AgentDimension.TEAM, AgentDimension.QUEUE, AgentDimension.AGENT)
        yield Outcome(told, AgentTimeReader(history).read(now - DAY, now + DAY, UTC, by=by))


@pytest.mark.parametrize("version", VERSIONS)
def test_talk_and_hold_are_what_asterisk_tells(version: str, outcome: Outcome) -> None:
    told, time = outcome.of(version)
    (connected,), (completed,) = told.moments("AgentConnect"), told.moments("AgentComplete")
    (held,), (resumed,) = told.moments("Hold"), told.moments("Unhold")

    assert time.conversations == 1
    assert abs(time.hold - (resumed - held)) <= CLOSE
    assert abs(time.talk + time.hold - (completed - connected)) <= CLOSE
    (begin,), (end,) = told.logged("CONNECT"), told.logged("COMPLETECALLER")
    assert abs(time.talk + time.hold - (end - begin)) <= LOGGED


@pytest.mark.parametrize("version", VERSIONS)
def test_wrap_up_ends_when_asterisk_would_ring_the_agent_again(
    version: str, outcome: Outcome
) -> None:
    told, time = outcome.of(version)
    (completed,) = told.moments("AgentComplete")
    last_call = max(
        int(frame.get("LastCall") or 0)
        for frame in told.frames
        if frame.get("Event") == "QueueMemberStatus" and frame.get("Queue") == QUEUE
    )
    assert abs(time.wrap_up - (last_call * SECOND + WRAP_UP - completed)) <= CLOSE


@pytest.mark.parametrize("version", VERSIONS)
def test_a_pause_is_as_long_as_the_queue_log_has_it(version: str, outcome: Outcome) -> None:
    told, time = outcome.of(version)
    paused = told.moments("QueueMemberPause", Queue=QUEUE, Paused="1")
    back = told.moments("QueueMemberPause", Queue=QUEUE, Paused="0")

    assert abs(time.paused - (back[0] - paused[0])) <= CLOSE
    assert time.pauses == {"lunch": time.paused}
    begin, end = told.logged("PAUSE", "PAUSEALL"), told.logged("UNPAUSE", "UNPAUSEALL")
    assert abs(time.paused - (end[0] - begin[0])) <= LOGGED


@pytest.mark.parametrize("version", VERSIONS)
def test_an_agent_of_two_queues_is_logged_in_once(version: str, outcome: Outcome) -> None:
    told, time = outcome.of(version)
    added, removed = told.moments("QueueMemberAdded"), told.moments("QueueMemberRemoved")
    begin, end = told.logged("ADDMEMBER"), told.logged("REMOVEMEMBER")

    assert len(added) == len(removed) == 2
    # the telephone may register after the agent has joined
    assert 0 <= max(removed) - min(added) - time.logged_in <= LOGGED
    assert abs(time.logged_in - (max(end) - min(begin))) <= LOGGED
    assert time.unobserved == 0


def test_it_is_of_the_queue_and_the_team_and_of_nobody(outcome: Outcome) -> None:
    figures = outcome.figures
    assert {queue for _, queue in figures.by_queue} == {QUEUE}
    assert list(figures.by_team) == ["first"]
    assert figures.by_agent == {}
