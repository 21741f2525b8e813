"""Settings in the database: what the file seeds, what people set, and what was when."""

import logging
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import event, select

from monitor.core.policy import Commitment, Policy
from monitor.history import History, open_history
from monitor.history.audit import AuditRecord, Via, Who
from monitor.history.changes import ChangeFilter, ChangeRecord
from monitor.history.overflow_rules import RuleRecord
from monitor.history.policies import policy
from monitor.history.secrets import KEY_FILE, SecretsError, Vault, key_file
from monitor.history.setting_tables import secret
from monitor.history.settings import RULE, Change, Item, SettingsRecord
from monitor.history.versioned import ConflictError
from tests.postgres import PostgresServer

ADA = Who("ada", Via.SESSION)
SUPPORT = "queue", "support"
BODY = {"name": "support", "within": 60}
NOON = 1_795_000_000_000


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "secrets.key")


@pytest.fixture
def record(history: History, vault: Vault) -> SettingsRecord:
    return SettingsRecord(history, vault)


def put(
    record: SettingsRecord, expected: int | None = None, at: int = NOON, **body: object
) -> Item:
    """Have Ada set the queue support."""
    record.apply([Change(*SUPPORT, {**BODY, **body}, expected)], ADA, at)
    return item(record)


def item(record: SettingsRecord) -> Item:
    return next(found for found in record.all() if found.key == SUPPORT)


def trail(history: History) -> list[tuple[str, str, str]]:
    """Who did what to what, oldest first."""
    entries = AuditRecord(history).entries().entries[::-1]
    return [(entry.by, entry.what, entry.subject) for entry in entries]


# --- what people set ----------------------------------------------------------------------------


def test_an_item_is_created_changed_and_deleted_and_every_version_stays(
    record: SettingsRecord, history: History
) -> None:
    made = put(record)
    assert (made.version, made.body, made.from_file) == (1, BODY, False)
    changed = put(record, 1, NOON + 5, within=30)
    assert (changed.version, changed.created_at, changed.updated_at) == (2, NOON, NOON + 5)
    record.apply([Change(*SUPPORT, None, 2)], ADA, NOON + 9)

    assert record.all() == []
    versions = record.versions(*SUPPORT)
    assert [(one.version, one.body and one.body["within"]) for one in versions] == [
        (3, None), (2, 30), (1, 60),
    ]  # fmt: skip
    assert trail(history) == [
        ("ada", f"setting_{done}", "queue:support") for done in ("created", "changed", "deleted")
    ]
    assert put(record, at=NOON + 20).version == 4


def test_what_the_author_has_not_seen_is_not_changed(
    record: SettingsRecord, history: History
) -> None:
    put(record)
    for expected in (None, 2, 0):
        with pytest.raises(ConflictError) as caught:
            put(record, expected, within=5)
        assert caught.value.current == 1
    with pytest.raises(ConflictError, match="queue:other does not exist"):
        record.apply([Change("queue", "other", None, 1)], ADA, NOON)
    assert item(record).body == BODY
    assert len(trail(history)) == 1


def test_several_changes_are_made_together_or_not_at_all(
    record: SettingsRecord, history: History
) -> None:
    put(record)
    rule = Change(RULE, "help", {"id": "help"}, None)
    with pytest.raises(ConflictError):
        record.apply([rule, Change(*SUPPORT, BODY, 7)], ADA, NOON)
    assert RuleRecord(history).all() == []

    record.apply([rule, Change(*SUPPORT, {"name": "support"}, 1)], ADA, NOON)
    assert [one.id for one in RuleRecord(history).all()] == ["help"]
    assert trail(history)[1:] == [
        ("ada", "rule_created", "help"), ("ada", "setting_changed", "queue:support"),
    ]  # fmt: skip


def test_the_policy_is_stored_with_the_change_that_makes_it(
    record: SettingsRecord, history: History
) -> None:
    first = record.apply([Change(*SUPPORT, BODY, None)], ADA, NOON, Policy())
    slow = Policy(commitment=Commitment(within=90_000))
    second = record.apply([Change(*SUPPORT, BODY, 1)], ADA, NOON, slow)
    with pytest.raises(ConflictError):
        record.apply([Change(*SUPPORT, BODY, 1)], ADA, NOON, Policy())
    assert first is not None
    assert second is not None
    assert (first.version, second.version) == (1, 2)
    stored = policy(history, 2)
    assert stored is not None
    assert stored.commitment.within == 90_000
    assert policy(history, 3) is None


def test_a_mark_shows_that_something_changed(record: SettingsRecord) -> None:
    before = record.mark()
    assert record.mark() == before
    put(record)
    assert record.mark() != before


@pytest.mark.postgresql
def test_of_two_authors_at_once_the_second_is_told(
    postgres_server: PostgresServer, vault: Vault
) -> None:
    met: list[str] = []
    with open_history(postgres_server.new_database()) as history:
        record = SettingsRecord(history, vault)

        # Between the look and the storing of the first, the second stores the same item.
        def before_insert(_: object, __: object, statement: str, *___: object) -> None:
            if statement.startswith("INSERT INTO setting ") and not met:
                met.append(statement)
                put(record, within=1)

        event.listen(history.engine, "before_cursor_execute", before_insert)
        with pytest.raises(ConflictError) as caught:
            put(record, within=2)
        assert caught.value.current == 1
        assert met
        assert item(record).body["within"] == 1
        assert len(record.versions(*SUPPORT)) == 1


