"""Whether the files of a pack that are made of its documents are what is made of them."""

from typing import Final

from monitor.evidence import figures as made
from monitor.evidence import printing
from monitor.evidence.figures import PackFigures, not_as_counted
from monitor.evidence.layout import Manifest, program

MOST_UNSAID: Final = 10
"""Names of figures in one note."""


def not_as_remade(
    name: str, data: bytes, manifest: Manifest, counted: PackFigures | None
) -> tuple[list[str], list[str]]:
    """What is wrong with a file, and what is worth knowing of it.

    Args:
        name: the file's.
        data: what it holds.
        manifest: which program made the pack.
        counted: what the documents come to; None: they are wrong themselves.
    """
    make = made.MADE.get(name)
    if make is None and name not in printing.NAMES:
        return [], [f"{name} is as it was put in; its content is not checked."]
    if counted is None:
        return [], []
    if make is None:
        return _printed(name, data, manifest, counted)
    return _counted(name, data, make(counted), manifest)


def _counted(
    name: str, said: bytes, counted: bytes, manifest: Manifest
) -> tuple[list[str], list[str]]:
    wrong, unsaid = not_as_counted(name, said, counted)
    if manifest.program == program():
        wrong += [f"it does not say {what}" for what in unsaid]
        if said != counted and not wrong:
            wrong.append("it is not written as this program writes it")
        return wrong, []
    if not unsaid:
        return wrong, []
    shown = ", ".join(unsaid[:MOST_UNSAID]) + ("…" if len(unsaid) > MOST_UNSAID else "")
    return wrong, [f"{name} was made by another version, {manifest.program}, and says not: {shown}"]


def _printed(
    name: str, data: bytes, manifest: Manifest, counted: PackFigures
) -> tuple[list[str], list[str]]:
    wrong = printing.not_as_made(name, data, counted)
    if wrong is None or (wrong and manifest.program != program()):
        note = (
            f"{name} was set by another version, {manifest.program}, and cannot be made anew "
            "here: its figures are not checked. Those of report.json are."
        )
        return [], [note]
    return [wrong] if wrong else [], []
