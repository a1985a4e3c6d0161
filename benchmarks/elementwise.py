"""Six expressions over 33.5 million float64, and two with a reduction at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

N = 1 << 25
CHUNK = 1 << 20

EXPRESSIONS = {
    "a+b": "a + b",
    "2a+3b": "2 * a + 3 * b",
    "a*b-4.1a+2.5b*c": "a * b - 4.1 * a + 2.5 * b * c",
    "sqrt(a2+b2)": "sqrt(a ** 2 + b ** 2)",
    "sin2+cos2": "sin(a) ** 2 + cos(b) ** 2",
    "exp(a)*b+sin(c)": "exp(a) * b + sin(c)",
    "sum((a-b)**2)": "sum((a - b) ** 2)",
}


def _data() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(42)
    return {name: rng.random(N) for name in "abc"}


def _names(module: Any) -> dict[str, Any]:
    return {f: getattr(module, f) for f in ("sqrt", "sin", "cos", "exp", "sum")}


def dusk(text: str) -> Callable[[], Any]:
    import dusk.array as da

    arrays = {k: da.from_array(v, chunks=CHUNK) for k, v in _data().items()}
    code = compile(text, text, "eval")
    return lambda: eval(code, _names(da), arrays).compute()


def dask(text: str) -> Callable[[], Any]:
    import dask.array as da

    arrays = {k: da.from_array(v, chunks=CHUNK) for k, v in _data().items()}
    code = compile(text, text, "eval")
    return lambda: eval(code, _names(da), arrays).compute()


def numexpr(text: str) -> Callable[[], Any]:
    import numexpr as ne

    ne.set_num_threads(len(__import__("os").sched_getaffinity(0)))
    arrays = _data()
    out = None if text.startswith("sum") else np.empty(N)
    return lambda: ne.evaluate(text, arrays, out=out)


def numpy(text: str) -> Callable[[], Any]:
    arrays = _data()
    code = compile(text, text, "eval")
    return lambda: eval(code, _names(np), arrays)


def _workload(text: str) -> dict[str, Callable[[], Any]]:
    return {
        "dusk": lambda: dusk(text),
        "numexpr": lambda: numexpr(text),
        "dask": lambda: dask(text),
        "numpy": lambda: numpy(text),
    }


WORKLOADS = {name: _workload(text) for name, text in EXPRESSIONS.items()}


def digest(workload: str, answer: Any) -> Any:
    values = np.asarray(answer)
    return [float(values.sum()), float(values.flat[-1])]


def note(workload: str, engine: str, seconds: float) -> str:
    operands = sum(name in EXPRESSIONS[workload].replace("sum", "") for name in "abc")
    outputs = 0 if workload.startswith("sum") else 1
    return f"{N * 8 * (operands + outputs) / seconds / 1e9:.1f} GB/s"
