"""What docs/evidence.md tells auditors to do by themselves."""

import hashlib
import re
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from monitor.evidence.readme import LINES, TEXT
from monitor.history import History
from tests.evidence.packs import pack_of
from tests.evidence.samples import FIRST, after_days, fill, next_correction, seal_all

DOC = Path(__file__).parents[2] / "docs" / "evidence.md"


@pytest.fixture
def unzipped(sqlite: History, tmp_path: Path) -> Path:
    """A pack of two days, with an amendment, as an auditor has it."""
    fill(sqlite, days=2)
    seal_all(sqlite, after_days(1))
    next_correction(sqlite)
    seal_all(sqlite, after_days(3))
    folder = tmp_path / "pack"
    with zipfile.ZipFile(BytesIO(pack_of(sqlite, FIRST, FIRST))) as opened:
        opened.extractall(folder)
    return folder


def twenty_lines(folder: Path) -> subprocess.CompletedProcess[str]:
    found = re.search(r"```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    assert len([line for line in found[1].splitlines() if line]) <= 20
    command = [sys.executable, "-c", found[1], str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_twenty_lines_of_ones_own_find_the_head(unzipped: Path) -> None:
    done = twenty_lines(unzipped)
    last = (unzipped / "seals.jsonl").read_bytes().splitlines()[-1]
    head = hashlib.sha256(last).hexdigest()
    days = "from 2026-03-31 to 2026-04-03"
    assert done.stdout == f"head of the chain {days}: {head}\n", done.stderr


def test_the_readme_of_a_pack_has_the_same_lines_and_says_how_to_run_them(unzipped: Path) -> None:
    assert f"```python\n{LINES}```" in DOC.read_text(encoding="utf-8")
    readme = (unzipped / "README.txt").read_text(encoding="utf-8")
    assert "docs/" not in readme
    commands = set(re.findall(r"^ +(sed -n .*)$", readme, re.MULTILINE))
    assert len(commands) == 1
    command = commands.pop()
    assert f"`{command}`" in DOC.read_text(encoding="utf-8")
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=unzipped, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.stdout == twenty_lines(unzipped).stdout


@pytest.mark.parametrize(
    "name",
    ["days/2026-04-01/calls", "days/2026-04-01/facts", "amendments/2026-04-02/amendments"],
)
def test_they_name_what_was_sealed_and_has_no_file(unzipped: Path, name: str) -> None:
    (unzipped / f"{name}.sha256").unlink()
    done = twenty_lines(unzipped)
    assert done.stdout.splitlines()[:-1] == [f"sealed, but not in the pack: {name}"], done.stderr


def test_they_find_seals_cut_off_at_the_begin(unzipped: Path) -> None:
    seals = unzipped / "seals.jsonl"
    seals.write_bytes(b"".join(seals.read_bytes().splitlines(keepends=True)[1:]))
    assert "the chain breaks before" in twenty_lines(unzipped).stderr


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("seals.jsonl", "the chain breaks before"),
        ("days/2026-04-01/calls.jsonl", "calls.jsonl"),
        ("days/2026-04-01/calls.sha256", "not what was sealed: "),
        ("days/2026-04-01/facts.jsonl", "facts.jsonl"),
        ("amendments/2026-04-02/amendments.jsonl", "amendments.jsonl"),
    ],
)
def test_they_find_what_was_changed(unzipped: Path, file: str, said: str) -> None:
    text = (unzipped / file).read_bytes()
    (unzipped / file).write_bytes(text.replace(b"1", b"2", 1))
    done = twenty_lines(unzipped)
    assert done.returncode == 1
    assert said in done.stderr


def test_sha256sum_checks_the_files_and_gives_the_roots(unzipped: Path) -> None:
    checked = subprocess.run(
        ["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=unzipped, check=False, capture_output=True
    )
    assert checked.returncode == 0, checked.stderr
    root = subprocess.run(
        ["sha256sum", "days/2026-04-01/calls.sha256"],
        cwd=unzipped, check=True, capture_output=True, text=True,
    ).stdout.split()[0]  # fmt: skip
    assert root in (unzipped / "seals.jsonl").read_text(encoding="utf-8")


def test_nothing_says_that_anybody_is_certified() -> None:
    for text in (TEXT, DOC.read_text(encoding="utf-8")):
        assert not re.search(r"certif|compliant|conform", text, re.IGNORECASE)
