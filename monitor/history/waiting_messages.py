"""Messages that are not stored yet, found by the call, decision or command of which they tell."""

from collections.abc import Iterable
from itertools import islice, takewhile
from typing import Final, NamedTuple

from monitor.core.clock import Ms
from monitor.history.dropped import Dropped
from monitor.history.messages import OutboxMessage
from monitor.history.overflow_rows import message_row
from monitor.history.rows import Row

_TENTH: Final = 10


class Waiting(NamedTuple):
    """A message that waits: the note with which it came, its key, and what it is about."""

    number: int
    key: str
    about: str
    row: Row


class WaitingMessages:
    """Messages in the order in which they came, by number, and those of each key.

    The *key* is the id of the call; where there is none, of the decision or command. Messages of
    one key leave in order, together with what they tell.

    Args:
        limit: how many may wait; beyond it the oldest tenth is dropped.
        dropped: where to count what is.
    """

    def __init__(self, limit: int, dropped: Dropped) -> None:
        self._limit = limit
        self._dropped = dropped
        self._last = 0
        self._all: dict[int, Waiting] = {}
        self._by_key: dict[str, dict[int, None]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def add(self, messages: Iterable[OutboxMessage], number: int, at: Ms) -> None:
        """Keep messages made at ``at``, with the note ``number`` or after it."""
        for message in messages:
            self._last += 1
            key = message.call_id or message.about
            self._all[self._last] = Waiting(number, key, message.about, message_row(message, at))
            if key:
                self._by_key.setdefault(key, {})[self._last] = None
        if len(self._all) > self._limit:
            surplus = len(self._all) - self._limit + self._limit // _TENTH
            for place in list(islice(self._all, surplus)):
                self._remove(place)
            self._dropped.messages += surplus

    def of(self, keys: Iterable[str]) -> dict[int, Waiting]:
        """The messages of these keys, by place; they wait on."""
        return {place: self._all[place] for key in keys for place in self._by_key.get(key, ())}

    def through(self, number: int, limit: int) -> list[int]:
        """The places of the first, at most ``limit``, that came with the notes up to ``number``."""
        early = takewhile(lambda item: item[1].number <= number, self._all.items())
        return [place for place, _ in islice(early, limit)]

    def take(self, places: Iterable[int]) -> list[Row]:
        """The rows of messages, in the order in which they came; they wait no more."""
        return [self._remove(place).row for place in sorted(places)]

    def withhold(self, keys: Iterable[str]) -> None:
        """Drop the messages of calls whose changes were dropped: nothing untold is published."""
        for place in self.of(keys):
            self._remove(place)
            self._dropped.messages += 1

    def _remove(self, place: int) -> Waiting:
        one = self._all.pop(place)
        if one.key:
            of_key = self._by_key[one.key]
            del of_key[place]
            if not of_key:
                del self._by_key[one.key]
        return one
