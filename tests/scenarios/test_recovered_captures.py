"""What a capture's queue log alone tells never contradicts what was observed of the same calls."""

from functools import cache

import pytest

from monitor.core.comparing import UNLOGGED, Explanation, Sight, legs_of
from monitor.core.logged import LoggedCall, with_legs
from monitor.core.policy import Rules
from monitor.core.reconciling import reconcile
from monitor.core.records import Call, Exit, Verdict
from monitor.core.recovery import Assumptions, recover
from telephony_adapters.asterisk.queue_log import QueueLogFiles
from telephony_adapters.asterisk.queue_log_calls import CallCollector, collect
from tests.asterisk_lab.rows import ROWS
from tests.asterisk_lab.scenarios import Row
from tests.scenarios.agreement import LAB_POLICY, PBX
from tests.scenarios.test_captures import VERSIONS, capture_of, follow

GIVEN = Assumptions(Rules(LAB_POLICY))
FORMS = ("queue_log", "precise.queue_log")


@cache
def observed_of(name: str, version: str) -> dict[str, Call]:
    return follow(capture_of(next(row for row in ROWS if row.name == name), version))


def logged_of(row: Row, version: str, form: str = "queue_log") -> list[LoggedCall]:
    path = capture_of(row, version)
    file = path.parent / f"{row.name}.{form}"
    if not file.read_text():
        return []
    return list(collect(QueueLogFiles([file]).lines(), CallCollector()))


def redirected(call: Call) -> bool:
    """Asterisk logs a redirect as an abandon, and nothing of what came after it."""
    return any(visit.exit is Exit.REDIRECTED for visit in call.visits)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_verdict_from_the_log_alone_is_the_true_one_or_unknown(
    row: Row, version: str, form: str
) -> None:
    observed = observed_of(row.name, version)
    for logged in logged_of(row, version, form):
        truth = observed.get(logged.uniqueid)
        if truth is None or redirected(truth):
            continue
        call = recover(PBX, logged, GIVEN)
        assert call.verdict in {truth.verdict, Verdict.UNKNOWN}, (call, truth)
        assert call.agent in {"", truth.agent, *(visit.agent for visit in truth.visits)}
        let_in = [visit.queue for visit in truth.visits if visit.exit not in UNLOGGED]
        assert [visit.queue for visit in call.visits] == let_in or legs_of(truth)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_call_that_was_observed_whole_needs_nothing_of_the_log(row: Row, version: str) -> None:
    logged = {one.uniqueid: one for one in logged_of(row, version)}
    for uniqueid, call in observed_of(row.name, version).items():
        ids = [id_ for id_ in (uniqueid, *legs_of(call)) if id_ in logged]
        if not ids:
            continue
        told = with_legs(uniqueid, [logged.pop(id_) for id_ in ids])
        found = reconcile(PBX, call, told, Sight(0), GIVEN)
        assert found.after is None, found.differences
        assert Explanation.UNEXPLAINED not in [d.explanation for d in found.differences], found
    for told in logged.values():
        found = reconcile(PBX, None, told, Sight(0), GIVEN)
        assert [d.explanation for d in found.differences] == [Explanation.CONSULTATION], told
