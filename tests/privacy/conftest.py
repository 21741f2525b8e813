from tests.evidence.conftest import (
    history,
    postgres_server,
    postgresql_with_tables,
    pseudonyms,
    sqlite,
    url,
)

__all__ = [
    "history",
    "postgres_server",
    "postgresql_with_tables",
    "pseudonyms",
    "sqlite",
    "url",
]
