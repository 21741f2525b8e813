"""What people and programs do to overflow: stored with its audit entry, then in force at once.

One change after the other, so what is in force is always what was stored last, whoever came at the
same moment. Belongs to the event loop's thread.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from api.errors import ApiError
from api.overflow_policies import RuleError, as_core, body_of, checked, rule_of, rules_of
from api.reading import read
from config.settings import Settings
from monitor.core.clock import Ms
from monitor.core.effects import Effect
from monitor.core.overflow.decisions import Decision, Standing
from monitor.core.overflow.engine import Overflow, Switch
from monitor.core.overflow.forecast import Forecasts
from monitor.core.overflow.rules import OverflowRule
from monitor.history.audit import Who
from monitor.history.overflow import OverflowRecord
from monitor.history.overflow_rules import RuleConflictError, StoredRule
from monitor.runtime import Monitor

log = logging.getLogger("minuteur.api")

BY_FILE = "configuration"
"""Who turned the switch when ``[overflow] enabled = false`` did."""
LATELY = 20
"""So many decisions are shown on the live page, also after a restart."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the record holds of overflow when the monitor starts."""

    rules: Sequence[StoredRule] = ()
    switch: Switch = field(default_factory=Switch)
    standing: Sequence[Standing] = ()
    decisions: Sequence[Decision] = ()
    """The last ones, oldest first."""


def prepare(record: OverflowRecord, settings: Settings, now: Ms) -> Prepared:
    """Seed the record with the file's rules, and read what is to be in force; blocks.

    Raises:
        SQLAlchemyError: the database cannot be used.
    """
    record.rules.seed({rule.id: body_of(rule) for rule in rules_of(settings)}, now)
    switch = record.switch()
    if not switch.at and not settings.overflow.enabled:
        switch = Switch(on=False, by=BY_FILE, at=now, note="[overflow] enabled = false")
    lately = record.log.decisions(limit=LATELY).decisions
    return Prepared(record.rules.all(), switch, record.standing(), lately[::-1])


