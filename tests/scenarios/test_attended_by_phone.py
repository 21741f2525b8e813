"""An agent's phone asks in a queue by a second call, and joins the two: one caller, two visits.

The masquerade that does it puts the caller's channel into the queue in the agent's place, so
Asterisk says that the caller leaves a queue which only the agent's channel had joined.
"""

import pytest

from tests.asterisk_lab import queue_log
from tests.asterisk_lab.ami import parse_stream
from tests.asterisk_lab.scenarios import Row
from tests.asterisk_lab.transfer_rows import BY_PHONE
from tests.scenarios.agreement import as_expected, disagreements, stamped, strayed
from tests.scenarios.test_captures import VERSIONS, capture_of, follow


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", BY_PHONE, ids=lambda row: row.name)
def test_the_agents_second_call_is_no_call_of_its_own(row: Row, version: str) -> None:
    path = capture_of(row, version)
    calls = follow(path)
    assert [as_expected(call) for call in calls.values()] == [row.calls[0].expected]
    log = queue_log.read_file(path.parent / f"{row.name}.precise.queue_log")
    assert disagreements(calls, queue_log.visits(log)) == []
    assert strayed(calls, stamped(parse_stream(path.read_bytes()))) == []
