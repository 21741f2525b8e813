"""What callers pass on a PBX: dialplan contexts and Stasis applications, seen on the way.

For settings: what was seen can be offered instead of being typed. Each step of a dialplan is looked
at, so it costs one look-up and one comparison where a channel stays in its context.
"""

from dataclasses import dataclass
from typing import Final

from monitor.core.clock import Ms
from monitor.core.events import ChannelGone, DialplanStep, Event

MOST_CONTEXTS: Final = 500
MOST_APPS: Final = 200
MOST_CHANNELS: Final = 20_000
"""So many channels are remembered at once; more than any PBX has."""

DIALLED: Final = "(Outgoing Line)"
"""What Asterisk says as the arguments of a channel that it dialled: nobody called by it."""
STASIS: Final = "Stasis"


@dataclass(slots=True)
class Passed:
    """How many channels passed a place since the link began, and when the last one came (ms)."""

    channels: int = 0
    last_at: Ms = 0


class Discovery:
    """Counts where the channels of one PBX pass, in its own time."""

    def __init__(self) -> None:
        self.contexts: dict[str, Passed] = {}
        self.apps: dict[str, Passed] = {}
        self._context_of: dict[str, str] = {}

    def look(self, event: Event) -> None:
        """Take one event."""
        kind = type(event)
        if kind is DialplanStep:
            self._step(event)  # type: ignore[arg-type]
        elif kind is ChannelGone:
            self._context_of.pop(event.uniqueid, None)  # type: ignore[attr-defined]

    def begin(self) -> None:
        """A connection begins: which channels are still there is not known."""
        self._context_of.clear()

    def _step(self, step: DialplanStep) -> None:
        if step.application == STASIS:
            _pass(self.apps, step.data.partition(",")[0].strip(), step.at, MOST_APPS)
        channel, context, known = step.uniqueid, step.context, self._context_of
        if known.get(channel) == context or step.data == DIALLED:
            return
        if len(known) < MOST_CHANNELS or channel in known:
            known[channel] = context
            _pass(self.contexts, context, step.at, MOST_CONTEXTS)


def _pass(places: dict[str, Passed], name: str, at: Ms, most: int) -> None:
    """Count a channel at a place; where there are too many, the one unused for longest goes."""
    if not name:
        return
    place = places.get(name)
    if place is None:
        if len(places) >= most:
            del places[min(places, key=lambda known: places[known].last_at)]
        place = places[name] = Passed()
    place.channels += 1
    place.last_at = max(place.last_at, at)
