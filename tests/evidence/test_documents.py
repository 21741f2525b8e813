import json
from dataclasses import fields, replace

import pytest

from monitor.core.overflow.decisions import Command, Outcome, RedirectChannel
from monitor.core.policy import Policy
from monitor.core.records import BlindInterval, Call, Fact, FactKind
from monitor.evidence import documents
from monitor.evidence.documents import (
    blind_document,
    blind_of,
    call_document,
    call_of,
    command_document,
    facts_document,
    policy_document,
    purged_digits,
    purged_name,
)
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history.policies import canonical
from tests.evidence.samples import BEGIN, answered
from tests.history.samples import full_call


def test_the_document_of_a_call_never_changes(pseudonyms: Pseudonyms) -> None:
    # Days were sealed with it: neither this text nor the digests may ever change.
    assert call_document(answered(BEGIN), pseudonyms).decode() == EXAMPLE
    facts = facts_document(answered(BEGIN), pseudonyms)
    assert facts is not None
    assert facts.decode() == TIMELINE


EXAMPLE = (
    '{"agent":"bf8b1a75533d0e3439d44a4bfaa21a2e","arrived_at":1775001600000,"at_risk":false,"at'
    '_risk_after":45000,"caller":"a190f4ebc3adaa0fdd9a03655e3b1b28","caller_hung_up":true,"cloc'
    'k_started_at":1775001600000,"context":"incoming","corrections":0,"end_blur":0,"ended_at":1'
    '775001710000,"exten":"100","handled_at":1775001620000,"handled_blur":0,"handled_by":"agent'
    '","hangup_cause":0,"id":"lab:1775001600.000","in_doubt":false,"kind":"call","linkedid":"17'
    '75001600.000","observed":"full","pbx":"lab","picked_up_at":null,"policy_version":1,"reason'
    '":"handled_by_agent","short_abandon":false,"start_blur":0,"stays":[{"entered_at":177500160'
    '0000,"explicit":false,"inputs":2,"left_at":1775001600900,"name":"welcome"}],"transfers":0,'
    '"uniqueid":"1775001600.000","v":1,"verdict":"met","verdict_at":1775001620000,"visits":[{"a'
    'gent":"bf8b1a75533d0e3439d44a4bfaa21a2e","answered_at":1775001620000,"blur":0,"ended_at":1'
    '775001710000,"exit":"answered","given_up":false,"interface":"034e604925e313dcbe048271b9d91'
    'ace","joined_at":1775001601000,"left_at":1775001620000,"missed":0,"moved":false,"offers":1'
    ',"position":1,"queue":"support","short":false,"transfers":0,"within":60000}],"within":6000'
    "0}"
)
TIMELINE = (
    '{"call":"lab:1775001600.000","facts":[[1775001600000,"arrived",{"context":"incoming","exte'
    'n":"100"}],[1775001600500,"voice_server_input",{"name":"welcome"}],[1775001601000,"queue_j'
    'oined",{"position":1,"queue":"support"}],[1775001620000,"agent_connected",{"agent":"bf8b1a'
    '75533d0e3439d44a4bfaa21a2e","queue":"support"}],[1775001710000,"ended",{"cause":16}]],"kin'
    'd":"facts","v":1}'
)


def test_every_field_of_a_record_is_accounted_for() -> None:
    # A new field: name it in LATER (told where it says something) or in OTHERWISE (not told).
    assert documents.unaccounted() == []


def test_nothing_of_a_document_tells_who_called_or_answered(pseudonyms: Pseudonyms) -> None:
    call = answered(BEGIN)
    call.facts += [
        Fact(BEGIN, FactKind.TRANSFERRED, {"how": "blind", "target": "0612345678"}),
        Fact(BEGIN, FactKind.OVERFLOW_DECIDED, {"why": "+33123456789 waits", "to": "0612345678"}),
        Fact(BEGIN, FactKind.VOICE_SERVER_INPUT, {"name": "welcome", "value": 987654}),
    ]
    facts = facts_document(call, pseudonyms)
    assert facts is not None
    told = (call_document(call, pseudonyms) + facts).decode()
    secrets = ["123456789", "0612345678", "Zo", "PJSIP", "Alice", "101", '"42"', "987654"]
    assert [secret for secret in secrets if secret in told] == []


