"""What people do to settings: checked as a whole, stored with its trace, then in force at once.

One change after the other, so what is in force is always what was stored last, whoever came at the
same moment. Belongs to the event loop's thread.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from api.errors import ApiError, bad_field
from api.overflow_control import OverflowControl
from api.overflow_policies import RuleError, rule_of
from api.policies import policy_of, year_in
from api.reading import read
from api.settings_reading import Held, read_all, secrets_of_environment
from config.base import Table
from config.faults import Complaint, Wrong
from config.items import (
    KINDS,
    ItemError,
    Key,
    body_of,
    checked,
    effective,
    id_of,
    secrets_in,
    settings_with,
    take_secrets,
)
from config.settings import Settings
from monitor.core.clock import Ms
from monitor.core.policy import Policy
from monitor.history.audit import Who
from monitor.history.secrets import SecretsError
from monitor.history.settings import RULE, Change, Item, SettingsRecord
from monitor.history.versioned import ConflictError
from monitor.runtime import Monitor

log = logging.getLogger("minuteur.settings")

LOOK_EVERY_S: Final = 3.0
"""So soon a change by another process, such as `minuteur settings import`, is in force."""

Listener = Callable[[Settings], Awaitable[None]]
"""Is told the settings in effect whenever they changed; never raises."""


class SettingsControl:
    """Changes settings.

    Args:
        monitor: whose engine judges by the policy that the settings make.
        record: where they are stored.
        held: what was read at the start.
        overflow: whose rules may be imported along.
        now: the monitor's clock (ms).
    """

    def __init__(
        self,
        monitor: Monitor,
        record: SettingsRecord,
        held: Held,
        overflow: OverflowControl,
        now: Callable[[], Ms],
    ) -> None:
        self.record = record
        self.overflow = overflow
        self._monitor = monitor
        self._held = held
        self._in_force = held.mark
        """How far the record had come of which all is in force; None: some may be missing."""
        self._now = now
        self._lock = asyncio.Lock()
        self._listeners: list[Listener] = []
        self._year = self._present_year(held.settings)
        """Around which the policy in force holds public holidays."""

    @property
    def held(self) -> Held:
        """All settings, and what is in effect of them."""
        return self._held

    @property
    def settings(self) -> Settings:
        """The settings in effect."""
        return self._held.settings

    def listen(self, listener: Listener) -> None:
        """Have ``listener`` told whenever the settings in effect change."""
        self._listeners.append(listener)

    # --- reading --------------------------------------------------------------------------------

    def items(self, kind: str) -> list[Item]:
        """All items of a kind, by id."""
        return sorted(
            (item for item in self._held.items.values() if item.kind == kind),
            key=lambda item: item.id,
        )

    def item(self, kind: str, id_: str) -> Item:
        """One item.

        Raises:
            ApiError: 404 when there is none.
        """
        found = self._held.items.get((kind, id_))
        if found is None:
            raise no_item((kind, id_))
        return found

    # --- changing -------------------------------------------------------------------------------

    async def save(
        self,
        kind: str,
        raw: Mapping[str, Any],
        who: Who,
        *,
        expected: int | None,
        id_: str | None = None,
    ) -> Item:
        """Create an item (``expected`` None), or change the version that its author has seen.

        Sent once more by the same author, the same body changes nothing.

        Args:
            kind: of the item.
            raw: its body as JSON has it; secrets that are left out stay as they are.
            who: changes it.
            expected: the version that they have read.
            id_: the item that is changed; it keeps its id.

        Raises:
            ApiError: 422 naming what is wrong, 409 when somebody was faster, 503.
        """
        async with self._lock:
            change, table = self._change_of(kind, raw, expected, id_)
            key = kind, change.id
            current = self._held.items.get(key)
            if current is not None and self._is_told_again(current, change, who):
                return current
            await self._apply([change], {key: table}, who)
            return self._held.items[key]

    async def delete(self, kind: str, id_: str, who: Who, *, expected: int) -> None:
        """Delete the version of an item that its author has seen; its versions stay.

        Raises:
            ApiError: 404, 409, 422 when others need it, or 503.
        """
        async with self._lock:
            self.item(kind, id_)
            await self._apply([Change(kind, id_, None, expected)], {(kind, id_): None}, who)

    async def apply(self, changes: Sequence[Change], who: Who) -> None:
        """Make all changes, or none; of overflow rules too.

        Raises:
            ApiError: 422, 409 or 503.
        """
        async with self._lock:
            await self._apply(changes, self.tables_of(changes), who)

    def tables_of(self, changes: Sequence[Change]) -> dict[Key, Table | None]:
        """What settings would be by changes; None: deleted.

        Overflow rules are checked along, but for the PBX that they name.

        Raises:
            ApiError: 422 naming what is wrong.
        """
        found: dict[Key, Table | None] = {}
        fields: dict[str, str] = {}
        for change in changes:
            key = change.kind, change.id
            try:
                if change.kind == RULE:
                    self._check_rule(change)
                elif change.body is None:
                    found[key] = None
                else:
                    found[key] = self._checked(key, change.body, change.secrets)
            except (ItemError, RuleError) as error:
                fields |= {f"{key[0]}:{key[1]}.{name}": text for name, text in error.fields.items()}
        if fields:
            raise invalid(fields)
        return found

    def _check_rule(self, change: Change) -> None:
        if change.body is not None and rule_of(change.body).id != change.id:
            text = f"a rule keeps its id, which is {change.id}"
            raise RuleError({"id": Complaint(Wrong.KEEPS_ITS_NAME, text, name=change.id)})

    def problems(
        self, tables: Mapping[Key, Table | None], changes: Sequence[Change] = ()
    ) -> dict[tuple[Key, str], str]:
        """What would be wrong between items, by item and key, that is not wrong already.

        Args:
            tables: what the changed settings would be.
            changes: all changes; of overflow rules, the PBX that they name must be there.
        """
        after = {**self._held.sound(), **tables}
        sound = {key: table for key, table in after.items() if table is not None}
        settings, problems = settings_with(self._held.file, sound)
        found = {(problem.key, problem.field): problem.text for problem in problems}
        known = {pbx.name for pbx in settings.pbx}
        before = {pbx.name for pbx in self._held.settings.pbx}
        rules: dict[str, Mapping[str, Any]] = {r.id: r.body for r in self.overflow.rules()}
        mine = {change.id for change in changes if change.kind == RULE}
        rules |= {change.id: change.body or {} for change in changes if change.kind == RULE}
        for id_, body in rules.items():
            pbx = body.get("pbx")
            if pbx and pbx not in known and (id_ in mine or pbx in before):
                text = f'there is no PBX named "{pbx}"; change or delete the rule first'
                found[(RULE, id_), "pbx"] = text
        return found

    def _change_of(
        self, kind: str, raw: Mapping[str, Any], expected: int | None, id_: str | None
    ) -> tuple[Change, Table]:
        """What somebody wants an item to be, checked by itself."""
        body, said = take_secrets(kind, raw)
        key = kind, id_ if id_ is not None else id_of(kind, body)
        try:
            table = self._checked(key, body, said)
        except ItemError as error:
            raise invalid(error.fields) from None
        new = id_of(kind, body_of(table))
        if id_ is not None and new != id_:
            field = (
                "pbx" if kind == "queue" and new.split(":")[-1] == id_.split(":")[-1] else "name"
            )
            words = KINDS[kind].words
            text = f"a {words} keeps its name, which is {id_}; make another one"
            raise bad_field(field, Complaint(Wrong.KEEPS_ITS_NAME, text, name=id_))
        return Change(kind, new, body_of(table), expected, said), table

    def _checked(self, key: Key, body: Mapping[str, Any], said: Mapping[str, str]) -> Table:
        """An item by itself, with the secrets that stay as they are.

        Raises:
            ItemError: it is no good.
        """
        table = checked(key[0], body, self._held.known_secrets(key) | dict(said))
        if wrong := self._held.wrongly_sent(key, body_of(table), said):
            raise ItemError(wrong)
        return table

    def _keeping(self, change: Change, table: Table | None) -> Change:
        """A change with the secrets that the file holds: from now on it does not hold for the item.

        What the environment holds stays there.
        """
        if table is None:
            return change
        key = change.kind, change.id
        stored = {name for name, value in self._held.secrets.get(key, {}).items() if value}
        elsewhere = stored | secrets_of_environment(key).keys()
        elsewhere |= change.secrets.keys()
        used = {name: value for name, value in secrets_in(table).items() if name not in elsewhere}
        return replace(change, kept=used)

    def _is_told_again(self, current: Item, change: Change, who: Who) -> bool:
        """Whether nothing would change: the answer to the first telling was lost, say."""
        known = self._held.known_secrets(current.key)
        if self._held.body(current.key) != change.body:
            return False
        if any(known.get(name) != value for name, value in change.secrets.items()):
            return False
        if current.version == change.expected:
            return True
        return current.updated_by == who.by and current.version == (change.expected or 0) + 1

    async def _apply(
        self, changes: Sequence[Change], tables: Mapping[Key, Table | None], who: Who
    ) -> None:
        """Store changes and put them in force, if nothing contradicts them; with the lock held."""
        before = self._held
        problems = self.problems(tables, changes)
        if problems:
            own = changes[0].kind, changes[0].id
            raise invalid(
                {
                    field
                    if key == own and len(changes) == 1
                    else f"{key[0]}:{key[1]}.{field}": text
                    for (key, field), text in problems.items()
                }
            )
        after = {
            key: table for key, table in {**before.tables, **tables}.items() if table is not None
        }
        settings = effective(before.file, after).settings
        kept = [self._keeping(one, tables.get((one.kind, one.id))) for one in changes]
        policy = await self._store(kept, who, self._policy_of(settings))
        self._in_force = None  # what fails from here on is done at the next look
        held = await read(read_all, self.record, before.file)
        await self._put_in_force(held, policy)
        if any(change.kind == RULE for change in changes):
            await self.overflow.reload()
        self._in_force = held.mark

    async def _store(self, changes: Sequence[Change], who: Who, policy: Policy) -> Policy:
        try:
            stored = await read(self.record.apply, changes, who, self._now(), policy)
        except ConflictError as error:
            raise conflict(error, changes) from None
        except SecretsError as error:
            log.error("%s", error)  # noqa: TRY400 - one line is enough
            raise ApiError(503, "secrets_unavailable", str(error)) from None
        assert stored is not None  # noqa: S101 - a policy was given
        return stored

    async def _put_in_force(self, held: Held, policy: Policy) -> None:
        """Have all who go by the settings go by the new ones."""
        self._held = held
        self._year = self._present_year(held.settings)
        self._monitor.take(self._monitor.engine.set_policy(policy, self._now()))
        for listener in self._listeners:
            await listener(held.settings)

    # --- changes by others ----------------------------------------------------------------------

    async def run(self) -> None:
        """Put in force what other processes change, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except (ApiError, SQLAlchemyError):
                continue  # told of by the writer; looked again in a moment
            except Exception:
                log.exception("Changed settings could not be put in force")

    async def look(self) -> None:
        """Put in force what was changed since the last look, and the holidays of a new year.

        Raises:
            ApiError: 503 when the database cannot be read.
        """
        async with self._lock:
            held = self._held
            if await read(self.record.mark) == self._in_force:
                if self._present_year(held.settings) != self._year:
                    await self._put_in_force(held, await read(self._stored_policy, held))
                return
            held = await read(read_all, self.record, held.file)
            policy = await read(self._stored_policy, held)
            await self._put_in_force(held, policy)
            await self.overflow.reload()
            self._in_force = held.mark

    def _stored_policy(self, held: Held) -> Policy:
        return self.record.policy(self._policy_of(held.settings), self._now())

    def _policy_of(self, settings: Settings) -> Policy:
        return policy_of(settings, year=self._present_year(settings))

    def _present_year(self, settings: Settings) -> int:
        return year_in(settings.centre.zone, self._now())


def invalid(fields: Mapping[str, str]) -> ApiError:
    """Something is wrong with these keys."""
    text = "; ".join(f"{name}: {reason}" for name, reason in fields.items())
    return ApiError(422, "invalid", text, fields)


def no_item(key: Key) -> ApiError:
    """There is no such item."""
    return ApiError(404, "not_found", f"There is no {KINDS[key[0]].words} {key[1][:100]}.")


def conflict(error: ConflictError, changes: Sequence[Change]) -> ApiError:
    """Somebody was faster."""
    name = error.id.partition(":")[2] or error.id
    creating = any(
        change.expected is None
        for change in changes
        if error.id in (change.id, f"{change.kind}:{change.id}")
    )
    if creating and error.current is not None:
        message = (
            f"There is {name} already, at version {error.current}: change it, or take another name."
        )
        return ApiError(409, "exists", message)
    if error.current is None:
        return ApiError(404, "not_found", f"There is no {name} any more.")
    message = (
        f"Somebody else changed {name} meanwhile: it is at version {error.current}. Read it again, "
        "and make your change anew."
    )
    return ApiError(409, "changed_meanwhile", message)
