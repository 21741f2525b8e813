"""The ARI link against a scripted ARI: it comes up, says what is wrong, and comes back."""

import json
import logging
from collections.abc import AsyncIterator

import pytest

from monitor.core import events as ev
from telephony_adapters.asterisk import ari_client, ari_link
from telephony_adapters.asterisk.ari_link import GARBAGE, LINK, OUR_APP
from tests.adapters.scripted import SECRET
from tests.adapters.scripted_ari import NOW, STAMP, LinkedAri, ScriptedAri, channel, event

LATER = STAMP.replace("20.000", "20.500")


@pytest.fixture
async def ari() -> AsyncIterator[ScriptedAri]:
    async with ScriptedAri() as running:
        yield running


def snapshots(linked: LinkedAri) -> list[ev.StasisSnapshot]:
    return [e for e in linked.sink.events if isinstance(e, ev.StasisSnapshot)]


def said(linked: LinkedAri, code: str = LINK) -> list[str]:
    """The texts of a warning, in order; empty when it was cleared."""
    found = [e for e in linked.sink.events if isinstance(e, ev.WarningRaised)]
    return [e.text for e in found if e.code == code]


async def up(linked: LinkedAri, times: int = 1) -> None:
    await linked.sink.until(lambda _: len(snapshots(linked)) >= times)


async def told(linked: LinkedAri, code: str = LINK, times: int = 1) -> str:
    await linked.sink.until(lambda _: len(said(linked, code)) >= times)
    return said(linked, code)[-1]


async def test_who_is_inside_is_told_first_then_what_happens(ari: ScriptedAri) -> None:
    ari.listed = [channel("1.1"), channel("1.2", "Queue", "support")]
    async with LinkedAri(ari.port) as linked:
        await up(linked)
        ari.stream.send(
            event("ChannelDialplan", channel=channel("1.1", "Queue", "support")),
            event("ChannelDialplan", channel=channel("1.3")),
            event("ChannelDtmfReceived", LATER, channel=channel("1.3"), digit="7"),
        )
        await linked.sink.until(lambda events: len(events) == 4)
    assert linked.sink.events == [
        ev.StasisSnapshot("lab", NOW, (ev.StasisSeen("1.1", "ivr-app"),)),
        ev.StasisLeft("lab", NOW, "1.1", "ivr-app"),
        ev.StasisEntered("lab", NOW, "1.3", "ivr-app"),
        ev.StasisDigit("lab", NOW + 500, "1.3", "7"),
    ]


async def test_what_comes_while_the_channels_are_listed_follows_the_list(ari: ScriptedAri) -> None:
    earlier = STAMP.replace("13:20.000", "13:19.990")

    def meanwhile() -> None:
        ari.listed = [channel("1.1"), channel("1.2")]
        ari.stream.send(event("ChannelDialplan", earlier, channel=channel("1.2")))

    ari.on_listing = meanwhile
    async with LinkedAri(ari.port) as linked:
        await linked.sink.until(lambda events: len(events) == 2)
    assert linked.sink.events == [
        # before all that came meanwhile, also where the two clocks differ a little
        ev.StasisSnapshot("lab", NOW - 10, (ev.StasisSeen("1.1", "ivr-app"),)),
        ev.StasisEntered("lab", NOW - 10, "1.2", "ivr-app"),
    ]


async def test_only_the_types_that_matter_are_asked_for(ari: ScriptedAri) -> None:
    async with LinkedAri(ari.port) as linked:
        await up(linked)
    allowed = [item["type"] for item in json.loads(b"".join(ari.bodies))["allowed"]]
    assert "ChannelDialplan" in allowed
    assert "ChannelVarset" not in allowed
    events = next(head for head in ari.heads if b"/ari/events" in head)
    assert b"app=minuteur&subscribeAll=true" in events
    assert SECRET.encode() not in events


