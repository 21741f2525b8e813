"""What stands in place of personal data once they are gone. No input or output.

What is put in place leaves every sealed document what it was
(:mod:`monitor.evidence.documents`): digits become as many of nothing, an agent becomes the
pseudonym, and texts that documents do not tell become empty.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from monitor.core.records import FactKind
from monitor.evidence.documents import DIGITS, TOLD_TEXTS, purged_digits, purged_name
from monitor.evidence.pseudonyms import MARK, normalised

AGENT: Final = "agent"
_CODES: Final = {FactKind.STAFFING.value: frozenset({"why"})}
"""Untold texts that are codes of our own, by the kind of their fact."""
_ORDERED: Final = frozenset({"interface", "name", "state_interface"})
"""What names an agent in an order about a member of a queue."""
_OF_MEMBERS: Final = frozenset({"add_member", "remove_member", "change_penalty"})
_LEAST: Final = 4
"""So many digits at least make a number that is looked for inside other text."""
_NOTHING_ELSE: Final = re.compile(r"[+\d .\-/()]+")
"""A number, and no word beside it."""

Detail = Mapping[str, Any]
Pseudonym = Callable[[str], str]


def purged_agent(name: str, pseudonym: Pseudonym) -> str:
    """What stands in place of an agent; what is in place already stays."""
    return name if name.startswith(MARK) else purged_name(pseudonym(name))


def without_texts(kind: str, detail: Detail) -> dict[str, Any]:
    """A fact without texts that may hold numbers or names: targets of transfers, orders."""
    codes = _CODES.get(kind, frozenset())
    return {
        name: "" if _is_free(name, value) and name not in codes else value
        for name, value in detail.items()
    }


def without_digits(detail: Detail) -> dict[str, Any]:
    """A fact without what the caller entered."""
    value = detail.get(DIGITS)
    if not isinstance(value, str):
        return dict(detail)
    return {**detail, DIGITS: purged_digits(value)}


def without_agent(detail: Detail, pseudonym: Pseudonym) -> dict[str, Any]:
    """A fact without the agent's name."""
    value = detail.get(AGENT)
    if not isinstance(value, str) or not value:
        return dict(detail)
    return {**detail, AGENT: purged_agent(value, pseudonym)}


def order_without_channel(body: Detail) -> dict[str, Any]:
    """An order without the name of the caller's channel, and without what it was told."""
    return {name: "" if name in ("channel", "info") else value for name, value in body.items()}


def order_without_agent(kind: str, body: Detail, pseudonym: Pseudonym) -> dict[str, Any]:
    """An order without the agent whom it puts into a queue, or takes out."""
    if kind not in _OF_MEMBERS:
        return dict(body)
    return {
        name: purged_agent(value, pseudonym) if name in _ORDERED and value else value
        for name, value in body.items()
    }


def _is_free(name: str, value: object) -> bool:
    return isinstance(value, str) and name not in TOLD_TEXTS and name not in (AGENT, DIGITS)


class Eraser:
    """Takes one number out of texts, however it is written: with or without blanks and signs.

    Args:
        number: as a PBX or a person writes it.
    """

    def __init__(self, number: str) -> None:
        self.number = number.strip()
        self.plain = normalised(number)
        digits = self.plain.removeprefix("+")
        self._pattern = None
        if len(digits) >= _LEAST:
            sign = r"\+?" if self.plain.startswith("+") else ""
            # Not within a longer number; a call's id has a dot on one side.
            spelt = r"[ .\-/()]{0,2}".join(digits)
            self._pattern = re.compile(rf"(?<![\d.]){sign}{spelt}(?!\d|\.\d)")

    @property
    def digits(self) -> str:
        """What a database is searched for; empty: the number is too short to be looked for."""
        return "" if self._pattern is None else self.plain.removeprefix("+")

    def is_it(self, number: str) -> bool:
        """Whether a number is this one."""
        return number == self.number or (bool(self.plain) and normalised(number) == self.plain)

    def found_in(self, text: str) -> bool:
        """Whether the number stands in a text."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def text(self, text: str) -> str:
        """A text without the number."""
        if _NOTHING_ELSE.fullmatch(text) and self.is_it(text):
            return ""
        return text if self._pattern is None else self._pattern.sub("•", text)

    def within(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """A JSON value without the number in any of its texts."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {name: self.within(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.within(one) for one in value]
        return value


def message_of_nobody(payload: dict[str, Any]) -> dict[str, Any]:
    """A message of a call without who called and what they entered."""
    call = payload.get("call")
    if isinstance(call, dict):
        call = {**call, "caller": "", "caller_name": ""}
        stays = call.get("voice_server_stays")
        if isinstance(stays, list):
            call["voice_server_stays"] = [
                {**one, "inputs": purged_digits(one.get("inputs", ""))} for one in stays
            ]
        payload = {**payload, "call": call}
    decision = payload.get("decision")
    if isinstance(decision, dict):
        payload = {**payload, "decision": {**decision, "caller": ""}}
    return payload
