"""Which calendar judges a call: that of its first queue, by the moment of the call's arrival."""

from dataclasses import replace
from datetime import time

import pytest

from monitor.core import events as ev
from monitor.core.calendars import Calendar, OpeningHours
from monitor.core.clock import SECOND
from monitor.core.comparing import Sight
from monitor.core.engine import Engine
from monitor.core.logged import LoggedCall, LoggedVisit
from monitor.core.policy import Policy, QueuePolicy, Rules, VoiceServer
from monitor.core.reconciling import reconcile
from monitor.core.records import Call, Exit, FactKind, Observed, Reason, Verdict, Visit
from monitor.core.recovery import Assumptions, recover
from tests.core.story import CALLER, PBX, T0, Story, ms

# Stories begin on Friday, 2025-11-21, at 09:40 (UTC).
OPEN = OpeningHours(((4, time(9), time(18)),))
CLOSED = OpeningHours(((4, time(12), time(18)),))
CLOSES_SOON = OpeningHours(((4, time(9), time(9, 40, 20)),))


def centre(hours: OpeningHours, **queues: OpeningHours) -> Policy:
    """A centre with these hours, and queues with calendars of their own."""
    return Policy(
        incoming_contexts=((PBX, ("incoming",)),),
        voice_servers=(VoiceServer("ivr", ("ivr",)),),
        calendars=(
            Calendar("centre", hours),
            *(Calendar(name, own) for name, own in queues.items()),
        ),
        calendar="centre",
        queues=tuple(QueuePolicy(name, within=40_000, calendar=name) for name in queues),
    )


NIGHT_QUEUE = centre(CLOSED, urgent=OPEN)
DAY = centre(OPEN, urgent=CLOSED)


def test_a_call_to_a_closed_centre_is_excluded_at_once_where_no_queue_is_open() -> None:
    story = Story(centre(CLOSED, urgent=CLOSED)).arrives()

    assert story.verdicts == [Verdict.EXCLUDED]
    story.joins(5, "urgent").hangs_up(80)
    assert story.verdicts == [Verdict.EXCLUDED]
    assert story.call().reason is Reason.OUTSIDE_OPENING_HOURS


def test_who_joins_a_queue_that_is_open_counts_though_the_centre_is_closed() -> None:
    story = Story(NIGHT_QUEUE).arrives().until(4)
    assert (story.verdicts, story.call().reason) == ([], Reason.CALENDAR_UNKNOWN)
    story.joins(5, "urgent").until(39.999)
    assert (story.verdicts, story.call().reason.value) == ([], "")

    story.until(40)

    assert story.verdicts == [Verdict.BREACHED], "by the queue's own threshold, not corrected"
    assert story.call().corrections == 0


def test_who_joins_another_queue_of_a_closed_centre_is_excluded_then() -> None:
    story = Story(NIGHT_QUEUE).arrives().joins(5, "sales")

    assert story.verdicts == [Verdict.EXCLUDED]
    assert story.until(80).hangs_up(90).verdicts == [Verdict.EXCLUDED]


def test_who_joins_no_queue_of_a_closed_centre_is_excluded_at_the_end() -> None:
    story = Story(NIGHT_QUEUE).arrives().steps(1, "ivr").until(80)
    call = story.call()
    assert story.verdicts == [], "handled by the voice server, which may not count"
    assert not any(fact.kind is FactKind.AT_RISK for fact in call.facts)

    story.hangs_up(90)

    assert story.verdicts == [Verdict.EXCLUDED]
    assert story.engine.today.excluded == 1


def test_who_is_late_already_when_joining_an_open_queue_is_late() -> None:
    story = Story(NIGHT_QUEUE).arrives().until(60).joins(70, "urgent").until(70)

    assert story.verdicts == [Verdict.BREACHED]
    assert story.call().verdict_at == ms(40)


def test_who_was_handled_before_joining_an_open_queue_is_met_then() -> None:
    story = Story(NIGHT_QUEUE).arrives().steps(3, "ivr").steps(20).joins(70, "urgent")

    assert story.verdicts == [Verdict.MET]
    assert story.call().handled_at == ms(3)


