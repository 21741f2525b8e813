"""Comparing a record with the queue log of the same call: filling what it does not know; pure.

What was observed is never changed. What the two tell differently is listed, each difference with
its explanation in words; one that nothing explains is a mistake of somebody's.
"""

from dataclasses import replace

from monitor.core import recovery
from monitor.core.clock import SECOND, Ms
from monitor.core.comparing import (
    NEAR,
    NEAR_SNAPSHOT,
    UNLOGGED,
    Difference,
    Explanation,
    Reconciled,
    Sight,
    align,
    only_answer_seen,
    unlogged,
)
from monitor.core.logged import LOG_BLUR, LoggedCall, LoggedVisit
from monitor.core.policy import Exclusion
from monitor.core.records import (
    Call,
    Exit,
    FactKind,
    HandledBy,
    Observed,
    Visit,
)
from monitor.core.recovery import Assumptions


def reconcile(
    pbx: str, record: Call | None, logged: LoggedCall, sight: Sight, given: Assumptions
) -> Reconciled:
    """Compare one closed call with its log.

    Args:
        pbx: whose log it is.
        record: the stored record, with its facts; None where there is none. It is not changed.
        logged: what the log tells; over, with at least one visit.
        sight: when the PBX was observed.
        given: the rules of the time of the call.

    Returns:
        The filled record, and what differed. Reconciling ``after`` again changes nothing.
    """
    if record is None:
        return _unrecorded(pbx, logged, sight, given)
    if any(fact.kind is FactKind.CLOCK_STEPPED for fact in record.facts):
        # The record is in the PBX's new time; the log's waits are off by the step.
        stepped = Explanation.CLOCK_STEPPED
        return Reconciled(None, [Difference(record.id, record.arrived_at, "not compared", stepped)])
    return _Comparison(record, logged, sight, given).run()


def _unrecorded(pbx: str, logged: LoggedCall, sight: Sight, given: Assumptions) -> Reconciled:
    joined_at = logged.visits[0].joined_at

    def because(explanation: Explanation) -> Difference:
        return Difference(f"{pbx}:{logged.uniqueid}", joined_at, "not recorded", explanation)

    if logged.consultation:
        return Reconciled(None, [because(Explanation.CONSULTATION)])
    if sight.first is None or joined_at < sight.first - NEAR:
        return Reconciled(None, [because(Explanation.BEFORE_OBSERVATION)])
    if sight.is_blind(joined_at, joined_at):
        call = recovery.recover(pbx, logged, given, strict=True)
        return Reconciled(call, [because(Explanation.RECOVERED)])
    return Reconciled(None, [because(Explanation.UNEXPLAINED)])


