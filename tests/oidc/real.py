"""A real identity provider: panva's oidc-provider, started here, and used as a person uses it."""

import html
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

import web
from config.signing_in import Oidc

SCRIPT: Final = Path(__file__).parent / "provider.mjs"
MODULE: Final = Path(web.__file__).parent / "node_modules/oidc-provider"
SECRET: Final = "a secret, with % and : in it"
_PATIENCE: Final = 10
"""Redirects of one sign-in at most."""

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="needs node"),
    pytest.mark.skipif(not MODULE.is_dir(), reason="needs oidc-provider: npm ci in web"),
]


@dataclass
class RealProvider:
    """A running provider; ``people`` may be changed between sign-ins."""

    issuer: str
    file: Path

    def people(self, people: Mapping[str, Mapping[str, Any]]) -> None:
        """Say who there is, by subject."""
        self.file.write_text(json.dumps(people), encoding="utf-8")

    def settings(self, **more: object) -> Oidc:
        """``[oidc]`` for it."""
        values: dict[str, object] = {
            "issuer": self.issuer,
            "client_id": "minuteur",
            "client_secret": SECRET,
            "scopes": ["openid", "profile", "groups"],
            "roles": {"supervisors": "lead", "it": "admin", "staff": "viewer"},
        }
        return Oidc.model_validate(values | more)


@contextmanager
def running_provider(
    folder: Path, redirect_uris: Sequence[str], *, in_id_token: bool = False
) -> Iterator[RealProvider]:
    """Start a provider on a free port, and stop it at the end."""
    file = folder / "people.json"
    file.write_text("{}")
    command = ["node", str(SCRIPT), str(file), *redirect_uris]
    environment = os.environ | {"IN_ID_TOKEN": "1" if in_id_token else ""}
    with (folder / "provider.log").open("w") as log:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
            start_new_session=True,
        )
    try:
        assert process.stdout is not None
        said = next((line for line in process.stdout if line.startswith("READY ")), "")
        assert said, (folder / "provider.log").read_text()
        yield RealProvider(said.split()[1], file)
    finally:
        # Where Node.js comes from a Python package, "node" is a script that starts the real one.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


async def sign_in(address: str, login: str) -> str:
    """Sign in at the provider as a person does; returns where it sends the browser back to."""
    home = httpx.URL(address).host
    async with httpx.AsyncClient(timeout=30) as person:
        answer = await person.get(address)
        for _ in range(_PATIENCE):
            if answer.is_redirect:
                target = answer.url.join(answer.headers["location"])
                if target.host != home:
                    return str(target)
                answer = await person.get(target)
                continue
            assert answer.status_code == 200, answer.text
            answer = await _submitted(person, answer, login)
    raise AssertionError("the provider never sends back")


async def _submitted(
    person: httpx.AsyncClient, answer: httpx.Response, login: str
) -> httpx.Response:
    action = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
    prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
    assert action, answer.text
    assert prompt, answer.text
    form = {"prompt": prompt[1]}
    if prompt[1] == "login":
        form |= {"login": login, "password": "any"}
    return await person.post(answer.url.join(html.unescape(action[1])), data=form)
