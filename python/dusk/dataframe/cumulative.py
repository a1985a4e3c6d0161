"""Running sums and their kin: partitions' totals first, then every partition by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dusk.dataframe.collection import FrameBase, native
from dusk.dataframe.meta import emulate
from dusk.dataframe.neighbours import with_neighbours
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.transform import PandasMethod, by_pandas

REDUCTION = {"cumsum": "sum", "cumprod": "prod", "cummin": "min", "cummax": "max"}


class _Total:
    """One row a partition: what it adds to those that follow."""

    def __init__(self, name: str, skipna: bool) -> None:
        self.name, self.skipna = name, skipna

    def __call__(self, x: Any) -> Any:
        frame = x if isinstance(x, pd.DataFrame) else x.to_frame(name=x.name or 0)
        run = getattr(frame, self.name)(skipna=self.skipna)
        last = run.ffill().iloc[-1:] if self.skipna else run.iloc[-1:]
        return last.reset_index(drop=True)


class _Continue:
    """A partition's running values, continued from the totals of those before it."""

    def __init__(self, name: str, skipna: bool) -> None:
        self.name, self.skipna = name, skipna

    def __call__(self, x: Any, *totals: Any, partition_info: dict[str, Any]) -> Any:
        frame = x if isinstance(x, pd.DataFrame) else x.to_frame(name=x.name or 0)
        before = [t for t in totals[: partition_info["number"]] if len(t)]
        if not before or not len(frame):
            run = getattr(frame, self.name)(skipna=self.skipna)
        else:
            reduce = REDUCTION[self.name]
            carried = pd.concat(before).agg(reduce, skipna=self.skipna)
            run = getattr(frame, self.name)(skipna=self.skipna)
            run = self._combine(run, carried)
        return run if isinstance(x, pd.DataFrame) else run.iloc[:, 0].rename(x.name)

    def _combine(self, run: pd.DataFrame, carried: pd.Series) -> pd.DataFrame:
        columns = {}
        for label in run.columns:
            values, start = run[label], carried[label]
            if pd.isna(start):
                columns[label] = values if self.skipna else values * np.nan
            elif self.name == "cumsum":
                columns[label] = values + start
            elif self.name == "cumprod":
                columns[label] = values * start
            elif self.name == "cummin":
                columns[label] = values.where(values.isna() | (values < start), start)
            else:
                columns[label] = values.where(values.isna() | (values > start), start)
        return pd.DataFrame(columns, index=run.index).astype(run.dtypes)


class CumulativeMixin(FrameBase):
    """``cumsum`` and its kin; ``shift``, ``diff``, ``ffill``, ``bfill``."""

    @native(False)
    def cumsum(self, axis: Any = 0, skipna: bool = True, **kwargs: Any) -> Any:
        """Running sums."""
        return _cumulative(self, "cumsum", axis, skipna)

    @native(False)
    def cumprod(self, axis: Any = 0, skipna: bool = True, **kwargs: Any) -> Any:
        """Running products."""
        return _cumulative(self, "cumprod", axis, skipna)

    @native(False)
    def cummin(self, axis: Any = 0, skipna: bool = True) -> Any:
        """Running minima."""
        return _cumulative(self, "cummin", axis, skipna)

    @native(False)
    def cummax(self, axis: Any = 0, skipna: bool = True) -> Any:
        """Running maxima."""
        return _cumulative(self, "cummax", axis, skipna)

    @native(False)
    def shift(self, periods: int = 1, freq: Any = None, axis: Any = 0) -> Any:
        """Values moved by `periods` rows; with `freq`, the index moved instead."""
        if freq is None or axis in (1, "columns"):
            return _moved(self, "shift", axis, periods, freq=freq)
        return by_pandas(self, "shift", periods=periods, freq=freq, divisions=None)

    @native(False)
    def diff(self, periods: int = 1, axis: Any = 0) -> Any:
        """Differences between rows that are `periods` apart."""
        return _moved(self, "diff", axis, periods)

    @native(False)
    def ffill(self, axis: Any = 0, limit: Any = None) -> Any:
        """Missing values filled from above, at most `limit` in a row."""
        return _filled(self, "ffill", axis, limit)

    @native(False)
    def bfill(self, axis: Any = 0, limit: Any = None) -> Any:
        """Missing values filled from below, at most `limit` in a row."""
        return _filled(self, "bfill", axis, limit)


def _moved(frame: Any, name: str, axis: Any, periods: Any, **options: Any) -> Any:
    options = {k: v for k, v in options.items() if v is not None}
    if not isinstance(periods, int):
        raise TypeError("periods must be an integer")
    if axis in (1, "columns"):
        return by_pandas(frame, name, axis=1, periods=periods, **options)
    return with_neighbours(frame, name, abs(periods), periods < 0, periods=periods, **options)


def _filled(frame: Any, name: str, axis: Any, limit: Any) -> Any:
    options = {} if limit is None else {"limit": limit}
    if axis in (1, "columns"):
        return by_pandas(frame, name, axis=1, **options)
    return with_neighbours(frame, name, limit, name == "bfill", **options)


def _cumulative(frame: Any, name: str, axis: Any, skipna: bool) -> Any:
    if axis in (1, "columns"):
        return by_pandas(frame, name, axis=1, skipna=skipna)
    if axis not in (0, "index", None):
        raise ValueError(f"No axis named {axis} for object type {type(frame).__name__}")
    meta = emulate(PandasMethod(name), frame, skipna=skipna).iloc[:0]
    if frame.npartitions == 1:
        return by_pandas(frame, name, skipna=skipna)
    totals = partitionwise(_Total(name, skipna), frame, name=f"{name}-total", divisions=None)
    pieces = [totals._take_partitions([i]) for i in range(totals.npartitions)]
    return partitionwise(
        _Continue(name, skipna),
        frame,
        *pieces,
        meta=meta,
        name=name,
        align=False,
        info="partition_info",
        divisions=frame._divisions,
    )
