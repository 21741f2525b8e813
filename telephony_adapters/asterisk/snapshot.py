"""What a PBX says about itself when asked: its channels, its queues, their callers and members.

The queues are asked one by one. ``QueueStatus`` without a queue, or a slow reader of it, keeps the
lock of a queue while everything is written, and callers cannot join meanwhile. The names of the
queues come from ``QueueSummary``, which holds each queue only for one short message.

What is told changes while it is told. The snapshot is dated before its first list, and whatever
happens after that is among the events that the link buffers and replays after the snapshot; the
order of the lists is such that this makes everything right again:

- bridges before channels: a channel in a bridge that was not listed has entered it since, and its
  ``BridgeEnter`` says the type;
- channels before queues: a call that ends while the queues are told is still among the channels,
  so it ends by its own ``Hangup``, not by being missing; a caller who has left a queue or joined it
  meanwhile has a channel, and the events say how and when; one who is in a queue without a channel
  has arrived since.
"""

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

from monitor.core.clock import HOUR, MINUTE, SECOND, Ms
from monitor.core.events import ChannelSeen, EntrySeen, MemberChanged, PbxSnapshot, QueueSeen
from telephony_adapters.asterisk.ami_protocol import Answer
from telephony_adapters.asterisk.ami_translate import member
from telephony_adapters.asterisk.ami_values import number, said, said_name

Ask = Callable[[str, Mapping[str, str]], Awaitable[list[Answer]]]
"""Sends an action and returns its response followed by its list's items."""

Listed: TypeAlias = tuple[str, Ms, list[Answer]]
"""A queue's name, how long (ms) after the snapshot's moment it was asked, and what it answered."""


class Refused(Exception):  # noqa: N818
    """The PBX refused an action that a snapshot needs."""

    def __init__(self, action: str, message: str) -> None:
        super().__init__(f"{action}: {message}")
        self.action = action
        self.message = message


class Warn(Protocol):
    """Raises a warning, or clears it with an empty text."""

    def __call__(self, code: str, text: str) -> None:
        """Raise or clear the warning ``code``."""


WRITE_CLASS: Final = "write_class"
WRITE_CLASS_TEXT: Final = (
    "The AMI account of the PBX {pbx} may not list the channels, so after a reconnect only callers "
    "who wait in a queue are found again: add system or reporting to its write line in "
    "manager.conf."
)


def span(text: str) -> Ms:
    """Turn ``HH:MM:SS`` into ms; ``ValueError`` if it is not that."""
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return hours * HOUR + minutes * MINUTE + seconds * SECOND


def channel_seen(
    item: Mapping[str, str], bridge_types: Mapping[str, str], dialled: Mapping[str, str]
) -> ChannelSeen:
    """Read one ``CoreShowChannel``; ``bridge_types`` by bridge, ``dialled`` by Uniqueid."""
    bridge = item.get("BridgeId", "")
    return ChannelSeen(
        uniqueid=item["Uniqueid"],
        linkedid=item.get("Linkedid", ""),
        channel=item["Channel"],
        context=item.get("Context", ""),
        exten=item.get("Exten", ""),
        application=item.get("Application", ""),
        number=said(item.get("CallerIDNum", "")),
        name=said_name(item.get("CallerIDName", "")),
        age=span(item.get("Duration", "") or "0:0:0"),
        bridge=bridge,
        data=item.get("ApplicationData", ""),
        bridge_type=bridge_types.get(bridge, ""),
        dialled=dialled.get(item["Uniqueid"], ""),
    )


def channel_of_entry(queue: str, item: Mapping[str, str], age: Ms) -> ChannelSeen:
    """Make what can be known of a channel from its place in a queue alone."""
    return ChannelSeen(
        uniqueid=item["Uniqueid"],
        linkedid="",
        channel=item.get("Channel", ""),
        context="",
        exten="",
        application="Queue",
        number=_entry_said(item.get("CallerIDNum", "")),
        name=_entry_said(item.get("CallerIDName", "")),
        age=age,
        bridge="",
        data=queue,
    )


def _entry_said(value: str) -> str:
    """Return a caller id; this list alone writes ``unknown`` without brackets."""
    return "" if value == "unknown" else said(value)


