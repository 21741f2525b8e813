"""The commander: each command once, in its caller's order, never in the way of others."""

import asyncio
from collections.abc import Iterable, Sequence

from monitor.commanding import (
    AT_ONCE,
    NOT_RIGHT_ANY_MORE,
    NOT_STORED,
    STOPPING,
    TOO_MANY,
    WAITING,
    Commander,
)
from monitor.core.effects import CommandChanged, CommandIssued, Effect
from monitor.core.overflow.decisions import (
    AddMember,
    Answer,
    Command,
    Order,
    RemoveMember,
    Standing,
    WithdrawCaller,
)
from monitor.core.overflow.rules import Action

PBX = "lab"
DONE = Answer(accepted=True, text="Withdraw requested successfully")


class HandMadePbx:
    """Answers when the test says so; notes what it was asked and told."""

    def __init__(self) -> None:
        self.connected = True
        self.objection = ""
        self.sent: list[tuple[str, Order]] = []
        self.looked: list[Order] = []
        self.answers: dict[str, asyncio.Future[Answer]] = {}
        self.prompt = True

    async def look(self, order: Order) -> str:
        self.looked.append(order)
        await asyncio.sleep(0)
        return self.objection

    async def send(self, command_id: str, order: Order) -> Answer:
        self.sent.append((command_id, order))
        if self.prompt:
            return DONE
        return await self.answers.setdefault(command_id, asyncio.Future())

    async def lacking(self, actions: Iterable[Action]) -> str:
        return ""

    @property
    def ids(self) -> list[str]:
        return [command_id for command_id, _ in self.sent]


class HandMadeOverflow:
    """Notes the answers; objects to what the test names."""

    def __init__(self) -> None:
        self.not_any_more: set[str] = set()
        self.answers: dict[str, Answer] = {}

    def still_allowed(self, command: Command) -> bool:
        return command.id not in self.not_any_more

    def answered(self, pbx: str, command_id: str, answer: Answer, now: int) -> list[Effect]:
        assert command_id not in self.answers
        self.answers[command_id] = answer
        return [CommandChanged(move(command_id))]


