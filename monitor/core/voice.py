"""Voice servers: what their sources say becomes marks, and the marks become stays.

A stay is derived from dialplan contexts, or reported by the voice server itself (``UserEvent``,
Stasis). The sources overlap and come over two links, so every fact may be late: see
:mod:`monitor.core.stays`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from monitor.core.clock import Ms
from monitor.core.desk import REMEMBERED, Desk
from monitor.core.events import (
    ChannelSeen,
    DialplanStep,
    DigitPressed,
    Event,
    PlaybackChanged,
    StasisDigit,
    StasisEntered,
    StasisLeft,
    StasisRefused,
    StasisSnapshot,
    VoiceServerReported,
    VoiceServerStep,
)
from monitor.core.legs import KEPT
from monitor.core.policy import ClockStart, Rules
from monitor.core.records import Call, Fact, FactKind, HandledBy, VoiceServerStay
from monitor.core.stays import MANY, Derived, Handling, Kind, Marks, Source, Step
from monitor.core.timers import Timer

# --- what the dialplan shows --------------------------------------------------------------------


def on_step(desk: Desk, call: Call, step: DialplanStep) -> None:
    """The caller's dialplan goes on: maybe in another context, maybe in a Stasis application."""
    marks = _marks(desk, call)
    if marks.stasis:
        # The step after Stasis(): the application let the caller go. ARI says so too, if it is up.
        _mark(desk, call, step.at, Source.DIALPLAN, Kind.LEFT, marks.stasis)
    if step.context != call.context:
        _change_context(desk, call, step.context, step.at)
    elif marks.away and call.visit is None and step.application != "Queue":
        # Back from a queue or an agent, into the voice server that the dialplan goes on in.
        enter_context(desk, call, step.context, step.at)
    marks.stasis = stasis_server(desk.rules_of(call), step.application, step.data)
    if marks.stasis:
        _mark(desk, call, step.at, Source.DIALPLAN, Kind.ENTERED, marks.stasis)


def stasis_server(rules: Rules, application: str, data: str) -> str:
    """The voice server into whose Stasis application a dialplan step leads; empty for none."""
    if application != "Stasis":
        return ""
    server = rules.voice_server_of_app(data.partition(",")[0].strip())
    return "" if server is None else server.name


def find(desk: Desk, call: Call, seen: ChannelSeen, at: Ms) -> None:
    """After a gap: the dialplan stands where it came to at some time before ``at``."""
    name = stasis_server(desk.rules_of(call), seen.application, seen.data)
    stay = call.stay
    if stay is not None and stay.name != name and _is_in_stasis(desk.rules_of(call), stay):
        _mark(desk, call, at, Source.DIALPLAN, Kind.LEFT, stay.name, seen=False)
    enter_context(desk, call, seen.context, at, seen=False)
    _marks(desk, call).stasis = name
    if name:
        _mark(desk, call, at, Source.DIALPLAN, Kind.ENTERED, name, seen=False)


def _is_in_stasis(rules: Rules, stay: VoiceServerStay) -> bool:
    """Whether a Stasis application made the stay, not a context; a report may have, too."""
    return stay.explicit and bool(rules.voice_server_named(stay.name).stasis_apps)


def _change_context(desk: Desk, call: Call, context: str, at: Ms) -> None:
    rules = desk.rules_of(call)
    left_welcome = (
        rules.policy.commitment.starts_on is ClockStart.WELCOME_END
        and rules.is_welcome(call.context)
        and not rules.is_welcome(context)
    )
    call.context = context
    if left_welcome:
        desk.start_clock(call, at)
    enter_context(desk, call, context, at)


def enter_context(desk: Desk, call: Call, context: str, at: Ms, *, seen: bool = True) -> None:
    """The dialplan goes on in ``context``; not ``seen``: it did so at some time before ``at``."""
    declared = desk.rules_of(call).voice_server_of_context(context)
    _marks(desk, call).away = False
    name = "" if declared is None else declared.name
    _mark(desk, call, at, Source.DIALPLAN, Kind.CONTEXT, name, seen=seen)


def leave(desk: Desk, call: Call, at: Ms) -> None:
    """The caller is in no voice server: in a queue, with an agent, or gone."""
    marks = _marks(desk, call)
    marks.away = True
    if marks.names_server or desk.rules_of(call).has_stasis:
        # Else they were in none, and no Stasis application can be told of late.
        _mark(desk, call, at, Source.DIALPLAN, Kind.AWAY)


