"""An example of a report, for the interface's description: a small one, made as all are."""

from collections import Counter
from typing import Any, Final
from zoneinfo import ZoneInfo

from monitor.core.buckets import Bucket
from monitor.core.clock import DAY, HOUR, Ms
from monitor.core.contact_period import ContactPart, OtherChannels, SurveyPart
from monitor.core.contact_tallies import ContactTally, SatisfactionTally, ScaleTally
from monitor.core.contacts import Channel
from monitor.core.period import Part, PeriodFigures
from monitor.core.policy import Commitment, Policy, QueuePolicy
from monitor.core.promises import PromiseKind
from monitor.core.records import BlindInterval, Reason
from monitor.core.tallies import CallTally, Histogram, VisitTally
from monitor.reporting.build import Given, Version, build
from monitor.reporting.model import Generated, Sealed, plain
from monitor.reporting.values import At

_SINCE: Final[Ms] = 1_774_994_400_000
"""2026-04-01T00:00 in Paris."""
_UNTIL: Final[Ms] = _SINCE + 30 * DAY
_HEAD: Final = "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce"


def _part() -> Part:
    calls = CallTally(
        met=187, breached=9, abandoned=11, refused=2, excluded=4, unknown=1, short_abandons=3,
        handled_by_agent=171, handled_by_voice_server=24, partly_observed=1, waits=195,
        wait=3_861_000, longest_wait=131_208, with_number=201, repeats_7=17,
    )  # fmt: skip
    calls.reasons.update({Reason.HANDLED_LATE: 8, Reason.ABANDONED_LATE: 1})
    calls.reasons[Reason.OUTSIDE_OPENING_HOURS] = 4
    visits = VisitTally(
        offered=210, answered=190, answered_within=182, abandoned=17, abandoned_within=12,
        abandoned_short=3, left_otherwise=2, unknown=1, answered_wait=4_180_000,
        longest_wait=131_208, talked=190, talk=39_900_000, offers=214, missed=24,
    )  # fmt: skip
    return Part(
        calls, visits, {}, Histogram.of({12: 120, 31: 66, 74: 9}),
        Histogram.of({14: 130, 33: 60}),
    )  # fmt: skip


def _others() -> OtherChannels:
    found = OtherChannels(_SINCE, _UNTIL, ZoneInfo("Europe/Paris"))
    promise, day = PromiseKind.SPAN, 2 * DAY
    found.contacts[ContactPart("lab", "support", Channel.EMAIL, 0, promise, day)] = ContactTally(
        pending=3,
        met=48,
        breached=4,
        withdrawn=1,
        overdue=1,
        answered=51,
        answer_time=3_106_000_000,
    )
    survey = SatisfactionTally(asked=62)
    survey.scales[5] = ScaleTally(5, Counter({5: 21, 4: 11, 3: 5, 2: 2, 1: 1}))
    found.surveys[SurveyPart("lab", "support", 0)] = survey
    return found


def _made() -> dict[str, Any]:
    figures = PeriodFigures(_SINCE, _UNTIL, ZoneInfo("Europe/Paris"))
    part = _part()
    part.policy_versions[3], part.thresholds[60_000] = 214, 214
    key = ("lab", "support")
    month = [(Bucket(_SINCE, _UNTIL), part)]
    figures.total, figures.by_pbx, figures.by_queue = part, {"lab": part}, {key: part}
    figures.by_month, figures.by_queue_month = month, {key: month}
    begun = _SINCE + 9 * DAY
    figures.blind = [BlindInterval("lab", begun, begun + HOUR // 4, "The connection was lost.")]
    figures.overflow = {("withdraw_caller", "moved"): 12}
    policy = Policy(
        3, Commitment(target=0.95), (QueuePolicy("support", "Support", target=0.9),),
        incoming_contexts=(("lab", ("incoming",)),),
    )  # fmt: skip
    given = Given(
        figures,
        [Version(_SINCE - 90 * DAY, policy)],
        all_versions=True,
        others=_others(),
        sealed=Sealed(_HEAD, "2026-01-01", "2026-04-29", 30, 1),
        generated=Generated(At(_UNTIL + 8 * HOUR), "quality", "Minuteur 0.1.0"),
    )
    told: dict[str, Any] = plain(build(given))
    return told


EXAMPLE: Final = _made()
