"""The soak's own means: what counts as the truth, and what it finds wrong with a record."""

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.core.records import BlindInterval, Call, Exit, Fact, FactKind, Reason, Verdict, Visit
from tests.asterisk_lab.capture import TRACES
from tests.asterisk_lab.more_scenarios import MORE
from tests.asterisk_lab.queue_log import Line
from tests.asterisk_lab.scenarios import REQUIRED, Row
from tests.soak.checks import Case, problems, tell
from tests.soak.records import Told
from tests.soak.truth import TrueCall, read_truth

ROWS = [row for row in (*REQUIRED, *MORE) if all(call.expected for call in row.calls)]


@pytest.mark.parametrize("version", ["22", "16"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_truth_of_a_capture_is_what_the_row_says(
    row: Row, version: str, tmp_path: Path
) -> None:
    path = TRACES / f"asterisk-{version}" / f"{row.name}.ami"
    if not path.exists():
        raw = gzip.decompress(path.with_suffix(".ami.gz").read_bytes())
        path = tmp_path / "capture.ami"
        path.write_bytes(raw)
    expected = [call.expected.verdict for call in row.calls if call.expected is not None]
    assert sorted(true.verdict for true in read_truth(path).calls.values()) == sorted(expected)


T0 = 1_795_000_000_000


def a_call(verdict: Verdict = Verdict.ABANDONED) -> Call:
    """A caller who gave up after 1.5 s in the queue."""
    call = Call("lab", "1.1", T0, closed=True, ended_at=T0 + 1500, verdict=verdict)
    call.reason = Reason.CALLER_HUNG_UP
    call.visits.append(Visit("sales", T0, 3000, left_at=T0 + 1500, exit=Exit.ABANDONED))
    detail: dict[str, str | int | None] = {"verdict": verdict.value, "previous": "pending"}
    call.facts += [
        Fact(T0, FactKind.ARRIVED, {}),
        Fact(T0 + 1500, FactKind.VERDICT, detail),
    ]
    return call


def a_case(*calls: Call, faulty: bool = False, blind: tuple[int, int] | None = None) -> Case:
    """What a monitor with these records tells, and that one caller came, who gave up."""
    counts = {verdict.value: sum(call.verdict is verdict for call in calls) for verdict in Verdict}
    figures = {**counts, "calls": len(calls), "short_abandons": 0}
    exits = [visit.exit for call in calls for visit in call.visits]
    tally = {
        "offered": len(exits),
        **{name: exits.count(Exit(name)) for name in ("answered", "abandoned", "unknown")},
    }
    listed: list[dict[str, Any]] = [
        {
            "verdict": call.verdict.value,
            "short_abandon": False,
            "arrived_at": "2026-11-21",
            "visits": [
                {"queue": "sales", "joined_at": "2026-11-21", "exit": visit.exit, "wait_s": 1.5}
                for visit in call.visits
            ],
        }
        for call in calls
    ]
    told = Told(
        {call.uniqueid: call for call in calls},
        [],
        [BlindInterval("lab", *blind, "cut")] if blind else [],
        {"today": figures, "queues": [{"name": "sales", "today": tally}], "calls": []},
        {"from": "2026-11-21", "total": {"commitment": figures}, "by_queue": {"sales": tally}},
        listed,
    )
    true = TrueCall("1.1", T0, ended=T0 + 1500, hung_up=True)
    lines = [
        Line(T0 / 1000, "1.1", "sales", "NONE", "ENTERQUEUE", ("", "07", "1")),
        Line(T0 / 1000 + 1.5, "1.1", "sales", "NONE", "ABANDON", ("1", "1", "1")),
    ]
    return Case(told, {"1.1": true}, lines, faulty=faulty)


def texts(case: Case) -> list[str]:
    return [problem.text for problem in problems(case)]


def test_a_true_record_is_without_problems() -> None:
    assert texts(a_case(a_call())) == []


def test_a_lost_call_is_found_unless_it_lies_in_a_blind_interval() -> None:
    assert texts(a_case()) == ["came, but is not recorded"]
    assert texts(a_case(faulty=True, blind=(T0 + 1, T0 + 9000))) == ["came, but is not recorded"]
    unseen = a_case(faulty=True, blind=(T0 - 1, T0 + 9000))
    assert texts(unseen) == []
    # the queue log knows it: after reading that in, it has to be there
    assert texts(replace(unseen, reconciled=True)) == ["came, but is not recorded"]


def test_a_call_that_never_came_is_found() -> None:
    other = a_call()
    other.uniqueid = "1.2"
    assert texts(a_case(a_call(), other)) == ["is recorded, but never came"]


def test_a_channel_that_stood_for_a_caller_unseen_may_have_a_record() -> None:
    leg = a_call()
    leg.uniqueid = "1.9"
    case = a_case(a_call(), leg, faulty=True, blind=(T0 - 1, T0 + 9000))
    lines = [*case.lines, *(replace(line, callid="1.9") for line in case.lines)]
    case = replace(case, lines=lines, stand_ins={"1.9": "1.1"})
    assert texts(case) == ["is recorded, but never came"]
    assert texts(replace(case, reconciled=True)) == []
    assert texts(replace(case, reconciled=True, stand_ins={})) == ["is recorded, but never came"]


def test_a_visit_that_the_log_gave_back_under_another_id_is_the_callers() -> None:
    case = a_case(a_call(), faulty=True, blind=(T0 - 1, T0 + 9000))
    lines = [replace(line, callid="1.9") for line in case.lines]
    case = replace(case, lines=lines, reconciled=True)
    assert texts(case) == ["1 visits recorded, 0 logged"]
    case.truth["1.1"].linkedid = "1.0"
    assert texts(replace(case, stand_ins={"1.9": "1.0"})) == []


def test_a_wrong_verdict_is_found_and_only_unknown_is_excused() -> None:
    blind = (T0 + 1000, T0 + 2000)
    wrong = a_call(Verdict.MET)
    assert len(texts(a_case(wrong))) == 1
    assert len(texts(a_case(wrong, faulty=True, blind=blind))) == 1
    unknown = a_call(Verdict.UNKNOWN)
    assert len(texts(a_case(unknown))) == 1
    assert len(texts(a_case(unknown, faulty=True, blind=(T0 + 5000, T0 + 6000)))) == 1
    assert texts(a_case(unknown, faulty=True, blind=blind)) == []


def test_another_exit_than_the_logged_is_found() -> None:
    call = a_call()
    call.visits[0].exit = Exit.TIMEOUT
    assert texts(a_case(call)) == ["sales timeout, logged sales abandoned"]
    assert texts(a_case(call, faulty=True, blind=(T0 + 5000, T0 + 6000))) != []
    seen_in_part = a_case(call, faulty=True, blind=(T0 + 1000, T0 + 2000))
    assert texts(seen_in_part) == ["made up: sales timeout, logged abandoned"]
    call.visits[0].exit = Exit.UNKNOWN
    unknown = a_case(call, faulty=True, blind=(T0 + 1000, T0 + 2000))
    assert texts(unknown) == []
    assert texts(replace(unknown, reconciled=True)) != []


def test_a_log_that_lags_is_excused_only_where_the_moments_are_those_of_ami() -> None:
    case = a_case(a_call())
    late = [replace(line, time=line.time + 2.5) for line in case.lines]
    assert len(texts(replace(case, lines=late))) == 2
    case.truth["1.1"].waits.append((T0, T0 + 1500))
    assert texts(replace(case, lines=late)) == []
    case.told.calls["1.1"].visits[0].left_at = T0 + 1400
    assert len(texts(replace(case, lines=late))) == 2


def test_a_verdict_that_no_fact_leads_to_is_found() -> None:
    call = a_call()
    del call.facts[1]
    assert len(texts(a_case(call))) == 2


def test_wrong_figures_are_found() -> None:
    case = a_case(a_call())
    case.told.live["today"] = {**case.told.live["today"], "abandoned": 2}
    assert texts(case) == ["/live tells 2 abandoned, the calls are 1"]


def test_a_story_shows_no_whole_number(tmp_path: Path) -> None:
    tap = tmp_path / "tap.ami"
    tap.write_bytes(
        b"Asterisk Call Manager/11.0.0\r\nEvent: Newchannel\r\nTimestamp: 1.5\r\nUniqueid: 1.1\r\n"
        b"CallerIDNum: 0700000123\r\n\r\n"
    )
    case = a_case()
    (problem,) = problems(case)
    told = tell(case, problem, tap)
    assert "Newchannel" in told
    assert "sales" in told
    assert "0700000123" not in told
