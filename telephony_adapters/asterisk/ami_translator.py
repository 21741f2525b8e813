"""One PBX's AMI events, dated and translated one after the other."""

import sys

from monitor.core.clock import Ms
from monitor.core.events import Event
from telephony_adapters.asterisk.ami_translate import TABLE, Fields
from telephony_adapters.asterisk.ami_values import moment


class Translator:
    """Turns the AMI events of one PBX into core events.

    Attributes:
        timed: whether the last translated event carried a ``Timestamp``; None before the first.
        last_at: the moment (ms) of the last translated event, 0 before the first.
        malformed: how many events lacked something that they cannot do without.
        earliest, latest: a stamp less or more than this (ms) after its arrival is odd.
        odd: one was met; whoever watches the clock clears it. Till then ``last_at`` stands still.
        strayed: how far (ms) the last stamp that was not believed was ahead of its arrival, or 0.
    """

    def __init__(self, pbx: str) -> None:
        """Believe all stamps, until the limits are set."""
        self.pbx = pbx
        self.timed: bool | None = None
        self.last_at: Ms = 0
        self.malformed = 0
        self.earliest: Ms = -sys.maxsize
        self.latest: Ms = sys.maxsize
        self.odd = False
        self.strayed: Ms = 0

    def translate(self, fields: Fields, received_at: Ms) -> Event | None:
        """Return what the event means; None when it is none of ours, or malformed.

        ``received_at`` (ms, PBX's clock) dates the event when the PBX did not.
        """
        rule = TABLE.get(fields["Event"])
        if rule is None:
            return None
        try:
            at = moment(fields["Timestamp"])
            self.timed = True
        except (KeyError, ValueError):
            at = received_at
            self.timed = False
        if not self.earliest <= at - received_at <= self.latest:
            self.odd = True
        if not self.odd:
            self.last_at = at
        try:
            return rule(self.pbx, at, fields)
        except (KeyError, ValueError):
            self.malformed += 1
            return None
