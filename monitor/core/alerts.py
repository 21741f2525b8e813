"""Alerts: what a person should see to now, made from effects and shown until it is seen.

Five kinds. A caller whose deadline passed and who still waits; a queue with callers in which nobody
is there to take them; a PBX that is not observed; a record that is not written; contacts of a queue
(e-mails, callbacks…) whose deadline passed unanswered. An alert ends when it is so no more. It
leaves the board when it is over and somebody acknowledged it, or it is old.

Pure: the clock and what else is asked for are given.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from monitor.core import effects as fx
from monitor.core.clock import MINUTE, SECOND, Ms
from monitor.core.contacts import Overdue
from monitor.core.engine import Engine
from monitor.core.live import PbxState, QueueState
from monitor.core.records import Call, Member, MemberState, Verdict
from monitor.core.values import value

SHOWN_AFTER_END: Final[Ms] = 15 * MINUTE
"""How long an alert that nobody acknowledged is shown after its end."""
AT_MOST: Final = 500
"""Alerts on the board; of more the oldest go, those that are over first."""
SETTLES: Final[Ms] = 3 * SECOND
"""How long a queue or a link must be in trouble: links and reloads flicker."""

Params = dict[str, str | int | None]
Key = tuple["AlertKind", str, str, str]
"""What an alert is about: (kind, PBX, queue, call id); for a caller the queue is left out."""


class AlertKind(StrEnum):
    """What is the matter."""

    CALLER_BREACHED = "caller_breached"
    QUEUE_UNSTAFFED = "queue_unstaffed"
    LINK_LOST = "link_lost"
    HISTORY_FAILING = "history_failing"
    CONTACTS_OVERDUE = "contacts_overdue"


@value
class Alert:
    """One alert as it stands; each change makes another of the same ``id``. Moments in ms."""

    id: str
    kind: AlertKind
    pbx: str
    queue: str
    call_id: str
    raised_at: Ms
    params: Params = field(default_factory=dict)
    ended_at: Ms | None = None
    acknowledged_by: str = ""
    acknowledged_at: Ms | None = None

    @property
    def key(self) -> Key:
        """What it is about."""
        queue = "" if self.kind is AlertKind.CALLER_BREACHED else self.queue
        return self.kind, self.pbx, queue, self.call_id


@value
class AlertGone:
    """An alert left the board."""

    id: str


Change = Alert | AlertGone


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Something that is wrong now, and since when."""

    key: Key
    since: Ms
    params: Params


