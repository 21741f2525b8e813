"""Half a year of a contact centre, from calls to a report, without a database."""

import functools
import random
from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from monitor.core.agent_time import AgentTime, AgentTimeFigures
from monitor.core.calendars import Calendar, OpeningHours
from monitor.core.clock import DAY, HOUR, MINUTE, SECOND, Ms
from monitor.core.contact_period import OtherChannels
from monitor.core.contacts import Channel, Contact, ContactReason, judged
from monitor.core.period import PeriodFigures, count_all
from monitor.core.policy import Commitment, Policy, QueuePolicy, VoiceServer
from monitor.core.promises import Promise
from monitor.core.records import BlindInterval, Call, VoiceServerStay
from monitor.reporting.build import Given, Version, build, previous_period
from monitor.reporting.model import Generated, Report, Sealed
from monitor.reporting.values import At
from tests.bench import big_record

PARIS = ZoneInfo("Europe/Paris")
HEAD = "9f2c41d07be8a6533c1d90f4e27ab86815d3c07e94fb2a6d8e3150c9b7a4f682"
WEEK = OpeningHours((*((day, time(8), time(19)) for day in range(5)), (5, time(9), time(13))))


def moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> Ms:
    """A moment in Paris."""
    at = datetime(year, month, day, hour, minute, tzinfo=PARIS)
    return round(at.timestamp()) * SECOND


SINCE, UNTIL = moment(2026, 4, 1), moment(2026, 10, 1)


def policy(version: int = 1, **promise: object) -> Policy:
    """A policy of two PBXs and some queues."""
    commitment = Commitment(target=0.9, **promise)  # type: ignore[arg-type]
    return Policy(
        version=version,
        commitment=commitment,
        queues=(
            QueuePolicy("support", "Assistance", target=0.85),
            QueuePolicy("sales", "Ventes", target=0.8),
            QueuePolicy("billing", "Facturation"),
            QueuePolicy("vip", "Clients prioritaires", within=30_000, at_risk_after=20_000),
        ),
        voice_servers=(VoiceServer("welcome", ("ivr",)),),
        incoming_contexts=(("lyon", ("incoming",)), ("nantes", ("incoming",))),
        test_numbers=("+33123456789",),
        zone=PARIS,
        calendars=(Calendar("week", WEEK, holidays=(date(2026, 5, 1), date(2026, 7, 14))),),
        calendar="week",
        label="Relation client Loire",
    )


VERSIONS = (
    Version(moment(2026, 1, 5, 9), policy()),
    Version(moment(2026, 6, 15, 8, 30), policy(2, short_abandon=3_000)),
    Version(moment(2026, 12, 1), policy(3, within=40_000)),
)


