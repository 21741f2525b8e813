"""A caller who waited before a gap, and talks to an agent after it."""

from dataclasses import replace

import pytest

from monitor.core import events as ev
from monitor.core.records import Exit, HandledBy
from tests.core.story import AGENT, PBX, Story, ms
from tests.core.test_resync import back, channel, lost

ANNA = ev.MemberChanged(
    PBX, ms(0), "support", AGENT, "Anna", ev.DeviceState.IN_USE, False, "", True, 0, 1, 0, 0
)


def talks(application: str, data: str) -> Story:
    """Waits in support; after the gap the caller's channel is in an application, and bridged."""
    story = Story().arrives(0).joins(1).say(lost(5))
    caller = replace(channel(age=20, bridge="b1"), application=application, data=data)
    agent = channel("1763718000.8", age=3, bridge="b1", name=f"{AGENT}-00000008", context="agents")
    agent = replace(agent, application="AppQueue", data="(Outgoing Line)")
    return story.resync(
        replace(back(20, caller, agent), queues=(ev.QueueSeen("support", (), (ANNA,)),))
    )


def test_who_is_still_in_queue_was_answered_there_by_the_member_of_that_name() -> None:
    call = talks("Queue", "support,,,,60").call()
    (visit,) = call.visits
    assert (visit.exit, visit.answered_at, visit.agent) == (Exit.ANSWERED, None, "Anna")
    assert call.handled_by is HandledBy.AGENT


@pytest.mark.parametrize(
    ("application", "data"), [("Dial", "PJSIP/anna,30"), ("Queue", "sales"), ("Bridge", "")]
)
def test_who_is_elsewhere_in_the_dialplan_left_the_queue_nobody_knows_how(
    application: str, data: str
) -> None:
    call = talks(application, data).call()
    assert [(visit.queue, visit.exit) for visit in call.visits] == [("support", Exit.UNKNOWN)]
    assert (call.handled_by, call.agent) == (HandledBy.AGENT, AGENT)


def test_where_the_pbx_does_not_say_nothing_contradicts_the_queue() -> None:
    assert talks("", "").call().visits[0].exit is Exit.ANSWERED
