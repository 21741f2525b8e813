"""A post: one rule with a lasting action over one queue, and whether it should be on."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from monitor.core.clock import Ms
from monitor.core.overflow.book import Entry
from monitor.core.overflow.conditions import Case, changes_at, reasons
from monitor.core.overflow.decisions import (
    Because,
    Command,
    Decision,
    Order,
    Reason,
    Standing,
)
from monitor.core.overflow.guards import Shared
from monitor.core.overflow.rules import OverflowRule
from monitor.core.overflow.undoing import Target, target_of

Key = tuple[str, str, str]
"""(rule, PBX, queue)."""


@dataclass(slots=True, eq=False)
class Post:
    """One rule with a lasting action over one queue."""

    key: Key
    entry: Entry | None
    """The rule in force; None where there is none (any more)."""
    is_on: bool = False
    by_rule: OverflowRule | None = None
    """The rule, in the version that turned it on; None where that is not known."""
    standing: Standing | None = None
    turned_at: Ms | None = None
    """When it was turned on or off last (monitor's clock)."""
    on_their_way: dict[str, tuple[Command, Order]] = field(default_factory=dict)
    """Commands without an answer, with the undo that each is about."""
    undoing: bool = False
    try_again: bool = True
    """Something new was observed since an order failed."""
    restored: bool = False
    seen_starts: int | None = None
    """How often the PBX had started when this was turned on."""

    decision: Decision | None = None
    """The last one, which the commands carry out."""

    def holds(self, target: Target) -> bool:
        """Whether what it turned on is undone by an order about this."""
        undo = () if self.standing is None else self.standing.undo
        return any(target_of(order) == target for order in undo)

    @property
    def is_idle(self) -> bool:
        """Whether no rule is behind it, and nothing of it is on."""
        return self.entry is None and not (self.is_on or self.standing or self.on_their_way)

    @property
    def has_failed(self) -> bool:
        """Whether nothing of what was to be turned on is on."""
        return not self.try_again and self.standing is not None and not self.standing.undo

    @property
    def pbx(self) -> str:
        """The PBX's name."""
        return self.key[1]

    @property
    def queue(self) -> str:
        """The queue's name."""
        return self.key[2]


@dataclass(frozen=True, slots=True)
class Wish:
    """Whether a post should be on, why, and how it may change by time alone."""

    on: bool
    reasons: tuple[Reason, ...]
    at_once: bool = False
    """A person wants it, or the rule is another: no cool-down."""
    changes_at: Ms | None = None
    by: str = ""


class Posts:
    """All posts, by what they are over."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._of_key: dict[Key, Post] = {}
        self._of_queue: dict[tuple[str, str], list[Post]] = {}
        self.dirty: dict[Post, None] = {}
        """Those to be looked at."""

    @property
    def all(self) -> list[Post]:
        """Every one of them."""
        return list(self._of_key.values())

    def rebuild(self) -> None:
        """Go by the rules in force now; what others turned on is undone at the next look."""
        self._of_queue.clear()
        for post in self._of_key.values():
            post.entry = None
            # A person had a hand in it: what is left to undo is tried again.
            post.try_again = post.try_again or post.undoing
        for pbx, queue in self._shared.situation.engine.snapshot().queues:
            self.over(pbx, queue)
        for key, post in list(self._of_key.items()):
            if post.is_idle:
                del self._of_key[key]
                continue
            self.dirty[post] = None
            known = self.over(post.pbx, post.queue)
            if post not in known:
                known.append(post)

    def over(self, pbx: str, queue: str) -> list[Post]:
        """The posts over a queue; begun when the queue is met."""
        found = self._of_queue.get((pbx, queue))
        if found is None:
            found = []
            for entry in self._shared.book.lasting(pbx, queue):
                post = self._post((entry.rule.id, pbx, queue))
                post.entry = entry
                found.append(post)
            self._of_queue[pbx, queue] = found
            self.dirty.update(dict.fromkeys(found))
        return found

    def _post(self, key: Key) -> Post:
        post = self._of_key.get(key)
        if post is None:
            post = self._of_key[key] = Post(key, None)
        return post

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on, and nothing is on its way."""
        return not self._of_key

    @property
    def standing(self) -> tuple[Standing, ...]:
        """What is on."""
        found = (post.standing for post in self._of_key.values())
        return tuple(standing for standing in found if standing is not None)

    def restore(self, standing: Iterable[Standing]) -> None:
        """Take back what was on when the monitor stopped."""
        for was_on in standing:
            post = self._post((was_on.rule_id, was_on.pbx, was_on.queue))
            post.standing, post.is_on, post.restored = was_on, True, True
            known = self.over(post.pbx, post.queue)
            if post not in known:
                known.append(post)
            self.dirty[post] = None


def wish_of(shared: Shared, post: Post, now: Ms, stop: Reason | None) -> Wish:
    """Whether a post should be on now; ``stop``: why nothing may be."""
    entry, book = post.entry, shared.book
    if stop is not None:
        return Wish(False, (stop,), at_once=True)
    if entry is None or (post.is_on and entry.rule != post.by_rule):
        return Wish(False, (Reason(Because.RULE_CHANGED),), at_once=True)
    forced = book.forced.get(entry.rule.id)
    if forced is not None:
        code = Because.FORCED if forced.on else Because.RULE_PAUSED
        reason = Reason(code, {"by": forced.by})
        return Wish(forced.on, (reason,), at_once=True, by=forced.by)
    conditions, on = entry.conditions, post.is_on
    case = Case(shared.situation, post.pbx, post.queue, now)
    active, active_until = book.activity(entry, now)
    moments = [changes_at(conditions.of_queue, case, on=on), active_until]
    wake = min((at for at in moments if at is not None), default=None)
    if not active:
        return Wish(False, (Reason(Because.NOT_ACTIVE_NOW),), changes_at=wake)
    of_queue_only = len(conditions.of_queue) == len(conditions.all)
    if not of_queue_only or not conditions.queue_holds(case, on=on):
        found = reasons(conditions.of_queue, case)
        ended = (Reason(Because.CONDITIONS_ENDED), *found)
        return Wish(False, ended, changes_at=wake)
    return Wish(True, reasons(conditions.of_queue, case), changes_at=wake)
