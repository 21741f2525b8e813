"""What people install from: versions, lock files, images. Cheap checks of what would break late."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config.loading import load

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def _wanted() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lists = [
        project["build-system"]["requires"],
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    return [wanted for wants in lists for wanted in wants]


@pytest.mark.parametrize("wanted", _wanted())
def test_every_dependency_is_pinned_within_its_bounds(wanted: str) -> None:
    requirement = Requirement(wanted)
    pinned = _pins().get(canonicalize_name(requirement.name))
    assert pinned is not None, "run: make lock"
    assert pinned in requirement.specifier, "run: make lock"


@pytest.mark.parametrize("name", ["constraints.txt", "web/package-lock.json"])
def test_locks_name_no_registry(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.findall(r'"resolved"|\b(?:git|file|ssh)[:+]| @ |--index', text)
    # funding links are addresses too, and nothing is fetched from there
    assert name.endswith(".json") or "://" not in text


def test_the_page_s_lock_is_in_step() -> None:
    wanted = json.loads((ROOT / "web/package.json").read_text())
    locked = json.loads((ROOT / "web/package-lock.json").read_text())["packages"][""]
    for kind in ("dependencies", "devDependencies"):
        assert locked[kind] == wanted[kind], "run: npm install, in web/"


# --- docker/ ---------------------------------------------------------------------------------


@pytest.fixture
def services() -> dict[str, Any]:
    return dict(yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"])


def test_compose_refers_to_files_that_exist(services: dict[str, Any]) -> None:
    for service in services.values():
        if "build" in service:
            assert (DOCKER / service["build"]["context"]).resolve() == ROOT
            assert (ROOT / service["build"]["dockerfile"]).is_file()
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DOCKER / source).is_file()


def test_compose_publishes_on_this_machine_only(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_example_names_every_secret_and_holds_none() -> None:
    demanded = set(re.findall(r"\$\{(\w+):\?", (DOCKER / "compose.yaml").read_text()))
    example = (DOCKER / ".env.example").read_text()
    assert dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE)) == dict.fromkeys(demanded, "")


def test_compose_s_settings_are_valid(
    services: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in services["monitor"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{[^}]*\}", "filled-in", value))
    loaded = load(DOCKER / "minuteur.toml")
    assert loaded.warnings == ()
    assert loaded.settings.pbx[0].secret.get_secret_value() == "filled-in"
    assert loaded.settings.pbx[0].host in services
    assert loaded.settings.history.database.get_secret_value().endswith("@postgres/minuteur")


def test_dockerfiles_copy_what_exists_and_end_as_no_root() -> None:
    for path in (DOCKER / "Dockerfile", DOCKER / "asterisk" / "Dockerfile"):
        text = path.read_text()
        last = text[text.rindex("\nFROM ") :]
        assert re.findall(r"^USER (\w+)$", last, re.MULTILINE) not in ([], ["root"])
        assert "HEALTHCHECK" in last
        for copied in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
            for source in copied.split():
                assert source.startswith("--") or any(ROOT.glob(source)), source
