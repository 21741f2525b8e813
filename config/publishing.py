"""``[mqtt]`` and ``[[webhook]]``: where call events are published to."""

from fnmatch import fnmatchcase
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from config.base import Name, Span, Table

EVENTS: Final = (
    *("arrived", "at_risk", "breached", "handled", "verdict", "corrected", "ended"),
    *("decision", "command"),
    "sealed",
    *("contact_at_risk", "contact_met", "contact_breached", "contact_withdrawn"),
    *("contact_excluded", "contact_corrected"),
)
"""All that is published of calls, of overflow, of what is sealed, and of contacts."""
_BROKERS: Final = ("mqtt", "mqtts")
_MIN_SECRET: Final = 16

Numbers = Annotated[
    Literal["masked", "full"], Field(description='"masked" or "full": what is told of callers')
]


class Mqtt(Table):
    """``[mqtt]``: the broker that call events and queue states are published to."""

    url: str = Field(
        pattern=r"^mqtts?://[^\s@/?#]+/?$",
        description='"mqtt://host:1883" or "mqtts://host:8883"',
    )
    username: str = ""
    password: SecretStr = SecretStr("")
    prefix: str = Field(
        default="minuteur/",
        pattern=r"^(?:[^$#+\x00][^#+\x00]*)?$",
        max_length=200,
        description='the start of all topics, without "#" and "+": "minuteur/"',
    )
    client_id: str = Field(
        default="",
        pattern=r"^[^\x00-\x1f]*$",
        max_length=200,
        description="a name that no other client of the broker has; left out: made of the prefix",
    )
    ca_file: str = Field(default="", description="path of a PEM file with the trusted authorities")
    commands: bool = Field(
        default=False, description="true to take commands from the broker, or false"
    )
    numbers: Numbers = "masked"

    @field_validator("url")
    @classmethod
    def _has_a_port(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            parts.port  # noqa: B018 - it complains when it is none
        except ValueError:
            raise ValueError("its port is none") from None
        if not parts.hostname:
            raise ValueError("it names no host")
        return value

    @field_validator("prefix")
    @classmethod
    def _ends_a_level(cls, value: str) -> str:
        return value if not value or value.endswith("/") else f"{value}/"

    @field_validator("ca_file")
    @classmethod
    def _encrypted(cls, value: str, info: ValidationInfo) -> str:
        if value and not str(info.data.get("url", "mqtts")).startswith("mqtts"):
            raise ValueError("it is of no use with mqtt://, which is not encrypted")
        return value


class Webhook(Table):
    """``[[webhook]]``: an address that gets call events as signed POST requests.

    The address may hold a key, so it is as secret as the secret itself.
    """

    name: Name
    url: SecretStr = Field(description='"https://host/path"')
    secret: SecretStr = Field(
        description=f"the key of the signature, at least {_MIN_SECRET} characters"
    )
    events: list[str] = Field(
        default=["*"], min_length=1, description='a list, with * and ?: ["breached", "verdict"]'
    )
    numbers: Numbers = "masked"
    timeout: Span = 10

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        try:
            parts = urlsplit(text)
            parts.port  # noqa: B018 - it complains when it is none
        except ValueError:
            raise ValueError("this is no address") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or " " in text:
            raise ValueError("this is no http:// or https:// address")
        return value

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < _MIN_SECRET:
            raise ValueError(f"it has less than {_MIN_SECRET} characters")
        return value

    @field_validator("events")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        for pattern in value:
            if not any(fnmatchcase(event, pattern) for event in EVENTS):
                raise ValueError(f"{pattern!r} names none of {', '.join(EVENTS)}")
        return value
