"""Which Debian mirror does this machine use? Read from apt's own configuration.

Both forms of sources are understood: one-line (``deb http://… bookworm main``) and deb822
(``Types: deb`` …). Comments, disabled entries and source-only entries do not count, nor do
the mirrors of security updates: they carry no whole release.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_RELEASES = frozenset(
    {"stable", "oldstable", "oldoldstable", "testing", "unstable", "sid"}
    | {"bullseye", "bookworm", "trixie", "forky", "duke"}
)
"""The names under which whole releases are published."""

_DISABLED = frozenset({"no", "false", "without", "off", "disable", "0"})
"""What apt takes for no."""


@dataclass(frozen=True)
class Source:
    """One source of binary packages: an address with its suites and components."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]

    @property
    def is_release(self) -> bool:
        """Whether it has the main component of a whole Debian release (not only updates)."""
        return (
            self.uri.startswith(("http://", "https://"))
            and "security" not in self.uri
            and "main" in self.components
            and not _RELEASES.isdisjoint(self.suites)
        )


def parse_one_line(text: str) -> Iterator[Source]:
    """Parse a ``sources.list``: one entry a line, options in brackets."""
    for line in text.splitlines():
        bare = re.sub(r"\[[^\]]*\]", "", line.split("#", 1)[0])
        words = bare.split()
        if len(words) >= 3 and words[0] == "deb":
            yield Source(words[1], (words[2],), tuple(words[3:]))


def parse_deb822(text: str) -> Iterator[Source]:
    """Parse a ``.sources`` file: paragraphs of fields, values may go on in indented lines."""
    lines = [line.rstrip() for line in text.splitlines() if not line.startswith("#")]
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines)):
        fields: dict[str, str] = {}
        name = ""
        for line in paragraph.splitlines():
            if line[:1].isspace():
                fields[name] = f"{fields.get(name, '')} {line.strip()}"
            elif ":" in line:
                name, value = line.split(":", 1)
                name = name.strip().lower()
                fields[name] = value.strip()
        if fields.get("enabled", "yes").lower() in _DISABLED:
            continue
        if "deb" not in fields.get("types", "").split():
            continue
        for uri in fields.get("uris", "").split():
            suites = tuple(fields.get("suites", "").split())
            yield Source(uri, suites, tuple(fields.get("components", "").split()))


def choose(sources: list[Source]) -> str | None:
    """Return the address of the source that most likely holds every Debian release.

    A third party may also call its suite ``bookworm`` and its component ``main``: an address
    that ends in ``/debian`` is preferred.
    """
    releases = [source.uri.rstrip("/") for source in sources if source.is_release]
    usual = [uri for uri in releases if uri.endswith("/debian")]
    return next(iter(usual + releases), None)


def _setting(name: str, kind: str = "") -> str | None:
    """Return one setting of the apt in use (``kind`` ``/f``: as a file name), or ``None``."""
    try:
        done = subprocess.run(
            ["apt-config", "shell", "VALUE", name + kind],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    if done.returncode != 0 or "=" not in done.stdout:
        return None
    words = shlex.split(done.stdout.split("=", 1)[1])
    return words[0] if words and words[0] else None


def find_mirror() -> str | None:
    """Return the Debian mirror that this machine's apt uses."""
    sources: list[Source] = []
    single = Path(_setting("Dir::Etc::sourcelist", "/f") or "/etc/apt/sources.list")
    if single.exists():
        sources += parse_one_line(single.read_text(errors="replace"))
    parts = Path(_setting("Dir::Etc::sourceparts", "/d") or "/etc/apt/sources.list.d")
    for file in sorted(parts.glob("*")) if parts.is_dir() else ():
        if file.suffix == ".list":
            sources += parse_one_line(file.read_text(errors="replace"))
        elif file.suffix == ".sources":
            sources += parse_deb822(file.read_text(errors="replace"))
    return choose(sources)


def find_proxy() -> str | None:
    """Return the HTTP proxy that apt is told to use, or ``None``."""
    proxy = _setting("Acquire::http::Proxy")
    return None if proxy in (None, "DIRECT") else proxy
