"""Reports on the commitment: figures of a period as JSON, CSV and PDF.

``model`` says what a report is, ``build`` makes one by pure arithmetic, ``reading`` brings what it
is made of from the record, ``files`` writes it down.
"""

from importlib.metadata import version
from typing import Final

PROGRAM: Final = f"Minuteur {version('minuteur')}"
"""What made a report, as it says."""
