"""Examples of access for the OpenAPI document."""

from typing import Final

from api import access_views
from monitor.accounts import Kind, QueueRef, Role, Session, Token, User, queues_json
from monitor.core.indicators import ServiceLevel

_AT: Final = 1_795_254_067_382
_QUEUES: Final = frozenset({QueueRef("", "support")})

SESSION: Final = {
    "name": "zoe",
    "role": "lead",
    "queues": queues_json(_QUEUES),
    "sees_numbers": True,
    "kind": "person",
    "zone": "Europe/Paris",
    "service_level": ServiceLevel.ABANDONED_WITHIN_COUNT_FOR.value,
}
DEVICE_SESSION: Final = SESSION | {
    "name": "hall",
    "role": "viewer",
    "sees_numbers": False,
    "kind": "device",
}
USER: Final = access_views.user(
    User(
        name="zoe",
        role=Role.LEAD,
        queues=_QUEUES,
        sees_numbers=True,
        disabled=False,
        has_password=True,
        issuer=None,
        created_at=_AT,
        created_by="admin",
        last_sign_in_at=_AT + 3_600_000,
        sessions=1,
    )
)
OWN_SESSION: Final = access_views.own_session(
    Session(
        "9f86d081884c7d65", Kind.PERSON, _AT, _AT + 3_600_000, _AT + 43_200_000, "192.0.2.7",
        "Firefox, Linux",
    ),
    "9f86d081884c7d65",
)  # fmt: skip
TOKEN: Final = access_views.token(
    Token(
        "crm", Role.VIEWER, _AT, None, queues=_QUEUES, label="Call list of the CRM",
        created_by="admin", last_used_at=_AT + 3_600_000,
    )
)  # fmt: skip
DEVICE: Final = access_views.device(
    Token(
        "hall", Role.VIEWER, _AT, None, Kind.DEVICE, _QUEUES, sees_numbers=False,
        label="Screen in the hall", created_by="admin", last_used_at=_AT + 3_600_000, sessions=1,
    )
)  # fmt: skip
WAYS: Final = {"needed": False, "provider": {"label": "Company account"}}
