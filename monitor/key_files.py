"""Files of keys: made once, and their owner's alone."""

import contextlib
import os
from pathlib import Path


def make_key_file(file: Path, key: bytes) -> None:
    """Write a key, unless the file is there; nobody else may read it for a moment even.

    Raises:
        OSError: it cannot be made.
    """
    with contextlib.suppress(FileExistsError):
        number = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(number, "wb") as opened:
            opened.write(key + b"\n")
            opened.flush()
            os.fsync(opened.fileno())
