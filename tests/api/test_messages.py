"""Effects as messages: which, in what order, under which ids, and what is hidden in them."""

from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest

from api.contact_messages import contact_message
from api.messages import Messages, hidden, masked
from api.schemas import CallOut
from api.sealing import seal_message
from config.publishing import EVENTS
from monitor.core import effects as fx
from monitor.core import events as ev
from monitor.core.clock import HOUR
from monitor.core.contacts import Channel, ContactVerdict
from monitor.core.overflow.decisions import (
    Asker,
    Because,
    Command,
    Decision,
    Outcome,
    Reason,
    Verb,
    WithdrawCaller,
)
from monitor.core.overflow.rules import Destination
from monitor.core.policy import Policy
from monitor.core.promises import Promise
from monitor.core.records import Verdict
from monitor.core.recovered import CallRecovered
from monitor.evidence.chain import GENESIS, Seal, part_of
from monitor.history.contact_rows import NewContact
from monitor.history.contacts import begun
from monitor.history.messages import OutboxMessage
from tests.api.made import PBX, START, Centre, answered_call


class Told:
    """A centre whose effects are turned into messages."""

    def __init__(self) -> None:
        self.centre = Centre()
        self.messages = Messages()
        self.all: list[OutboxMessage] = []
        self.take(self.centre.connect())

    def take(self, effects: list[Any]) -> list[str]:
        """Take effects; the kinds of the messages that come of them."""
        new = self.messages(effects)
        self.all += new
        return [message.topic.rpartition("/")[2] for message in new]

    def ids(self) -> list[str]:
        return [message.id for message in self.all]


@pytest.fixture
def told() -> Told:
    return Told()


def content(message: OutboxMessage) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(message.payload)
    return found


def test_a_call_is_told_from_its_arrival_to_its_end(told: Told) -> None:
    centre = told.centre
    assert told.take(centre.arrive("1.1")) == ["arrived"]
    assert told.take(centre.join("1.1")) == []
    assert told.take(centre.pass_time(45)) == ["at_risk"]
    assert told.take(centre.pass_time(15)) == ["breached", "verdict"]
    assert told.take(centre.hang_up("1.1")) == ["ended"]
    assert told.ids() == [
        "lab:1.1:arrived",
        "lab:1.1:at_risk",
        "lab:1.1:breached:0",
        "lab:1.1:verdict:0:breached",
        f"lab:1.1:ended:{centre.now}",
    ]
    assert {m.topic for m in told.all if m.call_id != "lab:1.1"} == set()
    assert told.all[0].topic == "lab/calls/arrived"


def test_a_payload_holds_the_call_as_the_rest_interface_shows_it(told: Told) -> None:
    told.take(told.centre.arrive("1.1"))
    told.take(told.centre.join("1.1"))
    told.take(told.centre.pass_time(60))
    verdict = content(told.all[-1])
    CallOut.model_validate(verdict["call"])
    assert verdict | {"call": {}} == {
        "v": 1,
        "id": "lab:1.1:verdict:0:breached",
        "event": "verdict",
        "at": "2025-11-21T09:42:07.382Z",
        "pbx": "lab",
        "queue": "support",
        "verdict": "breached",
        "reason": "waiting_past_deadline",
        "previous": "pending",
        "call": {},
    }
    assert told.all[-1].at == START + 60_000


def test_being_handled_is_told_before_the_verdict_that_it_decides() -> None:
    call = answered_call()
    given = fx.VerdictGiven(call, call.verdict, call.reason, START, Verdict.PENDING)
    kinds = [m.topic.rpartition("/")[2] for m in Messages()([given, fx.CallChanged(call, True)])]
    assert kinds == ["arrived", "handled", "verdict", "ended"]


def test_what_does_not_change_is_not_told_again() -> None:
    messages, call = Messages(), replace(answered_call(), closed=False)
    assert len(messages([fx.CallChanged(call)])) == 2
    assert messages([fx.CallChanged(call), fx.CallChanged(call)]) == []
    call.closed = True
    assert len(messages([fx.CallChanged(call, True)])) == 1
    assert messages([fx.CallChanged(call, True)]) == []


def test_the_same_happening_has_the_same_id_in_another_process() -> None:
    call = answered_call()
    effects = [fx.CallChanged(call, True)]
    assert [m.id for m in Messages()(effects)] == [m.id for m in Messages()(effects)]


def test_calls_that_were_live_before_a_restart_are_not_announced_again(told: Told) -> None:
    told.take(told.centre.arrive("1.1"))
    again = Messages()
    again.recall(told.centre.engine.snapshot().calls.values())
    ended = again(told.centre.hang_up("1.1"))
    assert [m.topic.rpartition("/")[2] for m in ended] == ["verdict", "ended"]


def test_a_correction_is_told_with_what_it_was_before(told: Told) -> None:
    centre = told.centre
    told.take(centre.arrive("1.1"))
    told.take(centre.join("1.1"))
    told.take(centre.pass_time(60))
    at = centre.now - 500
    connected = ev.AgentConnected(
        PBX, at, uniqueid="1.1", queue="support", interface="PJSIP/a", member="Alice"
    )
    kinds = told.take(centre.engine.handle(connected))
    assert kinds == ["handled", "corrected"]
    said = content(told.all[-1])
    assert (said["verdict"], said["previous"]) == ("met", "breached")
    assert said["id"] == "lab:1.1:corrected:1:met"


