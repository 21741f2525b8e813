import asyncio
import functools
import logging
import socket
from typing import Any

import pytest
from panoramisk.manager import Manager

from telephony_adapters.asterisk.ami_login import AmiSettings, connect
from telephony_adapters.asterisk.ami_protocol import AmiProtocol, Answer, check_action

from .scripted import SECRET, Connection, Fields, ScriptedPbx, message
from .traces import frame


class Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    abort = close


def connected(**options: Any) -> tuple[AmiProtocol, Wire]:  # noqa: ANN401
    protocol, wire = AmiProtocol(**options), Wire()
    protocol.connection_made(wire)
    return protocol, wire


async def started(protocol: AmiProtocol, name: str, **headers: str) -> asyncio.Task[list[Answer]]:
    task = asyncio.create_task(protocol.request(name, headers))
    await asyncio.sleep(0)  # the task runs up to its waiting
    return task


def ident(protocol: AmiProtocol) -> str:
    return next(iter(protocol.responses))


@pytest.mark.parametrize(
    "bad", ["\r", "\n", "\0", "\r\n", "a\nAction: Command\nCommand: core stop"]
)
@pytest.mark.parametrize("place", ["value", "name", "list"])
async def test_nothing_that_ends_a_line_is_ever_written(bad: str, place: str) -> None:
    protocol, wire = connected()
    choices: dict[str, dict[str, Any]] = {
        "value": {"Channel": "x" + bad},
        "name": {"Channel" + bad: "x"},
        "list": {"Variable": ["a=1", "b=" + bad]},
    }
    headers = choices[place]
    with pytest.raises(ValueError, match=r"AMI header") as refusal:
        await protocol.request("Originate", headers)
    with pytest.raises(ValueError, match=r"AMI header"):
        protocol.send({"Action": "Originate", **headers})
    assert wire.written == b""
    assert protocol.responses == {}
    assert "Command: stop" not in str(refusal.value) or place == "name"


async def test_the_action_itself_cannot_be_two() -> None:
    protocol, wire = connected()
    with pytest.raises(ValueError, match="line break"):
        await protocol.request("Ping\r\nAction: Logoff", {})
    assert wire.written == b""


async def test_text_that_cannot_be_sent_is_refused_before_anything_is() -> None:
    protocol, wire = connected()
    with pytest.raises(ValueError, match="surrogates"):
        await protocol.request("Originate", {"Channel": "\udc80"})
    assert wire.written == b""
    assert protocol.responses == {}


def test_a_header_name_without_colon_tricks() -> None:
    with pytest.raises(ValueError, match="named"):
        check_action({"Action: Logoff": "x"})
    check_action({"Action": "Ping", "Variable": ["a=1", "b=é"], "Count": 3})


async def test_a_list_reaches_its_waiter_whole_and_in_order() -> None:
    seen: list[Answer] = []
    protocol, _ = connected(on_event=seen.append)
    task = await started(protocol, "QueueStatus", Queue="q")
    action = ident(protocol)
    stream = (
        message(Response="Success", ActionID=action, EventList="start")
        + frame("Event: Hangup", "Uniqueid: 1.1", "Cause: 16")
        + message(Event="QueueMember", Name="Zoé", ActionID=action)
        + message(Event="QueueEntry", Uniqueid="1.2", ActionID=action)
        + message(Event="QueueStatusComplete", ActionID=action, EventList="Complete")
    )
    for start in range(0, len(stream), 5):
        protocol.data_received(stream[start : start + 5])
    answers = await task
    assert [a.get("Event", "response") for a in answers] == [
        "response", "QueueMember", "QueueEntry", "QueueStatusComplete"
    ]  # fmt: skip
    assert answers[1]["Name"] == "Zoé"
    assert [fields["Event"] for fields in seen] == ["Hangup"]
    assert protocol.responses == {}


@pytest.mark.parametrize("message_", ["Permission denied", "Queue status will follow"])
async def test_a_refused_list_does_not_wait_for_items(message_: str) -> None:
    protocol, _ = connected()
    task = await started(protocol, "QueueStatus")
    protocol.data_received(
        message(Response="Error", ActionID=ident(protocol), EventList="start", Message=message_)
    )
    assert (await task)[0]["Response"] == "Error"


