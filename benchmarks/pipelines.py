"""The demo's pipelines on threads and on a local cluster of two processes, the answers compared."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "examples" / "demo"))


@cache
def _data() -> Any:
    from data import prepare

    (ROOT / "demo-output").mkdir(exist_ok=True)
    return prepare(ROOT / "demo-output" / "data")


def _on(engine: str) -> None:
    """Collections compute on a cluster from now on, or on two threads of this process."""
    if engine == "dusk":
        import dusk

        dusk.config.set(num_workers=2)
        return
    from dusk.distributed import Client, LocalCluster

    cluster = LocalCluster(n_workers=2, threads_per_worker=1)
    client = Client(cluster)
    client.wait_for_workers(2)
    atexit.register(lambda: (client.close(), cluster.close()))


def _frames(engine: str, name: str) -> Callable[[], Any]:
    from frames import STEPS, Frames

    data = _data()
    _on(engine)
    return lambda: STEPS[name](Frames(data)).compute()


def _arrays(engine: str, repeat: int) -> Callable[[], Any]:
    import arrays

    weather, delay = arrays.grid(_data())
    weather, delay = np.tile(weather, (repeat, 1)), np.tile(delay, repeat)
    _on(engine)
    return lambda: arrays.correlate(None, *arrays.chunked(weather, delay)).compute()


def _both(make: Callable[[str], Callable[[], Any]]) -> dict[str, Any]:
    return {"dusk": lambda: make("dusk"), "dusk cluster": lambda: make("dusk cluster")}


def _names() -> list[str]:
    from frames import STEPS

    return list(STEPS)


WORKLOADS = {
    **{name: _both(lambda e, name=name: _frames(e, name)) for name in _names()},
    "weather and delay correlated": _both(lambda e: _arrays(e, 1)),
    "the same of 100 years": _both(lambda e: _arrays(e, 100)),
}


def digest(workload: str, answer: Any) -> Any:
    if isinstance(answer, np.ndarray):
        return float(answer.sum())
    return float(answer.select_dtypes("number").sum().sum())