class OverflowControl:
    """Changes rules and the switch.

    Args:
        monitor: whose overflow engine is told; it must have one.
        forecasts: what that engine forecasts with.
        record: where all is stored.
        now: the monitor's clock (ms).
    """

    def __init__(
        self,
        monitor: Monitor,
        forecasts: Forecasts,
        record: OverflowRecord,
        now: Callable[[], Ms],
    ) -> None:
        if monitor.overflow is None:
            raise ValueError("the monitor has no overflow engine")
        self.overflow: Overflow = monitor.overflow
        self.forecasts = forecasts
        self.record = record
        self._monitor = monitor
        self._now = now
        self._lock = asyncio.Lock()
        self._stored: dict[str, StoredRule] = {}
        self._problems: dict[str, str] = {}
        self._turns = 0
        self._switch_stored: Switch | None = None

    def begin(self, prepared: Prepared) -> list[Effect]:
        """Put in force what the record holds; comes before any event. Returns what to publish."""
        now = self._now()
        self._stored = {rule.id: rule for rule in prepared.rules}
        self._switch_stored = prepared.switch
        effects = list(self.overflow.turn(prepared.switch, now))
        effects += self.overflow.set_rules(self._in_force(), now)
        for rule in prepared.rules:
            if rule.forced is not None:
                effects += self.overflow.force(rule.id, rule.forced, rule.forced_by, now)
        effects += self.overflow.restore(prepared.standing, now)
        return effects

    async def reload(self) -> None:
        """Put in force the rules that were stored by another hand: an import, say.

        Raises:
            ApiError: 503.
        """
        async with self._lock:
            stored = {rule.id: rule for rule in await read(self.record.rules.all)}
            if stored != self._stored:
                self._stored = stored
                self._put_in_force()

    # --- rules ----------------------------------------------------------------------------------

    def rules(self) -> list[StoredRule]:
        """All rules, in the order in which they are asked."""
        return sorted(self._stored.values(), key=_order)

    def rule(self, id_: str) -> StoredRule:
        """One rule.

        Raises:
            ApiError: 404 when there is none of this id.
        """
        found = self._stored.get(id_)
        if found is None:
            raise no_rule(id_)
        return found

    def problem(self, id_: str) -> str:
        """Why a rule cannot be put in force; empty when it is."""
        return self._problems.get(id_, "")

    async def save(self, body: Mapping[str, Any], who: Who, *, expected: int | None) -> StoredRule:
        """Create a rule (``expected`` None), or change the version that its author has seen.

        Sent once more by the same author, the same body changes nothing.

        Raises:
            ApiError: 422 naming what is wrong, 409 when somebody was faster, 503.
        """
        rule = self._checked(body)
        normal = body_of(rule)
        async with self._lock:
            current = self._stored.get(rule.id)
            if current is not None and _is_told_again(current, normal, who, expected):
                return current
            try:
                stored = await read(
                    self.record.rules.put, rule.id, normal, who, self._now(), expected=expected
                )
            except RuleConflictError as error:
                raise _conflict(rule.id, error.current, creating=expected is None) from None
            self._stored[rule.id] = stored
            self._put_in_force()
        return stored

    async def delete(self, id_: str, who: Who, *, expected: int) -> None:
        """Delete the version of a rule that its author has seen; what it had turned on is undone.

        Raises:
            ApiError: 404, 409 or 503.
        """
        async with self._lock:
            self.rule(id_)
            try:
                await read(self.record.rules.delete, id_, who, self._now(), expected=expected)
            except RuleConflictError as error:
                raise _conflict(id_, error.current, creating=False) from None
            self._stored.pop(id_)
            self._put_in_force()

    async def pause(self, id_: str, who: Who, *, paused: bool) -> StoredRule:
        """Have a rule rest, or take part again, whatever its version: its ``enabled``.

        Raises:
            ApiError: 404, 409 or 503.
        """
        current = self.rule(id_)
        body = {**current.body, "enabled": not paused}
        return await self.save(body, who, expected=current.version)

    async def force(self, id_: str, on: bool | None, who: Who) -> StoredRule:
        """Have a rule act or rest whatever its conditions say; None: they decide again.

        Raises:
            ApiError: 404 or 503.
        """
        async with self._lock:
            current = self.rule(id_)
            if current.forced == on:
                return current
            now = self._now()
            if not await read(self.record.rules.force, id_, on, who, now):
                raise no_rule(id_)
            by = "" if on is None else who.by
            stored = self._stored[id_] = replace(current, forced=on, forced_by=by)
            self._publish(self.overflow.force(id_, on, who.by, now))
        return stored

    def _checked(self, body: Mapping[str, Any]) -> OverflowRule:
        try:
            rule = as_core(checked(body))
        except RuleError as error:
            raise ApiError(422, "invalid", str(error), error.fields) from None
        known = [name for name, _ in self._monitor.engine.policy.incoming_contexts]
        if rule.pbx and rule.pbx not in known:
            message = (
                f'there is no PBX named "{rule.pbx}"; known are {", ".join(known) or "none"}, and '
                "empty means every one"
            )
            raise ApiError(422, "invalid", f"pbx: {message}", {"pbx": message})
        return rule

    def _in_force(self) -> list[OverflowRule]:
        """All rules as the core wants them; one that cannot be read is left out, and said."""
        found = []
        self._problems.clear()
        for stored in self._stored.values():
            try:
                found.append(rule_of(stored.body, stored.version))
            except RuleError as error:
                log.error("The overflow rule %s is not in force: %s", stored.id, error)  # noqa: TRY400
                self._problems[stored.id] = f"It is not in force. {error}"
        return found

    def _put_in_force(self) -> None:
        self._publish(self.overflow.set_rules(self._in_force(), self._now()))

    def _publish(self, effects: Sequence[Effect]) -> None:
        if effects:
            self._monitor.publish(effects)

    # --- the switch -----------------------------------------------------------------------------

    async def turn(self, who: Who, *, on: bool, note: str = "") -> Switch:
        """Turn the big red switch. Off it takes effect before anything is stored or waited for.

        Raises:
            ApiError: 503 when it could not be stored; off, it is off all the same.
        """
        self._turns += 1
        turn, turned = self._turns, Switch(on=on, by=who.by, at=self._now(), note=note)
        if not on and not self._is_so(turned):
            self._publish(self.overflow.turn(turned, turned.at))
        async with self._lock:
            current = self.overflow.switch
            if self._is_so(turned):
                if self._switch_stored == current:
                    return current
                turned = current
            try:
                await read(self.record.turn, turned, who.via)
            except ApiError as error:
                raise error if on else _off_but_not_stored(error) from None
            self._switch_stored = turned
            # Who turned it off meanwhile waits for us only to store it.
            if on and turn == self._turns:
                self._publish(self.overflow.turn(turned, turned.at))
            return self.overflow.switch

    def _is_so(self, wanted: Switch) -> bool:
        """Whether the switch was turned like this already, for the same reason."""
        current = self.overflow.switch
        return bool(current.at) and (current.on, current.note) == (wanted.on, wanted.note)


def no_rule(id_: str) -> ApiError:
    """There is no rule of this id."""
    return ApiError(404, "not_found", f"No overflow rule has the id {id_[:100]}.")


def _order(rule: StoredRule) -> tuple[int, str]:
    priority = rule.body.get("priority")
    return priority if isinstance(priority, int) else 0, rule.id


def _is_told_again(
    current: StoredRule, body: Mapping[str, Any], who: Who, expected: int | None
) -> bool:
    """Whether nothing would change: the answer to the first telling was lost, say."""
    if current.body != body:
        return False
    if current.version == expected:
        return True
    return current.updated_by == who.by and current.version == (expected or 0) + 1


def _conflict(id_: str, current: int | None, *, creating: bool) -> ApiError:
    if creating:
        message = (
            f"There is a rule {id_} already, at version {current}: change it, or take another id."
        )
        return ApiError(409, "exists", message)
    if current is None:
        return no_rule(id_)
    message = (
        f"Somebody else changed the rule {id_} meanwhile: it is at version {current}. Read it "
        "again, and make your change anew."
    )
    return ApiError(409, "changed_meanwhile", message)


def _off_but_not_stored(error: ApiError) -> ApiError:
    message = (
        "The switch is off. This could not be stored, so after a restart it would be as before: "
        "turn it off once more in a moment."
    )
    return ApiError(503, error.code, message, headers=error.headers)
