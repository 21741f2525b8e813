"""Every finding of the diagnosis has its words on the page, in both languages."""

import json
from pathlib import Path

import pytest

from monitor.core.diagnosis import Cause

TEXTS = Path(__file__).parents[2] / "web" / "src" / "i18n"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_code_is_put_into_words(language: str) -> None:
    path = TEXTS / language / "calls.json"
    if not path.is_file():
        pytest.skip("needs the page's sources")
    said = set(json.loads(path.read_text(encoding="utf-8"))["diagnosis"])
    missing = [code for code in Cause if not {code.value, f"{code.value}_one"} & said]
    assert missing == []
