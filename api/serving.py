"""The HTTP server around the application: its socket, its signals, its graceful end."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn

from api.app import create_app
from api.services import Services
from api.stream import StreamProtocol
from config.settings import Api

GRACE_S = 3
"""How long requests under way may take when the server ends."""
MAX_MESSAGE = 64 * 1024
"""Bytes; clients of the stream say little."""
MAX_CONNECTIONS = 800
"""Beyond them 503 is answered: 200 pages, each with its stream and three requests at once, and
fewer than the 1024 open files that a process usually may have."""
_INSTEAD = "Choose another [api] host or port"


class AddressError(Exception):
    """The address cannot be served; the message says why and what to do."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own way raises the signal again at the end, before our record is stored.
        yield


def listen(host: str, port: int, instead: str = _INSTEAD) -> socket.socket:
    """Open the listening socket; ``port`` 0 takes any free one.

    Args:
        host: a name or an address of this machine.
        port: from 0 to 65535.
        instead: how another address is chosen, where this one cannot be had.

    Raises:
        AddressError: the address is in use or not ours.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise AddressError(
            f"Cannot listen on {host}:{port}: {_why(error)}. "
            f"{instead}, or end the program that uses it."
        ) from error


def _why(error: OSError) -> str:
    # asyncio and gaierror put more into strerror than people need.
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror)


def url_of(listener: socket.socket) -> str:
    """The address of a listening socket for a browser on this machine."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def config_of(services: Services, settings: Api) -> uvicorn.Config:
    """How the server is run."""
    return uvicorn.Config(
        create_app(services),
        ws=StreamProtocol,
        ws_max_size=MAX_MESSAGE,
        # The same text goes to all clients; compressing it for each would cost a core.
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=GRACE_S,
        limit_concurrency=MAX_CONNECTIONS,
    )


async def serve(
    services: Services, settings: Api, listener: socket.socket, ready: Callable[[], None]
) -> None:
    """Serve until SIGTERM or SIGINT, or until cancelled.

    Args:
        services: what the application works with.
        settings: which proxies are trusted.
        listener: the listening socket; closed at the end.
        ready: called once requests are answered.
    """
    server = _Server(config_of(services, settings))
    loop = asyncio.get_running_loop()

    def end() -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    task = asyncio.create_task(server.serve([listener]))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - nothing to wait on
            await asyncio.sleep(0.01)
        if not task.done():
            ready()
        await asyncio.shield(task)
    except asyncio.CancelledError:
        end()
        await task
        raise
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