def test_a_call_completed_from_the_queue_log_is_told_as_corrected_only() -> None:
    centre, messages = Centre(), Messages()
    after = answered_call()
    after.corrections = 1
    before = replace(after, handled_by=None, handled_at=None)
    before.verdict = Verdict.UNKNOWN
    found = messages(centre.engine.handle(CallRecovered(PBX, START, before, after)))
    assert [m.topic.rpartition("/")[2] for m in found] == ["corrected"]


DECISION = Decision(
    id="d1",
    pbx=PBX,
    at=START,
    asked_by=Asker.MONITOR,
    verb=Verb.MOVE,
    reasons=(Reason(Because.CONDITION, {"metric": "caller", "value": "0199001234"}),),
    queue="support",
    call_id="lab:1.1",
    caller="0199001234",
    rule_id="to-sales",
    rule_version=3,
    to=Destination("overflow", "sales", queue="sales"),
)
COMMAND = Command(
    "c1", "d1", PBX, WithdrawCaller("support", "SIP/0199001234-00000001", "overflow,sales,1"),
    START, "support", "lab:1.1", "to-sales",
)  # fmt: skip


def test_decisions_of_rules_are_told_and_questions_without_one_are_not() -> None:
    (found,) = Messages()([fx.DecisionMade(DECISION)])
    assert (found.topic, found.id, found.call_id) == (
        "lab/overflow/decision",
        "d1:decision",
        "lab:1.1",
    )
    assert content(found)["decision"]["rule"] == "to-sales"
    assert Messages()([fx.DecisionMade(replace(DECISION, rule_id=""))]) == []


def test_a_command_is_told_when_it_is_issued_answered_and_over() -> None:
    messages, command = Messages(), replace(COMMAND)
    all_ = list(messages([fx.CommandIssued(command)]))
    command.answered_at, command.accepted = START + 10, True
    all_ += messages([fx.CommandChanged(command)])
    command.outcome, command.observed_at = Outcome.MOVED, START + 900
    all_ += messages([fx.CommandChanged(command)])
    assert [m.id for m in all_] == ["c1:command:issued", "c1:command:answered", "c1:command:moved"]
    assert [content(m)["stage"] for m in all_] == ["issued", "answered", "outcome"]
    assert [m.at - START for m in all_] == [0, 10, 900]


def test_who_called_is_hidden_where_numbers_are_masked() -> None:
    call = answered_call()
    call.caller_name, call.stays[0].inputs = "Zoé 0199001234", "4711#"
    texts = [m.payload for m in Messages()([fx.CallChanged(call, True)])]
    texts += [m.payload for m in Messages()([fx.DecisionMade(DECISION)])]
    texts += [m.payload for m in Messages()([fx.CommandIssued(COMMAND)])]
    assert all("01990012" in text for text in texts)
    for text in texts:
        hidden_text = masked(text)
        assert "01990012" not in hidden_text
        assert "Zoé" not in hidden_text
        assert "4711" not in hidden_text
        assert orjson.loads(hidden_text)["id"] == orjson.loads(text)["id"]
    assert orjson.loads(masked(texts[0]))["call"]["caller"] == "********34"


@pytest.mark.parametrize(
    ("number", "shown"),
    [("0199001234", "********34"), ("+33199001234", "**********34"), ("2014", "****"), ("", "")],
)
def test_of_a_number_the_end_is_shown(number: str, shown: str) -> None:
    assert hidden(number) == shown


def test_text_that_no_json_can_hold_is_still_told() -> None:
    call = answered_call()
    call.caller_name = "\ud800"
    found = Messages()([fx.CallChanged(call, True)])
    assert len(found) == 3
    assert "\\ud800" in found[0].payload


def test_all_kinds_that_a_webhook_may_name_are_made(told: Told) -> None:
    centre = told.centre
    kinds = set(told.take(centre.arrive("1.1")))
    kinds |= set(told.take([*centre.pass_time(45), *centre.pass_time(15)]))
    call = answered_call("2.2")
    given = fx.VerdictGiven(call, call.verdict, call.reason, START, Verdict.UNKNOWN)
    kinds |= set(told.take([fx.CallChanged(call, True), given]))
    kinds |= set(told.take([fx.DecisionMade(DECISION), fx.CommandIssued(COMMAND)]))
    seal = Seal(date(2026, 4, 1), 1, GENESIS, "", {}, part_of([]))
    kinds.add(orjson.loads(seal_message(seal, START).payload)["event"])
    contact = begun(
        NewContact("crm", "T-1", Channel.EMAIL, Promise.within(HOUR), START), START, Policy()
    )
    for kind in ("at_risk", "corrected", *(set(ContactVerdict) - {ContactVerdict.PENDING})):
        payload = contact_message(contact, str(kind), START, START).payload
        kinds.add(orjson.loads(masked(payload))["event"])
    assert kinds == set(EVENTS)
