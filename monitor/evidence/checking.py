"""Checking the record against its seals: whether what is stored is what was sealed.

This is for those who have the database. It finds what was changed in it by other means than the
monitor's own; whoever can change the program, too, has to be caught by a head that was handed out.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import orjson
from sqlalchemy import Connection

from monitor.evidence.amendments import Amendment, amendment_of, digests_of
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
    digest_of,
    follows,
    part_of,
    seal_of,
)
from monitor.evidence.comparing import compare_lists
from monitor.evidence.findings import Finding
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history.database import History
from monitor.history.evidence_contacts import contact_documents, not_as_told
from monitor.history.evidence_reading import (
    amended_documents,
    blind_documents,
    call_documents,
    command_documents,
    policy_documents,
)
from monitor.history.evidence_record import (
    amendment_lines,
    part_digests,
    removals,
    seal_lines,
)

_STEP: Final = 250


@dataclass(slots=True)
class Checked:
    """What a check came to. ``removed`` days are sealed, and not in the record any more."""

    findings: list[Finding] = field(default_factory=list)
    seals: int = 0
    calls: int = 0
    removed: int = 0


@dataclass(slots=True)
class Checker:
    """Checks a record. Methods block: they belong into a thread of their own.

    Args:
        history: the record.
        pseudonyms: made under the key with which the days were sealed.
        rest: sleeps; is told how long a step took (s).
    """

    history: History
    pseudonyms: Pseudonyms
    rest: Callable[[float], None] = lambda _seconds: None

    def check(self, each_day: Callable[[date], None] = lambda _day: None) -> Checked:
        """Check the chain, and all sealed days against the record.

        Args:
            each_day: told which day is checked next.

        Raises:
            SQLAlchemyError: the database cannot be read.
        """
        checked = Checked()
        with self.history.reading() as connection:
            stored = seal_lines(connection)
            gone = set(removals(connection))
        checked.removed = len({day for day, part in gone if part == CALLS})
        seals = self._chain(stored, checked)
        for seal in seals:
            each_day(seal.day)
            self._check_key(seal, checked)
            self._check_parts(seal, gone, checked)
            self._check_amendments(seal, gone, checked)
        return checked

    def _chain(self, stored: list[tuple[str, bytes]], checked: Checked) -> list[Seal]:
        seals: list[Seal] = []
        for head, line in stored:
            place = f"seal {len(seals) + 1}"
            try:
                seal = seal_of(line)
            except ChainError as error:
                checked.findings.append(Finding(place, f"it cannot be read: {error}"))
                return seals
            wrong = follows(seal, seals[-1] if seals else None)
            if not wrong and seal.head != head:
                wrong = "its head is not the one that is stored with it"
            if wrong:
                checked.findings.append(Finding(f"{place}, {seal.day}", wrong))
            seals.append(seal)
        checked.seals = len(seals)
        return seals

    def _check_key(self, seal: Seal, checked: Checked) -> None:
        said = "it was sealed under another key of pseudonyms: nothing of it can be made anew"
        if seal.key != self.pseudonyms.key_id and not any(
            finding.said == said for finding in checked.findings
        ):
            checked.findings.append(Finding(f"{seal.day} and maybe others", said))

    def _check_parts(self, seal: Seal, gone: set[tuple[date, str]], checked: Checked) -> None:
        day = seal.day
        with self.history.reading() as connection:
            held = part_digests(connection, day)
            made, labels = self._made(connection, seal, gone, checked)
        for part in {**seal.parts, **made}:
            said = seal.parts.get(part, part_of([]))
            place = f"{day}, {part}"
            sealed = [held.get(part, b"")[n : n + DIGEST] for n in _starts(held.get(part, b""))]
            if part_of(sealed) != said:
                checked.findings.append(Finding(place, "its digests are not what was sealed"))
            if (day, part) in gone or part not in made:
                continue
            where = labels if part in {CALLS, CONTACTS} else {}
            shown = {
                n: where.get(digest, "")
                for n, digest in enumerate(made[part], 1)
                if n > len(sealed) or sealed[n - 1] != digest
            }
            checked.findings += [
                Finding(place, said) for said in compare_lists(sealed, made[part], shown)
            ]

    def _made(
        self,
        connection: Connection,
        seal: Seal,
        gone: set[tuple[date, str]],
        checked: Checked,
    ) -> tuple[dict[str, list[bytes]], dict[bytes, str]]:
        """The digests of a day's documents, made anew; and which calls they are of."""
        day = seal.day
        made = {
            BLIND: list(map(digest_of, blind_documents(connection, day))),
            POLICIES: list(map(digest_of, policy_documents(connection, day, self.pseudonyms))),
            COMMANDS: list(map(digest_of, command_documents(connection, day))),
        }
        labels: dict[bytes, str] = {}
        contacts = contact_documents(connection, day, self.pseudonyms)
        if contacts or CONTACTS in seal.parts:
            made[CONTACTS] = [digest_of(entry.document) for entry in contacts]
            for digest, version in zip(made[CONTACTS], contacts, strict=True):
                told = version.contact
                labels[digest] = f" (contact {told.id}, version {told.version})"
            checked.findings += [
                Finding(f"{day}, {CONTACTS}", f"contact {wrong.id} is not what its history says")
                for wrong in not_as_told(connection, contacts, self.pseudonyms)
            ]
        if (day, CALLS) in gone:
            return made, labels
        calls, facts = made.setdefault(CALLS, []), made.setdefault(FACTS, [])
        began = time.perf_counter()
        for entries in call_documents(connection, day, self.pseudonyms):
            for entry in entries:
                calls.append(digest_of(entry.document))
                labels[calls[-1]] = f" (call {entry.id})"
                if entry.facts:
                    facts.append(digest_of(entry.facts))
            checked.calls += len(entries)
            self.rest(time.perf_counter() - began)
            began = time.perf_counter()
        return made, labels

    def _check_amendments(self, seal: Seal, gone: set[tuple[date, str]], checked: Checked) -> None:
        place = f"{seal.day}, amendments"
        with self.history.reading() as connection:
            lines = amendment_lines(connection, seal.number)
        if part_of(map(digest_of, lines)) != seal.amendments:
            checked.findings.append(Finding(place, "they are not what was sealed"))
            return
        told = [amendment_of(orjson.loads(line)) for line in lines]
        told = [item for item in told if (item.day, CALLS) not in gone]
        for start in range(0, len(told), _STEP):
            some = told[start : start + _STEP]
            checked.findings += self._not_as_told(place, seal, some, gone)

    def _not_as_told(
        self, place: str, seal: Seal, some: list[Amendment], gone: set[tuple[date, str]]
    ) -> Iterator[Finding]:
        with self.history.reading() as connection:
            found = amended_documents(
                connection, seal.number, [item.call for item in some], self.pseudonyms
            )
        for item in some:
            entry = found.get(item.call)
            if entry is None:
                yield Finding(place, f"call {item.call} is missing")
                continue
            document, facts = digests_of(entry.document, entry.facts)
            same_facts = facts == item.after[1] or (item.day, FACTS) in gone
            if document != item.after[0] or not same_facts:
                yield Finding(place, f"call {item.call} is not what was sealed")


def _starts(digests: bytes) -> range:
    return range(0, len(digests), DIGEST)
