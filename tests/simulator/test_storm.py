"""A storm on the simulated PBX, with the whole monitor on it: 500 callers in a second.

Its two queues overflow into each other. The centre's clock runs fast, and the monitor's with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from api.composition import running
from api.overflow_policies import rules_of
from api.services import Services
from config.settings import Settings
from monitor.core.clock import SECOND
from monitor.core.events import LinkState
from monitor.core.overflow.decisions import Because
from monitor.core.records import Observed
from monitor.history.database import open_history
from telephony_adapters.simulator import QUIET, CallerPlan, SimulatedPbx, Site, Staff
from telephony_adapters.simulator.parts import QueueSetup, Step
from tests.soak.storm_checks import problems
from tests.soak.storm_records import read_storm

CALLERS = 500
SPEED = 10.0
WITHIN = 60.0
"""Seconds after which something hangs."""
BOTH = (("support", "sales"), ("sales", "support"))
WITHDRAWN = Step("GotoIf", '$["${QUEUESTATUS}"="WITHDRAW"]?${QUEUE_WITHDRAW_INFO}')
SITE = Site(
    tuple(QueueSetup(name, ring=3 * SECOND, retry=SECOND) for name, _ in BOTH),
    {
        (context, name): (Step("Answer"), Step("Queue", name), WITHDRAWN, Step("Hangup"))
        for name, _ in BOTH
        for context in ("incoming", "overflow")
    },
    tuple(
        Staff(f"PJSIP/{number}{agent}", f"{name} {agent}", ((name, 0),))
        for number, (name, _) in enumerate(BOTH, 1)
        for agent in range(4)
    ),
)


def settings(directory: Path, port: int) -> Settings:
    rules = [
        {
            "id": f"{queue}-to-{into}",
            "queues": [queue],
            "when": [{"metric": "waited_in_queue", "at_least": 5}],
            "do": {"withdraw": {"context": "overflow", "exten": into, "queue": into}},
            "cool_down": 5,
            "at_most": 10,
            "per": 10,
            "only_if_better": False,
        }
        for queue, into in BOTH
    ]
    pbx = {"name": "sim", "port": port, "username": "minuteur", "secret": "minuteur"}
    return Settings.model_validate(
        {
            "history": {"database": f"sqlite:///{directory / 'storm.db'}"},
            "pbx": [{**pbx, "incoming_contexts": ["incoming"]}],
            "overflow_rule": rules,
        }
    )


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not happened():  # noqa: ASYNC110 - nobody signals it
            await asyncio.sleep(0.05)


async def all_over(pbx: SimulatedPbx, services: Services) -> None:
    engine = services.monitor.engine

    def connected() -> bool:
        state = engine.pbx_state("sim")
        return state is not None and state.link is LinkState.CONNECTED

    await until(connected)
    for number in range(CALLERS):
        plan = CallerPlan((40 + number % 20) * SECOND, talk=8 * SECOND)
        pbx.call(f"01990{number:05d}", BOTH[number % 2][0], plan=plan)
    await until(lambda: pbx.centre.processed >= CALLERS)
    await until(lambda: not engine.snapshot().calls)


async def test_the_cap_and_the_loop_check_hold_through_the_whole_monitor(tmp_path: Path) -> None:
    async with SimulatedPbx(speed=SPEED, profile=QUIET, site=SITE) as pbx:
        pbx.centre.frames.noise = False  # what nobody reads costs most
        for agent in pbx.centre.agents.values():
            agent.login()
        made = settings(tmp_path, pbx.port)
        async with running(made, now=lambda: pbx.now) as services:
            await all_over(pbx, services)
    with open_history(f"sqlite:///{tmp_path / 'storm.db'}", migrate=False) as history:
        storm = read_storm(history, rules_of(made), slack=100)
    assert problems(storm) == []
    assert len(storm.calls) == CALLERS
    assert len(storm.moves) > 10
    said = {decision.reasons[-1].because for decision in storm.decisions if decision.held_back}
    assert {Because.RATE_CAP, Because.LOOP} <= said
    assert {call.observed for call in storm.calls.values()} == {Observed.FULL}
