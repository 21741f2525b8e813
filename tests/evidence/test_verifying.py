import hashlib
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from monitor.core.records import Reason, Verdict
from monitor.evidence.archive import MAGIC_LOCAL, ArchiveError, ArchiveReader
from monitor.evidence.chain import begin_of, canonical
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history import History, open_history
from tests.evidence.packs import changed, members, pack_of, packed, said, verified
from tests.evidence.samples import (
    FIRST,
    after_days,
    answered,
    day_of_calls,
    fill,
    seal_all,
    store,
)

CALLS = "days/2026-04-02/calls.jsonl"
LAST = FIRST + timedelta(days=2)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """Three sealed days, of which a call of the first was corrected and one added later."""
    url = f"sqlite:///{tmp_path_factory.mktemp('record')}/history.db"
    with open_history(url, pseudonyms=Pseudonyms(bytes(range(32)))) as history:
        fill(history, days=3)
        seal_all(history, after_days(1))
        corrected = next(day_of_calls(0))
        corrected.verdict, corrected.reason = Verdict.BREACHED, Reason.HANDLED_LATE
        corrected.corrections = 1
        store(history, corrected, answered(corrected.arrived_at + 60_000, "+33600000001"))
        seal_all(history, after_days(4))
        yield history


@pytest.fixture(scope="module")
def pack(record: History) -> bytes:
    return pack_of(record, FIRST, LAST)


def test_a_pack_is_verified_alone(pack: bytes) -> None:
    verdict = verified(pack)
    assert verdict.findings == []
    assert (verdict.seals, verdict.calls, verdict.amendments) == (5, 9, 2)
    assert verdict.head


def test_a_pack_is_a_zip_that_any_program_opens(pack: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(BytesIO(pack)) as opened:
        assert opened.testzip() is None
    files = members(pack)
    sums = files["SHA256SUMS"].decode()
    for line in sums.splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    assert len(sums.splitlines()) == len(files) - 1


def test_files_that_another_program_packed_anew_are_refused_with_a_way_out(pack: bytes) -> None:
    anew = BytesIO()
    with zipfile.ZipFile(anew, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members(pack).items():
            archive.writestr(name, data)
    (found,) = said(anew.getvalue())
    assert found.startswith("the header of 'README.txt': it is not as a pack has it")
    assert "take the ZIP as it was handed out" in found


def test_the_same_period_gives_the_same_bytes(record: History, pack: bytes) -> None:
    assert pack_of(record, FIRST, LAST) == pack


def test_the_figures_are_those_of_the_calls_as_they_are_now(pack: bytes) -> None:
    figures = json.loads(members(pack)["figures.json"])
    calls = figures["total"]["calls"]
    assert (calls["met"], calls["breached"], calls["abandoned"]) == (5, 2, 3)
    assert calls["corrected"] == 1
    # +33600000000 and +33600000001 on three days, and the added call an hour before its own.
    assert calls["repeats_7"] == 5
    assert [gap["ended_at"] - gap["started_at"] for gap in figures["blind"]] == [7_200_000]


def test_nothing_of_a_pack_tells_who_called(pack: bytes) -> None:
    told = b"".join(members(pack).values())
    for secret in (b"+336", b"6000000", b"Alice", b"PJSIP", "Zoé".encode()):
        assert secret not in told


def test_a_head_that_was_handed_out_is_found_in_the_chain(record: History, pack: bytes) -> None:
    lines = members(pack)["seals.jsonl"].splitlines()
    for line in lines:
        head = hashlib.sha256(line).hexdigest()
        assert verified(pack, head).findings == []
    assert "2026-04-04" in verified(pack, f" {head.upper()}\n").notes[0]


def test_the_head_of_another_chain_is_told(pack: bytes) -> None:
    assert said(pack, "ab" * 32) == [
        f"seals.jsonl: no seal has the head {'ab' * 32}: this is another chain"
    ]


# --- one flipped bit ----------------------------------------------------------------------------


def flipped(pack: bytes, bit: int) -> bytes:
    """A pack with one bit turned."""
    turned = bytearray(pack)
    turned[bit // 8] ^= 1 << bit % 8
    return bytes(turned)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A pack of one call."""
    url = f"sqlite:///{tmp_path_factory.mktemp('small')}/history.db"
    with open_history(url, pseudonyms=Pseudonyms(bytes(range(32)))) as history:
        store(history, answered(begin_of(FIRST)))
        seal_all(history, after_days(1))
        return pack_of(history, FIRST, FIRST)


def is_sound(pack: bytes) -> bool:
    """Whether a pack's file is as it was written, whatever it says."""
    try:
        for _, data in ArchiveReader(BytesIO(pack)).members():
            for _ in data:
                pass
    except ArchiveError:
        return False
    return True


def test_every_flipped_bit_is_found(small: bytes) -> None:
    assert is_sound(small)
    assert [bit for bit in range(len(small) * 8) if is_sound(flipped(small, bit))] == []


def test_a_flipped_bit_anywhere_is_told_with_its_place(small: bytes) -> None:
    # Every bit with EVERY_BIT=1, which takes minutes.
    bits = range(0, len(small) * 8, 1 if os.environ.get("EVERY_BIT") else 37)
    assert [bit for bit in bits if not said(flipped(small, bit))] == []
    assert said(small) == []


def test_a_flipped_bit_is_told_with_its_file(pack: bytes) -> None:
    at = pack.index(CALLS.encode()) + len(CALLS) + 40
    found = said(flipped(pack, at * 8 + 3))
    assert found
    assert all(CALLS in place for place in found)
    assert any("line" in place for place in found)


@pytest.mark.parametrize(
    ("at", "place"),
    [(0, "the pack's begin"), (8, "README.txt"), (14, "README.txt"), (-1, "the digest at the")],
)
def test_a_flipped_bit_of_the_zips_own_bytes_is_told(pack: bytes, at: int, place: str) -> None:
    assert place in said(flipped(pack, at % len(pack) * 8))[0]


def test_a_bit_that_says_nothing_is_found_and_its_file_named(pack: bytes) -> None:
    # The last byte of packed data is not always used to its last bit.
    ends = [pack.index(b"PK\x01\x02")]
    ends += [at.start() for at in re.finditer(re.escape(MAGIC_LOCAL), pack) if at.start()]
    told = (
        place
        for end in ends
        for bit in range(7, -1, -1)
        for place in said(flipped(pack, (end - 1) * 8 + bit))
    )
    silent = next(place for place in told if place.endswith("it is not that of the pack"))
    assert silent.partition(":")[0] in members(pack)


def test_a_pack_that_ends_early_is_told(pack: bytes) -> None:
    for length in (0, 3, 100, len(pack) // 2, len(pack) - 1):
        assert said(pack[:length])
    assert said(pack + b"x") == ["the pack's end: something follows it"]


def test_what_is_no_pack_is_told() -> None:
    assert said(b"Dear diary") == ["the pack's begin: it is no pack"]


def test_another_zip_is_told() -> None:
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        made.writestr("README.txt", "hello")
    assert "README.txt" in said(written.getvalue())[0]


# --- somebody who cheats, and makes the file's own sums anew --------------------------------------


def test_a_removed_call_is_told(pack: bytes) -> None:
    found = said(changed(pack, CALLS, lambda lines: [lines[0], lines[2]]))
    missing = "line 2: the document that was sealed here is missing"
    assert found == [f"{CALLS}: {missing}; where it was, there is call lab:1775121600.017"]


def test_an_inserted_call_is_told(pack: bytes) -> None:
    other = members(pack)["days/2026-04-03/calls.jsonl"].splitlines(keepends=True)[0]
    found = said(changed(pack, CALLS, lambda lines: [lines[0], other, *lines[1:]]))
    assert found == [
        f"{CALLS}: line 2 (call lab:1775206800.000): this document was not sealed; it was inserted"
    ]


def test_a_changed_call_is_told(pack: bytes) -> None:
    found = said(
        changed(
            pack,
            CALLS,
            lambda lines: [lines[0].replace(b'"verdict":"met"', b'"verdict":"brd"'), *lines[1:]],
        )
    )
    assert found == [
        f"{CALLS}: line 1 (call lab:1775120400.000): this is not the document that was sealed"
    ]


def test_another_order_is_told(pack: bytes) -> None:
    found = said(changed(pack, CALLS, lambda lines: lines[::-1]))
    assert len(found) == 1
    assert "line 1 (call lab:1775121600.017): from here on the order is another" in found[0]


def test_a_call_that_is_removed_with_its_digest_is_told_by_the_seal(pack: bytes) -> None:
    digests = CALLS.replace("jsonl", "sha256")
    cheated = changed(pack, CALLS, lambda lines: lines[1:])
    found = said(changed(cheated, digests, lambda lines: lines[1:]))
    assert len(found) == 1
    assert f"{digests}: it is not what was sealed: 2 digests" in found[0]


def test_two_days_that_change_places_are_told(pack: bytes) -> None:
    files = members(pack)
    for kind in ("calls.jsonl", "calls.sha256"):
        one, other = f"days/2026-04-02/{kind}", f"days/2026-04-03/{kind}"
        files[one], files[other] = files[other], files[one]
    found = said(packed(files))
    for day in ("2026-04-02", "2026-04-03"):
        wrong = f"days/{day}/calls.sha256: it is not what was sealed"
        assert any(place.startswith(wrong) for place in found)


def test_a_removed_day_is_told(pack: bytes) -> None:
    gone, following = "days/2026-04-02/calls.sha256", "days/2026-04-03/calls.sha256"
    files = {n: data for n, data in members(pack).items() if not n.startswith("days/2026-04-02")}
    assert said(packed(files)) == [f"{gone}: it is missing: {following} stands in its place"]


def test_days_in_another_order_are_told(pack: bytes) -> None:
    files = members(pack)
    names = sorted(
        files, key=lambda name: (name.startswith("days/2026-04-02"), name == "SHA256SUMS")
    )
    assert (
        "days/2026-04-02/calls.sha256: it is missing"
        in said(packed({n: files[n] for n in names}))[0]
    )


def test_a_removed_seal_is_told(pack: bytes) -> None:
    found = said(changed(pack, "seals.jsonl", lambda lines: [*lines[:2], *lines[3:]]))
    assert "seals.jsonl: line 3, the seal of 2026-04-03: it has number 4 after number 2" in found[0]


def test_a_changed_seal_breaks_the_chain_after_it(pack: bytes) -> None:
    def change(lines: list[bytes]) -> list[bytes]:
        plain = json.loads(lines[2])
        plain["parts"]["calls"]["count"] = 4
        return [*lines[:2], canonical(plain) + b"\n", *lines[3:]]

    found = said(changed(pack, "seals.jsonl", change))
    assert "line 4, the seal of 2026-04-03: it does not name the head of 2026-04-02" in found[0]


def test_a_last_seal_that_is_changed_is_told_by_the_manifest(pack: bytes) -> None:
    def change(lines: list[bytes]) -> list[bytes]:
        plain = json.loads(lines[-1])
        plain["key"] = "0" * 16
        return [*lines[:-1], canonical(plain) + b"\n"]

    found = said(changed(pack, "seals.jsonl", change))
    assert found[0].startswith("manifest.json: it names the head")


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[1:],
        lambda lines: [lines[0].replace(b'"corrected"', b'"changed"'), *lines[1:]],
    ],
)
def test_a_changed_amendment_is_told(
    pack: bytes, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    found = said(changed(pack, "amendments/2026-04-02/amendments.jsonl", change))
    assert "amendments/2026-04-02/amendments.jsonl: line 1" in found[0]


def test_a_call_that_is_not_as_its_amendment_says_is_told(pack: bytes) -> None:
    name = "amendments/2026-04-02/amended.jsonl"
    found = said(
        changed(pack, name, lambda lines: [lines[0].replace(b"breached", b"met"), *lines[1:]])
    )
    assert found == [
        f"{name}: line 1, call lab:1775034000.000: it is not what the seal of 2026-04-02 says"
    ]


def test_a_figure_that_is_another_is_told_with_its_name(pack: bytes) -> None:
    found = said(
        changed(pack, "figures.json", lambda lines: [lines[0].replace(b'"met":5', b'"met":6', 1)])
    )
    assert len(found) == 1
    assert found[0].startswith("figures.json: by_")
    assert found[0].endswith("calls.met is 6; the documents say 5")


def numbers(plain: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where the numbers of a report are."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            if key != "definitions":
                yield from numbers(value, (*path, key))
    elif isinstance(plain, list):
        for n, value in enumerate(plain):
            yield from numbers(value, (*path, n))
    elif isinstance(plain, int | float):
        yield path


def test_every_figure_of_the_report_is_counted_anew(pack: bytes) -> None:
    report = json.loads(members(pack)["report.json"])
    places = list(numbers(report))
    assert len(places) > 200
    for path in places[::23]:
        cheated = json.loads(members(pack)["report.json"])
        inner = cheated
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] += 1
        found = said(packed({**members(pack), "report.json": json.dumps(cheated).encode()}))
        assert len(found) == 1, path
        assert found[0].startswith("report.json: ")


def test_a_figure_that_nobody_counts_is_told(pack: bytes) -> None:
    found = said(
        changed(pack, "figures.json", lambda lines: [lines[0].replace(b"{", b'{"extra":1,', 1)])
    )
    assert found == ["figures.json: extra is 1; the documents say nothing of it"]


def test_what_another_version_did_not_count_is_said_and_no_difference(pack: bytes) -> None:
    def without_weeks(lines: list[bytes]) -> list[bytes]:
        plain = json.loads(lines[0])
        del plain["by_week"]
        return [canonical(plain) + b"\n"]

    def other(lines: list[bytes]) -> list[bytes]:
        return [line.replace(b'"program":"minuteur ', b'"program":"minuteur 9.') for line in lines]

    silent = changed(pack, "figures.json", without_weeks)
    assert said(silent) == ["figures.json: it does not say by_week"]
    verdict = verified(changed(silent, "manifest.json", other))
    assert verdict.findings == []
    assert any("and says not: by_week" in note for note in verdict.notes)


@pytest.mark.parametrize("name", ["report.json", "figures.json"])
def test_a_report_that_says_nothing_is_told(pack: bytes, name: str) -> None:
    assert said(packed({**members(pack), name: b"{}\n"}))


def test_a_figure_that_is_said_twice_is_told(pack: bytes) -> None:
    files = members(pack)
    lie = files["figures.json"].replace(b"{", b'{"access":{"refused":0},', 1)
    assert said(packed({**files, "figures.json": lie})) == [
        "figures.json: it is no JSON, or says something twice"
    ]


def test_figures_that_are_missing_are_told(pack: bytes) -> None:
    files = members(pack)
    without = {name: data for name, data in files.items() if name != "figures.json"}
    assert said(packed(without)) == ["figures.json: it is missing"]
    verdict = verified(packed({n: data for n, data in files.items() if n != "report.json"}))
    assert verdict.findings == []
    assert verdict.notes == ["There is no report.json in this pack."]


def test_another_file_in_the_pack_is_said_not_to_be_checked(pack: bytes) -> None:
    files = members(pack)
    sums = files.pop("SHA256SUMS")
    verdict = verified(packed({**files, "report.pdf": b"%PDF", "SHA256SUMS": sums}))
    assert verdict.findings == []
    assert verdict.notes == ["report.pdf is as it was put in; its content is not checked."]


def test_a_file_hidden_between_two_others_is_told(pack: bytes) -> None:
    second = pack.index(MAGIC_LOCAL, 4)
    assert said(pack[:second] + b"hidden" + pack[second:])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"zone":"Europe/Paris"', b'"zone":"Europe/Atlantis"'),
        (b"minuteur-evidence-1", b"minuteur-evidence-2"),
        (b'"last":"2026-04-03"', b'"last":"2026-04-02"'),
        (b'"left_out":[]', b'"left_out": []'),
        (b'"since"', b'"sinze"'),
    ],
)
def test_a_manifest_that_cannot_be_is_told(pack: bytes, before: bytes, after: bytes) -> None:
    found = said(changed(pack, "manifest.json", lambda lines: [lines[0].replace(before, after)]))
    assert found[0].startswith("manifest.json: ")
