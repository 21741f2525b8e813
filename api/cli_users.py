"""Commands about who may use Minuteur: ``user add`` and ``token create``."""

import contextlib
import getpass
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from api.cli_common import CommandError, ConfigOption, loaded
from monitor.accounts import Accounts, Role
from monitor.history.database import open_history

users = typer.Typer(help="People who sign in.", no_args_is_help=True)
tokens = typer.Typer(help="Keys for programs.", no_args_is_help=True)

RoleOption = Annotated[Role, typer.Option(help="What the account may do", show_default=False)]


@users.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="The name to sign in with")],
    role: RoleOption,
    config: ConfigOption = None,
) -> None:
    """Add a person; the password is asked for, or read from standard input."""
    with _accounts(config) as accounts:
        account = accounts.add_user(name, _password(), role)
    print(f"{account.name} may sign in as {account.role.value}.")


@tokens.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="What the token is for")],
    role: RoleOption,
    config: ConfigOption = None,
) -> None:
    """Make a token for a program; it is printed once, alone on the last line."""
    with _accounts(config) as accounts:
        token = accounts.create_token(name, role)
    print("Send it as: Authorization: Bearer TOKEN. It is not shown again.", file=sys.stderr)
    print(token)


@contextlib.contextmanager
def _accounts(config: Path | None) -> Iterator[Accounts]:
    database = loaded(config).settings.history.database.get_secret_value()
    with open_history(database) as history:
        yield Accounts(history)


def _password() -> str:
    """Ask for a password twice, or take the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise CommandError("The two passwords are not the same.")
    return password
