"""From settings, as people write them, to the core's policy."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from config.calendars import Calendar as WrittenCalendar
from config.hours import OpeningHours as WrittenHours
from config.settings import Settings
from monitor.core.calendars import Calendar, OpeningHours
from monitor.core.clock import SECOND, Ms, from_seconds
from monitor.core.indicators import ServiceLevel
from monitor.core.policy import ClockStart, Commitment, CountsWhen, Policy, QueuePolicy, VoiceServer


def policy_of(settings: Settings, version: int = 1, *, year: int | None = None) -> Policy:
    """The policy that a settings file declares.

    Args:
        settings: the validated settings.
        version: the number under which it is, or will be, recorded.
        year: the present year, around which public holidays are looked up; by the machine's clock
            and the centre's zone when None.
    """
    promise = settings.commitment
    zone = settings.centre.zone
    year = year_in(zone) if year is None else year
    return Policy(
        version=version,
        commitment=Commitment(
            within=from_seconds(promise.within),
            at_risk_after=from_seconds(promise.at_risk_s),
            short_abandon=from_seconds(promise.short_abandon),
            starts_on=ClockStart(promise.starts_on),
            target=promise.target,
            service_level=ServiceLevel(promise.service_level),
        ),
        queues=_queues(settings),
        voice_servers=tuple(
            VoiceServer(
                name=declared.name,
                contexts=tuple(declared.contexts),
                stasis_apps=tuple(declared.stasis_apps),
                counts_when=CountsWhen(declared.counts_when),
            )
            for declared in settings.voice_server
        ),
        incoming_contexts=tuple((pbx.name, tuple(pbx.incoming_contexts)) for pbx in settings.pbx),
        welcome_contexts=tuple(promise.welcome_contexts),
        opening_hours=_hours(settings.opening_hours),
        test_numbers=tuple(settings.centre.test_numbers),
        internal_numbers=tuple(settings.centre.internal_numbers),
        zone=zone,
        calendars=tuple(calendar_of(calendar, year) for calendar in settings.calendar),
        calendar=settings.centre.calendar,
        label=settings.centre.label,
    )


def year_in(zone: ZoneInfo, at: Ms | None = None) -> int:
    """The year of a moment (ms) in a zone; the present one, by the machine's clock, when None."""
    return (datetime.now(zone) if at is None else datetime.fromtimestamp(at / SECOND, zone)).year


def calendar_of(written: WrittenCalendar, year: int) -> Calendar:
    """A calendar as it was written, with the dates of public holidays around ``year``."""
    return Calendar(
        name=written.name,
        hours=_hours(written.hours),
        holidays=written.public_holidays(year),
        holiday_hours=tuple((span.from_, span.to) for span in written.holidays_hours),
        closed=written.closures(),
        openings=written.openings(),
    )


def _hours(written: Iterable[WrittenHours]) -> OpeningHours:
    return OpeningHours(tuple((day, span.from_, span.to) for span in written for day in span.days))


def _queues(settings: Settings) -> tuple[QueuePolicy, ...]:
    found = []
    promise = settings.commitment
    for declared in settings.queue:
        within, at_risk_after = declared.thresholds(promise)
        found.append(
            QueuePolicy(
                queue=declared.name,
                label=declared.label,
                within=from_seconds(within),
                at_risk_after=from_seconds(at_risk_after),
                pbx=declared.pbx,
                target=promise.target if declared.target is None else declared.target,
                service_level=ServiceLevel(declared.service_level or promise.service_level),
                calendar=declared.calendar,
            )
        )
    return tuple(found)
