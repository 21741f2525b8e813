"""Getting in, and who may: the first run, a real identity provider, users, wallboards."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page, expect

from api.routes.oidc import CALLBACK
from monitor.accounts import Accounts, Role
from monitor.history.database import open_history
from tests.browser.demo import context_for, signed_in
from tests.browser.stage import CHROMIUM
from tests.oidc import real
from tests.oidc.real import RealProvider, running_provider
from web import DIST

AXE: Final = DIST.parent / "node_modules/axe-core/axe.min.js"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}"),
    pytest.mark.skipif(not DIST.is_dir(), reason="needs the built page: make web"),
    pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: npm ci in web"),
    *real.pytestmark,
]

PASSWORD: Final = "correct horse battery"
CODE: Final = re.compile(r"setup code (\S+),")
START: Final = "from api.entry import main; main()"
SETTINGS: Final = """
[history]
database = "sqlite:///{folder}/record.db"
[api]
port = {port}
"""
OIDC: Final = """
[oidc]
issuer = "{issuer}"
client_id = "minuteur"
client_secret = "{secret}"
label = "Company account"
scopes = ["openid", "profile", "groups"]
roles = {{ supervisors = "lead" }}
"""


@dataclass
class Server:
    """A running ``minuteur serve``, with what it printed."""

    url: str
    log: Path

    @property
    def code(self) -> str:
        found = CODE.search(self.log.read_text())
        assert found, self.log.read_text()
        return found[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def serving(folder: Path, port: int, more: str = "") -> Iterator[Server]:
    settings = folder / "minuteur.toml"
    settings.write_text(SETTINGS.format(folder=folder, port=port) + more)
    log = folder / "serve.log"
    command = [sys.executable, "-c", START, "serve", "--config", str(settings)]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + 90
        while "Minuteur is running" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield Server(f"http://127.0.0.1:{port}", log)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, RealProvider]]:
    """A server with one admin, and the provider by which others sign in."""
    folder, port = tmp_path_factory.mktemp("house"), free_port()
    with open_history(f"sqlite:///{folder}/record.db") as history:
        accounts = Accounts(history, hasher=PasswordHasher(1, 8, 1))
        accounts.add_user("ada", PASSWORD, Role.ADMIN)
    with running_provider(folder, [f"http://127.0.0.1:{port}{CALLBACK}"]) as provider:
        oidc = OIDC.format(issuer=provider.issuer, secret=real.SECRET)
        with serving(folder, port, oidc) as server:
            yield server, provider


@pytest.fixture
def server(house: tuple[Server, RealProvider]) -> Server:
    return house[0]


@pytest.fixture
def admin(chromium: Browser, server: Server) -> Iterator[Page]:
    """Ada's browser."""
    context = context_for(chromium)
    signed_in(context, server.url, "ada", PASSWORD)
    yield watched(context)
    context.close()


def watched(context: BrowserContext) -> Page:
    """A page whose own faults, and breaches of its policy, are faults of the test."""
    page = context.new_page()
    page.on("pageerror", _raise)
    page.on("console", lambda said: _refused(said.text))
    return page


def _raise(error: Exception) -> None:
    raise error


def _refused(text: str) -> None:
    assert "Content Security" not in text, text


