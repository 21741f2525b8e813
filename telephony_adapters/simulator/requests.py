"""What comes in on an AMI connection: actions, event masks and filters, parsed as Asterisk does."""

import re
from dataclasses import dataclass, field
from typing import Final

LONGEST_LINE: Final = 1024
"""A longer line is refused (``Failed to parse message: line too long``), as seen at 1,025 bytes."""

CLASSES: Final = frozenset(
    {
        *("system", "call", "log", "verbose", "command", "agent", "user", "config", "dtmf"),
        *("reporting", "cdr", "dialplan", "originate", "agi", "cc", "aoc", "test", "security"),
        "message",
    }
)
"""The classes of an account's ``read`` and ``write``."""


def classes(text: str) -> frozenset[str]:
    """Read a mask: ``on``, ``off`` or a list of classes; what is no class counts nothing."""
    words = {word.strip().lower() for word in text.split(",")}
    if words & {"all", "on", "yes", "true", "1", "-1"}:
        return CLASSES
    return frozenset(words & CLASSES)


@dataclass(frozen=True, slots=True)
class Request:
    """One action with its headers as they were written; Asterisk does not care for their case."""

    headers: tuple[tuple[str, str], ...]

    @property
    def action(self) -> str:
        """The action's name as it was written."""
        return self.get("action")

    @property
    def action_id(self) -> str:
        """The id to echo; empty when there is none."""
        return self.get("actionid")

    def get(self, name: str) -> str:
        """The first header of that name (small letters), or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(slots=True)
class Reader:
    """Cuts the bytes of one connection into requests. A bare line feed ends a line, too."""

    _buffer: bytearray = field(default_factory=bytearray)
    _lines: list[str] = field(default_factory=list)
    _too_long: bool = False

    def feed(self, data: bytes) -> list[Request | None]:
        """Take bytes; return the requests that they complete, None for one that is unreadable."""
        found: list[Request | None] = []
        self._buffer += data
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end]).removesuffix(b"\r")
            del self._buffer[: end + 1]
            if len(line) > LONGEST_LINE or self._too_long:
                found += [None] if line else []
                self._too_long = bool(line) and self._too_long
                self._lines.clear()
            elif line:
                self._lines.append(line.decode(errors="replace"))
            else:
                found.append(self._request())
        if len(self._buffer) > LONGEST_LINE:
            self._too_long = True
            self._buffer.clear()
        return found

    def _request(self) -> Request:
        pairs = []
        for line in self._lines:
            name, colon, value = line.partition(":")
            if colon:
                pairs.append((name.strip(), value.strip()))
        self._lines.clear()
        return Request(tuple(pairs))


@dataclass(frozen=True, slots=True)
class EventFilter:
    """One event filter of a connection."""

    include: bool
    pattern: re.Pattern[str] | None = None
    name: str = ""
    header: str = ""
    method: str = "none"
    value: str = ""

    def matches(self, name: str, frame: bytes) -> bool:
        """Whether the event is meant."""
        if self.name and self.name != name:
            return False
        if not self.header and self.pattern is None and self.method == "none":
            return True
        subject = text = frame.decode(errors="replace")
        if self.header:
            found = re.search(rf"^{re.escape(self.header)}: (.*?)\r?$", text, re.MULTILINE)
            if found is None:
                return False
            subject = found.group(1)
        if self.pattern is not None:
            return self.pattern.search(subject) is not None
        return {
            "none": True,
            "exact": subject == self.value,
            "starts_with": subject.startswith(self.value),
            "ends_with": subject.endswith(self.value),
            "contains": self.value in subject,
        }[self.method]


_OPTION: Final = re.compile(r"(action|name|header|method)\(([^)]*)\)(?:,|$)")
_METHODS: Final = frozenset({"none", "exact", "starts_with", "ends_with", "contains", "regex"})


class BadFilterError(ValueError):
    """A filter that Asterisk refuses; the text is Asterisk's own."""


_MALFORMED: Final = "Filter was formatted incorrectly.  Check the syntax of the filter given."
_NOT_COMPILED: Final = "Filter did not compile.  Check the syntax of the filter given."


def event_filter(criteria: str, text: str) -> EventFilter:
    """Read the ``MatchCriteria`` and ``Filter`` of the action ``Filter``."""
    if not criteria:
        if not text:
            raise BadFilterError(_MALFORMED)
        return EventFilter(not text.startswith("!"), _compiled(text.removeprefix("!")))
    found = dict(_OPTION.findall(criteria))
    if not found or "".join(m.group(0) for m in _OPTION.finditer(criteria)) != criteria:
        raise BadFilterError(_MALFORMED)
    method = found.get("method", "none")
    if method not in _METHODS or found.get("action", "include") not in ("include", "exclude"):
        raise BadFilterError(_MALFORMED)
    pattern = _compiled(text) if method == "regex" else None
    include = found.get("action", "include") == "include"
    return EventFilter(
        include, pattern, found.get("name", ""), found.get("header", ""), method, text
    )


def _compiled(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise BadFilterError(_NOT_COMPILED) from error


def passes(filters: list[EventFilter], name: str, frame: bytes) -> bool:
    """Whether a connection with those filters sees the event."""
    if not filters:
        return True
    included = [one for one in filters if one.include]
    if included and not any(one.matches(name, frame) for one in included):
        return False
    return not any(one.matches(name, frame) for one in filters if not one.include)
