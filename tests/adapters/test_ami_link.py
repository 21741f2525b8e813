"""The link against a PBX that misbehaves on command. What a real one does is in test_ami_real."""

import asyncio
import contextlib
import logging

import pytest

from monitor.core import events as core
from monitor.core.events import LinkState
from telephony_adapters.asterisk.ami_filter import filters
from telephony_adapters.asterisk.ami_link import UNORDERED
from telephony_adapters.asterisk.ami_login import REFUSED_RETRY, AmiSettings, LinkError
from telephony_adapters.backoff import BACKOFF_MAX, STABLE_AFTER, Backoff

from .scripted import PATIENCE, SECRET, Connection, Fields, Linked, ScriptedPbx, message
from .traces import frame

PING = 5.0


def hangup(uniqueid: str, stamp: str = "1699999999.500000") -> bytes:
    return frame("Event: Hangup", f"Timestamp: {stamp}", f"Uniqueid: {uniqueid}", "Cause: 16")


def warnings(run: Linked, code: str) -> list[str]:
    return [e.text for e in run.sink.events if isinstance(e, core.WarningRaised) and e.code == code]


def observed_until(run: Linked) -> int | None:
    return run.link.observed_until


def snapshots(run: Linked) -> list[core.PbxSnapshot]:
    return [e for e in run.sink.events if isinstance(e, core.PbxSnapshot)]


async def test_up_it_comes_in_the_right_order() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx) as run:
        await run.sink.until_link(LinkState.CONNECTED)
        kinds = [getattr(e, "state", None) or type(e).__name__ for e in run.sink.events]
        assert kinds == ["connecting", "resyncing", "ClockMeasured", "PbxSnapshot", "connected"]
        # the secret itself never crossed the wire, and events came last
        assert SECRET not in str(pbx.actions)
        names = pbx.names()
        assert names.index("Filter") < names.index("Events") < names.index("QueueSummary")


async def test_what_happens_during_the_snapshot_comes_after_it() -> None:
    def and_meanwhile(connection: Connection, action: Fields) -> bytes:
        pbx.live.send(hangup("1.1"))
        return pbx.listing(action, [])

    async with ScriptedPbx() as pbx:
        pbx.answers["QueueSummary"] = and_meanwhile
        # the snapshot's last list comes only after the event was written
        async with Linked(pbx) as run:
            await run.sink.until(lambda es: any(isinstance(e, core.ChannelGone) for e in es))
            await run.sink.until_link(LinkState.CONNECTED)
            kinds = [type(e).__name__ for e in run.sink.events]
            assert kinds.index("PbxSnapshot") < kinds.index("ChannelGone")


async def test_a_snapshot_says_who_waits_and_who_serves() -> None:
    def queues(_: Connection, action: Fields) -> bytes:
        return pbx.listing(action, [{"Event": "QueueSummary", "Queue": "support"}])

    def status(_: Connection, action: Fields) -> bytes:
        assert action["Queue"] == "support"
        entry = {"Event": "QueueEntry", "Queue": "support", "Position": "1", "Wait": "12"}
        agent = {"Event": "QueueMember", "Queue": "support", "Name": "Zoé", "Paused": "0"}
        return pbx.listing(
            action,
            [
                {**entry, "Channel": "PJSIP/t-1", "Uniqueid": "1.1", "CallerIDNum": "0611"},
                {**agent, "Location": "PJSIP/zoe", "Status": "1", "InCall": "0", "LastCall": "5"},
            ],
        )

    def channels(_: Connection, action: Fields) -> bytes:
        channel = {"Event": "CoreShowChannel", "Channel": "PJSIP/t-1", "Uniqueid": "1.1"}
        place = {"Context": "in", "Application": "Queue", "ApplicationData": "support,t"}
        return pbx.listing(
            action, [{**channel, **place, "Linkedid": "1.1", "Duration": "01:02:03"}]
        )

    async with ScriptedPbx() as pbx:
        pbx.answers |= {"QueueSummary": queues, "QueueStatus": status, "CoreShowChannels": channels}
        async with Linked(pbx) as run:
            await run.sink.until_link(LinkState.CONNECTED)
            (snapshot,) = snapshots(run)
            (queue,) = snapshot.queues
            assert queue.entries == (core.EntrySeen("1.1", 1, 12_000),)
            assert (queue.members[0].interface, queue.members[0].member) == ("PJSIP/zoe", "Zoé")
            assert queue.members[0].last_call == 5000
            (channel,) = snapshot.channels
            assert (channel.age, channel.application, channel.data) == (
                3_723_000, "Queue", "support,t"
            )  # fmt: skip
            assert snapshot.complete
            assert not snapshot.restarted


