"""Alerts: who acknowledged which.

Revision: 0006. A released revision is never edited: what changes comes as a new one.
"""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables."""
