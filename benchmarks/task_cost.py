"""What each thread of a cluster spends on a Python no-op: its processor time, by thread.

Run ``.venv/bin/python benchmarks/task_cost.py``: 10^5 no-ops on two processes of one thread, the
last of three rounds. The main thread is the client's Python; of this process's other threads the
busiest is the scheduler, of a worker's the one that runs Python.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from dusk.distributed import Client, LocalCluster

_TASKS = 100_000


def _noop(x: int) -> int:
    return x


def _spent(pids: list[int]) -> dict[tuple[int, int], int]:
    """Nanoseconds on a processor, by process and thread."""
    return {
        (pid, int(thread.name)): int((thread / "schedstat").read_text().split()[0])
        for pid in pids
        for thread in Path(f"/proc/{pid}/task").iterdir()
    }


def main() -> None:
    with LocalCluster(n_workers=2, threads_per_worker=1) as cluster, Client(cluster) as client:
        client.wait_for_workers(2)
        pids = [os.getpid(), *(worker.pid for worker in cluster.workers.values())]
        for _ in range(3):
            before, begin = _spent(pids), time.perf_counter()
            futures = [client.submit(_noop, i, pure=False) for i in range(_TASKS)]
            submitted = time.perf_counter()
            assert client.gather(futures) == list(range(_TASKS))
            end, after = time.perf_counter(), _spent(pids)
            del futures
    print(f"{(end - begin) / _TASKS * 1e6:.1f} us a task", end=", ")
    print(f"{(submitted - begin) / _TASKS * 1e6:.1f} us a submit; processor time a task:")
    for (pid, thread), spent in sorted(after.items()):
        microseconds = (spent - before.get((pid, thread), 0)) / _TASKS / 1e3
        where = "client's process" if pid == os.getpid() else f"worker {pid}"
        if microseconds >= 0.05:
            main_thread = ", main thread" if pid == thread else ""
            print(f"  {microseconds:6.2f} us  {where}{main_thread}")


if __name__ == "__main__":
    main()