@pytest.mark.parametrize(("listed", "kind"), [(True, "basic"), (False, "")])
async def test_a_channel_says_what_kind_of_bridge_it_is_in(listed: bool, kind: str) -> None:
    def bridges(_: Connection, action: Fields) -> bytes:
        bridge = {"Event": "BridgeListItem", "BridgeUniqueid": "b-1", "BridgeType": "basic"}
        return pbx.listing(action, [bridge])

    def channels(_: Connection, action: Fields) -> bytes:
        channel = {"Event": "CoreShowChannel", "Channel": "PJSIP/t-1", "Duration": "00:00:01"}
        inside = {"1.1": "b-1", "1.2": "b-2", "1.3": ""}
        return pbx.listing(
            action, [{**channel, "Uniqueid": u, "BridgeId": b} for u, b in inside.items()]
        )

    async with ScriptedPbx() as pbx:
        pbx.answers |= {"BridgeList": bridges if listed else pbx.denied}
        pbx.answers |= {"CoreShowChannels": channels}
        async with Linked(pbx) as run:
            await run.sink.until_link(LinkState.CONNECTED)
        (snapshot,) = snapshots(run)
        assert [(c.bridge, c.bridge_type) for c in snapshot.channels] == [
            ("b-1", kind), ("b-2", ""), ("", "")
        ]  # fmt: skip
        assert snapshot.complete
        lists = [name for name in pbx.names() if name[:6] in ("Bridge", "CoreSh", "QueueS")]
        assert lists == ["BridgeList", "CoreShowChannels", "QueueSummary"]


async def test_a_snapshot_is_dated_before_its_lists_and_a_caller_waits_in_one_queue() -> None:
    def queues(_: Connection, action: Fields) -> bytes:
        run.clock += 300
        return pbx.listing(action, [{"Event": "QueueSummary", "Queue": q} for q in ("a", "b")])

    def status(_: Connection, action: Fields) -> bytes:
        run.clock += 1000
        waits = {"a": [("1.1", "5")], "b": [("1.1", "0"), ("1.2", "0")]}[action["Queue"]]
        entry = {"Event": "QueueEntry", "Channel": "PJSIP/t-1", "Position": "1"}
        return pbx.listing(action, [{**entry, "Uniqueid": u, "Wait": w} for u, w in waits])

    async with ScriptedPbx() as pbx:
        pbx.answers |= {"QueueSummary": queues, "QueueStatus": status}
        async with Linked(pbx) as run:
            await run.sink.until_link(LinkState.CONNECTED)
        (snapshot,) = snapshots(run)
        assert snapshot.at == pbx.now
        assert [q.entries for q in snapshot.queues] == [
            (core.EntrySeen("1.1", 1, 4_700),), (core.EntrySeen("1.2", 1, 0),)
        ]  # fmt: skip


@pytest.mark.parametrize("name", ["CoreShowChannels", "QueueSummary"])
async def test_a_list_that_the_pbx_broke_off_is_not_believed(name: str) -> None:
    def broken(connection: Connection, action: Fields) -> bytes:
        return pbx.listing(action, []).replace(b"EventList: Complete", b"EventList: cancelled")

    async with ScriptedPbx() as pbx:
        pbx.answers[name] = broken
        async with Linked(pbx) as run:
            if name == "CoreShowChannels":
                await run.sink.until_link(LinkState.CONNECTED)
                assert not snapshots(run)[0].complete
            else:
                await run.sink.until_link(LinkState.LOST)
                assert snapshots(run) == []


