"""Somebody who changes a pack, and makes anew what follows from it, as far as they can."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import orjson

from monitor.evidence import figures as made
from monitor.evidence.amendments import Why, amendment_of
from monitor.evidence.chain import (
    BLIND,
    CALLS,
    COMMANDS,
    CONTACTS,
    POLICIES,
    Part,
    Seal,
    digest_of,
    part_of,
    seal_of,
)
from monitor.evidence.figures import Documents, documents_of
from monitor.evidence.layout import MANIFEST, SEALS, manifest_of
from tests.evidence.packs import packed

Files = Mapping[str, bytes]


def with_lists(files: Files) -> dict[str, bytes]:
    """The lists of digests are made anew from the documents."""
    forged = dict(files)
    for name in files:
        documents = name.replace(".sha256", ".jsonl")
        if name.endswith(".sha256"):
            lines = files[documents].splitlines()
            forged[name] = b"".join(digest_of(line).hex().encode() + b"\n" for line in lines)
    return forged


def with_seals(files: Files, *, chained: bool) -> dict[str, bytes]:
    """The seals hold the roots of these lists, too; ``chained``: and each names the one before."""
    forged = with_lists(files)
    seals: list[Seal] = []
    for line in files[SEALS].splitlines():
        seal = seal_of(line)
        parts = {
            part: _part(forged, f"days/{seal.day}/{part}", told)
            for part, told in seal.parts.items()
        }
        told = _part(forged, f"amendments/{seal.day}/amendments", seal.amendments)
        previous = seals[-1].head if seals and chained else seal.previous
        seals.append(replace(seal, parts=parts, amendments=told, previous=previous))
    forged[SEALS] = b"".join(seal.line() + b"\n" for seal in seals)
    return forged


def _part(files: Files, name: str, told: Part) -> Part:
    listed = files.get(f"{name}.sha256")
    if listed is None:  # not in this pack
        return told
    return part_of(bytes.fromhex(line.decode()) for line in listed.splitlines())


def forged(files: Files) -> bytes:
    """All of it: lists, seals, the chain, the manifest's head, the figures and all sums."""
    new = with_seals(files, chained=True)
    head = hashlib.sha256(new[SEALS].splitlines()[-1]).hexdigest()
    manifest = replace(manifest_of(files[MANIFEST]), head=head)
    new[MANIFEST] = manifest.text()
    documents = documents_of(manifest)
    _count(new, documents)
    found = documents.result(head)
    for name, make in made.MADE.items():
        new[name] = make(found)
    return packed(new)


def _count(files: Files, documents: Documents) -> None:
    seals = [seal_of(line) for line in files[SEALS].splitlines()]
    for seal in seals:
        told = files.get(f"amendments/{seal.day}/amendments.jsonl", b"").splitlines()
        items = {item.call: item for item in (amendment_of(orjson.loads(line)) for line in told)}
        for line in files.get(f"amendments/{seal.day}/amended.jsonl", b"").splitlines():
            plain = orjson.loads(line)
            if plain["kind"] == "call":
                added = items[plain["id"]].why is Why.ADDED
                documents.amend(plain["id"], line, added=added)
    takes = {
        BLIND: documents.blind, POLICIES: documents.policy, COMMANDS: documents.command,
        CONTACTS: documents.contact,
    }  # fmt: skip
    for seal in seals:
        for line in files.get(f"days/{seal.day}/{CALLS}.jsonl", b"").splitlines():
            plain = orjson.loads(line)
            documents.call(plain["id"], plain["arrived_at"], line)
        for part, take in takes.items():
            for line in files.get(f"days/{seal.day}/{part}.jsonl", b"").splitlines():
                take(orjson.loads(line))
        documents.end_day(seal.day)
