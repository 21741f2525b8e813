"""Overflow: rules that help a caller before the minute is over, as decisions of the pure core.

``rules`` are the values that an admin writes, ``decisions`` what becomes of them; ``engine``
decides.
"""
