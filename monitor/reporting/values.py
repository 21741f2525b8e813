"""The values of a report that JSON writes in a way of their own."""


class At(int):
    """A moment (ms since the epoch, UTC); ISO 8601 in JSON."""


class Span(int):
    """A span (ms); seconds in JSON. Fields of it end in ``_s``."""
