"""All pages of the control room, by name: what the pictures and the accessibility test visit."""

from dataclasses import dataclass
from typing import Final

from playwright.sync_api import APIRequestContext

from tests.browser.demo import Demo


@dataclass(frozen=True)
class Place:
    """A page: where it is, and who sees it.

    In its path, ``{call}`` is a breached call's id, ``{contact}`` that of an open contact.
    """

    name: str
    path: str
    signed_in: bool = True
    wall: bool = False
    press: str = ""
    """A button to press there first: its words, as a pattern."""
    answers: tuple[tuple[str, str], ...] = ()
    """Paths of the interface, and what they are made to say."""


PLACES: Final = (
    Place("sign-in", "/", signed_in=False),
    Place("live", "/"),
    Place("queue", "/queues/demo/support"),
    Place("calls", "/calls"),
    Place("call", "/calls/{call}"),
    Place("history", "/history"),
    Place("indicators", "/indicators"),
    Place("reports", "/reports?range=month", press="^(Show the results|Voir les résultats)$"),
    Place("evidence", "/evidence"),
    Place("lost-callers", "/lost-callers"),
    Place("contacts", "/contacts"),
    Place("contact", "/contacts/{contact}"),
    Place("contact-new", "/contacts/new"),
    Place("contact-figures", "/contacts/figures"),
    Place("account", "/account"),
    Place("standards", "/standards"),
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
    Place("teams", "/settings/teams"),
    Place("team", "/settings/teams/new"),
    Place("users", "/settings/users"),
    Place("tokens", "/settings/tokens"),
    Place("changes", "/settings/changes"),
    Place("transfer", "/settings/transfer"),
    Place("personal-data", "/settings/personal-data"),
    Place("wall", "/wall", wall=True),
)
MORE: Final = (
    Place(
        "first-run",
        "/",
        signed_in=False,
        answers=(("/api/v1/setup", '{"needed": true, "provider": null}'),),
    ),
    Place("live-rows", "/?view=rows"),
    Place("calls-filtered", "/calls?verdict=breached"),
    Place("call-met", "/calls/{met}"),
    Place("pbx-test", "/settings/pbxs/demo", press="^(Test|Tester)$"),
    Place("rule-new", "/settings/rules/new"),
    Place(
        "rule-backtest",
        "/settings/rules/support-to-back-office",
        press="backtest$|Lancer la simulation",
    ),
    Place("user", "/settings/users/demo"),
    Place("user-new", "/settings/users/new"),
    Place("wall-queue", "/wall?views=queues&queues=demo/sales", wall=True),
)
"""States of pages that are worth a picture: dialogs, results, other views."""


def address(place: Place, demo: Demo, request: APIRequestContext) -> str:
    """The whole address of a page of a running demonstration."""
    path = place.path
    for gap, verdict in (("{call}", "breached"), ("{met}", "met")):
        if gap in path:
            found = request.get(f"{demo.url}/api/v1/calls?verdict={verdict}&limit=1").json()
            path = path.replace(gap, found["items"][0]["id"])
    if "{contact}" in path:
        found = request.get(f"{demo.url}/api/v1/contacts?open=true&limit=1").json()
        path = path.replace("{contact}", found["items"][0]["id"])
    return demo.url + path
