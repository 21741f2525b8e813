"""The connection test against PBXs that do what a test tells them, and what its words mean."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from api.pbx_test_words import line
from telephony_adapters.asterisk.ami_login import AmiSettings
from telephony_adapters.asterisk.ari_client import AriSettings
from telephony_adapters.asterisk.pbx_test import AlreadyTestingError, Asked, check_pbx
from telephony_adapters.asterisk.pbx_test_reading import (
    Check,
    Heard,
    Report,
    Seen,
    callers_of,
    can_filter_by_name,
    feature_checks,
    hidden_check,
    output_of,
    read_checks,
    timestamps_check,
    version_check,
    write_checks,
)

from .scripted import SECRET, Fields, ScriptedPbx, message


async def no_time(_: float) -> None:
    """Listen for no time at all."""


async def report_on(pbx: ScriptedPbx, **more: Any) -> Report:  # noqa: ANN401
    ami = AmiSettings("lab", "127.0.0.1", pbx.port, "minuteur", SECRET)
    return await check_pbx(Asked(ami), lambda: pbx.now, **{"sleep": no_time, **more})


def found(report: Report) -> list[tuple[str, str]]:
    return [(check.code, check.status) for check in report.checks]


async def test_what_is_no_manager_is_said_to_be_none() -> None:
    async with ScriptedPbx() as pbx:
        pbx.greeting = b"220 mail ready\r\n"
        pbx.answers = dict.fromkeys(("Challenge", "Login"), pbx.silent)
        report = await report_on(pbx, limit=0.5)

    assert ("connect", "ok") in found(report)
    assert not report.good


async def test_a_pbx_that_does_not_answer_is_given_up_and_what_was_found_stays() -> None:
    async with ScriptedPbx() as pbx:
        pbx.answers["QueueSummary"] = pbx.silent
        report = await report_on(pbx, limit=0.5)

    assert found(report)[:3] == [("connect", "ok"), ("banner", "ok"), ("login", "ok")]
    assert found(report)[-1] == ("time", "failed")


async def test_a_connection_that_ends_in_the_middle_is_said() -> None:
    def cut(connection: Any, _: Fields) -> None:  # noqa: ANN401
        connection.cut()

    async with ScriptedPbx() as pbx:
        pbx.answers["QueueSummary"] = cut
        report = await report_on(pbx)

    assert found(report)[-1] == ("connection", "failed")


async def test_a_clock_that_is_off_is_told_with_its_offset() -> None:
    async with ScriptedPbx() as pbx:

        def late(_: object, action: Fields) -> bytes:
            stamp = f"{(pbx.now - 7_000) / 1000:.6f}"
            return message(Response="Success", ActionID=action["ActionID"], Timestamp=stamp)

        pbx.answers["Ping"] = late
        report = await report_on(pbx)

    clock = next(check for check in report.checks if check.code == "clock")
    assert (clock.status, clock.params) == ("warning", {"offset_s": 7.0})


async def test_one_pbx_is_tested_once_at_a_time() -> None:
    waiting, go_on = asyncio.Event(), asyncio.Event()

    async def hold(_: float) -> None:
        waiting.set()
        await go_on.wait()

    async with ScriptedPbx() as pbx:
        first = asyncio.create_task(report_on(pbx, sleep=hold))
        await waiting.wait()
        with pytest.raises(AlreadyTestingError):
            await report_on(pbx)
        go_on.set()
        assert ("login", "ok") in found(await first)
        assert ("login", "ok") in found(await report_on(pbx)), "and again afterwards"


async def test_ari_is_looked_at_though_the_manager_is_not_there() -> None:
    nowhere = AriSettings("lab", "http://127.0.0.1:1/ari", "u", "p", "minuteur")
    ami = AmiSettings("lab", "127.0.0.1", 1, "minuteur", SECRET)

    report = await check_pbx(Asked(ami, nowhere), lambda: 0)

    assert found(report) == [("connect", "failed"), ("ari_connect", "failed")]


# --- what it means ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "status", "by_name"),
    [
        ("16.28.0~dfsg-0+deb11u4", "ok", False),
        ("16.24.1", "failed", False),
        ("13.38.3", "failed", False),
        ("20.11.1", "ok", False),
        ("22.0.0", "ok", False),
        ("22.1.0", "ok", True),
        ("22.10.1", "ok", True),
        ("23.0.0", "warning", True),
        ("GIT-master-1234", "skipped", True),
        ("", "skipped", True),
    ],
)
def test_versions_are_those_that_we_know_or_not(version: str, status: str, by_name: bool) -> None:
    assert version_check(version).status == status
    assert can_filter_by_name(version) is by_name


EVERYTHING = ("CoreShowChannels", "Filter", "QueueWithdrawCaller", "QueueChangePriorityCaller")


def test_what_is_not_there_fails_only_if_a_rule_needs_it() -> None:
    without = [*EVERYTHING[:2]]
    nobody, somebody = (
        feature_checks(without, {}),
        feature_checks(without, {"QueueWithdrawCaller": ("out",)}),
    )

    assert [check.status for check in nobody] == ["warning", "warning"]
    assert [check.status for check in somebody] == ["failed", "warning"]
    assert somebody[0].params["rules"] == ["out"]


def test_a_right_is_looked_at_where_watching_or_a_rule_wants_it() -> None:
    needed = {"QueueAdd": ("help",), "DBPut": ("key", "lamp")}

    assert [(check.code, check.status) for check in write_checks(EVERYTHING, {})] == [
        ("write_reporting", "ok"),
        ("write_system", "ok"),
    ]
    checks = {check.code: check for check in write_checks((), needed)}
    assert {code: check.status for code, check in checks.items()} == {
        "write_reporting": "warning",
        "write_system": "failed",
        "write_agent": "failed",
    }
    assert checks["write_system"].params == {
        "actions": ["DBPut", "Filter"],
        "rules": ["key", "lamp"],
    }


CALLER = {"Uniqueid": "1.2", "Channel": "PJSIP/trunk-1", "Application": "Queue"}
DIALLED = {"Uniqueid": "1.3", "Channel": "PJSIP/anna-1", "Application": "AppQueue"}
HALF = {"Uniqueid": "1.4", "Channel": "Local/x@y-1;1", "Application": "Wait"}


def statuses(heard: Heard, seen: Seen, told: list[str] | None = None) -> Mapping[str, str]:
    checks = read_checks(heard, seen, told, wants_digits=False)
    return {check.code.removeprefix("read_"): check.status for check in checks}


def test_a_class_is_missing_where_something_happened_and_nothing_was_told() -> None:
    def came(*channels: Mapping[str, str], joined: bool = False) -> Seen:
        return Seen({}, {c["Uniqueid"]: dict(c) for c in channels}, joined=joined)

    quiet, nothing = "skipped", Heard()
    assert statuses(nothing, Seen()) == {
        "system": "warning", "call": quiet, "agent": quiet, "user": quiet, "dialplan": quiet,
    }  # fmt: skip
    assert statuses(nothing, came(DIALLED, HALF))["call"] == "failed"
    assert statuses(nothing, came(DIALLED, HALF))["dialplan"] == quiet
    assert statuses(nothing, came(CALLER))["dialplan"] == "failed"
    assert statuses(nothing, came(joined=True))["agent"] == "failed"
    assert statuses(nothing, Seen(), ["call", "system"]) == {
        "system": "ok", "call": "ok", "agent": "failed", "user": "warning", "dialplan": "failed",
    }  # fmt: skip
    assert set(statuses(nothing, Seen(), ["all"]).values()) == {"ok"}


def test_an_event_proves_its_class_and_whether_events_tell_their_time() -> None:
    heard = Heard()
    assert timestamps_check(heard, None).status == "skipped"
    heard.take({"Event": "FullyBooted", "Privilege": "system,all"})
    assert timestamps_check(heard, None).status == "skipped", "it never tells its time"
    heard.take({"Event": "Newchannel", "Privilege": "call,all", "Uniqueid": "1.2"})
    assert timestamps_check(heard, None).status == "failed"
    assert timestamps_check(heard, ["Yes"]).status == "ok"
    heard.take({"Event": "Hangup", "Privilege": "call,all", "Timestamp": "1.5"})
    assert timestamps_check(heard, None).status == "ok"
    assert (statuses(heard, Seen())["system"], statuses(heard, Seen())["call"]) == ("ok", "ok")


def test_an_arrival_that_nobody_told_of_is_hidden_if_others_are_told() -> None:
    heard = Heard()
    heard.take({"Event": "Hangup", "Privilege": "call,all"})
    new = Seen({}, {"1.2": CALLER})

    assert hidden_check(heard, new, (), {"Newchannel"}).params == {"events": ["Newchannel"]}
    assert hidden_check(heard, Seen(), ["Hangup", "Cdr"], {"Hangup"}).params == {
        "events": ["Hangup"]
    }
    heard.take({"Event": "Newchannel", "Privilege": "call,all", "Uniqueid": "1.2"})
    assert hidden_check(heard, new, (), {"Newchannel"}).status == "ok"
    assert hidden_check(heard, Seen(), (), {"Newchannel"}).status == "skipped"


def test_the_lines_of_a_command_are_read() -> None:
    printed = {"Output": "\n       username: m\n      read perm: call,agent\n     write perm: \n"}

    assert output_of(printed, "read perm") == ["call", "agent"]
    assert output_of(printed, "write perm") == []
    assert output_of(printed, "ACL") is None
    assert output_of(None, "read perm") is None


def test_callers_of_queues_are_counted_as_the_pbx_lists_them() -> None:
    summary = [
        {"Response": "Success"},
        {"Queue": "a", "Callers": "3"},
        {"Queue": "b", "Callers": "?"},
    ]

    assert callers_of(summary) == {"a": 3}


# --- in words -----------------------------------------------------------------------------------

CHECKS = [
    Check("connect", "failed", {"reason": "unreachable", "said": "Connection refused"}),
    Check("banner", "failed", {"said": ""}),
    Check("login", "failed", {"reason": "refused", "said": "Authentication failed"}),
    Check("version", "failed", {"version": "13.1", "reason": "old"}),
    Check("clock", "warning", {"offset_s": -7.0}),
    Check("queues", "warning", {"queues": ["a"], "missing": ["b"]}),
    Check("context", "failed", {"context": "in"}),
    Check("voice_context", "skipped", {"context": "in*", "reason": "pattern"}),
    Check("read_dtmf", "skipped", {"how": "quiet"}),
    Check("event_filter", "failed", {"events": ["Hangup"]}),
    Check("timestamps", "failed"),
    Check("write_call", "failed", {"actions": ["Redirect"], "rules": ["r"]}),
    Check("feature_withdraw", "warning", {"action": "X", "since": "1", "rules": []}),
    Check("feature_eventfilter", "warning", {"since": "22.1"}),
    Check("ari_connect", "failed", {"reason": "no_ari"}),
    Check("ari_login", "failed", {"reason": "refused"}),
    Check("ari_app", "failed", {"app": "ivr"}),
    Check("time", "failed", {"seconds": 10.0}),
    Check("connection", "failed"),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_each_check_has_words(check: Check) -> None:
    words = line(check)

    assert words.partition("] ")[2] != check.code
    assert len(words.split()) > 3
    assert "{" not in words
