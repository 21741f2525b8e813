"""Callers' numbers, hidden from those who may not see them: the one place that knows how.

A number keeps its first two and its last two digits, so that colleagues can speak of it.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from api.views import Json
from monitor.core.records import FactKind

DOT: Final = "•"
KEPT: Final = 2
"""Digits shown at either end."""
SHORTEST: Final = 8
"""A number of fewer digits is hidden whole: four shown of seven would tell nearly all."""
RUN: Final = 6
"""So many digits in a row are taken for somebody's number, wherever they stand."""

_DIGIT: Final = re.compile(r"\d")
_RUNS: Final = re.compile(rf"\d{{{RUN},}}")
_NUMBERS: Final = frozenset({"caller", "caller_name", "number", "inputs"})
"""Keys under which all digits together are one number."""
_IDS: Final = frozenset(
    {
        *("id", "uniqueid", "linkedid", "call_id", "message_id", "decision", "command", "rule"),
        *("pbx", "queue", "agent", "interface", "name", "by", "sink", "next_cursor"),
    }
)
"""Keys whose digits are nobody's number."""


def masked(number: str) -> str:
    """A number with all but the ends hidden: ``0612345612`` is ``06••••••12``.

    What is no digit stays: ``+33 6 12 34 56 12`` is ``+33 • •• •• •• 12``.
    """
    digits = len(_DIGIT.findall(number))
    if not digits:
        return number
    kept = KEPT if digits >= SHORTEST else 0
    place = -1

    def hide(match: re.Match[str]) -> str:
        nonlocal place
        place += 1
        return match.group() if place < kept or place >= digits - kept else DOT

    return _DIGIT.sub(hide, number)


def masked_text(text: str) -> str:
    """Free text with each long run of digits hidden as a number."""
    return _RUNS.sub(lambda match: masked(match.group()), text)


def masked_name(name: str) -> str:
    """A caller's name, hidden where it is a number really."""
    return masked(name) if len(_DIGIT.findall(name)) >= RUN else name


def masked_call(call: Json) -> Json:
    """A ``CallOut`` (or ``CallDetailOut``) without the caller's number."""
    shown = {
        **call,
        "caller": masked(call["caller"]),
        "caller_name": masked_name(call["caller_name"]),
    }
    typed = any(len(stay["inputs"]) >= RUN for stay in call["voice_server_stays"])
    if typed:
        shown["voice_server_stays"] = [
            {**stay, "inputs": masked_name(stay["inputs"])} for stay in call["voice_server_stays"]
        ]
    if "diagnosis" in call:
        shown["diagnosis"] = masked_json(call["diagnosis"])
    if "timeline" in call:
        shown["timeline"] = [_masked_fact(fact, typed=typed) for fact in call["timeline"]]
    return shown


def _masked_fact(fact: Json, *, typed: bool) -> Json:
    """A fact; ``typed``: the caller entered a number, of which each fact tells one digit."""
    detail = masked_json(fact["detail"])
    if typed and fact["kind"] == FactKind.VOICE_SERVER_INPUT:
        detail["value"] = DOT
    return {**fact, "detail": detail}


def masked_json(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Any JSON with the numbers in it hidden; names, ids and moments stay."""
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, Mapping):
        return {key: _masked_value(key, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked_json(item) for item in value]
    return value


def _masked_value(key: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str) and key in _IDS:
        return value
    if isinstance(value, str) and key in _NUMBERS:
        return masked(value) if key in ("caller", "number") else masked_name(value)
    return masked_json(value)
