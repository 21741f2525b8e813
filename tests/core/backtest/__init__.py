"""Recorded calls run again with a rule: by hand, and against centres of which all is known."""
