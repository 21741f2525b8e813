"""The soak: many mixed real calls, drawn by chance from a seed, with and without faults.

    python -m tests.soak --seed 7 --version 16 --calls 1000 --faults      (or: make soak ARGS=…)

Afterwards every call is compared with the queue log, with the verdict that the PBX's own events
give, and with the figures that the monitor tells.
"""
