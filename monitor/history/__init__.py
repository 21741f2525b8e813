"""History: durable records of calls, written in batches and read by cursor."""

from monitor.history.database import History, open_history
from monitor.history.errors import HistoryError
from monitor.history.writer import BatchWriter, HistoryWriter, WriterState

__all__ = ["BatchWriter", "History", "HistoryError", "HistoryWriter", "WriterState", "open_history"]
