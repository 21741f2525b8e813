"""What changes of versioned things have in common: the version that was read, and the body."""

from typing import Annotated, Any

import orjson
from fastapi import Header, Request

from api.errors import ApiError, bad_field

IfMatch = Annotated[
    str | None,
    Header(description='The version that you have read, as its `ETag` says: `"3"`', max_length=50),
]


async def json_object(request: Request) -> dict[str, Any]:
    """The JSON object of a request, unchecked: the shape's own complaints say more.

    Raises:
        ApiError: 422 when it is none.
    """
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        raise bad_field("body", "it is not JSON") from None
    if not isinstance(body, dict):
        raise bad_field("body", "it is not a JSON object: {…}")
    return body


def expected_version(if_match: str | None, version: object) -> int:
    """The version that the author has read.

    Raises:
        ApiError: 428 when none is given, 422 when it is none.
    """
    if if_match is None and version is None:
        raise ApiError(
            428,
            "version_missing",
            'Say which version you have read: If-Match: "3", as its ETag says.',
        )
    if if_match is None:
        if not isinstance(version, int) or isinstance(version, bool):
            raise bad_field("version", "it is not a whole number")
        return version
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdecimal():
        raise bad_field("If-Match", 'it is not a version, such as "3"')
    return int(text[:18])
