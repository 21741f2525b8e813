"""Rules, the switch and the audit trail: what people set, with a trace of it."""

import threading

import pytest
from sqlalchemy import event

from monitor.core.overflow.engine import Switch
from monitor.history import History
from monitor.history.audit import AuditEntry, AuditFilter, Via, Who
from monitor.history.overflow import OverflowRecord
from monitor.history.overflow_rules import RuleConflictError, RuleVersion, StoredRule

ZOE = Who("Zoë", Via.SESSION)
BOB = Who("bob", Via.TOKEN)
BODY = {"name": "Sauvetage « été »", "when": [{"metric": "time_left", "at_most": 20}]}


@pytest.fixture
def record(history: History) -> OverflowRecord:
    return OverflowRecord(history)


def trail(record: OverflowRecord) -> list[tuple[str, str, str]]:
    """Who did what with what, oldest first."""
    entries = record.audit.entries().entries
    return [(entry.by, entry.what, entry.subject) for entry in reversed(entries)]


def test_a_rule_is_kept_with_all_its_versions(record: OverflowRecord) -> None:
    first = record.rules.put("rescue", BODY, ZOE, 1_000, expected=None)
    assert first == StoredRule("rescue", 1, BODY, 1_000, "Zoë", 1_000, "Zoë")
    changed = {**BODY, "dry_run": True}
    second = record.rules.put("rescue", changed, BOB, 2_000, expected=1)
    assert second == StoredRule("rescue", 2, changed, 1_000, "Zoë", 2_000, "bob")
    assert record.rules.get("rescue") == second
    assert record.rules.all() == [second]
    assert record.rules.versions("rescue") == [
        RuleVersion(2, changed, 2_000, "bob"),
        RuleVersion(1, BODY, 1_000, "Zoë"),
    ]
    created, edited = reversed(record.audit.entries().entries)
    assert created == AuditEntry(
        1_000, "Zoë", Via.SESSION, "rule_created", "rescue", None, BODY, created.seq
    )
    assert edited == AuditEntry(
        2_000, "bob", Via.TOKEN, "rule_changed", "rescue", BODY, changed, edited.seq
    )


def test_a_rule_is_changed_only_as_its_author_has_seen_it(record: OverflowRecord) -> None:
    record.rules.put("rescue", BODY, ZOE, 1, expected=None)
    before = record.rules.put("rescue", BODY, ZOE, 2, expected=1)
    for seen in (None, 1, 3):
        with pytest.raises(RuleConflictError, match="rescue is at version 2: read it") as caught:
            record.rules.put("rescue", {}, BOB, 3, expected=seen)
        assert caught.value.current == 2
    with pytest.raises(RuleConflictError):
        record.rules.delete("rescue", BOB, 3, expected=7)
    assert record.rules.get("rescue") == before
    assert len(record.rules.versions("rescue")) == len(trail(record)) == 2


def test_a_rule_that_is_not_there_cannot_be_changed(record: OverflowRecord) -> None:
    for change in (
        lambda: record.rules.put("rescue", BODY, ZOE, 1, expected=1),
        lambda: record.rules.delete("rescue", ZOE, 1, expected=1),
    ):
        with pytest.raises(RuleConflictError, match="does not exist") as caught:
            change()
        assert caught.value.current is None
    assert record.rules.get("rescue") is None
    assert trail(record) == []


def test_of_two_authors_at_once_one_is_told_to_read_again(record: OverflowRecord) -> None:
    record.rules.put("rescue", BODY, ZOE, 1, expected=None)
    begin, conflicts = threading.Barrier(2), list[RuleConflictError]()

    def write(name: str) -> None:
        begin.wait()
        for id_, expected in (("rescue", 1), ("new", None)):
            try:
                record.rules.put(id_, {"name": name}, ZOE, 2, expected=expected)
            except RuleConflictError as conflict:
                conflicts.append(conflict)

    authors = [threading.Thread(target=write, args=(name,)) for name in ("a", "b")]
    for author in authors:
        author.start()
    for author in authors:
        author.join()
    assert [conflict.current for conflict in conflicts] in ([2, 1], [1, 2])
    assert [len(record.rules.versions(id_)) for id_ in ("rescue", "new")] == [2, 1]


def test_a_deleted_rule_leaves_its_versions_and_may_come_again(record: OverflowRecord) -> None:
    record.rules.put("rescue", BODY, ZOE, 1, expected=None)
    record.rules.force("rescue", False, ZOE, 2)
    record.rules.delete("rescue", BOB, 3, expected=1)
    assert (record.rules.get("rescue"), record.rules.all()) == (None, [])
    again = record.rules.put("rescue", {}, ZOE, 4, expected=None)
    assert again == StoredRule("rescue", 3, {}, 4, "Zoë", 4, "Zoë")
    versions = [(v.version, v.body, v.by) for v in record.rules.versions("rescue")]
    assert versions == [(3, {}, "Zoë"), (2, None, "bob"), (1, BODY, "Zoë")]
    assert trail(record)[2:] == [
        ("bob", "rule_deleted", "rescue"),
        ("Zoë", "rule_created", "rescue"),
    ]


