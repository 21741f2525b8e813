"""What a pack may leave out: nothing but what retention had removed, as its seals tell."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from monitor.core.clock import DAY
from monitor.evidence.chain import ALL_PARTS, CALLS, CONTACTS, Seal, day_of
from monitor.evidence.figures import LEAD_IN
from monitor.evidence.layout import Manifest


def left_out_wrongly(manifest: Manifest, seals: Sequence[Seal]) -> Iterator[str]:
    """What a pack leaves out and its seals do not account for, in words.

    Args:
        manifest: what the pack says of itself.
        seals: its seals, from the first on; at least one.
    """
    removed = {item for seal in seals for item in seal.removed}
    for part in manifest.left_out:
        if part == CALLS or part not in ALL_PARTS:
            yield f"it leaves out {part}, which no pack may"
        elif not any(_concerns(manifest, *item) for item in removed if item[1] == part):
            yield f"it leaves out {part}, and no seal says that retention had removed them"
    before = manifest.first - timedelta(days=1)
    is_cut = manifest.first > day_of(manifest.since - LEAD_IN) and seals[0].number > 1
    if is_cut and (before, CALLS) not in removed:
        yield (
            f"it begins on {manifest.first}, and the calls of the {LEAD_IN // DAY} days before "
            "its period are missing: nobody can tell from it who had called before"
        )


def _concerns(manifest: Manifest, day: date, part: str) -> bool:
    """Whether a pack cannot tell of a part as retention removed that of a day."""
    if part == CONTACTS:  # what became of them stands in the days after the period, too
        return day >= manifest.full
    return manifest.full <= day <= manifest.last
