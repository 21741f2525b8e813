"""The laboratory: a real Asterisk on 127.0.0.1, real callers and agents, and its oracle.

Nothing here imports the product: what the lab says is independent of what it judges.

- ``install``: Asterisk from Debian, once per machine, in a chroot.
- ``server``: one private Asterisk, started and stopped (:class:`~.server.AsteriskLab`).
- ``callers``: sipp callers and agents, and calls originated inside Asterisk.
- ``queue_log``: what Asterisk itself wrote about every call, parsed.
- ``scenarios`` and ``play``: the table of situations, and how one row is played.
- ``capture``: plays the rows and records the AMI bytes into ``tests/traces``.
"""
