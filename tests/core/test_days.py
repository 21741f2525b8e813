"""Days in the centre's zone, also those on which the clocks are changed."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from monitor.core import events as ev
from monitor.core.calendars import OpeningHours
from monitor.core.clock import HOUR, MINUTE, SECOND, Ms
from monitor.core.effects import Effect, VerdictGiven
from monitor.core.engine import Engine, day_bounds
from monitor.core.policy import Policy
from monitor.core.records import Verdict
from tests.core.story import CALLER, PBX

PARIS = Policy(incoming_contexts=((PBX, ("incoming",)),), zone=ZoneInfo("Europe/Paris"))


def utc(text: str) -> Ms:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * SECOND)


def verdicts(effects: Iterable[Effect]) -> list[Verdict]:
    return [effect.verdict for effect in effects if isinstance(effect, VerdictGiven)]


@pytest.mark.parametrize(
    ("within", "begin", "hours"),
    [
        # Spring: 02:00 is 03:00 at once, the day has 23 hours.
        ("2026-03-28T22:59", "2026-03-27T23:00", 24),
        ("2026-03-28T23:00", "2026-03-28T23:00", 23),
        ("2026-03-29T00:59", "2026-03-28T23:00", 23),
        ("2026-03-29T01:00", "2026-03-28T23:00", 23),
        ("2026-03-29T21:59", "2026-03-28T23:00", 23),
        ("2026-03-29T22:00", "2026-03-29T22:00", 24),
        # Autumn: 03:00 is 02:00 again, the day has 25 hours.
        ("2026-10-24T21:59", "2026-10-23T22:00", 24),
        ("2026-10-24T22:00", "2026-10-24T22:00", 25),
        ("2026-10-25T00:30", "2026-10-24T22:00", 25),  # 02:30 summer time
        ("2026-10-25T01:30", "2026-10-24T22:00", 25),  # 02:30 winter time
        ("2026-10-25T22:59", "2026-10-24T22:00", 25),
        ("2026-10-25T23:00", "2026-10-25T23:00", 24),
    ],
)
def test_a_day_begins_and_ends_at_midnight_of_the_centre(
    within: str, begin: str, hours: int
) -> None:
    start = utc(begin)
    assert day_bounds(utc(within), PARIS) == (start, start + hours * HOUR)


NIGHT_SHIFT = OpeningHours(((6, time(1, 30), time(2, 30)), (6, time(8), time(12))))


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-03-29T00:29", False),  # 01:29
        ("2026-03-29T00:30", True),  # 01:30
        ("2026-03-29T00:59", True),
        ("2026-03-29T01:00", False),  # 03:00: the half hour that is missing was open
        ("2026-03-29T05:59", False),
        ("2026-03-29T06:00", True),  # 08:00, an hour sooner than the day before
        ("2026-10-24T23:30", True),  # 01:30
        ("2026-10-25T00:29", True),  # 02:29 summer time
        ("2026-10-25T00:30", False),
        ("2026-10-25T01:00", True),  # 02:00 again
        ("2026-10-25T01:29", True),
        ("2026-10-25T01:30", False),
        ("2026-10-25T06:59", False),
        ("2026-10-25T07:00", True),  # 08:00
    ],
)
def test_opening_hours_are_those_of_the_clock_on_the_wall(at: str, is_open: bool) -> None:
    assert NIGHT_SHIFT.is_open(utc(at), PARIS.zone) is is_open


@pytest.mark.parametrize(
    ("changed_at", "day_ends"),
    [("2026-03-29T01:00", "2026-03-29T22:00"), ("2026-10-25T01:00", "2026-10-25T23:00")],
)
def test_a_caller_who_waits_while_the_clocks_are_changed_waits_sixty_seconds(
    changed_at: str, day_ends: str
) -> None:
    """The PBX's stamps are seconds since 1970: the change of the hour is not in them."""
    change = utc(changed_at)
    arrived = change - 30 * SECOND
    engine = Engine(PARIS)
    engine.advance(arrived)
    engine.handle(ev.LinkChanged(PBX, arrived, ev.LinkState.CONNECTED))
    channel = ev.ChannelArrived(
        PBX, arrived, CALLER, CALLER, "PJSIP/t-1", "incoming", "s", "0199", ""
    )
    engine.handle(channel)
    engine.handle(ev.DialplanStep(PBX, arrived, CALLER, "incoming", "s", "Answer"))
    call = engine.call(f"{PBX}:{CALLER}")
    assert call is not None
    assert verdicts(engine.advance(arrived + MINUTE - 1)) == []
    assert verdicts(engine.advance(arrived + MINUTE)) == [Verdict.BREACHED]
    # It stays in the figures of the day until that day's own midnight.
    end = utc(day_ends)
    engine.advance(end - 1)
    assert engine.today.breached == 1
    engine.advance(end)
    assert engine.today.breached == 0
