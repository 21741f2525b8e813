"""The way from bytes to core events, shared by the live link, the replay and the benchmark."""

from typing import Final

from monitor.core.clock import HOUR, Ms
from monitor.core.events import Event, WarningRaised
from telephony_adapters.asterisk.ami_framing import EVENT, FrameParser, FrameSplitter
from telephony_adapters.asterisk.ami_translate import HEADERS
from telephony_adapters.asterisk.ami_translator import Translator

GARBAGE = (
    "Part of what the PBX {pbx} sends is not AMI and was skipped: check that the configured port "
    "is the one of manager.conf and that nothing else writes there."
)
OVERSIZED = (
    "The PBX {pbx} sent an AMI message of more than 256 KiB, which was skipped: look for a "
    "dialplan that sets an enormous variable."
)
MALFORMED = (
    "An AMI event of the PBX {pbx} lacked a header that it needs and was skipped: check that its "
    "Asterisk is version 16 or later."
)
TIMESTAMP = (
    "An event of the PBX {pbx} was stamped {hours} hours {side} the PBX's clock, so it was dated "
    "by its arrival here: check that NTP keeps the PBX's clock and that nothing else sets it."
)
TEXTS: Final = {
    "garbage": GARBAGE,
    "oversized": OVERSIZED,
    "malformed": MALFORMED,
    "timestamp": TIMESTAMP,
}
"""What can be wrong with a stream, by the warning's code."""


class EventDecoder:
    """Turns one PBX's AMI byte stream into core events.

    What is wrong with the stream becomes a ``WarningRaised``, once for each kind.
    """

    def __init__(self, pbx: str) -> None:
        self.splitter = FrameSplitter()
        self.translator = Translator(pbx)
        self._parse = FrameParser(HEADERS).parse
        self._told: set[str] = set()

    def feed(self, data: bytes, received_at: Ms) -> list[Event]:
        """Take the next bytes, received at ``received_at`` (ms, PBX clock); return their events.

        Answers to actions are left out.
        """
        events: list[Event] = []
        translate, parse = self.translator.translate, self._parse
        for frame in self.splitter.feed(data):
            if frame.startswith(EVENT):
                event = translate(parse(frame), received_at)
                if event is not None:
                    events.append(event)
        events += self.warnings(received_at)
        return events

    def event(self, fields: dict[str, str], received_at: Ms) -> Event | None:
        """Translate one event that was framed elsewhere."""
        return self.translator.translate(fields, received_at)

    @property
    def sound(self) -> list[str]:
        """The codes of all that was not wrong with the stream so far."""
        return [code for code in TEXTS if code not in self._told]

    def warnings(self, received_at: Ms) -> list[WarningRaised]:
        """Return what became wrong with the stream since this was last asked."""
        splitter, translator = self.splitter, self.translator
        strayed = translator.strayed
        if not (splitter.garbage or splitter.oversized or translator.malformed or strayed):
            return []
        counts = (splitter.garbage, splitter.oversized, translator.malformed, strayed)
        found = [code for code, count in zip(TEXTS, counts, strict=True) if count]
        new = [code for code in found if code not in self._told]
        self._told.update(new)
        pbx, at = translator.pbx, translator.last_at or received_at
        side = "ahead of" if strayed > 0 else "behind"
        values = {"pbx": pbx, "hours": abs(strayed) // HOUR, "side": side}
        return [WarningRaised(pbx, at, code, TEXTS[code].format_map(values)) for code in new]
