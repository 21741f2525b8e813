"""What verifying and checking come to."""

from dataclasses import dataclass, field

from monitor.evidence.layout import Manifest


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong; ``place`` names the file, ``said`` the line, the call and what."""

    place: str
    said: str

    def __str__(self) -> str:
        return f"{self.place}: {self.said}"


@dataclass(slots=True)
class Verdict:
    """What verifying came to. ``notes`` are worth knowing, and nothing is wrong with them."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    manifest: Manifest | None = None
    head: str = ""
    seals: int = 0
    calls: int = 0
    documents: int = 0
    amendments: int = 0

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings
