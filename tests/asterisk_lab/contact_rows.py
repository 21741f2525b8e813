"""Calls that ask for a callback, complain, and are asked how satisfied they are.

The dialplan that they go through is ``config/asterisk/contacts``, the very files that are offered
to admins.
"""

from __future__ import annotations

from .callers import Caller
from .install import Version
from .scenarios import Call, Row
from .server import AsteriskLab, LabOptions
from .voice_rows import SAMPLES

SNIPPETS = tuple(sorted((SAMPLES / "contacts").glob("*.conf")))

_DIALPLAN = """
[incoming](+)
exten = sv,1,Answer()
 same = n,Queue(support,c)
 same = n,GosubIf($["${QUEUESTATUS}" = "CONTINUE"]?minuteur-survey,s,1(silence/1,5))
 same = n,Hangup()
exten = nobody,1,Answer()
 same = n,Queue(sales,c,,,1)
 same = n,GosubIf($["${QUEUESTATUS}" = "CONTINUE"]?minuteur-survey,s,1(silence/1,5))
 same = n,Hangup()
exten = late,1,Goto(told-late,s,1)
exten = cb,1,Answer()
 same = n,Gosub(minuteur-contact,asked,1(callback,2h,,support,+33199005678))
 same = n,Gosub(minuteur-contact,asked,1(callback,2h,,support,+33199005678))
 same = n,Hangup()
exten = done,1,Answer()
 same = n,Gosub(minuteur-contact,asked,1(callback,30m,centre,sales,,R-9))
 same = n,Wait(0.2)
 same = n,Gosub(minuteur-contact,answered,1(callback,R-9,Anna))
 same = n,Hangup()
exten = code,1,Answer()
 same = n,Set(__DYNAMIC_FEATURES=complaint)
 same = n,Queue(everybody,c)
 same = n,Hangup()
[told-late]
exten = s,1,Answer()
 same = n,Wait(30)
exten = h,1,UserEvent(MinuteurSatisfaction,Score: 3,Scale: 3)
[agents](+)
exten = _k!,1,Answer()
 same = n,Wait(0.5)
 same = n,SendDTMF(*7)
 same = n,Wait(1)
 same = n,Hangup()
"""
_FEATURES = """
[applicationmap]
complaint => *7,peer/callee,UserEvent,"MinuteurContact,Kind: complaint,Within: 48h"
"""

CALLS = {
    "answered": Call(Caller("sv", digit="4", digit_after=2_800), None),
    "silent": Call(Caller("sv", stay=3_000), None),
    "off-the-scale": Call(Caller("sv", digit="9", digit_after=2_800, stay=4_000), None),
    "never-served": Call(Caller("nobody"), None),
    "after-the-hangup": Call(Caller("late", stay=1_000), None),
    "callback": Call(Caller("cb"), None),
    "done": Call(Caller("done"), None),
    "complaint": Call(Caller("code"), None),
}

ROW = Row(
    "contacts",
    "contacts and satisfaction told by the dialplan",
    tuple(CALLS.values()),
    (),
    {
        "support": tuple(f"Local/a_200_600_{n}@agents/n" for n in range(3)),
        "everybody": ("Local/k_1@agents/n",),
    },
)


def contact_lab(version: Version) -> AsteriskLab:
    """A lab, not started yet, whose dialplan includes the samples themselves."""
    includes = "\n".join(f'#include "{path.name}"' for path in SNIPPETS)
    append = {
        "extensions.conf": f"\n{includes}\n{_DIALPLAN}",
        "features.conf": _FEATURES,
    }
    lab = AsteriskLab(LabOptions(version=version, append=append))
    for path in SNIPPETS:
        # Asterisk sees only its chroot, so the file is put there, untouched.
        (lab.dir / "etc" / path.name).write_bytes(path.read_bytes())
    lab.queue_log().touch()
    return lab
