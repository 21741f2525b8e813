"""Ports of 127.0.0.1 that a lab may rely on until it ends.

Ports that the kernel picks are a race: between asking and binding, any program's outgoing
connection may get the same one. So each lab claims a block below the range that the kernel
picks from, by binding an abstract Unix socket with the block's name: those names are as wide
as the network itself (other processes, other chroots), and vanish with the process.
"""

from __future__ import annotations

import errno
import os
import socket

FIRST, BLOCK, BLOCKS = 10_000, 100, 100
"""Blocks lie at 10000-19999; RTP of Asterisk follows from 20000, the kernel's at 32768."""


class NoFreePortsError(Exception):
    """A hundred blocks are in use."""


class PortBlock:
    """A hundred ports that belong to one lab; when it uses them all, it claims another block."""

    def __init__(self) -> None:
        # different labs start looking at different places
        start = os.getpid() % BLOCKS
        for n in range(BLOCKS):
            index = (start + n) % BLOCKS
            claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                claim.bind(f"\0minuteur-lab-ports-{index}")
            except OSError as error:
                claim.close()
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            self._claim = claim
            self._start = FIRST + index * BLOCK
            self._next = 0
            self._reserved = 0
            self._more: PortBlock | None = None
            return
        raise NoFreePortsError("all blocks of ports are in use")

    def take(self, span: int = 1) -> int:
        """Return the first of ``span`` ports in a row that nobody uses, neither TCP nor UDP.

        Ports that were taken come back when the block has been gone through once.
        """
        for _ in range(BLOCK):
            if self._next + span > BLOCK:
                self._next = self._reserved
            first = self._start + self._next
            self._next += span
            if all(_is_free(port) for port in range(first, first + span)):
                return first
        if self._more is None:
            self._more = PortBlock()
        return self._more.take(span)

    def reserve(self) -> None:
        """Keep what was taken up to now for good."""
        self._reserved = self._next

    def release(self) -> None:
        """Give the block back."""
        self._claim.close()
        if self._more is not None:
            self._more.release()


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
