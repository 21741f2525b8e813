"""The demo's own rules on the demo's own centre: a newcomer sees callers moved and answered."""

import asyncio
from pathlib import Path

from api import cli_demo
from api.composition import running
from monitor.core.effects import CommandChanged, DecisionMade, Effect
from monitor.core.overflow.decisions import Decision, Outcome
from monitor.core.records import Call, Exit
from telephony_adapters.simulator.server import SimulatedPbx
from telephony_adapters.simulator.site import BACK_OFFICE

WITHIN = 60.0
"""Seconds after which something hangs; the centre runs fast."""
SPEED = 15.0


async def test_the_demo_moves_callers_who_are_then_answered_and_says_why(tmp_path: Path) -> None:
    decisions: list[Decision] = []
    moved: set[str] = set()
    calls: dict[str, Call] = {}

    def note(effects: "list[Effect]") -> None:
        for effect in effects:
            if isinstance(effect, DecisionMade):
                decisions.append(effect.decision)
            elif isinstance(effect, CommandChanged) and effect.command.outcome is Outcome.MOVED:
                moved.add(effect.command.call_id)
            elif (call := getattr(effect, "call", None)) is not None:
                calls[call.id] = call

    def answered_there() -> bool:
        there = [calls[id_].visits[-1] for id_ in moved if id_ in calls]
        return any(v.queue == BACK_OFFICE and v.exit is Exit.ANSWERED for v in there)

    async with SimulatedPbx(speed=SPEED) as pbx:
        settings = cli_demo._settings(tmp_path, "127.0.0.1", 0, pbx.port)
        async with running(settings, now=lambda: pbx.now) as services:
            services.monitor.subscribe(lambda effects: note(list(effects)))
            async with asyncio.timeout(WITHIN):
                while not answered_there():  # noqa: ASYNC110 - nobody signals it
                    await asyncio.sleep(0.05)
    rules = {rule["id"] for rule in cli_demo.OVERFLOW_RULES}
    assert {decision.rule_id for decision in decisions} <= rules
    assert all(decision.reasons for decision in decisions)
