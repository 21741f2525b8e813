"""Alembic's entry: runs the migrations on the connection that Minuteur hands over."""

from alembic import context

from monitor.history.tables import HistoryTable

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=HistoryTable.metadata,
    render_as_batch=True,  # SQLite can alter little in place
)
# The caller has begun the transaction and commits it.
context.run_migrations()
