"""A contact centre that overflows: an Asterisk whose dialplan includes the samples themselves."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.asterisk_lab import queue_log
from tests.asterisk_lab.ami import LabAmi, Message
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.server import AsteriskLab, LabOptions

SAMPLES = Path(__file__).parents[2] / "config" / "asterisk" / "overflow"
INCLUDED = tuple(SAMPLES / name for name in ("withdraw.conf", "redirect.conf", "lasting.conf"))

PATIENCE = 120.0
"""Seconds after which something that should have happened did not, however busy the machine is."""

_ON_ITS_WAY = "${MINUTEUR_CONTEXT},${MINUTEUR_EXTEN},${MINUTEUR_PRIORITY}"  # as the samples say


def queueing(exten: str, queue: str, limit: int = 20) -> str:
    """An extension that queues its callers as the sample says, with a way of its own after it."""
    return f"""
exten = {exten},1,Answer(,i)
 same = n,Queue({queue},,,,{limit})
 same = n,GosubIf($[${{DIALPLAN_EXISTS(minuteur-withdrawn,s,1)}}]?minuteur-withdrawn,s,1)
 same = n,GotoIf($["${{MINUTEUR_OVERFLOW}}" = "1"]?{_ON_ITS_WAY})
 same = n(own-way),Wait(5)
 same = n,Hangup()
"""


DIALPLAN = "\n".join(
    [
        "",
        *(f'#include "{path.name}"' for path in INCLUDED),
        "[incoming](+)",
        queueing("of-first", "of-first"),
        queueing("of-busy", "of-busy"),
        "exten = of-menu,1,Goto(of-menu,s,1)",
        "[of-menu]",
        "exten = s,1,Answer(,i)",
        " same = n,Wait(20)",
        " same = n,Hangup()",
        "[overflow]",
        "exten = second,1,Queue(of-second,,,,20)",
        " same = n,Hangup()",
        "",
    ]
)

RULES = """
[[queue]]
name = "of-first"
within = 7
at_risk_after = 4

[[voice_server]]
name = "of-menu"
contexts = ["of-menu"]
counts_when = "first_input"

[[overflow_rule]]
id = "second-queue"
queues = ["of-first"]
when = [{ metric = "time_left", at_most = 4 }]
do = { withdraw = { context = "overflow", exten = "second", queue = "of-second" } }

[[overflow_rule]]
id = "out-of-the-menu"
voice_servers = ["of-menu"]
when = [{ metric = "waited", at_least = 1.5 }]
do = { redirect = { context = "overflow-from-voice-server", exten = "support", queue = "support" } }

[[overflow_rule]]
id = "helper"
queues = ["of-busy"]
when = [{ metric = "waiting", at_least = 2, release_below = 1 }]
cool_down = 1
do = { add_members = [{ interface = "Local/a_200_300_9@agents/n", name = "Helper", penalty = 2 }] }

[[overflow_rule]]
id = "lamp"
queues = ["of-busy"]
when = [{ metric = "waiting", at_least = 2, release_below = 1 }]
cool_down = 1
do = { lamp = { name = "overflow-support" } }

[[overflow_rule]]
id = "variable"
queues = ["of-busy"]
when = [{ metric = "waiting", at_least = 2, release_below = 1 }]
cool_down = 1
do = { variable = { name = "OVERFLOW_SUPPORT" } }

[[overflow_rule]]
id = "key"
queues = ["of-busy"]
when = [{ metric = "waiting", at_least = 2, release_below = 1 }]
cool_down = 1
do = { database = { family = "overflow", key = "support" } }
"""
"""What the monitor is told to do; see ``config/asterisk/overflow``."""

QUEUES = """
; nobody answers here: each ring lasts a second, and a second passes before the next
[of-first](usual)
strategy = linear

[of-second](usual)
strategy = leastrecent
timeout = 30

[of-busy](usual)
strategy = leastrecent
timeout = 30
"""


def overflow_lab(
    version: Version, dialplan: str = "", queues: str = "", *, write: str = "all"
) -> AsteriskLab:
    """A lab, not started yet, with the samples and what a test adds."""
    appended = {"extensions.conf": DIALPLAN + dialplan, "queues.conf": QUEUES + queues}
    lab = AsteriskLab(LabOptions(version=version, append=appended, write=write))
    for path in INCLUDED:
        # Asterisk sees only its chroot, so the file is put there, untouched.
        (lab.dir / "etc" / path.name).write_bytes(path.read_bytes())
    lab.queue_log().touch()
    return lab


def wait_until(happened: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Poll until something happened; fail with what was waited for."""
    deadline = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < deadline, f"waited {patience:.0f} s for {what}"
        time.sleep(0.05)


def members(ami: LabAmi, queue: str) -> dict[str, Message]:
    """The members of a queue, by interface."""
    found = ami.listing("QueueStatus", Queue=queue)
    return {one["Location"]: one for one in found if one["Event"] == "QueueMember"}


def waiting(ami: LabAmi, queue: str) -> dict[str, Message]:
    """The callers who wait in a queue, by their number."""
    found = ami.listing("QueueStatus", Queue=queue)
    return {one["CallerIDNum"]: one for one in found if one["Event"] == "QueueEntry"}


def story(lab: AsteriskLab, number: str) -> list[tuple[str, str]]:
    """What the queue log says of a caller: event and queue, in order."""
    lines = queue_log.read_database(lab.queue_log_database())
    called = [one.callid for one in lines if one.event == "ENTERQUEUE" and one.data[1] == number]
    return [(one.event, one.queue) for one in lines if one.callid in called]


def comings_and_goings(lab: AsteriskLab, queue: str) -> list[tuple[str, str]]:
    """Who was put into a queue and taken out of it, by the queue log: event and member."""
    lines = queue_log.read_database(lab.queue_log_database())
    wanted = ("ADDMEMBER", "REMOVEMEMBER")
    return [(one.event, one.agent) for one in lines if one.queue == queue and one.event in wanted]


def rows(database: Path, query: str, **values: str | int) -> list[Mapping[str, Any]]:
    """Read the monitor's database beside it."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, values)]
