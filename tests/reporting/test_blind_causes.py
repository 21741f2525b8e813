"""Why nobody looked has a stable code, whoever noticed it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.composition import STOPPED
from api.pbx_crew import CHANGED
from api.restoring import NOT_CONFIGURED, NOT_RUNNING
from monitor.core.engine import NOT_WATCHED
from monitor.reporting.blind_causes import CODES, OTHER, RESTARTED, codes_of
from monitor.reporting.words import LANGUAGES
from telephony_adapters.asterisk import ami_link, ami_login


@pytest.mark.parametrize(
    ("cause", "codes"),
    [
        (STOPPED, ("monitor_stopped",)),
        (NOT_RUNNING, ("monitor_not_running",)),
        (NOT_WATCHED, ("not_watched",)),
        (NOT_CONFIGURED, ("not_watched",)),
        (CHANGED, ("settings_changed",)),
        ("The PBX lab closed the connection; trying again until it answers.", ("closed",)),
        (f"{STOPPED} The PBX started anew.", ("monitor_stopped", RESTARTED)),
        (" The PBX started anew.", (RESTARTED,)),
        ("Lightning struck.", (OTHER,)),
        ("", ()),
    ],
)
def test_a_cause_has_its_codes(cause: str, codes: tuple[str, ...]) -> None:
    assert codes_of(cause) == codes


def told_by(file: str) -> Iterator[str]:
    """All that a link says of why it ended, with "x" for what it fills in."""
    for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
        said: ast.expr | None = None
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "LinkError":
            said = node.args[0]
        elif isinstance(node, ast.Return):
            said = node.value
        if isinstance(said, ast.BinOp):
            said = said.left
        if isinstance(said, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "x" for p in said.values)
            yield "".join(map(str, parts))


def test_all_that_a_link_says_has_a_code() -> None:
    texts = [text for module in (ami_link, ami_login) for text in told_by(str(module.__file__))]
    assert len(texts) > 12
    assert [text for text in texts if text.endswith(".") and codes_of(text) == (OTHER,)] == []


def test_every_code_has_its_words() -> None:
    for language in LANGUAGES.values():
        assert {f"bc.{code}" for code in CODES} <= language.words.keys()
