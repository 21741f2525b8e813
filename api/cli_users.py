"""Commands about who may use Minuteur: ``user …`` for people, ``token …`` for programs."""

import contextlib
import getpass
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from api.cli_common import (
    CommandError,
    ConfigOption,
    in_effect,
    loaded,
    need_database,
    say_if_new,
    table,
)
from api.views import iso
from monitor.accounts import Accounts, QueueRef, Queues, Role, UserChange
from monitor.core.clock import Ms
from monitor.history.database import open_history

users = typer.Typer(help="People who sign in.", no_args_is_help=True)
tokens = typer.Typer(help="Keys for programs.", no_args_is_help=True)

_NO_USER = "There is no user {name}: see `minuteur user list`."

UserName = Annotated[str, typer.Argument(help="The name they sign in with")]
RoleOption = Annotated[Role, typer.Option(help="What the account may do", show_default=False)]
QueueOption = Annotated[
    list[str] | None,
    typer.Option(
        "--queue",
        metavar="QUEUE",
        help="A queue that it may see, as QUEUE or PBX/QUEUE; once for each, else all",
        show_default=False,
    ),
]


@users.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="The name to sign in with")],
    role: RoleOption,
    queue: QueueOption = None,
    numbers: Annotated[
        bool | None,
        typer.Option(
            "--numbers/--no-numbers",
            help="Whether callers' numbers are shown; left out: not to viewers",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Add a person; the password is asked for, or read from standard input."""
    queues = _queues(queue)
    with _accounts(config, about=queues, may_begin=True) as accounts:
        account = accounts.add_user(name, _password(), role, queues=queues, sees_numbers=numbers)
    print(f"{account.name} may sign in as {account.role.value}.")


@users.command("list")
def list_users(config: ConfigOption = None) -> None:
    """List who may sign in, and what each may do and see."""
    with _accounts(config) as accounts:
        rows = [
            (
                user.name,
                user.role.value,
                _shown(user.queues),
                "shown" if user.sees_numbers else "masked",
                "disabled" if user.disabled else "provider" if user.issuer else "",
            )
            for user in accounts.users()
        ]
    print(table([("NAME", "ROLE", "QUEUES", "NUMBERS", ""), *rows]))


@users.command("enable")
def enable_user(name: UserName, config: ConfigOption = None) -> None:
    """Let a person in again who was disabled."""
    with _accounts(config) as accounts:
        if accounts.change_user(name, UserChange(disabled=False)) is None:
            raise CommandError(_NO_USER.format(name=name))
    print(f"{name} may sign in.")


@users.command("password")
def set_password(name: UserName, config: ConfigOption = None) -> None:
    """Give a person another password and sign them out everywhere.

    It is asked for, or read from standard input.
    """
    with _accounts(config) as accounts:
        if name not in [user.name for user in accounts.users()]:
            raise CommandError(_NO_USER.format(name=name))
        accounts.set_password(name, _password())
    print(f"{name} has a new password and is signed out everywhere within seconds.")


@users.command("remove")
def remove_user(name: UserName, config: ConfigOption = None) -> None:
    """Remove a person; all their sessions end."""
    with _accounts(config) as accounts:
        if not accounts.remove_user(name):
            raise CommandError(_NO_USER.format(name=name))
    print(f"{name} may not sign in any more and is signed out everywhere within seconds.")


@tokens.command("list")
def list_tokens(config: ConfigOption = None) -> None:
    """List the tokens, revoked ones too; the tokens themselves cannot be shown."""
    with _accounts(config) as accounts:
        rows = [
            (
                token.name,
                token.role.value,
                _shown(token.queues),
                iso(token.created_at),
                _moment(token.last_used_at),
                _moment(token.revoked_at),
            )
            for token in accounts.tokens()
        ]
    print(table([("NAME", "ROLE", "QUEUES", "CREATED", "LAST USED", "REVOKED"), *rows]))


@tokens.command("revoke")
def revoke_token(
    name: Annotated[str, typer.Argument(help="The token's name")], config: ConfigOption = None
) -> None:
    """End a token for good; its name stays taken."""
    with _accounts(config) as accounts:
        if not accounts.revoke_token(name):
            raise CommandError(f"There is no token {name} in force: see `minuteur token list`.")
    print(
        f"The token {name} is refused within seconds; its streams are closed within half a minute."
    )


@tokens.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="What the token is for")],
    role: RoleOption,
    queue: QueueOption = None,
    numbers: Annotated[
        bool, typer.Option(help="Whether it is told callers' numbers in full")
    ] = True,
    config: ConfigOption = None,
) -> None:
    """Make a token for a program; it is printed once, alone on the last line."""
    queues = _queues(queue)
    with _accounts(config, about=queues, may_begin=True) as accounts:
        token = accounts.create_token(name, role, queues=queues, sees_numbers=numbers)
    print("Send it as: Authorization: Bearer TOKEN. It is not shown again.", file=sys.stderr)
    print(token)


def _queues(names: list[str] | None) -> Queues:
    """The queues that were named; None for all."""
    if not names:
        return None
    found = frozenset(QueueRef.parse(name) for name in names)
    if any(not ref.queue for ref in found):
        raise CommandError("--queue takes QUEUE or PBX/QUEUE.")
    return found


def _shown(queues: Queues) -> str:
    return "all" if queues is None else ", ".join(sorted(map(str, queues))) or "none"


def _moment(at: Ms | None) -> str:
    return "" if at is None else iso(at)


@contextlib.contextmanager
def _accounts(
    config: Path | None, *, about: Queues = None, may_begin: bool = False
) -> Iterator[Accounts]:
    settings = loaded(config).settings
    if may_begin:
        say_if_new(settings)
    else:
        need_database(settings)
    with open_history(settings.history.database.get_secret_value()) as history:
        if about:
            known = sorted(pbx.name for pbx in in_effect(history, settings).pbx)
            for name in sorted({ref.pbx for ref in about if ref.pbx} - set(known)):
                print(f"No PBX is named {name}. Known: {', '.join(known)}.", file=sys.stderr)
        yield Accounts(history)


def _password() -> str:
    """Ask for a password twice, or take the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise CommandError("The two passwords are not the same.")
    return password
