from dataclasses import fields, replace
from datetime import UTC, date, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from monitor.core.calendars import Calendar, OpeningHours
from monitor.core.indicators import ServiceLevel
from monitor.core.policy import ClockStart, Commitment, CountsWhen, Policy, QueuePolicy, VoiceServer
from monitor.core.records import Call
from monitor.history import History, HistoryError, tables
from monitor.history.policies import canonical, current_policy, parse, policy
from monitor.history.recovering import Rulebook

FULL = Policy(
    version=1,
    commitment=Commitment(
        30_000, 20_000, 4_000, ClockStart.WELCOME_END, 0.95, ServiceLevel.ANSWERED_ONLY
    ),
    queues=(
        QueuePolicy(
            "support",
            "Aide « été »",
            40_000,
            30_000,
            "lab",
            0.9,
            ServiceLevel.ABANDONED_COUNT_AGAINST,
            "office",
        ),
        QueuePolicy("sales"),
    ),
    voice_servers=(VoiceServer("welcome", ("ivr*",), ("ivr",), CountsWhen.FIRST_INPUT),),
    incoming_contexts=(("paris", ("from-trunk", "from-*")), ("lab", ("incoming",))),
    welcome_contexts=("welcome",),
    opening_hours=OpeningHours(((0, time(8, 30), time(12)), (6, time(0), time.max))),
    test_numbers=("+3300*",),
    internal_numbers=("1??",),
    zone=ZoneInfo("Europe/Paris"),
    calendars=(
        Calendar(
            "office",
            OpeningHours(((0, time(9), time.max),)),
            holidays=(date(2026, 5, 1),),
            holiday_hours=((time(9), time(12)),),
            closed=((date(2026, 8, 1), date(2026, 8, 15)),),
            openings=((date(2026, 12, 20), time(10), time(18)),),
        ),
        Calendar("always"),
    ),
    calendar="office",
    label="Customer care, Lyon",
)


def test_the_full_policy_leaves_no_default() -> None:
    same = [f.name for f in fields(Policy) if getattr(FULL, f.name) == getattr(Policy(), f.name)]
    assert same == ["version"]


@pytest.mark.parametrize("value", [Policy(), FULL])
def test_a_policy_survives_its_json(value: Policy) -> None:
    assert parse(canonical(value), value.version) == value
    assert canonical(parse(canonical(value), 1)) == canonical(value)


# What a version looked like that was stored before there were calendars and targets.
EARLIER = (
    '{"commitment":{"at_risk_after":45000,"short_abandon":5000,"starts_on":"arrival",'
    '"within":60000},"incoming_contexts":[["lab",["incoming"]]],"internal_numbers":[],'
    '"opening_hours":[[0,"08:30:00","12:00:00"]],"queues":[{"at_risk_after":30000,"label":"",'
    '"pbx":"lab","queue":"support","within":40000}],"test_numbers":[],"voice_servers":[],'
    '"welcome_contexts":[],"zone":"Europe/Paris"}'
)


def test_a_version_of_before_calendars_is_read_and_is_no_other_than_it_was() -> None:
    earlier = parse(EARLIER, 3)

    assert earlier.queues == (QueuePolicy("support", "", 40_000, 30_000, "lab"),)
    assert (earlier.calendars, earlier.calendar, earlier.commitment.target) == ((), "", None)
    assert canonical(earlier) == EARLIER


@pytest.mark.parametrize(
    "zone",
    [UTC, ZoneInfo("UTC"), timezone(timedelta(hours=-3, minutes=-30)), ZoneInfo("Asia/Kolkata")],
)
def test_a_zone_survives_its_json(zone: timezone | ZoneInfo) -> None:
    text = canonical(Policy(zone=zone))
    assert canonical(parse(text, 1)) == text


def test_the_first_policy_is_version_1_and_stays_it(history: History) -> None:
    assert current_policy(history, replace(FULL, version=77)) == FULL
    assert current_policy(history, FULL) == FULL
    assert policy(history, 1) == FULL
    assert policy(history, 2) is None


def test_a_changed_policy_becomes_the_next_version(history: History) -> None:
    current_policy(history, FULL, by="file", now=1_000)
    changed = replace(FULL, commitment=Commitment(45_000))
    assert current_policy(history, changed, by="Zoé", now=2_000).version == 2
    assert current_policy(history, FULL, by="Zoé", now=3_000).version == 3
    assert policy(history, 1) == FULL
    assert policy(history, 2) == replace(changed, version=2)
    stored = select(tables.policy_version.c["version", "created_at", "created_by"])
    with history.reading() as connection:
        rows = [tuple(row) for row in connection.execute(stored.order_by("version"))]
    assert rows == [(1, 1_000, "file"), (2, 2_000, "Zoé"), (3, 3_000, "Zoé")]


def test_a_database_that_fails_is_explained(history: History) -> None:
    with history.writing() as connection:
        tables.policy_version.drop(connection)
    with pytest.raises(HistoryError):
        current_policy(history, FULL)


def test_a_recorded_call_is_reconciled_by_the_policy_that_judged_it(history: History) -> None:
    first = current_policy(history, Policy(commitment=Commitment(within=60_000)), now=1_000)
    later = current_policy(history, Policy(commitment=Commitment(within=20_000)), now=2_000)
    rules = Rulebook(history, later, no_voice_server=False)
    # The PBX's clock is ahead: the call began under the first, and after the second by its stamps.
    call = Call("lab", "1.1", 5_000, policy_version=first.version)
    assert rules.of(call).rules.policy == first
    assert rules.of(replace(call, policy_version=later.version)).rules.policy == later
    assert rules.of(replace(call, policy_version=99)).rules.policy == rules.at(5_000).rules.policy
