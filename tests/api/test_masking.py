"""Numbers hidden: enough to speak of a caller by, not enough to call."""

import pytest

from api import views
from api.masking import masked, masked_call, masked_json, masked_name, masked_text
from tests.api.made import answered_call


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("0612345612", "06••••••12"),
        ("+33612345612", "+33•••••••12"),
        ("+33 6 12 34 56 12", "+33 • •• •• •• 12"),
        ("12345678", "12••••78"),
        ("1234567", "•••••••"),
        ("42", "••"),
        ("anonymous", "anonymous"),
        ("", ""),
        ("sip:0612345612@pbx", "sip:06••••••12@pbx"),
    ],
)
def test_a_number_keeps_its_ends(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_a_name_is_hidden_where_it_is_a_number() -> None:
    assert masked_name("Zoé Petit, 3rd floor") == "Zoé Petit, 3rd floor"
    assert masked_name("+33 6 12 34 56 12") == "+33 • •• •• •• 12"


def test_free_text_keeps_what_is_no_number() -> None:
    said = "moved to sales by 0612345612, 75 s, queue 40, 2026-11-21"
    assert masked_text(said) == "moved to sales by 06••••••12, 75 s, queue 40, 2026-11-21"


def test_ids_and_moments_stay_as_they_are() -> None:
    kept = {
        "id": "lab:1763718067.42", "uniqueid": "1763718067.42", "call_id": "lab:1763718067.42",
        "at": "2026-11-21T09:41:07.382Z", "queue": "600123456", "waited_s": 1763718067.4,
        "nothing": None, "yes": True,
    }  # fmt: skip
    assert masked_json([kept]) == [kept]


def test_a_caller_is_hidden_however_deep() -> None:
    told = {
        "reasons": [{"code": "condition", "detail": {"metric": "caller", "value": "0612345612"}}]
    }
    assert masked_json(told)["reasons"][0]["detail"]["value"] == "06••••••12"


def test_a_menu_choice_is_no_number() -> None:
    call = views.call(answered_call())
    shown = masked_call(call)
    assert shown["voice_server_stays"] == call["voice_server_stays"]
    assert (shown["caller"], shown["caller_name"]) == ("01••••••34", "Zoé")
    assert call["caller"] == "0199001234"  # what others are shown is not touched
