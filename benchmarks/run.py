"""Runs benchmark programs and prints one table each, with the machine's limits of the same run.

``./dev bench`` runs all; ``./dev bench elementwise tasks`` some; ``--write`` also puts the tables
in benchmarks/RESULTS.md in place of the former ones; ``--quick`` repeats less.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import harness
import limits

PROGRAMS = ["tasks", "elementwise", "arrays", "frames", "cluster", "stencil", "pipelines"]


RESULTS = Path(__file__).parent / "RESULTS.md"


def machine() -> str:
    """A sentence on the processor and its measured limits."""
    facts = limits.measure()
    text = Path("/proc/cpuinfo").read_text()
    model = next(line.split(":")[1].strip() for line in text.splitlines() if "model name" in line)
    flags = "AVX-512" if " avx512f " in text else "AVX2" if " avx2 " in text else "SSE2"
    return (
        f"{model}, {facts['threads']:.0f} threads, {flags}, Linux {platform.release()}; "
        f"read {facts['read']:.1f} GB/s, copied {facts['copied']:.1f} GB/s, "
        f"a += b {facts['update']:.1f} GB/s; load average {os.getloadavg()[0]:.2f}"
    )


def write(program: str, part: str) -> None:
    """Puts a program's part in the place of its former one, or at the end."""
    parts = RESULTS.read_text().split("\n## ")
    titles = [text.split("\n", 1)[0] for text in parts]
    body = part.rstrip("\n") + "\n"
    if program in titles:
        parts[titles.index(program)] = body
    else:
        parts.append(body)
    RESULTS.write_text("\n## ".join(parts))


def main() -> None:
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    for program in arguments or PROGRAMS:
        before = machine()
        outcomes = harness.run_program(program, repeat=3 if "--quick" in sys.argv else 5)
        table = harness.table_of(outcomes)
        part = f"{program}\n\n`./dev bench {program}`: {before}\n\n{table}\n"
        print("## " + part, flush=True)
        if "--write" in sys.argv:
            write(program, part)


if __name__ == "__main__":
    main()
