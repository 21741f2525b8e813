"""From the lines of a queue log to calls with their visits, as the core wants them.

Independent of AMI on purpose: what the two tell of one call is compared.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from monitor.core.clock import DAY, HOUR, SECOND, Ms
from monitor.core.logged import LOG_BLUR, LoggedCall, LoggedMiss, LoggedVisit
from monitor.core.records import Exit
from telephony_adapters.asterisk.queue_log import Line

SETTLED_AFTER: Final[Ms] = 12 * HOUR
"""So long after the last line of a call that is over no further one is waited for: a caller who
overflowed from a queue may be transferred into the next one after a long conversation."""
LOST_AFTER: Final[Ms] = DAY
"""A call of which nothing was said for so long will not be told to its end any more."""
_TALKS: Final = frozenset(
    {
        "ENTERQUEUE", "CONNECT", "COMPLETECALLER", "COMPLETEAGENT", "TRANSFER", "BLINDTRANSFER",
        "ATTENDEDTRANSFER",
    }
)  # fmt: skip
_WORD: Final = re.compile(r"\w+")
_LOOK_EVERY: Final = 20_000
"""Lines between two looks for calls that are settled."""


class CallCollector:
    """Gathers calls from lines in order of time.

    A line that comes twice counts once, so copies of a file that overlap do no harm.
    """

    def __init__(self) -> None:
        self.calls: dict[str, LoggedCall] = {}
        self.first_at: Ms | None = None
        self.last_at: Ms = 0
        self.lines = 0
        self.begun = 0
        """How many calls were told of so far, given out or not."""
        self._talking: Counter[str] = Counter()
        """The words in the names of agents who are in a conversation."""
        self._seen: dict[str, set[tuple[object, ...]]] = {}

    def add(self, line: Line) -> None:
        """Take one line."""
        self.lines += 1
        if self.first_at is None:
            self.first_at = line.at
        self.last_at = max(self.last_at, line.at)
        if line.event == "QUEUESTART":
            self._restarted()
        take = _TAKE.get(line.event)
        if take is None or not line.callid:
            return
        seen = self._seen.get(line.callid)
        mark = (line.at, line.queue, line.agent, line.event, *line.data)
        if seen is None:
            seen = self._seen[line.callid] = set()
        elif mark in seen:
            return
        seen.add(mark)
        call = self.calls.get(line.callid)
        if call is None and line.event == "ABANDON" and self._taken_out(line):
            return
        if call is None:
            call = self.calls[line.callid] = LoggedCall(line.callid)
            self.begun += 1
        call.last_at = line.at
        take(call, line)
        if line.event in _TALKS:
            self._note_talk(call, line)

    def _taken_out(self, line: Line) -> bool:
        """End the visit of a caller who was taken out of the queue by a masquerade.

        The caller keeps the id, and what is left in the queue gives up under a new one, of which
        no joining was logged.
        """
        joined_at = line.at - _field(line, 2) * SECOND
        for call in self.calls.values():
            visit = call.visits[-1] if call.visits else None
            if visit is None or visit.exit is not None or visit.queue != line.queue:
                continue
            if abs(visit.joined_at - joined_at) <= LOG_BLUR:
                visit.left_at, visit.exit, call.last_at = line.at, Exit.REDIRECTED, line.at
                return True
        return False

    def _note_talk(self, call: LoggedCall, line: Line) -> None:
        """An agent who is in a conversation and joins a queue asks there, and is no caller.

        He is known by his number, where it stands in his name: "Agent 101", "PJSIP/101".
        """
        if line.event == "ENTERQUEUE":
            number = call.visits[-1].number
            call.consultation = call.consultation or bool(number and self._talking[number])
            return
        by = 1 if line.event == "CONNECT" else -1
        for word in _WORD.findall(line.agent):
            self._talking[word] += by

    def _restarted(self) -> None:
        """Asterisk started anew: whoever was in a queue or in a conversation is gone."""
        self._talking.clear()
        for call in self.calls.values():
            if not call.over:
                call.cut_off = True

    def settled(self) -> list[LoggedCall]:
        """Take out the calls of which nothing more is to come; in order of their first line."""
        done = [
            call
            for call in self.calls.values()
            if call.last_at < self.last_at - (SETTLED_AFTER if call.over else LOST_AFTER)
        ]
        for call in done:
            call.cut_off = not all(visit.over for visit in call.visits)
        return self._take(done)

    def finished(self) -> list[LoggedCall]:
        """Take out the calls that are over, at the end of the log; the others stay."""
        return self._take([call for call in self.calls.values() if call.over])

    def _take(self, calls: list[LoggedCall]) -> list[LoggedCall]:
        for call in calls:
            del self.calls[call.uniqueid]
            del self._seen[call.uniqueid]
        return [call for call in calls if call.visits]


def collect(lines: Iterable[Line], collector: CallCollector) -> Iterator[LoggedCall]:
    """All calls that lines tell to their end; what is left in ``collector`` goes on."""
    for number, line in enumerate(lines, 1):
        collector.add(line)
        if number % _LOOK_EVERY == 0:
            yield from collector.settled()
    yield from collector.settled()
    yield from collector.finished()


# --- what each event means ----------------------------------------------------------------------


def _entered(call: LoggedCall, line: Line) -> None:
    """ENTERQUEUE(url|callerid|position); versions before 1.8 have no position."""
    data = line.data
    number = data[1] if len(data) > 1 else ""
    position = _number(data[2]) if len(data) > 2 else 0  # noqa: PLR2004
    if call.visits and call.visits[-1].exit is Exit.ABANDONED:
        # A caller who hung up joins no further queue: it was a redirect.
        call.visits[-1].exit = Exit.REDIRECTED
    call.visits.append(LoggedVisit(line.queue, line.at, number, position))


def _connected(call: LoggedCall, line: Line) -> None:
    """CONNECT(holdtime|bridgedchanneluniqueid|ringtime)."""
    visit = _open_visit(call, line, _field(line, 0))
    visit.left_at = visit.answered_at = line.at
    visit.exit, visit.agent = Exit.ANSWERED, line.agent


def _left(exit_: Exit, wait: int) -> "Callable[[LoggedCall, Line], None]":
    """An end without an answer; ``wait`` is the data field with the time waited."""

    def take(call: LoggedCall, line: Line) -> None:
        visit = _open_visit(call, line, _field(line, wait))
        visit.left_at, visit.exit = line.at, exit_

    return take


def _completed(by: str, talk: int | None = None) -> "Callable[[LoggedCall, Line], None]":
    """The end of the conversation; ``talk`` is the data field with its length, from the end."""

    def take(call: LoggedCall, line: Line) -> None:
        visit = _newest(call, line.queue, answered=True)
        if visit is not None and visit.ended_at is not None:
            return  # versions before 12 may log a transfer, and the end after it
        if visit is None:
            # Its CONNECT stands in a file that we do not have.
            length = 0 if talk is None else _field(line, talk)
            answered = line.at - length * SECOND
            wait = 0 if talk is None else _field(line, talk - 1)
            visit = LoggedVisit(line.queue, answered - wait * SECOND)
            visit.left_at = visit.answered_at = answered
            visit.exit, visit.agent = Exit.ANSWERED, line.agent
            call.visits.append(visit)
        visit.ended_at, visit.ended_by = line.at, by

    return take


def _missed(call: LoggedCall, line: Line) -> None:
    """RINGNOANSWER(ringtime in ms)."""
    visit = _newest(call, line.queue)
    if visit is not None:
        visit.missed.append(LoggedMiss(line.at, line.agent, _field(line, 0)))


def _dumped(call: LoggedCall, line: Line) -> None:
    """AGENTDUMP: the member hung up during the announcement; the caller still waits."""
    visit = _newest(call, line.queue)
    if visit is not None:
        visit.dumps.append((line.at, line.agent))


def _open_visit(call: LoggedCall, line: Line, waited: int) -> LoggedVisit:
    """The visit that a line is about; one whose joining stands in a file that we do not have."""
    for visit in reversed(call.visits):
        if visit.queue == line.queue and visit.exit is None:
            return visit
    visit = LoggedVisit(line.queue, line.at - waited * SECOND)
    call.visits.append(visit)
    return visit


def _newest(call: LoggedCall, queue: str, *, answered: bool = False) -> LoggedVisit | None:
    """The newest visit to a queue; ``answered``: the newest that was answered."""
    for visit in reversed(call.visits):
        if visit.queue == queue and (visit.answered_at is not None or not answered):
            return visit
    return None


def _field(line: Line, index: int) -> int:
    try:
        return _number(line.data[index])
    except IndexError:
        return 0


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004


_TRANSFERRED: Final = _completed("transfer", -2)
"""BLINDTRANSFER(exten|context|hold|talk|pos), ATTENDEDTRANSFER(BRIDGE|id|…, APP|name|…,
LINK|channel|channel|…), before 12 TRANSFER(exten|context|…): all end in hold, talk, position."""

_TAKE: Final[dict[str, Callable[[LoggedCall, Line], None]]] = {
    "ENTERQUEUE": _entered,
    "CONNECT": _connected,
    "COMPLETECALLER": _completed("caller", 1),
    "COMPLETEAGENT": _completed("agent", 1),
    "BLINDTRANSFER": _TRANSFERRED,
    "ATTENDEDTRANSFER": _TRANSFERRED,
    "TRANSFER": _TRANSFERRED,
    "ABANDON": _left(Exit.ABANDONED, 2),
    "EXITWITHTIMEOUT": _left(Exit.TIMEOUT, 2),
    "EXITWITHKEY": _left(Exit.KEY, 3),
    "EXITEMPTY": _left(Exit.LEAVE_EMPTY, 2),
    "WITHDRAW": _left(Exit.WITHDRAWN, 2),
    "RINGNOANSWER": _missed,
    "AGENTDUMP": _dumped,
}
"""Lines about calls; RINGCANCELED, DID, ADDMEMBER and the like say nothing of the caller's way."""
