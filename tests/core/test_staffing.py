"""What is noted of members who serve other queues: the same for one caller and for thousands."""

import random
from collections.abc import Iterable

import pytest

from monitor.core.records import Member, Visit
from monitor.core.staffing import Detail, Staffing, _Elsewhere
from tests.api.made import PBX, Centre


def by_looking_at_each(visits: list[Visit | None], caller: Visit) -> Detail:
    taken = [
        visit
        for visit in visits
        if visit and visit.answered_at is not None and visit.answered_at >= caller.joined_at
    ]
    later = sum(visit.joined_at > caller.joined_at for visit in taken)
    detail: Detail = {"elsewhere": len(visits)} if visits else {}
    if taken:
        names = sorted({visit.queue for visit in taken})
        detail |= {"taken": len(taken), "taken_by": ", ".join(names)}
    return detail | ({"taken_later": later} if later else {})


@pytest.mark.parametrize("members", [0, 1, 2, 30])
def test_who_was_taken_is_what_a_look_at_each_member_finds(members: int) -> None:
    rng = random.Random(members)
    for _ in range(50):
        visits: list[Visit | None] = []
        for _ in range(members):
            joined = rng.randrange(20)
            answered = rng.choice([None, joined, joined + rng.randrange(20)])
            visit = Visit(rng.choice("abc"), joined, 60_000, answered_at=answered)
            visits.append(rng.choice([None, visit, visit]))
        elsewhere = _Elsewhere(visits)
        for at in range(42):
            caller = Visit("support", at, 60_000)
            assert elsewhere.since(caller) == by_looking_at_each(visits, caller)


def test_members_are_looked_at_once_for_all_callers_of_a_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    centre = Centre()
    looks: list[tuple[str, str]] = []
    staffing = Staffing(centre.engine)
    real = Staffing._elsewhere

    def looked(of: Staffing, key: tuple[str, str]) -> Iterable[Member]:
        looks.append(key)
        return real(of, key)

    monkeypatch.setattr(Staffing, "_elsewhere", looked)
    staffing(centre.connect(), centre.now)
    for number in range(20):
        for effects in (centre.arrive(f"{number}.1"), centre.join(f"{number}.1")):
            staffing(effects, centre.now)
    looks.clear()
    noted = staffing(centre.pass_time(45), centre.now)
    assert len(noted) >= 20
    assert looks == [(PBX, "support")]
