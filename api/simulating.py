"""Simulations: a rule tried on recorded days, here or in a process of its own."""

import asyncio
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Final

from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from api.visibility import Scope
from monitor.core.backtest.result import BacktestResult, CannotBeTestedError
from monitor.core.backtest.run import backtest
from monitor.core.clock import HOUR, Ms
from monitor.core.overflow.rules import OverflowRule, Redirect
from monitor.core.policy import Policy, matches
from monitor.history.database import History, open_history
from monitor.history.errors import HistoryError, explain
from monitor.history.past_calls import MOST, PastCalls, TooManyCallsError

WARM_UP: Final[Ms] = 2 * HOUR
"""Calls of so long before the range are what the first forecasts learn from."""
TIME_LIMIT_S: Final = 120.0
"""For a simulation that the page asks for."""
_NICE: Final = 10
_TOO_MANY: Final = "The range holds too many calls: take a shorter range, or one PBX."


class SimulationError(Exception):
    """A simulation cannot be run; the message says why and what to do."""


class BusyError(SimulationError):
    """Another one is running."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be simulated: calls that arrived ``since`` ≤ t < ``until`` (ms).

    All of them are run again; only those that ``scope`` sees are counted and listed.
    """

    rule: OverflowRule
    policy: Policy
    since: Ms
    until: Ms
    pbx: str | None = None
    scope: Scope = field(default_factory=Scope)


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came of it, and how long it took (s)."""

    job: Job
    result: BacktestResult
    took: float


def job_of(
    rule: OverflowRule, policy: Policy, since: Ms, until: Ms, pbx: str | None, queue: str | None
) -> Job:
    """What is to be simulated, of one PBX and one queue only where they are named.

    Raises:
        SimulationError: the rule does not watch them.
    """
    if pbx is not None and rule.pbx not in {"", pbx}:
        raise SimulationError(f"The rule {rule.id} is for the PBX {rule.pbx}, not for {pbx}.")
    if queue is not None:
        if isinstance(rule.action, Redirect) or not matches(queue, rule.queues):
            raise SimulationError(f"The rule {rule.id} does not watch the queue {queue}.")
        rule = replace(rule, queues=(queue,))
    return Job(rule, policy, since, until, pbx)


def simulate(
    history: History, job: Job, *, most: int = MOST, stop: Callable[[], None] = lambda: None
) -> Simulation:
    """Try a rule on the record.

    Args:
        history: the record.
        job: the rule and the range.
        most: so many calls at most.
        stop: called every now and then; it may raise.

    Raises:
        SimulationError: there is nothing to simulate, or too much.
        SQLAlchemyError: the database cannot be read.
    """
    began = time.monotonic()
    try:
        since = max(0, job.since - WARM_UP)
        pbx = job.pbx or job.rule.pbx or None
        calls = PastCalls(history).calls(since, job.until, pbx=pbx, most=most)
        counts = job.scope.sees_call
        result = backtest(job.rule, calls, job.policy, since=job.since, counts=counts, stop=stop)
    except TooManyCallsError as error:
        # How many calls all queues have had is nothing for who sees some of them.
        raise SimulationError(_TOO_MANY if job.scope.restricted else str(error)) from None
    except CannotBeTestedError as error:
        raise SimulationError(str(error)) from None
    return Simulation(job, result, time.monotonic() - began)


class Simulations:
    """Runs one simulation at a time, in a process of its own: the monitor must not wait for it."""

    def __init__(self, url: URL, time_limit: float = TIME_LIMIT_S, most: int = MOST) -> None:
        """Prepare to read the record at ``url``."""
        self._url = url.render_as_string(hide_password=False)
        self._time_limit = time_limit
        self._most = most
        self._running = False

    async def run(self, job: Job) -> Simulation:
        """Run a simulation.

        Raises:
            BusyError: another one is running.
            SimulationError: it cannot be run, or it took too long.
            HistoryError: the record cannot be read.
        """
        if self._running:
            raise BusyError("A simulation is running already: try again when it is done.")
        self._running = True
        try:
            return await asyncio.to_thread(self._in_a_process, job)
        finally:
            self._running = False

    def _in_a_process(self, job: Job) -> Simulation:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(
            target=_work, args=(theirs, self._url, job, self._most), daemon=True
        )
        process.start()
        theirs.close()
        try:
            if not ours.poll(self._time_limit):
                raise SimulationError(
                    f"The simulation took longer than {self._time_limit:.0f} s: take a shorter "
                    "range, or run `minuteur simulate-rule`, which has no limit."
                )
            found = ours.recv()
        except EOFError:
            raise SimulationError(
                "The simulation ended without a result; perhaps memory ran out: take a shorter "
                "range."
            ) from None
        finally:
            process.kill()
            process.join()
            ours.close()
        if isinstance(found, Simulation):
            return found
        assert isinstance(found, Exception)  # noqa: S101 - nothing else is sent
        raise found


def _work(answer: Connection, url: str, job: Job, most: int) -> None:
    """What the other process does."""
    os.nice(_NICE)
    found: Simulation | Exception
    try:
        with open_history(url, migrate=False) as history:
            try:
                found = simulate(history, job, most=most)
            except SQLAlchemyError as error:
                found = HistoryError(explain(error, history.url))
    except (SimulationError, HistoryError) as error:
        found = error
    answer.send(found)
    answer.close()