def faults(page: Page) -> list[Any]:
    """What axe-core finds serious or critical."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found = page.evaluate("axe.run().then(result => result.violations)")
    return [fault for fault in found if fault["impact"] in ("serious", "critical")]


# --- the first run ------------------------------------------------------------------------------


def test_the_first_run(tmp_path: Path, chromium: Browser) -> None:
    with serving(tmp_path, free_port()) as server:
        phone = context_for(chromium, size=(390, 844), scheme="dark", language="fr")
        page = watched(phone)
        page.goto(server.url)
        expect(page.get_by_role("heading", name="Bienvenue")).to_be_visible()
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        phone.close()

        context = context_for(chromium)
        page = watched(context)
        page.goto(server.url)
        expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
        assert faults(page) == []

        page.get_by_label("Setup code").fill("AAAA-AAAA-AAAA")
        page.get_by_label("Your name").fill("ada")
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_label("The same again").fill(PASSWORD + "!")
        page.get_by_role("button", name="Create the admin").click()
        expect(page.get_by_text("The two are not the same.")).to_be_visible()
        page.get_by_label("The same again").fill(PASSWORD)
        page.get_by_role("button", name="Create the admin").click()
        expect(page.get_by_text("This is not the setup code.")).to_be_visible()
        page.get_by_label("Setup code").fill(server.code.lower())
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Account of ada")).to_be_visible()

        page.get_by_role("button", name="Account of ada").click()
        page.get_by_role("menuitem", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.reload()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(page.get_by_role("link", name="Sign in with")).to_have_count(0)
        context.close()


# --- signing in ---------------------------------------------------------------------------------


def at_the_provider(page: Page, login: str) -> None:
    """Sign in on the provider's own pages."""
    page.get_by_role("link", name="Sign in with Company account").click()
    page.get_by_placeholder("Enter any login").fill(login)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_somebody_signs_in_at_the_provider(
    house: tuple[Server, RealProvider], chromium: Browser
) -> None:
    server, provider = house
    provider.people({"s-1": {"preferred_username": "lena", "groups": ["supervisors"]}})
    context = context_for(chromium)
    page = watched(context)
    page.goto(f"{server.url}/account")
    at_the_provider(page, "s-1")

    expect(page.get_by_role("heading", name="lena")).to_be_visible()
    assert page.url == f"{server.url}/account"
    expect(page.get_by_role("main").get_by_text("team leader")).to_be_visible()
    expect(page.get_by_text(provider.issuer)).to_be_visible()
    expect(page.get_by_role("heading", name="Password")).to_have_count(0)
    cookies = {cookie["name"]: cookie for cookie in context.cookies(server.url)}
    assert cookies["minuteur_session"]["sameSite"] == "Strict"
    assert "minuteur_oidc" not in cookies
    context.close()


def test_who_is_refused_after_the_provider_reads_why(
    house: tuple[Server, RealProvider], chromium: Browser
) -> None:
    server, provider = house
    provider.people({"s-9": {"preferred_username": "mallory", "groups": ["visitors"]}})
    context = context_for(chromium)
    page = watched(context)
    page.goto(f"{server.url}/calls?verdict=breached")
    at_the_provider(page, "s-9")

    expect(page.get_by_role("alert")).to_contain_text("no role here goes with your account")
    assert page.url == f"{server.url}/calls?verdict=breached"
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    context.close()


def test_who_guesses_is_told_how_long_to_wait(server: Server, chromium: Browser) -> None:
    context = context_for(chromium)
    page = watched(context)
    page.goto(server.url)
    name, password = page.get_by_label("Name"), page.get_by_label("Password", exact=True)
    enter = page.get_by_role("button", name="Sign in")
    name.fill("nobody")
    for _ in range(6):
        password.fill("guessed")
        enter.click()
        expect(password).to_have_value("")

    expect(page.get_by_role("alert")).to_contain_text(re.compile(r"Try again in (1:00|0:\d\d)\."))
    expect(enter).to_be_disabled()
    name.fill("ada")
    context.close()


# --- users --------------------------------------------------------------------------------------


def test_an_admin_adds_a_user_narrows_and_disables_them(
    admin: Page, server: Server, chromium: Browser
) -> None:
    admin.goto(f"{server.url}/settings/users")
    admin.get_by_role("link", name="Add a user").click()
    drawer = admin.get_by_role("dialog", name="Add a user")
    drawer.get_by_label("Name", exact=True).fill("ADA")
    drawer.get_by_label("Password", exact=True).fill("short")
    drawer.get_by_role("button", name="Add a user").click()
    expect(drawer.get_by_text("A password has at least 10 characters")).to_be_visible()
    drawer.get_by_label("Password", exact=True).fill(PASSWORD)
    drawer.get_by_role("button", name="Add a user").click()
    expect(drawer.get_by_text("This name is taken")).to_be_visible()
    assert faults(admin) == []
    drawer.get_by_label("Name", exact=True).fill("bob")
    drawer.get_by_role("radio", name="team leader").click()
    drawer.get_by_role("button", name="Add a user").click()
    row = admin.get_by_role("row", name="bob")
    expect(row).to_contain_text("team leader")
    expect(row).to_contain_text("shown")

    context = context_for(chromium)
    signed_in(context, server.url, "bob", PASSWORD)
    his = watched(context)
    his.goto(f"{server.url}/account")
    expect(his.get_by_text("Callers’ numbers are shown to you in full.")).to_be_visible()

    row.get_by_role("link", name="bob").click()
    drawer = admin.get_by_role("dialog", name="bob")
    drawer.get_by_label("Sees callers’ numbers").uncheck()
    drawer.get_by_role("button", name="Save").click()
    expect(drawer.get_by_text("Saved, and in force.")).to_be_visible()
    his.reload()
    expect(his.get_by_text("Callers’ numbers are masked for you.")).to_be_visible()

    drawer.get_by_label("May sign in").uncheck()
    drawer.get_by_role("button", name="Save").click()
    # His stream is closed, his page asks who it is, and nobody it is.
    expect(his.get_by_role("heading", name="Sign in")).to_be_visible(timeout=60_000)
    his.get_by_label("Name").fill("bob")
    his.get_by_label("Password", exact=True).fill(PASSWORD)
    his.get_by_role("button", name="Sign in").click()
    expect(his.get_by_text("This account is disabled.")).to_be_visible()
    context.close()


