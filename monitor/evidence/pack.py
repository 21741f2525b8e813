"""Making a pack: the documents of a period, the seals that hold them, and what they come to.

It is read day by day and written as it is read, so memory does not grow with its length. What it
holds was sealed, so it may take as long as it takes: the same period gives the same bytes, until a
further day is sealed.
"""

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import IO, Final
from zoneinfo import ZoneInfo

import orjson

from monitor.core.clock import Ms
from monitor.evidence import figures as made
from monitor.evidence.amendments import Amendment, Why, amendment_of
from monitor.evidence.archive import CHUNK, ArchiveWriter
from monitor.evidence.as_sealed import AsSealed, check_all
from monitor.evidence.chain import (
    BLIND,
    CALLS,
    COMMANDS,
    CONTACTS,
    DIGEST,
    FACTS,
    POLICIES,
    ChainError,
    Seal,
    day_of,
    first_whole_day,
    last_whole_day,
    seal_of,
)
from monitor.evidence.figures import LEAD_IN, Documents, PackFigures, documents_of
from monitor.evidence.layout import (
    AMENDED,
    AMENDMENTS,
    DIGESTS,
    DOCUMENTS,
    LONGEST,
    MANIFEST,
    README,
    SEALS,
    SUMS,
    Manifest,
    amendment_file,
    day_file,
    program,
)
from monitor.evidence.leaving_out import left_out_wrongly
from monitor.evidence.printing import printed
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.evidence.readme import TEXT
from monitor.history.database import History
from monitor.history.evidence_contacts import contact_documents
from monitor.history.evidence_reading import (
    amended_documents,
    blind_documents,
    call_documents,
    command_documents,
    policy_documents,
)
from monitor.history.evidence_record import (
    amendment_lines,
    first_sealed,
    last_seal,
    part_digests,
    removals,
    seal_lines,
)

SPOOLED: Final = 8 << 20
"""So much of a day's timelines is kept in memory until its calls are told."""
_STEP: Final = 250


class PackError(Exception):
    """The pack that is asked for cannot be made; the message says why and what to do."""


@dataclass(slots=True)
class Plan:
    """What a pack will hold."""

    manifest: Manifest
    seals: list[Seal]
    lines: list[bytes]

    @property
    def days(self) -> list[Seal]:
        """The seals of the days of which calls are told."""
        return [seal for seal in self.seals if seal.day <= self.manifest.last]

    @property
    def later(self) -> list[Seal]:
        """The seals of the days after, of which is told what became of contacts."""
        return [seal for seal in self.seals if seal.day > self.manifest.last]


