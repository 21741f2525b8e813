"""Effects as messages for other programs: what MQTT and webhooks carry.

Made only where something is published at all, in the same step as the effect: a message shows the
call as it was known then. Ids are made of what happened, so the same happening told twice (after a
crash, by a re-send) carries the same id. The shapes are described in ``docs/mqtt.md``.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from api import overflow_views, views
from api.logs import mask
from monitor.core import effects as fx
from monitor.core.clock import Ms
from monitor.core.overflow.decisions import Command, Decision, Outcome
from monitor.core.records import Call, Verdict
from monitor.history.messages import OutboxMessage

VERSION: Final = 1
"""``v`` of every payload; fields may be added to a version, none renamed or taken out."""
REMEMBERED: Final = 20_000
"""Ended calls of which it is known what was told; the engine keeps them for two minutes."""
_HIDDEN_BUT: Final = 2
"""So many of the last characters of a caller's number are shown where numbers are masked."""

Json = dict[str, Any]


class Messages:
    """Turns effects into messages; a callable for the history's writer."""

    def __init__(self) -> None:
        self._handled: dict[str, Ms | None] = {}
        """Of each live call that was told: the moment of being handled that was told."""
        self._ended: dict[str, tuple[Ms | None, Ms | None]] = {}
        """Of ended ones: that moment, and the end that was told."""
        self._shown: dict[str, orjson.Fragment] = {}
        """Calls of the present step as JSON: two messages of one call show the same."""

    def recall(self, calls: Iterable[Call]) -> None:
        """Learn which calls were told before the monitor started: those that it restored."""
        self._handled.update((call.id, call.handled_at) for call in calls)

    def __call__(self, effects: Sequence[fx.Effect]) -> list[OutboxMessage]:
        """The messages that these effects are worth, in order; usually none."""
        found: list[OutboxMessage] = []
        self._shown.clear()
        for effect in effects:
            kind = type(effect)
            if kind is fx.CallChanged:
                self._changed(effect.call, found, closed=effect.closed)  # type: ignore[union-attr]
            elif kind in _TAKEN:
                self._other(effect, found)
        return found

    def _other(self, effect: fx.Effect, found: list[OutboxMessage]) -> None:
        match effect:
            case fx.VerdictGiven():
                self._verdict(effect, found)
            case fx.AtRiskRaised(call, at):
                self._progress(call, found)
                found.append(self._of_call("at_risk", call, at))
            case fx.DecisionMade(decision) if decision.rule_id:
                found.append(_of_decision(decision))
            case fx.CommandIssued(command) | fx.CommandChanged(command):
                found.append(_of_command(command))

    def _changed(self, call: Call, found: list[OutboxMessage], *, closed: bool) -> None:
        id_ = call.id
        if not closed and self._handled.get(id_, -1) == call.handled_at:
            return  # nearly always
        self._progress(call, found)
        if not closed:
            return
        handled = self._handled.pop(id_, call.handled_at)
        told = self._ended.pop(id_, None)
        if told is None or told[1] != call.ended_at:
            at = call.ended_at if call.ended_at is not None else call.verdict_at or call.arrived_at
            mark = "unseen" if call.ended_at is None else call.ended_at
            found.append(self._of_call("ended", call, at, mark))
        self._ended[id_] = (handled, call.ended_at)
        if len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def _progress(self, call: Call, found: list[OutboxMessage]) -> None:
        """Tell of the arrival, and of being handled, if that is new."""
        id_ = call.id
        if id_ in self._handled:
            told = self._handled[id_]
        elif id_ in self._ended:
            told = self._ended[id_][0]
        else:
            told = None
            found.append(self._of_call("arrived", call, call.arrived_at))
        handled = call.handled_at
        if handled is not None and handled != told:
            found.append(self._of_call("handled", call, handled, handled))
        if id_ in self._ended and call.closed:
            self._ended[id_] = (handled, self._ended[id_][1])
        else:
            self._handled[id_] = handled

    def _verdict(self, effect: fx.VerdictGiven, found: list[OutboxMessage]) -> None:
        call = effect.call
        if effect.previous is not Verdict.PENDING and not self._knows(call):
            # Corrected from the queue log, long after it was told of.
            self._ended[call.id] = (call.handled_at, call.ended_at)
        self._progress(call, found)
        said: Json = {
            "verdict": effect.verdict.value,
            "reason": effect.reason.value,
            "previous": effect.previous.value,
        }
        number = call.corrections
        if effect.verdict is Verdict.BREACHED:
            found.append(self._of_call("breached", call, effect.at, number, said))
        kind = "verdict" if effect.previous is Verdict.PENDING else "corrected"
        found.append(self._of_call(kind, call, effect.at, f"{number}:{effect.verdict.value}", said))

    def _of_call(
        self,
        kind: str,
        call: Call,
        at: Ms,
        mark: object = None,
        more: Mapping[str, Any] | None = None,
    ) -> OutboxMessage:
        """A message of a call as it is now; ``mark`` tells it from another of its kind."""
        id_ = f"{call.id}:{kind}" if mark is None else f"{call.id}:{kind}:{mark}"
        shown = self._shown.get(call.id)
        if shown is None:
            shown = self._shown[call.id] = orjson.Fragment(_dumps(views.call(call)))
        payload = {
            "v": VERSION,
            "id": id_,
            "event": kind,
            "at": views.iso(at),
            "pbx": call.pbx,
            "queue": call.visits[-1].queue if call.visits else "",
            **(more or {}),
            "call": shown,
        }
        text = orjson.dumps(payload).decode()
        return OutboxMessage(id_, f"{call.pbx}/calls/{kind}", call.id, at, text)

    def _knows(self, call: Call) -> bool:
        return call.id in self._handled or call.id in self._ended


