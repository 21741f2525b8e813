"""An application whose people sign in at a real identity provider."""

from tests.api.conftest import empty_record, house

__all__ = ["empty_record", "house"]