def test_the_settings_file_seeds_once_and_people_win(record: OverflowRecord) -> None:
    seeds = {"a": {"n": 1}, "b": {"n": 1}, "c": {"n": 1}}
    assert record.rules.seed(seeds, 1) == ["a", "b", "c"]
    record.rules.put("a", {"n": 2}, ZOE, 2, expected=1)
    record.rules.delete("b", ZOE, 2, expected=1)
    assert record.rules.seed({**seeds, "c": {"n": 9}, "d": {"n": 1}}, 3) == ["d"]
    found = {rule.id: (rule.version, rule.body, rule.created_by) for rule in record.rules.all()}
    assert found == {
        "a": (2, {"n": 2}, "configuration"),
        "c": (1, {"n": 1}, "configuration"),
        "d": (1, {"n": 1}, "configuration"),
    }
    assert trail(record)[0] == ("configuration", "rule_created", "a")


def test_a_rule_that_a_person_paused_stays_so(record: OverflowRecord) -> None:
    record.rules.put("rescue", BODY, ZOE, 1, expected=None)
    assert record.rules.force("rescue", False, BOB, 2)
    (found,) = record.rules.all()
    assert (found.forced, found.forced_by, found.version) == (False, "bob", 1)
    record.rules.put("rescue", {}, ZOE, 3, expected=1)
    assert record.rules.all()[0].forced is False
    assert record.rules.force("rescue", None, BOB, 4)
    assert record.rules.all()[0].forced is None
    assert not record.rules.force("nobody", True, BOB, 5)
    first, last = (e for e in record.audit.entries().entries if e.what == "rule_forced")
    assert (last.before, last.after) == ({"forced": None}, {"forced": False})
    assert (first.before, first.after) == ({"forced": False}, {"forced": None})


def test_the_switch_stays_as_it_was_turned(record: OverflowRecord) -> None:
    assert record.switch() == Switch()
    off = Switch(on=False, by="Zoë", at=5_000, note="calm down")
    record.turn(off, Via.MQTT)
    assert record.switch() == off
    record.turn(Switch(on=True, by="bob", at=6_000), Via.SESSION)
    assert record.switch() == Switch(on=True, by="bob", at=6_000)
    second, first = record.audit.entries().entries
    assert (first.via, first.before, first.after) == (
        Via.MQTT, {"on": True}, {"on": False, "note": "calm down"},
    )  # fmt: skip
    assert second.before == {"on": False}


def test_a_change_without_its_audit_entry_is_not_made(
    history: History, record: OverflowRecord
) -> None:
    @event.listens_for(history.engine, "before_cursor_execute")
    def _fail(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO audit_entry"):
            raise KeyError("no")

    with pytest.raises(KeyError):
        record.rules.put("rescue", BODY, ZOE, 1, expected=None)
    with pytest.raises(KeyError):
        record.turn(Switch(on=False, by="Zoë", at=1), Via.SESSION)
    assert (record.rules.get("rescue"), record.switch()) == (None, Switch())


def test_the_audit_trail_is_read_by_pages_and_filters(record: OverflowRecord) -> None:
    for number in range(60):
        by, what = ("Zoë", "bob")[number % 2], ("a", "b", "c")[number % 3]
        # Moments repeat: the order within them is that of storing.
        entry = AuditEntry(number // 4, by, Via.CLI, what, f"s{number % 5}", {"n": number})
        record.audit.add(entry)

    def read(wanted: AuditFilter | None = None, limit: int = 7) -> list[int]:
        numbers, cursor = list[int](), None
        while True:
            page = record.audit.entries(wanted, limit=limit, cursor=cursor)
            assert len(page.entries) <= limit
            numbers += [(entry.before or {})["n"] for entry in page.entries]
            cursor = page.next_cursor
            if cursor is None:
                return numbers

    newest = list(reversed(range(60)))
    assert read() == read(limit=60) == read(limit=500) == newest
    assert read(AuditFilter(by="bob")) == [n for n in newest if n % 2]
    assert read(AuditFilter(what="c")) == [n for n in newest if n % 3 == 2]
    assert read(AuditFilter(subject="s0", by="Zoë")) == [n for n in newest if n % 10 == 0]
    assert read(AuditFilter(since=3, until=5)) == list(reversed(range(12, 20)))


@pytest.mark.parametrize("cursor", ["x", "", "W10", "é", "WzEsMl0x"])
def test_what_is_no_cursor_is_refused(sqlite: History, cursor: str) -> None:
    record = OverflowRecord(sqlite)
    with pytest.raises(ValueError, match="cursor is not one that this list gave"):
        record.audit.entries(cursor=cursor)
    with pytest.raises(ValueError, match="limit must be between 1 and 500"):
        record.audit.entries(limit=501)
