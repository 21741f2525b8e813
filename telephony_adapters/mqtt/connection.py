"""One connection with the broker: aiomqtt's client, with the ends that it leaves open tied up.

aiomqtt 2.5 does not reconnect; a client is used for one connection and thrown away, so that nothing
of the connection before is sent again behind our back. What else it leaves to its user:

* a ``publish`` that waits for its PUBACK does not notice that the connection broke, and waits for
  its time limit: whoever reads :attr:`aiomqtt.Client.messages` does notice, so we always read;
* when no CONNACK comes in time, or the connecting is cancelled, the socket stays open;
* leaving sends a DISCONNECT, upon which the broker forgets the last will: right at the end of the
  process, wrong when the broker does not answer any more;
* a DISCONNECT that cannot be written is waited for, and the socket stays open after that.
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from telephony_adapters.mqtt.topics import OFFLINE, Topics

KEEPALIVE_S: Final = 20
"""A broker that fell silent is noticed, and our last will published, after at most 1.5 times it."""
TIMEOUT_S: Final = 10.0
"""How long the broker may take to acknowledge something."""
IN_FLIGHT: Final = 64
"""Messages that may be sent and not acknowledged yet."""
INCOMING: Final = 2000
"""Messages from the broker that are kept until they are looked at; more are discarded."""
TIMED_OUT: Final = "Operation timed out"
"""aiomqtt's words for it; it has no error of its own."""
REFUSED_CODES: Final = frozenset(
    ReasonCode(PacketTypes.CONNACK, name).value
    for name in ("Bad user name or password", "Not authorized", "Client identifier not valid")
)

_library_log = logging.getLogger(f"{__name__}.client")
# It calls each end of a connection an error; the sink says it once, with what to do.
_library_log.setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and who we are there."""

    url: str
    prefix: str = "minuteur/"
    username: str = ""
    password: str = field(default="", repr=False)
    client_id: str = ""
    ca_file: str = ""
    keepalive: int = KEEPALIVE_S
    timeout: float = TIMEOUT_S

    @property
    def encrypted(self) -> bool:
        """Whether the connection is made through TLS."""
        return urlsplit(self.url).scheme == "mqtts"

    @property
    def host(self) -> str:
        """Its name or address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Its port; the standard's own where none is written."""
        return urlsplit(self.url).port or (8883 if self.encrypted else 1883)

    @property
    def identifier(self) -> str:
        """Our client id: the same after a restart, so that we take our own old connection over."""
        return self.client_id or self.prefix.strip("/").replace("/", "-") or "minuteur"

    @property
    def where(self) -> str:
        """The broker, for people."""
        return f"the broker at {self.host}:{self.port}"


class BrokerError(Exception):
    """The connection failed; the message says why and what to do. It holds no secret."""

    def __init__(self, message: str, *, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


class Connection(aiomqtt.Client):
    """A client that can be dropped at once, in any state."""

    @property
    def has_socket(self) -> bool:
        """Whether the thread that makes the connection has come so far."""
        return self._client.socket() is not None

    async def leave(self, within: float) -> None:
        """Say goodbye: the broker forgets the last will. ``within`` seconds, or not at all."""
        with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(within):
                await self.__aexit__(None, None, None)

    def drop(self) -> None:
        """Cut the connection without a word: the broker publishes the last will."""
        if self._disconnected.done():
            self._disconnected.exception()  # lest the loop complain that nobody looked at it
        self._client._sock_close()  # paho's only way that says no goodbye


@contextlib.asynccontextmanager
async def connected(broker: Broker) -> AsyncIterator[Connection]:
    """Connect with a last will; who has not left before the end is dropped.

    Raises:
        BrokerError: it cannot be made, or broke.
    """
    try:
        tls = await asyncio.to_thread(_tls, broker) if broker.encrypted else None
        client = _client(broker, tls)
        await _enter(client)
    except (OSError, aiomqtt.MqttError) as error:
        raise explained(error, broker) from error
    try:
        yield client
    except aiomqtt.MqttError as error:
        raise explained(error, broker) from error
    finally:
        client.drop()


def _tls(broker: Broker) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=broker.ca_file or None)


def _client(broker: Broker, tls: ssl.SSLContext | None) -> Connection:
    client = Connection(
        broker.host,
        broker.port,
        username=broker.username or None,
        password=broker.password or None,
        identifier=broker.identifier,
        clean_session=True,
        will=aiomqtt.Will(Topics(broker.prefix).status, OFFLINE, qos=1, retain=True),
        timeout=broker.timeout,
        keepalive=broker.keepalive,
        tls_context=tls,
        max_inflight_messages=IN_FLIGHT,
        max_queued_incoming_messages=INCOMING,
        logger=_library_log,
    )
    client.pending_calls_threshold = 2 * IN_FLIGHT
    return client


async def _enter(client: Connection) -> None:
    """Connect; the thread in which that happens cannot be stopped, so it is cleaned up after."""
    entering = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.shield(entering)
    except BaseException:
        entering.add_done_callback(lambda done: _forget(done, client))
        if client.has_socket:
            entering.cancel()  # it only waits for the broker's word
        raise


def _forget(entering: asyncio.Future[Connection], client: Connection) -> None:
    if not entering.cancelled():
        entering.exception()
    client.drop()


def explained(error: BaseException, broker: Broker) -> BrokerError:
    """Say in one sentence why a connection failed, and what to do."""
    where = broker.where
    if isinstance(error, MqttConnectError):
        refused = isinstance(error.rc, ReasonCode) and error.rc.value in REFUSED_CODES
        advice = ": check username, password and client_id in [mqtt]" if refused else ""
        return BrokerError(f"We are refused by {where} ({error.rc}){advice}.", refused=refused)
    # aiomqtt tells only the text of what happened below it.
    cause = error.__context__ if isinstance(error, aiomqtt.MqttError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return BrokerError(
            f"The certificate of {where} is not believed ({cause.verify_message}): check ca_file "
            "in [mqtt].",
            refused=True,
        )
    if isinstance(cause, FileNotFoundError) and broker.ca_file:
        return BrokerError(f"[mqtt] ca_file: there is no {broker.ca_file}.", refused=True)
    return BrokerError(f"There is no connection with {where}: {_words(error, cause)}.")


def _words(error: BaseException, below: BaseException | None) -> str:
    if isinstance(below, OSError) and below.strerror:
        return below.strerror
    if isinstance(error.__cause__, aiomqtt.MqttCodeError):
        return "it was lost"
    if str(error) == TIMED_OUT:
        return "it does not answer"
    return (str(error) or type(error).__name__).rstrip(".")
