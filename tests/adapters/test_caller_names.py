"""A caller's name is told as it was given, whatever is in it."""

import pytest

from telephony_adapters.asterisk.ami_values import said_name
from tests.asterisk_lab.queue_ways import QUEUE_WAYS
from tests.asterisk_lab.scenarios import Row
from tests.scenarios.test_captures import VERSIONS, capture_of, follow

ODD = [row for row in QUEUE_WAYS if any(one.caller.name is not None for one in row.calls)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Anne", "Anne"),
        ("<unknown>", ""),
        (r"Rory O\'Neil", "Rory O'Neil"),
        (r"Jean \"Jeannot\" Petit", 'Jean "Jeannot" Petit'),
        (r"a\\b\?", "a\\b?"),
        (r"two\nlines\\n", r"two lines\n"),
        ("ends in\\", "ends in\\"),
    ],
)
def test_what_ami_escapes_in_a_name_is_undone(written: str, meant: str) -> None:
    assert said_name(written) == meant


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", ODD, ids=lambda row: row.name)
def test_a_real_asterisk_tells_the_name_that_the_caller_showed(row: Row, version: str) -> None:
    names = [call.caller_name for call in follow(capture_of(row, version)).values()]
    # Asterisk keeps the backslashes with which SIP protects quotes in a name.
    shown = [
        one.caller.from_name().strip().removeprefix('"').removesuffix('"') for one in row.calls
    ]
    assert names == shown