class Scene:
    """A commander with its hand-made surroundings."""

    def __init__(self, *pbxs: str) -> None:
        self.pbx = HandMadePbx()
        self.pbxs = {PBX: self.pbx, **{name: HandMadePbx() for name in pbxs}}
        self.overflow = HandMadeOverflow()
        self.published: list[Effect] = []
        self.stored: asyncio.Future[bool] = asyncio.Future()
        self.commander = Commander(
            self.overflow, self.pbxs, self.published.extend, lambda: 0, self._stored
        )

    async def _stored(self) -> bool:
        return await self.stored

    def issue(self, *commands: Command, standing: Standing | None = None) -> None:
        self.commander.on_effects([CommandIssued(command, standing) for command in commands])

    async def settle(self) -> None:
        """Let all run that can."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def finish(self) -> None:
        """Wait until every command has its answer."""
        async with asyncio.timeout(60):
            await self.commander.settled()


def move(name: str, caller: str = "", pbx: str = PBX) -> Command:
    order = WithdrawCaller("support", f"PJSIP/{name}", "overflow,s,1")
    return Command(name, "d", pbx, order, 0, call_id=caller or f"{pbx}:{name}")


def lasting(name: str, order: Order) -> Command:
    return Command(name, "d", PBX, order, 0, queue="support")


UNDO = Standing("rule", 1, PBX, "support", 0, (RemoveMember("support", "PJSIP/1"),))


async def test_a_command_is_sent_once_and_its_answer_is_published() -> None:
    scene = Scene()
    scene.issue(move("a"))
    assert scene.pbx.sent == [], "a subscriber must return at once"
    await scene.finish()
    assert scene.pbx.ids == ["a"]
    assert scene.overflow.answers == {"a": DONE}
    assert scene.published == [CommandChanged(move("a"))]


async def test_what_is_not_allowed_any_more_is_not_sent() -> None:
    scene = Scene()
    scene.overflow.not_any_more.add("a")
    scene.issue(move("a"))
    await scene.finish()
    assert scene.pbx.sent == []
    assert scene.overflow.answers["a"] == Answer(False, NOT_RIGHT_ANY_MORE, sent=False)


async def test_what_the_pbx_objects_to_beforehand_is_not_sent() -> None:
    scene = Scene()
    scene.pbx.objection = "There is no overflow,s,1 in the dialplan."
    scene.issue(move("a"))
    await scene.finish()
    assert scene.pbx.sent == []
    assert scene.overflow.answers["a"] == Answer(False, scene.pbx.objection, sent=False)


async def test_a_command_for_an_unknown_pbx_is_answered_too() -> None:
    scene = Scene()
    scene.issue(move("a", pbx="elsewhere"))
    await scene.finish()
    assert scene.overflow.answers["a"].sent is False


async def test_commands_for_one_caller_go_one_after_the_other() -> None:
    scene = Scene()
    scene.pbx.prompt = False
    scene.issue(move("a", "lab:1"), move("b", "lab:1"), move("c", "lab:2"))
    await scene.settle()
    assert scene.pbx.ids == ["a", "c"], "another caller does not wait"
    scene.pbx.answers["a"].set_result(DONE)
    await scene.settle()
    assert scene.pbx.ids == ["a", "c", "b"]


async def test_so_many_commands_at_most_are_on_their_way_to_one_pbx() -> None:
    scene = Scene("other")
    scene.pbx.prompt = False
    scene.issue(*(move(str(n)) for n in range(AT_ONCE + 3)), move("there", pbx="other"))
    await scene.settle()
    assert len(scene.pbx.sent) == AT_ONCE
    assert scene.pbxs["other"].ids == ["there"], "a PBX that hangs holds up no other"
    for answer in list(scene.pbx.answers.values()):
        answer.set_result(DONE)
    await scene.settle()
    assert len(scene.pbx.sent) == AT_ONCE + 3


async def test_what_comes_beyond_the_bound_is_refused() -> None:
    scene = Scene()
    scene.pbx.prompt = False
    scene.issue(*(move(str(n)) for n in range(WAITING)), move("one too many"))
    await scene.settle()
    assert scene.overflow.answers == {"one too many": Answer(False, TOO_MANY, sent=False)}


async def test_a_lasting_action_begins_only_when_its_undoing_is_stored() -> None:
    scene = Scene()
    scene.issue(lasting("add", AddMember("support", "PJSIP/1")), standing=UNDO)
    await scene.settle()
    assert scene.pbx.sent == []
    scene.stored.set_result(True)
    await scene.finish()
    assert scene.pbx.ids == ["add"]


async def test_a_lasting_action_is_not_begun_when_its_undoing_cannot_be_stored() -> None:
    scene = Scene()
    scene.issue(lasting("add", AddMember("support", "PJSIP/1")), standing=UNDO)
    scene.stored.set_result(False)
    await scene.finish()
    assert scene.pbx.sent == []
    assert scene.overflow.answers["add"] == Answer(False, NOT_STORED, sent=False)


async def test_what_is_called_off_meanwhile_does_not_wait_for_the_database() -> None:
    scene = Scene()
    scene.issue(lasting("add", AddMember("support", "PJSIP/1")), standing=UNDO)
    scene.issue(lasting("more", AddMember("support", "PJSIP/2")), standing=UNDO)
    await scene.settle()
    scene.overflow.not_any_more |= {"add", "more"}
    scene.stored.set_result(True)
    await scene.finish()
    assert scene.pbx.sent == []
    assert scene.overflow.answers["more"] == Answer(False, NOT_RIGHT_ANY_MORE, sent=False)


async def test_what_was_called_off_while_we_looked_is_not_sent() -> None:
    scene = Scene()

    async def look(order: Order) -> str:
        scene.overflow.not_any_more.add("a")
        return ""

    scene.pbx.look = look  # type: ignore[method-assign]
    scene.issue(move("a"))
    await scene.finish()
    assert scene.pbx.sent == []
    assert scene.overflow.answers["a"] == Answer(False, NOT_RIGHT_ANY_MORE, sent=False)


async def test_a_caller_does_not_wait_for_the_database() -> None:
    scene = Scene()
    scene.issue(lasting("add", AddMember("support", "PJSIP/1")), standing=UNDO)
    scene.issue(move("a"))
    await scene.settle()
    assert scene.pbx.ids == ["a"]


async def test_what_was_put_in_is_taken_out_after_it_and_not_before() -> None:
    scene = Scene()
    scene.issue(lasting("add", AddMember("support", "PJSIP/1")), standing=UNDO)
    scene.issue(lasting("remove", RemoveMember("support", "PJSIP/1")))
    await scene.settle()
    scene.stored.set_result(True)
    await scene.finish()
    assert scene.pbx.ids == ["add", "remove"]


async def test_a_mistake_in_one_command_costs_only_that_one() -> None:
    class Broken(HandMadePbx):
        async def send(self, command_id: str, order: Order) -> Answer:
            if command_id == "a":
                raise RuntimeError("on purpose")
            return await super().send(command_id, order)

    scene = Scene()
    scene.pbxs[PBX] = scene.pbx = Broken()
    scene.issue(move("a", "lab:1"), move("b", "lab:1"))
    await scene.finish()
    assert scene.overflow.answers["a"].accepted is None, "it may have been sent"
    assert scene.overflow.answers["b"] == DONE


async def test_a_stop_waits_for_answers_that_are_due_and_begins_nothing() -> None:
    scene = Scene()
    scene.pbx.prompt = False
    scene.issue(move("a", "lab:1"), move("b", "lab:1"))
    await scene.settle()
    stopping = asyncio.create_task(scene.commander.stop())
    await scene.settle()
    scene.pbx.answers["a"].set_result(DONE)
    await stopping
    assert scene.overflow.answers == {"a": DONE, "b": Answer(False, STOPPING, sent=False)}
    assert scene.pbx.ids == ["a"]


async def test_the_effects_of_answers_are_published_as_one_piece_each() -> None:
    scene = Scene()
    pieces: list[Sequence[Effect]] = []
    scene.commander = Commander(scene.overflow, scene.pbxs, pieces.append, lambda: 0, scene._stored)
    scene.issue(move("a"), move("b"))
    await scene.finish()
    assert [len(piece) for piece in pieces] == [1, 1]