# --- what the file seeds ------------------------------------------------------------------------


def test_what_nobody_has_set_follows_the_file(record: SettingsRecord, history: History) -> None:
    assert record.seed({SUPPORT: BODY}, NOON).changed == (SUPPORT,)
    assert record.seed({SUPPORT: BODY}, NOON).changed == ()
    changed = record.seed({SUPPORT: {**BODY, "within": 45}}, NOON + 1)
    assert (changed.changed, changed.ignored) == ((SUPPORT,), ())
    found = item(record)
    assert (found.version, found.from_file, found.body["within"]) == (2, True, 45)

    assert record.seed({}, NOON + 2).changed == (SUPPORT,)
    assert record.all() == []
    record.seed({SUPPORT: BODY}, NOON + 3)
    assert item(record).version == 4
    assert {by for by, _, _ in trail(history)} == {"configuration"}
    assert [what for _, what, _ in trail(history)] == [
        "setting_created", "setting_changed", "setting_deleted", "setting_created",
    ]  # fmt: skip


def test_what_a_person_has_set_does_not_follow_the_file(record: SettingsRecord) -> None:
    record.seed({SUPPORT: BODY}, NOON)
    put(record, 1, within=30)
    for said in ({SUPPORT: {**BODY, "within": 99}}, {SUPPORT: BODY}):
        seeded = record.seed(said, NOON + 1)
        assert (seeded.changed, seeded.ignored) == ((), (SUPPORT,))
    assert record.seed({SUPPORT: {**BODY, "within": 30}}, NOON).ignored == ()
    assert record.seed({}, NOON).changed == ()
    assert (item(record).body["within"], item(record).from_file) == (30, False)


def test_what_a_person_has_deleted_stays_deleted(record: SettingsRecord) -> None:
    record.seed({SUPPORT: BODY}, NOON)
    record.apply([Change(*SUPPORT, None, 1)], ADA, NOON)
    assert record.seed({SUPPORT: BODY}, NOON).ignored == (SUPPORT,)
    assert record.all() == []
    assert record.set_by_people() == {SUPPORT: None}


def test_bodies_that_mean_the_same_are_no_change(record: SettingsRecord) -> None:
    record.seed({SUPPORT: BODY}, NOON)
    longer = {**BODY, "label": ""}
    assert record.seed({SUPPORT: longer}, NOON, lambda *_: True).changed == ()


# --- secrets ------------------------------------------------------------------------------------


def test_secrets_are_kept_apart_and_encrypted(record: SettingsRecord, history: History) -> None:
    told = "hush-hush"
    record.apply([Change("pbx", "lab", {"name": "lab"}, None, {"secret": told})], ADA, NOON)
    assert record.secrets() == {("pbx", "lab"): {"secret": told}}
    with history.reading() as connection:
        (row,) = connection.execute(select(secret)).mappings().all()
    assert told not in row["encrypted"]
    page = ChangeRecord(history).page(ChangeFilter(kind="pbx")).changes
    assert told not in str(page)
    assert [change.entry.what for change in page] == ["setting_secret_changed", "setting_created"]
    assert page[0].entry.after == {"secrets": ["secret"]}


def test_another_key_reads_no_secret_and_the_rest_goes_on(
    history: History, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = SettingsRecord(history, Vault(tmp_path / "a.key"))
    made.apply([Change("pbx", "lab", {"name": "lab"}, None, {"secret": "s"})], ADA, NOON)
    others = [
        Vault(tmp_path / "none.key"),
        Vault(tmp_path / "a.key", Fernet.generate_key().decode()),
        Vault(tmp_path / "a.key", "nonsense"),
    ]
    for vault in others:
        with caplog.at_level(logging.ERROR):
            record = SettingsRecord(history, vault)
            assert record.secrets() == {("pbx", "lab"): {"secret": ""}}
        assert "cannot be read" in caplog.text
        caplog.clear()
    assert SettingsRecord(history, Vault(tmp_path / "a.key")).secrets()["pbx", "lab"]["secret"]


def test_a_secret_that_cannot_be_kept_changes_nothing(history: History, tmp_path: Path) -> None:
    record = SettingsRecord(history, Vault(tmp_path / "absent" / "a.key"))
    with pytest.raises(SecretsError, match=r"absent.* cannot be used"):
        record.apply([Change("pbx", "lab", {"name": "lab"}, None, {"secret": "s"})], ADA, NOON)
    assert record.all() == []


def test_the_key_lies_beside_the_database_unless_named(tmp_path: Path) -> None:
    with open_history(f"sqlite:///{tmp_path}/record.db") as history:
        assert key_file(history.url) == tmp_path / "record.db.key"
        assert key_file(history.url, "/etc/key") == Path("/etc/key")
        server = history.url.set(drivername="postgresql+psycopg", database="x")
        assert key_file(server) == Path(KEY_FILE)
