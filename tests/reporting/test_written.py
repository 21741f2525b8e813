"""The report as CSV and PDF, and the words of both languages."""

import csv
import io
import re
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pypdfium2
import pytest

from monitor.core.clock import SECOND
from monitor.core.contacts import EXCLUDING as EXCLUDING_CONTACTS
from monitor.core.contacts import Channel
from monitor.core.indicators import Ratio
from monitor.core.overflow.decisions import Outcome
from monitor.core.policy import ClockStart
from monitor.core.promises import PromiseKind
from monitor.core.tallies import EXCLUDING
from monitor.history.overflow_rows import KINDS
from monitor.reporting.build import Given, build
from monitor.reporting.definitions import DEFINITIONS
from monitor.reporting.model import Change, Range, Report, as_json
from monitor.reporting.pdf import as_pdf
from monitor.reporting.pdf.appendix import policies
from monitor.reporting.pdf.document import document
from monitor.reporting.tidy import COLUMNS, as_csv
from monitor.reporting.values import Span
from monitor.reporting.words import LANGUAGES, Lang
from tests.reporting import samples

BOTH: tuple[Lang, Lang] = ("en", "fr")
EN, FR = LANGUAGES["en"].words, LANGUAGES["fr"].words
NEVER = re.compile(r"certif|complian|conforme|conformité", re.IGNORECASE)
"""Of a site nothing of the kind is ever said."""


@pytest.fixture(scope="module")
def printed() -> Iterator[dict[Lang, pypdfium2.PdfDocument]]:
    made = {lang: pypdfium2.PdfDocument(as_pdf(samples.report(), lang)) for lang in BOTH}
    yield made
    for document_ in made.values():
        document_.close()


def text_of(pdf: pypdfium2.PdfDocument) -> list[str]:
    return [page.get_textpage().get_text_bounded() for page in pdf]


# --- words ----------------------------------------------------------------------------------------


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_words_with_the_same_places() -> None:
    assert EN.keys() == FR.keys()
    differing = [key for key in EN if _fields(EN[key]) != _fields(FR[key])]
    assert not differing


def test_french_words_are_set_as_french_is() -> None:
    for key, text in FR.items():
        if key.startswith("m.body"):
            continue
        assert "'" not in text, key
        assert not re.search(r"[^\u202f][:;?!»%](?=\s|$)", text.replace("://", "")), key
        assert not re.search(r"«(?!\u202f)", text), key


def test_french_tells_repeat_calls_from_callbacks() -> None:
    for key in ("w.repeats", "df.repeats"):
        assert FR[key].startswith("Appels réitérés")
    assert FR["df.callbacks_done"].startswith("Rappels")


def test_no_text_says_of_a_site_what_only_its_auditor_may_say() -> None:
    report = samples.report()
    texts = [as_json(report).decode(), *(as_csv(report, lang).decode() for lang in BOTH)]
    texts += [text for words in (EN, FR) for text in words.values()]
    assert not [found for text in texts for found in NEVER.findall(text)]


def test_every_code_has_its_words() -> None:
    codes = [
        *(f"r.{reason.value}" for reason in EXCLUDING),
        *(f"a.{kind}" for kind in KINDS.values()),
        *(f"o.{outcome.value}" for outcome in Outcome),
        *(f"start.{start.value}" for start in ClockStart),
        *(f"cn.{channel.value}" for channel in Channel),
        *(f"pr.{kind.value}" for kind in PromiseKind),
        *(f"xr.{reason.value}" for reason in EXCLUDING_CONTACTS),
        *(
            f"{'n' if one.formula.startswith(('ans', '(ans')) else 'dn'}.{one.code}"
            for one in DEFINITIONS
        ),
    ]
    assert [code for code in codes if code not in EN] == []


