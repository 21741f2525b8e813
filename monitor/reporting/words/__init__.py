"""The words of reports and how each language writes numbers, shares, spans and days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from monitor.core.clock import HOUR, MINUTE, SECOND, Ms
from monitor.core.indicators import Ratio
from monitor.reporting.model import Range
from monitor.reporting.words import agents_en, agents_fr, channels_en, channels_fr, en, fr

Lang = Literal["en", "fr"]
NARROW: Final = "\u202f"
"""A narrow no-break space."""
NOTHING: Final = "–"
_WHOLE: Final = 100
_MONTHS: Final = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
           "octobre", "novembre", "décembre"),
}  # fmt: skip
_SHORT: Final = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.",
           "nov.", "déc."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its words, and how it writes values."""

    code: Lang
    words: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """A sentence or word, with values put in."""
        return self.words[key].format(**values)

    def code_word(self, kind: str, code: str) -> str:
        """The word for a stable code; the code itself where there is none."""
        return self.words.get(f"{kind}.{code}", code)

    # --- numbers --------------------------------------------------------------------------------

    def number(self, value: int) -> str:
        """A whole number, in groups of three."""
        grouped = f"{value:,}"
        return grouped if self.code == "en" else grouped.replace(",", NARROW)

    def decimal(self, value: float | Decimal, digits: int) -> str:
        """A number with so many digits after the point."""
        text = f"{value:,.{digits}f}"
        if self.code == "fr":
            text = text.replace(",", NARROW).replace(".", ",")
        return text

    def percent(self, value: float | None, digits: int = 1) -> str:
        """A share from 0 to 1, cut and not rounded, as the pages do.

        So 89.996 % is not a target of 90 % that was reached. What would print as zero and is none
        is ``< 0.1%``.
        """
        return NOTHING if value is None else self._with_sign(self._share(value, digits))

    def exact_percent(self, value: float) -> str:
        """A share that was set, such as a target, with the decimals that it has: ``92.5%``."""
        hundred = _decimal(value) * _WHOLE
        digits = max(0, -int(hundred.normalize().as_tuple().exponent))
        return self.percent(value, digits)

    def ratio(self, ratio: Ratio, digits: int = 1) -> str:
        """A ratio as a share."""
        return self.percent(ratio.value, digits)

    def range(self, range_: Range, digits: int = 1) -> str:
        """``between 81.2% and 83.0%``; the ratio alone where both ends read alike."""
        low, high = (self.ratio(end, digits) for end in (range_.low, range_.high))
        return low if low == high else self("between", low=low, high=high)

    def range_short(self, range_: Range) -> str:
        """``81.2–83.0%``, for tables; nothing where both ends read alike."""
        low, high = range_.low.value, range_.high.value
        if low is None or high is None or self._share(low, 1) == self._share(high, 1):
            return NOTHING
        return self._with_sign(f"{self._share(low, 1)}–{self._share(high, 1)}")

    def _share(self, value: float, digits: int) -> str:
        """A share in hundredths, without the sign."""
        least = Decimal(1).scaleb(-digits)
        exact = _decimal(value) * _WHOLE
        shown = exact.quantize(least, ROUND_DOWN)
        if exact > 0 and not shown:
            return f"<\u00a0{self.decimal(least, digits)}"
        return self.decimal(shown, digits)

    def _with_sign(self, text: str) -> str:
        return f"{text}{NARROW}%" if self.code == "fr" else f"{text}%"

    def points(self, now: float | None, before: float | None) -> str:
        """How many percentage points more or less."""
        if now is None or before is None:
            return NOTHING
        change = round((now - before) * 100, 2)
        unit = "pt" if self.code == "fr" else "pp"
        return f"{_sign(change)}{self.decimal(abs(change), 2)}{NARROW}{unit}"

    def change(self, now: int, before: int) -> str:
        """How much more or less, in percent."""
        if not before:
            return NOTHING
        change = round((now - before) * 100 / before, 1)
        space = NARROW if self.code == "fr" else ""
        return f"{_sign(change)}{self.decimal(abs(change), 1)}{space}%"

    # --- time -----------------------------------------------------------------------------------

    def seconds(self, span: Ms | None, digits: int = 1) -> str:
        """A span in seconds: ``23.4 s``."""
        return NOTHING if span is None else f"{self.decimal(span / SECOND, digits)}{NARROW}s"

    def threshold(self, span: Ms) -> str:
        """A threshold: ``60 s``, or with the fraction that it has."""
        return self.seconds(span, 0 if span % SECOND == 0 else 1)

    def duration(self, span: Ms) -> str:
        """A longer span: ``3 h 12 min``, ``12 min 5 s``, ``4 s``."""
        if span < MINUTE:
            return self.seconds(span, 0 if span % SECOND == 0 else 1)
        if span < HOUR:
            minutes, rest = divmod(round(span / SECOND), 60)
            return f"{minutes}{NARROW}min {rest:02d}{NARROW}s"
        hours, minutes = divmod(round(span / MINUTE), 60)
        return f"{self.number(hours)}{NARROW}h {minutes:02d}{NARROW}min"

    def day(self, day: date) -> str:
        """``1 April 2026``, ``1er avril 2026``."""
        number = "1er" if self.code == "fr" and day.day == 1 else str(day.day)
        return f"{number}\u00a0{_MONTHS[self.code][day.month - 1]} {day.year}"

    def moment(self, at: Ms, zone: str) -> str:
        """A moment: ``2 October 2026, 08:15``."""
        local = self._local(at, zone)
        space = " à " if self.code == "fr" else ", "
        return f"{self.day(local.date())}{space}{local:%H:%M}"

    def moment_short(self, at: Ms, zone: str) -> str:
        """``2026-10-02 08:15:30`` in English, ``02/10/2026 08:15:30`` in French."""
        local = self._local(at, zone)
        return f"{local:%d/%m/%Y %H:%M:%S}" if self.code == "fr" else f"{local:%Y-%m-%d %H:%M:%S}"

    def month(self, month: str, *, short: bool = False) -> str:
        """``April 2026`` of ``2026-04``."""
        year, number = month.split("-")
        names = _SHORT if short else _MONTHS
        name = names[self.code][int(number) - 1]
        return f"{name} {year[2:] if short else year}"

    def period(self, first_day: str, last_day: str) -> str:
        """A period: ``1 April 2026 to 30 September 2026``."""
        first, last = (self.day(date.fromisoformat(day)) for day in (first_day, last_day))
        return self("period", first=first, last=last)

    def _local(self, at: Ms, zone: str) -> datetime:
        try:
            named = ZoneInfo(zone)
        except (ValueError, KeyError, OSError):
            named = ZoneInfo("UTC")
        return datetime.fromtimestamp(at // SECOND, UTC).astimezone(named)


def _decimal(value: float) -> Decimal:
    """The shortest decimal of a number, so that 87 of 300 are 0.29 and nothing less."""
    return Decimal(repr(value))


def _sign(change: float) -> str:
    return "±" if not change else "+" if change > 0 else "−"


LANGUAGES: Final[Mapping[Lang, Language]] = {
    "en": Language("en", {**en.WORDS, **channels_en.WORDS, **agents_en.WORDS}),
    "fr": Language("fr", {**fr.WORDS, **channels_fr.WORDS, **agents_fr.WORDS}),
}
