"""Contacts in the database: registered once, changed with a history, breached by the clock."""

import re
import threading
from dataclasses import replace
from datetime import UTC, time
from typing import Any

import pytest
from sqlalchemy import event, select

from monitor.core.calendars import Calendar, OpeningHours
from monitor.core.clock import DAY, HOUR, MINUTE, Ms
from monitor.core.contacts import (
    Channel,
    Contact,
    ContactError,
    ContactReason,
    ContactVerdict,
    Overdue,
    Person,
)
from monitor.core.indicators import Ratio
from monitor.core.policy import Policy
from monitor.core.promises import Promise
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history import BatchWriter, History, open_history
from monitor.history.audit import AuditRecord, Via, Who
from monitor.history.contact_log import ContactFilter, ContactLog
from monitor.history.contact_rows import NewContact
from monitor.history.contact_tables import contact, contact_change, contact_person
from monitor.history.contacts import (
    ContactChange,
    ContactConflictError,
    ContactRecord,
    Outcome,
)
from monitor.history.messages import OutboxMessage
from monitor.history.outbox import Outbox
from monitor.history.policies import current_policy
from tests.history.samples import full_call

T0 = 1_795_392_000_000  # the midnight that begins a Monday
ZOE = Who("zoé", Via.TOKEN)
OFFICE = Calendar("office", OpeningHours(tuple((day, time(9), time(18)) for day in range(5))))
POLICY = Policy(calendars=(OFFICE,), zone=UTC)
NEW = NewContact(
    "crm", "T-1", Channel.EMAIL, Promise.within(4 * HOUR), T0, "lab", "support",
    person=Person("+33199001234", "Zoé Petit", "zoe@example.org", "invoice", "call before noon"),
)  # fmt: skip


def tell(about: Contact, kind: str, at: Ms, _now: Ms) -> OutboxMessage:
    return OutboxMessage(f"{about.id}:{about.version}:{kind}", f"contacts/{kind}", "", at, "{}")


@pytest.fixture
def record(history: History) -> ContactRecord:
    Outbox(history).register(["sink"])
    return ContactRecord(history, tell)


@pytest.fixture
def log(history: History) -> ContactLog:
    return ContactLog(history)


def register(record: ContactRecord, *new: NewContact, now: Ms = T0) -> list[Contact]:
    done = record.register(new, ZOE, now, POLICY)
    return [one.contact for one in done if one.contact is not None]


def told(record: ContactRecord) -> list[tuple[str, Ms]]:
    return [(m.topic.partition("/")[2], m.at) for m in Outbox(record.history).read("sink")]


def change(record: ContactRecord, one: Contact, now: Ms, **facts: object) -> Contact:
    changed = record.change(one.id, ContactChange(facts, {}), ZOE, now, POLICY, expected=None)
    assert changed is not None
    return changed


def test_a_contact_is_stored_with_its_deadline_and_what_is_personal_apart(
    record: ContactRecord, log: ContactLog
) -> None:
    (made,) = register(record, NEW)

    found = log.one(made.id)
    assert found is not None
    known, changes = found
    assert known.contact == made
    assert known.person == NEW.person
    assert (made.deadline_at, made.at_risk_at) == (T0 + 4 * HOUR, T0 + 3 * HOUR)
    assert [(one.version, one.by, one.via, one.what) for one in changes] == [
        (1, "zoé", Via.TOKEN, "registered")
    ]
    with record.history.reading() as connection:
        facts = [
            str(dict(row))
            for table in (contact, contact_change)
            for row in connection.execute(select(table)).mappings()
        ]
    assert not [fact for fact in facts for word in ("199001234", "Zoé P", "zoe@") if word in fact]


def test_registered_again_it_is_the_same_and_something_else_changes_nothing(
    record: ContactRecord, log: ContactLog
) -> None:
    other = replace(NEW, channel=Channel.LETTER)
    late = replace(NEW, answered_at=T0 + HOUR)

    outcomes = [
        done.outcome
        for one in (NEW, NEW, late, other)
        for done in record.register([one], ZOE, T0 + 2 * HOUR, POLICY)
    ]

    assert outcomes == [
        Outcome.CREATED, Outcome.UNCHANGED, Outcome.UNCHANGED, Outcome.DIFFERENT,
    ]  # fmt: skip
    assert [one.contact.channel for one in log.page(ContactFilter()).contacts] == [Channel.EMAIL]


def test_of_a_batch_what_cannot_be_is_refused_and_the_rest_is_stored(
    record: ContactRecord, log: ContactLog
) -> None:
    bad = replace(NEW, reference="T-2", answered_at=T0 - 1)
    unknown = replace(NEW, reference="T-3", promise=Promise.within_opening(HOUR, "holidays"))

    done = record.register([NEW, bad, NEW, unknown], ZOE, T0, POLICY)

    assert [one.outcome for one in done] == [
        Outcome.CREATED, Outcome.REFUSED, Outcome.UNCHANGED, Outcome.REFUSED,
    ]  # fmt: skip
    assert [one.error.code for one in done if one.error] == ["before_reception", "unknown_calendar"]
    assert len(log.page(ContactFilter()).contacts) == 1


