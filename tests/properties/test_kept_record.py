"""With a real database: what is stored is what was told, through deaths of the monitor too."""

from collections.abc import Iterator

import pytest
from hypothesis import given

from api.restoring import restore
from monitor.core.clock import DAY, Ms
from monitor.core.effects import Effect
from monitor.core.engine import Engine
from monitor.core.policy import Policy
from monitor.history import BatchWriter, History, open_history
from monitor.history.figures import FiguresReader
from monitor.history.observed import mark_observed
from monitor.history.reader import HistoryReader
from monitor.history.tables import blind_interval, call, fact, observed, stay, visit
from tests.properties import plans
from tests.properties.budget import examples
from tests.properties.plans import Plan
from tests.properties.streams import stream
from tests.properties.test_damaged_streams import POLICIES
from tests.properties.watched import Watched, as_stored


class Kept(Watched):
    """A monitor whose record is in a database."""

    def __init__(self, policy: Policy, history: History) -> None:
        super().__init__(policy)
        self._history = history
        self._writer = BatchWriter(history)
        self._unsaved: list[Effect] = []

    def _take(self, effects: list[Effect]) -> None:
        super()._take(effects)
        self._unsaved += effects

    def save(self) -> None:
        """What was told reaches the database."""
        super().save()
        self._writer.on_effects(self._unsaved)
        self._writer.flush()
        self._unsaved.clear()
        mark_observed(self._history, dict.fromkeys(self.pbxs, self.now))

    def _restored(self, engine: Engine, lost_at: Ms) -> list[Effect]:
        self._unsaved.clear()
        self._writer = BatchWriter(self._history)
        return restore(engine, self._history, sorted(self.pbxs), self.now)

    def check_stored(self) -> None:
        """The database holds what the engine told, and counts the same."""
        self.save()
        reader = HistoryReader(self._history)
        for id_, told in self.calls.items():
            kept = reader.call(id_)
            assert kept is not None
            assert as_stored(kept) == as_stored(told)
        commitment, queues = FiguresReader(self._history).today(self.now // DAY * DAY)
        assert commitment == self.engine.today
        for place, state in self.engine.snapshot().queues.items():
            if state.today.offered:
                assert queues[place] == state.today


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    folder = tmp_path_factory.mktemp("kept")
    with open_history(f"sqlite:///{folder}/history.db") as opened:
        yield opened


@examples(0.03)
@given(plans.damaged(len(POLICIES)))
def test_the_database_holds_what_was_told(history: History, plan: Plan) -> None:
    with history.writing() as connection:
        for table in (fact, stay, visit, call, blind_interval, observed):
            connection.execute(table.delete())
    watched = Kept(POLICIES[plan.policy], history)
    watched.follow(stream(plan), punctual=plan.batch == 1)
    watched.check_stored()
