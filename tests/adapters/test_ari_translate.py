"""What ARI events mean, and who is inside an application."""

from typing import Any

import pytest

from monitor.core import events as ev
from monitor.core.clock import HOUR, MINUTE, SECOND
from telephony_adapters.asterisk.ari_translate import (
    AriTranslator,
    Insiders,
    inside_before,
    moment,
)
from tests.adapters.scripted_ari import NOW, channel, event


def translated(message: dict[str, Any]) -> ev.Event | None:
    return AriTranslator("lab").translate(message, NOW + 5)


def playback(target: str) -> dict[str, str]:
    return {"id": "p", "media_uri": "sound:welcome", "target_uri": target, "state": "playing"}


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        (
            event("ChannelDialplan", channel=channel("1.1")),
            ev.StasisEntered("lab", NOW, "1.1", "ivr-app"),
        ),
        (
            event("ChannelDialplan", channel=channel("1.1", "Queue", "support")),
            ev.StasisLeft("lab", NOW, "1.1", ""),
        ),
        (event("ChannelDestroyed", channel=channel("1.1")), ev.StasisLeft("lab", NOW, "1.1", "")),
        (
            event("ChannelDtmfReceived", channel=channel("1.1"), digit="#"),
            ev.StasisDigit("lab", NOW, "1.1", "#"),
        ),
        (
            event("PlaybackStarted", playback=playback("channel:1.1")),
            ev.PlaybackChanged("lab", NOW, "1.1", "sound:welcome", playing=True),
        ),
        (
            event("PlaybackFinished", playback=playback("channel:1.1")),
            ev.PlaybackChanged("lab", NOW, "1.1", "sound:welcome", playing=False),
        ),
        (event("PlaybackStarted", playback=playback("bridge:b")), None),
        (event("ChannelVarset", channel=channel("1.1"), variable="X", value="1"), None),
    ],
)
def test_what_an_event_means(message: dict[str, Any], meaning: ev.Event | None) -> None:
    assert translated(message) == meaning


@pytest.mark.parametrize(
    ("stamp", "ms"),
    [
        ("2026-11-21T23:29:09.548+0000", 1795303749548),
        ("2026-11-22T00:29:09.548+0100", 1795303749548),
        ("2026-11-21T18:59:09.001-0430", 1795303749001),
        ("1970-01-01T00:00:00.000+0000", 0),
    ],
)
def test_a_moment_is_read_in_its_own_zone(stamp: str, ms: int) -> None:
    assert moment(stamp) == ms


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-11-21T23:29:09.548", "1795303749.5"])
def test_what_is_no_moment_is_refused(stamp: str) -> None:
    with pytest.raises(ValueError, match=r"zone|Invalid isoformat"):
        moment(stamp)


@pytest.mark.parametrize("stamp", ["", "2026-11-21T23:29:09.548", "2099-01-01T00:00:00.000+0000"])
def test_an_event_without_a_credible_stamp_gets_the_moment_of_its_arrival(stamp: str) -> None:
    told = translated(event("ChannelDialplan", stamp, channel=channel("1.1")))
    assert told == ev.StasisEntered("lab", NOW + 5, "1.1", "ivr-app")


@pytest.mark.parametrize(
    ("late", "believed"),
    [(-HOUR, False), (-3 * SECOND, False), (-SECOND, True), (20 * SECOND, True), (MINUTE, False)],
)
def test_a_stamp_that_the_known_clock_cannot_have_shown_is_not_believed(
    late: int, believed: bool
) -> None:
    """The PBX's clock was set: until AMI has said so, all is told in the time of before."""
    message = event("ChannelDialplan", channel=channel("1.1"))
    told = AriTranslator("lab").translate(message, NOW + late)
    assert told is not None
    assert told.at == (NOW if believed else NOW + late)
    unknown = AriTranslator("lab").translate(message, NOW + late, clock_known=False)
    assert unknown is not None
    assert unknown.at == NOW


@pytest.mark.parametrize(
    "message",
    [
        event("ChannelDialplan"),
        event("ChannelDialplan", channel=None),
        event("ChannelDialplan", channel=[]),
        event("ChannelDialplan", channel={"id": "1.1"}),
        event("ChannelDialplan", channel={**channel("1.1"), "id": 5}),
        event("ChannelDialplan", channel={**channel("1.1"), "dialplan": "x"}),
        event("ChannelDtmfReceived", channel=channel("1.1"), digit=5),
        event("PlaybackStarted", playback={}),
    ],
)
def test_a_malformed_event_is_counted_and_left_out(message: dict[str, Any]) -> None:
    translator = AriTranslator("lab")
    assert translator.translate(message, NOW) is None
    assert translator.malformed == 1


def entered(at: int, app: str = "ivr", uniqueid: str = "1.1") -> ev.StasisEntered:
    return ev.StasisEntered("lab", at, uniqueid, app)


def left(at: int, app: str = "", uniqueid: str = "1.1") -> ev.StasisLeft:
    return ev.StasisLeft("lab", at, uniqueid, app)


def admitted(*events: ev.Event, inside: dict[str, str] | None = None) -> list[ev.Event]:
    insiders = Insiders(inside)
    return [event for one in events for event in insiders.admit(one)]


def test_only_the_step_after_stasis_is_a_leaving() -> None:
    steps = (left(1), entered(2), left(3), left(4))
    assert admitted(*steps) == [entered(2), left(3, "ivr")]


def test_from_one_application_into_the_next_are_two_stays() -> None:
    assert admitted(entered(1), entered(5, "menu"), left(9)) == [
        entered(1), left(5, "ivr"), entered(5, "menu"), left(9, "menu"),
    ]  # fmt: skip


def test_the_same_application_twice_in_a_row_are_two_stays() -> None:
    assert admitted(entered(1), entered(5), left(9)) == [
        entered(1), left(5, "ivr"), entered(5), left(9, "ivr"),
    ]  # fmt: skip


def test_who_was_inside_before_us_can_leave_too() -> None:
    assert admitted(left(3), inside={"1.1": "ivr"}) == [left(3, "ivr")]


def test_keys_and_playbacks_pass() -> None:
    digit = ev.StasisDigit("lab", 3, "1.1", "1")
    assert admitted(digit) == [digit]


def test_the_list_is_taken_back_to_before_the_events_that_came_meanwhile() -> None:
    listed = [
        ev.StasisSeen("came", "ivr"),
        ev.StasisSeen("left", "ivr"),
        ev.StasisSeen("stays", "ivr"),
        ev.StasisSeen("came back", "menu"),
    ]
    meanwhile = [
        entered(1, "ivr", "came"),
        left(2, "", "left"),
        left(2, "", "came back"),
        entered(3, "menu", "came back"),
        entered(4, "ivr", "came and left"),
        left(5, "", "came and left"),
    ]
    before = inside_before(listed, meanwhile)
    assert before == {"left": "ivr", "stays": "ivr", "came back": "menu"}
    after = Insiders(before)
    for one in meanwhile:
        after.admit(one)
    assert after.inside == {"came": "ivr", "stays": "ivr", "came back": "menu"}
