"""Pages of decisions and commands, compared with a search through all of them."""

import random
from collections import Counter
from dataclasses import replace
from itertools import product

import pytest

from monitor.core.effects import CommandIssued, DecisionMade
from monitor.core.overflow.decisions import Command, Decision, Outcome, Verb
from monitor.history import BatchWriter, History
from monitor.history.overflow import OverflowRecord
from monitor.history.overflow_log import CommandFilter, DecisionFilter, OverflowLog
from tests.history.overflow_samples import ORDERS, full_command, full_decision
from tests.history.samples import START


@pytest.fixture(scope="module")
def decisions() -> list[Decision]:
    rng = random.Random(11)
    made = [
        replace(
            full_decision(f"d{number:03}"),
            at=START + rng.randrange(40),
            pbx=rng.choice(["lab", "paris"]),
            queue=rng.choice(["support", "sales"]),
            rule_id=rng.choice(["", "rescue", "help"]),
            call_id=f"lab:{rng.randrange(20)}",
            verb=rng.choice([Verb.MOVE, Verb.STAY]),
            held_back=rng.random() < 0.5,
        )
        for number in range(200)
    ]
    return sorted(made, key=lambda d: (d.at, d.id), reverse=True)


@pytest.fixture(scope="module")
def commands() -> list[Command]:
    rng = random.Random(12)
    made = [
        replace(
            full_command(f"c{number:03}", rng.choice(ORDERS)),
            issued_at=START + rng.randrange(40),
            pbx=rng.choice(["lab", "paris"]),
            queue=rng.choice(["support", "sales"]),
            rule_id=rng.choice(["", "rescue"]),
            call_id=f"lab:{rng.randrange(20)}",
            decision_id=f"d{rng.randrange(50)}",
            outcome=rng.choice([Outcome.MOVED, Outcome.FAILED]),
        )
        for number in range(200)
    ]
    return sorted(made, key=lambda c: (c.issued_at, c.id), reverse=True)


@pytest.fixture
def log(history: History, decisions: list[Decision], commands: list[Command]) -> OverflowLog:
    with BatchWriter(history) as writer:
        writer.on_effects([DecisionMade(one) for one in decisions])
        writer.on_effects([CommandIssued(one) for one in commands])
    return OverflowRecord(history).log


def read_decisions(log: OverflowLog, wanted: DecisionFilter, limit: int) -> list[Decision]:
    found, cursor = list[Decision](), None
    while True:
        page = log.decisions(wanted, limit=limit, cursor=cursor)
        found += page.decisions
        cursor = page.next_cursor
        if cursor is None:
            return found


def read_commands(log: OverflowLog, wanted: CommandFilter, limit: int) -> list[Command]:
    found, cursor = list[Command](), None
    while True:
        page = log.commands(wanted, limit=limit, cursor=cursor)
        found += page.commands
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_every_filter_of_decisions_finds_what_a_search_finds(
    log: OverflowLog, decisions: list[Decision]
) -> None:
    for since, pbx, queue, rule, call, verb, held_back in product(
        (None, START + 10), (None, "lab"), (None, "sales"), (None, "", "help"),
        (None, "lab:3"), (None, Verb.MOVE), (None, True, False),
    ):  # fmt: skip
        until = None if since is None else START + 30
        wanted = DecisionFilter(since, until, pbx, queue, rule, call, verb, held_back)
        expected = [
            d
            for d in decisions
            if (since is None or START + 10 <= d.at < START + 30)
            and (pbx is None or d.pbx == pbx)
            and (queue is None or d.queue == queue)
            and (rule is None or d.rule_id == rule)
            and (call is None or d.call_id == call)
            and (verb is None or d.verb is verb)
            and (held_back is None or d.held_back is held_back)
        ]
        assert read_decisions(log, wanted, 70) == expected


def test_every_filter_of_commands_finds_what_a_search_finds(
    log: OverflowLog, commands: list[Command]
) -> None:
    for pbx, queue, rule, call, decision, outcome in product(
        (None, "lab"), (None, "sales"), (None, "rescue"), (None, "lab:3"), (None, "d7"),
        (None, Outcome.FAILED),
    ):  # fmt: skip
        wanted = CommandFilter(None, START + 30, pbx, queue, rule, call, decision, outcome)
        expected = [
            c
            for c in commands
            if c.issued_at < START + 30
            and (pbx is None or c.pbx == pbx)
            and (queue is None or c.queue == queue)
            and (rule is None or c.rule_id == rule)
            and (call is None or c.call_id == call)
            and (decision is None or c.decision_id == decision)
            and (outcome is None or c.outcome is outcome)
        ]
        assert read_commands(log, wanted, 70) == expected


def test_pages_neither_overlap_nor_leave_out(log: OverflowLog, decisions: list[Decision]) -> None:
    assert read_decisions(log, DecisionFilter(), 3) == decisions
    first = log.decisions(limit=200)
    assert (first.decisions, first.next_cursor) == (decisions, None)


def test_counts_are_those_of_the_span(
    log: OverflowLog, decisions: list[Decision], commands: list[Command]
) -> None:
    counts = log.counts(START + 10, START + 30)
    within = [d for d in decisions if START + 10 <= d.at < START + 30]
    assert counts.decisions == Counter((d.rule_id, d.verb, d.held_back) for d in within)
    assert sum(counts.commands.values()) == sum(
        START + 10 <= c.issued_at < START + 30 for c in commands
    )
    everything = log.counts(0, 2**62).commands
    assert sum(n for (_, outcome), n in everything.items() if outcome is Outcome.MOVED) == sum(
        c.outcome is Outcome.MOVED for c in commands
    )


def test_commands_that_a_crash_left_open_are_not_observed(
    history: History, log: OverflowLog
) -> None:
    open_ = replace(full_command("open"), outcome=Outcome.PENDING, observed_at=None)
    before = log.command("c001")
    with BatchWriter(history) as writer:
        writer.on_effects([CommandIssued(open_)])
    record = OverflowRecord(history)
    assert record.end_pending(START + 9_000) == 1
    assert record.end_pending(START + 9_999) == 0
    ended = log.command("open")
    assert ended == replace(open_, outcome=Outcome.NOT_OBSERVED, observed_at=START + 9_000)
    assert log.command("c001") == before
