"""Card 3, reductions by axis, rechunking, and slicing, on 10 000 x 10 000 float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

SIDE = 10_000
CHUNKS = (1_000, 1_000)


def _array() -> np.ndarray:
    return np.random.default_rng(7).random((SIDE, SIDE))


def card3(da: Any) -> Callable[[], Any]:
    x = da.random.random((SIDE, SIDE), chunks=CHUNKS)
    return lambda: ((x - x.mean(0)) / x.std(0)).sum(axis=1).compute()


def card3_data(da: Any) -> Callable[[], Any]:
    x = da.from_array(_array(), chunks=CHUNKS)
    return lambda: ((x - x.mean(0)) / x.std(0)).sum(axis=1).compute()


def _reduction(name: str, axis: int | None) -> Callable[[Any], Callable[[], Any]]:
    def make(da: Any) -> Callable[[], Any]:
        x = da.from_array(_array(), chunks=CHUNKS)
        return lambda: getattr(x, name)(axis=axis).compute()

    return make


def rechunk(da: Any) -> Callable[[], Any]:
    x = da.from_array(_array(), chunks=(SIDE, 500))
    return lambda: x.rechunk((500, SIDE)).map_blocks(_first, chunks=((1,) * 20, (1,))).compute()


def _first(block: np.ndarray) -> np.ndarray:
    return block[:1, :1]


PROGRAMS: dict[str, Callable[[Any], Callable[[], Any]]] = {
    "card 3": card3,
    "card 3 on data": card3_data,
    "sum axis 0": _reduction("sum", 0),
    "sum axis 1": _reduction("sum", 1),
    "mean": _reduction("mean", None),
    "std axis 0": _reduction("std", 0),
    "min axis 1": _reduction("min", 1),
    "rechunk columns to rows": rechunk,
}


def _dusk(make: Callable[[Any], Callable[[], Any]]) -> Callable[[], Any]:
    import dusk.array

    return make(dusk.array)


def _dask(make: Callable[[Any], Callable[[], Any]]) -> Callable[[], Any]:
    import dask.array

    return make(dask.array)


WORKLOADS = {
    name: {"dusk": lambda m=make: _dusk(m), "dask": lambda m=make: _dask(m)}
    for name, make in PROGRAMS.items()
}


def digest(workload: str, answer: Any) -> Any:
    if workload == "card 3":  # random numbers differ; the sums are near zero for both
        return [int(np.asarray(answer).size)]
    values = np.asarray(answer)
    if workload == "card 3 on data":  # sums of standardised values cancel
        return [float(np.abs(values).max())]
    return [float(values.sum()), float(values.flat[-1])]