# --- what voice servers and keys say ------------------------------------------------------------


def on_digit_pressed(desk: Desk, event: DigitPressed) -> None:
    """A key: an input where the caller is in a voice server, and nothing elsewhere."""
    call = desk.find(event.uniqueid)
    if call is not None:
        _mark(desk, call, event.at, Source.KEYS, Kind.INPUT, value=event.digit)


_KIND_OF_STEP: Final = {
    VoiceServerStep.ENTERED: Kind.ENTERED,
    VoiceServerStep.LEFT: Kind.LEFT,
    VoiceServerStep.INPUT: Kind.INPUT,
}


def on_voice_server_reported(desk: Desk, event: VoiceServerReported) -> None:
    """A voice server says itself what the caller does."""
    call = _call_or_keep(desk, event, event.uniqueid)
    if call is None or (event.step is VoiceServerStep.INPUT and not event.value):
        return
    name = desk.rules_of(call).voice_server_named(event.name).name
    kind = _KIND_OF_STEP[event.step]
    _mark(desk, call, event.at, Source.REPORT, kind, name, event.value)


def on_stasis_entered(desk: Desk, event: StasisEntered) -> None:
    """A Stasis application got the caller; it counts only where it is declared."""
    _mark_stasis(desk, event, event.uniqueid, event.app, Kind.ENTERED)


def on_stasis_left(desk: Desk, event: StasisLeft) -> None:
    """The Stasis application let the caller go."""
    _mark_stasis(desk, event, event.uniqueid, event.app, Kind.LEFT)


def on_stasis_refused(desk: Desk, event: StasisRefused) -> None:
    """Nobody serves the application that the dialplan named: the caller never was in it."""
    call = desk.find(event.uniqueid)
    name = "" if call is None else _marks(desk, call).stasis
    if call is not None and name:
        _mark(desk, call, event.at, Source.DIALPLAN, Kind.REFUSED, name)


def _mark_stasis(desk: Desk, event: Event, uniqueid: str, app: str, kind: Kind) -> None:
    known = desk.find(uniqueid)
    rules = desk.rules if known is None else desk.rules_of(known)
    server = rules.voice_server_of_app(app)
    call = None if server is None else _call_or_keep(desk, event, uniqueid)
    if server is not None and call is not None:
        _mark(desk, call, event.at, Source.ARI, kind, server.name)


def on_stasis_digit(desk: Desk, event: StasisDigit) -> None:
    """A key, as ARI tells it."""
    call = _call_or_keep(desk, event, event.uniqueid)
    if call is not None:
        _mark(desk, call, event.at, Source.ARI, Kind.INPUT, value=event.digit)


def on_playback_changed(desk: Desk, event: PlaybackChanged) -> None:
    """The voice server plays something to the caller, or has ended."""
    call = _call_or_keep(desk, event, event.uniqueid)
    if call is not None:
        kind = FactKind.PLAYBACK_STARTED if event.playing else FactKind.PLAYBACK_ENDED
        desk.note(call, event.at, kind, media=event.media)


def on_stasis_snapshot(desk: Desk, event: StasisSnapshot) -> None:
    """Who is in a Stasis application now, after ARI was not heard for a while."""
    apps = {seen.uniqueid: seen.app for seen in event.inside}
    for call in list(desk.calls.values()):
        rules, app = desk.rules_of(call), apps.get(call.uniqueid)
        server = None if app is None else rules.voice_server_of_app(app)
        stay, now_in = call.stay, "" if server is None else server.name
        if stay is not None and stay.explicit and stay.name != now_in:
            if _is_in_stasis(rules, stay):
                _mark(desk, call, event.at, Source.ARI, Kind.LEFT, stay.name, seen=False)
        elif now_in and (stay is None or stay.name != now_in):
            _mark(desk, call, event.at, Source.ARI, Kind.ENTERED, now_in, seen=False)


# --- facts about a channel of which AMI has not told yet ----------------------------------------


def _call_or_keep(desk: Desk, event: Event, uniqueid: str) -> Call | None:
    """The call that an event is about; where there is none yet, the event is kept for it."""
    call = desk.find(uniqueid)
    if call is None:
        kept = desk.early.get(uniqueid)
        if kept is None:
            kept = desk.early[uniqueid] = []
            desk.timers.set(event.at + REMEMBERED, Timer.FORGET_EARLY, uniqueid)
        if len(kept) < KEPT:
            kept.append(event)
    return call


