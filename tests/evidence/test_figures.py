import random
from zoneinfo import ZoneInfo

import orjson

from monitor.core.clock import DAY, HOUR
from monitor.core.period import ALL, Callers, Dimension, PeriodCount
from monitor.core.records import Call, Verdict, VoiceServerStay
from monitor.evidence.figures import CellCount, RecentCallers, differences, plain
from monitor.evidence.pseudonyms import Pseudonyms
from tests.bench.big_record import BEGIN, calls
from tests.history.samples import START, random_call

PARIS = ZoneInfo("Europe/Paris")
SINCE = round(BEGIN.timestamp()) * 1000 + 3 * HOUR


def test_counting_by_cells_comes_to_the_same_figures() -> None:
    rng = random.Random(7)
    several = [*calls(3_000, 40), *(random_call(n, rng) for n in range(500))]
    pseudonyms = Pseudonyms(bytes(32))
    for n, call in enumerate(several):
        call.caller = call.caller_key = pseudonyms.caller(call.caller)
        call.arrived_at += 0 if n < 3_000 else SINCE - START
        if n % 5 == 0:
            call.stays = [VoiceServerStay("welcome", call.arrived_at, call.ended_at, "1")]
    until = SINCE + 35 * DAY
    one, other = PeriodCount(SINCE, until, PARIS), CellCount(SINCE, until, PARIS)
    before, recent = Callers(), RecentCallers()
    for call in sorted(several, key=lambda call: call.arrived_at):
        one.count(call, before.previous(call))
        other.count(call, recent.previous(call))
    assert plain(one.result()) == plain(other.result())
    assert one.figures.total.calls.repeats_30 > 0


def test_who_has_not_called_for_a_month_is_forgotten() -> None:
    callers = RecentCallers()
    for day in range(100):
        callers.previous(Call("lab", str(day), day * DAY + 1, caller_key=f"{day:032x}"))
    assert len(callers._seen) <= 32


def test_figures_are_json_with_plain_keys() -> None:
    counting = CellCount(0, DAY, PARIS)
    call = Call("lab", "1.1", 5, caller="+331", verdict=Verdict.MET)
    counting.count(call)
    figures = plain(counting.result())
    assert orjson.loads(orjson.dumps(figures)) == figures
    assert figures["by_queue"][0][0] == ["lab", ""]
    assert figures["zone"] == "Europe/Paris"


def test_of_three_years_weeks_and_months_are_told_apart_and_days_are_not() -> None:
    since = 1_672_527_600_000  # 2023 in Paris
    until = since + 3 * 365 * DAY
    rng = random.Random(3)
    made = CellCount(since, until, PARIS)
    expected = PeriodCount(since, until, PARIS, [one for one in ALL if one is not Dimension.DAY])
    for n in range(300):
        call = random_call(n, rng)
        call.arrived_at = since + rng.randrange(until - since)
        made.count(call)
        expected.count(call)
    found = made.result()
    assert (len(found.by_month), found.by_day) == (36, [])
    assert plain(found) == plain(expected.result())


def test_differences_name_the_figure() -> None:
    said = {"total": {"met": 5, "list": [1, {"a": 2}]}, "extra": 1}
    counted = {"total": {"met": 6, "list": [1, {"a": 2}], "newer": 1}}
    assert list(differences(said, counted, [])) == [
        "total.met is 5; the documents say 6",
        "extra is 1; the documents say nothing of it",
    ]
    assert list(differences([1], [1, 2], [], "x")) == ["x is [1]; the documents say [1,2]"]
    assert list(differences(True, 1, [], "x")) == ["x is true; the documents say 1"]
