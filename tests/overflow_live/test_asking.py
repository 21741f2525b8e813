"""The dialplan asks, and goes its own way within the limit that the snippets state.

Whatever becomes of the monitor: killed, stopped, unreachable, wrong, or no longer willing.
"""

import signal
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.asterisk_lab.install import Version
from tests.overflow_live.asking import (
    PATIENCE,
    Asked,
    Asking,
    answer_of,
    asking,
    never_accepts,
    says,
)

pytestmark = pytest.mark.asterisk

LIMIT = 1.0
"""Seconds: what both snippets promise that the question costs the caller at most."""
SLACK = 3.0
"""Seconds for what this machine does beside; far below the 40 s that a caller would notice."""
YES = b"overflow=1&context=overflow&exten=to-sales&priority=1&reason=because"
WRONG: dict[str, bytes] = {
    "500": answer_of(b'{"error":{"code":"internal"}}', "500 Internal Server Error"),
    "garbage": b"\x00\xff=&=%\r\n" * 500,
    "cut off": answer_of(YES[:40]),
    "a place that is not there": answer_of(YES.replace(b"to-sales", b"to-nowhere")),
    "a place that is not allowed": answer_of(
        b"overflow=1&context=outside&exten=s&priority=1&reason=because"
    ),
}


@pytest.fixture(scope="module", params=["22", "16"])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Asking]:
    version: Version = request.param
    with asking(version, tmp_path_factory.mktemp("asking")) as place:
        yield place


def went_on(callers: list[Asked], error: bool = True) -> None:
    """They joined the queue for which they came, in time, and the dialplan could say why."""
    assert [caller.way for caller in callers] == ["curl", "agi"]
    for caller in callers:
        assert (caller.queue, caller.overflow) == ("support", "0"), caller
        assert 0 <= caller.after < LIMIT + SLACK, caller
        assert bool(caller.error) is error, caller


def test_who_is_to_overflow_goes_to_the_rule_s_place(place: Asking) -> None:
    for caller in place.ask("support"):
        assert (caller.queue, caller.overflow) == ("sales", "1"), caller
        assert "support-to-sales" in caller.reason
        assert caller.error == ""


def test_who_is_to_stay_joins_the_queue(place: Asking) -> None:
    for caller in place.ask("announced"):
        assert (caller.queue, caller.overflow) == ("announced", "0"), caller
        assert "no rule" in caller.reason
        assert caller.error == ""


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_answer_is_as_none(place: Asking, wrong: str) -> None:
    with says(WRONG[wrong]) as url:
        place.point_to(url)
        went_on(place.ask("support"), error=not wrong.startswith("a place"))
    place.point_to(place.url)


def test_a_stopped_monitor_costs_no_more_than_the_limit(place: Asking) -> None:
    place.kill(signal.SIGSTOP)
    try:
        went_on(place.ask("support"))
    finally:
        place.kill(signal.SIGCONT)


def test_an_unreachable_monitor_costs_no_more_than_the_limit(place: Asking) -> None:
    with never_accepts() as url:
        place.point_to(url)
        went_on(place.ask("support"))
    place.point_to(place.url)


@pytest.mark.parametrize("how", ["kill -9 $$", "exit 3", None])
def test_a_script_that_fails_or_is_not_there_costs_nothing(place: Asking, how: str | None) -> None:
    script = place.lab.dir / "agi-bin" / "minuteur-agi"
    whole = script.read_text()
    script.unlink()
    if how is not None:
        script.write_text(f"#!/bin/sh\n{how}\n")
        script.chmod(0o755)
    caller = place.ask("support")[1]
    assert (caller.queue, caller.overflow, caller.error) == ("support", "0", "no answer")
    script.write_text(whole)
    script.chmod(0o755)


def test_a_revoked_token_costs_nothing_and_a_killed_monitor_neither(place: Asking) -> None:
    with place.accounts() as accounts:
        assert accounts.revoke_token("pbx")
    end = time.monotonic() + PATIENCE
    while _may_ask(place):
        assert time.monotonic() < end
        time.sleep(0.2)
    callers = place.ask("support")
    went_on(callers)
    assert "unauthenticated" in callers[1].error

    place.kill(signal.SIGKILL)
    went_on(place.ask("support"))


def _may_ask(place: Asking) -> bool:
    answer = httpx.get(
        f"{place.url}/api/v1/overflow/decision",
        params={"pbx": "lab", "queue": "announced"},
        headers={"Authorization": f"Bearer {place.token}"},
        timeout=PATIENCE,
    )
    return answer.status_code == 200


def test_the_token_shows_nowhere(place: Asking) -> None:
    """Not in Asterisk's log, which has every question that failed, nor in what AMI clients saw."""
    log = place.lab.log_text()
    assert "api/v1/overflow/decision" in log
    assert place.token not in log
    assert not place.leaked
