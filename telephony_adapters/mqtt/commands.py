"""Commands that come as messages: read strictly, done once, and answered.

``commands/rules/{id}/pause``, ``…/resume``, ``…/force`` and ``commands/switch``, each with a JSON
object: ``id`` (of the request, repeated in the answer), ``by`` (who wants it: it stands in the
audit trail), and for ``force`` and ``switch`` what is wanted.
"""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson

log = logging.getLogger(__name__)

MAX_BYTES: Final = 4096
MAX_TEXT: Final = 200
REMEMBERED: Final = 500
"""Answers kept, so that a command that a broker delivers twice is done once."""
ID_USED: Final = "Not done: another command came with the same id. Give each one an id of its own."


class What(StrEnum):
    """What may be commanded."""

    PAUSE = "pause"
    RESUME = "resume"
    FORCE = "force"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class Command:
    """A well-formed command.

    ``on``: a paused rule False, a resumed one None; forced on or off; the switch on or off.
    """

    id: str
    what: What
    by: str
    rule: str = ""
    on: bool | None = None
    note: str = ""


class CommandRefusedError(Exception):
    """The command is not carried out; ``code`` is stable, the message says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


Carry = Callable[[Command], Awaitable[str]]
"""Carries a command out and records who wanted it; says in words what was done.

Raises ``CommandRefusedError``."""


def read(levels: list[str], payload: bytes) -> Command:
    """Read a command.

    Args:
        levels: its topic below ``commands/``.
        payload: its JSON.

    Raises:
        CommandRefusedError: it is not well formed.
    """
    body = _object(payload)
    match levels:
        case ["switch"]:
            what, rule = What.SWITCH, ""
        case ["rules", rule, ("pause" | "resume" | "force") as word] if rule:
            what = What(word)
        case _:
            raise CommandRefusedError("unknown_command", "There is no such command.")
    command = Command(
        id=_text(body, "id"),
        what=what,
        by=_text(body, "by"),
        rule=rule,
        on=_wanted(what, body),
        note=_text(body, "note", may_lack=True) if what is What.SWITCH else "",
    )
    if body:
        raise _bad(f"it holds {', '.join(sorted(body))}, which is not known here")
    return command


def _object(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_BYTES:
        raise _bad(f"it is longer than {MAX_BYTES} bytes")
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError:
        raise _bad("it is not JSON") from None
    if not isinstance(body, dict):
        raise _bad("it is not a JSON object")
    return body


def _text(body: dict[str, Any], key: str, *, may_lack: bool = False) -> str:
    value = body.pop(key, "" if may_lack else None)
    if not isinstance(value, str) or not (value.strip() or may_lack):
        raise _bad(f'it needs "{key}", a text')
    if len(value) > MAX_TEXT or not value.isprintable():
        raise _bad(f'"{key}" is longer than {MAX_TEXT} characters, or not printable')
    return value


def _wanted(what: What, body: dict[str, Any]) -> bool | None:
    if what is What.PAUSE:
        return False
    if what is What.RESUME:
        return None
    allowed = (True, False, None) if what is What.FORCE else (True, False)
    on = body.pop("on", "missing")
    if not any(on is value for value in allowed):
        raise _bad(
            f'it needs "on": {"true, false or null" if None in allowed else "true or false"}'
        )
    return None if on is None else bool(on)


def _bad(why: str) -> CommandRefusedError:
    return CommandRefusedError("bad_request", f"The command is not understood: {why}.")


class CommandDesk:
    """Has commands carried out, each once, and says what came of them."""

    def __init__(self, carry: Carry) -> None:
        self._carry = carry
        self._answered: OrderedDict[str, tuple[Command, bytes]] = OrderedDict()

    async def answer(self, levels: list[str], payload: bytes) -> bytes:
        """Carry a command out, if it is one; the JSON that answers it."""
        try:
            command = read(levels, payload)
        except CommandRefusedError as error:
            log.warning("A command by MQTT was refused: %s", error)
            return _answer(_id_of(payload), ok=False, code=error.code, message=str(error))
        if command.id not in self._answered:
            self._answered[command.id] = command, await self._done(command)
            while len(self._answered) > REMEMBERED:
                self._answered.popitem(last=False)
        first, answer = self._answered[command.id]
        if first != command:
            # "Done" would be a lie, and it may be the red switch that was not turned.
            log.warning("A command by MQTT was refused: its id is that of another one")
            return _answer(command.id, ok=False, code="id_used", message=ID_USED)
        return answer

    async def _done(self, command: Command) -> bytes:
        try:
            said = await self._carry(command)
        except CommandRefusedError as error:
            log.warning("A command by MQTT was refused: %s", error)
            return _answer(command.id, ok=False, code=error.code, message=str(error))
        except Exception:
            log.exception("A command by MQTT failed")
            return _answer(command.id, ok=False, code="failed", message="It failed; see the log.")
        log.info("By MQTT, %s: %s", command.by, said)
        return _answer(command.id, ok=True, message=said)


def _id_of(payload: bytes) -> str | None:
    """The request's id, if that at least can be read."""
    try:
        body = orjson.loads(payload[:MAX_BYTES])
    except orjson.JSONDecodeError:
        return None
    id_ = body.get("id") if isinstance(body, Mapping) else None
    return id_[:MAX_TEXT] if isinstance(id_, str) else None


def _answer(id_: str | None, **said: object) -> bytes:
    return orjson.dumps({"v": 1, "id": id_, **said})