@dataclass(slots=True)
class Packer:
    """Makes packs. Methods block: they belong into a thread of their own.

    Args:
        history: the record.
        pseudonyms: made under the key with which the days were sealed.
        rest: sleeps for some seconds after each step, of which it is told how long it took.
    """

    history: History
    pseudonyms: Pseudonyms
    rest: Callable[[float], None] = lambda _seconds: None

    def plan(self, since: Ms, until: Ms, zone: ZoneInfo) -> Plan:
        """What the pack of a period would hold.

        Args:
            since: the first moment (ms).
            until: the first moment after the period.
            zone: whose days and months the figures are of.

        Raises:
            PackError: it cannot be made.
        """
        if since >= until:
            raise PackError("The period's begin does not lie before its end.")
        if until - since > LONGEST:
            raise PackError("The period is longer than fifteen years: take a shorter one.")
        full, last = day_of(since), day_of(until - 1)
        seals, gone = self._chain(day_of(since - LEAD_IN), full, last, zone)
        told = {seal.day for seal in seals} - {day for day, part in gone if part == CALLS}
        first = full  # or earlier: as many days before as there are, back to what was removed
        while first - timedelta(days=1) in told:
            first -= timedelta(days=1)
        left_out = sorted(
            {part for day, part in gone
             if full <= day <= last or (part == CONTACTS and day >= full)}
        )  # fmt: skip
        newest = seals[-1]
        seals = [seal for seal in seals if seal.day >= first]
        manifest = Manifest(
            since, until, zone.key, first, full, last, tuple(left_out), newest.head, newest.day,
            program(),
        )  # fmt: skip
        if any(left_out_wrongly(manifest, seals)):
            raise PackError(
                "Retention has just removed something of these days, and the next seal will tell "
                f"of it: make the pack once {newest.day + timedelta(days=1)} (UTC) is sealed."
            )
        if any(seal.key != self.pseudonyms.key_id for seal in seals if seal.day <= last):
            raise PackError(
                "These days were sealed under another key of pseudonyms: put that one back, or "
                "nothing of them can be made anew."
            )
        return Plan(manifest, seals, [seal.line() for seal in seals])

    def _chain(
        self, since: date, full: date, last: date, zone: ZoneInfo
    ) -> tuple[list[Seal], list[tuple[date, str]]]:
        """The seals from a day on, and what was removed; refuses days that cannot be told."""
        with self.history.reading() as connection:
            newest, begins = last_seal(connection), first_sealed(connection)
            stored, gone = seal_lines(connection, since), removals(connection)
        if newest is None or begins is None:
            raise PackError("No day is sealed yet: see `minuteur evidence status`.")
        if newest.day < last:
            raise PackError(
                f"The days after {newest.day} (UTC) are not sealed yet: in {zone.key} all is "
                f"sealed to the end of {last_whole_day(newest.day, zone)}. End the period with "
                "that day, or wait: `minuteur evidence status` says what for."
            )
        if full < begins:
            raise PackError(
                f"The record begins on {begins} (UTC), and is sealed from then on: in {zone.key} "
                f"begin the period on {first_whole_day(begins, zone)} or later."
            )
        if missing := sorted(day for day, part in gone if part == CALLS and full <= day <= last):
            raise PackError(
                f"The calls of {len(missing)} days from {missing[0]} on were removed, as their "
                "time of keeping was over. Packs that were made before are still verified."
            )
        try:
            return [seal_of(line) for _, line in stored], gone
        except ChainError as error:
            raise PackError(f"A stored seal cannot be read: {error}.") from error

    def write(
        self,
        plan: Plan,
        write: Callable[[bytes], object],
        extras: Iterable[tuple[str, bytes]] = (),
        *,
        pdf: bool = False,
    ) -> PackFigures:
        """Write a pack.

        Args:
            plan: what :meth:`plan` said.
            write: takes the file's bytes in order.
            extras: further files, as they are: their digests are checked, their content is not.
            pdf: whether the report is in it as PDF, too.

        Returns:
            The figures that stand in it.

        Raises:
            SQLAlchemyError: the database cannot be read.
            PackError: the pack gets too large, or the record is not what was sealed.
        """
        archive, manifest = _Summed(write), plan.manifest
        documents = documents_of(manifest)
        try:
            archive.add(README, [TEXT.encode()])
            archive.add(MANIFEST, [manifest.text()])
            archive.add(SEALS, (line + b"\n" for line in plan.lines))
            for seal in plan.seals:
                self._add_amendments(archive.add, seal, manifest, documents)
            for seal in plan.days:
                with tempfile.SpooledTemporaryFile(SPOOLED) as timelines:
                    self._add_day(archive.add, seal, manifest, documents, timelines)
                documents.end_day(seal.day)
            for seal in plan.later:
                self._add_contacts(archive.add, seal.day, manifest, documents)
            found = documents.result(manifest.head)
            for name, make in sorted(made.MADE.items()):
                archive.add(name, [make(found)])
            for name, data in chain(printed(found) if pdf else (), extras):
                archive.add(name, [data])
            archive.finish()
        except ValueError as error:
            raise PackError(str(error)) from error
        return found

    def _add_amendments(
        self,
        add: Callable[[str, Iterable[bytes]], None],
        seal: Seal,
        manifest: Manifest,
        documents: Documents,
    ) -> None:
        if not seal.amendments.count:
            return
        with self.history.reading() as connection:
            lines = amendment_lines(connection, seal.number)
        told = [amendment_of(orjson.loads(line)) for line in lines]
        digests = (hashlib.sha256(line).hexdigest().encode() + b"\n" for line in lines)
        add(amendment_file(seal.day, AMENDMENTS, DIGESTS), digests)
        add(amendment_file(seal.day, AMENDMENTS, DOCUMENTS), (line + b"\n" for line in lines))
        wanted = [item for item in told if manifest.first <= item.day <= manifest.last]
        if wanted:
            lines_of = self._amended(seal, wanted, manifest, documents)
            add(amendment_file(seal.day, AMENDED, DOCUMENTS), lines_of)

    def _amended(
        self, seal: Seal, wanted: list[Amendment], manifest: Manifest, documents: Documents
    ) -> Iterator[bytes]:
        for start in range(0, len(wanted), _STEP):
            began = time.perf_counter()
            some = wanted[start : start + _STEP]
            with self.history.reading() as connection:
                found = amended_documents(
                    connection, seal.number, [item.call for item in some], self.pseudonyms
                )
            for item in some:
                entry = found.get(item.call)
                if entry is None:
                    continue
                documents.amend(item.call, entry.document, added=item.why is Why.ADDED)
                yield entry.document + b"\n"
                if entry.facts and manifest.tells_facts(item.day):
                    yield entry.facts + b"\n"
            self.rest(time.perf_counter() - began)

    def _add_day(
        self,
        add: Callable[[str, Iterable[bytes]], None],
        seal: Seal,
        manifest: Manifest,
        documents: Documents,
        timelines: IO[bytes],
    ) -> None:
        day = seal.day
        with self.history.reading() as connection:
            sealed = part_digests(connection, day)
            others = {
                BLIND: blind_documents(connection, day),
                POLICIES: policy_documents(connection, day, self.pseudonyms),
                COMMANDS: command_documents(connection, day),
            }
        parts = manifest.parts(day)
        for part in parts:
            digests = sealed.get(part, b"")
            if not digests:
                continue
            if part == CONTACTS:
                self._add_contacts(add, day, manifest, documents)
                continue
            add(day_file(day, part, DIGESTS), _listed(digests))
            if part == CALLS:
                add(
                    day_file(day, part, DOCUMENTS),
                    self._calls(day, sealed, documents, timelines if FACTS in parts else None),
                )
            elif part == FACTS:
                timelines.seek(0)
                add(day_file(day, part, DOCUMENTS), iter(lambda: timelines.read(CHUNK), b""))
            else:
                check_all(day, part, digests, others[part])
                add(day_file(day, part, DOCUMENTS), _counted(part, others[part], documents))

    def _add_contacts(
        self,
        add: Callable[[str, Iterable[bytes]], None],
        day: date,
        manifest: Manifest,
        documents: Documents,
    ) -> None:
        with self.history.reading() as connection:
            digests = part_digests(connection, day).get(CONTACTS, b"")
            if not digests or CONTACTS not in manifest.parts(day):
                return
            entries = contact_documents(connection, day, self.pseudonyms)
        add(day_file(day, CONTACTS, DIGESTS), _listed(digests))
        lines = [entry.document for entry in entries]
        check_all(day, CONTACTS, digests, lines)
        add(day_file(day, CONTACTS, DOCUMENTS), _counted(CONTACTS, lines, documents))

    def _calls(
        self,
        day: date,
        sealed: Mapping[str, bytes],
        documents: Documents,
        timelines: IO[bytes] | None,
    ) -> Iterator[bytes]:
        """The calls' documents; those of their facts are put aside."""
        calls, facts = (AsSealed(day, part, sealed.get(part, b"")) for part in (CALLS, FACTS))
        with self.history.reading() as connection:
            began = time.perf_counter()
            told = call_documents(connection, day, self.pseudonyms, facts=timelines is not None)
            for entries in told:
                for entry in entries:
                    calls.check(entry.document)
                    documents.call(entry.id, entry.arrived_at, entry.document)
                    yield entry.document + b"\n"
                    if timelines is not None and entry.facts:
                        facts.check(entry.facts)
                        timelines.write(entry.facts + b"\n")
                self.rest(time.perf_counter() - began)
                began = time.perf_counter()
        calls.end()
        if timelines is not None:
            facts.end()


class _Summed(ArchiveWriter):
    """Writes a pack that ends with the list of its files' digests."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        super().__init__(write)
        self._sums: list[bytes] = []

    def add(self, name: str, data: Iterable[bytes]) -> None:
        """Add a file, and note its digest."""
        digest = hashlib.sha256()
        super().add(name, _hashed(data, digest.update))
        self._sums.append(f"{digest.hexdigest()}  {name}\n".encode())

    def finish(self) -> None:
        """Write the digests, and end the pack."""
        super().add(SUMS, self._sums)
        super().finish()


def _counted(part: str, lines: list[bytes], documents: Documents) -> Iterator[bytes]:
    count = {
        BLIND: documents.blind, POLICIES: documents.policy, COMMANDS: documents.command,
        CONTACTS: documents.contact,
    }[part]  # fmt: skip
    for line in lines:
        count(orjson.loads(line))
        yield line + b"\n"


def _listed(digests: bytes) -> Iterator[bytes]:
    for start in range(0, len(digests), DIGEST):
        yield digests[start : start + DIGEST].hex().encode() + b"\n"


def _hashed(data: Iterable[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for part in data:
        update(part)
        yield part
