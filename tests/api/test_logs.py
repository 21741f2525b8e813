"""Log lines: one each, without callers' numbers, without secrets."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.logs import OneLine, mask
from monitor.history.database import open_history

NUMBERS = {
    "call from 0612345678.": "call from ********78.",
    "call from +33612345678": "call from **********78",
    "PJSIP/0199001234-0000001a is gone": "PJSIP/********34-0000001a is gone",
    "PJSIP/trunk-0199001234-00000012": "PJSIP/trunk-********34-00000012",
    "Local/0199001234@incoming-0000001a;2": "Local/********34@incoming-0000001a;2",
    "sip:0199001234@192.0.2.7:5060": "sip:********34@192.0.2.7:5060",
    "<sip:+33199001234@x>": "<sip:**********34@x>",
    "tel:+33-1-99-00-12-34": "tel:***-*-**-**-**-34",
    "01 99 00 12 34": "** ** ** ** 34",
    "01.99.00.12.34, 01-99-00-12-34": "**.**.**.**.34, **-**-**-**-34",
    "+33 1 99 00 12 34 called": "*** * ** ** ** 34 called",
    "+33 (0)1 99 00 12 34": "*** (*)* ** ** ** 34",
    "caller=0199001234&x=1": "caller=********34&x=1",
    '{"caller":"0199001234"}': '{"caller":"********34"}',
    "number:0199001234": "number:********34",
    "00331990012345": "************45",
    "extension 200200": "extension ****00",
}
LEGIBLE = (
    "channel 1763718067.42 of 127.0.0.1:5038",
    "call lab:1763718067.42 and lab:pbx1-1763718067.142",
    "/api/v1/calls/lab:1763718067.42",
    "2026-11-21 09:41:07,382 and 2026-11-21T09:41:07.382123Z",
    "at=1763718067382, on 2026-11-21",
    "1763718067.382123 was the event's Timestamp",
    "PJSIP/in-0000001a, SIP/alice-00000012",
    "bridge 12345678-1234-4234-8234-123456789012",
    "took 0.123456 s, 99999 calls",
    "connected with 192.168.10.20:50380",
    "version 22.10.1, policy 12, digest 0a1b2c3d4e5f",
    "<Task at 0x7f1234567890>",
)
SECRETS = {
    "Secret: hunter2": "Secret: ***",
    '{"password": "hunter2"}': '{"password": ***',
    "Authorization: Bearer abcdefgh12": "Authorization: ***",
    "> Authorization: Basic bWU6aHVudGVyMg==": "> Authorization: ***",
    "sent Bearer abcdefgh12": "sent Bearer ***",
    "postgresql+psycopg://me:hunter2@host/db": "postgresql+psycopg://me:***@host/db",
}


@pytest.mark.parametrize(("line", "masked"), (NUMBERS | SECRETS).items())
def test_what_a_line_must_not_hold_is_masked(line: str, masked: str) -> None:
    assert mask(line) == masked


@pytest.mark.parametrize("line", LEGIBLE)
def test_what_a_line_is_there_for_stays_legible(line: str) -> None:
    assert mask(line) == line


def test_an_error_of_the_database_does_not_tell_its_parameters(tmp_path: Path) -> None:
    with (
        open_history(f"sqlite:///{tmp_path / 'h.db'}") as history,
        history.writing() as connection,
        pytest.raises(SQLAlchemyError) as caught,
    ):
        connection.execute(text("SELECT * FROM nowhere WHERE caller = :c"), {"c": "Zoé Petit"})

    assert "Zoé Petit" not in str(caught.value)


def test_a_line_is_one_line_even_with_a_traceback() -> None:
    error = ValueError("for 0612345678\nsecond")
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "a\nb", (), (type(error), error, None))

    line = OneLine().format(record)

    assert "\n" not in line
    assert "0612345678" not in line
    assert "ValueError" in line
