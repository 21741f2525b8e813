"""A small race on both Asterisks at once; ``make race`` runs the whole one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.asterisk_lab.server import AsteriskLab
from tests.overflow_live.centre import overflow_lab
from tests.overflow_live.race import DIALPLAN, QUEUES, RULES, Race, judge
from tests.scenarios.product import Product

pytestmark = pytest.mark.asterisk

CALLS = 12


@pytest.fixture
def races() -> Iterator[dict[str, Race]]:
    labs = {
        "paris": overflow_lab("22", DIALPLAN, QUEUES),
        "lyon": overflow_lab("16", DIALPLAN, QUEUES),
    }
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(AsteriskLab.start, labs.values()))
        yield {pbx: Race(lab, CALLS) for pbx, lab in labs.items()}
    finally:
        for lab in labs.values():
            lab.stop()
            lab.remove()


def test_nobody_is_both_moved_and_answered_and_each_outcome_is_recorded_as_it_was(
    races: dict[str, Race], tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("race")
    labs = {pbx: race.lab for pbx, race in races.items()}
    with Product(directory, labs, extra=RULES) as product, ThreadPoolExecutor() as pool:
        for race in races.values():
            race.prepare()
        list(pool.map(Race.run, races.values()))
        for pbx, race in races.items():
            result = judge(race, product, pbx)
            assert result.problems == [], result.summary()
            assert result.moved.total() + result.answered.total() == CALLS
            assert result.moved, "nobody was moved: no race"
            assert result.answered, "nobody was answered: no race"
