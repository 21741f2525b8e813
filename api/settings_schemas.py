"""The shapes of settings in the REST interface.

An item's body is the shape of its table in the settings file: the models of :mod:`config`.
"""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.overflow_schemas import ViaName
from api.schemas import Moment, Schema
from config.calendars import Calendar
from config.retention import Retention
from config.settings import Centre, Commitment, OpenAri, OpenPbx, Queue, VoiceServer
from config.teams import FigureSettings, Team

KindName = Literal[
    "pbx", "queue", "voice_server", "calendar", "commitment", "centre", "team", "figures",
    "retention",
]  # fmt: skip
_WRITE_ONLY: dict[str, Any] = {"writeOnly": True}


class PbxBody(OpenPbx):
    """A PBX as it is shown: without its secrets."""

    ari: OpenAri | None = None


class AriIn(OpenAri):
    """A PBX's REST interface as it is sent."""

    password: str | None = Field(
        default=None,
        description="Never shown; left out, the one that is stored stays",
        json_schema_extra=_WRITE_ONLY,
    )


class PbxIn(OpenPbx):
    """A PBX as it is sent."""

    secret: str | None = Field(
        default=None,
        description="Never shown; left out, the one that is stored stays",
        json_schema_extra=_WRITE_ONLY,
    )
    ari: AriIn | None = None


class _Item(Schema):
    id: str = Field(description="The name; of a queue of one PBX `PBX:name`")
    version: int = Field(description="Send it back as `If-Match` to change or delete the item")
    from_file: bool = Field(description="Nobody has set it, so it follows the settings file still")
    updated_at: Moment
    updated_by: str
    problem: str = Field(description="Why it is not in effect; empty when all is well")


class PbxItem(_Item):
    """A PBX in the settings."""

    kind: Literal["pbx"] = "pbx"
    body: PbxBody
    has_secret: dict[str, bool] = Field(
        description="Which secrets are known, by key", examples=[{"secret": True}]
    )


class QueueItem(_Item):
    """A queue in the settings."""

    kind: Literal["queue"] = "queue"
    body: Queue


class VoiceServerItem(_Item):
    """A voice server in the settings."""

    kind: Literal["voice_server"] = "voice_server"
    body: VoiceServer


class CalendarItem(_Item):
    """A calendar in the settings."""

    kind: Literal["calendar"] = "calendar"
    body: Calendar


class CommitmentItem(_Item):
    """The promise made to every caller."""

    kind: Literal["commitment"] = "commitment"
    body: Commitment


class CentreItem(_Item):
    """The contact centre itself."""

    kind: Literal["centre"] = "centre"
    body: Centre


class RetentionItem(_Item):
    """For how many days each kind of personal data is kept."""

    kind: Literal["retention"] = "retention"
    body: Retention


class TeamItem(_Item):
    """Agents whose time is added up together."""

    kind: Literal["team"] = "team"
    body: Team


class FiguresItem(_Item):
    """What is counted of people."""

    kind: Literal["figures"] = "figures"
    body: FigureSettings


class SettingsOut(Schema):
    """All settings that can be changed here."""

    pbx: list[PbxItem]
    queue: list[QueueItem]
    voice_server: list[VoiceServerItem]
    calendar: list[CalendarItem]
    commitment: CommitmentItem
    centre: CentreItem
    team: list[TeamItem]
    figures: FiguresItem
    retention: RetentionItem


class ItemVersionOut(Schema):
    """An item as it was."""

    version: int
    body: dict[str, Any] | None = Field(description="Null: it was deleted")
    at: Moment
    by: str


class ItemVersions(Schema):
    """All versions of an item, newest first."""

    items: list[ItemVersionOut]


class ChangeOut(Schema):
    """Who changed what, and what it was before and after."""

    seq: int
    at: Moment
    by: str = Field(description="`configuration`: the settings file")
    via: ViaName
    what: str = Field(
        description="Stable code: `setting_changed`, `rule_deleted`, `user_created`…",
        examples=["setting_changed"],
    )
    kind: str = Field(description="A kind of settings, `overflow_rule`, `user`, `token`…")
    id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    undone_by: int | None = Field(description="The `seq` of the change that took it back")
    undoable: bool = Field(description="It can be taken back, as nothing was changed since")


class ChangePage(Schema):
    """A page of changes, newest first."""

    items: list[ChangeOut]
    next_cursor: str | None = Field(
        description="Pass as `cursor` for the next page; null at the end"
    )


class ImportIn(Schema):
    """Settings to take over."""

    model_config = ConfigDict(strict=True)

    toml: str = Field(description="As `GET /settings/export` writes them, or a settings file")
    dry_run: bool = Field(
        default=False, description="True: say what would change, and change nothing"
    )
    remove_missing: bool = Field(
        default=False, description="True: what the text does not have is deleted"
    )


class ImportChange(Schema):
    """What an import makes of one item."""

    kind: str
    id: str
    what: Literal["created", "changed", "deleted", "same"]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ImportProblem(Schema):
    """Why nothing is imported."""

    where: str = Field(
        description="The item and its key, or the line", examples=["queue:support.within"]
    )
    message: str


class ImportOut(Schema):
    """What was imported, or would be. With a problem, nothing is."""

    changes: list[ImportChange]
    problems: list[ImportProblem]
    ignored: list[str] = Field(
        description="Tables that are set in the settings file only", examples=[["history", "api"]]
    )
    applied: bool
