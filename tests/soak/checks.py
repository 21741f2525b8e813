"""Compares what the monitor recorded with what happened, call by call and in sum."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from monitor.core.records import BlindInterval, Call, Exit, FactKind, Verdict
from tests.asterisk_lab.queue_log import Line, LoggedVisit, visits
from tests.asterisk_lab.show import lines as shown
from tests.scenarios.agreement import LOGGED_AS, TOLERANCE_S, UNLOGGED, disagreements

from .records import Told, counted, counted_visits, inside, overlaps
from .truth import TrueCall, story

Logged = Mapping[str, list[LoggedVisit]]

_IS_OF_TIME = re.compile(r": (joined|left|waited) [-+0-9]")
"""A difference that is only about moments."""
_NUMBER = re.compile(r"\b07\d{5}(?=\d{3}\b)")


@dataclass(frozen=True)
class Problem:
    """Something that must not be. ``uniqueid`` is empty where no single call is concerned."""

    uniqueid: str
    text: str


@dataclass(frozen=True)
class Case:
    """All that is known of one soak after it.

    ``stuck`` are calls that Asterisk itself does not end, left out of the rest.
    ``stand_ins``: Local channels that joined a queue for a caller, and their Linkedid.
    ``faulty``: there were faults, so differences may be where a blind interval was recorded.
    ``reconciled``: the queue log was read in since, so nothing may differ from it any more.
    """

    told: Told
    truth: Mapping[str, TrueCall]
    lines: Sequence[Line]
    stuck: Collection[str] = ()
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    faulty: bool = False
    reconciled: bool = False

    @property
    def logged(self) -> Logged:
        """The queue log's visits by call."""
        return visits(self.lines)


def problems(case: Case) -> list[Problem]:
    """Everything that is wrong."""
    logged = case.logged
    return [
        *_lost_or_doubled(case, logged),
        *_differing(case, logged),
        *_misjudged(case),
        *_broken_chains(case),
        *_wrong_sums(case),
    ]


def _lost_or_doubled(case: Case, logged: Logged) -> Iterator[Problem]:
    """Each caller who came has one record, and nobody else has."""
    told = case.told
    for uniqueid, true in case.truth.items():
        if uniqueid in told.calls:
            continue
        unseen = true.ended is not None and inside(told.blind, true.arrived, true.ended)
        excused = unseen and not (case.reconciled and uniqueid in logged)
        if not (case.faulty and excused):
            yield Problem(uniqueid, "came, but is not recorded")
    for uniqueid in told.doubled:
        yield Problem(uniqueid, "is recorded twice")
    for uniqueid in sorted(told.calls.keys() - case.truth.keys()):
        if not _is_of_an_unseen_stand_in(case, logged.get(uniqueid, [])):
            yield Problem(uniqueid, "is recorded, but never came")


def _is_of_an_unseen_stand_in(case: Case, logged: Sequence[LoggedVisit]) -> bool:
    """Whether a record is of a Local channel that joined a queue for a caller, unseen.

    The queue log knows only that channel; that it was no caller's own nobody could see.
    """
    return (
        case.reconciled
        and bool(logged)
        and all(
            visit.callid in case.stand_ins
            and inside(
                case.told.blind,
                round(visit.joined * 1000),
                round((visit.left or visit.joined) * 1000),
            )
            for visit in logged
        )
    )


def _differing(case: Case, logged: Logged) -> Iterator[Problem]:
    """The record and the queue log tell the same."""
    for uniqueid in sorted(case.told.calls.keys() & case.truth.keys()):
        call = case.told.calls[uniqueid]
        theirs = _logged_of(call, logged)
        found = disagreements({uniqueid: call}, {uniqueid: theirs})
        if found and case.reconciled:
            # the log may have given the caller back a visit under another channel's id
            theirs = _with_stand_ins(case, call, logged)
            found = disagreements({uniqueid: call}, {uniqueid: theirs})
        if case.faulty and not case.reconciled and _was_unseen(case.told.blind, call, theirs):
            found = list(_made_up(call, theirs))
        if _is_as_stamped(call, case.truth[uniqueid]):
            found = [text for text in found if not _IS_OF_TIME.search(text)]
        yield from (Problem(uniqueid, text.partition(": ")[2]) for text in found)


