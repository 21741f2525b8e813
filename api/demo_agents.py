"""Teams for the demonstration, and what agents did in its generated days."""

from typing import Any

from api.agent_time_keeping import roster_of
from config.settings import Settings
from monitor.core.agent_ledger import LAG, AgentLedger
from monitor.core.clock import Ms
from monitor.history.agent_time import AgentTimeRecord
from monitor.history.database import History
from telephony_adapters.simulator.site import DEMO_SITE, QUEUE_LABELS


def teams() -> list[dict[str, Any]]:
    """A team for each queue: the agents who serve it first."""
    of_queue: dict[str, list[str]] = {name: [] for name in QUEUE_LABELS}
    for agent in DEMO_SITE.staff:
        of_queue[agent.queues[0][0]].append(agent.interface)
    return [{"name": QUEUE_LABELS[name], "agents": agents} for name, agents in of_queue.items()]


def ledger_of(settings: Settings, now: Ms) -> AgentLedger:
    """A ledger for days that lie in the past."""
    return AgentLedger(roster_of(settings, now))


def keep(history: History, ledger: AgentLedger, pbx: str, until: Ms) -> None:
    """Store what a ledger counted of one PBX up to a moment; blocks."""
    ledger.advance({pbx: until + LAG})
    AgentTimeRecord(history).add(ledger.batch())
