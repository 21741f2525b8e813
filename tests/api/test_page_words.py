"""The page has words, in both languages, for each code that the core may send it."""

import json
from pathlib import Path
from typing import Any

import pytest

import web
from monitor.core.overflow.decisions import Because, Outcome, Verb
from monitor.core.overflow.rules import Metric
from monitor.core.records import FactKind, Reason

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
        (texts["reason"], set(Reason) - {""}),
    ):
        assert not {code.value for code in codes} - set(said)
