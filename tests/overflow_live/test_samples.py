"""The samples of ``config/asterisk/overflow`` on real Asterisks, with AMI in our own hands."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.core.overflow.decisions import (
    AddMember,
    ChangeLamp,
    ChangePenalty,
    ChangePriority,
    Order,
    PutDatabase,
    RemoveMember,
    SetGlobal,
)
from telephony_adapters.asterisk.ami_orders import action_of, answer_of
from tests.asterisk_lab.callers import originate
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.server import AsteriskLab
from tests.overflow_live.centre import (
    SAMPLES,
    members,
    overflow_lab,
    story,
    wait_until,
    waiting,
)

pytestmark = pytest.mark.asterisk

VERSIONS: tuple[Version, ...] = ("22", "16")
AGENT = "Local/a_100_200_1@agents/n"
SILENT = "Local/r_1@agents/n"
PASTED = ("ask-agi", "ask-curl", "both", "withdraw")
"""The samples that show lines for a live context."""


def pasted(name: str) -> str:
    """A sample's lines as people paste them, with a short wait, where its snippets are missing."""
    text = (SAMPLES / f"{name}.conf").read_text()
    shown = text.split("; [incoming]\n")[1].split("; In minuteur.toml")[0]
    lines = "\n".join(line.removeprefix(";").removeprefix(" ") for line in shown.splitlines())
    assert "minuteur-" in lines
    for theirs, ours in (
        ("minuteur-", "missing-"),
        ("[overflow]", f"[own-way-{name}]"),
        ("(overflow,", f"(own-way-{name},"),
        ("Queue(support,,,,40)", "Queue(support,,,,1)"),
        ("Queue(support,,,,55)", "Queue(support,,,,1)"),
    ):
        lines = lines.replace(theirs, ours)
    return f"[pasted-{name}]\n{lines}\n"


@pytest.fixture(scope="module")
def labs() -> Iterator[dict[Version, AsteriskLab]]:
    lines = "\n".join(pasted(name) for name in PASTED)
    # once more, where withdraw.conf is there, and Queue() does not end by itself
    lines += (
        pasted("both")
        .replace("missing-withdrawn", "minuteur-withdrawn")
        .replace("Queue(support,,,,1)", "Queue(of-first,,,,55)")
        .replace("-both", "-both-there")
    )
    both = {version: overflow_lab(version, lines) for version in VERSIONS}
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(AsteriskLab.start, both.values()))
        yield both
    finally:
        for lab in both.values():
            lab.stop()
            lab.remove()


@pytest.fixture(params=VERSIONS)
def lab(request: pytest.FixtureRequest, labs: dict[Version, AsteriskLab]) -> AsteriskLab:
    version: Version = request.param
    return labs[version]


def order(lab: AsteriskLab, order: Order) -> tuple[bool | None, str]:
    """Have the lab carry out an order, in the product's words; what it made of the answer."""
    action, headers = action_of(order)
    with lab.ami() as ami:
        answer = answer_of(action, ami.request(action, **headers))
    return answer.accepted, answer.text


OWN_WAY = {
    "no such place": "overflow,nowhere,1",
    "a context that is none of ours": "internal,7001,1",
    "half a place": "overflow",
    "no place": "",
}
"""What is said to a caller who is withdrawn, and leads nowhere."""


def test_who_is_withdrawn_goes_where_it_says_or_the_dialplans_own_way(lab: AsteriskLab) -> None:
    infos = {f"069800010{n}": info for n, info in enumerate(OWN_WAY.values())}
    moved = "0698000109"
    with lab.ami() as ami:
        ami.request("QueueAdd", Queue="of-second", Interface=AGENT)
        for number in (*infos, moved):
            originate(ami, "of-first", number, 20_000)
        wait_until(lambda: len(waiting(ami, "of-first")) == len(infos) + 1, "the callers to wait")
        channels = {number: one["Channel"] for number, one in waiting(ami, "of-first").items()}
        for number, channel in channels.items():
            info = infos.get(number, "overflow,second,1")
            ami.action("QueueWithdrawCaller", Queue="of-first", Caller=channel, WithdrawInfo=info)
        beginning = [("ENTERQUEUE", "of-first"), ("WITHDRAW", "of-first")]
        then = [("ENTERQUEUE", "of-second"), ("CONNECT", "of-second")]
        wait_until(lambda: story(lab, moved)[:4] == beginning + then, "the second queue")
        for number, info in infos.items():
            wait_until(lambda: is_in(lab, channels[number], "Wait"), info)  # noqa: B023
            assert story(lab, number) == beginning
            ami.action("Hangup", Channel=channels[number])


def is_in(lab: AsteriskLab, channel: str, application: str) -> bool:
    """Whether a channel is in an application now."""
    with lab.ami() as ami:
        found = ami.listing("CoreShowChannels")
    return any(one["Channel"] == channel and one["Application"] == application for one in found)