def test_the_last_admin_stays(admin: Page, server: Server) -> None:
    admin.goto(f"{server.url}/settings/users/ada")
    drawer = admin.get_by_role("dialog", name="ada")
    drawer.get_by_role("radio", name="viewer").click()
    drawer.get_by_role("button", name="Save").click()

    expect(drawer.get_by_role("alert")).to_contain_text("This is the last admin")
    admin.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    assert admin.url == f"{server.url}/settings/users"


# --- keys ---------------------------------------------------------------------------------------


def test_a_token_is_shown_once_works_and_is_revoked(admin: Page, server: Server) -> None:
    admin.goto(f"{server.url}/settings/tokens")
    admin.get_by_role("button", name="Add a token").click()
    form = admin.get_by_role("form", name="Add a token")
    form.get_by_label("Name", exact=True).fill("crm")
    form.get_by_role("button", name="Add a token").click()
    secret = admin.locator("code").inner_text()
    asked = admin.context.request.get(
        f"{server.url}/api/v1/live", headers={"Authorization": f"Bearer {secret}"}
    )
    assert asked.ok
    admin.reload()
    row = admin.get_by_role("row", name="crm")
    expect(row).to_contain_text("never")
    expect(admin.get_by_text(secret)).to_have_count(0)

    admin.get_by_role("button", name="Revoke crm").click()
    dialog = admin.get_by_role("dialog", name="Revoke crm?")
    dialog.get_by_role("button", name="Revoke").click()
    expect(admin.get_by_text("No program has a token.")).to_be_visible()
    admin.get_by_label("Show 1 revoked one").check()
    expect(row).to_contain_text("revoked")
    asked = admin.context.request.get(
        f"{server.url}/api/v1/live", headers={"Authorization": f"Bearer {secret}"}
    )
    assert asked.status == 401


def test_a_wallboard_needs_nobody_until_it_is_revoked(
    admin: Page, server: Server, chromium: Browser
) -> None:
    admin.goto(f"{server.url}/settings/tokens")
    admin.get_by_role("button", name="Add a wallboard").click()
    form = admin.get_by_role("form", name="Add a wallboard")
    form.get_by_label("Name", exact=True).fill("hall")
    form.get_by_role("button", name="Add a wallboard").click()
    link = admin.locator("code").inner_text()
    assert link.startswith(f"{server.url}/wall#device=mnd_")

    context = context_for(chromium, size=(1920, 1080))
    screen = watched(context)
    screen.goto(link)
    expect(screen.get_by_role("main")).to_be_visible()
    expect(screen).not_to_have_url(re.compile("device"))
    who = json.loads(screen.request.get(f"{server.url}/api/v1/session").text())
    assert (who["kind"], who["role"], who["sees_numbers"]) == ("device", "viewer", False)
    screen.reload()
    expect(screen.get_by_role("main")).to_be_visible()
    assert screen.request.get(f"{server.url}/api/v1/live").ok

    admin.reload()
    admin.get_by_role("button", name="Revoke hall").click()
    dialog = admin.get_by_role("dialog", name="Revoke hall?")
    dialog.get_by_role("button", name="Revoke").click()
    expect(admin.get_by_text("No wallboard has a link.")).to_be_visible()
    assert screen.request.get(f"{server.url}/api/v1/live").status == 401
    context.close()