class Stuck:
    """An action that the PBX never answers; a test waits until it was asked."""

    def __init__(self, pbx: ScriptedPbx, name: str) -> None:
        self._asked: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
        pbx.answers[name] = self._take

    def _take(self, connection: Connection, _: Fields) -> None:
        if not self._asked.done():
            self._asked.set_result(connection)

    async def asked(self) -> Connection:
        """Return the connection that it was asked on."""
        async with asyncio.timeout(PATIENCE):
            return await self._asked


async def closed(connection: Connection) -> None:
    """Wait until the client has closed its connection."""
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ConnectionError):
            await connection.writer.wait_closed()


async def test_a_cut_during_the_snapshot_is_noticed_at_once_on_both_connections() -> None:
    async with ScriptedPbx() as pbx:
        stuck = Stuck(pbx, "QueueSummary")
        async with Linked(pbx, snapshot_timeout=10 * PATIENCE) as run:
            control = await stuck.asked()
            pbx.live.cut()
            await run.sink.until_link(LinkState.LOST)
            assert "closed the connection" in run.sink.links(LinkState.LOST)[0].detail
            await closed(control)


async def test_a_silent_cut_during_the_snapshot_is_found_by_the_pings() -> None:
    async with ScriptedPbx() as pbx:
        stuck = Stuck(pbx, "CoreShowChannels")
        async with Linked(pbx, snapshot_timeout=10 * PATIENCE, ping_timeout=0.05) as run:
            control = await stuck.asked()
            pbx.answers["Ping"] = pbx.silent
            assert await run.naps.end_next() == PING
            await run.sink.until_link(LinkState.LOST)
            assert "does not answer" in run.sink.links(LinkState.LOST)[0].detail
            await closed(control)


@pytest.mark.parametrize("name", ["BridgeList", "CoreShowChannels", "QueueStatus"])
async def test_a_snapshot_that_never_ends_is_given_up(name: str) -> None:
    def queues(_: Connection, action: Fields) -> bytes:
        return pbx.listing(action, [{"Event": "QueueSummary", "Queue": "q"}])

    async with ScriptedPbx() as pbx:
        pbx.answers |= {"QueueSummary": queues, name: pbx.silent}
        async with Linked(pbx, snapshot_timeout=0.1) as run:
            await run.sink.until_link(LinkState.LOST)
            assert "did not finish" in run.sink.links(LinkState.LOST)[0].detail
            assert snapshots(run) == []


async def test_the_time_limit_is_for_the_whole_snapshot() -> None:
    def many(_: Connection, action: Fields) -> bytes:
        return pbx.listing(action, [{"Event": "QueueSummary", "Queue": "q"}] * 3000)

    async with ScriptedPbx() as pbx:
        pbx.answers["QueueSummary"] = many
        async with Linked(pbx, snapshot_timeout=0.2) as run:
            await run.sink.until_link(LinkState.LOST)
            assert "did not finish" in run.sink.links(LinkState.LOST)[0].detail
            assert 0 < pbx.names().count("QueueStatus") < 3000


async def test_the_second_connection_ends_with_the_link() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx) as run:
        await run.sink.until_link(LinkState.CONNECTED)
        (control,) = [c for c in pbx.connections if not c.live]
        pbx.live.cut()
        await run.sink.until_link(LinkState.LOST)
        await closed(control)


async def test_an_action_whose_connection_opens_while_the_link_ends_is_not_sent() -> None:
    async with ScriptedPbx() as pbx:
        async with Linked(pbx) as run:
            await run.sink.until_link(LinkState.CONNECTED)
            pbx.live.cut()
            await run.sink.until_link(LinkState.LOST)
            stuck = Stuck(pbx, "Challenge")
            acting = asyncio.create_task(run.link.action("QueueWithdrawCaller"))
            control = await stuck.asked()
        del pbx.answers["Challenge"]
        challenge = pbx.answer(control, pbx.actions[-1])
        assert challenge is not None
        control.send(challenge)
        with pytest.raises(LinkError, match="lost meanwhile"):
            await acting
        await closed(control)
        assert "QueueWithdrawCaller" not in pbx.names()