@pytest.mark.parametrize(
    ("lang", "shown"),
    [
        ("en", ["83.0%", "12,345", "23.4\u202fs", "1\u202fh 02\u202fmin", "1\u00a0April 2026"]),
        (
            "fr",
            ["83,0\u202f%", "12\u202f345", "23,4\u202fs", "1\u202fh 02\u202fmin",
             "1er\u00a0avril 2026"],
        ),
    ],
)  # fmt: skip
def test_values_are_written_as_the_language_writes_them(lang: Lang, shown: list[str]) -> None:
    say = LANGUAGES[lang]
    assert [
        say.ratio(Ratio(880, 1060)), say.number(12_345), say.seconds(23_400),
        say.duration(3_720 * SECOND), say.day(date(2026, 4, 1)),
    ] == shown  # fmt: skip


def test_a_share_is_cut_as_on_the_pages_and_never_nothing_where_there_is_something() -> None:
    say = LANGUAGES["en"]
    shown = [say.percent(value) for value in (0.89996, 0.999_999, 1.0, 0.001, 0.0, None)]
    assert shown == ["89.9%", "99.9%", "100.0%", "0.1%", "0.0%", "–"]
    assert say.ratio(Ratio(22_499, 25_000), 2) == "89.99%"
    assert say.ratio(Ratio(1, 74_111)) == "<\u00a00.1%"
    assert LANGUAGES["fr"].ratio(Ratio(1, 74_111)) == "<\u00a00,1\u202f%"
    low, high = Ratio(1, 74_111), Ratio(22_499, 25_000)
    assert say.range_short(Range(low, high)) == "<\u00a00.1–89.9%"


def test_a_range_whose_ends_read_alike_is_none() -> None:
    say = LANGUAGES["en"]
    narrow = Range(Ratio(89_910, 100_000), Ratio(89_990, 100_000))
    assert (say.range(narrow), say.range_short(narrow)) == ("89.9%", "–")
    wide = Range(Ratio(89_890, 100_000), Ratio(89_990, 100_000))
    assert (say.range(wide), say.range_short(wide)) == ("between 89.8% and 89.9%", "89.8–89.9%")


