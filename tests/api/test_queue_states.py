"""The state of each queue, for those who keep a copy of it."""

from collections.abc import Iterable
from typing import Any

import orjson
import pytest

from api.queue_states import Key, QueueStates
from monitor.core import effects as fx
from monitor.core import events as ev
from monitor.core.records import MemberState
from tests.api.made import PBX, Centre, member

SUPPORT = (PBX, "support")


@pytest.fixture
def centre() -> Centre:
    return Centre()


@pytest.fixture
def states(centre: Centre) -> QueueStates:
    return QueueStates(centre.engine, centre.clock, [PBX])


def shown(states: QueueStates, key: Key = SUPPORT) -> dict[str, Any]:
    payload = states.payload(*key)
    assert payload is not None
    found: dict[str, Any] = orjson.loads(payload)
    return found


def test_a_state_tells_who_waits_who_works_and_whether_it_can_be_believed(
    centre: Centre, states: QueueStates
) -> None:
    states(centre.tell(ev.LinkChanged, state=ev.LinkState.LOST))
    assert shown(states)["observed"] is False
    states(centre.connect())
    states(centre.arrive("1.1"))
    states(centre.join("1.1"))
    states([fx.MemberUpdated(member()), fx.MemberUpdated(member(MemberState.TALKING))])
    state = shown(states)
    assert (state["v"], state["queue"], state["label"]) == (1, "support", "Support")
    assert (state["waiting"], state["observed"]) == (1, True)
    assert state["longest_wait_since"] == state["as_of"] == "2025-11-21T09:41:07.382Z"
    assert state["members"]["talking"] == 1
    assert sum(state["members"].values()) == 1
    states([fx.MemberGone(PBX, "support", member().interface)])
    assert sum(shown(states)["members"].values()) == 0


def test_it_is_said_which_queues_changed(centre: Centre, states: QueueStates) -> None:
    heard: list[set[Key]] = []

    def hear(keys: Iterable[Key]) -> None:
        heard.append(set(keys))

    states.on_change(hear)
    states(centre.arrive("1.1"))
    assert heard == []
    states(centre.join("1.1", "sales"))
    assert heard.pop() == {(PBX, "sales")}
    # What is known of a PBX is part of the state of each of its queues.
    states(centre.tell(ev.LinkChanged, state=ev.LinkState.LOST))
    assert heard.pop() == {(PBX, "sales"), SUPPORT}


def test_a_queue_is_gone_once_its_pbx_was_listened_to(centre: Centre, states: QueueStates) -> None:
    assert not states.gone(*SUPPORT)
    assert not states.gone(PBX, "old")
    states(centre.connect())
    assert states.gone(PBX, "old")
    assert states.gone("another", "support")
    assert not states.gone(*SUPPORT)
    assert states.payload(PBX, "old") is None
    assert set(states.keys()) == {SUPPORT}
