"""Contacts and answers of callers for the demonstration, so that their pages have something."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from monitor.core.clock import DAY, HOUR, MINUTE, Ms
from monitor.core.contacts import Channel, ContactReason, Person
from monitor.core.events import AgentCompleted, Event, SatisfactionReported
from monitor.core.policy import Policy
from monitor.core.promises import Promise
from monitor.history.audit import Via, Who
from monitor.history.contact_rows import NewContact
from monitor.history.contacts import ContactChange, ContactRecord
from monitor.history.database import History

A_DAY: Final = 11
"""Contacts that come in a day."""
ASKED: Final = 0.4
"""Of the callers whose agent hung up first, so many are asked how it was."""
SCORES: Final = (0, 0, 5, 5, 5, 5, 4, 4, 4, 3, 2, 1)
"""What they press; 0: nothing."""
CRM: Final = Who("crm", Via.TOKEN)
AGENTS: Final = ("Alice Martin", "Hugo Bernard", "Nora Lindqvist", "Paul Okafor")
SUBJECTS: Final = ("Invoice of October", "Delivery not received", "Change of address",
                   "Contract renewal", "Wrong amount", "Appointment")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Kind:
    """How contacts of a channel come, and how long their answers take, as shares of the promise."""

    channel: Channel
    weight: int
    promise: Promise
    queue: str
    longest: float


_KINDS: Final = (
    _Kind(Channel.EMAIL, 5, Promise.within_opening(8 * HOUR, "office"), "support", 1.05),
    _Kind(Channel.CALLBACK, 4, Promise.within(4 * HOUR), "sales", 1.1),
    _Kind(Channel.COMPLAINT, 1, Promise.within(2 * DAY), "billing", 1.2),
    _Kind(Channel.LETTER, 1, Promise.within_opening(24 * HOUR, "office"), "billing", 1.0),
)
_WAITING: Final = (5 * HOUR, 210 * MINUTE, 70 * MINUTE)
"""Callbacks that nobody made yet: one overdue, one at risk, one with time."""
_FATES: Final = {"answered": 31, "withdrawn": 1, "excluded": 1, "forgotten": 1}


def surveyed(events: Iterable[Event], seed: int) -> Iterator[Event]:
    """The events, and what some callers pressed when they were asked after their call."""
    chance = random.Random(seed)  # noqa: S311 - a show
    for event in events:
        yield event
        if not isinstance(event, AgentCompleted) or not event.uniqueid:
            continue
        if event.reason == "agent" and chance.random() < ASKED:
            score = chance.choice(SCORES)
            yield SatisfactionReported(event.pbx, event.at, event.uniqueid, score, 5)


def fill(history: History, policy: Policy, days: int, now: Ms, seed: int) -> None:
    """Register contacts of the last days as a CRM does, with their answers at their moments."""
    chance = random.Random(seed)  # noqa: S311 - a show
    record = ContactRecord(history)
    steps: list[tuple[Ms, str, ContactChange | NewContact]] = []
    for number in range(days * A_DAY):
        came = now - round(chance.random() * days * DAY)
        made = replace(_new(chance, came), reference=f"D-{seed:02}-{number:04}")
        steps += [(came, made.id, made), *_later(chance, made, came)]
    for number, ago in enumerate(_WAITING):
        made = replace(_callback(chance, now - ago), reference=f"D-{seed:02}-W{number}")
        steps.append((now - ago, made.id, made))
    for at, contact, step in sorted(steps, key=lambda one: one[:2]):
        if at > now:
            break
        while record.advance(at):
            pass
        if isinstance(step, NewContact):
            record.register([step], CRM, at, policy, tell=False)
        else:
            record.change(contact, step, CRM, at, policy, expected=None)


def _callback(chance: random.Random, came: Ms) -> NewContact:
    kind = next(one for one in _KINDS if one.channel is Channel.CALLBACK)
    return _new(chance, came, kind)


def _new(chance: random.Random, came: Ms, kind: _Kind | None = None) -> NewContact:
    if kind is None:
        (kind,) = chance.choices(_KINDS, [kind.weight for kind in _KINDS])
    number = f"+331990{chance.randrange(10_000):04}"
    subject = "" if kind.channel is Channel.CALLBACK else chance.choice(SUBJECTS)
    return NewContact(
        CRM.by, "", kind.channel, kind.promise, came, queue=kind.queue,
        person=Person(number=number, subject=subject),
    )  # fmt: skip


def _later(
    chance: random.Random, made: NewContact, came: Ms
) -> Iterator[tuple[Ms, str, ContactChange]]:
    """What became of it: answered mostly, a few withdrawn, excluded, or forgotten."""
    kind = next(one for one in _KINDS if one.channel is made.channel)
    # Opening hours are a third of all hours; nobody answers faster than in ten minutes.
    span = (kind.promise.span or DAY) * (1 if not kind.promise.calendar else 2)
    at = came + 10 * MINUTE + round(span * chance.triangular(0, kind.longest, 0.3))
    (fate,) = chance.choices(list(_FATES), list(_FATES.values()))
    if fate == "withdrawn":
        yield at, made.id, ContactChange({"withdrawn_at": at}, {})
    elif fate == "excluded":
        yield at, made.id, ContactChange({"excluded": ContactReason.DUPLICATE}, {})
    elif fate == "answered":
        by = {"answered_at": at, "answered_by": chance.choice(AGENTS)}
        yield at, made.id, ContactChange(by, {})
