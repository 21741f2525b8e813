"""All pages of the control room, by name: what the pictures and the accessibility test visit."""

from dataclasses import dataclass
from typing import Final

from playwright.sync_api import APIRequestContext

from tests.browser.demo import Demo


@dataclass(frozen=True)
class Place:
    """A page: where it is (``{call}``: a breached call's id), and who sees it."""

    name: str
    path: str
    signed_in: bool = True
    wall: bool = False


PLACES: Final = (
    Place("sign-in", "/", signed_in=False),
    Place("live", "/"),
    Place("queue", "/queues/demo/support"),
    Place("calls", "/calls"),
    Place("call", "/calls/{call}"),
    Place("history", "/history"),
    Place("lost-callers", "/lost-callers"),
    Place("account", "/account"),
    Place("pbxs", "/settings/pbxs"),
    Place("pbx", "/settings/pbxs/demo"),
    Place("queues", "/settings/queues"),
    Place("queue-settings", "/settings/queues/support"),
    Place("commitment", "/settings/commitment"),
    Place("voice-servers", "/settings/voice-servers"),
    Place("centre", "/settings/centre"),
    Place("opening-hours", "/settings/hours"),
    Place("calendar", "/settings/hours/new"),
    Place("rules", "/settings/rules"),
    Place("rule", "/settings/rules/support-to-back-office"),
    Place("rule-form", "/settings/rules/sales-helps-support/edit"),
    Place("users", "/settings/users"),
    Place("tokens", "/settings/tokens"),
    Place("changes", "/settings/changes"),
    Place("transfer", "/settings/transfer"),
    Place("wall", "/wall", wall=True),
)


def address(place: Place, demo: Demo, request: APIRequestContext) -> str:
    """The whole address of a page of a running demonstration."""
    path = place.path
    if "{call}" in path:
        found = request.get(f"{demo.url}/api/v1/calls?verdict=breached&limit=1").json()
        path = path.replace("{call}", found["items"][0]["id"])
    return demo.url + path
