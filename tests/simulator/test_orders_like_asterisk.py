"""The actions that overflow uses, sent to a real Asterisk 22 and to the simulated one alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from telephony_adapters.asterisk.ami_translate import TABLE
from tests.asterisk_lab.ami import Message
from tests.asterisk_lab.callers import Agent, never_answers, ring
from tests.asterisk_lab.server import AsteriskLab, LabOptions

from .lab_rows import story
from .stages import DEAF, DIALPLAN, KEEN, Stage, named, real, simulated, until

pytestmark = pytest.mark.asterisk

WANTED = frozenset(TABLE)


@pytest.fixture(scope="module")
def lab() -> Iterator[AsteriskLab]:
    with AsteriskLab(LabOptions(append={"extensions.conf": DIALPLAN})) as running:
        phones = [
            ring(running, never_answers("agent1")),
            ring(running, Agent("agent2", ring=200, talk=200)),
        ]
        yield running
        for phone in phones:
            phone.stop()


# --- answers ------------------------------------------------------------------------------------

MEMBER = {"Queue": "support", "Interface": DEAF}
LAMP = {"Variable": "DEVICE_STATE(Custom:lamp)"}
KEY = {"Family": "minuteur", "Key": "support"}
ORDERS: list[tuple[str, dict[str, str]]] = [
    ("QueueAdd", {**MEMBER, "MemberName": "Zoé", "Penalty": "3"}),
    ("QueueAdd", MEMBER),
    ("QueueAdd", {"Queue": "none", "Interface": DEAF}),
    ("QueueAdd", {"Queue": "support"}),
    ("QueueAdd", {"Queue": "support", "Interface": KEEN, "Penalty": "-4", "Paused": "true",
                  "Reason": "overflow"}),
    ("QueueAdd", {"Queue": "sales", "Interface": KEEN, "Penalty": "x"}),
    ("QueuePenalty", {**MEMBER, "Penalty": "7"}),
    ("QueuePenalty", {**MEMBER, "Penalty": "7"}),
    ("QueuePenalty", {"Interface": KEEN, "Penalty": "5"}),
    ("QueuePenalty", {**MEMBER, "Penalty": "-5"}),
    ("QueuePenalty", {**MEMBER, "Penalty": "x"}),
    ("QueuePenalty", {"Queue": "none", "Interface": DEAF, "Penalty": "1"}),
    ("QueuePenalty", {"Interface": "PJSIP/none", "Penalty": "1"}),
    ("QueuePenalty", MEMBER),
    ("QueuePenalty", {"Penalty": "1"}),
    ("QueueRemove", MEMBER),
    ("QueueRemove", MEMBER),
    ("QueueRemove", {"Queue": "none", "Interface": DEAF}),
    ("QueueRemove", {"Queue": "support"}),
    ("QueueRemove", {"Queue": "support", "Interface": KEEN}),
    ("QueueRemove", {"Queue": "sales", "Interface": KEEN}),
    ("QueueWithdrawCaller", {"Queue": "none", "Caller": "x"}),
    ("QueueWithdrawCaller", {"Queue": "support", "Caller": "x"}),
    ("QueueWithdrawCaller", {"Queue": "support"}),
    ("QueueWithdrawCaller", {"Caller": "x"}),
    ("QueueChangePriorityCaller", {"Queue": "none", "Caller": "x", "Priority": "3"}),
    ("QueueChangePriorityCaller", {"Queue": "support", "Caller": "x", "Priority": "3"}),
    ("QueueChangePriorityCaller", {"Queue": "support", "Caller": "x", "Priority": "high"}),
    ("QueueChangePriorityCaller", {"Queue": "support", "Caller": "x"}),
    ("QueueChangePriorityCaller", {"Queue": "support"}),
    ("QueueChangePriorityCaller", {"Caller": "x"}),
    ("Redirect", {"Channel": "x", "Context": "orders", "Exten": "moved", "Priority": "1"}),
    ("Redirect", {"Channel": "x", "Context": "orders", "Exten": "moved", "Priority": "0"}),
    ("Redirect", {"Channel": "x", "Context": "orders", "Exten": "moved", "Priority": "x"}),
    ("Redirect", {"Channel": "x", "Context": "orders", "Exten": "moved"}),
    ("Redirect", {"Channel": "x", "Context": "orders", "Priority": "1"}),
    ("Redirect", {"Channel": "x", "Exten": "moved", "Priority": "1"}),
    ("Redirect", {"Context": "orders", "Exten": "moved", "Priority": "1"}),
    ("Setvar", {"Variable": "MINUTEUR", "Value": "1"}),
    ("Setvar", {"Variable": "MINUTEUR", "Value": "1"}),
    ("Getvar", {"Variable": "MINUTEUR"}),
    ("Setvar", {"Variable": "MINUTEUR", "Value": ""}),
    ("Setvar", {"Variable": "GLOBAL(OVERFLOW)", "Value": "on"}),
    ("Getvar", {"Variable": "GLOBAL(OVERFLOW)"}),
    ("Getvar", {"Variable": "OVERFLOW"}),
    ("Setvar", {"Value": "1"}),
    ("Setvar", {"Variable": "NONE(x)", "Value": "1"}),
    ("Setvar", {**LAMP, "Value": "INUSE"}),
    ("Setvar", {**LAMP, "Value": "inuse"}),
    ("Getvar", LAMP),
    ("Setvar", {**LAMP, "Value": "NONSENSE"}),
    ("Setvar", {**LAMP, "Value": "NOT_INUSE"}),
    ("Setvar", {"Variable": "DEVICE_STATE(lamp)", "Value": "INUSE"}),
    ("Getvar", {"Variable": "DEVICE_STATE(Custom:none)"}),
    ("Getvar", {"Variable": "DIALPLAN_EXISTS(orders,moved,1)"}),
    ("Getvar", {"Variable": "DIALPLAN_EXISTS(orders,moved,9)"}),
    ("Getvar", {"Variable": "DIALPLAN_EXISTS(orders,none,1)"}),
    ("Getvar", {"Variable": "DIALPLAN_EXISTS(none,moved,1)"}),
    ("Getvar", {"Variable": "DIALPLAN_EXISTS(orders)"}),
    ("Getvar", {"Variable": "DIALPLAN_EXISTS(orders,moved)"}),
    ("Status", {"Channel": "x"}),
    ("DBPut", {**KEY, "Val": "on, really"}),
    ("DBDel", KEY),
    ("DBDel", KEY),
    ("DBPut", KEY),
    ("DBDel", KEY),
    ("DBPut", {"Family": "minuteur", "Val": "1"}),
    ("DBPut", {"Key": "support", "Val": "1"}),
    ("DBDel", {"Family": "minuteur"}),
    ("DBDel", {"Key": "support"}),
    ("DBGet", {"Family": "minuteur"}),
    ("DBGet", {"Key": "support"}),
    ("DBGet", {"Family": "minuteur", "Key": "none"}),
]  # fmt: skip

TOLD_AS_IT_IS = ("VarSet", "DeviceStateChange")
NOT_COMPARED = frozenset(
    {"ActionID", "Timestamp", "SystemName", "LoginTime", "LastPause", "Privilege"}
)


async def conversation(stage: Stage) -> list[tuple[str, Message, list[Message]]]:
    """Each order, its answer, and what the PBX told of it."""
    found = []
    for action, fields in ORDERS:
        stage.events.clear()
        answer = await stage.ask(action, **fields)
        await stage.let(20)  # events go another way than answers
        told = [bare(event) for event in stage.events if is_of_orders(event)]
        found.append((f"{action} {fields}", bare(answer), told))
    return found


def is_of_orders(event: Message) -> bool:
    name = event.get("Event", "")
    return (
        name.startswith("QueueMember")
        or (name == "VarSet" and event["Channel"] == "none")
        or (name == "DeviceStateChange" and event["Device"].startswith("Custom:"))
    )


def bare(message: Message) -> Message:
    return {name: value for name, value in message.items() if name not in NOT_COMPARED}


async def test_every_order_is_answered_and_told_as_by_a_real_asterisk(lab: AsteriskLab) -> None:
    with real(lab) as asterisk:
        theirs = await conversation(asterisk)
    async with simulated() as ours:
        assert await conversation(ours) == theirs


async def test_a_value_of_the_database_is_read_as_from_a_real_asterisk(lab: AsteriskLab) -> None:
    async def read(stage: Stage) -> list[Message]:
        await stage.ask("DBPut", **KEY, Val="on")
        return [bare(item) for item in await stage.listing("DBGet", **KEY)]

    with real(lab) as asterisk:
        theirs = await read(asterisk)
    async with simulated() as ours:
        assert await read(ours) == theirs


async def test_a_channel_is_listed_as_by_a_real_asterisk(lab: AsteriskLab) -> None:
    async def listed(stage: Stage) -> tuple[list[str], Message]:
        caller = await dial(stage, "waiting", "0700000001")
        await until(stage, named("QueueCallerJoin", Channel=caller))
        (item,) = await stage.listing("Status", Channel=caller)
        await stage.ask("Hangup", Channel=caller)
        await over(stage, caller)
        looked_at = ("Channel", "DNID", "Application", "Data", "BridgeID", "Context", "Exten")
        return list(item), {name: item[name] for name in looked_at}

    with real(lab) as asterisk:
        names, theirs = await listed(asterisk)
    async with simulated() as ours:
        found, one = await listed(ours)
    assert found == names
    assert {**one, "Channel": ""} == {**theirs, "Channel": ""}


# --- what becomes of callers --------------------------------------------------------------------


async def dial(stage: Stage, exten: str, number: str) -> str:
    """A caller comes; returns the channel that runs the dialplan."""
    await stage.ask(
        "Originate",
        Channel=f"Local/{exten}@orders/n",
        Application="Wait",
        Data="60",
        CallerID=f"Caller <{number}>",
        Async="true",
    )
    came = await until(
        stage, lambda e: e.get("Event") == "NewCallerid" and e["CallerIDNum"] == number
        and e["Channel"].endswith(";2")
    )  # fmt: skip
    return came["Channel"]


async def over(stage: Stage, *channels: str) -> None:
    for channel in channels:
        await until(stage, named("Hangup", Channel=channel))
        await until(stage, named("Hangup", Channel=channel.replace(";2", ";1")))
    await stage.let(100)


async def withdrawn_while_it_rings(stage: Stage) -> None:
    caller = await dial(stage, "waiting", "0700000001")
    await until(stage, named("AgentCalled", Channel=caller, Interface=DEAF))
    fields = {"Queue": "support", "Caller": caller, "WithdrawInfo": "orders,moved,1"}
    await stage.ask("QueueWithdrawCaller", **fields)
    again = await stage.ask("QueueWithdrawCaller", **fields)
    assert again["Message"] == "Unable to request withdraw from queue: Already requested"
    await over(stage, caller)


async def withdrawn_while_another_is_rung_for(stage: Stage) -> None:
    first = await dial(stage, "waiting", "0700000001")
    await until(stage, named("AgentCalled", Channel=first))
    second = await dial(stage, "waiting", "0700000002")
    await until(stage, named("QueueCallerJoin", Channel=second))
    await stage.ask(
        "QueueWithdrawCaller", Queue="support", Caller=second, WithdrawInfo="orders,moved,1"
    )
    await over(stage, second)
    await stage.ask("Hangup", Channel=first)
    await over(stage, first)


async def withdrawn_but_answered(stage: Stage) -> None:
    await stage.ask("QueueRemove", Queue="support", Interface=DEAF)
    await stage.ask("QueueAdd", Queue="support", Interface=KEEN)
    caller = await dial(stage, "waiting", "0700000001")
    await until(stage, named("AgentCalled", Channel=caller, Interface=KEEN))
    await stage.ask(
        "QueueWithdrawCaller", Queue="support", Caller=caller, WithdrawInfo="orders,moved,1"
    )
    await over(stage, caller)
    await stage.ask("QueueRemove", Queue="support", Interface=KEEN)


async def redirected_out_of_the_voice_server(stage: Stage) -> None:
    caller = await dial(stage, "choosing", "0700000001")
    await until(stage, named("Newexten", Channel=caller, Application="Read"))
    answer = await stage.ask(
        "Redirect", Channel=caller, Context="orders", Exten="moved", Priority="1"
    )
    assert answer["Message"] == "Redirect successful"
    await over(stage, caller)


@pytest.mark.parametrize(
    "play",
    [
        withdrawn_while_it_rings,
        withdrawn_while_another_is_rung_for,
        withdrawn_but_answered,
        redirected_out_of_the_voice_server,
    ],
)
async def test_a_moved_caller_goes_the_way_of_a_real_one(
    lab: AsteriskLab, play: Callable[[Stage], object]
) -> None:
    async def played(stage: Stage) -> dict[str, list[str]]:
        await stage.ask("QueueAdd", Queue="support", Interface=DEAF)
        await stage.ask("QueueAdd", Queue="sales", Interface=KEEN)
        await play(stage)  # type: ignore[misc]
        await stage.ask("QueueRemove", Queue="support", Interface=DEAF)
        await stage.ask("QueueRemove", Queue="sales", Interface=KEEN)
        told = story(stage.events, WANTED)
        return {who: [one for one in what if not echoed(who, one)] for who, what in told.items()}

    with real(lab) as asterisk:
        theirs = await played(asterisk)
    async with simulated() as ours:
        assert await played(ours) == theirs


def echoed(who: str, what: str) -> bool:
    """The calling half of a real Local channel is named once more when it is gone."""
    return who.startswith("first-half") and what.startswith("NewCallerid")


CHANGES = [(2, "5", "true"), (1, "5", "true"), (0, "9", "false"), (2, "5", "yes"), (1, "-3", "1")]
"""Which caller gets which priority, and whether at once."""


async def test_priorities_put_callers_where_a_real_asterisk_puts_them(lab: AsteriskLab) -> None:
    async def lines(stage: Stage) -> list[list[tuple[str, str]]]:
        callers = [await dial(stage, "waiting", f"070000000{number}") for number in range(4)]
        for caller in callers:
            await until(stage, named("QueueCallerJoin", Channel=caller))
        found = []
        for number, priority, at_once in CHANGES:
            answer = await stage.ask(
                "QueueChangePriorityCaller",
                Queue="support",
                Caller=callers[number],
                Priority=priority,
                Immediate=at_once,
            )
            assert answer["Message"] == "Priority change for caller on queue"
            found.append(await line(stage))
        callers.append(await dial(stage, "waiting", "0700000009"))
        await until(stage, named("QueueCallerJoin", Channel=callers[-1]))
        found.append(await line(stage))
        for caller in callers:
            await stage.ask("Hangup", Channel=caller)
        await over(stage, *callers)
        return found

    with real(lab) as asterisk:
        theirs = await lines(asterisk)
    async with simulated() as ours:
        assert await lines(ours) == theirs


async def line(stage: Stage) -> list[tuple[str, str]]:
    items = await stage.listing("QueueStatus", Queue="support")
    return [(i["CallerIDNum"], i["Priority"]) for i in items if i["Event"] == "QueueEntry"]
