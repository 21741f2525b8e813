"""docs/standards.md says what the page says, leads somewhere, and promises nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.browser.test_pages_doc import routes
from tests.standards.writing import PAGE, catalogue, main, words

CLAIMS: Final = re.compile(
    r"\b(certified|compliant|in conformity|conforms?|certifiée?s?|conformes?)\b", re.IGNORECASE
)
"""What is never said of a site."""


def texts(found: object) -> Iterator[str]:
    """Every string of a nest of tables."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for inner in found.values():
            yield from texts(inner)


def anchors(file: Path) -> set[str]:
    """The places within a document, as GitHub names them."""
    heads = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_document_says_what_the_page_says() -> None:
    assert main(["--check"]) == 0, "run make standards"


def test_each_definition_leads_to_a_place_in_the_documentation() -> None:
    missing = []
    for means in catalogue()["means"]:
        name, _, anchor = means["doc"].partition("#")
        if anchor not in anchors(PAGE.parent / name):
            missing.append(means["doc"])
    assert missing == []


def test_each_page_that_is_named_is_one_of_the_control_room() -> None:
    named = {page.partition("?")[0] for page in catalogue()["pages"].values()}
    assert named - {"/"} - set(routes()) == set()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_is_said_to_fulfil_a_standard(language: str) -> None:
    said = [text for text in texts(words(language)) if CLAIMS.search(text)]
    assert said == []
    assert CLAIMS.search("This site is NF compliant.")
    assert CLAIMS.search("Ce centre est certifié.")


def test_the_promise_of_the_minute_is_quoted_as_everywhere() -> None:
    minute = next(iter(catalogue()["standards"]))["rows"][0]["quote"]
    readme = (PAGE.parents[1] / "README.md").read_text(encoding="utf-8")
    assert minute.replace("’", "'") in readme
