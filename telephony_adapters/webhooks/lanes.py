"""Who comes next: messages of one call in order, different calls side by side.

A lane holds the messages of one call that wait. While the first of them is on its way, or waits to
be tried again, those behind it wait too; other lanes go on.
"""

from collections import deque
from collections.abc import Iterable

from monitor.history.messages import StoredMessage


class Lanes:
    """Messages that were taken from the outbox and are not done yet."""

    def __init__(self) -> None:
        self._lanes: dict[str, deque[StoredMessage]] = {}
        self._open: dict[int, None] = {}
        """Numbers of messages not done yet; in order, as they are added in order."""
        self._last = 0

    def __len__(self) -> int:
        """How many messages are not done yet."""
        return len(self._open)

    def add(self, message: StoredMessage) -> str | None:
        """Put a message at the end of its lane; the lane's key when it has to be started."""
        key = message.call_id or message.topic
        self._open[message.seq] = None
        self._last = message.seq
        lane = self._lanes.get(key)
        if lane is not None:
            lane.append(message)
            return None
        self._lanes[key] = deque([message])
        return key

    def skip(self, messages: Iterable[StoredMessage]) -> None:
        """Note messages that are not wanted; they come after all that was added."""
        for message in messages:
            self._last = message.seq

    def first(self, key: str) -> StoredMessage:
        """The message of a lane whose turn it is."""
        return self._lanes[key][0]

    def done(self, key: str) -> bool:
        """The first message of a lane is delivered or given up; whether there is another."""
        lane = self._lanes[key]
        del self._open[lane.popleft().seq]
        if not lane:
            del self._lanes[key]
        return bool(lane)

    @property
    def confirmed(self) -> int:
        """The number up to which all messages are done."""
        first = next(iter(self._open), None)
        return self._last if first is None else first - 1
