"""The shapes of what is told of publishing: the sinks, and messages that one of them gave up."""

from typing import Any

from pydantic import Field

from api.schemas import Moment, Schema


class SinkOut(Schema):
    """A place that messages are published to."""

    name: str = Field(description="`mqtt`, or `webhook:` and its name in the settings")
    connected: bool = Field(description="Whether it takes messages now")
    since: Moment = Field(description="Since when it does, or does not")
    detail: str = Field(description="What is wrong and what to do; empty when all is well")
    backlog: int = Field(description="Messages that it has not taken yet")
    oldest_at: Moment | None = Field(description="Of what the oldest of them tells")
    sent: int = Field(description="Messages that it took since the start")
    failures: int = Field(description="Tries that failed since the start")
    dead_letters: int = Field(description="Messages that it refused, or failed at too often")


class SinkList(Schema):
    """All places that messages are published to."""

    items: list[SinkOut]


class DeadLetterOut(Schema):
    """A message that a webhook refused, or failed at too often."""

    id: int
    sink: str
    message_id: str
    topic: str
    call_id: str = Field(description="Empty for a message of no call")
    at: Moment = Field(description="When it was tried last")
    tries: int
    error: str
    waits: bool = Field(description="Somebody wants it sent again, and it was not yet tried")
    payload: dict[str, Any] = Field(
        description="As it is stored; callers' numbers are hidden from who may not see them"
    )


class DeadLetterList(Schema):
    """Dead letters, newest first."""

    items: list[DeadLetterOut]
    next_before: int | None = Field(
        description="Pass as `before` for the next page; null at the end"
    )
