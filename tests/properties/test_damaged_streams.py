"""Whatever is lost, doubled, late or cut on the way, the record stays a sensible one."""

from dataclasses import replace
from datetime import date, time

from hypothesis import given, note

from monitor.core.calendars import Calendar, OpeningHours
from monitor.core.policy import ClockStart, CountsWhen, Policy, QueuePolicy, VoiceServer
from tests.asterisk_lab import scenarios
from tests.properties import plans
from tests.properties.budget import examples
from tests.properties.plans import Plan
from tests.properties.streams import stream
from tests.properties.traces import PBXS
from tests.properties.watched import Watched
from tests.scenarios.agreement import LAB_POLICY

INCOMING = tuple((pbx, (scenarios.INCOMING_CONTEXT,)) for pbx in PBXS)
PLAIN = replace(LAB_POLICY, incoming_contexts=INCOMING)
STASIS = (
    VoiceServer("stasis", stasis_apps=("stasis-*",)),
    VoiceServer("menu", ("menu",), ("other",), CountsWhen.FIRST_INPUT),
)
ALWAYS = Calendar("always")
NEVER = Calendar("never", closed=((date.min, date.max),))
POLICIES: tuple[Policy, ...] = (
    PLAIN,
    replace(PLAIN, voice_servers=(*PLAIN.voice_servers[:1], *STASIS)),
    replace(PLAIN, commitment=replace(PLAIN.commitment, starts_on=ClockStart.QUEUE_JOINED)),
    replace(
        PLAIN,
        commitment=replace(PLAIN.commitment, starts_on=ClockStart.VOICE_SERVER_LEFT),
        voice_servers=STASIS,
    ),
    replace(
        PLAIN,
        commitment=replace(PLAIN.commitment, starts_on=ClockStart.WELCOME_END),
        welcome_contexts=("incoming", "welcome"),
    ),
    replace(
        PLAIN,
        test_numbers=("*1", "060"),
        opening_hours=OpeningHours(((4, time(0), time.max),)),
        queues=(QueuePolicy("support", within=500, at_risk_after=500), QueuePolicy("sales")),
    ),
    # A centre that is closed with a queue that is open, and the other way round.
    replace(
        PLAIN, calendars=(ALWAYS, NEVER), calendar="never",
        queues=(QueuePolicy("support", calendar="always"),),
    ),
    replace(
        PLAIN, calendars=(ALWAYS, NEVER), calendar="always",
        queues=(QueuePolicy("support", calendar="never"),),
    ),
)  # fmt: skip


def followed(plan: Plan) -> Watched:
    """What a monitor makes of a plan, looked at all the while."""
    note(repr(plan))
    watched = Watched(POLICIES[plan.policy], plan.offset)
    watched.follow(stream(plan), punctual=plan.batch == 1)
    return watched


@examples(0.5)
@given(plans.damaged(len(POLICIES)))
def test_a_damaged_stream_never_ends_in_nonsense(plan: Plan) -> None:
    followed(plan).finish()
