"""``minuteur simulate-rule``."""

import json
from pathlib import Path

import pytest

from api.cli import main
from monitor.history.database import open_history
from monitor.history.writer import BatchWriter
from tests.api.test_simulations import record

SETTINGS = """
[history]
database = "sqlite:///{folder}/minuteur.db"
[[pbx]]
name = "lab"
username = "minuteur"
secret = "x"
incoming_contexts = ["incoming"]
[[overflow_rule]]
id = "in-the-file"
queues = ["support"]
when = [{{ metric = "time_left", at_most = 20 }}]
do = {{ withdraw = {{ context = "overflow", queue = "backup" }} }}
"""
RULE = """
[[overflow_rule]]
id = "tried"
name = "Support to backup"
queues = ["support"]
when = [{ metric = "waited", at_least = 40 }]
do = { withdraw = { context = "overflow", queue = "backup" } }
"""
RANGE = ("--from", "2025-11-21T08:00", "--to", "2025-11-21")


class Place:
    """A folder with settings and a record; the command runs in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        (folder / "minuteur.toml").write_text(SETTINGS.format(folder=folder))
        with (
            open_history(f"sqlite:///{folder}/minuteur.db") as history,
            BatchWriter(history) as writer,
        ):
            writer.add(record())

    def run(self, *arguments: object) -> tuple[int, str, str]:
        config = ("--config", str(self.folder / "minuteur.toml"))
        with pytest.raises(SystemExit) as ended:
            main(["simulate-rule", *map(str, arguments), *config])
        said = self._capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(tmp_path, capsys)


def test_the_report_says_what_would_have_come_of_it_call_by_call(place: Place) -> None:
    status, out, _ = place.run("--rule", place.write("rule.toml", RULE), *RANGE)
    assert status == 0
    assert "Rule tried (Support to backup) on 3 calls from 2025-11-21 08:00:00" in out
    assert "breached                1         0              -1" in out
    assert "met / (met + breached)  66.7 %    100.0 %" in out
    assert "1 caller would have been moved. Breaches avoided: 1; caused: 0." in out
    (line,) = (line for line in out.splitlines() if "lab:0.1" in line)
    assert "75 s" in line
    assert "breached → met" in line
    assert "waited 40 s (40 s or more asked)" in line
    assert "This is an estimate. Not considered:" in out


def test_a_rule_is_found_by_its_id(place: Place) -> None:
    status, out, _ = place.run("--rule", "in-the-file", *RANGE)
    assert status == 0
    assert "1 caller would have been moved" in out


def test_the_same_as_json(place: Place) -> None:
    body = {
        "id": "tried", "queues": ["support"], "version": 3, "updated_by": "zoé",
        "when": [{"metric": "waited", "at_least": 40}],
        "do": {"withdraw": {"context": "overflow", "queue": "backup"}},
    }  # fmt: skip
    rule = place.write("rule.json", json.dumps(body))
    status, out, _ = place.run("--rule", rule, "--json", *RANGE)
    assert status == 0
    found = json.loads(out)
    assert (found["moved"], found["breaches_avoided"]) == (1, 1)
    assert found["rule"]["id"] == "tried"


def test_without_calls_it_says_so(place: Place) -> None:
    status, out, _ = place.run(
        "--rule", "in-the-file", "--from", "2024-01-01", "--to", "2024-01-02"
    )
    assert status == 0
    assert "The record holds no calls of that time." in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--rule", "nope"), "There is no overflow rule nope"),
        (("--rule", "nope"), "and no file of that name. Known rules: in-the-file."),
        (("--rule", "missing.toml"), "There is no file missing.toml."),
        (("--rule", "in-the-file", "--queue", "sales"), "does not watch the queue sales"),
        (("--rule", "in-the-file", "--pbx", "x"), "There is no [[pbx]] named x. Configured: lab."),
        (("--rule", "in-the-file", "--from", "soon"), "--from soon: write a day"),
        (("--rule", "in-the-file", "--from", "2025-02-01", "--to", "2025-01-01"),
         "--from does not lie before --to."),
    ],
)  # fmt: skip
def test_mistakes_are_explained(place: Place, arguments: tuple[str, ...], said: str) -> None:
    status, out, err = place.run(*arguments)
    assert (status, out) == (1, "")
    assert said in err


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.toml", "x = ", "cannot be read"),
        ("b.json", "{", "cannot be read"),
        ("c.toml", RULE + RULE, "holds 2 rules"),
        ("d.toml", RULE.replace("waited", "hunger"), "there is no metric 'hunger'"),
        ("e.toml", RULE.replace('{ withdraw = { context = "overflow", queue = "backup" } }',
                                "{ prioritise = 10 }"), "moves no callers"),
    ],
)  # fmt: skip
def test_a_bad_file_is_explained(place: Place, name: str, text: str, said: str) -> None:
    status, _, err = place.run("--rule", place.write(name, text), *RANGE)
    assert status == 1
    assert said in err
