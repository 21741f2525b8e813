import hashlib
import hmac
from pathlib import Path

import pytest

from monitor.evidence.pseudonyms import (
    PseudonymError,
    Pseudonyms,
    load_pseudonyms,
    normalised,
    pseudonym_file,
)

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("+33123456789", "+33123456789"),
        ("+33 1 23-45.67/89", "+33123456789"),
        ("(+33) 123456789", "+33123456789"),
        ("tel:+33123456789", "+33123456789"),
        ("0123456789", "0123456789"),
        ("0033 123456789", "0033123456789"),
        ("01 23+45", "012345"),
        ("++33", "+33"),
        ("101", "101"),
        ("١٢٣", ""),
        ("anonymous", ""),
        ("Restricted", ""),
        ("+", ""),
        ("", ""),
    ],
)
def test_a_number_is_its_digits_and_a_leading_plus(said: str, meant: str) -> None:
    assert normalised(said) == meant
    assert normalised(meant) == meant


def test_a_pseudonym_is_the_keyed_digest_that_is_documented() -> None:
    expected = hmac.new(KEY, b"caller:+33123456789", hashlib.sha256).digest()[:16].hex()
    assert Pseudonyms(KEY).caller("+33 1 23 45 67 89") == expected


def test_numbers_agents_and_patterns_of_the_same_text_have_other_pseudonyms() -> None:
    of = Pseudonyms(KEY)
    assert len({of.caller("101"), of.agent("101"), of.pattern("101")}) == 3


def test_who_has_no_number_has_no_pseudonym() -> None:
    of = Pseudonyms(KEY)
    assert (of.caller("anonymous"), of.caller(""), of.agent("")) == ("", "", "")


def test_another_key_gives_other_pseudonyms() -> None:
    first, second = Pseudonyms(KEY), Pseudonyms(bytes(32))
    assert first.caller("101") != second.caller("101")
    assert first.key_id != second.key_id


def test_what_stands_for_a_purged_name_is_its_pseudonym_and_nothing_else_is() -> None:
    of = Pseudonyms(KEY)
    alice = of.agent("Alice")
    assert of.agent(f"~{alice}") == alice
    assert "Bob" not in of.agent("~Bob")


def test_half_a_surrogate_pair_has_a_pseudonym() -> None:
    assert len(Pseudonyms(KEY).agent("\ud800")) == 32


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "minuteur.pseudonyms.key"
    first = load_pseudonyms(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_pseudonyms(file).caller("101") == first.caller("101")


def test_the_environments_key_wins_and_makes_no_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    given = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert load_pseudonyms(file, given).caller("101") == Pseudonyms(KEY).caller("101")
    assert not file.exists()


@pytest.mark.parametrize("text", ["", "short", "é", "AAAA"])
def test_what_is_no_key_is_refused_and_not_replaced(tmp_path: Path, text: str) -> None:
    file = tmp_path / "key"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PseudonymError, match=str(file)):
        load_pseudonyms(file)
    assert file.read_text(encoding="utf-8") == text


def test_a_folder_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(PseudonymError, match=r"cannot be used: No such file.*Never make another"):
        load_pseudonyms(tmp_path / "absent" / "key")


@pytest.mark.parametrize(
    ("secrets", "pseudonyms"),
    [
        ("minuteur.db.key", "minuteur.db.pseudonyms.key"),
        ("minuteur.key", "minuteur.pseudonyms.key"),
    ],
)
def test_the_key_lies_beside_that_of_the_settings(secrets: str, pseudonyms: str) -> None:
    assert pseudonym_file(Path("/etc") / secrets) == Path("/etc") / pseudonyms