def test_what_is_purged_from_a_record_leaves_its_documents(pseudonyms: Pseudonyms) -> None:
    call = answered(BEGIN)
    before = call_document(call, pseudonyms), facts_document(call, pseudonyms)

    call.caller_key = pseudonyms.caller(call.caller)
    call.caller = call.caller_name = call.channel = ""
    call.agent = call.visits[0].agent = purged_name(pseudonyms.agent("Alice"))
    call.visits[0].interface = purged_name(pseudonyms.agent("PJSIP/101"))
    call.stays[0].inputs = purged_digits("42")
    call.facts = [
        replace(
            fact,
            detail={name: "" if name == "value" else fact.detail[name] for name in fact.detail},
        )
        for fact in call.facts
    ]

    assert (call_document(call, pseudonyms), facts_document(call, pseudonyms)) == before


def test_a_call_comes_back_from_its_document_but_for_who_it_was(pseudonyms: Pseudonyms) -> None:
    call = full_call()
    found = call_of(json.loads(call_document(call, pseudonyms)))
    pseudonym = call.caller_key
    told = {
        f.name: (getattr(call, f.name), getattr(found, f.name))
        for f in fields(Call)
        if getattr(call, f.name) != getattr(found, f.name)
    }
    assert told.pop("caller") == (call.caller, pseudonym)
    assert told.pop("agent") == ("Alice", pseudonyms.agent("Alice"))
    assert set(told) == {"caller_name", "channel", "visits", "stays", "facts"}
    assert found.visits[1] == replace(
        call.visits[1],
        agent=pseudonyms.agent("Alice"),
        interface=pseudonyms.agent("PJSIP/101"),
    )
    assert found.stays == [replace(call.stays[0], inputs="•••")]


@pytest.mark.parametrize("plain", [{}, {"kind": "facts", "v": 1}, {"kind": "call", "v": 2}])
def test_what_is_no_call_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no document of a call"):
        call_of(plain)


def test_a_call_without_facts_has_no_document_of_them(pseudonyms: Pseudonyms) -> None:
    call = answered(BEGIN)
    call.facts = []
    assert facts_document(call, pseudonyms) is None


def test_of_a_blind_interval_a_day_has_what_lies_in_it() -> None:
    gap = BlindInterval("lab", 50, 250, "link lost")
    days = [blind_of(json.loads(blind_document(gap, at, at + 100))) for at in (0, 100, 200)]
    assert [(day.started_at, day.ended_at) for day in days] == [(50, 100), (100, 200), (200, 250)]
    lasting = json.loads(blind_document(replace(gap, ended_at=None), 100, 200))
    assert (lasting["to"], lasting["started_at"]) == (200, 50)


def test_a_policy_hides_the_numbers_of_tests_and_of_the_house(pseudonyms: Pseudonyms) -> None:
    policy = Policy(test_numbers=("0612345678",), internal_numbers=("1??",))
    told = policy_document(3, 17, canonical(policy), pseudonyms).decode()
    assert "0612345678" not in told
    assert '"1??"' not in told
    assert json.loads(told)["policy"]["test_numbers"] == [pseudonyms.pattern("0612345678")]


def test_a_command_tells_what_came_of_it_and_no_channel() -> None:
    order = RedirectChannel("PJSIP/trunk-1", "overflow", "0612345678", 1)
    command = Command("1-1", "1-0", "lab", order, 17, "support", "lab:1.1", "rule")
    command.outcome = Outcome.MOVED
    told = command_document(command, "redirect_channel")
    assert json.loads(told)["outcome"] == "moved"
    assert b"PJSIP" not in told
    assert b"0612345678" not in told