def tell_early(desk: Desk, call: Call) -> None:
    """A call begins: what ARI said of its channel before AMI did is about it."""
    for event in desk.early.pop(call.uniqueid, ()):
        _HANDLERS[type(event)](desk, event)


_HANDLERS: Final[Mapping[type[Event], Callable[[Desk, Any], None]]] = MappingProxyType(
    {
        VoiceServerReported: on_voice_server_reported,
        StasisEntered: on_stasis_entered,
        StasisLeft: on_stasis_left,
        StasisDigit: on_stasis_digit,
        PlaybackChanged: on_playback_changed,
    }
)

# --- from marks to the record -------------------------------------------------------------------


def forget(desk: Desk, call: Call) -> None:
    """Forget what was said of a call's stays so far: its story begins anew."""
    marks = desk.marks.pop(call.uniqueid, None)
    if marks is not None:
        call.facts = [fact for fact in call.facts if fact not in marks.told]
    desk.rewrite(call)


def _marks(desk: Desk, call: Call) -> Marks:
    marks = desk.marks.get(call.uniqueid)
    if marks is None:
        marks = desk.marks[call.uniqueid] = Marks(call.stays)
    return marks


def _mark(
    desk: Desk, call: Call, at: Ms, source: Source, kind: Kind, name: str = "", value: str = "",
    *, seen: bool = True,
) -> None:  # fmt: skip
    marks = _marks(desk, call)
    if len(marks.all) >= MANY:
        marks.settle(call.stays)
    if marks.add(at, source, kind, name, value, seen=seen):
        _apply(desk, call, marks, marks.derive(desk.rules_of(call)))


def _apply(desk: Desk, call: Call, marks: Marks, derived: Derived) -> None:
    """Make the record say what the marks prove now."""
    known = call.stays[marks.settled :]
    if derived.stays != known:
        if len(derived.stays) < len(known):
            desk.rewrite(call)
        call.stays[marks.settled :] = derived.stays
        desk.touch(call)
    _tell(desk, call, marks, derived.steps)
    starts_on = desk.rules_of(call).policy.commitment.starts_on
    if derived.first_left is not None and starts_on is ClockStart.VOICE_SERVER_LEFT:
        desk.start_clock(call, derived.first_left)
    _count_handling(desk, call, marks, derived.handled)


_FACT_OF: Final = {
    Kind.ENTERED: FactKind.VOICE_SERVER_ENTERED,
    Kind.INPUT: FactKind.VOICE_SERVER_INPUT,
    Kind.LEFT: FactKind.VOICE_SERVER_LEFT,
}


def _tell(desk: Desk, call: Call, marks: Marks, steps: list[Step]) -> None:
    """Append what is new to the timeline; where a late mark changed the story, tell it anew."""
    facts = [_fact(step) for step in steps]
    told = marks.told
    if facts == told:
        return
    if facts[: len(told)] == told:
        call.facts += facts[len(told) :]
    else:
        call.facts = [fact for fact in call.facts if fact not in told] + facts
        desk.rewrite(call)
    marks.told = facts
    desk.touch(call)


def _fact(step: Step) -> Fact:
    detail: dict[str, str | int | None] = {"name": step.name}
    if step.kind is Kind.INPUT:
        detail["value"] = step.value
    if not step.seen:
        detail["observed"] = 0
    return Fact(step.at, _FACT_OF[step.kind], detail)


def _count_handling(desk: Desk, call: Call, marks: Marks, handled: Handling | None) -> None:
    """Count what the voice servers did for the caller; take back what a late mark disproved."""
    if handled == marks.handled:
        return
    before, marks.handled = marks.handled, handled
    if before is not None and call.handled_by is HandledBy.VOICE_SERVER:
        answers = [v.answered_at for v in call.visits if v.answered_at is not None]
        answers += [fact.at for fact in call.facts if fact.kind is FactKind.BRIDGED]
        call.handled_at = min(answers, default=None)
        call.handled_by = HandledBy.AGENT if answers else None
        desk.judge(call)
    if handled is None:
        return
    if handled.seen:
        desk.handled(call, handled.at, HandledBy.VOICE_SERVER)
    else:
        desk.handled_by_then(call, handled.at, HandledBy.VOICE_SERVER)
