"""The link against a real Asterisk."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from monitor.core import events as core
from monitor.core.events import LinkState
from telephony_adapters.asterisk.ami_framing import WANTED
from telephony_adapters.asterisk.ami_link import AmiLink
from telephony_adapters.asterisk.ami_login import AmiSettings, AmiTls
from tests.asterisk_lab.ami import LabAmi
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.server import AsteriskLab, LabOptions

from .scripted import PATIENCE, Naps, Sink

pytestmark = pytest.mark.asterisk

AGENT = "Local/r_7@agents/n"


class Real:
    """A link to a real Asterisk, with its own record of what came over the wire."""

    def __init__(self, lab: AsteriskLab, **settings: object) -> None:
        self.sink = Sink()
        self.naps = Naps()
        self.bytes = b""
        values = {"secret": lab.secret, "port": lab.ami_port, "host": "127.0.0.1"}
        # A busy machine is no broken link; and here nothing is tried again.
        limits = dict.fromkeys(("connect_timeout", "action_timeout", "snapshot_timeout"), PATIENCE)
        limits["ping_timeout"] = PATIENCE
        self.link = AmiLink(
            AmiSettings(name="lab", username=lab.username, **(values | limits | settings)),  # type: ignore[arg-type]
            self.sink,
            lambda: time.time_ns() // 1_000_000,
            tap=self._tap,
            sleep=self.naps,
        )

    def _tap(self, data: bytes) -> None:
        self.bytes += data

    async def __aenter__(self) -> "Real":
        self._task = asyncio.create_task(self.link.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def call(self, exten: str, number: str = "0612345678") -> None:
        """Let a caller arrive, who stays on the line."""
        await self.link.action(
            "Originate",
            Channel=f"Local/{exten}@incoming/n",
            Application="Wait",
            Data="60",
            Async="true",
            CallerID=f"Zoé <{number}>",
        )

    async def until_seen(self, kind: type[core.Event]) -> None:
        await self.sink.until(lambda events: any(isinstance(e, kind) for e in events))

    def seen(self, code: str) -> list[str]:
        return [
            e.text for e in self.sink.events if isinstance(e, core.WarningRaised) and e.code == code
        ]

    def snapshots(self) -> list[core.PbxSnapshot]:
        return [e for e in self.sink.events if isinstance(e, core.PbxSnapshot)]


@pytest.fixture(scope="module")
def lab() -> Iterator[AsteriskLab]:
    with AsteriskLab() as running:
        yield running


@pytest.fixture(scope="module")
def odd_lab() -> Iterator[AsteriskLab]:
    """An Asterisk with every mistake in manager.conf that we know of."""
    options = LabOptions(timestamp_events=False, read="call,agent,user", write="call", tls=True)
    with AsteriskLab(options) as running:
        yield running


@pytest.fixture
async def linked(lab: AsteriskLab) -> AsyncIterator[Real]:
    async with Real(lab) as real:
        await real.sink.until_link(LinkState.CONNECTED)
        yield real
        await real.link.action("Hangup", Channel="/^Local/")
        await real.link.action("QueueRemove", Queue="support", Interface=AGENT)


async def test_a_caller_who_waits_in_vain(linked: Real) -> None:
    await linked.link.action(
        "QueueAdd", Queue="support", Interface=AGENT, MemberName="Zoé", Penalty="1"
    )
    await linked.link.action("QueuePenalty", Queue="support", Interface=AGENT, Penalty="3")
    await linked.call("timeout")
    await linked.until_seen(core.QueueStatusSet)
    by_kind = {type(e): e for e in linked.sink.events}
    joined, left = by_kind[core.QueueJoined], by_kind[core.QueueLeft]
    assert isinstance(joined, core.QueueJoined)
    assert (joined.queue, joined.number, joined.name) == ("support", "0612345678", "Zoé")
    assert isinstance(by_kind[core.AgentMissed], core.AgentMissed)
    assert left.at - joined.at >= 1000
    members = [e for e in linked.sink.events if isinstance(e, core.MemberChanged)]
    assert {m.member for m in members} == {"Zoé"}
    assert [m.penalty for m in members][:2] == [1, 3]
    assert not [e for e in linked.sink.events if isinstance(e, core.WarningRaised)]


async def test_asterisk_sends_only_what_was_asked_for(linked: Real) -> None:
    await linked.call("timeout")
    await linked.until_seen(core.QueueStatusSet)
    names = {
        block.split(b"\r\n")[0].removeprefix(b"Event: ")
        for block in linked.bytes.split(b"\r\n\r\n")
        if block.startswith(b"Event: ")
    }
    assert names <= set(WANTED)
    assert linked.bytes.count(b"Event: VarSet") == 1


async def test_a_second_link_finds_who_waits(lab: AsteriskLab, linked: Real) -> None:
    await linked.link.action("QueueAdd", Queue="support", Interface=AGENT, MemberName="Zoé")
    await linked.call("support")
    await linked.until_seen(core.AgentOffered)
    (joined,) = [e for e in linked.sink.events if isinstance(e, core.QueueJoined)]
    async with Real(lab) as other:
        await other.sink.until_link(LinkState.CONNECTED)
        (snapshot,) = other.snapshots()
    waiting = {q.queue: q for q in snapshot.queues}["support"]
    assert [entry.uniqueid for entry in waiting.entries] == [joined.uniqueid]
    assert [(m.interface, m.member) for m in waiting.members] == [(AGENT, "Zoé")]
    (caller,) = [c for c in snapshot.channels if c.uniqueid == joined.uniqueid]
    assert (caller.context, caller.exten, caller.application) == ("incoming", "support", "Queue")
    assert (caller.number, caller.name) == ("0612345678", "Zoé")
    assert abs(snapshot.at - joined.at) < 60_000


async def test_a_second_link_finds_who_talks(lab: AsteriskLab, linked: Real) -> None:
    agent = "Local/a_10_60000@agents/n"
    await linked.link.action("QueueAdd", Queue="support", Interface=agent, MemberName="Zoé")
    await linked.call("support")
    await linked.sink.until(
        lambda events: sum(isinstance(e, core.BridgeEntered) for e in events) >= 2
    )
    async with Real(lab) as other:
        await other.sink.until_link(LinkState.CONNECTED)
        (snapshot,) = other.snapshots()
    await linked.link.action("QueueRemove", Queue="support", Interface=agent)
    (joined,) = [e for e in linked.sink.events if isinstance(e, core.QueueJoined)]
    (caller,) = [c for c in snapshot.channels if c.uniqueid == joined.uniqueid]
    assert (caller.application, caller.data, caller.bridge_type) == ("Queue", "support", "basic")
    assert caller.bridge
    (partner,) = [
        c for c in snapshot.channels if c.bridge == caller.bridge and c.uniqueid != caller.uniqueid
    ]
    assert (partner.data, partner.bridge_type) == ("(Outgoing Line)", "basic")
    assert snapshot.complete


@pytest.mark.parametrize("version", ["22", "16"])
@pytest.mark.parametrize("write", ["", "call", "reporting"])
def test_what_a_snapshot_may_ask_for(write: str, version: Version) -> None:
    """Bridges may be listed by any account, channels with ``reporting`` (or ``system``)."""
    with AsteriskLab(LabOptions(version=version, write=write)) as lab:
        for action, allowed in (("BridgeList", True), ("CoreShowChannels", write == "reporting")):
            with LabAmi(lab.ami_port, lab.username, lab.secret) as ami:
                assert (ami.request(action)["Response"] == "Success") is allowed


async def test_a_wrong_secret(lab: AsteriskLab) -> None:
    async with Real(lab, secret="not that") as real:
        await real.sink.until_link(LinkState.REFUSED)
        assert "Authentication failed" in real.sink.links(LinkState.REFUSED)[0].detail


async def test_an_asterisk_that_restarts(lab: AsteriskLab, linked: Real) -> None:
    await asyncio.to_thread(lab.restart)
    await linked.sink.until_link(LinkState.LOST)
    while not linked.sink.links(LinkState.CONNECTED)[1:]:
        await linked.naps.end_next()
        await linked.sink.until(lambda _: len(linked.sink.links(LinkState.CONNECTED)) > 1)
    assert [s.restarted for s in linked.snapshots()] == [False, True]


async def test_every_mistake_in_manager_conf_is_said_once(odd_lab: AsteriskLab) -> None:
    async with Real(odd_lab, boot_patience=0.2) as real:
        await real.sink.until_link(LinkState.CONNECTED)
        for _ in range(2):
            with odd_lab.ami() as oracle:
                oracle.action(
                    "Originate", Channel="Local/timeout@incoming/n", Application="Wait", Data="30",
                    Async="true",
                )  # fmt: skip
        await real.sink.until(
            lambda events: sum(isinstance(e, core.QueueLeft) for e in events) == 2
        )
        for code in ("timestampevents", "write_class", "read_class_system", "read_class_dialplan"):
            assert len(real.seen(code)) == 1, code
        assert not real.seen("read_class_call")
        assert not real.snapshots()[0].complete
        assert not real.seen("read_class_agent")
        # dated by their arrival, which is close to the truth on one machine
        (joined, *_) = [e for e in real.sink.events if isinstance(e, core.QueueJoined)]
        assert abs(joined.at - time.time_ns() // 1_000_000) < 60_000


async def test_tls(odd_lab: AsteriskLab) -> None:
    trusted = AmiTls(ca_file=str(odd_lab.ca_file), server_name="localhost")
    async with Real(odd_lab, port=odd_lab.ami_tls_port, tls=trusted, boot_patience=0.2) as real:
        await real.sink.until_link(LinkState.CONNECTED)


@pytest.mark.parametrize(
    ("tls", "encrypted", "words"),
    [
        (AmiTls(), True, "is not trusted"),
        (AmiTls(verify=False), False, "No TLS"),
        (AmiTls(ca_file="/nowhere/ca.pem"), True, "ca_file"),
    ],
)
async def test_tls_that_fails_says_why(
    odd_lab: AsteriskLab, tls: AmiTls, encrypted: bool, words: str
) -> None:
    port = odd_lab.ami_tls_port if encrypted else odd_lab.ami_port
    async with Real(odd_lab, port=port, tls=tls) as real:
        await real.sink.until_link(LinkState.LOST)
        assert words in real.sink.links(LinkState.LOST)[0].detail
