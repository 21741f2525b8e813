from pathlib import Path
from typing import Literal

Version = Literal["22", "16"]


def ensure_asterisk(version: Version) -> Path:
    return Path("/var/cache/minuteur/asterisk-22")
