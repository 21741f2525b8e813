"""A report as PDF: tagged (PDF/UA-1), made for archives (PDF/A-2a), its font embedded.

Set by Typst: the template ``report.typ`` holds the looks and no word; the words and the numbers,
as the language writes them, come from :mod:`monitor.reporting.pdf.document`. The same report gives
the same bytes.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import orjson
import typst

from monitor.core.clock import SECOND, Ms
from monitor.reporting.model import Report
from monitor.reporting.pdf.document import document
from monitor.reporting.words import LANGUAGES, Lang

HERE: Final = Path(__file__).parent


def as_pdf(report: Report, lang: Lang) -> bytes:
    """Set a report; takes a second or so, in which no other Python thread is held up.

    Names in a script that the embedded fonts lack are set in a font of this machine; what comes of
    it is no PDF/A.
    """
    return set_pdf(report, lang)[0]


def set_pdf(report: Report, lang: Lang) -> tuple[bytes, bool]:
    """Set a report, and say whether every machine sets it alike: its fonts are all embedded."""
    at = report.period.to if report.generated is None else report.generated.at
    told = orjson.dumps(document(report, LANGUAGES[lang])).decode()
    try:
        return _set(told, at, strict=True), True
    except typst.TypstError:
        return _set(told, at, strict=False), False


def _set(told: str, at: Ms, *, strict: bool) -> bytes:
    return typst.compile(
        HERE / "report.typ",
        root=HERE,
        font_paths=[HERE / "fonts"],
        ignore_system_fonts=strict,
        sys_inputs={"report": told},
        pdf_standards=["a-2a", "ua-1"] if strict else None,
        timestamp=datetime.fromtimestamp(at // SECOND, UTC),
    )
