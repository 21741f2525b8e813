"""A record that was completed from the queue log, taken in by a running engine."""

from dataclasses import replace

from monitor.core import events as ev
from monitor.core.clock import MINUTE, SECOND
from monitor.core.effects import CallChanged, VerdictGiven
from monitor.core.engine import Engine
from monitor.core.policy import Policy
from monitor.core.records import Call, Exit, Reason, Verdict, Visit
from monitor.core.recovered import CallRecovered
from tests.core.story import AGENT, CALLER, PBX, T0, Story, ms

AT = 1_795_000_000_000


def call(verdict: Verdict, exit_: Exit) -> Call:
    visit = Visit("support", AT, MINUTE, left_at=AT + 20 * SECOND, exit=exit_)
    return Call("lab", "1.1", AT, verdict=verdict, closed=True, visits=[visit])


def engine() -> Engine:
    made = Engine(Policy(incoming_contexts=(("lab", ("incoming",)),)))
    made.advance(AT + MINUTE)
    return made


def test_todays_figures_count_the_call_as_it_is_now() -> None:
    watching = engine()
    before = call(Verdict.UNKNOWN, Exit.UNKNOWN)
    watching.handle(CallRecovered("lab", AT + MINUTE, None, before))
    after = replace(
        call(Verdict.ABANDONED, Exit.ABANDONED), reason=Reason.CALLER_HUNG_UP, short_abandon=True
    )
    effects = watching.handle(CallRecovered("lab", AT + MINUTE, before, after))
    given = [effect for effect in effects if isinstance(effect, VerdictGiven)]
    assert [(one.verdict, one.previous) for one in given] == [(Verdict.ABANDONED, Verdict.UNKNOWN)]
    assert [one.closed for one in effects if isinstance(one, CallChanged)] == [True]
    today = watching.snapshot().today
    assert (today.calls, today.abandoned, today.unknown, today.short_abandons) == (1, 1, 0, 1)
    queue = watching.snapshot().queues["lab", "support"].today
    assert (queue.offered, queue.abandoned, queue.unknown) == (1, 1, 0)


def test_a_recovered_wait_is_the_longest_again_once_a_longer_one_is_taken_back() -> None:
    story = Story()
    story.arrives().joins(1).gives_up(41).status(41, "TIMEOUT")
    recovered = Visit("support", T0, MINUTE, left_at=T0 + 35 * SECOND, exit=Exit.ABANDONED)
    story.say(CallRecovered(PBX, ms(42), None, Call(PBX, "1.1", T0, visits=[recovered])))
    today = story.engine.snapshot().queues[PBX, "support"].today
    assert today.longest_wait == 40 * SECOND
    story.say(ev.AgentConnected(PBX, ms(31), CALLER, "support", AGENT, "Anna"))  # late
    assert today.longest_wait == 35 * SECOND


def test_a_call_of_yesterday_changes_nothing_of_today() -> None:
    watching = engine()
    watching.advance(AT + 36 * 60 * MINUTE)
    found = watching.handle(CallRecovered("lab", AT, None, call(Verdict.ABANDONED, Exit.ABANDONED)))
    assert any(isinstance(effect, CallChanged) for effect in found)
    assert watching.snapshot().today.calls == 0


def test_of_a_call_that_it_still_remembers_the_engine_knows_better() -> None:
    watching = engine()
    watching.handle(ev.ChannelArrived("lab", AT, "1.1", "1.1", "SIP/1-1", "incoming", "s", "", ""))
    watching.handle(ev.DialplanStep("lab", AT, "1.1", "incoming", "s", "Answer"))
    before = watching.snapshot().today.calls
    recovered = CallRecovered("lab", AT, None, call(Verdict.ABANDONED, Exit.ABANDONED))
    assert watching.handle(recovered) == []
    assert watching.snapshot().today.calls == before == 1
