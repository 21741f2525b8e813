"""Contacts: judged by the clock's rules, breached by a timer, corrected by what comes late."""

from dataclasses import replace

import pytest

from monitor.core.clock import HOUR, MINUTE, SECOND
from monitor.core.contact_tallies import ContactTally, SatisfactionTally, count_contacts
from monitor.core.contacts import (
    Channel,
    Contact,
    ContactError,
    ContactReason,
    ContactVerdict,
    Raised,
    advance,
    check,
    due,
    is_overdue,
    judged,
)
from monitor.core.indicators import Ratio
from monitor.core.promises import Promise

RECEIVED = 1_795_000_000_000
DEADLINE = RECEIVED + 4 * HOUR
CONTACT = Contact(
    "c1", "crm", "T-1", Channel.EMAIL, RECEIVED, Promise.within(4 * HOUR), DEADLINE,
    RECEIVED + 3 * HOUR,
)  # fmt: skip


def told(contact: Contact) -> tuple[ContactVerdict, ContactReason, int | None]:
    return contact.verdict, contact.reason, contact.verdict_at


@pytest.mark.parametrize(
    ("early", "verdict", "reason", "stamp"),
    [
        (1, ContactVerdict.MET, ContactReason.ANSWERED, DEADLINE - 1),
        (0, ContactVerdict.BREACHED, ContactReason.ANSWERED_LATE, DEADLINE),
        (-1, ContactVerdict.BREACHED, ContactReason.ANSWERED_LATE, DEADLINE),
    ],
)
def test_answered_before_the_deadline_is_met_and_at_it_is_breached(
    early: int, verdict: ContactVerdict, reason: ContactReason, stamp: int
) -> None:
    answered = replace(CONTACT, answered_at=DEADLINE - early)

    assert told(judged(answered, DEADLINE + HOUR)) == (verdict, reason, stamp)


def test_who_gives_up_before_the_deadline_is_withdrawn_and_after_it_the_breach_stands() -> None:
    early = replace(CONTACT, withdrawn_at=DEADLINE - 1)
    late = replace(CONTACT, withdrawn_at=DEADLINE)

    assert judged(early, DEADLINE).verdict is ContactVerdict.WITHDRAWN
    assert told(judged(late, DEADLINE)) == (
        ContactVerdict.BREACHED, ContactReason.WITHDRAWN_LATE, DEADLINE,
    )  # fmt: skip


def test_an_excluded_contact_says_why_whatever_else_is_known() -> None:
    excluded = replace(CONTACT, excluded=ContactReason.DUPLICATE, answered_at=DEADLINE + 1)

    assert told(judged(excluded, DEADLINE)) == (
        ContactVerdict.EXCLUDED, ContactReason.DUPLICATE, RECEIVED,
    )  # fmt: skip


def test_the_timer_raises_at_risk_and_then_the_breach_stamped_with_the_deadline() -> None:
    assert due(CONTACT) == CONTACT.at_risk_at
    assert advance(CONTACT, CONTACT.at_risk_at - 1) == (CONTACT, None)

    risky, raised = advance(CONTACT, CONTACT.at_risk_at)
    assert raised is Raised.AT_RISK
    assert risky.at_risk
    assert due(risky) == DEADLINE
    assert advance(risky, DEADLINE - 1) == (risky, None)

    breached, raised = advance(risky, DEADLINE + 17 * MINUTE)
    assert raised is Raised.BREACHED
    assert told(breached) == (ContactVerdict.BREACHED, ContactReason.NOT_ANSWERED, DEADLINE)
    assert is_overdue(breached)
    assert due(breached) is None
    assert advance(breached, DEADLINE + HOUR) == (breached, None)


def test_a_timer_that_comes_after_the_deadline_raises_the_breach_alone() -> None:
    breached, raised = advance(CONTACT, DEADLINE)

    assert raised is Raised.BREACHED
    assert not breached.at_risk
    assert breached.verdict_at == DEADLINE


