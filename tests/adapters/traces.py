"""The captures of a real Asterisk that the adapters' tests read."""

from pathlib import Path

from telephony_adapters.recording import read_recording

TRACES = Path(__file__).parent.parent / "traces" / "asterisk-22"
CAPTURES = sorted([*TRACES.glob("*.ami"), *TRACES.glob("*.ami.gz")])
ROW = TRACES / "timeout-second-queue.ami"


def frame(*lines: str) -> bytes:
    """One AMI message as it comes over the wire."""
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def capture(path: Path) -> bytes:
    """The first megabytes of a capture, gzipped or not: the big ones repeat themselves."""
    return b"".join(data for _, data in read_recording(path))[:4_000_000]
