"""What is due, by day; and what stands in place of what goes."""

from datetime import date

import pytest

from monitor.core.clock import DAY, HOUR, Ms
from monitor.evidence.chain import begin_of
from monitor.privacy.retention import Due, Kind, default_days, dues, effective
from monitor.privacy.scrubbing import (
    Eraser,
    message_of_nobody,
    order_without_agent,
    order_without_channel,
    purged_agent,
    without_agent,
    without_digits,
    without_texts,
)

TODAY = date(2026, 11, 22)
NOW: Ms = begin_of(TODAY) + 15 * HOUR


def due(kind: Kind, days: int | None, first: date | None, sealed: date | None) -> Due | None:
    found = dues({kind: days}, NOW, first, sealed)
    return found[0] if found else None


def test_whole_days_go_once_they_are_over_for_so_long_and_are_sealed() -> None:
    found = due(Kind.NUMBERS, 30, date(2026, 1, 1), date(2026, 11, 20))

    assert found == Due(Kind.NUMBERS, begin_of(date(2026, 10, 23)))


def test_days_that_are_not_sealed_are_counted() -> None:
    found = due(Kind.NUMBERS, 30, date(2026, 1, 1), date(2026, 10, 20))

    assert found == Due(Kind.NUMBERS, begin_of(date(2026, 10, 21)), waiting=2)
    assert due(Kind.NUMBERS, 30, date(2026, 10, 20), None) == Due(Kind.NUMBERS, 0, waiting=3)
    assert due(Kind.NUMBERS, 30, None, None) == Due(Kind.NUMBERS, 0)


def test_what_no_seal_tells_of_needs_none() -> None:
    assert due(Kind.AUDIT, 200, None, None) == Due(Kind.AUDIT, begin_of(TODAY) - 200 * DAY)


def test_what_has_no_end_is_never_due() -> None:
    assert due(Kind.CALLS, None, date(2020, 1, 1), TODAY) is None


def test_nothing_outlives_what_it_is_a_part_of() -> None:
    days = {**default_days(), Kind.CALLS: 300, Kind.TIMELINES: None, Kind.MESSAGES: 90,
            Kind.NUMBERS: 40}  # fmt: skip

    counted = effective(days)

    assert (counted[Kind.TIMELINES], counted[Kind.MESSAGES]) == (300, 40)
    assert effective({**days, Kind.CALLS: None})[Kind.TIMELINES] is None


def test_texts_that_documents_do_not_tell_become_empty_but_codes_of_ours() -> None:
    detail = {"how": "blind", "target": "90199111222", "position": 1}
    staffing = {"why": "all_paused", "queue": "support"}

    assert without_texts("transferred", detail) == {"how": "blind", "target": "", "position": 1}
    assert without_texts("staffing", staffing) == staffing


def test_digits_become_dots_and_agents_pseudonyms() -> None:
    assert without_digits({"name": "menu", "value": "42"}) == {"name": "menu", "value": "••"}
    assert without_digits({"name": "menu"}) == {"name": "menu"}
    named = without_agent({"agent": "Alice", "queue": "q"}, lambda _name: "ab" * 16)
    assert named == {"agent": "~" + "ab" * 16, "queue": "q"}
    assert purged_agent(str(named["agent"]), lambda _name: "no") == named["agent"]


def test_orders_lose_channels_and_agents() -> None:
    assert order_without_channel({"channel": "SIP/1-1", "queue": "q"})["channel"] == ""
    member = {"queue": "q", "interface": "PJSIP/1", "name": "Alice", "penalty": 0}
    hidden = order_without_agent("add_member", member, lambda name: name.lower())
    assert hidden == {"queue": "q", "interface": "~pjsip/1", "name": "~alice", "penalty": 0}
    assert order_without_agent("set_global", {"name": "X"}, str.lower) == {"name": "X"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("call 0199111222 back", "call • back"),
        ("or 01 99 11 12 22, or 01.99.11.12.22", "or •, or •"),
        ("PJSIP/0199111222-0000001a", "PJSIP/•-0000001a"),
        ("90199111222", "90199111222"),
        ("lab:0199111222.17", "lab:0199111222.17"),
        ("0199111222", ""),
        ("", ""),
    ],
)
def test_a_number_is_taken_out_of_a_text_and_no_longer_one(text: str, left: str) -> None:
    assert Eraser("01 99 11 12 22").text(text) == left


def test_a_short_number_is_not_looked_for_in_texts() -> None:
    eraser = Eraser("112")

    assert eraser.is_it("112")
    assert eraser.digits == ""
    assert eraser.text("room 112") == "room 112"


def test_a_message_keeps_all_but_who_called() -> None:
    payload = {
        "event": "ended",
        "call": {"id": "x", "caller": "1", "caller_name": "Z",
                 "voice_server_stays": [{"name": "m", "inputs": "12"}]},
        "decision": {"caller": "1", "verb": "move"},
    }  # fmt: skip

    assert message_of_nobody(payload) == {
        "event": "ended",
        "call": {"id": "x", "caller": "", "caller_name": "",
                 "voice_server_stays": [{"name": "m", "inputs": "••"}]},
        "decision": {"caller": "", "verb": "move"},
    }  # fmt: skip
