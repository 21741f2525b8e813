"""The settings file's shape: what may stand in ``minuteur.toml``, with defaults and limits.

The models import nothing of ours. Spans are in seconds, as people write them. Each field's
description says what to write there; a complaint about a bad value quotes it.
"""

from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.base import Host, HttpUrl, Name, Port, Span, Table, Texts
from config.calendars import Calendar
from config.crossing import cross_problems
from config.faults import Complaint, FaultError, Wrong
from config.hours import OpeningHours
from config.mailing import Mail, ReportSchedule, report_problem
from config.overflow import OverflowRule, OverflowSettings
from config.publishing import Mqtt, Webhook
from config.retention import Retention
from config.signing_in import Oidc
from config.teams import FigureSettings, Team

AT_RISK_SHARE = 0.75
"""Share of the threshold after which a caller is at risk, where nobody said it: 45 s of 60 s."""


class History(Table):
    """``[history]``: where the record is kept. The URL may hold a password, hence a secret."""

    database: SecretStr = Field(
        default=SecretStr("sqlite:///minuteur.db"),
        description='"sqlite:///minuteur.db" or "postgresql+psycopg://user:password@host/name"',
    )

    key_file: str = Field(
        default="",
        description="path of the key of the secrets that admins set; left out: beside the database",
    )

    @field_validator("database")
    @classmethod
    def _supported(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url.startswith(("sqlite:///", "postgresql+psycopg://", "postgresql://", "postgres://")):
            return value
        raise ValueError("this kind of database is not supported")


class Api(Table):
    """``[api]``: where the page and the REST interface are served, and how sessions are kept."""

    host: Host = "127.0.0.1"
    port: int = Field(
        default=8060, ge=0, le=65535, description="a whole number from 0 (any free port) to 65535"
    )
    secure_cookies: bool | None = Field(
        default=None,
        description="true (behind a TLS proxy) or false; left out: true when asked over https",
    )
    session_hours: float = Field(
        default=12, gt=0, le=8760, allow_inf_nan=False, description="hours, more than 0: 12"
    )
    trusted_proxies: Texts = Field(default=[])
    """Addresses whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed."""
    allowed_origins: list[HttpUrl] = Field(
        default=[],
        description='a list: ["https://minuteur.example"], the addresses people use to reach us',
    )
    """Needed only behind a proxy that changes the ``Host`` header."""


class Tls(Table):
    """``[pbx.tls]``: encrypt the manager connection."""

    ca_file: str = Field(default="", description="path of a PEM file with the trusted authorities")
    server_name: str = Field(default="", description="the name in the PBX's certificate")
    verify: bool = Field(default=True, description="true, or false to believe any certificate")


class OpenAri(Table):
    """``[pbx.ari]`` without its password."""

    url: str = Field(
        pattern=r"^https?://[^\s/@?#]+(?:/[^\s@?#]*)?$",
        description='"http://host:8088/ari", without user and password',
    )
    username: str = Field(
        min_length=1, pattern=r"^[^:\x00-\x1f]+$", description="the user in ari.conf"
    )
    app: Name = "minuteur"
    """A name that nothing else uses: Asterisk gives an application's calls to whoever came last."""

    @field_validator("url")
    @classmethod
    def _is_ari(cls, value: str) -> str:
        address = value.rstrip("/")
        try:
            urlsplit(address).port  # noqa: B018 - it complains when it is none
        except ValueError:
            raise FaultError(Wrong.NO_PORT, "its port is none") from None
        if not address.endswith("/ari"):
            raise FaultError(Wrong.NOT_ARI, "it does not end in /ari")
        return address


class Ari(OpenAri):
    """``[pbx.ari]``: the PBX's REST interface, for voice servers written as Stasis applications."""

    password: SecretStr = Field(min_length=1, description="the password in ari.conf")


class OpenPbx(Table):
    """``[[pbx]]`` without its secrets."""

    name: Name
    host: Host = "127.0.0.1"
    port: Port = 5038
    username: str = Field(
        min_length=1, pattern=r"^[^\r\n\x00]+$", description="the account in manager.conf"
    )
    incoming_contexts: Texts = Field(
        min_length=1,
        description='the dialplan contexts where callers arrive: ["incoming"]',
    )
    queue_log: str = Field(
        default="", description='the file on this machine: "/var/log/asterisk/queue_log"'
    )
    tls: Tls | None = None


class Pbx(OpenPbx):
    """``[[pbx]]``: one Asterisk system and its manager account."""

    secret: SecretStr = Field(
        min_length=1, description="the secret of the account in manager.conf, on one line"
    )
    ari: Ari | None = None

    @field_validator("secret")
    @classmethod
    def _one_line(cls, value: SecretStr) -> SecretStr:
        if any(character in value.get_secret_value() for character in "\r\n\0"):
            raise FaultError(Wrong.LINE_BREAK, "it holds a line break")
        return value


class VoiceServer(Table):
    """``[[voice_server]]``: an IVR, by dialplan contexts, Stasis applications or its name alone."""

    name: Name
    contexts: Texts = Field(default=[])
    stasis_apps: Texts = Field(default=[])
    counts_when: Literal["reached", "first_input"] = Field(
        default="reached", description='"reached" or "first_input"'
    )


def _check_at_risk(value: float | None, info: ValidationInfo) -> float | None:
    within = info.data.get("within")
    if value is not None and within is not None and value >= within:
        text = f"it must be less than within = {within:g}"
        raise FaultError(Wrong.NOT_BELOW_WITHIN, text, within=within)
    return value


Target = Annotated[
    float | None,
    Field(gt=0, le=1, allow_inf_nan=False, description="a share, more than 0 to 1: 0.95"),
]
Formula = Literal[
    "abandoned_within_count_for",
    "answered_only",
    "abandoned_count_against",
    "abandoned_within_left_out",
    "short_abandoned_count_for",
]
FORMULAS: tuple[str, ...] = get_args(Formula)
"""The service-level formulas in use; what each counts: ``monitor/core/indicators.py``."""
_FORMULA = Field(description="one of " + ", ".join(f'"{code}"' for code in FORMULAS))


class Commitment(Table):
    """``[commitment]``: the promise made to every caller. Spans in seconds."""

    within: Span = 60
    at_risk_after: Span | None = None
    short_abandon: float = Field(
        default=5, ge=0, le=86400, allow_inf_nan=False, description="seconds, 0 or more: 5"
    )
    starts_on: Literal["arrival", "welcome_end", "voice_server_left", "queue_joined"] = Field(
        default="arrival",
        description='"arrival", "welcome_end", "voice_server_left" or "queue_joined"',
    )
    welcome_contexts: Texts = Field(
        default=[],
        validate_default=True,
        description='the dialplan contexts that play the welcome: ["welcome"]',
    )
    target: Target = None
    """The share met / (met + breached) that is aimed at; left out: none."""
    service_level: Annotated[Formula, _FORMULA] = "abandoned_within_count_for"
    """The formula that is shown first."""

    _at_risk = field_validator("at_risk_after")(_check_at_risk)

    @field_validator("short_abandon")
    @classmethod
    def _short(cls, value: float, info: ValidationInfo) -> float:
        within = info.data.get("within")
        if within is not None and value >= within:
            text = f"it must be less than within = {within:g}"
            raise FaultError(Wrong.NOT_BELOW_WITHIN, text, within=within)
        return value

    @field_validator("welcome_contexts")
    @classmethod
    def _welcome(cls, value: list[str], info: ValidationInfo) -> list[str]:
        if info.data.get("starts_on") == "welcome_end" and not value:
            raise FaultError(Wrong.WELCOME_NEEDED, 'starts_on = "welcome_end" needs it')
        return value

    @property
    def at_risk_s(self) -> float:
        """Seconds after which a caller is at risk: as said, else three quarters of ``within``."""
        return self.at_risk_after or self.within * AT_RISK_SHARE


class Queue(Table):
    """``[[queue]]``: a queue's label and thresholds; what is left out is the commitment's."""

    name: str = Field(min_length=1, pattern=r"^[^\r\n\x00]+$", description="the queue's name")
    pbx: str = Field(default="", description="the name of a [[pbx]]; left out: on every PBX")
    label: str = Field(default="", description="what people call it")
    within: Span | None = None
    at_risk_after: Span | None = None
    target: Target = None
    service_level: Annotated[Formula | None, _FORMULA] = None
    calendar: str = Field(
        default="", description="the name of a [[calendar]]; left out: the centre's hours"
    )
    wrap_up: Span | None = Field(
        default=None,
        description="seconds: the queue's wrapuptime in queues.conf, which no event tells; left "
        "out: only what Asterisk says of each member",
    )

    _at_risk = field_validator("at_risk_after")(_check_at_risk)

    def thresholds(self, commitment: Commitment) -> tuple[float, float]:
        """The queue's threshold and its at-risk moment, in seconds."""
        within = self.within or commitment.within
        if self.at_risk_after is not None:
            return within, self.at_risk_after
        own = self.within is not None
        return within, within * AT_RISK_SHARE if own else commitment.at_risk_s

    def problem(self, commitment: Commitment) -> str:
        """What contradicts itself between the queue and the commitment; empty when nothing."""
        within, at_risk = self.thresholds(commitment)
        if at_risk < within:
            return ""
        text = f"at_risk_after = {at_risk:g} must be less than within = {within:g}"
        return Complaint(Wrong.NOT_BELOW_WITHIN, text, within=within)


class Centre(Table):
    """``[centre]``: the contact centre itself."""

    label: str = Field(
        default="",
        max_length=100,
        pattern=r"^[^\r\n\x00]*$",
        description="what people call it; it stands on the cover of reports",
    )
    time_zone: str = Field(default="UTC", description='a zone such as "Europe/Paris" or "UTC"')
    test_numbers: Texts = Field(default=[])
    internal_numbers: Texts = Field(default=[])
    calendar: str = Field(
        default="", description="the name of a [[calendar]]; left out: [[opening_hours]]"
    )

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in available_timezones():
            raise FaultError(Wrong.NO_TIME_ZONE, "there is no such time zone")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The centre's zone."""
        return ZoneInfo(self.time_zone)


class Settings(BaseSettings):
    """The whole settings file.

    Validates what it is given and nothing else; :mod:`config.loading` finds the file or reads the
    environment.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    history: History = History()
    api: Api = Api()
    pbx: list[Pbx] = []
    voice_server: list[VoiceServer] = []
    queue: list[Queue] = []
    commitment: Commitment = Commitment()
    centre: Centre = Centre()
    team: list[Team] = []
    figures: FigureSettings = FigureSettings()
    retention: Retention = Retention()
    opening_hours: list[OpeningHours] = []
    calendar: list[Calendar] = []
    mqtt: Mqtt | None = None
    webhook: list[Webhook] = []
    mail: Mail | None = None
    report: list[ReportSchedule] = []
    oidc: Oidc | None = None
    overflow: OverflowSettings = OverflowSettings()
    overflow_rule: list[OverflowRule] = []

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = cross_problems(
            self.model_dump(
                include={
                    "pbx",
                    "voice_server",
                    "queue",
                    "webhook",
                    "overflow_rule",
                    "calendar",
                    "centre",
                    "team",
                    "figures",
                    "opening_hours",
                }
            )
        )
        if problems:
            raise ValueError("; ".join(problems))
        if problem := report_problem(self.report, self.mail):
            raise ValueError(problem)
        for queue in self.queue:
            if problem := queue.problem(self.commitment):
                raise ValueError(f'[[queue]] "{queue.name}": {problem}')
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the hook's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what the caller passes: a file that was named is not mixed with variables."""
        return (init_settings,)
