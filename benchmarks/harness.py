"""Runs every engine of a workload in a process of its own, in turn, and compares the answers.

A benchmark program is a module with ``WORKLOADS``: ``{workload: {engine: function}}``. A function
prepares its data and returns a callable; the harness calls that several times and keeps the best
and the median, the process's peak memory, and a digest of the answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
DUSK_PYTHON = ROOT / ".venv" / "bin" / "python"
PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"


@dataclass
class Outcome:
    """What one engine did with one workload."""

    workload: str
    engine: str
    best: float  # seconds
    median: float
    peak_bytes: int
    cpu_seconds: float  # of one call, all threads
    answer: Any
    note: str = ""
    error: str = ""


def python_of(engine: str) -> Path:
    """The interpreter that has `engine`: Dusk's own environment or the peers'."""
    return DUSK_PYTHON if engine.startswith("dusk") else PEERS_PYTHON


def run_once(program: str, workload: str, engine: str, repeat: int) -> Outcome:
    """One engine in a fresh process."""
    command = [str(python_of(engine)), str(HERE / "worker.py"), program, workload, engine]
    result = subprocess.run(
        [*command, str(repeat)], capture_output=True, text=True, cwd=HERE, env=os.environ
    )
    if result.returncode:
        reason = result.stderr.strip().splitlines()[-1:] or [f"exit status {result.returncode}"]
        return Outcome(workload, engine, 0, 0, 0, 0, None, error=reason[0][:200])
    facts = json.loads(result.stdout.splitlines()[-1])
    seconds = facts["seconds"]
    return Outcome(
        workload,
        engine,
        min(seconds),
        median(seconds),
        facts["peak_bytes"],
        facts["cpu_seconds"],
        facts["answer"],
        facts.get("note", ""),
    )


def close(a: Any, b: Any) -> bool:
    """Whether two answers are equal, floats to 1e-8 relative."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(close(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float | int) and isinstance(b, float | int):
        return abs(a - b) <= 1e-8 * max(abs(a), abs(b), 1e-300) or a == b
    return bool(a == b)


def run_program(program: str, repeat: int = 5) -> list[Outcome]:
    """All workloads of a program; engines in turn, Dusk first."""
    names = subprocess.run(
        [str(DUSK_PYTHON), str(HERE / "worker.py"), program, "--list"],
        capture_output=True,
        text=True,
        check=True,
        cwd=HERE,
    )
    outcomes = []
    for workload, engines in json.loads(names.stdout.splitlines()[-1]).items():
        row = [run_once(program, workload, engine, repeat) for engine in engines]
        answers = [o for o in row if not o.error and o.answer is not None]
        for other in answers[1:]:
            if not close(answers[0].answer, other.answer):
                other.error = f"answer {other.answer!r} is not {answers[0].answer!r}"
        outcomes += row
        for o in row:
            print(line_of(o, row), file=sys.stderr, flush=True)
    return outcomes


def line_of(outcome: Outcome, row: list[Outcome]) -> str:
    """One row of the table."""
    if outcome.error:
        return f"| {outcome.workload} | {outcome.engine} | {outcome.error} | | | | |"
    dusk = next((o for o in row if o.engine == "dusk" and not o.error), None)
    ratio = f"{outcome.median / dusk.median:.2f}" if dusk and dusk.median else ""
    return (
        f"| {outcome.workload} | {outcome.engine} | {_time(outcome.median)} | "
        f"{_time(outcome.best)} | {ratio} | {outcome.cpu_seconds:.3f} | "
        f"{outcome.peak_bytes / 2**20:.0f} | {outcome.note}"
    ).rstrip(" |") + " |"


def _time(seconds: float) -> str:
    return f"{seconds:.4f}" if seconds < 10 else f"{seconds:.1f}"


HEADER = (
    "| workload | engine | median s | best s | ratio to Dusk | CPU s | peak MiB | rate |\n"
    "|---|---|---|---|---|---|---|---|"
)


def table_of(outcomes: list[Outcome]) -> str:
    """The table of a program's outcomes."""
    rows = [line_of(o, [p for p in outcomes if p.workload == o.workload]) for o in outcomes]
    return "\n".join([HEADER, *rows])