async def test_a_mistake_in_the_midst_of_the_replay_is_followed_by_lost() -> None:
    def and_meanwhile(_: Connection, action: Fields) -> bytes:
        pbx.live.send(hangup("1.1") + hangup("1.2"))
        return pbx.listing(action, [])

    async with ScriptedPbx() as pbx:
        pbx.answers["QueueSummary"] = and_meanwhile
        async with Linked(pbx) as run:
            run.sink.broken = lambda e: isinstance(e, core.ChannelGone)
            await run.sink.until_link(LinkState.LOST)
            kinds = [getattr(e, "state", None) or type(e).__name__ for e in run.sink.events]
            assert kinds[-2:] == ["PbxSnapshot", "lost"]
            run.sink.broken = lambda _: False
            while await run.naps.end_next() == PING:
                pass
            await run.sink.until_link(LinkState.CONNECTED)


async def test_a_wrong_secret_is_said_once_and_tried_again_slowly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        async with ScriptedPbx() as pbx, Linked(pbx, secret="hunter2") as run:
            for _ in range(3):
                assert await run.naps.end_next() == REFUSED_RETRY
            assert len(run.sink.links(LinkState.REFUSED)) == 1
            assert "minuteur" in run.sink.links(LinkState.REFUSED)[0].detail
            assert pbx.names().count("Login") in (3, 4)
    assert len(caplog.records) == 1
    assert "hunter2" not in caplog.text
    assert "hunter2" not in repr(run.settings)
    assert "hunter2" not in str(run.sink.events)


async def test_a_pbx_without_challenge_gets_the_plain_secret() -> None:
    async with ScriptedPbx() as pbx:
        pbx.answers["Challenge"] = pbx.denied
        async with Linked(pbx) as run:
            await run.sink.until_link(LinkState.CONNECTED)


async def test_unanswered_pings_mean_that_the_link_is_lost() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx, ping_timeout=0.05) as run:
        await run.sink.until_link(LinkState.CONNECTED)
        pbx.now = run.clock = 1_700_000_003_250
        pbx.live.send(hangup("1.1", "1700000003.250000"))
        await run.sink.until(lambda es: any(isinstance(e, core.ChannelGone) for e in es))
        pbx.answers["Ping"] = pbx.silent
        run.clock += 20_000
        assert await run.naps.end_next() == PING
        await run.sink.until_link(LinkState.LOST)
        (lost,) = run.sink.links(LinkState.LOST)
        assert "does not answer" in lost.detail
        # dated at the last moment at which the PBX was observed, not when we noticed
        assert lost.at == 1_700_000_003_250 - UNORDERED
        del pbx.answers["Ping"]
        await run.naps.end_next()
        await run.sink.until_link(LinkState.CONNECTED, times=2)


async def test_a_link_that_died_in_silence_claims_no_more_than_was_told() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx, ping_timeout=0.05) as run:
        assert observed_until(run) is None
        await run.sink.until_link(LinkState.CONNECTED)
        pbx.now = run.clock = 1_700_000_003_250
        pbx.live.send(hangup("1.1", "1700000003.250000"))
        await run.sink.until(lambda es: any(isinstance(e, core.ChannelGone) for e in es))
        run.clock += 20_000
        assert observed_until(run) == 1_700_000_003_250 - UNORDERED
        pbx.live.cut()
        await run.sink.until_link(LinkState.LOST)
        assert observed_until(run) is None


