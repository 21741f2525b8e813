"""Voice server stays: derived from dialplan contexts, or reported by the voice server itself."""

from monitor.core.clock import Ms
from monitor.core.desk import Desk
from monitor.core.events import (
    DigitPressed,
    PlaybackChanged,
    StasisDigit,
    StasisEntered,
    StasisLeft,
    StasisSnapshot,
    VoiceServerReported,
    VoiceServerStep,
)
from monitor.core.policy import ClockStart, CountsWhen, VoiceServer
from monitor.core.records import Call, FactKind, HandledBy, VoiceServerStay


def change_context(desk: Desk, call: Call, context: str, at: Ms) -> None:
    """The caller moved to another dialplan context."""
    starts_on = desk.rules.policy.commitment.starts_on
    left_welcome = (
        starts_on is ClockStart.WELCOME_END
        and desk.rules.is_welcome(call.context)
        and not desk.rules.is_welcome(context)
    )
    call.context = context
    if left_welcome:
        desk.start_clock(call, at)
    enter_context(desk, call, context, at)


def enter_context(desk: Desk, call: Call, context: str, at: Ms) -> None:
    """Begin, go on with, or end the stay that a context stands for."""
    declared = desk.rules.voice_server_of_context(context)
    stay = call.stay
    if stay is not None and not stay.explicit:
        if declared is not None and declared.name == stay.name:
            return
        leave(desk, call, at)
    if declared is not None:
        enter(desk, call, declared, at, explicit=False)


def enter(desk: Desk, call: Call, server: VoiceServer, at: Ms, *, explicit: bool) -> None:
    """Begin a stay; it may count as handled at once (rule 4)."""
    call.stays.append(VoiceServerStay(server.name, at, explicit=explicit))
    desk.note(call, at, FactKind.VOICE_SERVER_ENTERED, name=server.name)
    if server.counts_when is CountsWhen.REACHED:
        desk.handled(call, at, HandledBy.VOICE_SERVER)


def leave(desk: Desk, call: Call, at: Ms) -> None:
    """End the stay that the caller is in, if any."""
    stay = call.stay
    if stay is None:
        return
    stay.left_at = at
    desk.note(call, at, FactKind.VOICE_SERVER_LEFT, name=stay.name)
    if desk.rules.policy.commitment.starts_on is ClockStart.VOICE_SERVER_LEFT:
        desk.start_clock(call, at)


def take_input(desk: Desk, call: Call, value: str, at: Ms) -> None:
    """Take what the caller entered in a voice server; the first may count as handled (rule 4)."""
    stay = call.stay
    if stay is None or not value:
        return  # keys pressed while waiting in a queue, or to an agent, are no inputs
    first = not stay.inputs
    stay.inputs += value
    desk.note(call, at, FactKind.VOICE_SERVER_INPUT, name=stay.name, value=value)
    server = desk.rules.voice_server_named(stay.name)
    if first and server.counts_when is CountsWhen.FIRST_INPUT:
        desk.handled(call, at, HandledBy.VOICE_SERVER)


def on_digit_pressed(desk: Desk, event: DigitPressed) -> None:
    """A key: an input where the caller is in a voice server, and nothing elsewhere."""
    call = desk.calls.get(event.uniqueid)
    if call is not None:
        take_input(desk, call, event.digit, event.at)


def on_voice_server_reported(desk: Desk, event: VoiceServerReported) -> None:
    """A voice server says itself what the caller does."""
    call = desk.calls.get(event.uniqueid)
    if call is None:
        return
    if event.step is VoiceServerStep.INPUT:
        take_input(desk, call, event.value, event.at)
        return
    stay = call.stay
    server = desk.rules.voice_server_named(event.name)
    if event.step is VoiceServerStep.LEFT:
        if stay is not None and stay.name == server.name:
            leave(desk, call, event.at)
        return
    if stay is not None and stay.name == server.name:
        stay.explicit = True
        return
    leave(desk, call, event.at)
    enter(desk, call, server, event.at, explicit=True)


def on_stasis_entered(desk: Desk, event: StasisEntered) -> None:
    """A declared voice server's Stasis application got the caller."""


def on_stasis_left(desk: Desk, event: StasisLeft) -> None:
    """The Stasis application let the caller go."""


def on_stasis_digit(desk: Desk, event: StasisDigit) -> None:
    """A key, as ARI tells it."""


def on_playback_changed(desk: Desk, event: PlaybackChanged) -> None:
    """The voice server plays something to the caller."""


def on_stasis_snapshot(desk: Desk, event: StasisSnapshot) -> None:
    """Who is in a Stasis application now."""
