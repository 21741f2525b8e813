"""Where the command ``minuteur`` begins: nothing is loaded yet, so Ctrl-C is heard at once."""

import sys

_INTERRUPTED = 130


def main() -> None:
    """Load the commands, which takes a moment, and run one."""
    try:
        from api import cli  # noqa: PLC0415 - see above

        cli.main()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        sys.exit(_INTERRUPTED)
