"""The centre's days: when callers arrive and when agents work, in virtual time.

Arrivals are a Poisson process whose rate follows the hour (by thinning: Lewis & Shedler, 1979),
plus bursts in the demo's live part.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from monitor.core.clock import DAY, HOUR, MINUTE, SECOND, Ms

from .centre import Agent, Centre
from .habits import Attentive
from .people import People, pick
from .site import BILLING_LINE, MAIN_LINE, SUPPORT_LINE

_LINES: Final = ((SUPPORT_LINE, 47.0), (MAIN_LINE, 39.0), (BILLING_LINE, 14.0))
_SURGE_LINES: Final = ((SUPPORT_LINE, 70.0), (MAIN_LINE, 12.0), (BILLING_LINE, 18.0))
_TALK: Final = {SUPPORT_LINE: 190 * SECOND, MAIN_LINE: 170 * SECOND, BILLING_LINE: 150 * SECOND}
"""Mean conversation by the line that was called, in ms."""

_WEEKDAY: Final = (
    *(1, 1, 0, 0, 1, 2, 6, 18),  # night: hardly anybody, and nobody there
    *(112, 160, 205, 200, 118, 104, 178, 192, 142, 92, 44),  # 8 to 18 h: peaks at 10 and 15
    *(9, 5, 3, 2, 1),
)
"""Calls in each hour of an ordinary working day, some 1,600 in all."""
_DAY_FACTOR: Final = (1.22, 1.0, 0.97, 0.95, 0.93, 0.3, 0.02)
"""Monday to Sunday. Mondays are bad: more callers, and agents are missing."""
_MONDAY: Final = 0
_SATURDAY: Final = 5
_SUNDAY: Final = 6
_ABSENT_ON_MONDAYS: Final = (3, 7)
_SATURDAY_TEAM: Final = (0, 4, 6, 9, 11)
"""Numbers in the list of agents."""
_SHIFTS: Final = (
    (8 * HOUR, 16 * HOUR),
    (9 * HOUR, 17 * HOUR + 30 * MINUTE),
    (10 * HOUR, 19 * HOUR),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """How busy the centre is.

    ``rate``: calls per hour at all times, None to follow the day. ``burst_every``: how often
    (ms) some ``burst`` callers come at once, 0 for never. ``talk``: how long conversations are,
    as a share of an ordinary day's.
    """

    rate: float | None = None
    burst: int = 0
    burst_every: Ms = 0
    talk: float = 1.0


ORDINARY: Final = Profile()
"""An ordinary week: peaks, a lunch dip, quiet weekends, empty nights."""
ALWAYS_BUSY: Final = Profile(rate=180, burst=14, burst_every=200 * SECOND, talk=0.42)
"""The demo: at any hour callers wait, some at risk, some beyond their minute, most in time."""
QUIET: Final = Profile(rate=0)
"""Nobody calls and nobody works unless a test says so."""


class Traffic:
    """Callers who arrive by themselves and agents who keep their hours."""

    def __init__(self, centre: Centre, profile: Profile, zone: tzinfo = UTC) -> None:
        """``zone``: the centre's own, by which its days and hours go."""
        self.profile = profile
        self._centre = centre
        self._zone = zone
        self._people = People(centre.rng)
        self._agents = list(centre.agents.values())
        self._round = 0
        """Changed with the profile: plans of an earlier one are void."""
        centre.acd.habits = Attentive()

    def begin(self) -> None:
        """Let callers and agents come, from the centre's moment on."""
        self.follow(self.profile)

    def follow(self, profile: Profile) -> None:
        """Go by another profile from now on."""
        self.profile = profile
        self._round += 1
        if profile is QUIET:
            return
        if profile.rate is None:
            self._plan_day(self._midnight(self._centre.now))
        else:
            self._everybody_in()
        if profile.burst_every:
            self._later(round(self._centre.rng.uniform(5, 15) * SECOND), self._surges)
        self._next_arrival()

    # --- callers --------------------------------------------------------------------------------

    def rate_at(self, moment: Ms) -> float:
        """Calls per hour at a moment."""
        if self.profile.rate is not None:
            return self.profile.rate
        local = self._local(moment)
        here, there = _WEEKDAY[local.hour], _WEEKDAY[(local.hour + 1) % 24]
        share = (local.minute - 30) / 60  # from the middle of one hour to that of the next
        if share < 0:
            here, there, share = _WEEKDAY[local.hour - 1], here, share + 1
        return (here + (there - here) * share) * _DAY_FACTOR[local.weekday()]

    def _next_arrival(self) -> None:
        """Plan the next arrival: draw by the highest rate, then keep it by the rate of its hour."""
        rng, peak = self._centre.rng, self.profile.rate or max(_WEEKDAY) * max(_DAY_FACTOR)
        self._later(round(rng.expovariate(peak / HOUR)), lambda: self._maybe_arrival(peak))

    def _maybe_arrival(self, peak: float) -> None:
        if self._centre.rng.random() * peak <= self.rate_at(self._centre.now):
            self._arrival()
        self._next_arrival()

    def _arrival(self, lines: Sequence[tuple[str, float]] = _LINES) -> None:
        line = pick(self._centre.rng, lines)
        people = self._people
        talk = round(_TALK[line] * self.profile.talk)
        plan = people.plan(talk, listens=line == MAIN_LINE)
        self._centre.call(people.number(), line, name=people.name(), plan=plan)

    def surge(self, extra: int = 0) -> None:
        """A burst: as after a breakdown, many call within half a minute, most of them support."""
        rng, size = self._centre.rng, self.profile.burst + extra
        for _ in range(rng.randint(size - 2, size + 2)):
            self._later(round(rng.uniform(0, 25) * SECOND), lambda: self._arrival(_SURGE_LINES))

    def _surges(self) -> None:
        self.surge()
        every = self.profile.burst_every
        self._later(round(every * self._centre.rng.uniform(0.75, 1.25)), self._surges)

    # --- agents ---------------------------------------------------------------------------------

    def _everybody_in(self) -> None:
        """All agents come in within seconds, and take short breaks from then on."""
        for number, agent in enumerate(self._agents):
            if not agent.is_in:
                self._later(number * 400, agent.login)
            elif agent.places[0].paused:
                agent.unpause()
            self._later(self._span(4, 25), lambda agent=agent: self._short_break(agent))  # type: ignore[misc]

    def _short_break(self, agent: Agent) -> None:
        reason = pick(self._centre.rng, (("coffee", 6), ("training", 1), ("lunch", 2)))
        self._break(agent, reason, self._span(1, 4))
        self._later(self._span(12, 45), lambda: self._short_break(agent))

    def _plan_day(self, midnight: Ms) -> None:
        """Plan the shifts and breaks of one day, and the planning of the next."""
        tomorrow = self._midnight(midnight + DAY + 2 * HOUR)  # days of 23 and 25 hours exist
        self._at(tomorrow, lambda: self._plan_day(tomorrow))
        weekday = self._local(midnight).weekday()
        if weekday == _SUNDAY:
            return
        for number, agent in enumerate(self._agents):
            missing = weekday == _MONDAY and number in _ABSENT_ON_MONDAYS
            if missing or (weekday == _SATURDAY and number not in _SATURDAY_TEAM):
                continue
            self._plan_shift(agent, number, midnight)

    def _plan_shift(self, agent: Agent, number: int, midnight: Ms) -> None:
        begin, end = _SHIFTS[number % len(_SHIFTS)]
        rng = self._centre.rng
        start = midnight + begin + self._span(-4, 3)
        if self._centre.now < midnight + end:
            self._at(max(start, self._centre.now), agent.login)
        self._at(midnight + end + self._span(0, 9), agent.logout)
        lunch = midnight + 11 * HOUR + 45 * MINUTE + (number % 5) * 28 * MINUTE
        breaks = [("lunch", lunch, self._span(38, 47))]
        for after in (2, 6):
            at = start + after * HOUR + self._span(-30, 30)
            breaks.append(("coffee", at, self._span(8, 14)))
        if rng.random() < 0.12:  # noqa: PLR2004
            breaks.append(
                ("training", midnight + 16 * HOUR + self._span(0, 20), self._span(25, 40))
            )
        for reason, at, length in breaks:
            self._at(at, lambda reason=reason, length=length: self._break(agent, reason, length))  # type: ignore[misc]

    def _break(self, agent: Agent, reason: str, length: Ms) -> None:
        if agent.is_in and not agent.places[0].paused:
            agent.pause(reason)
            self._later(length, agent.unpause)

    # --- time -----------------------------------------------------------------------------------

    def _span(self, low: float, high: float) -> Ms:
        """A span between ``low`` and ``high`` minutes."""
        return round(self._centre.rng.uniform(low, high) * MINUTE)

    def _later(self, delay: Ms, action: Callable[[], None]) -> None:
        self._at(self._centre.now + delay, action)

    def _at(self, moment: Ms, action: Callable[[], None]) -> None:
        """Plan ``action`` under this profile; what is past is not done any more."""
        planned = self._round

        def act() -> None:
            if planned == self._round:
                action()

        if moment >= self._centre.now:
            self._centre.agenda.at(moment, act)

    def _local(self, moment: Ms) -> datetime:
        return datetime.fromtimestamp(moment / SECOND, UTC).astimezone(self._zone)

    def _midnight(self, moment: Ms) -> Ms:
        local = self._local(moment).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return round(local.replace(tzinfo=self._zone).timestamp()) * SECOND


def days_before(moment: Ms, days: int, zone: tzinfo) -> Ms:
    """The midnight that begins the span of ``days`` whole days before ``moment``'s own."""
    local = datetime.fromtimestamp(moment / SECOND, UTC).astimezone(zone)
    first = (local - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
    return round(first.replace(tzinfo=None).replace(tzinfo=zone).timestamp()) * SECOND
