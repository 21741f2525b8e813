"""Callers who came while nobody looked, and had moved on in the dialplan when somebody did."""

from dataclasses import replace

import pytest

from monitor.core import events as ev
from monitor.core.effects import BlindIntervalChanged
from monitor.core.records import Observed, Verdict
from tests.core.story import CALLER, PBX, Story, ms
from tests.core.test_resync import back, channel, lost

ELSEWHERE = replace(
    channel(age=5, name="PJSIP/trunk-00000007", context="internal"), application="Wait"
)
EARLIER = "1763718000.7"


def found(seen: ev.ChannelSeen, *, trunk_known: bool = True) -> bool:
    """Whether a caller's record begins with a channel of a snapshot; a call came before the gap."""
    story = Story()
    if trunk_known:
        story.arrives(0, EARLIER).hangs_up(1, EARLIER)
    story.say(lost(2)).resync(back(10, seen))
    return f"{PBX}:{CALLER}" in story.engine.snapshot().calls


def test_whoever_runs_queue_is_a_caller_also_while_talking_to_an_agent() -> None:
    in_queue = replace(ELSEWHERE, application="Queue", data="sales", bridge="b1")
    assert found(in_queue, trunk_known=False)


def test_who_called_by_a_trunk_of_callers_is_one_wherever_the_dialplan_went() -> None:
    assert found(replace(ELSEWHERE, channel="PJSIP/trunk-00000009", dialled="0144"))


@pytest.mark.parametrize(
    "seen",
    [
        # the PBX called somebody through the trunk (AMI Originate): nobody dialled it
        replace(ELSEWHERE, channel="PJSIP/trunk-00000009", dialled=""),
        # an agent calls out
        replace(ELSEWHERE, channel="PJSIP/agent1-00000009", dialled="0612345678"),
        # the leg that rings for somebody
        replace(ELSEWHERE, channel="PJSIP/trunk-00000009", dialled="0144", data="(Outgoing Line)"),
    ],
)
def test_who_did_not_call_by_a_trunk_of_callers_is_none(seen: ev.ChannelSeen) -> None:
    assert not found(seen)


def test_no_trunk_is_known_before_a_caller_came_by_it() -> None:
    assert not found(replace(ELSEWHERE, dialled="0144"), trunk_known=False)


def test_the_record_tells_the_trunks_after_a_restart() -> None:
    earlier = Story().arrives(0, EARLIER).hangs_up(1, EARLIER).call(EARLIER)
    story = Story()
    story.engine.recall([earlier])
    story.say(lost(2)).resync(
        back(10, replace(ELSEWHERE, channel="PJSIP/" + earlier.channel[6:], dialled="0144"))
    )
    assert story.call().observed is Observed.PARTIAL


def test_a_local_channel_says_by_its_name_where_it_began() -> None:
    name = "Local/support@{}-00000009;2"
    assert found(replace(ELSEWHERE, channel=name.format("incoming")), trunk_known=False)
    assert not found(replace(ELSEWHERE, channel=name.format("agents")), trunk_known=False)


def test_a_caller_found_elsewhere_is_judged_by_no_guess() -> None:
    story = Story().arrives(0, EARLIER).hangs_up(1, EARLIER).say(lost(2))
    seen = replace(ELSEWHERE, channel="PJSIP/trunk-00000009", dialled="0144", age=9000)
    story.resync(back(10, seen)).hangs_up(12)
    assert story.call().verdict is Verdict.UNKNOWN


# --- a channel that came just before the link was lost ------------------------------------------


def blind_since(story: Story, at: float) -> int:
    story.say(lost(at))
    begun = [e.interval for e in story.effects if isinstance(e, BlindIntervalChanged)]
    return begun[-1].started_at


def came(at: float, context: str = "incoming") -> Story:
    name = "PJSIP/trunk-00000009"
    return Story().say(
        ev.ChannelArrived(PBX, ms(at), CALLER, CALLER, name, context, "support", "0199", "")
    )


def test_the_gap_begins_with_a_caller_who_is_no_call_yet() -> None:
    assert blind_since(came(4.9), 5) == ms(4.9)


@pytest.mark.parametrize(
    ("story", "why"),
    [
        (came(4.9, "agents"), "not where callers come"),
        (came(3), "a leg that has been there for long: a caller takes a step at once"),
        (Story().arrives(4.9), "a call already"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_else_it_begins_with_the_last_sign_of_life(story: Story, why: str) -> None:
    assert blind_since(story, 5) == ms(5)
