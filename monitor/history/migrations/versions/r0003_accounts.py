"""Accounts: what each may see, sign-in by an identity provider, devices.

Revision: 0003. A released revision is never edited: what changes comes as a new one.
"""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
