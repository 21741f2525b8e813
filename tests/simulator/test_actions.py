"""What each action does, and the very words of a real Asterisk's answers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from telephony_adapters.simulator import QUEUE_LABELS, QUIET, SimulatedPbx

from .client import Client, logged_in, names
from .lab_rows import TRACES

START = 1_795_000_000_000


@pytest.fixture
async def pbx() -> AsyncIterator[SimulatedPbx]:
    async with SimulatedPbx(speed=0, start=START, profile=QUIET) as made:
        made.agent("PJSIP/201").login()
        yield made


@pytest.fixture
async def client(pbx: SimulatedPbx) -> AsyncIterator[Client]:
    async with logged_in(pbx.port) as made:
        yield made


REFUSALS = [
    ("Redirect", {"Channel": "PJSIP/none", "Context": "incoming", "Exten": "s", "Priority": "1"},
     "Channel does not exist: PJSIP/none"),
    ("Redirect", {"Context": "incoming"}, "Channel not specified"),
    ("Hangup", {"Channel": "PJSIP/none"}, "No such channel"),
    ("Hangup", {}, "No channel specified"),
    ("Getvar", {}, "No variable specified"),
    ("Getvar", {"Channel": "PJSIP/none", "Variable": "X"}, "No such channel"),
    ("Setvar", {"Channel": "PJSIP/none", "Variable": "X"}, "No such channel"),
    ("Events", {}, "Invalid event mask"),
    ("Filter", {"Operation": "Del", "Filter": "x"}, "Unknown operation"),
    ("Filter", {"Operation": "Add", "Filter": "a(b"},
     "Filter did not compile.  Check the syntax of the filter given."),
    ("QueueAdd", {"Interface": "PJSIP/201", "Queue": "support"},
     "Unable to add interface: Already there"),
    ("QueueAdd", {"Interface": "PJSIP/201", "Queue": "none"},
     "Unable to add interface to queue: No such queue"),
    ("QueueAdd", {"Interface": "PJSIP/201"}, "'Queue' not specified."),
    ("QueueRemove", {"Interface": "PJSIP/202", "Queue": "support"},
     "Unable to remove interface: Not there"),
    ("QueueRemove", {"Interface": "PJSIP/201", "Queue": "none"},
     "Unable to remove interface from queue: No such queue"),
    ("QueueRemove", {"Queue": "support"}, "Need 'Queue' and 'Interface' parameters."),
    ("QueuePause", {"Interface": "PJSIP/299", "Paused": "true"}, "Interface not found"),
    ("QueuePause", {"Paused": "true"}, "Need 'Interface' and 'Paused' parameters."),
    ("QueuePenalty", {"Interface": "PJSIP/299", "Penalty": "3"},
     "Invalid interface, queuename or penalty"),
    ("QueuePenalty", {"Interface": "PJSIP/201"}, "Need 'Interface' and 'Penalty' parameters."),
    ("QueueWithdrawCaller", {"Queue": "none", "Caller": "PJSIP/x"},
     "Unable to request withdraw from queue: No such queue"),
    ("QueueWithdrawCaller", {"Queue": "support"}, "'Caller' not specified."),
    ("QueueWithdrawCaller", {"Caller": "x"}, "'Queue' not specified."),
    ("Originate", {}, "Channel not specified"),
    ("Originate", {"Channel": "Nope/x", "Application": "Wait"}, "Originate failed"),
    ("Originate", {"Channel": "foo", "Application": "Wait"}, "Invalid channel"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "fields", "text"), REFUSALS)
async def test_refusals(client: Client, action: str, fields: dict[str, str], text: str) -> None:
    answer = await client.ask(action, **fields)
    assert (answer["Response"], answer["Message"]) == ("Error", text)


async def test_member_actions(client: Client) -> None:
    answer = await client.ask("QueueAdd", Queue="sales", Interface="PJSIP/900", MemberName="Zoé")
    assert answer["Message"] == "Added interface to queue"
    # events of an action come after its answer
    added = await client.until(lambda m: m.get("Event") == "QueueMemberAdded")
    assert (added["MemberName"], added["Queue"], added["Status"]) == ("Zoé", "sales", "1")
    pause = {"Interface": "PJSIP/900", "Paused": "true", "Reason": "lunch"}
    assert (await client.ask("QueuePause", **pause))["Message"] == "Interface paused successfully"
    paused = await client.until(lambda m: m.get("Event") == "QueueMemberPause")
    assert (paused["Paused"], paused["PausedReason"]) == ("1", "lunch")
    pause["Paused"] = "false"
    assert (await client.ask("QueuePause", **pause))["Message"] == "Interface unpaused successfully"
    assert (await client.ask("QueuePenalty", Interface="PJSIP/900", Penalty="3"))["Message"]
    gone = await client.ask("QueueRemove", Queue="sales", Interface="PJSIP/900")
    assert gone["Message"] == "Removed interface from queue"
    removed = await client.until(lambda m: m.get("Event") == "QueueMemberRemoved")
    assert removed["Penalty"] == "3"


async def test_variables_and_user_events(client: Client, pbx: SimulatedPbx) -> None:
    assert (await client.ask("Setvar", Variable="X", Value="1"))["Message"] == "Variable Set"
    echo = await client.until(lambda m: m.get("Event") == "VarSet")
    assert (echo["Channel"], echo["Uniqueid"], echo["Value"]) == ("none", "none", "1")
    assert (await client.ask("Getvar", Variable="X"))["Value"] == "1"
    call = pbx.call("0199000001", "support")
    name = call.channel.name
    await client.ask("Setvar", Channel=name, Variable="Y", Value="2")
    assert (await client.ask("Getvar", Channel=name, Variable="Y"))["Value"] == "2"
    sent = client.send("UserEvent", UserEvent="MinuteurVoiceServer", Name="vip")
    event = await client.until(lambda m: m.get("Event") == "UserEvent")
    assert event["ActionID"] == sent
    assert event["UserEvent"] == "MinuteurVoiceServer"
    assert event["Name"] == "vip"


async def test_withdraw_a_waiting_caller(client: Client, pbx: SimulatedPbx) -> None:
    pbx.agent("PJSIP/201").phone.never_answers = True
    call = pbx.call("0199000001", "support")
    pbx.advance(2_000)
    fields = {"Queue": "support", "Caller": call.channel.name, "WithdrawInfo": "late"}
    answer = await client.ask("QueueWithdrawCaller", **fields)
    assert answer["Message"] == "Withdraw requested successfully"
    again = await client.ask("QueueWithdrawCaller", **fields)
    assert again["Message"] == "Unable to request withdraw from queue: Already requested"
    # an agent is being rung: it takes effect when that and the pause after it are over
    pbx.advance(12_000)
    assert call.entry is not None
    pbx.advance(1_000)
    events = await client.drain()
    status = next(m for m in events if m.get("Variable") == "QUEUESTATUS")
    assert status["Value"] == "WITHDRAW"
    assert call.ended  # there is no place called "late"


async def test_a_withdrawn_caller_goes_on_where_the_order_says(
    client: Client, pbx: SimulatedPbx
) -> None:
    pbx.agent("PJSIP/201").phone.never_answers = True
    pbx.agent("PJSIP/215").login()
    call = pbx.call("0199000001", "support")
    pbx.advance(1_000)
    fields = {"Caller": call.channel.name, "WithdrawInfo": "overflow,backoffice,1"}
    await client.ask("QueueWithdrawCaller", Queue="support", **fields)
    pbx.advance(30_000)
    joined = [m["Queue"] for m in await client.drain() if m["Event"] == "QueueCallerJoin"]
    assert joined == ["support", "backoffice"]
    assert call.talk is not None
    assert call.talk.member.phone.interface == "PJSIP/215"


async def test_redirect_out_of_a_conversation(client: Client, pbx: SimulatedPbx) -> None:
    pbx.agent("PJSIP/201").phone.answers_after = 1_000
    call = pbx.call("0199000001", "support")
    pbx.advance(10_000)
    assert call.talk is not None
    target = {"Context": "voicemail", "Exten": "s", "Priority": "1"}
    answer = await client.ask("Redirect", Channel=call.channel.name, **target)
    assert answer["Message"] == "Redirect successful"
    (channel,) = await client.listing("CoreShowChannels")
    assert (channel["Context"], channel["Application"], channel["BridgeId"]) == (
        *("voicemail", "Playback"),
        "",
    )
    assert names(await client.drain())[-3:].count("Newexten") == 1


async def test_hang_up(client: Client, pbx: SimulatedPbx) -> None:
    call = pbx.call("0199000001", "billing")
    pbx.call("0199000002", "sales")
    assert (await client.ask("Hangup", Channel=call.channel.name))["Message"] == "Channel Hungup"
    assert call.ended
    hung_up = await client.listing("Hangup", Channel="/^PJSIP.trunk-.*$/")
    assert names(hung_up) == ["ChannelHungup"]
    assert pbx.centre.channels == {}


async def test_originate_a_caller(client: Client, pbx: SimulatedPbx) -> None:
    answer = await client.ask(
        "Originate",
        Channel="Local/support@incoming/n",
        Application="Wait",
        Data="5.5",
        CallerID='"Zoé Née" <0199000031>',
        Async="true",
    )
    assert answer["Message"] == "Originate successfully queued"
    pbx.advance(1_000)
    (entry,) = [
        m
        for m in await client.listing("QueueStatus", Queue="support")
        if m["Event"] == "QueueEntry"
    ]
    assert (entry["CallerIDNum"], entry["CallerIDName"]) == ("0199000031", "Zoé Née")
    assert entry["Channel"].endswith(";2")
    pbx.agent("PJSIP/201").phone.answers_after = 60_000
    pbx.advance(5_000)
    gone = [m["Channel"][-2:] for m in await client.drain() if m["Event"] == "Hangup"]
    assert sorted(gone)[-2:] == [";1", ";2"]


async def test_core_actions(client: Client) -> None:
    assert (await client.ask("CoreSettings"))["AMIversion"] == "11.0.0"
    assert (await client.ask("CoreStatus"))["CoreCurrentCalls"] == "0"


async def test_lists_have_the_headers_of_real_ones(client: Client, pbx: SimulatedPbx) -> None:
    real = {}
    for frame in (TRACES / "snapshot.ami").read_bytes().split(b"\r\n\r\n"):
        if b"ActionID: " in frame and frame.startswith(b"Event: "):
            keys = [line.partition(b":")[0].decode() for line in frame.split(b"\r\n")]
            real[frame.split(b"\r\n")[0][7:].decode()] = keys
    pbx.agent("PJSIP/201").phone.answers_after = 500
    pbx.call("0199000001", "support")
    pbx.advance(2_000)
    pbx.call("0199000002", "support", name="Zoé")
    pbx.advance(1_000)
    seen = await client.listing("CoreShowChannels")
    seen += await client.listing("QueueStatus", Queue="support")
    seen += await client.listing("QueueSummary")
    assert set(names(seen)) == {
        *("CoreShowChannel", "QueueParams", "QueueMember", "QueueEntry", "QueueSummary"),
    }
    for item in seen:
        assert list(item) == real[item["Event"]]


async def test_lists_choose(client: Client) -> None:
    queues = [m for m in await client.listing("QueueStatus") if m["Event"] == "QueueParams"]
    assert [m["Queue"] for m in queues] == list(QUEUE_LABELS)
    assert await client.listing("QueueStatus", Queue="none") == []
    nobody = await client.listing("QueueStatus", Queue="support", Member="nobody")
    assert names(nobody) == ["QueueParams"]
    assert len(await client.listing("QueueSummary", Queue="sales")) == 1
