"""One bit, one call more, one fewer, one in another place: found however far the forger goes.

Whoever changes only the documents is found by their digests; with the lists of digests, by the
seals; with the seals, by the chain; with the chain and all figures, by a head that was handed out
before, and by nothing else. Each is told with its place.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import orjson
import pytest

from monitor.core.records import Reason, Verdict
from monitor.evidence.chain import digest_of
from monitor.evidence.layout import SEALS
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history import History, open_history
from tests.evidence.contact_samples import fill_contacts
from tests.evidence.forging import forged, with_lists, with_seals
from tests.evidence.packs import members, pack_of, packed, said, verified
from tests.evidence.samples import (
    FIRST,
    after_days,
    answered,
    day_of_calls,
    fill,
    seal_all,
    store,
)

Lines = list[bytes]
LAST = FIRST + timedelta(days=2)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """Sealed days with something of each part, of which calls were corrected and added."""
    url = f"sqlite:///{tmp_path_factory.mktemp('record')}/history.db"
    with open_history(url, pseudonyms=Pseudonyms(bytes(range(32)))) as history:
        fill(history, days=3)
        fill_contacts(history)
        seal_all(history, after_days(1))
        corrected = next(day_of_calls(0))
        corrected.verdict, corrected.reason = Verdict.BREACHED, Reason.HANDLED_LATE
        corrected.corrections = 1
        store(history, corrected, answered(corrected.arrived_at + 60_000, "+33600000001"))
        seal_all(history, after_days(8))
        yield history


@pytest.fixture(scope="module")
def files(record: History) -> dict[str, bytes]:
    return members(pack_of(record, FIRST, LAST))


@pytest.fixture(scope="module")
def heads(files: dict[str, bytes]) -> list[str]:
    """The heads that were handed out, from 2026-03-31 on."""
    return [digest_of(line).hex() for line in files[SEALS].splitlines()]


# --- what is done to the lines of a file ----------------------------------------------------------


def one_bit(lines: Lines) -> Lines:
    """A digit of the second line is another."""
    line = bytearray(lines[1])
    place = next(n for n in range(len(line) - 1, 0, -1) if line[n] in b"02468")
    line[place] ^= 1
    return [lines[0], bytes(line), *lines[2:]]


def one_fewer(lines: Lines) -> Lines:
    return [lines[0], *lines[2:]]


def one_more(lines: Lines) -> Lines:
    """A document that is as good as any, with another id."""
    return [lines[0], lines[1].replace(b'"v":1', b'"uniqueid":"9.9","v":1'), *lines[1:]]


def another_order(lines: Lines) -> Lines:
    return [lines[1], lines[0], *lines[2:]]


ACTS: dict[Callable[[Lines], Lines], str] = {
    one_bit: "line 2{of}: this is not the document that was sealed",
    one_fewer: "line 2: the document that was sealed here is missing",
    one_more: "line 2{of}: this document was not sealed; it was inserted",
    another_order: "line 1{of}: from here on the order is another",
}
PARTS = {
    "days/2026-04-02/calls": "call lab:",
    "days/2026-04-02/facts": "facts lab:",
    "days/2026-04-01/contacts": "contact ",
    "days/2026-04-05/contacts": "contact ",
    "amendments/2026-04-02/amendments": "amendment lab:",
}


def tampered(files: dict[str, bytes], part: str, act: Callable[[Lines], Lines]) -> dict[str, bytes]:
    name = f"{part}.jsonl"
    lines = files[name].splitlines(keepends=True)
    assert len(lines) >= 2
    changed = act(lines)
    assert changed != lines
    return {**files, name: b"".join(changed)}


EACH = pytest.mark.parametrize("part", PARTS)
WHATEVER = pytest.mark.parametrize("act", ACTS)


@EACH
@WHATEVER
def test_who_makes_the_sums_anew_is_told_the_line_and_what_it_is_of(
    files: dict[str, bytes], part: str, act: Callable[[Lines], Lines]
) -> None:
    found = said(packed(tampered(files, part, act)))
    place, _, what = found[0].partition(": ")
    expected = ACTS[act].split("{of}")
    assert place == f"{part}.jsonl"
    assert what.startswith(expected[0])
    assert expected[-1] in what
    # Where the last line is missing, nothing stands in its place.
    assert PARTS[part] in what or (act is one_fewer and "; where it was" not in what)


@EACH
@WHATEVER
def test_who_makes_the_lists_of_digests_anew_is_told_by_the_days_seal(
    files: dict[str, bytes], part: str, act: Callable[[Lines], Lines]
) -> None:
    found = said(packed(with_lists(tampered(files, part, act))))
    assert found[0].startswith(f"{part}.sha256: it is not what was sealed")


@EACH
@WHATEVER
def test_who_changes_the_seal_too_is_told_by_the_next_one(
    files: dict[str, bytes], part: str, act: Callable[[Lines], Lines]
) -> None:
    found = said(packed(with_seals(tampered(files, part, act), chained=False)))
    day = part.split("/")[1]
    assert found[0].startswith("seals.jsonl: line ")
    assert f"it does not name the head of {day}" in found[0]


@pytest.mark.parametrize("act", [one_fewer, one_bit])
def test_who_makes_the_whole_chain_anew_is_told_by_a_head_that_was_handed_out(
    files: dict[str, bytes], heads: list[str], act: Callable[[Lines], Lines]
) -> None:
    def one_verdict(lines: Lines) -> Lines:
        return [lines[0], lines[1].replace(b'"corrections":0', b'"corrections":1'), *lines[2:]]

    change = one_verdict if act is one_bit else act
    pack = forged(tampered(files, "days/2026-04-02/calls", change))
    assert said(pack) == [], "a chain that was made anew is one: nothing in it can tell"
    for head in heads[2:]:  # of the changed day, and of all after it
        assert said(pack, head) == [
            f"seals.jsonl: no seal has the head {head}: this is another chain"
        ]
    # A head of before vouches for the days up to it, and says so.
    assert verified(pack, heads[1]).notes == ["The head that you gave is the one of 2026-04-01."]


def one_twice(lines: Lines) -> Lines:
    return [*lines[:2], *lines[1:]]


@pytest.mark.parametrize(("act", "line"), [(one_twice, 3), (another_order, 2)])
def test_a_chain_made_anew_over_calls_that_cannot_be_is_told_without_a_head(
    files: dict[str, bytes], act: Callable[[Lines], Lines], line: int
) -> None:
    changed = tampered(files, "days/2026-04-02/calls", act)
    found = said(packed(with_seals(changed, chained=True)))
    place = f"days/2026-04-02/calls.jsonl: line {line} (call lab:"
    why = "it makes no sense: it arrived before the one above, or is the same"
    assert any(one.startswith(place) and one.endswith(why) for one in found), found


@pytest.mark.parametrize("number", [b"-1", b"900000000000"])
def test_digits_that_nobody_can_have_entered_are_told(
    files: dict[str, bytes], number: bytes
) -> None:
    def many(lines: Lines) -> Lines:
        return [lines[0].replace(b'"inputs":2', b'"inputs":' + number), *lines[1:]]

    changed = tampered(files, "days/2026-04-02/calls", many)
    found = said(packed(with_seals(changed, chained=True)))
    assert any(one.endswith(f"nobody entered {number.decode()} digits") for one in found), found


def test_a_call_as_amended_that_makes_no_sense_is_told(files: dict[str, bytes]) -> None:
    lines = files["amendments/2026-04-02/amended.jsonl"].splitlines()
    calls = [line for line in lines if b'"kind":"call"' in line]
    assert len(calls) > 1, "one that was changed, and one that was added"
    for before in calls:
        after = before.replace(b'"within":60000', b'"within":"a"', 1)
        old, new = (digest_of(line).hex().encode() for line in (before, after))
        assert after != before
        changed = {p: data.replace(before, after).replace(old, new) for p, data in files.items()}
        found = said(packed(with_seals(changed, chained=True)))
        assert any("no sense: '<=' not supported" in one for one in found), found


def test_days_that_change_places_are_told_however_far_it_goes(
    files: dict[str, bytes], heads: list[str]
) -> None:
    swapped = dict(files)
    for name, data in files.items():
        other = name.replace("days/2026-04-02/", "days/2026-04-03/")
        if other != name and other in files:
            swapped[name], swapped[other] = files[other], data
    found = said(packed(swapped))
    assert found[0].startswith("days/2026-04-02/calls.sha256: it is not what was sealed")
    found = said(packed(with_seals(swapped, chained=False)))
    assert "the seal of 2026-04-03: it does not name the head of 2026-04-02" in found[0]
    found = said(packed(with_seals(swapped, chained=True)))
    wrong = "days/2026-04-02/calls.jsonl: line 1 (call lab:1775206800.000): it makes no sense: "
    assert f"{wrong}it arrived on 2026-04-03" in found


def test_seals_in_another_order_are_told(files: dict[str, bytes]) -> None:
    lines = files[SEALS].splitlines(keepends=True)
    lines[1], lines[2] = lines[2], lines[1]
    found = said(packed({**files, SEALS: b"".join(lines)}))
    assert found[0].startswith("seals.jsonl: line 2, the seal of 2026-04-02: it has number 3 after")


def test_a_call_as_amended_that_is_another_is_told(files: dict[str, bytes]) -> None:
    found = said(packed(tampered(files, "amendments/2026-04-02/amended", one_bit)))
    assert "amendments/2026-04-02/amended.jsonl: line 2, call lab:" in found[0]


def test_one_bit_of_any_file_is_told_with_the_file(files: dict[str, bytes]) -> None:
    # Each bit is turned in what the file says, and the pack is packed properly again.
    for name, data in files.items():
        if name == "SHA256SUMS":  # made anew
            continue
        for at in (0, len(data) // 2, len(data) - 1):
            turned = bytearray(data)
            turned[at] ^= 1
            verdict = verified(packed({**files, name: bytes(turned)}))
            told = [str(one) for one in verdict.findings] + verdict.notes
            stem = name.rpartition(".")[0]
            assert any(stem in one for one in told), (name, at, told)


def test_the_figures_of_a_forged_pack_are_those_of_its_calls(files: dict[str, bytes]) -> None:
    # That the forger of these tests goes as far as can be gone.
    same = members(forged(files))
    assert {n: d for n, d in same.items() if n != "SHA256SUMS"} == {
        n: d for n, d in files.items() if n != "SHA256SUMS"
    }
    assert orjson.loads(same["report.json"])["contacts"]["total"]["registered"] == 8
