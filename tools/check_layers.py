"""Compares every include with what its folder may include.

The folders' rows (DESIGN's table) and the DEPS of each ``dusk_library`` and ``dusk_program`` are
the two allowances; an include outside either fails the check.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "dusk"
# The simulator stands beside the rows: it runs the machines and includes nothing else.
SIMULATOR = Path(__file__).parent.parent / "sim"
SIMULATED = {"base", "cluster", "data"}
ROWS = {
    "base": 1,
    "data": 2,
    "graph": 3,
    "kernels/array": 3,
    "kernels/frame": 3,
    "io": 3,
    "collections/array": 4,
    "collections/frame": 4,
    "collections/bag": 4,
    "collections/delayed": 4,
    "cluster": 5,
    "runtime": 5,
    "net": 5,
    "node": 6,
    "cli": 7,
    "http": 7,
}


def declared_dependencies() -> dict[str, set[str]]:
    """The DEPS of every folder's CMakeLists.txt."""
    found = {}
    for file in SOURCE.rglob("CMakeLists.txt"):
        text = " ".join(file.read_text().split())
        match = re.search(
            r"dusk_(?:library|program)\((\S+?)(?: OUTPUT \S+)?(?: DEPS([^)]*?))?(?: LINK[^)]*)?\)",
            text,
        )
        if match:
            found[match.group(1)] = set((match.group(2) or "").split())
    return found


def folder_of(path: str) -> str:
    """The folder of an include such as ``dusk/kernels/array/program.h``."""
    return path.removeprefix("dusk/").rsplit("/", 1)[0]


def problems() -> list[str]:
    """One line for every include or declaration that breaks the rows."""
    allowed = declared_dependencies()
    lines = []
    for folder, dependencies in allowed.items():
        for other in sorted(dependencies):
            if ROWS[other] >= ROWS[folder]:
                lines.append(f"{folder} declares {other}, which is not in a row below")
    for file in sorted([*SOURCE.rglob("*.h"), *SOURCE.rglob("*.cc")]):
        folder = str(file.parent.relative_to(SOURCE))
        for number, line in enumerate(file.read_text().splitlines(), start=1):
            match = re.match(r'\s*#\s*include\s+"(dusk/[^"]+)"', line)
            if not match:
                continue
            other = folder_of(match.group(1))
            if other != folder and other not in allowed.get(folder, set()):
                lines.append(f"{file}:{number}: {folder} may not include {other}")
    for file in sorted([*SIMULATOR.glob("*.h"), *SIMULATOR.glob("*.cc")]):
        for number, line in enumerate(file.read_text().splitlines(), start=1):
            match = re.match(r'\s*#\s*include\s+"(dusk/[^"]+)"', line)
            if match and folder_of(match.group(1)) not in SIMULATED:
                lines.append(f"{file}:{number}: sim may not include {folder_of(match.group(1))}")
    return lines


if __name__ == "__main__":
    found = problems()
    print("\n".join(found) if found else "layers: every include is allowed")
    sys.exit(bool(found))
