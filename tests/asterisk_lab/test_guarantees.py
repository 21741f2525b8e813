"""The page that says what Minuteur guarantees says what the tests play."""

from tests.asterisk_lab.guarantees import PAGE, SECTIONS, written
from tests.asterisk_lab.rows import ROWS


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text()
    assert written(page) == page, "run make guarantees"


def test_every_row_stands_on_the_page_once() -> None:
    shown = [row.name for _, rows in SECTIONS for row in rows]
    assert sorted(shown) == sorted(row.name for row in ROWS)


def test_every_call_that_is_judged_has_a_timeline() -> None:
    silent = [
        row.name
        for row in ROWS
        for call in row.calls
        if call.expected is not None and not call.expected.timeline
    ]
    assert not silent
