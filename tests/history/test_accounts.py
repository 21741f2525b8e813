import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from monitor.accounts import Account, AccountError, Accounts, Kind, Role
from monitor.history import History, tables

FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"


@pytest.fixture
def accounts(history: History) -> Accounts:
    return Accounts(history, hasher=FAST)


def everything_stored(history: History) -> str:
    with history.reading() as connection:
        return repr(
            [
                tuple(row)
                for table in (tables.user, tables.api_token, tables.web_session)
                for row in connection.execute(select(table))
            ]
        )


def test_roles_are_ordered() -> None:
    assert [role for role in Role if Role.LEAD.allows(role)] == [Role.VIEWER, Role.LEAD]
    assert Role.ADMIN.allows(Role.ADMIN)
    assert not Role.VIEWER.allows(Role.LEAD)


def test_a_user_signs_in_with_the_right_password_only(accounts: Accounts) -> None:
    assert not accounts.has_users()
    assert accounts.add_user("zoé", PASSWORD, "lead") == Account("zoé", Role.LEAD)
    assert accounts.has_users()
    assert accounts.verify_password("zoé", PASSWORD) == Account("zoé", Role.LEAD)
    assert accounts.verify_password("zoé", PASSWORD + "!") is None
    assert accounts.verify_password("Zoé", PASSWORD) is None
    assert accounts.verify_password("zoé", "x" * 1_001) is None


def test_an_unknown_name_costs_a_hash_like_a_wrong_password(history: History) -> None:
    class Counting(PasswordHasher):
        verified = 0

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002
            self.verified += 1
            return super().verify(hash, password)

    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    accounts = Accounts(history, hasher=hasher)
    assert accounts.verify_password("nobody", PASSWORD) is None
    assert hasher.verified == 1