@pytest.mark.parametrize("whole", [200, 300, 1000, 7000])
def test_a_share_is_what_its_whole_numbers_are_though_floats_are_not(whole: int) -> None:
    say = LANGUAGES["en"]
    for part in range(whole // 1000 + 1, whole + 1):
        tenths = part * 1000 // whole
        assert say.ratio(Ratio(part, whole)) == f"{tenths // 10}.{tenths % 10}%"


def test_a_target_has_the_decimals_with_which_it_was_set() -> None:
    shown = [LANGUAGES["en"].exact_percent(target) for target in (0.9, 0.925, 0.29, 1.0, 0.9999)]
    assert shown == ["90%", "92.5%", "29%", "100%", "99.99%"]


# --- CSV ------------------------------------------------------------------------------------------


def read(data: bytes, separator: str) -> list[dict[str, str]]:
    text = data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


def test_the_table_is_tidy_and_its_lines_are_the_reports_figures() -> None:
    report = samples.report()
    english, french = read(as_csv(report, "en"), ","), read(as_csv(report, "fr"), ";")
    assert tuple(english[0]) == COLUMNS
    keys = ("section", "pbx", "queue", "month", "indicator")
    assert [tuple(row[k] for k in keys) for row in english] == [
        tuple(row[k] for k in keys) for row in french
    ]
    rate = next(r for r in english if (r["section"], r["indicator"]) == ("total", "rate"))
    calls = report.total.calls
    assert (rate["numerator"], rate["denominator"]) == (
        str(calls.met), str(calls.met + calls.breached),
    )  # fmt: skip
    assert float(rate["value"]) == pytest.approx(calls.rate.ratio.value, abs=1e-6)
    met = sum(int(r["value"]) for r in english
              if (r["section"], r["indicator"]) == ("queue", "met"))  # fmt: skip
    assert met == calls.met


def test_a_french_spreadsheet_opens_the_table_as_it_is() -> None:
    data = as_csv(samples.report(), "fr")
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data
    share = next(row for row in read(data, ";") if row["indicator"] == "rate")
    assert re.fullmatch(r"0,\d+", share["value"])


def test_a_queue_name_never_becomes_a_formula() -> None:
    report = samples.report()
    evil = replace(report.queues[0], queue="=1+1")
    data = as_csv(replace(report, queues=(evil,), queue_months=()), "en")
    assert {row["queue"] for row in read(data, ",")} == {"", "'=1+1"}


# --- PDF ------------------------------------------------------------------------------------------


def test_the_pdf_has_a_cover_contents_page_numbers_and_all_sections(
    printed: dict[Lang, pypdfium2.PdfDocument],
) -> None:
    for lang, pdf in printed.items():
        say, pages = LANGUAGES[lang], text_of(pdf)
        whole = _joined("\n".join(pages))
        told = document(samples.report(), say)
        assert _joined(told["title"]) in _joined(pages[0])
        assert _joined(told["cover"]["sentence"]) in _joined(pages[0])
        for number, page in enumerate(pages, 1):
            assert f"{number}/{len(pages)}" in _joined(page)
        titles = [bookmark.get_title() for bookmark in pdf.get_toc()]
        # One of the chain, the policies, the definitions… is a section each: none is left out.
        assert [_joined(t) for t in titles if t] == [
            f"{n}{_joined(s['title'])}" for n, s in enumerate(told["sections"], 1)
        ]
        assert samples.HEAD in whole
        assert _joined(say.ratio(samples.report().total.calls.rate.ratio)) in whole
        assert not NEVER.findall(whole)


def _joined(text: str) -> str:
    return re.sub(r"[\s\u202f\u00a0\ufffe\u0002-]", "", text)


def test_the_pdf_is_tagged_made_for_archives_and_names_its_language() -> None:
    data = as_pdf(samples.report(), "fr")
    assert b"/StructTreeRoot" in data or b"pdfuaid:part" in data
    assert b"pdfaid:part" in data
    assert b"Inter" in data


def test_the_same_report_gives_the_same_pdf() -> None:
    assert as_pdf(samples.report(), "en") == as_pdf(samples.report(), "en")


def test_a_report_of_nothing_is_printed_too() -> None:
    empty = build(Given(replace(samples.given().figures, blind=[], overflow={}), ()))
    bare: Report = replace(empty, queues=(), months=(), queue_months=(), sealed=None)
    for lang in BOTH:
        assert as_pdf(bare, lang).startswith(b"%PDF-")


def test_the_longest_wait_of_nobody_is_none() -> None:
    report = samples.report()
    nobody = replace(report.total.visits.waits, count=0, longest_s=Span(0))
    visits = replace(report.total.visits, waits=nobody)
    silent = replace(report, total=replace(report.total, visits=visits))
    tables = [
        block["rows"]
        for section in document(silent, LANGUAGES["en"])["sections"]
        for block in section["blocks"]
        if "rows" in block
    ]
    longest = next(row for rows in tables for row in rows if row[0] == EN["w.longest"])
    assert longest[1] != "–"
    assert longest[2] == "–"


def test_names_that_look_like_markup_are_printed_as_they_are() -> None:
    report = samples.report()
    odd = replace(report.queues[0], label="#panic() *x* $a$ <b> \\ é 日")
    pdf = pypdfium2.PdfDocument(as_pdf(replace(report, queues=(odd,), queue_months=()), "en"))
    assert "#panic()*x*$a$<b>\\é" in _joined("".join(text_of(pdf)))
    pdf.close()


def test_every_kind_of_policy_change_has_its_words() -> None:
    kinds = [key.removeprefix("ch.") for key in EN if key.startswith("ch.")]
    changes = tuple(
        Change(kind, "vip", 1.0, 2.0) if "number" in kind else Change(kind, "vip", None, None)
        for kind in kinds
        if kind != "fromto"
    )
    version = replace(samples.report().policies[1], changes=changes)
    section = policies(replace(samples.report(), policies=(version,)), LANGUAGES["en"])
    cell = section.blocks[-1]["rows"][0][-1]
    assert cell.count("\n") == len(changes) - 1
