import hashlib
import json
from dataclasses import replace
from datetime import date

import pytest

from monitor.core.clock import DAY
from monitor.evidence.chain import (
    GENESIS,
    ChainError,
    Part,
    Seal,
    begin_of,
    canonical,
    day_of,
    digest_of,
    end_of,
    follows,
    part_of,
    seal_of,
)

NOTHING = Part(0, hashlib.sha256(b"").hexdigest())
FIRST = Seal(date(2026, 4, 1), 1, GENESIS, "k" * 16, {"calls": NOTHING}, NOTHING)


def second() -> Seal:
    return replace(FIRST, day=date(2026, 4, 2), number=2, previous=FIRST.head)


def test_a_seal_never_changes_its_line() -> None:
    # Heads were handed out: this text may never change.
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (
        FIRST.line()
        == (
            f'{{"amendments":{{"count":0,"root":"{nothing}"}},"day":"2026-04-01",'
            '"format":"minuteur-seal-1","key":"kkkkkkkkkkkkkkkk","number":1,'
            f'"parts":{{"calls":{{"count":0,"root":"{nothing}"}}}},"previous":"{GENESIS}",'
            '"removed":[]}'
        ).encode()
    )
    assert FIRST.head == "9abd386aac21bca8c97ba42aabf1d1a5fdff26059cfdf59f22e58e11cf96904d"


def test_a_root_is_the_digest_of_the_list_of_digests() -> None:
    lines = [b"one", b"two"]
    listed = "".join(f"{hashlib.sha256(line).hexdigest()}\n" for line in lines)
    expected = Part(2, hashlib.sha256(listed.encode()).hexdigest())
    assert part_of(map(digest_of, lines)) == expected


def test_a_seal_is_read_as_it_was_written() -> None:
    seal = replace(second(), removed=((date(2026, 1, 5), "calls"),))
    assert seal_of(seal.line()) == seal


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        FIRST.line() + b" ",
        FIRST.line().replace(b'"number":1', b'"number":1.0'),
        FIRST.line().replace(b'"number":1', b'"number":true'),
        FIRST.line().replace(b"2026-04-01", b"2026-04-31"),
        FIRST.line().replace(b"e3b0", b"E3B0"),
        FIRST.line().replace(b'"removed":[]', b'"removed":[],"x":1'),
    ],
)
def test_what_is_no_seal_is_refused(line: bytes) -> None:
    with pytest.raises(ChainError):
        seal_of(line)


def test_a_seal_follows_the_one_that_it_names() -> None:
    assert follows(FIRST, None) == ""
    assert follows(second(), FIRST) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": 3}, "number 3 after number 1"),
        ({"day": date(2026, 4, 3)}, "of 2026-04-03 after 2026-04-01"),
        ({"previous": GENESIS}, "does not name the head"),
    ],
)
def test_a_seal_that_does_not_follow_is_named(change: dict[str, object], said: str) -> None:
    assert said in follows(replace(second(), **change), FIRST)  # type: ignore[arg-type]


def test_the_first_seal_has_none_before_it() -> None:
    assert follows(replace(FIRST, previous="1" * 64), None)


def test_canonical_json_is_what_pythons_own_module_writes() -> None:
    value = {
        "é": '\x00\x1f\x7f\u2028"\\/\n\t',
        "a": [1, -5, None, True, {"z": 0, "b": ""}],
        "😀": 1,
    }
    own = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical(value) == own.encode()


def test_days_are_those_of_utc() -> None:
    assert day_of(0) == date(1970, 1, 1)
    assert day_of(-1) == date(1969, 12, 31)
    day = date(2026, 3, 29)
    assert day_of(begin_of(day)) == day == day_of(end_of(day) - 1)
    assert end_of(day) - begin_of(day) == DAY