def test_two_who_register_the_same_at_once_make_one(record: ContactRecord, log: ContactLog) -> None:
    outcomes: list[Outcome] = []

    def work() -> None:
        done = record.register([NEW], ZOE, T0, POLICY)
        outcomes.extend(one.outcome for one in done)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [Outcome.CREATED, *[Outcome.UNCHANGED] * 3]
    assert len(log.page(ContactFilter()).contacts) == 1


def test_the_timer_raises_each_once_and_stamps_the_breach_with_the_deadline(
    record: ContactRecord, log: ContactLog
) -> None:
    (made,) = register(record, NEW)
    assert log.next_due() == made.at_risk_at
    assert record.advance(made.at_risk_at - 1) == []

    (risky,) = record.advance(made.at_risk_at)
    assert risky.at_risk
    assert log.next_due() == made.deadline_at
    (breached,) = record.advance(made.deadline_at + 17 * MINUTE)
    assert record.advance(made.deadline_at + DAY) == []

    assert (breached.verdict, breached.verdict_at) == (
        ContactVerdict.BREACHED, made.deadline_at,
    )  # fmt: skip
    assert log.next_due() is None
    assert told(record) == [("at_risk", made.at_risk_at), ("breached", made.deadline_at)]
    found = log.one(made.id)
    assert found is not None
    assert [one.what for one in found[1]] == ["registered", "at_risk", "breached"]
    assert log.overdue() == [Overdue("lab", "support", 1, made.deadline_at, made.deadline_at)]


def test_what_was_breached_while_nobody_ran_is_raised_after_the_start(
    record: ContactRecord, log: ContactLog
) -> None:
    """The deadline is in the database: whoever starts next finds it passed."""
    made = register(record, *(replace(NEW, reference=f"T-{n}") for n in range(5)))

    again = ContactRecord(record.history, tell)
    raised = again.advance(T0 + DAY)

    assert {one.verdict_at for one in raised} == {made[0].deadline_at}
    assert len(raised) == 5
    assert log.counts().overdue == {Channel.EMAIL: 5}


def test_an_answer_in_time_that_is_told_late_corrects_the_breach(record: ContactRecord) -> None:
    (made,) = register(record, NEW)
    record.advance(made.deadline_at)

    changed = change(record, made, T0 + DAY, answered_at=made.deadline_at - 1, answered_by="Anna")

    assert (changed.verdict, changed.corrections) == (ContactVerdict.MET, 1)
    assert told(record)[-1] == ("corrected", made.deadline_at - 1)
    assert [entry.what for entry in AuditRecord(record.history).entries().entries] == [
        "contact_changed", "contacts_registered",
    ]  # fmt: skip


def test_a_deadline_in_opening_hours_stands_whatever_becomes_of_the_calendar(
    history: History, record: ContactRecord
) -> None:
    kept = current_policy(history, POLICY, now=T0)
    at, promise = T0 + 17 * HOUR, Promise.within_opening(4 * HOUR, "office")
    (done,) = record.register([replace(NEW, received_at=at, promise=promise)], ZOE, at, kept)
    assert done.contact is not None
    before = done.contact
    assert before.deadline_at == T0 + DAY + 12 * HOUR  # 17:00 to 18:00, and 09:00 to 12:00
    shorter = Calendar("office", OpeningHours(tuple((day, time(9), time(10)) for day in range(5))))
    now_in_force = current_policy(history, replace(POLICY, calendars=(shorter,)), now=T0 + HOUR)

    def changed(**facts: object) -> Contact:
        found = record.change(
            before.id, ContactChange(facts, {}), ZOE, at, now_in_force, expected=None
        )
        assert found is not None
        return found

    assert changed(team="letters").deadline_at == before.deadline_at
    # an earlier reception: still by the calendar that was announced
    earlier = changed(received_at=T0 + 16 * HOUR)
    assert earlier.deadline_at == T0 + DAY + 11 * HOUR
    assert earlier.policy_version == kept.version
    # another promise: by the calendar of now
    promised_anew = changed(promise=Promise.within_opening(2 * HOUR, "office"))
    assert promised_anew.deadline_at == T0 + 2 * DAY + 10 * HOUR
    assert promised_anew.policy_version == now_in_force.version


