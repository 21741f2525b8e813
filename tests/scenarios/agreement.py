"""Compares the monitor's record of a call with the expected one and with Asterisk's queue log."""

from collections.abc import Iterable, Mapping

from monitor.core.policy import Commitment, CountsWhen, Policy, VoiceServer
from monitor.core.records import Call, Exit, Visit
from tests.asterisk_lab import scenarios
from tests.asterisk_lab.queue_log import LoggedVisit
from tests.scenarios.timeline import timeline

PBX = "lab"
TOLERANCE_S = 0.050
"""How far our moments may be from the PBX's own timestamps."""
LOG_TOLERANCE_S = 1.0
"""How far the queue log's may be: Asterisk waits for the disk between writing a line and sending
the AMI event of the same fact (0.4 s was seen)."""

LAB_POLICY = Policy(
    commitment=Commitment(
        within=round(scenarios.WITHIN * 1000),
        at_risk_after=round(scenarios.AT_RISK_AFTER * 1000),
        short_abandon=round(scenarios.SHORT_ABANDON * 1000),
    ),
    incoming_contexts=((PBX, (scenarios.INCOMING_CONTEXT,)),),
    voice_servers=tuple(
        VoiceServer(name, (name,), counts_when=CountsWhen(rule))
        for name, rule in scenarios.VOICE_SERVERS.items()
    ),
)

UNLOGGED = {Exit.JOIN_EMPTY, Exit.FULL}
"""Refusals at the door: Asterisk logs nothing of them."""

LOGGED_AS = {
    Exit.REDIRECTED: "abandoned",
}
"""Where the queue log cannot say what the events say."""


def as_expected(call: Call) -> scenarios.Expected:
    """The record in the words of the table of scenarios."""
    first = next((visit for visit in call.visits if visit.exit is Exit.ANSWERED), None)
    in_queue = first is not None and call.agent in {"", first.agent, first.interface}
    agent = first.interface if first is not None and in_queue else call.agent
    return scenarios.Expected(
        call.verdict.value,  # type: ignore[arg-type]  # a row never ends pending
        tuple((v.queue, v.exit.value if v.exit else "") for v in call.visits),
        call.handled_by.value if call.handled_by else None,
        agent or None,
        call.short_abandon,
        tuple((stay.name, stay.inputs) for stay in call.stays),
        timeline(call),
    )


Moments = dict[str, list[tuple[str, float, float | None]]]
"""For each channel in a queue: (queue, joined, answered or left) as AMI stamped it, in seconds.

The last is None where Asterisk never says it: the caller was taken out of the queue.
"""


def legs_of(call: Call) -> list[str]:
    """The ids by which the queue log knows the visits in which a Local channel stood for a caller.

    The leg's half ``;2`` joined the queue: for the dialplan that dialled it, or for the agent who
    asked there and then handed the caller over. The record says so itself, and only then may the
    log's visit under that id be the call's.
    """
    said = (fact.detail.get("logged_as") for fact in call.facts)
    return list(dict.fromkeys(str(uniqueid) for uniqueid in said if uniqueid))


def stamped(frames: Iterable[Mapping[str, str]]) -> Moments:
    """What the AMI stream itself says of joining and leaving, read by the lab's own parser."""
    moments: Moments = {}
    for frame in frames:
        name = frame.get("Event")
        if name not in {"QueueCallerJoin", "QueueCallerLeave", "AgentConnect"}:
            continue
        visits = moments.setdefault(frame["Uniqueid"], [])
        at = float(frame["Timestamp"])
        if name == "QueueCallerJoin":
            visits.append((frame["Queue"], at, None))
            continue
        if not any(queue == frame["Queue"] for queue, _, _ in visits):
            # Who takes the place of an agent who asked there has joined by the agent's id.
            visits = _open_in(moments, frame["Queue"])
        if visits:
            visits[-1] = (*visits[-1][:2], at)
    return moments


def _open_in(moments: Moments, queue: str) -> list[tuple[str, float, float | None]]:
    found = [v for v in moments.values() if v and v[-1][0] == queue and v[-1][2] is None]
    return found[-1] if found else []


