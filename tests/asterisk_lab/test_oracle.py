"""The lab's own parts that need no Asterisk: the oracle, apt's sources, ports, and the captures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.asterisk_lab import apt, queue_log
from tests.asterisk_lab.capture import TRACES
from tests.asterisk_lab.moves import MOVES
from tests.asterisk_lab.ports import PortBlock
from tests.asterisk_lab.rows import ROWS
from tests.asterisk_lab.scenarios import Row

LOG = """\
1795293806|MANAGER|support|PJSIP/agent1|ADDMEMBER|
1795293806|lab-1|support|NONE|ENTERQUEUE||0603400000|1
1795293807|lab-1|support|Agent agent1|RINGNOANSWER|1000
1795293808|lab-1|support|NONE|EXITWITHTIMEOUT|1|1|2
1795293808|lab-1|sales|NONE|ENTERQUEUE||0603400000|1
1795293809|lab-1|sales|Agent agent2|CONNECT|1|lab-3|0
1795293811|lab-1|sales|Agent agent2|COMPLETEAGENT|1|2|1
1795293811|lab-2|sales|NONE|ENTERQUEUE||0603400001|1
"""

NOT_LOGGED = {"join_empty", "full"}
"""Exits that the queue log does not know: the caller never was in the queue."""

LOGGED_AS = {"redirected": "abandoned"}
"""Exits that the queue log calls by another name."""


def test_the_queue_log_becomes_visits() -> None:
    calls = queue_log.visits(queue_log.parse_file(LOG))

    support, sales = calls["lab-1"]
    assert (support.exit, support.wait_s, support.left) == ("timeout", 2, 1795293808.0)
    assert support.ring_no_answers == ["Agent agent1"]
    assert (sales.exit, sales.agent, sales.wait_s, sales.talk_s) == (
        "answered",
        "Agent agent2",
        1,
        2,
    )
    assert [visit.exit for visit in calls["lab-2"]] == [None]


def test_precise_lines_are_written_and_read_alike() -> None:
    lines = queue_log.parse_file(LOG.replace("1795293806|", "1795293806.123456|"))

    assert queue_log.parse_file(queue_log.format_lines(lines)) == lines


@pytest.mark.parametrize(
    ("one_line", "deb822", "mirror"),
    [
        ("# deb http://snapshot.invalid/debian sid main\n", "", None),
        (
            (
                "deb-src http://a.invalid/debian sid main\n"
                "deb [arch=amd64 signed-by=/k.gpg] http://b.invalid/debian/ bookworm main # ours\n"
            ),
            "",
            "http://b.invalid/debian",
        ),
        (
            "deb http://tools.invalid/apt bookworm main\n",
            (
                "Types: deb\n# http://snapshot.invalid/archive/debian/20250520T000000Z\n"
                "URIs: http://c.invalid/debian\nSuites: bookworm bookworm-updates\n"
                "Components: main\n"
            ),
            "http://c.invalid/debian",
        ),
        (
            "",
            (
                "Types: deb\nURIs: http://d.invalid/debian-security\nSuites: bookworm-security\n"
                "Components: main\n\nEnabled: no\nTypes: deb\nURIs: http://e.invalid/debian\n"
                "Suites: bookworm\nComponents: main\n\n"
                "Types: deb deb-src\nURIs:\n http://f.invalid/mirror\nSuites: bookworm\n"
                "Components: main contrib\n"
            ),
            "http://f.invalid/mirror",
        ),
    ],
)
def test_the_mirror_is_read_from_both_forms(one_line: str, deb822: str, mirror: str | None) -> None:
    sources = [*apt.parse_one_line(one_line), *apt.parse_deb822(deb822)]

    assert apt.choose(sources) == mirror


def test_two_labs_never_share_a_port() -> None:
    one, other = PortBlock(), PortBlock()
    try:
        ports = [block.take() for block in (one, other) for _ in range(20)]
        assert len(set(ports)) == 40
    finally:
        one.release()
        other.release()


def test_ports_come_back_but_never_the_reserved_ones() -> None:
    block = PortBlock()
    try:
        reserved = {block.take() for _ in range(5)}
        block.reserve()
        later = {block.take() for _ in range(300)}
        assert not reserved & later
    finally:
        block.release()


@pytest.mark.parametrize("version", ["22", "16"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_capture_shows_what_its_row_promises(row: Row, version: str) -> None:
    folder = TRACES / f"asterisk-{version}"
    expected = sorted(
        [
            (queue, LOGGED_AS.get(exit_, exit_))
            for queue, exit_ in call.expected.visits
            if exit_ not in NOT_LOGGED
        ]
        for call in row.calls
        if call.expected is not None
    )

    for name in (f"{row.name}.queue_log", f"{row.name}.precise.queue_log"):
        lines = queue_log.read_file(Path(folder / name))
        calls = queue_log.visits(lines)
        seen = sorted([(visit.queue, visit.exit) for visit in stays] for stays in calls.values())
        if row in MOVES:
            # a caller's visits may be logged under several ids, and an agent's own are logged too
            promised = Counter(str(visit) for visits in expected for visit in visits)
            logged = Counter(str(visit) for visits in seen for visit in visits)
            assert promised <= logged
            assert (logged - promised).total() == row.unrecorded
        elif expected:
            assert seen == [visits for visits in expected if visits]
        # where only the oracle can tell, it must at least know how each visit ended
        assert all(exit_ is not None for stays in seen for _, exit_ in stays)
