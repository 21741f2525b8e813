"""The ARI link against real Asterisks, with a Stasis program of somebody else's beside it."""

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest

from monitor.core import events as ev
from telephony_adapters.asterisk.ari_link import LINK
from tests.asterisk_lab.callers import originate
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.server import AsteriskLab
from tests.asterisk_lab.voice_rows import APPS, SAMPLES, voice_lab
from tests.asterisk_lab.voice_server import StasisVoiceServer

from .scripted_ari import LinkedAri

pytestmark = pytest.mark.asterisk

VERSIONS: tuple[Version, ...] = ("22", "16")
SAMPLE_PASSWORD = "choose-a-long-one"


@pytest.fixture(params=VERSIONS)
def lab(request: pytest.FixtureRequest) -> Iterator[AsteriskLab]:
    # One for each test: now and then Asterisk 22 takes no websocket any more after one was closed.
    made = voice_lab(request.param)
    # The offered ari.conf, with the lab's own account (which may write) behind it.
    own = "\n[writer]\ntype = user\npassword = " + made.secret + "\n"
    (made.dir / "etc" / "ari.conf").write_text((SAMPLES / "ari.conf").read_text() + own)
    made.username = "writer"
    with made as running:
        yield running


@pytest.fixture
def program(lab: AsteriskLab) -> Iterator[StasisVoiceServer]:
    with StasisVoiceServer(lab, *APPS) as running:
        yield running


def linked(lab: AsteriskLab, **settings: str) -> LinkedAri:
    values = {"username": "writer", "password": lab.secret, **settings}
    return LinkedAri(lab.http_port, now=lambda: time.time_ns() // 1_000_000, **values)


def of(kind: type[ev.Event]) -> Callable[[list[ev.Event]], bool]:
    return lambda events: any(isinstance(event, kind) for event in events)


def enter(lab: AsteriskLab, exten: str) -> None:
    with lab.ami() as ami:
        originate(ami, exten, "0612345678", 60_000)


def hang_up_all(lab: AsteriskLab) -> None:
    with lab.ami() as ami:
        ami.action("Hangup", Channel="/^.*$/")


@pytest.mark.parametrize("username", ["writer", "minuteur"])
async def test_a_caller_in_somebody_elses_application_is_followed(
    lab: AsteriskLab, program: StasisVoiceServer, username: str
) -> None:
    """``minuteur`` is the offered account: it may only read, and is sent everything."""
    password = lab.secret if username == "writer" else SAMPLE_PASSWORD
    # an app of its own: on 16 the filter that another account set stays in force
    own = f"monitor-{username}"
    async with linked(lab, username=username, password=password, app=own) as run:
        await run.sink.until(of(ev.StasisSnapshot))
        enter(lab, "vs-played")
        await run.sink.until(of(ev.StasisLeft))
        assert run.link.garbage == 0
    hang_up_all(lab)
    told = [event for event in run.sink.events if not isinstance(event, ev.StasisSnapshot)]
    first, last = told[0], told[-1]
    assert isinstance(first, ev.StasisEntered)
    assert isinstance(last, ev.StasisLeft)
    assert (first.app, last.app, last.uniqueid) == ("menu-app", "menu-app", first.uniqueid)
    assert 0.9 <= (last.at - first.at) / 1000 <= 10
    assert abs(first.at / 1000 - time.time()) < 60
    others = {raw for raw in run.raw if b'"ChannelVarset"' in raw}
    assert bool(others) == (username == "minuteur")


async def test_who_is_inside_when_the_link_comes_up_is_found(
    lab: AsteriskLab, program: StasisVoiceServer
) -> None:
    async with linked(lab) as first:
        await first.sink.until(of(ev.StasisSnapshot))
        enter(lab, "vs-stay")
        await first.sink.until(of(ev.StasisEntered))
        # Beside the first, not after it: its websocket stays open (see the fixture).
        async with linked(lab, app="monitor-second") as run:
            await run.sink.until(of(ev.StasisSnapshot))
            snapshot = run.sink.events[0]
            assert isinstance(snapshot, ev.StasisSnapshot)
            (inside,) = snapshot.inside
            hang_up_all(lab)
            await run.sink.until(of(ev.StasisLeft))
    assert inside.app == "ivr-app"
    left = next(event for event in run.sink.events if isinstance(event, ev.StasisLeft))
    assert (left.uniqueid, left.app) == (inside.uniqueid, "ivr-app")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"password": "wrong"}, "refuses the account writer"),
        ({"username": "nobody"}, "refuses the account nobody"),
        ({"app": "ivr-app"}, "is another program's, whose calls we would take away"),
        ({"path": "/asterisk"}, "There is no ARI"),
    ],
)
async def test_what_is_wrong_is_said_in_one_sentence(
    lab: AsteriskLab, program: StasisVoiceServer, settings: dict[str, str], told: str
) -> None:
    async with linked(lab, **settings) as run:
        await run.sink.until(of(ev.WarningRaised))
    warning = run.sink.events[0]
    assert isinstance(warning, ev.WarningRaised)
    assert warning.code == LINK
    assert told in warning.text


async def test_a_second_monitor_with_the_same_name_is_said(lab: AsteriskLab) -> None:
    async with linked(lab) as first:
        await first.sink.until(of(ev.StasisSnapshot))
        async with linked(lab) as second:
            await second.sink.until(of(ev.StasisSnapshot))
            await first.sink.until(of(ev.WarningRaised))
    warning = first.sink.events[-1]
    assert isinstance(warning, ev.WarningRaised)
    assert "each monitor needs a name of its own" in warning.text


async def test_the_link_comes_back_after_asterisk_has_restarted(lab: AsteriskLab) -> None:
    async with linked(lab) as run:
        await run.sink.until(of(ev.StasisSnapshot))
        await asyncio.to_thread(lab.restart)
        await run.naps.end_next()
        await run.sink.until(lambda events: of(ev.StasisSnapshot)(events[1:]))
        await run.sink.until(lambda events: texts(events)[-1:] == [""])
    assert "closed the ARI connection" in texts(run.sink.events)[0]


def texts(events: list[ev.Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, ev.WarningRaised)]
