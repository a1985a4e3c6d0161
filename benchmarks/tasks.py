"""What a task costs: delayed no-ops, and a million chunks from definition to first result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _identity(x: int) -> int:
    return x


def _delayed(module: Any, count: int, scheduler: str) -> Callable[[], Any]:
    function = module.delayed(_identity)

    def call() -> int:
        return len(module.compute(*[function(i) for i in range(count)], scheduler=scheduler))

    return call


def _million(module: Any, chunks: int) -> Callable[[], Any]:
    da = module.array

    def call() -> float:
        x = da.ones(chunks, chunks=1)
        return float(((x + 1) * 2).sum().compute())

    return call


def _module(name: str) -> Any:
    if name == "dusk":
        import dusk
        import dusk.array

        return dusk
    import dask
    import dask.array

    return dask


def _both(make: Callable[[Any], Callable[[], Any]], dask: bool = True) -> dict[str, Any]:
    engines = {"dusk": lambda: make(_module("dusk"))}
    if dask:
        engines["dask"] = lambda: make(_module("dask"))
    return engines


WORKLOADS = {
    "2e3 delayed, synchronous": _both(lambda m: _delayed(m, 2_000, "synchronous")),
    "2e3 delayed, threads": _both(lambda m: _delayed(m, 2_000, "threads")),
    "2e4 delayed, threads": _both(lambda m: _delayed(m, 20_000, "threads")),
    "2e5 delayed, threads": _both(lambda m: _delayed(m, 200_000, "threads"), dask=False),
    "1e4 chunks ((x+1)*2).sum()": _both(lambda m: _million(m, 10_000)),
    "1e5 chunks ((x+1)*2).sum()": _both(lambda m: _million(m, 100_000)),
    "1e6 chunks ((x+1)*2).sum()": _both(lambda m: _million(m, 1_000_000), dask=False),
}

COUNTS = {"2e3": 2_000, "2e4": 20_000, "2e5": 200_000, "1e4": 10_000, "1e5": 100_000}


def digest(workload: str, answer: Any) -> Any:
    return float(answer)


def note(workload: str, engine: str, seconds: float) -> str:
    count = COUNTS.get(workload[:3], 1_000_000)
    return f"{seconds / count * 1e6:.2f} us a task"
