"""The shapes of contacts: e-mails, letters, callbacks, complaints… with their deadlines."""

from typing import Annotated, Literal

from pydantic import Field

from api import parameters
from api.schemas import Moment, Schema, Seconds

ChannelName = Literal["email", "letter", "callback", "chat", "complaint", "other"]
ContactVerdictName = Literal["pending", "met", "breached", "withdrawn", "excluded"]
ContactReasonName = Literal[
    "", "answered", "answered_late", "not_answered", "withdrawn", "withdrawn_late", "duplicate",
    "unsolicited", "test", "not_ours",
]  # fmt: skip
ExcludingName = Literal["duplicate", "unsolicited", "test", "not_ours"]
PromiseName = Literal["moment", "span", "opening_hours"]
Short = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Long = Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")]
Span = Annotated[float, Field(gt=0, le=366 * 86_400)]
Version = Annotated[int, Field(ge=1, lt=2**31)]
MOST = 100
"""Contacts in one request."""


class _Announced(Schema):
    """What was announced: one of three."""

    deadline_at: parameters.Moment | None = Field(
        default=None, description="Announced as a moment: answered before it"
    )
    within_s: Span | None = Field(
        default=None, description="Announced as a span in seconds: answered in less"
    )
    within_opening_s: Span | None = Field(
        default=None, description="Announced as a span in seconds of opening hours"
    )
    calendar: Short = Field(
        default="",
        description="Whose opening hours `within_opening_s` is counted in; empty: the queue's, "
        "else the centre's",
    )


class ContactNew(_Announced):
    """A contact to register, with exactly one of the three ways to announce its deadline."""

    source: Short = Field(
        default="", description="Whose reference it is; empty: the account that asks"
    )
    reference: Short = Field(
        min_length=1, description="The source's own, unique for it, and nobody's name"
    )
    channel: ChannelName
    received_at: parameters.Moment | None = Field(default=None, description="Left out: now")
    pbx: Short = ""
    queue: Short = Field(default="", description="Who sees this queue sees the contact")
    team: Short = ""
    call_id: Short = Field(default="", description="The call in which it was asked for")
    answered_at: parameters.Moment | None = None
    answered_by: Short = ""
    withdrawn_at: parameters.Moment | None = None
    number: Short = Field(default="", description="Personal, and so are those that follow")
    name: Short = ""
    email: Short = ""
    subject: Long = ""
    note: Long = ""


class ContactBatch(Schema):
    """Contacts to register."""

    items: list[ContactNew] = Field(min_length=1, max_length=MOST)


class ContactPatch(_Announced):
    """What is to change; what is left out stays. A moment of null takes it back."""

    version: Version = Field(description="The version that you have read")
    channel: ChannelName | None = None
    received_at: parameters.Moment | None = None
    pbx: Short | None = None
    queue: Short | None = None
    team: Short | None = None
    call_id: Short | None = None
    answered_at: parameters.Moment | None = None
    answered_by: Short | None = None
    withdrawn_at: parameters.Moment | None = None
    excluded: ExcludingName | None = Field(
        default=None, description="Why it does not count; null: it counts"
    )
    number: Short | None = None
    name: Short | None = None
    email: Short | None = None
    subject: Long | None = None
    note: Long | None = None


class AnnouncedOut(Schema):
    """What was announced."""

    kind: PromiseName
    span_s: Seconds | None = Field(description="Null for a moment")
    calendar: str = Field(description="Whose opening hours; empty: the queue's or the centre's")


class ContactOut(Schema):
    """A contact with the deadline that was announced."""

    id: str = Field(description="Stable, made of source and reference")
    source: str
    reference: str
    channel: ChannelName
    pbx: str
    queue: str
    team: str
    call_id: str = Field(description="The call in which it was asked for; empty: none")
    received_at: Moment
    promise: AnnouncedOut
    deadline_at: Moment = Field(description="Answered before it is met, at it or later breached")
    at_risk_at: Moment
    at_risk: bool
    answered_at: Moment | None
    answered_by: str
    answer_time_s: Seconds | None
    withdrawn_at: Moment | None
    verdict: ContactVerdictName
    reason: ContactReasonName
    verdict_at: Moment | None = Field(description="Of a breach: the deadline")
    overdue: bool = Field(description="The deadline passed, and nobody has answered")
    corrections: int = Field(description="How often a verdict was corrected")
    policy_version: int = Field(description="In whose calendars the deadline was counted")
    version: int
    number: str
    name: str
    email: str
    subject: str
    note: str


