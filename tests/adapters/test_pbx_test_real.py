"""The connection test against real Asterisks, with accounts that each lack one thing."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest

from telephony_adapters.asterisk.ami_login import AmiSettings
from telephony_adapters.asterisk.ari_client import AriSettings
from telephony_adapters.asterisk.pbx_test import Asked, check_pbx
from telephony_adapters.asterisk.pbx_test_ari import ari_checks
from telephony_adapters.asterisk.pbx_test_reading import Check, Report
from tests.asterisk_lab.ami import LabAmi
from tests.asterisk_lab.server import AsteriskLab, LabOptions

pytestmark = pytest.mark.asterisk

READ, WRITE = "system,call,agent,dialplan,user", "reporting,system"
ACCOUNTS = {
    "sample": (READ, WRITE),
    "no-system": ("call,agent,dialplan,user", WRITE),
    "no-call": ("system,agent,dialplan,user", WRITE),
    "no-agent": ("system,call,dialplan,user", WRITE),
    "no-dialplan": ("system,call,agent,user", WRITE),
    "no-user": ("system,call,agent,dialplan", "reporting,system,user,command"),
    "no-rights": (READ, ""),
    "filtered": (READ, f"{WRITE}\neventfilter = !Event: Newchannel"),
    "commander": (READ, f"{WRITE},command,call"),
    "once": (READ, f"{WRITE}\nallowmultiplelogin = no"),
    "elsewhere": (READ, f"{WRITE}\ndeny = 0.0.0.0/0.0.0.0\npermit = 192.0.2.1/255.255.255.255"),
}
CONF = "\n".join(
    f"[{name}]\nsecret = right\nread = {read}\nwrite = {write}\n"
    for name, (read, write) in ACCOUNTS.items()
)


@pytest.fixture(scope="module", params=["22", "16"])
def lab(request: pytest.FixtureRequest) -> Iterator[AsteriskLab]:
    """A lab of each version; the old one sends its events without their time."""
    stamped = request.param == "22"
    options = LabOptions(
        version=request.param, timestamp_events=stamped, append={"manager.conf": CONF}
    )
    with AsteriskLab(options) as running:
        yield running


def is_new(lab: AsteriskLab) -> bool:
    return lab.options.version == "22"


async def report_on(
    lab: AsteriskLab, account: str, secret: str = "right", **asked: object
) -> Report:
    """Test the lab while a caller comes and waits in a queue."""

    async def call(_: float) -> None:
        with LabAmi(lab.ami_port) as ami:
            await asyncio.to_thread(_queue_a_caller, ami)

    ami = AmiSettings("lab", "127.0.0.1", lab.ami_port, account, secret)
    try:
        return await check_pbx(
            replace(Asked(ami), **asked),  # type: ignore[arg-type]
            lambda: time.time_ns() // 1_000_000,
            sleep=call,
        )
    finally:
        await asyncio.to_thread(_hang_up_all, lab)


def _hang_up_all(lab: AsteriskLab) -> None:
    """Hang up, and see them gone: the next test compares before and after."""
    with LabAmi(lab.ami_port) as ami:
        ami.request("Hangup", Channel="/^Local/.*/")
        _wait_until(lambda: not _channels(ami) and _waiting(ami) == 0, "the caller stays")


def _queue_a_caller(ami: LabAmi) -> None:
    ami.action(
        "Originate",
        Channel="Local/support-now@incoming/n",
        Application="Wait",
        Data="60",
        Async="true",
    )
    _wait_until(lambda: _waiting(ami) == 1, "no caller came")


def _wait_until(happened: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


def _waiting(ami: LabAmi) -> int:
    """How many callers wait in all queues."""
    return sum(int(item.get("Callers", 0)) for item in ami.listing("QueueSummary"))


def _channels(ami: LabAmi) -> list[str]:
    return [item["Channel"] for item in ami.listing("CoreShowChannels") if "Channel" in item]


def by_code(report: Report) -> dict[str, Check]:
    return {check.code: check for check in report.checks}


def troubles(report: Report) -> dict[str, str]:
    return {c.code: c.status for c in report.checks if c.status in ("failed", "warning")}


def without_old(found: Mapping[str, str], lab: AsteriskLab) -> dict[str, str]:
    """What is found besides what the old lab lacks by itself."""
    itself = {} if is_new(lab) else {"timestamps": "failed", "feature_eventfilter": "warning"}
    assert found.items() >= itself.items()
    return {code: status for code, status in found.items() if code not in itself}


async def test_the_samples_account_has_all_that_it_needs(lab: AsteriskLab) -> None:
    report = await report_on(lab, "sample", contexts=("incoming",), queues=("support",))

    assert without_old(troubles(report), lab) == {}
    found = by_code(report)
    assert report.version.startswith("22.10" if is_new(lab) else "16.28")
    assert {found[f"read_{name}"].status for name in ("system", "call", "agent", "dialplan")} == {
        "ok"
    }
    assert found["read_user"].status == "skipped", "no voice server reported itself meanwhile"
    assert "support" in found["queues"].params["queues"]


@pytest.mark.parametrize(
    ("account", "trouble"),
    [
        ("no-system", {"read_system": "warning"}),
        ("no-call", {"read_call": "failed"}),
        ("no-agent", {"read_agent": "failed"}),
        ("no-dialplan", {"read_dialplan": "failed"}),
        ("no-user", {"read_user": "warning"}),
        ("filtered", {"event_filter": "failed"}),
    ],
)
async def test_what_an_account_is_not_told_is_found_out(
    lab: AsteriskLab, account: str, trouble: dict[str, str]
) -> None:
    assert without_old(troubles(await report_on(lab, account)), lab) == trouble


async def test_an_account_without_rights_is_followed_and_tells_little(lab: AsteriskLab) -> None:
    report = await report_on(lab, "no-rights", contexts=("incoming",))
    found = by_code(report)

    assert report.version == ""
    assert (found["write_reporting"].status, found["write_system"].status) == ("warning",) * 2
    assert found["context"].params == {"context": "incoming", "reason": "not_told"}
    assert found["read_call"].status == "ok"


async def test_what_rules_need_is_named_with_the_rules(lab: AsteriskLab) -> None:
    needed = {"Redirect": ("to-sales",), "QueueAdd": ("help",), "QueueWithdrawCaller": ("out",)}
    found = by_code(await report_on(lab, "sample", needed=needed))

    assert found["write_call"].status == found["write_agent"].status == "failed"
    assert found["write_call"].params == {"actions": ["Redirect"], "rules": ["to-sales"]}
    assert found["write_agent"].params == {"actions": ["QueueAdd"], "rules": ["help"]}
    assert found["feature_withdraw"].status == "ok", "no class guards it"


async def test_an_account_that_may_ask_the_command_line_is_told_everything(
    lab: AsteriskLab,
) -> None:
    report = await report_on(lab, "commander", contexts=("nowhere", "in*"), voice_contexts=("ivr",))
    found = by_code(report)

    assert found["read_user"].params == {"how": "told"}
    assert found["timestamps"].status == ("ok" if is_new(lab) else "failed")
    contexts = [check for check in report.checks if check.code == "context"]
    assert [(check.status, check.params["context"]) for check in contexts] == [
        ("failed", "nowhere"),
        ("skipped", "in*"),
    ]
    assert found["voice_context"].status == "ok"
    with LabAmi(lab.ami_port) as ami:
        left = ami.request("Getvar", Variable="MINUTEUR_TEST")
    assert left.get("Value", "") == "", "what was set for the echo is gone"


@pytest.mark.parametrize("account", ["sample", "nobody"])
async def test_asterisk_says_no_more_than_that_the_login_failed(
    lab: AsteriskLab, account: str
) -> None:
    report = await report_on(lab, account, "wrong")

    params = by_code(report)["login"].params
    assert params == {"reason": "refused", "said": "Authentication failed"}
    assert [check.code for check in report.checks] == ["connect", "banner", "login"]


async def test_an_account_that_may_not_come_from_here_looks_like_a_wrong_secret(
    lab: AsteriskLab,
) -> None:
    assert by_code(await report_on(lab, "elsewhere"))["login"].params["reason"] == "refused"


async def test_an_account_that_is_let_in_once_is_told_from_a_refused_one(lab: AsteriskLab) -> None:
    with LabAmi(lab.ami_port, "once", "right"):
        report = await report_on(lab, "once")

    assert by_code(report)["login"].params["reason"] == "in_use"


async def test_ari_is_looked_at_where_it_is_configured(lab: AsteriskLab) -> None:
    right = AriSettings("lab", lab.ari_url, lab.username, lab.secret, "minuteur-test")
    wrong = replace(right, password="wrong")
    nothing = replace(right, url=f"http://127.0.0.1:{lab.ami_port}/ari")
    elsewhere = replace(right, url=lab.ari_url.removesuffix("ari") + "nothing/ari")

    async def found(ari: AriSettings) -> list[tuple[str, str, str]]:
        checks = await ari_checks(ari, 5)
        return [(c.code, c.status, c.params.get("reason", "")) for c in checks]

    assert await found(right) == [
        ("ari_connect", "ok", ""),
        ("ari_login", "ok", ""),
        ("ari_app", "ok", ""),
    ]
    assert await found(wrong) == [("ari_connect", "ok", ""), ("ari_login", "failed", "refused")]
    assert await found(nothing) == [("ari_connect", "failed", "no_ari")]
    assert await found(elsewhere) == [("ari_connect", "failed", "no_ari")]
