"""The shapes of what concerns access: sessions, users, tokens, devices, the first run."""

from typing import Literal

from pydantic import Field

from api.schemas import Moment, RoleName, Schema

KindName = Literal["person", "program", "device"]
_PASSWORD = Field(min_length=1, max_length=1000)
_NAME = Field(min_length=1, max_length=200, examples=["zoe"])


class QueueRefOut(Schema):
    """A queue that an account may see."""

    pbx: str = Field(description="Empty: on every PBX")
    queue: str = Field(examples=["support"])


class QueueRefIn(Schema):
    """A queue that an account is to see."""

    pbx: str = Field(default="", max_length=100, description="Left out: on every PBX")
    queue: str = Field(min_length=1, max_length=200, examples=["support"])


_QUEUES = Field(
    default=None,
    max_length=1000,
    description="The queues that it may see; null for all. Admins see all, whatever is said here.",
)


class SignIn(Schema):
    """A user's name and password."""

    name: str = Field(min_length=1, max_length=100)
    password: str = _PASSWORD


class DeviceSignIn(Schema):
    """A device's token, as the link of the device holds it."""

    token: str = Field(min_length=1, max_length=200)


class SessionOut(Schema):
    """Who is signed in, what they may do and see, and how the centre shows things."""

    name: str
    role: RoleName
    queues: list[QueueRefOut] | None = Field(description="The queues that are seen; null for all")
    sees_numbers: bool = Field(description="False: callers' numbers are masked")
    kind: KindName
    zone: str = Field(description="The centre's time zone", examples=["Europe/Paris"])
    service_level: str = Field(
        description="The formula that is shown first", examples=["abandoned_within_count_for"]
    )


class ProviderOut(Schema):
    """An identity provider by which people may sign in."""

    label: str = Field(description="The words on the button; empty: the page has its own")


class WaysIn(Schema):
    """How somebody can get in."""

    needed: bool = Field(description="Nobody can sign in yet: the first admin is to be created")
    provider: ProviderOut | None = Field(description="Null where there is none")


class FirstAdmin(Schema):
    """The first user of all."""

    code: str = Field(
        min_length=1, max_length=100, description="The setup code that the server printed"
    )
    name: str = _NAME
    password: str = _PASSWORD


class UserOut(Schema):
    """A person who may sign in."""

    name: str
    role: RoleName
    queues: list[QueueRefOut] | None = Field(
        description="The queues that are set; null for all. An admin sees all, and these again "
        "when the role is another"
    )
    sees_numbers: bool
    disabled: bool
    has_password: bool = Field(description="False: signs in by the identity provider")
    issuer: str | None = Field(description="The identity provider; it decides on the role")
    created_at: Moment
    created_by: str
    last_sign_in_at: Moment | None
    sessions: int = Field(description="In how many browsers they are signed in")


class UserList(Schema):
    """All users, by name."""

    items: list[UserOut]


class NewUser(Schema):
    """A user to be."""

    name: str = _NAME
    password: str = _PASSWORD
    role: RoleName
    queues: list[QueueRefIn] | None = _QUEUES
    sees_numbers: bool | None = Field(
        default=None, description="Null: as usual for the role, which is not for viewers"
    )


class UserChanges(Schema):
    """What becomes different of a user; what is left out stays."""

    role: RoleName | None = None
    queues: list[QueueRefIn] | None = _QUEUES
    sees_numbers: bool | None = None
    disabled: bool | None = None


class NewPassword(Schema):
    """A password for somebody else."""

    password: str = _PASSWORD


class OwnPassword(Schema):
    """Another password for oneself."""

    old_password: str = _PASSWORD
    password: str = _PASSWORD


class Ended(Schema):
    """How many sessions were ended."""

    ended: int


class OwnSessionOut(Schema):
    """A browser in which one is signed in."""

    id: str
    current: bool = Field(description="It is the one that asks")
    created_at: Moment
    last_seen_at: Moment = Field(description="To five minutes or so")
    expires_at: Moment
    address: str = Field(description="Where it signed in from")
    agent: str = Field(
        description="Browser and system, in a few words", examples=["Firefox, Linux"]
    )


class OwnSessions(Schema):
    """One's sessions, the one last seen first."""

    items: list[OwnSessionOut]


class TokenOut(Schema):
    """A program's token, without its secret."""

    name: str
    label: str
    role: RoleName
    queues: list[QueueRefOut] | None
    sees_numbers: bool
    created_at: Moment
    created_by: str
    last_used_at: Moment | None = Field(description="To five minutes or so")
    revoked_at: Moment | None


class TokenList(Schema):
    """All tokens of programs, revoked ones too, by name."""

    items: list[TokenOut]


class NewToken(Schema):
    """A token to be."""

    name: str = _NAME
    label: str = Field(default="", max_length=200)
    role: RoleName
    queues: list[QueueRefIn] | None = _QUEUES
    sees_numbers: bool = True


class TokenSecret(TokenOut):
    """A token that was just made."""

    secret: str = Field(description="Shown this once: `Authorization: Bearer …`")


class DeviceOut(Schema):
    """A wallboard: it may look at its queues, and sees no numbers."""

    name: str
    label: str
    queues: list[QueueRefOut] | None
    created_at: Moment
    created_by: str
    last_seen_at: Moment | None = Field(description="To five minutes or so")
    revoked_at: Moment | None
    sessions: int = Field(description="How many browsers have opened its link and are in use")


class DeviceList(Schema):
    """All devices, revoked ones too, by name."""

    items: list[DeviceOut]


class NewDevice(Schema):
    """A device to be."""

    name: str = _NAME
    label: str = Field(default="", max_length=200)
    queues: list[QueueRefIn] | None = _QUEUES


class DeviceLink(DeviceOut):
    """A device that was just made."""

    link: str = Field(
        description="Shown this once: opened on the device, it needs no sign-in from then on",
        examples=["/wall#device=mnd_…"],
    )
