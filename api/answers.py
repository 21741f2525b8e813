"""How answers are written."""

import orjson
from starlette.responses import Response


class Json(Response):
    """JSON by orjson; nothing in it is ever stored by a browser or a proxy."""

    media_type = "application/json"

    def __init__(
        self, content: object, status_code: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(content, status_code, {"Cache-Control": "no-store"} | (headers or {}))

    def render(self, content: object) -> bytes:
        """Serialise; already serialised bytes are taken as they are."""
        return content if isinstance(content, bytes) else orjson.dumps(content)
