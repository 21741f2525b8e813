"""Voice server stays out of what AMI and ARI tell, in whatever order the two are heard."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import combinations

import pytest

from monitor.core import events as ev
from monitor.core.policy import Commitment, CountsWhen, Policy, VoiceServer
from monitor.core.records import Call, FactKind, HandledBy, Verdict
from monitor.core.stays import MANY
from tests.core.story import AGENT, CALLER, PBX, Story, ms


def policy(counts_when: CountsWhen = CountsWhen.REACHED, *contexts: str) -> Policy:
    return Policy(
        commitment=Commitment(),
        incoming_contexts=((PBX, ("incoming",)),),
        voice_servers=(
            VoiceServer("welcome", contexts, ("welcome-app",), counts_when),
            VoiceServer("menu", ("menu",), (), CountsWhen.FIRST_INPUT),
        ),
    )


def step(at: float, context: str = "incoming", app: str = "NoOp", data: str = "") -> ev.Event:
    return ev.DialplanStep(PBX, ms(at), CALLER, context, "s", app, data)


def digit(at: float, value: str) -> ev.Event:
    return ev.DigitPressed(PBX, ms(at), CALLER, value)


def ari_digit(at: float, value: str) -> ev.Event:
    return ev.StasisDigit(PBX, ms(at), CALLER, value)


AMI_OF_ONE_CALL: list[ev.Event] = [
    ev.ChannelArrived(PBX, ms(0), CALLER, CALLER, "PJSIP/trunk-1", "incoming", "s", "0612", ""),
    step(0.001),
    step(0.1, app="Stasis", data="welcome-app,x"),
    digit(3, "1"),
    step(4.2, app="Queue", data="support"),
    ev.QueueJoined(PBX, ms(4.201), CALLER, "support", 1),
    digit(6, "9"),
    ev.AgentConnected(PBX, ms(9.001), CALLER, "support", AGENT, "Anna"),
    ev.ChannelGone(PBX, ms(20.001), CALLER, 16),
]
ARI_OF_ONE_CALL: list[ev.Event] = [
    ev.StasisEntered(PBX, ms(0.103), CALLER, "welcome-app"),
    ev.PlaybackChanged(PBX, ms(0.2), CALLER, "sound:hello", True),
    ari_digit(3.002, "1"),
    ev.PlaybackChanged(PBX, ms(3.6), CALLER, "sound:hello", False),
    ev.StasisLeft(PBX, ms(4.199), CALLER, "welcome-app"),
]


def interleavings(ami: list[ev.Event], ari: list[ev.Event]) -> Iterator[list[ev.Event]]:
    """Every order in which two ordered streams can be heard."""
    for places in combinations(range(len(ami) + len(ari)), len(ari)):
        chosen, first, second = set(places), iter(ami), iter(ari)
        yield [next(second if n in chosen else first) for n in range(len(ami) + len(ari))]


TOLD_WHEN_KNOWN = {FactKind.VERDICT, FactKind.CORRECTED, FactKind.AT_RISK}
"""These facts say when something became known, which is what differs."""


def record(call: Call) -> object:
    facts = [f for f in call.facts if f.kind not in TOLD_WHEN_KNOWN]
    return (
        call.verdict, call.reason, call.verdict_at, call.handled_at, call.handled_by, call.agent,
        call.stays, call.visits, call.ended_at, call.clock_started_at,
        sorted((f.at, f.kind, sorted(f.detail.items())) for f in facts),
    )  # fmt: skip


@pytest.mark.parametrize("counts_when", CountsWhen)
def test_every_interleaving_of_ami_and_ari_ends_in_the_same_record(counts_when: CountsWhen) -> None:
    found = []
    for events in interleavings(AMI_OF_ONE_CALL, ARI_OF_ONE_CALL):
        story = Story(policy(counts_when))
        for event in events:
            story.say(event)
        found.append(record(story.call()))
    assert len(found) == 2_002
    assert all(one == found[0] for one in found)
    call = story.call()
    assert [(s.name, s.entered_at, s.left_at, s.inputs) for s in call.stays] == [
        ("welcome", ms(0.1), ms(4.199), "1")
    ]
    assert call.handled_by is HandledBy.VOICE_SERVER
    assert call.handled_at == ms(0.1 if counts_when is CountsWhen.REACHED else 3)


def test_an_application_that_nobody_declared_is_no_voice_server() -> None:
    story = Story(policy()).arrives()
    story.say(step(1, app="Stasis", data="dialer"))
    story.say(ev.StasisEntered(PBX, ms(1.002), CALLER, "dialer"))
    assert story.call().stays == []
    assert story.call().verdict is Verdict.PENDING


def test_without_ari_the_dialplan_tells_of_a_stasis_application() -> None:
    story = Story(policy()).arrives()
    story.say(step(1, app="Stasis", data="welcome-app")).say(step(5))
    (stay,) = story.call().stays
    assert (stay.name, stay.entered_at, stay.left_at) == ("welcome", ms(1), ms(5))
    assert story.call().handled_at == ms(1)


def test_a_late_fact_takes_back_what_it_disproves() -> None:
    """The key was pressed after the application had let the caller go: no input."""
    story = Story(policy(CountsWhen.FIRST_INPUT)).arrives()
    story.say(ev.StasisEntered(PBX, ms(1), CALLER, "welcome-app")).say(digit(5, "1"))
    assert story.call().verdict is Verdict.MET
    story.say(ev.StasisLeft(PBX, ms(4), CALLER, "welcome-app"))
    call = story.call()
    assert (call.verdict, call.handled_at, call.stays[0].inputs) == (Verdict.PENDING, None, "")
    story.until(61)
    assert story.call().verdict is Verdict.BREACHED


def test_the_dialplan_around_an_application_goes_on_as_its_own_voice_server() -> None:
    story = Story(policy()).arrives()
    story.say(step(1, "menu")).say(step(2, "menu", "Stasis", "welcome-app"))
    story.say(ev.StasisLeft(PBX, ms(3), CALLER, "welcome-app")).say(digit(4, "2"))
    assert [(s.name, s.inputs) for s in story.call().stays] == [
        ("menu", ""), ("welcome", ""), ("menu", "2"),
    ]  # fmt: skip


def test_what_ari_said_of_a_channel_that_never_became_a_call_is_forgotten() -> None:
    story = Story(policy())
    story.say(ev.StasisEntered(PBX, ms(1), "7.7", "welcome-app"))
    story.until(180)
    story.say(
        ev.ChannelArrived(PBX, ms(181), "7.7", "7.7", "PJSIP/t-1", "incoming", "s", "0612", "")
    ).say(ev.DialplanStep(PBX, ms(181), "7.7", "incoming", "s", "NoOp"))
    assert story.call("7.7").stays == []


def test_a_snapshot_of_ari_finds_and_ends_stays_at_unknown_moments() -> None:
    story = Story(policy()).arrives()
    story.say(ev.StasisSnapshot(PBX, ms(5), (ev.StasisSeen(CALLER, "welcome-app"),)))
    call = story.call()
    assert call.stays[0].entered_at == ms(5)
    assert (call.verdict, call.handled_by) == (Verdict.MET, HandledBy.VOICE_SERVER)
    story.say(ev.StasisSnapshot(PBX, ms(9)))
    assert story.call().stays[0].left_at == ms(9)


@pytest.mark.parametrize(
    ("keys", "ari", "inputs"),
    [
        ("", "12", "12"),
        ("12", "", "12"),
        ("12", "12", "12"),
        ("123", "3", "123"),
        ("1", "123", "123"),
    ],
)
def test_a_key_told_twice_is_one_input_and_the_source_that_heard_most_is_believed(
    keys: str, ari: str, inputs: str
) -> None:
    story = Story(policy()).arrives()
    story.say(ev.StasisEntered(PBX, ms(1), CALLER, "welcome-app"))
    for n, key in enumerate(keys):
        story.say(digit(2 + n, key))
    for n, key in enumerate(ari):
        story.say(ari_digit(2.002 + n, key))
    assert story.call().stays[0].inputs == inputs


def marks_kept(story: Story) -> int:
    return len(story.engine._desks[PBX].marks[CALLER].all)


@pytest.mark.parametrize("counts_when", CountsWhen)
def test_of_a_caller_who_presses_keys_for_an_hour_all_are_told_and_few_are_kept(
    counts_when: CountsWhen,
) -> None:
    story = Story(policy(counts_when, "ivr")).arrives()
    story.say(step(1, "ivr"))
    for second in range(2, 1_002):
        story.say(digit(second, str(second % 10)))
    assert marks_kept(story) <= MANY
    story.hangs_up(2_000)
    call = story.call()
    (stay,) = call.stays
    assert stay.inputs == "".join(str(second % 10) for second in range(2, 1_002))
    assert (stay.entered_at, stay.left_at) == (ms(1), ms(2_000))
    told = [fact.kind for fact in call.facts if fact.kind.value.startswith("voice_server")]
    assert told == [
        FactKind.VOICE_SERVER_ENTERED,
        *[FactKind.VOICE_SERVER_INPUT] * 1_000,
        FactKind.VOICE_SERVER_LEFT,
    ]
    at = ms(1 if counts_when is CountsWhen.REACHED else 2)
    assert (call.verdict, call.handled_at) == (Verdict.MET, at)
    assert story.verdicts == [Verdict.MET]


def test_of_a_caller_who_is_sent_round_in_circles_all_stays_are_told_and_few_marks_kept() -> None:
    story = Story(policy(CountsWhen.REACHED, "ivr")).arrives()
    for second in range(1, 1_001):
        story.say(step(second, "ivr" if second % 2 else "incoming"))
    assert marks_kept(story) <= MANY
    stays = story.call().stays
    assert [(stay.entered_at, stay.left_at) for stay in stays] == [
        (ms(second), ms(second + 1)) for second in range(1, 1_001, 2)
    ]
    told = [fact.at for fact in story.call().facts if fact.kind.value.startswith("voice_server")]
    assert told == [ms(second) for second in range(1, 1_001)]
    story.say(step(1_001, "ivr")).say(ev.ClockStepped(PBX, ms(2_000), 500_000))
    story.ends(2_001)
    assert (stays[-1].entered_at, stays[-1].left_at) == (ms(1_501), ms(2_001))
    assert (len(stays), story.call().handled_at) == (501, ms(501))


def test_the_same_key_at_an_earlier_moment_is_another_one_and_not_told_twice() -> None:
    story = Story(policy(CountsWhen.REACHED, "ivr")).arrives()
    for event in (step(1, "ivr"), digit(3, "1"), digit(2, "1"), digit(2, "1"), digit(3, "1")):
        story.say(event)
    assert story.call().stays[0].inputs == "11"


def test_after_a_restart_what_is_said_of_before_changes_no_stay_on_record() -> None:
    story = Story(policy(CountsWhen.REACHED, "ivr")).arrives().say(step(2, "ivr"))
    kept = deepcopy(story.call())
    again = Story(policy(CountsWhen.REACHED, "ivr"), connected=False)
    again.engine.restore([kept])
    again.say(ev.LinkChanged(PBX, ms(3), ev.LinkState.LOST, "restart"))
    again.resync(
        ev.PbxSnapshot(
            PBX,
            ms(4),
            (ev.ChannelSeen(CALLER, CALLER, "PJSIP/t-1", "ivr", "s", "", "", "", 0, ""),),
        )
    )
    again.say(step(1.5)).say(step(5, "ivr"))
    (stay,) = again.call().stays
    assert (stay.entered_at, stay.left_at) == (ms(2), None)
