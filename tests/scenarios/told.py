"""Prints the timelines that captured rows end in: what a new row's table may have to say.

    python -m tests.scenarios.told ROW …

Read them as a stranger: is that what happened? A timeline that differs from one Asterisk to the
other is printed for both.
"""

import sys

from tests.asterisk_lab.rows import ROWS
from tests.scenarios.test_captures import VERSIONS, capture_of, follow
from tests.scenarios.timeline import timeline


def main(names: list[str]) -> int:
    """Print the rows of these names."""
    for row in ROWS:
        if row.name not in names:
            continue
        told = {
            version: [timeline(call) for call in follow(capture_of(row, version)).values()]
            for version in VERSIONS
        }
        alike = len({tuple(lines) for lines in told.values()}) == 1
        for version, lines in list(told.items())[: 1 if alike else None]:
            head = row.name if alike else f"{row.name} on {version}"
            sys.stdout.write("\n".join([head, *(f"  {line}" for line in lines)]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
