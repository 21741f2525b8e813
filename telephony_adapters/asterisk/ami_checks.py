"""What is wrong with a PBX's set-up, found out from what it sends, said once in plain words."""

from collections.abc import Callable
from typing import Final

from monitor.core.events import (
    ChannelArrived,
    ChannelGone,
    DialplanStep,
    Event,
    PbxSnapshot,
    QueueJoined,
    QueueStatusSet,
)

WAITED: Final = frozenset({"TIMEOUT", "LEAVEEMPTY", "LEAVEUNAVAIL", "WITHDRAW", "CONTINUE"})
"""Values of QUEUESTATUS that only a caller who had joined the queue can get."""

SILENT_CHANNELS: Final = 3
"""So many channels that end without any dialplan step mean that we are not told of the steps."""

MANY: Final = 10_000
"""So many channels without a step are remembered at most."""

TIMESTAMPS: Final = "timestampevents"
TIMESTAMPS_TEXT: Final = (
    "The PBX {pbx} sends events without their time, so waits are measured by their arrival here: "
    "set timestampevents = yes in the [general] section of its manager.conf and run "
    '"manager reload".'
)
READ_CLASS_TEXT: Final = (
    "The AMI account of the PBX {pbx} is not told about {what}: add {name} to its read line in "
    'manager.conf and run "manager reload"; the link then has to be made anew.'
)
WHAT: Final = {
    "system": "the PBX's start and stop",
    "call": "channels",
    "agent": "queues and agents",
    "dialplan": "dialplan steps and why callers leave queues",
}


class Warnings:
    """Raises each warning once, and clears it once."""

    def __init__(self, pbx: str, raise_warning: Callable[[str, str], None]) -> None:
        """``raise_warning`` takes a code and a text, which is empty to clear the warning."""
        self._pbx = pbx
        self._raise = raise_warning
        self._raised: set[str] = set()

    def set(self, code: str, text: str) -> None:
        """Raise the warning ``code``, or clear it when ``text`` is empty."""
        if bool(text) == (code in self._raised):
            return
        if text:
            self._raised.add(code)
        else:
            self._raised.discard(code)
        self._raise(code, text)

    def timestamps(self, *, missing: bool) -> None:
        """Say that events come without their time, or with it."""
        self.set(TIMESTAMPS, TIMESTAMPS_TEXT.format(pbx=self._pbx) if missing else "")

    def read_class(self, name: str, *, missing: bool) -> None:
        """Say that a class is missing from the account's ``read`` line, or is there."""
        text = READ_CLASS_TEXT.format(pbx=self._pbx, what=WHAT[name], name=name)
        self.set(f"read_class_{name}", text if missing else "")


class ClassWatch:
    """Finds out which classes of events the account may not read.

    Asterisk tells no account what it may read. But every class leaves holes that another one
    shows: a step of a channel that never arrived, a wait that ended and never began. A class is
    proven to be there by its first event; when all are, nothing is watched any more.
    """

    def __init__(self, warnings: Warnings) -> None:
        self._warnings = warnings
        self._unproven = {"call", "agent", "dialplan"}
        self._known: set[str] | None = None
        self._arrived: dict[str, bool] = {}
        self._silent = 0

    @property
    def settled(self) -> bool:
        """Whether all classes have been seen."""
        return not self._unproven

    def begin(self, snapshot: PbxSnapshot) -> None:
        """Note the channels that were there before us; without them nothing can be concluded."""
        self._known = {channel.uniqueid for channel in snapshot.channels}
        self._known.update(e.uniqueid for q in snapshot.queues for e in q.entries)

    def look(self, event: Event) -> None:
        """Take one event and conclude."""
        match event:
            case ChannelArrived():
                self._proven("call")
                if len(self._arrived) < MANY:
                    self._arrived[event.uniqueid] = False
            case DialplanStep():
                self._proven("dialplan")
                self._check_arrived(event.uniqueid)
                self._arrived.pop(event.uniqueid, None)
            case QueueJoined():
                self._proven("agent")
                self._check_arrived(event.uniqueid)
                if event.uniqueid in self._arrived:
                    self._missing("dialplan")
            case QueueStatusSet():
                self._proven("dialplan")
                if event.status in WAITED and not self._was_known(event.uniqueid):
                    self._missing("agent")
            case ChannelGone():
                self._gone(event.uniqueid)

    def _gone(self, uniqueid: str) -> None:
        if self._arrived.pop(uniqueid, None) is not None:
            self._silent += 1
            if self._silent >= SILENT_CHANNELS:
                self._missing("dialplan")

    def _check_arrived(self, uniqueid: str) -> None:
        """A channel that does something must have arrived, before our eyes or before us."""
        if "call" in self._unproven and not self._was_known(uniqueid):
            self._missing("call")

    def _was_known(self, uniqueid: str) -> bool:
        return self._known is None or uniqueid in self._known

    def _proven(self, name: str) -> None:
        if name in self._unproven:
            self._unproven.discard(name)
            self._warnings.read_class(name, missing=False)

    def _missing(self, name: str) -> None:
        if name in self._unproven:
            self._warnings.read_class(name, missing=True)
