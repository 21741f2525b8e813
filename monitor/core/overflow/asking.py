"""Answering a PBX that asks what to do with a caller before it queues them."""

from dataclasses import dataclass, field

from monitor.core.clock import Ms
from monitor.core.effects import Effect
from monitor.core.overflow.book import Entry
from monitor.core.overflow.callers import Caller
from monitor.core.overflow.conditions import Case, reasons
from monitor.core.overflow.decisions import Asker, Because, Decision, Reason, Verb
from monitor.core.overflow.guards import Shared, held_back, usage, why
from monitor.core.overflow.rules import destination_of


@dataclass(frozen=True, slots=True)
class Question:
    """What a dialplan asks before it queues a caller; an unknown ``uniqueid`` is answered too."""

    pbx: str
    queue: str
    uniqueid: str = ""
    caller: str = ""

    @property
    def call_id(self) -> str:
        """The id of the caller's call; empty when the PBX did not say who asks."""
        return f"{self.pbx}:{self.uniqueid}" if self.uniqueid else ""


@dataclass(slots=True)
class _Found:
    """What the rules said, in their order."""

    entry: Entry | None = None
    grounds: tuple[Reason, ...] = ()
    held: list[tuple[Entry, tuple[Reason, ...]]] = field(default_factory=list)
    tried: list[tuple[Entry, tuple[Reason, ...], Reason | None]] = field(default_factory=list)
    """Rules in dry run that would have acted, and what would have kept them from it."""


def ask(shared: Shared, question: Question, now: Ms, stop: Reason | None) -> tuple[
    Decision, list[Effect]
]:  # fmt: skip
    """Answer a question; ``stop``: why nothing is decided at all at the moment."""
    caller = shared.callers.find(question.call_id) if question.call_id else None
    if stop is None and caller is not None:
        known = caller.answers.get(question.queue)
        if known is not None and now < known[1] and shared.book.is_in_force(known[0]):
            return known[0], []
    case = _case(shared, question, now)
    if stop is None and not shared.situation.observed(question.pbx):
        stop = Reason(Because.NOT_CONNECTED)
    if stop is not None:
        stay = _decision(shared, question, case, (stop,))
        return stay, shared.issuing.decided(stay, noted=False)
    entries = shared.book.asked(question.pbx, question.queue)
    if not entries:
        stay = _decision(shared, question, case, (Reason(Because.NO_RULE),))
        return stay, shared.issuing.decided(stay, noted=False)
    found = _search(shared, entries, case, caller)
    effects: list[Effect] = []
    for entry, grounds, blocked in found.tried if found.entry or found.held else ():
        effects += shared.issuing.decided(_tried(shared, question, case, entry, grounds, blocked))
    decision = _answer(shared, question, case, found)
    ruled = bool(decision.rule_id)
    return decision, effects + shared.issuing.decided(decision, noted=ruled)


def _case(shared: Shared, question: Question, now: Ms) -> Case:
    situation = shared.situation
    call = situation.engine.call(question.call_id) if question.call_id else None
    state = situation.queue(question.pbx, question.queue)
    position = 1 if state is None else len(state.waiting) + 1
    return Case(
        situation, question.pbx, question.queue, now, call,
        position=position, caller=question.caller,
    )  # fmt: skip


def _search(
    shared: Shared, entries: tuple[Entry, ...], case: Case, caller: Caller | None
) -> _Found:
    """Ask the rules in their order, until one says that the caller is to go elsewhere."""
    found = _Found()
    for entry in entries:
        rule = entry.rule
        forced = shared.book.is_forced(entry)
        if forced is False or (not forced and not _applies(shared, entry, case)):
            continue
        grounds = why(shared, entry, reasons(rule.conditions, case))
        blocked = held_back(shared, rule, case, caller, queued=True)
        if rule.dry_run:
            found.tried.append((entry, grounds, blocked))
        elif blocked is None:
            found.entry, found.grounds = entry, grounds
            break
        else:
            found.held.append((entry, (*grounds, blocked)))
    return found


def _applies(shared: Shared, entry: Entry, case: Case) -> bool:
    if not entry.conditions.queue_holds(case) or not entry.conditions.caller_holds(case):
        return False
    return shared.book.activity(entry, case.now)[0]


def _answer(shared: Shared, question: Question, case: Case, found: _Found) -> Decision:
    if found.entry is not None:
        return _send_on(shared, question, case, found.entry, found.grounds)
    if found.held:
        entry, because = found.held[0]
        others = [reasons_[-1] for _, reasons_ in found.held[1:]]
        return _decision(shared, question, case, (*because, *others), entry=entry, held_back=True)
    if found.tried:
        return _tried(shared, question, case, *found.tried[0])
    return _decision(shared, question, case, (Reason(Because.NOTHING_HOLDS),))


def _tried(
    shared: Shared,
    question: Question,
    case: Case,
    entry: Entry,
    grounds: tuple[Reason, ...],
    blocked: Reason | None,
) -> Decision:
    """What a rule in dry run would have answered."""
    because = (*grounds, Reason(Because.DRY_RUN), *(() if blocked is None else (blocked,)))
    if blocked is None:
        shared.caps.count(entry.rule, question.pbx, case.now)
    return _decision(shared, question, case, because, entry=entry, held_back=blocked is not None)


def _send_on(
    shared: Shared, question: Question, case: Case, entry: Entry, grounds: tuple[Reason, ...]
) -> Decision:
    rule = entry.rule
    shared.caps.count(rule, question.pbx, case.now)
    used = usage(shared, rule, question.pbx, case.now)
    decision = _decision(shared, question, case, (*grounds, used), entry=entry, verb=Verb.MOVE)
    if question.call_id:
        caller = shared.callers.get(question.call_id, case.now)
        caller.acted(rule, case.now)
        caller.sent_on += 1
        caller.answers[question.queue] = (decision, case.now + rule.cool_down)
    return decision


def _decision(
    shared: Shared,
    question: Question,
    case: Case,
    because: tuple[Reason, ...],
    *,
    entry: Entry | None = None,
    verb: Verb = Verb.STAY,
    held_back: bool = False,
) -> Decision:
    rule = None if entry is None else entry.rule
    forced = None if rule is None else shared.book.forced.get(rule.id)
    return Decision(
        shared.issuing.new_id(case.now), question.pbx, case.at,
        Asker.PBX, verb, because, question.queue,
        question.call_id, question.caller if case.call is None else case.call.caller,
        "" if rule is None else rule.id, 0 if rule is None else rule.version,
        None if rule is None else destination_of(rule),
        rule is not None and rule.dry_run, held_back,
        by="" if forced is None else forced.by,
        expected_wait=case.expected_wait, miss_probability=case.miss_probability,
    )  # fmt: skip
