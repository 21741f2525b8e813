"""Topics: what stands below the prefix, and names in them that a topic could not hold as they are.

MQTT gives ``/``, ``+`` and ``#`` a meaning of their own and forbids U+0000 (MQTT 3.1.1, section
4.7); a queue may be called anything. Such characters, control characters and ``%`` are written as
in URLs: ``sales/fr`` is ``sales%2Ffr``.
"""

import re
from typing import Final
from urllib.parse import unquote

ONLINE: Final = b"online"
OFFLINE: Final = b"offline"

_UNFIT: Final = re.compile(r"[/+#%\x00-\x1f\x7f-\x9f]")


def level(name: str) -> str:
    """A name as one level of a topic."""
    return _UNFIT.sub(_escaped, name)


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


class Topics:
    """All topics below one prefix, which is empty or ends in ``/``."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.status = f"{prefix}status"
        self.answers = f"{prefix}commands/answers"
        self.states = f"{prefix}+/queues/+/state"
        self.commands = (f"{prefix}commands/rules/+/+", f"{prefix}commands/switch")

    def message(self, topic: str) -> str:
        """The topic of a message of the outbox: ``lab/calls/verdict``."""
        return f"{self.prefix}{topic}"

    def state(self, pbx: str, queue: str) -> str:
        """The topic of a queue's state."""
        return f"{self.prefix}{level(pbx)}/queues/{level(queue)}/state"

    def queue_of(self, topic: str) -> tuple[str, str] | None:
        """The PBX and the queue whose state a topic is; None when it is something else."""
        match topic.removeprefix(self.prefix).split("/"):
            case [pbx, "queues", queue, "state"] if topic.startswith(self.prefix):
                return unquote(pbx), unquote(queue)
        return None

    def command_of(self, topic: str) -> list[str]:
        """The levels of a command's topic below ``commands/``; empty when it is none."""
        start = f"{self.prefix}commands/"
        if not topic.startswith(start) or topic == self.answers:
            return []
        return [unquote(part) for part in topic.removeprefix(start).split("/")]