def test_a_hash_of_old_parameters_is_renewed_at_sign_in(history: History) -> None:
    Accounts(history, hasher=FAST).add_user("zoé", PASSWORD, Role.ADMIN)
    before = everything_stored(history)
    stronger = Accounts(history, hasher=PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert stronger.verify_password("zoé", "wrong password") is None
    assert everything_stored(history) == before
    assert stronger.verify_password("zoé", PASSWORD) is not None
    assert "m=16,t=2,p=1" in everything_stored(history)
    assert stronger.verify_password("zoé", PASSWORD) is not None


@pytest.mark.parametrize(
    ("name", "password", "role", "said"),
    [
        ("zoé", PASSWORD, "lead", "There is a user zoé already"),
        ("bob", PASSWORD, "boss", "There is no role boss: use one of viewer, lead, admin"),
        ("bob", "", "lead", "must have 10 to 1000 characters"),
        ("bob", "too short", "lead", "must have 10 to 1000 characters"),
        ("bob", "x" * 1_001, "lead", "must have 10 to 1000 characters"),
        ("bob", "xxxxxxxxxxxx", "lead", "too easy"),
        ("bobby smith", "Bobby Smith", "lead", "too easy"),
        ("", PASSWORD, "lead", "The name must be"),
        (" bob", PASSWORD, "lead", "The name must be"),
        ("b\nob", PASSWORD, "lead", "The name must be"),
        ("b" * 101, PASSWORD, "lead", "The name must be"),
    ],
)
def test_a_user_that_cannot_be_is_refused(
    accounts: Accounts, name: str, password: str, role: str, said: str
) -> None:
    accounts.add_user("zoé", PASSWORD, "lead")
    with pytest.raises(AccountError, match=said):
        accounts.add_user(name, password, role)


def test_a_token_is_known_until_it_is_revoked(accounts: Accounts) -> None:
    token = accounts.create_token("wallboard", "viewer")
    assert token.startswith("mnt_")
    assert len(token) >= 47
    assert accounts.find_token(token) == Account("wallboard", Role.VIEWER, kind=Kind.PROGRAM)
    assert accounts.find_token(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert accounts.find_token(token.removeprefix("mnt_")) is None
    assert accounts.find_token("mnt_\ud83d") is None
    assert accounts.revoke_token("wallboard")
    assert accounts.find_token(token) is None
    assert not accounts.revoke_token("wallboard")
    with pytest.raises(AccountError, match="There is a token wallboard already"):
        accounts.create_token("wallboard", "viewer")


def test_a_session_is_known_until_it_ends_or_expires(accounts: Accounts) -> None:
    account = accounts.add_user("zoé", PASSWORD, "lead")
    first = accounts.create_session(account, lasts=1_000, now=5_000)
    second = accounts.create_session(account, lasts=5_000, now=5_000)
    assert first != second
    assert accounts.find_session(first, now=5_999) == account
    assert accounts.find_session(first, now=6_000) is None
    assert accounts.find_session("nonsense", now=5_999) is None
    accounts.end_session(second)
    accounts.end_session(second)
    assert accounts.find_session(second, now=5_999) is None


def test_expired_sessions_are_swept_away(accounts: Accounts, history: History) -> None:
    account = accounts.add_user("zoé", PASSWORD, "lead")
    accounts.create_session(account, lasts=1_000, now=5_000)
    accounts.create_session(account, lasts=1_000, now=9_000)
    with history.reading() as connection:
        assert len(connection.execute(select(tables.web_session)).all()) == 1


def test_a_changed_role_holds_for_running_sessions(accounts: Accounts, history: History) -> None:
    account = accounts.add_user("zoé", PASSWORD, "lead")
    session = accounts.create_session(account)
    with history.writing() as connection:
        connection.execute(update(tables.user).values(role="viewer"))
    assert accounts.find_session(session) == Account("zoé", Role.VIEWER)


def test_no_secret_is_stored(accounts: Accounts, history: History) -> None:
    account = accounts.add_user("zoé", PASSWORD, "lead")
    secrets = [PASSWORD, accounts.create_token("t", "admin"), accounts.create_session(account)]
    stored = everything_stored(history)
    assert [secret for secret in secrets if secret in stored] == []


def test_users_are_listed_by_name(accounts: Accounts) -> None:
    assert accounts.users() == []
    accounts.add_user("zoé", PASSWORD, Role.ADMIN)
    accounts.add_user("anna", PASSWORD, Role.VIEWER)
    found = [(user.name, user.role, user.sees_numbers) for user in accounts.users()]
    assert found == [("anna", Role.VIEWER, False), ("zoé", Role.ADMIN, True)]


def test_another_password_ends_the_sessions_of_that_user_only(accounts: Accounts) -> None:
    zoe, bob = (accounts.add_user(name, PASSWORD, Role.LEAD) for name in ("zoé", "bob"))
    hers, his = accounts.create_session(zoe), accounts.create_session(bob)

    assert accounts.set_password("zoé", "another horse battery")

    assert accounts.verify_password("zoé", PASSWORD) is None
    assert accounts.verify_password("zoé", "another horse battery") == zoe
    assert accounts.find_session(hers) is None
    assert accounts.find_session(his) == bob
    assert not accounts.set_password("nobody", "another horse battery")
    with pytest.raises(AccountError, match="must have 10"):
        accounts.set_password("bob", "short")


def test_a_removed_user_and_their_sessions_are_gone(accounts: Accounts) -> None:
    zoe = accounts.add_user("zoé", PASSWORD, Role.LEAD)
    session = accounts.create_session(zoe)

    assert accounts.remove_user("zoé")

    assert accounts.verify_password("zoé", PASSWORD) is None
    assert accounts.find_session(session) is None
    assert not accounts.remove_user("zoé")
    accounts.add_user("zoé", PASSWORD, Role.VIEWER)  # the old session is not hers again
    assert accounts.find_session(session) is None


def test_tokens_are_listed_revoked_ones_too(accounts: Accounts) -> None:
    for name in ("wallboard", "crm"):
        accounts.create_token(name, Role.VIEWER)
    accounts.revoke_token("crm")

    crm, wallboard = accounts.tokens()

    assert (crm.name, wallboard.name) == ("crm", "wallboard")
    assert crm.revoked_at is not None
    assert crm.created_at <= crm.revoked_at
    assert wallboard.revoked_at is None
