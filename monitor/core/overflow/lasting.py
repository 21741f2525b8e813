"""Lasting actions: on while a rule holds for a queue, undone after, and whatever happens between.

A post is one rule with a lasting action over one queue. What it turned on stands, with what undoes
it, until all of that was done or has become moot. An undo that failed is kept, and tried again
only when something new was observed: a resync, or a change of the queue's members.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.effects import CommandChanged, Effect, StandingChanged
from monitor.core.overflow.agenda import Agenda
from monitor.core.overflow.decisions import (
    Answer,
    Asker,
    Because,
    ChangePenalty,
    Command,
    Decision,
    Order,
    Outcome,
    Reason,
    RemoveMember,
    Standing,
    Verb,
)
from monitor.core.overflow.guards import Shared
from monitor.core.overflow.posts import Key, Post, Posts, Wish, wish_of
from monitor.core.overflow.rules import OverflowRule, SetPenalty
from monitor.core.overflow.undoing import (
    Members,
    Step,
    is_moot,
    steps_on,
    survives_restart,
    target_of,
)

PATIENCE: Final[Ms] = 30 * SECOND
"""So long an answer to an order is waited for."""


class Lasting:
    """All posts."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.posts = Posts(shared)
        self._of_command: dict[str, Post] = {}
        self.agenda: Agenda[Post] = Agenda()
        self.limits: Agenda[str] = Agenda()

    # --- what happens ---------------------------------------------------------------------------

    def on_queue(self, pbx: str, queue: str) -> None:
        """Something in a queue changed."""
        self.posts.dirty.update(dict.fromkeys(self.posts.over(pbx, queue)))

    def on_members(self, pbx: str, queue: str) -> None:
        """The members of a queue changed: an undo that failed may be tried again."""
        for post in self.posts.over(pbx, queue):
            post.try_again = True
            self.posts.dirty[post] = None

    def on_member_gone(self, pbx: str, queue: str, interface: str) -> list[Effect]:
        """Whoever is gone already is not removed again, nor put back."""
        effects: list[Effect] = []
        gone = target_of(RemoveMember(queue, interface))
        for post in self.posts.over(pbx, queue):
            if post.standing is not None and not post.on_their_way:
                effects += self._keep(
                    post, [order for order in post.standing.undo if target_of(order) != gone]
                )
        self.on_members(pbx, queue)
        return effects

    def on_pbx(self, pbx: str) -> None:
        """The link with a PBX, or its clock, is another."""
        for post in self.posts.all:
            if post.pbx == pbx:
                self.posts.dirty[post] = None

    def on_resync(self, pbx: str) -> list[Effect]:
        """Helpers who are not there are not removed: the PBX has just said who is."""
        effects: list[Effect] = []
        self.on_pbx(pbx)
        for post in self.posts.all:
            if post.pbx == pbx:
                post.try_again = True
            if post.pbx == pbx and post.standing is not None and not post.on_their_way:
                members = self._members(post)
                effects += self._keep(
                    post,
                    [
                        order
                        for order in post.standing.undo
                        if not isinstance(order, RemoveMember) or order.interface in members
                    ],
                )
        return effects

    def link_lost(self, pbx: str, at: Ms) -> list[Effect]:
        """Nobody looks any more: whether orders on their way are carried out is not known."""
        effects: list[Effect] = []
        for post in list(self._of_command.values()):
            if post.pbx == pbx:
                for command, undo in list(post.on_their_way.values()):
                    effects += self._settle(post, command, undo, Outcome.NOT_OBSERVED, at)
        return effects

    def pbx_gone(self, pbx: str) -> None:
        """A PBX is watched no more: what is on there waits, as over a stop of the monitor."""
        for post in self.posts.all:
            if post.pbx == pbx and post.standing is not None and not post.undoing:
                post.restored = True

    def clock_moved(self, by: Ms) -> None:
        """The monitor's clock was set."""
        self.agenda.shift(by)
        self.limits.shift(by)
        for post in self.posts.all:
            if post.turned_at is not None:
                post.turned_at += by

    def answered(self, pbx: str, command_id: str, answer: Answer, now: Ms) -> list[Effect]:
        """Take what the PBX said to an order; of others nothing is known here."""
        post = self._of_command.get(command_id)
        if post is None or post.pbx != pbx:
            return []
        command, undo = post.on_their_way[command_id]
        at = now - self._shared.situation.offset(pbx)
        command.answered_at, command.answer = at, answer.text
        command.accepted = answer.accepted if answer.sent else False
        outcome = Outcome.NOT_OBSERVED
        if command.accepted is not None:
            outcome = Outcome.DONE if command.accepted else Outcome.FAILED
        return self._settle(post, command, undo, outcome, at)

    def due(self, now: Ms) -> list[Effect]:
        """Give up waiting for answers."""
        effects: list[Effect] = []
        for command_id in self.limits.pop_due(now):
            post = self._of_command.get(command_id)
            if post is not None:
                at = now - self._shared.situation.offset(post.pbx)
                command, undo = post.on_their_way[command_id]
                effects += self._settle(post, command, undo, Outcome.NOT_OBSERVED, at)
        return effects

    def still_allowed(self, command: Command, *, on: bool) -> bool:
        """Whether an order is to be sent (still); ``on``: actions are allowed."""
        post = self._of_command.get(command.id)
        return post is not None and (on or post.undoing)

    def _settle(
        self, post: Post, command: Command, undo: Order, outcome: Outcome, at: Ms
    ) -> list[Effect]:
        """An order got its outcome."""
        command.outcome, command.observed_at = outcome, at
        post.on_their_way.pop(command.id, None)
        self._of_command.pop(command.id, None)
        self.limits.set(command.id, None)
        self.posts.dirty[post] = None
        effects: list[Effect] = [CommandChanged(command)]
        standing = post.standing
        if standing is None:
            return effects
        drop = outcome is (Outcome.DONE if post.undoing else Outcome.FAILED)
        if post.undoing and outcome is Outcome.FAILED and isinstance(undo, RemoveMember):
            drop = undo.interface not in self._members(post)
        if drop:
            effects += self._keep(post, [order for order in standing.undo if order != undo])
        if outcome is not Outcome.DONE:
            post.try_again = False
        return effects

    def _keep(self, post: Post, undo: list[Order]) -> list[Effect]:
        """What is left to undo."""
        standing = post.standing
        if standing is None or len(undo) == len(standing.undo):
            return []
        post.standing = replace(standing, undo=tuple(undo))
        self.posts.dirty[post] = None
        return [StandingChanged(post.standing, on=True)]

    def _members(self, post: Post) -> Members:
        return self._shared.situation.members(post.pbx, post.queue)

    # --- looking --------------------------------------------------------------------------------

    def look(self, now: Ms, stop: Reason | None) -> list[Effect]:
        """Look at all posts where something changed or is due; ``stop``: nothing may be on."""
        for post in self.agenda.pop_due(now):
            self.posts.dirty[post] = None
        effects: list[Effect] = []
        while self.posts.dirty:
            posts = sorted(self.posts.dirty, key=_rank)
            self.posts.dirty.clear()
            for post in posts:
                wake = None
                if self._shared.situation.observed(post.pbx):
                    found, wake = self._look(post, now, stop)
                    effects += found
                self.agenda.set(post, wake)
        return effects

    def _look(self, post: Post, now: Ms, stop: Reason | None) -> tuple[list[Effect], Ms | None]:
        if post.on_their_way:
            return [], None  # its answer brings us back
        if post.undoing:
            return self._go_on_undoing(post, now), None
        if post.restored:
            post.restored = False
            return self._take_back(post, now, stop), now
        if post.is_on and post.has_failed:
            post.is_on, post.turned_at = False, now
            return self._undone(post, try_again=False), now
        wish = wish_of(self._shared, post, now, stop)
        if wish.on == post.is_on:
            if wish.on and self._has_restarted(post):
                return self._renew(post, wish, now), wish.changes_at
            if not wish.on:
                post.try_again = True
            return [], wish.changes_at
        if wish.on and not post.try_again:
            return [], wish.changes_at
        ready_at = self._ready_at(post, now)
        if ready_at is not None and not wish.at_once:
            moments = [at for at in (ready_at, wish.changes_at) if at is not None]
            return [], min(moments)
        found = self._turn_on(post, wish, now) if wish.on else self._turn_off(post, wish, now)
        return found, wish.changes_at

    def _ready_at(self, post: Post, now: Ms) -> Ms | None:
        """When the cool-down is over; None: it is."""
        rule = post.by_rule if post.entry is None else post.entry.rule
        if rule is None or post.turned_at is None:
            return None
        cools = post.turned_at <= now < post.turned_at + rule.cool_down
        return post.turned_at + rule.cool_down if cools else None

    # --- on -------------------------------------------------------------------------------------

    def _turn_on(self, post: Post, wish: Wish, now: Ms) -> list[Effect]:
        entry = post.entry
        if entry is None:
            return []
        rule = entry.rule
        post.is_on, post.by_rule, post.turned_at = True, rule, now
        post.seen_starts = self._starts(post)
        decision = self._decision(post, Verb.TURN_ON, wish, now)
        effects = self._shared.issuing.decided(decision)
        if rule.dry_run:
            return effects
        steps = self._steps(post, rule)
        standing = Standing(
            rule.id, rule.version, post.pbx, post.queue, decision.at,
            tuple(undo for _, undo in steps), decision.id,
        )  # fmt: skip
        post.standing, post.try_again = standing, True
        effects.append(StandingChanged(standing, on=True))
        return effects + self._send(post, decision, steps, now)

    def _renew(self, post: Post, wish: Wish, now: Ms) -> list[Effect]:
        """The PBX started anew: what it forgot is turned on again."""
        post.seen_starts = self._starts(post)
        rule, standing = post.by_rule, post.standing
        if rule is None or standing is None:
            return []
        members = self._members(post)
        kept = [order for order in standing.undo if survives_restart(order, members)]
        known = {target_of(order) for order in kept}
        steps = [step for step in self._steps(post, rule) if target_of(step[1]) not in known]
        undo = (*kept, *(undo for _, undo in steps))
        post.standing = replace(standing, undo=undo)
        effects: list[Effect] = [StandingChanged(post.standing, on=True)]
        if steps:
            again = replace(wish, reasons=(*wish.reasons, Reason(Because.PBX_RESTARTED)))
            decision = self._decision(post, Verb.TURN_ON, again, now)
            effects += self._shared.issuing.decided(decision)
            effects += self._send(post, decision, steps, now)
        return effects

    def _steps(self, post: Post, rule: OverflowRule) -> list[Step]:
        others = [order for other in self._others(post) for order in other.undo]
        return steps_on(rule, post.queue, self._members(post), others)

    def _others(self, post: Post) -> Iterator[Standing]:
        """What other posts have standing on the same PBX."""
        for other in self.posts.all:
            if other is not post and other.pbx == post.pbx and other.standing is not None:
                yield other.standing

    def _send(self, post: Post, decision: Decision, steps: Iterable[Step], now: Ms) -> list[Effect]:
        """Issue the orders of steps."""
        effects: list[Effect] = []
        for order, undo in steps:
            if order is not None:
                command, issued = self._shared.issuing.command(
                    decision, order, now, None if post.undoing else post.standing
                )
                post.on_their_way[command.id] = (command, undo)
                self._of_command[command.id] = post
                self.limits.set(command.id, now + PATIENCE)
                effects += issued
        return effects

    def _starts(self, post: Post) -> int:
        state = self._shared.situation.engine.pbx_state(post.pbx)
        return 0 if state is None else state.starts

    def _has_restarted(self, post: Post) -> bool:
        return post.seen_starts is not None and post.seen_starts != self._starts(post)

    # --- off ------------------------------------------------------------------------------------

    def _take_back(self, post: Post, now: Ms, stop: Reason | None) -> list[Effect]:
        """What was on when the monitor stopped goes on where its rule holds, else it is undone."""
        entry, standing = post.entry, post.standing
        if standing is None:
            return []
        same = entry is not None and entry.rule.version == standing.rule_version
        post.by_rule = entry.rule if entry is not None and same and not entry.rule.dry_run else None
        post.seen_starts = self._starts(post)
        wish = wish_of(self._shared, post, now, stop)
        if wish.on:
            return []
        because = (Reason(Because.RESTORED), *wish.reasons)
        return self._turn_off(post, replace(wish, reasons=because), now)

    def _turn_off(self, post: Post, wish: Wish, now: Ms) -> list[Effect]:
        post.is_on, post.turned_at = False, now
        decision = self._decision(post, Verb.TURN_OFF, wish, now)
        effects = self._shared.issuing.decided(decision)
        if post.standing is None:
            return effects
        post.standing = replace(post.standing, decision_id=decision.id)
        post.undoing = True
        post.try_again = True
        return effects + self._undo(post, decision, now)

    def _go_on_undoing(self, post: Post, now: Ms) -> list[Effect]:
        """All answers are there: undone for good, or what is left waits for something new."""
        standing = post.standing
        if standing is None or not standing.undo:
            return self._undone(post)
        if not post.try_again or post.decision is None:
            return []
        at = now - self._shared.situation.offset(post.pbx)
        return self._undo(post, replace(post.decision, at=at), now)

    def _undo(self, post: Post, decision: Decision, now: Ms) -> list[Effect]:
        standing = post.standing
        if standing is None:
            return []
        steps = [(self._instead(post, order), order) for order in standing.undo]
        steps = [step for step in steps if step[0] is not None]
        effects = self._keep(post, [undo for _, undo in steps])
        post.try_again = False
        effects += self._send(post, decision, steps, now)
        return effects if steps else effects + self._undone(post)

    def _instead(self, post: Post, undo: Order) -> Order | None:
        """What is sent to undo; None: nothing, as others hold it, or have had a hand in it."""
        members = self._members(post)
        same_pbx = (
            other for other in self.posts.all if other is not post and other.pbx == post.pbx
        )
        others = [other for other in same_pbx if other.holds(target_of(undo))]
        if not others:
            return None if is_moot(undo, post.by_rule, members) else undo
        rule = others[-1].by_rule
        member = members.get(undo.interface) if isinstance(undo, ChangePenalty) else None
        if member is None or rule is None or not isinstance(rule.action, SetPenalty):
            return None
        if not others[-1].is_on or member.penalty == rule.action.penalty:
            return None
        # The other rule goes on: its penalty comes back, and it undoes that in the end.
        return ChangePenalty(post.queue, member.interface, rule.action.penalty)

    def _undone(self, post: Post, *, try_again: bool = True) -> list[Effect]:
        standing, post.standing, post.undoing = post.standing, None, False
        post.try_again = try_again
        self.posts.dirty[post] = None
        return [] if standing is None else [StandingChanged(standing, on=False)]

    def _decision(self, post: Post, verb: Verb, wish: Wish, now: Ms) -> Decision:
        rule = post.by_rule
        version = rule.version if rule is not None else 0
        if rule is None and post.standing is not None:
            version = post.standing.rule_version
        at = now - self._shared.situation.offset(post.pbx)
        post.decision = Decision(
            self._shared.issuing.new_id(now), post.pbx, at,
            Asker.PERSON if wish.by else Asker.MONITOR, verb, wish.reasons, post.queue,
            rule_id=post.key[0], rule_version=version,
            dry_run=rule is not None and rule.dry_run, by=wish.by,
        )  # fmt: skip
        return post.decision


def _rank(post: Post) -> tuple[int, Key]:
    return 0 if post.entry is None else post.entry.rank, post.key
