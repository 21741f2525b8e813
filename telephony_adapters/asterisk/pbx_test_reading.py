"""What a PBX's words mean for the connection test: pure functions, and the shape of its report.

Asterisk tells no account what it may read. What can be known is put together from what it sends,
from what it lists as allowed, and, where the account has the class ``command``, from its own
``manager show user``. Seen on 16.28 and 22.10; see the lab's ``FACTS.md``.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from telephony_adapters.asterisk.ami_protocol import Answer

Status = Literal["ok", "warning", "failed", "skipped"]

OLDEST: Final = (16, 25)
"""The oldest Asterisk that can withdraw callers, and that this was tried with (16.28)."""
NEWEST: Final = 22
"""The newest major version that this was tried with."""

READ_CLASSES: Final = ("system", "call", "agent", "user", "dialplan")
NEEDED_ALWAYS: Final = frozenset({"call", "agent", "dialplan"})
"""Without them calls are not followed; the others only bring something more."""

FEATURES: Final[Mapping[str, tuple[str, str]]] = {
    "withdraw": ("QueueWithdrawCaller", "16.25, 18.11, 19.3"),
    "prioritise": ("QueueChangePriorityCaller", "15"),
}
"""What rules may use: the action, and since which versions it is there."""

CLASS_OF: Final[Mapping[str, str]] = {
    "CoreShowChannels": "reporting",
    "Filter": "system",
    "Redirect": "call",
    "Setvar": "call",
    "QueueAdd": "agent",
    "QueueRemove": "agent",
    "QueuePenalty": "agent",
    "DBPut": "system",
    "DBDel": "system",
}
"""The write class that lets an account do an action."""

_VERSION: Final = re.compile(r"(\d+)\.(\d+)")
_NOT_RUNNING: Final = ("AppDial", "AppQueue")
"""What the other ends of calls are said to run: they are no callers, and take no dialplan steps."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``code`` is stable; ``params`` are for the words about it."""

    code: str
    status: Status
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """All that was looked at, in order, and the Asterisk's version where it was told."""

    checks: tuple[Check, ...]
    version: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing failed."""
        return all(check.status != "failed" for check in self.checks)


def version_check(version: str) -> Check:
    """Whether this Asterisk is one of those that we know."""
    found = _VERSION.match(version)
    if found is None:
        return Check("version", "skipped", {"reason": "not_told"})
    major, minor = int(found[1]), int(found[2])
    if (major, minor) < OLDEST:
        return Check("version", "failed", {"version": version, "reason": "old"})
    if major > NEWEST:
        return Check("version", "warning", {"version": version, "reason": "new"})
    return Check("version", "ok", {"version": version})


def can_filter_by_name(version: str) -> bool:
    """Whether this Asterisk can choose events by name (from 22.1 on), as far as is known."""
    found = _VERSION.match(version)
    return found is None or (int(found[1]), int(found[2])) >= (22, 1)


def callers_of(summary: Iterable[Answer]) -> dict[str, int]:
    """How many callers wait in each queue, by a ``QueueSummary``."""
    return {
        item["Queue"]: int(item.get("Callers", "0"))
        for item in summary
        if "Queue" in item and item.get("Callers", "0").isdigit()
    }


def feature_checks(allowed: Collection[str], needed: Mapping[str, Iterable[str]]) -> list[Check]:
    """Whether the PBX has what rules may use; ``needed``: by which rules each action is."""
    found = []
    for name, (action, since) in FEATURES.items():
        if action in allowed:
            found.append(Check(f"feature_{name}", "ok"))
            continue
        rules = sorted(needed.get(action, ()))
        params = {"action": action, "since": since, "rules": rules}
        found.append(Check(f"feature_{name}", "failed" if rules else "warning", params))
    return found


def write_checks(allowed: Collection[str], needed: Mapping[str, Iterable[str]]) -> list[Check]:
    """Whether the account may do what watching wants, and what rules in force need."""
    wanted: dict[str, dict[str, set[str]]] = {"reporting": {}, "system": {}}
    if "CoreShowChannels" not in allowed:
        wanted["reporting"]["CoreShowChannels"] = set()
    if "Filter" not in allowed:
        wanted["system"]["Filter"] = set()
    for action, rules in needed.items():
        if action in CLASS_OF:
            missing = wanted.setdefault(CLASS_OF[action], {})
            if action not in allowed:
                missing.setdefault(action, set()).update(rules)
    return [_write_check(name, missing) for name, missing in wanted.items()]


def _write_check(name: str, missing: Mapping[str, Collection[str]]) -> Check:
    if not missing:
        return Check(f"write_{name}", "ok")
    rules = sorted({rule for of_action in missing.values() for rule in of_action})
    params = {"actions": sorted(missing), "rules": rules}
    return Check(f"write_{name}", "failed" if rules else "warning", params)


def output_of(answer: Answer | None, key: str) -> list[str] | None:
    """A line of what a command printed, ``key: a,b``, as its parts; None where there is none."""
    for line in [] if answer is None else answer.get("Output", "").splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() == key:
            return [part.strip() for part in value.split(",") if part.strip()]
    return None


@dataclass(slots=True)
class Heard:
    """What came while the test listened."""

    classes: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    arrived: set[str] = field(default_factory=set)
    """The channels whose arrival was told."""
    timed: bool | None = None
    """Whether events told their time; None while none came that could."""
    variables: set[str] = field(default_factory=set)

    def take(self, event: Answer) -> None:
        """Take one event."""
        name = event.get("Event", "")
        told = event.get("Privilege", "").split(",")
        self.names.add(name)
        self.classes.update(part for part in told if part != "all")
        if name == "FullyBooted":
            return  # the greeting of every login never says its time
        self.timed = bool(self.timed) or "Timestamp" in event
        if name == "Newchannel":
            self.arrived.add(event.get("Uniqueid", ""))
        elif name == "VarSet":
            self.variables.add(event.get("Variable", ""))


@dataclass(frozen=True, slots=True)
class Seen:
    """The PBX's own lists at the begin and the end of listening; None where they were refused."""

    channels_before: Mapping[str, Answer] | None = None
    channels_after: Mapping[str, Answer] | None = None
    joined: bool = False
    """A queue had more callers at the end."""

    @property
    def new(self) -> dict[str, Answer]:
        """The channels that came while the test listened."""
        before, after = self.channels_before, self.channels_after
        if before is None or after is None:
            return {}
        return {uniqueid: shown for uniqueid, shown in after.items() if uniqueid not in before}


