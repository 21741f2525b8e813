"""The server: who gets in, who hears what, and what becomes of a link that is not looked after."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from hashlib import md5

import pytest

from telephony_adapters.simulator import ALWAYS_BUSY, QUIET, Account, SimulatedPbx

from .client import WITHIN, Client, connected, logged_in, names

START = 1_795_000_000_000


@pytest.fixture
async def pbx() -> AsyncIterator[SimulatedPbx]:
    made = SimulatedPbx(speed=0, start=START, profile=QUIET, refusal_delay=0)
    async with made:
        yield made


@pytest.fixture
async def stranger(pbx: SimulatedPbx) -> AsyncIterator[Client]:
    """Somebody who is connected and not logged in."""
    async with connected(pbx.port) as made:
        yield made


async def test_banner_login_and_boot_report(pbx: SimulatedPbx, stranger: Client) -> None:
    client = stranger
    pbx.advance(12_000)
    assert client.banner == b"Asterisk Call Manager/11.0.0\r\n"
    answer = await client.login()
    assert answer == {
        "Response": "Success",
        "ActionID": "t-1",
        "Message": "Authentication accepted",
    }
    boot = await client.read()
    assert boot == {
        "Event": "FullyBooted",
        "Privilege": "system,all",
        "Uptime": "12",
        "LastReload": "12",
        "Status": "Fully Booted",
    }


async def test_no_boot_report_with_events_off(pbx: SimulatedPbx) -> None:
    async with logged_in(pbx.port, events="off") as client:
        assert await client.drain() == []


@pytest.mark.parametrize(
    "fields", [{"Secret": "wrong"}, {"Username": "nobody"}, {"AuthType": "MD5", "Key": "00"}]
)
async def test_wrong_login_is_refused_and_closed(stranger: Client, fields: dict[str, str]) -> None:
    answer = await stranger.login(**fields)
    assert answer["Response"] == "Error"
    assert answer["Message"] == "Authentication failed"
    assert await stranger.rest() == b""


async def test_challenge_and_md5(stranger: Client) -> None:
    client = stranger
    assert (await client.ask("Challenge"))["Message"] == "Must specify AuthType"
    challenge = (await client.ask("Challenge", AuthType="MD5"))["Challenge"]
    key = md5(f"{challenge}minuteur".encode()).hexdigest()
    answer = await client.ask("Login", AuthType="MD5", Username="minuteur", Key=key)
    assert answer["Message"] == "Authentication accepted"


async def test_nothing_but_login_before_the_login(pbx: SimulatedPbx, stranger: Client) -> None:
    client = stranger
    assert (await client.ask("Ping"))["Message"] == "Permission denied"
    assert (await client.ask("Nonsense"))["Message"] == "Permission denied"
    pbx.call("0199000001", "support")
    answer = await client.ask("Logoff")
    assert answer["Message"] == "Thanks for all the fish."
    assert await client.rest() == b""
    assert client.events == []


async def test_bare_line_feeds_small_letters_and_junk(stranger: Client) -> None:
    client = stranger
    client.writer.write(b"action: login\nusername: minuteur\nsecret: minuteur\nevents: off\n\n")
    assert (await client.read())["Response"] == "Success"
    client.writer.write(b"GET / HTTP/1.0\r\n\r\n")
    assert (await client.read())["Message"] == "Missing action in request"
    client.writer.write(b"x" * 5000 + b"\r\n\r\n")
    assert (await client.read())["Message"] == "Failed to parse message: line too long"
    answer = await client.ask("Nonsense")
    assert answer["Message"] == (
        "Invalid/unknown command: Nonsense. Use Action: ListCommands to show available commands."
    )
    assert (await client.ask("Login"))["Message"] == "Already authenticated"


async def test_event_masks_and_filters(pbx: SimulatedPbx) -> None:
    async with logged_in(pbx.port, "call") as calls, logged_in(pbx.port) as some:
        filtered = await some.ask("Filter", Operation="Add", MatchCriteria="name(QueueCallerJoin)")
        assert filtered["Message"] == "Success"
        assert (await some.ask("Filter", Operation="Add"))["Response"] == "Error"
        await some.ask(
            "Filter",
            Operation="Add",
            MatchCriteria="name(VarSet),header(Variable),method(exact)",
            Filter="SIPDOMAIN",
        )
        pbx.call("0199000001", "support")
        pbx.agent("PJSIP/201").login()
        pbx.call("0199000001", "support")
        pbx.advance(1000)
        heard = names(await calls.drain())
        assert "Newchannel" in heard
        assert not {"Newexten", "QueueCallerJoin", "VarSet"} & set(heard)
        assert names(await some.drain())[1:] == ["VarSet", "VarSet", *["QueueCallerJoin"] * 2]
        assert (await calls.ask("Events", EventMask="off"))["Events"] == "Off"
        before = len(calls.events)
        pbx.call("0199000001", "support")
        assert len(await calls.drain()) == before


async def test_an_account_hears_and_does_only_what_it_may() -> None:
    accounts = {"minuteur": Account("minuteur", read="agent", write="user")}
    async with (
        SimulatedPbx(speed=0, start=START, profile=QUIET, accounts=accounts) as pbx,
        logged_in(pbx.port) as client,
    ):
        pbx.agent("PJSIP/201").login()
        assert set(names(await client.drain())) == {"QueueMemberAdded"}
        denied = await client.ask("QueuePause", Interface="PJSIP/201", Paused="true")
        assert denied["Message"] == "Permission denied"
        commands = await client.ask("ListCommands")
        assert "QueueStatus" in commands
        assert "QueueAdd" not in commands


async def test_two_clients_hear_the_same(pbx: SimulatedPbx) -> None:
    async with logged_in(pbx.port) as one, logged_in(pbx.port) as two:
        pbx.agent("PJSIP/201").login()
        pbx.call("0199000001", "support")
        pbx.advance(60_000)
        assert await one.drain() == await two.drain()


async def test_a_client_that_does_not_read_is_cut_off_alone() -> None:
    async with SimulatedPbx(speed=0, start=START, write_timeout=0.01) as pbx:
        deaf = socket.create_connection(("127.0.0.1", pbx.port))
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(b"Action: Login\r\nUsername: minuteur\r\nSecret: minuteur\r\n\r\n")
        async with logged_in(pbx.port) as client:
            async with asyncio.timeout(WITHIN):
                while not pbx.cut_off:
                    pbx.advance(10_000)
                    await client.drain()
            assert (await client.ask("Ping"))["Ping"] == "Pong"
            assert len(pbx.connections) == 1
        deaf.close()


async def test_cut_links_and_the_same_port_again(pbx: SimulatedPbx, stranger: Client) -> None:
    await stranger.login()
    port = pbx.port
    pbx.cut_links()
    with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
        await stranger.until(lambda _: False)
    call = pbx.call("0199000001", "support")
    await pbx.stop()
    assert await pbx.start(port) == port
    async with logged_in(port) as again:
        (channel,) = await again.listing("CoreShowChannels")
        assert channel["Uniqueid"] == call.uniqueid


async def test_a_frozen_link_says_nothing_and_tells_it_all_later(pbx: SimulatedPbx) -> None:
    async with logged_in(pbx.port) as client:
        await client.drain()
        pbx.freeze()
        ping = client.send("Ping")
        await client.writer.drain()
        pbx.call("0199000001", "support")
        reading = asyncio.create_task(client.read())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not reading.done()
        pbx.thaw()
        assert (await reading)["Event"] == "Newchannel"
        await client.until(lambda message: message.get("ActionID") == ping)


async def test_reboot_loses_calls_and_keeps_members(pbx: SimulatedPbx) -> None:
    pbx.agent("PJSIP/201").login()
    pbx.call("0199000001", "support")
    pbx.advance(300_000)
    pbx.call("0199000002", "support")
    pbx.reboot()
    pbx.advance(3_000)
    async with logged_in(pbx.port) as client:
        assert await client.listing("CoreShowChannels") == []
        items = await client.listing("QueueStatus", Queue="support")
        assert names(items) == ["QueueParams", "QueueMember"]
        assert items[1]["Status"] == "1"
        assert (await client.drain())[0]["Uptime"] == "3"


async def test_a_clean_restart_says_so(pbx: SimulatedPbx) -> None:
    async with logged_in(pbx.port) as client:
        pbx.reboot(cleanly=True)
        last = await client.until(lambda message: message.get("Event") == "Shutdown")
        assert (last["Shutdown"], last["Restart"]) == ("Cleanly", "True")
        assert await client.rest() == b""


async def test_it_runs_by_itself_faster_than_real_time() -> None:
    async with (
        SimulatedPbx(speed=2000, start=START, profile=ALWAYS_BUSY) as pbx,
        logged_in(pbx.port) as client,
    ):
        done = await client.until(lambda message: message.get("Event") == "AgentComplete")
        assert float(done["Timestamp"]) * 1000 >= START


async def test_the_clock_of_a_ping_is_the_virtual_one() -> None:
    wall = [5_000]
    pbx = SimulatedPbx(speed=2, start=START, profile=QUIET, clock=lambda: wall[0])
    async with pbx, logged_in(pbx.port) as client:
        wall[0] += 1_500
        assert (await client.ask("Ping"))["Timestamp"] == f"{(START + 3_000) // 1000}.000000"
