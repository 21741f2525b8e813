"""Where documents are not those that were sealed: changed, missing, inserted, out of order."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import orjson

MOST_SHOWN: Final = 20


def compare_lists(
    sealed: Sequence[bytes], found: Sequence[bytes], labels: Mapping[int, str]
) -> Iterator[str]:
    """Say where ``found`` is not ``sealed``, in words; nothing where they are the same.

    Args:
        sealed: the digests that were sealed, in order.
        found: those of the documents that there are.
        labels: what the documents are that do not stand where they were, by line (from 1).
    """
    if list(sealed) == list(found):
        return
    missing, extra = Counter(sealed) - Counter(found), Counter(found) - Counter(sealed)
    if not missing and not extra:
        line = next(n for n, (a, b) in enumerate(zip(sealed, found, strict=True), 1) if a != b)
        yield f"line {line}{labels.get(line, '')}: from here on the order is another"
        return
    shown = 0
    for line in range(1, max(len(sealed), len(found)) + 1):
        was = sealed[line - 1] if line <= len(sealed) else b""
        now = found[line - 1] if line <= len(found) else b""
        is_missing, is_extra = missing[was] > 0, extra[now] > 0
        if not is_missing and not is_extra:
            continue
        missing[was] -= is_missing
        extra[now] -= is_extra
        yield _said(line, labels.get(line, ""), is_missing=is_missing, is_extra=is_extra)
        shown += 1
        if shown == MOST_SHOWN:
            yield "and more of the kind"
            return


def label_of(line: bytes) -> str:
    """Which call a document is of, as far as it says so."""
    try:
        plain = orjson.loads(line)
        id_ = plain.get("id") or plain.get("contact") or plain.get("call")
    except (ValueError, AttributeError):
        return ""
    return f" ({plain.get('kind')} {id_})" if id_ else f" ({plain.get('kind')})"


def _said(line: int, label: str, *, is_missing: bool, is_extra: bool) -> str:
    if is_missing and is_extra:
        return f"line {line}{label}: this is not the document that was sealed"
    if is_extra:
        return f"line {line}{label}: this document was not sealed; it was inserted"
    before = f"; where it was, there is{label.replace('(', '').replace(')', '')}" if label else ""
    return f"line {line}: the document that was sealed here is missing{before}"
