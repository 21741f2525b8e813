"""What an action needs of the connection that it came in on, and of the centre behind it."""

from collections.abc import Callable
from typing import Protocol

from . import lists
from .centre import Centre
from .parts import Call, Channel
from .requests import Request


class Session(Protocol):
    """The connection that an action came in on."""

    @property
    def centre(self) -> Centre:
        """The centre behind it."""

    def success(self, request: Request, message: str = "", more: str = "") -> None:
        """Answer ``Success``."""

    def error(self, request: Request, message: str) -> None:
        """Answer ``Error``."""

    def listing(
        self, request: Request, message: str, items: list[str], end: str, more: str = ""
    ) -> None:
        """Answer with a list, closed by the event ``end``, which has ``more`` at its own end."""


Action = Callable[[Session, Request], None]


def id_line(request: Request) -> str:
    """The header that repeats the action's id, where it has one."""
    return f"ActionID: {request.action_id}\r\n" if request.action_id else ""


def channel_of(session: Session, request: Request) -> Channel | None:
    """The channel that an action names."""
    return lists.channel_by_name(session.centre, request.get("channel"))


def call_of(session: Session, request: Request) -> Call | None:
    """The caller whose channel an action names."""
    channel = channel_of(session, request)
    return None if channel is None else session.centre.calls.get(channel.name)


def is_true(text: str) -> bool:
    """Whether Asterisk takes a value as true."""
    return text.lower() in ("true", "yes", "y", "t", "1", "on")
