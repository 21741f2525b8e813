"""Personal data for the interface: what is kept, of whom, and removing it. Methods block."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.errors import ApiError
from api.purging import PurgeKeeper
from api.views import iso
from config.retention import Retention
from monitor.core.clock import Ms
from monitor.history.audit import AuditEntry, AuditFilter, AuditRecord, Who
from monitor.history.database import History
from monitor.privacy.holdings import holding
from monitor.privacy.inventory import DESCRIPTIONS, Described, where
from monitor.privacy.mentions import Mention
from monitor.privacy.purging import PURGED
from monitor.privacy.retention import PERIODS, Days, Due, Kind, effective
from monitor.privacy.rewriting import due
from monitor.privacy.subject import NoNumberError, Subject, SubjectError

Json = dict[str, Any]


def days_of(retention: Retention) -> Days:
    """The periods that settings say; 0 there is no end here."""
    return {kind: getattr(retention, kind.value) or None for kind in Kind}


@dataclass(slots=True)
class Personal:
    """What routes do with personal data.

    Args:
        history: the record.
        keeper: who purges it.
        days: for how long each kind is kept, as it is set now.
    """

    history: History
    keeper: PurgeKeeper
    days: Callable[[], Days]

    def overview(self) -> Json:
        """What is kept, as ``PersonalDataOut``."""
        days = self.days()
        dues = {one.kind: one for one in self.keeper.dues(days)}
        trail = AuditRecord(self.history).entries(AuditFilter(what=PURGED), limit=1).entries
        unclean, rewritten = due(self.history)
        return {
            "kinds": [self._kind(kind, effective(days), dues) for kind in DESCRIPTIONS],
            "last_purge": _purge(trail[0]) if trail else None,
            "next_purge": iso(self.keeper.next_at()),
            "running": self.keeper.running,
            "rewrite_due": bool(unclean),
            "rewritten_at": iso(rewritten) if rewritten else None,
            "problem": self.keeper.problem,
        }

    def _kind(self, kind: Described, days: Days, dues: dict[Kind, Due]) -> Json:
        told = DESCRIPTIONS[kind]
        with self.history.reading() as connection:
            held = holding(connection, kind)
        own = kind if isinstance(kind, Kind) else None
        period = None if own is None else PERIODS[own]
        return {
            "kind": kind.value,
            "what": told.what,
            "why": told.why,
            "ends": told.ends,
            "where": where(kind),
            "settable": period is not None,
            "days": None if own is None else days.get(own),
            "default": None if period is None else period.days,
            "minimum": None if period is None else period.minimum,
            "maximum": None if period is None else period.maximum,
            "oldest": None if held.oldest is None else iso(held.oldest),
            "rows": held.rows,
            "waiting_days": dues[own].waiting if own in dues else 0,
        }

    def subject(self, number: str, who: Who) -> Json:
        """All that is held of a number, as ``SubjectOut``.

        Raises:
            ApiError: 422, it is no number.
        """
        now: Ms = self.keeper.now()
        held = self._subject(number, now).export(who)
        return {
            "number": held.number,
            "pseudonym": held.pseudonym,
            "at": iso(now),
            "counts": {name: len(rows) for name, rows in held.records.items()},
            "records": held.records,
            "purged_calls": held.purged_calls,
            "elsewhere": _mentions(held.elsewhere),
        }

    def erase(self, number: str, reason: str, who: Who, *, dry_run: bool) -> Json:
        """Remove what is held of a number, as ``ErasureOut``.

        Raises:
            ApiError: 409, it is too early; 422, it is no number.
        """
        try:
            subject = self._subject(number, self.keeper.now())
            done = subject.erase(reason, who, dry_run=dry_run)
        except SubjectError as error:
            raise ApiError(409, "still_open", str(error)) from None
        if not dry_run:
            self.keeper.rewrite_if_small()
        return {
            "pseudonym": done.pseudonym,
            "removed": dict(done.removed),
            "left": _mentions(done.left),
            "dry_run": dry_run,
            "rewrite_due": bool(due(self.history)[0]),
        }

    def _subject(self, number: str, now: Ms) -> Subject:
        try:
            return Subject(self.history, number, now)
        except NoNumberError as error:
            raise ApiError(422, "invalid", f"number: {error}", {"number": str(error)}) from None


def _purge(entry: AuditEntry) -> Json:
    told = entry.after or {}
    return {
        "at": iso(entry.at),
        "by": entry.by,
        "via": entry.via.value,
        "took_s": told.get("took_s", 0),
        "removed": told.get("removed", {}),
        "rewritten": bool(told.get("rewritten")),
    }


def _mentions(found: list[Mention]) -> list[Json]:
    return [{"where": one.where, "rows": one.rows, "why": one.why} for one in found]
