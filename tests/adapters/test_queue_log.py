"""Lines of a queue log, and the calls that they tell of."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.clock import DAY, SECOND
from monitor.core.logged import LoggedCall
from monitor.core.records import Exit
from telephony_adapters.asterisk.queue_log import (
    Line,
    QueueLogError,
    QueueLogFiles,
    find_files,
    parse,
    with_rotated,
)
from telephony_adapters.asterisk.queue_log_calls import CallCollector, collect
from telephony_adapters.asterisk.queue_log_live import recent_lines

AT = 1_795_000_000
ID = f"pbx-{AT}.1"


def row(seconds: float, event: str, *, agent: str = "NONE", id_: str = ID, queue: str = "q") -> str:
    """``event`` with its data, so many seconds after the first line."""
    at = f"{AT + seconds:.3f}" if isinstance(seconds, float) else str(AT + seconds)
    return f"{at}|{id_}|{queue}|{agent}|{event}\n"


def calls_of(*rows: str) -> list[LoggedCall]:
    lines = [line for one in rows if (line := parse(one)) is not None]
    assert len(lines) == len(rows)
    return list(collect(lines, CallCollector()))


def one_call(*rows: str) -> LoggedCall:
    (call,) = calls_of(*rows)
    return call


# --- lines --------------------------------------------------------------------------------------


def test_a_line_has_its_fields() -> None:
    assert parse(f"{AT}|{ID}|q|Agent A|CONNECT|3|pbx-1.2|1\r\n") == Line(
        AT * SECOND, ID, "q", "Agent A", "CONNECT", ["3", "pbx-1.2", "1"]
    )


@pytest.mark.parametrize(
    ("text", "at"),
    [("1795000000", 1_795_000_000_000), ("1795000000.5", 1_795_000_000_500),
     ("1795000000.123456", 1_795_000_000_123)],
)  # fmt: skip
def test_the_time_may_have_a_fraction(text: str, at: int) -> None:
    line = parse(f"{text}|a|q|NONE|ABANDON|1|1|1")
    assert line is not None
    assert line.at == at


@pytest.mark.parametrize("name", ["Jean|Pierre", "a|b|c", "|", "ABANDONED|x"])
def test_a_bar_in_an_agents_name_is_part_of_the_name(name: str) -> None:
    line = parse(f"{AT}|{ID}|q|{name}|CONNECT|3|pbx-1.2|1")
    assert line is not None
    assert (line.agent, line.event, line.data[0]) == (name, "CONNECT", "3")


@pytest.mark.parametrize(
    "text",
    ["", "what", "1|2|3|4", "x|a|q|NONE|ABANDON", "|a|q|NONE|ABANDON", "17950.x|a|q|NONE|ABANDON",
     "999999999999999|a|q|NONE|ABANDON", f"{AT}|a|q|NONE|", f"{AT}|a|q|NONE|half of it <"],
)  # fmt: skip
def test_what_is_no_line_is_malformed(text: str) -> None:
    assert parse(text) is None


def test_an_event_of_the_dialplans_own_is_no_mistake() -> None:
    line = parse(f"{AT}|{ID}|q|NONE|SURVEY_DONE|5")
    assert line is not None
    assert line.event == "SURVEY_DONE"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    line = parse(text)
    if line is not None:
        CallCollector().add(line)


ANY_EVENT = st.sampled_from(
    [
        "ENTERQUEUE", "CONNECT", "ABANDON", "COMPLETECALLER|1|2|3", "RINGNOANSWER|9", "AGENTDUMP",
        "EXITWITHKEY", "TRANSFER|a|b", "QUEUESTART",
    ]
)  # fmt: skip


@given(st.lists(ANY_EVENT, max_size=12))
def test_no_order_of_lines_breaks_it(events: list[str]) -> None:
    lines = [parse(row(n, event)) for n, event in enumerate(events)]
    for call in collect((line for line in lines if line is not None), CallCollector()):
        assert call.visits
        assert all(v.left_at is None or v.left_at >= v.joined_at for v in call.visits)


# --- calls --------------------------------------------------------------------------------------

ENTERED = row(0, "ENTERQUEUE||0612|2")


@pytest.mark.parametrize(
    ("event", "exit_"),
    [("ABANDON|1|1|9", Exit.ABANDONED), ("EXITWITHTIMEOUT|1|1|9", Exit.TIMEOUT),
     ("EXITWITHKEY|1|1|1|9", Exit.KEY), ("EXITEMPTY|1|1|9", Exit.LEAVE_EMPTY),
     ("WITHDRAW|1|1|9|minuteur", Exit.WITHDRAWN)],
)  # fmt: skip
def test_each_way_out_of_a_queue(event: str, exit_: Exit) -> None:
    visit = one_call(ENTERED, row(9, event)).visits[0]
    assert (visit.exit, visit.number, visit.position) == (exit_, "0612", 2)
    assert (visit.joined_at, visit.left_at) == (AT * SECOND, (AT + 9) * SECOND)


@pytest.mark.parametrize(
    ("event", "by"),
    [("COMPLETECALLER|5|20|1", "caller"), ("COMPLETEAGENT|5|20|1", "agent"),
     ("BLINDTRANSFER|100|internal|5|20|1", "transfer"),
     ("TRANSFER|100|internal|5|20|1", "transfer"),
     ("ATTENDEDTRANSFER|BRIDGE|7f-9|5|20|1", "transfer"),
     ("ATTENDEDTRANSFER|APP|Queue|5|20|1", "transfer"),
     ("ATTENDEDTRANSFER|LINK|PJSIP/a-1|PJSIP/b-2|5|20|1", "transfer")],
)  # fmt: skip
def test_each_end_of_a_conversation(event: str, by: str) -> None:
    answered = row(5, "CONNECT|5|pbx-9.9|1", agent="Anna")
    call = one_call(ENTERED, answered, row(25, event, agent="Anna"))
    visit = call.visits[0]
    assert (visit.exit, visit.agent, visit.ended_by) == (Exit.ANSWERED, "Anna", by)
    assert (visit.answered_at, visit.ended_at) == ((AT + 5) * SECOND, (AT + 25) * SECOND)
    # The same conversation, of which only the end stands in the file:
    (alone,) = one_call(row(25, event, agent="Anna")).visits
    assert (alone.joined_at, alone.answered_at) == (visit.joined_at, visit.answered_at)


def test_members_who_did_not_answer_and_who_hung_up_are_kept() -> None:
    call = one_call(
        ENTERED,
        row(3, "RINGNOANSWER|3000", agent="Anna"),
        row(4, "RINGCANCELED|500", agent="Bert"),
        row(6, "AGENTDUMP", agent="Carl"),
        row(9, "ABANDON|1|1|9"),
    )
    visit = call.visits[0]
    assert [(missed.agent, missed.rang) for missed in visit.missed] == [("Anna", 3000)]
    assert visit.dumps == [((AT + 6) * SECOND, "Carl")]


def test_an_abandon_before_another_queue_was_a_redirect() -> None:
    call = one_call(
        ENTERED, row(5, "ABANDON|1|1|5"), row(5, "ENTERQUEUE||0612|1", queue="r"),
        row(9, "ABANDON|1|1|4", queue="r"),
    )  # fmt: skip
    assert [visit.exit for visit in call.visits] == [Exit.REDIRECTED, Exit.ABANDONED]


def test_lines_that_come_twice_count_once() -> None:
    ended = row(9, "ABANDON|1|1|9")
    assert len(one_call(ENTERED, ENTERED, ended, ended).visits) == 1


def test_a_call_that_is_not_over_stays_in_the_collector() -> None:
    collector = CallCollector()
    line = parse(ENTERED)
    assert line is not None
    assert list(collect([line], collector)) == []
    assert list(collector.calls) == [ID]


def test_after_a_restart_of_asterisk_or_a_silent_day_it_will_not_be_told_any_more() -> None:
    restarted = one_call(ENTERED, row(9, "QUEUESTART|", id_="NONE", queue="NONE"))
    later = row(DAY // SECOND + 1, "CONFIGRELOAD|", id_="NONE", queue="NONE")
    assert restarted.cut_off
    assert one_call(ENTERED, later).cut_off


def test_an_agent_in_a_conversation_who_joins_a_queue_is_no_caller() -> None:
    talks = row(2, "CONNECT|2|pbx-9.9|1", agent="PJSIP/101")
    asks = [row(9, "ENTERQUEUE||101|1", id_="x.1"), row(12, "ABANDON|1|1|3", id_="x.1")]
    ends = row(30, "COMPLETECALLER|2|28|1", agent="PJSIP/101")
    found = {call.uniqueid: call for call in calls_of(ENTERED, talks, *asks, ends)}
    assert {id_: call.consultation for id_, call in found.items()} == {ID: False, "x.1": True}
    (after,) = [c for c in calls_of(ENTERED, talks, ends, *asks) if c.uniqueid == "x.1"]
    assert not after.consultation


def test_what_a_masquerade_leaves_in_the_queue_ends_the_callers_visit() -> None:
    call = one_call(ENTERED, row(7, "ABANDON|1|1|7", id_="pbx-2.2"))
    assert (call.uniqueid, call.visits[0].exit) == (ID, Exit.REDIRECTED)


# --- files --------------------------------------------------------------------------------------


def test_parts_are_read_in_order_of_time_whatever_their_names(tmp_path: Path) -> None:
    (tmp_path / "queue_log").write_text(row(50, "CONFIGRELOAD|"))
    (tmp_path / "queue_log-20260101.gz").write_bytes(gzip.compress(row(10, "QUEUESTART|").encode()))
    (tmp_path / "queue_log.1").write_text(row(20, "PAUSE|") + row(40, "UNPAUSE|"))
    (tmp_path / "queue_log.copy").write_text(row(30, "PAUSEALL|"))
    (tmp_path / "other").write_text("no")
    files = QueueLogFiles(find_files([tmp_path]))
    assert [line.event for line in files.lines()] == [
        "QUEUESTART", "PAUSE", "PAUSEALL", "UNPAUSE", "CONFIGRELOAD",
    ]  # fmt: skip


def test_what_was_rotated_away_is_found_beside_the_log(tmp_path: Path) -> None:
    names = ["queue_log", "queue_log.1", "queue_log-20260101.gz", "queue_logs.txt", "messages"]
    for name in names:
        (tmp_path / name).touch()
    found = with_rotated(tmp_path / "queue_log")
    assert sorted(path.name for path in found) == sorted(names[:3])


def test_a_pattern_that_matches_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(QueueLogError, match="nothing matches"):
        find_files([tmp_path / "queue*"])


def test_the_newest_lines_of_a_long_log_are_found_by_searching(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text("".join(row(n, "CONFIGRELOAD|" + "x" * 50) for n in range(20_000)))
    found = list(recent_lines(log, (AT + 19_990) * SECOND))
    assert [line.at // SECOND - AT for line in found] == list(range(19_990, 20_000))
