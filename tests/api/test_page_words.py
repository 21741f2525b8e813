"""The page has words, in both languages, for each code that the core may send it."""

import json
from pathlib import Path
from typing import Any

import pytest

import web
from api import log_following
from config.faults import Wrong
from monitor import overflow_rights
from monitor.core.agent_time import AGENT_INDICATORS
from monitor.core.definitions import INDICATORS
from monitor.core.overflow.decisions import Because, Outcome, Verb
from monitor.core.overflow.rules import Metric
from monitor.core.records import FactKind, Reason
from telephony_adapters.asterisk import ami_checks, ami_decode, ari_link

TEXTS = Path(web.__file__).parent / "src" / "i18n"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_code_has_words(language: str) -> None:
    parts = sorted((TEXTS / language).glob("*.json"))
    if not parts:
        pytest.skip("needs the page's sources")
    texts: dict[str, Any] = {}
    for path in parts:
        texts |= json.loads(path.read_text(encoding="utf-8"))
    overflow = texts["overflow"]

    for said, codes in (
        (overflow["because"], set(Because) - {Because.CONDITION}),
        (overflow["condition"], set(Metric)),
        (overflow["outcome"], set(Outcome)),
        (overflow["verb"], set(Verb)),
        (overflow["would"], set(Verb)),
        (overflow["kept"], set(Verb)),
        (texts["fact"], set(FactKind)),
        (texts["settings"]["wrong"], set(Wrong)),
        (texts["reason"], set(Reason) - {""}),
    ):
        assert not {code.value for code in codes} - set(said)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_indicator_has_a_name_and_a_meaning(language: str) -> None:
    path = TEXTS / language / "indicators.json"
    if not path.exists():
        pytest.skip("needs the page's sources")
    said = json.loads(path.read_text(encoding="utf-8"))["indicators"]
    quotients = {one.code: bool(one.denominator) for one in INDICATORS}
    quotients |= {one.code: bool(one.denominator) for one in AGENT_INDICATORS}

    assert quotients.keys() == set(said["name"]) == set(said["counts"])
    assert {code for code, is_one in quotients.items() if is_one} == set(said["outOf"])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_warning_of_a_link_has_words(language: str) -> None:
    path = TEXTS / language / "core.json"
    if not path.exists():
        pytest.skip("needs the page's sources")
    said = json.loads(path.read_text(encoding="utf-8"))["link"]["warning"]
    codes = {ami_checks.TIMESTAMPS, *(f"read_class_{name}" for name in ami_checks.WHAT)}
    codes |= set(ami_decode.TEXTS)
    codes |= {ari_link.LINK, ari_link.GARBAGE, ari_link.OUR_APP}
    codes |= {log_following.CODE, overflow_rights.WARNING}

    assert set(said) == codes