@pytest.mark.parametrize("status", [403, 404, 400, 500])
async def test_an_account_that_may_not_filter_gets_all_events(
    ari: ScriptedAri, status: int
) -> None:
    ari.answers["PUT /ari/applications/minuteur/eventFilter"] = lambda: (status, {"message": "no"})
    async with LinkedAri(ari.port) as linked:
        await up(linked)
        ari.stream.send(
            event("ChannelVarset", channel=channel("1.1"), variable="A", value="1"),
            event("DeviceStateChanged", device_state={}),
            event("ChannelDialplan", channel=channel("1.1")),
        )
        await linked.sink.until(lambda events: len(events) == 2)
    assert said(linked) == []
    assert linked.link.garbage == 0


async def test_a_wrong_password_is_said_once_and_tried_seldom(ari: ScriptedAri) -> None:
    async with LinkedAri(ari.port, password="wrong", refused_retry=60.0) as linked:
        text = await told(linked)
        assert await linked.naps.end_next() == 60.0
        await linked.naps.end_next()
        assert said(linked) == [text]
    assert text == (
        f"The ARI of the PBX lab at 127.0.0.1:{ari.port} refuses the account minuteur. Check "
        "username and password in [pbx.ari], and the user in ari.conf."
    )


async def test_a_wrong_url_is_said(ari: ScriptedAri) -> None:
    async with LinkedAri(ari.port, path="/asterisk") as linked:
        text = await told(linked)
    assert text.startswith(f"There is no ARI of the PBX lab at 127.0.0.1:{ari.port} (HTTP 404).")
    assert "ends in /ari" in text


async def test_an_asterisk_without_events_is_said(ari: ScriptedAri) -> None:
    ari.answers["GET /ari/events"] = lambda: (404, {"message": "Resource not found"})
    async with LinkedAri(ari.port) as linked:
        assert "res_ari_events" in await told(linked)


async def test_nothing_there_is_said() -> None:
    async with ScriptedAri() as gone:
        pass
    async with LinkedAri(gone.port) as linked:
        text = await told(linked)
    assert text == (
        f"Cannot reach the ARI of the PBX lab at 127.0.0.1:{gone.port} (Connection refused). Check "
        "url in [pbx.ari], and enabled, bindaddr and bindport in http.conf."
    )


async def test_something_else_there_is_said(ari: ScriptedAri) -> None:
    ari.answers["GET /ari/events"] = lambda: (200, "hello")
    async with LinkedAri(ari.port) as linked:
        assert "(HTTP 200)" in await told(linked)


async def test_silence_is_said(ari: ScriptedAri) -> None:
    ari.answers["GET /ari/applications/minuteur"] = lambda: None
    async with LinkedAri(ari.port, request_timeout=0.05) as linked:
        assert "does not answer within 0.05 s" in await told(linked)


async def test_an_application_that_is_a_voice_servers_is_not_taken_away_from_it(
    ari: ScriptedAri,
) -> None:
    ari.answers["GET /ari/applications/minuteur"] = lambda: (
        200, {"name": "minuteur", "channel_ids": ["1.1"]},
    )  # fmt: skip
    async with LinkedAri(ari.port) as linked:
        text = await told(linked)
        assert await linked.naps.end_next() == linked.settings.refused_retry
    assert "is another program's, whose calls we would take away" in text
    assert ari.streams == []


async def test_an_application_that_another_monitor_takes_over_is_said(ari: ScriptedAri) -> None:
    async with LinkedAri(ari.port) as linked:
        await up(linked)
        ari.stream.send(event("ApplicationReplaced"))
        assert "each monitor needs a name of its own" in await told(linked)
        assert await linked.naps.end_next() == linked.settings.refused_retry


async def test_callers_who_are_sent_to_the_monitors_own_application_are_said(
    ari: ScriptedAri,
) -> None:
    async with LinkedAri(ari.port) as linked:
        await up(linked)
        ari.stream.send(event("StasisStart", channel=channel("1.1"), args=[]))
        assert "nobody answers them" in await told(linked, OUR_APP)


