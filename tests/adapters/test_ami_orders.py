"""Orders in AMI's words: what is sent, and what is never sent."""

import pytest

from monitor.core.overflow.decisions import (
    AddMember,
    Answer,
    ChangeLamp,
    ChangePenalty,
    ChangePriority,
    Order,
    PutDatabase,
    RedirectChannel,
    RemoveMember,
    SetGlobal,
    WithdrawCaller,
)
from monitor.core.overflow.rules import LampState
from telephony_adapters.asterisk.ami_orders import (
    OrderError,
    action_of,
    answer_of,
    place_of,
)

CHANNEL = "PJSIP/trunk-00000001"


@pytest.mark.parametrize(
    ("order", "action", "headers"),
    [
        (
            WithdrawCaller("support", CHANNEL, "overflow,s,1"),
            "QueueWithdrawCaller",
            {"Queue": "support", "Caller": CHANNEL, "WithdrawInfo": "overflow,s,1"},
        ),
        (
            RedirectChannel(CHANNEL, "overflow", "message", 2),
            "Redirect",
            {"Channel": CHANNEL, "Context": "overflow", "Exten": "message", "Priority": "2"},
        ),
        (
            ChangePriority("support", CHANNEL, 10),
            "QueueChangePriorityCaller",
            {"Queue": "support", "Caller": CHANNEL, "Priority": "10", "Immediate": "true"},
        ),
        (
            AddMember("support", "PJSIP/7", "Zoé Küng", 3, "Custom:7"),
            "QueueAdd",
            {
                "Queue": "support",
                "Interface": "PJSIP/7",
                "MemberName": "Zoé Küng",
                "Penalty": "3",
                "StateInterface": "Custom:7",
            },
        ),
        (
            AddMember("support", "Local/7@agents/n"),
            "QueueAdd",
            {"Queue": "support", "Interface": "Local/7@agents/n", "Penalty": "0"},
        ),
        (
            RemoveMember("support", "PJSIP/7"),
            "QueueRemove",
            {"Queue": "support", "Interface": "PJSIP/7"},
        ),
        (
            ChangePenalty("support", "PJSIP/7", 5),
            "QueuePenalty",
            {"Queue": "support", "Interface": "PJSIP/7", "Penalty": "5"},
        ),
        (SetGlobal("OVERFLOW", ""), "Setvar", {"Variable": "OVERFLOW", "Value": ""}),
        (SetGlobal("_X1", "a, b"), "Setvar", {"Variable": "_X1", "Value": "a, b"}),
        (
            PutDatabase("overflow", "support/on", "1"),
            "DBPut",
            {"Family": "overflow", "Key": "support/on", "Val": "1"},
        ),
        (
            PutDatabase("overflow", "support/on", ""),
            "DBDel",
            {"Family": "overflow", "Key": "support/on"},
        ),
        (
            ChangeLamp("overflow-support", LampState.INUSE),
            "Setvar",
            {"Variable": "DEVICE_STATE(Custom:overflow-support)", "Value": "INUSE"},
        ),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "__slots__") else "",
)
def test_each_order_is_one_action(order: Order, action: str, headers: dict[str, str]) -> None:
    assert action_of(order) == (action, headers)


@pytest.mark.parametrize(
    ("order", "word"),
    [
        (WithdrawCaller("support\r\nAction: Reload", CHANNEL, ""), "queue"),
        (WithdrawCaller("support", CHANNEL + "\n", ""), "channel"),
        (WithdrawCaller("support", CHANNEL, "overflow,s,1\0"), "info"),
        (WithdrawCaller("support", CHANNEL, "overflow,s"), "context,exten,priority"),
        (WithdrawCaller("support", CHANNEL, "overflow,s,1,x"), "context,exten,priority"),
        (WithdrawCaller("support", CHANNEL, "over${X},s,1"), "context"),
        (WithdrawCaller("support", CHANNEL, "overflow,s,one"), "priority"),
        (WithdrawCaller("", CHANNEL, ""), "queue"),
        (WithdrawCaller("support", "", ""), "channel"),
        (RedirectChannel(CHANNEL, "a,b", "s", 1), "context"),
        (RedirectChannel(CHANNEL, "overflow", "", 1), "extension"),
        (RedirectChannel(CHANNEL, "overflow", " s", 1), "extension"),
        (RedirectChannel(CHANNEL, "overflow", "s" * 80, 1), "extension"),
        (RedirectChannel(CHANNEL, "overflow", "s", 0), "priority"),
        (ChangePriority("support", CHANNEL, -1), "priority"),
        (AddMember("support", "PJSIP/7,PJSIP/8"), "interface"),
        (AddMember("support", "PJSIP/7", "a|b"), "name"),
        (AddMember("support", "PJSIP/7", "a\x1bb"), "name"),
        (AddMember("support", "PJSIP/7", penalty=-1), "penalty"),
        (AddMember("support", "PJSIP/7", state_interface="a,b"), "state interface"),
        (RemoveMember("support", ""), "interface"),
        (ChangePenalty("support", "PJSIP/7", -1), "penalty"),
        (SetGlobal("SHELL(reboot)", "1"), "global variable"),
        (SetGlobal("A,B", "1"), "global variable"),
        (SetGlobal("", "1"), "global variable"),
        (SetGlobal("A", "1\n"), "value"),
        (PutDatabase("", "key", "1"), "family"),
        (PutDatabase("family", "a,b", "1"), "key"),
        (ChangeLamp("a),b", "INUSE"), "lamp"),
        (ChangeLamp("support", "BLINKING"), "NOT_INUSE"),
    ],
)
def test_a_value_that_would_become_something_else_is_refused(order: Order, word: str) -> None:
    with pytest.raises(OrderError) as refused:
        action_of(order)
    assert word in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_place_of_an_order_is_what_has_to_exist() -> None:
    assert place_of(RedirectChannel(CHANNEL, "overflow", "s", 1)) == "overflow,s,1"
    assert place_of(WithdrawCaller("support", CHANNEL, "overflow,s,1")) == "overflow,s,1"
    assert place_of(WithdrawCaller("support", CHANNEL, "")) == ""
    assert place_of(SetGlobal("A", "1")) == ""


@pytest.mark.parametrize(
    ("action", "response", "answer"),
    [
        (
            "QueueWithdrawCaller",
            {"Response": "Success", "Message": "Withdraw requested successfully"},
            Answer(True, "Withdraw requested successfully"),
        ),
        (
            "QueueWithdrawCaller",
            {"Response": "Error", "Message": "Unable to request withdraw: No such caller"},
            Answer(False, "Unable to request withdraw: No such caller"),
        ),
        (
            "QueueRemove",
            {"Response": "Error", "Message": "Unable to remove interface: Not there"},
            Answer(True, "Unable to remove interface: Not there (nothing to do)"),
        ),
        (
            "QueueAdd",
            {"Response": "Error", "Message": "Unable to add interface: Already there"},
            Answer(False, "Unable to add interface: Already there"),
        ),
        (
            "DBDel",
            {"Response": "Error", "Message": "Database entry could not be deleted"},
            Answer(True, "Database entry could not be deleted (nothing to do)"),
        ),
        ("Setvar", {}, Answer(False, "")),
    ],
)
def test_the_pbxs_words_are_kept(action: str, response: dict[str, str], answer: Answer) -> None:
    assert answer_of(action, response) == answer
