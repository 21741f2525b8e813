"""The interface's description is complete, and the committed copy is up to date."""

from pathlib import Path
from typing import Any

import pytest

import web
from api import openapi
from api.app import bare_app

OPEN = {"/api/v1/setup", "/api/v1/session/oidc", "/api/v1/session/oidc/callback"}
"""What needs no sign-in, since it leads to one."""
COMMITTED = Path(web.__file__).parent / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return bare_app().openapi()


def test_the_committed_copy_is_up_to_date() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == openapi.as_text(bare_app()), (
        "run `minuteur openapi > web/openapi.json`, then build the TypeScript types anew"
    )


def test_the_live_messages_are_in_it(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert {"Snapshot", "Delta", "Heartbeat", "Resync", "Change", "LiveMessage"} <= set(schemas)
    assert schemas["Change"]["discriminator"]["propertyName"] == "kind"
    assert "type" in schemas["Delta"]["required"]
    assert not [name for name in schemas if name.endswith(("-Input", "-Output"))]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def walk(node: object) -> None:
        if isinstance(node, dict):
            target = node.get("$ref")
            if isinstance(target, str):
                assert target.removeprefix("#/components/schemas/") in schemas
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(document)


def test_every_route_is_described_with_its_errors(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["description"], where
            answers = operation["responses"]
            if path.startswith("/api/"):
                assert "500" in answers, where
                assert ("401" in answers) == (path not in OPEN), where
            for status, answer in answers.items():
                if status not in ("200", "101", "204", "303") and "healthz" not in path:
                    assert "example" in answer["content"]["application/json"], f"{where} {status}"
            if "422" in answers:
                schema = answers["422"]["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, where


def test_good_answers_have_examples(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation["responses"].get("200", {}).get("content", {})
            if "application/json" in content:
                assert "example" in content["application/json"], f"{method} {path}"


def test_each_tag_is_described_once(document: dict[str, Any]) -> None:
    names = [tag["name"] for tag in document["tags"]]
    used = {t for item in document["paths"].values() for op in item.values() for t in op["tags"]}

    assert len(names) == len(set(names))
    assert set(names) == used


def test_operation_ids_are_short_and_unlike(document: dict[str, Any]) -> None:
    ids = [op["operationId"] for item in document["paths"].values() for op in item.values()]

    assert len(ids) == len(set(ids))
    assert all("api_v1" not in name for name in ids)
