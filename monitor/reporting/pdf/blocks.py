"""What a printed report is made of: sections of texts, tables and charts, ready to be set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Align = Literal["left", "right"]
Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: its title, how it is aligned, and its share of the width (0: as needed)."""

    title: str
    align: Align = "right"
    share: int = 0


@dataclass(slots=True)
class Section:
    """A section with its heading."""

    id: str
    title: str
    blocks: list[Block] = field(default_factory=list)

    def text(self, text: str) -> None:
        """Add a paragraph."""
        self.blocks.append({"kind": "text", "text": text})

    def code(self, text: str) -> None:
        """Add a line to be typed, or to be compared character by character."""
        self.blocks.append({"kind": "code", "text": text})

    def table(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        *,
        total: Sequence[str] | None = None,
        small: bool = False,
    ) -> None:
        """Add a table; its header is repeated on every page. ``total`` is its last row."""
        self.blocks.append(
            {
                "kind": "table",
                "title": title,
                "columns": [
                    {"title": c.title, "align": c.align, "share": c.share} for c in columns
                ],
                "rows": [list(row) for row in rows],
                "total": None if total is None else list(total),
                "small": small,
            }
        )

    def chart(self, kind: str, title: str, alt: str, data: Block) -> None:
        """Add a chart of one of the template's kinds; ``alt`` says in words what it shows."""
        self.blocks.append({"kind": kind, "title": title, "alt": alt, **data})
