"""What callers say beside their journey: that they want to be called back, that they were content.

The dialplan tells of it (``UserEvent``). None of it changes a verdict of the call.
"""

from typing import Final

from monitor.core.desk import Desk
from monitor.core.effects import ContactTold
from monitor.core.events import ContactReported, ContactStep, SatisfactionReported
from monitor.core.records import Call, FactKind

_FACT_OF: Final = {
    ContactStep.ASKED: FactKind.CONTACT_ASKED,
    ContactStep.ANSWERED: FactKind.CONTACT_ANSWERED,
    ContactStep.WITHDRAWN: FactKind.CONTACT_WITHDRAWN,
}


def on_contact_reported(desk: Desk, event: ContactReported) -> None:
    """A contact was asked for, answered or withdrawn; it may be of no call that we follow.

    An agent who dials a code, a program that originated a call: the contact counts all the same.
    """
    call = _call_of(desk, event.uniqueid)
    if call is not None:
        fact, contact = _FACT_OF[event.step], event.channel.value
        desk.note(call, event.at, fact, contact=contact, reference=event.reference)
    desk.emit(ContactTold(event, call))


def on_satisfaction_reported(desk: Desk, event: SatisfactionReported) -> None:
    """The survey was put, or answered: after the agent left, maybe after the caller hung up.

    The last answer counts; that the question was put never takes an answer back.
    """
    call = _call_of(desk, event.uniqueid)
    if call is None:
        return
    if event.score:
        desk.note(call, event.at, FactKind.SURVEY_ANSWERED, score=event.score, best=event.best)
    else:
        desk.note(call, event.at, FactKind.SURVEY_ASKED, best=event.best)
    if event.score or not call.satisfaction:
        call.satisfaction, call.satisfaction_best = event.score, event.best


def _call_of(desk: Desk, uniqueid: str) -> Call | None:
    """The call of a channel, or of whom the channel acts for (a half of a Local channel)."""
    leg = desk.locals.legs.get(uniqueid)
    return desk.find(leg.call if leg is not None and leg.call else uniqueid)
