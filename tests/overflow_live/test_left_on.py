"""What rules turned on, and the monitor is killed or stopped: taken back or kept, never doubled."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from api import cli
from tests.asterisk_lab import queue_log
from tests.asterisk_lab.callers import originate
from tests.asterisk_lab.server import AsteriskLab
from tests.overflow_live.centre import (
    comings_and_goings,
    members,
    overflow_lab,
    queueing,
    rows,
    wait_until,
    waiting,
)
from tests.scenarios.product import Product

pytestmark = pytest.mark.asterisk

HELPER = "Local/r_9@agents/n"
"""It rings and never answers: so the callers stay, and the rule holds."""
RULES = f"""
[[overflow_rule]]
id = "helper"
queues = ["of-busy"]
when = [{{ metric = "waiting", at_least = 1 }}]
cool_down = 0
do = {{ add_members = [{{ interface = "{HELPER}" }}] }}

[[overflow_rule]]
id = "lamp"
queues = ["of-busy"]
when = [{{ metric = "waiting", at_least = 1 }}]
cool_down = 0
do = {{ lamp = {{ name = "overflow-support" }} }}
"""
DIALPLAN = "\n".join(
    [
        "[incoming](+)",
        queueing("of-patient", "of-busy", 600),
        queueing("of-limited", "of-first", 1),
    ]
)
CAME, WENT = ("ADDMEMBER", HELPER), ("REMOVEMEMBER", HELPER)


class Centre:
    """Two Asterisks and the monitor that comes and goes; each test leaves everything off."""

    def __init__(self, labs: Mapping[str, AsteriskLab], product: Product) -> None:
        self.labs = labs
        self.product = product

    def call(self) -> None:
        """Somebody calls each PBX and waits."""
        for lab in self.labs.values():
            with lab.ami() as ami:
                originate(ami, "of-patient", "0698000001", 600_000)
                wait_until(lambda: bool(waiting(ami, "of-busy")), "a caller to wait")

    def hang_up(self) -> None:
        """All callers leave."""
        for lab in self.labs.values():
            with lab.ami() as ami:
                for one in waiting(ami, "of-busy").values():
                    ami.action("Hangup", Channel=one["Channel"])
                wait_until(lambda: not waiting(ami, "of-busy"), "the callers to be gone")

    def is_on(self) -> set[bool]:
        """Whether helper and lamp are on, over all PBXs; both truths while they differ."""
        found = set()
        for lab in self.labs.values():
            with lab.ami() as ami:
                lamp = {"Context": "overflow-lamps", "Exten": "overflow-support"}
                found.add(HELPER in members(ami, "of-busy"))
                found.add(ami.action("ExtensionState", **lamp)["StatusText"] == "InUse")
        return found

    def wait_on(self) -> None:
        wait_until(lambda: self.is_on() == {True}, "everything to be on")
        wait_until(lambda: self.standing() == 4, "four standing actions to be stored")

    def wait_off(self) -> None:
        wait_until(lambda: self.is_on() == {False}, "everything to be off")
        wait_until(lambda: self.standing() == 0, "no standing action to be stored")

    def goes_its_own_way(self) -> None:
        """Somebody calls each PBX, and leaves the queue by its own time limit."""
        for lab in self.labs.values():
            with lab.ami() as ami:
                before = timeouts(lab)
                originate(ami, "of-limited", "0698000009", 60_000)
                wait_until(lambda: timeouts(lab) > before, "the dialplan's own way")  # noqa: B023

    def is_ready(self) -> bool:
        """Whether the monitor follows both PBXs, and tells what stands."""
        return not self.product.problems() and self.told() == 4

    def standing(self) -> int:
        """How many standing actions the database holds."""
        return len(rows(self.product.database, "SELECT rule_id FROM standing_action"))

    def told(self) -> int:
        """How many standing actions the interface tells."""
        return len(self.product.get("/overflow/standing")["items"])

    def helper(self) -> set[int]:
        """How often the helper was put in, or taken out, by the queue logs."""
        for lab in self.labs.values():
            assert set(comings_and_goings(lab, "of-busy")) <= {CAME, WENT}
        return {len(comings_and_goings(lab, "of-busy")) for lab in self.labs.values()}


def timeouts(lab: AsteriskLab) -> int:
    """How many callers left a queue by its time limit."""
    lines = queue_log.read_database(lab.queue_log_database())
    return len([one for one in lines if one.event == "EXITWITHTIMEOUT"])


def undo(centre: Centre) -> int:
    """Run ``minuteur overflow undo``; its exit code."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["overflow", "undo", "--config", str(centre.product.config)])
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    labs = {"paris": overflow_lab("22", DIALPLAN), "lyon": overflow_lab("16", DIALPLAN)}
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(AsteriskLab.start, labs.values()))
        with Product(tmp_path_factory.mktemp("left-on"), labs, extra=RULES) as product:
            yield Centre(labs, product)
    finally:
        for lab in labs.values():
            lab.stop()
            lab.remove()


def test_what_a_killed_monitor_left_on_is_kept_or_taken_back_and_never_doubled(
    centre: Centre,
) -> None:
    (before,) = centre.helper()
    centre.call()
    centre.wait_on()

    with centre.product.frozen():
        centre.goes_its_own_way()
    wait_until(centre.is_ready, "the monitor to have found its way back")
    assert centre.helper() == {before + 1}

    centre.product.kill9()
    centre.goes_its_own_way()
    assert centre.is_on() == {True}, "calls and members do not need the monitor"
    centre.product.start()
    wait_until(lambda: centre.told() == 4, "all to be taken back")
    assert centre.helper() == {before + 1}, "the rule holds: kept, and not put in again"

    centre.product.kill9()
    centre.hang_up()
    assert centre.is_on() == {True}, "nobody is there who would take it back"
    centre.product.start()
    centre.wait_off()
    assert centre.helper() == {before + 2}


def test_what_a_stopped_monitor_left_on_is_undone_by_command(
    centre: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    (before,) = centre.helper()
    centre.call()
    centre.wait_on()
    assert undo(centre) == 1
    assert "seems to be running" in capsys.readouterr().err

    centre.product.stop()
    assert centre.is_on() == {True}, "a restart must not make helpers flap"
    assert undo(centre) == 0
    done = "remove Local/r_9@agents/n from of-busy: done"
    assert capsys.readouterr().out.count(done) == 2
    centre.wait_off()
    assert centre.helper() == {before + 2}
    trail = rows(centre.product.database, "SELECT what FROM audit_entry WHERE via = 'cli'")
    undone = [one["what"] for one in trail if one["what"] != "token_created"]
    assert undone == ["standing_undone"] * 4
