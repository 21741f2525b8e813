"""Rollups: what a call and a visit did not say yet, and counts by the hour.

Revision: 0008. A released revision is never edited: what changes comes as a new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add columns, empty for old calls (not known): a table is not rewritten for it."""
    op.add_column("call", sa.Column("transfers", sa.Integer(), nullable=True))
    op.add_column("visit", sa.Column("hold", sa.BigInteger(), nullable=True))
    op.add_column("visit", sa.Column("transfers", sa.Integer(), nullable=True))