class _Comparison:
    """One record beside its log."""

    def __init__(self, record: Call, logged: LoggedCall, sight: Sight, given: Assumptions) -> None:
        self.before = record
        self.call = replace(
            record, visits=[replace(visit) for visit in record.visits], facts=list(record.facts)
        )
        self.logged = logged
        self.sight = sight
        self.given = given
        self.found: list[Difference] = []
        self.filled = False

    def run(self) -> Reconciled:
        """Fill and compare."""
        pairs, missing = align(self.call.visits, self.logged.visits)
        missing = [told for told in missing if not self._split(pairs, told)]
        matched = {id(visit) for visit, _ in pairs}
        for visit in self.call.visits:
            if visit.exit in UNLOGGED:
                what = f"turned away from {visit.queue}, not logged"
                self._say(visit.joined_at, what, Explanation.REFUSED_AT_THE_DOOR)
            elif id(visit) not in matched:
                self._say(visit.joined_at, f"in {visit.queue}: {_word(visit.exit)}, not logged",
                          unlogged(visit, self.sight))  # fmt: skip
        for visit, told in pairs:
            self._compare(visit, told)
        for told in missing:
            self._add(told, pairs)
        self._fill_end()
        self._resolve_doubt()
        if not self.filled:
            return Reconciled(None, self.found)
        recovery.rejudge(self.call, self.given.rules, self._exclusion())
        return Reconciled(self.call, self.found)

    # --- one visit ------------------------------------------------------------------------------

    def _compare(self, visit: Visit, told: LoggedVisit) -> None:
        near = NEAR if self.call.observed is Observed.FULL else NEAR_SNAPSHOT
        if only_answer_seen(visit) and told.joined_at < visit.joined_at - LOG_BLUR:
            visit.joined_at, visit.blur = told.joined_at, LOG_BLUR  # only its answer was seen
            recovery.note(self.call, told.joined_at, FactKind.QUEUE_JOINED, queue=visit.queue)
            self._recovered(told.joined_at, f"when {visit.queue} was joined")
        elif abs(visit.joined_at - told.joined_at) > near:
            what = f"joined {visit.queue} {_apart(visit.joined_at, told.joined_at)} the log"
            self._say(told.joined_at, what, Explanation.UNEXPLAINED)
        if told.exit is None:
            what = f"the end in {visit.queue} is not logged"
            self._say(told.joined_at, what, Explanation.NOT_TOLD_TO_ITS_END)
        elif visit.exit in {None, Exit.UNKNOWN}:
            self._fill_exit(visit, told, told.exit)
        else:
            self._compare_exit(visit, told, near)

    def _fill_exit(self, visit: Visit, told: LoggedVisit, exit_: Exit) -> None:
        if exit_ is Exit.ABANDONED and self._went_on(told.left_at or told.joined_at):
            exit_ = Exit.REDIRECTED
        visit.exit, visit.left_at = exit_, visit.left_at or told.left_at
        visit.given_up = exit_ in {Exit.ABANDONED, Exit.REDIRECTED}
        visit.agent = told.agent or visit.agent
        visit.answered_at, visit.ended_at = told.answered_at, told.ended_at
        visit.offers = max(visit.offers, told.offers)
        visit.missed = max(visit.missed, len(told.missed))
        visit.blur = LOG_BLUR
        if exit_ not in {Exit.ANSWERED, Exit.ABANDONED}:
            self.call.in_doubt = True  # until it shows where to the caller went
        recovery.judge_short(visit, self.given.rules)
        recovery.tell_exit(self.call, replace(told, exit=exit_))
        self._recovered(told.left_at or told.joined_at, f"left {visit.queue}: {exit_.value}")

    def _forget_guess(self, visit: Visit) -> None:
        """After a gap a caller in a conversation seems to have been answered where they waited."""
        if self.call.agent in {visit.agent, visit.interface}:
            self.call.agent = ""
        visit.left_at = visit.answered_at = visit.ended_at = None
        visit.agent = visit.interface = ""

    def _went_on(self, at: Ms) -> bool:
        """Whether the caller was observed after ``at``, so that an abandon was a redirect."""
        later = [visit.joined_at for visit in self.call.visits]
        later += [stay.entered_at for stay in self.call.stays]
        if self.before.ended_at is not None:
            later.append(self.before.ended_at)
        return max(later) > at + LOG_BLUR

    def _compare_exit(self, visit: Visit, told: LoggedVisit, near: Ms) -> None:
        ours = Exit.ANSWERED if visit.exit is Exit.CONTINUED else visit.exit
        moment = told.left_at or told.joined_at
        if ours is not told.exit:
            redirect = {ours, told.exit} == {Exit.REDIRECTED, Exit.ABANDONED}
            if told.exit is not None and not redirect and self.sight.is_blind(moment, moment):
                self._forget_guess(visit)
                self._fill_exit(visit, told, told.exit)
                return
            self._say(
                moment, f"left {visit.queue}: {_word(ours)}, logged {_word(told.exit)}",
                Explanation.REDIRECT if redirect else Explanation.UNEXPLAINED,
            )  # fmt: skip
            return
        if ours is Exit.ANSWERED:
            self._compare_answer(visit, told, near)
        elif visit.left_at is None:
            visit.left_at, visit.blur = told.left_at, LOG_BLUR
            self._recovered(moment, f"when {visit.queue} was left")
        elif abs(visit.left_at - moment) > near:
            what = f"left {visit.queue} {_apart(visit.left_at, moment)} the log"
            self._say(moment, what, Explanation.UNEXPLAINED)

    def _compare_answer(self, visit: Visit, told: LoggedVisit, near: Ms) -> None:
        answered_at = told.answered_at or told.joined_at
        unseen = visit.answered_at is None or (
            # After a gap the first sign of an answer may be its bridge, or its end.
            visit.answered_at > answered_at + near and self.sight.is_blind(answered_at, answered_at)
        )
        if unseen:
            visit.answered_at, visit.blur = answered_at, LOG_BLUR
            visit.left_at = told.left_at
            visit.offers = max(visit.offers, told.offers)
            recovery.note(
                self.call, answered_at, FactKind.AGENT_CONNECTED,
                queue=visit.queue, agent=told.agent,
            )  # fmt: skip
            self._recovered(answered_at, f"when {visit.queue} was answered")
        elif abs((visit.answered_at or 0) - answered_at) > near:
            what = (
                f"answered in {visit.queue} {_apart(visit.answered_at or 0, answered_at)} the log"
            )
            self._say(answered_at, what, Explanation.UNEXPLAINED)
        if visit.agent != told.agent:
            self._compare_agent(visit, told)
        if visit.ended_at is None and told.ended_at is not None:
            visit.ended_at, visit.blur = told.ended_at, LOG_BLUR
            recovery.tell_end_of_talk(self.call, told)
            self._recovered(told.ended_at, f"the end of the conversation from {visit.queue}")

    def _compare_agent(self, visit: Visit, told: LoggedVisit) -> None:
        moment = told.answered_at or told.joined_at
        if visit.agent in {"", visit.interface}:
            # A bridge shows an interface, not who sits there.
            if self.call.agent == visit.agent:
                self.call.agent = told.agent
            visit.agent = told.agent
            self._recovered(moment, f"the name of the agent in {visit.queue}")
            return
        what = f"answered in {visit.queue} by {visit.agent}, logged {told.agent}"
        self._say(moment, what, Explanation.UNEXPLAINED)

    # --- visits on one side only ----------------------------------------------------------------

    def _split(self, pairs: list[tuple[Visit, LoggedVisit]], told: LoggedVisit) -> bool:
        """Part a visit in two where the caller left the queue and came back, unseen.

        Before and after a gap in the same queue looks like having waited all the time.
        """
        for n, (visit, first) in reversed(list(enumerate(pairs))):
            if visit.queue != told.queue or not self._came_back(visit, first, told):
                continue
            second = replace(visit, joined_at=told.joined_at, position=told.position)
            second.blur = LOG_BLUR
            visit.left_at = visit.exit = visit.answered_at = visit.ended_at = None
            visit.agent = visit.interface = ""
            self.call.visits.insert(self.call.visits.index(visit) + 1, second)
            recovery.note(self.call, told.joined_at, FactKind.QUEUE_JOINED, queue=told.queue)
            pairs[n : n + 1] = [(visit, first), (second, told)]
            return True
        return False

    def _came_back(self, visit: Visit, first: LoggedVisit, told: LoggedVisit) -> bool:
        left_at = first.left_at
        if left_at is None or not left_at <= told.joined_at:
            return False
        ends = (
            visit.left_at is None
            or told.left_at is None
            or (abs(visit.left_at - told.left_at) < abs(visit.left_at - left_at))
        )
        return ends and self.sight.is_blind(left_at, told.joined_at)

    def _add(self, told: LoggedVisit, pairs: list[tuple[Visit, LoggedVisit]]) -> None:
        """A visit that is not recorded; it joins the pairs."""
        end = told.left_at if told.left_at is not None else told.joined_at
        what = f"in {told.queue}: {_word(told.exit)}, not recorded"
        if self.sight.first is not None and told.joined_at < self.sight.first - NEAR:
            self._say(told.joined_at, what, Explanation.BEFORE_OBSERVATION)
            return
        if not self.sight.is_blind(told.joined_at, end):
            self._say(told.joined_at, what, Explanation.UNEXPLAINED)
            return
        visit = recovery.visit_of(self.call.pbx, told, self.given.rules)
        self.call.visits.insert(self._place(told, pairs), visit)
        pairs.append((visit, told))
        recovery.tell_visit(self.call, told)
        self._recovered(told.joined_at, what)

    def _place(self, told: LoggedVisit, pairs: list[tuple[Visit, LoggedVisit]]) -> int:
        """Where a logged visit belongs: the order of the log says more than its whole seconds."""
        place_of = {id(visit): n for n, visit in enumerate(self.call.visits)}
        order = {id(visit): n for n, visit in enumerate(self.logged.visits)}
        here = order[id(told)]
        known = [(place_of[id(visit)], order[id(other)]) for visit, other in pairs]
        first = max((place + 1 for place, n in known if n < here), default=0)
        last = min((place for place, n in known if n > here), default=len(place_of))
        by_time = sum(visit.joined_at <= told.joined_at for visit in self.call.visits)
        return min(max(by_time, first), last)

    # --- the whole call -------------------------------------------------------------------------

    def _fill_end(self) -> None:
        """The end of a call whose end was not observed."""
        end, call = self.logged.ended_at, self.call
        if call.ended_at is not None or end is None:
            return
        last = call.visits[-1]
        if last.exit not in {Exit.ABANDONED, Exit.ANSWERED} or end < last.joined_at - LOG_BLUR:
            return
        call.ended_at, call.end_blur, call.caller_hung_up = end, LOG_BLUR, True
        recovery.note(call, end, FactKind.ENDED, observed=1)
        self._recovered(end, "the end of the call")

    def _resolve_doubt(self) -> None:
        """Who first took care of the caller, and whether anybody may have done so unseen."""
        call = self.call
        if call.handled_by is not HandledBy.VOICE_SERVER or call.handled_at is not None:
            recovery.handle(call)
        if not call.in_doubt:
            return
        until = recovery.matters_until(call)
        if self._went_elsewhere(until) or (
            self.given.elsewhere_counts and self._was_elsewhere(until)
        ):
            return
        call.in_doubt = False
        if call.facts[0].kind is FactKind.FOUND:
            call.start_blur = call.start_blur or LOG_BLUR  # a snapshot tells whole seconds
        self._recovered(call.arrived_at, "where the caller was meanwhile")

    def _was_elsewhere(self, until: Ms) -> bool:
        """Whether the caller was, or may have been, in no queue while nobody looked.

        A voice server may be passed in less than the log's precision.
        """
        call = self.call
        joined_unseen = {
            fact.at
            for fact in call.facts
            if fact.kind is FactKind.QUEUE_JOINED and fact.detail.get("recovered")
        }
        if call.facts[0].kind is FactKind.FOUND or any(at < until for at in joined_unseen):
            return True
        waits = [(v.joined_at, v.left_at or v.joined_at) for v in call.visits]
        return bool(recovery.without(self.sight.blind_parts(call.arrived_at, until), waits))

    def _went_elsewhere(self, until: Ms) -> bool:
        """Whether the caller left the last queue unanswered, and where to was not observed."""
        last = self.call.visits[-1]
        if last.exit in {Exit.ANSWERED, Exit.ABANDONED} or self.call.handled_by is not None:
            return False
        left_at = last.left_at if last.left_at is not None else last.joined_at
        return self.sight.is_blind(left_at, max(left_at, until))

    def _exclusion(self) -> Exclusion | None:
        """Why the call is excluded: as it was judged, unless another queue's calendar judges it."""
        call, rules = self.call, self.given.rules
        before = Exclusion(call.reason.value) if call.reason in recovery.EXCLUSIONS else None
        was, is_now = (
            rules.calendar(call.pbx, record.judging_queue) for record in (self.before, call)
        )
        if was is is_now or before not in {None, Exclusion.OUTSIDE_OPENING_HOURS}:
            return before
        return rules.exclusion(call.caller, call.arrived_at, call.pbx, call.judging_queue)

    def _recovered(self, at: Ms, what: str) -> None:
        self.filled = True
        self._say(at, what, Explanation.RECOVERED)

    def _say(self, at: Ms, what: str, explanation: Explanation) -> None:
        self.found.append(Difference(self.call.id, at, what, explanation))


def _word(exit_: Exit | None) -> str:
    return "no exit" if exit_ is None else exit_.value


def _apart(ours: Ms, theirs: Ms) -> str:
    span = abs(ours - theirs) / SECOND
    return f"{span:.1f} s {'after' if ours > theirs else 'before'}"
