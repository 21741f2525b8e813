"""The way from bytes to core events, shared by the live link, the replay and the benchmark."""

from monitor.core.clock import Ms
from monitor.core.events import Event, WarningRaised
from telephony_adapters.asterisk.ami_framing import EVENT, FrameSplitter, parse_frame
from telephony_adapters.asterisk.ami_translate import Translator


class StreamWarnings:
    """Says once, in plain words, what is wrong with a PBX's byte stream."""

    def __init__(self, pbx: str) -> None:
        self._pbx = pbx
        self._told: set[str] = set()

    def look(self, splitter: FrameSplitter, translator: Translator, at: Ms) -> list[WarningRaised]:
        """Return what is newly wrong, dated ``at``."""
        found = []
        if splitter.garbage and "garbage" not in self._told:
            found.append(
                (
                    "garbage",
                    f"What the PBX {self._pbx} sends is partly not AMI and was skipped: check that "
                    "the configured port is the one of manager.conf, with nothing in between.",
                )
            )
        if splitter.oversized and "oversized" not in self._told:
            found.append(
                (
                    "oversized",
                    f"The PBX {self._pbx} sent an AMI message of more than 256 KiB, which was "
                    "skipped: look for a dialplan that sets enormous variables.",
                )
            )
        if translator.malformed and "malformed" not in self._told:
            found.append(
                (
                    "malformed",
                    f"An AMI event of the PBX {self._pbx} lacked a header that it needs and was "
                    "skipped: check the Asterisk version (16 or later is supported).",
                )
            )
        self._told.update(code for code, _ in found)
        return [WarningRaised(self._pbx, at, code, text) for code, text in found]


class EventDecoder:
    """Turns one PBX's AMI byte stream into core events; answers to actions are left out."""

    def __init__(self, pbx: str) -> None:
        self.splitter = FrameSplitter()
        self.translator = Translator(pbx)
        self._warnings = StreamWarnings(pbx)

    def feed(self, data: bytes, received_at: Ms) -> list[Event]:
        """Take the next bytes, received at ``received_at`` (ms, PBX clock); return their events."""
        events: list[Event] = []
        translate = self.translator.translate
        for frame in self.splitter.feed(data):
            if frame.startswith(EVENT):
                event = translate(parse_frame(frame), received_at)
                if event is not None:
                    events.append(event)
        if self.splitter.garbage or self.splitter.oversized or self.translator.malformed:
            at = self.translator.last_at or received_at
            events += self._warnings.look(self.splitter, self.translator, at)
        return events
