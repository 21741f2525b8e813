"""Import: a queue log of a million lines, by the command as people run it, into SQLite."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.bench.queue_logs import lines
from tests.bench.results import Result

BAR: Final = 60.0
"""Seconds for a million lines, database and all."""
SETTINGS: Final = """
[history]
database = "sqlite:///{folder}/minuteur.db"
[[pbx]]
name = "pbx"
username = "minuteur"
secret = "unused"
incoming_contexts = ["incoming"]
"""


def measure(count: int) -> list[Result]:
    """Import so many lines, and then once more."""
    with tempfile.TemporaryDirectory(prefix="minuteur-bench-") as name:
        folder = Path(name)
        (folder / "minuteur.toml").write_text(SETTINGS.format(folder=folder))
        with (folder / "queue_log").open("w") as file:
            file.writelines(lines(count))
        first, said = _import(folder)
        again, unchanged = _import(folder)
    bar = BAR if count >= 1_000_000 else None
    return [
        Result(
            f"import of a queue log, {count:,} lines", first, "s", bar, at_least=False, note=said
        ),
        Result("the same once more", again, "s", note=unchanged),
    ]


def _import(folder: Path) -> tuple[float, str]:
    command = str(Path(sys.executable).with_name("minuteur"))
    begin = time.monotonic()
    done = subprocess.run(
        [command, "import", "queue-log", "queue_log", "--pbx", "pbx", "--config", "minuteur.toml"],
        check=True, capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
    return time.monotonic() - begin, done.stdout.splitlines()[0]