async def test_it_comes_back_after_a_cut_with_growing_delays() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx, connect_timeout=2.0) as run:
        await run.sink.until_link(LinkState.CONNECTED)
        pbx.answers["Login"] = lambda connection, _: connection.cut()
        pbx.live.cut()
        delays: list[float] = []
        while len(delays) < 7:
            nap = await run.naps.end_next()
            delays += [nap] if nap != PING else []
        assert delays == [1, 2, 4, 8, 16, BACKOFF_MAX, BACKOFF_MAX]
        assert len(run.sink.links(LinkState.LOST)) == 2  # the cut, then the login's end; no storm
        del pbx.answers["Login"]
        await run.naps.end_next()
        await run.sink.until_link(LinkState.CONNECTED, times=2)
        run.clock += STABLE_AFTER
        pbx.live.cut()
        await run.sink.until_link(LinkState.LOST, times=3)
        while (nap := await run.naps.end_next()) == PING:
            pass
        assert nap == 1


async def test_a_pending_action_fails_and_is_never_sent_again() -> None:
    def cut(connection: Connection, _: Fields) -> None:
        connection.cut()

    async with ScriptedPbx() as pbx, Linked(pbx) as run:
        pbx.answers["QueueWithdrawCaller"] = cut
        await run.sink.until_link(LinkState.CONNECTED)
        with pytest.raises(ConnectionError):
            await run.link.action("QueueWithdrawCaller", Queue="q", Caller="PJSIP/t-1")
        pbx.live.cut()
        await run.sink.until_link(LinkState.LOST)
        while await run.naps.end_next() == PING:
            pass
        await run.sink.until_link(LinkState.CONNECTED, times=2)
        assert (await run.link.action("Ping"))["Ping"] == "Pong"
        assert pbx.names().count("QueueWithdrawCaller") == 1


async def test_an_action_that_would_be_two_is_not_sent() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx) as run:
        await run.sink.until_link(LinkState.CONNECTED)
        sent = len(pbx.actions)
        with pytest.raises(ValueError, match="line break"):
            await run.link.action("Redirect", Channel="x\nAction: Command")
        assert len(pbx.actions) == sent


async def test_garbage_and_a_megabyte_leave_the_link_up() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx) as run:
        await run.sink.until_link(LinkState.CONNECTED)
        pbx.live.send(b"\xff\x00 what?\r\n\r\n" * 5)
        pbx.live.send(frame("Event: Hangup", "Uniqueid: 2.2", "Junk: " + "x" * 1_000_000) * 2)
        pbx.live.send(hangup("1.1"))
        await run.sink.until(lambda es: any(isinstance(e, core.ChannelGone) for e in es))
        await run.naps.end_next()
        assert len(warnings(run, "garbage")) == len(warnings(run, "oversized")) == 1
        assert not run.sink.links(LinkState.LOST)


async def test_what_was_wrong_with_the_stream_is_forgotten_with_a_sound_link() -> None:
    codes = ("garbage", "oversized", "malformed", "timestamp")
    async with ScriptedPbx() as pbx, Linked(pbx) as run:
        await run.sink.until_link(LinkState.CONNECTED)
        pbx.live.send(b"what?\r\n\r\n" + frame("Event: Hangup", "Cause: 16"))
        pbx.live.send(frame("Event: Hangup", "Uniqueid: 2.2", "Junk: " + "x" * 1_000_000))
        pbx.live.send(hangup("1.1", "1.000000"))
        await run.sink.until(lambda _: all(len(warnings(run, code)) == 1 for code in codes))
        pbx.live.cut()
        while await run.naps.end_next() == PING:
            pass
        await run.sink.until_link(LinkState.CONNECTED, times=2)
        for code in codes:
            assert [bool(text) for text in warnings(run, code)] == [True, False], code


async def test_a_stamp_that_no_clock_can_have_shown_is_not_believed() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx) as run:
        await run.sink.until_link(LinkState.CONNECTED)
        run.clock += 10_000
        pbx.now += 10_000
        pbx.live.send(hangup("1.1", "9999999999.000000") * 2)
        await run.sink.until(lambda _: bool(warnings(run, "timestamp")))
        gone = [e for e in run.sink.events if isinstance(e, core.ChannelGone)]
        assert [e.at for e in gone] == [run.clock] * 2
        (text,) = warnings(run, "timestamp")
        assert "2305555 hours ahead of the PBX's clock" in text
        assert not warnings(run, "timestampevents")
        # and the end of the link is not dated there either
        pbx.live.cut()
        await run.sink.until_link(LinkState.LOST)
        assert run.sink.links(LinkState.LOST)[0].at == run.clock - UNORDERED