async def test_an_exception_of_the_sink_costs_one_event_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen = []

    def sink(fields: Answer) -> None:
        seen.append(fields["Uniqueid"])
        if fields["Uniqueid"] != "3":
            raise RuntimeError("broken")

    protocol, wire = connected(on_event=sink)
    with caplog.at_level(logging.ERROR):
        protocol.data_received(
            b"".join(frame("Event: Hangup", f"Uniqueid: {n}", "Cause: 1") for n in "123")
        )
    assert seen == ["1", "2", "3"]
    assert not wire.closing
    assert len(caplog.records) == 1


async def test_what_was_not_answered_fails_when_the_connection_ends() -> None:
    protocol, _ = connected()
    task = await started(protocol, "Ping")
    protocol.connection_lost(None)
    with pytest.raises(ConnectionError):
        await task
    with pytest.raises(ConnectionError):
        await protocol.request("Ping", {})
    assert await protocol.lost is None


async def test_nobody_has_to_wait_for_an_action_that_fails() -> None:
    protocol, _ = connected()
    protocol.send({"Action": "Ping"})
    protocol.close()  # pytest turns an exception that nobody retrieved into an error
    assert protocol.responses == {}


async def test_an_answer_that_comes_too_late_is_dropped() -> None:
    protocol, _ = connected()
    task = await started(protocol, "Ping")
    action = ident(protocol)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    protocol.data_received(message(Response="Success", ActionID=action))
    assert protocol.responses == {}


async def test_the_tap_gets_every_byte_and_may_fail() -> None:
    taken = []

    def tap(data: bytes) -> None:
        taken.append(data)
        raise OSError("disk full")

    protocol, wire = connected(tap=tap)
    protocol.data_received(b"abc")
    protocol.data_received(b"\r\n\r\n")
    assert b"".join(taken) == b"abc\r\n\r\n"
    assert not wire.closing


async def test_an_idle_connection_is_kept_alive_by_tcp() -> None:
    async with ScriptedPbx() as pbx:
        protocol = await connect(AmiSettings("lab", "127.0.0.1", pbx.port, "minuteur", SECRET))
        assert protocol.transport is not None
        connection = protocol.transport.get_extra_info("socket")
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
        protocol.abort()
        await protocol.lost


async def test_panoramisks_own_manager_can_use_it_and_sends_nothing_again() -> None:
    """Its manager logs in, gets answers and events, and has nothing to repeat after a loss."""
    seen: list[Any] = []

    def deaf(_: Connection, __: Fields) -> None:
        return None

    async with ScriptedPbx() as pbx:
        pbx.answers["QueuePause"] = deaf
        manager = Manager(  # type: ignore[no-untyped-call]
            loop=asyncio.get_running_loop(), host="127.0.0.1", port=pbx.port, username="minuteur",
            secret=SECRET, protocol_factory=functools.partial(AmiProtocol, wanted=None),
            reconnect_timeout=3600,
        )  # fmt: skip
        manager.register_event("Hangup", lambda _, event: seen.append(event.uniqueid))  # type: ignore[no-untyped-call]
        await manager.connect()  # type: ignore[no-untyped-call]
        await asyncio.sleep(0)  # its callback sends the login
        authenticated: Any = manager.authenticated_future
        assert (await authenticated).success
        pong = await manager.send_action({"Action": "Ping"})  # type: ignore[no-untyped-call]
        assert pong.ping == "Pong"
        pbx.live.send(frame("Event: Hangup", "Uniqueid: 1.1", "Cause: 16"))
        await manager.send_action({"Action": "Ping"})  # type: ignore[no-untyped-call]
        assert seen == ["1.1"]
        pausing = manager.send_action({"Action": "QueuePause"})  # type: ignore[no-untyped-call]
        await manager.send_action({"Action": "Ping"})  # type: ignore[no-untyped-call]
        pbx.live.cut()
        with pytest.raises(ConnectionError):
            await pausing
        assert not manager.awaiting_actions
        manager.close()  # type: ignore[no-untyped-call]