def test_an_answer_that_was_in_time_and_is_told_late_corrects_the_breach() -> None:
    breached, _ = advance(CONTACT, DEADLINE)
    corrected = judged(replace(breached, answered_at=DEADLINE - SECOND), DEADLINE + HOUR)

    assert told(corrected) == (ContactVerdict.MET, ContactReason.ANSWERED, DEADLINE - SECOND)
    assert corrected.corrections == 1
    assert not is_overdue(corrected)


def test_a_breach_that_is_answered_at_last_is_no_correction() -> None:
    breached, _ = advance(CONTACT, DEADLINE)
    answered = judged(replace(breached, answered_at=DEADLINE + HOUR), DEADLINE + HOUR)

    assert told(answered) == (ContactVerdict.BREACHED, ContactReason.ANSWERED_LATE, DEADLINE)
    assert answered.corrections == 0
    assert not is_overdue(answered)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"answered_at": RECEIVED - 1}, "answered_at", "before_reception"),
        ({"withdrawn_at": RECEIVED - 1}, "withdrawn_at", "before_reception"),
        ({"answered_at": DEADLINE + 2 * MINUTE}, "answered_at", "in_the_future"),
        ({"received_at": DEADLINE + 2 * MINUTE}, "received_at", "in_the_future"),
        ({"answered_at": RECEIVED, "withdrawn_at": RECEIVED}, "withdrawn_at",
         "answered_and_withdrawn"),
        ({"excluded": ContactReason.ANSWERED}, "excluded", "no_exclusion"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(changes: dict[str, object], field: str, code: str) -> None:
    with pytest.raises(ContactError) as refused:
        check(replace(CONTACT, **changes), DEADLINE)  # type: ignore[arg-type]

    assert (refused.value.field, refused.value.code) == (field, code)


def test_the_clock_of_a_sender_may_be_a_little_ahead() -> None:
    check(replace(CONTACT, answered_at=DEADLINE + MINUTE), DEADLINE)


def test_the_rate_is_met_of_met_and_breached_with_the_rest_beside_it() -> None:
    now = DEADLINE + HOUR
    contacts = [
        judged(replace(CONTACT, **changes), at)
        for changes, at in (
            ({"answered_at": RECEIVED + 10 * SECOND}, now),
            ({"answered_at": RECEIVED + 20 * SECOND + 1}, now),
            ({"answered_at": DEADLINE + SECOND}, now),
            ({}, now),
            ({}, RECEIVED),
            ({"withdrawn_at": RECEIVED}, now),
            ({"excluded": ContactReason.TEST, "answered_at": RECEIVED}, now),
        )
    ]

    tally = count_contacts(contacts)

    assert tally.registered == 7
    assert tally.rate == Ratio(2, 4)
    assert (tally.pending, tally.withdrawn, tally.excluded, tally.overdue) == (1, 1, 1, 1)
    assert tally.answered == 3
    assert tally.average_answer_time == (30 * SECOND + 1 + 4 * HOUR + SECOND + 1) // 3
    assert [tally.answer_times.percentile(p) for p in (50, 90)] == [21, 4 * 3600 + 1]
    assert dict(tally.exclusions) == {ContactReason.TEST: 1}


def test_no_contact_has_no_rate_and_no_mean() -> None:
    tally = ContactTally()

    assert tally.rate.value is None
    assert tally.average_answer_time is None
    assert tally.answer_times.percentile(90) is None


def test_satisfaction_counts_by_scale_and_never_mixes_them() -> None:
    tally = SatisfactionTally()
    for score, best, many in ((5, 5, 3), (4, 5, 2), (1, 5, 1), (4, 10, 1), (0, 5, 4)):
        tally.count(score, best, many)

    five, ten = tally.scales[5], tally.scales[10]
    assert tally.response == Ratio(7, 11)
    assert five.average == Ratio(24, 6)
    assert five.satisfied == Ratio(5, 6)
    assert five.distribution == {1: 1, 2: 0, 3: 0, 4: 2, 5: 3}
    assert ten.satisfied == Ratio(0, 1)


def test_on_a_scale_of_two_or_three_only_the_best_score_is_satisfied() -> None:
    tally = SatisfactionTally()
    for score in (1, 2, 3):
        tally.count(score, 3)

    assert tally.scales[3].satisfied == Ratio(1, 3)
