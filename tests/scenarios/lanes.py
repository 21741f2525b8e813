"""Plays rows side by side: several Asterisks of each version, one monitor that watches them all.

A row mostly waits, so some Asterisks in parallel take little more of the machine than one. All of
them have the same system name, and were started together: their calls even share Uniqueids.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.asterisk_lab.install import Version
from tests.asterisk_lab.play import Played, play
from tests.asterisk_lab.scenarios import Row
from tests.asterisk_lab.server import AsteriskLab, LabOptions
from tests.scenarios.product import Product

OF_EACH_VERSION = 3
"""Asterisks at once. More of them, and the rows' own times slip on two cores."""


@dataclass(frozen=True)
class OnePlayed:
    """A row that was played on the Asterisk that the monitor knows as ``pbx``."""

    played: Played
    pbx: str


Wanted = tuple[Version, Row]


class Lanes:
    """Plays the wanted rows in threads of its own; ask for each row's outcome with :meth:`of`."""

    def __init__(self, directory: Path, wanted: Iterable[Wanted]) -> None:
        self._outcomes: dict[tuple[str, str], Future[OnePlayed]] = {}
        self._todo: dict[Version, queue.SimpleQueue[Row | None]] = {}
        for version, row in wanted:
            self._todo.setdefault(version, queue.SimpleQueue())
            self.again(version, row)
        self.keep = False
        """Leave the labs' directories, with the captures, to whoever looks into a failure."""
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.labs: Mapping[str, AsteriskLab] = {
            f"{version}-{n}": AsteriskLab(LabOptions(version=version))
            for version, rows in self._todo.items()
            for n in range(1, 1 + min(OF_EACH_VERSION, rows.qsize()))
        }
        self.product = Product(directory, self.labs)

    def __enter__(self) -> Self:
        with ThreadPoolExecutor() as pool:
            list(pool.map(AsteriskLab.__enter__, self.labs.values()))
        self.product.start()
        for name, lab in self.labs.items():
            thread = threading.Thread(target=self._work, args=(name, lab), name=f"lane {name}")
            self._threads.append(thread)
            thread.start()
        return self

    def _work(self, name: str, lab: AsteriskLab) -> None:
        rows = self._todo[lab.options.version]
        while (row := rows.get()) is not None and not self._stopping.is_set():
            outcome = self._outcomes[lab.options.version, row.name]
            try:
                outcome.set_result(OnePlayed(play(lab, row), name))
            except BaseException as error:  # noqa: BLE001 - raised again in the row's own test
                outcome.set_exception(error)

    def again(self, version: Version, row: Row) -> None:
        """Play a row once more, after those that wait for their turn."""
        self._outcomes[version, row.name] = Future()
        self._todo[version].put(row)

    def of(self, version: Version, row: Row) -> OnePlayed:
        """How it went; waits for it, and raises what went wrong in the lab."""
        return self._outcomes[version, row.name].result()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        for lab in self.labs.values():
            self._todo[lab.options.version].put(None)  # one for each thread
        for thread in self._threads:
            thread.join()
        self.product.__exit__(kind, error, trace)
        for lab in self.labs.values():
            lab.stop()
            if self.keep:
                lab.ports.release()
            else:
                lab.remove()
