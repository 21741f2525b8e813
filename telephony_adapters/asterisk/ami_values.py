"""How AMI writes single values: moments, counts, caller ids, states of devices."""

import re
from typing import Final

from monitor.core.clock import Ms
from monitor.core.events import DeviceState

DEVICE_STATES: Final = tuple(DeviceState)
"""By Asterisk's number of the state: 0 is unknown, 8 is on hold."""

_END: Final = 10_000_000_000
"""No moment is so many seconds after the epoch (year 2286) or later."""


def moment(stamp: str) -> Ms:
    """Turn AMI's ``seconds.microseconds`` into ms, floored; ``ValueError`` if it is not that."""
    seconds, _, fraction = stamp.partition(".")
    # Digits are cut, never divided: a float would move some moments by a millisecond.
    whole = int(seconds)
    if not 0 <= whole < _END:
        raise ValueError(f"no moment: {stamp[:40]}")
    return whole * 1000 + int((fraction + "000")[:3])


def number(text: str) -> int:
    """Return a count as AMI writes it, 0 when it was not said."""
    return int(text) if text else 0


def said(value: str) -> str:
    """Return a caller id as people mean it: AMI writes ``<unknown>`` for "none"."""
    return "" if value == "<unknown>" else value


_ESCAPED: Final = re.compile(r"\\(.)")
_CONTROLS: Final = frozenset("abfnrtv")


def said_name(value: str) -> str:
    r"""Return a caller's name as people write it.

    Asterisk escapes names in channel events as C does (``O\'Neil``); control characters, which
    no name has, become spaces. Source: seen on 16 and 22; lists of queues do not escape.
    """
    name = said(value)
    if "\\" not in name:
        return name
    return _ESCAPED.sub(lambda found: " " if found[1] in _CONTROLS else found[1], name)


def device_state(status: str) -> DeviceState:
    """Return the state that Asterisk's number means."""
    code = number(status)
    return DEVICE_STATES[code] if 0 <= code < len(DEVICE_STATES) else DeviceState.UNKNOWN
