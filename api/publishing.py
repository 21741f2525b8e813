"""What is published and where to, put together from the settings."""

import asyncio
import contextlib
from collections.abc import Callable, Container
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from api.messages import Messages, masked
from api.overflow_control import OverflowControl
from api.queue_states import QueueStates
from api.remote_commands import carried_out_by
from config.publishing import Mqtt, Webhook
from config.settings import Settings
from monitor.core.clock import Ms
from monitor.history.database import History
from monitor.history.messages import StoredMessage
from monitor.history.outbox import Outbox
from monitor.publishing import Publishing, Sink
from monitor.runtime import Monitor
from telephony_adapters.mqtt.connection import Broker
from telephony_adapters.mqtt.sink import MqttSink
from telephony_adapters.webhooks.request import Hook
from telephony_adapters.webhooks.sink import WebhookSink


@dataclass(frozen=True, slots=True)
class Publisher:
    """The sinks, and what feeds them."""

    publishing: Publishing
    states: QueueStates | None
    messages: Messages | None

    def prepare(self) -> None:
        """Say which sinks there are; blocks, and comes before the first message is made.

        Raises:
            SQLAlchemyError: the database cannot be used.
        """
        self.publishing.outbox.register(self.publishing.sinks)

    def begin(self, monitor: Monitor) -> None:
        """Follow the monitor; comes after calls were restored, and before any event."""
        if self.messages is not None:
            self.messages.recall(monitor.engine.snapshot().calls.values())
        if self.states is not None:
            monitor.subscribe(self.states)

    async def run(self) -> None:
        """Publish until cancelled; without sinks, throw away what waited for those of before."""
        if self.publishing.sinks:
            await self.publishing.run()
            return
        with contextlib.suppress(SQLAlchemyError):
            await asyncio.to_thread(self.publishing.outbox.prune)


def messages_of(settings: Settings) -> Messages | None:
    """What makes messages of effects; None where nothing is published."""
    return Messages() if settings.mqtt is not None or settings.webhook else None


def publisher_of(
    settings: Settings,
    history: History,
    monitor: Monitor,
    control: OverflowControl,
    messages: Messages | None,
    now: Callable[[], Ms],
    pbxs: Container[str],
) -> Publisher:
    """Make the sinks that the settings name.

    ``messages`` is what the history's writer uses, ``pbxs`` names those that are watched just now.
    """
    states = None
    sinks: list[Sink] = [_webhook(hook, now) for hook in settings.webhook]
    if settings.mqtt is not None:
        states = QueueStates(monitor.engine, now, pbxs)
        sinks.insert(0, _mqtt(settings.mqtt, states, control, now))
    return Publisher(Publishing(Outbox(history, now=now), sinks), states, messages)


def _mqtt(
    mqtt: Mqtt, states: QueueStates, control: OverflowControl, now: Callable[[], Ms]
) -> MqttSink:
    broker = Broker(
        url=mqtt.url,
        prefix=mqtt.prefix,
        username=mqtt.username,
        password=mqtt.password.get_secret_value(),
        client_id=mqtt.client_id,
        ca_file=mqtt.ca_file,
    )
    carry = carried_out_by(control) if mqtt.commands else None
    sink = MqttSink(broker, _render(mqtt.numbers), states, now=now, carry=carry)
    states.on_change(sink.states.changed)
    return sink


def _webhook(hook: Webhook, now: Callable[[], Ms]) -> WebhookSink:
    where = Hook(
        name=hook.name,
        url=hook.url.get_secret_value(),
        secret=hook.secret.get_secret_value(),
        events=tuple(hook.events),
        timeout=hook.timeout,
    )
    return WebhookSink(where, _render(hook.numbers), now=now)


def _render(numbers: str) -> Callable[[StoredMessage], bytes]:
    if numbers == "full":
        return lambda message: message.payload.encode()
    return lambda message: masked(message.payload).encode()
