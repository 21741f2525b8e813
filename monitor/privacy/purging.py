"""Purging: what is older than its time goes, in small transactions, beside the work."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from monitor.core.clock import DAY, SECOND, Ms
from monitor.evidence.chain import seal_of
from monitor.history.audit import AuditEntry, Who, append
from monitor.history.database import History
from monitor.history.evidence_record import first_day, seals_before
from monitor.privacy.emptying import Emptier
from monitor.privacy.removing import Remover
from monitor.privacy.retention import Days, Due, Kind, dues
from monitor.privacy.rewriting import due, rewrite, size

PURGED: Final = "personal_data_purged"
"""What the audit trail calls a purge."""
SESSIONS: Final = "sessions"
SMALL: Final = 256 * 1024 * 1024
"""A file of so many bytes is written anew after each purge; a larger one once a week."""
EACH: Final[Ms] = 7 * DAY
GIVEN: Final = 2.0
"""After each transaction the others have the database for as much longer than it took."""
_ORDER: Final = (
    Kind.CALLS, Kind.TIMELINES, Kind.DECISIONS, Kind.NUMBERS, Kind.DIGITS, Kind.AGENTS,
    Kind.PERSONS, Kind.CONTACTS, Kind.ALERTS, Kind.MESSAGES, Kind.REPORT_MAILS, Kind.AUDIT,
)  # fmt: skip
"""What goes as a whole need not be emptied first."""
_EMPTIED: Final = frozenset({Kind.NUMBERS, Kind.DIGITS, Kind.AGENTS})
log = logging.getLogger("minuteur.privacy")


class NoKeyError(Exception):
    """There is no key of the pseudonyms, so nothing can be emptied."""


@dataclass(slots=True)
class Purged:
    """What a purge did: rows by kind; ``waiting`` days wait to be sealed."""

    removed: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    rewritten: bool = False
    took: Ms = 0


class Purger:
    """Purges a record. Methods block: they belong into a thread of their own.

    Args:
        history: the record.
        now: the clock (ms).
        rest: sleeps for seconds; may raise, to stop.
    """

    def __init__(
        self,
        history: History,
        now: Callable[[], Ms],
        rest: Callable[[float], object] = time.sleep,
    ) -> None:
        self._history = history
        self._now = now
        self._rest = rest
        self._began = 0.0

    def dues(self, days: Days) -> list[Due]:
        """What is to go now."""
        with self._history.reading() as connection:
            first = first_day(connection)
            newest = seals_before(connection, None, 1)
        sealed = seal_of(newest[0][0]).day if newest else None
        return dues(days, self._now(), first, sealed)

    def run(self, days: Days, who: Who, *, rewriting: bool | None = None) -> Purged:
        """Purge all that is due, and note it in the audit trail.

        Args:
            days: for how long each kind is kept.
            who: wants it.
            rewriting: write the files anew afterwards; None: as their size and their age say.

        Raises:
            NoKeyError: there is no key of the pseudonyms.
            SQLAlchemyError: the database cannot be used; what was done stays.
        """
        if self._history.pseudonyms is None:
            raise NoKeyError("There is no key of the pseudonyms.")
        began, done = self._now(), Purged()
        emptier = Emptier(self._history, began)
        remover = Remover(self._history, began)
        found = {one.kind: one for one in self.dues(days)}
        self._began = time.perf_counter()
        for kind in _ORDER:
            one = found.get(kind)
            if one is None:
                continue
            work = emptier.empty if kind in _EMPTIED else remover.remove
            done.waiting = max(done.waiting, one.waiting)
            done.removed[kind.value] += work(kind, one.before, self._told)
            if kind is Kind.NUMBERS:
                done.removed[kind.value] += remover.lost_callers(one.before, self._told)
        done.removed[SESSIONS] += remover.sessions(self._told)
        done.removed = +done.removed
        if self._wants(rewriting):
            done.rewritten = rewrite(self._history, self._now(), pause=self._rest)
        done.took = max(0, self._now() - began)
        self._note(who, done)
        return done

    def _told(self, _changed: int) -> None:
        """Give way to whoever else works with the database."""
        took = time.perf_counter() - self._began
        self._rest(min(1.0, took * GIVEN))
        self._began = time.perf_counter()

    def _wants(self, rewriting: bool | None) -> bool:
        unclean, rewritten = due(self._history)
        if not unclean or rewriting is not None:
            return bool(unclean and rewriting)
        if self._history.engine.dialect.name == "postgresql":
            return False
        return size(self._history) <= SMALL or self._now() - rewritten >= EACH

    def _note(self, who: Who, done: Purged) -> None:
        after = {
            "removed": dict(done.removed),
            "rewritten": done.rewritten,
            "took_s": done.took / SECOND,
        }
        entry = AuditEntry(self._now(), who.by, who.via, PURGED, "personal_data", None, after)
        with self._history.writing() as connection:
            append(connection, entry)
        # How many, never whose.
        told = ", ".join(f"{name} {many:,}" for name, many in sorted(done.removed.items()))
        anew = " Its files were written anew." if done.rewritten else ""
        log.info("Purged: %s.%s", told or "nothing", anew)
