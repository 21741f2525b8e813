"""The settings that admins may set while the monitor runs: items of a kind, each with a body.

A body has the keys of the item's table in the settings file, without secrets. Items and the rest
of the file together make the settings in effect; an item that contradicts the others is left out
of them, and said.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel, SecretStr, ValidationError

from config.base import Table
from config.calendars import Calendar
from config.complaints import advise
from config.crossing import crossings
from config.retention import Retention
from config.settings import Centre, Commitment, Pbx, Queue, Settings, VoiceServer
from config.teams import FigureSettings, Team

Body = dict[str, Any]
Key = tuple[str, str]
"""An item: its kind and its id."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of items: its table in the file, and where its items are in the REST interface.

    ``secrets`` are the keys of what is never shown, dotted.
    """

    name: str
    model: type[Table]
    path: str
    words: str
    single: bool = False
    secrets: tuple[str, ...] = ()


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("pbx", Pbx, "pbxs", "PBX", secrets=("secret", "ari.password")),
        Kind("queue", Queue, "queues", "queue"),
        Kind("voice_server", VoiceServer, "voice-servers", "voice server"),
        Kind("calendar", Calendar, "calendars", "calendar"),
        Kind("commitment", Commitment, "commitment", "commitment", single=True),
        Kind("centre", Centre, "centre", "centre", single=True),
        Kind("team", Team, "teams", "team"),
        Kind("figures", FigureSettings, "figures", "figures of agents", single=True),
        Kind("retention", Retention, "retention", "retention", single=True),
    )
}


class ItemError(ValueError):
    """An item is no good; ``fields`` says what is wrong where, and what to write instead."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in fields.items()))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Problem:
    """What contradicts something else: which item, its key, and why."""

    key: Key
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Effective:
    """Settings in effect, and why some items are left out of them."""

    settings: Settings
    problems: Mapping[Key, str] = field(default_factory=dict)


def id_of(kind: str, body: Mapping[str, Any]) -> str:
    """The id under which an item stands; a queue of one PBX is ``PBX:name``."""
    if KINDS[kind].single:
        return kind
    name, pbx = str(body.get("name", "")), body.get("pbx")
    return f"{pbx}:{name}" if kind == "queue" and pbx else name


def body_of(item: Table) -> Body:
    """A validated item as JSON and TOML have it: without secrets, and without what is not set."""
    body: Body = _plain(item.model_dump(mode="json", by_alias=True, exclude_none=True))
    for kind in KINDS.values():
        if isinstance(item, kind.model):
            for dotted in kind.secrets:
                _take(body, dotted)
    return body


def checked(kind: str, body: Mapping[str, Any], secrets: Mapping[str, str] | None = None) -> Table:
    """An item as it was written, with the secrets that go with it, checked.

    Raises:
        ItemError: it is no good.
    """
    model = KINDS[kind].model
    try:
        return model.model_validate(with_secrets(body, secrets or {}))
    except ValidationError as error:
        fields: dict[str, str] = {}
        for one in error.errors():
            name = ".".join(str(part) for part in one["loc"]) or "body"
            fields.setdefault(name, advise(one, model))
        raise ItemError(fields) from None


def with_secrets(body: Mapping[str, Any], secrets: Mapping[str, str]) -> Body:
    """A body with secrets put in where it has none and there is a place for them."""
    whole = _copy(body)
    for dotted, value in secrets.items():
        *tables, last = dotted.split(".")
        inner: object = whole
        for table in tables:
            inner = inner.get(table) if isinstance(inner, dict) else None
        if isinstance(inner, dict) and value and inner.get(last) is None:
            inner[last] = value
    return whole


def take_secrets(kind: str, body: Mapping[str, Any]) -> tuple[Body, dict[str, str]]:
    """Part a body from the secrets that it says."""
    rest, found = _copy(body), {}
    for dotted in KINDS[kind].secrets:
        value = _take(rest, dotted)
        if isinstance(value, str) and value:
            found[dotted] = value
    return rest, found


def secrets_in(item: Table) -> dict[str, str]:
    """The secrets of a validated item, by their dotted keys."""
    return {
        dotted: value.get_secret_value()
        for kind in KINDS.values()
        if isinstance(item, kind.model)
        for dotted in kind.secrets
        if isinstance(value := _attribute(item, dotted), SecretStr)
    }


