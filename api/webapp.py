"""The web application's files: long-lived assets, and one page for every address of it."""

import gzip
import secrets
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.security import PAGE_POLICY

NONCE_PLACEHOLDER: Final = "__CSP_NONCE__"
"""Where the built page wants this answer's nonce, for the style sheets that its script adds."""
_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK_FIRST: Final = "no-cache"
_COMPRESSED: Final = {".js", ".css", ".svg", ".json", ".woff", ".map"}
_WORTH_IT: Final = 1024

_NOT_BUILT: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Minuteur</title>
<h1>Minuteur runs, but its web page was not built</h1>
<p>Run <code>make web</code> in the source tree, or install Minuteur from its wheel, then reload.
<p>The REST interface answers at <code>/api/v1</code>; its description is
<code>/openapi.json</code>.</html>
"""


class WebApp(StaticFiles):
    """Serves ``web/dist``; addresses without a file are the single page's own."""

    def __init__(self, dist: Path) -> None:
        super().__init__(directory=dist, check_dir=False)
        self._dist = dist
        self._small: dict[tuple[str, float], bytes] = {}

    async def check_config(self) -> None:
        """Take a missing directory as it is: the page then says so."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer for one address."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        if path in (".", "", "index.html"):
            return self._page()
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or not _is_page(path, Headers(scope=scope)):  # noqa: PLR2004
                raise
            return self._page()
        hashed = path.startswith("assets/")
        response.headers["Cache-Control"] = _FOREVER if hashed else _ASK_FIRST
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY.format(style=""))
        if isinstance(response, FileResponse):
            return self._compressed(response, Headers(scope=scope))
        return response

    def _page(self) -> Response:
        try:
            text = (self._dist / "index.html").read_text(encoding="utf-8")
        except OSError:
            return HTMLResponse(_NOT_BUILT, 503, {"Cache-Control": "no-store"})
        nonce = secrets.token_urlsafe(16)
        style = f"'nonce-{nonce}'" if NONCE_PLACEHOLDER in text else "'unsafe-inline'"
        headers = {
            "Cache-Control": _ASK_FIRST,
            "Content-Security-Policy": PAGE_POLICY.format(style=style),
        }
        return HTMLResponse(text.replace(NONCE_PLACEHOLDER, nonce), headers=headers)

    def _compressed(self, response: FileResponse, asked: Headers) -> Response:
        """The file with gzip where the browser takes it; compressed once, kept in memory."""
        path = Path(response.path)
        response.headers["Vary"] = "Accept-Encoding"
        if path.suffix not in _COMPRESSED or "gzip" not in asked.get("accept-encoding", ""):
            return response
        status = path.stat()
        if status.st_size < _WORTH_IT:
            return response
        key = (str(path), status.st_mtime)
        if key not in self._small:
            self._small[key] = gzip.compress(path.read_bytes(), 6)
        headers = {
            name: value
            for name, value in response.headers.items()
            if name.lower() != "content-length"
        }
        return Response(self._small[key], headers=headers | {"Content-Encoding": "gzip"})


def _is_page(path: str, asked: Headers) -> bool:
    """Whether an address can be one of the single page's; files and the interface are not.

    A call's id has a dot in it like a file's name; but only for a page a browser asks for HTML.
    """
    first, last = path.partition("/")[0], path.rpartition("/")[2]
    wanted = "text/html" in asked.get("accept", "") or "." not in last
    return wanted and first not in ("api", "assets", "healthz", "readyz", "metrics")
