"""The page's files: found, cached, compressed, and allowed to do no more than they need."""

import re
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import House
from tests.api.test_routes import problem


@pytest.fixture
def dist(house: House) -> Path:
    dist = house.services.dist
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text('<!doctype html><meta nonce="__CSP_NONCE__"><p>page')
    (dist / "assets" / "index-abc123.js").write_bytes(b"let a;" * 2000 + bytes(range(256)) * 20)
    (dist / "favicon.svg").write_text("<svg/>")
    return dist


@pytest.mark.parametrize("path", ["/", "/index.html", "/calls", "/calls/lab:17.42", "/sign-in"])
async def test_every_address_of_the_page_is_the_page(
    dist: Path, client: httpx.AsyncClient, path: str
) -> None:
    # an id has a dot in it, yet it is no file
    response = await client.get(path, headers={"Accept": "text/html"})

    assert response.status_code == 200
    assert response.text.endswith("<p>page")
    assert response.headers["cache-control"] == "no-cache"


async def test_styles_need_the_nonce_of_this_very_answer(
    dist: Path, client: httpx.AsyncClient
) -> None:
    first, second = await client.get("/"), await client.get("/")

    policy = first.headers["content-security-policy"]
    nonce = re.search(r'nonce="([^"]+)"', first.text)
    assert nonce is not None
    assert f"style-src 'self' 'nonce-{nonce[1]}'" in policy
    assert "unsafe" not in policy
    assert first.text != second.text


async def test_assets_are_kept_for_ever_and_compressed(
    dist: Path, client: httpx.AsyncClient
) -> None:
    url = "/assets/index-abc123.js"
    packed = await client.get(url)
    plain = await client.get(url, headers={"Accept-Encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["content-type"].startswith("text/javascript")
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert packed.content == plain.content


async def test_what_has_not_changed_is_not_sent_again(
    dist: Path, client: httpx.AsyncClient
) -> None:
    etag = (await client.get("/favicon.svg")).headers["etag"]

    response = await client.get("/favicon.svg", headers={"If-None-Match": etag})

    assert response.status_code == 304


@pytest.mark.parametrize(
    "path",
    ["/assets/none.js", "/none.png", "/api/none", "/assets/../../record.db", "/%2e%2e/record.db"],
)
async def test_what_is_not_there_is_not_found(
    dist: Path, client: httpx.AsyncClient, path: str
) -> None:
    problem(await client.get(path), 404, "not_found")


async def test_a_page_that_was_not_built_is_said_plainly(client: httpx.AsyncClient) -> None:
    response = await client.get("/")

    assert response.status_code == 503
    assert "make web" in response.text


async def test_posting_to_a_page_is_not_found(client: httpx.AsyncClient) -> None:
    problem(await client.post("/calls"), 405, "method_not_allowed")