def items_of(settings: Settings) -> dict[Key, Table]:
    """The items that settings say, by kind and id."""
    found: dict[Key, Table] = {}
    for kind in KINDS.values():
        value = getattr(settings, kind.name)
        for item in [value] if kind.single else value:
            found[kind.name, id_of(kind.name, _names(item))] = item
    return found


def same(kind: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two stored bodies mean the same, whichever defaults they spell out."""
    return _normal(kind, one) == _normal(kind, other)


def where_sent(kind: str, body: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Where each secret that an item can have is sent to, and as whose, by its dotted key."""
    if kind != "pbx":
        return {}
    whole = _normal(kind, body)
    places = {"secret": tuple(whole.get(name) for name in ("host", "port", "username"))}
    if isinstance(ari := whole.get("ari"), dict):
        places["ari.password"] = ari.get("url"), ari.get("username")
    return places


def settings_with(base: Settings, items: Mapping[Key, Table]) -> tuple[Settings, list[Problem]]:
    """Settings with these items in place of their own, and what is wrong between them.

    What is not an item, such as ``[api]``, is the file's. Opening hours of the file hold as long as
    the centre names no calendar.
    """
    keys: dict[str, list[Key]] = {kind: [] for kind in KINDS}
    update: dict[str, Any] = {}
    for kind in KINDS.values():
        keys[kind.name] = [key for key in items if key[0] == kind.name]
        if not kind.single:
            update[kind.name] = [items[key] for key in keys[kind.name]]
        elif keys[kind.name]:
            update[kind.name] = items[keys[kind.name][0]]
    settings = base.model_copy(update=update)
    if settings.centre.calendar:
        settings = settings.model_copy(update={"opening_hours": []})
    return settings, list(_problems(settings, keys))


def effective(base: Settings, items: Mapping[Key, Table | str]) -> Effective:
    """The settings in effect: items that contradict others are left out, and said.

    Args:
        base: what the file says.
        items: all items; a text instead of one says why it cannot be read.
    """
    problems = {key: item for key, item in items.items() if isinstance(item, str)}
    sound = {key: item for key, item in items.items() if not isinstance(item, str)}
    while True:
        settings, found = settings_with(base, sound)
        if not found:
            return Effective(settings, problems)
        for problem in found:
            problems.setdefault(problem.key, problem.text)
            sound.pop(problem.key, None)
            if KINDS[problem.key[0]].single:
                sound[problem.key] = KINDS[problem.key[0]].model()


def _problems(settings: Settings, keys: Mapping[str, list[Key]]) -> Iterator[Problem]:
    """What is wrong between items; what only concerns the file's own tables was told with it."""
    for crossing in crossings(settings.model_dump(include=set(KINDS))):
        if crossing.table in keys and crossing.number < len(keys[crossing.table]):
            # Where it is stands in the key.
            text = crossing.text.worded(crossing.text.partition(": ")[2])
            yield Problem(keys[crossing.table][crossing.number], crossing.key, text)
    for key, queue in zip(keys["queue"], settings.queue, strict=True):
        if problem := queue.problem(settings.commitment):
            yield Problem(key, "at_risk_after", problem)


def _normal(kind: str, body: Mapping[str, Any]) -> Body:
    """A stored body with the defaults of today; as it is where it cannot be read any more."""
    fill = dict.fromkeys(KINDS[kind].secrets, "x")
    try:
        return body_of(checked(kind, body, fill))
    except ItemError:
        return dict(body)


def _names(item: Table) -> Body:
    return {name: getattr(item, name, "") for name in ("name", "pbx")}


def _attribute(item: BaseModel, dotted: str) -> object:
    value: object = item
    for part in dotted.split("."):
        value = getattr(value, part, None)
    return value


def _take(body: Body, dotted: str) -> object:
    """Take a dotted key out of a body; None where it is not there."""
    *tables, last = dotted.split(".")
    inner: object = body
    for table in tables:
        inner = inner.get(table) if isinstance(inner, dict) else None
    return inner.pop(last, None) if isinstance(inner, dict) else None


def _copy(body: Mapping[str, Any]) -> Body:
    """A copy whose tables may be changed."""
    return {
        key: _copy(value) if isinstance(value, Mapping) else value for key, value in body.items()
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Numbers without a fraction as people write them."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