class Alerts:
    """The board of alerts.

    Args:
        engine: whose calls, queues and links are looked at.
        history_problem: what is wrong with the record, in a sentence; empty when nothing.
    """

    def __init__(self, engine: Engine, history_problem: Callable[[], str] = lambda: "") -> None:
        self._engine = engine
        self._history_problem = history_problem
        self._board: dict[str, Alert] = {}
        self._lasting: dict[Key, str] = {}
        """The ids of the alerts that are not over, by what they are about."""
        self._callers: dict[str, str] = {}
        """Of these, those about a caller: by the call's id."""
        self._recalled: dict[Key, Alert] = {}
        self._recalled_at: Ms = 0
        self._since: dict[Key, Ms] = {}
        """Since when a trouble is seen that has not settled yet."""
        self._changes: dict[str, Change] = {}
        self._overdue: Callable[[], Iterable[Overdue]] = tuple

    def watch_contacts(self, overdue: Callable[[], Iterable[Overdue]]) -> None:
        """Look at contacts too; ``overdue`` says which queues have overdue ones now."""
        self._overdue = overdue

    # --- what is asked --------------------------------------------------------------------------

    def board(self) -> list[Alert]:
        """All alerts that are shown, the oldest first."""
        return list(self._board.values())

    def find(self, alert_id: str) -> Alert | None:
        """One alert that is shown."""
        return self._board.get(alert_id)

    def take_changes(self) -> list[Change]:
        """What changed since the last time, each alert once."""
        changes, self._changes = self._changes, {}
        return list(changes.values())

    @property
    def changed(self) -> bool:
        """Whether anything did."""
        return bool(self._changes)

    # --- the start ------------------------------------------------------------------------------

    def recall(self, acknowledged: Iterable[Alert], now: Ms) -> None:
        """Begin with what is so already; comes after ``engine.restore``.

        Args:
            acknowledged: alerts of before the stop that were acknowledged and not over: those that
                are still so come back as they were.
            now: the monitor's clock.
        """
        self._recalled = {alert.key: alert for alert in acknowledged}
        self._recalled_at = now
        for call in self._engine.snapshot().calls.values():
            if call.verdict is Verdict.BREACHED and call.handled_at is None:
                self._caller_breached(call, call.verdict_at or now)

    def recalled(self) -> list[Alert]:
        """Those of before the stop of which it is not known yet whether they are still so."""
        return list(self._recalled.values())

    def forgotten(self, now: Ms) -> list[Alert]:
        """The recalled alerts that will not come back: a minute later, where one can tell."""
        if not self._recalled or now < self._recalled_at + MINUTE:
            return []
        pbxs = self._engine.snapshot().pbxs
        gone = [
            alert
            for alert in self._recalled.values()
            if alert.pbx not in pbxs or _is_observed(pbxs[alert.pbx])
        ]
        for alert in gone:
            del self._recalled[alert.key]
        return gone

    # --- from the engine ------------------------------------------------------------------------

    def take(self, effects: Sequence[fx.Effect], now: Ms) -> None:
        """Look at what changed; all but callers is looked at by :meth:`advance`."""
        for effect in effects:
            kind = type(effect)
            if kind is fx.VerdictGiven:
                self._judged(effect, now)  # type: ignore[arg-type]
            elif kind is fx.CallChanged and self._callers:
                self._look_at_caller(effect.call, now)  # type: ignore[union-attr]

    def _judged(self, effect: fx.VerdictGiven, now: Ms) -> None:
        call = effect.call
        waits = call.handled_at is None and not call.closed
        if effect.verdict is Verdict.BREACHED and waits:
            self._caller_breached(call, effect.at)
        else:
            self._look_at_caller(call, now)

    def _caller_breached(self, call: Call, at: Ms) -> None:
        params: Params = {"caller": call.caller, "within_ms": call.within}
        queue = call.visits[-1].queue if call.visits else ""
        key = (AlertKind.CALLER_BREACHED, call.pbx, "", call.id)
        if key not in self._lasting:
            self._raise(_Trouble(key, at, params), queue)

    def _look_at_caller(self, call: Call, now: Ms) -> None:
        alert_id = self._callers.get(call.id)
        if alert_id is None:
            return
        alert = self._board[alert_id]
        if call.verdict is not Verdict.BREACHED:
            self._end(alert, call.handled_at or now, {"outcome": "corrected"})
        elif call.handled_at is not None:
            self._end(alert, call.handled_at, {"outcome": "handled"})
        elif call.closed:
            self._end(alert, call.ended_at or now, {"outcome": "gone"})
        elif call.visits and call.visits[-1].queue != alert.queue:
            self._put(replace(alert, queue=call.visits[-1].queue))

    # --- with time ------------------------------------------------------------------------------

    def advance(self, now: Ms) -> None:
        """Look at queues, links and the record, and clear the board; call it once a second."""
        self._settle(list(self._troubles(now)), now)
        for alert in list(self._board.values()):
            if alert.ended_at is None:
                continue
            if alert.acknowledged_at is not None or now >= alert.ended_at + SHOWN_AFTER_END:
                self._drop(alert.id)

    def _settle(self, troubles: list[_Trouble], now: Ms) -> None:
        """Raise what is wrong long enough, and end what is wrong no more."""
        wrong = {trouble.key for trouble in troubles}
        for trouble in troubles:
            alert_id = self._lasting.get(trouble.key)
            if alert_id is not None:
                alert = self._board[alert_id]
                if _is_news(alert, trouble):
                    self._end(alert, trouble.since, {})
                    self._raise(trouble, trouble.key[2])
                elif alert.params != trouble.params:
                    self._put(replace(alert, params=trouble.params))
            elif self._has_settled(trouble, now):
                self._raise(trouble, trouble.key[2])
        for key, alert_id in list(self._lasting.items()):
            if key[0] is not AlertKind.CALLER_BREACHED and key not in wrong:
                self._end(self._board[alert_id], now, {})
        self._since = {key: since for key, since in self._since.items() if key in wrong}

    def _has_settled(self, trouble: _Trouble, now: Ms) -> bool:
        """Whether it is wrong for long enough; a deadline does not flicker."""
        at_once = trouble.key[0] is AlertKind.CONTACTS_OVERDUE or trouble.key in self._recalled
        return at_once or now - self._since[trouble.key] >= SETTLES

    def _troubles(self, now: Ms) -> Iterable[_Trouble]:
        for late in self._overdue():
            key = (AlertKind.CONTACTS_OVERDUE, late.pbx, late.queue, "")
            told: Params = {"overdue": late.many}
            yield self._trouble(key, now, told, late.last_at)
        view = self._engine.snapshot()
        for pbx in view.pbxs.values():
            if pbx.blind_since is not None:
                key = (AlertKind.LINK_LOST, pbx.name, "", "")
                params: Params = {"state": pbx.link.value, "detail": pbx.detail}
                yield self._trouble(key, now, params, pbx.blind_since + pbx.clock_offset)
        if problem := self._history_problem():
            yield self._trouble((AlertKind.HISTORY_FAILING, "", "", ""), now, {"detail": problem})
        waited_for = {
            place: state
            for place, state in view.queues.items()
            if state.waiting and _is_observed(view.pbxs[place[0]])
        }
        if not waited_for:
            return
        members: dict[tuple[str, str], list[Member]] = {place: [] for place in waited_for}
        for (pbx_name, queue, _), member in view.members.items():
            if (pbx_name, queue) in members:
                members[pbx_name, queue].append(member)
        for place, state in waited_for.items():
            why = _unstaffed(state, members[place])
            if why is not None:
                yield self._trouble((AlertKind.QUEUE_UNSTAFFED, *place, ""), now, why)

    def _trouble(self, key: Key, now: Ms, params: Params, since: Ms | None = None) -> _Trouble:
        """Something that is wrong at ``now``, and ``since`` when, where that is known."""
        seen = self._since.setdefault(key, now)
        return _Trouble(key, seen if since is None else since, params)

    # --- people ---------------------------------------------------------------------------------

    def acknowledge(self, alert_id: str, by: str, now: Ms) -> Alert | None:
        """Note that somebody has seen an alert; who did first stays. None: it is not shown."""
        alert = self._board.get(alert_id)
        if alert is not None and alert.acknowledged_at is None:
            alert = self._put(replace(alert, acknowledged_by=by, acknowledged_at=now))
        return alert

    # --- the board ------------------------------------------------------------------------------

    def _raise(self, trouble: _Trouble, queue: str) -> None:
        kind, pbx, _, call_id = trouble.key
        about = call_id or f"{pbx}:{queue}:{trouble.since}"
        alert = Alert(
            f"{kind.value}:{about}", kind, pbx, queue, call_id, trouble.since, trouble.params
        )
        before = self._recalled.pop(trouble.key, None)
        if before is not None:
            alert = replace(
                alert,
                id=before.id,
                raised_at=before.raised_at,
                acknowledged_by=before.acknowledged_by,
                acknowledged_at=before.acknowledged_at,
            )
        if len(self._board) >= AT_MOST:
            self._drop(min(self._board.values(), key=_worth).id)
        self._lasting[trouble.key] = alert.id
        if call_id:
            self._callers[call_id] = alert.id
        self._put(alert)

    def _end(self, alert: Alert, at: Ms, params: Params) -> None:
        self._lasting.pop(alert.key, None)
        self._callers.pop(alert.call_id, None)
        self._put(replace(alert, ended_at=at, params={**alert.params, **params}))

    def _put(self, alert: Alert) -> Alert:
        self._board[alert.id] = self._changes[alert.id] = alert
        return alert

    def _drop(self, alert_id: str) -> None:
        alert = self._board.pop(alert_id)
        self._changes[alert_id] = AlertGone(alert_id)
        if self._lasting.get(alert.key) == alert_id:
            del self._lasting[alert.key]
            self._callers.pop(alert.call_id, None)


def _is_news(alert: Alert, trouble: _Trouble) -> bool:
    """Whether one more contact became overdue since somebody acknowledged the alert."""
    seen_at = alert.acknowledged_at
    kind = alert.kind is AlertKind.CONTACTS_OVERDUE
    return kind and seen_at is not None and trouble.since > seen_at


def _worth(alert: Alert) -> tuple[bool, bool]:
    """How much an alert is missed when the board is full; of equals the oldest goes."""
    return alert.ended_at is None, alert.kind is not AlertKind.CALLER_BREACHED


def _is_observed(pbx: PbxState) -> bool:
    return pbx.blind_since is None


def _unstaffed(state: QueueState, members: Sequence[Member]) -> Params | None:
    """Why nobody is there to take a queue's callers; None while somebody is."""
    gone = sum(member.state is MemberState.UNAVAILABLE for member in members)
    paused = sum(
        member.paused and member.state is not MemberState.UNAVAILABLE for member in members
    )
    if gone + paused < len(members):
        return None
    if not members:
        why = "nobody_logged_in"
    elif paused:
        why = "all_paused"
    else:
        why = "nobody_reachable"
    return {
        "why": why, "waiting": len(state.waiting), "members": len(members), "paused": paused,
    }  # fmt: skip
