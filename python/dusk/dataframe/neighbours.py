"""Methods that look at some rows of other partitions: ``shift``, ``diff``, ``ffill``, ``bfill``.

Every partition gives the rows at its end (or start) that others may need. Together they are one
small table, from which each partition takes those next to it, however short the partitions are.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from dusk.dataframe.meta import emulate
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.transform import PandasMethod, by_pandas

NUMBER = "__partition__"
# Above so many rows of ends all rows are brought together instead.
ROWS_MAX = 100_000


def with_neighbours(frame: Any, name: str, rows: int | None, below: bool, **options: Any) -> Any:
    """pandas' method `name` over all rows, partition by partition.

    Parameters
    ----------
    rows : int or None
        How far the method looks; None: to the nearest row with a value, column by column.
    below : bool
        Whether it looks at the rows that follow, not at those before.
    """
    if rows == 0:
        return by_pandas(frame, name, **options)
    # What the result's columns hold shows where a row has a neighbour.
    near = {"periods": -1 if below else 1} if "periods" in options else {}
    sample = emulate(PandasMethod(name), frame, **(options | near))
    found = {"meta": sample.iloc[:0], "sample": sample}
    if frame.npartitions == 1:
        return by_pandas(frame, name, **found, **options)
    if (rows or 1) * frame.npartitions > ROWS_MAX or not _joins(frame._meta):
        from dusk.dataframe.repartition import by_count

        whole = by_pandas(frame._single(), name, **found, **options)
        return by_count(whole.clear_divisions(), frame.npartitions)
    ends = partitionwise(
        _Ends(rows, below), frame, name=f"{name}-ends", info="partition_info", divisions=None
    )
    return partitionwise(
        _Continued(name, rows, below, options),
        frame,
        ends._single(),
        **found,
        name=name,
        align=False,
        info="partition_info",
        divisions=frame._divisions,
    )


def _joins(meta: Any) -> bool:
    """Whether pandas joins pieces of such frames without changing their dtypes."""
    if not isinstance(meta, pd.DataFrame):
        return isinstance(meta, pd.Series) and not isinstance(meta.dtype, pd.CategoricalDtype)
    categorical = any(isinstance(d, pd.CategoricalDtype) for d in meta.dtypes)
    return not categorical and meta.columns.nlevels == 1


def _as_frame(x: Any) -> pd.DataFrame:
    return x if isinstance(x, pd.DataFrame) else x.to_frame(name=0 if x.name is None else x.name)


def _filled(x: pd.DataFrame, below: bool) -> pd.DataFrame:
    return x.bfill() if below else x.ffill()


def _nearest(x: pd.DataFrame, rows: int | None, below: bool) -> pd.DataFrame:
    if rows is None:
        x, rows = _filled(x, below), 1
    return x.iloc[:rows] if below else x.iloc[-rows:]


class _Ends:
    """The rows of a partition that others need, and its number."""

    def __init__(self, rows: int | None, below: bool) -> None:
        self.rows, self.below = rows, below

    def __call__(self, x: Any, partition_info: dict[str, Any]) -> pd.DataFrame:
        ends = _nearest(_as_frame(x), self.rows, self.below)
        return ends.assign(**{NUMBER: partition_info["number"]})


class _Continued:
    """The method over a partition and the rows next to it."""

    def __init__(self, name: str, rows: int | None, below: bool, options: dict[str, Any]) -> None:
        self.name, self.rows, self.below, self.options = name, rows, below, options

    def __call__(self, x: Any, ends: pd.DataFrame, partition_info: dict[str, Any]) -> Any:
        own = partition_info["number"]
        there = ends[NUMBER] > own if self.below else ends[NUMBER] < own
        near = _nearest(ends[there].drop(columns=NUMBER), self.rows, self.below)
        frame = _as_frame(x)
        if len(near) and len(frame):
            frame = pd.concat([frame, near] if self.below else [near, frame])
        run = getattr(frame, self.name)(**self.options)
        run = run.iloc[: len(x)] if self.below else run.iloc[len(run) - len(x) :]
        return run if isinstance(x, pd.DataFrame) else run.iloc[:, 0].rename(x.name)
