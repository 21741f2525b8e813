"""How long a token or a session is taken as good, and who is told when it ends."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

import api.access
from api.access import REMEMBERED, Access, Credential, Kind
from api.errors import ApiError
from monitor.accounts import Account, Accounts, Role
from monitor.accounts import Kind as AccountKind
from monitor.history.database import History, open_history
from tests.api.made import START, Centre

ANNA = Account("anna", Role.LEAD)


class Counted(Accounts):
    """Accounts that count how often they are asked, and can be made to wait in the middle."""

    asked = 0
    found = threading.Event()
    go_on = threading.Event()
    waits = False

    def find_session(self, secret: str, *, now: int | None = None) -> Account | None:
        self.asked += 1
        account = super().find_session(secret, now=now)
        if self.waits:
            self.waits = False
            self.found.set()
            assert self.go_on.wait(10)
        return account


@pytest.fixture
def database(tmp_path: Path) -> Iterator[History]:
    with open_history(f"sqlite:///{tmp_path / 'record.db'}") as database:
        yield database


@pytest.fixture
def accounts(database: History) -> Counted:
    accounts = Counted(database, hasher=PasswordHasher(1, 8, 1))
    accounts.add_user("anna", "correct horse battery", Role.LEAD)
    return accounts


@pytest.fixture
def centre() -> Centre:
    return Centre()


@pytest.fixture
def access(accounts: Accounts, centre: Centre) -> Iterator[Access]:
    access = Access(accounts, centre.clock)
    yield access
    access.close()


def session(accounts: Accounts) -> Credential:
    return Credential(Kind.SESSION, accounts.create_session(ANNA, now=START))


async def test_the_database_is_asked_once_in_a_while(
    access: Access, accounts: Counted, centre: Centre
) -> None:
    credential = session(accounts)
    for _ in range(5):
        assert await access.account_of(credential) == ANNA
    assert accounts.asked == 1

    centre.now += REMEMBERED
    assert await access.account_of(credential) == ANNA
    assert accounts.asked == 2


async def test_a_clock_that_is_set_back_lets_nobody_in_for_long(
    access: Access, accounts: Counted, centre: Centre
) -> None:
    credential = session(accounts)
    await access.account_of(credential)
    accounts.end_session(credential.secret)  # as another process does

    centre.now -= 1

    assert await access.account_of(credential) is None


async def test_who_is_refused_is_not_remembered(access: Access, accounts: Counted) -> None:
    for _ in range(3):
        assert await access.account_of(Credential(Kind.SESSION, "guessed")) is None
    assert accounts.asked == 3


async def test_a_token_is_no_session(access: Access, accounts: Counted) -> None:
    token = accounts.create_token("board", Role.VIEWER)
    board = Account("board", Role.VIEWER, kind=AccountKind.PROGRAM)

    assert await access.account_of(Credential(Kind.TOKEN, token)) == board
    assert await access.account_of(Credential(Kind.SESSION, token)) is None


async def test_signing_out_counts_at_once(access: Access, accounts: Counted) -> None:
    credential = session(accounts)
    with access.watch(credential, ANNA) as ended, access.watch(session(accounts), ANNA) as other:
        await access.account_of(credential)

        await access.end_session(credential.secret)

        assert ended.is_set()
        assert not other.is_set()
        assert await access.account_of(credential) is None


async def test_an_answer_that_a_sign_out_overtook_does_not_count(
    access: Access, accounts: Counted
) -> None:
    credential = session(accounts)
    accounts.waits = True
    asking = asyncio.create_task(access.account_of(credential))
    await asyncio.to_thread(accounts.found.wait, 10)  # it was still good

    await access.end_session(credential.secret)
    accounts.go_on.set()

    assert await asking is None


async def test_two_who_watch_the_same(access: Access, accounts: Counted) -> None:
    credential = session(accounts)
    with access.watch(credential, ANNA) as first:
        with access.watch(credential, ANNA):
            pass
        accounts.end_session(credential.secret)
        await access.recheck()

        assert first.is_set()


async def test_while_the_database_fails_nobody_is_sent_away(
    access: Access, accounts: Counted, database: History
) -> None:
    credential = session(accounts)
    with access.watch(credential, ANNA) as ended:
        with database.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE web_session RENAME TO gone")
        await access.recheck()
        assert not ended.is_set()
        with pytest.raises(ApiError, match="cannot be read"):
            await access.account_of(credential)


async def test_no_more_are_remembered_than_fit(
    access: Access, accounts: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.access, "KEPT", 2)
    credentials = [session(accounts) for _ in range(4)]
    for credential in credentials:
        assert await access.account_of(credential) == ANNA

    assert len(access._good) == 2


def test_a_credential_does_not_tell_its_secret() -> None:
    credential = Credential(Kind.TOKEN, "mnt_hush")

    assert "hush" not in repr(credential)
    assert credential.digest != Credential(Kind.SESSION, "mnt_hush").digest