def _with_stand_ins(case: Case, call: Call, logged: Logged) -> list[LoggedVisit]:
    """As :func:`_logged_of`, with all channels that stood for the caller, as far as unrecorded."""
    linkedid = case.truth[call.uniqueid].linkedid
    legs = {leg for leg, linked in case.stand_ins.items() if linked == linkedid}
    unrecorded = {call.uniqueid, *legs} - (case.told.calls.keys() - {call.uniqueid})
    found = [visit for id_ in unrecorded for visit in logged.get(id_, [])]
    return sorted(found, key=lambda visit: visit.joined)


def _made_up(call: Call, logged: Sequence[LoggedVisit]) -> Iterator[str]:
    """What is said for certain of a visit that was not wholly seen, and is not true.

    Only where it is clear which visit is which; what is unknown, or missing, may be.
    """
    ours = [visit for visit in call.visits if visit.exit not in UNLOGGED]
    if [visit.queue for visit in ours] != [visit.queue for visit in logged]:
        return
    for visit, their in zip(ours, logged, strict=True):
        exit_ = LOGGED_AS.get(visit.exit, visit.exit.value) if visit.exit else None
        if exit_ not in {None, Exit.UNKNOWN.value, their.exit}:
            yield f"{call.uniqueid}: made up: {visit.queue} {exit_}, logged {their.exit}"
        elif visit.exit is Exit.ANSWERED and visit.agent not in {"", their.agent}:
            yield f"{call.uniqueid}: made up: agent {visit.agent}, logged {their.agent}"


def _is_as_stamped(call: Call, true: TrueCall) -> bool:
    """Whether the recorded moments are those that AMI stamped, as exactly as they are to be.

    They are what counts (rule 6). On a machine that is busy with many things the queue log lags
    behind them by seconds: Asterisk writes it to the disk under the queue's lock.
    """
    ours = [visit for visit in call.visits if visit.exit not in UNLOGGED]
    if len(ours) != len(true.waits):
        return False
    for visit, (joined, left) in zip(ours, true.waits, strict=True):
        our_left = visit.answered_at if visit.exit is Exit.ANSWERED else visit.left_at
        tolerance = round(TOLERANCE_S * 1000) + visit.blur
        if our_left is None or abs(visit.joined_at - joined) > tolerance:
            return False
        if abs(our_left - left) > tolerance:
            return False
    return True


def _logged_of(call: Call, logged: Logged) -> list[LoggedVisit]:
    """The queue log's visits of a call, also those in which a Local channel stood for the caller.

    The log knows these by the id of that channel; the record says which.
    """
    legs = {str(f.detail["logged_as"]) for f in call.facts if f.detail.get("logged_as")}
    found = [visit for id_ in {call.uniqueid, *legs} for visit in logged.get(id_, [])]
    return sorted(found, key=lambda visit: visit.joined)


def _was_unseen(blind: list[BlindInterval], call: Call, logged: Sequence[LoggedVisit]) -> bool:
    """Whether a visit, or the way to it, touches a recorded blind interval."""
    spans = [(v.joined_at, v.left_at or v.joined_at) for v in call.visits]
    spans += [(round(v.joined * 1000), round((v.left or v.joined) * 1000)) for v in logged]
    return any(overlaps(blind, start, end) for start, end in spans)


