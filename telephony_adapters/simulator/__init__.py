"""A simulated Asterisk contact centre that speaks AMI over TCP.

- ``server``: :class:`SimulatedPbx`, the PBX to connect to, and to script in tests.
- ``backfill``: past days as raw bytes.
- ``centre`` and what it is made of (``agenda``, ``parts``, ``line``, ``acd``, ``dialplan``): the
  centre itself, pure and in virtual time; ``site``, ``people``, ``habits``, ``traffic``: who is in
  it.
- ``happenings`` and ``frames``: what happens → AMI events; ``requests``, ``session``, ``actions``,
  ``queue_actions``, ``store_actions``, ``lists``, ``connection``: the other direction.
"""

from .backfill import history_bytes
from .centre import Agent, Centre, Site, Staff
from .connection import Account
from .parts import Call, CallerPlan
from .server import SimulatedPbx
from .site import DEMO_SITE, INCOMING, QUEUE_LABELS, VOICE_SERVER
from .traffic import ALWAYS_BUSY, ORDINARY, QUIET, Profile

__all__ = [
    "ALWAYS_BUSY",
    "DEMO_SITE",
    "INCOMING",
    "ORDINARY",
    "QUEUE_LABELS",
    "QUIET",
    "VOICE_SERVER",
    "Account",
    "Agent",
    "Call",
    "CallerPlan",
    "Centre",
    "Profile",
    "SimulatedPbx",
    "Site",
    "Staff",
    "history_bytes",
]
