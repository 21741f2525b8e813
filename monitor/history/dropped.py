"""What could not be kept: counted, so that it can be said."""

from dataclasses import dataclass, fields
from typing import Final


@dataclass(slots=True)
class Dropped:
    """What was given up because the database failed for too long, or refused it; counts."""

    updates: int = 0
    """Updates of live calls; the next update or the end of the call brings them again."""
    timelines: int = 0
    """Closed calls stored without the facts that were new; their verdicts are kept."""
    calls: int = 0
    """Closed calls not stored at all."""
    decisions: int = 0
    commands: int = 0
    standing: int = 0
    """Lasting actions of which the database refused to remember that they are on, or over."""
    messages: int = 0
    """Messages that are never published."""

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))

    def __str__(self) -> str:
        counted = ((getattr(self, name), what) for name, what in _SAID.items())
        return ", ".join(f"{count} {what}" for count, what in counted if count)


_SAID: Final = {
    "updates": "updates of live calls",
    "timelines": "timelines of ended calls",
    "calls": "ended calls",
    "decisions": "overflow decisions",
    "commands": "overflow commands",
    "standing": "lasting overflow actions",
    "messages": "messages",
}
