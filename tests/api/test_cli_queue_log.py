"""``minuteur import queue-log`` and ``minuteur reconcile``."""

import gzip
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import typer

from api.cli import main
from monitor.core.engine import Engine
from monitor.core.events import LinkChanged, LinkState, PbxSnapshot
from monitor.core.logged import LoggedCall
from monitor.core.records import Call, Exit, Verdict
from monitor.evidence.chain import day_of
from monitor.history.database import open_history
from monitor.history.evidence_record import announce
from monitor.history.importing import Imported, Importer
from monitor.history.policies import current_policy
from monitor.history.queries import CallFilter
from monitor.history.reader import HistoryReader
from monitor.history.writer import BatchWriter
from telephony_adapters.recording import events_from
from tests.bench.queue_logs import lines
from tests.scenarios.agreement import LAB_POLICY, PBX

TRACES = Path(__file__).parent.parent / "traces" / "asterisk-22"

SETTINGS = """
[history]
database = "sqlite:///{folder}/minuteur.db"
[commitment]
within = 3
at_risk_after = 2
short_abandon = 0.5
[[pbx]]
name = "lab"
username = "minuteur"
secret = "x"
incoming_contexts = ["incoming"]
{extra}
"""

LOG = """\
1795000000|pbx-1795000000.1|support|NONE|ENTERQUEUE||0612|1
1795000001|pbx-1795000000.1|support|Agent A|CONNECT|1|pbx-1795000001.2|0
1795000060|pbx-1795000000.1|support|Agent A|COMPLETECALLER|1|59|1
1795000100|pbx-1795000100.3|support|NONE|ENTERQUEUE||0613|1
1795000101|pbx-1795000100.3|support|NONE|ABANDON|1|1|1
"""


