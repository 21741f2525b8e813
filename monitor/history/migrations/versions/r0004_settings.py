"""Settings: what admins set, each version of it.

Revision: 0004. A released revision is never edited: what changes comes as a new one.
"""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
