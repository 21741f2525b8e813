"""The core stays pure: the standard library only, and none of it that does I/O or reads a clock."""

import ast
from pathlib import Path

import monitor.core

ALLOWED = {
    "bisect", "collections", "dataclasses", "datetime", "decimal", "enum", "fnmatch", "heapq",
    "itertools", "math", "types", "typing", "zlib",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today", "time_ns", "monotonic"}


def test_the_core_imports_nothing_but_itself_and_harmless_parts_of_the_standard_library() -> None:
    for path in Path(monitor.core.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                ours = name == "monitor.core" or name.startswith("monitor.core.")
                assert ours or name.split(".")[0] in ALLOWED, f"{path.name} imports {name}"


def test_the_core_reads_no_clock() -> None:
    for path in Path(monitor.core.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                reads = node.func.attr in CLOCKS and isinstance(node.func.value, ast.Name)
                clock = reads and node.func.value.id in {"datetime", "date", "time"}  # type: ignore[attr-defined]
                assert not clock, f"{path.name}:{node.lineno} reads a clock"
