"""Packs for tests: made, taken apart, and put together again as somebody would who cheats."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from monitor.evidence.archive import ArchiveWriter
from monitor.evidence.chain import begin_of, end_of
from monitor.evidence.findings import Verdict
from monitor.evidence.layout import SUMS
from monitor.evidence.pack import Packer
from monitor.evidence.verifying import verify
from monitor.history import History

PARIS = ZoneInfo("Europe/Paris")


def pack_of(
    history: History, first: date, last: date, zone: ZoneInfo = PARIS, *, pdf: bool = False
) -> bytes:
    """The pack of some days (UTC)."""
    assert history.pseudonyms is not None
    packer = Packer(history, history.pseudonyms)
    written = io.BytesIO()
    packer.write(packer.plan(begin_of(first), end_of(last), zone), written.write, pdf=pdf)
    return written.getvalue()


def verified(pack: bytes, head: str = "") -> Verdict:
    """What verifying says of a pack."""
    return verify(io.BytesIO(pack), head)


def said(pack: bytes, head: str = "") -> list[str]:
    """What is wrong with a pack, in words."""
    return [str(finding) for finding in verified(pack, head).findings]


def members(pack: bytes) -> dict[str, bytes]:
    """A pack's files, by any unzip program."""
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(files: Mapping[str, bytes]) -> bytes:
    """Files as a sound archive, with the right sums: only their content may be wrong."""
    written = io.BytesIO()
    archive = ArchiveWriter(written.write)
    sums = b""
    for name, data in files.items():
        if name != SUMS:
            archive.add(name, [data])
            sums += f"{hashlib.sha256(data).hexdigest()}  {name}\n".encode()
    archive.add(SUMS, [sums])
    archive.finish()
    return written.getvalue()


def changed(pack: bytes, name: str, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    """A pack in which the lines of one file are others, and all sums are made anew."""
    files = members(pack)
    lines = change(files[name].splitlines(keepends=True))
    return packed({**files, name: b"".join(lines)})
