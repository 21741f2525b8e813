"""Queues and what was seen on PBXs, as JSON-ready dictionaries; see :mod:`api.queue_schemas`."""

from collections.abc import Mapping
from typing import Protocol

from api.views import Json, iso, iso_or_none, seconds
from api.visibility import Scope
from monitor.core.clock import Ms
from monitor.core.engine import Engine
from monitor.core.openings import Openings
from monitor.core.policy import Policy, Rules
from telephony_adapters.asterisk.discovery import Discovery


class Link(Protocol):
    """What is needed of a link with a PBX."""

    @property
    def discovery(self) -> Discovery:
        """What callers passed there."""


def queues(engine: Engine, openings: Openings, scope: Scope, now: Ms) -> Json:
    """All queues that are seen, as ``QueuesOut``."""
    policy = engine.policy
    declared = {(queue.pbx, queue.queue) for queue in policy.queues}
    found = []
    for pbx, name in sorted(engine.snapshot().queues, key=lambda key: (key[1], key[0])):
        if not scope.sees_queue(pbx, name):
            continue
        queue = engine.queue_policy(pbx, name)
        is_open, changes_at = openings.at(policy, now, pbx, name)
        found.append(
            {
                "pbx": pbx,
                "queue": name,
                "label": queue.label or name,
                "declared": (pbx, name) in declared or ("", name) in declared,
                "within_s": seconds(queue.within),
                "at_risk_after_s": seconds(queue.at_risk_after),
                "target": queue.target,
                "service_level": queue.service_level.value,
                "calendar": queue.calendar or policy.calendar,
                "open": is_open,
                "changes_at": iso_or_none(changes_at),
            }
        )
    return {"centre": _centre(policy, openings, now), "items": found}


def _centre(policy: Policy, openings: Openings, now: Ms) -> Json:
    promise = policy.commitment
    is_open, changes_at = openings.at(policy, now)
    return {
        "within_s": seconds(promise.within),
        "at_risk_after_s": seconds(promise.at_risk_after),
        "target": promise.target,
        "service_level": promise.service_level.value,
        "calendar": policy.calendar,
        "open": is_open,
        "changes_at": iso_or_none(changes_at),
    }


def discovered(engine: Engine, links: Mapping[str, Link]) -> Json:
    """What was seen on the PBXs, as ``DiscoveredOut``."""
    rules = Rules(engine.policy)
    return {
        "queues": _queues(engine),
        "contexts": _contexts(rules, links),
        "stasis_apps": [
            {
                "pbx": pbx,
                "app": app,
                "callers": passed.channels,
                "last_seen_at": iso(passed.last_at),
                "voice_server": server.name if (server := rules.voice_server_of_app(app)) else "",
            }
            for pbx, link in links.items()
            for app, passed in sorted(link.discovery.apps.items())
        ],
    }


def _queues(engine: Engine) -> list[Json]:
    view = engine.snapshot()
    declared = {(queue.pbx, queue.queue) for queue in engine.policy.queues}
    members: dict[tuple[str, str], int] = {}
    for pbx, queue, _ in view.members:
        members[pbx, queue] = members.get((pbx, queue), 0) + 1
    return [
        {
            "pbx": pbx,
            "queue": name,
            "declared": (pbx, name) in declared or ("", name) in declared,
            "waiting": len(state.waiting),
            "members": members.get((pbx, name), 0),
        }
        for (pbx, name), state in sorted(view.queues.items())
    ]


def _contexts(rules: Rules, links: Mapping[str, Link]) -> list[Json]:
    found = [
        (passed, pbx, context)
        for pbx, link in links.items()
        for context, passed in link.discovery.contexts.items()
    ]
    found.sort(key=lambda seen: (-seen[0].channels, seen[1], seen[2]))
    return [
        {
            "pbx": pbx,
            "context": context,
            "callers": passed.channels,
            "last_seen_at": iso(passed.last_at),
            **_role(rules, pbx, context),
        }
        for passed, pbx, context in found
    ]


def _role(rules: Rules, pbx: str, context: str) -> Json:
    server = rules.voice_server_of_context(context)
    if server is not None:
        return {"role": "voice_server", "voice_server": server.name}
    if rules.is_incoming(pbx, context):
        return {"role": "incoming", "voice_server": ""}
    return {"role": "welcome" if rules.is_welcome(context) else "", "voice_server": ""}
