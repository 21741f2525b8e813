"""Overflow rules in a settings file: taken over, or told with their line and what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.loading import SettingsError, load

Write = Callable[[str], Path]

PBX = """[[pbx]]
name = "lab"
username = "minuteur"
secret = "hush"
incoming_contexts = ["incoming"]
"""
RULE = """[[overflow_rule]]
id = "support-to-backup"
queues = ["support"]
do = { withdraw = { context = "overflow", queue = "backup" } }
when = [{ metric = "time_left", at_most = 20 }]
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> Path:
        path = tmp_path / "centre.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems(path: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(path)
    return caught.value.problems


def test_rules_are_taken_over_and_overflow_is_on(write: Write) -> None:
    settings = load(write(PBX + RULE)).settings

    assert [rule.id for rule in settings.overflow_rule] == ["support-to-backup"]
    assert settings.overflow_rule[0].do.kind == "withdraw"
    assert settings.overflow.enabled


def test_overflow_may_begin_switched_off(write: Write) -> None:
    assert not load(write(PBX + "[overflow]\nenabled = false\n")).settings.overflow.enabled


def test_every_problem_is_told_with_the_rule_and_its_line(write: Write) -> None:
    path = write(
        """[overflow]
enabled = "yes"
[[overflow_rule]]
id = "first"
queues = ["backup"]
do = { withdraw = { context = "a,b", queue = "backup" } }
when = [
  { metric = "wating", at_least = 3 },
]
[[overflow_rule]]
name = "Second"
qeues = ["support"]
do.prioritise = 1
do.lamp.name = "x"
[[overflow_rule]]
id = "third"
queues = ["support"]
hops = 0
"""
    )

    told = "\n".join(problems(path))

    for line in (
        "line 2: [overflow]: enabled: it should be a valid boolean (got 'yes')",
        'line 6: [overflow_rule.do.withdraw] "first": context: it holds a comma; context, exten',
        "line 7: [overflow_rule.when] \"first\" number 1: metric: there is no metric 'wating'; did",
        "line 12: [[overflow_rule]] \"Second\": unknown key 'qeues'; did you mean 'queues'?",
        "[[overflow_rule]] \"Second\": 'id' is missing; write small letters",
        '[[overflow_rule]] "Second": do: a rule does one thing, and this names prioritise and lamp',
        "line 15: [[overflow_rule]] \"third\": 'do' is missing; write one action",
        'line 18: [[overflow_rule]] "third": hops: it should be greater than or equal to 1 (got 0)',
    ):
        assert line in told, told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (RULE + RULE, '[[overflow_rule]]: the id "support-to-backup" is used twice; each rule has'),
        (
            RULE + 'pbx = "bal"\n',
            '[[overflow_rule]] "support-to-backup": there is no [[pbx]] named "bal"; leave pbx out',
        ),
    ],
)
def test_what_is_wrong_between_tables_is_told(write: Write, text: str, told: str) -> None:
    lines = problems(write(PBX + text))

    assert any(told in line for line in lines), lines


def test_a_redirect_out_of_an_unknown_voice_server_is_odd(write: Write) -> None:
    rule = """[[overflow_rule]]
id = "out"
voice_servers = ["welcom"]
do = { redirect = { context = "overflow", queue = "backup" } }
when = [{ metric = "waited", at_least = 40 }]
"""
    server = '[[voice_server]]\nname = "welcome"\ncontexts = ["ivr"]\n'

    odd = load(write(PBX + server + rule)).warnings
    fine = load(write(PBX + server + rule.replace('"welcom"', '"welc*"'))).warnings

    (told,) = odd
    assert told == (
        '[[overflow_rule]] "out" redirects callers out of welcom, and no [[voice_server]] has such '
        "a name; known are welcome."
    )
    assert fine == ()


def test_rules_that_lead_into_each_others_queues_are_odd(write: Write) -> None:
    back = (
        RULE.replace("support-to-backup", "back")
        .replace('["support"]', '["back*"]')
        .replace('"backup"', '"support"')
    )

    odd = load(write(PBX + RULE + back)).warnings
    resting = load(write(PBX + RULE + back + "enabled = false\n")).warnings

    (told,) = odd
    assert told == (
        '[[overflow_rule]] "support-to-backup" leads from support to backup, and "back" back '
        "again: a caller is never moved back, so while both apply neither moves anybody."
    )
    assert resting == ()
