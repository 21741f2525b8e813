"""The pure core: facts from a PBX go in, state and effects come out.

Nothing in here does I/O, reads a clock or a setting, or knows asyncio or a database. Times are
integer milliseconds since the Unix epoch (UTC), as the PBX itself stamped them.
"""
