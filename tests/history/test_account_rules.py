"""What holds for accounts in either database: the last admin, providers' people, devices."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text

from monitor.accounts import (
    KEEP,
    Account,
    AccountError,
    Accounts,
    Fault,
    Kind,
    Provided,
    QueueRef,
    Role,
    UserChange,
)
from monitor.accounts.storage import queues_json
from monitor.history import History, open_history
from monitor.history.audit import AuditFilter, AuditRecord
from monitor.history.schema import upgrade

FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"
SALES = frozenset({QueueRef("", "sales"), QueueRef("lyon", "desk")})
LENA = Provided("https://id.example", "s-1", "lena", Role.LEAD)


@pytest.fixture
def accounts(history: History) -> Accounts:
    return Accounts(history, hasher=FAST)


def fault(error: pytest.ExceptionInfo[AccountError]) -> Fault:
    return error.value.fault


def test_two_admins_who_demote_one_another_leave_one(accounts: Accounts) -> None:
    for name in ("ada", "bob"):
        accounts.add_user(name, PASSWORD, Role.ADMIN)

    def demote(name: str) -> bool:
        try:
            accounts.change_user(name, UserChange(role=Role.LEAD))
        except AccountError:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(demote, ("ada", "bob"))) == [False, True]
    assert [user.role for user in accounts.users()].count(Role.ADMIN) == 1


def test_an_admin_of_the_provider_is_not_enough(accounts: Accounts) -> None:
    accounts.add_user("ada", PASSWORD, Role.ADMIN)
    accounts.admit(Provided("https://id.example", "s-2", "root", Role.ADMIN))

    with pytest.raises(AccountError) as error:
        accounts.remove_user("ada")
    assert fault(error) is Fault.LAST_ADMIN
    assert accounts.user("ada") is not None


def test_the_first_admin_is_the_first_of_all(accounts: Accounts) -> None:
    assert accounts.add_first_admin("ada", PASSWORD) == Account("ada", Role.ADMIN)
    with pytest.raises(AccountError) as error:
        accounts.add_first_admin("bob", PASSWORD)
    assert fault(error) is Fault.NOT_FIRST


def test_rights_are_kept_as_they_were_given(accounts: Accounts) -> None:
    account = accounts.add_user("bob", PASSWORD, Role.LEAD, queues=SALES, sees_numbers=False)
    assert account == Account("bob", Role.LEAD, SALES, sees_numbers=False)
    assert accounts.verify_password("bob", PASSWORD) == account
    assert accounts.find_session(accounts.create_session(account)) == account

    token = accounts.create_token("crm", Role.VIEWER, queues=SALES)
    assert accounts.find_token(token) == Account("crm", Role.VIEWER, SALES, kind=Kind.PROGRAM)

    nothing = accounts.change_user("bob", UserChange(queues=frozenset()))
    assert nothing is not None
    assert nothing.queues == frozenset()


def test_who_is_an_admin_no_more_sees_the_queues_of_before_and_not_all(
    accounts: Accounts, history: History
) -> None:
    accounts.add_user("ada", PASSWORD, Role.ADMIN)
    accounts.add_user("bob", PASSWORD, Role.LEAD, queues=SALES)
    accounts.change_user("bob", UserChange(role=Role.ADMIN))
    assert accounts.verify_password("bob", PASSWORD) == Account("bob", Role.ADMIN)

    accounts.change_user("bob", UserChange(role=Role.LEAD))

    assert accounts.verify_password("bob", PASSWORD) == Account("bob", Role.LEAD, SALES)
    entries = AuditRecord(history).entries(AuditFilter(what="user_changed")).entries
    told = [(entry.after or {})["queues"] for entry in reversed(entries)]
    assert told == [None, queues_json(SALES)]


def test_nor_does_whom_a_provider_makes_an_admin_for_a_day(accounts: Accounts) -> None:
    accounts.admit(LENA)
    accounts.change_user("lena", UserChange(queues=SALES))
    admin = Provided(LENA.issuer, LENA.subject, LENA.name, Role.ADMIN)
    assert accounts.admit(admin) == Account("lena", Role.ADMIN)
    assert accounts.admit(LENA) == Account("lena", Role.LEAD, SALES)


def test_a_person_of_the_provider_is_known_by_issuer_and_subject(accounts: Accounts) -> None:
    assert accounts.admit(LENA) == Account("lena", Role.LEAD)
    renamed = Provided(LENA.issuer, LENA.subject, "lena.married", Role.VIEWER, SALES)
    assert accounts.admit(renamed) == Account("lena", Role.VIEWER, SALES, sees_numbers=False)
    assert accounts.admit(LENA).queues == SALES
    other = Provided("https://other.example", LENA.subject, "lena", Role.ADMIN, KEEP)
    with pytest.raises(AccountError) as error:
        accounts.admit(other)
    assert fault(error) is Fault.NAME_TAKEN
    assert accounts.verify_password("lena", "") is None


def test_a_device_opens_sessions_and_nothing_else(accounts: Accounts) -> None:
    token = accounts.create_device("hall", queues=SALES)
    account = accounts.find_device(token)
    assert account == Account("hall", Role.VIEWER, SALES, sees_numbers=False, kind=Kind.DEVICE)
    assert accounts.find_token(token) is None
    assert account is not None
    session = accounts.create_session(account)
    assert accounts.find_session(session) == account

    assert accounts.revoke_device("hall")

    assert accounts.find_session(session) is None
    assert accounts.find_device(token) is None


def test_a_change_and_its_trace_are_one(accounts: Accounts, history: History) -> None:
    accounts.add_user("ada", PASSWORD, Role.ADMIN)
    with pytest.raises(AccountError):
        accounts.change_user("ada", UserChange(disabled=True))

    entries = AuditRecord(history).entries(AuditFilter(subject="ada")).entries
    assert [entry.what for entry in entries] == ["user_created"]


def test_accounts_of_before_are_kept_by_the_upgrade(url: str) -> None:
    engine = create_engine(url)
    upgrade(engine, "0002")
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO \"user\" VALUES ('ada', 'admin', 'hash', 1), ('bob', 'viewer', 'hash', 2)",
            "INSERT INTO api_token VALUES ('crm', 'viewer', 'digest', 3, NULL)",
            "INSERT INTO web_session VALUES ('secret', 'ada', 4, 9000000000000)",
        ):
            connection.execute(text(statement))
    engine.dispose()

    with open_history(url) as history:
        accounts = Accounts(history, hasher=FAST)
        users = [(user.name, user.role, user.sees_numbers) for user in accounts.users()]
        assert users == [("ada", Role.ADMIN, True), ("bob", Role.VIEWER, False)]
        assert all(user.queues is None and not user.disabled for user in accounts.users())
        [token] = accounts.tokens()
        assert (token.name, token.kind, token.sees_numbers) == ("crm", Kind.PROGRAM, True)
        [session] = accounts.sessions_of("ada")
        assert session.created_at == session.last_seen_at == 4