def read_checks(
    heard: Heard, seen: Seen, told: Collection[str] | None, *, wants_digits: bool
) -> list[Check]:
    """Which classes of events the account may read, and how that is known.

    Args:
        heard: what came.
        seen: what should have been told of.
        told: the classes as the PBX's command line prints them; None where it may not be asked.
        wants_digits: keys count on this PBX, so ``dtmf`` is looked at too.
    """
    names = (*READ_CLASSES, "dtmf") if wants_digits else READ_CLASSES
    return [_read_check(name, heard, seen, told) for name in names]


def _read_check(name: str, heard: Heard, seen: Seen, told: Collection[str] | None) -> Check:
    code = f"read_{name}"
    worst: Status = "failed" if name in NEEDED_ALWAYS else "warning"
    if name in heard.classes:
        return Check(code, "ok", {"how": "seen"})
    if told is not None:
        there = name in told or "all" in told
        return Check(code, "ok" if there else worst, {"how": "told"})
    if name == "system":
        return Check(code, "warning", {"how": "missing"})  # every login is greeted, else
    if _should_have_come(name, seen):
        return Check(code, worst, {"how": "missing"})
    return Check(code, "skipped", {"how": "quiet"})


def _should_have_come(name: str, seen: Seen) -> bool:
    """Whether something happened of which this class tells."""
    if name == "call":
        return bool(seen.new)
    if name == "agent":
        return seen.joined
    return name == "dialplan" and any(_runs_dialplan(shown) for shown in seen.new.values())


def _runs_dialplan(shown: Answer) -> bool:
    running = shown.get("Application", "")
    dialled = running.startswith(_NOT_RUNNING) or shown.get("ApplicationData") == "(Outgoing Line)"
    return bool(running) and not dialled and not shown.get("Channel", "").endswith(";1")


def hidden_check(
    heard: Heard, seen: Seen, disabled: Collection[str], wanted: Collection[str]
) -> Check:
    """Whether events that we need are left out: by a filter of the account, or for everybody."""
    hidden = set(disabled) & set(wanted)
    if "call" in heard.classes and seen.new.keys() - heard.arrived:
        hidden.add("Newchannel")
    if hidden:
        return Check("event_filter", "failed", {"events": sorted(hidden)})
    quiet = not seen.new
    return Check("event_filter", "skipped" if quiet else "ok", {"reason": "quiet"} if quiet else {})


def timestamps_check(heard: Heard, told: Collection[str] | None) -> Check:
    """Whether events say when they happened."""
    if told is not None:
        return Check("timestamps", "ok" if "Yes" in told else "failed")
    if heard.timed is None:
        return Check("timestamps", "skipped", {"reason": "quiet"})
    return Check("timestamps", "ok" if heard.timed else "failed")