_TAKEN: Final = frozenset(
    {fx.VerdictGiven, fx.AtRiskRaised, fx.DecisionMade, fx.CommandIssued, fx.CommandChanged}
)


def _of_decision(decision: Decision) -> OutboxMessage:
    """A decision that a rule led to, whether it acted or was held back."""
    id_ = f"{decision.id}:decision"
    payload = {
        "v": VERSION,
        "id": id_,
        "event": "decision",
        "at": views.iso(decision.at),
        "pbx": decision.pbx,
        "queue": decision.queue,
        "call_id": decision.call_id,
        "decision": overflow_views.decision(decision),
    }
    topic = f"{decision.pbx}/overflow/decision"
    text = _dumps(payload)
    return OutboxMessage(id_, topic, decision.call_id, decision.at, text, about=decision.id)


def _of_command(command: Command) -> OutboxMessage:
    """A command: when it is issued, when the PBX answered, and when its outcome is known."""
    at, stage = command.issued_at, "issued"
    if command.outcome is not Outcome.PENDING:
        at, stage = command.observed_at or command.answered_at or at, "outcome"
    elif command.answered_at is not None:
        at, stage = command.answered_at, "answered"
    mark = stage if stage != "outcome" else command.outcome.value
    id_ = f"{command.id}:command:{mark}"
    payload = {
        "v": VERSION,
        "id": id_,
        "event": "command",
        "at": views.iso(at),
        "pbx": command.pbx,
        "queue": command.queue,
        "call_id": command.call_id,
        "stage": stage,
        "command": overflow_views.command(command),
    }
    topic = f"{command.pbx}/overflow/command"
    return OutboxMessage(id_, topic, command.call_id, at, _dumps(payload), about=command.id)


def _dumps(payload: Json) -> str:
    try:
        return orjson.dumps(payload).decode()
    except TypeError:  # half a surrogate pair, or a number over 64 bits: as the PBX sent it
        return json.dumps(payload, default=str)


# --- what is told of callers --------------------------------------------------------------------


def masked(payload: str) -> str:
    """A payload without what tells who called.

    Of the caller's number the last two characters stay; the name is left out; what the caller
    entered shows only how many keys; longer numbers elsewhere are hidden as in the log.
    """
    content: Json = orjson.loads(payload)
    call = content.get("call")
    if isinstance(call, dict):
        call["caller"] = hidden(call["caller"])
        call["caller_name"] = ""
        for stay in call["voice_server_stays"]:
            stay["inputs"] = "*" * len(stay["inputs"])
    decision = content.get("decision")
    if isinstance(decision, dict):
        decision["caller"] = hidden(decision["caller"])
        decision["reason"] = mask(decision["reason"])
        for reason in decision["reasons"]:
            reason["detail"] = {key: _told(value) for key, value in reason["detail"].items()}
    command = content.get("command")
    if isinstance(command, dict):
        command["order"] = {key: _told(value) for key, value in command["order"].items()}
        command["answer"] = mask(command["answer"])
    return _dumps(content)


def hidden(number: str) -> str:
    """A number of which only the end is left: enough to tell two callers apart."""
    shown = number[-_HIDDEN_BUT:] if len(number) > 2 * _HIDDEN_BUT else ""
    return "*" * (len(number) - len(shown)) + shown


def _told(value: object) -> object:
    return mask(value) if isinstance(value, str) else value
