"""Prints the ten largest source files and functions: where to look for the second idea."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path


def sources() -> list[Path]:
    """C++ and Python files under version control, tests left out."""
    names = subprocess.run(
        ["git", "ls-files", "src", "python"], capture_output=True, text=True, check=True
    ).stdout.split()
    paths = [Path(n) for n in names if n.endswith((".h", ".cc", ".py"))]
    return [p for p in paths if p.exists() and "test" not in p.name and "tests" not in p.parts]


def python_functions(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield node.end_lineno - node.lineno + 1, f"{path}:{node.lineno} {node.name}"


def cxx_functions(path: Path) -> Iterator[tuple[int, str]]:
    """Blocks that begin at column 0 with a parameter list and end with a lone brace."""
    start, name = 0, ""
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        match = re.match(r"[A-Za-z_].*?(\w+)\(", line)
        if match and not line.startswith(("namespace", "using", "#", "struct", "class")):
            start, name = number, match.group(1)
        if line == "}" and start:
            yield number - start + 1, f"{path}:{start} {name}"
            start = 0


def main() -> None:
    files = [(len(p.read_text().splitlines()), str(p)) for p in sources()]
    functions: list[tuple[int, str]] = []
    for path in sources():
        functions += python_functions(path) if path.suffix == ".py" else cxx_functions(path)
    for title, rows in (("files", files), ("functions", functions)):
        print(f"largest {title}:")
        for lines, name in sorted(rows, reverse=True)[:10]:
            print(f"  {lines:5d}  {name}")


if __name__ == "__main__":
    main()
