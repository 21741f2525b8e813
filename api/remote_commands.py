"""What a command by MQTT does: the same as a person does through the REST interface."""

import asyncio
import contextlib

from api.errors import ApiError
from api.overflow_control import OverflowControl
from monitor.history.audit import Via, Who
from telephony_adapters.mqtt.commands import Carry, Command, CommandRefusedError, What


def carried_out_by(control: OverflowControl) -> Carry:
    """Carry commands out through ``control``, which stores them with who wanted them.

    Whoever cancels (the connection broke, say) does not cancel what was begun: it would be stored
    and not in force.
    """
    begun: set[asyncio.Future[str]] = set()

    def done(work: asyncio.Future[str]) -> None:
        begun.discard(work)
        with contextlib.suppress(asyncio.CancelledError):
            work.exception()  # perhaps nobody waits for it any more

    async def carry(command: Command) -> str:
        work = asyncio.ensure_future(_do(control, command, Who(command.by, Via.MQTT)))
        begun.add(work)
        work.add_done_callback(done)
        try:
            return await asyncio.shield(work)
        except ApiError as error:
            raise CommandRefusedError(error.code, error.message) from None

    return carry


async def _do(control: OverflowControl, command: Command, who: Who) -> str:
    match command.what:
        case What.PAUSE:
            await control.pause(command.rule, who, paused=True)
            return f"The rule {command.rule} is paused."
        case What.RESUME:
            await control.pause(command.rule, who, paused=False)
            return f"The rule {command.rule} takes part again."
        case What.FORCE:
            await control.force(command.rule, command.on, who)
            said = {True: "acts", False: "rests", None: "goes by its conditions"}[command.on]
            return f"The rule {command.rule} {said}."
        case What.SWITCH:
            on = bool(command.on)
            await control.turn(who, on=on, note=command.note)
            return f"Overflow is switched {'on' if on else 'off'}."
