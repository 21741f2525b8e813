"""What ARI events mean: one table from an event's type to a short pure function.

``StasisStart`` and ``StasisEnd`` go only to the application that got the channel. What everybody
who subscribed to all channels is told is where a channel stands in the dialplan: in ``Stasis()``,
or somewhere after it. Hence a channel enters an application with a ``ChannelDialplan`` that names
it, and leaves with the next one, or with its end. :class:`Insiders` knows which application it was.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from monitor.core.clock import SECOND, Ms
from monitor.core.events import (
    Event,
    PlaybackChanged,
    StasisDigit,
    StasisEntered,
    StasisLeft,
    StasisSeen,
)

Message: TypeAlias = Mapping[str, Any]
Rule: TypeAlias = Callable[[str, Ms, Message], Event | None]

AHEAD: Final[Ms] = 2 * SECOND
"""No event comes before it happened; the offset between the clocks is known better than this."""
BEHIND: Final[Ms] = 30 * SECOND
"""A stream that is held up longer does not answer pings either, and is given up."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


def moment(stamp: str) -> Ms:
    """Turn ARI's ``2026-11-21T23:29:09.548+0100`` into ms; ``ValueError`` if it is not that."""
    at = datetime.fromisoformat(stamp)
    if at.tzinfo is None:
        raise ValueError(f"no zone: {stamp[:40]}")
    return (at - _EPOCH) // _MS


def text(value: object) -> str:
    """Return a value that has to be a text; ``ValueError`` for anything else."""
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004 - told like any other malformed value
    return value


def stasis_app(dialplan: Message) -> str:
    """Return the application in whose ``Stasis()`` a dialplan place stands; empty for none."""
    if text(dialplan["app_name"]) != "Stasis":
        return ""
    return text(dialplan["app_data"]).partition(",")[0].strip()


# --- the events ---------------------------------------------------------------------------------


def channel_dialplan(pbx: str, at: Ms, message: Message) -> Event:
    """The channel runs one step of the dialplan: ``Stasis()``, or one that is not."""
    channel = message["channel"]
    app = stasis_app(channel["dialplan"])
    uniqueid = text(channel["id"])
    return StasisEntered(pbx, at, uniqueid, app) if app else StasisLeft(pbx, at, uniqueid, "")


def channel_destroyed(pbx: str, at: Ms, message: Message) -> Event:
    """The channel ended, maybe inside an application."""
    return StasisLeft(pbx, at, text(message["channel"]["id"]), "")


def channel_dtmf_received(pbx: str, at: Ms, message: Message) -> Event:
    """The person on the channel released a key."""
    return StasisDigit(pbx, at, text(message["channel"]["id"]), text(message["digit"]))


def playback_started(pbx: str, at: Ms, message: Message) -> Event | None:
    """An application began to play something, to a channel or (not followed) to a bridge."""
    return _playback(pbx, at, message["playback"], playing=True)


def playback_finished(pbx: str, at: Ms, message: Message) -> Event | None:
    """What an application played has ended, or failed because the channel was gone."""
    return _playback(pbx, at, message["playback"], playing=False)


def _playback(pbx: str, at: Ms, playback: Message, *, playing: bool) -> Event | None:
    kind, _, uniqueid = text(playback["target_uri"]).partition(":")
    if kind != "channel":
        return None
    return PlaybackChanged(pbx, at, uniqueid, text(playback["media_uri"]), playing)


TABLE: Final[Mapping[str, Rule]] = {
    "ChannelDialplan": channel_dialplan,
    "ChannelDestroyed": channel_destroyed,
    "ChannelDtmfReceived": channel_dtmf_received,
    "PlaybackStarted": playback_started,
    "PlaybackFinished": playback_finished,
}


class AriTranslator:
    """Turns the ARI events of one PBX into core events.

    A :class:`StasisLeft` has no ``app`` yet, and is made of every step that is not ``Stasis()``:
    :class:`Insiders` completes it, or drops it.

    Attributes:
        malformed: how many events lacked something that they cannot do without.
        last_at: the moment (ms) of the last translated event, 0 before the first.
    """

    def __init__(self, pbx: str) -> None:
        self._pbx = pbx
        self.malformed = 0
        self.last_at: Ms = 0

    def translate(
        self, message: Message, received_at: Ms, *, clock_known: bool = True
    ) -> Event | None:
        """Return what the event means; None when it is none of ours, or malformed.

        ``received_at`` (ms, on the PBX's clock) dates the event when its stamp is no use: also when
        the PBX's clock was just set, until AMI, whose pings prove it, has told that. Where that
        clock is not known, every stamp is believed.
        """
        kind = message.get("type")
        rule = TABLE.get(kind) if isinstance(kind, str) else None
        if rule is None:
            return None
        try:
            at = moment(text(message["timestamp"]))
        except (KeyError, ValueError, OverflowError):
            at = received_at
        if clock_known and not -BEHIND <= at - received_at <= AHEAD:
            at = received_at
        try:
            event = rule(self._pbx, at, message)
        except (KeyError, ValueError, TypeError, AttributeError):
            self.malformed += 1
            return None
        self.last_at = at
        return event


# --- who is inside ------------------------------------------------------------------------------


class Insiders:
    """Which channel is in which application, so that a leaving can be told from any other step."""

    def __init__(self, inside: Mapping[str, str] | None = None) -> None:
        """``inside``: uniqueid → application."""
        self.inside = dict(inside or {})

    def admit(self, event: Event) -> list[Event]:
        """Take one translated event; return what it says to the core, maybe nothing."""
        if isinstance(event, StasisEntered):
            before = self.inside.get(event.uniqueid, "")
            self.inside[event.uniqueid] = event.app
            # From one Stasis() straight into the next: two stays, also in the same application.
            left = StasisLeft(event.pbx, event.at, event.uniqueid, before)
            return [left, event] if before else [event]
        if isinstance(event, StasisLeft):
            app = self.inside.pop(event.uniqueid, "")
            return [StasisLeft(event.pbx, event.at, event.uniqueid, app)] if app else []
        return [event]


def inside_before(listed: Iterable[StasisSeen], buffered: Iterable[Event]) -> dict[str, str]:
    """Who was inside before any of the ``buffered`` events happened: uniqueid → application.

    The list was made at some moment while those events came. A channel that they first show
    entering was outside before; any other was where the list has it.
    """
    first: dict[str, Event] = {}
    for event in buffered:
        if isinstance(event, StasisEntered | StasisLeft):
            first.setdefault(event.uniqueid, event)
    return {
        seen.uniqueid: seen.app
        for seen in listed
        if not isinstance(first.get(seen.uniqueid), StasisEntered)
    }
