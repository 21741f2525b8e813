"""What an AMI account may order: found out before anything is done, and mended by a reload."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from monitor.core.events import LinkState
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
from monitor.core.overflow.rules import (
    Action,
    AddMembers,
    Destination,
    Helper,
    Prioritise,
    Redirect,
    SetDatabase,
    SetLamp,
    SetPenalty,
    SetVariable,
    Withdraw,
)
from telephony_adapters.asterisk.ami_commands import AmiCommands
from tests.adapters.test_ami_real import Real
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.server import AsteriskLab
from tests.overflow_live.centre import overflow_lab

pytestmark = pytest.mark.asterisk

HELPER = "Local/r_9@agents/n"
TO = Destination("overflow", "second", queue="of-second")
BY_CLASS: dict[str, list[Action]] = {
    "": [Withdraw(TO), Prioritise(10)],
    "call": [Redirect(TO), SetVariable("A"), SetLamp("x")],
    "agent": [AddMembers((Helper(HELPER),)), SetPenalty((HELPER,), 1)],
    "system": [SetDatabase("overflow", "support")],
}
"""What rules do, by the write class that it needs."""
ORDERS: dict[str, list[Order]] = {
    "": [WithdrawCaller("of-first", "no-such", ""), ChangePriority("of-first", "no-such", 1)],
    "call": [
        RedirectChannel("no-such", "overflow", "second", 1),
        SetGlobal("A", "1"),
        ChangeLamp("x", "INUSE"),
    ],
    "agent": [
        AddMember("of-busy", HELPER),
        ChangePenalty("of-busy", HELPER, 1),
        RemoveMember("of-busy", HELPER),
    ],
    "system": [PutDatabase("overflow", "x", "1"), PutDatabase("overflow", "x", "")],
}


@pytest.fixture(params=["22", "16"])
async def lab(request: pytest.FixtureRequest) -> AsyncIterator[AsteriskLab]:
    version: Version = request.param
    lab = overflow_lab(version, write="reporting")
    await asyncio.to_thread(lab.start)
    yield lab
    await asyncio.to_thread(lab.stop)
    lab.remove()


async def grant(lab: AsteriskLab, write: str) -> None:
    """Change the account as an admin does: the file, then ``manager reload``."""
    conf = lab.dir / "etc" / "manager.conf"
    before = f"write = {lab.options.write}\n"
    text = conf.read_text()
    assert text.count(before) == 1
    conf.write_text(text.replace(before, f"write = {write}\n"))
    await asyncio.to_thread(lab.cli, "manager reload")


async def test_what_is_missing_is_named_and_then_mended_without_a_new_link(
    lab: AsteriskLab,
) -> None:
    async with Real(lab) as real:
        await real.sink.until_link(LinkState.CONNECTED)
        commands = AmiCommands(real.link)
        for name, actions in BY_CLASS.items():
            said = await commands.lacking(actions)
            assert (f"add {name} to its write line" in said) == bool(name), said
            for number, order in enumerate(ORDERS[name]):
                answer = await commands.send(f"denied-{name}-{number}", order)
                denied = answer.text.startswith("Permission denied")
                assert denied == (answer.accepted is False and bool(name)), answer
                assert (f"add {name} to its write line" in answer.text) == bool(name)

        await grant(lab, "reporting,call,agent,system")
        await commands.send("refused once more, on the old connection", ORDERS["agent"][0])
        every = [action for actions in BY_CLASS.values() for action in actions]
        assert await commands.lacking(every) == ""
        done: list[Answer] = [
            await commands.send(f"done-{name}-{number}", order)
            for name, orders in ORDERS.items()
            for number, order in enumerate(orders)
            if name
        ]
        gone = [answer.text for answer in done if not answer.accepted]
        assert [text for text in gone if "Already there" not in text] == [
            "Channel does not exist: no-such"
        ]
        assert len(real.sink.links(LinkState.CONNECTED)) == 1
