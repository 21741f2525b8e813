"""Logging: one line each, without callers' numbers and without secrets."""

import logging
import re
import sys
from typing import Final

_NUMBER: Final = re.compile(
    r"""
    (?P<kept>  # what looks like a number and tells nothing of a caller
        \b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b      # a bridge: UUID
      | \b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?  # a moment, for people
      | (?<![\d.+])1\d{9}\.\d+                             # a uniqueid; seconds since 1970
      | (?<![\w+])1[5-9]\d{11}(?!\w)                       # milliseconds since 1970
      | -[0-9a-f]{8}(?![\w@])                              # the end of a channel's name
    )
    | (?<![^\W_])(?<!\.)(?:  # six digits or more, alone or behind PJSIP/, sip:, caller=, …
        \+\d{1,3}(?:[ .\-]?\(?\d{1,4}\)?){1,6}[ .\-]?\d{2}
      | 0\d(?:[ .\-]\d\d){4}
      | \d{6,}
    )(?![^\W_])
    """,
    re.VERBOSE,
)
"""Numbers of callers, and before them what must stay legible."""
_SECRETS: Final = (
    re.compile(
        r"(?i)\b(secret|password|token|authorization)(\"?\s*[:=]\s*)(?:(?:bearer|basic)\s+)?[^\s,;]+"
    ),
    re.compile(r"(?i)\b(bearer)(\s+)[A-Za-z0-9._~+/=-]{8,}"),
)
_URL_PASSWORD: Final = re.compile(r"(\w+://[^\s:/@]+:)[^\s@]+@")


def mask(text: str) -> str:
    """Hide what a log must not hold: all but the end of long numbers, and anything secret."""
    for secret in _SECRETS:
        text = secret.sub(r"\1\2***", text)
    text = _URL_PASSWORD.sub(r"\1***@", text)
    return _NUMBER.sub(_without_digits, text)


def _without_digits(found: re.Match[str]) -> str:
    if found["kept"]:
        return found[0]
    return re.sub(r"[+\d]", "*", found[0][:-2]) + found[0][-2:]


class OneLine(logging.Formatter):
    """``time level logger message``, masked, in one line whatever is in it."""

    default_msec_format = "%s.%03d"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Write one record; a traceback follows in the same line, its line ends escaped."""
        return mask(super().format(record)).replace("\r", "").replace("\n", " \\n ")


def set_up(level: str = "INFO") -> None:
    """Log to standard error, one masked line each; replaces whatever was set up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for chatty in ("alembic", "httpx", "panoramisk", "asyncio", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
