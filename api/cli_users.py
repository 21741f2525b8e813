"""Commands about who may use Minuteur: ``user …`` for people, ``token …`` for programs."""

import contextlib
import getpass
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from api.cli_common import CommandError, ConfigOption, loaded, table
from api.views import iso
from monitor.accounts import Accounts, Role
from monitor.core.clock import Ms
from monitor.history.database import open_history

users = typer.Typer(help="People who sign in.", no_args_is_help=True)
tokens = typer.Typer(help="Keys for programs.", no_args_is_help=True)

_NO_USER = "There is no user {name}: see `minuteur user list`."

UserName = Annotated[str, typer.Argument(help="The name they sign in with")]
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


@users.command("list")
def list_users(config: ConfigOption = None) -> None:
    """List who may sign in, with the role."""
    with _accounts(config) as accounts:
        rows = [(user.name, user.role.value) for user in accounts.users()]
    print(table([("NAME", "ROLE"), *rows]))


@users.command("password")
def set_password(name: UserName, config: ConfigOption = None) -> None:
    """Give a person another password and sign them out everywhere; asked for as in ``add``."""
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
            (token.name, token.role.value, iso(token.created_at), _moment(token.revoked_at))
            for token in accounts.tokens()
        ]
    print(table([("NAME", "ROLE", "CREATED", "REVOKED"), *rows]))


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
    config: ConfigOption = None,
) -> None:
    """Make a token for a program; it is printed once, alone on the last line."""
    with _accounts(config) as accounts:
        token = accounts.create_token(name, role)
    print("Send it as: Authorization: Bearer TOKEN. It is not shown again.", file=sys.stderr)
    print(token)


def _moment(at: Ms | None) -> str:
    return "" if at is None else iso(at)


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
