"""Agents' time in the database: added up exactly, read by the centre's days, agreeing with SQL."""

import random
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text

from monitor.core.agent_time import (
    COUNTS,
    AgentDimension,
    AgentTime,
    AgentTimes,
    PauseKey,
    TimeKey,
)
from monitor.core.clock import DAY, HOUR, MINUTE, Ms
from monitor.history import History
from monitor.history.agent_time import AgentTimeReader, AgentTimeRecord

PARIS = ZoneInfo("Europe/Paris")
MIDNIGHT: Ms = round(datetime(2026, 3, 28, tzinfo=PARIS).timestamp()) * 1000
"""The day before summer time begins."""
ALL = tuple(AgentDimension)


def counts(**named: int) -> list[int]:
    return [named.get(name, 0) for name in COUNTS]


def batch(*rows: tuple[TimeKey, list[int]], number: int = 0) -> AgentTimes:
    return AgentTimes(dict(rows), number=number)


def key(at: Ms, team: str = "", agent: str = "", queue: str = "", pbx: str = "lab") -> TimeKey:
    return TimeKey(at, pbx, team, agent, queue)


def test_what_is_added_is_added_up(history: History) -> None:
    record, reader = AgentTimeRecord(history), AgentTimeReader(history)
    for number in (1, 2):
        record.add(
            AgentTimes(
                {
                    key(MIDNIGHT, "a"): counts(available=20 * MINUTE, paused=10 * MINUTE),
                    key(MIDNIGHT, "a", queue="support"): counts(talk=MINUTE, conversations=1),
                },
                {PauseKey(MIDNIGHT, "lab", "a", "", "lunch"): 10 * MINUTE},
                number=number,
            )
        )
    found = reader.read(MIDNIGHT, MIDNIGHT + DAY, PARIS, by=ALL)

    assert found.total == found.by_team["a"] == found.by_pbx["lab"]
    assert found.total.available == 40 * MINUTE
    assert found.total.pauses == Counter({"lunch": 20 * MINUTE})
    assert found.by_queue["lab", "support"].conversations == 2
    assert found.by_agent == {}


def test_a_batch_whose_answer_was_lost_is_not_added_twice(history: History) -> None:
    record = AgentTimeRecord(history)
    first = batch((key(MIDNIGHT), counts(talk=MINUTE)), number=7)
    second = batch((key(MIDNIGHT), counts(talk=MINUTE)), number=8)
    for one in (first, first, second, second):
        record.add(one)
    total = AgentTimeReader(history).read(MIDNIGHT, MIDNIGHT + DAY, PARIS).total
    assert total.talk == 2 * MINUTE


def test_who_was_logged_in_is_known_after_a_restart(history: History) -> None:
    record = AgentTimeRecord(history)
    anna, ben = ("lab", "PJSIP/anna"), ("lab", "PJSIP/ben")
    record.add(AgentTimes(until={"lab": 5}, present={anna: "Anna", ben: "Ben"}, number=1))
    record.add(AgentTimes(until={"lab": 9}, present={anna: "Anna"}, number=2))
    assert record.recall() == ({anna: "Anna"}, {"lab": 9})


def test_each_agents_time_has_its_name(history: History) -> None:
    record, anna = AgentTimeRecord(history), ("lab", "PJSIP/anna")
    row = (key(MIDNIGHT, agent=anna[1]), counts(talk=MINUTE))
    for number, name in enumerate(("Anna", "Anna Martin"), 1):
        record.add(AgentTimes(dict([row]), present={anna: name}, number=number))
    found = AgentTimeReader(history).read(
        MIDNIGHT, MIDNIGHT + DAY, PARIS, by=(AgentDimension.AGENT,)
    )
    assert found.by_agent[anna].talk == 2 * MINUTE
    assert found.names == {anna: "Anna Martin"}


