"""What a cluster of processes costs: starting it, a task, a round trip, moving a large array.

Two workers of one thread each, as processes and as threads of this process, on the loopback.
"""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable
from contextlib import closing
from functools import cache
from typing import Any

import numpy as np


def _noop(x: int) -> int:
    return x


def _leaf(seed: int) -> np.ndarray:
    return np.full(100, float(seed))


def _add(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a + b


def _module(engine: str) -> Any:
    if engine == "dusk":
        import dusk.distributed

        return dusk.distributed
    if engine == "frisky":
        import frisky

        return frisky
    import distributed

    return distributed


def _cluster(engine: str, processes: bool) -> Any:
    module = _module(engine)
    options: dict[str, Any] = {
        "dusk": {"silence_logs": 50},
        "dask": {"silence_logs": 50, "dashboard_address": None},
        "frisky": {"silence_summary": True},
    }[engine]
    return module.LocalCluster(n_workers=2, threads_per_worker=1, processes=processes, **options)


def _connect(engine: str, cluster: Any) -> Any:
    if engine == "frisky":  # its clusters have all of their workers once they are made
        return cluster.get_client()
    client = _module(engine).Client(cluster)
    client.wait_for_workers(2)
    return client


def _impure(engine: str) -> dict[str, Any]:
    """Of `submit`: the call is not looked up by its arguments."""
    return {} if engine == "frisky" else {"pure": False}


@cache
def _client(engine: str, processes: bool) -> Any:
    cluster = _cluster(engine, processes)
    client = _connect(engine, cluster)
    atexit.register(lambda: (client.close(), cluster.close()))
    return client


def _tasks(engine: str, processes: bool, count: int) -> Callable[[], Any]:
    client = _client(engine, processes)
    impure = _impure(engine)

    def call() -> float:
        futures = [client.submit(_noop, i, **impure) for i in range(count)]
        return float(sum(client.gather(futures)))

    return call


def _submit_only(engine: str, count: int) -> Callable[[], Any]:
    client = _client(engine, True)
    held: list[Any] = []
    impure = _impure(engine)

    def call() -> float:
        client.gather(held[:])  # what the call before has left
        held.clear()
        held.extend(client.submit(_noop, i, **impure) for i in range(count))
        return float(count)

    return call


def _round_trips(engine: str, processes: bool, count: int) -> Callable[[], Any]:
    client = _client(engine, processes)
    impure = _impure(engine)
    return lambda: float(sum(client.submit(_noop, i, **impure).result() for i in range(count)))


def _tree(engine: str, processes: bool, leaves: int) -> Callable[[], Any]:
    client = _client(engine, processes)
    impure = _impure(engine)

    def call() -> float:
        level = [client.submit(_leaf, i, **impure) for i in range(leaves)]
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=True)
            level = [client.submit(_add, a, b, **impure) for a, b in pairs]
        return float(level[0].result().sum())

    return call


def _scatter_gather(engine: str, processes: bool) -> Callable[[], Any]:
    client = _client(engine, processes)
    array = np.arange(12_500_000.0)  # 100 MB

    def call() -> float:
        if engine == "frisky":
            (back,) = client.gather(client.scatter([array]))
        else:
            back = client.gather(client.scatter(array, hash=False))
        return float(back[-1] + back[12345])

    return call


def _start_and_close(engine: str) -> Callable[[], Any]:
    def call() -> float:
        with _cluster(engine, True) as cluster, closing(_connect(engine, cluster)) as client:
            return float(client.submit(_noop, 3).result())

    return call


def _close(engine: str) -> Callable[[], Any]:
    """Its note says what closing took."""

    def call() -> float:
        cluster = _cluster(engine, True)
        begin = time.perf_counter()
        cluster.close()
        _closing.append(time.perf_counter() - begin)
        return 0.0

    return call


_closing: list[float] = []


def _engines(make: Callable[[str], Callable[[], Any]], dask: bool = True) -> dict[str, Any]:
    engines: dict[str, Any] = {"dusk": lambda: make("dusk"), "frisky": lambda: make("frisky")}
    if dask:
        engines["dask"] = lambda: make("dask")
    return engines


WORKLOADS = {
    "start, a task, close; 2 processes": _engines(_start_and_close),
    "start and close; 2 processes": _engines(_close),
    "2e3 no-ops, 2 processes": _engines(lambda e: _tasks(e, True, 2_000)),
    "1e5 no-ops, 2 processes": _engines(lambda e: _tasks(e, True, 100_000), dask=False),
    "1e5 no-ops, 2 threads": _engines(lambda e: _tasks(e, False, 100_000), dask=False),
    "1e5 submit calls alone": _engines(lambda e: _submit_only(e, 100_000), dask=False),
    "200 round trips, 2 processes": _engines(lambda e: _round_trips(e, True, 200)),
    "200 round trips, 2 threads": _engines(lambda e: _round_trips(e, False, 200)),
    "tree of 2047 NumPy tasks, 2 processes": _engines(lambda e: _tree(e, True, 1024)),
    "100 MB scattered and gathered, 2 processes": _engines(lambda e: _scatter_gather(e, True)),
}

COUNTS = {"2e3": 2_000, "1e5": 100_000, "200": 200, "tre": 2_047}


def digest(workload: str, answer: Any) -> Any:
    return float(answer)


def note(workload: str, engine: str, seconds: float) -> str:
    if _closing:
        return f"closed in {min(_closing):.3f} s"
    if workload[:3] not in COUNTS:
        return ""
    return f"{seconds / COUNTS[workload[:3]] * 1e6:.1f} us each"
