"""Small editions of the soak, one on each Asterisk, with and without faults, side by side."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.asterisk_lab.install import Version, ensure_asterisk
from tests.soak.plan import make_plan
from tests.soak.soaking import Outcome, soak

CALLS, RATE = 60, 4.0
WITH_FAULTS = {"22": 11, "16": 12}
WITHOUT = {"22": 13, "16": 14}
"""Seeds: each plan is another one."""

Key = tuple[str, bool]


@pytest.fixture(scope="module")
def outcomes() -> Iterator[dict[Key, Future[Outcome]]]:
    """The soaks mostly wait, so they run at the same time."""
    versions: tuple[Version, ...] = ("22", "16")
    for version in versions:
        ensure_asterisk(version)
    with ThreadPoolExecutor(4) as pool:
        yield {
            (version, faults): pool.submit(
                soak,
                version,
                make_plan(seeds[version], CALLS, RATE, cuts=2 * faults, kills=1 * faults),
            )
            for faults, seeds in ((True, WITH_FAULTS), (False, WITHOUT))
            for version in versions
        }


@pytest.mark.asterisk
@pytest.mark.parametrize("faults", [True, False], ids=["faults", "no faults"])
@pytest.mark.parametrize("version", ["22", "16"])
def test_every_mixed_call_is_told_as_it_was(
    version: str, faults: bool, outcomes: dict[Key, Future[Outcome]]
) -> None:
    outcome = outcomes[version, faults].result()
    assert outcome.passed, outcome.stories()


def test_the_same_seed_gives_the_same_plan() -> None:
    plan = make_plan(7, 300, 8, cuts=3)
    assert plan == make_plan(7, 300, 8, cuts=3)
    assert plan != make_plan(8, 300, 8, cuts=3)
    assert plan.calls == 300


def test_a_plan_has_everything() -> None:
    plan = make_plan(7, 1000, 8, cuts=10, kills=5)
    extens = {exten for line in plan.lines for exten in line.extens}
    assert extens > {"support", "ivr", "menu", "support-early", "exitkey", "closed", "full"}
    assert {act.action for act in plan.member_acts} == {"QueueAdd", "QueueRemove", "QueuePause"}
    assert {act.kind for act in plan.live_acts} == {"transfer", "redirect", "withdraw"}
    kinds = [fault.kind for fault in plan.faults]
    assert len([kind for kind in kinds if kind != "kill"]) == 10
    assert kinds.count("kill") == 5
    assert {"reset", "close", "swallow"} < set(kinds)
    assert len({number for line in plan.lines for number in line.numbers}) + len(
        {call.number for call in plan.locals}
    ) == 1000  # fmt: skip
