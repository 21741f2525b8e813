"""Kinds of text that may reach a PBX: one line, no control character, nothing to inject with.

A line break or a NUL in a value would begin a new line of the manager interface, and a comma would
begin the next argument of a dialplan function.
"""

import re
from typing import Final

from pydantic import AfterValidator

from config.faults import FaultError, Wrong

_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_DIALPLAN: Final = re.compile(r"[A-Za-z0-9._+*#@/:!-]")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")


def line(longest: int, *, empty: bool = False, commas: bool = True) -> AfterValidator:
    """Text on one line, of ``longest`` characters at most."""

    def check(value: str) -> str:
        if not value.strip() and not empty:
            raise FaultError(Wrong.EMPTY, "it is empty")
        _check_line(value, longest)
        if not commas and "," in value:
            text = "it holds a comma, which would begin another argument on the PBX"
            raise FaultError(Wrong.COMMA, text)
        return value

    return AfterValidator(check)


def dialplan_word(longest: int = 79) -> AfterValidator:
    """A context or an extension: what ``Goto`` takes, and nothing that it would read otherwise."""

    def check(value: str) -> str:
        if not value:
            raise FaultError(Wrong.EMPTY, "it is empty")
        _check_line(value, longest)
        bad = sorted({character for character in value if not _DIALPLAN.match(character)})
        if "," in bad:
            text = "it holds a comma; context, exten and priority are written apart"
            raise FaultError(Wrong.COMMA, text)
        if bad:
            shown = " ".join(repr(character) for character in bad[:5])
            raise FaultError(
                Wrong.BAD_CHARACTERS,
                f"it holds {shown}; use letters without accents, digits and . _ - + * # @ / : !",
                shown=shown,
            )
        return value

    return AfterValidator(check)


def one_of_slugs() -> AfterValidator:
    """A name for programs, as it stands in addresses and topics."""
    return _matching(
        _SLUG,
        Wrong.NOT_A_SLUG,
        'it must be 1 to 64 of a-z, 0-9, "-" and "_", and begin with a letter or a digit',
    )


def variable_name() -> AfterValidator:
    """The name of a dialplan variable."""
    return _matching(
        _VARIABLE,
        Wrong.NOT_A_VARIABLE,
        "it is no name of a variable: letters, digits and _, not beginning with a digit, without "
        "${ }",
    )


def _matching(pattern: re.Pattern[str], code: Wrong, complaint: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise FaultError(code, complaint)
        return value

    return AfterValidator(check)


def _check_line(value: str, longest: int) -> None:
    if any(character in value for character in "\r\n\0"):
        raise FaultError(
            Wrong.LINE_BREAK,
            "it holds a line break or a NUL, which the PBX would take for the end of the line; "
            "write it on one line",
        )
    if any(ord(character) < ord(" ") or character == "\x7f" for character in value):
        raise FaultError(Wrong.CONTROL_CHARACTER, "it holds a control character; leave it out")
    if len(value) > longest:
        text = f"it has {len(value)} characters; {longest} at most"
        raise FaultError(Wrong.TOO_LONG, text, most=longest)