def strayed(calls: Mapping[str, Call], moments: Moments) -> list[str]:
    """Say where a recorded moment is not the PBX's own."""
    found = []
    for uniqueid, call in calls.items():
        ours = [visit for visit in call.visits if visit.exit not in UNLOGGED]
        theirs = [m for id_ in (uniqueid, *legs_of(call)) for m in moments.get(id_, [])]
        theirs.sort(key=lambda moment: moment[1])
        for visit, (queue, joined, left) in zip(ours, theirs, strict=True):
            our_left = visit.answered_at if visit.exit is Exit.ANSWERED else visit.left_at
            pairs = [(visit.joined_at, joined)]
            if left is not None:
                pairs.append((our_left or 0, left))
            if any(abs(our / 1000 - their) > TOLERANCE_S for our, their in pairs):
                found.append(f"{uniqueid}: {queue} {pairs}")
    return found


NOT_RECORDED = "logged, but not recorded"
FROM_THE_LOG = "s from the log"
"""How a difference of moments ends, the story being the same. A record whose moments are the PBX's
own (:func:`strayed`) has one where the PBX itself wrote its log late: a busy machine, a slow disk.
"""


def disagreements(
    calls: Mapping[str, Call], logged: Mapping[str, list[LoggedVisit]], unrecorded: int = 0
) -> list[str]:
    """Say, one line each, where the record and the queue log tell different stories.

    So many logged ids as ``unrecorded`` says must be in no record: an agent's own visits.
    """
    found = list(_disagreements(calls, logged))
    own = [line for line in found if line.endswith(NOT_RECORDED)]
    if unrecorded and len(own) == unrecorded:
        return [line for line in found if line not in own]
    return found


def _disagreements(
    calls: Mapping[str, Call], logged: Mapping[str, list[LoggedVisit]]
) -> Iterable[str]:
    found = []
    logged = dict(logged)
    for uniqueid, call in calls.items():
        of_legs = [visit for leg in legs_of(call) for visit in logged.pop(leg, [])]
        if of_legs:
            theirs = [*logged.get(uniqueid, []), *of_legs]
            logged[uniqueid] = sorted(theirs, key=lambda visit: visit.joined)
    for uniqueid in sorted(calls.keys() | logged.keys()):
        if uniqueid not in calls:
            found.append(f"{uniqueid}: {NOT_RECORDED}")
            continue
        ours = [visit for visit in calls[uniqueid].visits if visit.exit not in UNLOGGED]
        theirs = logged.get(uniqueid, [])
        if len(ours) != len(theirs):
            found.append(f"{uniqueid}: {len(ours)} visits recorded, {len(theirs)} logged")
            continue
        for visit, their in zip(ours, theirs, strict=True):
            found += [f"{uniqueid}: {what}" for what in _differences(visit, their)]
    return found


def _differences(visit: Visit, logged: LoggedVisit) -> Iterable[str]:
    exit_ = None if visit.exit is None else LOGGED_AS.get(visit.exit, visit.exit.value)
    if (visit.queue, exit_) != (logged.queue, logged.exit):
        yield f"{visit.queue} {exit_}, logged {logged.queue} {logged.exit}"
    if (visit.agent or None) != logged.agent:
        yield f"agent {visit.agent}, logged {logged.agent}"
    # What was filled in from the log's file is as precise as that: whole seconds.
    tolerance = LOG_TOLERANCE_S + visit.blur / 1000
    if abs(visit.joined_at / 1000 - logged.joined) > tolerance:
        yield f"joined {visit.joined_at / 1000 - logged.joined:+.3f} {FROM_THE_LOG}"
    left_at = visit.answered_at if visit.exit is Exit.ANSWERED else visit.left_at
    if left_at is None or logged.left is None:
        yield f"left {left_at}, logged {logged.left}"
    elif abs(left_at / 1000 - logged.left) > tolerance:
        yield f"left {left_at / 1000 - logged.left:+.3f} {FROM_THE_LOG}"
    wait, whole = visit.wait, logged.wait_s
    # Whole seconds there, cut at both ends: one second apart either way, besides the disk.
    if wait is not None and whole is not None and abs(wait / 1000 - whole) >= 1 + tolerance:
        yield f"waited {wait / 1000 - whole:+.3f} {FROM_THE_LOG}"
