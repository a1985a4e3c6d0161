"""Compiles every header alone."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parent.parent


def flags() -> list[str]:
    """The include and language flags that the build uses."""
    commands = json.loads((ROOT / "build" / "dev" / "compile_commands.json").read_text())
    command = next(c["command"] for c in commands if "/src/dusk/runtime/" in c["file"])
    words = shlex.split(command)
    kept = [w for w in words if w.startswith(("-I", "-std", "-W", "-D"))]
    kept += [f"-isystem{words[i + 1]}" for i, w in enumerate(words) if w == "-isystem"]
    return kept


def compiles(header: Path, options: list[str]) -> tuple[Path, str]:
    """The compiler's complaint about `header` on its own; empty when there is none."""
    result = subprocess.run(
        ["g++", *options, "-fsyntax-only", "-x", "c++", "-Wno-pragma-once-outside-header", "-"],
        input=f'#include "{header.relative_to(ROOT / "src")}"\n',
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    return header, result.stderr if result.returncode else ""


if __name__ == "__main__":
    options = flags()
    headers = sorted((ROOT / "src").rglob("*.h"))
    with ThreadPoolExecutor(2) as pool:
        failures = [(h, e) for h, e in pool.map(lambda h: compiles(h, options), headers) if e]
    for header, error in failures:
        print(f"{header} does not compile alone:\n{error}")
    if not failures:
        print(f"headers: all {len(headers)} compile alone")
    sys.exit(bool(failures))
