"""Storing calls of a time in which nobody observed the PBX, from its queue log; blocks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.core.comparing import Reconciled
from monitor.core.logged import LoggedCall
from monitor.core.policy import Policy
from monitor.core.reconciling import reconcile
from monitor.core.records import Call
from monitor.core.recovery import is_recovered, recover
from monitor.history.database import History
from monitor.history.reader import HistoryReader
from monitor.history.recovering import UNSEEN, Rulebook, batches, said
from monitor.history.writer import BatchWriter

IMPORT_BATCH: Final = 5_000
"""Calls in one transaction: nobody waits for the database meanwhile."""


@dataclass(slots=True)
class Imported:
    """What an import did, in calls.

    ``observed`` were seen by a monitor: left to reconcile. ``consultations`` are agents asking.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    observed: int = 0
    consultations: int = 0


class Importer:
    """Stores calls of a time in which nobody observed the PBX.

    Args:
        history: where to.
        pbx: the PBX whose log it is.
        policy: the policy in force now.
        no_voice_server: callers reached no voice server before a queue.
    """

    def __init__(
        self, history: History, pbx: str, policy: Policy, *, no_voice_server: bool = False
    ) -> None:
        self._pbx = pbx
        self._reader = HistoryReader(history)
        self._history = history
        self._rules = Rulebook(history, policy, no_voice_server=no_voice_server)
        self.done = Imported()

    def run(self, calls: Iterable[LoggedCall]) -> Imported:
        """Import all calls.

        Raises:
            HistoryError: the database cannot be used; what was stored before stays.
        """
        with (
            said(self._history),
            BatchWriter(self._history, batch_calls=IMPORT_BATCH) as writer,
        ):
            for batch in batches(calls, IMPORT_BATCH):
                writer.add(self._take(batch))
                writer.flush()
        return self.done

    def _take(self, batch: Sequence[LoggedCall]) -> Iterator[Call]:
        known = self._reader.calls_of([self._id(c) for c in batch], facts=False)
        for logged in batch:
            record = known.get(self._id(logged))
            if record is None and logged.consultation:
                self.done.consultations += 1
            elif record is None:
                self.done.new += 1
                yield recover(self._pbx, logged, self._rules.at(logged.arrived_at))
            elif not is_recovered(record):
                self.done.observed += 1
            elif self._compared(record, logged).after is None:
                self.done.unchanged += 1
            else:
                self.done.updated += 1
                whole = self._reader.calls_of([record.id])[record.id]
                after = self._compared(whole, logged).after
                if after is not None:
                    yield after

    def _compared(self, record: Call, logged: LoggedCall) -> Reconciled:
        return reconcile(self._pbx, record, logged, UNSEEN, self._rules.of(record))

    def _id(self, logged: LoggedCall) -> str:
        return f"{self._pbx}:{logged.uniqueid}"