@functools.cache
def half_year(many: int = 4_000) -> tuple[PeriodFigures, PeriodFigures]:
    """The figures of April to September 2026, and of the half year before."""
    calls = [_told(call) for call in big_record.calls(many)]
    figures = count_all(calls, SINCE, UNTIL, PARIS)
    before = count_all([], *previous_period(SINCE, UNTIL, PARIS), PARIS)
    shift = SINCE - before.since
    for call in big_record.calls(many * 9 // 10, seed=2):
        _move(call, -shift)
        part = before.total
        part.calls.count_record(call)
        for visit in call.visits:
            part.visits.count_visit(visit)
    figures.blind = [
        BlindInterval("lyon", moment(2026, 4, 14, 10, 2), moment(2026, 4, 14, 10, 17),
                      "The PBX lyon closed the connection; trying again until it answers. "
                      "The PBX started anew."),
        BlindInterval("nantes", moment(2026, 6, 3, 22), moment(2026, 6, 4, 6, 30),
                      "The monitor was stopped."),
        BlindInterval("lyon", moment(2026, 9, 30, 23, 50), None, "Lightning struck."),
    ]  # fmt: skip
    figures.overflow = {
        ("withdraw_caller", "moved"): 412, ("withdraw_caller", "answered_meanwhile"): 37,
        ("withdraw_caller", "left_meanwhile"): 9, ("add_member", "done"): 58,
        ("redirect_channel", "failed"): 2,
    }  # fmt: skip
    return figures, before


def _told(call: Call) -> Call:
    """A call with what the big record leaves out: voice server stays, corrections."""
    if call.handled_by == "voice_server":
        call.stays.append(
            VoiceServerStay("welcome", call.arrived_at + 4_000, call.ended_at, inputs="12")
        )
    number = int(call.uniqueid.partition(".")[2])
    call.corrections = int(number % 997 == 0)
    call.policy_version = 1 if call.arrived_at < VERSIONS[1].set_at else 2
    return call


def _move(call: Call, by: Ms) -> None:
    for name in ("arrived_at", "clock_started_at", "handled_at", "ended_at"):
        if getattr(call, name) is not None:
            setattr(call, name, getattr(call, name) + by)


_ANNOUNCED = {
    Channel.EMAIL: (Promise.within(2 * DAY), 310),
    Channel.LETTER: (Promise.within_opening(100 * HOUR), 40),
    Channel.CALLBACK: (Promise.within(4 * HOUR), 120),
    Channel.COMPLAINT: (Promise.within_opening(80 * HOUR), 30),
}


@functools.cache
def others() -> OtherChannels:
    """Contacts of half a year, and what callers answered."""
    found, rng = OtherChannels(SINCE, UNTIL, PARIS), random.Random(3)
    for channel, (promise, many) in _ANNOUNCED.items():
        for n in range(many):
            at = rng.randrange(SINCE, UNTIL)
            span = promise.span or 0
            contact = Contact(
                f"{channel}{n}", "crm", str(n), channel, at, promise, at + span, at + span // 2
            )
            if n % 40 == 7:
                contact = replace(contact, excluded=ContactReason.DUPLICATE)
            elif n % 40 == 8:
                contact = replace(contact, withdrawn_at=at + span // 3)
            elif n % 40 != 9:
                contact = replace(contact, answered_at=at + int(span * rng.uniform(0.05, 1.06)))
            found.count_contact(judged(contact, UNTIL + DAY))
    for n in range(900):
        call = Call("lyon", str(n), rng.randrange(SINCE, UNTIL))
        call.satisfaction, call.satisfaction_best = max(0, min(5, rng.randrange(-3, 9))), 5
        found.count_call(call)
    return found


@functools.cache
def agents() -> AgentTimeFigures:
    """Agents' time of half a year, of two teams and of agents of none."""
    found, rng = AgentTimeFigures(SINCE, UNTIL, PARIS), random.Random(5)
    months = others().months
    found.by_month = [(month, AgentTime()) for month in months]
    for team in ("", "Lyon", "Nantes"):
        found.by_team[team] = AgentTime()
        found.by_team_month[team] = [(month, AgentTime()) for month in months]
        for number in range(len(months)):
            time = AgentTime(
                talk=rng.randrange(900, 1100) * HOUR // 5, hold=9 * HOUR, wrap_up=30 * HOUR,
                conversations=rng.randrange(2_800, 3_400), ringing=21 * HOUR, busy=12 * HOUR,
                available=rng.randrange(150, 220) * HOUR, paused=40 * HOUR, unobserved=MINUTE,
            )  # fmt: skip
            time.pauses["lunch"] = 40 * HOUR
            parts = [found.total, found.by_team[team], found.by_month[number][1]]
            for part in (*parts, found.by_team_month[team][number][1]):
                part.add(time)
    return found


def given(many: int = 4_000) -> Given:
    """All that the report is made of."""
    figures, before = half_year(many)
    return Given(
        figures,
        VERSIONS,
        all_versions=True,
        previous=before,
        others=others(),
        agents=agents(),
        sealed=Sealed(HEAD, "2026-01-05", "2026-09-29", 182, 2),
        generated=Generated(
            At(round(datetime(2026, 10, 2, 8, 15, 30, tzinfo=UTC).timestamp()) * SECOND),
            "quality",
            "Minuteur 0.1.0",
        ),
    )


@functools.cache
def report(many: int = 4_000) -> Report:
    """The report."""
    return build(given(many))


GAP_IN_HOURS = 15 * MINUTE
"""Of the blind time of Lyon, in opening hours."""
NIGHT = 8 * HOUR + 30 * MINUTE
