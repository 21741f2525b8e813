"""Writes ``docs/standards.md`` from what the page in the control room shows, in English.

    python -m tests.standards.writing           rewrite the document
    python -m tests.standards.writing --check   only say whether it is up to date

Links and order come from the page's catalogue, words from its English texts. What people write
stands outside the two marks in the document, and stays as it is.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeAlias

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs/standards.md"
CATALOGUE: Final = ROOT / "web/src/pages/standards/catalogue.json"
TEXTS: Final = ROOT / "web/src/i18n"
BEGIN: Final = "<!-- Written by `make standards` from web/src/pages/standards; do not edit. -->"
END: Final = "<!-- end of what `make standards` writes -->"

Words: TypeAlias = Mapping[str, Any]


def catalogue() -> Words:
    """Standards, rows, sources, and what Minuteur has for each."""
    found: Words = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return found


def words(language: str) -> Words:
    """The texts of the page in a language."""
    found = json.loads((TEXTS / language / "standards.json").read_text(encoding="utf-8"))
    texts: Words = found["standards"]
    return texts


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """Markdown's lines for a table."""
    yield _line(head)
    yield "|" + "---|" * len(head)
    yield from (_line(row) for row in rows)
    yield ""


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _where(page: str, shown: Words, said: Words) -> str:
    if command := shown["commands"].get(page):
        return f"{said['onServer']} `{command}`"
    address = shown["pages"][page]
    only = f" ({said['admins']})" if address.startswith("/settings") else ""
    return f"{said['pages'][page]}{only}: `{address}`"


def _show(shown: Words, said: Words) -> Iterator[str]:
    part = said["show"]
    yield from [f"## {part['title']}", ""]
    rows = (
        [
            part["items"][item["id"]]["asked"],
            part["items"][item["id"]]["look"],
            _where(item["page"], shown, said),
        ]
        for item in shown["show"]
    )
    yield from table([part["asked"], part["look"], part["where"]], rows)


def _beyond(shown: Words, said: Words) -> Iterator[str]:
    yield from [f"## {said['beyond']['title']}", ""]
    yield from (f"- {said['beyond']['items'][name]}" for name in shown["beyond"])
    yield ""


def _standard(standard: Words, shown: Words, said: Words) -> Iterator[str]:
    own, head = said["texts"][standard["id"]], said["table"]
    yield from [f"## {own['name']}", "", own["about"], "", f"**{said['unread']}** {own['unread']}"]
    yield ""
    rows = (_row(row, standard, shown, said) for row in standard["rows"])
    columns = ("says", "measures", "records", "outside")
    yield from table([head[name] for name in columns], rows)
    if any(handed(row) for row in standard["rows"]):
        yield from [f"\\* {head['handed']}", ""]
    yield from [f"{said['read']}:", ""]
    for number, name in enumerate(standard["sources"], 1):
        source = shown["sources"][name]
        yield f"{number}. [{source['title']}]({source['url']})"
    yield ""


def handed(row: Words) -> bool:
    """Whether a row was handed to the project, and not read where it was published."""
    return "quote" in row or bool(row.get("handed"))


def _row(row: Words, standard: Words, shown: Words, said: Words) -> Sequence[str]:
    own = said["texts"][standard["id"]]["rows"][row["id"]]
    quote = f"« {row['quote']} » " if "quote" in row else ""
    mark = r"\*" if handed(row) else f" ({standard['sources'].index(row['source']) + 1})"
    return [
        f"{quote}{own['says']}{mark}",
        _means("measures", row, shown, said),
        _means("records", row, shown, said),
        own["outside"],
    ]


def _means(kind: str, row: Words, shown: Words, said: Words) -> str:
    chosen = [one for one in shown["means"] if one["kind"] == kind and one["id"] in row["means"]]
    if not chosen:
        return str(said["table"]["nothing"])
    return ", ".join(f"[{_name(one, said)}]({one['doc']})" for one in chosen)


def _name(one: Words, said: Words) -> str:
    return str(said["means"]["items"][one["id"]]["name"])


def _glossary(shown: Words, said: Words) -> Iterator[str]:
    part = said["means"]
    yield from [f"## {part['title']}", ""]
    for kind, name in part["kind"].items():
        rows = (
            [
                f"[{_name(one, said)}]({one['doc']})",
                part["items"][one["id"]]["what"],
                _where(one["page"], shown, said),
            ]
            for one in shown["means"]
            if one["kind"] == kind
        )
        yield from table([name, "", said["seen"]], rows)


def document() -> str:
    """What stands between the marks."""
    shown, said = catalogue(), words("en")
    day = date.fromisoformat(shown["readOn"])
    read = said["readOn"].replace("{{date}}", f"{day.day} {day:%B %Y}")
    lines = [said["lead"], "", f"{said['noClaim']} {read}", ""]
    lines += _show(shown, said)
    lines += _beyond(shown, said)
    for standard in shown["standards"]:
        lines += _standard(standard, shown, said)
    lines += _glossary(shown, said)
    return "\n".join(lines)


def written(page: str) -> str:
    """The document with its part written anew between the marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{document()}\n{END}{after}"


def main(arguments: list[str] | None = None) -> int:
    """Write the document, or check it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="change nothing")
    chosen = parser.parse_args(arguments)
    old = PAGE.read_text(encoding="utf-8")
    new = written(old)
    if old == new:
        return 0
    if chosen.check:
        sys.stderr.write(f"{PAGE.name} is not up to date: run make standards\n")
        return 1
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
