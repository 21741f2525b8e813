"""Examples of overflow for the OpenAPI document: made by the shipped code."""

from typing import Any, Final

from api import overflow_views as views
from api.overflow_policies import body_of, destination_body, rule_of
from monitor.core.overflow.decisions import (
    AddMember,
    Asker,
    Because,
    Command,
    Decision,
    Outcome,
    Reason,
    RemoveMember,
    Standing,
    Verb,
    WithdrawCaller,
)
from monitor.core.overflow.engine import Switch
from monitor.core.overflow.forecast import QueueForecast
from monitor.core.overflow.rules import Destination
from monitor.core.overflow.scoring import NotScored, Score
from monitor.history.audit import AuditEntry, Via
from monitor.history.overflow_rules import RuleVersion, StoredRule

_AT: Final = 1_795_254_067_382
_TO: Final = Destination("overflow", queue="backup")

RULE: Final[dict[str, Any]] = {
    "id": "support-to-backup",
    "name": "Support overflows to the back office",
    "queues": ["support"],
    "when": [
        {"metric": "time_left", "at_most": 20},
        {"metric": "agents_available", "at_most": 0},
    ],
    "do": {"withdraw": destination_body(_TO)},
    "active": [{"days": ["mon-fri"], "from": "08:00", "to": "19:00"}],
}
_BODY: Final = body_of(rule_of(RULE))
RULE_OUT: Final = views.rule(
    StoredRule("support-to-backup", 3, _BODY, _AT - 86_400_000, "zoe", _AT, "ada")
)
RULE_VERSION: Final = views.rule_version(RuleVersion(3, _BODY, _AT, "ada"))
SWITCH: Final = views.switch(Switch(on=False, by="zoe", at=_AT, note="Fire drill"))
DECISION: Final = views.decision(
    Decision(
        id="d-1",
        pbx="lab",
        at=_AT,
        asked_by=Asker.MONITOR,
        verb=Verb.MOVE,
        reasons=(
            Reason(Because.CONDITION, {"metric": "time_left", "value": 19_800, "at_most": 20_000}),
            Reason(Because.CONDITION, {"metric": "agents_available", "value": 0, "at_most": 0}),
        ),
        queue="support",
        call_id="lab:1795254027.42",
        caller="0199001234",
        rule_id="support-to-backup",
        rule_version=3,
        to=_TO,
        expected_wait=64_000,
        miss_probability=0.93,
    )
)
COMMAND: Final = views.command(
    Command(
        id="c-1",
        decision_id="d-1",
        pbx="lab",
        order=WithdrawCaller("support", "PJSIP/trunk-0000002a", "overflow,s,1"),
        issued_at=_AT,
        queue="support",
        call_id="lab:1795254027.42",
        rule_id="support-to-backup",
        answered_at=_AT + 4,
        accepted=True,
        answer="Withdraw caller from queue succeeded",
        outcome=Outcome.MOVED,
        observed_at=_AT + 3_120,
    )
)
STANDING: Final = views.standing(
    Standing(
        "support-helpers",
        1,
        "lab",
        "support",
        _AT,
        (RemoveMember("support", "PJSIP/alice"), AddMember("support", "PJSIP/bob", "Bob", 2)),
        "d-2",
    )
)
AUDIT_ENTRY: Final = views.audit_entry(
    AuditEntry(_AT, "zoe", Via.SESSION, "switch_turned", "overflow", {"on": True}, {"on": False}, 7)
)
FORECAST: Final = views.forecast(
    QueueForecast("lab", "support", 3, 8, 0, 184_000, 50, 41_300, 0.04),
    Score(180, 171, 22, 0.041, 9_300, {NotScored.ABANDONED: 6}),
    Score(96, 93, 21, 0.028, 5_100, {}),
)
LIVE: Final = {"switch": views.switch(Switch()), "forced": [], "standing": []}
