"""The overflow engine: what the monitor knows in, decisions and commands out.

Pure, as the engine whose state it reads: it gets effects and the time, never asks for either. It
decides nothing for a PBX that is not observed, and sends nothing itself: commands are effects.

Without rules it does nothing; with rules, it costs what changes in the queues that they watch.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.core.clock import Ms
from monitor.core.effects import (
    BlindIntervalChanged,
    CallChanged,
    Effect,
    MemberGone,
    MemberUpdated,
    OverflowChanged,
    PbxGone,
    PbxUpdated,
    QueueUpdated,
)
from monitor.core.engine import Engine
from monitor.core.overflow import asking
from monitor.core.overflow.asking import Question
from monitor.core.overflow.book import Book, Forced
from monitor.core.overflow.callers import Callers, Caps
from monitor.core.overflow.deciding import still_allowed
from monitor.core.overflow.decisions import (
    Answer,
    Because,
    Command,
    Decision,
    Outcome,
    Reason,
    Standing,
)
from monitor.core.overflow.guards import Shared
from monitor.core.overflow.issuing import Issuing
from monitor.core.overflow.lasting import Lasting
from monitor.core.overflow.lines import Lines
from monitor.core.overflow.moving import Moving
from monitor.core.overflow.outcomes import Outcomes
from monitor.core.overflow.rules import Metric, OverflowRule
from monitor.core.overflow.situation import Forecaster, ServiceWindow, Situation

__all__ = ["Overflow", "Question", "Switch"]


@dataclass(frozen=True, slots=True)
class Switch:
    """The big red switch: ``on`` is the usual; off, nothing is decided for callers any more.

    Off, a question is answered "stay", lasting actions are undone, and no command is begun.
    """

    on: bool = True
    by: str = ""
    at: Ms = 0
    """The monitor's clock."""
    note: str = ""


