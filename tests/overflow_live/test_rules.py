"""Rules on real Asterisks, from the settings file to the queue log and our own record.

One monitor watches an Asterisk 22 and an Asterisk 16; the same calls are played on both.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk_lab import queue_log
from tests.asterisk_lab.ami import AmiTap, LabAmi, parse_stream
from tests.asterisk_lab.callers import Agent, Caller, call, originate, ring
from tests.asterisk_lab.server import AsteriskLab
from tests.overflow_live.centre import (
    RULES,
    comings_and_goings,
    members,
    overflow_lab,
    story,
    wait_until,
    waiting,
)
from tests.overflow_live.race import everything
from tests.scenarios.product import Product

pytestmark = pytest.mark.asterisk

QUEUED, IN_MENU, BUSY = "0698000001", "0698000002", ("0698000003", "0698000004")
SECOND, SUPPORT = Agent("agent1", ring=100, talk=200), Agent("agent2", ring=100, talk=200)
HELPER = "Local/a_200_300_9@agents/n"
LASTING = ("helper", "lamp", "variable", "key")


@dataclass(frozen=True)
class Seen:
    """What was seen of one PBX while the calls were played."""

    lab: AsteriskLab
    frames: list[dict[str, str]]
    while_on: Mapping[str, str]
    """The variable and the key while the rules held."""
    after: Mapping[str, str]


@dataclass(frozen=True)
class Played:
    """A monitor that goes on running, and what was seen of its PBXs."""

    product: Product
    seen: Mapping[str, Seen]


def outside(ami: LabAmi) -> dict[str, str]:
    """The variable, the key and the lamp, as the PBX has them."""
    lamp = ami.action("ExtensionState", Context="overflow-lamps", Exten="overflow-support")
    key = ami.request("DBGet", Family="overflow", Key="support")
    return {
        "variable": ami.action("Getvar", Variable="OVERFLOW_SUPPORT")["Value"],
        "key": key["Response"],
        "lamp": lamp["StatusText"],
    }


def standing_rules(product: Product, pbx: str) -> set[str]:
    return {one["rule"] for one in product.get("/overflow/standing")["items"] if one["pbx"] == pbx}


def play(product: Product, pbx: str, lab: AsteriskLab, tap: AmiTap) -> Callable[[], Seen]:
    """Play the calls on one PBX until all of them, and all that rules turned on, are over."""
    with lab.ami() as ami, ExitStack() as stack:
        for queue, agent in (("of-second", SECOND), ("support", SUPPORT)):
            stack.callback(ring(lab, agent).stop)
            ami.action("QueueAdd", Queue=queue, Interface=agent.interface)
        for exten, number in (("of-first", QUEUED), ("of-menu", IN_MENU)):
            stack.callback(call(lab, Caller(exten), [number]).stop)
        for number in BUSY:
            originate(ami, "of-busy", number, 20_000)
        wait_until(lambda: HELPER in members(ami, "of-busy"), "the helper to be there")
        on = {"variable": "1", "key": "Success", "lamp": "InUse"}
        wait_until(lambda: outside(ami) == on, "everything to be on")
        while_on = outside(ami)
        wait_until(lambda: not waiting(ami, "of-busy"), "the helper to take the callers")
        wait_until(lambda: HELPER not in members(ami, "of-busy"), "the helper to be gone")
        wait_until(lambda: not standing_rules(product, pbx), "nothing to stand")
        wait_until(lambda: not ami.listing("CoreShowChannels"), "all calls to be over")
        after = outside(ami)
    done = {"pbx": pbx, "outcome": "done"}
    wait_until(
        lambda: len(list(everything(product, "/overflow/commands", **done))) >= 2 * len(LASTING),
        "all that was done to be stored",
    )

    def seen() -> Seen:
        tap.close()
        frames = parse_stream((lab.dir / "rules.ami").read_bytes())
        return Seen(lab, frames, while_on, after)

    return seen


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    labs = {"paris": overflow_lab("22"), "lyon": overflow_lab("16")}
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        for lab in labs.values():
            stack.callback(lab.remove)
            stack.callback(lab.stop)
        list(pool.map(AsteriskLab.start, labs.values()))
        taps = [AmiTap(lab.ami_port, lab.dir / "rules.ami") for lab in labs.values()]
        directory: Path = tmp_path_factory.mktemp("rules")
        product = stack.enter_context(Product(directory, labs, extra=RULES))
        playing = [
            pool.submit(play, product, pbx, lab, tap)
            for (pbx, lab), tap in zip(labs.items(), taps, strict=True)
        ]
        seen = [one.result()() for one in playing]
        yield Played(product, dict(zip(labs, seen, strict=True)))


PBXS = pytest.mark.parametrize("pbx", ["paris", "lyon"])


def the_call(played: Played, pbx: str, number: str) -> dict[str, Any]:
    """The whole record of a call, by its caller's number."""
    (found,) = [one for one in played.product.calls(pbx=pbx) if one["caller"] == number]
    call: dict[str, Any] = played.product.get(f"/calls/{found['id']}")
    return call


