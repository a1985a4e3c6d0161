"""Refuses what must not be in the repository's text: unfinished marks and a machine's paths."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

FORBIDDEN = [
    (re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b"), "unfinished work"),
    (re.compile(r"(?<![\w.])/(home|r" + r"oot|wo" + r"rk)/"), "a path of one machine"),
]
SUFFIXES = (".h", ".cc", ".py", ".pyi", ".md", ".sh", ".cmake", ".txt", ".toml", ".json")


def main() -> int:
    files = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True)
    bad = 0
    for name in files.stdout.splitlines():
        if not name.endswith(SUFFIXES):
            continue
        try:
            lines = Path(name).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            continue
        for number, line in enumerate(lines, start=1):
            for pattern, what in FORBIDDEN:
                if pattern.search(line):
                    print(f"{name}:{number}: {what}: {line.strip()[:90]}")
                    bad += 1
    if not bad:
        print("text: clean")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
