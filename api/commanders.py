"""What carries the overflow engine's commands to the PBXs, put together."""

import functools
from collections.abc import Callable, Mapping

from monitor.commanding import STORED_WITHIN_S, Commander, Orders
from monitor.core.clock import Ms
from monitor.core.events import WarningRaised
from monitor.core.overflow.engine import Overflow
from monitor.history.writer import HistoryWriter
from monitor.overflow_rights import RightsWatch
from monitor.runtime import Monitor


def commanders(
    monitor: Monitor,
    overflow: Overflow,
    pbxs: Mapping[str, Orders],
    writer: HistoryWriter,
    now: Callable[[], Ms],
) -> tuple[Commander, RightsWatch]:
    """The commander of all PBXs, and who says what they do not let it do.

    Args:
        monitor: publishes what came of commands.
        overflow: its overflow engine.
        pbxs: who carries out commands, by the PBX's name; it may change.
        writer: stores how lasting actions are undone before they begin.
        now: the monitor's clock (ms).
    """
    stored = functools.partial(writer.stored, STORED_WITHIN_S)

    def warn(pbx: str, code: str, text: str) -> None:
        state = monitor.engine.pbx_state(pbx)
        at = now() - (0 if state is None else state.clock_offset)
        monitor.submit(WarningRaised(pbx, at, code, text))

    commander = Commander(overflow, pbxs, monitor.publish, now, stored)
    rights = RightsWatch(lambda: overflow.rules if overflow.switch.on else (), pbxs, warn)
    return commander, rights
