"""The single-page web application; built into ``web/dist`` and shipped in the wheel."""

from pathlib import Path

DIST = Path(__file__).parent / "dist"
"""Where the built page lies; absent until ``make web`` has run."""