def test_a_lamp_a_variable_and_a_key_change_and_change_back(lab: AsteriskLab) -> None:
    with lab.ami() as ami:

        def hint() -> str:
            lamp = {"Context": "overflow-lamps", "Exten": "overflow-support"}
            return ami.action("ExtensionState", **lamp)["StatusText"]

        assert order(lab, ChangeLamp("overflow-support", "INUSE"))[0]
        wait_until(lambda: hint() == "InUse", "the lamp to light")
        assert order(lab, ChangeLamp("overflow-support", "NOT_INUSE"))[0]
        wait_until(lambda: hint() == "Idle", "the lamp to go out")

        assert order(lab, SetGlobal("OVERFLOW_SUPPORT", "1"))[0]
        assert ami.action("Getvar", Variable="OVERFLOW_SUPPORT")["Value"] == "1"
        assert order(lab, PutDatabase("overflow", "support", "1, 2"))[0]
        key = {"Family": "overflow", "Key": "support"}
        assert [one["Val"] for one in ami.listing("DBGet", **key)] == ["1, 2"]
        assert order(lab, PutDatabase("overflow", "support", ""))[0]
        assert ami.request("DBGet", **key)["Response"] == "Error"
        assert order(lab, PutDatabase("overflow", "support", "")) == (
            True, "Database entry could not be deleted (nothing to do)",
        )  # fmt: skip


def test_a_helper_joins_once_and_leaves_once(lab: AsteriskLab) -> None:
    helper = AddMember("of-busy", "Local/r_9@agents/n", "Zoé O'Neil", 3)
    with lab.ami() as ami:
        assert order(lab, helper)[0] is True
        assert members(ami, "of-busy")[helper.interface]["Name"] == helper.name
        assert order(lab, helper) == (False, "Unable to add interface: Already there")
        assert order(lab, ChangePenalty("of-busy", helper.interface, 1))[0] is True
        assert members(ami, "of-busy")[helper.interface]["Penalty"] == "1"
        remove = RemoveMember("of-busy", helper.interface)
        assert order(lab, remove) == (True, "Removed interface from queue")
        assert order(lab, remove) == (
            True, "Unable to remove interface: Not there (nothing to do)",
        )  # fmt: skip
        assert order(lab, ChangePenalty("of-busy", helper.interface, 1))[0] is False
        assert helper.interface not in members(ami, "of-busy")


def test_a_priority_moves_a_waiting_caller_on_22_and_nobody_on_16(lab: AsteriskLab) -> None:
    numbers = ["0698000001", "0698000002"]
    with lab.ami() as ami:
        for number in numbers:
            originate(ami, "of-busy", number, 20_000)
            wait_until(lambda: number in waiting(ami, "of-busy"), "the caller to wait")  # noqa: B023
        last = waiting(ami, "of-busy")[numbers[1]]
        assert order(lab, ChangePriority("of-busy", last["Channel"], 10))[0] is True
        moved = lab.options.version == "22"
        assert waiting(ami, "of-busy")[numbers[1]]["Position"] == ("1" if moved else "2")
        for one in waiting(ami, "of-busy").values():
            ami.action("Hangup", Channel=one["Channel"])
        wait_until(lambda: not waiting(ami, "of-busy"), "the callers to be gone")


def test_a_pasted_sample_whose_snippet_is_missing_queues_its_caller(lab: AsteriskLab) -> None:
    with lab.ami() as ami:
        for n, name in enumerate(PASTED):
            ami.action(
                "Originate",
                Channel=f"Local/support@pasted-{name}/n",
                Application="Wait",
                Data="30",
                CallerID=f"<069800020{n}>",
                Async="true",
            )
        own_way = [("ENTERQUEUE", "support"), ("EXITWITHTIMEOUT", "support")]
        own_way += [("ENTERQUEUE", "sales")]
        for n, name in enumerate(PASTED):
            number = f"069800020{n}"
            wait_until(lambda: story(lab, number)[:3] == own_way, name)  # noqa: B023
        for message in ami.listing("CoreShowChannels"):
            ami.request("Hangup", Channel=message["Channel"])


def test_the_sample_that_asks_and_handles_withdrawals_goes_where_a_withdrawal_says(
    lab: AsteriskLab,
) -> None:
    number = "0698000300"
    with lab.ami() as ami:
        ami.action(
            "Originate",
            Channel="Local/support@pasted-both-there/n",
            Application="Wait",
            Data="30",
            CallerID=f"<{number}>",
            Async="true",
        )
        wait_until(lambda: number in waiting(ami, "of-first"), "the caller to wait")
        channel = waiting(ami, "of-first")[number]["Channel"]
        place = "overflow,second,1"
        ami.action("QueueWithdrawCaller", Queue="of-first", Caller=channel, WithdrawInfo=place)
        moved = [("ENTERQUEUE", "of-first"), ("WITHDRAW", "of-first"), ("ENTERQUEUE", "of-second")]
        wait_until(lambda: story(lab, number)[:3] == moved, "the second queue")
        ami.action("Hangup", Channel=channel)
