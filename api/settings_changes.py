"""Who changed what, and taking it back."""

import asyncio
from typing import Final

from api.errors import ApiError
from api.reading import read
from api.settings_control import SettingsControl, invalid
from api.views import Json, iso
from config.items import KINDS, Body
from monitor.history.audit import Who
from monitor.history.changes import ChangeRecord, RecordedChange
from monitor.history.settings import RULE, Change

_KINDS: Final = frozenset({*KINDS, RULE})
_NO_WAY_BACK: Final = (
    "This change cannot be taken back: a secret changed with it or since, and the one of before is "
    "not kept. Set the item anew, with its secret."
)


class ChangeControl:
    """Takes changes back.

    Args:
        settings: changes them.
        record: where changes are read.
    """

    def __init__(self, settings: SettingsControl, record: ChangeRecord) -> None:
        self.record = record
        self._settings = settings
        self._lock = asyncio.Lock()

    async def undo(self, seq: int, who: Who) -> RecordedChange:
        """Have a thing be again what it was before a change; returns the new change.

        Raises:
            ApiError: 404, 409 when the thing changed since, 422 when what it was is valid no more,
                503.
        """
        async with self._lock:
            found = await read(self.record.one, seq)
            if found is None:
                raise ApiError(404, "not_found", f"There is no change {seq}.")
            if found.kind not in _KINDS or found.entry.what.endswith("secret_changed"):
                raise ApiError(409, "not_undoable", "This change cannot be taken back.")
            if found.undone_by is None and (found.with_secret or self._needs_a_secret(found)):
                raise ApiError(409, "not_undoable", _NO_WAY_BACK)
            if _begins_single(found):
                raise invalid({found.kind: "it cannot be deleted"})
            if not found.undoable:
                raise await self._changed_since(found)
            await self._settings.apply([self._reverse(found)], who)
            newest = await read(self.record.newest, found.kind, found.id)
        assert newest is not None  # noqa: S101 - made just now
        return newest

    def shown(self, found: RecordedChange) -> Json:
        """A change as ``ChangeOut``; a way back that a secret stands in is not offered."""
        told = change(found)
        told["undoable"] = told["undoable"] and not self._needs_a_secret(found)
        return told

    def _needs_a_secret(self, found: RecordedChange) -> bool:
        """Whether the secret in force is for another address or account than the one before."""
        if not found.undoable or found.entry.before is None:
            return False
        body, held = found.entry.before, self._settings.held
        return bool(held.wrongly_sent((found.kind, found.id), body, {}))

    def _reverse(self, found: RecordedChange) -> Change:
        before, after = found.entry.before, found.entry.after
        if after is None:
            expected = None
        elif found.kind == RULE:
            expected = self._settings.overflow.rule(found.id).version
        else:
            expected = self._settings.item(found.kind, found.id).version
        body: Body | None = None if before is None else dict(before)
        return Change(found.kind, found.id, body, expected, undoes=found.entry.seq)

    async def _changed_since(self, found: RecordedChange) -> ApiError:
        if found.undone_by is not None:
            text = f"It was taken back already, by change {found.undone_by}."
            return ApiError(409, "changed_since", text)
        text = f"{found.id} was changed since; take the later changes back first, or set it anew."
        return ApiError(409, "changed_since", text)


def _begins_single(found: RecordedChange) -> bool:
    """Whether nothing was before it that could be again: there is always one of its kind."""
    kind = KINDS.get(found.kind)
    return kind is not None and kind.single and found.entry.before is None


def change(found: RecordedChange) -> Json:
    """A change as ``ChangeOut``."""
    entry = found.entry
    return {
        "seq": entry.seq,
        "at": iso(entry.at),
        "by": entry.by,
        "via": entry.via.value,
        "what": entry.what,
        "kind": found.kind,
        "id": found.id,
        "before": entry.before,
        "after": entry.after,
        "undone_by": found.undone_by,
        "undoable": found.undoable and not _begins_single(found),
    }
