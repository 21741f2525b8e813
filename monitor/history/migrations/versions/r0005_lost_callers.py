"""Lost callers: who calls them back, and what came of it.

Revision: 0005. A released revision is never edited: what changes comes as a new one.
"""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables."""
