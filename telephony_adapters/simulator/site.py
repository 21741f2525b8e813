"""The centre that the demo shows: its queues, its dialplan and its agents.

A made-up French company. Every number is from the ranges that the French regulator keeps for
fiction, so that nobody real is ever shown: ARCEP, decision 2018-0881 (plan de numérotation),
"numéros utilisés dans les œuvres audiovisuelles": 01 99 00, 02 61 91, 03 53 01, 04 65 71,
05 36 49 and 06 39 98, each with four free digits.
"""

from typing import Final

from monitor.core.clock import SECOND

from .centre import Site, Staff
from .parts import QueueSetup, Step

INCOMING: Final = "incoming"
VOICE_SERVER: Final = "ivr"
BACK_OFFICE: Final = "backoffice"
"""A queue that nobody calls: the monitor's overflow leads there."""
OVERFLOW: Final = "overflow"
"""The context where callers go on whom the monitor took out of a queue."""
QUEUE_LABELS: Final = {
    "support": "Support",
    "sales": "Sales",
    "billing": "Billing",
    BACK_OFFICE: "Back office",
}

SUPPORT_LINE: Final = "0199000100"
"""Straight into the queue ``support``: no voice server."""
MAIN_LINE: Final = "0199000200"
"""Through the voice server: 1 sales, 2 billing, 3 support."""
BILLING_LINE: Final = "0199000300"
"""Straight into the queue ``billing``."""

FICTION: Final = ("019900", "026191", "035301", "046571", "053649", "063998")
"""The beginnings of numbers that belong to nobody."""


_WITHDRAWN: Final = Step(
    "GotoIf", '$["${QUEUESTATUS}"="WITHDRAW"]?${QUEUE_WITHDRAW_INFO}'
)  # the place that the withdrawal named, as in config/asterisk/overflow/withdraw.conf


def _queue(name: str, seconds: int, overflow: str = "") -> tuple[Step, ...]:
    """Wait in a queue, then in a second one, then leave a message."""
    steps = [Step("Queue", f"{name},,,,{seconds}"), _WITHDRAWN]
    if overflow:
        steps += [Step("Queue", f"{overflow},,,,{seconds}"), _WITHDRAWN]
    steps += [Step("GotoIf", '$["${QUEUESTATUS}"="JOINEMPTY"]?closed,s,1'), _goto("voicemail,s,1")]
    return tuple(steps)


def _goto(target: str) -> Step:
    return Step("Goto", target)


_ANSWER = Step("Answer")
_HANGUP = Step("Hangup")

DIALPLAN: Final = {
    (INCOMING, SUPPORT_LINE): (_ANSWER, *_queue("support", 150, "billing")),
    (INCOMING, BILLING_LINE): (_ANSWER, *_queue("billing", 150, "support")),
    (INCOMING, MAIN_LINE): (_goto("ivr,s,1"),),
    # the same lines by name, for scripts and tests
    (INCOMING, "support"): (_ANSWER, *_queue("support", 150, "billing")),
    (INCOMING, "billing"): (_ANSWER, *_queue("billing", 150, "support")),
    (INCOMING, "sales"): (_goto("ivr,s,1"),),
    (VOICE_SERVER, "s"): (
        _ANSWER,
        Step("Set", "TIMEOUT(digit)=1"),
        Step("BackGround", "welcome-menu"),
        Step("WaitExten", "6"),
    ),
    (VOICE_SERVER, "1"): (_goto("choices,sales,1"),),
    (VOICE_SERVER, "2"): (_goto("choices,billing,1"),),
    (VOICE_SERVER, "3"): (_goto("choices,support,1"),),
    (VOICE_SERVER, "i"): (_goto("choices,sales,1"),),
    (VOICE_SERVER, "t"): (_goto("choices,sales,1"),),
    ("choices", "sales"): _queue("sales", 180),
    ("choices", "billing"): _queue("billing", 150, "support"),
    ("choices", "support"): _queue("support", 150, "billing"),
    (OVERFLOW, BACK_OFFICE): _queue(BACK_OFFICE, 120),
    # the key 0 while waiting
    ("queue-keys", "0"): (_goto("voicemail,s,1"),),
    ("voicemail", "s"): (Step("Playback", "leave-a-message"), Step("Wait", "25"), _HANGUP),
    ("closed", "s"): (Step("Playback", "we-are-closed"), _HANGUP),
}
"""As ``extensions.conf`` would have it. A refused caller hears that the centre is closed."""

QUEUES: Final = tuple(
    QueueSetup(
        name,
        ring=12 * SECOND,
        retry=2 * SECOND,
        wrap_up=wrap_up * SECOND,
        join_empty=False,
        leave_when_empty=True,
        key_context="queue-keys",
    )
    for name, wrap_up in (("support", 20), ("sales", 15), ("billing", 15), (BACK_OFFICE, 10))
)

_NAMES: Final = (
    ("Amélie Lefèvre", "support", ""),
    ("Benoît Garnier", "support", ""),
    ("Chloé Dubois", "support", "billing"),
    ("Djamel Benali", "support", ""),
    ("Élodie Marchand", "support", "sales"),
    ("Frédéric Muller", "support", ""),
    ("Giulia Conti", "sales", ""),
    ("Hélène Brunet", "sales", "support"),
    ("Ioannis Papadakis", "sales", ""),
    ("José Ferreira", "sales", "billing"),
    ("Katarzyna Nowak", "billing", ""),
    ("Loïc Le Goff", "billing", "support"),
    ("Maëlle Rousseau", "billing", ""),
    ("Nils Sørensen", "support", "billing"),
    ("Océane Petit", BACK_OFFICE, ""),
    ("Pascal Roussel", BACK_OFFICE, ""),
    ("Quentin Lemaire", BACK_OFFICE, ""),
    ("Rose Dubreuil", BACK_OFFICE, ""),
    ("Samir Haddad", BACK_OFFICE, ""),
)
"""Name, first queue, second queue (served with a penalty)."""


def _staff() -> tuple[Staff, ...]:
    return tuple(
        Staff(
            f"PJSIP/{201 + number}",
            name,
            ((first, 0), (second, 1)) if second else ((first, 0),),
        )
        for number, (name, first, second) in enumerate(_NAMES)
    )


DEMO_SITE: Final = Site(QUEUES, DIALPLAN, _staff())
"""The demo's centre: three queues that are called and one to overflow into, nineteen agents, six
of them in two queues."""
