"""Prints a recorded AMI stream, one event a line, with what matters in it.

    python -m tests.asterisk_lab.show tests/traces/asterisk-22/exit-by-key.ami [--all]

The first column is in seconds since the first timestamp of the recording.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

from .ami import Message, parse_stream

NOISE = frozenset({"TestEvent", "DeviceStateChange", "SuccessfulAuth", "NewConnectedLine"})
VARIABLES = frozenset(
    {"QUEUESTATUS", "ABANDONED", "CHOICE", "DIALSTATUS", "BLINDTRANSFER", "PARKER"}
)
SHOWN = (
    *("Context", "Exten", "Application", "AppData", "Variable", "Value", "Queue", "Position"),
    *("HoldTime", "RingTime", "TalkTime", "Interface", "MemberName", "Status", "Paused", "Reason"),
    *("DestChannel", "DialStatus", "ChannelStateDesc", "Cause", "Digit", "Direction"),
    *("BridgeUniqueid", "CallerIDNum", "Uniqueid", "Linkedid", "Response", "Message"),
)


def read(path: Path) -> bytes:
    """Read a recording, compressed or not."""
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def lines(messages: list[Message], everything: bool = False) -> Iterator[str]:
    """Yield one line for each message; without ``everything`` the noise is left out."""
    start: float | None = None
    for message in messages:
        event = message.get("Event", "(response)")
        dull = event in NOISE or (event == "VarSet" and message["Variable"] not in VARIABLES)
        if dull and not everything:
            continue
        moment = float(message.get("Timestamp", start or 0.0))
        if start is None and "Timestamp" in message:
            start = moment
        channel = message.get("Channel") or message.get("LocalOneChannel", "")
        values = " ".join(f"{name}={message[name]}" for name in SHOWN if message.get(name))
        yield f"{moment - (start or moment):8.3f} {event:19} {channel:30} {values}".rstrip()


def main() -> None:
    """Print the recording named on the command line."""
    parser = argparse.ArgumentParser(description="prints a recorded AMI stream")
    parser.add_argument("file", type=Path)
    parser.add_argument("--all", action="store_true", help="every event, also the dull ones")
    chosen = parser.parse_args()
    for line in lines(parse_stream(read(chosen.file)), chosen.all):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
