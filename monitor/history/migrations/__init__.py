"""Alembic migrations of the history; run by :func:`monitor.history.schema.upgrade`."""
