"""What this machine can do at most: memory bandwidth with two threads, measured now."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import numpy as np

N = 1 << 25  # float64 elements an array


def _best(work: Callable[[int], None], threads: int, repeat: int = 7) -> float:
    times = []
    for _ in range(repeat):
        workers = [threading.Thread(target=work, args=(i,)) for i in range(threads)]
        start = time.perf_counter()
        for w in workers:
            w.start()
        for w in workers:
            w.join()
        times.append(time.perf_counter() - start)
    return min(times)


def measure() -> dict[str, float]:
    """GB/s of reading (sum), copying (bytes copied) and a += b (three transfers an element)."""
    threads = len(os.sched_getaffinity(0))
    a, b = np.ones(N), np.ones(N)
    parts = [slice(i * N // threads, (i + 1) * N // threads) for i in range(threads)]
    read = _best(lambda i: a[parts[i]].sum(), threads)
    copy = _best(lambda i: np.copyto(a[parts[i]], b[parts[i]]), threads)
    update = _best(lambda i: np.add(a[parts[i]], b[parts[i]], out=a[parts[i]]), threads)
    return {
        "threads": threads,
        "read": N * 8 / read / 1e9,
        "copied": N * 8 / copy / 1e9,
        "update": N * 24 / update / 1e9,
    }


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:10s} {value:.1f}")
