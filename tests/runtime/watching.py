"""A monitor that follows one caller, for the tests of the runtime."""

from monitor.core import events as ev
from monitor.core.effects import Effect, VerdictGiven
from monitor.core.records import Verdict
from monitor.runtime import Monitor
from tests.core.story import CALLER, PBX, ms


def watching(monitor: Monitor) -> list[Effect]:
    """Have a caller arrive who waits; returns the effects, to which later ones are added."""
    seen: list[Effect] = []
    monitor.subscribe(seen.extend)
    monitor.submit(ev.PbxSnapshot(PBX, ms(0)))
    monitor.submit(ev.LinkChanged(PBX, ms(0), ev.LinkState.CONNECTED))
    monitor.submit(
        ev.ChannelArrived(PBX, ms(0), CALLER, CALLER, "PJSIP/t-1", "incoming", "s", "0199", "")
    )
    monitor.submit(ev.DialplanStep(PBX, ms(0), CALLER, "incoming", "s", "Answer"))
    monitor.step()
    return seen


def verdicts(seen: list[Effect]) -> list[Verdict]:
    """The verdicts given, in order."""
    return [effect.verdict for effect in seen if isinstance(effect, VerdictGiven)]
