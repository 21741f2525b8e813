"""What a PBX says about itself when asked: its channels, its queues, their callers and members.

The queues are asked one by one. ``QueueStatus`` without a queue, or a slow reader of it, keeps the
lock of a queue while everything is written, and callers cannot join meanwhile. The names of the
queues come from ``QueueSummary``, which holds each queue only for one short message.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from monitor.core.clock import HOUR, MINUTE, SECOND, Ms
from monitor.core.events import ChannelSeen, EntrySeen, MemberChanged, PbxSnapshot, QueueSeen
from telephony_adapters.asterisk.ami_protocol import Answer
from telephony_adapters.asterisk.ami_translate import member, number, said

Ask = Callable[[str, Mapping[str, str]], Awaitable[list[Answer]]]
"""Sends an action and returns its response followed by its list's items."""


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


def channel_seen(item: Mapping[str, str]) -> ChannelSeen:
    """Read one ``CoreShowChannel``."""
    return ChannelSeen(
        uniqueid=item["Uniqueid"],
        linkedid=item.get("Linkedid", ""),
        channel=item["Channel"],
        context=item.get("Context", ""),
        exten=item.get("Exten", ""),
        application=item.get("Application", ""),
        number=said(item.get("CallerIDNum", "")),
        name=said(item.get("CallerIDName", "")),
        age=span(item.get("Duration", "") or "0:0:0"),
        bridge=item.get("BridgeId", ""),
    )


def channel_of_entry(item: Mapping[str, str], age: Ms) -> ChannelSeen:
    """Make what can be known of a channel from its place in a queue alone."""
    return ChannelSeen(
        uniqueid=item["Uniqueid"],
        linkedid="",
        channel=item.get("Channel", ""),
        context="",
        exten="",
        application="Queue",
        number=said(item.get("CallerIDNum", "")),
        name=said(item.get("CallerIDName", "")),
        age=age,
        bridge="",
    )


def entry_seen(item: Mapping[str, str], correction: Ms) -> EntrySeen:
    """Read one ``QueueEntry``; ``correction`` (ms) has passed since the queue was asked."""
    waited = number(item.get("Wait", "")) * SECOND + correction
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

    The channels come last: whoever is seen in a queue and has no channel any more has gone, and
    the events that were buffered meanwhile say how.

    Raises:
        Refused: if the PBX does not answer about its queues.
    """
    listed: list[tuple[str, Ms, list[Answer]]] = []
    for summary in items(await _asked(ask, "QueueSummary"), "QueueSummary"):
        asked_at = now()
        answers = await _asked(ask, "QueueStatus", Queue=summary["Queue"])
        listed.append((summary["Queue"], asked_at, answers))
    at = now()
    try:
        answers = await _asked(ask, "CoreShowChannels")
    except Refused:
        warn(WRITE_CLASS, WRITE_CLASS_TEXT.format(pbx=pbx))
        channels = _channels_of_entries(listed, at)
    else:
        warn(WRITE_CLASS, "")
        channels = tuple(channel_seen(item) for item in items(answers, "CoreShowChannel"))
    queues = tuple(_queue_seen(pbx, at, *queue) for queue in listed)
    return PbxSnapshot(pbx, at, channels, queues, restarted)


async def _asked(ask: Ask, name: str, **headers: str) -> list[Answer]:
    answers = await ask(name, headers)
    if answers[0].get("Response") != "Success":
        raise Refused(name, answers[0].get("Message", ""))
    return answers


def _queue_seen(pbx: str, at: Ms, queue: str, asked_at: Ms, answers: list[Answer]) -> QueueSeen:
    return QueueSeen(
        queue,
        tuple(entry_seen(item, at - asked_at) for item in items(answers, "QueueEntry")),
        tuple(member_seen(pbx, at, item) for item in items(answers, "QueueMember")),
    )


def _channels_of_entries(
    listed: list[tuple[str, Ms, list[Answer]]], at: Ms
) -> tuple[ChannelSeen, ...]:
    return tuple(
        channel_of_entry(item, entry_seen(item, at - asked_at).waited)
        for _, asked_at, answers in listed
        for item in items(answers, "QueueEntry")
    )
