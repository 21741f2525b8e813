"""Sentences about what is wrong in a settings file: where, what, and what to write instead."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config.faults import Complaint, Wrong, coded

Location = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\"' -]+?)\s*=")


def key_lines(text: str) -> dict[Location, int]:
    """Find on which line (from 1) each table and key of a TOML text stands.

    A scan of headers and ``key =`` lines, enough to point at a mistake; keys of inline tables are
    found at the line of the table.
    """
    lines: dict[Location, int] = {}
    counts: dict[Location, int] = {}
    table: Location = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            table = _table_path(header[2], counts)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _table_path(dotted: str, counts: dict[Location, int]) -> Location:
    path: Location = ()
    parts = _parts(dotted)
    for index, part in enumerate(parts):
        path = (*path, part)
        if index < len(parts) - 1 and path in counts:
            path = (*path, counts[path])
    return path


def line_of(location: Location, lines: dict[Location, int]) -> int | None:
    """The line of a key, else of the nearest table that holds it."""
    for length in range(len(location), 0, -1):
        if location[:length] in lines:
            return lines[location[:length]]
    return None


def complain(
    error: ErrorDetails, model: type[BaseModel], data: dict[str, Any], variables: Sequence[str]
) -> str:
    """Say in one line what is wrong and what to write instead.

    Args:
        error: what pydantic found.
        model: the shape that was not met.
        data: the raw settings, to name the table that is meant.
        variables: environment variables that would fill a missing secret.
    """
    location = error["loc"]
    if not location:
        return _reason(error)
    holder, field = _model_at(model, location)
    where, key = _where(location, data), str(location[-1])
    if error["type"] == "extra_forbidden":
        return f"{where}unknown key {key!r}{_nearest(key, holder)}"
    hint = _hint(error, field)
    if error["type"] == "missing":
        also = f", or set {' or '.join(variables)}" if variables else ""
        return f"{where}{key!r} is missing{hint}{also}"
    index = f" (item {location[-1] + 1})" if isinstance(location[-1], int) else ""
    name = next((part for part in reversed(location) if isinstance(part, str)), key)
    return f"{where}{name}{index}: {_reason(error)}{_shown(error, field)}{hint}"


def advise(error: ErrorDetails, model: type[BaseModel]) -> str:
    """Say what is wrong with one value and what to write instead, not where.

    The sentence is a :class:`config.faults.Complaint` where what is wrong has a code.

    Args:
        error: what pydantic found.
        model: the shape that was not met.
    """
    location = error["loc"]
    holder, field = _model_at(model, location)
    if error["type"] == "extra_forbidden":
        text = f"unknown key{_nearest(str(location[-1]), holder)}"
        return Complaint(Wrong.UNKNOWN_KEY, text)
    text = "it is missing" if error["type"] == "missing" else _reason(error)
    return coded(error["type"], error.get("ctx", {}), text + _hint(error, field))


def _hint(error: ErrorDetails, field: FieldInfo | None) -> str:
    """What to write, where the reason does not say so itself after its semicolon."""
    own_words = error.get("ctx", {}).get("error")
    if field is None or not field.description or "; " in str(own_words):
        return ""
    return f"; write {field.description}"


def _reason(error: ErrorDetails) -> str:
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, Exception):
        return str(cause)
    if error["type"] == "string_pattern_mismatch":
        return "this is not a good value"
    if error["type"] == "too_short" and error.get("ctx", {}).get("min_length") == 1:
        return "it must not be empty"
    message = error["msg"]
    return (message[:1].lower() + message[1:]).replace("input should", "it should")


def _shown(error: ErrorDetails, field: FieldInfo | None) -> str:
    value = error.get("input")
    text = repr(value)
    # An address may hold a password, in either of these two ways.
    secret = (field is not None and _is_secret(field)) or "@" in text or "?" in text
    if secret or not isinstance(value, str | int | float):
        return ""
    return f" (got {text[:60]}{'…' if len(text) > 60 else ''})"  # noqa: PLR2004


def _is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr


def _nearest(key: str, holder: type[BaseModel] | None) -> str:
    if holder is None:
        return ""
    known = [field.alias or name for name, field in holder.model_fields.items()]
    close = get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known here: {', '.join(known)}"


def _where(location: Location, data: dict[str, Any]) -> str:
    """The table of a key as it stands in the file, an array's item with its name or number."""
    text = ""
    value: object = data
    parts: list[str] = []
    named = ""
    last_key = max(i for i, part in enumerate(location) if isinstance(part, str))
    for part in location[:last_key]:
        value = _child(value, part)
        if isinstance(part, int):
            if not isinstance(value, dict):
                break
            name = value.get("id", value.get("name"))
            own = f' "{name}"' if isinstance(name, str) else f" number {part + 1}"
            named += own
        elif isinstance(value, dict | list):
            parts.append(part)
    if parts:
        brackets = ("[[", "]]") if named and len(parts) == 1 else ("[", "]")
        text = f"{brackets[0]}{'.'.join(parts)}{brackets[1]}{named}: "
    return text


def _child(value: object, part: str | int) -> object:
    if isinstance(part, int) and isinstance(value, list):
        return value[part] if part < len(value) else None
    return value.get(part) if isinstance(value, dict) else None


def _model_at(
    model: type[BaseModel], location: Location
) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The model that holds the last key of a location, and that key's field."""
    holder: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for index, part in enumerate(location):
        if isinstance(part, int) or holder is None:
            continue
        field = next(
            (f for name, f in holder.model_fields.items() if part in (name, f.alias)), None
        )
        if index == len(location) - 1:
            return holder, field
        holder = None if field is None else _inner_model(field.annotation)
    return holder, field


def _inner_model(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (list, Union, UnionType):
        return next((m for m in map(_inner_model, get_args(annotation)) if m), None)
    return None
