"""Contacts: e-mails, letters, callbacks, complaints… under the clock of the commitment.

A contact is registered with the deadline that was announced. Its verdict is a pure function of its
record, by the rules of calls: answered before the deadline is met, at it or later is breached. The
breach is raised by a timer and stamped with the deadline; an answer that turns out to have been in
time corrects it, and the correction is counted.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from monitor.core.clock import MINUTE, Ms
from monitor.core.promises import Promise

AHEAD: Final[Ms] = MINUTE
"""By how much the clock of whoever registers may be ahead of the monitor's."""


class Channel(StrEnum):
    """By which way a contact came."""

    EMAIL = "email"
    LETTER = "letter"
    CALLBACK = "callback"
    CHAT = "chat"
    COMPLAINT = "complaint"
    OTHER = "other"


class ContactVerdict(StrEnum):
    """How a contact stands under its promise."""

    PENDING = "pending"
    MET = "met"
    BREACHED = "breached"
    WITHDRAWN = "withdrawn"
    EXCLUDED = "excluded"


class ContactReason(StrEnum):
    """Why a verdict is what it is; a stable code that the UI puts into words."""

    NONE = ""
    ANSWERED = "answered"
    ANSWERED_LATE = "answered_late"
    NOT_ANSWERED = "not_answered"
    WITHDRAWN = "withdrawn"
    WITHDRAWN_LATE = "withdrawn_late"
    DUPLICATE = "duplicate"
    UNSOLICITED = "unsolicited"
    TEST = "test"
    NOT_OURS = "not_ours"


EXCLUDING: Final = (
    ContactReason.DUPLICATE,
    ContactReason.UNSOLICITED,
    ContactReason.TEST,
    ContactReason.NOT_OURS,
)
"""The reasons for which somebody may exclude a contact."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """The overdue contacts of one queue: how many, and the first and the last deadline (ms)."""

    pbx: str
    queue: str
    many: int
    first_at: Ms
    last_at: Ms


class ContactError(ValueError):
    """What is said of a contact cannot be; ``field`` is where, ``code`` is stable."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code


@dataclass(frozen=True, slots=True)
class Person:
    """What is personal in a contact, kept apart from the facts: it may be purged alone."""

    number: str = ""
    name: str = ""
    email: str = ""
    subject: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as it stands; each change makes another one. Moments and spans in ms.

    ``source`` and ``reference`` (the source's own) name it, so that it is registered once however
    often it is told. ``policy_version`` is whose calendar the deadline was counted in.
    """

    id: str
    """Stable, and free of what the source calls it."""
    source: str
    reference: str
    channel: Channel
    received_at: Ms
    promise: Promise
    deadline_at: Ms
    at_risk_at: Ms
    policy_version: int = 1
    pbx: str = ""
    queue: str = ""
    team: str = ""
    call_id: str = ""
    """The call in which it was asked for; empty: none."""
    answered_at: Ms | None = None
    answered_by: str = ""
    withdrawn_at: Ms | None = None
    excluded: ContactReason = ContactReason.NONE
    """One of ``EXCLUDING``, or nothing."""
    at_risk: bool = False
    verdict: ContactVerdict = ContactVerdict.PENDING
    reason: ContactReason = ContactReason.NONE
    verdict_at: Ms | None = None
    corrections: int = 0
    version: int = 1
    """Rises with each change."""

    @property
    def answer_time(self) -> Ms | None:
        """From the reception to the answer; None while there is none."""
        return None if self.answered_at is None else self.answered_at - self.received_at


class Judgement(NamedTuple):
    """A verdict, why, and the moment it is stamped with."""

    verdict: ContactVerdict
    reason: ContactReason
    at: Ms | None


def judge(contact: Contact, now: Ms) -> Judgement:
    """Judge a contact by what is known of it at ``now``; its own verdict does not matter."""
    deadline = contact.deadline_at
    if contact.excluded is not ContactReason.NONE:
        return Judgement(ContactVerdict.EXCLUDED, contact.excluded, contact.received_at)
    if contact.answered_at is not None:
        if contact.answered_at < deadline:
            return Judgement(ContactVerdict.MET, ContactReason.ANSWERED, contact.answered_at)
        return Judgement(ContactVerdict.BREACHED, ContactReason.ANSWERED_LATE, deadline)
    if contact.withdrawn_at is not None:
        if contact.withdrawn_at < deadline:
            why = ContactReason.WITHDRAWN
            return Judgement(ContactVerdict.WITHDRAWN, why, contact.withdrawn_at)
        return Judgement(ContactVerdict.BREACHED, ContactReason.WITHDRAWN_LATE, deadline)
    if now >= deadline:
        return Judgement(ContactVerdict.BREACHED, ContactReason.NOT_ANSWERED, deadline)
    return Judgement(ContactVerdict.PENDING, ContactReason.NONE, None)


def judged(contact: Contact, now: Ms) -> Contact:
    """The contact with the verdict that it has at ``now``; one that was another is corrected.

    A breach that goes on, answered or withdrawn late, is still the same verdict.
    """
    verdict, reason, at = judge(contact, now)
    told = contact.verdict is not ContactVerdict.PENDING
    corrected = told and verdict is not contact.verdict
    return replace(
        contact,
        verdict=verdict,
        reason=reason,
        verdict_at=at,
        corrections=contact.corrections + corrected,
    )


def due(contact: Contact) -> Ms | None:
    """When :func:`advance` has to be called next; None: never."""
    if contact.verdict is not ContactVerdict.PENDING:
        return None
    return contact.deadline_at if contact.at_risk else contact.at_risk_at


class Raised(StrEnum):
    """What a timer raised."""

    AT_RISK = "at_risk"
    BREACHED = "breached"


def advance(contact: Contact, now: Ms) -> tuple[Contact, Raised | None]:
    """Do what is due at ``now``.

    The breach is stamped with the deadline, however late the call comes; whose deadline has passed
    is not at risk any more.
    """
    if contact.verdict is not ContactVerdict.PENDING:
        return contact, None
    if now >= contact.deadline_at:
        return judged(contact, now), Raised.BREACHED
    if not contact.at_risk and now >= contact.at_risk_at:
        return replace(contact, at_risk=True), Raised.AT_RISK
    return contact, None


def is_overdue(contact: Contact) -> bool:
    """Whether the deadline passed and somebody still waits for an answer."""
    return contact.reason is ContactReason.NOT_ANSWERED


def check(contact: Contact, now: Ms) -> None:
    """Refuse what cannot be.

    Raises:
        ContactError: it was answered or withdrawn before it came, or something is said to have
            happened that is still to come.
    """
    for name in ("received_at", "answered_at", "withdrawn_at"):
        at: Ms | None = getattr(contact, name)
        if at is None:
            continue
        if at > now + AHEAD:
            raise ContactError(name, "in_the_future", "This moment is still to come.")
        if at < contact.received_at:
            raise ContactError(name, "before_reception", "This is before the contact came.")
    if contact.answered_at is not None and contact.withdrawn_at is not None:
        message = "A contact is answered or withdrawn, not both."
        raise ContactError("withdrawn_at", "answered_and_withdrawn", message)
    if contact.excluded not in (ContactReason.NONE, *EXCLUDING):
        raise ContactError("excluded", "no_exclusion", "This is no reason to exclude a contact.")
