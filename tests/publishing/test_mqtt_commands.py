"""Commands that come as messages, through a real Mosquitto."""

import orjson
import pytest

from telephony_adapters.mqtt.commands import Command, CommandDesk, CommandRefusedError, What
from telephony_adapters.mqtt.connection import Broker
from tests.mosquitto import Mosquitto, Received, Subscriber
from tests.publishing.house import House, message, published, until
from tests.publishing.sinks import got, of, sink_of


class Hands:
    """Carries commands out, for tests."""

    def __init__(self) -> None:
        self.done: list[Command] = []

    async def __call__(self, command: Command) -> str:
        if command.rule == "unknown":
            raise CommandRefusedError("not_found", "No overflow rule has the id unknown.")
        if command.rule == "broken":
            raise RuntimeError("hush")
        self.done.append(command)
        return "Done."


ORDER = {"id": "req-1", "by": "wallboard"}


def answers(messages: list[Received]) -> list[dict[str, object]]:
    return [orjson.loads(m.payload) for m in messages if m.topic.endswith("/answers")]


@pytest.mark.mosquitto
async def test_commands_are_carried_out_once_and_answered_with_their_id(
    house: House, broker: Mosquitto
) -> None:
    hands = Hands()
    async with published(house, sink := sink_of(Broker(broker.url), carry=hands)):
        await until(lambda: sink.state.connected)
        with Subscriber(broker.port, "minuteur/commands/answers") as asker:
            for topic, more in (
                ("rules/to-backup/pause", {}),
                ("rules/to-backup/resume", {"id": "req-2"}),
                ("rules/to-backup/force", {"id": "req-3", "on": True}),
                ("switch", {"id": "req-4", "on": False, "note": "Storm"}),
                ("rules/to-backup/pause", {}),  # told twice
                ("rules/unknown/pause", {"id": "req-5"}),
                ("rules/broken/pause", {"id": "req-6"}),
            ):
                asker.publish(f"minuteur/commands/{topic}", orjson.dumps(ORDER | more))
            await got(asker, lambda m: len(m) == 7)
    assert hands.done == [
        Command("req-1", What.PAUSE, "wallboard", "to-backup", on=False),
        Command("req-2", What.RESUME, "wallboard", "to-backup"),
        Command("req-3", What.FORCE, "wallboard", "to-backup", on=True),
        Command("req-4", What.SWITCH, "wallboard", on=False, note="Storm"),
    ]
    said = answers(asker.all)
    assert [(a["id"], a["ok"]) for a in said] == [
        *(("req-1", True), ("req-2", True), ("req-3", True), ("req-4", True), ("req-1", True)),
        *(("req-5", False), ("req-6", False)),
    ]
    assert said[5]["code"] == "not_found"
    assert "hush" not in str(said)


@pytest.mark.parametrize(
    ("topic", "payload", "why"),
    [
        ("switch", b"nonsense", "it is not JSON"),
        ("switch", b"[]", "it is not a JSON object"),
        ("switch", b'{"id": "1", "on": true}', 'it needs "by", a text'),
        ("switch", b'{"id": "1", "by": "x"}', 'it needs "on": true or false'),
        ("switch", b'{"id": "1", "by": "x", "on": null}', 'it needs "on": true or false'),
        ("switch", b'{"id": "1", "by": "x", "on": 1}', 'it needs "on": true or false'),
        ("switch", b'{"id": "1", "by": "x\\n", "on": true}', "not printable"),
        ("switch", b'{"id": "1", "by": "x", "on": true, "off": 1}', "it holds off, which is not"),
        ("switch", b'{"id": "' + b"1" * 5000 + b'"}', "it is longer than 4096 bytes"),
        ("rules/r/force", b'{"id": "1", "by": "x"}', 'it needs "on": true, false or null'),
        ("rules/r/delete", b'{"id": "1", "by": "x"}', "There is no such command."),
    ],
)
async def test_a_command_that_is_not_understood_is_refused_with_a_reason(
    topic: str, payload: bytes, why: str
) -> None:
    hands = Hands()
    said = orjson.loads(await CommandDesk(hands).answer(topic.split("/"), payload))
    assert why in said["message"]
    assert said["ok"] is False
    assert hands.done == []


async def test_another_command_under_the_same_id_is_refused_and_not_said_to_be_done() -> None:
    hands = Hands()
    desk = CommandDesk(hands)
    on, off = (orjson.dumps(ORDER | {"on": on}) for on in (True, False))
    assert orjson.loads(await desk.answer(["switch"], on))["ok"] is True
    said = orjson.loads(await desk.answer(["switch"], off))
    assert (said["ok"], said["code"], said["id"]) == (False, "id_used", "req-1")
    assert orjson.loads(await desk.answer(["switch"], on))["ok"] is True
    assert [command.on for command in hands.done] == [True]


@pytest.mark.mosquitto
async def test_a_retained_command_is_ignored(house: House, broker: Mosquitto) -> None:
    hands = Hands()
    with Subscriber(broker.port, "minuteur/commands/answers") as asker:
        switch = "minuteur/commands/switch"
        asker.publish(switch, orjson.dumps(ORDER | {"on": False}), retain=True)
        async with published(house, sink := sink_of(Broker(broker.url), carry=hands)):
            await until(lambda: sink.state.connected)
            asker.publish(switch, orjson.dumps(ORDER | {"on": True, "id": "fresh"}))
            await got(asker, answers)
    assert [(command.id, command.on) for command in hands.done] == [("fresh", True)]


@pytest.mark.mosquitto
async def test_without_leave_no_command_is_even_heard(house: House, broker: Mosquitto) -> None:
    async with published(house, sink := sink_of(Broker(broker.url))):
        await until(lambda: sink.state.connected)
        with Subscriber(broker.port, "minuteur/#") as asker:
            asker.publish("minuteur/commands/switch", orjson.dumps(ORDER | {"on": False}))
            house.put(message(1))
            await got(asker, lambda m: of(m, "minuteur/lab/"))
            assert answers(asker.all) == []
    subscribed = [line for line in broker.log.splitlines() if "commands" in line and "SUB" in line]
    assert subscribed == []