class Place:
    """A folder with settings and a database; commands run in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.set_up()

    def set_up(self, extra: str = "") -> None:
        text = SETTINGS.format(folder=self.folder, extra=extra)
        (self.folder / "minuteur.toml").write_text(text)

    def run(self, *arguments: object) -> tuple[int, str, str]:
        config = ["--config", str(self.folder / "minuteur.toml")]
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), *config])
        said = self._capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def calls(self) -> list[Call]:
        with open_history(f"sqlite:///{self.folder}/minuteur.db") as history:
            reader = HistoryReader(history)
            ids = [call.id for call in reader.calls(CallFilter(), limit=500).calls]
            return sorted(reader.calls_of(ids).values(), key=lambda call: call.id)

    def observe(self, capture: str, *, blind: tuple[int, int] | None = None) -> None:
        """Store what a monitor saw of a capture; the events numbered ``blind`` are missed."""
        events = list(events_from(TRACES / f"{capture}.ami", PBX))
        first, last = blind or (0, 0)
        with (
            open_history(f"sqlite:///{self.folder}/minuteur.db") as history,
            BatchWriter(history) as writer,
        ):
            engine = Engine(current_policy(history, LAB_POLICY, now=0))
            start = events[0].at - 60_000
            writer.on_effects(engine.advance(start))
            told = [
                LinkChanged(PBX, start, LinkState.LOST, "not running"),
                PbxSnapshot(PBX, start),
                LinkChanged(PBX, start, LinkState.CONNECTED),
                *events[:first],
            ]
            if blind is not None:
                at = events[last].at
                told += [
                    LinkChanged(PBX, events[first].at, LinkState.LOST, "cut"),
                    PbxSnapshot(PBX, at),
                    LinkChanged(PBX, at, LinkState.CONNECTED),
                ]
            for event in [*told, *events[last:]]:
                writer.on_effects(engine.advance(max(start, event.at)) + engine.handle(event))


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(tmp_path, capsys)


# --- import -------------------------------------------------------------------------------------


def test_the_same_import_twice_changes_nothing(place: Place) -> None:
    log = place.write("queue_log", LOG)
    status, out, _ = place.run("import", "queue-log", log, "--pbx", "lab")
    assert (status, "2 new calls, 0 unchanged, 0 updated" in out) == (0, True)
    before = place.calls()
    assert [call.verdict for call in before] == [Verdict.UNKNOWN, Verdict.UNKNOWN]
    status, out, _ = place.run("import", "queue-log", log, "--pbx", "lab")
    assert (status, "0 new calls, 2 unchanged, 0 updated" in out) == (0, True)
    assert place.calls() == before


def test_without_its_key_no_record_is_filled_whose_days_are_sealed(place: Place) -> None:
    log = place.write("queue_log", LOG)
    assert place.run("import", "queue-log", log, "--pbx", "lab")[0] == 0
    before = place.calls()
    (key,) = place.folder.glob("*.pseudonyms.key")
    key.unlink()
    assert place.run("import", "queue-log", log, "--pbx", "lab")[0] == 0, "nothing is sealed yet"
    url = f"sqlite:///{place.folder}/minuteur.db"
    with open_history(url) as history, history.writing() as connection:
        announce(connection, day_of(before[0].arrived_at))
    for command in (("import", "queue-log"), ("reconcile",)):
        status, _, error = place.run(*command, log, "--pbx", "lab")
        assert status == 1
        assert "put it back" in error
    assert place.calls() == before


def test_a_longer_log_adds_what_the_shorter_one_could_not_tell(place: Place) -> None:
    first = LOG.splitlines(keepends=True)
    log = place.write("queue_log", "".join(first[:2]))
    _, out, _ = place.run("import", "queue-log", log, "--pbx", "lab")
    assert "0 new calls" in out
    assert "1 call is not told to the end yet" in out
    place.write("queue_log", "".join(first[:3]))
    _, out, _ = place.run("import", "queue-log", log, "--pbx", "lab")
    assert "1 new call" in out
    place.write("queue_log", LOG)
    _, out, _ = place.run("import", "queue-log", log, "--pbx", "lab")
    assert "1 new call, 1 unchanged" in out


def test_rotated_and_gzipped_files_in_any_order_are_one_log(place: Place) -> None:
    rows = LOG.splitlines(keepends=True)
    (place.folder / "queue_log-20260101.gz").write_bytes(gzip.compress("".join(rows[:2]).encode()))
    place.write("queue_log.1", "".join(rows[1:4]))
    place.write("queue_log", "".join(rows[4:]))
    _, out, _ = place.run("import", "queue-log", place.folder, "--pbx", "lab")
    assert "2 new calls" in out
    answered, abandoned = place.calls()
    assert [v.exit for v in answered.visits] == [Exit.ANSWERED]
    assert answered.visits[0].ended_at == 1_795_000_060_000
    assert [v.exit for v in abandoned.visits] == [Exit.ABANDONED]


def test_a_big_log_is_imported_and_an_interrupted_import_just_begins_again(place: Place) -> None:
    rows = list(lines(20_000))
    whole = place.write("queue_log", "".join(rows))
    part = place.write("part", "".join(rows[:9_000]))
    place.run("import", "queue-log", part, "--pbx", "lab")
    _, out, _ = place.run("import", "queue-log", whole, "--pbx", "lab")
    assert "20,000 lines read" in out
    assert " 0 updated" in out
    _, again, _ = place.run("import", "queue-log", whole, "--pbx", "lab")
    assert " 0 new calls" in again


def test_only_the_asked_days_are_imported(place: Place) -> None:
    log = place.write("queue_log", LOG)
    _, out, _ = place.run("import", "queue-log", log, "--pbx", "lab", "--to", "2020-01-31")
    assert "0 new calls" in out
    moment = "2026-11-18T11:08:00+00:00"
    _, out, _ = place.run("import", "queue-log", log, "--pbx", "lab", "--from", moment)
    assert "1 new call" in out


def test_calls_without_an_end_are_counted_within_the_asked_days(place: Place) -> None:
    rows = LOG.splitlines(keepends=True)
    log = place.write("queue_log", rows[0] + rows[3])
    _, out, _ = place.run("import", "queue-log", log, "--pbx", "lab")
    assert "2 calls are not told to the end yet" in out
    for option, day in (("--from", "2026-12-01"), ("--to", "2026-01-31")):
        _, out, _ = place.run("import", "queue-log", log, "--pbx", "lab", option, day)
        assert "not told" not in out


class Bar:
    """Where a progress bar stands."""

    def __init__(self, **_options: object) -> None:
        self.length, self.at = 1, 0

    def update(self, steps: int) -> None:
        assert steps > 0
        self.at += steps

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_error: object) -> None: ...


def test_the_bar_follows_what_is_stored_not_only_what_is_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log of some hours is read to its end before its first call is given out."""
    bar, run, shares = Bar(), Importer.run, []

    def noted(calls: Iterable[LoggedCall]) -> Iterator[LoggedCall]:
        for call in calls:
            shares.append(bar.at / bar.length)
            yield call

    monkeypatch.setattr(typer, "progressbar", lambda **_: bar)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(Importer, "run", lambda importer, calls: run(importer, noted(calls)))
    log = place.write("queue_log", "".join(lines(5_000)))
    _, out, _ = place.run("import", "queue-log", log, "--pbx", "lab")
    assert "5,000 lines read" in out
    middle = shares[len(shares) // 2]
    assert shares[0] == pytest.approx(0.5, abs=0.1)
    assert middle == pytest.approx(0.75, abs=0.1)
    assert bar.at == bar.length


def test_malformed_lines_are_counted_and_shown_with_their_numbers(place: Place) -> None:
    log = place.write("queue_log", LOG + "what is this\n17950|x\n")
    status, out, err = place.run("import", "queue-log", log, "--pbx", "lab")
    assert status == 0
    assert "2 new calls" in out
    assert "2 malformed lines" in err
    assert f"{log}, line 6: 'what is this'" in err


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("absent", None, "there is no such file"),
        ("empty", b"", "there is not a line in it"),
        ("page.html", b"<html>\n<p>no</p>\n", "is no queue log"),
        ("broken.gz", b"\x1f\x8b\x08\x00 not really", "is damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_why(
    place: Place, name: str, content: bytes | None, says: str
) -> None:
    path = place.folder / name
    if content is not None:
        path.write_bytes(content)
    status, _, err = place.run("import", "queue-log", path, "--pbx", "lab")
    assert status == 1
    assert str(path) in err
    assert says in err


def test_a_wrong_name_of_a_pbx_is_told_the_right_ones(place: Place) -> None:
    log = place.write("queue_log", LOG)
    status, _, err = place.run("import", "queue-log", log, "--pbx", "lba")
    assert status == 1
    assert err.splitlines() == [
        f"A new database begins: {place.folder / 'minuteur.db'}",
        "There is no [[pbx]] named lba. Configured: lab.",
    ]


def test_an_import_that_is_interrupted_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_importer: Importer, _calls: Iterable[LoggedCall]) -> Imported:
        raise KeyboardInterrupt

    monkeypatch.setattr(Importer, "run", interrupt)
    log = place.write("queue_log", LOG)
    begins = f"A new database begins: {place.folder / 'minuteur.db'}\n"
    assert place.run("import", "queue-log", log, "--pbx", "lab") == (
        130,
        "",
        f"{begins}Interrupted.\n",
    )


