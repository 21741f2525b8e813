"""What may be said in between that no trace holds: by ARI, by a voice server, by a clock."""

from monitor.core import events as ev
from monitor.core.clock import Ms
from tests.properties.plans import Saying

STEP: Ms = 50
"""By such steps something is dated before the event after which it is said: late."""
VOICE_SERVERS = ("welcome", "ivr", "menu")
APPS = ("stasis-menu", "other")


def said(saying: Saying, event: ev.Event, detail: int, offset: Ms) -> ev.Event | None:
    """Make what is said right after ``event``, mostly about its channel; None without one."""
    pbx, at = event.pbx, event.at - STEP * (detail % 4)
    match saying:
        case Saying.CLOCK:
            return ev.ClockMeasured(pbx, at, offset + 400 * (detail - 3))
        case Saying.WARNING:
            return ev.WarningRaised(pbx, at, "ari", "ARI is down." if detail % 2 else "")
        case Saying.COMPLETED_BY_NOBODY | Saying.MEMBER_REMOVED:
            return _of_member(saying, event, at)
    uniqueid = getattr(event, "uniqueid", "")
    return _of_channel(saying, pbx, at, uniqueid, detail) if uniqueid else None


def _of_member(saying: Saying, event: ev.Event, at: Ms) -> ev.Event | None:
    if not isinstance(event, ev.AgentConnected | ev.AgentOffered | ev.MemberChanged):
        return None
    queue, interface = event.queue, event.interface
    if saying is Saying.MEMBER_REMOVED:
        return ev.MemberRemoved(event.pbx, at, queue, interface)
    return ev.AgentCompleted(event.pbx, at, "", queue, interface, event.member, "agent")


_STEPS = {
    Saying.ENTERED: ev.VoiceServerStep.ENTERED,
    Saying.INPUT: ev.VoiceServerStep.INPUT,
    Saying.LEFT: ev.VoiceServerStep.LEFT,
}
_DIGITS = {Saying.DIGIT: ev.DigitPressed, Saying.STASIS_DIGIT: ev.StasisDigit}
_STASIS = {Saying.STASIS_ENTERED: ev.StasisEntered, Saying.STASIS_LEFT: ev.StasisLeft}


def _of_channel(saying: Saying, pbx: str, at: Ms, uniqueid: str, detail: int) -> ev.Event:
    name, app, digit = VOICE_SERVERS[detail % 3], APPS[detail % 2], str(detail)
    if saying in _STEPS:
        step = _STEPS[saying]
        value = digit if step is ev.VoiceServerStep.INPUT else ""
        return ev.VoiceServerReported(pbx, at, uniqueid, name, step, value)
    if saying in _DIGITS:
        return _DIGITS[saying](pbx, at, uniqueid, digit)
    if saying in _STASIS:
        return _STASIS[saying](pbx, at, uniqueid, app)
    if saying is Saying.STASIS_LIST:
        inside = (ev.StasisSeen(uniqueid, app),) if detail % 3 else ()
        return ev.StasisSnapshot(pbx, at, inside)
    if saying is Saying.STASIS_REFUSED:
        return ev.StasisRefused(pbx, at, uniqueid)
    if saying is Saying.PLAYING:
        return ev.PlaybackChanged(pbx, at, uniqueid, "sound:hello", playing=detail % 2 == 0)
    return ev.CallerIdChanged(pbx, at, uniqueid, f"06{detail}", "x")
