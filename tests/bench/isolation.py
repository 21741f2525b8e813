"""Fresh processes: a measurement must not inherit another one's heap, nor share its processor."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_SPAWN: Final = multiprocessing.get_context("spawn")
PATIENCE: Final = 300.0
"""Seconds after which a helper that says nothing is taken for broken."""


def isolated(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a process of its own; return what it returned."""
    with ProcessPoolExecutor(1, mp_context=_SPAWN) as pool:
        return pool.submit(function, *args, **kwargs).result()


@contextmanager
def helper(main: Callable[..., None], *args: Any) -> Iterator[Connection]:  # noqa: ANN401
    """Run ``main(connection, *args)`` in another process for the time of the block."""
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=main, args=(theirs, *args), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.join(5.0)
        if process.is_alive():
            process.terminate()
            process.join()


def heard(connection: Connection) -> Any:  # noqa: ANN401
    """What the other process says next."""
    if not connection.poll(PATIENCE):
        raise TimeoutError("a helper process of the benchmark does not answer")
    return connection.recv()