class Overflow:
    """Decides, issues commands, and watches what comes of them.

    ``now`` is always the monitor's clock. All methods return the effects to publish; they never
    raise for what a PBX, a rule or a dialplan says.
    """

    def __init__(
        self,
        engine: Engine,
        rules: Iterable[OverflowRule] = (),
        forecasts: Forecaster | None = None,
    ) -> None:
        """Prepare to decide.

        Args:
            engine: follows all calls; its state is read, and its timelines are written to.
            rules: those in force.
            forecasts: tells expected waits; it is handed all effects. None: they are not known.
        """
        self._engine = engine
        self._forecasts = forecasts
        situation = Situation(engine, forecasts)
        self._shared = Shared(
            situation,
            Book(situation),
            Callers(),
            Caps(),
            Issuing(engine),
            Outcomes(situation, self._on_settled),
            Lines(),
        )
        self._moving = Moving(self._shared)
        self._lasting = Lasting(self._shared)
        self._switch = Switch()
        self._seen: set[str] = set()
        """The PBXs that are observed, as far as was noticed."""
        self._put_rules(rules)

    # --- what happens ---------------------------------------------------------------------------

    def handle(self, effects: Iterable[Effect], now: Ms) -> list[Effect]:
        """Take what the engine just said; observe outcomes, and decide where something changed."""
        if self._forecasts is not None:
            effects = list(effects)
            self._forecasts.handle(effects, now)
        if self._is_idle:
            return []
        found: list[Effect] = []
        for effect in effects:
            if isinstance(effect, CallChanged):
                found += self._on_call(effect, now)
            elif isinstance(effect, QueueUpdated):
                self._on_queue(effect.pbx, effect.queue)
            elif isinstance(effect, MemberUpdated | MemberGone):
                found += self._on_member(effect)
            elif isinstance(effect, PbxUpdated):
                found += self._on_pbx(effect.pbx)
            elif isinstance(effect, BlindIntervalChanged):
                found += self._on_blindness(effect)
            elif isinstance(effect, PbxGone):
                self._lasting.pbx_gone(effect.pbx)
        return found + self._look(now)

    @property
    def _is_idle(self) -> bool:
        """Whether nothing is to be decided and nothing is on its way."""
        busy = self._shared.book.entries or self._shared.callers
        return not busy and self._lasting.posts.is_empty

    def _on_call(self, effect: CallChanged, now: Ms) -> list[Effect]:
        call, shared = effect.call, self._shared
        effects = shared.outcomes.on_call(call) if call.id in shared.callers else []
        if call.visits:
            queue = call.visits[-1].queue
            if call.closed or self._moving.watches(call.pbx, queue):
                shared.situation.on_call(call)
            for changed in shared.situation.count_visits(call, now):
                self._on_queue(call.pbx, changed)
        self._moving.on_call(call)
        return effects

    def _on_member(self, effect: MemberUpdated | MemberGone) -> list[Effect]:
        situation = self._shared.situation
        if isinstance(effect, MemberGone):
            situation.on_member_gone(effect)
            self._on_queue(effect.pbx, effect.queue)
            if self._engine.pbx_state(effect.pbx) is None:
                return []  # the whole PBX is watched no more: who is in its queues is not known
            return self._lasting.on_member_gone(effect.pbx, effect.queue, effect.interface)
        member = effect.member
        if situation.on_member(member):
            self._on_queue(member.pbx, member.queue)
            self._lasting.on_members(member.pbx, member.queue)
        return []

    def _on_queue(self, pbx: str, queue: str) -> None:
        self._meet(pbx, queue)
        self._moving.on_queue(pbx, queue)
        self._lasting.on_queue(pbx, queue)

    def _on_pbx(self, pbx: str) -> list[Effect]:
        """The link with a PBX or its clock changed."""
        self._moving.on_pbx(pbx)
        self._lasting.on_pbx(pbx)
        observed = self._shared.situation.observed(pbx)
        first = observed and pbx not in self._seen
        (self._seen.add if observed else self._seen.discard)(pbx)
        return self._lasting.on_resync(pbx) if first else []

    def _on_blindness(self, effect: BlindIntervalChanged) -> list[Effect]:
        interval, pbx = effect.interval, effect.interval.pbx
        if interval.ended_at is None:
            self._seen.discard(pbx)
            lost = self._shared.outcomes.link_lost(pbx, interval.started_at)
            return lost + self._lasting.link_lost(pbx, interval.started_at)
        self._moving.on_pbx(pbx)
        if not self._shared.situation.observed(pbx):
            return []
        self._seen.add(pbx)
        return self._lasting.on_resync(pbx)

    def _on_settled(self, command: Command) -> None:
        """A command about a caller got its outcome: another may follow."""
        if command.queue:
            self._moving.on_queue(command.pbx, command.queue)
        caller = self._shared.callers.find(command.call_id)
        if caller is None:
            return
        caller.settled(command)
        call = self._engine.call(command.call_id)
        if call is not None:
            self._moving.on_call(call)

    def advance(self, now: Ms) -> list[Effect]:
        """Decide what is due by time alone, and give up waiting for outcomes."""
        if self._is_idle:
            return []
        due = self.next_deadline()
        if due is None or due > now:
            return []
        effects = self._shared.outcomes.due(now) + self._lasting.due(now)
        for call_id in self._shared.callers.forget_due(now, self._is_live):
            self._shared.outcomes.forget(call_id)
        return effects + self._look(now)

    def _is_live(self, call_id: str) -> bool:
        return self._engine.call(call_id) is not None

    def clock_moved(self, by: Ms) -> None:
        """Take note that the *monitor's* clock was set: it shows ``by`` ms more."""
        shared = self._shared
        self._moving.clock_moved(by)
        self._lasting.clock_moved(by)
        shared.callers.clock_moved(by)
        shared.caps.clock_moved(by)
        shared.situation.clock_moved(by)
        shared.outcomes.limits.shift(by)

    def next_deadline(self) -> Ms | None:
        """When ``advance`` has to be called next; None when nothing runs."""
        if self._is_idle:
            return None
        moments = (
            self._moving.agenda.next_at,
            self._lasting.agenda.next_at,
            self._lasting.limits.next_at,
            self._shared.outcomes.limits.next_at,
            self._shared.callers.next_at,
        )
        return min((at for at in moments if at is not None), default=None)

    def _look(self, now: Ms) -> list[Effect]:
        stop = self._stop
        return self._moving.look(now, on=stop is None) + self._lasting.look(now, stop)

    @property
    def _stop(self) -> Reason | None:
        """Why nothing may be done at all; None: it may."""
        return None if self._switch.on else Reason(Because.PAUSED, {"by": self._switch.by})

    def ask(self, question: Question, now: Ms) -> tuple[Decision, list[Effect]]:
        """Answer a dialplan: at once, from memory."""
        return asking.ask(self._shared, question, now, self._stop)

    def answered(self, pbx: str, command_id: str, answer: Answer, now: Ms) -> list[Effect]:
        """Take what the PBX said to a command."""
        effects = self._shared.outcomes.answered(pbx, command_id, answer, now)
        effects += self._lasting.answered(pbx, command_id, answer, now)
        return effects + self._look(now)

    def still_allowed(self, command: Command) -> bool:
        """Whether a command is still right: to be asked right before it is sent."""
        if command.outcome is not Outcome.PENDING:
            return False
        if not self._shared.situation.observed(command.pbx):
            return False
        on = self._switch.on
        if not command.call_id:
            return self._lasting.still_allowed(command, on=on)
        return on and still_allowed(self._engine.call(command.call_id), command)

    # --- what people do -------------------------------------------------------------------------

    @property
    def rules(self) -> tuple[OverflowRule, ...]:
        """The rules in force, by priority."""
        return self._shared.book.rules

    @property
    def forced(self) -> dict[str, Forced]:
        """The rules that a person has act or rest, by id."""
        return self._shared.book.forced

    def set_rules(self, rules: Iterable[OverflowRule], now: Ms) -> list[Effect]:
        """Put rules in force; what a rule that is gone or changed had turned on is undone."""
        self._put_rules(rules)
        return [OverflowChanged(), *self._look(now)]

    def _put_rules(self, rules: Iterable[OverflowRule]) -> None:
        shared = self._shared
        shared.book.put(rules)
        shared.situation.refill()
        for pbx, queue in self._engine.snapshot().queues:
            self._meet(pbx, queue)
        self._rebuild()

    def _rebuild(self) -> None:
        """Look at everything anew."""
        self._moving.rebuild()
        self._lasting.posts.rebuild()

    def _meet(self, pbx: str, queue: str) -> None:
        """Begin to keep what the rules ask of a queue."""
        windows = self._shared.situation.windows
        if (pbx, queue) in windows:
            return
        for entry in self._shared.book.entries:
            if Metric.SERVICE_LEVEL in entry.metrics and entry.rule.pbx in {"", pbx}:
                windows[pbx, queue] = ServiceWindow()
                return

    @property
    def switch(self) -> Switch:
        """Whether anything is done at all."""
        return self._switch

    def turn(self, switch: Switch, now: Ms) -> list[Effect]:
        """Turn the big red switch."""
        self._switch = switch
        self._rebuild()
        return [OverflowChanged(), *self._look(now)]

    def force(self, rule_id: str, on: bool | None, by: str, now: Ms) -> list[Effect]:
        """Have a rule act (True) or rest (False) whatever its conditions say; None: take it back.

        Target checks, rate cap and the big red switch stay in force.
        """
        book = self._shared.book
        if book.rule(rule_id) is None:
            return []
        if on is None:
            book.forced.pop(rule_id, None)
        else:
            book.forced[rule_id] = Forced(on, by)
        self._rebuild()
        return [OverflowChanged(), *self._look(now)]

    # --- after a start --------------------------------------------------------------------------

    def restore(self, standing: Iterable[Standing], now: Ms) -> list[Effect]:
        """Take back what was on when the monitor stopped.

        Once its PBX is connected it goes on where the rule still holds, else it is undone.
        """
        self._lasting.posts.restore(standing)
        return self._look(now)

    @property
    def standing(self) -> tuple[Standing, ...]:
        """The lasting actions that are on."""
        return self._lasting.posts.standing