def test_days_are_the_centres_also_when_its_clocks_change(history: History) -> None:
    record = AgentTimeRecord(history)
    hours = [MIDNIGHT + number * HOUR for number in range(3 * 24)]
    record.add(batch(*((key(at), counts(available=HOUR)) for at in hours)))
    found = AgentTimeReader(history).read(
        MIDNIGHT, MIDNIGHT + 3 * DAY - HOUR, PARIS,
        by=(AgentDimension.DAY, AgentDimension.WEEK, AgentDimension.MONTH),
    )  # fmt: skip

    assert [time.available // HOUR for _, time in found.by_day] == [24, 23, 24]
    assert [time.available // HOUR for _, time in found.by_week] == [24 + 23, 24]
    assert [time.available // HOUR for _, time in found.by_month] == [71]


def test_of_some_queues_only_what_conversations_took_is_counted(history: History) -> None:
    AgentTimeRecord(history).add(
        batch(
            (key(MIDNIGHT), counts(available=HOUR)),
            (key(MIDNIGHT, queue="support"), counts(talk=MINUTE, conversations=1)),
            (key(MIDNIGHT, queue="sales"), counts(talk=MINUTE, wrap_up=MINUTE, conversations=1)),
        )
    )
    found = AgentTimeReader(history).read(
        MIDNIGHT, MIDNIGHT + DAY, PARIS, by=ALL, sees=lambda _, queue: queue == "sales"
    )
    assert found.total == AgentTime(talk=MINUTE, wrap_up=MINUTE, conversations=1)
    assert list(found.by_queue) == [("lab", "sales")]


def test_every_part_agrees_with_plain_sql(history: History) -> None:
    chance = random.Random(6)
    record = AgentTimeRecord(history)
    for number in range(1, 9):
        rows = {
            key(
                MIDNIGHT + chance.randrange(24 * 40) * HOUR, chance.choice(["", "a", "b"]),
                chance.choice(["", "PJSIP/1", "PJSIP/2"]), chance.choice(["", "support", "sales"]),
                chance.choice(["lab", "lyon"]),
            ): [chance.randrange(HOUR) for _ in COUNTS]
            for _ in range(200)
        }  # fmt: skip
        record.add(AgentTimes(rows, number=number))
    since, until = MIDNIGHT + 5 * HOUR, MIDNIGHT + 38 * DAY
    found = AgentTimeReader(history).read(since, until, PARIS, by=ALL)

    sums = ", ".join(f"sum({name})" for name in COUNTS)
    where = f"FROM agent_time WHERE at >= {since} AND at < {until}"
    with history.reading() as connection:

        def asked(columns: str, more: str = "") -> list[tuple[object, ...]]:
            group = f" GROUP BY {columns}" if columns else ""
            named = f"{columns}, " if columns else ""
            query = f"SELECT {named}{sums} {where}{more}{group}"
            return [tuple(row) for row in connection.execute(text(query))]

        def plain(rows: list[tuple[object, ...]], keys: int) -> dict[tuple[object, ...], list[int]]:
            return {row[:keys]: [int(str(n)) for n in row[keys:]] for row in rows}

        team = " AND agent = ''"
        assert [numbers(found.total)] == list(plain(asked("", team), 0).values())
        for columns, parts in (
            ("pbx", {(k,): v for k, v in found.by_pbx.items()}),
            ("team", {(k,): v for k, v in found.by_team.items()}),
        ):
            assert {k: numbers(v) for k, v in parts.items()} == plain(asked(columns, team), 1)
        of_agents = plain(asked("pbx, agent", " AND agent <> ''"), 2)
        assert {k: numbers(v) for k, v in found.by_agent.items()} == of_agents
        of_queues = plain(asked("pbx, queue", team + " AND queue <> ''"), 2)
        ours = {k: [v.talk, v.hold, v.wrap_up, v.conversations] for k, v in found.by_queue.items()}
        assert ours == {k: v[:4] for k, v in of_queues.items()}
        by_day: Counter[str] = Counter()
        for row in plain(asked("at", team), 1).items():
            by_day[_day(int(str(row[0][0])))] += row[1][0]
    days = {_day(bucket.begin): time.talk for bucket, time in found.by_day if time.talk}
    assert days == dict(by_day)
    assert sum(time.talk for _, time in found.by_month) == found.total.talk
    of_months = [time.talk for months in found.by_team_month.values() for _, time in months]
    assert sum(of_months) == found.total.talk


def numbers(time: AgentTime) -> list[int]:
    return [getattr(time, name) for name in COUNTS]


def _day(moment: Ms) -> str:
    return f"{datetime.fromtimestamp(moment / 1000, PARIS):%Y-%m-%d}"
