"""The dialplan: what a caller's channel does, step by step, as ``extensions.conf`` would say.

Only the applications that a queue's callers meet: Answer, Ringing, Goto, GotoIf, Set, NoOp,
BackGround, WaitExten, Read, Playback, Wait, Queue, Hangup.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from monitor.core.clock import SECOND, Ms

from .acd import Acd
from .agenda import Agenda
from .happenings import Happenings
from .parts import Call, Channel, ChannelState, Dialplan, Step

ANSWER_TAKES: Final[Ms] = 500
"""``Answer()`` waits this long for the caller's first sound, as seen on a real PBX."""
PROMPT_LASTS: Final[Ms] = 8 * SECOND
"""A recorded prompt whose name says no length."""
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_EQUAL: Final = re.compile(r'\$\["([^"]*)"="([^"]*)"\]')


class Interpreter:
    """Runs callers through the dialplan."""

    def __init__(
        self,
        agenda: Agenda,
        tell: Happenings,
        acd: Acd,
        dialplan: Dialplan,
        end: Callable[[Call, int], None],
        variables: Mapping[str, str],
    ) -> None:
        """``end(call, cause)`` ends a call whose dialplan is over; ``variables`` are global."""
        self._global = variables
        self._agenda = agenda
        self._tell = tell
        self._acd = acd
        self._dialplan = dialplan
        self._end = end
        self._applications: Mapping[str, Callable[[Call, str], None]] = {
            "Answer": self._answer,
            "Ringing": self._pass,
            "Set": self._pass,
            "NoOp": self._pass,
            "Goto": self._goto,
            "GotoIf": self._goto_if,
            "BackGround": self._background,
            "WaitExten": self._wait_exten,
            "Read": self._read,
            "Playback": self._playback,
            "Wait": self._wait,
            "Queue": self._queue,
            "Hangup": self._hangup,
        }

    def knows(self, context: str, exten: str) -> bool:
        """Whether the dialplan has that extension."""
        return (context, exten) in self._dialplan

    def has(self, context: str, exten: str, priority: int) -> bool:
        """Whether the dialplan has that place; without an extension: that context."""
        if not exten:
            return any(place[0] == context for place in self._dialplan)
        return 0 < priority <= len(self._dialplan.get((context, exten), ()))

    def run(self, call: Call, *, silently: bool = False) -> None:
        """Run the step at which the channel stands; ``silently`` without a ``Newexten``."""
        channel = call.channel
        steps = self._dialplan.get((channel.context, channel.exten), ())
        if channel.priority > len(steps):
            self._end(call, 16)
            return
        step: Step = steps[channel.priority - 1]
        data = self._filled(step.data, channel)
        channel.application, channel.data = step.application, data
        if not silently:
            self._tell.frames.extension(channel)
        self._applications[step.application](call, data)

    def _filled(self, text: str, channel: Channel) -> str:
        """A step's arguments with their variables, and with comparisons of texts made."""
        own = {"EXTEN": channel.exten, "CONTEXT": channel.context, "CHANNEL": channel.name}
        values = {**self._global, **channel.variables, **own} if "${" in text else {}
        text = _VARIABLE.sub(lambda found: values.get(found[1], ""), text)
        return _EQUAL.sub(lambda found: str(int(found[1] == found[2])), text)

    def go_on(self, call: Call) -> None:
        """Go on with the next step."""
        call.channel.priority += 1
        self.run(call)

    def go_to(self, call: Call, context: str, exten: str, priority: int = 1) -> None:
        """Go on elsewhere."""
        channel = call.channel
        channel.context, channel.exten, channel.priority = context, exten, priority
        self.run(call)

    def press(self, call: Call, digit: str) -> None:
        """The caller presses a key; what that does depends on what runs."""
        self._tell.digit(call, digit)
        channel = call.channel
        if call.entry is not None:
            context = self._acd.queues[call.entry.queue].setup.key_context
            if context and self.knows(context, digit):
                self._acd.exit_by_key(call.entry, digit)
                self.run(call)
        elif call.listening and channel.application == "Read":
            name = channel.data.partition(",")[0]
            self._read_over(call, name, digit)
        elif call.listening:
            self._stop(call)
            known = self.knows(channel.context, digit)
            target = digit if known else "i"
            if self.knows(channel.context, target):
                self.go_to(call, channel.context, target)

    def interrupt(self, call: Call) -> None:
        """Stop what runs on the channel, if anything, and say so as Asterisk does."""
        self._stop(call)

    def _stop(self, call: Call) -> None:
        call.listening = False
        if call.pending is None:
            return
        call.pending.cancel()
        call.pending = None
        self._prompt_over(call)

    def _prompt_over(self, call: Call) -> None:
        status = {"BackGround": "BACKGROUNDSTATUS", "Playback": "PLAYBACKSTATUS"}
        name = status.get(call.channel.application)
        if name:
            self._tell.frames.variables(call.channel, **{name: "SUCCESS"})

    # --- applications ---------------------------------------------------------------------------

    def _pass(self, call: Call, data: str) -> None:
        del data
        self.go_on(call)

    def _answer(self, call: Call, data: str) -> None:
        if call.channel.state is ChannelState.UP:
            self.go_on(call)
            return
        self._tell.answered(call)
        at_once = "i" in data.partition(",")[2]
        self._later(call, 0 if at_once else ANSWER_TAKES, self.go_on)

    def _goto(self, call: Call, data: str) -> None:
        parts = data.split(",")
        context = parts[-3] if len(parts) > 2 else call.channel.context  # noqa: PLR2004
        exten = parts[-2] if len(parts) > 1 else call.channel.exten
        if parts[-1].isdigit():
            self.go_to(call, context, exten, int(parts[-1]))
        else:  # no such label: a real PBX drops the caller, too
            self._end(call, 16)

    def _goto_if(self, call: Call, data: str) -> None:
        """``GotoIf(condition?target)``; the condition is a value already."""
        condition, _, target = data.partition("?")
        if condition not in ("", "0") and target:
            self._goto(call, target)
        else:
            self.go_on(call)

    def _background(self, call: Call, data: str) -> None:
        call.listening = True
        self._later(call, _length(data), self._prompt_done)

    def _playback(self, call: Call, data: str) -> None:
        self._later(call, _length(data), self._prompt_done)

    def _prompt_done(self, call: Call) -> None:
        self._prompt_over(call)
        self.go_on(call)

    def _wait_exten(self, call: Call, data: str) -> None:
        call.listening = True
        self._later(call, round(float(data) * SECOND), self._no_choice)

    def _no_choice(self, call: Call) -> None:
        """The extension goes on where it can; only at its end the extension ``t`` is for this."""
        channel = call.channel
        steps = self._dialplan.get((channel.context, channel.exten), ())
        if channel.priority >= len(steps) and self.knows(channel.context, "t"):
            self.go_to(call, channel.context, "t")
        else:
            self.go_on(call)

    def _read(self, call: Call, data: str) -> None:
        """``Read(variable,file,digits,options,attempts,timeout)``, for one digit."""
        name, file, _, _, attempts, timeout = (data.split(",") + [""] * 6)[:6]
        call.listening = True
        length = int(attempts or 1) * (_length(file) + round(float(timeout or 10) * SECOND))
        self._later(call, length, lambda caller: self._read_over(caller, name, ""))

    def _read_over(self, call: Call, name: str, digit: str) -> None:
        call.listening = False
        if call.pending is not None:
            call.pending.cancel()
        status = "OK" if digit else "TIMEOUT"
        self._tell.frames.variables(call.channel, **{name: digit, "READSTATUS": status})
        self.go_on(call)

    def _wait(self, call: Call, data: str) -> None:
        self._later(call, round(float(data) * SECOND), self.go_on)

    def _queue(self, call: Call, data: str) -> None:
        """``Queue(name,options,url,announcement,timeout)``; the timeout in seconds."""
        parts = data.split(",") + [""] * 5
        limit = round(float(parts[4]) * SECOND) if parts[4] else None
        self._acd.join(call, parts[0], limit)

    def _hangup(self, call: Call, data: str) -> None:
        self._end(call, int(data or 16))

    def _later(self, call: Call, delay: Ms, action: Callable[[Call], None]) -> None:
        def over() -> None:
            call.pending = None
            call.listening = False
            action(call)

        call.pending = self._agenda.after(delay, over)


def _length(file: str) -> Ms:
    """How long a prompt lasts: ``silence/3`` is three seconds of it."""
    name, _, number = file.partition("/")
    return int(number) * SECOND if name == "silence" and number.isdigit() else PROMPT_LASTS
