"""Contacts in a monitor that runs: the clock, alerts, messages, what a PBX told, a restart."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import orjson

from api.composition import running
from api.services import Services
from config.settings import Settings
from monitor.core.alerts import AlertKind
from monitor.core.contacts import Channel, Contact, ContactVerdict
from monitor.core.events import ContactReported, ContactStep, DialplanStep
from monitor.core.promises import Promise
from monitor.history.audit import Via, Who
from monitor.history.contact_log import ContactFilter
from monitor.history.contact_rows import NewContact

CRM = Who("crm", Via.TOKEN)
SOON = 300
"""How long (ms) a contact has: it is to be breached while the test looks on."""


def settings(folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "history": {"database": f"sqlite:///{folder / 'record.db'}"},
            # Nobody listens at either place: what is due does not wait for them.
            "mqtt": {"url": "mqtt://127.0.0.1:9"},
            "pbx": [{"name": "lab", "port": 9, "username": "minuteur", "secret": "x",
                     "incoming_contexts": ["incoming"]}],
        }
    )  # fmt: skip


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def contacts(services: Services, **wanted: str) -> list[Contact]:
    page = services.contacts.log.page(ContactFilter(**wanted))  # type: ignore[arg-type]
    return [known.contact for known in page.contacts]


def overdue(services: Services) -> list[str]:
    board = services.hub.boards.alerts.board()
    return [one.queue for one in board if one.kind is AlertKind.CONTACTS_OVERDUE]


async def test_a_deadline_passes_in_a_running_monitor_and_is_still_so_after_a_restart(
    tmp_path: Path,
) -> None:
    new = NewContact("crm", "T-1", Channel.EMAIL, Promise.within(SOON), queue="support")
    async with running(settings(tmp_path)) as services:
        (done,) = await services.contacts.register([new], CRM)
        assert done.contact is not None
        await until(lambda: overdue(services) == ["support"])
        (breached,) = contacts(services)
        assert breached.verdict is ContactVerdict.BREACHED
        assert breached.verdict_at == done.contact.received_at + SOON
        text = services.metrics.render().decode()
        assert 'minuteur_contacts{channel="email",state="overdue"} 1.0' in text
        told = services.publishing.outbox.read("mqtt")
        events = [orjson.loads(message.payload)["event"] for message in told]
        assert [event for event in events if event.startswith("contact_")] == [
            "contact_at_risk", "contact_breached",
        ]  # fmt: skip

    async with running(settings(tmp_path)) as services:
        await until(lambda: overdue(services) == ["support"])
        assert contacts(services) == [breached]


async def test_what_a_pbx_told_as_the_monitor_was_stopped_is_kept_and_seen_to(
    tmp_path: Path,
) -> None:
    async with running(settings(tmp_path)) as services:
        now = services.now()
        step = DialplanStep("lab", now, "1.1", "incoming", "s", "NoOp")
        asked = ContactReported(
            "lab", now, "1.1", ContactStep.ASKED, Channel.CALLBACK,
            promise=Promise.within(SOON), number="0199001234",
        )  # fmt: skip
        services.monitor.submit(step)
        services.monitor.submit(asked)
    # stopped at once: what was told is stored all the same

    async with running(settings(tmp_path)) as services:
        await until(lambda: contacts(services)[:1] != [])
        await until(lambda: contacts(services)[0].verdict is ContactVerdict.BREACHED)
        (found,) = contacts(services)
        assert (found.source, found.channel) == ("pbx:lab", Channel.CALLBACK)