def test_who_joins_a_closed_queue_of_an_open_centre_is_excluded() -> None:
    story = Story(DAY).arrives().until(3).joins(5, "urgent")

    assert story.verdicts == [Verdict.EXCLUDED]
    assert story.until(80).hangs_up(90).verdicts == [Verdict.EXCLUDED]


def test_a_breach_before_joining_a_closed_queue_is_taken_back() -> None:
    story = Story(DAY).arrives().until(60).joins(70, "urgent")

    assert story.verdicts == [Verdict.BREACHED, Verdict.EXCLUDED]
    assert story.engine.today.breached == 0


def test_who_arrived_before_the_queue_closed_is_promised_the_minute() -> None:
    story = Story(centre(OPEN, urgent=CLOSES_SOON)).arrives(15).joins(25, "urgent").until(54.999)
    assert story.verdicts == []

    assert story.until(55).verdicts == [Verdict.BREACHED]


def test_who_arrived_after_the_queue_closed_is_excluded() -> None:
    story = Story(centre(OPEN, urgent=CLOSES_SOON)).arrives(20).joins(21, "urgent")

    assert story.verdicts == [Verdict.EXCLUDED]


def test_the_first_queue_judges_wherever_the_caller_goes_next() -> None:
    story = Story(NIGHT_QUEUE).arrives().joins(5, "urgent")
    story.gives_up(20, "urgent").status(20, "TIMEOUT").joins(21, "sales").until(40)

    assert story.verdicts == [Verdict.BREACHED]


def test_a_queue_that_lets_nobody_in_leaves_it_to_the_next() -> None:
    story = Story(centre(OPEN, urgent=CLOSED, support=OPEN)).arrives()
    story.steps(1, "incoming", "Queue", "urgent").status(1, "JOINEMPTY")
    assert story.verdicts == [Verdict.EXCLUDED], "so far it is the only one that was tried"

    story.joins(2, "support").until(40)

    assert story.verdicts == [Verdict.EXCLUDED, Verdict.PENDING, Verdict.BREACHED]
    assert story.call().within == 40_000


def test_where_every_queue_turned_the_caller_away_the_first_one_judges() -> None:
    story = Story(NIGHT_QUEUE).arrives()
    story.steps(1, "incoming", "Queue", "urgent").status(1, "JOINEMPTY").hangs_up(3)

    assert story.verdicts == [Verdict.REFUSED]


def test_a_number_excludes_whatever_the_calendar_says() -> None:
    policy = replace(NIGHT_QUEUE, test_numbers=("0199*",))
    story = Story(policy).arrives().joins(5, "urgent").hangs_up(90)

    assert story.verdicts == [Verdict.EXCLUDED]
    assert story.call().reason is Reason.TEST_NUMBER


def test_a_call_that_was_undecided_when_the_monitor_stopped_still_is() -> None:
    before = Story(NIGHT_QUEUE).arrives()
    engine = Engine(NIGHT_QUEUE)
    engine.advance(ms(30))
    engine.restore([before.call()])
    engine.handle(ev.LinkChanged(PBX, ms(30), ev.LinkState.CONNECTED))
    engine.advance(ms(70))
    call = engine.call(f"{PBX}:{CALLER}")
    assert call is not None
    assert call.verdict.value == "pending"

    engine.handle(ev.ChannelGone(PBX, ms(80), CALLER, 16))

    assert call.verdict.value == "excluded"


def test_who_may_have_joined_an_open_queue_unseen_is_not_said_to_be_excluded() -> None:
    story = Story(NIGHT_QUEUE).arrives()
    story.say(ev.LinkChanged(PBX, ms(20), ev.LinkState.LOST))
    story.resync(ev.PbxSnapshot(PBX, ms(90)))

    assert story.verdicts == [Verdict.UNKNOWN]
    assert story.call().reason is Reason.END_NOT_OBSERVED


def test_a_call_of_which_nothing_more_is_heard_is_forgotten() -> None:
    story = Story(NIGHT_QUEUE).arrives().hangs_up(10).until(1_000)

    assert story.engine.handle(ev.ChannelGone(PBX, ms(1_000), CALLER, 16)) == []


# --- from the queue log -------------------------------------------------------------------------