def test_an_observed_call_is_never_touched_by_an_import(place: Place) -> None:
    place.observe("answered-late")
    before = place.calls()
    _, out, _ = place.run("import", "queue-log", TRACES / "answered-late.queue_log", "--pbx", "lab")
    assert "1 call was observed by a monitor" in out
    assert place.calls() == before


# --- reconcile ----------------------------------------------------------------------------------


def test_what_was_observed_whole_agrees_with_the_log(place: Place) -> None:
    place.observe("answered-late")
    before = place.calls()
    status, out, _ = place.run("reconcile", TRACES / "answered-late.queue_log", "--pbx", "lab")
    assert status == 0
    assert "0 disagreements" in out
    assert place.calls() == before


def test_a_call_that_nobody_saw_is_added_once(place: Place) -> None:
    place.observe("answered-late", blind=(0, -1))
    assert place.calls() == []
    log = TRACES / "answered-late.queue_log"
    status, out, _ = place.run("reconcile", log, "--pbx", "lab")
    assert status == 0
    assert "1 were added" in out
    (call,) = place.calls()
    assert call.visits[0].exit is Exit.ANSWERED
    assert all(fact.detail["recovered"] == 1 for fact in call.facts)
    status, out, _ = place.run("reconcile", log, "--pbx", "lab")
    assert "1 calls need nothing, 0 were filled, 0 were added" in out
    assert place.calls() == [call]


def test_a_call_that_is_recorded_and_not_logged_is_a_disagreement(place: Place) -> None:
    place.observe("answered-late")
    text = (TRACES / "answered-late.queue_log").read_text()
    first = int(text.split("|")[0])
    other = f"{first - 100}|x-{first - 100}.1|a|NONE|ENTERQUEUE||1|1\n"
    log = place.write("queue_log", f"{other}{first + 900}|NONE|NONE|NONE|CONFIGRELOAD|\n")
    status, out, _ = place.run("reconcile", log, "--pbx", "lab")
    assert status == 1
    assert "1 disagreements that nothing explains" in out


def test_what_lies_beside_the_log_of_the_settings_and_is_none_is_left_out(place: Place) -> None:
    place.observe("answered-late")
    log = place.write("queue_log", (TRACES / "answered-late.queue_log").read_text())
    other = place.write("queue_log.sqlite3", "SQLite format 3\nnothing\n")
    place.set_up(f'queue_log = "{log}"')
    status, out, err = place.run("reconcile")
    assert (status, "0 disagreements" in out) == (0, True)
    assert f"{other} is no queue log: left out." in err


def test_an_absent_log_of_the_settings_is_named(place: Place) -> None:
    place.observe("answered-late")
    log = place.folder / "queue_log"
    place.set_up(f'queue_log = "{log}"')
    assert place.run("reconcile") == (1, "", f"{log}: there is no such file.\n")


def test_the_settings_say_where_the_log_is(place: Place) -> None:
    place.observe("answered-late")
    log = place.write("queue_log.1", (TRACES / "answered-late.queue_log").read_text())
    place.write("queue_log", "")
    place.set_up(f'queue_log = "{log.with_suffix("")}"')
    status, out, _ = place.run("reconcile")
    assert (status, "0 disagreements" in out) == (0, True)


def test_a_pbx_that_was_never_observed_has_nothing_to_reconcile(place: Place) -> None:
    log = place.write("queue_log", LOG)
    status, _, err = place.run("reconcile", log, "--pbx", "lab")
    assert status == 1
    assert "use `minuteur import queue-log` instead" in err


def test_without_any_log_it_says_how_to_name_one(place: Place) -> None:
    status, _, err = place.run("reconcile")
    assert status == 1
    assert "name its files, or set queue_log" in err
