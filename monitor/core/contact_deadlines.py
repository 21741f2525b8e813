"""When a contact is due: its promise under a policy, whose calendars and zone count."""

from dataclasses import replace

from monitor.core.calendars import Days
from monitor.core.contacts import Contact, ContactError
from monitor.core.policy import Policy, Rules
from monitor.core.promises import Promise, PromiseError, PromiseKind, deadline_of


def timed(made: Contact, policy: Policy) -> Contact:
    """The contact with the deadline that its promise has under a policy.

    Raises:
        ContactError: it has none.
    """
    try:
        days = _days(made.promise, made, policy)
        deadline = deadline_of(made.promise, made.received_at, days, policy.zone)
    except PromiseError as error:
        raise ContactError("deadline", error.code, str(error)) from None
    return replace(
        made,
        deadline_at=deadline.at,
        at_risk_at=deadline.at_risk_at,
        policy_version=policy.version,
    )


def _days(promise: Promise, made: Contact, policy: Policy) -> Days:
    """The opening hours in which a promise is counted: the named ones, the queue's, the centre's.

    Raises:
        PromiseError: there is no calendar of this name.
    """
    if promise.kind is not PromiseKind.OPENING_HOURS or not promise.calendar:
        return Rules(policy).calendar(made.pbx, made.queue)
    found = next((one for one in policy.calendars if one.name == promise.calendar), None)
    if found is None:
        names = ", ".join(one.name for one in policy.calendars) or "none"
        message = f"There is no calendar named {promise.calendar[:50]}; there is {names}."
        raise PromiseError("unknown_calendar", message)
    return found
