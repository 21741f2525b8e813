"""What somebody who cheats leaves out of a pack, or puts into it twice."""

import hashlib
import json
from datetime import timedelta
from io import BytesIO

import pytest

from monitor.evidence.archive import ArchiveWriter
from monitor.evidence.chain import canonical
from monitor.history import History
from tests.evidence.packs import members, pack_of, packed, said
from tests.evidence.samples import FIRST, after_days, fill, seal_all

CALLS = "days/2026-04-02/calls.jsonl"


@pytest.fixture
def pack(sqlite: History) -> bytes:
    fill(sqlite, days=2)
    seal_all(sqlite, after_days(3))
    return pack_of(sqlite, FIRST, FIRST + timedelta(days=1))


def told_by_manifest(files: dict[str, bytes], **changes: object) -> bytes:
    plain = json.loads(files["manifest.json"])
    return canonical(plain | changes) + b"\n"


@pytest.mark.parametrize("part", ["blind", "calls", "facts", "policies", "commands"])
def test_what_no_seal_says_was_removed_may_not_be_left_out(pack: bytes, part: str) -> None:
    files = {n: data for n, data in members(pack).items() if f"/{part}." not in n}
    files["manifest.json"] = told_by_manifest(files, left_out=[part])
    assert said(packed(files))[0].startswith(f"manifest.json: it leaves out {part}, ")


def test_nor_may_the_calls_before_the_period(sqlite: History) -> None:
    fill(sqlite, days=4)
    seal_all(sqlite, after_days(5))
    full = "2026-04-03"
    whole = members(pack_of(sqlite, FIRST + timedelta(days=2), FIRST + timedelta(days=3)))
    lines = whole["seals.jsonl"].splitlines(keepends=True)
    files = {
        name: data
        for name, data in whole.items()
        if not name.startswith("days/") or name[5:15] >= full
    }
    files["seals.jsonl"] = b"".join(line for line in lines if json.loads(line)["day"] >= full)
    files["manifest.json"] = told_by_manifest(files, first=full)
    assert said(packed(whole)) == []
    assert "nobody can tell from it who had called before" in said(packed(files))[0]


def test_no_file_of_a_day_stands_in_a_pack_twice(pack: bytes) -> None:
    written = BytesIO()
    archive, sums = ArchiveWriter(written.write), b""
    files = [*members(pack).items()]
    for name, data in [*files[:-1], (CALLS, b"lies\n"), files[-1]]:
        held = sums if name == "SHA256SUMS" else data
        archive.add(name, [held])
        sums += f"{hashlib.sha256(data).hexdigest()}  {name}\n".encode()
    archive.finish()
    assert said(written.getvalue()) == [
        f"{CALLS}: it has no place here, or stands in the pack twice"
    ]
