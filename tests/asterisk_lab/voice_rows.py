"""Calls into voice servers of every kind, and the lab that they need.

The dialplan that they go through is not the tests' own: it is ``config/asterisk/voice_servers``,
the very files that are offered to admins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .callers import Caller
from .install import Version
from .scenarios import Call, Expected, Row
from .server import CONF, AsteriskLab, LabOptions

SAMPLES = Path(__file__).parents[2] / "config" / "asterisk"
SNIPPETS = tuple(sorted((SAMPLES / "voice_servers").glob("*.conf")))
APPS = ("ivr-app", "menu-app")
"""The Stasis applications that are served; ``dead-app`` is declared and is not."""

SETTINGS = """
[[voice_server]]
name = "welcome"
contexts = ["ivr-*"]
[[voice_server]]
name = "customer-number"
counts_when = "first_input"
[[voice_server]]
name = "stasis-ivr"
stasis_apps = ["ivr-*"]
[[voice_server]]
name = "stasis-menu"
stasis_apps = ["menu-app"]
counts_when = "first_input"
[[voice_server]]
name = "stasis-dead"
stasis_apps = ["dead-app"]
"""

_QUICK, _LATE = "Local/a_200_600_{}@agents/n", "Local/a_3300_600_{}@agents/n"


def _dialplan() -> str:
    """Where the calls arrive: each number leads through one of the offered subroutines."""
    through = {
        "vs-key": "Gosub(stasis-voice-server,s,1(ivr-app,key))",
        "vs-stay": "Gosub(stasis-voice-server,s,1(ivr-app,stay))",
        "vs-menu": "Gosub(stasis-voice-server,s,1(menu-app,key))",
        "vs-played": "Gosub(stasis-voice-server,s,1(menu-app,played))",
        "vs-dead": "Gosub(stasis-voice-server,s,1(dead-app,key))",
        "vs-main": "Gosub(ivr-main,s,1(silence/1))",
        "vs-number": "Gosub(ask-number,s,1(customer-number,silence/1,1))",
    }
    late = {"vs-menu", "vs-played", "vs-dead", "vs-number"}
    lines = ["", *(f'#include "{path.name}"' for path in SNIPPETS), "[incoming](+)"]
    for exten, gosub in through.items():
        queue = "sales" if exten in late else "support"
        lines += [f"exten = {exten},1,{gosub}", f" same = n,Queue({queue})", " same = n,Hangup()"]
    lines += [
        "exten = vs-twice,1,Stasis(ivr-app,played)",
        " same = n,Stasis(ivr-app,played)",
        " same = n,Hangup()",
    ]
    return "\n".join(lines) + "\n"


def voice_lab(version: Version) -> AsteriskLab:
    """A lab, not started yet, whose dialplan includes the samples themselves."""
    lab = AsteriskLab(LabOptions(version=version, append={"extensions.conf": _dialplan()}))
    for path in SNIPPETS:
        # Asterisk sees only its chroot, so the file is put there, untouched.
        (lab.dir / "etc" / path.name).write_bytes(path.read_bytes())
    lab.queue_log().touch()
    return lab


def _answered(queue: str) -> tuple[tuple[str, str], ...]:
    return ((queue, "answered"),)


_IVR: tuple[tuple[str, str], ...] = (("stasis-ivr", "7"),)

CALLS: Mapping[str, Call] = {
    "stasis-key": Call(
        Caller("vs-key", digit="7", digit_after=1100),
        Expected("met", _answered("support"), "voice_server", "", stays=_IVR),
    ),
    "stasis-hangup": Call(
        Caller("vs-stay", stay=1900, digit="7", digit_after=1100),
        Expected("met", (), "voice_server", stays=_IVR),
    ),
    "stasis-first-input": Call(
        Caller("vs-menu", digit="3", digit_after=1100),
        Expected("met", _answered("sales"), "voice_server", "", stays=(("stasis-menu", "3"),)),
    ),
    "stasis-no-input": Call(
        Caller("vs-played"),
        Expected("breached", _answered("sales"), "agent", "", stays=(("stasis-menu", ""),)),
    ),
    "stasis-twice": Call(
        Caller("vs-twice"),
        Expected("met", (), "voice_server", stays=(("stasis-ivr", ""), ("stasis-ivr", ""))),
    ),
    "stasis-dead": Call(
        Caller("vs-dead"), Expected("breached", _answered("sales"), "agent", ""),
    ),
    "contexts-key": Call(
        Caller("vs-main", digit="1", digit_after=1100),
        Expected("met", _answered("support"), "voice_server", "", stays=(("welcome", "1"),)),
    ),
    "contexts-two": Call(
        Caller("vs-main", stay=2600, digit="9", digit_after=1100),
        Expected("met", (), "voice_server", stays=(("welcome", "9"),)),
    ),
    "reported-input": Call(
        Caller("vs-number", digit="5", digit_after=1100),
        Expected("met", _answered("sales"), "voice_server", "", stays=(("customer-number", "5"),)),
    ),
    "reported-hangup": Call(
        Caller("vs-number", stay=1500),
        Expected("abandoned", (), stays=(("customer-number", ""),)),
    ),
}  # fmt: skip
"""Each kind of call; agents answer as they come, so an agent's name is left empty."""

