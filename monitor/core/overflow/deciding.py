"""Deciding for callers whose moment has come: move them, or record what keeps the rule from it."""

from typing import Final

from monitor.core.clock import Ms
from monitor.core.effects import Effect
from monitor.core.overflow.conditions import Case, reasons
from monitor.core.overflow.decisions import (
    Asker,
    Because,
    ChangePriority,
    Command,
    Decision,
    Order,
    Reason,
    RedirectChannel,
    Verb,
    WithdrawCaller,
)
from monitor.core.overflow.guards import Shared, held_back, usage, why
from monitor.core.overflow.rules import Prioritise, Redirect, Withdraw, destination_of
from monitor.core.overflow.watches import Watch, part_of
from monitor.core.records import Call, FactKind, Visit, VoiceServerStay

FOR_GOOD: Final = frozenset({Because.HOPS, Because.UNKNOWN_CALLER})
"""What keeps a rule from moving a caller for as long as they are where they are."""


class Pass:
    """One look at some callers of a watch."""

    def __init__(self, shared: Shared, watch: Watch, now: Ms) -> None:
        self._shared = shared
        self.watch = watch
        self.now = now

    def consider(self, uniqueid: str) -> list[Effect]:
        """Decide for one caller."""
        watch, shared = self.watch, self._shared
        call = self._shared.situation.engine.call(f"{watch.pbx}:{uniqueid}")
        where = None if call is None else (call.stay if watch.in_server else call.visit)
        if call is None or where is None or not _is_there(watch, where):
            watch.drop(uniqueid)
            return []
        rule, conditions = watch.entry.rule, watch.entry.conditions
        since = where.joined_at if isinstance(where, Visit) else where.entered_at
        case = Case(
            shared.situation, watch.pbx, watch.queue, self.now, call, since,
            None if watch.in_server else shared.lines.of(watch.pbx, watch.place).position(uniqueid),
            leaving=shared.outcomes.leaving(watch.pbx, watch.queue),
        )  # fmt: skip
        lead = lead_of(shared, watch, call)
        forced = shared.book.is_forced(watch.entry)
        if not forced and not conditions.queue_holds(case):
            watch.look_again = True  # enough were moved in this very look
            return []
        if not forced and not conditions.caller_holds(case, lead):
            due = conditions.due_at(call, since, lead)
            if due is not None and due > case.at:
                watch.wait(uniqueid, due)
            return []
        grounds = why(shared, watch.entry, reasons(rule.conditions, case, lead))
        caller = shared.callers.find(call.id)
        order = _order(watch, call, where)
        blocked = (
            Reason(Because.UNKNOWN_CALLER)
            if order is None
            else held_back(shared, rule, case, caller, queued=not watch.in_server)
        )
        if blocked is not None or order is None:
            return self._hold_back(call, case, grounds, blocked or Reason(Because.UNKNOWN_CALLER))
        return self._act(call, case, grounds, order)

    def _decision(
        self, call: Call, case: Case, reasons: tuple[Reason, ...], *, held_back: bool = False
    ) -> Decision:
        shared, rule = self._shared, self.watch.entry.rule
        forced = shared.book.forced.get(rule.id)
        return Decision(
            shared.issuing.new_id(self.now), case.pbx, case.at,
            Asker.MONITOR if forced is None else Asker.PERSON,
            Verb.PRIORITISE if isinstance(rule.action, Prioritise) else Verb.MOVE,
            reasons, "" if self.watch.in_server else self.watch.place, call.id, call.caller,
            rule.id, rule.version, destination_of(rule), rule.dry_run, held_back,
            by="" if forced is None else forced.by,
            expected_wait=case.expected_wait, miss_probability=case.miss_probability,
        )  # fmt: skip

    def _hold_back(
        self, call: Call, case: Case, grounds: tuple[Reason, ...], blocked: Reason
    ) -> list[Effect]:
        """Record, once for each reason, what keeps the rule from acting."""
        shared, watch = self._shared, self.watch
        caller = shared.callers.get(call.id, self.now)
        if blocked.because in FOR_GOOD or "visited" in blocked.detail:
            caller.done.add(part_of(watch, call))
            watch.drop(call.uniqueid)
        elif blocked.because is Because.COOL_DOWN:
            until = caller.cools_until(self.now)
            watch.retry(self.now if until is None else until)
        key = (watch.entry.rule.id, blocked.because)
        if key in caller.told:
            return []
        caller.told.add(key)
        decision = self._decision(call, case, (*grounds, blocked), held_back=True)
        return shared.issuing.decided(decision)

    def _act(
        self, call: Call, case: Case, grounds: tuple[Reason, ...], order: Order
    ) -> list[Effect]:
        """Decide, and issue the command; in dry run the decision is all."""
        shared, watch, rule = self._shared, self.watch, self.watch.entry.rule
        caller = shared.callers.get(call.id, self.now)
        shared.caps.count(rule, watch.pbx, self.now)
        used = usage(shared, rule, watch.pbx, self.now)
        decision = self._decision(call, case, (*grounds, used))
        caller.done.add(part_of(watch, call))
        watch.drop(call.uniqueid)
        effects = shared.issuing.decided(decision)
        if rule.dry_run:
            return effects
        command, issued = shared.issuing.command(decision, order, self.now)
        caller.began(command, part_of(watch, call))
        caller.acted(rule, self.now)
        target = "" if decision.to is None else decision.to.queue
        shared.outcomes.track(command, call, call.visit, self.now, target)
        return effects + issued


def _is_there(watch: Watch, where: Visit | VoiceServerStay) -> bool:
    """Whether this is a stay at the place that is watched, and lasts."""
    place = where.queue if isinstance(where, Visit) else where.name
    return place == watch.place and where.left_at is None


def lead_of(shared: Shared, watch: Watch, call: Call) -> Ms:
    """How much earlier than asked for a command for this caller is issued."""
    if watch.in_server or not isinstance(watch.entry.rule.action, Withdraw):
        return 0
    first = call.uniqueid == shared.lines.of(watch.pbx, watch.place).first
    return shared.situation.lead(call, watch.place, first=first)


def _order(watch: Watch, call: Call, where: Visit | VoiceServerStay) -> Order | None:
    """What the PBX is told; None where another channel waits in the caller's place."""
    action, channel = watch.entry.rule.action, call.channel or call.uniqueid
    if isinstance(action, Redirect):
        to = action.to
        return RedirectChannel(channel, to.context, to.exten, to.priority)
    if isinstance(where, Visit) and _waits_by_another(call, where):
        return None
    if isinstance(action, Withdraw):
        return WithdrawCaller(watch.place, channel, action.to.place)
    if isinstance(action, Prioritise):
        return ChangePriority(watch.place, channel, action.priority)
    return None


def _waits_by_another(call: Call, visit: Visit) -> bool:
    """Whether a leg waits for the caller: what is done to it is not done to the caller."""
    for fact in reversed(call.facts):
        if fact.kind is FactKind.QUEUE_JOINED and fact.at == visit.joined_at:
            return bool(fact.detail.get("logged_as"))
    return False


def still_allowed(call: Call | None, command: Command) -> bool:
    """Whether a command about a caller is still right, in the moment of sending."""
    if call is None or call.closed:
        return False
    order, visit = command.order, call.visit
    if isinstance(order, RedirectChannel):
        return call.stay is not None and visit is None
    queue = order.queue if isinstance(order, WithdrawCaller | ChangePriority) else ""
    return visit is not None and visit.queue == queue and visit.left_at is None
