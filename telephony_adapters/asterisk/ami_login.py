"""Getting into an Asterisk manager account, and saying plainly why that fails."""

import asyncio
import functools
import hashlib
import os
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from telephony_adapters.asterisk.ami_protocol import AmiManager, AmiProtocol, Answer

CONNECT_TIMEOUT: Final = 10.0
"""Seconds for the TCP connection and the TLS handshake."""
ACTION_TIMEOUT: Final = 10.0
"""Seconds for the answer to an action; a refused login alone takes Asterisk one second."""
SNAPSHOT_TIMEOUT: Final = 60.0
"""Seconds for a whole snapshot: one list of channels and one of each queue."""
BOOT_PATIENCE: Final = 3.0
"""Seconds to wait for a PBX that may still be starting to say that it has started."""
PING_INTERVAL: Final = 5.0
PING_TIMEOUT: Final = 10.0
REFUSED_RETRY: Final = 60.0
"""Seconds between two tries with an account that was refused: slow enough for any lock-out."""


@dataclass(frozen=True, slots=True)
class AmiTls:
    """How to encrypt the connection.

    ``ca_file`` holds the trusted authorities (empty: the system's), ``server_name`` is the name in
    the PBX's certificate (empty: the host). ``verify=False`` believes any certificate.
    """

    ca_file: str = ""
    server_name: str = ""
    verify: bool = True

    def context(self) -> ssl.SSLContext:
        """Return a fresh TLS context; ``OSError`` if the file cannot be used."""
        context = ssl.create_default_context(cafile=self.ca_file or None)
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass(frozen=True, slots=True)
class AmiSettings:
    """One PBX's manager account. All spans are in seconds.

    ``wants_digits``: a voice server there counts on the caller's first input, so the account must
    be told of keys (read class ``dtmf``).
    """

    name: str
    host: str
    port: int
    username: str
    secret: str = field(repr=False)
    tls: AmiTls | None = None
    connect_timeout: float = CONNECT_TIMEOUT
    action_timeout: float = ACTION_TIMEOUT
    snapshot_timeout: float = SNAPSHOT_TIMEOUT
    ping_interval: float = PING_INTERVAL
    ping_timeout: float = PING_TIMEOUT
    boot_patience: float = BOOT_PATIENCE
    refused_retry: float = REFUSED_RETRY
    wants_digits: bool = False


class LinkError(Exception):
    """The link cannot be had, or was lost; the text is one plain sentence for the admin.

    ``refused`` means that trying again soon is of no use: the account is not let in. ``reason`` is
    a stable code, and ``said`` are the other side's own words, where there are some.
    """

    def __init__(
        self, text: str, *, refused: bool = False, reason: str = "", said: str = ""
    ) -> None:
        super().__init__(text)
        self.refused = refused
        self.reason = reason
        self.said = said


