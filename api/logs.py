"""Logging: one line each, without callers' numbers and without secrets."""

import logging
import re
import sys
from typing import Final

_NUMBER: Final = re.compile(r"(?<![\w.:/-])(\+?\d{4,})(?=\d{2}(?!\w|\.\d))")
"""Runs of six or more digits that stand alone: numbers of callers, but not ids such as 17.42."""
_SECRETS: Final = (
    re.compile(r"(?i)\b(secret|password|token|authorization)(\"?\s*[:=]\s*)(?:bearer\s+)?[^\s,;]+"),
    re.compile(r"(?i)\b(bearer)(\s+)[A-Za-z0-9._~+/=-]{8,}"),
)
_URL_PASSWORD: Final = re.compile(r"(\w+://[^\s:/@]+:)[^\s@]+@")


def mask(text: str) -> str:
    """Hide what a log must not hold: all but the end of long numbers, and anything secret."""
    for secret in _SECRETS:
        text = secret.sub(r"\1\2***", text)
    text = _URL_PASSWORD.sub(r"\1***@", text)
    return _NUMBER.sub(lambda found: "*" * len(found[1]), text)


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
