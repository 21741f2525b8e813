"""Verifying a pack: alone, without a database, settings or a key, and trusting none of it.

It is read once from begin to end; of each day only the digests are in memory. What is wrong is
named with its place: the file, the day, the line, the call.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from typing import IO, Final

import orjson

from monitor.evidence import figures as made
from monitor.evidence.amendments import Amendment, Why, amendment_of
from monitor.evidence.archive import ArchiveError, ArchiveReader, damaged_member
from monitor.evidence.chain import (
    BLIND,
    CALLS,
    COMMANDS,
    CONTACTS,
    FACTS,
    POLICIES,
    ChainError,
    Part,
    Seal,
    begin_of,
    day_of,
    digest_of,
    end_of,
    follows,
    part_of,
    seal_of,
)
from monitor.evidence.comparing import compare_lists, label_of
from monitor.evidence.figures import Documents, documents_of
from monitor.evidence.findings import Finding, Verdict
from monitor.evidence.layout import (
    AMENDED,
    AMENDMENTS,
    BY_DAY,
    DIGESTS,
    DOCUMENTS,
    MANIFEST,
    README,
    SEALS,
    SUMS,
    Manifest,
    amendment_file,
    day_file,
    manifest_of,
)
from monitor.evidence.leaving_out import left_out_wrongly
from monitor.evidence.readme import TEXT
from monitor.evidence.remaking import not_as_remade

MOST_FOUND: Final = 100
"""After so many findings it stops: the rest would say no more."""
LONGEST_LINE: Final = 64 << 20
SMALL: Final = 256 << 20
"""Files that are read as a whole: the seals, the manifest, what is made of figures."""


_NONSENSE: Final = (ValueError, KeyError, TypeError, AttributeError)


class _EnoughError(Exception):
    """Nothing more can be said of this pack."""


def verify(file: IO[bytes], head: str = "") -> Verdict:
    """Verify a pack.

    Args:
        file: the pack, open at its begin; read to its end, and again where it is damaged.
        head: a head of the chain that was handed out, which the pack's chain has to have.

    Raises:
        OSError: the file cannot be read.
    """
    verifier = _Verifier(head.strip().lower())
    try:
        verifier.read(file)
    except _EnoughError:
        pass
    except ArchiveError as error:
        place, said = error.place, error.said
        if error.anywhere and file.seekable():
            file.seek(0)
            place = damaged_member(file) or place
        verifier.verdict.findings.append(Finding(place, said))
    except _NONSENSE as error:  # of a chain that was made anew: sealed is what makes no sense
        said = f"they make no sense: {error}"
        verifier.verdict.findings.append(Finding("the documents of calls as amended", said))
    return verifier.verdict


class _Verifier:
    """Goes through a pack's files in the only order in which a pack has them."""

    def __init__(self, head: str) -> None:
        self.verdict = Verdict()
        self._wanted_head = head
        self._sums: list[str] = []
        self._seals: list[Seal] = []
        self._members: Iterator[tuple[str, Iterator[bytes]]] = iter(())
        self._held: tuple[str, Iterator[bytes]] | None = None

    def read(self, file: IO[bytes]) -> None:
        """Read it all."""
        self._members = ArchiveReader(file).members()
        if self._whole(README) != TEXT.encode():
            self.verdict.notes.append(f"{README} is not the text that this program writes.")
        manifest = self._manifest()
        self._read_seals(manifest)
        documents = documents_of(manifest)
        for seal in self._seals:
            self._read_amendments(seal, manifest, documents)
        for seal in self._seals:
            self._read_day(seal, manifest, documents)
        self._read_rest(manifest, documents)

    # --- files ------------------------------------------------------------------------------------

    def _next(self) -> str:
        """The name of the file that comes next; empty at the end."""
        if self._held is None:
            self._held = next(self._members, None)
        return "" if self._held is None else self._held[0]

    def _open(self, name: str) -> Iterator[bytes]:
        """The data of the file that has to come next."""
        found = self._next()
        if found != name or self._held is None:
            what = f"{found} stands in its place" if found else "the pack ends before it"
            self._find(name, f"it is missing: {what}")
            raise _EnoughError
        data = self._held[1]
        self._held = None
        return self._summed(name, data)

    def _summed(self, name: str, data: Iterator[bytes]) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for part in data:
            digest.update(part)
            yield part
        self._sums.append(f"{digest.hexdigest()}  {name}\n")

    def _whole(self, name: str) -> bytes:
        parts, size = [], 0
        for part in self._open(name):
            size += len(part)
            if size > SMALL:
                self._find(name, "it is too long")
                raise _EnoughError
            parts.append(part)
        return b"".join(parts)

    def _lines(self, name: str) -> Iterator[bytes]:
        rest = b""
        for part in self._open(name):
            lines = (rest + part).split(b"\n")
            rest = lines.pop()
            if len(rest) > LONGEST_LINE:
                self._find(name, "a line is too long")
                raise _EnoughError
            yield from lines
        if rest:
            self._find(name, "its last line has no end")
            yield rest

    def _find(self, place: str, said: str) -> None:
        self.verdict.findings.append(Finding(place, said))
        if len(self.verdict.findings) >= MOST_FOUND:
            self.verdict.notes.append("There may be more: it stopped here.")
            raise _EnoughError

    # --- the chain --------------------------------------------------------------------------------

    def _manifest(self) -> Manifest:
        text = self._whole(MANIFEST)
        try:
            manifest = manifest_of(text)
        except ValueError as error:
            self._find(MANIFEST, str(error))
            raise _EnoughError from None
        self.verdict.manifest = manifest
        return manifest

    def _read_seals(self, manifest: Manifest) -> None:
        before: Seal | None = None
        heads: dict[str, date | None] = {}
        for number, line in enumerate(self._lines(SEALS), 1):
            place = f"line {number}"
            try:
                seal = seal_of(line)
            except ChainError as error:
                self._find(SEALS, f"{place}: {error}")
                raise _EnoughError from None
            place = f"{place}, the seal of {seal.day}"
            if before is None:
                heads[seal.previous] = None
            wrong = follows(seal, before)
            if wrong:
                self._find(SEALS, f"{place}: {wrong}")
            heads[seal.head] = seal.day
            before = seal
            self._seals.append(seal)
        self._check_ends(manifest)
        self._check_head(heads)
        self.verdict.seals = len(self._seals)

    def _check_ends(self, manifest: Manifest) -> None:
        if not self._seals:
            self._find(SEALS, "it holds no seal")
            raise _EnoughError
        first, last = self._seals[0], self._seals[-1]
        self.verdict.head = last.head
        if first.day != manifest.first:
            self._find(SEALS, f"it begins on {first.day}, the manifest on {manifest.first}")
        if last.day != manifest.last_seal:
            self._find(SEALS, f"it ends on {last.day}, the manifest on {manifest.last_seal}")
        if last.head != manifest.head:
            self._find(MANIFEST, f"it names the head {manifest.head}; the seals' is {last.head}")
        for wrong in left_out_wrongly(manifest, self._seals):
            self._find(MANIFEST, wrong)

    def _check_head(self, heads: dict[str, date | None]) -> None:
        wanted = self._wanted_head
        if not wanted:
            return
        if wanted not in heads:
            self._find(SEALS, f"no seal has the head {wanted}: this is another chain")
            return
        day = heads[wanted]
        of = f"of {day}" if day else "before the first seal of this pack"
        self.verdict.notes.append(f"The head that you gave is the one {of}.")

    # --- documents --------------------------------------------------------------------------------

    def _read_part(
        self, names: tuple[str, str], said: Part, each: Callable[[bytes, int], None]
    ) -> None:
        """Read a part's digests and documents; what each document says is for ``each``."""
        digests_name, name = names
        if not said.count and self._next() not in names:
            return
        listed: list[bytes] = []
        for number, line in enumerate(self._lines(digests_name), 1):
            try:
                listed.append(bytes.fromhex(line.decode("ascii")))
            except ValueError:
                self._find(digests_name, f"line {number}: it is no digest")
                listed.append(b"")
        found_part = part_of(listed)
        if found_part != said:
            self._find(
                digests_name,
                f"it is not what was sealed: {found_part.count} digests with the root "
                f"{found_part.root}, the seal has {said.count} with {said.root}",
            )
        found, labels = self._compare_lines(name, listed, each)
        self.verdict.documents += len(found)
        for where in compare_lists(listed, found, labels):
            self._find(name, where)

    def _compare_lines(
        self, name: str, listed: list[bytes], each: Callable[[bytes, int], None]
    ) -> tuple[list[bytes], dict[int, str]]:
        """The digests of a file's lines, and what those are that do not stand where they did."""
        found: list[bytes] = []
        labels: dict[int, str] = {}
        try:
            for number, line in enumerate(self._lines(name), 1):
                found.append(digest_of(line))
                if number > len(listed) or listed[number - 1] != found[-1]:
                    labels[number] = label_of(line)
                    continue
                try:
                    each(line, number)
                except _NONSENSE as error:
                    self._find(name, f"line {number}{label_of(line)}: it makes no sense: {error}")
        except ArchiveError as error:
            first = min(labels, default=len(found) + 1)
            said = f"{error.said}, from line {first}{labels.get(first, '')} on"
            raise ArchiveError(error.place, said) from error
        return found, labels

    def _read_amendments(self, seal: Seal, manifest: Manifest, documents: Documents) -> None:
        told: list[Amendment] = []

        def each(line: bytes, _number: int) -> None:
            told.append(amendment_of(orjson.loads(line)))

        names = (
            amendment_file(seal.day, AMENDMENTS, DIGESTS),
            amendment_file(seal.day, AMENDMENTS, DOCUMENTS),
        )
        self._read_part(names, seal.amendments, each)
        self.verdict.amendments += len(told)
        wanted = [item for item in told if manifest.first <= item.day <= manifest.last]
        if wanted:
            self._read_amended(seal.day, wanted, manifest, documents)

    def _read_amended(
        self, day: date, wanted: list[Amendment], manifest: Manifest, documents: Documents
    ) -> None:
        name = amendment_file(day, AMENDED, DOCUMENTS)
        lines = self._lines(name)
        number = 0
        for item in wanted:
            for is_facts, digest in enumerate(item.after):
                if not digest or (is_facts and not manifest.tells_facts(item.day)):
                    continue
                line = next(lines, b"")
                number += 1
                if digest_of(line).hex() != digest:
                    self._find(
                        name,
                        f"line {number}, call {item.call}: it is not what the seal of {day} says",
                    )
                    raise _EnoughError
                if not is_facts:
                    documents.amend(item.call, line, added=item.why is Why.ADDED)
        if next(lines, None) is not None:
            self._find(name, f"line {number + 1}: the seal of {day} says nothing of it")
            raise _EnoughError

    def _read_day(self, seal: Seal, manifest: Manifest, documents: Documents) -> None:
        day = seal.day

        begin, end, before = begin_of(day), end_of(day), (0, "")

        def call(line: bytes, _number: int) -> None:
            nonlocal before
            plain = orjson.loads(line)
            place = plain["arrived_at"], plain["id"]
            if not begin <= place[0] < end:
                raise ValueError(f"it arrived on {day_of(place[0])}")
            if place <= before:
                raise ValueError("it arrived before the one above, or is the same")
            before = place
            self.verdict.calls += 1
            documents.call(plain["id"], plain["arrived_at"], line)

        def nothing(_line: bytes, _number: int) -> None:
            return

        each: dict[str, Callable[[bytes, int], None]] = {
            CALLS: call,
            FACTS: nothing,
            BLIND: lambda line, _: documents.blind(orjson.loads(line)),
            POLICIES: lambda line, _: documents.policy(orjson.loads(line)),
            COMMANDS: lambda line, _: documents.command(orjson.loads(line)),
            CONTACTS: lambda line, _: documents.contact(orjson.loads(line)),
        }
        for part in manifest.parts(day):
            said = seal.parts.get(part, part_of([]))
            names = day_file(day, part, DIGESTS), day_file(day, part, DOCUMENTS)
            self._read_part(names, said, each[part])
        if day <= manifest.last:
            documents.end_day(day)

    # --- what is made of them ---------------------------------------------------------------------

    def _read_rest(self, manifest: Manifest, documents: Documents) -> None:
        # Figures of documents that are wrong would be called wrong, too.
        counted = documents.result(manifest.head) if self.verdict.good else None
        while (name := self._next()) and name != SUMS:
            if name.startswith(BY_DAY) or any(s.endswith(f"  {name}\n") for s in self._sums):
                self._find(name, "it has no place here, or stands in the pack twice")
            data = self._whole(name)
            wrong, notes = not_as_remade(name, data, manifest, counted)
            self.verdict.notes += notes
            for said in wrong:
                self._find(name, said)
        missing = [
            name for name in made.MADE if not any(s.endswith(f"  {name}\n") for s in self._sums)
        ]
        for name in missing:
            if name == made.NAME:
                self._find(name, "it is missing")
            else:  # packs of before this program made it
                self.verdict.notes.append(f"There is no {name} in this pack.")
        expected = "".join(self._sums).encode()
        if self._whole(SUMS) != expected:
            self._find(SUMS, "it is not the list of the digests of this pack's files")
        if self._next():
            self._find(self._next(), "nothing may come after SHA256SUMS")