def logged(queue: str) -> LoggedCall:
    visit = LoggedVisit(queue, ms(5), number="0199", left_at=ms(90), exit=Exit.ABANDONED)
    return LoggedCall(CALLER, [visit])


@pytest.mark.parametrize(
    ("policy", "queue", "verdict"),
    [
        (NIGHT_QUEUE, "urgent", Verdict.BREACHED),
        (NIGHT_QUEUE, "sales", Verdict.EXCLUDED),
        (DAY, "urgent", Verdict.EXCLUDED),
        (DAY, "sales", Verdict.BREACHED),
    ],
)
def test_a_call_of_the_log_is_judged_by_the_calendar_of_its_first_queue(
    policy: Policy, queue: str, verdict: Verdict
) -> None:
    given = Assumptions(Rules(policy), no_voice_server=True)

    assert recover(PBX, logged(queue), given).verdict is verdict


def seen(policy: Policy, verdict: Verdict, reason: Reason) -> Call:
    """A record whose stay in a queue fell into a gap."""
    call = Call(
        PBX, CALLER, T0, clock_started_at=T0, ended_at=ms(90), closed=True, verdict=verdict,
        reason=reason, observed=Observed.PARTIAL, policy_version=policy.version, in_doubt=True,
    )  # fmt: skip
    call.facts += Story(policy).arrives().call().facts[:1]
    return call


@pytest.mark.parametrize(
    ("policy", "was", "reason", "verdict"),
    [
        (DAY, Verdict.UNKNOWN, Reason.MAY_HAVE_BEEN_HANDLED, Verdict.EXCLUDED),
        (NIGHT_QUEUE, Verdict.EXCLUDED, Reason.OUTSIDE_OPENING_HOURS, Verdict.BREACHED),
        (NIGHT_QUEUE, Verdict.EXCLUDED, Reason.TEST_NUMBER, Verdict.EXCLUDED),
    ],
)
def test_a_queue_that_only_the_log_tells_of_brings_its_calendar(
    policy: Policy, was: Verdict, reason: Reason, verdict: Verdict
) -> None:
    given = Assumptions(Rules(policy), no_voice_server=True)
    sight = Sight(0, [(ms(1), ms(89))])

    found = reconcile(PBX, seen(policy, was, reason), logged("urgent"), sight, given)

    assert found.after is not None
    assert found.after.verdict is verdict
    assert [visit.queue for visit in found.after.visits] == ["urgent"]


def test_a_reconciled_call_of_known_queues_is_excluded_as_it_was() -> None:
    """Its policy may say something else by now."""
    record = seen(DAY, Verdict.EXCLUDED, Reason.OUTSIDE_OPENING_HOURS)
    record.visits.append(Visit("sales", ms(5), 60_000, left_at=ms(20), exit=Exit.UNKNOWN))
    given = Assumptions(Rules(DAY), no_voice_server=True)
    sight = Sight(0, [(ms(10), ms(89))])

    found = reconcile(PBX, record, logged("sales"), sight, given)

    assert found.after is not None
    assert found.after.verdict is Verdict.EXCLUDED


# --- rules of the policy ------------------------------------------------------------------------


def test_a_calendar_that_is_not_there_is_the_centres() -> None:
    rules = Rules(replace(DAY, queues=(QueuePolicy("sales", calendar="gone"),)))

    assert rules.calendar(PBX, "sales") is rules.calendar(PBX)
    assert not rules.has_calendars


def test_a_queue_of_another_pbx_lends_no_hours() -> None:
    elsewhere = replace(
        NIGHT_QUEUE, queues=(QueuePolicy("urgent", pbx="paris", calendar="urgent"),)
    )
    rules = Rules(elsewhere)

    assert rules.is_open_somewhere("paris", T0)
    assert not rules.is_open_somewhere(PBX, T0)


def test_the_hours_of_the_policy_are_the_centres_where_it_names_no_calendar() -> None:
    rules = Rules(Policy(opening_hours=CLOSED))

    assert rules.exclusion("", T0, PBX) == "outside_opening_hours"
    assert rules.exclusion("", T0 + 3 * 3600 * SECOND, PBX) is None
