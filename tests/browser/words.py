"""The page's own words, by key: so that a test looks for what the page says, however it is said."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import web

TEXTS = Path(web.__file__).parent / "src" / "i18n"


@cache
def _texts(language: str) -> dict[str, Any]:
    texts: dict[str, Any] = {}
    for part in sorted((TEXTS / language).glob("*.json")):
        texts |= json.loads(part.read_text(encoding="utf-8"))
    return texts


def words(key: str, language: str = "en", **values: str | int) -> str:
    """The text of a key, its placeholders filled in.

    Raises:
        KeyError: there is no such key.
    """
    found: Any = _texts(language)
    for part in key.split("."):
        found = found[part]
    text = str(found)
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", str(value))
    return text