async def connect(settings: AmiSettings, **protocol: Any) -> AmiProtocol:  # noqa: ANN401
    """Open a connection, not logged in yet; ``protocol`` are arguments of ``AmiProtocol``.

    Raises:
        LinkError: if there is no connection, or no TLS.
    """
    where = f"the PBX {settings.name} at {settings.host}:{settings.port}"
    try:
        context = settings.tls.context() if settings.tls else False
    except OSError as error:
        raise LinkError(
            f"The ca_file of the PBX {settings.name} is no use: {error}.", reason="ca_file"
        ) from error
    manager = AmiManager(
        host=settings.host,
        port=settings.port,
        ssl=context,
        server_hostname=(settings.tls.server_name or settings.host) if settings.tls else None,
        protocol_factory=functools.partial(AmiProtocol, **protocol),
    )
    try:
        async with asyncio.timeout(settings.connect_timeout):
            return await manager.open()
    except TimeoutError as error:
        raise LinkError(
            f"Cannot reach {where}: no answer within {settings.connect_timeout:g} s. Check the "
            "address and the firewall.",
            reason="timeout",
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise LinkError(
            f"The certificate of {where} is not trusted ({error.verify_message}). Set ca_file and "
            "server_name in its tls settings.",
            reason="untrusted",
            said=error.verify_message,
        ) from error
    except ssl.SSLError as error:
        raise LinkError(
            f"No TLS with {where} ({error.reason or error}). Check that port is the tlsbindaddr "
            "of manager.conf and tlsenable = yes.",
            reason="tls",
            said=str(error.reason or error),
        ) from error
    except (OSError, UnicodeError) as error:
        raise LinkError(
            f"Cannot reach {where} ({_reason(error)}). Check that Asterisk runs, the address, and "
            "enabled, port and bindaddr in manager.conf.",
            reason="name" if isinstance(error, socket.gaierror | UnicodeError) else "unreachable",
            said=_reason(error),
        ) from error


def _reason(error: OSError | UnicodeError) -> str:
    """Say why a connection failed in the system's few words; asyncio's own repeat the address."""
    if isinstance(error, OSError) and error.errno and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return str(getattr(error, "strerror", None) or error)


async def login(protocol: AmiProtocol, settings: AmiSettings, events: str) -> None:
    """Log in; ``events`` is what to receive at once (``off`` or names of classes).

    The secret itself is only sent where the PBX does not offer a challenge.

    Raises:
        LinkError: if the account is refused, or what answers is no Asterisk manager.
    """
    where = f"{settings.host}:{settings.port}"
    try:
        async with asyncio.timeout(settings.action_timeout):
            challenge = (await protocol.request("Challenge", {"AuthType": "MD5"}))[0]
            answer = (await protocol.request("Login", _credentials(settings, challenge, events)))[0]
    except TimeoutError as error:
        raise LinkError(
            f"What listens at {where} does not answer like an Asterisk manager. Check port and "
            "tls of the PBX " + settings.name + ".",
            reason="no_answer",
        ) from error
    except ConnectionError as error:
        raise LinkError(
            f"The PBX {settings.name} at {where} closed the connection during the login. Check "
            "that this is its manager port, and authlimit and permit/deny in manager.conf.",
            reason="closed",
        ) from error
    if answer.get("Response") != "Success":
        raise LinkError(
            f"The PBX {settings.name} refuses the AMI account {settings.username} "
            f"({answer.get('Message') or 'no reason given'}). Check username and secret, and the "
            "account's permit/deny in manager.conf.",
            refused=True,
            reason="in_use" if "In Use" in answer.get("Message", "") else "refused",
            said=answer.get("Message", ""),
        )


def _credentials(settings: AmiSettings, challenge: Answer, events: str) -> dict[str, str]:
    common = {"Username": settings.username, "Events": events}
    if challenge.get("Response") != "Success" or not challenge.get("Challenge"):
        return {**common, "Secret": settings.secret}
    # MD5 is what the protocol knows; it keeps the secret off the wire, no more is asked of it.
    text = (challenge["Challenge"] + settings.secret).encode()
    key = hashlib.md5(text, usedforsecurity=False).hexdigest()
    return {**common, "AuthType": "MD5", "Key": key}


class ControlConnection:
    """The second connection: without events, for snapshots and actions; opened when needed.

    A list on the connection that carries the events would hold those up.
    """

    def __init__(self, settings: AmiSettings) -> None:
        self._settings = settings
        self._protocol: AmiProtocol | None = None
        self._opening = asyncio.Lock()
        self._closings = 0

    async def request(
        self, name: str, headers: Mapping[str, Any], within: float | None = None
    ) -> list[Answer]:
        """Send one action, once; return its response and the items of its list.

        ``within`` (s) is the time for all of it, an action's usual time when left out.

        Raises:
            ValueError: if a header is not one line of text; nothing was sent.
            LinkError: if the connection cannot be opened; nothing was sent.
            ConnectionError: if it ended before the answer: the action may have been carried out.
            TimeoutError: if no answer came: the action may have been carried out.
        """
        protocol = await self._open()
        try:
            async with asyncio.timeout(within or self._settings.action_timeout):
                return await protocol.request(name, headers)
        except TimeoutError:
            # It may be half-open, or an answer may come that nobody expects any more.
            protocol.abort()
            raise

    async def _open(self) -> AmiProtocol:
        async with self._opening:
            if self._protocol is not None and not self._protocol.closed:
                return self._protocol
            closings = self._closings
            protocol = await connect(self._settings, wanted=None)
            try:
                await login(protocol, self._settings, events="off")
            except BaseException:
                protocol.abort()
                raise
            if closings != self._closings:
                protocol.abort()
                raise LinkError(f"The link with the PBX {self._settings.name} was lost meanwhile.")
            self._protocol = protocol
            return protocol

    def renew(self) -> None:
        """Have the next action open a new connection, unless somebody waits for an answer here."""
        if self._protocol is not None and not self._protocol.responses:
            self._protocol.close()

    def close(self) -> None:
        """Close the connection, also one that is just being opened."""
        self._closings += 1
        if self._protocol is not None:
            self._protocol.abort()
            self._protocol = None
