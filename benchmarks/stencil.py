"""METG of a three-point stencil: how short tasks may be before half of the time is overhead.

Two processes of one thread each; eight columns, each task takes its neighbours' results of the step
before and keeps its processor busy for a given time. METG(50 %), the measure of Task Bench
(Slaughter et al., 2020), is the shortest time at which the tasks' own work is half of all
processors' time; between two measured times it is interpolated.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import cluster

_WIDTH = 8
_WORKERS = 2
_TIMES = [25, 50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200]  # microseconds
_TASKS = 1600

_metg: list[float] = []


def _busy(microseconds: int, *values: int) -> int:
    end = time.perf_counter_ns() + 1000 * microseconds
    while time.perf_counter_ns() < end:
        pass
    return (1 + sum(values)) % 1_000_003


def _run(engine: str, microseconds: int, steps: int) -> int:
    """The sum of the last step's values."""
    client = cluster._client(engine, True)
    impure = cluster._impure(engine)
    row = [client.submit(_busy, microseconds, i, **impure) for i in range(_WIDTH)]
    for _ in range(steps - 1):
        row = [
            client.submit(_busy, microseconds, *row[max(i - 1, 0) : i + 2], **impure)
            for i in range(_WIDTH)
        ]
    return sum(client.gather(row))


def _search(engine: str) -> Callable[[], Any]:
    def call() -> float:
        below = (1.0, 0.0)
        answer = float(_run(engine, 1, 20))
        for microseconds in _TIMES:
            steps = _TASKS // _WIDTH if microseconds <= 3200 else 40
            begin = time.perf_counter()
            _run(engine, microseconds, steps)
            took = time.perf_counter() - begin
            efficiency = steps * _WIDTH * microseconds * 1e-6 / _WORKERS / took
            if efficiency >= 0.5:
                _metg.append(_between(below, (microseconds, efficiency)))
                break
            below = (microseconds, efficiency)
        return answer

    return call


def _between(below: tuple[float, float], above: tuple[float, float]) -> float:
    share = (0.5 - below[1]) / (above[1] - below[1])
    return math.exp(math.log(below[0]) + share * math.log(above[0] / below[0]))


WORKLOADS = {
    f"stencil, {_WIDTH} wide, METG(50 %)": {
        "dusk": lambda: _search("dusk"),
        "frisky": lambda: _search("frisky"),
        "dask": lambda: _search("dask"),
    }
}


def digest(workload: str, answer: Any) -> Any:
    return float(answer)


def note(workload: str, engine: str, seconds: float) -> str:
    best = sorted(_metg)
    return f"METG {best[len(best) // 2]:.0f} us (median), {best[0]:.0f} us (best)"
