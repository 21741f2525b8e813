"""Orders through a link: a look before, one sending, and plain words about whatever goes wrong."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from monitor.core.overflow.decisions import (
    AddMember,
    Answer,
    ChangeLamp,
    ChangePriority,
    Order,
    RedirectChannel,
    SetGlobal,
    WithdrawCaller,
)
from monitor.core.overflow.rules import (
    Action,
    AddMembers,
    Destination,
    Helper,
    Redirect,
    SetVariable,
    Withdraw,
)
from telephony_adapters.asterisk.ami_commands import AmiCommands
from telephony_adapters.asterisk.ami_login import AmiSettings, LinkError
from tests.adapters.scripted import Linked, ScriptedPbx, message

CHANNEL = "PJSIP/trunk-00000001"
WITHDRAW = WithdrawCaller("support", CHANNEL, "overflow,s,1")
REDIRECT = RedirectChannel(CHANNEL, "overflow", "s", 1)
HELPER = AddMember("support", "PJSIP/7")

Fields = dict[str, str]
Reply = Callable[[Mapping[str, str]], list[Fields]]


def says(**fields: str) -> Reply:
    return lambda _: [fields]


def fails(error: Exception) -> Reply:
    def fail(_: Mapping[str, str]) -> list[Fields]:
        raise error

    return fail


DENIED = says(Response="Error", Message="Permission denied")


class HandMadeLink:
    """Answers at once with what the test laid down; all else with success."""

    def __init__(self, **replies: Reply) -> None:
        self.settings = AmiSettings("lab", "127.0.0.1", 5038, "minuteur", "secret")
        self.connected = True
        self.renewed = 0
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.where: Fields = {"Event": "Status", "Channel": CHANNEL, "Application": "Read"}
        self.replies: dict[str, Reply] = {
            "Status": lambda _: [{"Response": "Success"}, self.where],
            "Getvar": says(Response="Success", Value="1"),
            "CoreSettings": says(AsteriskVersion="22.10.1"),
            **replies,
        }

    async def ask(
        self, name: str, headers: Mapping[str, str], within: float | None = None
    ) -> list[Fields]:
        self.asked.append((name, dict(headers)))
        return self.replies.get(name, says(Response="Success", Message="Fine"))(headers)

    def renew(self) -> None:
        self.renewed += 1

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.asked]


async def test_an_order_is_sent_under_its_commands_id() -> None:
    link = HandMadeLink()
    assert await AmiCommands(link).send("c-1", WITHDRAW) == Answer(True, "Fine")
    (sent,) = link.asked
    assert sent == (
        "QueueWithdrawCaller",
        {
            "Queue": "support",
            "Caller": CHANNEL,
            "WithdrawInfo": "overflow,s,1",
            "ActionID": "c-1",
        },
    )


@pytest.mark.parametrize(
    ("error", "sent", "accepted"),
    [
        (LinkError("Cannot reach the PBX."), False, False),
        (ValueError("the AMI header X holds a line break"), False, False),
        (ConnectionError(), True, None),
        (TimeoutError(), True, None),
    ],
    ids=["no connection", "not one line", "cut", "silent"],
)
async def test_an_order_without_an_answer_is_not_sent_again(
    error: Exception, sent: bool, accepted: bool | None
) -> None:
    link = HandMadeLink(QueueAdd=fails(error))
    answer = await AmiCommands(link).send("c-1", HELPER)
    assert (answer.sent, answer.accepted) == (sent, accepted)
    assert answer.text
    assert link.names == ["QueueAdd"]


@pytest.mark.parametrize("order", [WITHDRAW, REDIRECT, HELPER, SetGlobal("A", "1")])
async def test_nothing_goes_to_a_pbx_that_is_not_observed(order: Order) -> None:
    link = HandMadeLink()
    link.connected = False
    commands = AmiCommands(link)
    assert await commands.look(order) == "The PBX lab is not connected."
    assert await commands.send("c", order) == Answer(
        False, "The PBX lab is not connected.", sent=False
    )
    assert link.asked == []


async def test_an_invalid_order_is_not_sent() -> None:
    link = HandMadeLink()
    order = SetGlobal("SHELL(reboot)", "1")
    answer = await AmiCommands(link).send("c", order)
    assert (answer.sent, answer.accepted) == (False, False)
    assert await AmiCommands(link).look(order) == answer.text
    assert link.asked == []


@pytest.mark.parametrize("order", [WITHDRAW, REDIRECT])
async def test_nobody_is_sent_to_a_place_that_does_not_exist(order: Order) -> None:
    link = HandMadeLink(Getvar=says(Response="Success", Value="0"))
    assert await AmiCommands(link).look(order) == "There is no overflow,s,1 in the dialplan."


async def test_where_it_cannot_be_known_the_dialplan_guards_a_withdrawal_but_no_redirect() -> None:
    link = HandMadeLink(Getvar=says(Response="Success", Value=""))
    assert await AmiCommands(link).look(WITHDRAW) == ""
    assert "func_dialplan" in await AmiCommands(link).look(REDIRECT)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"Application": "Queue"}, "The caller is in Queue() by now."),
        ({"Application": "Dial"}, "The caller is in Dial() by now."),
        ({"BridgeID": "b-1"}, "The caller is talking to somebody."),
        ({"Channel": "another"}, "The caller is not there any more."),
    ],
)
async def test_only_who_is_still_in_the_voice_server_is_redirected(
    where: Fields, words: str
) -> None:
    link = HandMadeLink()
    link.where |= where
    assert await AmiCommands(link).look(REDIRECT) == words


async def test_who_is_in_the_voice_server_is_redirected() -> None:
    link = HandMadeLink()
    assert await AmiCommands(link).look(REDIRECT) == ""
    assert link.names == ["Getvar", "Status"], "where the caller is, is asked last"


async def test_a_channel_that_is_gone_is_not_redirected() -> None:
    link = HandMadeLink(Status=says(Response="Error", Message="No such channel"))
    assert await AmiCommands(link).look(REDIRECT) == "The caller is not there any more."


@pytest.mark.parametrize(
    ("version", "moves"),
    [
        ("16.28.0~dfsg-0+deb11u4", False),
        ("18.19.0", False),
        ("18.20.0", True),
        ("20.4.0", False),
        ("20.5.1", True),
        ("21.0.0", True),
        ("22.10.1+dfsg", True),
        ("GIT-master-abc", True),
    ],
)
async def test_a_priority_is_given_only_where_it_moves_who_waits(version: str, moves: bool) -> None:
    link = HandMadeLink(CoreSettings=says(AsteriskVersion=version))
    why_not = await AmiCommands(link).look(ChangePriority("support", CHANNEL, 10))
    assert (why_not == "") is moves
    if not moves:
        assert version.partition("~")[0].rpartition(".")[0] in why_not


async def test_a_dead_connection_shows_in_the_look_and_is_made_anew_once() -> None:
    replies = iter([fails(TimeoutError()), says(Response="Success")])

    def ping(headers: Mapping[str, str]) -> list[Fields]:
        return next(replies)(headers)

    link = HandMadeLink(Ping=ping)
    assert await AmiCommands(link).look(HELPER) == ""
    assert link.names == ["Ping", "Ping"]
    link = HandMadeLink(Ping=fails(ConnectionError()))
    assert "not connected" in await AmiCommands(link).look(HELPER)
    assert link.names == ["Ping", "Ping"]


async def test_a_missing_class_is_named_and_the_next_action_logs_in_anew() -> None:
    link = HandMadeLink(QueueAdd=DENIED)
    answer = await AmiCommands(link).send("c", HELPER)
    assert answer.accepted is False
    assert "add agent to its write line" in answer.text
    assert link.renewed == 1


async def test_a_missing_module_is_named() -> None:
    link = HandMadeLink(Setvar=says(Response="Error", Message="Variable not set"))
    answer = await AmiCommands(link).send("c", ChangeLamp("support", "INUSE"))
    assert answer == Answer(False, "Variable not set. Check that func_devstate is loaded.")


async def test_an_action_that_the_pbx_is_too_old_for_is_named() -> None:
    text = "Invalid/unknown command: QueueWithdrawCaller. Use Action: ListCommands to show"
    link = HandMadeLink(QueueWithdrawCaller=says(Response="Error", Message=text))
    answer = await AmiCommands(link).send("c", WITHDRAW)
    assert answer.accepted is False
    assert "16.25" in answer.text


async def test_what_the_rules_need_and_the_account_lacks_is_said() -> None:
    to = Destination("overflow")
    actions: list[Action] = [
        Withdraw(to),
        Redirect(to),
        AddMembers((Helper("PJSIP/7"),)),
        SetVariable("A"),
    ]
    all_of_them = {"QueueWithdrawCaller", "Redirect", "QueueAdd", "QueueRemove", "Setvar"}
    link = HandMadeLink(ListCommands=says(**dict.fromkeys(all_of_them, "")))
    assert await AmiCommands(link).lacking(actions) == ""
    assert link.renewed == 0
    link = HandMadeLink(ListCommands=says(QueueWithdrawCaller=""))
    text = await AmiCommands(link).lacking(actions)
    assert "(QueueAdd, QueueRemove): add agent" in text
    assert "(Redirect, Setvar): add call" in text
    assert link.renewed == 1


async def test_through_a_real_link_the_order_goes_out_once_under_its_id() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx) as linked:
        await linked.sink.until(lambda _: linked.link.connected)
        commands = AmiCommands(linked.link)
        pbx.answers["QueueAdd"] = lambda _, fields: message(
            Response="Success", ActionID=fields["ActionID"], Message="Added interface to queue"
        )
        assert await commands.look(HELPER) == ""
        assert await commands.send("minuteur-7", HELPER) == Answer(True, "Added interface to queue")
        assert [one for one in pbx.actions if one["Action"] == "QueueAdd"] == [
            {
                "Action": "QueueAdd",
                "ActionID": "minuteur-7",
                "Queue": "support",
                "Interface": "PJSIP/7",
                "Penalty": "0",
            }
        ]


async def test_through_a_real_link_a_cut_leaves_the_answer_open() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx) as linked:
        await linked.sink.until(lambda _: linked.link.connected)
        commands = AmiCommands(linked.link)

        def cut(connection: object, fields: Fields) -> bytes | None:
            for one in pbx.connections:
                one.cut()
            return None

        pbx.answers["QueueAdd"] = cut
        answer = await commands.send("c", HELPER)
        assert answer.accepted is None
        assert answer.sent
        await asyncio.sleep(0)
        assert pbx.names().count("QueueAdd") == 1
