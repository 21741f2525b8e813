"""What other programs are told of contacts; nothing in it says who wrote or called.

The shapes are described in ``docs/contacts.md``.
"""

import orjson

from api import contact_views, views
from api.messages import VERSION
from monitor.core.clock import Ms
from monitor.core.contacts import Contact
from monitor.history.messages import OutboxMessage


def contact_message(about: Contact, kind: str, at: Ms, _now: Ms) -> OutboxMessage:
    """The message that something happened to a contact: ``contact_met`` and such."""
    event = f"contact_{kind}"
    id_ = f"{about.id}:{about.version}:{event}"
    payload = {
        "v": VERSION,
        "id": id_,
        "event": event,
        "at": views.iso(at),
        "pbx": about.pbx,
        "queue": about.queue,
        "contact": contact_views.facts(about),
    }
    # Not of the call: it may be long over, and waits for none of its messages.
    return OutboxMessage(id_, f"contacts/{event}", "", at, orjson.dumps(payload).decode())