MEMBERS = {
    "support": tuple(_QUICK.format(n) for n in range(4)),
    "sales": tuple(_LATE.format(n) for n in range(4, 10)),
}


def rows() -> tuple[Row, ...]:
    """One row for each Stasis call: recorded as pairs of an AMI and an ARI stream."""
    return tuple(
        Row(name, name, (call,), (), MEMBERS)
        for name, call in CALLS.items()
        if name.startswith("stasis-")
    )


def all_at_once() -> Row:
    """All calls as one row."""
    calls = tuple(replace(call, start=50 * n) for n, call in enumerate(CALLS.values()))
    return Row("voice-servers", "voice servers of every kind at once", calls, (), MEMBERS)


_AROUND_THE_SAMPLE = """
[incoming](+)
exten = report,1,Goto(reporting-itself,s,1)
[agents]
exten = _a!,1,Answer()
 same = n,Wait(0.5)
 same = n,Hangup()
"""


def sample_lab(version: Version) -> AsteriskLab:
    """A lab, not started yet, whose dialplan is the sample ``extensions.conf``.

    It has the sound that the sample plays, which no Asterisk brings along: a second of silence.
    """
    dialplan = (SAMPLES / "extensions.conf").read_text() + _AROUND_THE_SAMPLE
    places = (CONF / "asterisk.conf").read_text().replace("/usr/share/asterisk", "@DIR@/data")
    lab = AsteriskLab(
        LabOptions(version=version, replace={"extensions.conf": dialplan, "asterisk.conf": places})
    )
    silence = next((lab.root / "usr/share/asterisk/sounds").glob("*/silence/1.gsm"))
    sounds = lab.dir / "data" / "sounds" / "en"
    sounds.mkdir(parents=True)
    (sounds / "welcome.gsm").write_bytes(silence.read_bytes())
    # as Asterisk sees it: without its documentation it does not start
    (lab.dir / "data" / "documentation").symlink_to("/usr/share/asterisk/documentation")
    # Asterisk makes it a moment after it says that it is ready
    lab.queue_log().touch()
    return lab


SAMPLE_CALLS = Row(
    "sample",
    "calls through the sample dialplan",
    (
        Call(Caller("support"), Expected("met", _answered("support"), "agent", "")),
        Call(
            Caller("main", digit="1", digit_after=800),
            Expected("met", _answered("support"), "voice_server", "", stays=(("ivr", "1"),)),
            start=50,
        ),
        Call(
            Caller("report", digit="5", digit_after=800),
            Expected("met", _answered("support"), "voice_server", "", stays=(("welcome", "5"),)),
            start=100,
        ),
    ),
    (),
    {"support": tuple(_QUICK.format(n) for n in range(3))},
)