class ContactVersion(Schema):
    """One version of a contact: who made it, and what it changed."""

    version: int
    at: Moment
    by: str
    via: Literal["session", "token", "mqtt", "cli", "monitor"]
    what: Literal[
        "registered", "answered", "withdrawn", "excluded", "corrected", "at_risk", "breached"
    ]
    before: dict[str, str | float | bool | None]
    after: dict[str, str | float | bool | None] = Field(
        description="Of what is personal, only that it `changed`; spans in milliseconds"
    )


class ContactDetailOut(ContactOut):
    """A contact with its history."""

    changes: list[ContactVersion]


class ContactPageOut(Schema):
    """A page of contacts: the last received first; of open ones the first deadline."""

    items: list[ContactOut]
    next_cursor: str | None = Field(description="Null at the end")


class ContactDone(Schema):
    """What became of one contact of a batch."""

    reference: str
    outcome: Literal["created", "unchanged", "different", "refused"] = Field(
        description="`unchanged`: registered before, the same. `different`: registered before, and "
        "not the same; nothing was changed. `refused`: see `code`"
    )
    id: str = Field(description="Empty where it was refused")
    code: str = Field(description="Why it was refused: a stable code; empty otherwise")
    field: str = Field(description="What is wrong; empty otherwise")
    message: str


class ContactsDone(Schema):
    """What became of a batch, in its order."""

    items: list[ContactDone]


class OpenContacts(Schema):
    """What is open now."""

    pending: int = Field(description="The deadline is still to come; those at risk among them")
    at_risk: int
    overdue: int = Field(description="The deadline passed, and nobody has answered")


class ContactCountsOut(OpenContacts):
    """What is open now, as a whole and by channel."""

    by_channel: dict[ChannelName, OpenContacts]


class QuotientOut(Schema):
    """A quotient that can be checked."""

    numerator: int
    denominator: int
    value: float | None = Field(description="Null where the denominator is zero")


class ContactTallyOut(Schema):
    """Counts of contacts by when they were received."""

    registered: int
    pending: int
    met: int
    breached: int
    overdue: int = Field(description="Of the breached, those still waiting for an answer")
    withdrawn: int
    excluded: int
    exclusions: dict[str, int] = Field(description="By reason")
    corrected: int
    answered: int = Field(description="In time or late, without the excluded")
    rate: QuotientOut = Field(description="met / (met + breached)")
    answer_time_s: Seconds | None = Field(description="Mean, by the clock; null of none")
    answer_time_percentiles_s: dict[str, Seconds | None] = Field(
        description="By percent; nearest rank over whole seconds, rounded up"
    )


class ContactsOfChannel(ContactTallyOut):
    """The counts of one channel."""

    channel: ChannelName


class ContactsOfQueue(ContactTallyOut):
    """The counts of one queue; empty names: of none."""

    pbx: str
    queue: str


class ContactsOfMonth(ContactTallyOut):
    """The counts of one month in the centre's zone, cut to the range."""

    from_: Moment = Field(alias="from")
    to: Moment


class ContactFiguresOut(Schema):
    """The figures of a range."""

    from_: Moment = Field(alias="from")
    to: Moment
    total: ContactTallyOut
    by_channel: list[ContactsOfChannel]
    by_queue: list[ContactsOfQueue]
    by_month: list[ContactsOfMonth]


class ScaleOut(Schema):
    """What was answered on one scale, from 1 to `best`."""

    best: int
    answered: int
    average: QuotientOut = Field(description="All scores added up / answered")
    satisfied: QuotientOut = Field(
        description="Those who gave one of the two best scores (4 or 5 of 5; of 2 or 3 the best "
        "alone) / answered"
    )
    distribution: dict[str, int] = Field(description="How many gave each score")


class SatisfactionOut(Schema):
    """What callers answered after their calls; scales are never put together."""

    asked: int
    answered: int
    response: QuotientOut = Field(description="answered / asked")
    scales: list[ScaleOut]


class SatisfactionOfMonth(SatisfactionOut):
    """The answers of one month in the centre's zone, cut to the range."""

    from_: Moment = Field(alias="from")
    to: Moment


class SatisfactionFiguresOut(Schema):
    """The answers of a range, by when the calls arrived."""

    from_: Moment = Field(alias="from")
    to: Moment
    total: SatisfactionOut
    by_month: list[SatisfactionOfMonth]
