"""The report of a pack as PDF, for people; its figures are those of ``report.json``.

The same documents give the same bytes with the same program: its date is the period's end. So they
are made anew, too, when a pack is verified by the program that made it.
"""

from collections.abc import Iterator
from typing import Final

from monitor.evidence.figures import PackFigures
from monitor.reporting.model import Report
from monitor.reporting.packs import report_of
from monitor.reporting.words import Lang

NAMES: Final[dict[str, Lang]] = {"report.en.pdf": "en", "report.fr.pdf": "fr"}
MOST_CELLS: Final = 20_000
"""A table of so many queues by months takes some 20 s to set; a longer one is left out."""
_CREATOR: Final = b"/Creator"


def printed(found: PackFigures) -> Iterator[tuple[str, bytes]]:
    """The PDFs of a pack, each with its name; none where they would be too long."""
    report = _report(found)
    if len(report.queue_months) <= MOST_CELLS:
        for name, lang in NAMES.items():
            yield name, _pdf(report, lang)[0]


def not_as_made(name: str, data: bytes, found: PackFigures) -> str | None:
    """Whether a PDF is what is made of a pack's documents.

    Returns:
        Empty where it is; else what is wrong with it; None where nobody can tell: another version
        has set it, or it has fonts of the machine that did.
    """
    made, alike = _pdf(_report(found), NAMES[name])
    if made == data:
        return ""
    if not alike or _creator(made) != _creator(data):
        return None
    return "it is not what is made of the documents"


def _report(found: PackFigures) -> Report:
    return report_of(found.period, found.policies, found.head, found.others)


def _pdf(report: Report, lang: Lang) -> tuple[bytes, bool]:
    from monitor.reporting.pdf import set_pdf  # noqa: PLC0415 - 80 MB that few processes need

    return set_pdf(report, lang)


def _creator(pdf: bytes) -> bytes:
    """What has set a PDF, with its version, as the file itself says."""
    at = pdf.find(_CREATOR)
    return pdf[at : pdf.find(b")", at)] if at >= 0 else b""
