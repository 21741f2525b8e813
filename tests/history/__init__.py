"""Tests of the history: on SQLite and on a real PostgreSQL."""