async def test_a_pbx_whose_whole_clock_is_wrong_is_consistent_and_believed() -> None:
    async with ScriptedPbx() as pbx:
        run = Linked(pbx)
        run.clock = pbx.now + 40 * 86_400_000
        async with run:
            await run.sink.until_link(LinkState.CONNECTED)
            pbx.live.send(hangup("1.1"))
            await run.sink.until(lambda es: any(isinstance(e, core.ChannelGone) for e in es))
            (gone,) = [e for e in run.sink.events if isinstance(e, core.ChannelGone)]
            assert gone.at == 1_699_999_999_500
            assert not warnings(run, "timestamp")


async def test_keys_are_missed_where_a_voice_server_counts_on_them() -> None:
    def steps(stamp: str) -> bytes:
        common = ("Event: Newexten", f"Timestamp: {stamp}", "Uniqueid: 1.1", "Context: menu")
        return frame(*common, "Extension: s", "Application: WaitExten") + frame(
            *common, "Extension: 1", "Application: NoOp"
        )

    async with ScriptedPbx() as pbx, Linked(pbx, wants_digits=True) as run:
        await run.sink.until_link(LinkState.CONNECTED)
        pbx.live.send(steps("1700000000.5"))
        await run.sink.until(lambda _: bool(warnings(run, "read_class_dtmf")))
        assert "add dtmf to its read line" in warnings(run, "read_class_dtmf")[0]


async def test_missing_timestamps_are_said_once_and_cleared_when_they_come() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx) as run:
        await run.sink.until_link(LinkState.CONNECTED)
        pbx.live.send(frame("Event: Hangup", "Uniqueid: 1.1", "Cause: 16") * 3)
        await run.sink.until(lambda _: bool(warnings(run, "timestampevents")))
        (text,) = warnings(run, "timestampevents")
        assert "timestampevents = yes" in text
        pbx.live.send(hangup("1.2") * 2)
        await run.sink.until(lambda _: len(warnings(run, "timestampevents")) == 2)
        assert warnings(run, "timestampevents")[1] == ""


async def test_without_leave_to_list_channels_the_waiting_callers_are_still_found() -> None:
    def queues(_: Connection, action: Fields) -> bytes:
        return pbx.listing(action, [{"Event": "QueueSummary", "Queue": "q"}])

    def status(_: Connection, action: Fields) -> bytes:
        entry = {"Event": "QueueEntry", "Channel": "PJSIP/t-1", "Uniqueid": "1.1", "Wait": "3"}
        caller = {"CallerIDNum": "0611", "CallerIDName": "unknown"}
        return pbx.listing(action, [{**entry, **caller, "Position": "1"}])

    async with ScriptedPbx() as pbx:
        pbx.answers |= {
            "QueueSummary": queues,
            "QueueStatus": status,
            "CoreShowChannels": pbx.denied,
        }
        async with Linked(pbx) as run:
            await run.sink.until_link(LinkState.CONNECTED)
            (text,) = warnings(run, "write_class")
            assert "system or reporting" in text
            (snapshot,) = snapshots(run)
            (channel,) = snapshot.channels
            assert (channel.uniqueid, channel.data) == ("1.1", "q")
            assert (channel.number, channel.name) == ("0611", "")
            assert not snapshot.complete


async def test_a_restart_of_the_pbx_is_seen_by_its_uptime() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx) as run:
        await run.sink.until_link(LinkState.CONNECTED)
        for uptime in (100, 2):
            pbx.uptime = uptime
            pbx.live.cut()
            while await run.naps.end_next() == PING:
                pass
            await run.sink.until(lambda _, u=uptime: len(snapshots(run)) == (2 if u == 100 else 3))  # type: ignore[misc]
        assert [s.restarted for s in snapshots(run)] == [False, False, True]