def _misjudged(case: Case) -> Iterator[Problem]:
    """Each verdict is the true one; after a blind interval it may be that nobody knows."""
    for uniqueid, call in case.told.calls.items():
        true = case.truth.get(uniqueid)
        if true is None:
            continue
        if not call.closed or call.verdict is Verdict.PENDING:
            yield Problem(uniqueid, f"is not over: {call.verdict}")
            continue
        if call.verdict.value == true.verdict:
            continue
        end = true.ended if true.ended is not None else true.arrived
        # what nobody saw and the queue log calls an abandon may have been a redirect
        as_logged = case.reconciled and true.redirected and call.verdict is Verdict.ABANDONED
        excused = (call.verdict is Verdict.UNKNOWN or as_logged) and overlaps(
            case.told.blind, true.arrived, end
        )
        if not (case.faulty and excused):
            yield Problem(
                uniqueid, f"is judged {call.verdict} ({call.reason}), true {true.verdict}"
            )


def _broken_chains(case: Case) -> Iterator[Problem]:
    """The facts of the verdict lead to the one in force, from one to the next."""
    for uniqueid, call in case.told.calls.items():
        chain = [f for f in call.facts if f.kind in {FactKind.VERDICT, FactKind.CORRECTED}]
        if not chain or chain[-1].detail["verdict"] != call.verdict.value:
            yield Problem(uniqueid, f"the last fact of the verdict is not {call.verdict}")
        before = Verdict.PENDING.value
        for fact in chain:
            # one that was taken back after a blind interval leads from pending again
            if fact.detail["previous"] not in {before, Verdict.PENDING.value}:
                yield Problem(uniqueid, f"corrected from {fact.detail['previous']}, was {before}")
            before = str(fact.detail["verdict"])
        if not case.faulty and sum(f.kind is FactKind.VERDICT for f in chain) != 1:
            yield Problem(uniqueid, f"{len(chain)} verdicts")


def _wrong_sums(case: Case) -> Iterator[Problem]:
    """Today's figures are those that the calls themselves give."""
    ours = counted(case.told)
    told = {"/live": case.told.live["today"], "/indicators": _total(case)["commitment"]}
    for place, figures in told.items():
        for name, count in ours.items():
            if figures[name] != count:
                yield Problem("", f"{place} tells {figures[name]} {name}, the calls are {count}")
    by_queue = counted_visits(case.told)
    live = {queue["name"]: queue["today"] for queue in case.told.live["queues"]}
    for place, queues in (("/live", live), ("/indicators", case.told.indicators["by_queue"])):
        for queue, tally in by_queue.items():
            for name, count in tally.items():
                if queues[queue][name] != count:
                    told_count = queues[queue][name]
                    yield Problem(
                        "", f"{place} tells {told_count} {name} in {queue}, the visits are {count}"
                    )
    for call in case.told.live["calls"]:
        if call["uniqueid"] not in case.stuck:
            yield Problem(call["uniqueid"], "is a ghost on the live board")


def _total(case: Case) -> dict[str, dict[str, int]]:
    total: dict[str, dict[str, int]] = case.told.indicators["total"]
    return total


def tell(case: Case, problem: Problem, tap: Path) -> str:
    """The story of one problem: the PBX's events, the queue log's lines, our record."""
    if not problem.uniqueid:
        return problem.text
    parts = [f"{problem.uniqueid}: {problem.text}", "  the PBX's events:"]
    parts += [f"    {line}" for line in shown(story(tap, problem.uniqueid))]
    parts.append("  the queue log:")
    parts += [
        f"    {line.time:.3f} {line.queue} {line.agent} {line.event} {'|'.join(line.data)}"
        for line in case.lines
        if line.callid == problem.uniqueid
    ]
    parts.append("  our record:")
    parts += [f"    {line}" for line in _record(case, problem.uniqueid)]
    return _NUMBER.sub("07…", "\n".join(parts))


def _record(case: Case, uniqueid: str) -> Iterator[str]:
    call = case.told.calls.get(uniqueid)
    if call is None:
        yield "none"
    else:
        yield f"{call.verdict} ({call.reason}), {call.observed}, arrived {call.arrived_at}"
        for fact in call.facts:
            yield f"{(fact.at - call.arrived_at) / 1000:8.3f} {fact.kind} {fact.detail}"
    for gap in case.told.blind:
        yield f"blind {gap.started_at} to {gap.ended_at}: {gap.cause}"
