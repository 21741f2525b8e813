"""Which calls do not count, and of which nobody can tell yet (rule 9); kept for each call."""

from monitor.core.policy import Exclusion, Rules
from monitor.core.records import Call


class Exclusions:
    """The exclusions of one PBX's calls.

    A number excludes for good. Opening hours are judged by the moment of arrival, and by the
    calendar of the queue that judges the call. While the centre is closed and a queue with a
    calendar of its own is open, nobody can tell before the caller has joined a queue, or is gone:
    such a call is *undecided*, and is not judged. It stays so where it may have joined one unseen.
    """

    def __init__(self) -> None:
        self._why: dict[str, Exclusion] = {}
        self._undecided: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._why or self._undecided)

    def why(self, call: Call) -> Exclusion | None:
        """Why the call is excluded; None when it counts, as far as is known."""
        return self._why.get(call.uniqueid)

    def is_undecided(self, call: Call) -> bool:
        """Whether nobody can tell yet which calendar judges the call, and it matters."""
        return call.uniqueid in self._undecided

    def restore(self, call: Call, why: Exclusion) -> None:
        """Take back what was known of a call."""
        self._why[call.uniqueid] = why

    def consider(self, call: Call, rules: Rules) -> bool:
        """Look at a call again; True: something else is known of it now."""
        uniqueid = call.uniqueid
        known, undecided = self._why.get(uniqueid), uniqueid in self._undecided
        if known is not None and known is not Exclusion.OUTSIDE_OPENING_HOURS:
            return False
        queue = call.judging_queue
        now = rules.exclusion(call.caller, call.arrived_at, call.pbx, queue)
        unseen = call.in_doubt or call.ended_at is None
        may_join = not queue and (unseen or not call.closed)
        closed = now is Exclusion.OUTSIDE_OPENING_HOURS
        if closed and may_join and rules.is_open_somewhere(call.pbx, call.arrived_at):
            self._why.pop(uniqueid, None)
            self._undecided.add(uniqueid)
            return not undecided
        self._undecided.discard(uniqueid)
        if now is None:
            self._why.pop(uniqueid, None)
        else:
            self._why[uniqueid] = now
        return undecided or known is not now

    def forget(self, uniqueid: str) -> None:
        """Let a call go."""
        self._why.pop(uniqueid, None)
        self._undecided.discard(uniqueid)
