"""``[oidc]``: an identity provider by which people may sign in (OpenID Connect)."""

from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from config.base import Table, Texts

RoleName = Annotated[
    Literal["viewer", "lead", "admin"], Field(description='"viewer", "lead" or "admin"')
]
_HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Oidc(Table):
    """``[oidc]``: whose sign-in is believed, and what it lets people do."""

    issuer: str = Field(
        pattern=r"^https?://[^\s@?#]+$",
        description='"https://id.example/realms/centre", as the provider writes it in its tokens',
    )
    client_id: str = Field(min_length=1, description="what the provider calls Minuteur")
    client_secret: SecretStr = SecretStr("")
    label: str = Field(default="", max_length=60, description="the words on the button")
    scopes: Texts = Field(default=["openid", "profile", "email"])
    public_url: str = Field(
        default="",
        pattern=r"^(?:https?://[^\s/@?#]+/?)?$",
        description='the address of this page in browsers: "https://minuteur.example"',
    )
    name_claim: str = Field(
        default="preferred_username", min_length=1, description='a claim: "preferred_username"'
    )
    role_claim: str = Field(default="groups", min_length=1, description='a claim: "groups"')
    roles: dict[str, RoleName] = Field(
        default={}, description='roles by values of the claim: { supervisors = "lead" }'
    )
    default_role: RoleName | None = None
    queues_claim: str = Field(default="", description='a claim: "groups"; left out: role_claim')
    queues: dict[str, Texts] = Field(
        default={}, description='queues by values of the claim: { sales-team = ["sales"] }'
    )

    @field_validator("issuer", "public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            urlsplit(value).port  # noqa: B018 - it complains when it is none
        except ValueError:
            raise ValueError("its port is none") from None
        return value

    @field_validator("issuer")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" and parts.hostname not in _HERE:
            raise ValueError("only a provider on this very machine may do without https")
        return value

    @field_validator("scopes")
    @classmethod
    def _openid(cls, value: list[str]) -> list[str]:
        return value if "openid" in value else ["openid", *value]

    @field_validator("queues")
    @classmethod
    def _queue_names(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        for name in (name for names in value.values() for name in names):
            if name.startswith("/") or name.endswith("/"):
                raise ValueError(f'"{name}" is no queue: write "QUEUE" or "PBX/QUEUE"')
        return value

    @model_validator(mode="after")
    def _lets_somebody_in(self) -> Self:
        if not self.roles and self.default_role is None:
            raise ValueError("it lets nobody in: write roles, or default_role")
        return self
