"""A few days of calls for evidence: small, and the same in every run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from monitor.core.clock import DAY, HOUR, SECOND, Ms
from monitor.core.policy import Commitment, Policy
from monitor.core.records import (
    BlindInterval,
    Call,
    Exit,
    Fact,
    FactKind,
    HandledBy,
    Reason,
    Verdict,
    Visit,
    VoiceServerStay,
)
from monitor.evidence.chain import Seal
from monitor.evidence.sealing import GRACE, Sealer, Waiting
from monitor.history import History
from monitor.history.evidence_keeping import whole_calls
from monitor.history.policies import current_policy
from monitor.history.rows import Rows
from monitor.history.store import Store
from monitor.history.writer import BatchWriter

FIRST = date(2026, 4, 1)
BEGIN: Ms = round(datetime(2026, 4, 1, tzinfo=UTC).timestamp()) * SECOND


@dataclass
class Clock:
    """A clock that a test sets."""

    now: Ms = BEGIN + 60 * DAY
    rested: list[float] = field(default_factory=list)

    def __call__(self) -> Ms:
        return self.now

    def rest(self, seconds: float) -> None:
        self.rested.append(seconds)


def answered(at: Ms, caller: str = "+33123456789", *, wait: Ms = 20_000) -> Call:
    """A caller who entered two digits, and then talked to Alice."""
    call = Call("lab", f"{at / 1000:.3f}", at, caller=caller, caller_name="Zoé")
    call.linkedid, call.channel, call.context = call.uniqueid, "PJSIP/trunk-1", "incoming"
    call.clock_started_at, call.exten = at, "100"
    call.stays = [VoiceServerStay("welcome", at, at + 900, "42")]
    visit = Visit("support", at + 1_000, 60_000, 1, at + wait, Exit.ANSWERED)
    visit.agent, visit.interface, visit.offers = "Alice", "PJSIP/101", 1
    visit.answered_at, visit.ended_at = at + wait, at + wait + 90_000
    call.visits = [visit]
    call.handled_at, call.handled_by, call.agent = at + wait, HandledBy.AGENT, "Alice"
    late = wait >= call.within
    call.verdict = Verdict.BREACHED if late else Verdict.MET
    call.reason = Reason.HANDLED_LATE if late else Reason.HANDLED_BY_AGENT
    call.verdict_at = at + min(wait, call.within)
    call.ended_at, call.caller_hung_up, call.closed = visit.ended_at, True, True
    call.facts = [
        Fact(at, FactKind.ARRIVED, {"context": "incoming", "exten": "100"}),
        Fact(at + 500, FactKind.VOICE_SERVER_INPUT, {"name": "welcome", "value": "42"}),
        Fact(at + 1_000, FactKind.QUEUE_JOINED, {"queue": "support", "position": 1}),
        Fact(at + wait, FactKind.AGENT_CONNECTED, {"queue": "support", "agent": "Alice"}),
        Fact(visit.ended_at, FactKind.ENDED, {"cause": 16}),
    ]
    return call


def abandoned(at: Ms, caller: str = "anonymous", *, wait: Ms = 10_000) -> Call:
    """A caller who gave up."""
    call = Call("lab", f"{at / 1000:.3f}", at, caller=caller, clock_started_at=at)
    visit = Visit("sales", at, 60_000, 1, at + wait, Exit.ABANDONED, given_up=True)
    call.visits = [visit]
    call.verdict, call.reason = Verdict.ABANDONED, Reason.CALLER_HUNG_UP
    call.verdict_at = call.ended_at = at + wait
    call.caller_hung_up, call.closed = True, True
    return call


def day_of_calls(day: int, many: int = 3) -> Iterator[Call]:
    """The calls of a day, counted from the first."""
    begin, apart = BEGIN + day * DAY + 9 * HOUR, 600_000 if many < 20 else 60_000
    for n in range(many):
        if n % 3 == 2:
            yield abandoned(begin + n * apart + 17)
        else:
            yield answered(begin + n * apart, f"+3360000000{n}", wait=5_000 + 30_000 * n * day)


def fill(history: History, days: int = 3, many: int = 3) -> None:
    """Some days of calls, a policy, and a blind interval over the first midnight."""
    current_policy(history, Policy(commitment=Commitment(target=0.8)), now=BEGIN - DAY)
    store(history, *(call for day in range(days) for call in day_of_calls(day, many)))
    rows = Rows()
    gap = BlindInterval("lab", BEGIN + 23 * HOUR, BEGIN + 25 * HOUR, "link lost")
    rows.blind.append((gap.pbx, gap.started_at, gap.ended_at, gap.cause))
    assert Store(history).write(rows) == []


def store(history: History, *calls: Call) -> None:
    """Store calls, as a monitor or a command does."""
    with BatchWriter(history) as writer:
        writer.add(calls)


def next_correction(history: History) -> Call:
    """Correct the first call once more, as a reconciliation does."""
    with history.reading() as connection:
        call = whole_calls(connection, [next(day_of_calls(0)).id])[0]
    call.verdict, call.reason = Verdict.BREACHED, Reason.HANDLED_LATE
    call.corrections += 1
    store(history, call)
    return call


def seal_all(history: History, clock: Clock | None = None) -> list[Seal]:
    """Seal all that can be sealed."""
    clock = clock or Clock()
    sealer = Sealer(history, clock, clock.rest)
    seals: list[Seal] = []
    while not isinstance(done := sealer.seal_next(), Waiting):
        seals.append(done)
    return seals


def after_days(days: int) -> Clock:
    """A clock that says that so many days are over, and no more."""
    return Clock(BEGIN + days * DAY + GRACE)
