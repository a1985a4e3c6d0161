"""Runs one engine of one workload and prints what happened as one line of JSON.

Usage: worker.py PROGRAM WORKLOAD ENGINE REPEAT, or worker.py PROGRAM --list.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path


def peak_bytes() -> int:
    """The most memory this process has held (getrusage would count its parent's too)."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def main() -> None:
    program = importlib.import_module(sys.argv[1])
    if sys.argv[2] == "--list":
        print(json.dumps({w: list(engines) for w, engines in program.WORKLOADS.items()}))
        return
    workload, engine, repeat = sys.argv[2], sys.argv[3], int(sys.argv[4])
    call = program.WORKLOADS[workload][engine]()
    answer = call()  # warm-up, and the answer to compare
    del answer
    seconds, cpu = [], []
    started = time.perf_counter()
    for _ in range(repeat):
        before, cpu_before = time.perf_counter(), os.times()
        answer = call()
        seconds.append(time.perf_counter() - before)
        after = os.times()
        cpu.append(after.user + after.system - cpu_before.user - cpu_before.system)
        if time.perf_counter() - started > 60:
            break
    digest = getattr(program, "digest", lambda w, a: None)(workload, answer)
    note = getattr(program, "note", lambda w, e, s: "")(workload, engine, min(seconds))
    peak = peak_bytes()
    facts = {
        "seconds": seconds,
        "peak_bytes": peak,
        "cpu_seconds": min(cpu),
        "answer": digest,
        "note": note,
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
