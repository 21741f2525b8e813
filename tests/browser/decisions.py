"""Overflow decisions for scenes, in the API's own shapes."""

from collections.abc import Callable

from api import overflow_views
from monitor.core.overflow.decisions import (
    Asker,
    Because,
    Command,
    Decision,
    Outcome,
    Reason,
    Verb,
    WithdrawCaller,
)
from monitor.core.overflow.rules import Destination
from tests.browser.scenes import PBX, Centre


def decide(centre: Centre) -> None:
    """A caller is moved, another is not, helpers come in."""
    for decision, outcome in _decisions(lambda ago: _ms(centre, ago)):
        centre.decisions.append(overflow_views.decision(decision))
        if outcome is not None:
            order = WithdrawCaller(decision.queue, "PJSIP/trunk-1", "overflow,s,1")
            command = Command(f"c{decision.id}", decision.id, PBX, order, decision.at)
            command.outcome = outcome
            centre.commands.append(overflow_views.command(command))


def switch_off(centre: Centre) -> None:
    """A team leader turned everything off."""
    centre.overflow["switch"] = {
        "on": False, "by": "zoe", "at": centre.ago(95), "note": "",
    }  # fmt: skip


def _ms(centre: Centre, ago: float) -> int:
    return round((centre.at.timestamp() - ago) * 1000)


def _decisions(at: Callable[[float], int]) -> list[tuple[Decision, Outcome | None]]:
    waited = Reason(Because.CONDITION, {"metric": "time_left", "value": 18_400})
    likely = Reason(Because.CONDITION, {"metric": "miss_probability", "value": 0.87})
    full = Reason(Because.CONDITION, {"metric": "waiting", "value": 10, "at_least": 8})
    cap = Reason(Because.RATE_CAP, {"used": 4, "at_most": 4, "per": 60_000})
    better = Reason(Because.TARGET_NOT_BETTER, {"queue": "sales", "there": 71_000, "here": 43_000})
    to = Destination("overflow", queue="sales")
    moves = [
        ("1", 64.0, "0612••••34", (waited, likely), False, Outcome.MOVED),
        ("2", 41.0, "0498••••12", (waited,), False, Outcome.ANSWERED_MEANWHILE),
        ("4", 12.0, "0155••••99", (waited, cap), True, None),
        ("5", 7.0, "0155••••12", (waited, better), True, None),
    ]
    found: list[tuple[Decision, Outcome | None]] = [
        (
            Decision(
                id_, PBX, at(ago), Asker.MONITOR, Verb.MOVE, reasons, "support", f"{PBX}:{id_}",
                caller, "support-to-sales", 2, to, held_back=held,
            ),
            outcome,
        )
        for id_, ago, caller, reasons, held, outcome in moves
    ]  # fmt: skip
    helpers = Decision(
        "3", PBX, at(25), Asker.MONITOR, Verb.TURN_ON, (full,), "support", rule_id="helpers"
    )
    found.insert(2, (helpers, Outcome.DONE))
    return found
