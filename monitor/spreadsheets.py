"""What spreadsheets make of the cells of a table."""

from typing import Final

BOM: Final = "\ufeff"
"""Begins a file of UTF-8 that spreadsheets are to take for UTF-8."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def plain_text(text: str) -> str:
    """Text as a cell that no spreadsheet runs as a formula, whoever wrote it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
