"""What an account is, and what it may do and see."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final, NamedTuple

from monitor.core.clock import Ms
from monitor.history.audit import Via, Who

CONSOLE: Final = Who("console", Via.CLI)
"""Who acts where nobody is named: whoever may run our commands on this machine."""


class Fault(StrEnum):
    """Why an account cannot be as somebody wants it; stable codes."""

    BAD_NAME = "bad_name"
    NAME_TAKEN = "name_taken"
    UNKNOWN_ROLE = "unknown_role"
    PASSWORD_LENGTH = "password_length"  # noqa: S105 - no secret
    PASSWORD_EASY = "password_easy"  # noqa: S105
    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    NO_PASSWORD = "no_password"  # noqa: S105
    """This user signs in by the identity provider only."""
    FROM_PROVIDER = "from_provider"
    """The identity provider says so, at each sign-in."""
    LAST_ADMIN = "last_admin"
    NOT_FIRST = "not_first"
    """There are users already."""
    DISABLED = "disabled"


class AccountError(ValueError):
    """An account cannot be so; the message says why, for the person who tries.

    ``field`` is what was given that is no good: ``name``, ``password``, ``role``; else empty.
    """

    def __init__(self, message: str, fault: Fault, field: str = "") -> None:
        super().__init__(message)
        self.fault = fault
        self.field = field


class Role(StrEnum):
    """What an account may do; each role may do all that the ones before it may."""

    VIEWER = "viewer"
    LEAD = "lead"
    ADMIN = "admin"

    def allows(self, needed: "Role") -> bool:
        """Whether this role may do what ``needed`` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)

    @property
    def sees_numbers(self) -> bool:
        """Whether people of this role see callers' numbers in full, where nobody said otherwise."""
        return self is not Role.VIEWER

    @classmethod
    def named(cls, name: str) -> "Role":
        """The role of that name.

        Raises:
            AccountError: there is none.
        """
        try:
            return cls(name)
        except ValueError:
            message = f"There is no role {name}: use one of {', '.join(cls)}."
            raise AccountError(message, Fault.UNKNOWN_ROLE, "role") from None


class Kind(StrEnum):
    """Who stands behind an account."""

    PERSON = "person"
    PROGRAM = "program"
    DEVICE = "device"
    """A wallboard: a screen that shows what is live, with nobody there to sign in."""


class QueueRef(NamedTuple):
    """A queue that an account may see; ``pbx`` empty: the queue of that name on every PBX."""

    pbx: str
    queue: str

    @classmethod
    def parse(cls, text: str) -> "QueueRef":
        """Read ``QUEUE`` or ``PBX/QUEUE``, as commands and settings write it."""
        pbx, slash, queue = text.strip().partition("/")
        return cls(pbx, queue) if slash else cls("", pbx)

    def __str__(self) -> str:
        return f"{self.pbx}/{self.queue}" if self.pbx else self.queue


Queues = frozenset[QueueRef] | None
"""The queues that an account may see; None: all."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person, a program or a device, with what it may do and see.

    ``queues`` are the queues that it may see, None for all. ``sees_numbers``: callers' numbers are
    shown in full; else all but their ends is masked.
    """

    name: str
    role: Role
    queues: Queues = None
    sees_numbers: bool = True
    kind: Kind = Kind.PERSON


class Keep(Enum):
    """Stands for "as it is" where None has a meaning of its own."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class UserChange:
    """What becomes different of a user; all else stays."""

    role: Role | None = None
    queues: Queues | Keep = KEEP
    sees_numbers: bool | None = None
    disabled: bool | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A person who may sign in, unless ``disabled``; moments in ms.

    ``queues`` are set for them; an admin sees all of them nevertheless, as long as they are one.
    ``issuer`` is the identity provider that they sign in by, None for a password of ours.
    ``sessions`` is how many browsers they are signed in with now.
    """

    name: str
    role: Role
    queues: Queues
    sees_numbers: bool
    disabled: bool
    has_password: bool
    issuer: str | None
    created_at: Ms
    created_by: str
    last_sign_in_at: Ms | None
    sessions: int = 0


@dataclass(frozen=True, slots=True)
class Provided:
    """Somebody whom an identity provider has signed in, with what it says they may.

    ``issuer`` and ``subject`` name them for ever; ``name`` may change and is only taken at first.
    ``queues`` KEEP: the provider says nothing of queues, admins do.
    """

    issuer: str
    subject: str
    name: str
    role: Role
    queues: Queues | Keep = KEEP


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a program's or a device's token, which is all but itself; moments in ms."""

    name: str
    role: Role
    created_at: Ms
    revoked_at: Ms | None
    kind: Kind = Kind.PROGRAM
    queues: Queues = None
    sees_numbers: bool = True
    label: str = ""
    created_by: str = ""
    last_used_at: Ms | None = None
    sessions: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in; moments in ms. ``id`` names it without being its secret."""

    id: str
    kind: Kind
    created_at: Ms
    last_seen_at: Ms
    expires_at: Ms
    address: str
    agent: str
