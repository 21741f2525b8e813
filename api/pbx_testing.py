"""The connection test of a PBX: what is asked, from its settings and the rules in force."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from api.pbx_settings import ami_settings, ari_settings, wants_digits
from api.settings_reading import Held
from api.views import Json
from config.items import ItemError, body_of, checked, take_secrets
from config.settings import Pbx, Settings
from monitor.core.overflow.rules import OverflowRule
from monitor.overflow_rights import acts_on
from telephony_adapters.asterisk.ami_commands import NEEDED
from telephony_adapters.asterisk.pbx_test import Asked
from telephony_adapters.asterisk.pbx_test_reading import NEEDED_ALWAYS, Check, Report

READ: Final = "read_"


def asked_of(pbx: Pbx, settings: Settings, rules: Iterable[OverflowRule] = ()) -> Asked:
    """What is tested of a PBX.

    Args:
        pbx: where it is, and our account there.
        settings: those in effect: queues and voice servers.
        rules: the overflow rules; what those in force on this PBX do is looked for.
    """
    needed: dict[str, set[str]] = {}
    for rule in rules:
        if acts_on(rule, pbx.name):
            for action in NEEDED[type(rule.action)]:
                needed.setdefault(action, set()).add(rule.id)
    voice = {context for server in settings.voice_server for context in server.contexts}
    # A queue of no named PBX is somewhere; with one PBX that can only be there.
    here = {pbx.name} if any(one.name != pbx.name for one in settings.pbx) else {"", pbx.name}
    queues = {queue.name for queue in settings.queue if queue.pbx in here}
    return Asked(
        ami=ami_settings(pbx, wants_digits=wants_digits(settings)),
        ari=ari_settings(pbx),
        contexts=tuple(pbx.incoming_contexts),
        voice_contexts=tuple(sorted(voice)),
        queues=tuple(sorted(queues)),
        needed={action: tuple(sorted(ids)) for action, ids in needed.items()},
    )


def pbx_of(raw: Mapping[str, Any], held: Held) -> Pbx:
    """The PBX that somebody wants tested; secrets that are left out are those known under its name.

    They are sent to the address and account that they are stored with, and nowhere else.

    Raises:
        ItemError: it is no good.
    """
    body, said = take_secrets("pbx", raw)
    key = "pbx", str(body.get("name", ""))
    pbx = checked("pbx", body, held.known_secrets(key) | said)
    if wrong := held.wrongly_sent(key, body_of(pbx), said):
        raise ItemError(wrong)
    assert isinstance(pbx, Pbx)  # noqa: S101 - of this kind
    return pbx


def with_the_links(report: Report, told_of: Iterable[str], warnings: Mapping[str, str]) -> Report:
    """A report with what the running link to the same account knows of the classes it reads.

    The link has listened for longer than the test: what was quiet meanwhile may be known.

    Args:
        report: of the test.
        told_of: the classes of which the link has got events.
        warnings: of the link, by code.
    """
    proven = set(told_of)

    def better(check: Check) -> Check:
        name = check.code.removeprefix(READ)
        if check.status != "skipped" or name == check.code:
            return check
        if name in proven:
            return replace(check, status="ok", params={"how": "link"})
        if f"read_class_{name}" in warnings:
            needed = name in NEEDED_ALWAYS
            return Check(check.code, "failed" if needed else "warning", {"how": "link"})
        return check

    return replace(report, checks=tuple(better(check) for check in report.checks))


def view(report: Report) -> Json:
    """A report as ``PbxTestOut``."""
    return {
        "checks": [_check(check) for check in report.checks],
        "version": report.version,
    }


def _check(check: Check) -> Json:
    return {"code": check.code, "status": check.status, "params": dict(check.params)}


EXAMPLE: Final[Json] = view(
    Report(
        (
            Check("connect", "ok"),
            Check("banner", "ok", {"said": "11.0.0"}),
            Check("login", "ok"),
            Check("version", "ok", {"version": "22.10.1"}),
            Check("clock", "ok", {"offset_s": 0.004}),
            Check("queues", "ok", {"queues": ["sales", "support"], "missing": []}),
            Check("context", "failed", {"context": "from-trunk"}),
            Check("read_agent", "failed", {"how": "missing"}),
        ),
        "22.10.1",
    )
)
"""For the OpenAPI document."""