def the_command(played: Played, pbx: str, rule: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The one decision of a rule about a caller, and the one command that it led to."""
    wanted = {"pbx": pbx, "rule": rule}
    (decision,) = everything(played.product, "/overflow/decisions", **wanted)
    (command,) = everything(played.product, "/overflow/commands", **wanted)
    assert command["decision"] == decision["id"]
    return decision, command


def said(call: Mapping[str, Any]) -> list[str]:
    """What the timeline says of overflow, in order."""
    return [fact["kind"] for fact in call["timeline"] if fact["kind"].startswith("overflow")]


TOLD = ["overflow_decided", "overflow_commanded", "overflow_outcome"]


@PBXS
def test_who_would_miss_the_deadline_is_answered_in_the_second_queue_in_time(
    played: Played, pbx: str
) -> None:
    lab = played.seen[pbx].lab
    assert [one for one in story(lab, QUEUED) if one[0] != "RINGNOANSWER"][:4] == [
        ("ENTERQUEUE", "of-first"),
        ("WITHDRAW", "of-first"),
        ("ENTERQUEUE", "of-second"),
        ("CONNECT", "of-second"),
    ]
    call = the_call(played, pbx, QUEUED)
    assert call["verdict"] == "met"
    assert call["handled_at"] < call["deadline_at"]
    assert [(v["queue"], v["exit"]) for v in call["visits"]] == [
        ("of-first", "withdrawn"),
        ("of-second", "answered"),
    ]
    assert said(call) == TOLD
    decision, command = the_command(played, pbx, "second-queue")
    assert (decision["verb"], decision["held_back"]) == ("move", False)
    assert decision["reason"]
    assert (command["accepted"], command["outcome"]) == (True, "moved")
    lines = queue_log.read_database(lab.queue_log_database())
    (left,) = [one.time for one in lines if (one.event, one.queue) == ("WITHDRAW", "of-first")]
    observed = datetime.fromisoformat(command["observed_at"]).timestamp()
    assert abs(observed - left) < 1.0, "the moment of the effect is the queue log's"


@PBXS
def test_who_is_in_the_voice_server_is_redirected(played: Played, pbx: str) -> None:
    lab = played.seen[pbx].lab
    assert story(lab, IN_MENU)[:2] == [("ENTERQUEUE", "support"), ("CONNECT", "support")]
    call = the_call(played, pbx, IN_MENU)
    assert [stay["name"] for stay in call["voice_server_stays"]] == ["of-menu"]
    assert [(v["queue"], v["exit"]) for v in call["visits"]] == [("support", "answered")]
    assert said(call) == TOLD
    _, command = the_command(played, pbx, "out-of-the-menu")
    assert (command["kind"], command["accepted"]) == ("redirect_channel", True)
    assert command["outcome"] == "moved"


@PBXS
def test_a_helper_comes_and_goes(played: Played, pbx: str) -> None:
    seen = played.seen[pbx]
    assert comings_and_goings(seen.lab, "of-busy") == [
        ("ADDMEMBER", HELPER),
        ("REMOVEMEMBER", HELPER),
    ]
    for number in BUSY:
        assert ("CONNECT", "of-busy") in story(seen.lab, number)
    assert orders(played, pbx, "helper") == [("add_member", "done"), ("remove_member", "done")]


def orders(played: Played, pbx: str, rule: str) -> list[tuple[str, str]]:
    """What a rule ordered and what came of it, oldest first."""
    found = everything(played.product, "/overflow/commands", pbx=pbx, rule=rule)
    return [(one["kind"], one["outcome"]) for one in reversed(list(found))]


@PBXS
def test_a_lamp_lights_and_goes_out_on_the_phones(played: Played, pbx: str) -> None:
    states = [
        one["StatusText"]
        for one in played.seen[pbx].frames
        if one.get("Event") == "ExtensionStatus" and one["Exten"] == "overflow-support"
    ]
    assert states == ["InUse", "Idle"]
    assert orders(played, pbx, "lamp") == [("change_lamp", "done")] * 2


@PBXS
def test_a_variable_and_a_key_are_set_and_set_back(played: Played, pbx: str) -> None:
    seen = played.seen[pbx]
    assert seen.while_on == {"variable": "1", "key": "Success", "lamp": "InUse"}
    assert seen.after == {"variable": "0", "key": "Error", "lamp": "Idle"}
    assert orders(played, pbx, "variable") == [("set_global", "done")] * 2
    assert orders(played, pbx, "key") == [("put_database", "done")] * 2


@PBXS
def test_what_lasts_is_told_with_its_reasons(played: Played, pbx: str) -> None:
    for rule in LASTING:
        found = list(everything(played.product, "/overflow/decisions", pbx=pbx, rule=rule))
        assert [one["verb"] for one in reversed(found)] == ["turn_on", "turn_off"]
        assert all(one["reason"] for one in found)