async def test_after_a_drop_the_link_comes_back_with_a_new_list(ari: ScriptedAri) -> None:
    ari.listed = [channel("1.1")]
    async with LinkedAri(ari.port) as linked:
        await up(linked)
        ari.stream.cut()
        assert "closed the ARI connection" in await told(linked)
        ari.listed = [channel("1.2")]
        assert await linked.naps.end_next() == 1.0
        await up(linked, 2)
        assert await told(linked, times=2) == ""
        ari.stream.send(
            # left while nobody looked: the list has said so, this step is no leaving any more
            event("ChannelDialplan", channel=channel("1.1", "Wait", "9")),
            event("ChannelDestroyed", channel=channel("1.2")),
        )
        await linked.sink.until(lambda events: isinstance(events[-1], ev.StasisLeft))
    insides = [[seen.uniqueid for seen in one.inside] for one in snapshots(linked)]
    assert insides == [["1.1"], ["1.2"]]
    lefts = [e.uniqueid for e in linked.sink.events if isinstance(e, ev.StasisLeft)]
    assert lefts == ["1.2"]


async def test_tries_come_later_and_later(ari: ScriptedAri) -> None:
    ari.answers["GET /ari/channels"] = lambda: (500, {"message": "Allocation failed"})
    async with LinkedAri(ari.port) as linked:
        assert [await linked.naps.end_next() for _ in range(4)] == [1.0, 2.0, 4.0, 8.0]
    assert len(said(linked)) == 1
    assert snapshots(linked) == []


async def test_a_half_open_connection_is_found(ari: ScriptedAri) -> None:
    ari.deaf = True
    async with LinkedAri(ari.port, ping_interval=0.05, ping_timeout=0.05) as linked:
        await up(linked)
        assert "does not answer any more" in await told(linked)


async def test_garbage_is_counted_said_once_and_tolerated(ari: ScriptedAri) -> None:
    async with LinkedAri(ari.port) as linked:
        await up(linked)
        for raw in (b"{", b"[]", b"5", b'{"type": 5}', b'{"type": "ChannelDialplan"}', b"\xff"):
            ari.stream.send_raw(raw)
        ari.stream.send(event("ChannelDialplan", channel=channel("1.1")))
        await linked.sink.until(lambda events: isinstance(events[-1], ev.StasisEntered))
        assert linked.link.garbage == 6
    assert len(said(linked, GARBAGE)) == 1
    assert said(linked) == []


async def test_a_message_without_end_ends_the_connection(
    ari: ScriptedAri, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ari_client, "MAX_MESSAGE", 2000)
    async with LinkedAri(ari.port) as linked:
        await up(linked)
        ari.stream.send_raw(b'"' + b"x" * 3000 + b'"')
        assert "a message without end" in await told(linked)


async def test_a_list_without_end_is_given_up(
    ari: ScriptedAri, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ari_client, "MAX_LISTING", 2000)
    ari.listed = [channel(f"1.{n}") for n in range(100)]
    async with LinkedAri(ari.port) as linked:
        assert "answers without end" in await told(linked)


async def test_a_list_that_does_not_come_while_events_do_is_given_up(
    ari: ScriptedAri, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ari_link, "MAX_BUFFER", 3)

    def flood() -> None:
        ari.stream.send(*(event("ChannelDialplan", channel=channel("1.1")) for _ in range(4)))

    ari.answers["GET /ari/channels"] = flood
    async with LinkedAri(ari.port) as linked:
        assert "did not list its channels" in await told(linked)


async def test_channels_in_an_unknown_form_are_left_out(ari: ScriptedAri) -> None:
    ari.listed = [{"id": "1.1"}, {**channel("1.2"), "id": 5}, channel("1.3")]
    ari.listed.append("x")  # type: ignore[arg-type]
    async with LinkedAri(ari.port) as linked:
        await up(linked)
    assert snapshots(linked)[0].inside == (ev.StasisSeen("1.3", "ivr-app"),)


async def test_no_log_holds_the_password(
    ari: ScriptedAri, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with LinkedAri(ari.port) as linked:
        await up(linked)
        ari.stream.cut()
        await told(linked)
    assert SECRET not in repr(linked.settings)
    for secret in (SECRET, "Authorization", "Basic "):
        assert secret not in caplog.text