def entry_seen(item: Mapping[str, str], since: Ms) -> EntrySeen:
    """Read one ``QueueEntry``, told ``since`` ms after the moment of the snapshot.

    The wait is negative where the PBX's clock was set back since.
    """
    told = number(item.get("Wait", "")) * SECOND
    waited = told - since if told < 0 else max(0, told - since)
    return EntrySeen(item["Uniqueid"], number(item.get("Position", "")), waited)


def member_seen(pbx: str, at: Ms, item: Mapping[str, str]) -> MemberChanged:
    """Read one ``QueueMember``, where the member is ``Name`` and its interface ``Location``."""
    return member(pbx, at, item, item["Location"], item["Name"])


def items(answers: Sequence[Answer], event: str) -> list[Answer]:
    """Return the items of a list that are of one kind."""
    return [answer for answer in answers if answer.get("Event") == event]


async def take_snapshot(
    pbx: str, ask: Ask, now: Callable[[], Ms], warn: Warn, *, restarted: bool
) -> PbxSnapshot:
    """Ask a PBX for all that it knows; ``now`` is its own clock.

    Events must be coming into a buffer already.

    Raises:
        Refused: if the PBX does not answer about its queues.
    """
    at = now()
    channels = await _channels(ask)
    warn(WRITE_CLASS, WRITE_CLASS_TEXT.format(pbx=pbx) if channels is None else "")
    listed: list[Listed] = []
    for summary in items(await _asked(ask, "QueueSummary"), "QueueSummary"):
        since = now() - at
        answers = await _asked(ask, "QueueStatus", Queue=summary["Queue"])
        listed.append((summary["Queue"], since, answers))
    listed = _told_first(listed)
    return PbxSnapshot(
        pbx,
        at,
        _channels_of_entries(listed) if channels is None else channels,
        tuple(_queue_seen(pbx, at, *queue) for queue in listed),
        restarted,
        complete=channels is not None,
    )


async def _channels(ask: Ask) -> tuple[ChannelSeen, ...] | None:
    """List the channels; None where the account may not."""
    types: dict[str, str] = {}
    dialled: dict[str, str] = {}
    # A PBX that lists channels but no bridges leaves the types unknown, which nothing is built on.
    with contextlib.suppress(Refused):
        for item in items(await _asked(ask, "BridgeList"), "BridgeListItem"):
            types[item["BridgeUniqueid"]] = item.get("BridgeType", "")
    # CoreShowChannels tells where a channel is, only this whether it came from outside.
    with contextlib.suppress(Refused):
        for item in items(await _asked(ask, "Status"), "Status"):
            dialled[item["Uniqueid"]] = item.get("DNID", "")
    try:
        answers = await _asked(ask, "CoreShowChannels")
    except Refused:
        return None
    listed = items(answers, "CoreShowChannel")
    return tuple(channel_seen(item, types, dialled) for item in listed)


async def _asked(ask: Ask, name: str, **headers: str) -> list[Answer]:
    answers = await ask(name, headers)
    if answers[0].get("Response") != "Success":
        raise Refused(name, answers[0].get("Message", ""))
    if answers[-1].get("EventList", "").lower() == "cancelled":
        raise Refused(name, "the list was broken off")
    return answers


def _told_first(listed: Sequence[Listed]) -> list[Listed]:
    """Keep a caller who went from queue to queue meanwhile only in the first: events tell on."""
    told: set[str] = set()
    kept: list[Listed] = []
    for queue, since, answers in listed:
        left = [
            answer
            for answer in answers
            if answer.get("Event") != "QueueEntry" or answer["Uniqueid"] not in told
        ]
        told.update(entry["Uniqueid"] for entry in items(left, "QueueEntry"))
        kept.append((queue, since, left))
    return kept


def _queue_seen(pbx: str, at: Ms, queue: str, since: Ms, answers: list[Answer]) -> QueueSeen:
    return QueueSeen(
        queue,
        tuple(entry_seen(item, since) for item in items(answers, "QueueEntry")),
        tuple(member_seen(pbx, at, item) for item in items(answers, "QueueMember")),
    )


def _channels_of_entries(listed: Sequence[Listed]) -> tuple[ChannelSeen, ...]:
    return tuple(
        channel_of_entry(queue, item, entry_seen(item, since).waited)
        for queue, since, answers in listed
        for item in items(answers, "QueueEntry")
    )