def test_whoever_read_an_older_version_changes_nothing(record: ContactRecord) -> None:
    (made,) = register(record, NEW)
    withdrawn = ContactChange({"withdrawn_at": T0 + HOUR}, {})

    with pytest.raises(ContactConflictError) as refused:
        record.change(made.id, withdrawn, ZOE, T0 + HOUR, POLICY, expected=7)

    assert refused.value.current == 1
    done = record.change(made.id, withdrawn, ZOE, T0 + HOUR, POLICY, expected=1)
    assert done is not None
    assert (done.verdict, done.version) == (ContactVerdict.WITHDRAWN, 2)


def test_what_cannot_be_is_refused_and_what_is_not_seen_is_not_there(
    record: ContactRecord,
) -> None:
    (made,) = register(record, NEW)
    early = ContactChange({"answered_at": T0 - 1}, {})

    with pytest.raises(ContactError, match="before the contact came"):
        record.change(made.id, early, ZOE, T0, POLICY, expected=1)
    assert record.change("nothing", early, ZOE, T0, POLICY, expected=1) is None
    unseen = record.change(made.id, early, ZOE, T0, POLICY, expected=1, sees=lambda _: False)
    assert unseen is None


def test_a_changed_number_is_told_as_changed_and_has_its_pseudonym(url: str) -> None:
    with open_history(url, pseudonyms=Pseudonyms(b"k" * 32)) as history:
        record, log = ContactRecord(history), ContactLog(history)
        (made,) = register(record, NEW)
        wanted = ContactChange({}, {"number": "+33199005678", "note": ""})
        record.change(made.id, wanted, ZOE, T0, POLICY, expected=1)

        found = log.one(made.id)
        assert found is not None
        assert found[0].person == replace(NEW.person, number="+33199005678", note="")
        assert found[1][-1].after == {"number": "changed", "note": "changed"}
        assert history.caller_key is not None
        with history.reading() as connection:
            keys = connection.execute(select(contact.c.contact_key)).scalars().all()
        assert keys == [history.caller_key("+33199005678")]


def test_what_is_personal_goes_alone(record: ContactRecord, log: ContactLog) -> None:
    (made,) = register(record, NEW)
    with record.history.writing() as connection:
        connection.execute(contact_person.delete())

    found = log.one(made.id)
    assert found is not None
    assert found[0] == type(found[0])(made, Person())


def test_pages_are_filtered_and_go_on_where_they_ended(
    record: ContactRecord, log: ContactLog
) -> None:
    for n, (channel, queue) in enumerate(
        [(Channel.EMAIL, "support"), (Channel.LETTER, "sales"), (Channel.CALLBACK, "support")] * 2
    ):
        register(
            record,
            replace(NEW, reference=f"T-{n}", channel=channel, queue=queue, received_at=T0 + n),
            now=T0 + HOUR,
        )

    def references(wanted: ContactFilter) -> list[str]:
        found, cursor = [], None
        while True:
            page = log.page(wanted, limit=2, cursor=cursor)
            found += [one.contact.reference for one in page.contacts]
            cursor = page.next_cursor
            if cursor is None:
                return found

    assert references(ContactFilter()) == ["T-5", "T-4", "T-3", "T-2", "T-1", "T-0"]
    assert references(ContactFilter(channel=Channel.LETTER)) == ["T-4", "T-1"]
    assert references(ContactFilter(queue="support", since=T0 + 1)) == ["T-5", "T-3", "T-2"]
    assert references(ContactFilter(until=T0 + 2)) == ["T-1", "T-0"]
    assert references(ContactFilter(reference="T-3")) == ["T-3"]
    assert references(ContactFilter(verdict=ContactVerdict.MET)) == []
    assert references(ContactFilter(overdue=True)) == []
    assert references(ContactFilter(queues=frozenset({("", "sales")}))) == ["T-4", "T-1"]
    assert references(ContactFilter(queues=frozenset({("other", "sales")}))) == []
    assert references(ContactFilter(queues=frozenset())) == []


def test_the_work_list_has_who_waits_for_an_answer_the_first_deadline_first(
    record: ContactRecord, log: ContactLog
) -> None:
    spans = {"T-late": HOUR, "T-next": 3 * HOUR, "T-then": 8 * HOUR, "T-twin": 8 * HOUR}
    for reference, within in spans.items():
        register(record, replace(NEW, reference=reference, promise=Promise.within(within)))
    for reference in ("T-done", "T-not-ours"):
        (one,) = register(record, replace(NEW, reference=reference))
        if reference == "T-done":
            change(record, one, T0 + MINUTE, answered_at=T0 + MINUTE)
        else:
            change(record, one, T0 + MINUTE, excluded=ContactReason.NOT_OURS)
    record.advance(T0 + 2 * HOUR)

    def references(is_open: bool) -> list[str]:
        found, cursor = [], None
        while True:
            page = log.page(ContactFilter(open=is_open), limit=1, cursor=cursor)
            found += [one.contact.reference for one in page.contacts]
            cursor = page.next_cursor
            if cursor is None:
                return found

    work = references(is_open=True)
    assert work[:2] == ["T-late", "T-next"]
    assert sorted(work[2:]) == ["T-then", "T-twin"]
    assert sorted(references(is_open=False)) == ["T-done", "T-not-ours"]
    record.advance(T0 + 3 * HOUR - MINUTE)
    risky = log.page(ContactFilter(open=True, at_risk=True, verdict=ContactVerdict.PENDING))
    assert [one.contact.reference for one in risky.contacts] == ["T-next"]


