"""Log lines: one each, without callers' numbers, without secrets."""

import logging

import pytest

from api.logs import OneLine, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("call from 0612345678.", "call from ********78."),
        ("call from +33612345678", "call from **********78"),
        ("channel 1763718067.42 of 127.0.0.1:5038", "channel 1763718067.42 of 127.0.0.1:5038"),
        ("Secret: hunter2", "Secret: ***"),
        ('{"password": "hunter2"}', '{"password": ***'),
        ("Authorization: Bearer abcdefgh12", "Authorization: ***"),
        ("sent Bearer abcdefgh12", "sent Bearer ***"),
        ("postgresql+psycopg://me:hunter2@host/db", "postgresql+psycopg://me:***@host/db"),
    ],
)
def test_what_a_line_must_not_hold_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_a_line_is_one_line_even_with_a_traceback() -> None:
    error = ValueError("for 0612345678\nsecond")
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "a\nb", (), (type(error), error, None))

    line = OneLine().format(record)

    assert "\n" not in line
    assert "0612345678" not in line
    assert "ValueError" in line