async def test_a_pbx_that_was_still_starting_is_asked_again() -> None:
    async with ScriptedPbx() as pbx:
        pbx.uptime = -1
        async with Linked(pbx) as run:
            await run.sink.until_link(LinkState.CONNECTED)
            assert len(warnings(run, "read_class_system")) == 1
            pbx.uptime = 0
            pbx.live.send(message(Event="FullyBooted", Uptime="0"))
            await run.sink.until_link(LinkState.LOST)
            while await run.naps.end_next() == PING:
                pass
            await run.sink.until_link(LinkState.CONNECTED, times=2)
            assert warnings(run, "read_class_system")[-1] == ""


async def test_filters_taken_by_half_are_given_up() -> None:
    def half(connection: Connection, action: Fields) -> bytes:
        if "VarSet" in action["MatchCriteria"]:
            return pbx.denied(connection, action)
        return message(Response="Success", ActionID=action["ActionID"])

    async with ScriptedPbx() as pbx:
        pbx.answers["Filter"] = half
        async with Linked(pbx) as run:
            while await run.naps.end_next() == PING:
                pass
            await run.sink.until_link(LinkState.CONNECTED)
            assert pbx.names().count("Filter") == len(filters())


async def test_refused_filters_do_no_harm() -> None:
    async with ScriptedPbx() as pbx:
        pbx.answers["Filter"] = pbx.denied
        async with Linked(pbx) as run:
            await run.sink.until_link(LinkState.CONNECTED)
            assert pbx.names().count("Filter") == 1


async def test_something_else_listens_there() -> None:
    async with ScriptedPbx() as pbx:
        pbx.greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n"
        pbx.answers["Challenge"] = pbx.silent
        async with Linked(pbx, action_timeout=0.05) as run:
            await run.sink.until_link(LinkState.LOST)
            assert "like an Asterisk manager" in run.sink.links(LinkState.LOST)[0].detail
            assert len(warnings(run, "garbage")) == 1


async def test_nothing_listens_there(caplog: pytest.LogCaptureFixture) -> None:
    async with ScriptedPbx() as pbx:
        pass
    async with Linked(pbx) as run:
        for _ in range(3):
            await run.naps.end_next()
        (lost,) = run.sink.links(LinkState.LOST)
        assert lost.detail.startswith(f"Cannot reach the PBX lab at 127.0.0.1:{pbx.port} (")
    assert len(caplog.records) == 1


async def test_a_pbx_that_stops_says_so() -> None:
    async with ScriptedPbx() as pbx, Linked(pbx) as run:
        await run.sink.until_link(LinkState.CONNECTED)
        pbx.live.send(message(Event="Shutdown", Shutdown="Cleanly", Restart="True"))
        pbx.live.send(hangup("1.1"))
        await run.sink.until(lambda es: any(isinstance(e, core.ChannelGone) for e in es))
        pbx.live.cut()
        await run.sink.until_link(LinkState.LOST)
        assert "shutting down" in run.sink.links(LinkState.LOST)[0].detail


async def test_moments_of_the_link_are_on_the_clock_of_the_pbx() -> None:
    async with ScriptedPbx() as pbx:
        run = Linked(pbx)
        run.clock = pbx.now + 7_000
        async with run:
            await run.sink.until_link(LinkState.CONNECTED)
            measured = [e for e in run.sink.events if isinstance(e, core.ClockMeasured)]
            assert [m.offset for m in measured] == [7_000]
            assert run.sink.links(LinkState.CONNECTED)[0].at == pbx.now
            assert snapshots(run)[0].at == pbx.now


def test_delays_grow_with_chance_and_start_anew() -> None:
    low, high = Backoff(lambda: 0.0), Backoff(lambda: 1.0)
    assert [round(low.delay(), 3) for _ in range(3)] == [0.7, 1.4, 2.8]
    assert [round(high.delay(), 3) for _ in range(3)] == [1.3, 2.6, 5.2]
    low.reset()
    assert round(low.delay(), 3) == 0.7


def test_settings_never_show_the_secret() -> None:
    assert "hunter2" not in repr(AmiSettings("a", "b", 1, "c", "hunter2"))
