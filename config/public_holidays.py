"""Public holidays of a country, or of a part of it that has its own; from the library `holidays`.

Its codes are ISO 3166-1 for countries and, mostly, ISO 3166-2 for their parts: ``FR`` with ``57``
(Moselle) or ``6AE`` (Alsace) has Good Friday and 26 December, ``974`` (La Réunion) the abolition of
slavery.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Final

import holidays as library

from config.faults import Complaint, Wrong

_CODE: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday, with its name in English and French (the country's own where unknown)."""

    day: date
    name_en: str
    name_fr: str


def countries() -> list[str]:
    """The ISO codes of the countries that are known."""
    return list(_countries())


def subdivisions(country: str) -> list[str]:
    """The codes of a country's parts that may have holidays of their own."""
    return list(_parts(country) or ())


def problem_with(country: str, subdivision: str = "") -> str:
    """Why no public holidays can be told; empty when they can."""
    if not country:
        if not subdivision:
            return ""
        return Complaint(Wrong.COUNTRY_NEEDED, "it needs holidays, the country")
    known = _parts(country)
    if known is None:
        close = get_close_matches(country.upper(), _countries(), n=1)
        hint = f'; did you mean "{close[0]}"?' if close else ""
        text = f'no public holidays are known of "{country[:20]}"{hint}'
        return Complaint(Wrong.NO_COUNTRY, text)
    if subdivision and subdivision not in known:
        parts = ", ".join(known)
        text = f'"{subdivision[:20]}" is no part of {country}; known are {parts}'
        return Complaint(Wrong.NO_PART, text, country=country, known=parts)
    return ""


def days_of(country: str, subdivision: str, years: Iterable[int]) -> tuple[date, ...]:
    """The public holidays of these years, in order; none for an empty country.

    Raises:
        ValueError: the country or its part is not known; see :func:`problem_with`.
    """
    if not country:
        return ()
    return tuple(sorted(_found(country, subdivision, tuple(years), "")))


def named(country: str, subdivision: str, year: int) -> list[Holiday]:
    """The public holidays of a year with their names, in order.

    Raises:
        ValueError: the country or its part is not known; see :func:`problem_with`.
    """
    english = _found(country, subdivision, (year,), "en")
    french = _found(country, subdivision, (year,), "fr")
    return [Holiday(day, english[day], french[day]) for day in sorted(english)]


def _found(
    country: str, subdivision: str, years: tuple[int, ...], language: str
) -> Mapping[date, str]:
    if problem := problem_with(country, subdivision):
        raise ValueError(problem)
    asked = {"subdiv": subdivision or None, "years": years}
    spoken = library.country_holidays(country).supported_languages
    chosen = next((code for code in spoken if language and code.startswith(language)), None)
    return dict(library.country_holidays(country, language=chosen, **asked))  # type: ignore[arg-type]


@cache
def _parts(country: str) -> tuple[str, ...] | None:
    """A country's parts, without the zones of school holidays; None: it is not known."""
    if not _CODE.fullmatch(country):
        return None
    try:
        known = library.country_holidays(country).subdivisions
    except NotImplementedError:
        return None
    return tuple(part for part in known if not part.startswith("Zone "))


@cache
def _countries() -> tuple[str, ...]:
    """All countries; only for lists and hints, as the library looks each of them up."""
    known = library.list_supported_countries(include_aliases=False)
    return tuple(sorted(code for code in known if _CODE.fullmatch(code)))