def test_figures_are_those_of_the_contacts_by_channel_queue_and_month(
    record: ContactRecord, log: ContactLog
) -> None:
    register(
        record,
        replace(NEW, answered_at=T0 + HOUR),
        replace(NEW, reference="T-2", channel=Channel.LETTER, queue="", pbx=""),
        replace(NEW, reference="T-3", received_at=T0 - 40 * DAY, answered_at=T0 - 39 * DAY),
        now=T0 + 2 * HOUR,
    )
    record.advance(T0 + DAY)

    since, until = T0 - 60 * DAY, T0 + DAY
    figures = log.figures(ContactFilter(since=since, until=until), since, until, UTC)

    assert figures.total.registered == 3
    assert figures.total.rate == Ratio(1, 3)
    assert figures.total.answer_times.percentile(90) == 86_400
    assert figures.by_channel[Channel.EMAIL].rate == Ratio(1, 2)
    assert figures.by_channel[Channel.LETTER].overdue == 1
    assert set(figures.by_queue) == {("", ""), ("lab", "support")}
    months = [(tally.registered, tally.met) for _, tally in figures.by_month]
    assert months == [(0, 0), (1, 0), (2, 1)]


def test_excluded_contacts_say_why(record: ContactRecord, log: ContactLog) -> None:
    (made,) = register(record, NEW)
    change(record, made, T0, excluded=ContactReason.DUPLICATE)

    figures = log.figures(ContactFilter(), T0, T0 + DAY, UTC)

    assert dict(figures.total.exclusions) == {ContactReason.DUPLICATE: 1}
    assert told(record) == [("excluded", T0)]


def test_satisfaction_is_counted_from_the_calls(history: History, log: ContactLog) -> None:
    with BatchWriter(history) as writer:
        for n, (score, queue) in enumerate([(5, "support"), (4, "sales"), (0, "support")]):
            call = full_call()
            call.uniqueid, call.satisfaction = f"1.{n}", score
            for one in call.visits:
                one.queue = queue
            writer.add([call])
        plain = full_call()
        plain.uniqueid, plain.satisfaction = "2.1", None
        writer.add([plain])
    since, until = plain.arrived_at, plain.arrived_at + 1

    found = log.satisfaction(since, until, UTC)
    assert (found.total.asked, found.total.answered) == (3, 2)
    assert found.total.scales[5].average == Ratio(9, 2)
    assert log.satisfaction(since, until, UTC, queue="sales").total.asked == 1
    assert log.satisfaction(since, until, UTC, queues=frozenset({("", "support")})).total.asked == 2
    assert log.satisfaction(since, until, UTC, pbx="other").total.asked == 0


def test_of_a_queue_that_is_not_seen_no_satisfaction_is_told(
    history: History, log: ContactLog
) -> None:
    both = full_call()
    both.satisfaction = 5
    both.visits[0].queue, both.visits[-1].queue = "support", "sales"
    assert len(both.visits) > 1
    with BatchWriter(history) as writer:
        writer.add([both])
    since, seen = both.arrived_at, frozenset({("", "support")})

    def asked(queue: str | None) -> int:
        found = log.satisfaction(since, since + 1, UTC, queue=queue, queues=seen)
        return found.total.asked

    assert [asked(queue) for queue in (None, "support", "sales")] == [1, 1, 0]


def test_what_the_timer_asks_for_is_found_in_its_indexes(sqlite: History) -> None:
    """However many contacts there are, it looks at those that are due, or overdue, alone.

    So does the work list.
    """
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _d: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    log = ContactLog(sqlite)
    event.listen(sqlite.engine, "before_cursor_execute", note)
    log.next_due()
    ContactRecord(sqlite).advance(T0)
    log.overdue()
    log.counts()
    log.page(ContactFilter(open=True))
    event.remove(sqlite.engine, "before_cursor_execute", note)

    with sqlite.reading() as connection:
        plans = [
            str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
            for statement, parameters in asked
        ]
    used = [re.findall(r"ix_contact_\w+", plan) for plan in plans]
    assert used == [
        ["ix_contact_due"], ["ix_contact_due"], ["ix_contact_overdue"], ["ix_contact_verdict"],
        ["ix_contact_overdue"], ["ix_contact_verdict", "ix_contact_overdue"],
    ]  # fmt: skip
