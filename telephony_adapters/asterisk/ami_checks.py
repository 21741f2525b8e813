"""What is wrong with a PBX's set-up, found out from what it sends, said once in plain words."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from monitor.core.events import (
    BridgeEntered,
    ChannelArrived,
    ChannelGone,
    DialplanStep,
    DigitPressed,
    Event,
    PbxSnapshot,
    QueueJoined,
    QueueStatusSet,
    VoiceServerReported,
    VoiceServerStep,
)
from telephony_adapters.asterisk.ami_user_events import VOICE_SERVER_EVENT

WAITED: Final = frozenset({"TIMEOUT", "LEAVEEMPTY", "LEAVEUNAVAIL", "WITHDRAW", "CONTINUE"})
"""Values of QUEUESTATUS that only a caller who had joined the queue can get."""

SILENT_CHANNELS: Final = 3
"""So many channels that end without any dialplan step mean that we are not told of the steps."""

LISTENING: Final = frozenset({"background", "waitexten"})
"""Applications that go to another extension of their context for one reason: keys were pressed."""

KEYS: Final = frozenset("0123456789*#ABCD")

REPORTS: Final = frozenset(f"step: {step}" for step in VoiceServerStep)

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
    "user": "voice servers that report themselves",
    "dtmf": "the keys that callers press, on which a voice server there counts",
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
    shows: a step of a channel that never arrived, a wait that ended and never began, a menu left
    by keys that nobody pressed. A class is proven to be there by its first event.
    """

    def __init__(self, warnings: Warnings, *, wants_digits: bool = False) -> None:
        """``wants_digits``: somebody there counts on keys; else nobody misses them."""
        self._warnings = warnings
        self._unproven = {"call", "agent", "dialplan", "user"}
        self._looked_for = frozenset(self._unproven)
        if wants_digits:
            self._unproven.add("dtmf")
        self._known: set[str] | None = None
        self._arrived: dict[str, bool] = {}
        self._telling: dict[str, DialplanStep] = {}
        self._in_queue_app: set[str] = set()
        self._silent = 0
        self._processed: list[int] = []
        self._looks: Mapping[type[Event], Callable[[Any], None]] = {
            ChannelArrived: self._on_arrived,
            DialplanStep: self._on_step,
            QueueJoined: self._on_joined,
            QueueStatusSet: self._on_status,
            BridgeEntered: self._on_bridged,
            VoiceServerReported: lambda _: self._proven("user"),
            DigitPressed: lambda _: self._proven("dtmf"),
            ChannelGone: self._on_gone,
        }

    def begin(self, snapshot: PbxSnapshot, meanwhile: Iterable[Event] = ()) -> None:
        """Note the channels that were there before us; without them nothing can be concluded.

        ``meanwhile``: what came before the snapshot was complete. It may be the end of a channel
        that was there before us and is not in the snapshot any more.
        """
        self._known = {channel.uniqueid for channel in snapshot.channels}
        self._known.update(e.uniqueid for q in snapshot.queues for e in q.entries)
        self._known.update(getattr(event, "uniqueid", "") for event in meanwhile)

    def look(self, event: Event) -> None:
        """Take one event and conclude."""
        look = self._looks.get(type(event))
        if look is not None:
            look(event)

    @property
    def proven(self) -> frozenset[str]:
        """The classes of which an event has come."""
        return self._looked_for - self._unproven

    @property
    def sees_no_calls(self) -> bool:
        """Whether no channel has arrived before our eyes yet."""
        return "call" in self._unproven

    def processed(self, calls: int) -> None:
        """Take the PBX's own count of calls since its start (``CoreStatus``).

        A count that had grown by the look before, while no channel was announced until now, means
        that we are not told of channels.
        """
        self._processed = [*self._processed[:1], *self._processed[1:][-1:], calls]
        if len(self._processed) > 2 and self._processed[1] > self._processed[0]:  # noqa: PLR2004
            self._missing("call")

    def _on_arrived(self, event: ChannelArrived) -> None:
        self._proven("call")
        if "dialplan" in self._unproven and len(self._arrived) < MANY:
            self._arrived[event.uniqueid] = False

    def _on_step(self, event: DialplanStep) -> None:
        self._proven("dialplan")
        self._check_arrived(event.uniqueid)
        if "agent" in self._unproven:
            self._note_queue_app(event)
        before = self._telling.pop(event.uniqueid, None)
        if before is not None:
            self._check_told(before, event)
        tells = event.application.lower() in LISTENING or _reports(event)
        if tells and len(self._telling) < MANY:
            self._telling[event.uniqueid] = event

    def _check_told(self, before: DialplanStep, after: DialplanStep) -> None:
        """A step is over: its event must have come, if it makes one."""
        if _reports(before):
            self._missing("user")
        elif (
            before.context == after.context
            and before.exten != after.exten
            and KEYS.issuperset(after.exten)
        ):
            self._missing("dtmf")

    def _note_queue_app(self, event: DialplanStep) -> None:
        if event.application != "Queue":
            self._in_queue_app.discard(event.uniqueid)
        elif len(self._in_queue_app) < MANY:
            self._in_queue_app.add(event.uniqueid)

    def _on_bridged(self, event: BridgeEntered) -> None:
        """Who talks to somebody out of Queue() joined the queue first."""
        if event.uniqueid in self._in_queue_app:
            self._missing("agent")

    def _on_joined(self, event: QueueJoined) -> None:
        self._proven("agent")
        self._check_arrived(event.uniqueid)
        if event.uniqueid in self._arrived:
            self._missing("dialplan")

    def _on_status(self, event: QueueStatusSet) -> None:
        self._proven("dialplan")
        if event.status in WAITED and not self._was_known(event.uniqueid):
            self._missing("agent")

    def _on_gone(self, event: ChannelGone) -> None:
        self._telling.pop(event.uniqueid, None)
        self._in_queue_app.discard(event.uniqueid)
        if self._arrived.pop(event.uniqueid, None) is not None:
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
        if name not in self._unproven:
            return
        self._unproven.discard(name)
        if name == "dialplan":
            self._arrived.clear()
        if name == "agent":
            self._in_queue_app.clear()
        self._warnings.read_class(name, missing=False)

    def _missing(self, name: str) -> None:
        if name in self._unproven:
            self._warnings.read_class(name, missing=True)


def _reports(step: DialplanStep) -> bool:
    """Whether the step is a voice server's report, as we understand reports."""
    name, *headers = (part.strip() for part in step.data.split(","))
    return (
        step.application.lower() == "userevent"
        and name == VOICE_SERVER_EVENT
        and any(header.startswith("Name: ") for header in headers)
        and any(header.lower() in REPORTS for header in headers)
    )
