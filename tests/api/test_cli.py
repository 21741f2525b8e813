"""The command line: what it prints, and how it fails."""

import asyncio
import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from api import cli, openapi
from monitor.accounts import Account, Accounts, QueueRef, Role, UserChange
from monitor.history.database import open_history
from monitor.history.reader import HistoryReader
from telephony_adapters.simulator.server import SimulatedPbx
from telephony_adapters.simulator.site import QUEUE_LABELS
from telephony_adapters.simulator.traffic import QUIET

TRACES = Path(__file__).parent.parent / "traces" / "asterisk-22"
MINUTEUR = (sys.executable, "-c", "from api.entry import main; main()")
MASK = "--mask-numbers"
FAST = PasswordHasher(1, 8, 1)
SETTINGS = """
[history]
database = "sqlite:///record.db"
[api]
port = 0
[[pbx]]
name = "lab"
port = 1
username = "minuteur"
secret = "hush"
incoming_contexts = ["incoming"]
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "minuteur.toml").write_text(SETTINGS)
    return tmp_path


Captured = pytest.CaptureFixture[str]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    return int(ended.value.code or 0)


def accounts(home: Path) -> Accounts:
    return Accounts(open_history(f"sqlite:///{home / 'record.db'}"))


# --- failing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "No such command 'nonsense'. Try: minuteur --help"),
        (["serve", "--prot", "1"], "No such option: --prot"),
        (["serve", "--config", "none.toml"], "none.toml: there is no such file"),
        (["serve", "--log-level", "loud"], "'loud' is not one of"),
        (
            ["user", "add", "zoe", "--role", "boss"],
            "'boss' is not one of 'viewer', 'lead'",
        ),
        (["token", "create", "--role", "viewer"], "Missing argument"),
        (["record", "--pbx", "x", "--output", "f"], "no [[pbx]] named x. Configured: lab."),
        (["replay", "none.ami"], "none.ami cannot be replayed: No such file or directory."),
        (["demo", "--port", "99999"], "65535"),
    ],
)
def test_every_failure_is_one_sentence(arguments: list[str], said: str, capsys: Captured) -> None:
    assert run(*arguments) != 0

    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_all_that_is_wrong_with_the_settings_is_told(home: Path, capsys: Captured) -> None:
    (home / "minuteur.toml").write_text(SETTINGS + "hots = 1\n[mqtt]\nurl = 1\n")

    for command in (["serve"], ["check-config"], ["token", "create", "x", "--role", "viewer"]):
        assert run(*command) == 2
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 2
        assert "line 12: [[pbx]] \"lab\": unknown key 'hots'; did you mean 'host'?" in lines[0]


def test_a_port_in_use_is_told(home: Path, capsys: Captured) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        (home / "minuteur.toml").write_text(SETTINGS.replace("port = 0", f"port = {port}"))
        assert run("serve") == 1

    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use." in capsys.readouterr().err


def test_the_demo_says_how_it_takes_another_port(capsys: Captured) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert run("demo", "--port", str(port)) == 1

    said = capsys.readouterr().err
    assert "--port (make demo PORT=9000)" in said
    assert "[api]" not in said


def test_a_command_in_the_wrong_folder_looks_into_no_database(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery\n"))

    for command in (["user", "list"], ["user", "password", "zoé"], ["token", "list"]):
        assert run(*command, "--config", str(home / "minuteur.toml")) == 1
        assert f"There is no database {elsewhere / 'record.db'}." in capsys.readouterr().err
    assert list(elsewhere.iterdir()) == []

    added = ["user", "add", "zoé", "--role", "admin", "--config", str(home / "minuteur.toml")]
    assert run(*added) == 0
    assert capsys.readouterr().err == f"A new database begins: {elsewhere / 'record.db'}\n"


def test_what_nobody_foresaw_is_one_sentence_too(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openapi, "as_text", lambda _: 1 / 0)

    assert run("openapi") == 1
    assert capsys.readouterr().err.startswith("Something broke: ZeroDivisionError")


def test_a_database_that_cannot_be_used_is_told(home: Path, capsys: Captured) -> None:
    (home / "record.db").write_text("no database " * 100)

    assert run("token", "create", "x", "--role", "viewer") == 1
    assert "is not an SQLite database" in capsys.readouterr().err


def test_the_version_is_told(capsys: Captured) -> None:
    assert run("--version") == 0
    assert re.fullmatch(r"minuteur \d+\.\d+\S*\n", capsys.readouterr().out)


def test_help_explains_each_command(capsys: Captured) -> None:
    assert run("--help") == 0
    listed = capsys.readouterr().out
    for command in ("serve", "demo", "check-config", "user", "token", "record", "replay"):
        assert command in listed
        assert run(command, "--help") == 0
        assert "Usage: minuteur" in capsys.readouterr().out


# --- accounts -----------------------------------------------------------------------------------


def test_adding_a_user_reads_the_password_from_standard_input(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery\n"))

    assert run("user", "add", "zoé", "--role", "admin") == 0
    assert capsys.readouterr().out == "zoé may sign in as admin.\n"
    account = accounts(home).verify_password("zoé", "correct horse battery")
    assert account is not None
    assert account.role is Role.ADMIN


def test_what_an_account_may_see_is_said_with_it(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery\n"))
    queues = ("--queue", "support", "--queue", "lyon/sales")

    assert run("user", "add", "zoé", "--role", "lead", *queues, "--no-numbers") == 0
    assert run("token", "create", "crm", "--role", "viewer", *queues, "--no-numbers") == 0

    captured = capsys.readouterr()
    assert captured.err.splitlines().count("No PBX is named lyon. Known: lab.") == 2
    token = captured.out.splitlines()[-1]
    seen = frozenset({QueueRef("", "support"), QueueRef("lyon", "sales")})
    for account in (
        accounts(home).verify_password("zoé", "correct horse battery"),
        accounts(home).find_token(token),
    ):
        assert account is not None
        assert (account.queues, account.sees_numbers) == (seen, False)
    assert run("token", "create", "x", "--role", "viewer", "--queue", "lyon/") == 1
    assert "--queue takes QUEUE or PBX/QUEUE." in capsys.readouterr().err


def test_who_was_disabled_is_let_in_again(home: Path, capsys: Captured) -> None:
    known = Accounts(open_history(f"sqlite:///{home / 'record.db'}"), hasher=FAST)
    known.add_user("zoé", "correct horse battery", Role.LEAD)
    known.change_user("zoé", UserChange(disabled=True))
    assert run("user", "list") == 0
    assert "disabled" in capsys.readouterr().out

    assert run("user", "enable", "zoé") == 0

    assert known.verify_password("zoé", "correct horse battery") is not None
    assert run("user", "enable", "bob") == 1


def test_a_weak_password_is_refused(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))

    assert run("user", "add", "zoé", "--role", "admin") == 1
    assert "The password must have" in capsys.readouterr().err


def test_a_token_stands_alone_on_the_last_line(home: Path, capsys: Captured) -> None:
    assert run("token", "create", "wallboard", "--role", "viewer") == 0

    token = capsys.readouterr().out.splitlines()[-1]
    account = accounts(home).find_token(token)
    assert account is not None
    assert account.name == "wallboard"

    assert run("token", "create", "wallboard", "--role", "viewer") == 1
    assert "There is a token wallboard already" in capsys.readouterr().err


def test_people_are_listed_get_another_password_and_are_removed(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Accounts(open_history(f"sqlite:///{home / 'record.db'}"), hasher=FAST)
    for name, role in (("zoé", Role.ADMIN), ("bob", Role.VIEWER)):
        known.add_user(name, "correct horse battery", role)
    session = known.create_session(Account("zoé", Role.ADMIN))

    assert run("user", "list") == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["NAME", "ROLE", "QUEUES", "NUMBERS"],
        ["bob", "viewer", "all", "masked"],
        ["zoé", "admin", "all", "shown"],
    ]

    monkeypatch.setattr(sys, "stdin", io.StringIO("another horse battery\n"))
    assert run("user", "password", "zoé") == 0
    assert known.verify_password("zoé", "another horse battery") is not None
    assert known.find_session(session) is None

    assert run("user", "remove", "zoé") == 1
    assert "This is the last admin" in capsys.readouterr().err
    known.add_user("ann", "correct horse battery", Role.ADMIN)
    assert run("user", "remove", "zoé") == 0
    assert run("user", "remove", "bob") == 0
    assert [user.name for user in known.users()] == ["ann"]
    capsys.readouterr()
    for command in ("password", "remove"):
        assert run("user", command, "zoé") == 1
        assert capsys.readouterr().err == "There is no user zoé: see `minuteur user list`.\n"


def test_tokens_are_listed_and_revoked(home: Path, capsys: Captured) -> None:
    token = accounts(home).create_token("wallboard", Role.VIEWER)

    assert run("token", "revoke", "wallboard") == 0
    assert accounts(home).find_token(token) is None
    capsys.readouterr()
    assert run("token", "list") == 0
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split() == ["NAME", "ROLE", "QUEUES", "CREATED", "LAST", "USED", "REVOKED"]
    assert re.fullmatch(r"wallboard  viewer  all( +20\d\d-\S+Z){2}", row)
    assert run("token", "revoke", "wallboard") == 1
    assert "There is no token wallboard in force" in capsys.readouterr().err


# --- settings and descriptions ------------------------------------------------------------------


def test_good_settings_are_said_to_be_good(capsys: Captured) -> None:
    assert run("check-config") == 0

    assert "minuteur.toml is good. PBXs: lab;" in capsys.readouterr().out


def test_a_pbx_is_tested_in_words(capsys: Captured) -> None:
    assert run("check-config", "--test-pbx") == 1

    said = capsys.readouterr().out
    assert "lab (127.0.0.1:1)" in said
    assert "[XX] not connected: cannot be reached (Connection refused)" in said
    assert said.endswith("mend what is marked [XX], then test again.\n")
    assert "hush" not in said


def test_openapi_is_printed(capsys: Captured) -> None:
    assert run("openapi") == 0

    assert "LiveMessage" in json.loads(capsys.readouterr().out)["components"]["schemas"]


# --- replay -------------------------------------------------------------------------------------


def test_a_capture_is_replayed_as_a_table(capsys: Captured) -> None:
    assert run("replay", str(TRACES / "answered-at-once.ami")) == 0

    heading, row, count = capsys.readouterr().out.splitlines()
    assert heading.split()[:3] == ["CALL", "ARRIVED", "CALLER"]
    assert re.search(r" met +handled_by_agent +0\.413s +support 0\.211s answered by", row)
    assert count == "1 calls"


def test_a_capture_is_replayed_as_json_and_stored(home: Path, capsys: Captured) -> None:
    database = f"sqlite:///{home / 'replayed.db'}"
    trace = str(TRACES / "answered-at-once.ami")
    assert run("replay", trace, "--format", "json", "--database", database, "--pbx", "x") == 0

    (call,) = json.loads(capsys.readouterr().out)
    assert call["id"].startswith("x:lab-")
    assert call["verdict"] == "met"
    assert call["timeline"]
    with open_history(database) as history:
        assert [stored.id for stored in HistoryReader(history).calls().calls] == [call["id"]]


def test_a_replay_needs_no_settings(home: Path, capsys: Captured) -> None:
    (home / "minuteur.toml").unlink()
    trace = str(TRACES / "answered-at-once.ami")

    assert run("replay", trace) == 0
    told = capsys.readouterr()
    assert "1 calls" in told.out
    assert "judging by the defaults" in told.err
    assert run("replay", trace, "--incoming", "elsewhere") == 0


def test_a_file_without_any_event_is_said_to_be_no_recording(home: Path, capsys: Captured) -> None:
    (home / "photo.ami").write_bytes(bytes(range(256)) * 40)

    assert run("replay", "photo.ami") == 1
    assert "photo.ami holds no event of a PBX" in capsys.readouterr().err


# --- record -------------------------------------------------------------------------------------


async def recorder(output: str, *options: str) -> asyncio.subprocess.Process:
    """A recorder that is not connected yet; they start side by side."""
    return await asyncio.create_subprocess_exec(
        *MINUTEUR, "record", "--pbx", "lab", "--output", output, *options,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def connected(process: asyncio.subprocess.Process) -> None:
    assert process.stderr is not None
    while b"is connected" not in (line := await process.stderr.readline()):
        assert line, "the recorder ended"


async def test_what_a_pbx_sends_is_recorded_and_replayed(home: Path, capsys: Captured) -> None:
    async with SimulatedPbx(profile=QUIET) as pbx:
        (home / "minuteur.toml").write_text(
            SETTINGS.replace("port = 1", f"port = {pbx.port}").replace("hush", "minuteur")
        )
        recorders = {"rec": await recorder("rec"), "masked": await recorder("masked", MASK)}
        for process in recorders.values():
            await connected(process)
        pbx.hang_up(pbx.call("0199001234", "support"))
        for output, process in recorders.items():
            while "Event: Hangup" not in (home / output).read_text():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            process.send_signal(signal.SIGINT)
        for process in recorders.values():
            await process.wait()

    callers = {}
    for output in recorders:
        assert await asyncio.to_thread(run, "replay", output, "--format", "json") == 0
        (call,) = json.loads(capsys.readouterr().out)
        assert call["verdict"] == "abandoned"
        callers[output] = call["caller"]
    assert callers["rec"] == "0199001234"
    assert callers["masked"] != "0199001234"
    assert len(callers["masked"]) == len("0199001234")


async def test_a_refused_account_ends_the_recording(home: Path) -> None:
    async with SimulatedPbx(profile=QUIET) as pbx:
        (home / "minuteur.toml").write_text(SETTINGS.replace("port = 1", f"port = {pbx.port}"))
        process = await asyncio.create_subprocess_exec(
            *MINUTEUR, "record", "--pbx", "lab", "--output", "rec", stderr=asyncio.subprocess.PIPE
        )
        _, errors = await process.communicate()

    assert process.returncode == 1
    assert b"Check username and secret" in errors.splitlines()[-1]


# --- running ------------------------------------------------------------------------------------


def start(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*MINUTEUR, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_ctrl_c_while_the_commands_are_being_loaded_is_no_traceback() -> None:
    loading = (
        "import importlib.abc, sys\n"
        "class Pressed(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'api.cli': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed())\n"
        "from api.entry import main; main()"
    )
    command = [sys.executable, "-c", loading]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


def told(process: "subprocess.Popen[str]", pattern: str) -> re.Match[str]:
    """Wait for a line of a command's output."""
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(pattern, line)
        if found:
            return found
    assert process.stderr is not None
    raise AssertionError(process.stderr.read())


@pytest.fixture
def demo(home: Path) -> "Iterator[subprocess.Popen[str]]":
    with start("demo", "--port", "0", "--days", "0", "--directory", str(home / "demo")) as process:
        yield process
        process.kill()


RUNNING = r"^Minuteur is running: (http://127\.0\.0\.1:\d+)  \(login: demo / password: (\S+)\)$"


def test_the_demo_comes_up_and_signing_in_works(demo: "subprocess.Popen[str]", home: Path) -> None:
    found = told(demo, RUNNING)
    with httpx.Client(base_url=found[1], timeout=60) as browser:
        answer = browser.post("/api/v1/session", json={"name": "demo", "password": found[2]})
        assert (answer.json()["name"], answer.json()["role"]) == ("demo", "admin")
        live = browser.get("/api/v1/live").json()
        assert {queue["name"] for queue in live["queues"]} == set(QUEUE_LABELS)

    demo.send_signal(signal.SIGTERM)
    assert demo.wait(timeout=60) == 0
    assert (home / "demo" / "minuteur.db").exists()
    assert (home / "demo" / "password.txt").read_text().strip() == found[2]


def test_serving_ends_cleanly_when_told_to(home: Path) -> None:
    with start("serve") as process:
        found = told(process, r"^Minuteur is running: (http://\S+)$")
        told(process, r"Nobody can sign in yet: .* the setup code \w{4}-\w{4}-\w{4}, or run")
        health = httpx.get(f"{found[1]}/healthz", timeout=60)
        ready = httpx.get(f"{found[1]}/readyz", timeout=60)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)

    assert health.json() == {"status": "ok"}
    assert ready.status_code == 503
    assert "127.0.0.1" not in ready.text
    assert process.returncode == 0
    assert "Traceback" not in errors
